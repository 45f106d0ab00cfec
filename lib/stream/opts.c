#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/num.h"
#include "stream/opts.h"

static int
parse_delimiter(const char *text, void *value, char *why, size_t cap)
{
	int *delimiter = value;

	if (strcmp(text, "\\t") == 0)
		*delimiter = '\t';
	else if (strlen(text) == 1)
		*delimiter = (unsigned char)text[0];
	else {
		snprintf(why, cap, "not one byte, nor \\t");
		return SK_EUSAGE;
	}
	return 0;
}

int
sk_every_parse(const char *text, void *value, char *why, size_t cap)
{
	struct sk_every every = { 0, 0 }, *out = value;

	if ((sk_num_u64(sk_view_str(text), &every.n) != 0 &&
	    sk_num_duration(sk_view_str(text), &every.ns) != 0) ||
	    (every.n == 0 && every.ns < 1000000)) {
		snprintf(why, cap, "neither a number of events (1000) "
		    "nor a duration (5s)");
		return SK_EUSAGE;
	}
	*out = every;
	return 0;
}

/* Where a value lives is given as its offset in struct sk_shared. */
struct row {
	unsigned bit;
	size_t at;
	struct sk_opt opt;
};

#define AT(member) offsetof(struct sk_shared, member)
#define LINE_MAX_BYTES ((UINT64_C(64) << 20) - 1)

static const struct row rows[] = {
	{ SK_SHARED_BAD, AT(bad), { .kind = SK_OPT_TEXT, .name = "bad",
	    .arg = "FILE", .help = "add bad events to FILE" } },
	{ SK_SHARED_DELIMITER, AT(delimiter), { .kind = SK_OPT_PARSE,
	    .letter = 'd', .name = "delimiter", .arg = "C",
	    .parse = parse_delimiter,
	    .help = "columns are separated by the byte C, not by blanks" } },
	{ SK_SHARED_EVERY, AT(every), { .kind = SK_OPT_PARSE, .name = "every",
	    .arg = "N|DUR", .parse = sk_every_parse,
	    .help = "also a result every N events or every DUR" } },
	{ SK_SHARED_EXIT_STATUS, AT(exit_status), { .kind = SK_OPT_FLAG,
	    .letter = 'e', .name = "exit-status",
	    .help = "status 1 when nothing was written" } },
	{ SK_SHARED_FORMAT, AT(format), { .kind = SK_OPT_CHOICE, .letter = 'F',
	    .name = "format", .arg = "NAME",
	    .choices = "raw|ndjson|csv|tsv|logfmt",
	    .help = "the format of the input" } },
	{ SK_SHARED_FRAMED, AT(framed), { .kind = SK_OPT_SET,
	    .name = "framed", .min = SK_FRAMED, .choices = "force",
	    .help = "a framed stream, in and out: with watermarks" } },
	{ SK_SHARED_HEADER, AT(header), { .kind = SK_OPT_SET,
	    .name = "header", .min = 1,
	    .help = "TSV gets a header line; --no-header: none in or out" } },
	{ SK_SHARED_SKETCH, AT(info), { .kind = SK_OPT_FLAG, .name = "info",
	    .help = "the inputs are saved sketches: say what they are" } },
	{ SK_SHARED_KEY, AT(key), { .kind = SK_OPT_LIST, .letter = 'k',
	    .name = "key", .arg = "FIELD,...",
	    .help = "keep state per value of these fields" } },
	{ SK_SHARED_BAD, AT(strictness), { .kind = SK_OPT_SET,
	    .name = "lenient", .min = SK_LENIENT,
	    .help = "bad events do not change the status" } },
	{ SK_SHARED_STATE, AT(load), { .kind = SK_OPT_WORDS, .name = "load",
	    .arg = "FILE", .help = "begin with the saved state of FILE" } },
	{ SK_SHARED_KEY, AT(max_keys), { .kind = SK_OPT_COUNT,
	    .name = "max-keys", .arg = "N", .min = 1,
	    .help = "the most keys that are kept" } },
	{ SK_SHARED_MAX_LINE, AT(max_line), { .kind = SK_OPT_SIZE,
	    .name = "max-line", .arg = "SIZE", .min = 1, .max = LINE_MAX_BYTES,
	    .help = "a longer line is a bad event (1M)" } },
	{ SK_SHARED_SKETCH, AT(merge), { .kind = SK_OPT_FLAG, .name = "merge",
	    .help = "the inputs are saved sketches: merge them" } },
	{ SK_SHARED_NULL, AT(null), { .kind = SK_OPT_FLAG, .letter = 'z',
	    .name = "null", .help = "records end in NUL, in and out" } },
	{ SK_SHARED_NUMBER, AT(number), { .kind = SK_OPT_COUNT, .letter = 'n',
	    .name = "number", .arg = "N", .help = "how many, at most" } },
	{ SK_SHARED_OUTPUT, AT(output), { .kind = SK_OPT_TEXT, .letter = 'o',
	    .name = "output", .arg = "FILE",
	    .help = "write to FILE, which is replaced at the end" } },
	{ SK_SHARED_PROGRESS, AT(progress), { .kind = SK_OPT_FLAG,
	    .name = "progress",
	    .help = "rate and position on stderr once a second" } },
	{ SK_SHARED_QUIET, AT(level), { .kind = SK_OPT_SET, .letter = 'q',
	    .name = "quiet", .min = (uint64_t)SK_QUIET,
	    .help = "fewer messages" } },
	{ SK_SHARED_RAW, AT(raw), { .kind = SK_OPT_FLAG, .name = "raw",
	    .help = "the input is not framed, whatever it begins with" } },
	{ SK_SHARED_STATE, AT(save), { .kind = SK_OPT_TEXT, .name = "save",
	    .arg = "FILE", .help = "save the state in FILE at the end" } },
	{ SK_SHARED_STATE, AT(state), { .kind = SK_OPT_TEXT, .name = "state",
	    .arg = "FILE",
	    .help = "--load and --save; empty without a FILE" } },
	{ SK_SHARED_BAD, AT(strictness), { .kind = SK_OPT_SET,
	    .name = "strict", .min = SK_STRICT,
	    .help = "stop at the first bad event" } },
	{ SK_SHARED_TIME, AT(time), { .kind = SK_OPT_TEXT, .letter = 't',
	    .name = "time", .arg = "FIELD[:FORMAT]",
	    .help = "the event time" } },
	{ SK_SHARED_TO, AT(to), { .kind = SK_OPT_CHOICE, .name = "to",
	    .arg = "NAME", .choices = "tsv|csv|ndjson",
	    .help = "the format of the output" } },
	{ SK_SHARED_ZONE, AT(tz), { .kind = SK_OPT_TEXT, .name = "tz",
	    .arg = "ZONE", .help = "the zone of times without offset (UTC)" } },
	{ SK_SHARED_VALUE, AT(value), { .kind = SK_OPT_TEXT, .name = "value",
	    .arg = "FIELD", .help = "what is taken of each event "
	    "(the whole line)" } },
	{ SK_SHARED_QUIET, AT(level), { .kind = SK_OPT_SET, .name = "verbose",
	    .min = SK_VERBOSE, .help = "more messages" } },
	{ SK_SHARED_ZONE, AT(year), { .kind = SK_OPT_COUNT, .name = "year",
	    .arg = "N", .min = 1, .max = 9999,
	    .help = "the year of the first time that does not say it" } },
};

#define NROWS (sizeof(rows) / sizeof(rows[0]))

_Static_assert(NROWS < sizeof(((struct sk_shared *)0)->table) /
    sizeof(struct sk_opt), "room for the end mark");

const struct sk_opt *
sk_shared_init(struct sk_shared *shared, unsigned mask)
{
	struct sk_opt *opt = shared->table;
	size_t i;

	memset(shared, 0, sizeof(*shared));
	shared->format = SK_FORMAT_DEFAULT;
	shared->delimiter = -1;
	shared->to = SK_TO_DEFAULT;
	shared->header = -1;
	shared->max_keys = 1000000;
	shared->max_line = 1 << 20;
	for (i = 0; i < NROWS; i++) {
		if ((rows[i].bit & mask) == 0)
			continue;
		*opt = rows[i].opt;
		opt->value = (char *)shared + rows[i].at;
		if (rows[i].bit == SK_SHARED_NUMBER)
			opt->given = &shared->number_given;
		opt++;
	}
	return shared->table;
}

void
sk_shared_apply(const struct sk_shared *shared)
{
	sk_level_set((enum sk_level)shared->level);
}

void
sk_shared_no_stream(const struct sk_cmd *cmd, const struct sk_shared *shared,
    const char *option)
{
	const char *other = shared->framed ? "--framed" :
	    shared->every.n > 0 || shared->every.ns > 0 ? "--every" : NULL;

	if (other != NULL)
		sk_opt_fail(cmd, "%s: not with %s: saved sketches are no "
		    "stream", other, option);
}
