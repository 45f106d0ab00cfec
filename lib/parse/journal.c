/*
 * The journal of systemd, as `journalctl -o json` and `-o export` write it;
 * which of the two a record is, its first byte says.
 *
 *	time      __REALTIME_TIMESTAMP, when the journal got it; it must be
 *	          there
 *	host      _HOSTNAME
 *	app       SYSLOG_IDENTIFIER, else _COMM
 *	pid       _PID, else SYSLOG_PID
 *	facility  SYSLOG_FACILITY, by its name
 *	severity  PRIORITY, by its name
 *	unit      _SYSTEMD_UNIT
 *	message   MESSAGE, also where it is bytes: a list of numbers in JSON,
 *	          with its length in front in export
 *
 * A message that comes several times is a list in JSON; in export its first
 * one counts.
 *
 * A record of export is lines KEY=VALUE, or KEY, a newline, the length in 64
 * bits with the lowest byte first, so many bytes and a newline; an empty line
 * ends it.  A record ends at a line that is neither as well, and is bad then.
 * Lengths are believed, up to the end of the input and to --max-line: a field
 * that would go on behind makes its record bad, and reading goes on behind the
 * key, or the first line.
 *
 * Source: systemd, Journal Export Formats; systemd.journal-fields(7).
 */
#include <stdlib.h>

#include "base/mem.h"
#include "base/num.h"
#include "format/lines.h"
#include "format/ndjson.h"
#include "parse/formats.h"
#include "parse/syslog.h"
#include "parse/take.h"

#define LENGTH_BYTES 8

enum { FIELD_TIME, FIELD_HOST, FIELD_IDENTIFIER, FIELD_COMM, FIELD_PID,
	FIELD_SYSLOG_PID, FIELD_FACILITY, FIELD_PRIORITY, FIELD_UNIT,
	FIELD_MESSAGE, NFIELDS };

static const char *const fields[] = {
	[FIELD_TIME] = "__REALTIME_TIMESTAMP", [FIELD_HOST] = "_HOSTNAME",
	[FIELD_IDENTIFIER] = "SYSLOG_IDENTIFIER", [FIELD_COMM] = "_COMM",
	[FIELD_PID] = "_PID", [FIELD_SYSLOG_PID] = "SYSLOG_PID",
	[FIELD_FACILITY] = "SYSLOG_FACILITY", [FIELD_PRIORITY] = "PRIORITY",
	[FIELD_UNIT] = "_SYSTEMD_UNIT", [FIELD_MESSAGE] = "MESSAGE",
};

struct journal {
	char sep;
	struct sk_ndjson *ndjson;
	struct sk_path path[NFIELDS];
	/* The fields of one record; those of a reader of JSON point here. */
	struct sk_view text[NFIELDS];
	unsigned char kind[NFIELDS];
	struct sk_view *texts[NFIELDS];
	unsigned char *kinds[NFIELDS];
};

/* ---- export ---- */

/* What stands in front of the `=` or, without one, of the newline: a key is
 * capitals, digits and underscores. */
static bool
take_key(struct sk_take *take, struct sk_view *key)
{
	const char *at = take->at;

	while (at < take->end && (sk_take_is_digit(*at) || *at == '_' ||
	    (*at >= 'A' && *at <= 'Z')))
		at++;
	if (at == take->at || at == take->end)
		return false;
	*key = sk_view(take->at, (size_t)(at - take->at));
	take->at = at;
	return true;
}

enum got { GOT_FIELD, GOT_END, GOT_PART, GOT_OTHER };

/* A field with its newline.  GOT_END is the empty line, and GOT_PART a field
 * that goes on behind what is there; both take nothing. */
static enum got
take_field(struct sk_take *take, struct sk_view *key, struct sk_view *value)
{
	struct sk_take scan = *take;
	uint64_t len;

	if (scan.at == scan.end)
		return GOT_PART;
	if (*scan.at == '\n')
		return GOT_END;
	if (!take_key(&scan, key))
		return memchr(scan.at, '\n', sk_take_left(&scan)) == NULL ?
		    GOT_PART : GOT_OTHER;
	if (sk_take_char(&scan, '=')) {
		if (!sk_take_until(&scan, '\n', value))
			return GOT_PART;
	} else if (!sk_take_char(&scan, '\n')) {
		return memchr(scan.at, '\n', sk_take_left(&scan)) == NULL ?
		    GOT_PART : GOT_OTHER;
	} else {
		if (sk_take_left(&scan) < LENGTH_BYTES)
			return GOT_PART;
		len = sk_get64(scan.at);
		scan.at += LENGTH_BYTES;
		if (len >= sk_take_left(&scan))
			return GOT_PART;
		*value = sk_view(scan.at, (size_t)len);
		scan.at += len;
		if (!sk_take_char(&scan, '\n'))
			return GOT_OTHER;
	}
	*take = scan;
	return GOT_FIELD;
}

/* One record at the front of what is there, with its last newline, while the
 * empty line is only taken; false if it goes on behind. */
static bool
take_record(struct sk_take *take, bool ended, struct sk_view *record)
{
	struct sk_take scan = *take;
	struct sk_view key, value;
	enum got got;

	while ((got = take_field(&scan, &key, &value)) == GOT_FIELD)
		;
	if (got == GOT_PART && !ended)
		return false;
	if (got == GOT_END) {
		*record = sk_view(take->at, (size_t)(scan.at - take->at));
		scan.at++;
	} else if (scan.at == scan.end) {
		*record = sk_view(take->at, sk_take_left(take));
	} else {
		/* With the line that is no field, so that it is bad; of a
		 * field whose length leads behind the end that is its key. */
		if (!sk_take_until(&scan, '\n', &value))
			scan.at = scan.end;
		*record = sk_view(take->at, (size_t)(scan.at - 1 - take->at));
	}
	*take = scan;
	return true;
}

/* ---- the cutter ---- */

static bool
take_any(struct sk_take *take, char sep, bool ended, struct sk_view *record)
{
	if (*take->at == '{')
		return sk_take_until(take, sep, record);
	return take_record(take, ended, record);
}

static struct sk_lines
cut_records(void *self, const char *bytes, size_t len, bool ended,
    struct sk_view *out, size_t cap)
{
	struct sk_take take = sk_take(sk_view(bytes, len));
	const struct journal *journal = self;
	struct sk_lines lines = { 0 };

	while (lines.n < cap && take.at < take.end) {
		if (*take.at == '\n' || *take.at == journal->sep) {
			take.at++;
		} else if (take_any(&take, journal->sep, ended,
		    &out[lines.n])) {
			lines.n++;
		} else {
			break;
		}
	}
	lines.used = (size_t)(take.at - bytes);
	lines.nseps = sk_lines_count(bytes, lines.used, journal->sep);
	return lines;
}

/* ---- records ---- */

static const char *
read_json(struct journal *journal, struct sk_view line)
{
	const char *why = NULL;
	struct sk_values values = { journal->texts, journal->kinds, &why };

	sk_ndjson_take(journal->ndjson, &line, 1, &values);
	return why;
}

static const char *
read_export(struct journal *journal, struct sk_view line)
{
	struct sk_take take = sk_take(line);
	struct sk_view key, value;
	size_t i;

	for (i = 0; i < NFIELDS; i++)
		journal->kind[i] = SK_KIND_NONE;
	while (take.at < take.end) {
		if (take_field(&take, &key, &value) != GOT_FIELD)
			return "not a field of the journal";
		for (i = 0; i < NFIELDS; i++)
			if (journal->kind[i] == SK_KIND_NONE &&
			    sk_view_equal(key, sk_view_str(fields[i]))) {
				journal->text[i] = value;
				journal->kind[i] = SK_KIND_TEXT;
			}
	}
	return NULL;
}

static struct sk_view
text_of(const struct journal *journal, size_t field)
{
	return journal->kind[field] == SK_KIND_TEXT ||
	    journal->kind[field] == SK_KIND_NUMBER ? journal->text[field] :
	    sk_view(NULL, 0);
}

static const char *
find_time(const struct journal *journal, int64_t *ns)
{
	struct sk_view text = text_of(journal, FIELD_TIME);
	int64_t us;

	if (text.ptr == NULL)
		return "no __REALTIME_TIMESTAMP";
	if (sk_num_i64(text, &us) != 0)
		return "__REALTIME_TIMESTAMP is not a number";
	if (__builtin_mul_overflow(us, INT64_C(1000), ns))
		return "a time beyond 1677-09-21 to 2262-04-11";
	return NULL;
}

/* The bytes of [72,101,...]; false if it is another list. */
static bool
find_bytes(struct sk_view list, struct sk_buf *bytes)
{
	struct sk_take take = sk_take(list);
	struct sk_view digits;
	uint64_t byte;

	sk_take_char(&take, '[');
	do {
		sk_take_blanks(&take, 0);
		digits = sk_take_digits(&take);
		if (sk_num_u64(digits, &byte) != 0 || byte > 255)
			return false;
		sk_buf_char(bytes, (char)(unsigned char)byte);
		sk_take_blanks(&take, 0);
	} while (sk_take_char(&take, ','));
	return sk_take_char(&take, ']') && take.at == take.end;
}

static void
put_message(const struct journal *journal, struct sk_parsed *out)
{
	struct sk_view text = text_of(journal, FIELD_MESSAGE);
	struct sk_take take;

	if (journal->kind[FIELD_MESSAGE] == SK_KIND_JSON) {
		text = journal->text[FIELD_MESSAGE];
		if (!find_bytes(text, &out->text)) {
			sk_parsed_add(out, sk_view_str("message"),
			    SK_TYPE_JSON, text);
			return;
		}
		text = sk_view(out->text.ptr, out->text.len);
	}
	if (text.ptr == NULL) {
		sk_parsed_null(out, "message");
		return;
	}
	take = sk_take(text);
	sk_take_blanks(&take, 0);
	sk_parsed_text(out, "message", sk_take_rest(&take));
}

/* A number of syslog by its name. */
static void
put_name(struct sk_parsed *out, const char *name, struct sk_view text,
    const char *(*name_of)(uint64_t))
{
	const char *word = NULL;
	uint64_t number;

	if (text.ptr != NULL && sk_num_u64(text, &number) == 0)
		word = name_of(number);
	sk_take_put(out, name, word == NULL ? sk_view(NULL, 0) :
	    sk_view_str(word));
}

static struct sk_view
first_of(const struct journal *journal, size_t field, size_t other)
{
	struct sk_view text = text_of(journal, field);

	return text.ptr != NULL ? text : text_of(journal, other);
}

static const char *
parse_journal(struct sk_parser *parser, struct sk_view line,
    struct sk_parsed *out)
{
	struct journal *journal = parser->own;
	const char *why;
	int64_t ns;

	why = line.len > 0 && line.ptr[0] == '{' ? read_json(journal, line) :
	    read_export(journal, line);
	if (why == NULL)
		why = find_time(journal, &ns);
	if (why != NULL)
		return why;
	sk_parsed_time(out, "time", ns);
	sk_take_put(out, "host", text_of(journal, FIELD_HOST));
	sk_take_put(out, "app", first_of(journal, FIELD_IDENTIFIER,
	    FIELD_COMM));
	sk_take_put_id(out, "pid", first_of(journal, FIELD_PID,
	    FIELD_SYSLOG_PID));
	put_name(out, "facility", text_of(journal, FIELD_FACILITY),
	    sk_syslog_facility);
	put_name(out, "severity", text_of(journal, FIELD_PRIORITY),
	    sk_syslog_severity);
	sk_take_put(out, "unit", text_of(journal, FIELD_UNIT));
	put_message(journal, out);
	return NULL;
}

/* ---- the kind ---- */

static void
close_journal(struct sk_parser *parser)
{
	struct journal *journal = parser->own;
	size_t i;

	sk_ndjson_close(journal->ndjson);
	for (i = 0; i < NFIELDS; i++)
		sk_path_free(&journal->path[i]);
	free(journal);
}

static int
open_journal(struct sk_parser *parser, struct sk_diag *diag)
{
	struct journal *journal = sk_xcalloc(1, sizeof(*journal));
	size_t i;
	int err;

	for (i = 0; i < NFIELDS; i++) {
		err = sk_path_parse(sk_view_str(fields[i]), &journal->path[i],
		    diag);
		sk_assert(err == 0);
		journal->texts[i] = &journal->text[i];
		journal->kinds[i] = &journal->kind[i];
	}
	journal->ndjson = sk_ndjson_open(journal->path, NFIELDS);
	journal->sep = parser->conf->sep;
	parser->own = journal;
	parser->cut.self = journal;
	parser->cut.cut = cut_records;
	return 0;
}

static int
guess_journal(struct sk_view line)
{
	static const char name[] = "\"__REALTIME_TIMESTAMP\"";
	struct sk_take take = sk_take(line);
	struct sk_view key;

	if (line.len > 0 && line.ptr[0] == '{')
		return memmem(line.ptr, line.len, name, sizeof(name) - 1) !=
		    NULL ? 95 : 0;
	if (!take_key(&take, &key) || *take.at != '=')
		return 0;
	return key.ptr[0] == '_' ? 95 : 30;
}

static const char *const columns[] = { "time", "host", "app", "pid",
	"facility", "severity", "unit", "message", NULL };

const struct sk_parser_kind sk_parse_journal = {
	.name = "journal",
	.help = "journalctl -o json, journalctl -o export",
	.columns = columns,
	.open = open_journal,
	.parse = parse_journal,
	.close = close_journal,
	.guess = guess_journal,
};
