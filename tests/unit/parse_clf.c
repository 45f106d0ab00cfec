/* parse/clf: access logs, common and combined. */
#include "parsed.h"

#define FRONT "192.0.2.7 - - [10/Oct/2000:13:55:36 -0700] "
#define IP_TIME "\"ip\":\"192.0.2.7\",\"time\":\"2000-10-10T20:55:36Z\""

static void
lines_of_the_manual(void **state)
{
	(void)state;
	gives("clf", "127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "
	    "\"GET /apache_pb.gif HTTP/1.0\" 200 2326",
	    "\"ip\":\"127.0.0.1\",\"user\":\"frank\","
	    "\"time\":\"2000-10-10T20:55:36Z\",\"method\":\"GET\","
	    "\"path\":\"/apache_pb.gif\",\"protocol\":\"HTTP/1.0\","
	    "\"status\":200,\"bytes\":2326");
	gives("combined", FRONT "\"GET /a HTTP/1.0\" 200 2326 "
	    "\"http://www.example.com/start.html\" "
	    "\"Mozilla/4.08 [en] (Win98; I ;Nav)\"",
	    IP_TIME ",\"method\":\"GET\",\"path\":\"/a\","
	    "\"protocol\":\"HTTP/1.0\",\"status\":200,\"bytes\":2326,"
	    "\"referer\":\"http://www.example.com/start.html\","
	    "\"agent\":\"Mozilla/4.08 [en] (Win98; I ;Nav)\"");
}

static void
whoever_asks(void **state)
{
	static const struct {
		const char *front, *want;
	} cases[] = {
		{ "2001:db8::1 - -", "\"ip\":\"2001:db8::1\"," },
		{ "www.example.com id -",
		    "\"ip\":\"www.example.com\",\"ident\":\"id\"," },
		{ "h - John Smith", "\"ip\":\"h\",\"user\":\"John Smith\"," },
		{ "h - a [b] c", "\"ip\":\"h\",\"user\":\"a [b] c\"," },
		{ "h - x [01/Jan/2001:00:00:00 +0000]", "\"ip\":\"h\","
		    "\"user\":\"x [01/Jan/2001:00:00:00 +0000]\"," },
		{ "h - \"\"", "\"ip\":\"h\",\"user\":\"\\\"\\\"\"," },
	};
	char line[256], want[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(line, sizeof(line), "%s [10/Oct/2000:13:55:36 +0000]"
		    " \"-\" 408 -", cases[i].front);
		snprintf(want, sizeof(want), "%s\"time\":"
		    "\"2000-10-10T13:55:36Z\",\"status\":408", cases[i].want);
		gives("clf", line, want);
	}
}

static void
whatever_is_asked(void **state)
{
	static const struct {
		const char *request, *want;
	} cases[] = {
		{ "", "" },
		{ "-", "" },
		{ "GET /", ",\"method\":\"GET\",\"path\":\"/\"" },
		{ "GET / HTTP/2", ",\"method\":\"GET\",\"path\":\"/\","
		    "\"protocol\":\"HTTP/2\"" },
		{ "M-SEARCH * HTTP/1.1", ",\"method\":\"M-SEARCH\","
		    "\"path\":\"*\",\"protocol\":\"HTTP/1.1\"" },
		{ "GET /a b/c d HTTP/1.1", ",\"method\":\"GET\","
		    "\"path\":\"/a b/c d\",\"protocol\":\"HTTP/1.1\"" },
		{ "GET  HTTP/1.1", ",\"method\":\"GET\",\"path\":\"\","
		    "\"protocol\":\"HTTP/1.1\"" },
		{ "GET HTTP/1.1", ",\"method\":\"GET\","
		    "\"path\":\"HTTP/1.1\"" },
		{ "GET /x HTTP/", ",\"method\":\"GET\","
		    "\"path\":\"/x HTTP/\"" },
		{ "GET", ",\"path\":\"GET\"" },
		{ "GET ", ",\"method\":\"GET\",\"path\":\"\"" },
		{ "/x HTTP/1.1", ",\"path\":\"/x\","
		    "\"protocol\":\"HTTP/1.1\"" },
		{ "\\x16\\x03\\x01", ",\"path\":\"\\\\x16\\\\x03\\\\x01\"" },
		{ "GET /\\\"q\\\\ HTTP/1.0", ",\"method\":\"GET\","
		    "\"path\":\"/\\\\\\\"q\\\\\\\\\","
		    "\"protocol\":\"HTTP/1.0\"" },
		{ "-x y", ",\"path\":\"-x y\"" },
	};
	char line[256], want[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(line, sizeof(line), FRONT "\"%s\" 200 0 \"-\" \"\"",
		    cases[i].request);
		snprintf(want, sizeof(want), IP_TIME "%s,\"status\":200,"
		    "\"bytes\":0,\"agent\":\"\"", cases[i].want);
		gives("combined", line, want);
	}
}

static void
numbers_are_numbers(void **state)
{
	(void)state;
	gives("clf", FRONT "\"-\" 000 007", IP_TIME
	    ",\"status\":0,\"bytes\":7");
	gives("clf", FRONT "\"-\" - -", IP_TIME);
	gives("clf", FRONT "\"-\" 99999999999999999999 0", IP_TIME
	    ",\"status\":99999999999999999999,\"bytes\":0");
	gives("clf", FRONT "\"-\" 20x 5", "!no bytes behind the status");
	gives("clf", FRONT "\"-\" x 5", "!no status behind the request");
	gives("clf", FRONT "\"-\" 200 5.5", "!text behind the bytes "
	    "(combined?)");
}

static void
extras(void **state)
{
	static const char last[] = "\"-\" 200 5 \"-\" \"x\"";
	char line[256];

	(void)state;
	snprintf(line, sizeof(line), FRONT "%s", last);
	gives("combined", line, IP_TIME ",\"status\":200,\"bytes\":5,"
	    "\"agent\":\"x\"");
	snprintf(line, sizeof(line), FRONT "%s  ", last);
	gives("combined", line, IP_TIME ",\"status\":200,\"bytes\":5,"
	    "\"agent\":\"x\"");
	snprintf(line, sizeof(line), FRONT "%s \"a\" 0.012 - ", last);
	gives("combined", line, IP_TIME ",\"status\":200,\"bytes\":5,"
	    "\"agent\":\"x\",\"extra\":\"\\\"a\\\" 0.012 -\"");
	snprintf(line, sizeof(line), FRONT "%s\t\r", last);
	gives("combined", line, IP_TIME ",\"status\":200,\"bytes\":5,"
	    "\"agent\":\"x\"");
	snprintf(line, sizeof(line), FRONT "%s\ty", last);
	gives("combined", line, "!text right behind the agent's quote");
	snprintf(line, sizeof(line), FRONT "%sy", last);
	gives("combined", line, "!text right behind the agent's quote");
}

static void
bad_lines(void **state)
{
	static const struct {
		const char *line, *why;
	} cases[] = {
		{ "", "!no address, identity and user" },
		{ " - - [10/Oct/2000:13:55:36 -0700] \"-\" 1 2",
		    "!no address, identity and user" },
		{ "h  - [10/Oct/2000:13:55:36 -0700] \"-\" 1 2",
		    "!no identity and user" },
		{ "h -  [10/Oct/2000:13:55:36 -0700] \"-\" 1 2",
		    "!no user, [10/Oct/2000:13:55:36 -0700] and request" },
		{ "h - ab[10/Oct/2000:13:55:36 -0700] \"-\" 1 2",
		    "!no user, [10/Oct/2000:13:55:36 -0700] and request" },
		{ "h - - [10/Oct/2000:13:55:36] \"-\" 1 2",
		    "!no user, [10/Oct/2000:13:55:36 -0700] and request" },
		{ "h - - [10/Okt/2000:13:55:36 -0700] \"-\" 1 2 \"\" \"\"",
		    "!not a time as [10/Oct/2000:13:55:36 -0700]" },
		{ FRONT, "!no user, [10/Oct/2000:13:55:36 -0700] and request" },
		{ FRONT "\"GET / HTTP/1.0", "!the request's quote is not "
		    "closed" },
		{ FRONT "\"GET /\\\" 200 5", "!the request's quote is not "
		    "closed" },
		{ FRONT "\"-\"", "!no status behind the request" },
		{ FRONT "\"-\" 200", "!no bytes behind the status" },
		{ FRONT "\"-\" 200 5", "!no referer in quotes" },
		{ FRONT "\"-\" 200 5 x", "!no referer in quotes" },
		{ FRONT "\"-\" 200 5 \"-\"", "!no agent in quotes" },
		{ FRONT "\"-\" 200 5 \"-\" \"Mozilla/5.0 (comp",
		    "!no agent in quotes" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		gives("combined", cases[i].line, cases[i].why);
}

/* Every beginning of a line is bad, and the line itself with any bytes in it
 * is read without a byte too far (with the sanitizers). */
static void
pieces_and_any_bytes(void **state)
{
	static const char good[] = FRONT "\"GET /\\\\ HTTP/1.0\" 200 5 "
	    "\"r\\\"\" \"a\"";
	char line[sizeof(good)];
	struct rig rig;
	size_t len;
	int byte;

	(void)state;
	rig_open(&rig, "combined");
	for (len = 0; len < sizeof(good) - 1; len++)
		assert_non_null(rig_parse(&rig, good, len));
	assert_null(rig_parse(&rig, good, len));
	for (len = 0; len < sizeof(good) - 1; len++)
		for (byte = 0; byte < 256; byte++) {
			memcpy(line, good, sizeof(good));
			line[len] = (char)byte;
			rig_parse(&rig, line, sizeof(good) - 1);
		}
	rig_close(&rig);
}

static void
guesses(void **state)
{
	static const char clf[] = FRONT "\"GET / HTTP/1.0\" 200 5";
	static const char combined[] = FRONT "\"GET / HTTP/1.0\" 200 5 "
	    "\"-\" \"x\"";

	(void)state;
	assert_int_equal(sure("clf", clf), 95);
	assert_int_equal(sure("combined", clf), 0);
	assert_int_equal(sure("clf", combined), 0);
	assert_int_equal(sure("combined", combined), 95);
	assert_int_equal(sure("combined", ""), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_of_the_manual),
		cmocka_unit_test(whoever_asks),
		cmocka_unit_test(whatever_is_asked),
		cmocka_unit_test(numbers_are_numbers),
		cmocka_unit_test(extras),
		cmocka_unit_test(bad_lines),
		cmocka_unit_test(pieces_and_any_bytes),
		cmocka_unit_test(guesses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
