/* The queue of states against sums of a plain list: pushed, added late, slid,
 * dropped, saved and loaded at random. */
#include "aggs.h"
#include "window/queue.h"

#define MOST 4000
#define STEPS 3000

struct naive {
	int64_t id[MOST];
	int64_t value[MOST];
	size_t n;
	int64_t from; /* where the window begins */
};

/* Events of an id are of that time; the first one's value is put by `list`. */
static const char aggs[] = "count,sum:1,list:1,min:1";

static int64_t
last_id(const struct naive *naive)
{
	int64_t last = 0;
	size_t i;

	for (i = 0; i < naive->n; i++)
		last = naive->id[i] > last ? naive->id[i] : last;
	return last;
}

static void
note(struct naive *naive, int64_t id, int64_t value)
{
	assert_true(naive->n < MOST);
	naive->id[naive->n] = id;
	naive->value[naive->n++] = value;
}

/* The same by adding all events between, in the order of their ids. */
static char *
say_naive(struct rigged *rig, const struct naive *naive, int64_t from,
    int64_t to)
{
	void *sum = rigged_state(rig);
	char text[32], *said;
	int64_t id;
	size_t i;

	for (id = from; id < to; id++)
		for (i = 0; i < naive->n; i++)
			if (naive->id[i] == id) {
				snprintf(text, sizeof(text), "%lld",
				    (long long)naive->value[i]);
				rigged_add(rig, sum, id, text);
			}
	said = sk_xstrdup(rigged_put(rig, sum));
	rigged_release(rig, sum);
	return said;
}

static void
check(struct rigged *rig, struct sk_queue *queue, const struct naive *naive)
{
	void *spare = sk_xaligned(SK_AGG_ALIGN, rig->aggs.size);
	const void *got = sk_queue_get(queue, &rig->aggs, spare);
	int64_t to = last_id(naive) + 1, from = naive->from;
	char *want = say_naive(rig, naive, from, to);
	void *part = rigged_state(rig);

	if (got == NULL)
		assert_true(strncmp(want, "{\"count\":0,", 11) == 0);
	else
		assert_string_equal(rigged_put(rig, got), want);
	if (got == spare)
		sk_aggs_free(&rig->aggs, spare);
	free(spare);
	free(want);
	want = say_naive(rig, naive, from + 1, to - 1);
	sk_queue_range(queue, &rig->aggs, from + 1, to - 1, part);
	assert_string_equal(rigged_put(rig, part), want);
	rigged_release(rig, part);
	free(want);
}

static void
push(struct rigged *rig, struct sk_queue *queue, struct naive *naive,
    int64_t id, int64_t value)
{
	void *state = rigged_state(rig);
	char text[32];

	snprintf(text, sizeof(text), "%lld", (long long)value);
	rigged_add(rig, state, id, text);
	sk_queue_push(queue, &rig->aggs, id, state);
	free(state);
	note(naive, id, value);
}

static void
add_late(struct rigged *rig, struct sk_queue *queue, struct naive *naive,
    int64_t id, int64_t value)
{
	char text[32];

	snprintf(text, sizeof(text), "%lld", (long long)value);
	rigged_add(rig, sk_queue_late(queue, &rig->aggs, id), id, text);
	note(naive, id, value);
}

static void
slide(struct rigged *rig, struct sk_queue *queue, struct naive *naive,
    int64_t by, bool drop)
{
	size_t i, n = 0;

	naive->from += by;
	sk_queue_slide(queue, &rig->aggs, naive->from);
	if (!drop)
		return;
	sk_queue_drop(queue, &rig->aggs, naive->from);
	for (i = 0; i < naive->n; i++)
		if (naive->id[i] >= naive->from) {
			naive->id[n] = naive->id[i];
			naive->value[n++] = naive->value[i];
		}
	naive->n = n;
}

static void
resume(struct rigged *rig, struct sk_queue *queue)
{
	struct sk_buf first = { 0 }, second = { 0 };
	struct sk_diag diag = { "" };
	struct sk_view bytes;

	sk_queue_save(queue, &rig->aggs, &first);
	sk_queue_free(queue, &rig->aggs);
	bytes = sk_view(first.ptr, first.len);
	if (sk_queue_load(queue, &rig->aggs, &bytes, &diag) != 0)
		fail_msg("%s", diag.text);
	assert_int_equal(bytes.len, 0);
	sk_queue_save(queue, &rig->aggs, &second);
	assert_true(sk_view_equal(sk_view(first.ptr, first.len),
	    sk_view(second.ptr, second.len)));
	sk_buf_free(&first);
	sk_buf_free(&second);
}

static void
try_seed(uint64_t seed)
{
	struct naive *naive = sk_xcalloc(1, sizeof(*naive));
	struct sk_queue queue = { 0 };
	struct rigged rig;
	struct sk_rng rng;
	int64_t now = 1, id;
	uint64_t dice;
	int i;

	rigged_init(&rig, aggs);
	sk_rng_init(&rng, seed);
	for (i = 0; i < STEPS; i++) {
		dice = sk_rng_next(&rng);
		if (dice % 100 < 50) {
			now += (int64_t)(dice >> 8 & 3);
			push(&rig, &queue, naive, now, (int)(dice >> 20 & 99));
		} else if (dice % 100 < 60) {
			id = naive->from + (int64_t)((dice >> 8) %
			    (uint64_t)(now - naive->from + 1));
			add_late(&rig, &queue, naive, id, (int)(dice >> 40 &
			    99));
		} else if (dice % 100 < 90) {
			if (naive->from < now - 2)
				slide(&rig, &queue, naive, (int64_t)(dice >> 8
				    & 3), dice >> 16 & 1);
		} else if (dice % 100 < 92)
			slide(&rig, &queue, naive, now - naive->from, true);
		else if (dice % 100 < 95)
			resume(&rig, &queue);
		if ((dice >> 50 & 1) != 0)
			check(&rig, &queue, naive);
	}
	check(&rig, &queue, naive);
	sk_queue_free(&queue, &rig.aggs);
	rigged_done(&rig);
	free(naive);
}

static void
test_naive(void **state)
{
	uint64_t seed;

	(void)state;
	for (seed = 1; seed <= 5; seed++)
		try_seed(seed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_naive) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
