#include "parse/stamp.h"
#include "time/civil.h"

#define CLOCK_LEN 8 /* 18:01:47 */

/* Whether the bytes at `at` have this shape: 9 is a digit. */
static bool
is_shape(const struct sk_take *take, const char *shape)
{
	size_t len = strlen(shape), i;

	if (sk_take_left(take) < len)
		return false;
	for (i = 0; i < len; i++)
		if (shape[i] == '9' ? !sk_take_is_digit(take->at[i]) :
		    take->at[i] != shape[i])
			return false;
	return true;
}

/* A point or comma and digits; false, untouched, without them. */
static bool
take_fraction(struct sk_take *take)
{
	const char *begin = take->at;

	if (!sk_take_char(take, '.') && !sk_take_char(take, ','))
		return false;
	if (sk_take_digits(take).len > 0)
		return true;
	take->at = begin;
	return false;
}

static void
take_offset(struct sk_take *take)
{
	if (sk_take_char(take, 'Z'))
		return;
	if (!is_shape(take, "+99") && !is_shape(take, "-99"))
		return;
	take->at += 3;
	if (is_shape(take, ":99"))
		take->at += 3;
	else if (is_shape(take, "99"))
		take->at += 2;
}

bool
sk_stamp_iso(struct sk_take *take, struct sk_stamp *stamp)
{
	const char *begin = take->at;

	if (!is_shape(take, "9999-99-99T99:99:99") &&
	    !is_shape(take, "9999-99-99 99:99:99"))
		return false;
	take->at += 11 + CLOCK_LEN;
	take_fraction(take);
	take_offset(take);
	stamp->text = sk_view(begin, (size_t)(take->at - begin));
	return true;
}

static void
begin_text(struct sk_stamp *stamp)
{
	stamp->text = sk_view(stamp->buf, 0);
}

static void
add(struct sk_stamp *stamp, const char *bytes, size_t len)
{
	memcpy(stamp->buf + stamp->text.len, bytes, len);
	stamp->text.len += len;
}

/* A fraction, of nanoseconds at most. */
static void
add_fraction(struct sk_stamp *stamp, struct sk_take *take)
{
	const char *begin = take->at;
	size_t len;

	if (!take_fraction(take))
		return;
	len = (size_t)(take->at - begin);
	add(stamp, begin, len < 10 ? len : 10);
}

/* YYYY, `-`, MM, `-`, DD and a blank from digits with one byte between. */
static void
add_date(struct sk_stamp *stamp, const char *at, bool short_year, size_t step)
{
	if (short_year)
		add(stamp, "20", 2);
	else
		add(stamp, at, 2);
	at += short_year ? 0 : 2;
	add(stamp, at, 2);
	add(stamp, "-", 1);
	add(stamp, at + step, 2);
	add(stamp, "-", 1);
	add(stamp, at + 2 * step, 2);
	add(stamp, " ", 1);
}

bool
sk_stamp_slashes(struct sk_take *take, struct sk_stamp *stamp)
{
	bool short_year = is_shape(take, "99/99/99 99:99:99");

	if (!short_year && !is_shape(take, "9999/99/99 99:99:99"))
		return false;
	begin_text(stamp);
	add_date(stamp, take->at, short_year, 3);
	take->at += short_year ? 9 : 11;
	add(stamp, take->at, CLOCK_LEN);
	take->at += CLOCK_LEN;
	add_fraction(stamp, take);
	return true;
}

bool
sk_stamp_packed(struct sk_take *take, struct sk_stamp *stamp)
{
	const char *clock = take->at + 7;

	if (!is_shape(take, "999999 999999"))
		return false;
	begin_text(stamp);
	add_date(stamp, take->at, true, 2);
	add(stamp, clock, 2);
	add(stamp, ":", 1);
	add(stamp, clock + 2, 2);
	add(stamp, ":", 1);
	add(stamp, clock + 4, 2);
	take->at += 13;
	return true;
}

/* `04`, ` 4`, of which a blank is a zero. */
static void
add_day(struct sk_stamp *stamp, const char *day)
{
	add(stamp, day[0] == ' ' ? "0" : day, 1);
	add(stamp, day + 1, 1);
}

bool
sk_stamp_ctime(struct sk_take *take, struct sk_stamp *stamp)
{
	struct sk_take scan = *take;
	const char *begin = scan.at, *clock = begin + 11;
	char month[] = "-00-";
	int32_t number;

	if (sk_take_left(&scan) < 24 || begin[3] != ' ' || begin[7] != ' ' ||
	    (number = sk_civil_month(begin + 4)) == 0)
		return false;
	scan.at = begin + 8;
	if (!is_shape(&scan, "99 99:99:99") && !is_shape(&scan, " 9 99:99:99"))
		return false;
	scan.at = clock + CLOCK_LEN;
	take_fraction(&scan);
	if (!is_shape(&scan, " 9999"))
		return false;
	month[1] = (char)('0' + number / 10);
	month[2] = (char)('0' + number % 10);
	begin_text(stamp);
	add(stamp, scan.at + 1, 4);
	add(stamp, month, 4);
	add_day(stamp, begin + 8);
	add(stamp, " ", 1);
	add(stamp, clock, CLOCK_LEN);
	take->at = scan.at + 5;
	scan.at = clock + CLOCK_LEN;
	add_fraction(stamp, &scan);
	return true;
}

const char *
sk_stamp_parse(struct sk_time *time, const struct sk_stamp *stamp,
    int64_t *out_ns)
{
	int err;

	time->form = SK_TIME_RFC3339;
	err = sk_time_parse(time, stamp->text, out_ns);
	if (err == 0)
		return NULL;
	return err == SK_ELIMIT ? sk_time_why(time, stamp->text, err) :
	    "there is no such time";
}

const char *
sk_stamp_put(struct sk_time *time, const struct sk_stamp *stamp,
    struct sk_parsed *out)
{
	int64_t ns;
	const char *why = sk_stamp_parse(time, stamp, &ns);

	if (why == NULL)
		sk_parsed_time(out, "time", ns);
	return why;
}
