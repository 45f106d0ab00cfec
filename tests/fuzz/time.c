/*
 * A format, and behind a NUL the times, a line each: a parser that has kept
 * the days and offsets of some finds in the next what a new one finds; and
 * what is written reads back.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "libfuzz.h"
#include "time/time.h"

void
fuzz_sample(unsigned n, struct sk_buf *out)
{
	static const char *const samples[][2] = {
		{ "", "2026-11-21T10:00:05.25+01:00\n2026-11-21 10:00:05Z\n"
		    "2026-11-21T10:00\n[10/Oct/2000:13:55:36 -0700]\n"
		    "1795255205.123456789\nNov 21 10:00:05\n"
		    "Nov  1 2026 10:00:05.25\n" },
		{ "syslog", "Nov 21 10:00:05\nNov 21 10:00:06\nJan  2 0:00\n" },
		{ "%a %b %e %H:%M:%S.%f %Y", "Sat Nov 21 10:00:05.250 2026\n"
		    "Sat Nov 21 10:01:06.251 2026\n" },
		{ "%m-%d %T", "11-21 10:00:05\n11-21 11:00:05\n" },
		{ "%s.%f", "1795255205.5\n" },
		{ "%y%j %I%M%p %z", "26325 1000AM +0100\n" },
		{ "ns", "1795255205123456789\n-1\n5.\n" },
		{ "rfc3339", "2026-11-21T10:00:05Z\n" },
		{ "clf", "10/Oct/2000:13:55:36 -0700\n" },
	};

	sk_buf_str(out, samples[n % 9][0]);
	sk_buf_char(out, '\0');
	/* Twice: what was kept of the first is used by the second. */
	sk_buf_str(out, samples[n % 9][1]);
	sk_buf_str(out, samples[n % 9][1]);
}

static void
write_and_read(int64_t ns, enum sk_time_form seen, struct sk_zone *zone)
{
	static const char *const units[] = { [SK_TIME_S] = "s",
		[SK_TIME_MS] = "ms", [SK_TIME_US] = "us", [SK_TIME_NS] = "ns" };
	struct sk_buf buf = { 0 };
	struct sk_time time;
	int64_t back = ~ns;

	sk_time_put_zone(&buf, ns, zone);
	sk_time_init(&time, sk_view_str("rfc3339"), NULL);
	fuzz_check(sk_time_parse(&time, sk_view(buf.ptr, buf.len), &back) ==
	    0 && back == ns, "reads back as another time");
	sk_buf_reset(&buf);
	sk_time_put_as(&buf, ns, seen, zone);
	if (seen >= SK_TIME_S && seen <= SK_TIME_NS)
		sk_time_init(&time, sk_view_str(units[seen]), NULL);
	back = ~ns;
	fuzz_check(sk_time_parse(&time, sk_view(buf.ptr, buf.len), &back) ==
	    0 && back == ns, "reads back as another number");
	sk_buf_free(&buf);
}

/* In memory of its own size. */
static void
parse_line(struct sk_time *time, struct sk_view format, const char *line,
    size_t len)
{
	struct sk_year year = *time->use_year;
	struct sk_time anew;
	char *text = malloc(len > 0 ? len : 1);
	struct sk_view view = sk_view(text, len);
	int64_t ns = -7, want = -7;
	int err;

	memcpy(text, line, len);
	sk_time_init(&anew, format, NULL);
	anew.zone = time->zone;
	anew.use_year = &year;
	err = sk_time_parse(&anew, view, &want);
	fuzz_check(sk_time_parse(time, view, &ns) == err && ns == want,
	    "depends on the times before");
	fuzz_check(year.now == time->use_year->now &&
	    year.month == time->use_year->month, "another year");
	fuzz_check(err == 0 || err == SK_EDATA || err == SK_ELIMIT,
	    "another error");
	if (err == 0) {
		fuzz_check(time->seen == anew.seen, "another form");
		write_and_read(ns, time->seen, time->zone);
	} else {
		fuzz_check(ns == -7 && sk_time_why(time, view, err) != NULL,
		    "changed by an error");
	}
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *at = (const char *)data, *end = at + size, *stop;
	struct sk_year year = { .year = 2026 };
	struct sk_view format;
	struct sk_zone zone;
	struct sk_time time;

	stop = size == 0 ? NULL : memchr(at, '\0', size);
	if (stop == NULL)
		return 0;
	format = sk_view(at, (size_t)(stop - at));
	if (sk_time_init(&time, format, NULL) != 0)
		return 0;
	sk_zone_init(&zone, sk_view_str(size % 2 ? "-03:30" : "UTC"), NULL);
	time.zone = &zone;
	time.use_year = &year;
	for (at = stop + 1; at < end; at = stop + 1) {
		stop = memchr(at, '\n', (size_t)(end - at));
		if (stop == NULL)
			stop = end;
		parse_line(&time, format, at, (size_t)(stop - at));
	}
	return 0;
}
