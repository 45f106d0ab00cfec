#include <math.h>

#include "base/image.h"
#include "detect/alarm.h"

#define SEEN 8192      /* events after which the bar rises no more */
#define AGE 25000      /* as old as a stream gets */
#define YOUNG 50       /* events without a score */
#define SLOPE 3.0
#define BUMP 0.3
#define FADE_SHARE 0.4 /* of the age: how long a bump lasts */
#define FADE 20.0      /* events more */
#define QUIET 30.0
#define QUIET_SHARE 0.01
#define CALM_BELOW 0.3 /* below the y of an alarm */
#define CALM 10        /* events */
#define MILLION 1000000
#define QUIET_GAP 1000 /* millionths below the threshold */

/* The first score of 6 decimals that is not below the threshold, in
 * millionths: their product is off by up to one in the last place. */
static int32_t
least_millionths(double threshold)
{
	int32_t least = (int32_t)lround(threshold * MILLION);

	return (double)least / MILLION < threshold ? least + 1 : least;
}

static bool
is_quiet(const struct sk_alarm *alarm, const struct sk_alarm_conf *conf,
    uint64_t i, int64_t t_ns)
{
	return (double)i < alarm->quiet_until || (conf->by_time &&
	    alarm->bump > 0 && t_ns < alarm->quiet_until_ns &&
	    (uint64_t)alarm->quiet_until_ns - (uint64_t)t_ns <=
	    (uint64_t)conf->quiet_ns);
}

static void
be_quiet(struct sk_alarm *alarm, const struct sk_alarm_conf *conf, uint64_t i,
    double age, int64_t t_ns)
{
	double quiet = QUIET + QUIET_SHARE * age;

	if (conf->by_events)
		quiet = (double)conf->quiet;
	else if (conf->by_time)
		quiet = 0;
	alarm->quiet_until = (double)i + quiet;
	alarm->quiet_until_ns = t_ns > INT64_MAX - conf->quiet_ns ?
	    INT64_MAX : t_ns + conf->quiet_ns;
}

/* What the incident makes of an event of so many millionths, y above the
 * threshold's. */
static void
follow(struct sk_alarm *alarm, uint64_t i, double above, int32_t raw,
    struct sk_alarm_sign *sign)
{
	if (sign->alarm && !alarm->open) {
		alarm->open = true;
		alarm->opened = i;
		alarm->peak = 0;
	}
	if (!alarm->open)
		return;
	alarm->peak = fmax(alarm->peak, (double)raw / MILLION);
	alarm->calm = above < -CALM_BELOW ? alarm->calm + 1 : 0;
	sign->over = alarm->calm == CALM;
	sign->nevents = i - alarm->opened + 1;
	sign->peak = alarm->peak;
	if (sign->over) {
		alarm->open = false;
		alarm->calm = 0;
	}
}

void
sk_alarm_step(struct sk_alarm *alarm, const struct sk_alarm_conf *conf,
    double evidence, int64_t t_ns, struct sk_alarm_sign *sign)
{
	uint64_t i = alarm->i++;
	double seen = i < SEEN ? (double)i : SEEN;
	double age = i < AGE ? (double)i : AGE, lift = 0, y, above;
	int32_t least = least_millionths(conf->threshold), raw, shown;
	bool quiet = is_quiet(alarm, conf, i, t_ns);
	bool muted = quiet || i < conf->warmup || evidence <= 0;

	*sign = (struct sk_alarm_sign){ 0 };
	if (i < YOUNG)
		return;
	if (alarm->bump > 0)
		lift = alarm->bump * exp(-(double)(i - alarm->last) /
		    (FADE_SHARE * age + FADE));
	y = evidence - log10(seen + 1) - conf->theta - lift;
	above = y - log(conf->threshold / (1 - conf->threshold)) / SLOPE;
	raw = (int32_t)lround(MILLION / (1 + exp(-SLOPE * y)));
	shown = raw < least ? raw : least - 1;
	if (muted && shown > least - QUIET_GAP)
		shown = least - QUIET_GAP;
	if (above >= 0 && !quiet) {
		be_quiet(alarm, conf, i, age, t_ns);
		alarm->bump = lift + BUMP;
		alarm->last = i;
		sign->alarm = !muted;
		raw = raw > least ? raw : least;
	}
	if (sign->alarm)
		shown = raw;
	sign->score = (double)(shown > 0 ? shown : 0) / MILLION;
	follow(alarm, i, above, raw, sign);
}

void
sk_alarm_save(const struct sk_alarm *alarm, struct sk_buf *buf)
{
	sk_image_put(buf, alarm->i);
	sk_image_put(buf, alarm->last);
	sk_image_put_f64(buf, alarm->bump);
	sk_image_put_f64(buf, alarm->quiet_until);
	sk_image_put(buf, (uint64_t)alarm->quiet_until_ns);
	sk_image_put(buf, alarm->open);
	sk_image_put(buf, alarm->calm);
	sk_image_put(buf, alarm->opened);
	sk_image_put_f64(buf, alarm->peak);
}

bool
sk_alarm_load(struct sk_alarm *alarm, struct sk_view *bytes)
{
	uint64_t open, calm;

	if (!sk_image_take(bytes, &alarm->i) ||
	    !sk_image_take(bytes, &alarm->last) ||
	    !sk_image_take_f64(bytes, &alarm->bump) ||
	    !sk_image_take_f64(bytes, &alarm->quiet_until) ||
	    !sk_image_take_i64(bytes, &alarm->quiet_until_ns) ||
	    !sk_image_take(bytes, &open) || !sk_image_take(bytes, &calm) ||
	    !sk_image_take(bytes, &alarm->opened) ||
	    !sk_image_take_f64(bytes, &alarm->peak))
		return false;
	alarm->open = open != 0;
	alarm->calm = (uint32_t)calm;
	return open <= 1 && calm < CALM && alarm->last <= alarm->i &&
	    alarm->opened <= alarm->i && alarm->bump >= 0 &&
	    alarm->peak >= 0 && alarm->peak <= 1;
}
