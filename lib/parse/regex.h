/*
 * Regular expressions: PCRE2, compiled to machine code, on bytes or UTF-8.
 *
 * Text is searched, so a pattern that is to begin where the text begins says
 * `^`.  Names of groups may be repeated.
 *
 * No text keeps a pattern busy for long: the steps from each position, the
 * memory, and for long texts the CPU time are limited (SK_REGEX_STEPS steps,
 * 4 MiB, SK_REGEX_NS).  Steps that go nowhere back, as in `(?:a|b)++`, are not
 * counted; they are bounded by the time.
 *
 * Flat for the caller but for what it points to, which close releases; one
 * match at a time.  Wraps PCRE2 10.
 */
#ifndef SK_PARSE_REGEX_H
#define SK_PARSE_REGEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define SK_REGEX_STEPS 1000000
#define SK_REGEX_NS INT64_C(1000000000)

struct sk_regex_group {
	struct sk_view name;
	uint32_t number;
};

struct sk_regex {
	void *code, *match, *context, *stack; /* of PCRE2 */
	const size_t *ends;           /* of the last match */
	struct sk_regex_group *group; /* those with names, by number */
	size_t ngroups;
	bool jit, utf;
};

/* SK_EUSAGE with words in diag: the reason and where. */
int sk_regex_open(struct sk_regex *regex, struct sk_view pattern, bool utf,
    struct sk_diag *diag);
void sk_regex_close(struct sk_regex *regex); /* a zeroed one too */

/* 1: it is in the text, 0: it is not, SK_ELIMIT with why in *why, a static
 * text. */
int sk_regex_match(struct sk_regex *regex, struct sk_view text,
    const char **why);

/* What a group took part with in the last match; ptr NULL: it did not. */
static inline struct sk_view
sk_regex_get(const struct sk_regex *regex, struct sk_view text,
    uint32_t number)
{
	size_t begin = regex->ends[2 * number];

	/* With \K in a lookahead a match ends before it begins. */
	if (begin == SIZE_MAX || regex->ends[2 * number + 1] < begin)
		return sk_view(NULL, 0);
	return sk_view(text.ptr + begin, regex->ends[2 * number + 1] - begin);
}

#endif
