#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/opt.h"

#ifndef SK_VERSION
#define SK_VERSION "unknown"
#endif

#define NAME_COLUMN 28 /* where the help texts begin */

static const struct sk_opt common[] = {
	{ SK_OPT_FLAG, 'h', "help", NULL, "show this help", NULL, NULL, 0, 0,
	    NULL, NULL },
	{ SK_OPT_FLAG, 'V', "version", NULL, "show the version", NULL, NULL, 0,
	    0, NULL, NULL },
	{ SK_OPT_END, 0, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL, NULL },
};

void
sk_opt_list_add(struct sk_opt_list *list, const char *item)
{
	/* Grown one by one: command lines are short. */
	list->item = sk_xrealloc(list->item, list->n + 1, sizeof(*list->item));
	list->item[list->n++] = item;
}

static void
usage_to(FILE *to, const struct sk_cmd *cmd)
{
	const char *line = cmd->usage, *end;
	const char *lead = "usage: ";

	for (; *line != '\0'; line = *end != '\0' ? end + 1 : end) {
		end = strchr(line, '\n');
		if (end == NULL)
			end = line + strlen(line);
		fprintf(to, "%s%s %.*s\n", lead, cmd->name, (int)(end - line),
		    line);
		lead = "       ";
	}
}

void
sk_opt_fail(const struct sk_cmd *cmd, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	sk_error("%s", text);
	usage_to(stderr, cmd);
	exit(SK_USAGE);
}

/* stdout must have taken what was asked for. */
static void
end_shown(void)
{
	if (fflush(stdout) != 0 || ferror(stdout)) {
		sk_error_sys("stdout");
		exit(SK_SYSTEM);
	}
	exit(SK_DONE);
}

static int
by_name(const void *a, const void *b)
{
	const struct sk_opt *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

/* All options of the tool, sorted by name; an own one hides a shared one. */
static size_t
gather(const struct sk_cmd *cmd, const struct sk_opt ***out)
{
	const struct sk_opt *const *table, *opt, **all = NULL;
	size_t n = 0, i;

	for (table = cmd->tables;; table++) {
		for (opt = *table != NULL ? *table : common;
		    opt->kind != SK_OPT_END; opt++) {
			for (i = 0; i < n; i++)
				if (strcmp(all[i]->name, opt->name) == 0)
					break;
			if (i < n)
				continue;
			all = sk_xrealloc(all, n + 1, sizeof(const void *));
			all[n++] = opt;
		}
		if (*table == NULL)
			break;
	}
	qsort(all, n, sizeof(const void *), by_name);
	*out = all;
	return n;
}

static void
show_help(const struct sk_cmd *cmd)
{
	const struct sk_opt **all;
	size_t n = gather(cmd, &all), i;
	int col;

	printf("%s - %s\n\n", cmd->name, cmd->summary);
	usage_to(stdout, cmd);
	printf("\n");
	for (i = 0; i < n; i++) {
		if (all[i]->letter != 0)
			col = printf("  -%c, --%s", all[i]->letter,
			    all[i]->name);
		else
			col = printf("      --%s", all[i]->name);
		if (all[i]->arg != NULL)
			col += printf("=%s", all[i]->arg);
		if (col >= NAME_COLUMN - 1)
			col = printf("\n") - 1;
		printf("%*s%s\n", NAME_COLUMN - col, "", all[i]->help);
	}
	printf("\nThe whole text: man %s; what all tools share: man sk\n",
	    cmd->name);
	free(all);
	end_shown();
}

static void
show_tables(const struct sk_cmd *cmd)
{
	const struct sk_opt **all, *opt;
	size_t n = gather(cmd, &all), i;

	for (i = 0; i < n; i++) {
		opt = all[i];
		printf("%.*s\t%s\t%s\t%s\t%s\n", opt->letter != 0 ? 1 : 0,
		    &opt->letter, opt->name, opt->arg != NULL ? opt->arg : "",
		    opt->choices != NULL ? opt->choices : "", opt->help);
	}
	free(all);
	end_shown();
}

static void
split_list(struct sk_opt_list *list, const char *text)
{
	const char *end;

	do {
		end = strchr(text, ',');
		sk_opt_list_add(list, end == NULL
		    ? text : sk_xstrndup(text, (size_t)(end - text)));
		text = end == NULL ? NULL : end + 1;
	} while (text != NULL);
}

static int
find_choice(const char *choices, const char *text)
{
	size_t len = strlen(text), part;
	int i;

	for (i = 0;; i++) {
		part = strcspn(choices, "|");
		if (part == len && memcmp(choices, text, len) == 0)
			return i;
		if (choices[part] == '\0')
			return -1;
		choices += part + 1;
	}
}

static void
set_number(const struct sk_cmd *cmd, const struct sk_opt *opt,
    const char *text)
{
	struct sk_view view = sk_view_str(text);
	uint64_t value = 0;
	int64_t ns = 0;
	int err;

	if (opt->kind == SK_OPT_COUNT)
		err = sk_num_u64(view, &value);
	else if (opt->kind == SK_OPT_SIZE)
		err = sk_num_size(view, &value);
	else {
		err = sk_num_duration(view, &ns);
		value = (uint64_t)ns;
	}
	if (err != 0)
		sk_opt_fail(cmd, "--%s: %s: %s", opt->name, text,
		    opt->kind == SK_OPT_COUNT ? "not a count" :
		    opt->kind == SK_OPT_SIZE ? "not a size (64K, 1M, 2G)" :
		    "not a duration (200ms, 5s, 1h)");
	if (value < opt->min || (opt->max != 0 && value > opt->max))
		sk_opt_fail(cmd, "--%s: %s: out of range", opt->name, text);
	if (opt->kind == SK_OPT_DURATION)
		*(int64_t *)opt->value = ns;
	else
		*(uint64_t *)opt->value = value;
}

static void
set_value(const struct sk_cmd *cmd, const struct sk_opt *opt,
    const char *text)
{
	char why[256] = "wrong value";
	int at;

	switch (opt->kind) {
	case SK_OPT_TEXT:
		*(const char **)opt->value = text;
		break;
	case SK_OPT_LIST:
		split_list(opt->value, text);
		break;
	case SK_OPT_WORDS:
		sk_opt_list_add(opt->value, text);
		break;
	case SK_OPT_COUNT:
	case SK_OPT_SIZE:
	case SK_OPT_DURATION:
		set_number(cmd, opt, text);
		break;
	case SK_OPT_CHOICE:
		at = find_choice(opt->choices, text);
		if (at < 0)
			sk_opt_fail(cmd, "--%s: %s: not one of %s", opt->name,
			    text, opt->choices);
		*(int *)opt->value = at;
		break;
	case SK_OPT_PARSE:
		if (opt->parse(text, opt->value, why, sizeof(why)) != 0)
			sk_opt_fail(cmd, "--%s: %s: %s", opt->name, text, why);
		break;
	case SK_OPT_FLAG:
	case SK_OPT_SET:
	case SK_OPT_END:
		sk_bug();
	}
}

/* A flag that also takes one of its choices behind `=`. */
static void
set_choice(const struct sk_cmd *cmd, const struct sk_opt *opt,
    const char *text)
{
	int at;

	if (opt->choices == NULL)
		sk_opt_fail(cmd, "--%s: takes no value", opt->name);
	at = find_choice(opt->choices, text);
	if (at < 0)
		sk_opt_fail(cmd, "--%s: %s: not one of %s", opt->name, text,
		    opt->choices);
	*(int *)opt->value = (int)opt->min + 1 + at;
}

static void
set_flag(const struct sk_cmd *cmd, const struct sk_opt *opt, bool on)
{
	if (opt == &common[0])
		show_help(cmd);
	if (opt == &common[1]) {
		printf("%s %s\n", cmd->name, SK_VERSION);
		end_shown();
	}
	if (opt->kind == SK_OPT_FLAG)
		*(bool *)opt->value = on;
	else
		*(int *)opt->value = on ? (int)opt->min : 0;
}

static const struct sk_opt *
find(const struct sk_cmd *cmd, char letter, const char *name, size_t len)
{
	const struct sk_opt *const *table, *opt;

	for (table = cmd->tables;; table++) {
		for (opt = *table != NULL ? *table : common;
		    opt->kind != SK_OPT_END; opt++)
			if (name == NULL ? opt->letter == letter :
			    strlen(opt->name) == len &&
			    memcmp(opt->name, name, len) == 0)
				return opt;
		if (*table == NULL)
			return NULL;
	}
}

static bool
is_flag(const struct sk_opt *opt)
{
	return opt->kind == SK_OPT_FLAG || opt->kind == SK_OPT_SET;
}

static void
mark_given(const struct sk_opt *opt)
{
	if (opt->given != NULL)
		*opt->given = true;
}

/* A long option; returns how many words it took. */
static int
parse_long(const struct sk_cmd *cmd, const char *word, char *next)
{
	const char *name = word + 2, *text;
	size_t len = strcspn(name, "=");
	const struct sk_opt *opt;
	bool undo = false;

	text = name[len] == '=' ? name + len + 1 : NULL;
	if (strcmp(name, "sk-options") == 0)
		show_tables(cmd);
	opt = find(cmd, 0, name, len);
	if (opt == NULL && len > 3 && memcmp(name, "no-", 3) == 0) {
		opt = find(cmd, 0, name + 3, len - 3);
		undo = true;
		if (opt != NULL && !is_flag(opt))
			opt = NULL;
	}
	if (opt == NULL)
		sk_opt_fail(cmd, "--%.*s: unknown option", (int)len, name);
	mark_given(opt);
	if (is_flag(opt)) {
		if (text != NULL && undo)
			sk_opt_fail(cmd, "--%.*s: takes no value", (int)len,
			    name);
		if (text != NULL)
			set_choice(cmd, opt, text);
		else
			set_flag(cmd, opt, !undo);
		return 1;
	}
	if (text == NULL && next == NULL)
		sk_opt_fail(cmd, "--%s: needs a value", opt->name);
	set_value(cmd, opt, text != NULL ? text : next);
	return text != NULL ? 1 : 2;
}

/* A word of letters; returns how many words it took. */
static int
parse_letters(const struct sk_cmd *cmd, const char *word, char *next)
{
	const struct sk_opt *opt;

	for (word++; *word != '\0'; word++) {
		opt = find(cmd, *word, NULL, 0);
		if (opt == NULL)
			sk_opt_fail(cmd, "-%c: unknown option", *word);
		mark_given(opt);
		if (is_flag(opt)) {
			set_flag(cmd, opt, true);
			continue;
		}
		if (word[1] == '\0' && next == NULL)
			sk_opt_fail(cmd, "-%c: needs a value", *word);
		set_value(cmd, opt, word[1] != '\0' ? word + 1 : next);
		return word[1] != '\0' ? 1 : 2;
	}
	return 1;
}

int
sk_opt_parse(const struct sk_cmd *cmd, int argc, char **argv)
{
	int i, n = 0;

	for (i = 1; i < argc;) {
		char *next = i + 1 < argc ? argv[i + 1] : NULL;

		if (strcmp(argv[i], "--") == 0) {
			while (++i < argc)
				argv[++n] = argv[i];
		} else if (argv[i][0] == '-' && argv[i][1] == '-')
			i += parse_long(cmd, argv[i], next);
		else if (argv[i][0] == '-' && argv[i][1] != '\0')
			i += parse_letters(cmd, argv[i], next);
		else
			argv[++n] = argv[i++];
	}
	argv[n + 1] = NULL;
	return n;
}
