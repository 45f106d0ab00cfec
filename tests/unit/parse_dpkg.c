/* parse/dpkg: the log of dpkg. */
#include "parsed.h"

#define AT "2024-01-02 10:11:12 "
#define TIME "\"time\":\"2024-01-02T10:11:12Z\","

static void
lines(void **state)
{
	(void)state;
	gives("dpkg", AT "startup archives unpack", TIME
	    "\"action\":\"startup\",\"state\":\"archives unpack\"");
	gives("dpkg", AT "status half-installed libc6:amd64 2.36-9", TIME
	    "\"action\":\"status\",\"state\":\"half-installed\","
	    "\"package\":\"libc6\",\"arch\":\"amd64\",\"version\":\"2.36-9\"");
	gives("dpkg", AT "install tzdata:all <none> 2024a", TIME
	    "\"action\":\"install\",\"package\":\"tzdata\",\"arch\":\"all\","
	    "\"new_version\":\"2024a\"");
	gives("dpkg", AT "upgrade tzdata 2023c 2024a", TIME
	    "\"action\":\"upgrade\",\"package\":\"tzdata\","
	    "\"version\":\"2023c\",\"new_version\":\"2024a\"");
	gives("dpkg", AT "configure tzdata:all 2024a <none>", TIME
	    "\"action\":\"configure\",\"package\":\"tzdata\","
	    "\"arch\":\"all\",\"version\":\"2024a\"");
	gives("dpkg", AT "conffile /etc/my file.conf keep", TIME
	    "\"action\":\"conffile\",\"state\":\"keep\","
	    "\"file\":\"/etc/my file.conf\"");
}

static void
bad_lines(void **state)
{
	static const char *const cases[] = {
		"", "!no time and action",
		AT, "!no time and action",
		"2024-01-02 status installed x 1", "!no time and action",
		"2024-02-30 10:11:12 startup x", "!there is no such time",
		AT "startup", "!no command behind startup",
		AT "status installed x",
		"!no state, package and version behind status",
		AT "status installed :amd64 1",
		"!no state, package and version behind status",
		AT "install x 1",
		"!no package and two versions behind the action",
		AT "install x 1 2 3", "!text behind the versions",
		AT "conffile /etc/x", "!no file and decision behind conffile",
		AT "conffile  keep", "!no file and decision behind conffile",
		AT "frobnicate x 1 2", "!not an action of dpkg",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i += 2)
		gives("dpkg", cases[i], cases[i + 1]);
}

static void
pieces(void **state)
{
	static const char *const cases[] = { AT "upgrade tzdata:all 1 2",
		AT "conffile /etc/x keep", AT "status x y:z 1" };
	struct rig rig;
	size_t i, len;

	(void)state;
	rig_open(&rig, "dpkg");
	for (i = 0; i < 3; i++) {
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
	assert_int_equal(sure("dpkg", AT "startup archives unpack"), 95);
	assert_int_equal(sure("dpkg", AT "INFO x.Y: z"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(bad_lines),
		cmocka_unit_test(pieces),
		cmocka_unit_test(guesses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
