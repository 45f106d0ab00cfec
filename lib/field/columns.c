/*
 * 64 bytes of a line become a mask of separators, the mask a bit for every
 * place where a column begins and one for every place where one ends; column
 * k begins at the k-th bit.  Blocks are skipped by their number of bits, and
 * in the right block the bit is selected.  Edges are sorted by their place in
 * the line, so one pass finds all.
 *
 *	blanks      begins: no blank behind a blank or at the front
 *	            ends:   a blank behind no blank
 *	delimiter   begins: behind a delimiter and at the front, so perhaps at
 *	                    the very end of the line
 *	            ends:   a delimiter
 */
#include <stdlib.h>

#include "base/compat.h"
#include "base/err.h"
#include "base/mem.h"
#include "field/columns.h"

#if SK_AVX2
#include <immintrin.h>
#endif

#define BLOCK 64

/* Bits of the bytes of a block that are a or b. */
typedef uint64_t mask_fn(const char *p, char a, char b);
/* The place of bit number n, from 0; there are more than n. */
typedef size_t select_fn(uint64_t mask, unsigned n);

/* ---- the plan ---- */

static int
compare_edges(const void *a, const void *b)
{
	const struct sk_columns_edge *left = a, *right = b;

	if (left->column != right->column)
		return left->column < right->column ? -1 : 1;
	return left->end < right->end ? -1 : left->end > right->end;
}

static void
add_edge(struct sk_columns *columns, uint32_t column, uint32_t end)
{
	struct sk_columns_edge edge = { column - 1, end };

	columns->edge[columns->nedges++] = edge;
}

/* Each edge once, in order. */
static void
sort_edges(struct sk_columns *columns)
{
	struct sk_columns_edge *edge = columns->edge;
	unsigned i, n = 0;

	qsort(edge, columns->nedges, sizeof(*edge), compare_edges);
	for (i = 0; i < columns->nedges; i++)
		if (n == 0 || compare_edges(&edge[n - 1], &edge[i]) != 0)
			edge[n++] = edge[i];
	columns->nedges = n;
}

static unsigned
find_edge(const struct sk_columns *columns, uint32_t column, uint32_t end)
{
	struct sk_columns_edge edge = { column - 1, end };
	const struct sk_columns_edge *at = bsearch(&edge, columns->edge,
	    columns->nedges, sizeof(edge), compare_edges);

	return (unsigned)(at - columns->edge);
}

static int
refuse(const struct sk_field *fields, size_t n)
{
	size_t i;

	if (n > SK_COLUMNS_MAX)
		return SK_ELIMIT;
	for (i = 0; i < n; i++)
		if (fields[i].kind == SK_FIELD_PATH)
			return SK_EUSAGE;
	return 0;
}

int
sk_columns_init(struct sk_columns *columns, const struct sk_field *fields,
    size_t n, int delimiter)
{
	int err = refuse(fields, n);
	size_t i;

	memset(columns, 0, sizeof(*columns));
	if (err != 0 || n == 0)
		return err;
	columns->delimiter = delimiter;
	columns->nfields = (unsigned)n;
	columns->edge = sk_xalloc(2 * n, sizeof(*columns->edge));
	columns->field = sk_xcalloc(n, sizeof(*columns->field));
	columns->place = sk_xalloc(2 * n, sizeof(*columns->place));
	for (i = 0; i < n; i++) {
		if (fields[i].kind == SK_FIELD_LINE)
			continue;
		add_edge(columns, fields[i].first, 0);
		if (fields[i].last != SK_FIELD_END)
			add_edge(columns, fields[i].last, 1);
	}
	sort_edges(columns);
	for (i = 0; i < n; i++) {
		struct sk_columns_span *span = &columns->field[i];

		span->line = fields[i].kind == SK_FIELD_LINE;
		if (span->line)
			continue;
		span->begin = find_edge(columns, fields[i].first, 0);
		span->end = fields[i].last == SK_FIELD_END ? columns->nedges :
		    find_edge(columns, fields[i].last, 1);
	}
	return 0;
}

void
sk_columns_free(struct sk_columns *columns)
{
	free(columns->place);
	free(columns->field);
	free(columns->edge);
	memset(columns, 0, sizeof(*columns));
}

/* ---- one line ---- */

static inline uint64_t
mask8(uint64_t v, uint64_t pattern)
{
	uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);

	v ^= pattern;
	/* The high bit of each byte that is zero, gathered in the top byte. */
	v = ~(((v & low) + low) | v | low);
	return (v >> 7) * UINT64_C(0x0102040810204080) >> 56;
}

static inline uint64_t
mask_portable(const char *p, char a, char b)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t pattern_a = (unsigned char)a * ones;
	uint64_t pattern_b = (unsigned char)b * ones;
	uint64_t mask = 0;
	int i;

	for (i = 0; i < BLOCK / 8; i++) {
		uint64_t v = sk_get64(p + 8 * i);

		mask |= (mask8(v, pattern_a) | mask8(v, pattern_b)) << 8 * i;
	}
	return mask;
}

static inline size_t
select_portable(uint64_t mask, unsigned n)
{
	while (n-- > 0)
		mask &= mask - 1;
	return (size_t)__builtin_ctzll(mask);
}

/* Fill place with the places of edges; how many there are, the others being
 * behind the end of the line. */
static inline __attribute__((always_inline)) unsigned
find_places(const struct sk_columns *columns, struct sk_view line,
    bool blanks, mask_fn *mask_of, select_fn *select_bit)
{
	const struct sk_columns_edge *edge = columns->edge;
	size_t *place = columns->place;
	unsigned nedges = columns->nedges;
	char a = blanks ? ' ' : (char)columns->delimiter;
	char b = blanks ? '\t' : a;
	size_t limit = line.len + (blanks ? 0 : 1);
	size_t base, nbegins = 0, nends = 0;
	uint64_t carry = 1;
	unsigned e = 0;

	for (base = 0; base < limit; base += BLOCK) {
		uint64_t seps = mask_of(line.ptr + base, a, b);
		uint64_t valid = ~UINT64_C(0), behind, begins, ends;
		size_t more_begins, more_ends;

		if (line.len - base < BLOCK)
			valid = (UINT64_C(1) << (line.len - base)) - 1;
		seps &= valid;
		behind = seps << 1 | carry;
		carry = seps >> 63;
		begins = blanks ? ~seps & behind & valid : behind;
		ends = blanks ? seps & ~behind : seps;
		more_begins = (size_t)__builtin_popcountll(begins);
		more_ends = (size_t)__builtin_popcountll(ends);
		for (; e < nedges; e++) {
			bool end = edge[e].end;
			size_t n = edge[e].column -
			    (end ? nends : nbegins);

			if (n >= (end ? more_ends : more_begins))
				break;
			place[e] = base + select_bit(end ? ends : begins,
			    (unsigned)n);
		}
		if (e == nedges)
			break;
		nbegins += more_begins;
		nends += more_ends;
	}
	return e;
}

/* Where the last column of a line ends. */
static inline size_t
line_end(struct sk_view line, bool blanks)
{
	size_t end = line.len;

	while (blanks && end > 0 &&
	    (line.ptr[end - 1] == ' ' || line.ptr[end - 1] == '\t'))
		end--;
	return end;
}

static inline __attribute__((always_inline)) void
take(const struct sk_columns *columns, const struct sk_view *lines, size_t n,
    struct sk_view *const *out, bool blanks, mask_fn *mask_of,
    select_fn *select_bit)
{
	const struct sk_columns_span *field = columns->field;
	const size_t *place = columns->place;
	unsigned nfields = columns->nfields, f;
	size_t i;

	for (i = 0; i < n; i++) {
		struct sk_view line = lines[i];
		unsigned found = find_places(columns, line, blanks,
		    mask_of, select_bit);

		for (f = 0; f < nfields; f++) {
			unsigned begin = field[f].begin;
			unsigned end = field[f].end;
			struct sk_view value = { NULL, 0 };

			if (field[f].line)
				value = line;
			else if (begin < found)
				value = sk_view(line.ptr + place[begin],
				    (end < found ? place[end] :
				    line_end(line, blanks)) - place[begin]);
			out[f][i] = value;
		}
	}
}

void
sk_columns_take_portable(const struct sk_columns *columns,
    const struct sk_view *lines, size_t n, struct sk_view *const *out)
{
	if (columns->delimiter == SK_COLUMNS_BLANKS)
		take(columns, lines, n, out, true, mask_portable,
		    select_portable);
	else
		take(columns, lines, n, out, false, mask_portable,
		    select_portable);
}

#if SK_AVX2

SK_TARGET_AVX2 static inline uint64_t
mask_avx2(const char *p, char a, char b)
{
	__m256i pattern_a = _mm256_set1_epi8(a);
	__m256i pattern_b = _mm256_set1_epi8(b);
	__m256i low = _mm256_loadu_si256((const __m256i *)(const void *)p);
	__m256i high = _mm256_loadu_si256(
	    (const __m256i *)(const void *)(p + 32));

	low = _mm256_or_si256(_mm256_cmpeq_epi8(low, pattern_a),
	    _mm256_cmpeq_epi8(low, pattern_b));
	high = _mm256_or_si256(_mm256_cmpeq_epi8(high, pattern_a),
	    _mm256_cmpeq_epi8(high, pattern_b));
	return (uint32_t)_mm256_movemask_epi8(low) |
	    (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
}

SK_TARGET_AVX2 static inline size_t
select_avx2(uint64_t mask, unsigned n)
{
	return (size_t)__builtin_ctzll(_pdep_u64(UINT64_C(1) << n, mask));
}

SK_TARGET_AVX2 static void
take_avx2(const struct sk_columns *columns, const struct sk_view *lines,
    size_t n, struct sk_view *const *out)
{
	if (columns->delimiter == SK_COLUMNS_BLANKS)
		take(columns, lines, n, out, true, mask_avx2, select_avx2);
	else
		take(columns, lines, n, out, false, mask_avx2, select_avx2);
}

#else

#define take_avx2 sk_columns_take_portable

#endif

void
sk_columns_take(const struct sk_columns *columns, const struct sk_view *lines,
    size_t n, struct sk_view *const *out)
{
	if (sk_have_avx2())
		take_avx2(columns, lines, n, out);
	else
		sk_columns_take_portable(columns, lines, n, out);
}
