#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/base64.h"
#include "base/mem.h"
#include "format/json.h"
#include "format/record.h"
#include "io/file.h"
#include "io/out.h"
#include "io/sys.h"
#include "stream/feed.h"
#include "stream/fields.h"
#include "stream/saved.h"

#define IMAGE_MAX ((size_t)1 << 30)
#define AT_ONCE 16 /* lines that are looked at together */
#define FRONT_MAX 4096 /* blanks after which no image is expected */

/* ---- reading ---- */

struct reading {
	struct sk_input input;
	struct sk_feed feed;
	struct sk_fields fields;
	struct sk_buf bytes; /* of the image at hand */
	struct sk_buf where;
	struct sk_view member; /* of an image, in NDJSON */
	size_t nkeys;
	int (*take)(void *arg, const struct sk_saved_image *image);
	void *arg;
	int err;
};

static int
refuse(const char *where, const char *reason)
{
	sk_error("%s: %s", where, reason);
	return SK_EDATA;
}

static void
on_overlong(void *arg, struct sk_view start, uint64_t number)
{
	struct reading *reading = arg;

	(void)start;
	(void)number;
	reading->err = refuse(reading->input.name,
	    "an image over 1 GiB");
}

/* All bytes of the input are one image. */
static int
take_bytes(struct reading *reading)
{
	struct sk_feed *feed = &reading->feed;
	struct sk_saved_image image = { .where = reading->input.name };
	size_t got = feed->end;

	sk_buf_add(&reading->bytes, feed->buf, feed->end);
	while (reading->input.open && got > 0) {
		sk_buf_reserve(&reading->bytes, feed->cap);
		sk_input_read(&reading->input,
		    reading->bytes.ptr + reading->bytes.len, feed->cap, &got);
		reading->bytes.len += got;
		if (reading->bytes.len > IMAGE_MAX)
			return refuse(image.where,
			    "an image over 1 GiB");
	}
	image.bytes = sk_view(reading->bytes.ptr, reading->bytes.len);
	return reading->take(reading->arg, &image);
}

/* One line of NDJSON; value 0 is the image. */
static int
take_line(struct reading *reading, const struct sk_view *line,
    const struct sk_values *values, size_t i)
{
	const struct sk_view *field[SK_KEY_FIELDS_MAX];
	unsigned char *kind[SK_KEY_FIELDS_MAX];
	struct sk_batch keys = { 1, &line[i], field, kind };
	struct sk_saved_image image = { .keys = &keys };
	const char *why;
	size_t f;

	sk_buf_reset(&reading->where);
	sk_buf_fmt(&reading->where, "%s:%" PRIu64, reading->input.name,
	    sk_feed_number(&reading->feed, line[i]));
	image.where = sk_buf_cstr(&reading->where);
	if (values->why[i] != NULL)
		return refuse(image.where, values->why[i]);
	/* All of it: files that were joined without a newline look right at
	 * both ends. */
	if ((why = sk_json_check(line[i])) != NULL)
		return refuse(image.where, why);
	if (values->value[0][i].ptr == NULL) {
		sk_error("%s: no member %.*s", image.where,
		    (int)reading->member.len, reading->member.ptr);
		return SK_EDATA;
	}
	for (f = 0; f < reading->nkeys; f++) {
		if (values->value[1 + f][i].ptr == NULL)
			return refuse(image.where,
			    "a key is missing");
		field[f] = &values->value[1 + f][i];
		kind[f] = &values->kind[1 + f][i];
	}
	sk_buf_reset(&reading->bytes);
	if (sk_base64_get(&reading->bytes, values->value[0][i]) != 0)
		return refuse(image.where, "the image is no base64");
	image.bytes = sk_view(reading->bytes.ptr, reading->bytes.len);
	return reading->take(reading->arg, &image);
}

static int
take_lines(struct reading *reading)
{
	struct sk_view line[AT_ONCE];
	struct sk_view value[SK_KEY_FIELDS_MAX + 1][AT_ONCE];
	unsigned char kind[SK_KEY_FIELDS_MAX + 1][AT_ONCE];
	struct sk_view *value_at[SK_KEY_FIELDS_MAX + 1];
	unsigned char *kind_at[SK_KEY_FIELDS_MAX + 1];
	const char *why[AT_ONCE];
	const struct sk_values values = { value_at, kind_at, why };
	size_t n, i, f;

	for (f = 0; f <= reading->nkeys; f++) {
		value_at[f] = value[f];
		kind_at[f] = kind[f];
	}
	do {
		while (reading->err == 0 && (n = sk_feed_lines(&reading->feed,
		    line, AT_ONCE)) > 0) {
			memset(why, 0, sizeof(why));
			sk_fields_take(&reading->fields, line, n, &values);
			for (i = 0; i < n && reading->err == 0; i++)
				reading->err = take_line(reading, line,
				    &values, i);
		}
	} while (reading->err == 0 && reading->input.open &&
	    sk_feed_fill(&reading->feed) > 0);
	return reading->err;
}

/* The blanks, and the byte order mark, that stand in front of lines. */
static size_t
in_front(const struct sk_feed *feed)
{
	static const char mark[] = "\xef\xbb\xbf";
	size_t mark_len = sizeof(mark) - 1, at = 0;

	if (feed->end >= mark_len && memcmp(feed->buf, mark, mark_len) == 0)
		at = mark_len;
	while (at < feed->end && sk_json_is_blank(feed->buf[at]))
		at++;
	return at;
}

/* An image begins with a small number, NDJSON with a brace, if any.  A newline
 * is such a number, too, but no image has a brace or its end behind it. */
static int
take_input(struct reading *reading)
{
	struct sk_feed *feed = &reading->feed;
	size_t at;

	while (sk_feed_fill(feed) > 0 && in_front(feed) == feed->end &&
	    feed->end < FRONT_MAX && reading->input.open)
		continue;
	if (reading->input.status != 0)
		return SK_ESYS;
	if (feed->end == 0)
		return refuse(reading->input.name,
		    "empty: no saved sketch");
	at = in_front(feed);
	if (at < feed->end && feed->buf[at] != '{')
		return take_bytes(reading);
	if (feed->buf[0] == '\xef')
		feed->start = 3;
	return take_lines(reading);
}

int
sk_saved_each(const char *input, const struct sk_field *image,
    const struct sk_field *keys, size_t nkeys,
    int (*take)(void *arg, const struct sk_saved_image *image), void *arg)
{
	struct sk_field field[SK_KEY_FIELDS_MAX + 1];
	char *names[] = { (char *)(uintptr_t)input, NULL };
	struct reading reading = { .take = take, .arg = arg, .nkeys = nkeys,
		.member = image->text };
	struct sk_shared shared;
	struct sk_diag diag;
	int err;

	sk_shared_init(&shared, 0);
	shared.format = SK_FORMAT_NDJSON;
	field[0] = *image;
	if (nkeys > 0)
		memcpy(field + 1, keys, nkeys * sizeof(*keys));
	sk_input_init(&reading.input, names);
	sk_feed_init(&reading.feed, &reading.input, '\n', IMAGE_MAX);
	reading.feed.overlong = on_overlong;
	reading.feed.arg = &reading;
	err = sk_fields_init(&reading.fields, &shared, field, 1 + nkeys,
	    &diag);
	if (err != 0)
		sk_error("%s", diag.text);
	else
		err = take_input(&reading);
	if (err == 0 && reading.input.status != 0)
		err = SK_ESYS;
	sk_fields_free(&reading.fields);
	sk_feed_free(&reading.feed);
	sk_input_close(&reading.input);
	sk_buf_free(&reading.bytes);
	sk_buf_free(&reading.where);
	return err;
}

static int
fold(void *arg, const struct sk_saved_image *image)
{
	const struct sk_saved *saved = arg;
	struct sk_group *group = saved->group;
	struct sk_batch keys = { 0 };
	struct sk_diag diag = { "" };
	void *state;
	int err = SK_EDATA;

	if (group->key.nfields > 0 && image->keys == NULL) {
		sk_error("%s: an image without keys", image->where);
		return SK_EDATA;
	}
	if (image->keys != NULL) {
		keys = *image->keys;
		if (!saved->typed)
			keys.kind = NULL;
	}
	state = sk_group_keyed(group, &keys, 0, 0);
	if (state == NULL)
		sk_diag_set(&diag, err, "too many keys");
	else
		err = saved->fold(saved->arg, state, image->bytes, &diag);
	if (err != 0)
		sk_error("%s: %s", image->where, diag.text);
	return err;
}

int
sk_saved_load(const struct sk_saved *saved, const char *input,
    const struct sk_field *image, const struct sk_field *keys)
{
	return sk_saved_each(input, image, keys, saved->group->key.nfields,
	    fold, (void *)(uintptr_t)saved);
}

void
sk_saved_keys(const struct sk_group *group, const struct sk_want *want,
    struct sk_field *keys, struct sk_buf *paths)
{
	size_t at[SK_KEY_FIELDS_MAX + 1], f, i;
	struct sk_view name;

	for (f = 0; f < group->key.nfields; f++) {
		name = want[group->key.first + f].field.name;
		at[f] = paths->len;
		sk_buf_char(paths, '/');
		for (i = 0; i < name.len; i++)
			if (name.ptr[i] == '~' || name.ptr[i] == '/')
				sk_buf_str(paths,
				    name.ptr[i] == '~' ? "~0" : "~1");
			else
				sk_buf_char(paths, name.ptr[i]);
	}
	at[f] = paths->len;
	for (f = 0; f < group->key.nfields; f++) {
		keys[f].kind = SK_FIELD_PATH;
		keys[f].text = sk_view(paths->ptr + at[f], at[f + 1] - at[f]);
		keys[f].name = want[group->key.first + f].field.name;
	}
}

int
sk_saved_restore(const struct sk_saved *saved,
    const struct sk_shared *shared, const struct sk_field *image,
    const struct sk_field *keys)
{
	struct stat st;
	size_t i;
	int err = 0;

	for (i = 0; i < shared->load.n && err == 0; i++)
		err = sk_saved_load(saved, shared->load.item[i], image, keys);
	if (err == 0 && shared->state != NULL &&
	    (sk_sys_stat(shared->state, &st) == 0 || errno != ENOENT))
		err = sk_saved_load(saved, shared->state, image, keys);
	return err;
}

int
sk_saved_merge(const struct sk_saved *saved, const char *const *inputs,
    const struct sk_field *image, const struct sk_field *keys, int *status)
{
	int err = 0;

	for (*status = 0; *inputs != NULL && err == 0; inputs++) {
		err = sk_saved_load(saved, *inputs, image, keys);
		if (err == SK_ESYS) {
			*status = err;
			err = 0;
		}
	}
	return err;
}

/* ---- writing ---- */

/* Whether the key of a line was not UTF-8, so that its text is another. */
static bool
is_changed(const struct sk_group *group, uint32_t number, struct sk_view line)
{
	static const char other[] = "\xef\xbf\xbd"; /* U+FFFD */
	struct sk_view key = sk_keys_get(&group->keys, number);

	return memmem(line.ptr, line.len, other, sizeof(other) - 1) != NULL &&
	    memmem(key.ptr, key.len, other, sizeof(other) - 1) == NULL;
}

/* One line for each key; without keys an empty one, to tell the file from one
 * that was cut to nothing. */
static int
put_lines(const struct sk_saved *saved, struct sk_out *out,
    const struct sk_field *keys)
{
	uint32_t *order = sk_group_sorted(saved->group), i;
	struct sk_buf bytes = { 0 }, text = { 0 };
	struct sk_record record;
	size_t start, f;
	uint32_t changed = 0;
	int err = 0;

	sk_record_init(&record, SK_RECORD_NDJSON);
	for (f = 0; f < saved->group->key.nfields; f++)
		sk_record_column(&record, keys[f].name);
	sk_record_column(&record, sk_view_str(saved->member));
	for (i = 0; i < saved->group->n && err == 0; i++) {
		sk_buf_reset(&bytes);
		sk_buf_reset(&text);
		saved->image(saved->arg, sk_group_get(saved->group, order[i]),
		    &bytes);
		sk_base64_put(&text, sk_view(bytes.ptr, bytes.len));
		start = out->buf.len;
		sk_record_begin(&record, &out->buf);
		sk_group_put(saved->group, order[i], &record);
		changed += is_changed(saved->group, order[i],
		    sk_view(out->buf.ptr + start, out->buf.len - start));
		sk_record_text(&record, sk_view(text.ptr, text.len));
		sk_record_end(&record);
		err = sk_out_spill(out);
	}
	if (saved->group->n == 0)
		sk_buf_char(&out->buf, '\n');
	if (changed > 0)
		sk_warn("%" PRIu32 " keys are not UTF-8; they are saved with "
		    "U+FFFD for what is not, and those that are equal then "
		    "become one", changed);
	sk_record_free(&record);
	sk_buf_free(&bytes);
	sk_buf_free(&text);
	free(order);
	return err;
}

/* The states, to a descriptor, which is closed. */
static int
write_states(const struct sk_saved *saved, int fd,
    const struct sk_field *keys, bool sync)
{
	struct sk_out out;
	int err;

	sk_out_init(&out, fd);
	if (saved->group->key.nfields == 0)
		saved->image(saved->arg, sk_group_get(saved->group, 0),
		    &out.buf);
	else
		put_lines(saved, &out, keys);
	err = sk_out_flush(&out);
	if (err == 0 && sync && sk_sys_fsync(fd) != 0)
		err = SK_ESYS;
	return sk_out_close(&out) != 0 ? SK_ESYS : err;
}

int
sk_saved_write(const struct sk_saved *saved, const char *path,
    const struct sk_field *keys)
{
	bool device = sk_file_is_device(path);
	char *tmp = NULL;
	int fd = device ? sk_sys_open(path, O_WRONLY, 0) :
	    sk_file_tmp(path, &tmp);
	int err = fd < 0 ? SK_ESYS : write_states(saved, fd, keys, !device);

	if (err == 0 && !device)
		err = sk_file_rename(tmp, path);
	if (err != 0) {
		sk_error_sys("%s", path);
		if (!device && fd >= 0)
			sk_sys_unlink(tmp);
	}
	free(tmp);
	return err;
}

int
sk_saved_save(const struct sk_saved *saved, const struct sk_shared *shared,
    const struct sk_field *keys)
{
	int err = 0;

	if (shared->save != NULL)
		err = sk_saved_write(saved, shared->save, keys);
	if (err == 0 && shared->state != NULL)
		err = sk_saved_write(saved, shared->state, keys);
	return err;
}
