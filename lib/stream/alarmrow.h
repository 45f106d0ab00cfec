/*
 * What is said of an event by sk-anomaly: cells behind the event as it came,
 * or behind those of a record.
 *
 *	alarm     the id of the incident, 8 hex digits; none: it is quiet
 *	model     its name
 *	expected low high   of models that expect something
 *	reason    in words, with an alarm
 *	view surprise oddity   with --explain: what spoke loudest, how
 *	          surprising that was (-log10 of a chance), and how odd, in its
 *	          own unit
 *	score     from 0 to 1, 6 decimals
 */
#ifndef SK_STREAM_ALARMROW_H
#define SK_STREAM_ALARMROW_H

#include <stdbool.h>

#include "detect/judge.h"
#include "format/record.h"
#include "stream/anomspec.h"
#include "stream/emit.h"

#define SK_ALARMROW_COLUMNS 10

struct sk_alarmrow {
	const char *model;
	bool expects, explain;
	bool all, end;           /* what is quiet, what is over, too */
	bool ready;
	struct sk_record record; /* of the cells alone */
	struct sk_buf text;
};

void sk_alarmrow_init(struct sk_alarmrow *row,
    const struct sk_anomspec *spec);

/* The names go to column, which has room;
 * how many there are. */
size_t sk_alarmrow_columns(const struct sk_alarmrow *row,
    struct sk_view *column);

/* The cells of a record that was begun. */
void sk_alarmrow_put(const struct sk_alarmrow *row, struct sk_record *record,
    const struct sk_verdict *verdict);

/* Whether a verdict is written; without --end, one that ends an incident is
 * made a quiet one. */
bool sk_alarmrow_shows(const struct sk_alarmrow *row,
    struct sk_verdict *verdict);

void sk_alarmrow_free(struct sk_alarmrow *row);
/* An event that passes, in the form of the output, with the cells behind
 * it; the CR of CRLF stays at the end. */
int sk_alarmrow_pass(struct sk_alarmrow *row, struct sk_emit *emit,
    struct sk_view line, const struct sk_verdict *verdict);
/* Its header line with the names behind it. */
int sk_alarmrow_header(struct sk_alarmrow *row, struct sk_emit *emit,
    struct sk_view line);

#endif
