/* States of sk-dedup: what is read goes on without harm, is written again as
 * what was read, and is read once more.  The first byte picks what it is a
 * state of. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "libfuzz.h"
#include "window/dedup.h"
#include "window/latest.h"

static struct sk_dedup_conf
conf_of(unsigned kind)
{
	static const struct sk_dedup_conf conf[4] = {
		{ 0 },
		{ .within_ns = 100 },
		{ .last = 5 },
		{ .approximate = true, .capacity = 20 },
	};
	struct sk_dedup_conf picked = conf[kind % 4];

	if (kind % 8 == 7)
		picked.within_ns = 100;
	return picked;
}

static int
put(void *arg, struct sk_view line)
{
	uint64_t *nbytes = arg;

	*nbytes += line.len;
	return 0;
}

static void
see_some(struct sk_dedup *dedup, int64_t t_ns)
{
	char text[40] = "a key that is not in the slot: ";
	struct sk_view key;
	unsigned i;

	for (i = 0; i < 30; i++) {
		text[31] = (char)('a' + i % 13);
		key = sk_view(text + (i % 2 ? 0 : 30), i % 2 ? 32 : 2);
		sk_dedup_advance(dedup, t_ns);
		if (!sk_dedup_is_past(dedup, t_ns))
			sk_dedup_is_new(dedup, key, sk_dedup_hash(dedup, key),
			    t_ns);
		if (t_ns < INT64_MAX - 7)
			t_ns += 7;
	}
}

static void
add_some(struct sk_latest *latest, int64_t t_ns)
{
	unsigned i;

	for (i = 0; i < 30; i++) {
		sk_latest_advance(latest, t_ns);
		if (!sk_latest_is_past(latest, t_ns))
			sk_latest_add(latest, sk_view("abcdefgh", i % 5),
			    t_ns, sk_view("a line", i % 7));
		if (t_ns < INT64_MAX - 7)
			t_ns += 7;
	}
}

void
fuzz_sample(unsigned n, struct sk_buf *out)
{
	struct sk_dedup_conf conf = conf_of(n);
	struct sk_latest latest;
	struct sk_dedup dedup;
	uint64_t nbytes = 0;

	sk_buf_char(out, (char)(n % 10));
	if (n % 10 >= 8) {
		sk_latest_init(&latest, n % 2 * 100);
		latest.put = put;
		latest.arg = &nbytes;
		add_some(&latest, 5);
		sk_latest_save(&latest, out);
		sk_latest_free(&latest);
		return;
	}
	conf = conf_of(n % 10);
	sk_dedup_init(&dedup, &conf);
	see_some(&dedup, 5);
	sk_dedup_save(&dedup, out);
	sk_dedup_free(&dedup);
}

/* The order of a table without a list is its own, so lengths alone. */
static void
read_seen(unsigned kind, struct sk_view bytes)
{
	struct sk_dedup_conf conf = conf_of(kind);
	struct sk_buf one = { 0 }, two = { 0 };
	struct sk_dedup dedup, back;
	struct sk_diag diag;

	sk_dedup_init(&dedup, &conf);
	sk_dedup_init(&back, &conf);
	if (sk_dedup_load(&dedup, &bytes, &diag) == 0) {
		sk_dedup_save(&dedup, &one);
		bytes = sk_view(one.ptr, one.len);
		fuzz_check(sk_dedup_load(&back, &bytes, &diag) == 0 &&
		    bytes.len == 0, "what was written is refused");
		sk_dedup_save(&back, &two);
		fuzz_check(one.len == two.len, "another length");
		see_some(&dedup, dedup.now_ns);
		see_some(&dedup, INT64_MAX - 20);
	}
	sk_dedup_free(&dedup);
	sk_dedup_free(&back);
	sk_buf_free(&one);
	sk_buf_free(&two);
}

static void
read_latest(int64_t within_ns, struct sk_view bytes)
{
	struct sk_buf one = { 0 }, two = { 0 };
	struct sk_latest latest, back;
	struct sk_diag diag;
	uint64_t nbytes = 0;

	sk_latest_init(&latest, within_ns);
	sk_latest_init(&back, within_ns);
	latest.put = back.put = put;
	latest.arg = back.arg = &nbytes;
	if (sk_latest_load(&latest, &bytes, &diag) == 0) {
		sk_latest_save(&latest, &one);
		bytes = sk_view(one.ptr, one.len);
		fuzz_check(sk_latest_load(&back, &bytes, &diag) == 0 &&
		    bytes.len == 0, "what was written is refused");
		sk_latest_save(&back, &two);
		fuzz_check(one.len == two.len && memcmp(one.ptr, two.ptr,
		    one.len) == 0, "other bytes");
		add_some(&latest, latest.now_ns);
		sk_latest_finish(&latest);
		fuzz_check(latest.table.n == 0, "a group that does not end");
	}
	sk_latest_free(&latest);
	sk_latest_free(&back);
	sk_buf_free(&one);
	sk_buf_free(&two);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sk_view bytes = sk_view((const char *)data, size);
	unsigned kind = size > 0 ? data[0] % 10U : 0;

	if (size == 0)
		return 0;
	bytes = sk_view(bytes.ptr + 1, bytes.len - 1);
	if (kind >= 8)
		read_latest(kind % 2 * 100, bytes);
	else
		read_seen(kind, bytes);
	return 0;
}
