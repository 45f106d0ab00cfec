/*
 * Syslog, as it stands in files and as it goes over the wire.
 *
 *	<PRI>Oct 11 22:14:15 HOST APP[PID]: MESSAGE
 *	2023-10-11T22:14:15.003+02:00 HOST APP[PID]: MESSAGE
 *	<PRI>1 TIME HOST APP PROCID MSGID [ID NAME="VALUE" ...] MESSAGE
 *
 * The first two are of RFC 3164 and of what rsyslog and systemd make of it;
 * <PRI> may be left out, and so may HOST (a first word that ends in a colon is
 * an APP).  An APP is one word up to `[PID]:` or `:`, with a blank or nothing
 * behind (or `[`, as in `kernel:[ 1.2]`), or two words if the second begins
 * with a digit (`syslogd 1.4.1`) or the first is `--`; without one, the whole
 * is the message.
 *
 * The third is RFC 5424.  Structured data is the member `data`, a JSON object
 * of objects: {"ID":{"NAME":"VALUE"}}; a name that comes twice in the line is
 * there twice.  The byte order mark before a message is dropped.
 *
 * facility and severity are names, from PRI.  pid is a number if it is one.
 *
 * Sources: RFC 3164, RFC 5424; names as in rsyslog and syslog(3).
 */
#include "base/num.h"
#include "format/record.h"
#include "parse/formats.h"
#include "parse/stamp.h"
#include "parse/syslog.h"
#include "parse/take.h"

#define SHORT_LEN 15 /* Oct 11 22:14:15 */

static const char *const facilities[] = { "kern", "user", "mail", "daemon",
	"auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
	"ntp", "security", "console", "solaris-cron", "local0", "local1",
	"local2", "local3", "local4", "local5", "local6", "local7" };
static const char *const severities[] = { "emerg", "alert", "crit", "err",
	"warning", "notice", "info", "debug" };

#define NFACILITIES (sizeof(facilities) / sizeof(facilities[0]))
#define NSEVERITIES (sizeof(severities) / sizeof(severities[0]))

const char *
sk_syslog_facility(uint64_t facility)
{
	return facility < NFACILITIES ? facilities[facility] : NULL;
}

const char *
sk_syslog_severity(uint64_t severity)
{
	return severity < NSEVERITIES ? severities[severity] : NULL;
}

/* ---- times ---- */

static bool
is_short_time(const struct sk_take *take)
{
	static const char shape[] = "Aaa 99 99:99:99";
	size_t i;

	if (sk_take_left(take) < SHORT_LEN)
		return false;
	for (i = 0; i < SHORT_LEN; i++) {
		char c = take->at[i];

		if (shape[i] == '9' ? !sk_take_is_digit(c) &&
		    !(c == ' ' && i == 4) : i < 3 ? !sk_take_is_letter(c) :
		    c != shape[i])
			return false;
	}
	return true;
}

/* A time, without its instant yet. */
static bool
take_time(struct sk_take *take, struct sk_stamp *stamp, bool *is_short)
{
	const char *begin = take->at;

	*is_short = is_short_time(take);
	if (!*is_short)
		return sk_take_left(take) > 10 && begin[10] == 'T' &&
		    sk_stamp_iso(take, stamp);
	take->at += SHORT_LEN;
	if (sk_take_char(take, '.'))
		sk_take_digits(take);
	stamp->text = sk_view(begin, (size_t)(take->at - begin));
	return true;
}

static const char *
find_instant(struct sk_time *time, const struct sk_stamp *stamp,
    bool is_short, int64_t *ns)
{
	int err;

	if (!is_short)
		return sk_stamp_parse(time, stamp, ns);
	time->form = SK_TIME_SYSLOG;
	err = sk_time_parse(time, stamp->text, ns);
	return err == 0 ? NULL : sk_time_why(time, stamp->text, err);
}

/* ---- RFC 3164 ---- */

/* `APP:` or `APP[PID]:`. */
static bool
take_tag(struct sk_take *take, struct sk_view *app, struct sk_view *pid)
{
	struct sk_take scan = *take;
	bool second = false;
	struct sk_view name;

	for (; scan.at < scan.end && *scan.at != ':' && *scan.at != '[';
	    scan.at++)
		if (*scan.at == ' ') {
			if (second || scan.at == take->at ||
			    scan.end - scan.at < 2 ||
			    (!sk_take_is_digit(scan.at[1]) &&
			    memcmp(take->at, "-- ", 3) != 0))
				return false;
			second = true;
		}
	name = sk_view(take->at, (size_t)(scan.at - take->at));
	*pid = sk_view(NULL, 0);
	if (name.len == 0 || (sk_take_char(&scan, '[') &&
	    !sk_take_until(&scan, ']', pid)))
		return false;
	if (!sk_take_char(&scan, ':') || (scan.at < scan.end &&
	    *scan.at != ' ' && *scan.at != '['))
		return false;
	*app = name;
	*take = scan;
	return true;
}

/* HOST and APP[PID]: behind the time. */
static void
take_origin(struct sk_take *take, struct sk_syslog *syslog)
{
	struct sk_take scan;
	struct sk_view host, pid;

	sk_take_blanks(take, 0);
	scan = *take;
	host = sk_take_word(&scan);
	if (host.len > 0 && host.ptr[host.len - 1] != ':') {
		syslog->host = host;
		sk_take_blanks(&scan, 0);
		*take = scan;
	}
	if (take_tag(take, &syslog->app, &pid))
		syslog->pid = pid;
}

/* ---- RFC 5424 ---- */

/* A word that is not empty, and the blank behind it. */
static bool
take_header(struct sk_take *take, struct sk_view *word)
{
	*word = sk_take_word(take);
	if (sk_take_is_dash(*word))
		word->ptr = NULL;
	return word->len > 0 && sk_take_char(take, ' ');
}

/* Add a text with \" \\ \] as a JSON string. */
static void
put_escaped(struct sk_buf *buf, struct sk_view text)
{
	size_t begin = buf->len, len, i;

	if (memchr(text.ptr, '\\', text.len) == NULL) {
		sk_record_put_json(buf, text);
		return;
	}
	/* The text behind what is there, its JSON behind that, which then
	 * takes its place.  A byte is six at most: \u001b. */
	sk_buf_reserve(buf, text.len * 7 + 2);
	for (i = 0; i < text.len; i++) {
		if (text.ptr[i] == '\\' && i + 1 < text.len &&
		    memchr("\"\\]", text.ptr[i + 1], 3) != NULL)
			i++;
		sk_buf_char(buf, text.ptr[i]);
	}
	len = buf->len - begin;
	sk_record_put_json(buf, sk_view(buf->ptr + begin, len));
	memmove(buf->ptr + begin, buf->ptr + begin + len,
	    buf->len - begin - len);
	buf->len -= len;
}

/* Up to the quote that has no backslash in front. */
static bool
take_quoted(struct sk_take *take, struct sk_view *value)
{
	const char *at = take->at;

	for (; at < take->end && *at != '"'; at++)
		if (*at == '\\' && take->end - at > 1)
			at++;
	if (at == take->end)
		return false;
	*value = sk_view(take->at, (size_t)(at - take->at));
	take->at = at + 1;
	return true;
}

/* [ID NAME="VALUE" ...] as a member of a JSON object. */
static bool
take_element(struct sk_take *take, struct sk_buf *json)
{
	struct sk_view name = { take->at, 0 }, value;
	bool first = true;

	while (take->at < take->end && *take->at != ' ' && *take->at != ']')
		take->at++;
	name.len = (size_t)(take->at - name.ptr);
	sk_record_put_json(json, name);
	sk_buf_str(json, ":{");
	while (sk_take_blanks(take, 1) && take->at < take->end &&
	    *take->at != ']') {
		if (!sk_take_until(take, '=', &name) ||
		    !sk_take_char(take, '"') || !take_quoted(take, &value))
			return false;
		if (!first)
			sk_buf_char(json, ',');
		first = false;
		sk_record_put_json(json, name);
		sk_buf_char(json, ':');
		put_escaped(json, value);
	}
	sk_buf_char(json, '}');
	return sk_take_char(take, ']');
}

static const char *
take_data(struct sk_take *take, struct sk_syslog *syslog, struct sk_buf *json)
{
	size_t begin = json->len;
	char mark = '{';

	if (sk_take_char(take, '-'))
		return NULL;
	if (take->at == take->end || *take->at != '[')
		return "no structured data behind the header";
	while (sk_take_char(take, '[')) {
		sk_buf_char(json, mark);
		mark = ',';
		if (!take_element(take, json))
			return "structured data that is not closed";
	}
	sk_buf_char(json, '}');
	syslog->data = sk_view(json->ptr + begin, json->len - begin);
	return NULL;
}

static const char *
scan_5424(struct sk_parser *parser, struct sk_take *take,
    struct sk_syslog *syslog, struct sk_parsed *out)
{
	struct sk_stamp stamp;
	struct sk_view time;
	const char *why;

	if (!take_header(take, &time) || !take_header(take, &syslog->host) ||
	    !take_header(take, &syslog->app) ||
	    !take_header(take, &syslog->pid) ||
	    !take_header(take, &syslog->msgid))
		return "a header of RFC 5424 that breaks off";
	stamp.text = time;
	if (time.ptr != NULL) {
		why = sk_stamp_parse(&parser->time, &stamp, &syslog->time_ns);
		if (why != NULL)
			return why;
		syslog->has_time = true;
	}
	why = take_data(take, syslog, &out->text);
	if (why != NULL)
		return why;
	if (!sk_take_char(take, ' ') && take->at < take->end)
		return "text right behind the structured data";
	sk_take_str(take, "\xef\xbb\xbf");
	return NULL;
}

/* ---- both ---- */

/* <PRI>, and the VERSION of RFC 5424 if it follows. */
static bool
take_priority(struct sk_take *take, int *priority, bool *is_5424)
{
	struct sk_take scan = *take;
	struct sk_view digits;
	uint64_t number;

	*priority = -1;
	*is_5424 = false;
	if (!sk_take_char(&scan, '<'))
		return true;
	digits = sk_take_digits(&scan);
	if (digits.len == 0 || digits.len > 3 || !sk_take_char(&scan, '>') ||
	    sk_num_u64(digits, &number) != 0 || number > 191)
		return false;
	*priority = (int)number;
	*take = scan;
	digits = sk_take_digits(&scan);
	if (digits.len > 0 && digits.len < 3 && sk_take_char(&scan, ' ')) {
		*is_5424 = true;
		*take = scan;
	}
	return true;
}

const char *
sk_syslog_scan(struct sk_parser *parser, struct sk_view line,
    struct sk_syslog *syslog, struct sk_parsed *out)
{
	struct sk_take take = sk_take(line);
	struct sk_stamp stamp;
	bool is_5424, is_short;
	const char *why;

	memset(syslog, 0, sizeof(*syslog));
	if (!take_priority(&take, &syslog->priority, &is_5424))
		return "not a priority in front: <0> to <191>";
	if (is_5424) {
		why = scan_5424(parser, &take, syslog, out);
	} else if (!take_time(&take, &stamp, &is_short)) {
		why = "no time as Oct 11 22:14:15 or 2023-10-11T22:14:15Z";
	} else {
		syslog->has_time = true;
		why = find_instant(&parser->time, &stamp, is_short,
		    &syslog->time_ns);
		take_origin(&take, syslog);
	}
	sk_take_blanks(&take, 0);
	syslog->message = sk_take_rest(&take);
	return why;
}

void
sk_syslog_put(struct sk_parsed *out, const struct sk_syslog *syslog)
{
	int priority = syslog->priority;

	if (syslog->has_time)
		sk_parsed_time(out, "time", syslog->time_ns);
	else
		sk_parsed_null(out, "time");
	sk_take_put(out, "host", syslog->host);
	sk_take_put(out, "app", syslog->app);
	sk_take_put_id(out, "pid", syslog->pid);
	if (priority < 0) {
		sk_parsed_null(out, "facility");
		sk_parsed_null(out, "severity");
	} else {
		sk_parsed_text(out, "facility",
		    sk_view_str(facilities[priority / 8]));
		sk_parsed_text(out, "severity",
		    sk_view_str(severities[priority % 8]));
	}
	sk_take_put(out, "msgid", syslog->msgid);
	sk_parsed_add(out, sk_view_str("data"), syslog->data.ptr == NULL ?
	    SK_TYPE_NULL : SK_TYPE_JSON, syslog->data);
}

int
sk_syslog_guess(struct sk_view line, struct sk_view *app)
{
	struct sk_take take = sk_take(line);
	struct sk_syslog syslog = { 0 };
	struct sk_stamp stamp;
	bool is_5424, is_short;

	*app = sk_view(NULL, 0);
	if (!take_priority(&take, &syslog.priority, &is_5424))
		return 0;
	if (is_5424)
		return 90;
	if (!take_time(&take, &stamp, &is_short) ||
	    !sk_take_char(&take, ' '))
		return 0;
	take_origin(&take, &syslog);
	*app = syslog.app;
	if (syslog.priority < 0 && (syslog.host.ptr == NULL ||
	    syslog.app.ptr == NULL))
		return is_short ? 40 : 10;
	return is_short ? 90 : 70;
}

static const char *
parse_syslog(struct sk_parser *parser, struct sk_view line,
    struct sk_parsed *out)
{
	struct sk_syslog syslog;
	const char *why = sk_syslog_scan(parser, line, &syslog, out);

	if (why != NULL)
		return why;
	sk_syslog_put(out, &syslog);
	sk_parsed_text(out, "message", syslog.message);
	return NULL;
}

static int
guess_syslog(struct sk_view line)
{
	struct sk_view app;

	return sk_syslog_guess(line, &app);
}

static const char *const columns[] = { SK_SYSLOG_COLUMNS, "message", NULL };

const struct sk_parser_kind sk_parse_syslog = {
	.name = "syslog",
	.help = "syslog: RFC 3164, RFC 5424 and what rsyslog writes",
	.columns = columns,
	.parse = parse_syslog,
	.guess = guess_syslog,
};
