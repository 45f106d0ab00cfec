/*
 * Access logs: the Common Log Format, and the combined one of Apache and
 * nginx, which adds where a request came from and what sent it.
 *
 *	IP IDENT USER [TIME] "REQUEST" STATUS BYTES
 *	IP IDENT USER [TIME] "REQUEST" STATUS BYTES "REFERER" "AGENT" EXTRA
 *
 * One blank parts the fields.  USER may hold blanks and brackets: TIME is the
 * first text of its length in brackets with ` "` behind.  A quoted string ends
 * at the first quote without a backslash of its own in front; escapes are
 * left as they are written.  EXTRA is whatever a server adds behind a blank,
 * one member, which is there only if it is.  STATUS and BYTES are digits or
 * `-`, and text of another kind makes a line bad, as does a string that is
 * not closed.
 *
 * A request is
 *
 *	METHOD TARGET HTTP/VERSION
 *
 * where METHOD is letters, `-` and `_`, a letter first, and TARGET may hold
 * blanks.  Whoever connects writes it, so it may be anything, and no line is
 * bad for that: a request without a METHOD has null there, one that does not
 * end in ` HTTP/` and a word has a null protocol, and what is left is the
 * path.  So `GET /` of HTTP/0.9 has no protocol, and bytes of a TLS handshake
 * are a path alone.  An empty request and `-` are null altogether.
 *
 * Source: Apache httpd 2.4, Log Files, Access Log; nginx,
 * ngx_http_log_module, log_format.
 */
#include "parse/formats.h"
#include "parse/take.h"

#define TIME_LEN 26 /* 10/Oct/2000:13:55:36 -0700 */

struct entry {
	struct sk_view ip, ident, user, time;
	struct sk_view request, status, nbytes;
	struct sk_view referer, agent, extra;
};

/* The quote that closes a string which begins at `at`, or NULL.  Backslashes
 * are counted back to the last quote at most, so each byte is seen twice. */
static const char *
find_close(const char *at, const char *end)
{
	const char *quote, *back;

	while ((quote = memchr(at, '"', (size_t)(end - at))) != NULL) {
		for (back = quote; back > at && back[-1] == '\\'; back--)
			;
		if (SK_LIKELY((quote - back) % 2 == 0))
			return quote;
		at = quote + 1;
	}
	return NULL;
}

static bool
take_string(struct sk_take *take, struct sk_view *text)
{
	const char *close;

	if (take->at == take->end || *take->at != '"')
		return false;
	close = find_close(take->at + 1, take->end);
	if (close == NULL)
		return false;
	*text = sk_view(take->at + 1, (size_t)(close - take->at - 1));
	take->at = close + 1;
	return true;
}

/* USER [TIME] and the blank behind, up to the quote of the request. */
static bool
take_user_time(struct sk_take *take, struct entry *entry)
{
	const char *at = take->at, *last;

	if (sk_take_left(take) < TIME_LEN + 4)
		return false;
	last = take->end - TIME_LEN - 3;
	while ((at = memchr(at, '[', (size_t)(last - at))) != NULL) {
		if (at[TIME_LEN + 1] == ']' && at[TIME_LEN + 2] == ' ' &&
		    at[TIME_LEN + 3] == '"' && at - take->at > 1 &&
		    at[-1] == ' ') {
			entry->user = sk_view(take->at,
			    (size_t)(at - 1 - take->at));
			entry->time = sk_view(at + 1, TIME_LEN);
			take->at = at + TIME_LEN + 3;
			return true;
		}
		at++;
	}
	return false;
}

/* Digits or a dash. */
static bool
take_number(struct sk_take *take, struct sk_view *number)
{
	*number = sk_take_digits(take);
	if (number->len == 0 && sk_take_char(take, '-'))
		number->len = 1;
	return number->len > 0;
}

static const char *
scan_common(struct sk_take *take, struct entry *entry)
{
	if (!sk_take_until(take, ' ', &entry->ip) || entry->ip.len == 0)
		return "no address, identity and user";
	if (!sk_take_until(take, ' ', &entry->ident) || entry->ident.len == 0)
		return "no identity and user";
	if (!take_user_time(take, entry))
		return "no user, [10/Oct/2000:13:55:36 -0700] and request";
	if (!take_string(take, &entry->request))
		return "the request's quote is not closed";
	if (!sk_take_char(take, ' ') || !take_number(take, &entry->status))
		return "no status behind the request";
	if (!sk_take_char(take, ' ') || !take_number(take, &entry->nbytes))
		return "no bytes behind the status";
	return NULL;
}

static const char *
scan_combined(struct sk_take *take, struct entry *entry)
{
	const char *why = scan_common(take, entry);
	struct sk_view extra;
	struct sk_take rest;

	if (why != NULL)
		return why;
	if (!sk_take_char(take, ' ') || !take_string(take, &entry->referer))
		return "no referer in quotes";
	if (!sk_take_char(take, ' ') || !take_string(take, &entry->agent))
		return "no agent in quotes";
	entry->extra = sk_view(NULL, 0);
	if (SK_LIKELY(take->at == take->end))
		return NULL;
	rest = *take;
	sk_take_blanks(&rest, 0);
	extra = sk_take_rest(&rest);
	if (extra.len == 0)
		return NULL;
	if (*take->at != ' ')
		return "text right behind the agent's quote";
	entry->extra = extra;
	return NULL;
}

/* ---- the request ---- */

static bool
is_method(char c)
{
	return sk_take_is_letter(c) || c == '-' || c == '_';
}

/* `HTTP/1.1` behind the last blank, which is cut off with it. */
static struct sk_view
cut_protocol(struct sk_view *request)
{
	const char *end = request->ptr + request->len, *at = end;

	while (at > request->ptr && at[-1] != ' ')
		at--;
	if (at == request->ptr || end - at <= 5 || memcmp(at, "HTTP/", 5) != 0)
		return sk_view(NULL, 0);
	request->len = (size_t)(at - 1 - request->ptr);
	return sk_view(at, (size_t)(end - at));
}

static struct sk_view
cut_method(struct sk_view *request)
{
	const char *begin = request->ptr, *at = begin;
	const char *end = begin + request->len;

	if (at < end && sk_take_is_letter(*at))
		while (at < end && is_method(*at))
			at++;
	if (at == begin || at == end || *at != ' ')
		return sk_view(NULL, 0);
	*request = sk_view(at + 1, (size_t)(end - at - 1));
	return sk_view(begin, (size_t)(at - begin));
}

static void
put_request(struct sk_parsed *out, struct sk_view request)
{
	struct sk_view method = { NULL, 0 }, protocol = { NULL, 0 };

	if (request.len == 0 || sk_take_is_dash(request)) {
		request = sk_view(NULL, 0);
	} else {
		method = cut_method(&request);
		protocol = cut_protocol(&request);
	}
	sk_take_put(out, "method", method);
	if (request.ptr != NULL)
		sk_parsed_text(out, "path", request);
	else
		sk_parsed_null(out, "path");
	sk_take_put(out, "protocol", protocol);
}

/* ---- the formats ---- */

static const char *
put_common(struct sk_parser *parser, const struct entry *entry,
    struct sk_parsed *out)
{
	int64_t ns;
	int err = sk_time_parse(&parser->time, entry->time, &ns);

	if (SK_UNLIKELY(err != 0))
		return sk_time_why(&parser->time, entry->time, err);
	sk_take_put(out, "ip", entry->ip);
	sk_take_put(out, "ident", entry->ident);
	sk_take_put(out, "user", entry->user);
	sk_parsed_time(out, "time", ns);
	put_request(out, entry->request);
	sk_take_put_number(out, "status", entry->status);
	sk_take_put_number(out, "bytes", entry->nbytes);
	return NULL;
}

static int
open_clf(struct sk_parser *parser, struct sk_diag *diag)
{
	(void)diag;
	parser->time.form = SK_TIME_CLF;
	return 0;
}

static const char *
parse_clf(struct sk_parser *parser, struct sk_view line,
    struct sk_parsed *out)
{
	struct sk_take take = sk_take(line);
	struct entry entry;
	const char *why = scan_common(&take, &entry);

	if (why != NULL)
		return why;
	if (sk_take_rest(&take).len > 0)
		return "text behind the bytes (combined?)";
	return put_common(parser, &entry, out);
}

static const char *
parse_combined(struct sk_parser *parser, struct sk_view line,
    struct sk_parsed *out)
{
	struct sk_take take = sk_take(line);
	struct entry entry;
	const char *why = scan_combined(&take, &entry);

	if (SK_LIKELY(why == NULL))
		why = put_common(parser, &entry, out);
	if (SK_UNLIKELY(why != NULL))
		return why;
	sk_take_put(out, "referer", entry.referer);
	sk_take_put(out, "agent", entry.agent);
	if (entry.extra.ptr != NULL)
		sk_parsed_text(out, "extra", entry.extra);
	return NULL;
}

static int
guess_clf(struct sk_view line)
{
	struct sk_take take = sk_take(line);
	struct entry entry;

	return scan_common(&take, &entry) == NULL &&
	    sk_take_rest(&take).len == 0 ? 95 : 0;
}

static int
guess_combined(struct sk_view line)
{
	struct sk_take take = sk_take(line);
	struct entry entry;

	return scan_combined(&take, &entry) == NULL ? 95 : 0;
}

static const char *const columns_clf[] = { "ip", "ident", "user", "time",
	"method", "path", "protocol", "status", "bytes", NULL };
static const char *const columns_combined[] = { "ip", "ident", "user", "time",
	"method", "path", "protocol", "status", "bytes", "referer", "agent",
	"extra", NULL };

const struct sk_parser_kind sk_parse_clf = {
	.name = "clf",
	.help = "access log in the Common Log Format",
	.columns = columns_clf,
	.open = open_clf,
	.parse = parse_clf,
	.guess = guess_clf,
};

const struct sk_parser_kind sk_parse_combined = {
	.name = "combined",
	.help = "access log of Apache and nginx, with referer and agent",
	.columns = columns_combined,
	.open = open_clf,
	.parse = parse_combined,
	.guess = guess_combined,
};
