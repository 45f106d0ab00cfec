#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/rng.h"
#include "window/cells.h"

/* ---- what was asked for ---- */

static const struct {
	const char *name;
	unsigned char nfields;
	unsigned char kind; /* enum sk_agg_kind */
	unsigned char cell; /* enum sk_cell_kind */
	unsigned char want[2];
} kinds[] = {
	{ "count", 0, SK_AGG_COUNT, SK_CELL_COUNT, { 0 } },
	{ "count", 1, SK_AGG_VALUES, SK_CELL_VALUES, { SK_AGG_VALUE } },
	{ "sum", 1, SK_AGG_SUM, SK_CELL_SUM, { SK_AGG_NUMBER } },
	{ "mean", 1, SK_AGG_MEAN, SK_CELL_SUM, { SK_AGG_NUMBER } },
	{ "min", 1, SK_AGG_MIN, SK_CELL_MIN, { SK_AGG_NUMBER } },
	{ "max", 1, SK_AGG_MAX, SK_CELL_MAX, { SK_AGG_NUMBER } },
	{ "var", 1, SK_AGG_VAR, SK_CELL_MOMENTS, { SK_AGG_NUMBER } },
	{ "stddev", 1, SK_AGG_STDDEV, SK_CELL_MOMENTS, { SK_AGG_NUMBER } },
	{ "first", 1, SK_AGG_KEPT, SK_CELL_FIRST, { SK_AGG_VALUE } },
	{ "last", 1, SK_AGG_KEPT, SK_CELL_LAST, { SK_AGG_VALUE } },
	{ "any", 1, SK_AGG_KEPT, SK_CELL_FIRST, { SK_AGG_VALUE } },
	{ "delta", 1, SK_AGG_DELTA, SK_CELL_SPAN, { SK_AGG_NUMBER } },
	{ "rate", 0, SK_AGG_RATE, SK_CELL_COUNT, { 0 } },
	{ "rate", 1, SK_AGG_RATE_OF, SK_CELL_SPAN, { SK_AGG_NUMBER } },
	{ "distinct", 1, SK_AGG_DISTINCT, SK_CELL_DISTINCT,
	    { SK_AGG_SCALAR | SK_AGG_ITEM } },
	{ "top", 1, SK_AGG_TOP, SK_CELL_TOPS,
	    { SK_AGG_SCALAR | SK_AGG_ITEM | SK_AGG_SHORT } },
	{ "argmax", 2, SK_AGG_ARG, SK_CELL_ARGMAX,
	    { SK_AGG_NUMBER, SK_AGG_VALUE } },
	{ "argmin", 2, SK_AGG_ARG, SK_CELL_ARGMIN,
	    { SK_AGG_NUMBER, SK_AGG_VALUE } },
	{ "p", 1, SK_AGG_PERCENTILE, SK_CELL_KLL, { SK_AGG_NUMBER } },
	{ "list", 1, SK_AGG_LISTED, SK_CELL_LIST, { SK_AGG_VALUE } },
	{ "hll", 1, SK_AGG_HLL, SK_CELL_HLL, { SK_AGG_SCALAR } },
	{ "quantile", 1, SK_AGG_QUANTILE, SK_CELL_KLL, { SK_AGG_NUMBER } },
};

#define TOP_MAX 1000
#define TOP_COUNTERS_MIN 1024
#define TOP_COUNTERS_EACH 64

#define NKINDS (sizeof(kinds) / sizeof(kinds[0]))

void
sk_aggs_init(struct sk_aggs *aggs)
{
	*aggs = (struct sk_aggs){ .list_max = SK_AGG_LIST };
}

void
sk_aggs_done(struct sk_aggs *aggs)
{
	size_t i;

	for (i = 0; i < aggs->n; i++) {
		free(aggs->agg[i].column);
		free(aggs->agg[i].error_column);
	}
	for (i = 0; i < aggs->nfields; i++)
		sk_buf_free(&aggs->taken[i].item);
	free(aggs->agg);
	free(aggs->cell);
	free(aggs->field);
	free(aggs->number);
	free(aggs->any);
	free(aggs->column);
	free(aggs->taken);
	*aggs = (struct sk_aggs){ 0 };
}

static int
wrong(struct sk_view text, const char *why, struct sk_diag *diag)
{
	return sk_diag_set(diag, SK_EUSAGE, "%.*s: %s", (int)text.len,
	    text.ptr, why);
}

/* The part up to a colon, which is left out of what remains; false if there is
 * no colon: then it is all of it. */
static bool
cut(struct sk_view *rest, struct sk_view *part)
{
	const char *colon = rest->len > 0 ?
	    memchr(rest->ptr, ':', rest->len) : NULL;

	*part = *rest;
	if (colon == NULL) {
		rest->ptr += rest->len;
		rest->len = 0;
		return false;
	}
	part->len = (size_t)(colon - rest->ptr);
	rest->len -= part->len + 1;
	rest->ptr = colon + 1;
	return true;
}

static int
parse_fields(struct sk_agg *agg, struct sk_view rest, struct sk_diag *diag)
{
	struct sk_diag why = { "" };
	struct sk_view part;
	size_t i;

	for (i = 0; i < agg->nfields; i++) {
		part = rest;
		if (i + 1 < agg->nfields && !cut(&rest, &part))
			return wrong(agg->text, "two FIELDs are wanted", diag);
		if (sk_field_parse(part, &agg->field[i], &why) != 0)
			return wrong(agg->text, why.text, diag);
	}
	return 0;
}

/* The number behind `top` or `p`; *name is left without it. */
static int
parse_number(struct sk_agg *agg, struct sk_view *name, struct sk_diag *diag)
{
	size_t letters = 0;
	struct sk_view digits;
	uint64_t top;
	char *percent;
	int err;

	while (letters < name->len &&
	    (unsigned char)(name->ptr[letters] - 'a') < 26)
		letters++;
	digits = sk_view(name->ptr + letters, name->len - letters);
	name->len = letters;
	if (sk_view_equal(*name, sk_view_str("top"))) {
		if (sk_num_u64(digits, &top) != 0 || top < 1 || top > TOP_MAX)
			return wrong(agg->text, "top1 to top1000", diag);
		agg->top = (uint32_t)top;
	} else if (sk_view_equal(*name, sk_view_str("p"))) {
		/* A percent is a hundredth: so it is rounded once. */
		percent = sk_xasprintf("%.*se-2", (int)digits.len, digits.ptr);
		err = digits.len == 0 ? SK_EUSAGE :
		    sk_num_f64(sk_view_str(percent), &agg->share);
		free(percent);
		if (err != 0 || agg->share < 0 || agg->share > 1)
			return wrong(agg->text, "p0 to p100", diag);
	} else
		name->len += digits.len;
	return 0;
}

/* The kind of this name, with or without a FIELD. */
static int
parse_kind(struct sk_agg *agg, struct sk_view name, bool fields,
    struct sk_diag *diag)
{
	bool known = false;
	size_t i;
	int err = parse_number(agg, &name, diag);

	if (err != 0)
		return err;
	for (i = 0; i < NKINDS; i++) {
		if (!sk_view_equal(name, sk_view_str(kinds[i].name)))
			continue;
		known = true;
		if (fields != (kinds[i].nfields > 0))
			continue;
		agg->kind = kinds[i].kind;
		agg->cell_kind = kinds[i].cell;
		agg->nfields = kinds[i].nfields;
		memcpy(agg->want, kinds[i].want, sizeof(agg->want));
		return 0;
	}
	if (known)
		return wrong(agg->text, fields ? "takes no FIELD" :
		    "a FIELD is missing", diag);
	return wrong(agg->text, "no such aggregate", diag);
}

static char *
column_of(const struct sk_agg *agg, struct sk_view kind, struct sk_view name)
{
	const struct sk_view *f = &agg->field[0].name, *g = &agg->field[1].name;

	if (name.ptr != NULL)
		return sk_xstrndup(name.ptr, name.len);
	if (agg->nfields == 0)
		return sk_xstrndup(kind.ptr, kind.len);
	if (agg->nfields == 1)
		return sk_xasprintf("%.*s_%.*s", (int)kind.len, kind.ptr,
		    (int)f->len, f->ptr);
	return sk_xasprintf("%.*s_%.*s_%.*s", (int)kind.len, kind.ptr,
	    (int)f->len, f->ptr, (int)g->len, g->ptr);
}

static int
parse_one(struct sk_aggs *aggs, struct sk_view text, struct sk_diag *diag)
{
	struct sk_agg agg = { .text = text };
	struct sk_view rest = text, kind, name = { NULL, 0 };
	const char *equal;
	bool fields = cut(&rest, &kind);
	int err;

	equal = kind.len > 0 ? memchr(kind.ptr, '=', kind.len) : NULL;
	if (equal != NULL) {
		name = sk_view(kind.ptr, (size_t)(equal - kind.ptr));
		kind = sk_view(equal + 1, kind.len - name.len - 1);
		if (name.len == 0)
			return wrong(text, "no name before =", diag);
	}
	err = parse_kind(&agg, kind, fields, diag);
	if (err == 0)
		err = parse_fields(&agg, rest, diag);
	if (err != 0)
		return err;
	if (aggs->n == SK_AGGS_MAX)
		return sk_diag_set(diag, SK_EUSAGE, "more than %d aggregates",
		    SK_AGGS_MAX);
	agg.column = column_of(&agg, kind, name);
	if (agg.kind == SK_AGG_DISTINCT)
		agg.error_column = sk_xasprintf("%s_error", agg.column);
	aggs->agg = sk_xrealloc(aggs->agg, aggs->n + 1, sizeof(agg));
	aggs->agg[aggs->n++] = agg;
	return 0;
}

int
sk_aggs_parse(struct sk_aggs *aggs, const char *list, struct sk_diag *diag)
{
	const char *comma;
	size_t len;
	int err;

	for (;; list = comma + 1) {
		comma = strchr(list, ',');
		len = comma == NULL ? strlen(list) : (size_t)(comma - list);
		err = parse_one(aggs, sk_view(list, len), diag);
		if (err != 0 || comma == NULL)
			return err;
	}
}

/* ---- the plan ---- */

static bool
same_field(const struct sk_field *a, const struct sk_field *b)
{
	return a->kind == b->kind && a->first == b->first &&
	    a->last == b->last && sk_view_equal(a->text, b->text);
}

/* The number of a field, with what is wanted of it. */
static size_t
plan_field(struct sk_aggs *aggs, const struct sk_field *field, unsigned want)
{
	size_t i;

	for (i = 0; i < aggs->nfields; i++)
		if (same_field(&aggs->field[i], field))
			break;
	if (i == aggs->nfields) {
		aggs->field[aggs->nfields++] = *field;
		aggs->taken[i] = (struct sk_agg_taken){ 0 };
		aggs->number[i] = aggs->any[i] = false;
	}
	aggs->taken[i].want |= want;
	if ((want & SK_AGG_NUMBER) != 0)
		aggs->number[i] = true;
	if ((want & SK_AGG_VALUE) != 0)
		aggs->any[i] = true;
	return i;
}

static bool
same_cell(const struct sk_agg_cell *a, const struct sk_agg_cell *b)
{
	return a->kind == b->kind && a->field[0] == b->field[0] &&
	    a->field[1] == b->field[1] &&
	    a->tops.counters == b->tops.counters;
}

static void
plan_cell(struct sk_aggs *aggs, struct sk_agg *agg)
{
	struct sk_agg_cell cell = { .kind = agg->cell_kind,
		.number = (agg->want[0] & SK_AGG_NUMBER) != 0 };
	size_t i;

	if (cell.kind == SK_CELL_TOPS)
		cell.tops = (struct sk_tops_plan){ agg->top *
			TOP_COUNTERS_EACH, aggs->seed };
	if (cell.kind == SK_CELL_TOPS && cell.tops.counters < TOP_COUNTERS_MIN)
		cell.tops.counters = TOP_COUNTERS_MIN;
	for (i = 0; i < agg->nfields; i++)
		cell.field[i] = plan_field(aggs, &agg->field[i], agg->want[i]);
	for (i = 0; i < aggs->ncells; i++)
		if (same_cell(&aggs->cell[i], &cell))
			break;
	if (i == aggs->ncells)
		aggs->cell[aggs->ncells++] = cell;
	agg->cell = i;
}

/* Cells whose size is a multiple of the alignment stand first. */
static void
plan_state(struct sk_aggs *aggs)
{
	size_t at = 0, size, i;
	int odd;

	for (odd = 0; odd < 2; odd++)
		for (i = 0; i < aggs->ncells; i++) {
			size = sk_cell_size(aggs->cell[i].kind);
			if ((size % SK_AGG_ALIGN != 0) != (odd != 0))
				continue;
			aggs->cell[i].at = at;
			at += size;
		}
	aggs->size = (at + SK_AGG_ALIGN - 1) / SK_AGG_ALIGN * SK_AGG_ALIGN;
}

/* Whether there are a count, perhaps a sum, and nothing else. */
static void
plan_plain(struct sk_aggs *aggs)
{
	unsigned counts = 0, sums = 0;
	size_t i;

	for (i = 0; i < aggs->ncells; i++)
		if (aggs->cell[i].kind == SK_CELL_COUNT) {
			aggs->count_at = aggs->cell[i].at;
			counts++;
		} else if (aggs->cell[i].kind == SK_CELL_SUM) {
			aggs->sum_at = aggs->cell[i].at;
			sums++;
		}
	aggs->plain = counts == 1 && sums <= 1 &&
	    aggs->ncells == counts + sums;
	aggs->sums = sums == 1;
}

static int
plan_columns(struct sk_aggs *aggs, struct sk_diag *diag)
{
	size_t n = 0, i, j;

	aggs->column = sk_xcalloc(2 * aggs->n + 1, sizeof(*aggs->column));
	for (i = 0; i < aggs->n; i++) {
		aggs->column[n++] = sk_view_str(aggs->agg[i].column);
		if (aggs->agg[i].error_column != NULL)
			aggs->column[n++] =
			    sk_view_str(aggs->agg[i].error_column);
	}
	for (i = 0; i < n; i++)
		for (j = 0; j < i; j++)
			if (sk_view_equal(aggs->column[i], aggs->column[j]))
				return sk_diag_set(diag, SK_EUSAGE,
				    "%s: two columns have that name "
				    "(NAME=KIND:FIELD)", aggs->column[i].ptr);
	return 0;
}

int
sk_aggs_plan(struct sk_aggs *aggs, struct sk_diag *diag)
{
	size_t most, i;

	if (aggs->n == 0)
		(void)parse_one(aggs, sk_view_str("count"), diag);
	most = 2 * aggs->n;
	aggs->field = sk_xcalloc(most, sizeof(*aggs->field));
	aggs->number = sk_xcalloc(most, sizeof(*aggs->number));
	aggs->any = sk_xcalloc(most, sizeof(*aggs->any));
	aggs->taken = sk_xaligned(SK_AGG_ALIGN, most * sizeof(*aggs->taken));
	aggs->cell = sk_xcalloc(aggs->n, sizeof(*aggs->cell));
	aggs->seed = sk_rng_draw();
	for (i = 0; i < aggs->n; i++)
		plan_cell(aggs, &aggs->agg[i]);
	plan_state(aggs);
	plan_plain(aggs);
	return plan_columns(aggs, diag);
}

/* ---- an event ---- */

/* What tables have as one: the kind, and the text. */
static const char *
take_item(struct sk_agg_taken *taken)
{
	struct sk_view text = taken->value.text;

	if ((taken->want & SK_AGG_SCALAR) != 0 &&
	    taken->value.kind == SK_KIND_JSON)
		return "a list or an object where a value is due";
	if ((taken->want & SK_AGG_SHORT) != 0 && text.len > SK_TOPS_ITEM)
		return "a value of over 1024 bytes";
	if ((taken->want & SK_AGG_ITEM) == 0)
		return NULL;
	sk_buf_reset(&taken->item);
	sk_buf_char(&taken->item, (char)taken->value.kind);
	sk_buf_view(&taken->item, text);
	return NULL;
}

/* Whether there is a number; NULL, or why not. */
static const char *
take_number(struct sk_agg_taken *taken, struct sk_view text)
{
	taken->has_number = sk_field_has_number(text);
	if (!taken->has_number ||
	    sk_decimal_parse(&taken->number, text))
		return NULL;
	return "not a number";
}

static const char *
take_any(struct sk_agg_taken *taken, struct sk_view text,
    unsigned char kind)
{
	const char *why = NULL;

	if ((taken->want & SK_AGG_NUMBER) != 0)
		why = take_number(taken, text);
	if (!sk_field_has_value(text))
		text.ptr = NULL;
	taken->value.text = text;
	taken->value.kind = kind;
	if (why == NULL && text.ptr != NULL &&
	    taken->want >= SK_AGG_SCALAR)
		why = take_item(taken);
	return why;
}

const char *
sk_aggs_take(struct sk_aggs *aggs, const struct sk_agg_event *event)
{
	struct sk_agg_taken *taken = aggs->taken;
	const char *why = NULL;
	size_t f;

	aggs->at_ns = event->at_ns;
	for (f = 0; f < aggs->nfields && why == NULL; f++, taken++) {
		struct sk_view text = event->value[f];

		if (taken->want != SK_AGG_NUMBER)
			why = take_any(taken, text, event->kind != NULL ?
			    event->kind[f] : SK_KIND_TEXT);
		else if (SK_LIKELY(text.ptr != NULL &&
		    sk_decimal_parse_short(&taken->number, text)))
			taken->has_number = true;
		else
			why = take_number(taken, text);
	}
	return why;
}
