/*
 * The names in a topic's folder.
 *
 *   00000000000000213456.zst        a segment: its base offset, 20 digits
 *   00000000000000213456.torn-8192  a quarantined tail (.torn-8192.2, .3 ...)
 *   .new-...                        under construction; left over: deleted
 *   topic.conf .lock .jobs .request-...
 *
 * Names are judged here, contents are not.
 */
#ifndef SK_LOG_SEGMENT_H
#define SK_LOG_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "log/conf.h"
#include "log/frame.h"
#include "log/walk.h"

enum sk_name_kind {
	SK_NAME_SEGMENT,
	SK_NAME_TORN,
	SK_NAME_NEW,
	SK_NAME_REQUEST,
	SK_NAME_OWN,    /* topic.conf, .lock, .jobs */
	SK_NAME_FOREIGN
};

enum { SK_SEGMENT_NAME = 25 }; /* bytes of a segment's name with its NUL */

/* *base is set for a segment and a torn tail. */
enum sk_name_kind sk_segment_kind(const char *name, uint64_t *base);

void sk_segment_name(uint64_t base, char name[SK_SEGMENT_NAME]);

/* TOPIC/00000000000000213456.zst, TOPIC/NAME; free() releases it. */
char *sk_segment_path(const char *topic, uint64_t base);
char *sk_topic_path(const char *topic, const char *name);

struct sk_name {
	enum sk_name_kind kind;
	uint64_t base;
	const char *name; /* as the folder has it */
};

/* Sorted by name, so segments by base. */
struct sk_listing {
	struct sk_name *names; /* all of them */
	size_t n;
	uint64_t *bases;       /* of the segments, rising */
	size_t n_segments;
	char **owned;
};

/* 0 or SK_ESYS.  The listing owns its names. */
int sk_listing_load(struct sk_listing *listing, const char *topic,
    struct sk_diag *diag);
void sk_listing_free(struct sk_listing *listing);

/* Read and verify the S of an open segment: 0, SK_ESYS, SK_EDATA (cut or
 * damaged), SK_EVERSION.  *s points into buf, which is overwritten. */
int sk_segment_head(int fd, struct sk_buf *buf, struct sk_frame *s);

/* The S of the segment that follows one that ended so (NULL: the first of the
 * topic): a new salt, a clock that does not fall.  incarnation and tlvs are
 * the caller's to set. */
void sk_segment_follow(struct sk_frame *s, const struct sk_log_conf *conf,
    const struct sk_chain *end);

/* Make a segment durably: `.new-BASE` with this S, fsync, rename over BASE.zst,
 * fsync of the folder.  Its descriptor, open for appending, or SK_ESYS.  Then
 * *final (may be NULL) says whether a sync has failed, which must not be tried
 * again. */
int sk_segment_create(const char *topic, struct sk_frame *s, bool *final,
    struct sk_diag *diag);

#endif
