/*
 * The built-in log formats: each is described at the top of its file.
 *
 * They agree in this.  A value that the line leaves out, or writes as `-`, is
 * null.  The member `message` is the last one but for `extra`; it is the text
 * as written, without the blanks around it, and takes all that follows when
 * lines were joined.  Numbers are JSON numbers: zeros in front are dropped.
 * What a format does not know of stays in the message: a line is bad only if
 * its frame is not that of the format.
 */
#ifndef SK_PARSE_FORMATS_H
#define SK_PARSE_FORMATS_H

#include "parse/parser.h"

extern const struct sk_parser_kind sk_parse_apache_error;
extern const struct sk_parser_kind sk_parse_clf;
extern const struct sk_parser_kind sk_parse_combined;
extern const struct sk_parser_kind sk_parse_dpkg;
extern const struct sk_parser_kind sk_parse_journal;
extern const struct sk_parser_kind sk_parse_log4j;
extern const struct sk_parser_kind sk_parse_nginx_error;
extern const struct sk_parser_kind sk_parse_sshd;
extern const struct sk_parser_kind sk_parse_syslog;

#endif
