#include "parse/formats.h"
#include "parse/kinds.h"

const struct sk_parser_kind *const sk_parser_kinds[] = {
	&sk_parse_apache_error,
	&sk_parse_auto,
	&sk_parse_clf,
	&sk_parse_combined,
	&sk_parse_csv,
	&sk_parse_dpkg,
	&sk_parse_journal,
	&sk_parse_log4j,
	&sk_parse_logfmt,
	&sk_parse_ndjson,
	&sk_parse_nginx_error,
	&sk_parse_sshd,
	&sk_parse_syslog,
	NULL
};
