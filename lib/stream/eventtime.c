#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/image.h"
#include "base/mem.h"
#include "stream/eventtime.h"
#include "stream/op.h"

#define SECOND INT64_C(1000000000)

const char sk_eventtime_none[] = "no event";

static int
init_zone(struct sk_eventtime *when, const struct sk_shared *shared,
    struct sk_diag *diag)
{
	struct sk_diag more;

	if (shared->tz == NULL || sk_zone_init(&when->zone,
	    sk_view_str(shared->tz), &more) == 0)
		return 0;
	return sk_diag_set(diag, SK_EUSAGE, "--tz: %s", more.text);
}

int
sk_eventtime_init(struct sk_eventtime *when, const struct sk_shared *shared,
    struct sk_diag *diag)
{
	struct sk_view text, format;
	struct sk_diag more;
	int err;

	memset(when, 0, sizeof(*when));
	sk_time_split(sk_view_str(shared->time), &text, &format);
	err = sk_field_parse(text, &when->field, &more);
	if (err == 0)
		err = sk_time_init(&when->time, format, &more);
	if (err != 0)
		return sk_diag_set(diag, err, "-t: %s", more.text);
	sk_fields_name(&when->field, shared->format);
	when->year.year = (int32_t)shared->year;
	err = init_zone(when, shared, diag);
	when->time.zone = &when->zone;
	when->time.use_year = &when->year;
	return err;
}

bool
sk_eventtime_want(struct sk_eventtime *when, const struct sk_cmd *cmd,
    const struct sk_shared *shared, struct sk_want *want, size_t *nwant)
{
	struct sk_diag diag;

	if (shared->time == NULL)
		return false;
	if (sk_eventtime_init(when, shared, &diag) != 0)
		sk_opt_fail(cmd, "%s", diag.text);
	want[(*nwant)++].field = when->field;
	return true;
}

int
sk_eventtime_open(struct sk_eventtime *when, const struct sk_shared *shared,
    struct sk_diag *diag)
{
	struct sk_diag more;
	int err = sk_eventtime_init(when, shared, diag);

	if (err != 0)
		return err;
	when->value = sk_xalloc(SK_EVENTTIME_BATCH, sizeof(*when->value));
	when->kind = sk_xalloc(SK_EVENTTIME_BATCH, sizeof(*when->kind));
	memset(when->kind, SK_KIND_TEXT, SK_EVENTTIME_BATCH);
	err = sk_fields_init(&when->fields, shared, &when->field, 1, &more);
	if (err != 0)
		sk_diag_set(diag, err, "-t: %s", more.text);
	return err;
}

void
sk_eventtime_free(struct sk_eventtime *when)
{
	sk_fields_free(&when->fields);
	sk_zone_free(&when->zone);
	free(when->value);
	free(when->kind);
}

void
sk_eventtime_save(const struct sk_eventtime *when, struct sk_buf *buf)
{
	sk_image_put(buf, (uint64_t)when->time.seen);
	sk_image_put(buf, (uint64_t)when->year.now);
	sk_image_put(buf, (uint64_t)when->year.month);
}

bool
sk_eventtime_load(struct sk_eventtime *when, struct sk_view *bytes)
{
	uint64_t seen, year, month;

	if (!sk_image_take(bytes, &seen) || !sk_image_take(bytes, &year) ||
	    !sk_image_take(bytes, &month) || seen > SK_TIME_PATTERN ||
	    year > 9999 || month > 12)
		return false;
	when->time.seen = (enum sk_time_form)seen;
	when->year.now = (int32_t)year;
	when->year.month = (int32_t)month;
	return true;
}

const char *
sk_eventtime_parse(struct sk_eventtime *when, struct sk_view value,
    int64_t *ns)
{
	int err;

	if (value.len == when->len && value.len > 1 &&
	    sk_bytes_equal(value.ptr, when->text, value.len)) {
		*ns = when->ns;
		return NULL;
	}
	if (!sk_field_has_number(value))
		return "no time";
	err = sk_time_parse(&when->time, value, ns);
	if (err != 0)
		return sk_time_why(&when->time, value, err);
	when->len = 0;
	if (value.len <= sizeof(when->text)) {
		memcpy(when->text, value.ptr, value.len);
		when->len = value.len;
		when->ns = *ns;
	}
	return NULL;
}

int64_t
sk_eventtime_local(struct sk_eventtime *when, int64_t ns)
{
	int64_t s = ns / SECOND - (ns % SECOND < 0), local_ns;

	return __builtin_add_overflow(ns, sk_zone_offset(&when->zone, s) *
	    SECOND, &local_ns) ? ns : local_ns;
}

void
sk_eventtime_put(struct sk_eventtime *when, int64_t ns,
    struct sk_record *record)
{
	enum sk_time_form seen = when->time.seen;
	struct sk_buf buf = { 0 };

	sk_time_put_as(&buf, ns, seen, when->time.zone);
	if (seen == SK_TIME_S || seen == SK_TIME_MS || seen == SK_TIME_US ||
	    seen == SK_TIME_NS)
		sk_record_json(record, sk_view(buf.ptr, buf.len));
	else
		sk_record_text(record, sk_view(buf.ptr, buf.len));
	sk_buf_free(&buf);
}

/* Records that are not empty. */
static size_t
take_run(struct sk_eventtime *when, const struct sk_view *records, size_t n,
    int64_t *ns, const char **why)
{
	const struct sk_values out = { &when->value, &when->kind, why };
	size_t nbad = 0, i;

	memset(why, 0, n * sizeof(*why));
	sk_fields_take(&when->fields, records, n, &out);
	for (i = 0; i < n; i++) {
		if (why[i] == NULL)
			why[i] = sk_eventtime_parse(when, when->value[i],
			    &ns[i]);
		nbad += why[i] != NULL;
	}
	return nbad;
}

static bool
is_event(const struct sk_eventtime *when, struct sk_view record)
{
	return record.len > 1 || (record.len == 1 &&
	    sk_fields_events(&when->fields, &record, 1) == 1);
}

size_t
sk_eventtime_take(struct sk_eventtime *when, const struct sk_view *records,
    size_t n, int64_t *ns, const char **why)
{
	size_t nbad = 0, from, to;

	sk_assert(n <= SK_EVENTTIME_BATCH);
	for (from = 0; from < n; from = to) {
		for (to = from; to < n && is_event(when, records[to]); to++)
			;
		nbad += take_run(when, records + from, to - from, ns + from,
		    why + from);
		for (; to < n && !is_event(when, records[to]); to++, nbad++)
			why[to] = sk_eventtime_none;
	}
	return nbad;
}

void
sk_eventtime_warn_year(void)
{
	sk_warn("times without a year are taken to be of the last twelve "
	    "months: not replayable; --year says which");
}

void
sk_eventtime_close(struct sk_eventtime *when)
{
	if (when->year.used && when->year.year == 0)
		sk_eventtime_warn_year();
	sk_eventtime_free(when);
}
