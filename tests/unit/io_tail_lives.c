/* io/tail: random lives of a followed log; every line once. */
#include "tails.h"

/* ---- all of it, at random ---- */

/* A program that writes to `log` and is rotated like by logrotate. */
struct program {
	struct sk_rng rng;
	int next;  /* number of the next line */
	int fd;
	bool watched; /* every file is seen under its name once */
	bool rotated; /* fd is the old file: without a wait, a look in the
	               * midst of a line would take what there is of it */
};

static uint64_t
below(struct program *p, uint64_t n)
{
	return sk_rng_next(&p->rng) % n;
}

static void
reopen(struct program *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = open("log", O_WRONLY | O_CREAT | O_APPEND, 0666);
	assert_true(p->fd >= 0);
}

static void
write_some(struct program *p)
{
	int n = (int)below(p, 40) + 1;
	char *text = numbered(p->next, n);
	size_t len = strlen(text), half = below(p, len + 1);

	p->next += n;
	assert_int_equal(sk_file_write(p->fd, text, half, NULL), 0);
	if (!p->rotated && below(p, 2) == 0)
		look();
	assert_int_equal(sk_file_write(p->fd, text + half, len - half, NULL),
	    0);
	free(text);
}

static void
shift_archives(void)
{
	char from[32], to[32];
	int i;

	for (i = 8; i >= 1; i--) {
		snprintf(from, sizeof(from), "log.%d.gz", i);
		snprintf(to, sizeof(to), "log.%d.gz", i + 1);
		rename(from, to);
		snprintf(from, sizeof(from), "log.%d", i);
		snprintf(to, sizeof(to), "log.%d", i + 1);
		rename(from, to);
	}
}

static void
rotate(struct program *p)
{
	shift_archives();
	if (below(p, 3) == 0) {
		copy("log", "log.1");
		/* What copytruncate loses, it loses to everybody; here the
		 * program does not write meanwhile. */
		assert_int_equal(ftruncate(p->fd, 0), 0);
	} else {
		assert_int_equal(rename("log", "log.1"), 0);
		p->rotated = true;
		if (below(p, 2) == 0)
			write_some(p);
		p->rotated = false;
		reopen(p);
	}
	if (p->watched) {
		write_some(p);
		look();
	}
	if (below(p, 2) == 0) {
		if (below(p, 2) == 0)
			look();
		if (access("log.2", F_OK) == 0)
			pack("log.2", "log.2.gz");
	}
}

static void
check_all_once(const struct program *p)
{
	char *seen = sk_xcalloc((size_t)p->next, 1);
	const char *line = sk_buf_cstr(&lines);
	int i;

	for (; *line != '\0'; line += LINE) {
		assert_int_equal(line[LINE - 1], '\n');
		i = atoi(line);
		assert_in_range(i, 0, p->next - 1);
		if (seen[i]++)
			fail_msg("line %d came twice", i);
	}
	for (i = 0; i < p->next; i++)
		if (!seen[i])
			fail_msg("line %d of %d is missing", i, p->next);
	free(seen);
}

static void
one_life(uint64_t seed, const char *name)
{
	struct sk_tail_conf c = conf();
	struct program p = { .fd = -1, .watched = strcmp(name, "log") == 0 };
	int step;

	c.rotate_wait_ns = 0;
	sk_rng_init(&p.rng, seed);
	reopen(&p);
	write_some(&p);
	start(&c, name, NULL);
	for (step = 0; step < 60; step++)
		switch (below(&p, 6)) {
		case 0:
			rotate(&p);
			break;
		case 1:
			restart(&c, name, NULL);
			break;
		case 2:
			look();
			break;
		default:
			write_some(&p);
		}
	restart(&c, name, NULL);
	look();
	close(p.fd);
	check_all_once(&p);
}

static void
every_line_comes_once(void **state)
{
	uint64_t seed;
	char text[32];

	for (seed = 1; seed <= 100; seed++) {
		snprintf(text, sizeof(text), "seed %d\n", (int)seed);
		if (getenv("SK_TEST_SEEDS") != NULL)
			fputs(text, stderr);
		one_life(seed, seed % 2 ? "log" : "log*");
		tear_down(state);
		set_up(state);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_line_comes_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
