/*
 * Lines of syslog, for the formats `syslog` and `sshd`; what they look like is
 * said in syslog.c.
 */
#ifndef SK_PARSE_SYSLOG_H
#define SK_PARSE_SYSLOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "parse/parser.h"

/* Absent values have a NULL ptr. */
struct sk_syslog {
	bool has_time;
	int64_t time_ns;
	int priority; /* facility * 8 + severity; -1: none */
	struct sk_view host, app, pid, msgid;
	struct sk_view data; /* JSON, in out->text */
	struct sk_view message;
};

/* The names of its members up to and with `data`, in order. */
#define SK_SYSLOG_COLUMNS "time", "host", "app", "pid", "facility", \
	"severity", "msgid", "data"

/* NULL, or why the line is bad.  Only out->text is used. */
const char *sk_syslog_scan(struct sk_parser *parser, struct sk_view line,
    struct sk_syslog *syslog, struct sk_parsed *out);

/* Add the members up to and with `data`. */
void sk_syslog_put(struct sk_parsed *out, const struct sk_syslog *syslog);

/* How sure a line is one of syslog; *app is its program then, or ptr NULL. */
int sk_syslog_guess(struct sk_view line, struct sk_view *app);

/* The names of a priority's parts, for other formats; NULL for none. */
const char *sk_syslog_facility(uint64_t facility);
const char *sk_syslog_severity(uint64_t severity);

#endif
