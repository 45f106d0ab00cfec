#include <inttypes.h>

#include "base/num.h"
#include "log/show.h"
#include "time/time.h"

const char *const sk_show_row_columns[] = { "topic", "partition", "first",
	"next", "lines", "bytes", "raw_bytes", "from", "to", "state", "file",
	NULL };
const char *const sk_show_finding_columns[] = { "topic", "verdict",
	"partition", "file", "first", "next", "reason", NULL };

static void
put_time(struct sk_record *record, int64_t ns)
{
	struct sk_buf text = { 0 };

	if (ns != SK_NO_TIME)
		sk_time_put(&text, ns);
	sk_record_text(record, sk_view(text.ptr, text.len));
	sk_buf_free(&text);
}

void
sk_show_row(struct sk_record *record, const char *topic,
    const struct sk_log_row *row)
{
	if (topic != NULL)
		sk_record_text(record, sk_view_str(topic));
	sk_record_u64(record, row->partition);
	sk_record_u64(record, row->first);
	sk_record_u64(record, row->next);
	sk_record_u64(record, row->lines);
	sk_record_u64(record, row->nbytes);
	sk_record_u64(record, row->raw_nbytes);
	put_time(record, row->from_ns);
	put_time(record, row->to_ns);
	sk_record_text(record, sk_view_str(sk_log_state_name(row->state)));
	sk_record_text(record, sk_view_str(row->file));
}

void
sk_show_finding(struct sk_record *record, const char *topic,
    const struct sk_log_finding *finding)
{
	struct sk_view reason = sk_view_str(finding->reason);

	if (topic != NULL)
		sk_record_text(record, sk_view_str(topic));
	sk_record_text(record,
	    sk_view_str(sk_log_verdict_name(finding->verdict)));
	sk_record_u64(record, finding->partition);
	sk_record_text(record, sk_view_str(finding->file));
	sk_record_u64(record, finding->first);
	sk_record_u64(record, finding->next);
	sk_record_text(record, reason.len > 0 ? reason : sk_view(NULL, 0));
}

/* Seconds are enough for eyes. */
static void
time_cell(struct sk_grid *grid, int64_t ns)
{
	struct sk_buf text = { 0 };

	if (ns == SK_NO_TIME)
		sk_buf_str(&text, "-");
	else
		sk_time_put(&text, ns - ns % 1000000000);
	sk_grid_cell(grid, "%s", sk_buf_cstr(&text));
	sk_buf_free(&text);
}

void
sk_show_table(struct sk_grid *grid, bool with_topic)
{
	static const char *const names[] = { "topic", "partition", "first",
		"next", "lines", "size", "ratio", "from", "to", "state" };
	size_t n = sizeof(names) / sizeof(names[0]);
	size_t i = with_topic ? 0 : 1;

	sk_grid_init(grid, n - i, 0x7e >> i); /* partition to ratio: right */
	for (; i < n; i++)
		sk_grid_cell(grid, "%s", names[i]);
}

void
sk_show_table_row(struct sk_grid *grid, const char *topic,
    const struct sk_log_row *row)
{
	struct sk_buf size = { 0 };

	sk_num_put_size(&size, row->nbytes);
	if (topic != NULL)
		sk_grid_cell(grid, "%s", topic);
	sk_grid_cell(grid, "%" PRIu32, row->partition);
	sk_grid_cell(grid, "%" PRIu64, row->first);
	sk_grid_cell(grid, "%" PRIu64, row->next);
	sk_grid_cell(grid, "%" PRIu64, row->lines);
	sk_grid_cell(grid, "%s", sk_buf_cstr(&size));
	if (row->lines > 0)
		sk_grid_cell(grid, "%.1f",
		    (double)row->raw_nbytes / (double)row->nbytes);
	else
		sk_grid_cell(grid, "-");
	time_cell(grid, row->from_ns);
	time_cell(grid, row->to_ns);
	sk_grid_cell(grid, "%s", sk_log_state_name(row->state));
	sk_buf_free(&size);
}
