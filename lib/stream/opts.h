/*
 * The options that mean the same in every tool, in one table.
 *
 * A tool says which of them it takes by a mask; sk_shared_init() sets the
 * defaults and builds the tool's table, whose values live in the struct
 * sk_shared that the tool owns.  sk_shared_apply() then sets the level of
 * messages.
 */
#ifndef SK_STREAM_OPTS_H
#define SK_STREAM_OPTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/opt.h"

enum sk_shared_bit {
	SK_SHARED_FORMAT = 1 << 0,      /* -F */
	SK_SHARED_DELIMITER = 1 << 1,   /* -d */
	SK_SHARED_KEY = 1 << 2,         /* -k, --max-keys */
	SK_SHARED_VALUE = 1 << 3,       /* --value */
	SK_SHARED_TIME = 1 << 4,        /* -t */
	SK_SHARED_TO = 1 << 5,          /* --to */
	SK_SHARED_NUMBER = 1 << 6,      /* -n */
	SK_SHARED_EVERY = 1 << 7,       /* --every */
	SK_SHARED_EXIT_STATUS = 1 << 8, /* -e */
	SK_SHARED_OUTPUT = 1 << 9,      /* -o */
	SK_SHARED_BAD = 1 << 10,        /* --bad, --lenient, --strict */
	SK_SHARED_MAX_LINE = 1 << 11,   /* --max-line */
	SK_SHARED_NULL = 1 << 12,       /* -z */
	SK_SHARED_PROGRESS = 1 << 13,   /* --progress */
	SK_SHARED_QUIET = 1 << 14,      /* -q, --verbose */
	SK_SHARED_HEADER = 1 << 15,     /* --header, --no-header */
	SK_SHARED_ZONE = 1 << 16,       /* --tz, --year */
	SK_SHARED_STATE = 1 << 17,      /* --save, --load, --state */
	SK_SHARED_SKETCH = 1 << 18,     /* --merge, --info */
	SK_SHARED_FRAMED = 1 << 19,     /* --framed */
	SK_SHARED_RAW = 1 << 20         /* --raw */
};

/* What -t needs, in tools that take nothing else of an event. */
#define SK_SHARED_EVENT_TIME                                            \
	(SK_SHARED_TIME | SK_SHARED_FORMAT | SK_SHARED_DELIMITER |      \
	    SK_SHARED_HEADER | SK_SHARED_ZONE)

/* What a filter of framed streams takes. */
#define SK_SHARED_FRAMES (SK_SHARED_FRAMED | SK_SHARED_RAW)

/* What a filter that reads lines and makes records takes. */
#define SK_SHARED_FILTER                                                \
	(SK_SHARED_FORMAT | SK_SHARED_DELIMITER | SK_SHARED_VALUE |     \
	    SK_SHARED_TO | SK_SHARED_HEADER | SK_SHARED_EVERY |         \
	    SK_SHARED_EXIT_STATUS |                                     \
	    SK_SHARED_OUTPUT | SK_SHARED_BAD | SK_SHARED_MAX_LINE |     \
	    SK_SHARED_NULL | SK_SHARED_PROGRESS | SK_SHARED_QUIET |     \
	    SK_SHARED_FRAMES)

/* --every: a number of events or a span of the wall clock; both 0: never. */
struct sk_every {
	uint64_t n;
	int64_t ns;
};

/* For an option of that kind (SK_OPT_PARSE). */
int sk_every_parse(const char *text, void *value, char *why, size_t cap);

/* -F, in the order of its choices. */
enum sk_format {
	SK_FORMAT_DEFAULT = -1, /* as the kind of FIELD has it */
	SK_FORMAT_RAW,          /* lines and columns */
	SK_FORMAT_NDJSON,
	SK_FORMAT_CSV,
	SK_FORMAT_TSV,
	SK_FORMAT_LOGFMT
};

/* In the order of enum sk_record_form. */
enum sk_to { SK_TO_DEFAULT = -1, SK_TO_TSV, SK_TO_CSV, SK_TO_NDJSON };
enum sk_framed { SK_UNFRAMED, SK_FRAMED, SK_FRAMED_FORCE };
enum sk_strictness { SK_COUNT_BAD, SK_LENIENT, SK_STRICT };

struct sk_shared {
	int format;              /* enum sk_format */
	int delimiter;           /* a byte, or -1: runs of blanks */
	struct sk_opt_list key;
	uint64_t max_keys;
	const char *value;       /* NULL: the whole line */
	const char *time;        /* FIELD[:FORMAT], or NULL */
	const char *tz;          /* ZONE, or NULL: UTC */
	uint64_t year;           /* of the first event; 0: not given */
	int to;                  /* enum sk_to */
	int header;              /* 1, 0 (also: none in the input), or -1: as
	                          * the formats have it */
	uint64_t number;
	bool number_given;
	struct sk_every every;
	bool exit_status;
	const char *output;
	const char *bad;
	int strictness;          /* enum sk_strictness */
	const char *save;        /* FILE, or NULL */
	struct sk_opt_list load; /* of files */
	const char *state;       /* FILE, or NULL */
	bool merge;              /* the inputs are saved sketches */
	bool info;               /* say what the inputs are */
	int framed;              /* enum sk_framed */
	bool raw;                /* the input is not framed */
	uint64_t max_line;
	bool null;
	bool progress;
	int level;               /* enum sk_level */
	struct sk_opt table[40];
};

/* Defaults, and the tool's table of shared options. */
const struct sk_opt *sk_shared_init(struct sk_shared *shared, unsigned mask);

/* After parsing: set the level of messages. */
void sk_shared_apply(const struct sk_shared *shared);

/* What `option` asks for is no stream: with --framed or --every it ends the
 * program with status 2. */
void sk_shared_no_stream(const struct sk_cmd *cmd,
    const struct sk_shared *shared, const char *option);

/* The byte that ends a line. */
static inline char
sk_shared_separator(const struct sk_shared *shared)
{
	return shared->null ? '\0' : '\n';
}

#endif
