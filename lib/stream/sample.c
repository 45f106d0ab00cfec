#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/rng.h"
#include "sketch/recent.h"
#include "sketch/reservoir.h"
#include "sketch/varopt.h"
#include "stream/emit.h"
#include "stream/eventtime.h"
#include "stream/group.h"
#include "stream/headline.h"
#include "stream/run.h"
#include "stream/sample.h"
#include "stream/saved.h"

#define MEMBER "sample"

/* Keep the draws of a run apart from those of the run that saved what it
 * loads, and the shuffling from both. */
#define LOADED UINT64_C(0xd1342543de82ef95)
#define SHUFFLED UINT64_C(0x9fb21c651e98df25)

/* The sample of one key; a zeroed one is empty. */
struct state {
	enum { NOTHING, UNIFORM, WEIGHTED, RECENT } kind;
	union {
		struct sk_reservoir uniform;
		struct sk_varopt weighted;
		struct sk_recent recent;
	} u;
};

struct sampler {
	const struct sk_sample *how;
	const struct sk_shared *shared;
	struct sk_rng rng;
	struct sk_group group;
	struct sk_saved saved;
	struct sk_want want[2 + SK_KEY_FIELDS_MAX];
	size_t nwant;            /* want[0] is the weight, time or value */
	struct sk_field key[SK_KEY_FIELDS_MAX]; /* the members of a file */
	struct sk_buf paths;                      /* their paths */
	struct sk_eventtime when;
	uint32_t k;              /* places; 0: not known yet */
	uint64_t number;         /* of the next line */
	int64_t latest_ns;       /* event time */
	uint64_t skip;           /* with a rate: lines before the next */
	struct sk_headline head;
	bool header_out;
};

/* A line of a result. */
struct out {
	uint64_t number;
	struct sk_view line;
};

/* ---- states ---- */

static void
init(void *state)
{
	memset(state, 0, sizeof(struct state));
}

static void
release(void *self)
{
	struct state *state = self;

	if (state->kind == UNIFORM)
		sk_reservoir_free(&state->u.uniform);
	else if (state->kind == WEIGHTED)
		sk_varopt_free(&state->u.weighted);
	else if (state->kind == RECENT)
		sk_recent_free(&state->u.recent);
}

static void
begin(const struct sampler *all, struct state *state)
{
	if (all->how->within_ns > 0)
		state->kind = RECENT;
	else if (all->how->weight != NULL) {
		state->kind = WEIGHTED;
		sk_varopt_init(&state->u.weighted, all->k);
	} else {
		state->kind = UNIFORM;
		sk_reservoir_init(&state->u.uniform, all->k);
	}
}

/* A uniform sample is a weighted one too. */
static void
make_weighted(struct state *state)
{
	struct sk_varopt weighted;

	if (state->kind == WEIGHTED)
		return;
	sk_varopt_from_reservoir(&weighted, &state->u.uniform);
	state->kind = WEIGHTED;
	state->u.weighted = weighted;
}

/* The oldest time that the window no longer holds. */
static int64_t
since(const struct sampler *all)
{
	int64_t ns = all->how->within_ns;

	return all->latest_ns < INT64_MIN + ns ? INT64_MIN :
	    all->latest_ns - ns;
}

/* ---- events ---- */

static const char *
add_weighted(struct sampler *all, struct state *state, struct sk_view line,
    struct sk_view weight, uint64_t number)
{
	double value;

	if (sk_num_f64(weight, &value) != 0)
		return "the weight is not a number";
	if (value < 0)
		return "a negative weight";
	if (value > SK_VAROPT_WEIGHT_MAX)
		return "a weight over 1e100";
	if (value > 0)
		sk_varopt_add(&state->u.weighted, line, value, number,
		    &all->rng);
	return NULL;
}

/* The time of event i; NULL, or why it has none. */
static const char *
take_time(struct sampler *all, const struct sk_batch *batch, size_t i,
    int64_t *at_ns)
{
	const char *why = sk_eventtime_parse(&all->when, batch->field[0][i],
	    at_ns);

	if (why == NULL && *at_ns > all->latest_ns)
		all->latest_ns = *at_ns;
	return why;
}

/* One event for its state: NULL, or why it is bad. */
static const char *
take_one(struct sampler *all, const struct sk_batch *batch, size_t i)
{
	uint64_t number = all->number + i;
	int64_t at_ns = 0;
	struct state *state;
	const char *why;

	if (all->how->within_ns > 0) {
		why = take_time(all, batch, i, &at_ns);
		if (why != NULL || at_ns <= since(all))
			return why;
	}
	state = sk_group_state(&all->group, batch, i);
	if (state == NULL)
		return "too many keys";
	if (state->kind == NOTHING)
		begin(all, state);
	if (state->kind == UNIFORM)
		sk_reservoir_add(&state->u.uniform, &batch->line[i], 1, number,
		    &all->rng);
	else if (state->kind == RECENT)
		sk_recent_add(&state->u.recent, all->k, batch->line[i], at_ns,
		    number, sk_rng_next(&all->rng), since(all));
	else
		return add_weighted(all, state, batch->line[i],
		    batch->field[0][i], number);
	return NULL;
}

static int
take_each(void *self, const struct sk_batch *batch, struct sk_emit *emit)
{
	struct sampler *all = self;
	const char *why;
	size_t i;
	int err = 0;

	for (i = 0; i < batch->n && err == 0; i++) {
		why = take_one(all, batch, i);
		if (why != NULL)
			err = sk_emit_bad(emit, batch->line[i], why);
	}
	all->number += batch->n;
	return err;
}

/* All lines are one reservoir's. */
static int
take_all(void *self, const struct sk_batch *batch, struct sk_emit *emit)
{
	struct sampler *all = self;
	struct state *state = sk_group_get(&all->group, 0);

	(void)emit;
	if (state->kind == NOTHING)
		begin(all, state);
	sk_reservoir_add(&state->u.uniform, batch->line, batch->n,
	    all->number, &all->rng);
	all->number += batch->n;
	return 0;
}

/* --rate: the skips between the lines that pass are geometric. */
static int
pass_some(void *self, const struct sk_batch *batch, struct sk_emit *emit)
{
	struct sampler *all = self;
	size_t i = 0;
	int err = 0;

	while (err == 0 && all->skip < batch->n - i) {
		i += (size_t)all->skip;
		err = sk_emit_line(emit, batch->line[i++]);
		all->skip = sk_sample_skip(&all->rng, all->how->rate);
	}
	all->skip -= batch->n - i;
	return err;
}

/* Does this value pass?  XXH64 is the same everywhere; the seed picks the
 * values. */
static bool
passes(const struct sk_sample *how, struct sk_view value)
{
	struct sk_rng rng;

	if (how->rate >= 1)
		return true;
	sk_rng_init(&rng, how->seed ^ sk_hash_disk(value.ptr, value.len));
	return sk_rng_next(&rng) < (uint64_t)(how->rate * 0x1p64);
}

static int
pass_by(void *self, const struct sk_batch *batch, struct sk_emit *emit)
{
	struct sampler *all = self;
	size_t i;
	int err = 0;

	for (i = 0; i < batch->n && err == 0; i++)
		if (passes(all->how, batch->field[0][i]))
			err = sk_emit_line(emit, batch->line[i]);
	return err;
}

/* ---- header lines ---- */

static int
put_header(struct sampler *all, struct sk_emit *emit)
{
	struct sk_buf *out;

	if (!all->head.given || (all->header_out && emit->tmp == NULL))
		return 0;
	all->header_out = true;
	out = sk_emit_text(emit);
	if (emit->with_at)
		sk_buf_fmt(out, "at%c", emit->record.form == SK_RECORD_CSV ?
		    emit->record.comma : '\t');
	sk_buf_add(out, all->head.line.ptr, all->head.line.len);
	sk_buf_char(out, emit->sep);
	return sk_emit_text_ends(emit, 0);
}

/* That of the first input is that of the output. */
static const char *
take_header(void *self, struct sk_view line, struct sk_emit *emit)
{
	struct sampler *all = self;
	bool first;
	const char *why = sk_headline_take(&all->head, line, &first);

	if (first && all->how->passing)
		put_header(all, emit);
	return why;
}

/* ---- results ---- */

static struct sk_view
without_blanks(struct sk_view text)
{
	while (text.len > 0 && (*text.ptr == ' ' || *text.ptr == '\t'))
		text = sk_view(text.ptr + 1, text.len - 1);
	return text;
}

/* `at` as the first member of an object. */
static void
put_member(const struct sk_emit *emit, struct sk_buf *out,
    struct sk_view object)
{
	const char *quote = emit->at_number ? "" : "\"";

	object = without_blanks(sk_view(object.ptr + 1, object.len - 1));
	sk_buf_fmt(out, "{\"at\":%s%.*s%s", quote, (int)emit->at.len,
	    emit->at.ptr, quote);
	if (object.len == 0 || *object.ptr != '}')
		sk_buf_char(out, ',');
	sk_buf_view(out, object);
}

/* A line as it came; in front of it `at`, if there is one. */
static int
put_line(struct sk_emit *emit, struct sk_view line)
{
	struct sk_view object = without_blanks(line);
	struct sk_buf *out;

	if (!emit->with_at || emit->at.len == 0)
		return sk_emit_line(emit, line);
	out = sk_emit_text(emit);
	if (emit->record.form == SK_RECORD_NDJSON && object.len > 0 &&
	    *object.ptr == '{')
		put_member(emit, out, object);
	else {
		sk_buf_add(out, emit->at.ptr, emit->at.len);
		sk_buf_char(out, emit->record.form == SK_RECORD_CSV ?
		    emit->record.comma : '\t');
		sk_buf_view(out, line);
	}
	return sk_emit_text_end(emit);
}

/* How many lines a state has, at most. */
static size_t
count(const struct sampler *all, const struct state *state)
{
	if (state->kind == UNIFORM)
		return state->u.uniform.used;
	if (state->kind == WEIGHTED)
		return state->u.weighted.heavy + state->u.weighted.light;
	return state->u.recent.n < all->k ? state->u.recent.n : all->k;
}

static size_t
get_recent(struct sampler *all, struct state *state, struct out *out)
{
	size_t n = count(all, state), i;
	const struct sk_recent_item **item = sk_xalloc(n, sizeof(*item));

	n = sk_recent_sample(&state->u.recent, all->k, since(all), item);
	for (i = 0; i < n; i++)
		out[i] = (struct out){ item[i]->number,
			sk_recent_view(&state->u.recent, item[i]) };
	free(item);
	return n;
}

static size_t
get_lines(struct sampler *all, struct state *state, struct out *out)
{
	const struct sk_sampled *item = state->kind == UNIFORM
	    ? state->u.uniform.item : state->u.weighted.item;
	size_t n = count(all, state), i;

	if (state->kind == RECENT)
		return get_recent(all, state, out);
	for (i = 0; i < n; i++)
		out[i] = (struct out){ item[i].number,
			sk_sampled_view(&item[i]) };
	return n;
}

static int
by_number(const void *a, const void *b)
{
	const struct out *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

static void
shuffle(const struct sampler *all, struct out *out, size_t n)
{
	struct sk_rng rng;
	struct out moved;
	size_t i, j;

	sk_rng_init(&rng, (all->how->seed ^ SHUFFLED) + all->number);
	for (i = n; i > 1; i--) {
		j = (size_t)sk_sample_below(&rng, i);
		moved = out[i - 1];
		out[i - 1] = out[j];
		out[j] = moved;
	}
}

static int
put_lines(struct sampler *all, struct sk_emit *emit)
{
	struct out *out;
	size_t n = 0, i;
	uint32_t s;
	int err;

	for (s = 0; s < all->group.n; s++)
		n += count(all, sk_group_get(&all->group, s));
	out = sk_xalloc(n, sizeof(*out));
	for (n = 0, s = 0; s < all->group.n; s++)
		n += get_lines(all, sk_group_get(&all->group, s), out + n);
	qsort(out, n, sizeof(*out), by_number);
	if (all->how->shuffle)
		shuffle(all, out, n);
	err = put_header(all, emit);
	for (i = 0; i < n && err == 0; i++)
		err = put_line(emit, out[i].line);
	free(out);
	return err;
}

/* The result first: when it cannot be written the state stays as it was. */
static int
result(void *self, struct sk_emit *emit)
{
	struct sampler *all = self;
	int err = put_lines(all, emit);

	if (err == 0)
		err = sk_emit_flush(emit);
	return err == 0 ? sk_saved_save(&all->saved, all->shared, all->key) :
	    err;
}

/* The header line of an output without events. */
static int
finish_passing(void *self, struct sk_emit *emit)
{
	return put_header(self, emit);
}

/* ---- saved samples ---- */

/* A sample that has left nothing out has as many places as are wanted. */
static void
widen(const struct sampler *all, struct state *state)
{
	if (state->kind == UNIFORM &&
	    !sk_reservoir_sampling(&state->u.uniform))
		state->u.uniform.k = all->k;
	if (state->kind == WEIGHTED && state->u.weighted.light == 0)
		state->u.weighted.k = all->k;
}

static int
fold(void *arg, void *into, struct sk_view image, struct sk_diag *diag)
{
	struct sampler *all = arg;
	struct state *state = into;
	struct sk_reservoir uniform;
	struct sk_varopt from;
	int err = sk_varopt_load(&from, image, all->number, diag);

	if (err != 0)
		return err;
	if (!all->shared->merge && all->how->weight == NULL &&
	    !sk_varopt_is_uniform(&from)) {
		sk_varopt_free(&from);
		return sk_diag_set(diag, SK_EDATA, "a weighted sample; "
		    "--weight is not given");
	}
	all->number += from.heavy + from.light;
	all->rng.state += from.n * LOADED;
	if (!all->shared->number_given && from.k > all->k)
		all->k = from.k;
	if (state->kind == NOTHING)
		begin(all, state);
	widen(all, state);
	if (state->kind == UNIFORM && sk_varopt_is_uniform(&from)) {
		sk_varopt_to_reservoir(&from, &uniform);
		sk_reservoir_merge(&state->u.uniform, &uniform, &all->rng);
		return 0;
	}
	make_weighted(state);
	sk_varopt_merge(&state->u.weighted, &from, &all->rng);
	return 0;
}

static void
put_image(void *arg, const void *from, struct sk_buf *buf)
{
	const struct sampler *all = arg;
	const struct state *state = from;
	struct sk_reservoir none;

	if (state->kind == WEIGHTED)
		sk_varopt_save(&state->u.weighted, buf);
	else if (state->kind == UNIFORM)
		sk_reservoir_save(&state->u.uniform, buf);
	else {
		sk_reservoir_init(&none, all->k);
		sk_reservoir_save(&none, buf);
	}
}

static struct sk_field
image_field(const struct sampler *all)
{
	struct sk_field field = { .kind = SK_FIELD_PATH,
		.text = sk_view_str(MEMBER), .name = sk_view_str(MEMBER) };

	if (all->shared->value != NULL)
		field = sk_run_want(all->how->cmd, all->shared, "--value",
		    all->shared->value).field;
	return field;
}

static int
load(struct sampler *all)
{
	struct sk_field field = image_field(all);

	return sk_saved_restore(&all->saved, all->shared, &field, all->key);
}

/* ---- the three ways to run ---- */

static const char *const *
files(const struct sampler *all)
{
	static const char *const only_stdin[] = { "-", NULL };

	return all->how->inputs[0] == NULL ? only_stdin :
	    (const char *const *)all->how->inputs;
}

/* --merge: the inputs are saved files. */
static int
run_merge(struct sampler *all)
{
	struct sk_field field = image_field(all);
	const char *const *input = files(all);
	struct sk_emit emit;
	int unread = 0, err = load(all);

	if (err == 0)
		err = sk_saved_merge(&all->saved, input, &field, all->key,
		    &unread);
	if (err == 0)
		err = sk_emit_open(&emit, all->shared, SK_FORMAT_RAW, NULL);
	if (err != 0)
		return sk_err_status(err);
	err = result(all, &emit);
	if (all->shared->exit_status && err == 0 && emit.nwritten == 0)
		err = sk_emit_close(&emit, true) != 0 ? SK_ESYS : 1;
	else if (sk_emit_close(&emit, err == 0) != 0)
		err = SK_ESYS;
	if (err >= 0 && unread != 0)
		err = unread;
	return err > 0 ? SK_NO : sk_err_status(err);
}

static int
tell_image(void *arg, const struct sk_saved_image *image)
{
	struct sk_emit *emit = arg;
	struct sk_record *record;
	struct sk_buf text = { 0 };
	struct sk_varopt opt;
	struct sk_diag diag;
	int err = sk_varopt_load(&opt, image->bytes, 0, &diag);

	if (err != 0) {
		sk_error("%s: %s", image->where, diag.text);
		return err;
	}
	sk_buf_fmt(&text, "k=%" PRIu32 " n=%" PRIu64 " lines=%" PRIu32
	    " type=%s", opt.k, opt.n, opt.heavy + opt.light,
	    sk_varopt_is_uniform(&opt) ? "uniform" : "weighted");
	record = sk_emit_begin(emit);
	sk_record_text(record, sk_view_str(image->where));
	sk_record_text(record, sk_view_str(MEMBER));
	sk_record_text(record, sk_view(text.ptr, text.len));
	sk_record_f64(record, sk_varopt_weight(&opt));
	sk_buf_free(&text);
	sk_varopt_free(&opt);
	return sk_emit_end(emit);
}

/* --info: what the inputs are. */
static int
run_info(struct sampler *all)
{
	const struct sk_view columns[] = { sk_view_str("file"),
		sk_view_str("sketch"), sk_view_str("parameters"),
		sk_view_str("estimate"), { NULL, 0 } };
	struct sk_field field = image_field(all);
	const char *const *input = files(all);
	struct sk_emit emit;
	int status, got;

	status = sk_err_status(sk_emit_open(&emit, all->shared, SK_FORMAT_RAW,
	    columns));
	if (status != SK_DONE)
		return status;
	for (; *input != NULL; input++) {
		got = sk_err_status(sk_saved_each(*input, &field, NULL, 0,
		    tell_image, &emit));
		status = got > status ? got : status;
	}
	if (sk_emit_close(&emit, true) != 0)
		status = SK_SYSTEM > status ? SK_SYSTEM : status;
	return status;
}

static int
run_events(struct sampler *all)
{
	const struct sk_sample *how = all->how;
	struct sk_run run = { .cmd = how->cmd, .shared = all->shared,
		.op = { .self = all, .want = all->want, .nwant = all->nwant,
		    .header = take_header, .batch = take_each,
		    .tick = result, .finish = result },
		.inputs = how->inputs };

	if (how->passing) {
		run.op.batch = how->by != NULL ? pass_by : pass_some;
		run.op.tick = NULL;
		run.op.finish = finish_passing;
		all->skip = sk_sample_skip(&all->rng, how->rate);
	} else if (all->nwant == 0)
		run.op.batch = take_all;
	return sk_stream_run(&run);
}

/* Whether the events are NDJSON, so that keys have kinds. */
static bool
reads_json(const struct sampler *all)
{
	size_t f;

	if (all->shared->format >= 0)
		return all->shared->format == SK_FORMAT_NDJSON;
	for (f = 0; f < all->nwant; f++)
		if (all->want[f].field.kind == SK_FIELD_PATH)
			return true;
	return false;
}

static void
plan_time(struct sampler *all)
{
	struct sk_diag diag;

	if (sk_eventtime_init(&all->when, all->shared, &diag) != 0)
		sk_opt_fail(all->how->cmd, "%s", diag.text);
	all->want[all->nwant++] = (struct sk_want){
		.field = all->when.field };
	all->latest_ns = INT64_MIN;
}

/* The wants: a weight, a time or a value to pass by, then the keys. */
static void
plan(struct sampler *all)
{
	const struct sk_sample *how = all->how;

	if (how->within_ns > 0)
		plan_time(all);
	if (how->by != NULL)
		all->want[all->nwant++] = sk_run_want(how->cmd, all->shared,
		    "--by", how->by);
	if (how->weight != NULL) {
		all->want[all->nwant] = sk_run_want(how->cmd, all->shared,
		    "--weight", how->weight);
		all->want[all->nwant++].number = true;
	}
	sk_group_init(&all->group, how->cmd, all->shared, all->want,
	    &all->nwant, sizeof(struct state), init);
	sk_saved_keys(&all->group, all->want, all->key, &all->paths);
	all->saved = (struct sk_saved){ .member = MEMBER,
		.group = &all->group,
		.typed = all->shared->merge || reads_json(all),
		.fold = fold, .image = put_image, .arg = all };
	if (all->shared->number_given)
		all->k = (uint32_t)all->shared->number;
}

int
sk_sample_run(const struct sk_sample *sample)
{
	struct sampler all = { .how = sample, .shared = sample->shared };
	int status;

	sk_rng_init(&all.rng, sample->seed);
	if (all.shared->info || all.shared->merge)
		sk_shared_no_stream(sample->cmd, all.shared,
		    "--merge and --info");
	plan(&all);
	sk_key_saved(&all.group.key, sample->cmd, all.shared, all.want, MEMBER);
	if (all.shared->info)
		status = run_info(&all);
	else if (all.shared->merge)
		status = run_merge(&all);
	else {
		status = sk_err_status(load(&all));
		if (all.k == 0)
			all.k = SK_SAMPLE_NUMBER;
		if (status == SK_DONE)
			status = run_events(&all);
	}
	if (sample->within_ns > 0)
		sk_eventtime_close(&all.when);
	sk_group_free(&all.group, release);
	sk_buf_free(&all.paths);
	sk_headline_free(&all.head);
	return status;
}
