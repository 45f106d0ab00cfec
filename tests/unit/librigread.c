/* The log through its readers, and the care of sealed segments: what the rig
 * takes from log/reader.h, repack.h and retain.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/sys.h"
#include "libmemfs.h"
#include "librig.h"
#include "log/conf.h"
#include "log/reader.h"
#include "log/repack.h"
#include "log/retain.h"
#include "log/segment.h"

int
rig_read_all(struct sk_buf *raw, const struct sk_reader_opts *opts)
{
	struct sk_reader_block block;
	struct sk_reader *reader;
	int err;

	raw->len = 0;
	err = sk_reader_open(&reader, RIG_TOPIC, opts, rig_notify(), &rig.diag);
	if (err != 0)
		return err;
	while ((err = sk_reader_next(reader, &block)) > 0)
		sk_buf_add(raw, block.bytes, block.nbytes);
	if (err == 0 && sk_reader_skipped(reader))
		err = SK_EDATA;
	sk_reader_close(reader);
	return err;
}

const char *
rig_read(void)
{
	static struct sk_buf raw, want;
	static char words[1200];
	const char *wrong;
	uint64_t base;
	int err;

	wrong = rig_content(&want, &base);
	if (wrong != NULL)
		return wrong;
	rig_hush();
	err = rig_read_all(&raw, NULL);
	if (err != 0) {
		snprintf(words, sizeof words, "the reader refuses: %s",
		    rig.diag.text);
		return words;
	}
	if (raw.len != want.len ||
	    (raw.len > 0 && memcmp(raw.ptr, want.ptr, raw.len) != 0))
		return "the reader gives other bytes than zstd -dc";
	return NULL;
}

static int
repack(const struct sk_log_conf *conf)
{
	static const struct sk_log_repack how = { 2000, 0, 3 };
	struct sk_log_repacked result;
	struct sk_listing listing;
	int err = sk_listing_load(&listing, RIG_TOPIC, &rig.diag);
	size_t i;

	(void)conf;
	if (err != 0)
		return err;
	for (i = 0; i < listing.n_segments && err == 0; i++)
		err = sk_log_repack_segment(RIG_TOPIC, listing.bases[i], &how,
		    &result, &rig.diag);
	sk_listing_free(&listing);
	return err;
}

void
rig_run_repack(void *arg)
{
	(void)arg;
	rig_under_lock(repack);
}

static int
retain(const struct sk_log_conf *conf)
{
	struct sk_log_policy mine = conf->policy;
	struct sk_log_retained result;

	mine.cleanup = SK_CLEANUP_DELETE;
	mine.retention_bytes = 6000;
	return sk_log_retain(RIG_TOPIC, &mine, false, sk_sys_clock_ns(),
	    rig_notify(), &result, &rig.diag);
}

void
rig_run_retain(void *arg)
{
	(void)arg;
	rig.start = UINT64_MAX;
	rig_under_lock(retain);
}
