/*
 * The frames of a segment: bytes to struct and back, nothing else.
 *
 * A segment is S { B data | P | C | E } [X table]: skippable zstd frames of
 * ours around zstd data frames, so that `zstd -dc` prints the lines.  Every
 * frame of ours has the same header of 64 bytes, a body of its type, TLVs,
 * and in its last 8 bytes the XXH64 of all before:
 *
 *    0  u32 0x184D2A53      16  u64 salt           40  u64 topic_seq
 *    4  u32 length - 8      24  u64 incarnation    48  u64 durable_pos
 *    8  "SKLG"              32  u64 offset         56  i64 clock_ns
 *   12  u8 type, u8 version, u16 flags             64  body, TLVs, hash
 *
 * Integers are little-endian, times nanoseconds since 1970 UTC, positions
 * bytes in the file, offsets numbers of records.  Format: sk-log(5).
 *
 * Nothing is owned: a decoded frame points into the bytes it came from.
 */
#ifndef SK_LOG_FRAME_H
#define SK_LOG_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define SK_FRAME_MAGIC UINT32_C(0x184D2A53)
#define SK_NO_OFFSET UINT64_MAX /* of S: no segment is before it */
#define SK_NO_TIME INT64_MIN    /* of B and X: no event time */

enum {
	SK_FRAME_HEAD = 64,         /* bytes before the body */
	SK_FRAME_PROBE = 16,        /* bytes sk_frame_probe needs */
	SK_FRAME_MIN = 72,
	SK_FRAME_MAX = 32 << 20,
	SK_FRAME_VERSION = 1,
	SK_UUID_LEN = 16,
	SK_INDEX_ENTRY = 56,        /* bytes of an entry of X */
	SK_BLOCK_RECORDS_MAX = 1 << 20,
	SK_BLOCK_RAW_MAX = 64 << 20
};

/* frame.flags of S and B; of P it is the reason. */
enum {
	SK_S_REPACKED = 1,
	SK_B_TXN = 1,
	SK_B_SYNTHETIC_NL = 2,
	SK_P_OPENED = 1, /* a writer opened the topic: new incarnation */
	SK_P_MOVED = 2,  /* a source moved without records */
	SK_P_IDLE = 3    /* idle mark: all before it is durable */
};

enum sk_tlv_type {
	SK_TLV_SOURCE = 1,
	SK_TLV_PRODUCER = 2,
	SK_TLV_JOB = 3,
	SK_TLV_NOTE = 4,
	SK_TLV_DELTAS = 0x8005,
	SK_TLV_SEQRUNS = 0x8006,
	SK_TLV_ENDS = 0x8007,
	SK_TLV_CRITICAL = 0x8000
};

struct sk_frame {
	char type;            /* S B P C E X */
	unsigned char version;
	uint16_t flags;       /* of P: the reason */
	uint64_t salt;
	uint64_t incarnation;
	uint64_t offset;      /* of the next record; of B its first */
	uint64_t topic_seq;   /* of the next block; of B its own */
	uint64_t durable_pos;
	int64_t clock_ns;
	union {
		struct {
			unsigned char uuid[SK_UUID_LEN];
			uint32_t partition;
			uint32_t partitions;
			uint64_t prev_base; /* SK_NO_OFFSET: none */
			uint64_t prev_salt;
		} s;
		struct {
			int64_t event_min_ns; /* SK_NO_TIME (both): none */
			int64_t event_max_ns;
			uint64_t producer_id;
			uint64_t producer_seq;
			uint32_t records;
			uint32_t span; /* offsets it covers */
			uint32_t raw_len;
			uint32_t comp_len;
			uint64_t comp_hash;
		} b;
		struct {
			uint64_t producer_id;
			uint64_t epoch;
			uint64_t first_offset;
			uint64_t lines_hash;
		} c;
		struct {
			uint64_t first_offset;
			int64_t event_min_ns;
			int64_t event_max_ns;
			uint32_t n;
			struct sk_view entries; /* n * SK_INDEX_ENTRY bytes */
		} x;
	} u;
	struct sk_view tlvs; /* encoded, padded to a multiple of 8 */
	size_t len;          /* of the whole frame; set by decode and encode */
};

/* The length of the frame that begins with these SK_FRAME_PROBE bytes, or 0 if
 * no frame of ours begins so (magic, mark or an impossible length). */
size_t sk_frame_probe(const void *bytes);

/*
 * Decode and verify the frame at `bytes`; `len` may reach beyond it.
 *   0            whole and valid by itself
 *   SK_EDATA     cut, damaged, or not ours; *frame is undefined
 *   SK_EVERSION  the hash is right, but version, type, flag, reason or a
 *                critical TLV is not known here; the common header, len and
 *                nothing else of *frame is set
 * A body that contradicts itself is SK_EDATA.  A TXN block, C, DELTAS and
 * SEQRUNS decode: who cannot read them refuses them.
 */
int sk_frame_decode(const void *bytes, size_t len, struct sk_frame *frame);

/* Add the frame to buf: header, body, frame->u.x.entries, frame->tlvs, hash.
 * Sets frame->len; version is written as SK_FRAME_VERSION. */
void sk_frame_encode(struct sk_frame *frame, struct sk_buf *buf);

struct sk_tlv {
	uint16_t type;
	struct sk_view value;
};

/* Take the next TLV off `rest` (begin with frame.tlvs): 1, 0 at the end,
 * SK_EDATA if it is malformed. */
int sk_tlv_next(struct sk_view *rest, struct sk_tlv *tlv);

/* Find the first TLV of a type: true if there is one. */
bool sk_tlv_find(struct sk_view tlvs, enum sk_tlv_type type,
    struct sk_tlv *tlv);

/* Add one TLV, padded, to buf. */
void sk_tlv_add(struct sk_buf *buf, enum sk_tlv_type type,
    struct sk_view value);

#endif
