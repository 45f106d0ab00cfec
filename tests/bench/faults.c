/*
 * Streams of numbers with one planted fault each, the same bytes everywhere:
 *
 *	faults SIGNAL FAULT STREAMS VALUES [SEED]
 *
 * A line is the stream, the time (since 1970, a value each 5 minutes, 288 a
 * day), the value, its number in the stream (from 0), and how many values ago
 * the fault began (negative before), separated by TABs.
 *
 *	noise   100 and normal noise, sigma 5
 *	daily   the same and a curve of the day, 25 up and 25 down
 *	counts  Poisson, 20 a value: sigma is 4.5
 *
 * A fault begins anywhere in the last 40 %, but for the last 288 values, and
 * lasts for 200 values; then all is as before.
 *
 *	none     nothing: what is found is found by chance
 *	spike    one value 6 sigma too high
 *	jump     one value 12 sigma too high
 *	shift    3 sigma higher
 *	trend    0.1 sigma higher with each value
 *	silent   stuck at the last value; counts are 0
 *	spread   3 times the sigma; counts come nine at a time
 *	season   a day without its curve, 288 values
 *
 * A normal number is drawn by Kahn's rejection from exponential ones, and these
 * by comparing uniform ones (von Neumann 1951), so no libm decides a line.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

enum signal { NOISE, DAILY, COUNTS, SIGNALS };
enum fault { NONE, SPIKE, JUMP, SHIFT, TREND, SILENT, SPREAD, SEASON, FAULTS };

enum { DAY = 288, STEP_S = 300, LASTS = 200 };

/* 2026-03-01T00:00:00Z. */
#define FIRST_S INT64_C(1772323200)
#define LEVEL 100.0
#define SIGMA 5.0
#define CURVE 25.0
#define RATE 20.0
#define RATE_SIGMA 4.472136 /* its root */
#define GROUP 9

struct stream {
	struct sk_rng rng;
	enum signal signal;
	enum fault fault;
	int64_t began; /* the fault, with this value */
	double last;
};

static const char *const signals[] = { "noise", "daily", "counts" };
static const char *const faults[] = { "none", "spike", "jump", "shift",
	"trend", "silent", "spread", "season" };

static double
uniform(struct sk_rng *rng)
{
	return (double)(sk_rng_next(rng) >> 11) / 9007199254740992.0;
}

/* The first of a falling run of odd length, and how many were even before. */
static double
exponential(struct sk_rng *rng)
{
	for (double whole = 0;; whole++) {
		double first = uniform(rng), least = first;
		bool odd = true;

		for (double u; (u = uniform(rng)) < least; least = u)
			odd = !odd;
		if (odd)
			return whole + first;
	}
}

static double
normal(struct sk_rng *rng)
{
	double x;

	do {
		x = exponential(rng);
	} while (2 * exponential(rng) < (x - 1) * (x - 1));
	return sk_rng_next(rng) >> 63 ? -x : x;
}

static double
poisson(struct sk_rng *rng, double rate)
{
	double n = 0;

	for (double at = exponential(rng); at < rate; at += exponential(rng))
		n++;
	return n;
}

/* Two arcs, up and down, nearly a sine. */
static double
curve(int64_t i)
{
	double phase = (double)(i % DAY) / DAY;

	return phase < 0.5 ? 16 * phase * (0.5 - phase) :
	    -16 * (phase - 0.5) * (1 - phase);
}

/* The fault of a value that came `since` values behind its begin; NONE. */
static enum fault
fault_of(const struct stream *s, int64_t since)
{
	int64_t lasts = LASTS;

	if (s->fault == SPIKE || s->fault == JUMP)
		lasts = 1;
	else if (s->fault == SEASON)
		lasts = DAY;
	return since >= 0 && since < lasts ? s->fault : NONE;
}

/* How many sigma it is too high. */
static double
excess(enum fault fault, int64_t since)
{
	if (fault == SPIKE)
		return 6;
	if (fault == JUMP)
		return 12;
	if (fault == SHIFT)
		return 3;
	return fault == TREND ? 0.1 * (double)(since + 1) : 0;
}

static double
count_of(struct stream *s, enum fault fault, int64_t since)
{
	double more = excess(fault, since) * RATE_SIGMA;

	if (fault == SILENT)
		return 0;
	if (fault == SPREAD)
		return GROUP * poisson(&s->rng, RATE / GROUP);
	if (fault == SPIKE || fault == JUMP)
		return poisson(&s->rng, RATE) + (double)(int)(more + 0.5);
	return poisson(&s->rng, RATE + more);
}

static double
value_of(struct stream *s, int64_t i)
{
	int64_t since = i - s->began;
	enum fault fault = fault_of(s, since);
	double value = LEVEL;

	if (s->signal == COUNTS)
		return count_of(s, fault, since);
	if (fault == SILENT)
		return s->last;
	if (s->signal == DAILY && fault != SEASON)
		value += CURVE * curve(i);
	value += excess(fault, since) * SIGMA;
	return value +
	    (fault == SPREAD ? 3 : 1) * SIGMA * normal(&s->rng);
}

static void
put_stream(struct stream *s, uint32_t number, int64_t nvalues)
{
	int64_t late = nvalues - nvalues * 6 / 10 - DAY;

	s->began = nvalues;
	if (late > 0)
		s->began = nvalues * 6 / 10 +
		    (int64_t)(sk_rng_next(&s->rng) % (uint64_t)late);
	for (int64_t i = 0; i < nvalues; i++) {
		s->last = value_of(s, i);
		printf("s%" PRIu32 "\t%" PRId64 "\t%.*f\t%" PRId64 "\t%" PRId64
		    "\n", number, FIRST_S + i * STEP_S,
		    s->signal == COUNTS ? 0 : 2, s->last, i, i - s->began);
	}
}

/* Where a name stands, n if nowhere. */
static unsigned
find(const char *name, const char *const *names, unsigned n)
{
	unsigned i;

	for (i = 0; i < n && strcmp(name, names[i]) != 0; i++)
		;
	return i;
}

static bool
number(const char *text, uint32_t *value)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	*value = (uint32_t)n;
	return end != text && *end == '\0' && n <= UINT32_MAX;
}

int
main(int argc, char **argv)
{
	uint32_t nstreams, nvalues, seed = 1;
	unsigned signal = SIGNALS, fault = FAULTS;

	if (argc == 5 || argc == 6) {
		signal = find(argv[1], signals, SIGNALS);
		fault = find(argv[2], faults, FAULTS);
	}
	if (signal == SIGNALS || fault == FAULTS ||
	    !number(argv[3], &nstreams) || !number(argv[4], &nvalues) ||
	    (argc == 6 && !number(argv[5], &seed))) {
		fprintf(stderr, "usage: faults noise|daily|counts "
		    "none|spike|jump|shift|trend|silent|spread|season "
		    "STREAMS VALUES [SEED]\n");
		return 2;
	}
	for (uint32_t i = 1; i <= nstreams; i++) {
		struct stream s = { .signal = (enum signal)signal,
			.fault = (enum fault)fault };

		sk_rng_init(&s.rng, (uint64_t)seed << 32 | i);
		sk_rng_init(&s.rng, sk_rng_next(&s.rng) +
		    signal * FAULTS + fault);
		put_stream(&s, i, nvalues);
	}
	if (fclose(stdout) != 0) {
		perror("faults: stdout");
		return 3;
	}
	return 0;
}
