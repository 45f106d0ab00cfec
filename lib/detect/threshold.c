#include <math.h>
#include <string.h>

#include "base/image.h"
#include "detect/threshold.h"

/* On which side a value keeps or begins a run of `side`. */
static enum sk_threshold_side
side_of(const struct sk_threshold_conf *conf, enum sk_threshold_side side,
    double value)
{
	double high = conf->high, low = conf->low;

	if (value > conf->max)
		return SK_THRESHOLD_ABOVE;
	if (value < conf->min)
		return SK_THRESHOLD_BELOW;
	high = isnan(high) ? low : high;
	low = isnan(low) ? high : low;
	if (value >= high || (side == SK_THRESHOLD_ABOVE && value > low))
		return SK_THRESHOLD_ABOVE;
	return SK_THRESHOLD_NONE;
}

/* Whether `to` is more than by_ns later than `from`. */
static bool
is_past(int64_t from, int64_t to, int64_t by_ns)
{
	return to > from && (uint64_t)to - (uint64_t)from > (uint64_t)by_ns;
}

/* The clock was set back: what has lasted so long has, and goes on from
 * there. */
static void
set_back(struct sk_threshold *run, int64_t t_ns)
{
	uint64_t lasted = (uint64_t)run->last_ns - (uint64_t)run->since_ns;

	run->since_ns = (uint64_t)t_ns - (uint64_t)INT64_MIN < lasted ?
	    INT64_MIN : (int64_t)((uint64_t)t_ns - lasted);
	run->last_ns = t_ns;
}

static void
end_run(struct sk_threshold *run, struct sk_threshold_sign *sign)
{
	sign->over = run->alarmed;
	if (run->alarmed)
		sign->was = *run;
	memset(run, 0, sizeof(*run));
}

void
sk_threshold_step(struct sk_threshold *run,
    const struct sk_threshold_conf *conf, double value, int64_t t_ns,
    struct sk_threshold_sign *sign)
{
	enum sk_threshold_side side;

	memset(sign, 0, sizeof(*sign));
	if (run->side != SK_THRESHOLD_NONE && t_ns < run->last_ns)
		set_back(run, t_ns);
	if (conf->gap_ns > 0 && run->side != SK_THRESHOLD_NONE &&
	    is_past(run->last_ns, t_ns, conf->gap_ns))
		end_run(run, sign);
	side = side_of(conf, run->side, value);
	if (run->side != SK_THRESHOLD_NONE && side != run->side)
		end_run(run, sign);
	if (side == SK_THRESHOLD_NONE)
		return;
	if (run->side == SK_THRESHOLD_NONE)
		*run = (struct sk_threshold){ .side = side, .since_ns = t_ns,
			.last_ns = t_ns, .peak = value };
	run->n++;
	run->last_ns = t_ns;
	if (side == SK_THRESHOLD_ABOVE ? value > run->peak :
	    value < run->peak)
		run->peak = value;
	sign->alarm = !run->alarmed && (conf->for_ns == 0 ||
	    is_past(run->since_ns, t_ns, conf->for_ns - 1));
	run->alarmed |= sign->alarm;
}

void
sk_threshold_save(const struct sk_threshold *run, struct sk_buf *buf)
{
	sk_image_put(buf, run->side);
	sk_image_put(buf, run->alarmed);
	sk_image_put(buf, (uint64_t)run->since_ns);
	sk_image_put(buf, (uint64_t)run->last_ns);
	sk_image_put(buf, run->n);
	sk_image_put_f64(buf, run->peak);
}

bool
sk_threshold_load(struct sk_threshold *run, struct sk_view *bytes)
{
	uint64_t side, alarmed;

	if (!sk_image_take(bytes, &side) || !sk_image_take(bytes, &alarmed) ||
	    !sk_image_take_i64(bytes, &run->since_ns) ||
	    !sk_image_take_i64(bytes, &run->last_ns) ||
	    !sk_image_take(bytes, &run->n) ||
	    !sk_image_take_f64(bytes, &run->peak) ||
	    side > SK_THRESHOLD_BELOW || alarmed > 1)
		return false;
	run->side = (enum sk_threshold_side)side;
	run->alarmed = alarmed != 0;
	if (run->side == SK_THRESHOLD_NONE)
		return !run->alarmed && run->n == 0;
	return run->n > 0 && run->since_ns <= run->last_ns;
}
