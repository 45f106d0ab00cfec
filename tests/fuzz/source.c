/* SOURCE TLVs and the table of sources: what is decoded encodes the same. */
#include <string.h>

#include "base/err.h"
#include "libfuzz.h"
#include "log/frame.h"
#include "log/source.h"

void
fuzz_sample(unsigned n, struct sk_buf *out)
{
	struct sk_source source = { .id = n, .dev = 7, .ino = 9, .fp_len = 1024,
		.last_day = 20000, .fp_hash = 5, .start_pos = 10,
		.end_pos = 4711, .name = sk_view_str("/var/log/access.log") };

	sk_source_add(out, &source);
	source.id++;
	sk_source_add(out, &source);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sk_sources sources = { 0 };
	struct sk_source source;
	struct sk_buf out = { 0 };
	struct sk_view tlvs = sk_view((const char *)data, size), rest;
	struct sk_tlv tlv;
	int err = sk_sources_take(&sources, tlvs);
	size_t i;

	fuzz_check(err == 0 || err == SK_EDATA, "another error");
	for (i = 1; i < sources.n; i++)
		fuzz_check(sources.item[i - 1].id < sources.item[i].id,
		    "not sorted");
	rest = tlvs;
	while (sk_tlv_next(&rest, &tlv) > 0) {
		if (tlv.type != SK_TLV_SOURCE ||
		    sk_source_decode(tlv.value, &source) != 0)
			continue;
		out.len = 0;
		sk_source_add(&out, &source);
		fuzz_check(out.len >= 8 + tlv.value.len &&
		    memcmp(out.ptr + 8, tlv.value.ptr, tlv.value.len) == 0,
		    "other bytes");
	}
	sk_sources_add(&sources, &out);
	sk_sources_free(&sources);
	sk_buf_free(&out);
	return 0;
}
