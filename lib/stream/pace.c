#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"
#include "stream/pace.h"

/* No pause is longer than this: a hundred years, far from overflow. */
#define LONGEST_NS (INT64_C(100) * 365 * 86400 * 1000000000)

void
sk_pace_init(struct sk_pace *pace, double speed, int64_t max_gap_ns)
{
	memset(pace, 0, sizeof(*pace));
	pace->speed = speed;
	pace->max_gap_ns = max_gap_ns;
}

/* The pause between two events; the difference of times may not fit an
 * int64_t. */
static int64_t
pause_ns(const struct sk_pace *pace, int64_t event_ns)
{
	int64_t most = pace->max_gap_ns > 0 && pace->max_gap_ns < LONGEST_NS
	    ? pace->max_gap_ns : LONGEST_NS;
	double gap = (double)((uint64_t)event_ns - (uint64_t)pace->latest_ns);

	gap /= pace->speed;
	return gap >= (double)most ? most : (int64_t)gap;
}

int64_t
sk_pace_next(struct sk_pace *pace, int64_t event_ns, int64_t now_ns)
{
	if (pace->speed <= 0)
		return 0;
	if (!pace->started) {
		pace->started = true;
		pace->latest_ns = event_ns;
		pace->due_ns = now_ns;
		return 0;
	}
	if (event_ns > pace->latest_ns) {
		int64_t pause = pause_ns(pace, event_ns);

		pace->latest_ns = event_ns;
		/* Pauses are at most LONGEST_NS, yet many may add up. */
		if (pace->due_ns > INT64_MAX - pause)
			pace->due_ns = INT64_MAX;
		else
			pace->due_ns += pause;
	}
	return pace->due_ns > now_ns ? pace->due_ns - now_ns : 0;
}

int
sk_pace_parse(const char *text, void *speed, char *why, size_t cap)
{
	double value;

	if (strcmp(text, "max") == 0)
		value = 0;
	else if (sk_num_f64(sk_view_str(text), &value) != 0 ||
	    !(value >= 1e-6 && value <= 1e9)) {
		snprintf(why, cap, "not a speed (1, 10, 0.5, max)");
		return SK_EUSAGE;
	}
	*(double *)speed = value;
	return 0;
}
