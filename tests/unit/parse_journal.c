/* parse/journal: records of the journal, and where they end. */
#include "parsed.h"

#define TIME "\"time\":\"2023-10-11T22:14:15.000123Z\","
#define STAMP "__REALTIME_TIMESTAMP=1697062455000123\n"

static void
json(void **state)
{
	static const char *const cases[] = {
		"{\"__CURSOR\":\"s=1\",\"__REALTIME_TIMESTAMP\":"
		"\"1697062455000123\",\"_HOSTNAME\":\"h\",\"PRIORITY\":\"6\","
		"\"SYSLOG_FACILITY\":\"3\",\"SYSLOG_IDENTIFIER\":\"systemd\","
		"\"_PID\":\"1\",\"_COMM\":\"x\",\"_SYSTEMD_UNIT\":"
		"\"init.scope\",\"MESSAGE\":\" Started \\\"x\\\"\\n\"}",
		TIME "\"host\":\"h\",\"app\":\"systemd\",\"pid\":1,"
		"\"facility\":\"daemon\",\"severity\":\"info\","
		"\"unit\":\"init.scope\",\"message\":\"Started \\\"x\\\"\"",
		"{\"__REALTIME_TIMESTAMP\":\"1697062455000123\","
		"\"_COMM\":\"x\",\"SYSLOG_PID\":\"7\",\"PRIORITY\":\"9\","
		"\"MESSAGE\":[104, 105,255]}",
		TIME "\"app\":\"x\",\"pid\":7,\"message\":\"hi\xef\xbf\xbd\"",
		"{\"__REALTIME_TIMESTAMP\":\"1697062455000123\","
		"\"MESSAGE\":[\"a\",\"b\"]}", TIME "\"message\":[\"a\",\"b\"]",
		"{\"__REALTIME_TIMESTAMP\":\"1697062455000123\","
		"\"MESSAGE\":[300]}", TIME "\"message\":[300]",
		"{\"__REALTIME_TIMESTAMP\":1697062455000123,\"MESSAGE\":null,"
		"\"PRIORITY\":\"-\"}",
		"\"time\":\"2023-10-11T22:14:15.000123Z\"",
		"{}", "!no __REALTIME_TIMESTAMP",
		"{\"__REALTIME_TIMESTAMP\":\"x\"}",
		"!__REALTIME_TIMESTAMP is not a number",
		"{\"__REALTIME_TIMESTAMP\":\"9223372036854775807\"}",
		"!a time beyond 1677-09-21 to 2262-04-11",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i += 2)
		gives("journal", cases[i], cases[i + 1]);
}

static void
export_fields(void **state)
{
	static const char binary[] = STAMP "MESSAGE\n\x05\0\0\0\0\0\0\0a\n\nb\n"
	    "\n_PID=012\nMESSAGE=second\n";
	struct rig rig;

	(void)state;
	gives("journal", "__CURSOR=s=1\n" STAMP "PRIORITY=4\n"
	    "SYSLOG_FACILITY=10\n_HOSTNAME=h\nSYSLOG_IDENTIFIER=sshd\n"
	    "_PID=12\nMESSAGE=a=b\n_SYSTEMD_UNIT=ssh.service\n",
	    TIME "\"host\":\"h\",\"app\":\"sshd\",\"pid\":12,"
	    "\"facility\":\"authpriv\",\"severity\":\"warning\","
	    "\"unit\":\"ssh.service\",\"message\":\"a=b\"");
	rig_open(&rig, "journal");
	rig_gives(&rig, binary, sizeof(binary) - 1, TIME "\"pid\":\"012\","
	    "\"message\":\"a\\u000a\\u000ab\"");
	rig_close(&rig);
	gives("journal", STAMP "hello\n", "!not a field of the journal");
	gives("journal", STAMP "MESSAGE\nabc\n", "!not a field of the journal");
	gives("journal", "_PID=1\n", "!no __REALTIME_TIMESTAMP");
	gives("journal", "", "!no __REALTIME_TIMESTAMP");
}

/* The records of an input, cut from buffers that end after `piece` bytes
 * more each time, each with a `|` behind; a NUL is shown as 0.  Its last byte
 * is what ends records. */
static void
cuts(const char *input, size_t len, size_t piece, const char *want)
{
	char sep = input[len - 1];
	struct sk_view out[2];
	struct sk_buf got = { 0 };
	size_t begin = 0, end = 0, i;
	struct sk_lines lines;
	struct rig rig;
	char *copy;

	rig_open_sep(&rig, "journal", sep);
	while (begin < len) {
		end = len - end < piece ? len : end + piece;
		copy = sk_xcalloc(1, end - begin + SK_PAD);
		memcpy(copy, input + begin, end - begin);
		lines = rig.parser.cut.cut(rig.parser.cut.self, copy,
		    end - begin, end == len, out, 2);
		for (i = 0; i < lines.n; i++) {
			sk_buf_view(&got, out[i]);
			sk_buf_char(&got, '|');
		}
		assert_int_equal(lines.nseps, sk_lines_count(copy, lines.used,
		    sep));
		assert_true(lines.n == 2 || end < len ||
		    begin + lines.used == len);
		begin += lines.used;
		free(copy);
	}
	for (i = 0; i < got.len; i++)
		if (got.ptr[i] == '\0')
			got.ptr[i] = '0';
	if (strcmp(sk_buf_cstr(&got), want) != 0)
		fail_msg("%zu: got %s\nwant %s", piece, got.ptr, want);
	sk_buf_free(&got);
	rig_close(&rig);
}

static void
records_are_cut(void **state)
{
	static const char mixed[] = "{\"a\":1}\n\n{\"b\":2}\nA=1\nB=2\n\n\n"
	    "C\n\x03\0\0\0\0\0\0\0\n\n\n\n\nhello world\nA=1\nx y\nD=4\n"
	    "\n{\"c\":3}\nE=5\n";
	static const char open[] = "A=1\nB\n\x09\0\0\0\0\0\0\x01"
	    "x\n\n{}\n";
	static const char nuls[] = "{\n}\0A=1\n\n\0{}\0\nB=2";
	size_t piece;

	(void)state;
	for (piece = 1; piece <= sizeof(mixed); piece++) {
		cuts(mixed, sizeof(mixed) - 1, piece, "{\"a\":1}|{\"b\":2}|"
		    "A=1\nB=2\n|C\n\x03" "0000000\n\n\n\n|hello world|"
		    "A=1\nx y|D=4\n|{\"c\":3}|E=5\n|");
		cuts(open, sizeof(open) - 1, piece,
		    "A=1\nB|\x09" "000000\x01x|{}|");
		cuts(nuls, sizeof(nuls), piece, "{\n}|A=1\n|{}|B=2|");
		cuts("x", 2, piece, "x|");
	}
}

static void
guesses(void **state)
{
	(void)state;
	assert_int_equal(sure("journal", "{\"a\":1}"), 0);
	assert_int_equal(sure("journal", "{\"__REALTIME_TIMESTAMP\":\"1\"}"),
	    95);
	assert_int_equal(sure("journal", "__CURSOR=s=1"), 95);
	assert_int_equal(sure("journal", "MESSAGE=x"), 30);
	assert_int_equal(sure("journal", "MESSAGE"), 0);
	assert_int_equal(sure("journal", "level=x"), 0);
	assert_int_equal(sure("journal", ""), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json),
		cmocka_unit_test(export_fields),
		cmocka_unit_test(records_are_cut),
		cmocka_unit_test(guesses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
