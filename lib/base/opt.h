/*
 * Command lines.  One table of options per tool drives parsing, --help, the
 * completions and the check of the man page; no other code looks at argv.
 *
 * A tool has its own table and takes some of the shared one (stream/opts.h):
 * sk_opt_parse walks a list of tables and the first that knows a name wins.
 * Options may stand before, between and behind operands, up to `--`.  The
 * value of a long option follows `=` or is the next word; that of a letter is
 * glued or the next word.  Long names are not abbreviated.  A flag `x` is
 * undone by `--no-x`; of two contradicting options the last one wins.
 *
 * Three names are known to every tool: --help (-h), --version (-V), and the
 * hidden --sk-options, which prints the tables for the completions:
 * `letter TAB name TAB argument TAB choices TAB help`, a line each.
 */
#ifndef SK_BASE_OPT_H
#define SK_BASE_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sk_opt_kind {
	SK_OPT_END = 0,  /* ends a table */
	SK_OPT_FLAG,     /* bool *value */
	SK_OPT_SET,      /* int *value, set to min; by --no-x to 0; with choices
	                  * by --x=CHOICE to min + 1 + its index */
	SK_OPT_TEXT,     /* const char **value */
	SK_OPT_LIST,     /* struct sk_opt_list *value: commas, repeatable */
	SK_OPT_WORDS,    /* struct sk_opt_list *value: repeatable, each whole */
	SK_OPT_COUNT,    /* uint64_t *value, from min to max */
	SK_OPT_SIZE,     /* uint64_t *value, K M G, from min to max */
	SK_OPT_DURATION, /* int64_t *value in nanoseconds, from min to max */
	SK_OPT_CHOICE,   /* int *value: index into choices, a|b|c */
	SK_OPT_PARSE     /* parse(text, value) */
};

struct sk_opt {
	enum sk_opt_kind kind;
	char letter;         /* 0: none */
	const char *name;    /* without the two hyphens */
	const char *arg;     /* FILE, N, DUR, FIELD ...; NULL for a flag */
	const char *help;    /* half a line, lower case, no full stop */
	void *value;
	const char *choices; /* a|b|c, for CHOICE and for completion */
	uint64_t min, max;   /* max 0: no limit */
	/* SK_OPT_PARSE: 0, or SK_EUSAGE with the reason in why (cap bytes). */
	int (*parse)(const char *text, void *value, char *why, size_t cap);
	bool *given;         /* set when the option was seen; may be NULL */
};

struct sk_opt_list {
	const char **item;
	size_t n;
};

struct sk_cmd {
	const char *name;    /* sk-hll */
	const char *summary; /* the words of .Nd and of cmd/tools.tab */
	const char *usage;   /* the SYNOPSIS without the name: a line a form */
	const struct sk_opt *const *tables; /* ends in NULL */
};

/*
 * Parse argv.  Operands are moved to the front of argv[1..], their number is
 * returned, and argv[1 + number] is NULL.  --help, --version and --sk-options
 * print and end the program; a wrong usage prints the reason and the usage
 * line and ends it with status 2.
 */
int sk_opt_parse(const struct sk_cmd *cmd, int argc, char **argv);

/* End with status 2: "tool: reason" and the usage line. */
void sk_opt_fail(const struct sk_cmd *cmd, const char *fmt, ...)
    __attribute__((format(printf, 2, 3), noreturn));

void sk_opt_list_add(struct sk_opt_list *list, const char *item);

#endif
