#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/num.h"
#include "io/file.h"
#include "io/sys.h"
#include "log/cursor.h"

#define CURSOR_MAX 65536 /* bytes: room for a person's comments */

enum key { UUID, PARTITION, NEXT, RECORD, INCARNATION, TOPIC, NKEYS };

static const char *const names[NKEYS] = {
	"uuid", "partition", "next", "record", "incarnation", "topic"
};

static int
parse_uuid(struct sk_view text, unsigned char *uuid)
{
	uint64_t half[2];
	int i;

	if (text.len != 32 ||
	    sk_num_hex64(sk_view(text.ptr, 16), &half[0]) != 0 ||
	    sk_num_hex64(sk_view(text.ptr + 16, 16), &half[1]) != 0)
		return SK_EUSAGE;
	for (i = 0; i < 16; i++)
		uuid[i] = (unsigned char)(half[i / 8] >> (56 - i % 8 * 8));
	return 0;
}

static int
parse_value(enum key key, struct sk_view text, struct sk_cursor *cursor)
{
	uint64_t number = 0;
	int err;

	switch (key) {
	case UUID:
		return parse_uuid(text, cursor->uuid);
	case PARTITION:
		err = sk_num_u64(text, &number);
		if (err == 0 && number > UINT32_MAX)
			return SK_EUSAGE;
		cursor->partition = (uint32_t)number;
		return err;
	case NEXT:
		return sk_num_u64(text, &cursor->next);
	case RECORD:
		return sk_num_u64(text, &cursor->record);
	case INCARNATION:
		return sk_num_hex64(text, &cursor->incarnation);
	case TOPIC:
	case NKEYS:
		break;
	}
	return 0;
}

/* One line, without its newline; `seen` gathers the keys. */
static int
parse_line(struct sk_view line, struct sk_cursor *cursor, unsigned *seen,
    const char **why)
{
	const char *equal;
	struct sk_view name;
	int key;

	if (line.len > 0 && line.ptr[line.len - 1] == '\r')
		line.len--;
	if (line.len == 0 || line.ptr[0] == '#')
		return 0;
	equal = memchr(line.ptr, '=', line.len);
	*why = "not a line of the form key=value";
	if (equal == NULL)
		return SK_EDATA;
	name = sk_view(line.ptr, (size_t)(equal - line.ptr));
	for (key = 0; key < NKEYS; key++)
		if (sk_view_equal(name, sk_view_str(names[key])))
			break;
	*why = "not a key of a saved position";
	if (key == NKEYS)
		return SK_EDATA;
	*why = "wrong value";
	*seen |= 1u << key;
	return parse_value((enum key)key, sk_view(equal + 1, line.len -
	    name.len - 1), cursor) != 0 ? SK_EDATA : 0;
}

static int
parse(struct sk_view text, const char *path, struct sk_cursor *cursor,
    struct sk_diag *diag)
{
	const unsigned must = 1u << UUID | 1u << PARTITION | 1u << NEXT;
	const unsigned pair = 1u << RECORD | 1u << INCARNATION;
	struct sk_cursor got = { 0 };
	const char *why = "", *end;
	unsigned seen = 0, number = 0;
	struct sk_view line;

	while (text.len > 0) {
		end = memchr(text.ptr, '\n', text.len);
		line = sk_view(text.ptr, end == NULL ? text.len :
		    (size_t)(end - text.ptr));
		number++;
		if (parse_line(line, &got, &seen, &why) != 0)
			return sk_diag_set(diag, SK_EDATA, "%s:%u: %s", path,
			    number, why);
		if (end == NULL)
			break;
		text.ptr += line.len + 1;
		text.len -= line.len + 1;
	}
	if ((seen & must) != must ||
	    ((seen & pair) != 0 && (seen & pair) != pair))
		return sk_diag_set(diag, SK_EDATA, "%s: not a whole position: "
		    "needs uuid=, partition=, next=, and record= with "
		    "incarnation= or neither", path);
	got.has_record = (seen & pair) != 0;
	*cursor = got;
	return 1;
}

int
sk_cursor_load(const char *path, struct sk_cursor *cursor,
    struct sk_diag *diag)
{
	struct sk_buf text = { 0 };
	int err = sk_file_load(path, CURSOR_MAX, &text);

	if (err != 0 && errno == ENOENT)
		err = 0;
	else if (err != 0)
		err = sk_diag_sys(diag, "%s", path);
	else
		err = parse(sk_view(text.ptr, text.len), path, cursor, diag);
	sk_buf_free(&text);
	return err;
}

int
sk_cursor_save(const char *path, const struct sk_cursor *cursor,
    const char *topic, struct sk_diag *diag)
{
	struct sk_buf text = { 0 };
	int i, err;

	sk_buf_str(&text,
	    "# sk-replay --cursor; next= may be changed by hand\n");
	/* A newline in a name would begin a line of its own. */
	if (strchr(topic, '\n') == NULL)
		sk_buf_fmt(&text, "topic=%s\n", topic);
	sk_buf_str(&text, "uuid=");
	for (i = 0; i < 16; i++)
		sk_buf_fmt(&text, "%02x", cursor->uuid[i]);
	sk_buf_fmt(&text, "\npartition=%" PRIu32 "\nnext=%" PRIu64 "\n",
	    cursor->partition, cursor->next);
	if (cursor->has_record)
		sk_buf_fmt(&text, "record=%" PRIu64 "\nincarnation=%016" PRIx64
		    "\n", cursor->record, cursor->incarnation);
	err = sk_file_replace(path, text.ptr, text.len);
	if (err != 0)
		err = sk_diag_sys(diag, "%s", path);
	sk_buf_free(&text);
	return err;
}

/* ---- against the log ---- */

static int
rewritten(const struct sk_cursor *cursor, const char *path, const char *topic,
    struct sk_diag *diag)
{
	return sk_diag_set(diag, SK_EDATA, "%s: the log was rewritten "
	    "behind position %" PRIu64 " of %s", topic, cursor->next, path);
}

/* Is the record still the one that was read? */
static int
check_record(const struct sk_cursor *cursor, const char *path,
    struct sk_reader *reader, const char *topic, struct sk_diag *diag)
{
	uint64_t incarnation;
	int got;

	if (!cursor->has_record || cursor->record < sk_reader_start(reader))
		return 0;
	got = sk_reader_incarnation(reader, cursor->record, &incarnation);
	if (got < 0)
		return got;
	return got == 1 && incarnation == cursor->incarnation ? 0 :
	    rewritten(cursor, path, topic, diag);
}

int
sk_cursor_check(const struct sk_cursor *cursor, const char *path,
    struct sk_reader *reader, const char *topic, struct sk_diag *diag)
{
	uint64_t end;
	int err;

	if (memcmp(cursor->uuid, sk_reader_uuid(reader),
	    sizeof(cursor->uuid)) != 0)
		return sk_diag_set(diag, SK_EDATA, "%s: not the log "
		    "that %s is a position of", topic, path);
	if (cursor->partition != 0)
		return sk_diag_set(diag, SK_EDATA, "%s: %s has no "
		    "partition %" PRIu32, path, topic, cursor->partition);
	err = check_record(cursor, path, reader, topic, diag);
	if (err != 0)
		return err;
	/* Where next= was not edited the record has said it. */
	if (cursor->has_record && cursor->next == cursor->record + 1)
		return 0;
	err = sk_reader_end(reader, &end);
	if (err != 0 || cursor->next <= end)
		return err;
	return sk_diag_set(diag, SK_EDATA, "%s: the log ends at offset "
	    "%" PRIu64 ", before position %" PRIu64 " of %s", topic, end,
	    cursor->next, path);
}

int
sk_cursor_lock(const char *path, int *fd, struct sk_diag *diag)
{
	char *lock = sk_xasprintf("%s.lock", path);
	int err = 0;

	*fd = sk_sys_open(lock, O_RDWR | O_CREAT, 0666);
	if (*fd < 0)
		err = sk_diag_sys(diag, "%s", lock);
	else if (sk_sys_lock(*fd, true) != 0) {
		if (errno == EAGAIN || errno == EACCES)
			err = sk_diag_set(diag, SK_EBUSY,
			    "%s: in use by another sk-replay", path);
		else
			err = sk_diag_sys(diag, "%s", lock);
		sk_sys_close(*fd);
		*fd = -1;
	}
	free(lock);
	return err;
}
