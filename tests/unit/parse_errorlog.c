/* parse/errorlog: error logs of nginx and of Apache. */
#include "parsed.h"

#define NGINX "2023/10/10 13:55:36 [error] 12#34: "
#define NGINX_FRONT "\"time\":\"2023-10-10T13:55:36Z\"," \
	"\"level\":\"error\",\"pid\":12,\"tid\":34"

static void
nginx_lines(void **state)
{
	(void)state;
	gives("nginx-error", NGINX "*90 open() \"/html/a\" failed (2: No such "
	    "file or directory), client: 192.0.2.7, server: www.example.com, "
	    "request: \"GET /a HTTP/1.1\", upstream: \"http://[::1]:80/a\", "
	    "host: \"example.com\", referrer: \"http://example.com/\"",
	    NGINX_FRONT ",\"connection\":90,\"client\":\"192.0.2.7\","
	    "\"server\":\"www.example.com\",\"request\":\"GET /a HTTP/1.1\","
	    "\"upstream\":\"http://[::1]:80/a\",\"host\":\"example.com\","
	    "\"referrer\":\"http://example.com/\",\"message\":\"open() "
	    "\\\"/html/a\\\" failed (2: No such file or directory)\"");
	gives("nginx-error", "2023/10/10 13:55:36 [notice] 1#1: signal 15 "
	    "(SIGTERM) received, exiting ",
	    "\"time\":\"2023-10-10T13:55:36Z\",\"level\":\"notice\","
	    "\"pid\":1,\"tid\":1,"
	    "\"message\":\"signal 15 (SIGTERM) received, exiting\"");
	gives("nginx-error", NGINX "*1 x, client: unix:, server: , "
	    "request: \"GET / HTTP/1.0\", subrequest: \"/s\"",
	    NGINX_FRONT ",\"connection\":1,\"client\":\"unix:\","
	    "\"server\":\"\",\"request\":\"GET / HTTP/1.0\","
	    "\"subrequest\":\"/s\",\"message\":\"x\"");
}

static void
nginx_details(void **state)
{
	(void)state;
	/* A client inside quotes is none; in unbalanced ones it is. */
	gives("nginx-error", NGINX "*1 open() \"/a, client: 1\" failed, "
	    "client: 2, server: s", NGINX_FRONT ",\"connection\":1,"
	    "\"client\":\"2\",\"server\":\"s\","
	    "\"message\":\"open() \\\"/a, client: 1\\\" failed\"");
	gives("nginx-error", NGINX "*1 a \" b, client: 2, server: s",
	    NGINX_FRONT ",\"connection\":1,\"client\":\"2\","
	    "\"server\":\"s\",\"message\":\"a \\\" b\"");
	/* nginx does not escape the quotes of a request. */
	gives("nginx-error", NGINX "*1 m, client: 2, server: s, "
	    "request: \"GET /\" x HTTP/1.1\", host: \"h\"", NGINX_FRONT
	    ",\"connection\":1,\"client\":\"2\",\"server\":\"s\","
	    "\"request\":\"GET /\\\" x HTTP/1.1\",\"host\":\"h\","
	    "\"message\":\"m\"");
	/* Of stream: what is not known is kept. */
	gives("nginx-error", NGINX "*1 m, client: 2, server: 0.0.0.0:1, "
	    "upstream: \"u:2\", bytes from/to client:0/0, x:1/2", NGINX_FRONT
	    ",\"connection\":1,\"client\":\"2\",\"server\":\"0.0.0.0:1\","
	    "\"upstream\":\"u:2\",\"message\":\"m\","
	    "\"extra\":\"bytes from/to client:0/0, x:1/2\"");
	/* A request that breaks off. */
	gives("nginx-error", NGINX "*1 m, client: 2, request: \"GET /",
	    NGINX_FRONT ",\"connection\":1,\"client\":\"2\","
	    "\"request\":\"GET /\",\"message\":\"m\"");
	gives("nginx-error", NGINX, NGINX_FRONT ",\"message\":\"\"");
}

static void
nginx_bad_lines(void **state)
{
	(void)state;
	gives("nginx-error", "", "!no time as 2023/10/10 13:55:36");
	gives("nginx-error", "2023-10-10 13:55:36 [error] 1#1: x",
	    "!no time as 2023/10/10 13:55:36");
	gives("nginx-error", "2023/13/10 13:55:36 [error] 1#1: x",
	    "!there is no such time");
	gives("nginx-error", "2023/10/10 13:55:36 error 1#1: x",
	    "!no [level] behind the time");
	gives("nginx-error", "2023/10/10 13:55:36 [error] 1: x",
	    "!no process and thread as 12#34:");
}

#define APACHE "[Wed Oct 11 14:32:52.123456 2023] "

static void
apache_lines(void **state)
{
	(void)state;
	gives("apache-error", "[Sun Dec 04 04:47:44 2005] [notice] "
	    "workerEnv.init() ok /etc/httpd/conf/workers2.properties",
	    "\"time\":\"2005-12-04T04:47:44Z\",\"level\":\"notice\","
	    "\"message\":\"workerEnv.init() ok "
	    "/etc/httpd/conf/workers2.properties\"");
	gives("apache-error", "[Sun Dec  4 04:47:44 2005] [error] "
	    "[client 2001:db8::1] File does not exist: /a, "
	    "referer: http://b/, referer: http://c/",
	    "\"time\":\"2005-12-04T04:47:44Z\",\"level\":\"error\","
	    "\"client\":\"2001:db8::1\",\"referer\":\"http://c/\","
	    "\"message\":\"File does not exist: /a, referer: http://b/\"");
	gives("apache-error", APACHE "[core:error] [pid 35708:tid 4328636416] "
	    "[client 72.15.99.187:1234] AH00124: too many redirects",
	    "\"time\":\"2023-10-11T14:32:52.123456Z\",\"module\":\"core\","
	    "\"level\":\"error\",\"pid\":35708,\"tid\":4328636416,"
	    "\"client\":\"72.15.99.187\",\"port\":1234,"
	    "\"code\":\"AH00124\",\"message\":\"too many redirects\"");
	gives("apache-error", APACHE "[core:error] [pid 5] "
	    "(13)Permission denied: [client ::1:80] AH00035: denied",
	    "\"time\":\"2023-10-11T14:32:52.123456Z\",\"module\":\"core\","
	    "\"level\":\"error\",\"pid\":5,"
	    "\"error\":\"(13)Permission denied\",\"client\":\"::1\","
	    "\"port\":80,\"code\":\"AH00035\",\"message\":\"denied\"");
	gives("apache-error", APACHE "[:error] [pid 5] AH1: x",
	    "\"time\":\"2023-10-11T14:32:52.123456Z\",\"level\":\"error\","
	    "\"pid\":5,\"message\":\"AH1: x\"");
}

static void
apache_bad_lines(void **state)
{
	(void)state;
	gives("apache-error", "PHP Warning: x",
	    "!no time as [Wed Oct 11 14:32:52.123456 2023]");
	gives("apache-error", "[Wed Oct 11 14:32:52 2023",
	    "!no time as [Wed Oct 11 14:32:52.123456 2023]");
	gives("apache-error", "[Wed Oct 32 14:32:52 2023] [x] y",
	    "!there is no such time");
	gives("apache-error", APACHE "notice x", "!no [level] behind the time");
	gives("apache-error", APACHE "[notice x", "!no [level] behind the "
	    "time");
}

static void
pieces(void **state)
{
	static const struct {
		const char *format, *line;
	} cases[] = {
		{ "nginx-error", NGINX "*1 m \"a\", client: 2, server: s, "
		    "request: \"GET /\", host: \"h\", referrer: \"r\"" },
		{ "apache-error", APACHE "[core:error] [pid 1:tid 2] (13)a: "
		    "[client ::1:80] AH00035: x, referer: http://a/" },
	};
	struct rig rig;
	size_t i, len;

	(void)state;
	for (i = 0; i < 2; i++) {
		rig_open(&rig, cases[i].format);
		for (len = 0; len < strlen(cases[i].line); len++)
			rig_parse(&rig, cases[i].line, len);
		assert_null(rig_parse(&rig, cases[i].line, len));
		rig_close(&rig);
	}
}

static void
guesses(void **state)
{
	(void)state;
	assert_int_equal(sure("nginx-error", NGINX "*1 x"), 95);
	assert_int_equal(sure("nginx-error", APACHE "[x:y] z"), 0);
	assert_int_equal(sure("apache-error", APACHE "[x:y] z"), 95);
	assert_int_equal(sure("apache-error", NGINX "*1 x"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nginx_lines),
		cmocka_unit_test(nginx_details),
		cmocka_unit_test(nginx_bad_lines),
		cmocka_unit_test(apache_lines),
		cmocka_unit_test(apache_bad_lines),
		cmocka_unit_test(pieces),
		cmocka_unit_test(guesses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
