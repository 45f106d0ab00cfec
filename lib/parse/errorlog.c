/*
 * Error logs of web servers.
 *
 * nginx-error:
 *	2023/10/10 13:55:36 [error] 1234#5678: *90 MESSAGE, client: 1.2.3.4,
 *	server: x, request: "GET / HTTP/1.1", upstream: "http://...",
 *	host: "x", referrer: "http://..."
 *
 * The details are those behind the first `, client: ` outside quotes, or
 * behind the first of all.  Their values are in quotes, or end at a comma and
 * a blank; what comes behind them in another form is the member `extra`, which
 * is there only if it is.  nginx does not escape: who sends a request can make
 * its line say anything behind the message.
 *
 * apache-error, of Apache 2.2 and of 2.4:
 *	[Sun Dec 04 04:47:44 2005] [error] [client 1.2.3.4] MESSAGE
 *	[Wed Oct 11 14:32:52.123456 2023] [core:error] [pid 35708:tid 43286]
 *	(13)Permission denied: [client 1.2.3.4:5678] AH00124: MESSAGE,
 *	referer: http://...
 *
 * `error` is what stands in front of the client: the system's error, and with
 * LogLevel debug a source file.  The port belongs to 2.4: a client of 2.2 may
 * be an IPv6 address without one.  The referer is that behind the last
 * `, referer: `.
 *
 * Sources: nginx, ngx_log.c and ngx_http_request.c (ngx_http_log_error);
 * Apache httpd 2.4, core, ErrorLogFormat.
 */
#include "parse/formats.h"
#include "parse/stamp.h"
#include "parse/take.h"

/* ---- nginx ---- */

#define CLIENT ", client: "

enum { DETAIL_CLIENT, DETAIL_SERVER, DETAIL_REQUEST, DETAIL_SUBREQUEST,
	DETAIL_UPSTREAM, DETAIL_HOST, DETAIL_REFERRER, NDETAILS };

static const char *const details[] = {
	[DETAIL_CLIENT] = "client", [DETAIL_SERVER] = "server",
	[DETAIL_REQUEST] = "request", [DETAIL_SUBREQUEST] = "subrequest",
	[DETAIL_UPSTREAM] = "upstream", [DETAIL_HOST] = "host",
	[DETAIL_REFERRER] = "referrer",
};

struct nginx {
	struct sk_view level, pid, tid, connection;
	struct sk_view message, extra;
	struct sk_view detail[NDETAILS];
};

static const char *
find_client(const struct sk_take *take)
{
	size_t len = strlen(CLIENT);
	bool quoted = false;
	const char *at;

	for (at = take->at; (size_t)(take->end - at) > len; at++) {
		quoted ^= *at == '"';
		if (*at == ',' && !quoted && !memcmp(at, CLIENT, len))
			return at;
	}
	return memmem(take->at, sk_take_left(take), CLIENT, len);
}

/* A value, up to what parts it from the next detail. */
static struct sk_view
take_value(struct sk_take *take)
{
	bool quoted = sk_take_char(take, '"');
	const char *end = memmem(take->at, sk_take_left(take),
	    quoted ? "\", " : ", ", quoted ? 3 : 2);
	struct sk_view value;

	if (end == NULL)
		end = take->end;
	value = sk_view(take->at, (size_t)(end - take->at));
	take->at = end;
	if (quoted && end < take->end)
		take->at++;
	else if (quoted && value.len > 0 && end[-1] == '"')
		value.len--;
	return value;
}

static bool
take_detail(struct sk_take *take, struct nginx *nginx)
{
	struct sk_take scan = *take;
	struct sk_take key;
	size_t i;

	if (!sk_take_str(&scan, ", "))
		return false;
	for (i = 0; i < NDETAILS; i++) {
		key = scan;
		if (nginx->detail[i].ptr == NULL &&
		    sk_take_str(&key, details[i]) && sk_take_str(&key, ": ")) {
			nginx->detail[i] = take_value(&key);
			*take = key;
			return true;
		}
	}
	return false;
}

static const char *
scan_nginx(struct sk_take *take, struct nginx *nginx)
{
	const char *client;

	memset(nginx, 0, sizeof(*nginx));
	if (!sk_take_str(take, " [") || !sk_take_until(take, ']',
	    &nginx->level))
		return "no [level] behind the time";
	if (!sk_take_char(take, ' ') ||
	    (nginx->pid = sk_take_digits(take)).len == 0 ||
	    !sk_take_char(take, '#') ||
	    (nginx->tid = sk_take_digits(take)).len == 0 ||
	    !sk_take_char(take, ':'))
		return "no process and thread as 12#34:";
	sk_take_blanks(take, 0);
	if (sk_take_char(take, '*'))
		nginx->connection = sk_take_digits(take);
	sk_take_blanks(take, 0);
	take->end = take->at + sk_take_trim(sk_view(take->at,
	    sk_take_left(take))).len;
	client = find_client(take);
	if (client == NULL)
		client = take->end;
	nginx->message = sk_take_trim(sk_view(take->at,
	    (size_t)(client - take->at)));
	take->at = client;
	while (take_detail(take, nginx))
		;
	if (take->at < take->end) {
		sk_take_str(take, ", ");
		nginx->extra = sk_take_rest(take);
	}
	return NULL;
}

static const char *
parse_nginx(struct sk_parser *parser, struct sk_view line,
    struct sk_parsed *out)
{
	struct sk_take take = sk_take(line);
	struct sk_stamp stamp;
	struct nginx nginx;
	const char *why;
	int64_t ns;
	size_t i;

	if (!sk_stamp_slashes(&take, &stamp))
		return "no time as 2023/10/10 13:55:36";
	why = scan_nginx(&take, &nginx);
	if (why == NULL)
		why = sk_stamp_parse(&parser->time, &stamp, &ns);
	if (why != NULL)
		return why;
	sk_parsed_time(out, "time", ns);
	sk_take_put(out, "level", nginx.level);
	sk_take_put_number(out, "pid", nginx.pid);
	sk_take_put_number(out, "tid", nginx.tid);
	sk_take_put_number(out, "connection", nginx.connection);
	for (i = 0; i < NDETAILS; i++)
		sk_take_put(out, details[i], nginx.detail[i]);
	sk_parsed_text(out, "message", nginx.message);
	if (nginx.extra.ptr != NULL)
		sk_parsed_text(out, "extra", nginx.extra);
	return NULL;
}

static int
guess_nginx(struct sk_view line)
{
	struct sk_take take = sk_take(line);
	struct sk_stamp stamp;
	struct nginx nginx;

	return sk_stamp_slashes(&take, &stamp) &&
	    scan_nginx(&take, &nginx) == NULL ? 95 : 0;
}

/* ---- Apache ---- */

struct apache {
	struct sk_view module, level, pid, tid, error;
	struct sk_view client, port, code, message, referer;
};

/* `[pid 1]`, `[pid 1:tid 2]`, with the blank in front. */
static void
take_process(struct sk_take *take, struct apache *apache)
{
	struct sk_take scan = *take;
	struct sk_view text;
	struct sk_take both;

	if (!sk_take_str(&scan, " [pid ") ||
	    !sk_take_until(&scan, ']', &text))
		return;
	both = sk_take(text);
	if (sk_take_until(&both, ':', &apache->pid)) {
		sk_take_str(&both, "tid ");
		apache->tid = sk_take_rest(&both);
	} else {
		apache->pid = text;
	}
	*take = scan;
}

static void
part_port(struct apache *apache)
{
	const char *colon = memrchr(apache->client.ptr, ':',
	    apache->client.len);
	struct sk_view port;

	if (colon == NULL)
		return;
	port = sk_view(colon + 1, (size_t)(apache->client.ptr +
	    apache->client.len - colon - 1));
	if (!sk_take_is_digits(port))
		return;
	apache->port = port;
	apache->client.len = (size_t)(colon - apache->client.ptr);
}

/* `[client ADDRESS]` at the beginning, or behind an error or a file. */
static void
take_client(struct sk_take *take, struct apache *apache)
{
	struct sk_take scan = *take;
	const char *found = scan.at;

	if (!sk_take_str(&scan, "[client ")) {
		found = memmem(take->at, sk_take_left(take), ": [client ", 10);
		if (found == NULL)
			return;
		scan.at = found + 10;
	}
	if (!sk_take_until(&scan, ']', &apache->client))
		return;
	if (found > take->at)
		apache->error = sk_view(take->at, (size_t)(found - take->at));
	*take = scan;
	sk_take_blanks(take, 0);
	if (apache->module.ptr != NULL)
		part_port(apache);
}

static void
take_code(struct sk_take *take, struct apache *apache)
{
	struct sk_take scan = *take;
	struct sk_view digits;
	const char *begin = scan.at;

	if (!sk_take_str(&scan, "AH"))
		return;
	digits = sk_take_digits(&scan);
	if (digits.len != 5 || !sk_take_str(&scan, ": "))
		return;
	apache->code = sk_view(begin, 7);
	*take = scan;
}

static void
cut_referer(struct apache *apache)
{
	const char *begin = apache->message.ptr;
	const char *end = begin + apache->message.len, *at = end;

	while ((at = memrchr(begin, ',', (size_t)(at - begin))) != NULL)
		if (end - at > 11 && memcmp(at, ", referer: ", 11) == 0) {
			apache->referer = sk_view(at + 11,
			    (size_t)(end - at - 11));
			apache->message.len = (size_t)(at - begin);
			return;
		}
}

static const char *
scan_apache(struct sk_take *take, struct sk_stamp *stamp,
    struct apache *apache)
{
	struct sk_take level;

	memset(apache, 0, sizeof(*apache));
	if (!sk_take_char(take, '[') || !sk_stamp_ctime(take, stamp) ||
	    !sk_take_char(take, ']'))
		return "no time as [Wed Oct 11 14:32:52.123456 2023]";
	if (!sk_take_str(take, " [") ||
	    !sk_take_until(take, ']', &apache->level))
		return "no [level] behind the time";
	level = sk_take(apache->level);
	if (sk_take_until(&level, ':', &apache->module))
		apache->level = sk_take_rest(&level);
	take_process(take, apache);
	sk_take_blanks(take, 0);
	take_client(take, apache);
	take_code(take, apache);
	apache->message = sk_take_rest(take);
	cut_referer(apache);
	return NULL;
}

static const char *
parse_apache(struct sk_parser *parser, struct sk_view line,
    struct sk_parsed *out)
{
	struct sk_take take = sk_take(line);
	struct sk_stamp stamp;
	struct apache apache;
	const char *why;
	int64_t ns;

	why = scan_apache(&take, &stamp, &apache);
	if (why == NULL)
		why = sk_stamp_parse(&parser->time, &stamp, &ns);
	if (why != NULL)
		return why;
	/* `[:error]` is of no module. */
	if (apache.module.len == 0)
		apache.module.ptr = NULL;
	sk_parsed_time(out, "time", ns);
	sk_take_put(out, "module", apache.module);
	sk_take_put(out, "level", apache.level);
	sk_take_put_number(out, "pid", apache.pid);
	sk_take_put_number(out, "tid", apache.tid);
	sk_take_put(out, "error", apache.error);
	sk_take_put(out, "client", apache.client);
	sk_take_put_number(out, "port", apache.port);
	sk_take_put(out, "code", apache.code);
	sk_take_put(out, "referer", apache.referer);
	sk_parsed_text(out, "message", apache.message);
	return NULL;
}

static int
guess_apache(struct sk_view line)
{
	struct sk_take take = sk_take(line);
	struct sk_stamp stamp;
	struct apache apache;

	return scan_apache(&take, &stamp, &apache) == NULL ? 95 : 0;
}

static const char *const columns_nginx[] = { "time", "level", "pid", "tid",
	"connection", "client", "server", "request", "subrequest", "upstream",
	"host", "referrer", "message", "extra", NULL };
static const char *const columns_apache[] = { "time", "module", "level", "pid",
	"tid", "error", "client", "port", "code", "referer", "message", NULL };

const struct sk_parser_kind sk_parse_nginx_error = {
	.name = "nginx-error",
	.help = "error log of nginx",
	.columns = columns_nginx,
	.parse = parse_nginx,
	.guess = guess_nginx,
};

const struct sk_parser_kind sk_parse_apache_error = {
	.name = "apache-error",
	.help = "error log of Apache 2.2 and 2.4",
	.columns = columns_apache,
	.parse = parse_apache,
	.guess = guess_apache,
};
