#include "log/reader.h"
#include "stream/logtime.h"

#define LOOK 64 /* lines that tell whether times say their year */

int
sk_logtime_open(struct sk_logtime *times, const struct sk_shared *shared,
    struct sk_diag *diag)
{
	int err;

	memset(times, 0, sizeof(*times));
	err = sk_eventtime_open(&times->when, shared, diag);
	times->year = times->when.year;
	times->headed = times->when.fields.has_header;
	return err;
}

void
sk_logtime_close(struct sk_logtime *times)
{
	times->when.year.used |= times->year.used;
	sk_eventtime_close(&times->when);
	sk_buf_free(&times->header);
}

/* The header line of the topic. */
static int
take_header(struct sk_logtime *times, struct sk_view line,
    struct sk_diag *diag)
{
	struct sk_fields *fields = &times->when.fields;
	struct sk_diag more;
	int err;

	sk_buf_reset(&times->header);
	sk_buf_view(&times->header, line);
	sk_buf_char(&times->header, '\n');
	times->known = true;
	if (times->when.field.kind != SK_FIELD_PATH)
		return 0;
	err = sk_fields_header(fields, sk_fields_bare(fields, line), &more);
	return err == 0 ? 0 : sk_diag_set(diag, err, "-t: %s", more.text);
}

static bool
is_header(const struct sk_logtime *times, struct sk_view line)
{
	return times->known && line.len + 1 == times->header.len &&
	    memcmp(line.ptr, times->header.ptr, line.len) == 0;
}

/* Of the line at offset 0. */
static int
take_first(struct sk_logtime *times, struct sk_view line, int64_t *ns,
    const char **why, struct sk_diag *diag)
{
	if (times->headed) {
		*why = sk_eventtime_none;
		return times->known ? 0 : take_header(times, line, diag);
	}
	line = sk_fields_bare(&times->when.fields, line);
	sk_eventtime_take(&times->when, &line, 1, ns, why);
	return 0;
}

int
sk_logtime_take(struct sk_logtime *times, const struct sk_view *lines,
    size_t n, uint64_t offset, int64_t *ns, const char **why,
    struct sk_diag *diag)
{
	size_t i = n > 0 && offset == 0;
	int err = 0;

	if (i > 0)
		err = take_first(times, lines[0], ns, why, diag);
	else if (times->headed && !times->known &&
	    times->when.field.kind == SK_FIELD_PATH)
		err = sk_diag_set(diag, SK_EDATA, "-t: %.*s: the header line "
		    "at offset 0 is not there; give the number of the column",
		    (int)times->when.field.text.len,
		    times->when.field.text.ptr);
	if (err != 0)
		return err;
	sk_eventtime_take(&times->when, lines + i, n - i, ns + i, why + i);
	for (; i < n; i++)
		if (why[i] != NULL && is_header(times, lines[i]))
			why[i] = sk_eventtime_none;
	return 0;
}

/* The first lines of a block at the front of the log. */
static int
look_at(struct sk_logtime *times, const struct sk_reader_block *block,
    struct sk_diag *diag)
{
	const char *at = block->bytes, *end = at + block->nbytes, *stop;
	struct sk_view lines[LOOK];
	const char *why[LOOK];
	int64_t ns[LOOK];
	size_t n;
	int err;

	for (n = 0; n < LOOK && at < end; at = stop + 1) {
		stop = memchr(at, '\n', (size_t)(end - at));
		lines[n++] = sk_view(at, (size_t)(stop - at));
	}
	err = sk_logtime_take(times, lines, n, block->first, ns, why, diag);
	times->in_order = times->when.year.used;
	times->year.used |= times->when.year.used;
	times->when.year = times->year;
	times->when.year.used = false;
	return err;
}

int
sk_logtime_begin(struct sk_logtime *times, const char *topic,
    struct sk_diag *diag)
{
	struct sk_reader *reader = NULL;
	struct sk_reader_block block;
	struct sk_diag more;
	int err;

	times->known = false;
	times->in_order = false;
	err = sk_reader_open(&reader, topic, NULL, NULL, NULL);
	if (err == 0 && sk_reader_next(reader, &block) > 0)
		err = look_at(times, &block, &more);
	else
		err = 0;
	sk_reader_close(reader);
	return err == 0 ? 0 :
	    sk_diag_set(diag, err, "%s: %s", topic, more.text);
}
