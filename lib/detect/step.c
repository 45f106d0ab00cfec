#include <string.h>

#include "base/image.h"
#include "detect/step.h"

#define FEWEST 5 /* intervals that tell what is usual */

static void
take_out(struct sk_step *step, int64_t ns)
{
	uint32_t i = 0;

	while (step->sorted[i] != ns)
		i++;
	memmove(&step->sorted[i], &step->sorted[i + 1],
	    (step->n - i - 1) * sizeof(step->sorted[0]));
	step->n--;
}

static void
put_in(struct sk_step *step, int64_t ns)
{
	uint32_t i = step->n;

	while (i > 0 && step->sorted[i - 1] > ns) {
		step->sorted[i] = step->sorted[i - 1];
		i--;
	}
	step->sorted[i] = ns;
	step->n++;
}

static void
learn(struct sk_step *step, int64_t ns)
{
	int64_t oldest = step->ring[step->head];

	step->ring[step->head] = ns;
	step->head = (step->head + 1) % SK_STEP_LAST;
	if (step->n == SK_STEP_LAST && oldest == ns)
		return;
	if (step->n == SK_STEP_LAST)
		take_out(step, oldest);
	put_in(step, ns);
}

bool
sk_step_is_gap(struct sk_step *step, int64_t t_ns)
{
	int64_t ns, most = INT64_MAX;
	bool gap;

	if (!step->begun || t_ns < step->last_ns ||
	    __builtin_sub_overflow(t_ns, step->last_ns, &ns)) {
		gap = step->begun;
		step->begun = true;
		step->last_ns = t_ns;
		return gap;
	}
	if (step->n >= FEWEST && step->sorted[step->n / 2] > 0 &&
	    step->sorted[step->n / 2] < INT64_MAX / SK_STEP_GAP)
		most = SK_STEP_GAP * step->sorted[step->n / 2];
	gap = ns > most;
	learn(step, ns);
	step->last_ns = t_ns;
	return gap;
}

void
sk_step_save(const struct sk_step *step, struct sk_buf *buf)
{
	uint32_t i, at = step->n < SK_STEP_LAST ? 0 : step->head;

	sk_image_put(buf, step->begun);
	sk_image_put(buf, (uint64_t)step->last_ns);
	sk_image_put(buf, step->n);
	for (i = 0; i < step->n; i++)
		sk_image_put(buf, (uint64_t)step->ring[(at + i) %
		    SK_STEP_LAST]);
}

bool
sk_step_load(struct sk_step *step, struct sk_view *bytes)
{
	uint64_t begun;
	uint32_t n;
	int64_t ns;

	memset(step, 0, sizeof(*step));
	if (!sk_image_take(bytes, &begun) ||
	    !sk_image_take_i64(bytes, &step->last_ns) ||
	    !sk_image_take_n(bytes, 8, &n) || n > SK_STEP_LAST || begun > 1)
		return false;
	step->begun = begun != 0;
	for (; n > 0; n--) {
		if (!sk_image_take_i64(bytes, &ns) || ns < 0)
			return false;
		learn(step, ns);
	}
	return true;
}
