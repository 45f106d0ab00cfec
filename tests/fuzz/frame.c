/* Frames: what decodes encodes to the same bytes, TLVs end where they must. */
#include <string.h>

#include "base/err.h"
#include "libfuzz.h"
#include "log/frame.h"
#include "log/source.h"

void
fuzz_sample(unsigned n, struct sk_buf *out)
{
	fuzz_segment(n, out);
}

static void
try_frame(const uint8_t *data, size_t size)
{
	struct sk_buf again = { 0 };
	struct sk_frame frame;
	struct sk_view rest;
	struct sk_tlv tlv;
	int err = sk_frame_decode(data, size, &frame);

	if (err != 0) {
		fuzz_check(err == SK_EDATA || err == SK_EVERSION,
		    "another error");
		return;
	}
	fuzz_check(frame.len <= size && frame.len >= SK_FRAME_MIN, "length");
	rest = frame.tlvs;
	while (sk_tlv_next(&rest, &tlv) > 0)
		fuzz_check(tlv.value.ptr >= (const char *)data &&
		    tlv.value.ptr + tlv.value.len <=
		    (const char *)data + frame.len, "a TLV leaves its frame");
	sk_frame_encode(&frame, &again);
	fuzz_check(again.len == frame.len &&
	    memcmp(again.ptr, data, again.len) == 0, "other bytes");
	sk_buf_free(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t i;

	for (i = 0; i + SK_FRAME_PROBE <= size; i++)
		if (data[i] == 0x53 && sk_frame_probe(data + i) != 0)
			try_frame(data + i, size - i);
	return 0;
}
