/*
 * Logs of Java programs, in the layouts that log4j, Logback and those who
 * configure them are used to:
 *
 *	TIME LEVEL [THREAD] COMPONENT: MESSAGE                   Hadoop
 *	TIME PID LEVEL COMPONENT: MESSAGE                        HDFS, Spark
 *	TIME LEVEL COMPONENT:LINE - MESSAGE
 *	TIME [THREAD] LEVEL COMPONENT - MESSAGE                  Logback
 *	TIME LEVEL PID --- [CONTEXT] [THREAD] COMPONENT : MESSAGE   Spring Boot
 *	TIME [CONTEXT] - LEVEL [THREAD:COMPONENT@LINE] - MESSAGE    ZooKeeper
 *	[TIME] LEVEL MESSAGE (COMPONENT)                         Kafka
 *	[TIME][LEVEL][COMPONENT] [CONTEXT] MESSAGE               Elasticsearch
 *
 * So a level must be there, and what is not is null.  TIME is one of those in
 * parse/stamp.h but ctime.  A text in brackets may hold brackets, in pairs.
 * THREAD:COMPONENT is parted at its first colon.  A line without a time, as
 * those of a stack trace are, is bad unless lines are joined: the message of
 * the record then holds them.
 *
 * Source: Apache Log4j 2, Pattern Layout; Logback, Layouts.
 */
#include "parse/formats.h"
#include "parse/stamp.h"
#include "parse/take.h"

struct entry {
	struct sk_view level, pid, thread, context;
	struct sk_view component, line, message;
};

static bool
is_level(struct sk_view word)
{
	static const char *const levels[] = { "INFO", "WARN", "ERROR", "DEBUG",
		"TRACE", "FATAL", "WARNING", "SEVERE", "CONFIG", "FINE",
		"FINER", "FINEST", "NOTICE" };
	size_t i;

	for (i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (sk_view_equal(word, sk_view_str(levels[i])))
			return true;
	return false;
}

/* The text in brackets, without the blanks around it. */
static bool
take_brackets(struct sk_take *take, struct sk_view *text)
{
	const char *at = take->at;
	size_t depth = 0;
	struct sk_take inside;

	if (at == take->end || *at != '[')
		return false;
	do {
		if (at == take->end)
			return false;
		depth += *at == '[';
		depth -= *at == ']';
		at++;
	} while (depth > 0);
	inside.at = take->at + 1;
	inside.end = at - 1;
	sk_take_blanks(&inside, 0);
	*text = sk_take_rest(&inside);
	take->at = at;
	return true;
}

static bool
take_time(struct sk_take *take, struct sk_stamp *stamp, bool *in_brackets)
{
	*in_brackets = sk_take_char(take, '[');
	if (!sk_stamp_iso(take, stamp) && !sk_stamp_slashes(take, stamp) &&
	    !sk_stamp_packed(take, stamp))
		return false;
	return *in_brackets ? sk_take_char(take, ']') :
	    take->at < take->end && *take->at == ' ';
}

/* A thread, or the context if there is a thread already. */
static bool
take_thread(struct sk_take *take, struct entry *entry)
{
	struct sk_view text;

	if (entry->thread.ptr != NULL && entry->context.ptr != NULL)
		return false;
	if (!take_brackets(take, &text))
		return false;
	if (entry->thread.ptr != NULL)
		entry->context = entry->thread;
	entry->thread = text;
	return true;
}

/* One piece of what stands in front of the component. */
static bool
take_piece(struct sk_take *take, struct entry *entry)
{
	struct sk_take scan = *take;
	struct sk_view word;

	if (take_thread(take, entry))
		return true;
	word = sk_take_word(&scan);
	if (entry->level.ptr == NULL && is_level(word)) {
		entry->level = word;
	} else if (entry->pid.ptr == NULL && sk_take_is_digits(word) &&
	    (entry->level.ptr == NULL || (scan.end - scan.at > 4 &&
	    memcmp(scan.at, " ---", 4) == 0))) {
		entry->pid = word;
	} else if (sk_view_equal(word, sk_view_str("-")) &&
	    entry->level.ptr == NULL) {
		/* ZooKeeper's: what is in brackets in front of it. */
		entry->context = entry->thread;
		entry->thread = sk_view(NULL, 0);
	} else if (!sk_view_equal(word, sk_view_str("---"))) {
		return false;
	}
	*take = scan;
	return true;
}

/* Digits behind the last `mark` of a component are its line. */
static bool
part_line(struct sk_view *text, char mark, struct sk_view *line)
{
	const char *at = memrchr(text->ptr, mark, text->len);
	struct sk_view digits;

	if (at == NULL || at == text->ptr)
		return false;
	digits = sk_view(at + 1, (size_t)(text->ptr + text->len - at - 1));
	if (!sk_take_is_digits(digits))
		return false;
	*line = digits;
	text->len = (size_t)(at - text->ptr);
	return true;
}

/* THREAD:COMPONENT@LINE */
static void
part_thread(struct entry *entry)
{
	struct sk_view text = entry->thread, line;
	const char *colon;

	if (text.ptr == NULL || !part_line(&text, '@', &line))
		return;
	colon = memchr(text.ptr, ':', text.len);
	if (colon == NULL)
		return;
	entry->line = line;
	entry->thread.len = (size_t)(colon - text.ptr);
	entry->component = sk_view(colon + 1,
	    text.len - entry->thread.len - 1);
}

/* `COMPONENT:`, `COMPONENT -`, `COMPONENT :` or, of ZooKeeper, `-`. */
static void
take_component(struct sk_take *take, struct entry *entry)
{
	struct sk_take scan = *take;
	struct sk_view word = sk_take_word(&scan);

	if (sk_take_is_dash(word)) {
		part_thread(entry);
		*take = scan;
		return;
	}
	if (word.len > 1 && word.ptr[word.len - 1] == ':') {
		word.len--;
	} else {
		sk_take_blanks(&scan, 0);
		if (word.len == 0 || (!sk_take_str(&scan, "- ") &&
		    !sk_take_str(&scan, ": ")))
			return;
		scan.at--;
	}
	part_line(&word, ':', &entry->line);
	entry->component = word;
	*take = scan;
}

/* MESSAGE (COMPONENT), of lines joined the first. */
static void
find_last_component(struct sk_view message, struct entry *entry)
{
	const char *end = message.len == 0 ? NULL :
	    memchr(message.ptr, '\n', message.len);
	const char *open;

	if (end != NULL)
		message.len = (size_t)(end - message.ptr);
	message = sk_take_trim(message);
	if (message.len < 3 || message.ptr[message.len - 1] != ')')
		return;
	open = memrchr(message.ptr, '(', message.len);
	if (open == NULL || memchr(open, ' ',
	    (size_t)(message.ptr + message.len - open)) != NULL)
		return;
	entry->component = sk_view(open + 1,
	    (size_t)(message.ptr + message.len - open - 2));
	/* The message of one line ends in front of it. */
	if (end == NULL)
		entry->message.len = sk_take_trim(sk_view(message.ptr,
		    (size_t)(open - message.ptr))).len;
}

/* What follows `[TIME]`. */
static void
scan_brackets(struct sk_take *take, struct entry *entry)
{
	struct sk_take scan = *take;
	struct sk_view word;

	if (take_brackets(&scan, &word) && is_level(word)) {
		entry->level = word;
		*take = scan;
		if (take_brackets(take, &entry->component)) {
			sk_take_blanks(take, 0);
			take_brackets(take, &entry->context);
		}
		sk_take_blanks(take, 0);
		entry->message = sk_take_rest(take);
		return;
	}
	scan = *take;
	sk_take_blanks(&scan, 0);
	word = sk_take_word(&scan);
	if (!is_level(word))
		return;
	entry->level = word;
	sk_take_blanks(&scan, 0);
	entry->message = sk_take_rest(&scan);
	find_last_component(entry->message, entry);
}

static const char *
scan(struct sk_view line, struct sk_stamp *stamp, struct entry *entry)
{
	static const char no_level[] = "no level (INFO, WARN, ...)";
	struct sk_take take = sk_take(line);
	bool in_brackets;

	memset(entry, 0, sizeof(*entry));
	if (!take_time(&take, stamp, &in_brackets))
		return "no time in front";
	if (in_brackets) {
		scan_brackets(&take, entry);
		return entry->level.ptr == NULL ? no_level : NULL;
	}
	do
		sk_take_blanks(&take, 0);
	while (take_piece(&take, entry));
	if (entry->level.ptr == NULL)
		return no_level;
	take_component(&take, entry);
	sk_take_blanks(&take, 0);
	entry->message = sk_take_rest(&take);
	return NULL;
}

static const char *
parse_log4j(struct sk_parser *parser, struct sk_view line,
    struct sk_parsed *out)
{
	struct sk_stamp stamp;
	struct entry entry;
	const char *why = scan(line, &stamp, &entry);

	if (why == NULL)
		why = sk_stamp_put(&parser->time, &stamp, out);
	if (why != NULL)
		return why;
	sk_take_put(out, "level", entry.level);
	sk_take_put_number(out, "pid", entry.pid);
	sk_take_put(out, "thread", entry.thread);
	sk_take_put(out, "context", entry.context);
	sk_take_put(out, "component", entry.component);
	sk_take_put_number(out, "line", entry.line);
	sk_parsed_text(out, "message", entry.message);
	return NULL;
}

static int
guess_log4j(struct sk_view line)
{
	struct sk_stamp stamp;
	struct entry entry;

	if (scan(line, &stamp, &entry) != NULL)
		return 0;
	return entry.component.ptr != NULL ? 90 : 75;
}

static const char *const columns[] = { "time", "level", "pid", "thread",
	"context", "component", "line", "message", NULL };

const struct sk_parser_kind sk_parse_log4j = {
	.name = "log4j",
	.help = "logs of Java programs: log4j, Logback, Spring Boot, Kafka",
	.columns = columns,
	.parse = parse_log4j,
	.guess = guess_log4j,
};
