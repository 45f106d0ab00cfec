/*
 * How far event time has come: no event from before the watermark comes any
 * more, but late ones.
 *
 * It is the largest event time so far less the delay that events may have,
 * event by event, so it does not depend on how the input is cut into reads; or
 * what a framed stream says, if it does and no delay was given.
 */
#ifndef SK_STREAM_WATERMARK_H
#define SK_STREAM_WATERMARK_H

#include <stdbool.h>
#include <stdint.h>

struct sk_watermark {
	int64_t delay_ns;
	bool delay_given;
	bool marked;    /* the stream says where time is */
	int64_t max_ns; /* the largest event time; INT64_MIN: none yet */
	int64_t ns;     /* of the caller: how far it has let time come */
};

static inline void
sk_watermark_init(struct sk_watermark *mark, int64_t delay_ns,
    bool delay_given)
{
	*mark = (struct sk_watermark){ delay_ns, delay_given, false,
		INT64_MIN, INT64_MIN };
}

/* Whether time comes from the events. */
static inline bool
sk_watermark_by_events(const struct sk_watermark *mark)
{
	return mark->delay_given || !mark->marked;
}

/* The watermark when events have come up to this time. */
static inline int64_t
sk_watermark_at(const struct sk_watermark *mark, int64_t t_ns)
{
	int64_t ns;

	/* The very last time is the end of input. */
	if (t_ns == INT64_MAX)
		t_ns--;
	return __builtin_sub_overflow(t_ns, mark->delay_ns, &ns) ? INT64_MIN :
	    ns;
}

/* An event: whether time is to go on, to *to_ns. */
static inline bool
sk_watermark_event(struct sk_watermark *mark, int64_t t_ns, int64_t *to_ns)
{
	if (t_ns <= mark->max_ns)
		return false;
	mark->max_ns = t_ns;
	*to_ns = sk_watermark_at(mark, t_ns);
	return sk_watermark_by_events(mark) && *to_ns > mark->ns;
}

/* What the stream says: whether time is to go on to there. */
static inline bool
sk_watermark_told(const struct sk_watermark *mark, int64_t t_ns)
{
	return !sk_watermark_by_events(mark) && t_ns > mark->ns;
}

/* How late an event of this time is. */
static inline uint64_t
sk_watermark_late_by(const struct sk_watermark *mark, int64_t t_ns)
{
	int64_t now_ns = mark->max_ns > mark->ns ? mark->max_ns : mark->ns;

	return (uint64_t)now_ns - (uint64_t)t_ns;
}

#endif
