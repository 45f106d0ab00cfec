/*
 * Any lines through every built-in log format.
 *
 * What a line gives depends on its bytes alone, not on those behind it; the
 * members are those of the columns, in their order; numbers and lists are
 * JSON.  The scanner of access logs agrees with a pattern.  The records of a
 * journal do not depend on the pieces in which they come.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "format/ndjson.h"
#include "libfuzz.h"
#include "parse/formats.h"
#include "parse/grok.h"
#include "parse/parser.h"

static const char *const names[] = { "apache-error", "clf", "combined", "dpkg",
	"journal", "log4j", "nginx-error", "sshd", "syslog" };

#define NFORMATS (sizeof(names) / sizeof(names[0]))
#define COMBINED 2
#define JOURNAL 4

/* As in tests/formats.bats. */
#define PIECE "(?:[^\"\\\\]|\\\\(?![\"\\\\])|\\\\[\"\\\\])"
static const char pattern[] = "^(?:-|(?<ip>[^ ]+)) (?:-|(?<ident>[^ ]+))"
    " (?>(?:-|(?<user>.+?)) \\[(?<time:time:clf>.{26})\\] \")(?:-?|"
    "(?:(?<method>[A-Za-z][A-Za-z_-]*) )?(?<path>" PIECE "*?)"
    "(?: (?<protocol>HTTP/(?:(?! )" PIECE ")+))?)\""
    " (?:-|(?<status:int>\\d+)) (?:-|(?<bytes:int>\\d+))"
    " \"(?:-|(?<referer>" PIECE "*+))\" \"(?:-|(?<agent>" PIECE "*+))\""
    "(?: ++(?=.*[^ \\t\\r])(?<extra>.*?))?[ \\t\\r]*$";

static struct {
	struct sk_zone zone;
	struct sk_year year;
	struct sk_grok grok;
	struct sk_parse_conf conf, nul_conf;
	struct sk_parser parser[NFORMATS], pattern, nul_journal;
	struct sk_parsed parsed, other;
	struct sk_ndjson *ndjson;
} rigs;

static void
open_all(void)
{
	struct sk_diag diag;
	size_t i;

	if (rigs.ndjson != NULL)
		return;
	sk_grok_init(&rigs.grok);
	rigs.conf.zone = &rigs.zone;
	rigs.conf.year = &rigs.year;
	rigs.conf.grok = &rigs.grok;
	rigs.conf.delimiter = -1;
	rigs.conf.sep = '\n';
	for (i = 0; i < NFORMATS; i++)
		fuzz_check(sk_parser_open(&rigs.parser[i],
		    sk_view_str(names[i]), &rigs.conf, &diag) == 0, names[i]);
	rigs.nul_conf = rigs.conf;
	rigs.nul_conf.sep = '\0';
	fuzz_check(sk_parser_open(&rigs.nul_journal, sk_view_str("journal"),
	    &rigs.nul_conf, &diag) == 0, "journal");
	fuzz_check(sk_parser_open(&rigs.pattern, sk_view_str(pattern),
	    &rigs.conf, &diag) == 0, diag.text);
	sk_parsed_init(&rigs.parsed);
	sk_parsed_init(&rigs.other);
	rigs.ndjson = sk_ndjson_open(NULL, 0);
}

void
fuzz_sample(unsigned n, struct sk_buf *out)
{
	static const char *const text[] = {
		"[Wed Oct 11 14:32:52.123456 2023] [core:error] [pid 5:tid 6] "
		    "(13)Denied: [client ::1:80] AH00035: x, referer: y\n",
		"h - a b [10/Oct/2000:13:55:36 -0700] \"GET /\\\" HTTP/1.0\" "
		    "200 5\n",
		"h - - [10/Oct/2000:13:55:36 -0700] \"-\" 200 - \"r\" \"a\" "
		    "x\n",
		"2024-01-02 10:11:12 upgrade a:b 1 2\n",
		"2024-01-02 10:11:12 conffile /etc/a keep\n",
		"{\"__REALTIME_TIMESTAMP\":\"1\",\"MESSAGE\":[104,105]}\n",
		"__REALTIME_TIMESTAMP=1697062455000123\nMESSAGE\n\x05\0\0\0",
		"2015-10-18 18:01:47,978 [m:3] - INFO  [a:b@7] - c: d\n",
		"[2015-10-18 18:01:47,978] INFO [x] y (a.b)\n",
		"2023/10/10 13:55:36 [error] 1#2: *3 m, client: 4, "
		    "request: \"GET /\", host: \"h\"\n",
		"Oct 11 22:14:15 h sshd[1]: message repeated 5 times: [ Failed"
		    " password for invalid user a from ::1 port 7 ssh2]\n",
		"<165>1 2003-10-11T22:14:15.003Z h a 1 ID [x a=\"\\\"\" "
		    "b=\"c\"][y] z\n",
	};

	sk_buf_zero(out, 8);
	sk_buf_str(out, text[n % 12]);
	if (n % 12 == 6)
		sk_buf_add(out, "\0\0\0\0hello\n_PID=1\n\n", 18);
	sk_buf_str(out, text[n / 12 % 12]);
}

/* ---- lines ---- */

static bool
is_json(struct sk_view text)
{
	struct sk_buf line = { 0 };
	const char *why;

	sk_buf_str(&line, "{\"x\":");
	sk_buf_view(&line, text);
	sk_buf_char(&line, '}');
	sk_buf_reserve(&line, SK_PAD);
	why = sk_ndjson_check(rigs.ndjson, sk_view(line.ptr, line.len));
	sk_buf_free(&line);
	return why == NULL;
}

/* Whether each member has its name and is what it says it is. */
static void
check_members(const struct sk_parser *parser, const struct sk_parsed *parsed)
{
	const char *const *column = parser->columns;
	size_t i;

	for (i = 0; i < parsed->n; i++) {
		const struct sk_member *member = &parsed->member[i];

		fuzz_check(*column != NULL && sk_view_equal(member->name,
		    sk_view_str(*column)), "another column");
		column++;
		if (member->type == SK_TYPE_NUMBER ||
		    member->type == SK_TYPE_JSON)
			fuzz_check(is_json(member->text), "not JSON");
		else if (member->type == SK_TYPE_TEXT)
			fuzz_check(member->text.ptr != NULL, "no text");
	}
	fuzz_check(*column == NULL || !strcmp(*column, "extra"),
	    "a missing column");
}

static bool
same_member(const struct sk_member *a, const struct sk_member *b)
{
	if (a->type != b->type || !sk_view_equal(a->name, b->name))
		return false;
	return a->type == SK_TYPE_NULL || (a->type == SK_TYPE_TIME ?
	    a->ns == b->ns : sk_view_equal(a->text, b->text));
}

/* `b` may have a null more than `a` at its end. */
static void
check_same(const struct sk_parsed *a, const struct sk_parsed *b)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		fuzz_check(i < b->n && same_member(&a->member[i],
		    &b->member[i]), "not the same");
	fuzz_check(i == b->n || (i + 1 == b->n &&
	    b->member[i].type == SK_TYPE_NULL), "more members");
}

/* The line in memory of its own, with this byte behind it. */
static char *
copy(struct sk_view line, int pad)
{
	char *bytes = sk_xalloc(line.len + SK_PAD, 1);

	memcpy(bytes, line.ptr, line.len);
	memset(bytes + line.len, pad, SK_PAD);
	return bytes;
}

static void
check_line(struct sk_view line)
{
	char *first = copy(line, '"'), *second = copy(line, ']');
	struct sk_view one = sk_view(first, line.len);
	struct sk_view two = sk_view(second, line.len);
	const char *why, *again;
	struct sk_year year;
	int sure;
	size_t i;

	for (i = 0; i < NFORMATS; i++) {
		year = rigs.year;
		why = sk_parser_parse(&rigs.parser[i], one, &rigs.parsed);
		rigs.year = year;
		again = sk_parser_parse(&rigs.parser[i], two, &rigs.other);
		fuzz_check(why == again, "it depends on what is behind");
		if (why == NULL) {
			check_members(&rigs.parser[i], &rigs.parsed);
			check_same(&rigs.parsed, &rigs.other);
		}
		sure = rigs.parser[i].kind->guess(one);
		fuzz_check(sure >= 0 && sure <= 100 && sure ==
		    rigs.parser[i].kind->guess(two), "a guess");
		/* A dot of the pattern is no newline. */
		if (i == COMBINED && memchr(first, '\n', line.len) == NULL) {
			again = sk_parser_parse(&rigs.pattern, one,
			    &rigs.other);
			fuzz_check((why == NULL) == (again == NULL),
			    "the pattern does not agree");
			if (why == NULL)
				check_same(&rigs.parsed, &rigs.other);
		}
	}
	free(first);
	free(second);
}

/* ---- the journal's records ---- */

static void
add_records(struct sk_buf *out, const struct sk_view *record, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		sk_buf_fmt(out, "%zu:", record[i].len);
		sk_buf_view(out, record[i]);
	}
}

/* All records, from buffers with up to `most` bytes more each time. */
static void
cut_all(const struct sk_parser *journal, struct sk_view input,
    struct sk_rng *rng, uint64_t most, struct sk_buf *out)
{
	const struct sk_cut *cut = &journal->cut;
	struct sk_view record[8];
	size_t begin = 0, end = 0;
	struct sk_lines lines;
	char *bytes;

	while (begin < input.len) {
		end += 1 + (size_t)(sk_rng_next(rng) % most);
		if (end > input.len)
			end = input.len;
		bytes = copy(sk_view(input.ptr + begin, end - begin), '\n');
		lines = cut->cut(cut->self, bytes, end - begin,
		    end == input.len, record, 8);
		add_records(out, record, lines.n);
		fuzz_check(lines.used <= end - begin && lines.nseps ==
		    sk_lines_count(bytes, lines.used, journal->conf->sep),
		    "used");
		fuzz_check(end < input.len || lines.n == 8 ||
		    begin + lines.used == end, "something is left");
		begin += lines.used;
		free(bytes);
	}
}

static void
check_cutter(const struct sk_parser *journal, struct sk_view input,
    uint64_t seed)
{
	struct sk_buf whole = { 0 }, parts = { 0 };
	struct sk_rng rng;

	sk_rng_init(&rng, seed);
	cut_all(journal, input, &rng, 1 << 20, &whole);
	/* Not too many pieces: each is cut from its beginning again. */
	cut_all(journal, input, &rng, 1 + seed % 64 + input.len / 16, &parts);
	fuzz_check(whole.len == parts.len && (whole.len == 0 ||
	    !memcmp(whole.ptr, parts.ptr, whole.len)), "other records");
	sk_buf_free(&whole);
	sk_buf_free(&parts);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sk_buf input = { 0 };
	struct sk_view line[64];
	struct sk_lines lines;
	size_t i;

	if (size < 8)
		return 0;
	open_all();
	memset(&rigs.year, 0, sizeof(rigs.year));
	rigs.year.year = 2005;
	sk_buf_add(&input, data + 8, size - 8);
	sk_buf_char(&input, '\0');
	sk_buf_reserve(&input, SK_PAD);
	check_cutter(&rigs.nul_journal, sk_view(input.ptr, input.len),
	    sk_get64(data));
	input.ptr[input.len - 1] = '\n';
	check_cutter(&rigs.parser[JOURNAL], sk_view(input.ptr, input.len),
	    sk_get64(data));
	lines = sk_lines_split(input.ptr, input.len, '\n', true, line, 64);
	for (i = 0; i < lines.n; i++)
		check_line(line[i]);
	/* Lines that were joined, and records of the journal. */
	check_line(sk_view(input.ptr, input.len - 1));
	sk_buf_free(&input);
	return 0;
}
