/*
 * What sshd says through syslog: the members of `syslog`, and what happened.
 *
 *	event     one of the names in the table below, or null
 *	method    of authentication: password, publickey, none ...
 *	user      as it was sent; it may be any text
 *	ip        an address, or a name where sshd writes one
 *	port
 *	repeated  5 of `message repeated 5 times: [ ... ]`, whose event and the
 *	          rest are those of the line inside
 *
 * Lines that are not in the table, and those of other programs in the same
 * file, are as in `syslog`.
 *
 * A user name is what an attacker sends, so it ends at the last place where
 * the rest of the line fits: `root from 1.1.1.1 port 22` as a user does not
 * give an address.
 *
 * Source: OpenSSH 9, auth.c, auth2.c, packet.c, sshd.c; Linux-PAM, pam_unix.
 */
#include "parse/formats.h"
#include "parse/syslog.h"
#include "parse/take.h"

struct happened {
	const char *event;
	struct sk_view method, user, ip, port, repeated;
};

/*
 * Texts as sshd writes them; what follows is not compared.  `%m` is a word,
 * `%i` a word without its colon, `%p` digits, `%u` all up to the last place of
 * the text behind it and `%v` up to the first, of a user that PAM knows; `%w`
 * is a word and `%x` all up to the text behind it, both passed over.
 */
static const struct {
	const char *event;
	const char *text;
} events[] = {
	{ "failed", "Failed %m for invalid user %u from %i port %p" },
	{ "failed", "Failed %m for %u from %i port %p" },
	{ "accepted", "Accepted %m for %u from %i port %p" },
	{ "postponed", "Postponed %m for invalid user %u from %i port %p" },
	{ "postponed", "Postponed %m for %u from %i port %p" },
	{ "invalid_user", "Invalid user %u from %i port %p" },
	{ "invalid_user", "Invalid user %u from %i" },
	{ "auth_request", "input_userauth_request: invalid user %u [preauth]" },
	{ "auth_request", "input_userauth_request: invalid user %u" },
	{ "auth_failure", "authentication failure; %xrhost=%i  user=%u" },
	{ "auth_failure", "authentication failure; %xrhost=%i" },
	{ "auth_failures", "PAM %w more authentication failure%xrhost=%i  "
	    "user=%u" },
	{ "auth_failures", "PAM %w more authentication failure%xrhost=%i" },
	{ "unknown_user", "check pass; user unknown" },
	{ "session_opened", "session opened for user %v(uid=%w by " },
	{ "session_opened", "session opened for user %u by " },
	{ "session_closed", "session closed for user %u" },
	{ "disconnected", "Received disconnect from %i port %p" },
	{ "disconnected", "Received disconnect from %i" },
	{ "disconnected", "Disconnected from invalid user %u %i port %p" },
	{ "disconnected", "Disconnected from authenticating user %u %i port "
	    "%p" },
	{ "disconnected", "Disconnected from user %u %i port %p" },
	{ "disconnected", "Disconnected from %i port %p" },
	{ "disconnected", "Disconnected from %i" },
	{ "disconnecting", "Disconnecting invalid user %u %i port %p" },
	{ "disconnecting", "Disconnecting authenticating user %u %i port %p" },
	{ "disconnecting", "Disconnecting" },
	{ "closed", "Connection closed by invalid user %u %i port %p" },
	{ "closed", "Connection closed by authenticating user %u %i port %p" },
	{ "closed", "Connection closed by %i port %p" },
	{ "closed", "Connection closed by %i" },
	{ "reset", "Connection reset by invalid user %u %i port %p" },
	{ "reset", "Connection reset by authenticating user %u %i port %p" },
	{ "reset", "Connection reset by %i port %p" },
	{ "reset", "Connection reset by %i" },
	{ "connected", "Connection from %i port %p" },
	{ "no_identification", "Did not receive identification string from "
	    "%i port %p" },
	{ "no_identification", "Did not receive identification string from "
	    "%i" },
	{ "bad_protocol", "Bad protocol version identification %u from %i "
	    "port %p" },
	{ "no_match", "Unable to negotiate with %i port %p" },
	{ "not_allowed", "User %u from %i not allowed" },
	{ "not_allowed", "ROOT LOGIN REFUSED FROM %i port %p" },
	{ "max_attempts", "maximum authentication attempts exceeded for "
	    "invalid user %u from %i port %p" },
	{ "max_attempts", "maximum authentication attempts exceeded for %u "
	    "from %i port %p" },
	{ "listening", "Server listening on %i port %p" },
};

#define NEVENTS (sizeof(events) / sizeof(events[0]))

/* ---- texts with places in them ---- */

/* The last place of `text` in what is left, or NULL. */
static const char *
find_last(const struct sk_take *take, const char *text, size_t len)
{
	size_t left = sk_take_left(take);
	const char *at;

	if (left < len)
		return NULL;
	for (left -= len; ; left--) {
		at = take->at + left;
		if (*at == *text && memcmp(at, text, len) == 0)
			return at;
		if (left == 0)
			return NULL;
	}
}

/* A user, up to the last place of `text`, the format behind `%u`. */
static bool
take_user(struct sk_take *take, const char *text, struct sk_view *user)
{
	size_t len = strcspn(text, "%");
	const char *end = take->end;

	if (len == 1 && text[1] == '%') {
		/* `%u %i port `: the word before the last ` port `. */
		end = find_last(take, " port ", 6);
		if (end == NULL)
			return false;
		do {
			if (end == take->at)
				return false;
			end--;
		} while (*end != ' ');
	} else if (len > 0) {
		end = find_last(take, text, len);
		if (end == NULL)
			return false;
	}
	*user = sk_take_trim(sk_view(take->at, (size_t)(end - take->at)));
	take->at = end;
	return true;
}

/* One place; `text` is what stands behind it in the format. */
static bool
take_place(struct sk_take *take, char place, const char *text,
    struct happened *got)
{
	const char *begin, *found;
	size_t len;

	switch (place) {
	case 'm':
		got->method = sk_take_word(take);
		return got->method.len > 0;
	case 'i':
		got->ip = sk_take_word(take);
		len = got->ip.len;
		/* `1.2.3.4:`, but not `::`. */
		if (len > 1 && got->ip.ptr[len - 1] == ':' &&
		    got->ip.ptr[len - 2] != ':')
			got->ip.len--;
		return len > 0;
	case 'p':
		got->port = sk_take_digits(take);
		return got->port.len > 0;
	case 'u':
		return take_user(take, text, &got->user);
	case 'w':
		return sk_take_word(take).len > 0;
	default:
		begin = take->at;
		found = memmem(begin, sk_take_left(take), text,
		    strcspn(text, "%"));
		if (found == NULL)
			return false;
		if (place == 'v')
			got->user = sk_view(begin, (size_t)(found - begin));
		take->at = found;
		return true;
	}
}

static bool
fits(struct sk_take take, const char *text, struct happened *got)
{
	memset(got, 0, sizeof(*got));
	for (; *text != '\0'; text++) {
		if (*text == '%') {
			text += 2;
			if (!take_place(&take, text[-1], text, got))
				return false;
			text--;
		} else if (!sk_take_char(&take, *text)) {
			return false;
		}
	}
	return true;
}

/* ---- events ---- */

static bool
find_break_in(struct sk_take take, struct happened *got)
{
	struct sk_view name;

	if (memmem(take.at, sk_take_left(&take), "POSSIBLE BREAK-IN ATTEMPT",
	    25) == NULL)
		return false;
	got->event = "break_in";
	if (sk_take_str(&take, "Address ")) {
		got->ip = sk_take_word(&take);
	} else if (sk_take_str(&take, "reverse mapping checking getaddrinfo "
	    "for ") && sk_take_until(&take, '[', &name)) {
		if (!sk_take_until(&take, ']', &got->ip))
			got->ip = sk_view(NULL, 0);
	}
	return true;
}

/* `message repeated 5 times: [ ... ]`: what stands inside. */
static void
take_repeated(struct sk_take *take, struct sk_view *repeated)
{
	struct sk_take scan = *take;
	struct sk_view times;

	if (!sk_take_str(&scan, "message repeated "))
		return;
	times = sk_take_digits(&scan);
	if (times.len == 0 || !sk_take_str(&scan, " times: [") ||
	    scan.end[-1] != ']')
		return;
	*repeated = times;
	scan.end--;
	sk_take_blanks(&scan, 0);
	*take = scan;
}

static void
find_event(struct sk_view message, struct happened *got)
{
	struct sk_take take = sk_take(message);
	struct sk_view repeated = { NULL, 0 };
	size_t i;

	memset(got, 0, sizeof(*got));
	take_repeated(&take, &repeated);
	if (!sk_take_str(&take, "error: ") &&
	    !sk_take_str(&take, "fatal: ") &&
	    !sk_take_str(&take, "pam_unix(sshd:auth): "))
		sk_take_str(&take, "pam_unix(sshd:session): ");
	if (!find_break_in(take, got))
		for (i = 0; i < NEVENTS && got->event == NULL; i++)
			if (fits(take, events[i].text, got))
				got->event = events[i].event;
	if (got->event == NULL)
		memset(got, 0, sizeof(*got));
	got->repeated = repeated;
}

static bool
is_sshd(struct sk_view app)
{
	return app.len >= 4 && memcmp(app.ptr, "sshd", 4) == 0;
}

static const char *
parse_sshd(struct sk_parser *parser, struct sk_view line,
    struct sk_parsed *out)
{
	struct happened got = { 0 };
	struct sk_syslog syslog;
	const char *why = sk_syslog_scan(parser, line, &syslog, out);

	if (why != NULL)
		return why;
	if (is_sshd(syslog.app))
		find_event(syslog.message, &got);
	sk_syslog_put(out, &syslog);
	sk_take_put(out, "event", got.event == NULL ? sk_view(NULL, 0) :
	    sk_view_str(got.event));
	sk_take_put(out, "method", got.method);
	if (got.user.ptr == NULL)
		sk_parsed_null(out, "user");
	else
		sk_parsed_text(out, "user", got.user);
	sk_take_put(out, "ip", got.ip);
	sk_take_put_number(out, "port", got.port);
	sk_take_put_number(out, "repeated", got.repeated);
	sk_parsed_text(out, "message", syslog.message);
	return NULL;
}

static int
guess_sshd(struct sk_view line)
{
	struct sk_view app;
	int guess = sk_syslog_guess(line, &app);

	return guess > 0 && is_sshd(app) ? 92 : 0;
}

static const char *const columns[] = { SK_SYSLOG_COLUMNS, "event", "method",
	"user", "ip", "port", "repeated", "message", NULL };

const struct sk_parser_kind sk_parse_sshd = {
	.name = "sshd",
	.help = "syslog of sshd: who came from where, and what became of it",
	.columns = columns,
	.parse = parse_sshd,
	.guess = guess_sshd,
};
