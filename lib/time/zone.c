/*
 * A zone becomes one table of spans of time with one offset each: those of
 * its file and, behind them, those that the rule in its last line gives until
 * the end of the range of times.  So nothing is computed from rules later.
 *
 * Where the offset changes from p to o at the second t (UTC), p is used for
 * local times below t + max(p, o): if the clock is set back, that makes the
 * local times that come twice those of before; if it is set forward, it moves
 * on those that are missing.
 *
 * A file is (RFC 8536, section 3; big-endian):
 *
 *	0   TZif version, 15 bytes
 *	20  six counts of 4 bytes: of isut, isstd, leap seconds, transitions,
 *	    types, bytes of names
 *	44  transitions: seconds; then a byte each: its type; then types of 6
 *	    bytes: offset (4), is summer, name; names; leap seconds; isstd; isut
 *
 * Seconds have 4 bytes there.  From version 2 on the same comes once more
 * with 8, and behind it the rule between two newlines.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "io/file.h"
#include "time/civil.h"
#include "time/digits.h"
#include "time/rule.h"
#include "time/zone.h"

#define FOLDER "/usr/share/zoneinfo/"
#define NAME_MAX_LEN 255
#define FILE_MAX (1024 * 1024) /* the largest have some 4 KiB */
#define HEADER_LEN 44
#define TYPE_LEN 6
/* Years of rules: all that 64 bits of nanoseconds hold, and one around. */
#define FIRST_YEAR 1676
#define LAST_YEAR 2263
#define OFFSET_MOST (26 * 3600) /* RFC 8536, section 3.2: utoff */
#define SECONDS_MOST (INT64_C(1) << 60)

struct sk_zone_span {
	int64_t from_s, local_from_s;
	int32_t offset_s;
};

/* One of the two blocks of a file. */
struct block {
	uint64_t nisut, nisstd, nleap, ntimes, ntypes, nchars;
	const char *times, *indexes, *types;
	int width; /* bytes of a second: 4 or 8 */
};

static int64_t
get_big(const char *bytes, int width)
{
	uint64_t value = 0;
	int i;

	for (i = 0; i < width; i++)
		value = value << 8 | (unsigned char)bytes[i];
	return width == 4 ? (int32_t)(uint32_t)value : (int64_t)value;
}

/* The block in front of `left`, which is moved behind it. */
static bool
read_block(struct block *block, struct sk_view *left, int width)
{
	uint64_t *const counts[] = { &block->nisut, &block->nisstd,
		&block->nleap, &block->ntimes, &block->ntypes,
		&block->nchars };
	uint64_t indexes, types, need;
	size_t i;

	if (left->len < HEADER_LEN || memcmp(left->ptr, "TZif", 4) != 0)
		return false;
	for (i = 0; i < 6; i++)
		*counts[i] = (uint32_t)get_big(left->ptr + 20 + 4 * i, 4);
	indexes = HEADER_LEN + block->ntimes * (uint64_t)width;
	types = indexes + block->ntimes;
	need = types + block->ntypes * TYPE_LEN + block->nchars +
	    block->nleap * ((uint64_t)width + 4) + block->nisstd +
	    block->nisut;
	if (need > left->len || block->ntypes == 0)
		return false;
	block->width = width;
	block->times = left->ptr + HEADER_LEN;
	block->indexes = left->ptr + indexes;
	block->types = left->ptr + types;
	*left = sk_view(left->ptr + need, left->len - (size_t)need);
	return true;
}

/* The rule behind the second block. */
static bool
read_rule(struct sk_view left, struct sk_rule *rule, bool *has_rule)
{
	const char *end;

	if (left.len < 2 || left.ptr[0] != '\n')
		return false;
	end = memchr(left.ptr + 1, '\n', left.len - 1);
	if (end == NULL)
		return false;
	*has_rule = end > left.ptr + 1;
	return !*has_rule || sk_rule_parse(rule, sk_view(left.ptr + 1,
	    (size_t)(end - left.ptr - 1))) == 0;
}

static bool
type_offset(const struct block *block, uint64_t type, int32_t *offset_s)
{
	if (type >= block->ntypes)
		return false;
	*offset_s = (int32_t)get_big(block->types + type * TYPE_LEN, 4);
	return *offset_s > -OFFSET_MOST && *offset_s < OFFSET_MOST;
}

static void
add_span(struct sk_zone *zone, int64_t from_s, int32_t offset_s)
{
	zone->span[zone->nspans++] = (struct sk_zone_span){ .from_s = from_s,
		.offset_s = offset_s };
}

/* The spans of the file. */
static bool
add_transitions(struct sk_zone *zone, const struct block *block)
{
	int32_t offset_s;
	uint64_t i;

	if (!type_offset(block, 0, &offset_s))
		return false;
	add_span(zone, -SECONDS_MOST, offset_s);
	for (i = 0; i < block->ntimes; i++) {
		int64_t at = get_big(block->times +
		    i * (uint64_t)block->width, block->width);

		if (i > 0 && at <= zone->span[zone->nspans - 1].from_s)
			return false;
		/* Some begin with the Big Bang. */
		if (at <= -SECONDS_MOST)
			zone->nspans = 0;
		if (at >= SECONDS_MOST || !type_offset(block,
		    (unsigned char)block->indexes[i], &offset_s))
			return false;
		add_span(zone, at > -SECONDS_MOST ? at : -SECONDS_MOST,
		    offset_s);
	}
	return true;
}

/* The spans that the rule gives behind those of the file. */
static void
add_rule(struct sk_zone *zone, const struct sk_rule *rule)
{
	size_t first = zone->nspans, i;
	int64_t last = zone->span[first - 1].from_s;
	int32_t year;
	int season;

	if (first == 1)
		zone->span[0].offset_s = rule->offset_s[false];
	if (!rule->has_summer)
		return;
	for (year = FIRST_YEAR; year <= LAST_YEAR; year++)
		for (season = 1; season >= 0; season--) {
			int64_t at = sk_rule_begin(rule, season, year);

			if (at <= last)
				continue;
			/* The seasons of a year come in any order; those that
			 * begin at once, as they were added. */
			add_span(zone, 0, 0);
			for (i = zone->nspans - 1; i > first &&
			    zone->span[i - 1].from_s > at; i--)
				zone->span[i] = zone->span[i - 1];
			zone->span[i].from_s = at;
			zone->span[i].offset_s = rule->offset_s[season];
		}
}

/* Drop spans without duration and those that go on with the offset of before;
 * find where the others begin in local time. */
static void
finish(struct sk_zone *zone)
{
	struct sk_zone_span *span = zone->span;
	size_t n = 0, i;

	for (i = 0; i < zone->nspans; i++) {
		if (i + 1 < zone->nspans &&
		    span[i].from_s == span[i + 1].from_s)
			continue;
		if (n > 0 && span[n - 1].offset_s == span[i].offset_s)
			continue;
		span[n++] = span[i];
	}
	zone->nspans = n;
	span[0].from_s = span[0].local_from_s = INT64_MIN;
	for (i = 1; i < n; i++)
		span[i].local_from_s = span[i].from_s +
		    (span[i].offset_s > span[i - 1].offset_s ?
		    span[i].offset_s : span[i - 1].offset_s);
	zone->span = sk_xrealloc(span, n, sizeof(*span));
}

int
sk_zone_load(struct sk_zone *zone, struct sk_view tzif, struct sk_diag *diag)
{
	struct sk_view left = tzif;
	struct block block;
	struct sk_rule rule;
	bool has_rule = false;

	memset(zone, 0, sizeof(*zone));
	if (!read_block(&block, &left, 4))
		return sk_diag_set(diag, SK_EDATA, "not time zone data");
	if (tzif.ptr[4] >= '2' && (!read_block(&block, &left, 8) ||
	    !read_rule(left, &rule, &has_rule)))
		return sk_diag_set(diag, SK_EDATA, "damaged time zone data");
	/* Seconds of such a file are not those since 1970 as POSIX and we
	 * count them. */
	if (block.nleap > 0)
		return sk_diag_set(diag, SK_EDATA, "counts leap seconds");
	zone->span = sk_xalloc(1 + (size_t)block.ntimes + (has_rule ?
	    2 * (LAST_YEAR - FIRST_YEAR + 1) : 0), sizeof(*zone->span));
	if (!add_transitions(zone, &block)) {
		sk_zone_free(zone);
		return sk_diag_set(diag, SK_EDATA, "damaged time zone data");
	}
	if (has_rule)
		add_rule(zone, &rule);
	finish(zone);
	zone->named = true;
	return 0;
}

/* No folder above, and nothing that is not in any name. */
static bool
is_name(struct sk_view name)
{
	size_t i;

	if (name.len == 0 || name.len > NAME_MAX_LEN || name.ptr[0] == '/')
		return false;
	for (i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		if (c <= ' ' || c == 0x7f || (c == '.' && i + 1 < name.len &&
		    name.ptr[i + 1] == '.'))
			return false;
	}
	return true;
}

static int
load_file(struct sk_zone *zone, struct sk_view name, struct sk_diag *diag)
{
	char path[sizeof(FOLDER) + NAME_MAX_LEN] = FOLDER;
	struct sk_buf bytes = { NULL, 0, 0 };
	struct sk_diag why;
	int err;

	memcpy(path + sizeof(FOLDER) - 1, name.ptr, name.len);
	err = sk_file_load(path, FILE_MAX, &bytes);
	if (err == 0) {
		err = sk_zone_load(zone, sk_view(bytes.ptr, bytes.len), &why);
		if (err != 0)
			sk_diag_set(diag, err, "%.*s: %s", (int)name.len,
			    name.ptr, why.text);
	} else if (errno == ENOENT || errno == ENOTDIR || errno == EISDIR) {
		sk_diag_set(diag, err, "%.*s: no such time zone (is the "
		    "package tzdata installed?)", (int)name.len, name.ptr);
	} else {
		sk_diag_sys(diag, "%s", path);
	}
	sk_buf_free(&bytes);
	return err == 0 ? 0 : SK_EUSAGE;
}

int
sk_zone_init(struct sk_zone *zone, struct sk_view name, struct sk_diag *diag)
{
	struct sk_digits scan = { name.ptr, name.ptr + name.len };
	int32_t offset_s;

	memset(zone, 0, sizeof(*zone));
	if (sk_view_equal(name, sk_view_str("UTC")) ||
	    sk_view_equal(name, sk_view_str("Z")))
		return 0;
	if (name.len > 0 && (name.ptr[0] == '+' || name.ptr[0] == '-')) {
		if (!sk_digits_offset(&scan, &offset_s) || scan.at < scan.end)
			return sk_diag_set(diag, SK_EUSAGE, "%.*s: not an "
			    "offset as +01:00", (int)name.len, name.ptr);
		zone->offset_s = offset_s;
		zone->named = true;
		return 0;
	}
	if (!is_name(name))
		return sk_diag_set(diag, SK_EUSAGE, "%.*s: not the name of a "
		    "time zone", (int)name.len, name.ptr);
	return load_file(zone, name, diag);
}

void
sk_zone_free(struct sk_zone *zone)
{
	free(zone->span);
	memset(zone, 0, sizeof(*zone));
}

/* Make the span of a time the one of the last answer. */
static void
seek(struct sk_zone *zone, int64_t at, bool is_local)
{
	const struct sk_zone_span *span = zone->span;
	size_t low = 0, high = zone->nspans;

	zone->to_s = zone->local_to_s = INT64_MAX;
	if (span == NULL) {
		zone->from_s = zone->local_from_s = INT64_MIN;
		return;
	}
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if ((is_local ? span[middle].local_from_s :
		    span[middle].from_s) <= at)
			low = middle;
		else
			high = middle;
	}
	zone->offset_s = span[low].offset_s;
	zone->from_s = span[low].from_s;
	zone->local_from_s = span[low].local_from_s;
	if (high < zone->nspans) {
		zone->to_s = span[high].from_s;
		zone->local_to_s = span[high].local_from_s;
	}
}

int32_t
sk_zone_offset(struct sk_zone *zone, int64_t utc_s)
{
	if (utc_s < zone->from_s || utc_s >= zone->to_s)
		seek(zone, utc_s, false);
	return zone->offset_s;
}

int64_t
sk_zone_utc(struct sk_zone *zone, int64_t local_s)
{
	if (local_s < zone->local_from_s || local_s >= zone->local_to_s)
		seek(zone, local_s, true);
	return local_s - zone->offset_s;
}
