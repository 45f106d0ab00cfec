/* io/glob: patterns in any part of a path. */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "io/glob.h"

static char dir[] = "/tmp/sk-glob-XXXXXX";

static const char *const files[] = { "a1.log", "a2.log", ".a3.log", "x/a.log",
	"x/b.txt", "y/a.log" };

static int
set_up(void **state)
{
	size_t i;

	(void)state;
	if (mkdtemp(dir) == NULL || chdir(dir) != 0 ||
	    mkdir("x", 0777) != 0 || mkdir("y", 0777) != 0)
		return -1;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		close(open(files[i], O_WRONLY | O_CREAT, 0666));
	return 0;
}

static int
tear_down(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		unlink(files[i]);
	rmdir("x");
	rmdir("y");
	return chdir("/") != 0 || rmdir(dir) != 0 ? -1 : 0;
}

static void
is(const char *pattern, const char *want_paths, const char *want_dirs)
{
	struct sk_paths paths = { 0 }, dirs = { 0 };
	struct sk_buf text = { 0 };
	size_t i;

	assert_int_equal(sk_glob_expand(pattern, &paths, &dirs, NULL), 0);
	for (i = 0; i < paths.n; i++)
		sk_buf_fmt(&text, "%s ", paths.item[i]);
	assert_string_equal(sk_buf_cstr(&text), want_paths);
	sk_buf_reset(&text);
	for (i = 0; i < dirs.n; i++)
		sk_buf_fmt(&text, "%s ", dirs.item[i]);
	assert_string_equal(sk_buf_cstr(&text), want_dirs);
	sk_buf_free(&text);
	sk_paths_free(&paths);
	sk_paths_free(&dirs);
}

static void
lists_what_a_shell_lists(void **state)
{
	(void)state;
	is("*.log", "a1.log a2.log ", ". ");
	is("a[2-9].log", "a2.log ", ". ");
	is("?/a.log", "x/a.log y/a.log ", "x/ y/ ");
	is("*/b.txt", "x/b.txt ", "a1.log/ a2.log/ x/ y/ ");
	is("./x/*", "./x/a.log ./x/b.txt ", "./x/ ");
	is("*//*.txt", "x/b.txt ",
	    "a1.log/ a2.log/ x/ y/ ");
	is(".*.log", ".a3.log ", ". ");
	is("no/*", "", "no/ ");
	is("/tmp/sk-glob-no*", "", "/tmp/ ");
}

static void
hear(void *arg, const char *folder, int error)
{
	sk_buf_fmt(arg, "%s %s ", folder, error == ELOOP ? "loop" : "?");
}

/* A link to itself cannot be read by root either. */
static void
tells_what_it_cannot_read(void **state)
{
	static const struct {
		const char *pattern, *paths, *heard;
		int err;
	} cases[] = {
		{ "loop/*.log", "", "loop loop ", SK_ESYS },
		{ "./loop/x/*", "", "./loop/x loop ", SK_ESYS },
		{ "loop/*/a.log", "", "loop loop ", SK_ESYS },
		{ "[lx]*/a*.log", "x/a.log ", "loop loop ", SK_ESYS },
		{ "[ax]*/a*.log", "x/a.log ", "", 0 },
		{ "no/*", "", "", 0 },
		{ "x/b.txt", "x/b.txt ", "", 0 },
	};
	struct sk_buf heard = { 0 }, text = { 0 };
	const struct sk_glob_hear how = { hear, &heard };
	struct sk_paths paths = { 0 };
	size_t i, k;

	(void)state;
	assert_int_equal(symlink("loop", "loop"), 0);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		sk_buf_reset(&heard);
		sk_buf_reset(&text);
		assert_int_equal(sk_glob_expand(cases[i].pattern, &paths, NULL,
		    &how), cases[i].err);
		for (k = 0; k < paths.n; k++)
			sk_buf_fmt(&text, "%s ", paths.item[k]);
		assert_string_equal(sk_buf_cstr(&text), cases[i].paths);
		assert_string_equal(sk_buf_cstr(&heard), cases[i].heard);
		sk_paths_free(&paths);
	}
	unlink("loop");
	sk_buf_free(&heard);
	sk_buf_free(&text);
}

static void
knows_a_pattern(void **state)
{
	(void)state;
	assert_true(sk_glob_has_meta("a*"));
	assert_true(sk_glob_has_meta("a/?/b"));
	assert_true(sk_glob_has_meta("[ab]"));
	assert_false(sk_glob_has_meta("a b"));
	assert_true(sk_glob_matches_name("/var/*/app-*.log", "app-1.log"));
	assert_false(sk_glob_matches_name("/var/*/app-*.log", "b-1.log"));
}

static void
paths_come_apart_and_together(void **state)
{
	static const char *const paths[][3] = { { "a", ".", "a" },
		{ "/a", "/", "a" }, { "x/y/a", "x/y", "a" } };
	char *folder, *path;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		folder = sk_path_folder(paths[i][0]);
		assert_string_equal(folder, paths[i][1]);
		assert_string_equal(sk_path_name(paths[i][0]), paths[i][2]);
		path = sk_path_join(folder, paths[i][2]);
		assert_string_equal(path, paths[i][0]);
		free(folder);
		free(path);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_what_a_shell_lists),
		cmocka_unit_test(tells_what_it_cannot_read),
		cmocka_unit_test(knows_a_pattern),
		cmocka_unit_test(paths_come_apart_and_together),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
