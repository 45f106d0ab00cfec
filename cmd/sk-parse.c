/*
 * sk-parse: log lines into named, typed fields.
 *
 * FORMAT and those of --or are tried in order on each line; what the first
 * one that fits gives is written by lib/parse/put.  The formats and patterns
 * are lib/parse, the loop is lib/stream/run.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/num.h"
#include "io/file.h"
#include "parse/chain.h"
#include "parse/grok.h"
#include "parse/kinds.h"
#include "parse/multiline.h"
#include "parse/put.h"
#include "stream/emit.h"
#include "stream/eventtime.h"
#include "stream/run.h"
#include "stream/stop.h"

static struct {
	struct sk_shared shared;
	struct sk_opt_list add, formats, patterns;
	bool keep_raw, list, stats, utf;
	const char *multiline;
	uint64_t multiline_lines;
	int64_t multiline_wait_ns;
} set = { .multiline_lines = 500, .multiline_wait_ns = 1000000000 };

static const struct sk_opt opts[] = {
	{ .kind = SK_OPT_WORDS, .name = "add", .arg = "NAME=VALUE",
	    .value = &set.add, .help = "a further member, in each record" },
	{ .kind = SK_OPT_FLAG, .name = "keep-raw", .value = &set.keep_raw,
	    .help = "the line itself as the member raw" },
	{ .kind = SK_OPT_FLAG, .name = "list", .value = &set.list,
	    .help = "show the formats and the names for patterns" },
	{ .kind = SK_OPT_TEXT, .name = "multiline", .arg = "PATTERN",
	    .value = &set.multiline,
	    .help = "join lines up to the next one that matches" },
	{ .kind = SK_OPT_COUNT, .name = "multiline-lines", .arg = "N",
	    .value = &set.multiline_lines, .min = 1, .max = 1000000,
	    .help = "join at most N lines (500)" },
	{ .kind = SK_OPT_DURATION, .name = "multiline-wait", .arg = "DUR",
	    .value = &set.multiline_wait_ns, .min = 1000000,
	    .max = UINT64_C(86400000000000),
	    .help = "wait so long for a further line (1s)" },
	{ .kind = SK_OPT_WORDS, .name = "or", .arg = "FORMAT",
	    .value = &set.formats, .help = "try this format next" },
	{ .kind = SK_OPT_WORDS, .name = "patterns", .arg = "FILE",
	    .value = &set.patterns,
	    .help = "more names, as --list shows them" },
	{ .kind = SK_OPT_FLAG, .name = "stats", .value = &set.stats,
	    .help = "tell at the end how many lines each format took" },
	{ .kind = SK_OPT_FLAG, .name = "utf", .value = &set.utf,
	    .help = "patterns match UTF-8 characters, not bytes" },
	{ .kind = SK_OPT_END },
};

/* All formats and what they need; all that is read or written is behind it. */
struct parse {
	struct sk_grok grok;
	struct sk_zone zone;
	struct sk_year year;
	struct sk_parse_conf conf;
	struct sk_chain chain;
	uint64_t nbad;
	struct sk_multiline multiline;
	struct sk_put put;
	struct sk_parsed parsed;
	bool told; /* what auto took */
};

/* ---- what is given ---- */

static void
load_names(struct parse *parse, const struct sk_cmd *cmd)
{
	struct sk_diag diag;
	size_t i;
	int err;

	sk_grok_init(&parse->grok);
	for (i = 0; i < set.patterns.n; i++) {
		err = sk_grok_load(&parse->grok, set.patterns.item[i], &diag);
		if (err == SK_EUSAGE)
			sk_opt_fail(cmd, "%s", diag.text);
		if (err != 0) {
			sk_error("%s", diag.text);
			exit(SK_SYSTEM);
		}
	}
}

static void
open_parsers(struct parse *parse, const struct sk_cmd *cmd,
    const char *format)
{
	const struct sk_shared *shared = &set.shared;
	struct sk_diag diag;

	if (shared->tz != NULL && sk_zone_init(&parse->zone,
	    sk_view_str(shared->tz), &diag) != 0)
		sk_opt_fail(cmd, "--tz: %s", diag.text);
	parse->year.year = (int32_t)shared->year;
	parse->conf = (struct sk_parse_conf){ .zone = &parse->zone,
		.year = &parse->year, .delimiter = shared->delimiter,
		.no_header = shared->header == 0, .utf = set.utf,
		.sep = sk_shared_separator(shared), .grok = &parse->grok };
	if (sk_chain_open(&parse->chain, format, &set.formats, &parse->conf,
	    &diag) != 0)
		sk_opt_fail(cmd, "%s", diag.text);
	if (shared->delimiter >= 0 &&
	    parse->chain.parser[0].kind != &sk_parse_csv)
		sk_opt_fail(cmd, "-d is for csv");
	if (set.multiline != NULL && sk_chain_cut(&parse->chain) != NULL)
		sk_opt_fail(cmd, "--multiline: %s finds its records itself",
		    format);
}

static void
open_multiline(struct parse *parse, const struct sk_cmd *cmd)
{
	struct sk_multiline_conf conf = {
		.start = sk_view_str(set.multiline), .grok = &parse->grok,
		.utf = set.utf, .max_lines = (size_t)set.multiline_lines,
		.wait_ns = set.multiline_wait_ns,
		.sep = sk_shared_separator(&set.shared) };
	struct sk_diag diag;

	if (sk_multiline_init(&parse->multiline, &conf, &diag) != 0)
		sk_opt_fail(cmd, "--multiline: %s", diag.text);
}

static void
open_put(struct parse *parse, const struct sk_cmd *cmd)
{
	struct sk_shared *shared = &set.shared;
	struct sk_put_conf conf = { .form = shared->to == SK_TO_DEFAULT ?
		SK_RECORD_NDJSON : (enum sk_record_form)shared->to,
		.sep = sk_shared_separator(shared), .zone = &parse->zone,
		.raw = set.keep_raw ? "raw" : NULL, .add = set.add.item,
		.nadd = set.add.n };
	struct sk_diag diag;

	conf.header = shared->header < 0 ? conf.form == SK_RECORD_CSV :
	    shared->header > 0;
	shared->header = 0; /* it is written here */
	if (sk_put_init(&parse->put, &conf, parse->chain.parser,
	    parse->chain.n, &diag) != 0)
		sk_opt_fail(cmd, "%s", diag.text);
}

/* ---- events ---- */

static void
input(void *self)
{
	struct parse *parse = self;

	sk_chain_input(&parse->chain);
}

/* Say what auto took, once. */
static int
tell_auto(struct parse *parse)
{
	const struct sk_parser *parser = &parse->chain.parser[0];
	const char *name;

	parse->told = true;
	if (parser->kind != &sk_parse_auto)
		return 0;
	if (sk_parse_auto_state(parser, &name) == SK_AUTO_NONE) {
		sk_error("auto: none of the formats of --list fits the first "
		    "lines; name one, or give a pattern");
		return SK_EDATA;
	}
	sk_note("auto: %s", name);
	return 0;
}

static int
batch(void *self, const struct sk_batch *events, struct sk_emit *emit)
{
	struct parse *parse = self;
	size_t i, p;
	int err = parse->told ? 0 : tell_auto(parse);

	for (i = 0; i < events->n && err == 0; i++) {
		struct sk_view line = events->line[i];
		const char *why = sk_chain_parse(&parse->chain, line,
		    &parse->parsed, &p);

		if (why == NULL && parse->parsed.none)
			continue;
		if (why == NULL)
			why = sk_put_record(&parse->put, p, &parse->parsed,
			    line, sk_emit_text(emit));
		parse->nbad += why != NULL;
		err = why == NULL ? sk_emit_text_end(emit) :
		    sk_emit_bad(emit, line, why);
	}
	return err;
}

static int
finish(void *self, struct sk_emit *emit)
{
	const struct parse *parse = self;
	size_t p;

	(void)emit;
	for (p = 0; p < parse->chain.n && set.stats; p++)
		sk_tell("%" PRIu64 " line%s by %s", parse->chain.taken[p],
		    sk_num_plural(parse->chain.taken[p]),
		    parse->chain.parser[p].text.ptr);
	if (set.stats)
		sk_tell("%" PRIu64 " line%s by none", parse->nbad,
		    sk_num_plural(parse->nbad));
	if (parse->year.used && set.shared.year == 0)
		sk_eventtime_warn_year();
	return 0;
}

/* ---- begin and end ---- */

static void
list(void)
{
	struct sk_buf text = { 0 };

	sk_parser_list(&text);
	if (sk_file_write(1, text.ptr, text.len, NULL) == 0)
		exit(SK_DONE);
	sk_error_sys("stdout");
	exit(SK_SYSTEM);
}

static void
release(struct parse *parse)
{
	sk_put_free(&parse->put);
	sk_parsed_free(&parse->parsed);
	sk_multiline_free(&parse->multiline);
	sk_chain_close(&parse->chain);
	sk_zone_free(&parse->zone);
	sk_grok_free(&parse->grok);
}

static int
run(const struct sk_cmd *cmd, char **operands)
{
	const struct sk_want line = sk_run_want(cmd, &set.shared, NULL, NULL);
	struct parse parse = { .told = false };
	struct sk_run run = { .cmd = cmd, .shared = &set.shared,
		.op = { .self = &parse, .want = &line, .nwant = 1,
		    .input = input, .batch = batch, .finish = finish },
		.inputs = operands + 1 };
	int status;

	if (operands[0] == NULL)
		sk_opt_fail(cmd, "no FORMAT; --list shows them");
	load_names(&parse, cmd);
	open_parsers(&parse, cmd, operands[0]);
	if (set.multiline != NULL)
		open_multiline(&parse, cmd);
	open_put(&parse, cmd);
	run.cut = set.multiline != NULL ? &parse.multiline.cut :
	    sk_chain_cut(&parse.chain);
	sk_parsed_init(&parse.parsed);
	status = sk_stream_run(&run);
	release(&parse);
	return status;
}

int
main(int argc, char **argv)
{
	const struct sk_opt *const tables[] = { opts,
		sk_shared_init(&set.shared, SK_SHARED_DELIMITER |
		    SK_SHARED_TO | SK_SHARED_HEADER | SK_SHARED_EXIT_STATUS |
		    SK_SHARED_OUTPUT | SK_SHARED_BAD | SK_SHARED_MAX_LINE |
		    SK_SHARED_NULL | SK_SHARED_PROGRESS | SK_SHARED_QUIET |
		    SK_SHARED_ZONE | SK_SHARED_FRAMES), NULL };
	const struct sk_cmd cmd = { "sk-parse", "turn log lines into fields",
		"[option ...] FORMAT [INPUT ...]\n--list", tables };

	sk_prog_set(cmd.name);
	sk_stop_init();
	sk_opt_parse(&cmd, argc, argv);
	sk_shared_apply(&set.shared);
	if (set.list)
		list();
	sk_stop_exit(run(&cmd, argv + 1));
}
