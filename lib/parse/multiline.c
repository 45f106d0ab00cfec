#include "parse/multiline.h"

/* A line that the pattern takes too long for goes on with the record. */
static bool
begins_record(struct sk_multiline *multiline, struct sk_view line)
{
	const char *why;

	return sk_regex_match(&multiline->start, line, &why) > 0;
}

static bool
is_empty(struct sk_view line)
{
	return line.len == 0 || (line.len == 1 && line.ptr[0] == '\r');
}

/* The record without empty lines and the CR at its end. */
static struct sk_view
trim(struct sk_view record, char sep)
{
	while (record.len > 0 && (record.ptr[record.len - 1] == sep ||
	    record.ptr[record.len - 1] == '\r'))
		record.len--;
	return record;
}

static struct sk_lines
multiline_cut(void *self, const char *bytes, size_t len, bool ended,
    struct sk_view *out, size_t cap)
{
	struct sk_multiline *m = self;
	struct sk_lines found = { 0, 0, 0 };
	size_t begin = 0, at = m->seen <= len ? m->seen : 0;
	size_t nlines = at > 0 ? m->nlines : 0;

	while (found.n < cap) {
		const char *end = memchr(bytes + at, m->sep, len - at);
		struct sk_view line = sk_view(bytes + at, end != NULL ?
		    (size_t)(end - bytes) - at : len - at);

		if (nlines > 0 && (end == NULL ? ended && at == len :
		    nlines >= m->max_lines || begins_record(m, line))) {
			out[found.n++] = trim(sk_view(bytes + begin,
			    at - begin), m->sep);
			found.nseps += nlines;
			begin = at;
			nlines = 0;
			continue;
		}
		if (end == NULL)
			break;
		at += line.len + 1;
		if (nlines == 0 && is_empty(line)) {
			begin = at;
			found.nseps++;
		} else
			nlines++;
	}
	found.used = begin;
	m->seen = at - begin;
	m->nlines = nlines;
	return found;
}

int
sk_multiline_init(struct sk_multiline *multiline,
    const struct sk_multiline_conf *conf, struct sk_diag *diag)
{
	struct sk_grok_expanded expanded;
	int err;

	memset(multiline, 0, sizeof(*multiline));
	err = sk_grok_expand(conf->grok, conf->start, &expanded, diag);
	if (err != 0)
		return err;
	err = sk_regex_open(&multiline->start, sk_view(expanded.regex.ptr,
	    expanded.regex.len), conf->utf, diag);
	sk_grok_expanded_free(&expanded);
	multiline->max_lines = conf->max_lines;
	multiline->sep = conf->sep;
	multiline->cut.self = multiline;
	multiline->cut.cut = multiline_cut;
	multiline->cut.wait_ns = conf->wait_ns;
	return err;
}

void
sk_multiline_free(struct sk_multiline *multiline)
{
	sk_regex_close(&multiline->start);
	memset(multiline, 0, sizeof(*multiline));
}
