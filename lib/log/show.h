/*
 * Segments and findings as records and as a table: what `sk-log ls` and
 * `sk-log check` print.
 *
 * `topic` is the value of a first column of that name, or NULL: without it.
 */
#ifndef SK_LOG_SHOW_H
#define SK_LOG_SHOW_H

#include <stdbool.h>

#include "format/grid.h"
#include "format/record.h"
#include "log/check.h"
#include "log/list.h"

/* Names of the columns, `topic` first, NULL at the end. */
extern const char *const sk_show_row_columns[];
extern const char *const sk_show_finding_columns[];

/* The values of a record that was begun; the caller ends it. */
void sk_show_row(struct sk_record *record, const char *topic,
    const struct sk_log_row *row);
void sk_show_finding(struct sk_record *record, const char *topic,
    const struct sk_log_finding *finding);

/* Begin a table with its header, and add a row. */
void sk_show_table(struct sk_grid *grid, bool with_topic);
void sk_show_table_row(struct sk_grid *grid, const char *topic,
    const struct sk_log_row *row);

#endif
