/* A TZif file of any bytes: what it says of a time does not depend on the
 * times that were asked for before. */
#include <string.h>

#include "base/err.h"
#include "libfuzz.h"
#include "time/zone.h"

static void
add_block(struct sk_buf *out, unsigned n, size_t width)
{
	static const char types[] = { 0, 0, 14, 16, 0, 0, 0, 0, 28, 32, 1, 0 };
	unsigned ntimes = n % 5, i;

	sk_buf_add(out, n % 2 ? "TZif2" : "TZif3", 5);
	sk_buf_zero(out, 15 + 12);
	sk_buf_add(out, (char[]){ 0, 0, 0, (char)ntimes, 0, 0, 0, 2, 0, 0, 0,
	    4 }, 12);
	for (i = 0; i < ntimes; i++) {
		sk_buf_zero(out, width - 4);
		sk_buf_add(out, (char[]){ (char)(i * 20), 1, 2, 3 }, 4);
	}
	for (i = 0; i < ntimes; i++)
		sk_buf_char(out, (char)(i % 2));
	sk_buf_add(out, types, sizeof types);
	sk_buf_add(out, "CET", 4);
}

void
fuzz_sample(unsigned n, struct sk_buf *out)
{
	static const char *const rules[] = { "", "CET-1CEST,M3.5.0,M10.5.0/3",
		"<-03>3<-02>,J60/-167,364/25:59:59", "EST5EDT", "<+0330>-3:30",
		"XXX3EDT4,0/0,J365/23" };

	add_block(out, n, 4);
	add_block(out, n, 8);
	sk_buf_fmt(out, "\n%s\n", rules[n / 5 % 6]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sk_view tzif = sk_view((const char *)data, size);
	struct sk_zone zone, anew;
	int64_t t = -6900000000;
	int err = sk_zone_load(&zone, tzif, NULL), i;

	fuzz_check(err == 0 || err == SK_EDATA, "another error");
	if (err != 0) {
		fuzz_check(zone.span == NULL, "not empty");
		return 0;
	}
	for (i = 0; i < 60; i++) {
		int64_t utc_s, offset_s = sk_zone_offset(&zone, t);

		fuzz_check(offset_s > -93600 && offset_s < 93600,
		    "more than 26 hours");
		fuzz_check(t >= zone.from_s && t < zone.to_s, "another span");
		utc_s = sk_zone_utc(&zone, t);
		fuzz_check(utc_s == t - zone.offset_s, "another offset");
		anew = zone;
		anew.from_s = anew.to_s = 0;
		anew.local_from_s = anew.local_to_s = 0;
		fuzz_check(sk_zone_utc(&anew, t) == utc_s &&
		    sk_zone_offset(&anew, t) == offset_s, "forgetful");
		t += i % 2 ? 330000000 : zone.to_s < INT64_C(1) << 40 &&
		    zone.to_s > t ? zone.to_s - t : 3600;
	}
	fuzz_check(sk_zone_offset(&zone, INT64_MAX) ==
	    sk_zone_offset(&zone, INT64_MAX), "no end");
	sk_zone_offset(&zone, INT64_MIN);
	sk_zone_free(&zone);
	return 0;
}
