/*
 * sk-cols: columns of named fields, out of events in any format; and back,
 * events in JSON out of columns.
 *
 * Nothing is kept: memory is that of one batch of lines, whatever the length
 * of the stream.  Records are written by lib/stream/cols, the loop is
 * lib/stream/run.
 */
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "stream/cols.h"
#include "stream/eventtime.h"
#include "stream/fields.h"
#include "stream/run.h"
#include "stream/stop.h"

static struct {
	struct sk_shared shared;
	const char *missing;
} set;

static const struct sk_opt opts[] = {
	{ .kind = SK_OPT_TEXT, .name = "default", .arg = "TEXT",
	    .value = &set.missing,
	    .help = "written where there is no value (null, or nothing)" },
	{ .kind = SK_OPT_END },
};

/*
 * Whether the FIELDs are names for the columns as they come.  They are where
 * columns have no names of their own: no header line, or plain text.
 */
static bool
are_names(const struct sk_cols *cols)
{
	const struct sk_shared *shared = &set.shared;
	size_t f;

	for (f = 0; f < cols->n; f++)
		if (cols->field[f].field.kind != SK_FIELD_PATH)
			return false;
	if (shared->format == SK_FORMAT_DEFAULT)
		return shared->delimiter >= 0 || shared->to == SK_TO_NDJSON;
	if (shared->format == SK_FORMAT_CSV || shared->format == SK_FORMAT_TSV)
		return shared->header == 0;
	return shared->format == SK_FORMAT_RAW;
}

/* Column number f + 1 is the field of that name. */
static void
name_columns(const struct sk_cmd *cmd, struct sk_cols *cols)
{
	struct sk_shared *shared = &set.shared;
	size_t f;

	if (shared->format == SK_FORMAT_DEFAULT) {
		if (shared->header > 0 && shared->to == SK_TO_NDJSON)
			sk_opt_fail(cmd, "--header: NDJSON has none; input "
			    "with a header line is -F tsv or -F csv");
		shared->format = shared->delimiter >= 0
		    ? SK_FORMAT_RAW : SK_FORMAT_TSV;
		if (shared->format == SK_FORMAT_TSV)
			shared->header = 0;
	}
	for (f = 0; f < cols->n; f++) {
		struct sk_field *field = &cols->field[f].field;

		sk_fields_name(field, SK_FORMAT_TSV);
		field->kind = SK_FIELD_COLUMNS;
		field->first = field->last = (uint32_t)f + 1;
	}
	cols->exact = true;
	cols->escaped = shared->format == SK_FORMAT_TSV;
	if (cols->escaped || shared->format == SK_FORMAT_RAW)
		cols->delimiter = shared->delimiter;
	if (cols->escaped && shared->delimiter < 0)
		cols->delimiter = '\t';
}

/* The fields, and the one behind them that must not be there; or the line. */
static struct sk_want *
make_wants(const struct sk_cols *cols, size_t *n)
{
	struct sk_want *want = sk_xcalloc(cols->n + 1, sizeof(*want));
	size_t f;

	*n = cols->delimiter >= 0 ? 0 : cols->n + cols->exact;
	for (f = 0; f < cols->n; f++) {
		want[f].field = cols->field[f].field;
		want[f].any = true;
	}
	want[f].field = sk_field_line();
	want[f].field.kind = SK_FIELD_COLUMNS;
	want[f].field.first = want[f].field.last = (uint32_t)f + 1;
	return want;
}

static struct sk_view *
make_columns(const struct sk_cols *cols)
{
	struct sk_view *column = sk_xcalloc(cols->n + 1, sizeof(*column));
	size_t f;

	for (f = 0; f < cols->n; f++)
		column[f] = cols->field[f].field.name;
	return column;
}

static int
run(const struct sk_cmd *cmd, struct sk_cols *cols, char **inputs)
{
	size_t nwant;
	struct sk_want *want = make_wants(cols, &nwant);
	struct sk_view *column = make_columns(cols);
	const struct sk_run run = { .cmd = cmd, .shared = &set.shared,
		.op = { .self = cols, .want = want,
		    .nwant = nwant, .batch = sk_cols_batch },
		.columns = column, .inputs = inputs };
	int status = sk_stream_run(&run);

	if (sk_cols_year_open(cols))
		sk_eventtime_warn_year();
	free(want);
	free(column);
	return status;
}

int
main(int argc, char **argv)
{
	const struct sk_opt *const tables[] = { opts,
		sk_shared_init(&set.shared, SK_SHARED_FORMAT |
		    SK_SHARED_DELIMITER | SK_SHARED_TO | SK_SHARED_HEADER |
		    SK_SHARED_EXIT_STATUS | SK_SHARED_OUTPUT | SK_SHARED_BAD |
		    SK_SHARED_MAX_LINE | SK_SHARED_NULL | SK_SHARED_PROGRESS |
		    SK_SHARED_QUIET | SK_SHARED_ZONE | SK_SHARED_FRAMES),
		NULL };
	const struct sk_cmd cmd = { "sk-cols",
		"turn events into columns and back",
		"[option ...] FIELD[,FIELD...] [INPUT ...]", tables };
	struct sk_cols cols;
	struct sk_diag diag;
	int status;

	sk_prog_set(cmd.name);
	sk_stop_init();
	if (sk_opt_parse(&cmd, argc, argv) == 0)
		sk_opt_fail(&cmd, "a FIELD is missing");
	sk_shared_apply(&set.shared);
	if (sk_cols_init(&cols, sk_view_str(argv[1]), &set.shared, &diag) != 0)
		sk_opt_fail(&cmd, "%s", diag.text);
	cols.missing = set.missing;
	if (are_names(&cols))
		name_columns(&cmd, &cols);
	if (set.shared.to == SK_TO_DEFAULT &&
	    set.shared.format != SK_FORMAT_CSV)
		set.shared.to = SK_TO_TSV;
	status = run(&cmd, &cols, argv + 2);
	sk_cols_free(&cols);
	sk_stop_exit(status);
}
