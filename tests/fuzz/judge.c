/* States of sk-anomaly: what is read goes on without harm, is written again as
 * what was read, and is read once more.  The first byte picks the model. */
#include <math.h>
#include <string.h>

#include "base/err.h"
#include "base/table.h"
#include "detect/absence.h"
#include "detect/judge.h"
#include "libfuzz.h"

#define MODELS 10

static struct sk_judge_conf
conf_of(unsigned model)
{
	struct sk_judge_conf conf = { .model = "fuzz", .max_keys = 5 };

	if (model == 7) {
		conf.kind = SK_JUDGE_THRESHOLD;
		conf.threshold = (struct sk_threshold_conf){ 9, 3, NAN, NAN,
			20, 100 };
		return conf;
	}
	if (model == 8) {
		conf.kind = SK_JUDGE_NOVELTY;
		conf.novelty = (struct sk_novelty_conf){ 4, 1, 0.01, 50, 0 };
		return conf;
	}
	conf.detector.kind = model == 0 ? SK_DETECTOR_SHAPE :
	    model == 1 ? SK_DETECTOR_LIGHT : SK_DETECTOR_SIMPLE;
	if (model >= 2)
		conf.detector.model.kind = (enum sk_model_kind)(model - 2);
	conf.detector.alarm.theta = sk_detector_theta(&conf.detector);
	conf.detector.alarm.threshold = 0.5;
	return conf;
}

static void
judge_some(struct sk_judge *judge, unsigned n)
{
	struct sk_judge_event event = { .timed = true };
	struct sk_verdict verdict[2];
	uint64_t by_ns;
	unsigned i;

	for (i = 0; i < n; i++) {
		event.key = sk_view("abc", i % 3);
		event.hash = sk_table_hash(event.key, sk_judge_seed(judge));
		event.value = (double)(i * 7919 % 101);
		event.text = sk_view("abcdefghi", i % 9 + 1);
		event.t_ns = event.local_ns = (int64_t)i * 1000000000;
		sk_judge_event(judge, &event, verdict, &by_ns);
		fuzz_check(verdict[0].score >= 0 && verdict[0].score <= 1,
		    "a score beyond 0 and 1");
	}
}

static int
tell(void *arg, struct sk_view key, int64_t last_ns, int64_t at_ns,
    uint64_t nevents, bool back)
{
	uint64_t *n = arg;

	*n += key.len + nevents + (last_ns <= at_ns) + back;
	return 0;
}

static struct sk_absence *
absence_of(uint64_t *n)
{
	const struct sk_absence_conf conf = { 100, 1000, 5, tell, n };

	return sk_absence_new(&conf);
}

static void
miss_some(struct sk_absence *absence, int64_t t_ns)
{
	unsigned i;

	for (i = 0; i < 20; i++) {
		sk_absence_add(absence, sk_view("abcd", i % 4), t_ns);
		t_ns += 17 * (i % 3);
		sk_absence_advance(absence, t_ns);
	}
}

void
fuzz_sample(unsigned n, struct sk_buf *out)
{
	struct sk_judge_conf conf;
	struct sk_absence *absence;
	struct sk_judge *judge;
	uint64_t told = 0;

	sk_buf_char(out, (char)(n % MODELS));
	if (n % MODELS == MODELS - 1) {
		absence = absence_of(&told);
		miss_some(absence, (int64_t)n);
		sk_absence_save(absence, out);
		sk_absence_free(absence);
		return;
	}
	conf = conf_of(n % MODELS);
	judge = sk_judge_open(&conf);
	judge_some(judge, 1 + n / MODELS % 64);
	sk_judge_save(judge, out);
	sk_judge_close(judge);
}

static void
read_absence(struct sk_view bytes)
{
	uint64_t told = 0;
	struct sk_absence *absence = absence_of(&told);
	struct sk_absence *back = absence_of(&told);
	struct sk_buf one = { 0 }, two = { 0 };

	if (sk_absence_load(absence, &bytes)) {
		sk_absence_save(absence, &one);
		bytes = sk_view(one.ptr, one.len);
		fuzz_check(sk_absence_load(back, &bytes) && bytes.len == 0,
		    "what was written is refused");
		sk_absence_save(back, &two);
		fuzz_check(one.len == two.len &&
		    memcmp(one.ptr, two.ptr, one.len) == 0, "other bytes");
		miss_some(absence, 5);
	}
	sk_absence_free(absence);
	sk_absence_free(back);
	sk_buf_free(&one);
	sk_buf_free(&two);
}

static void
read_judge(unsigned model, struct sk_view bytes)
{
	struct sk_judge_conf conf = conf_of(model);
	struct sk_judge *judge = sk_judge_open(&conf);
	struct sk_judge *back = sk_judge_open(&conf);
	struct sk_buf one = { 0 }, two = { 0 };
	struct sk_diag diag;

	if (sk_judge_load(judge, &bytes, &diag) == 0) {
		sk_judge_save(judge, &one);
		bytes = sk_view(one.ptr, one.len);
		fuzz_check(sk_judge_load(back, &bytes, &diag) == 0 &&
		    bytes.len == 0, "what was written is refused");
		sk_judge_save(back, &two);
		fuzz_check(one.len == two.len &&
		    memcmp(one.ptr, two.ptr, one.len) == 0, "other bytes");
		judge_some(judge, 100);
	}
	sk_judge_close(judge);
	sk_judge_close(back);
	sk_buf_free(&one);
	sk_buf_free(&two);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sk_buf copy = { 0 };
	unsigned model;

	if (size == 0)
		return 0;
	model = data[0] % MODELS;
	sk_buf_add(&copy, data + 1, size - 1);
	sk_buf_reserve(&copy, SK_PAD);
	if (model == MODELS - 1)
		read_absence(sk_view(copy.ptr, copy.len));
	else
		read_judge(model, sk_view(copy.ptr, copy.len));
	sk_buf_free(&copy);
	return 0;
}
