/* parse/syslog and parse/sshd: lines of syslog, and what sshd says there. */
#include "parsed.h"

#define SHORT "Oct 11 22:14:15 "
#define SHORT_TIME "\"time\":\"2005-10-11T22:14:15Z\","
#define LONG "<165>1 2003-10-11T22:14:15.003Z "
#define LONG_TIME "\"time\":\"2003-10-11T22:14:15.003Z\","
#define PRI "\"facility\":\"local4\",\"severity\":\"notice\""

static void
lines_of_rfc_3164(void **state)
{
	static const char *const cases[] = {
		"<34>" SHORT "mymachine su: 'su root' failed on /dev/pts/8",
		SHORT_TIME "\"host\":\"mymachine\",\"app\":\"su\","
		"\"facility\":\"auth\",\"severity\":\"crit\","
		"\"message\":\"'su root' failed on /dev/pts/8\"",
		SHORT "h sshd[123]: msg ",
		SHORT_TIME "\"host\":\"h\",\"app\":\"sshd\",\"pid\":123,"
		"\"message\":\"msg\"",
		"Oct  1 22:14:15 h sshd(pam_unix)[0123]: msg",
		"\"time\":\"2005-10-01T22:14:15Z\",\"host\":\"h\","
		"\"app\":\"sshd(pam_unix)\",\"pid\":\"0123\","
		"\"message\":\"msg\"",
		"2023-10-11T22:14:15.003+02:00 h app[a-b]: x: y",
		"\"time\":\"2023-10-11T20:14:15.003Z\",\"host\":\"h\","
		"\"app\":\"app\",\"pid\":\"a-b\",\"message\":\"x: y\"",
		SHORT "h kernel: [   12.5] usb 1-1: new",
		SHORT_TIME "\"host\":\"h\",\"app\":\"kernel\","
		"\"message\":\"[   12.5] usb 1-1: new\"",
		SHORT "h kernel:[12.5] x", SHORT_TIME "\"host\":\"h\","
		"\"app\":\"kernel\",\"message\":\"[12.5] x\"",
		SHORT "h syslogd 1.4.1: restart.", SHORT_TIME "\"host\":\"h\","
		"\"app\":\"syslogd 1.4.1\",\"message\":\"restart.\"",
		SHORT "h  -- root[2421]: ROOT LOGIN ON tty2", SHORT_TIME
		"\"host\":\"h\",\"app\":\"-- root\",\"pid\":2421,"
		"\"message\":\"ROOT LOGIN ON tty2\"",
		SHORT "h last message repeated 2 times", SHORT_TIME
		"\"host\":\"h\",\"message\":\"last message repeated 2 times\"",
		SHORT "h Out of memory: x", SHORT_TIME "\"host\":\"h\","
		"\"message\":\"Out of memory: x\"",
		SHORT "h disk 1 2: x", SHORT_TIME "\"host\":\"h\","
		"\"message\":\"disk 1 2: x\"",
		SHORT "h http://x y", SHORT_TIME "\"host\":\"h\","
		"\"message\":\"http://x y\"",
		SHORT "su[1]: no host", SHORT_TIME "\"app\":\"su\","
		"\"pid\":1,\"message\":\"no host\"",
		SHORT "h a[1", SHORT_TIME "\"host\":\"h\","
		"\"message\":\"a[1\"",
		SHORT "h x:", SHORT_TIME "\"host\":\"h\",\"app\":\"x\","
		"\"message\":\"\"",
		"Oct 11 22:14:15.25 h x: y",
		"\"time\":\"2005-10-11T22:14:15.250Z\",\"host\":\"h\","
		"\"app\":\"x\",\"message\":\"y\"",
		"<191>" SHORT "h a: b", SHORT_TIME "\"host\":\"h\","
		"\"app\":\"a\",\"facility\":\"local7\","
		"\"severity\":\"debug\",\"message\":\"b\"",
		"<0>" SHORT "h a: b", SHORT_TIME "\"host\":\"h\","
		"\"app\":\"a\",\"facility\":\"kern\","
		"\"severity\":\"emerg\",\"message\":\"b\"",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i += 2)
		gives("syslog", cases[i], cases[i + 1]);
}

static void
lines_of_rfc_5424(void **state)
{
	static const char *const cases[] = {
		"<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - "
		"ID47 - \xef\xbb\xbf'su root' failed",
		LONG_TIME "\"host\":\"mymachine.example.com\",\"app\":\"su\","
		"\"facility\":\"auth\",\"severity\":\"crit\","
		"\"msgid\":\"ID47\",\"message\":\"'su root' failed\"",
		"<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710"
		" - - %% It's time.",
		"\"time\":\"2003-08-24T12:14:15.000003Z\","
		"\"host\":\"192.0.2.1\",\"app\":\"myproc\",\"pid\":8710,"
		PRI ",\"message\":\"%% It's time.\"",
		LONG "h a - ID47 [exampleSDID@32473 iut=\"3\" "
		"eventSource=\"Application\" eventID=\"1011\"]"
		"[examplePriority@32473 class=\"high\"]",
		LONG_TIME "\"host\":\"h\",\"app\":\"a\"," PRI
		",\"msgid\":\"ID47\",\"data\":{\"exampleSDID@32473\":"
		"{\"iut\":\"3\",\"eventSource\":\"Application\","
		"\"eventID\":\"1011\"},\"examplePriority@32473\":"
		"{\"class\":\"high\"}},\"message\":\"\"",
		LONG "h a - - [x] [y] z",
		LONG_TIME "\"host\":\"h\",\"app\":\"a\"," PRI
		",\"data\":{\"x\":{}},\"message\":\"[y] z\"",
		LONG "h a - - [x a=\"\\\"\\\\\\]\\n]\" b=\"\"] z",
		LONG_TIME "\"host\":\"h\",\"app\":\"a\"," PRI
		",\"data\":{\"x\":{\"a\":\"\\\"\\\\]\\\\n]\",\"b\":\"\"}},"
		"\"message\":\"z\"",
		LONG "h a - - [x a=\"\\\\\x01\xff\"]",
		LONG_TIME "\"host\":\"h\",\"app\":\"a\"," PRI
		",\"data\":{\"x\":{\"a\":\"\\\\\\u0001\xef\xbf\xbd\"}},"
		"\"message\":\"\"",
		"<165>1 - - - - - -", PRI ",\"message\":\"\"",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i += 2)
		gives("syslog", cases[i], cases[i + 1]);
}

/* A value that is six times as long as JSON. */
static void
long_values(void **state)
{
	struct sk_buf line = { 0 }, want = { 0 };
	int i;

	(void)state;
	sk_buf_str(&line, "<0>1 - - - - - [x a=\"\\\"");
	sk_buf_str(&want, "\"facility\":\"kern\",\"severity\":\"emerg\","
	    "\"data\":{\"x\":{\"a\":\"\\\"");
	for (i = 0; i < 5000; i++) {
		sk_buf_char(&line, '\x01');
		sk_buf_str(&want, "\\u0001");
	}
	sk_buf_str(&line, "\"]");
	sk_buf_str(&want, "\"}},\"message\":\"\"");
	gives("syslog", sk_buf_cstr(&line), sk_buf_cstr(&want));
	sk_buf_free(&line);
	sk_buf_free(&want);
}

static void
bad_lines(void **state)
{
	static const char no_time[] = "!no time as Oct 11 22:14:15 or "
	    "2023-10-11T22:14:15Z";
	static const char breaks[] = "!a header of RFC 5424 that breaks off";
	static const char no_pri[] = "!not a priority in front: <0> to <191>";
	static const char open[] = "!structured data that is not closed";
	const char *const cases[] = {
		"", no_time,
		"h sshd[1]: x", no_time,
		"<13>h sshd[1]: x", no_time,
		"2023-10-11 22:14:15 h x: y", no_time,
		"Oct 11 22:14 h x: y", no_time,
		"Okt 11 22:14:15 h x: y", "!not a time as Oct  9 13:55:36",
		"<192>" SHORT "h x: y", no_pri,
		"<>" SHORT "h x: y", no_pri,
		"<1" SHORT "h x: y", no_pri,
		"<0001>" SHORT "h x: y", no_pri,
		"<165>1 2003", breaks,
		LONG "h a -", breaks,
		LONG "h  a - - -", breaks,
		"<165>1 2003-13-11T22:14:15Z h a - - -",
		"!there is no such time",
		LONG "h a - - x", "!no structured data behind the header",
		LONG "h a - - -x", "!text right behind the structured data",
		LONG "h a - - [x", open,
		LONG "h a - - [x a=\"b", open,
		LONG "h a - - [x a=\"b\\", open,
		LONG "h a - - [x a=b]", open,
		LONG "h a - - [x a=\"b\"x]", open,
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i += 2)
		gives("syslog", cases[i], cases[i + 1]);
}

static void
years_follow_each_other(void **state)
{
	struct rig rig;

	(void)state;
	rig_open(&rig, "syslog");
	rig_gives(&rig, "Dec 31 23:59:59 h a: b", 22, "\"time\":"
	    "\"2005-12-31T23:59:59Z\",\"host\":\"h\",\"app\":\"a\","
	    "\"message\":\"b\"");
	rig_gives(&rig, "Jan  1 00:00:00 h a: b", 22, "\"time\":"
	    "\"2006-01-01T00:00:00Z\",\"host\":\"h\",\"app\":\"a\","
	    "\"message\":\"b\"");
	rig_close(&rig);
}

static void
pieces_and_any_bytes(void **state)
{
	static const char good[] = LONG "h a 1 ID [x a=\"\\\"\" b=\"c\"][y] z";
	char line[sizeof(good)];
	struct rig rig;
	size_t len;
	int byte;

	(void)state;
	rig_open(&rig, "syslog");
	for (len = 0; len < sizeof(good) - 1; len++)
		rig_parse(&rig, good, len);
	assert_null(rig_parse(&rig, good, len));
	for (len = 0; len < sizeof(good) - 1; len++)
		for (byte = 0; byte < 256; byte++) {
			memcpy(line, good, sizeof(good));
			line[len] = (char)byte;
			rig_parse(&rig, line, sizeof(good) - 1);
		}
	for (len = 0; len < 20; len++)
		rig_parse(&rig, "<34>" SHORT "h a[1]: x", len);
	rig_close(&rig);
}

/* ---- sshd ---- */

/* What sshd's own members are, of a message. */
static void
says(const char *message, const char *want)
{
	char line[512];
	struct rig rig;
	const char *got;
	size_t i;

	snprintf(line, sizeof(line), SHORT "h sshd[1]: %s", message);
	rig_open(&rig, "sshd");
	assert_null(rig_parse(&rig, line, strlen(line)));
	got = strstr(sk_buf_cstr(&rig.json), "\"pid\":1,");
	assert_non_null(got);
	got += strlen("\"pid\":1,");
	i = strlen(got);
	if (strncmp(got, want, strlen(want)) != 0 ||
	    strncmp(got + strlen(want), "\"message\":\"", 11) != 0 ||
	    got[i - 1] != '"')
		fail_msg("%s\n got %s\nwant %s", message, got, want);
	rig_close(&rig);
}

#define EVENT(name) "\"event\":\"" name "\","

static void
what_sshd_says(void **state)
{
	static const char *const cases[] = {
		"Failed password for root from 192.0.2.7 port 22 ssh2",
		EVENT("failed") "\"method\":\"password\",\"user\":\"root\","
		"\"ip\":\"192.0.2.7\",\"port\":22,",
		"Failed none for invalid user 0 from 2001:db8::1 port 7 ssh2",
		EVENT("failed") "\"method\":\"none\",\"user\":\"0\","
		"\"ip\":\"2001:db8::1\",\"port\":7,",
		"Failed password for invalid user a from b port 1 from "
		"192.0.2.7 port 22 ssh2",
		EVENT("failed") "\"method\":\"password\","
		"\"user\":\"a from b port 1\",\"ip\":\"192.0.2.7\","
		"\"port\":22,",
		"Accepted publickey for a from 192.0.2.7 port 22 ssh2: RSA x",
		EVENT("accepted") "\"method\":\"publickey\",\"user\":\"a\","
		"\"ip\":\"192.0.2.7\",\"port\":22,",
		"Invalid user  from 192.0.2.7",
		EVENT("invalid_user") "\"user\":\"\",\"ip\":\"192.0.2.7\",",
		"Invalid user - from 192.0.2.7 port 5",
		EVENT("invalid_user") "\"user\":\"-\",\"ip\":\"192.0.2.7\","
		"\"port\":5,",
		"input_userauth_request: invalid user a b [preauth]",
		EVENT("auth_request") "\"user\":\"a b\",",
		"reverse mapping checking getaddrinfo for x.example "
		"[192.0.2.7] failed - POSSIBLE BREAK-IN ATTEMPT!",
		EVENT("break_in") "\"ip\":\"192.0.2.7\",",
		"Address 192.0.2.7 maps to x, but this does not map back to "
		"the address - POSSIBLE BREAK-IN ATTEMPT!",
		EVENT("break_in") "\"ip\":\"192.0.2.7\",",
		"error: Received disconnect from 192.0.2.7: 14: No more",
		EVENT("disconnected") "\"ip\":\"192.0.2.7\",",
		"Received disconnect from 192.0.2.7 port 5:11: Bye [preauth]",
		EVENT("disconnected") "\"ip\":\"192.0.2.7\",\"port\":5,",
		"Disconnected from authenticating user x y 192.0.2.7 port 5 "
		"[preauth]",
		EVENT("disconnected") "\"user\":\"x y\","
		"\"ip\":\"192.0.2.7\",\"port\":5,",
		"Connection closed by invalid user  192.0.2.7 port 5 "
		"[preauth]",
		EVENT("closed") "\"user\":\"\",\"ip\":\"192.0.2.7\","
		"\"port\":5,",
		"Connection closed by 192.0.2.7 [preauth]",
		EVENT("closed") "\"ip\":\"192.0.2.7\",",
		"Did not receive identification string from 192.0.2.7",
		EVENT("no_identification") "\"ip\":\"192.0.2.7\",",
		"pam_unix(sshd:auth): authentication failure; logname= uid=0 "
		"euid=0 tty=ssh ruser= rhost=192.0.2.7  user=root",
		EVENT("auth_failure") "\"user\":\"root\","
		"\"ip\":\"192.0.2.7\",",
		"authentication failure; logname= rhost=a.example ",
		EVENT("auth_failure") "\"ip\":\"a.example\",",
		"PAM 5 more authentication failures; logname= rhost=192.0.2.7 "
		" user=a", EVENT("auth_failures") "\"user\":\"a\","
		"\"ip\":\"192.0.2.7\",",
		"pam_unix(sshd:session): session opened for user a(uid=7) by "
		"(uid=0)", EVENT("session_opened") "\"user\":\"a\",",
		"session opened for user test by (uid=509)",
		EVENT("session_opened") "\"user\":\"test\",",
		"pam_unix(sshd:session): session closed for user test",
		EVENT("session_closed") "\"user\":\"test\",",
		"message repeated 5 times: [ Failed password for root from "
		"192.0.2.7 port 9 ssh2]",
		EVENT("failed") "\"method\":\"password\",\"user\":\"root\","
		"\"ip\":\"192.0.2.7\",\"port\":9,\"repeated\":5,",
		"message repeated 2 times: [ hello]", "\"repeated\":2,",
		"User root from 192.0.2.7 not allowed because x",
		EVENT("not_allowed") "\"user\":\"root\","
		"\"ip\":\"192.0.2.7\",",
		"error: maximum authentication attempts exceeded for invalid "
		"user a from 192.0.2.7 port 5 ssh2 [preauth]",
		EVENT("max_attempts") "\"user\":\"a\","
		"\"ip\":\"192.0.2.7\",\"port\":5,",
		"Server listening on :: port 22.",
		EVENT("listening") "\"ip\":\"::\",\"port\":22,",
		"Failed password", "",
		"hello", "",
		"", "",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i += 2)
		says(cases[i], cases[i + 1]);
	gives("sshd", SHORT "h cron[1]: Invalid user x from 192.0.2.7",
	    SHORT_TIME "\"host\":\"h\",\"app\":\"cron\",\"pid\":1,"
	    "\"message\":\"Invalid user x from 192.0.2.7\"");
	gives("sshd", "x", "!no time as Oct 11 22:14:15 or "
	    "2023-10-11T22:14:15Z");
}

static void
guesses(void **state)
{
	(void)state;
	assert_int_equal(sure("syslog", SHORT "h a[1]: x"), 90);
	assert_int_equal(sure("syslog", SHORT "h x"), 40);
	assert_int_equal(sure("syslog", LONG "h a - - - x"), 90);
	assert_int_equal(sure("syslog", "2023-10-11T22:14:15Z h a: x"), 70);
	assert_int_equal(sure("syslog", "2023-10-11 22:14:15 INFO a: x"), 0);
	assert_int_equal(sure("syslog", "<999>x"), 0);
	assert_int_equal(sure("sshd", SHORT "h sshd[1]: x"), 92);
	assert_int_equal(sure("sshd", SHORT "h cron[1]: x"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_of_rfc_3164),
		cmocka_unit_test(lines_of_rfc_5424),
		cmocka_unit_test(long_values),
		cmocka_unit_test(bad_lines),
		cmocka_unit_test(years_follow_each_other),
		cmocka_unit_test(pieces_and_any_bytes),
		cmocka_unit_test(what_sshd_says),
		cmocka_unit_test(guesses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
