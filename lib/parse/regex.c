#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <stdlib.h>

#include "base/mem.h"
#include "io/sys.h"
#include "parse/regex.h"

/* Longer texts are searched in pieces, with a look at the clock between. */
#define WHOLE 4096
#define PIECE 16
#define QUICK_NS INT64_C(10000000)

#define SHOWN 40 /* bytes of a pattern in front of what is wrong */

#define STACK_FIRST 32768
#define STACK_MOST (4 << 20)

static const char too_long[] = "the pattern took too long";
static const char too_big[] = "the pattern needs too much memory";

/* ---- compiling ---- */

static int
compile(struct sk_regex *regex, struct sk_view pattern, bool utf,
    struct sk_diag *diag)
{
	uint32_t options = PCRE2_DUPNAMES | PCRE2_NEVER_BACKSLASH_C |
	    PCRE2_USE_OFFSET_LIMIT | (utf ? PCRE2_UTF | PCRE2_UCP |
	    PCRE2_MATCH_INVALID_UTF : PCRE2_NEVER_UTF | PCRE2_NEVER_UCP);
	PCRE2_UCHAR reason[256];
	PCRE2_SIZE at;
	int code;

	regex->code = pcre2_compile((PCRE2_SPTR)pattern.ptr, pattern.len,
	    options, &code, &at, NULL);
	if (regex->code != NULL)
		return 0;
	pcre2_get_error_message(code, reason, sizeof(reason));
	if (at > pattern.len)
		at = pattern.len;
	if (at > SHOWN)
		pattern = sk_view(pattern.ptr + at - SHOWN, SHOWN);
	else
		pattern.len = at;
	return sk_diag_set(diag, SK_EUSAGE, "%s at byte %zu, behind %.*s",
	    reason, at + 1, (int)pattern.len, pattern.ptr);
}

/* Room for a match, and its limits. */
static int
prepare(struct sk_regex *regex, struct sk_diag *diag)
{
	pcre2_match_context *context = pcre2_match_context_create(NULL);

	regex->match = pcre2_match_data_create_from_pattern(regex->code, NULL);
	regex->context = context;
	if (regex->match == NULL || context == NULL)
		return sk_diag_set(diag, SK_ESYS, "out of memory");
	pcre2_set_match_limit(context, SK_REGEX_STEPS);
	pcre2_set_depth_limit(context, SK_REGEX_STEPS);
	pcre2_set_heap_limit(context, STACK_MOST >> 10);
	regex->jit = pcre2_jit_compile(regex->code, PCRE2_JIT_COMPLETE) == 0;
	if (regex->jit) {
		regex->stack = pcre2_jit_stack_create(STACK_FIRST, STACK_MOST,
		    NULL);
		pcre2_jit_stack_assign(context, NULL, regex->stack);
	}
	regex->ends = pcre2_get_ovector_pointer(regex->match);
	return 0;
}

static int
by_number(const void *a, const void *b)
{
	const struct sk_regex_group *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

static void
list_groups(struct sk_regex *regex)
{
	uint32_t n = 0, size = 0, i;
	PCRE2_SPTR entry;

	pcre2_pattern_info(regex->code, PCRE2_INFO_NAMECOUNT, &n);
	if (n == 0)
		return;
	pcre2_pattern_info(regex->code, PCRE2_INFO_NAMEENTRYSIZE, &size);
	pcre2_pattern_info(regex->code, PCRE2_INFO_NAMETABLE, &entry);
	regex->group = sk_xalloc(n, sizeof(*regex->group));
	for (i = 0; i < n; i++, entry += size) {
		regex->group[i].number = (uint32_t)(entry[0] << 8 | entry[1]);
		regex->group[i].name = sk_view_str((const char *)entry + 2);
	}
	regex->ngroups = n;
	qsort(regex->group, n, sizeof(*regex->group), by_number);
}

int
sk_regex_open(struct sk_regex *regex, struct sk_view pattern, bool utf,
    struct sk_diag *diag)
{
	int err;

	memset(regex, 0, sizeof(*regex));
	regex->utf = utf;
	err = compile(regex, pattern, utf, diag);
	if (err == 0)
		err = prepare(regex, diag);
	if (err == 0)
		list_groups(regex);
	else
		sk_regex_close(regex);
	return err;
}

void
sk_regex_close(struct sk_regex *regex)
{
	free(regex->group);
	pcre2_jit_stack_free(regex->stack);
	pcre2_match_context_free(regex->context);
	pcre2_match_data_free(regex->match);
	pcre2_code_free(regex->code);
	memset(regex, 0, sizeof(*regex));
}

/* ---- matching ---- */

/* From position `at` on; the number of PCRE2. */
static int
search(struct sk_regex *regex, struct sk_view text, size_t at)
{
	return (regex->jit ? pcre2_jit_match : pcre2_match)(regex->code,
	    (PCRE2_SPTR)text.ptr, text.len, at, 0, regex->match,
	    regex->context);
}

/* The same in pieces that grow while they are quick: the quadratic time of a
 * search from each of many positions is seen, and ended. */
static int
search_long(struct sk_regex *regex, struct sk_view text)
{
	int64_t begin = sk_sys_cpu_ns(), last = begin, now;
	size_t at = 0, piece = PIECE;
	int found = PCRE2_ERROR_NOMATCH;

	while (found == PCRE2_ERROR_NOMATCH && at <= text.len) {
		/* Never from within a character. */
		while (regex->utf && at < text.len &&
		    ((unsigned char)text.ptr[at] & 0xc0) == 0x80)
			at++;
		pcre2_set_offset_limit(regex->context, at + piece - 1);
		found = search(regex, text, at);
		at += piece;
		now = sk_sys_cpu_ns();
		if (now - last < QUICK_NS)
			piece *= 2;
		else if (piece > 1)
			piece /= 2;
		if (now - begin > SK_REGEX_NS &&
		    found == PCRE2_ERROR_NOMATCH)
			found = PCRE2_ERROR_MATCHLIMIT;
		last = now;
	}
	pcre2_set_offset_limit(regex->context, PCRE2_UNSET);
	return found;
}

int
sk_regex_match(struct sk_regex *regex, struct sk_view text, const char **why)
{
	int found = text.len <= WHOLE ? search(regex, text, 0) :
	    search_long(regex, text);

	if (SK_LIKELY(found >= 0))
		return 1;
	if (found == PCRE2_ERROR_NOMATCH)
		return 0;
	*why = found == PCRE2_ERROR_MATCHLIMIT ? too_long : too_big;
	return SK_ELIMIT;
}
