/*
 * Some lines at once are looked at for operators (format/jsonscan.h), then a
 * walk goes over each (format/jsonwalk.h).
 *
 * Most lines have the members of one before.  So the steps of a walk are
 * written down (format/jsontrail.h), and a line is compared with them first.
 * What passes there would pass the walk and give the same; what does not is
 * walked over from the beginning, so that no line is judged by those before it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "format/json.h"
#include "format/jsonwalk.h"
#include "format/ndjson.h"
#include "format/utf8.h"

/* Lines that are scanned at once, so that what is found of them stays near. */
#define RUN_LINES 256
#define RUN_BYTES 8192

/* Where lines have little in common, most are not compared: each that goes as
 * one before it outweighs two that do not. */
#define LUCK_MAX 64
#define LUCK_AGAIN 4
#define IDLE_LINES 256

struct sk_ndjson {
	struct sk_jsonwalk walk;
	int luck;  /* 0: do not compare */
	int idle;  /* lines not compared, after which it is tried again */
};

static const char no_object[] = "not a JSON object";

/* ---- what goes as a line before it ---- */

/* What the lines before it say of one, and where they say it. */
struct trail {
	const char *s;
	const unsigned char *ops, *quotes;
	struct sk_view *const *value;
	unsigned char *const *kind;
	size_t i;
	bool escape;
};

/* A scalar that is looked at as the walk does. */
static __attribute__((noinline)) const char *
take_closely(struct sk_jsonwalk *walk, const struct sk_jsontrail_fact *fact,
    const char *begin, const char *end)
{
	walk->out->value[fact->leaf][walk->i] = sk_view(NULL, 0);
	walk->out->kind[fact->leaf][walk->i] = SK_KIND_NONE;
	return begin < end && (unsigned char)*begin > ' ' &&
	    sk_jsonwalk_scalar(walk, fact->edge->child,
	    (size_t)(begin - walk->s), (size_t)(end - walk->s)) ? end : NULL;
}

/* The scalar of a field: the operator behind it. */
static inline __attribute__((always_inline)) const char *
take_field(struct sk_jsonwalk *walk, const struct trail *trail,
    const struct sk_jsontrail_fact *fact, const char *begin)
{
	struct sk_view *value = &trail->value[fact->leaf][trail->i];
	unsigned char *kind = &trail->kind[fact->leaf][trail->i];
	size_t at = (size_t)(begin - trail->s), len, text = *begin == '"';
	const char *end = trail->s;

	end += text ? sk_jsonscan_next(trail->quotes, at + 1) + 1 :
	    sk_jsonscan_next(trail->ops, at);
	if (*end != fact->follow)
		return NULL;
	len = (size_t)(end - begin);
	if (SK_UNLIKELY(text ? trail->escape &&
	    memchr(begin, '\\', len) != NULL :
	    !sk_jsonwalk_is_short_number(begin, len)))
		return take_closely(walk, fact, begin, end);
	*value = sk_view(begin + text, len - 2 * text);
	*kind = text ? SK_KIND_TEXT : SK_KIND_NUMBER;
	return end;
}

static bool
end_line(struct sk_jsonwalk *walk, uint64_t missing)
{
	int f;

	for (; missing != 0; missing &= missing - 1) {
		f = __builtin_ctzll(missing);
		walk->out->value[f][walk->i] = sk_view(NULL, 0);
		walk->out->kind[f][walk->i] = SK_KIND_NONE;
	}
	return true;
}

/* The operator behind the member that follows `next`, or in front of what is
 * in it; NULL: it is another one.  A key that fits has no operator in it.
 * Where the walk looks at the key alone, any scalar is passed over. */
static inline __attribute__((always_inline)) const char *
follow_member(struct sk_jsonwalk *walk, const struct trail *trail,
    const struct sk_jsontrail_fact *fact, const char *next)
{
	const char *value = next + 1 + fact->len, *end;
	bool fits;

	if (!sk_jsontrail_fits(fact, next + 1))
		return NULL;
	if (fact->kind == SK_JSONTRAIL_TAKE)
		return take_field(walk, trail, fact, value);
	end = trail->s + sk_jsonscan_next(trail->ops,
	    (size_t)(value - trail->s));
	if (fact->kind != SK_JSONTRAIL_SKIP)
		fits = value == end;
	else
		fits = !(fact->strict | trail->escape) ||
		    (value < end && (unsigned char)*value > ' ');
	return fits && *end == fact->follow ? end : NULL;
}

/* Whether the line goes as one before it; if not, nothing is known of it. */
static bool
follow(struct sk_jsonwalk *walk, const char *next)
{
	const struct sk_jsontrail_step *step = walk->trail.root;
	const struct trail trail = { walk->s, walk->scan.op,
		walk->scan.quote, walk->out->value, walk->out->kind,
		walk->i, walk->escape };
	const char *end;
	size_t at;

	while (step != NULL) {
		const struct sk_jsontrail_fact *fact = &step->fact;

		if (SK_LIKELY(fact->len > 0))
			end = follow_member(walk, &trail, fact, next);
		else
			end = *next == fact->follow ? next : NULL;
		if (SK_UNLIKELY(end == NULL)) {
			step = step->other;
			continue;
		}
		if (SK_UNLIKELY(fact->brackets)) {
			at = (size_t)(end - trail.s);
			if (!sk_jsonwalk_brackets(walk, fact, &at))
				return false;
			end = trail.s + at;
		}
		next = end;
		if (fact->ends)
			return end_line(walk, fact->missing);
		step = step->next;
	}
	return false;
}

/* ---- lines ---- */

/* The line without a byte order mark and blanks around it. */
static inline struct sk_view
trim(struct sk_view line)
{
	if (SK_LIKELY(line.len > 1 && line.ptr[0] == '{' &&
	    line.ptr[line.len - 1] == '}'))
		return line;
	if (line.len >= 3 && memcmp(line.ptr, "\xef\xbb\xbf", 3) == 0)
		line = sk_view(line.ptr + 3, line.len - 3);
	while (line.len > 0 && sk_json_is_blank(*line.ptr))
		line = sk_view(line.ptr + 1, line.len - 1);
	while (line.len > 0 && sk_json_is_blank(line.ptr[line.len - 1]))
		line.len--;
	return line;
}

/* Whether the next line is compared; it counts as one that is another. */
static inline bool
has_luck(struct sk_ndjson *ndjson)
{
	if (SK_LIKELY(ndjson->luck > 0)) {
		ndjson->luck--;
		return true;
	}
	if (++ndjson->idle == IDLE_LINES) {
		ndjson->idle = 0;
		ndjson->luck = LUCK_AGAIN;
	}
	return false;
}

/* A line of those that were scanned, but for whether it is UTF-8. */
static inline bool
take_line(struct sk_ndjson *ndjson, struct sk_view line)
{
	struct sk_jsonwalk *walk = &ndjson->walk;
	size_t nbytes = walk->text.len;

	line = trim(line);
	if (line.len < 2 || line.ptr[0] != '{' ||
	    line.ptr[line.len - 1] != '}')
		return false;
	walk->last = (size_t)(line.ptr - walk->s) + line.len - 1;
	if (SK_LIKELY(has_luck(ndjson)) &&
	    SK_LIKELY(follow(walk, line.ptr))) {
		ndjson->luck += ndjson->luck < LUCK_MAX ? 3 : 1;
		return true;
	}
	walk->text.len = nbytes;
	return sk_jsonwalk_line(walk, (size_t)(line.ptr - walk->s));
}

static const char *
check(struct sk_view line)
{
	line = trim(line);
	if (line.len == 0 || *line.ptr != '{')
		return no_object;
	if (!sk_utf8_is(line.ptr, line.len))
		return "not UTF-8";
	return sk_json_check(line);
}

static size_t
tell_bad(struct sk_jsonwalk *walk, size_t i)
{
	const char *why = check(walk->lines[i]);

	walk->out->why[i] = why != NULL ? why : no_object;
	return 1;
}

/* Those of the lines that were scanned in which there are bytes over 127. */
static size_t
check_utf8(struct sk_jsonwalk *walk, const uint32_t *high, size_t nhigh)
{
	struct sk_view line;
	size_t k, nbad = 0;

	for (k = 0; k < nhigh; k++) {
		line = walk->lines[high[k]];
		if (walk->out->why[high[k]] == NULL &&
		    !sk_utf8_is(line.ptr, line.len))
			nbad += tell_bad(walk, high[k]);
	}
	return nbad;
}

/* Lines i to end - 1, which stand one behind the other; how many are bad. */
static size_t
take_run(struct sk_ndjson *ndjson, size_t end)
{
	struct sk_jsonwalk *walk = &ndjson->walk;
	const struct sk_jsonscan *scan = &walk->scan;
	const struct sk_view *lines = walk->lines;
	const char *s = lines[walk->i].ptr;
	size_t begin = walk->i, behind, at, nhigh = 0, nbad = 0;
	unsigned flags, all;
	uint32_t high[RUN_LINES];

	behind = (size_t)(lines[end - 1].ptr - s) + lines[end - 1].len;
	walk->s = s;
	flags = all = sk_jsonscan_text(&walk->scan, sk_view(s, behind));
	if (SK_UNLIKELY((all & (SK_JSONSCAN_CONTROL |
	    SK_JSONSCAN_OPEN)) != 0)) {
		if (end == begin + 1)
			return tell_bad(walk, walk->i++);
		while (walk->i < end)
			nbad += take_run(ndjson, walk->i + 1);
		return nbad;
	}
	for (; walk->i < end; walk->i++) {
		at = (size_t)(lines[walk->i].ptr - s);
		if (SK_LIKELY(end > begin + 1))
			flags = sk_jsonscan_flags(scan, at, at +
			    lines[walk->i].len);
		walk->escape = (flags & SK_JSONSCAN_ESCAPE) != 0;
		high[nhigh] = (uint32_t)walk->i;
		nhigh += (flags & SK_JSONSCAN_HIGH) != 0;
		walk->out->why[walk->i] = NULL;
		if (SK_UNLIKELY(!take_line(ndjson, lines[walk->i])))
			nbad += tell_bad(walk, walk->i);
	}
	return nbad + check_utf8(walk, high, nhigh);
}

/* The end of the lines from i on that stand one behind the other, a control
 * character between them. */
static inline size_t
run_end(const struct sk_jsonwalk *walk, size_t i)
{
	const struct sk_view *line = walk->lines;
	const char *begin = line[i].ptr;
	size_t most = walk->n - i < RUN_LINES ? walk->n : i + RUN_LINES;
	const char *end = begin + line[i].len;

	for (i++; i < most && line[i].ptr == end + 1 &&
	    (unsigned char)*end < ' '; i++) {
		end += 1 + line[i].len;
		if (end - begin > RUN_BYTES)
			break;
	}
	return i;
}

size_t
sk_ndjson_take(struct sk_ndjson *ndjson, const struct sk_view *lines,
    size_t n, const struct sk_values *out)
{
	struct sk_jsonwalk *walk = &ndjson->walk;
	size_t nbad = 0;

	sk_buf_reset(&walk->text);
	walk->has_room = false;
	walk->lines = lines;
	walk->n = n;
	walk->out = out;
	for (walk->i = 0; walk->i < n;)
		nbad += take_run(ndjson, run_end(walk, walk->i));
	return nbad;
}

const char *
sk_ndjson_check(struct sk_ndjson *ndjson, struct sk_view line)
{
	(void)ndjson;
	return check(line);
}

struct sk_ndjson *
sk_ndjson_open(const struct sk_path *paths, size_t n)
{
	struct sk_ndjson *ndjson = sk_xcalloc(1, sizeof(*ndjson));

	sk_jsonwalk_init(&ndjson->walk, paths, n);
	ndjson->luck = LUCK_MAX;
	return ndjson;
}

void
sk_ndjson_close(struct sk_ndjson *ndjson)
{
	if (ndjson == NULL)
		return;
	sk_jsonwalk_free(&ndjson->walk);
	free(ndjson);
}
