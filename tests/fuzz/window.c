/*
 * Windows of any kind over any events, and over states of any bytes: the first
 * bytes are the options, then comes an image to load, if one is announced, and
 * then what happens, two bytes each.  Nothing crashes or runs away; what was
 * saved loads, and then is saved as the same bytes; no row is older than was
 * promised, if the state is our own.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/hash.h"
#include "libfuzz.h"
#include "window/window.h"

#define HEAD 6      /* bytes of options, one more for an image's length */
#define ROWS 3000   /* rows after which it ends */
#define SECOND INT64_C(1000000000)

struct world {
	struct sk_aggs aggs;
	struct sk_window_conf conf;
	struct sk_window *window;
	int64_t now_ns, watermark_ns, oldest_ns;
	bool foreign; /* the state came from elsewhere */
	int nrows;
};

static int
on_row(void *arg, const struct sk_window_row *row)
{
	struct world *world = arg;

	fuzz_check(world->foreign || !world->conf.timed ||
	    row->start_ns >= world->oldest_ns,
	    "a row is older than was promised");
	fuzz_check(world->foreign || row->start_ns <= row->end_ns,
	    "a row ends before it starts");
	return ++world->nrows < ROWS ? 0 : SK_ELIMIT;
}

static void
set_ruler(struct sk_ruler *ruler, unsigned char byte)
{
	static const char *const texts[] = { "1s", "10s", "1d", "1w@sun",
		"1mo", "1h", "7d", "1y" };
	struct sk_diag diag;

	fuzz_check(sk_ruler_parse(ruler, sk_view_str(texts[byte & 7]),
	    &diag) == 0, "no ruler");
	ruler->offset_ns = ((int)(byte >> 3) - 16) * SECOND;
}

static void
set_conf(struct world *world, const unsigned char *head)
{
	struct sk_window_conf *conf = &world->conf;

	memset(conf, 0, sizeof(*conf));
	conf->kind = (enum sk_window_kind)(1 + head[0] % 7);
	conf->aggs = &world->aggs;
	set_ruler(&conf->pane, head[1]);
	set_ruler(&conf->outer, (unsigned char)((head[1] & ~7) | 2));
	if (conf->kind == SK_WINDOW_CUMULATE)
		set_ruler(&conf->pane, (unsigned char)(head[1] | 5));
	conf->outer.offset_ns = conf->pane.offset_ns;
	conf->size = 1 + head[2] % 16;
	conf->hop = 1 + head[2] / 16;
	conf->gap_ns = (1 + head[3] % 8) * SECOND;
	conf->length_ns = (head[3] & 8) != 0 ? 3 * conf->gap_ns : 0;
	conf->span_ns = (1 + head[3] / 16) * SECOND;
	conf->timed = conf->kind != SK_WINDOW_COUNT || (head[4] & 1) != 0;
	conf->max_keys = (head[4] & 2) != 0 ? 2 : 1000;
	conf->lateness_ns = head[5] % 8 * 4 * SECOND;
	if (conf->kind == SK_WINDOW_TUMBLE || conf->kind == SK_WINDOW_HOP) {
		conf->fill = (enum sk_window_fill)(head[4] >> 2 & 3);
		conf->ttl_ns = (head[4] >> 4) * 10 * SECOND;
	}
	if (conf->kind > SK_WINDOW_SESSION)
		conf->lateness_ns = 0;
	conf->row = on_row;
	conf->arg = world;
}

static int
load(struct world *world, struct sk_view bytes)
{
	struct sk_diag diag;
	int err = sk_window_load(world->window, &bytes, &diag);

	fuzz_check(err == 0 || err == SK_EDATA, "another error");
	return err;
}

/* Save into buf, and load it again; false: it does not load. */
static bool
again(struct world *world, struct sk_buf *buf)
{
	sk_window_save(world->window, buf);
	sk_window_close(world->window);
	world->window = sk_window_open(&world->conf);
	if (load(world, sk_view(buf->ptr, buf->len)) == 0)
		return true;
	fuzz_check(world->foreign, "what was saved does not load");
	return false;
}

/* The first time some times at which to look again become what they are. */
static void
resume(struct world *world)
{
	struct sk_buf first = { 0 }, second = { 0 }, third = { 0 };

	if (again(world, &first) && again(world, &second) &&
	    again(world, &third))
		fuzz_check(world->foreign || sk_view_equal(sk_view(third.ptr,
		    third.len), sk_view(second.ptr, second.len)),
		    "saved as other bytes");
	sk_buf_free(&first);
	sk_buf_free(&second);
	sk_buf_free(&third);
}

static int
add(struct world *world, unsigned char what, unsigned char byte)
{
	static const char keys[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	char number[SK_PAD + 4] = { (char)('0' + byte % 10) };
	struct sk_view value = sk_view(number, 1);
	struct sk_agg_event event = { .value = &value };
	int64_t t_ns = world->now_ns - byte / 8 * SECOND;
	size_t len = what % 40 == 39 ? 30 : 1;
	struct sk_view key;

	event.at_ns = t_ns;
	if (sk_aggs_take(&world->aggs, &event) != NULL)
		return 0;
	key = sk_view(keys + what % 4, len);
	return sk_window_add(world->window, t_ns, key,
	    sk_table_hash(key, sk_window_seed(world->window)));
}

/* What happens: 0, or a negative error. */
static int
step(struct world *world, unsigned char what, unsigned char byte)
{
	int64_t oldest_ns;

	switch (what >> 5) {
	case 0:
	case 1:
	case 2:
		return add(world, what, byte) < 0 ? SK_ELIMIT : 0;
	case 3:
	case 4:
		world->now_ns = sk_window_later(world->now_ns,
		    byte % 64 * SECOND / 2);
		if (world->watermark_ns < world->now_ns - 8 * SECOND)
			world->watermark_ns = world->now_ns - 8 * SECOND;
		return sk_window_advance(world->window, world->watermark_ns);
	case 5:
		return sk_window_show(world->window, (byte & 1) != 0);
	case 6:
		resume(world);
		return 0;
	default:
		oldest_ns = sk_window_oldest(world->window);
		if (oldest_ns > world->oldest_ns && oldest_ns < INT64_MAX)
			world->oldest_ns = oldest_ns;
		return 0;
	}
}

static void
run(const unsigned char *data, size_t size)
{
	struct world world = { .watermark_ns = INT64_MIN,
		.oldest_ns = INT64_MIN };
	struct sk_diag diag;
	size_t at = HEAD, len;
	int err = 0;

	sk_aggs_init(&world.aggs);
	fuzz_check(sk_aggs_parse(&world.aggs, "count,sum:1,list:1", &diag) == 0
	    && sk_aggs_plan(&world.aggs, &diag) == 0, "no aggregates");
	set_conf(&world, data);
	world.now_ns = (data[5] & 128) != 0 ? INT64_MAX - 200 * SECOND :
	    (data[5] & 64) != 0 ? INT64_MIN + 200 * SECOND : 0;
	world.window = sk_window_open(&world.conf);
	if ((data[5] & 32) != 0 && size >= HEAD + 2) {
		len = sk_get16((const char *)data + at);
		at += 2;
		len = len < size - at ? len : size - at;
		world.foreign = true;
		err = load(&world, sk_view((const char *)data + at, len));
		at += len;
	}
	for (; err == 0 && at + 1 < size; at += 2)
		err = step(&world, data[at], data[at + 1]);
	if (err == 0)
		sk_window_finish(world.window);
	sk_window_close(world.window);
	sk_aggs_done(&world.aggs);
}

/* Options of every kind with some events; every other one begins with the
 * state that such events leave. */
void
fuzz_sample(unsigned n, struct sk_buf *out)
{
	unsigned char head[HEAD] = { (unsigned char)n, (unsigned char)(n * 5),
		(unsigned char)(n * 37), (unsigned char)(n * 11),
		(unsigned char)(n * 3), (unsigned char)(n % 8) };
	struct world world = { .watermark_ns = INT64_MIN,
		.oldest_ns = INT64_MIN };
	struct sk_buf image = { 0 };
	struct sk_diag diag;
	unsigned i, dice = n * 2654435761U;

	if (n % 2 == 1) {
		head[5] |= 32;
		sk_aggs_init(&world.aggs);
		sk_aggs_parse(&world.aggs, "count,sum:1,list:1", &diag);
		sk_aggs_plan(&world.aggs, &diag);
		set_conf(&world, head);
		world.window = sk_window_open(&world.conf);
		for (i = 0; i < 40; i++, dice = dice * 1664525 + 1013904223)
			step(&world, dice >> 24 & 127, dice >> 16 & 255);
		sk_window_save(world.window, &image);
		sk_window_close(world.window);
		sk_aggs_done(&world.aggs);
	}
	sk_buf_add(out, (const char *)head, HEAD);
	if (n % 2 == 1) {
		sk_buf_char(out, (char)(image.len & 255));
		sk_buf_char(out, (char)(image.len >> 8));
		sk_buf_view(out, sk_view(image.ptr, image.len));
	}
	for (i = 0; i < 60; i++, dice = dice * 1664525 + 1013904223)
		sk_buf_char(out, (char)(dice >> 24));
	sk_buf_free(&image);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size >= HEAD)
		run(data, size);
	return 0;
}
