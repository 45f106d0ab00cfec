/*
 * topic.conf: what a topic is, and its policy.
 *
 * Text, key=value, no blanks around `=`, `#` begins a comment line; a key not
 * known is ignored.  format, uuid, partitions, hash and key never change;
 * policy values may be edited between two writers.  Every policy value has an
 * option of its name with hyphens: stored when the topic is made, later for
 * the run alone.
 *
 * A policy remembers which values were given: a tool fills one from its
 * options with sk_log_policy_set, and sk_log_policy_over lays it over that of
 * the topic.
 *
 * Errors: SK_ESYS; SK_EDATA, the file is malformed, or segments lie in a folder
 * without it; SK_EVERSION, another format, hash or number of partitions.
 */
#ifndef SK_LOG_CONF_H
#define SK_LOG_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "log/frame.h"

enum sk_log_sync { SK_SYNC_NONE, SK_SYNC_INTERVAL, SK_SYNC_BLOCK };
enum sk_log_cleanup { SK_CLEANUP_NONE, SK_CLEANUP_DELETE, SK_CLEANUP_COMPACT };

/* The policy keys, in the order in which topic.conf gets them. */
enum sk_log_key {
	SK_KEY_SYNC,            /* sync=block|none|interval|interval:DUR */
	SK_KEY_BATCH_BYTES,     /* batch_bytes=SIZE, 1 to 64M */
	SK_KEY_LINGER,          /* linger=DUR */
	SK_KEY_LEVEL,           /* level=1..19 */
	SK_KEY_SEGMENT_BYTES,   /* segment_bytes=SIZE, 1 to 4G */
	SK_KEY_SEGMENT_AGE,     /* segment_age=DUR */
	SK_KEY_CLEANUP,         /* cleanup=none|delete */
	SK_KEY_RETENTION_BYTES, /* retention_bytes=SIZE, 0: no limit */
	SK_KEY_RETENTION_AGE,   /* retention_age=DUR, 0: no limit */
	SK_KEY_MAX_LINE,        /* max_line=SIZE, 1 to 64M - 1, with newline */
	SK_KEY_SOURCE_AGE,      /* source_age=DUR */
	SK_KEY_TORN_KEEP,       /* torn_keep=DUR */
	SK_KEY_N
};

struct sk_log_policy {
	uint32_t given; /* bits 1 << enum sk_log_key */
	enum sk_log_sync sync;
	int64_t sync_ns;
	uint64_t batch_bytes;
	int64_t linger_ns;
	int level;
	uint64_t segment_bytes;
	int64_t segment_age_ns;
	enum sk_log_cleanup cleanup;
	uint64_t retention_bytes;
	int64_t retention_age_ns;
	uint64_t max_line_bytes;
	int64_t source_age_ns;
	int64_t torn_keep_ns;
};

/* interval:1s, 256K, 200ms, level 1, 256M, 24h, none, 0, 0, 1M, 30d, 7d. */
void sk_log_policy_init(struct sk_log_policy *policy);

/* The name of a key as topic.conf has it (`batch_bytes`). */
const char *sk_log_key_name(enum sk_log_key key);

/* Set one value from text and mark it given.  `name` with `_` or `-`.  0, or
 * SK_EUSAGE with the reason in `why` (cap bytes; may be NULL) and the policy
 * untouched: no such key, or a value out of range. */
int sk_log_policy_set(struct sk_log_policy *policy, const char *name,
    const char *text, char *why, size_t cap);

/* Copy the values that are given in `over`, and mark them given. */
void sk_log_policy_over(struct sk_log_policy *policy,
    const struct sk_log_policy *over);

/* A value as topic.conf writes it. */
void sk_log_policy_put(const struct sk_log_policy *policy,
    enum sk_log_key key, struct sk_buf *buf);

struct sk_log_conf {
	unsigned char uuid[SK_UUID_LEN];
	uint32_t partitions; /* 1 */
	struct sk_log_policy policy;
};

/* Read TOPIC/topic.conf.  A missing topic or file is SK_ESYS with ENOENT
 * (segments without it: SK_EDATA), a TOPIC that is no folder ENOTDIR. */
int sk_log_conf_load(struct sk_log_conf *conf, const char *topic,
    struct sk_diag *diag);

/* Is `path` a folder with a topic.conf in it? */
bool sk_log_conf_there(const char *path);

/* Make a topic: a new uuid and topic.conf with the values given in `policy`,
 * durably.  The folder exists and the caller holds the lock. */
int sk_log_conf_create(struct sk_log_conf *conf, const char *topic,
    const struct sk_log_policy *policy, struct sk_diag *diag);

/* 32 hex digits and a NUL. */
void sk_log_uuid_text(const unsigned char uuid[SK_UUID_LEN], char text[33]);

#endif
