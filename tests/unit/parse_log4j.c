/* parse/log4j: logs of Java programs. */
#include "parsed.h"

#define AT "2015-10-18 18:01:47,978 "
#define TIME "\"time\":\"2015-10-18T18:01:47.978Z\","

static void
layouts(void **state)
{
	static const char *const cases[] = {
		/* Hadoop */
		AT "INFO [main] org.apache.hadoop.X: msg: x ",
		TIME "\"level\":\"INFO\",\"thread\":\"main\","
		"\"component\":\"org.apache.hadoop.X\",\"message\":\"msg: x\"",
		AT "INFO [a [b] c] x.Y:  msg",
		TIME "\"level\":\"INFO\",\"thread\":\"a [b] c\","
		"\"component\":\"x.Y\",\"message\":\"msg\"",
		AT "WARN x.Y: [a] b",
		TIME "\"level\":\"WARN\",\"component\":\"x.Y\","
		"\"message\":\"[a] b\"",
		/* HDFS, Spark */
		"081109 203615 148 INFO dfs.DataNode$PacketResponder: msg",
		"\"time\":\"2008-11-09T20:36:15Z\",\"level\":\"INFO\","
		"\"pid\":148,\"component\":\"dfs.DataNode$PacketResponder\","
		"\"message\":\"msg\"",
		"15/10/18 18:01:47 INFO SparkContext: Running Spark",
		"\"time\":\"2015-10-18T18:01:47Z\",\"level\":\"INFO\","
		"\"component\":\"SparkContext\",\"message\":\"Running Spark\"",
		/* %d %-5p %c{1}:%L - %m */
		AT "WARN  Bar:45 - a - b",
		TIME "\"level\":\"WARN\",\"component\":\"Bar\",\"line\":45,"
		"\"message\":\"a - b\"",
		/* Logback */
		AT "[http-nio-1] ERROR com.foo.Bar - oops: [x]",
		TIME "\"level\":\"ERROR\",\"thread\":\"http-nio-1\","
		"\"component\":\"com.foo.Bar\",\"message\":\"oops: [x]\"",
		/* Spring Boot */
		"2019-03-05T10:57:51.112+01:00  INFO 45469 --- [           "
		"main] o.a.c.core.StandardEngine  : Starting",
		"\"time\":\"2019-03-05T09:57:51.112Z\",\"level\":\"INFO\","
		"\"pid\":45469,\"thread\":\"main\","
		"\"component\":\"o.a.c.core.StandardEngine\","
		"\"message\":\"Starting\"",
		AT " INFO 1 --- [app] [  main] a.B : : c",
		TIME "\"level\":\"INFO\",\"pid\":1,\"thread\":\"main\","
		"\"context\":\"app\",\"component\":\"a.B\","
		"\"message\":\": c\"",
		/* ZooKeeper */
		AT "- INFO  [QuorumPeer[myid=1]/0:0:2181:FastLeader@774] - msg",
		TIME "\"level\":\"INFO\",\"thread\":\"QuorumPeer[myid=1]/0\","
		"\"component\":\"0:2181:FastLeader\",\"line\":774,"
		"\"message\":\"msg\"",
		AT "[myid:3] - WARN  [main:QuorumPeer@913] - a - b",
		TIME "\"level\":\"WARN\",\"thread\":\"main\","
		"\"context\":\"myid:3\",\"component\":\"QuorumPeer\","
		"\"line\":913,\"message\":\"a - b\"",
		/* Kafka */
		"[2015-10-18 18:01:47,978] INFO [GroupCoordinator 0]: done. "
		"(kafka.coordinator.GroupCoordinator)",
		TIME "\"level\":\"INFO\","
		"\"component\":\"kafka.coordinator.GroupCoordinator\","
		"\"message\":\"[GroupCoordinator 0]: done.\"",
		"[2015-10-18 18:01:47,978] INFO a (b c)",
		TIME "\"level\":\"INFO\",\"message\":\"a (b c)\"",
		"[2015-10-18 18:01:47,978] ERROR a (b.C)\njava.X\n\tat y",
		TIME "\"level\":\"ERROR\",\"component\":\"b.C\","
		"\"message\":\"a (b.C)\\u000ajava.X\\u000a\\u0009at y\"",
		/* Elasticsearch */
		"[2015-10-18T18:01:47,978][INFO ][o.e.n.Node     ] [n1] up",
		TIME "\"level\":\"INFO\",\"context\":\"n1\","
		"\"component\":\"o.e.n.Node\",\"message\":\"up\"",
		/* What is not there. */
		AT "INFO hello", TIME "\"level\":\"INFO\","
		"\"message\":\"hello\"",
		AT "INFO", TIME "\"level\":\"INFO\",\"message\":\"\"",
		AT "INFO [x hello", TIME "\"level\":\"INFO\","
		"\"message\":\"[x hello\"",
		AT "INFO 12 x", TIME "\"level\":\"INFO\","
		"\"message\":\"12 x\"",
		/* Lines that were joined. */
		AT "ERROR [main] a.B: oops\njava.lang.X: y\n\tat z\n",
		TIME "\"level\":\"ERROR\",\"thread\":\"main\","
		"\"component\":\"a.B\",\"message\":\"oops\\u000a"
		"java.lang.X: y\\u000a\\u0009at z\"",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i += 2)
		gives("log4j", cases[i], cases[i + 1]);
}

static void
bad_lines(void **state)
{
	static const char *const cases[] = {
		"", "!no time in front",
		"\tat java.lang.Thread.run(Thread.java:748)",
		"!no time in front",
		"2015-10-18 18:01:47x INFO y", "!no time in front",
		"2015-13-18 18:01:47 INFO y", "!there is no such time",
		"[2015-10-18 18:01:47 INFO y", "!no time in front",
		AT, "!no level (INFO, WARN, ...)",
		AT "info x", "!no level (INFO, WARN, ...)",
		"[2015-10-18 18:01:47,978] x", "!no level (INFO, WARN, ...)",
		"[2015-10-18 18:01:47,978][x] y",
		"!no level (INFO, WARN, ...)",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i += 2)
		gives("log4j", cases[i], cases[i + 1]);
}

static void
pieces(void **state)
{
	static const char *const cases[] = {
		AT "[myid:3] - WARN  [main:QuorumPeer@913] - a - b",
		AT " INFO 1 --- [app] [  main] a.B : : c",
		"[2015-10-18T18:01:47,978][INFO ][o.e.n.Node     ] [n1] up",
		"[2015-10-18 18:01:47,978] INFO a (b.C)",
	};
	struct rig rig;
	size_t i, len;

	(void)state;
	rig_open(&rig, "log4j");
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (len = 0; len < strlen(cases[i]); len++)
			rig_parse(&rig, cases[i], len);
		assert_null(rig_parse(&rig, cases[i], len));
	}
	rig_close(&rig);
}

static void
guesses(void **state)
{
	(void)state;
	assert_int_equal(sure("log4j", AT "INFO a.B: c"), 90);
	assert_int_equal(sure("log4j", AT "INFO c"), 75);
	assert_int_equal(sure("log4j", "\tat y"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layouts),
		cmocka_unit_test(bad_lines),
		cmocka_unit_test(pieces),
		cmocka_unit_test(guesses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
