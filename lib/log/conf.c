#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "io/file.h"
#include "io/sys.h"
#include "io/zstd.h"
#include "log/conf.h"
#include "log/segment.h"

enum { CONF_MAX = 1 << 20 };

#define SECOND INT64_C(1000000000)
#define DAY (86400 * SECOND)
#define KIB UINT64_C(1024)
#define MIB (KIB * 1024)
#define GIB (MIB * 1024)

void
sk_log_policy_init(struct sk_log_policy *policy)
{
	memset(policy, 0, sizeof(*policy));
	policy->sync = SK_SYNC_INTERVAL;
	policy->sync_ns = SECOND;
	policy->batch_bytes = 256 * KIB;
	policy->linger_ns = SECOND / 5;
	policy->level = 1;
	policy->segment_bytes = 256 * MIB;
	policy->segment_age_ns = DAY;
	policy->cleanup = SK_CLEANUP_NONE;
	policy->max_line_bytes = MIB;
	policy->source_age_ns = 30 * DAY;
	policy->torn_keep_ns = 7 * DAY;
}

const char *
sk_log_key_name(enum sk_log_key key)
{
	static const char *const names[SK_KEY_N] = {
		[SK_KEY_SYNC] = "sync",
		[SK_KEY_BATCH_BYTES] = "batch_bytes",
		[SK_KEY_LINGER] = "linger",
		[SK_KEY_LEVEL] = "level",
		[SK_KEY_SEGMENT_BYTES] = "segment_bytes",
		[SK_KEY_SEGMENT_AGE] = "segment_age",
		[SK_KEY_CLEANUP] = "cleanup",
		[SK_KEY_RETENTION_BYTES] = "retention_bytes",
		[SK_KEY_RETENTION_AGE] = "retention_age",
		[SK_KEY_MAX_LINE] = "max_line",
		[SK_KEY_SOURCE_AGE] = "source_age",
		[SK_KEY_TORN_KEEP] = "torn_keep",
	};

	return names[key];
}

static bool
same_name(const char *a, const char *b)
{
	for (; *a != '\0' && *b != '\0'; a++, b++)
		if (*a != *b && !(*a == '_' && *b == '-'))
			return false;
	return *a == *b;
}

static int
find_key(const char *name)
{
	int key;

	for (key = 0; key < SK_KEY_N; key++)
		if (same_name(sk_log_key_name((enum sk_log_key)key), name))
			return key;
	return -1;
}

static int
set_sync(struct sk_log_policy *policy, const char *text)
{
	int64_t ns = SECOND;

	if (strcmp(text, "none") == 0)
		policy->sync = SK_SYNC_NONE;
	else if (strcmp(text, "block") == 0)
		policy->sync = SK_SYNC_BLOCK;
	else if (strcmp(text, "interval") == 0)
		policy->sync = SK_SYNC_INTERVAL;
	else if (strncmp(text, "interval:", 9) == 0 &&
	    sk_num_duration(sk_view_str(text + 9), &ns) == 0 && ns > 0)
		policy->sync = SK_SYNC_INTERVAL;
	else
		return SK_EUSAGE;
	policy->sync_ns = ns;
	return 0;
}

static int
set_size(uint64_t *out, const char *text, uint64_t min, uint64_t max)
{
	uint64_t value;

	if (sk_num_size(sk_view_str(text), &value) != 0 || value < min ||
	    value > max)
		return SK_EUSAGE;
	*out = value;
	return 0;
}

static int
set_duration(int64_t *out, const char *text)
{
	int64_t ns;

	if (sk_num_duration(sk_view_str(text), &ns) != 0 || ns < 0)
		return SK_EUSAGE;
	*out = ns;
	return 0;
}

static int
set_level(int *out, const char *text)
{
	uint64_t level = 0;

	if (sk_num_u64(sk_view_str(text), &level) != 0 ||
	    level < SK_ZSTD_LEVEL_MIN || level > SK_ZSTD_LEVEL_MAX)
		return SK_EUSAGE;
	*out = (int)level;
	return 0;
}

static int
set_cleanup(enum sk_log_cleanup *out, const char *text)
{
	if (strcmp(text, "none") == 0)
		*out = SK_CLEANUP_NONE;
	else if (strcmp(text, "delete") == 0)
		*out = SK_CLEANUP_DELETE;
	else if (strcmp(text, "compact") == 0)
		return SK_EVERSION;
	else
		return SK_EUSAGE;
	return 0;
}

static int
set_key(struct sk_log_policy *policy, enum sk_log_key key, const char *text)
{
	switch (key) {
	case SK_KEY_SYNC:
		return set_sync(policy, text);
	case SK_KEY_BATCH_BYTES:
		return set_size(&policy->batch_bytes, text, 1,
		    SK_BLOCK_RAW_MAX);
	case SK_KEY_LINGER:
		return set_duration(&policy->linger_ns, text);
	case SK_KEY_LEVEL:
		return set_level(&policy->level, text);
	case SK_KEY_SEGMENT_BYTES:
		return set_size(&policy->segment_bytes, text, 1, 4 * GIB);
	case SK_KEY_SEGMENT_AGE:
		return set_duration(&policy->segment_age_ns, text);
	case SK_KEY_CLEANUP:
		return set_cleanup(&policy->cleanup, text);
	case SK_KEY_RETENTION_BYTES:
		return set_size(&policy->retention_bytes, text, 0, INT64_MAX);
	case SK_KEY_RETENTION_AGE:
		return set_duration(&policy->retention_age_ns, text);
	case SK_KEY_MAX_LINE:
		return set_size(&policy->max_line_bytes, text, 1,
		    SK_BLOCK_RAW_MAX - 1);
	case SK_KEY_SOURCE_AGE:
		return set_duration(&policy->source_age_ns, text);
	case SK_KEY_TORN_KEEP:
		return set_duration(&policy->torn_keep_ns, text);
	case SK_KEY_N:
		break;
	}
	return SK_EUSAGE;
}

int
sk_log_policy_set(struct sk_log_policy *policy, const char *name,
    const char *text, char *why, size_t cap)
{
	int key = find_key(name), err = SK_EUSAGE;

	if (key >= 0)
		err = set_key(policy, (enum sk_log_key)key, text);
	if (err == 0) {
		policy->given |= UINT32_C(1) << key;
		return 0;
	}
	if (why != NULL)
		snprintf(why, cap, "%s", key < 0 ? "no such value" :
		    err == SK_EVERSION ? "needs a newer version" :
		    key == SK_KEY_SYNC ? "not block, interval:DUR or none" :
		    "malformed or out of range");
	return err;
}

void
sk_log_policy_over(struct sk_log_policy *policy,
    const struct sk_log_policy *over)
{
	struct sk_buf text = { 0 };
	int key;

	for (key = 0; key < SK_KEY_N; key++) {
		if ((over->given & UINT32_C(1) << key) == 0)
			continue;
		sk_buf_reset(&text);
		sk_log_policy_put(over, (enum sk_log_key)key, &text);
		set_key(policy, (enum sk_log_key)key, sk_buf_cstr(&text));
		policy->given |= UINT32_C(1) << key;
	}
	sk_buf_free(&text);
}

/* Exact, where sk_num_put_duration rounds for people. */
static void
put_duration(struct sk_buf *buf, int64_t ns)
{
	static const struct {
		const char *unit;
		int64_t ns;
	} units[] = {
		{ "d", DAY }, { "h", 3600 * SECOND }, { "m", 60 * SECOND },
		{ "s", SECOND }, { "ms", 1000000 }, { "us", 1000 },
		{ "ns", 1 },
	};
	size_t i = 0;

	while (ns % units[i].ns != 0)
		i++;
	if (ns == 0)
		sk_buf_str(buf, "0s");
	else
		sk_buf_fmt(buf, "%lld%s", (long long)(ns / units[i].ns),
		    units[i].unit);
}

static void
put_sync(const struct sk_log_policy *policy, struct sk_buf *buf)
{
	switch (policy->sync) {
	case SK_SYNC_NONE:
		sk_buf_str(buf, "none");
		break;
	case SK_SYNC_BLOCK:
		sk_buf_str(buf, "block");
		break;
	case SK_SYNC_INTERVAL:
		sk_buf_str(buf, "interval:");
		put_duration(buf, policy->sync_ns);
		break;
	}
}

void
sk_log_policy_put(const struct sk_log_policy *policy, enum sk_log_key key,
    struct sk_buf *buf)
{
	static const char *const cleanups[] = { "none", "delete", "compact" };

	switch (key) {
	case SK_KEY_SYNC:
		put_sync(policy, buf);
		break;
	case SK_KEY_BATCH_BYTES:
		sk_num_put_u64(buf, policy->batch_bytes);
		break;
	case SK_KEY_LINGER:
		put_duration(buf, policy->linger_ns);
		break;
	case SK_KEY_LEVEL:
		sk_num_put_u64(buf, (uint64_t)policy->level);
		break;
	case SK_KEY_SEGMENT_BYTES:
		sk_num_put_u64(buf, policy->segment_bytes);
		break;
	case SK_KEY_SEGMENT_AGE:
		put_duration(buf, policy->segment_age_ns);
		break;
	case SK_KEY_CLEANUP:
		sk_buf_str(buf, cleanups[policy->cleanup]);
		break;
	case SK_KEY_RETENTION_BYTES:
		sk_num_put_u64(buf, policy->retention_bytes);
		break;
	case SK_KEY_RETENTION_AGE:
		put_duration(buf, policy->retention_age_ns);
		break;
	case SK_KEY_MAX_LINE:
		sk_num_put_u64(buf, policy->max_line_bytes);
		break;
	case SK_KEY_SOURCE_AGE:
		put_duration(buf, policy->source_age_ns);
		break;
	case SK_KEY_TORN_KEEP:
		put_duration(buf, policy->torn_keep_ns);
		break;
	case SK_KEY_N:
		break;
	}
}

void
sk_log_uuid_text(const unsigned char uuid[SK_UUID_LEN], char text[33])
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < SK_UUID_LEN; i++) {
		text[2 * i] = digits[uuid[i] >> 4];
		text[2 * i + 1] = digits[uuid[i] & 15];
	}
	text[32] = '\0';
}

static int
parse_uuid(const char *text, unsigned char uuid[SK_UUID_LEN])
{
	uint64_t byte;
	size_t i;

	if (strlen(text) != 2 * SK_UUID_LEN)
		return SK_EDATA;
	for (i = 0; i < SK_UUID_LEN; i++) {
		if (sk_num_hex64(sk_view(text + 2 * i, 2), &byte) != 0)
			return SK_EDATA;
		uuid[i] = (unsigned char)byte;
	}
	return 0;
}

/* What must stand in the file. */
struct needed {
	bool format;
	bool uuid;
};

/* One key and its value: 0, SK_EDATA or SK_EVERSION. */
static int
take_value(struct sk_log_conf *conf, struct needed *got, const char *key,
    const char *text)
{
	if (strcmp(key, "format") == 0) {
		got->format = true;
		return strcmp(text, "1") == 0 ? 0 : SK_EVERSION;
	}
	if (strcmp(key, "uuid") == 0) {
		got->uuid = true;
		return parse_uuid(text, conf->uuid);
	}
	if (strcmp(key, "partitions") == 0)
		return strcmp(text, "1") == 0 ? 0 : SK_EVERSION;
	if (strcmp(key, "hash") == 0)
		return strcmp(text, "xxh64-mod") == 0 ||
		    strcmp(text, "murmur2-kafka") == 0 ? 0 : SK_EVERSION;
	if (find_key(key) < 0 || strchr(key, '-') != NULL)
		return 0;
	switch (sk_log_policy_set(&conf->policy, key, text, NULL, 0)) {
	case 0:
		return 0;
	case SK_EVERSION:
		return SK_EVERSION;
	default:
		return SK_EDATA;
	}
}

static int
parse_conf(struct sk_log_conf *conf, char *text, const char *path,
    struct sk_diag *diag)
{
	struct needed got = { 0 };
	int line = 1, err = 0;
	char *next, *eq;

	for (; text != NULL; text = next, line++) {
		next = strchr(text, '\n');
		if (next != NULL)
			*next++ = '\0';
		if (*text == '\0' || *text == '#')
			continue;
		eq = strchr(text, '=');
		if (eq == NULL)
			return sk_diag_set(diag, SK_EDATA,
			    "%s:%d: not key=value", path, line);
		*eq = '\0';
		err = take_value(conf, &got, text, eq + 1);
		if (err != 0)
			return sk_diag_set(diag, err, "%s:%d: %s=%s: %s",
			    path, line, text, eq + 1, err == SK_EVERSION ?
			    "needs a newer version" :
			    "malformed or out of range");
	}
	if (!got.format || !got.uuid)
		return sk_diag_set(diag, SK_EDATA, "%s: no %s", path,
		    got.format ? "uuid" : "format");
	return 0;
}

/* Without topic.conf: is it a log that has lost it? */
static int
missing(const char *topic, struct sk_diag *diag)
{
	struct sk_listing listing;
	size_t n;

	if (sk_listing_load(&listing, topic, diag) != 0)
		return SK_ESYS;
	n = listing.n_segments;
	sk_listing_free(&listing);
	if (n > 0)
		return sk_diag_set(diag, SK_EDATA,
		    "%s/topic.conf: missing beside segments", topic);
	errno = ENOENT;
	return sk_diag_set(diag, SK_ESYS, "%s: not a log", topic);
}

int
sk_log_conf_load(struct sk_log_conf *conf, const char *topic,
    struct sk_diag *diag)
{
	char *path = sk_topic_path(topic, "topic.conf");
	struct sk_buf text = { 0 };
	int err;

	memset(conf, 0, sizeof(*conf));
	conf->partitions = 1;
	sk_log_policy_init(&conf->policy);
	err = sk_file_load(path, CONF_MAX, &text);
	if (err == 0 && text.len > 0 && memchr(text.ptr, 0, text.len) != NULL)
		err = sk_diag_set(diag, SK_EDATA, "%s: not text", path);
	else if (err == 0)
		err = parse_conf(conf, text.len > 0 ?
		    (char *)(uintptr_t)sk_buf_cstr(&text) : NULL, path, diag);
	else if (errno == ENOENT)
		err = missing(topic, diag);
	else
		err = sk_diag_sys(diag, "%s", errno == ENOTDIR ? topic : path);
	sk_buf_free(&text);
	free(path);
	return err;
}

bool
sk_log_conf_there(const char *path)
{
	char *conf = sk_topic_path(path, "topic.conf");
	struct stat st;
	bool there = sk_sys_stat(conf, &st) == 0;

	free(conf);
	return there;
}

static void
put_conf(const struct sk_log_conf *conf, struct sk_buf *buf)
{
	char uuid[33];
	int key;

	sk_log_uuid_text(conf->uuid, uuid);
	sk_buf_fmt(buf, "format=1\nuuid=%s\npartitions=1\nhash=xxh64-mod\n",
	    uuid);
	for (key = 0; key < SK_KEY_N; key++) {
		if (key != SK_KEY_CLEANUP &&
		    (conf->policy.given & UINT32_C(1) << key) == 0)
			continue;
		sk_buf_fmt(buf, "%s=", sk_log_key_name((enum sk_log_key)key));
		sk_log_policy_put(&conf->policy, (enum sk_log_key)key, buf);
		sk_buf_char(buf, '\n');
	}
}

static int
write_new(const char *path, const struct sk_buf *buf)
{
	int fd, keep, err;

	fd = sk_sys_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	if (fd < 0)
		return SK_ESYS;
	err = sk_file_write(fd, buf->ptr, buf->len, NULL);
	if (err == 0 && sk_sys_fsync(fd) != 0)
		err = SK_ESYS;
	keep = errno;
	if (sk_sys_close(fd) != 0 && err == 0) {
		keep = errno;
		err = SK_ESYS;
	}
	errno = keep;
	return err;
}

int
sk_log_conf_create(struct sk_log_conf *conf, const char *topic,
    const struct sk_log_policy *policy, struct sk_diag *diag)
{
	char *path = sk_topic_path(topic, "topic.conf");
	char *fresh = sk_topic_path(topic, ".new-topic.conf");
	struct sk_buf text = { 0 };
	int err;

	memset(conf, 0, sizeof(*conf));
	conf->partitions = 1;
	sk_put64(conf->uuid, sk_sys_random());
	sk_put64(conf->uuid + 8, sk_sys_random());
	sk_log_policy_init(&conf->policy);
	if (policy != NULL)
		sk_log_policy_over(&conf->policy, policy);
	put_conf(conf, &text);
	err = write_new(fresh, &text);
	if (err == 0)
		err = sk_file_rename(fresh, path);
	if (err != 0)
		err = sk_diag_sys(diag, "%s", path);
	sk_buf_free(&text);
	free(fresh);
	free(path);
	return err;
}
