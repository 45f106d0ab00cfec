/*
 * Seeded data for tests, demo and benchmarks, the same bytes everywhere:
 *
 *	gen ipv4 N [SEED]     N addresses, uniform: nearly all different
 *	gen zipf N [SEED]     N addresses, Zipf (s = 1.09) over a million
 *	gen access N [SEED]   N lines of an access log in combined format:
 *	                      Zipf clients and paths, rising times
 *	gen events N [SEED]   N such requests in JSON, 185 bytes each on average
 *	                      (nested members, lists, nulls)
 *	gen decimals N [SEED] N numbers as 12.3456, lognormal with sigma 1.5
 *	gen readings N [SEED] N lines of TSV, a thousand a second: time (since
 *	                      1970), one of four keys, a number below 10000
 *	gen visits N [SEED]   the same with a million keys, uniform
 *
 * Weights are 1/rank, divisions only, or 1/rank^(35/32), square roots, and an
 * exponential is 20 squarings, so no libm decides a line.  A draw is two random
 * numbers and a look into an alias table (Walker 1977; Vose 1991).
 */
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

enum {
	ZIPF_ITEMS = 1000000,
	USERS = 1000000,
	CLIENTS = 20000,
	PATHS = 3000,
	AGENTS = 12,
	REFERERS = 200,
	PLACES = 8,
	LINE_MAX_BYTES = 1024,
	OUT_BYTES = 1 << 16,
	DAY_S = 86400
};

/* 2026-03-01T00:00:00Z, in days since 1970. */
#define FIRST_DAY 20513

struct alias {
	uint32_t n;
	uint32_t *other;  /* who has the rest of the cell */
	double *keep;     /* the share of its owner */
};

static struct sk_rng rng;
static char out[OUT_BYTES + LINE_MAX_BYTES];
static char *at = out;

static void *
alloc(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (p == NULL) {
		fprintf(stderr, "gen: out of memory\n");
		exit(3);
	}
	return p;
}

static void
flush(void)
{
	size_t len = (size_t)(at - out);

	if (fwrite(out, 1, len, stdout) != len) {
		perror("gen: stdout");
		exit(3);
	}
	at = out;
}

static void
end_line(void)
{
	*at++ = '\n';
	if (at - out >= OUT_BYTES)
		flush();
}

static void
put(const char *text)
{
	size_t len = strlen(text);

	memcpy(at, text, len);
	at += len;
}

static void
put_number(uint64_t value)
{
	char digits[20];
	size_t i = sizeof(digits);

	do {
		digits[--i] = (char)('0' + value % 10);
		value /= 10;
	} while (value != 0);
	memcpy(at, digits + i, sizeof(digits) - i);
	at += sizeof(digits) - i;
}

static void
put_two(uint32_t value)
{
	*at++ = (char)('0' + value / 10);
	*at++ = (char)('0' + value % 10);
}

static void
put_address(uint32_t a)
{
	put_number(1 + (a >> 24) % 223);
	*at++ = '.';
	put_number(a >> 16 & 0xff);
	*at++ = '.';
	put_number(a >> 8 & 0xff);
	*at++ = '.';
	put_number(a & 0xff);
}

/* A fixed 64-bit value for item `i` of list `list`. */
static uint64_t
value_of(uint32_t list, uint32_t i)
{
	struct sk_rng fixed;

	sk_rng_init(&fixed, (uint64_t)list << 32 | i);
	return sk_rng_next(&fixed);
}

/* 1/rank, and 1/rank^(35/32). */
static double
weight(uint32_t rank)
{
	return 1.0 / rank;
}

static double
steep_weight(uint32_t rank)
{
	double root = sqrt(sqrt(sqrt(sqrt(rank))));

	return 1 / (rank * root * sqrt(root));
}

static void
alias_zipf(struct alias *a, uint32_t n, double (*weight_of)(uint32_t rank))
{
	double sum = 0, *share = alloc(n, sizeof(*share));
	uint32_t *small = alloc(n, sizeof(*small)), ns = 0;
	uint32_t *large = alloc(n, sizeof(*large)), nl = 0;
	uint32_t i, s, l;

	a->n = n;
	a->other = alloc(n, sizeof(*a->other));
	a->keep = alloc(n, sizeof(*a->keep));
	for (i = 0; i < n; i++)
		sum += weight_of(i + 1);
	for (i = 0; i < n; i++) {
		share[i] = n / sum * weight_of(i + 1);
		a->keep[i] = 1;
		if (share[i] < 1)
			small[ns++] = i;
		else
			large[nl++] = i;
	}
	while (ns > 0 && nl > 0) {
		s = small[--ns];
		l = large[nl - 1];
		a->keep[s] = share[s];
		a->other[s] = l;
		share[l] -= 1 - share[s];
		if (share[l] < 1)
			small[ns++] = large[--nl];
	}
	free(share);
	free(small);
	free(large);
}

static uint32_t
alias_draw(const struct alias *a)
{
	uint64_t r = sk_rng_next(&rng);
	uint32_t i = (uint32_t)((r >> 32) * a->n >> 32);
	double u = (double)(uint32_t)r / 4294967296.0;

	return u < a->keep[i] ? i : a->other[i];
}

static void
gen_ipv4(uint64_t n)
{
	for (; n > 0; n--) {
		put_address((uint32_t)sk_rng_next(&rng));
		end_line();
	}
}

static void
gen_zipf(uint64_t n)
{
	struct alias items;

	alias_zipf(&items, ZIPF_ITEMS, steep_weight);
	for (; n > 0; n--) {
		put_address((uint32_t)value_of(1, alias_draw(&items)));
		end_line();
	}
}

/* The date of a day, by Hinnant's civil_from_days, as 01/Mar/2026. */
static void
date_of(uint32_t day, char text[16])
{
	static const char month[12][4] = { "Jan", "Feb", "Mar", "Apr", "May",
	    "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	uint32_t z = day + 719468, era = z / 146097, doe = z % 146097;
	uint32_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	uint32_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	uint32_t mp = (5 * doy + 2) / 153, m = mp < 10 ? mp + 3 : mp - 9;

	snprintf(text, 16, "%02u/%s/%u", doy - (153 * mp + 2) / 5 + 1,
	    month[m - 1], (yoe + era * 400 + (m <= 2)) % 10000);
}

static void
make_path(uint32_t i, char *path, size_t cap)
{
	static const char *const part[] = { "blog", "docs", "images", "news",
	    "products", "api/v1/orders", "api/v1/users", "static/js" };
	static const char *const word[] = { "stream", "window", "ledger",
	    "harbour", "lantern", "meadow", "copper", "signal", "orchard",
	    "granite", "willow", "compass" };
	static const char *const tail[] = { "", ".html", ".png", ".html",
	    "", "", "", ".js" };
	static const char *const front[] = { "/", "/favicon.ico",
	    "/style.css", "/robots.txt", "/index.html", "/login" };
	uint64_t v = value_of(2, i);

	if (i < sizeof(front) / sizeof(front[0])) {
		snprintf(path, cap, "%s", front[i]);
		return;
	}
	snprintf(path, cap, "/%s/%s-%s-%u%s", part[v % 8], word[v / 8 % 12],
	    word[v / 96 % 12], (unsigned)(v / 1152 % 900 + 100), tail[v % 8]);
}

static const char *
draw_status(void)
{
	uint64_t r = sk_rng_next(&rng) >> 32, of = UINT64_C(1) << 32;

	if (r < of / 100 * 88)
		return "200";
	if (r < of / 100 * 93)
		return "304";
	if (r < of / 100 * 96)
		return "404";
	if (r < of / 100 * 98)
		return "301";
	return r < of / 100 * 99 ? "500" : "206";
}

static const char *const agent[AGENTS] = {
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 "
	    "(KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36",
	"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) "
	    "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 "
	    "Mobile/15E148 Safari/604.1",
	"Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 "
	    "Firefox/141.0",
	"Mozilla/5.0 (compatible; Googlebot/2.1; "
	    "+http://www.google.com/bot.html)",
	"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) "
	    "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 "
	    "Safari/605.1.15",
	"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 "
	    "(KHTML, like Gecko) Chrome/139.0.0.0 Mobile Safari/537.36",
	"Mozilla/5.0 (compatible; bingbot/2.0; "
	    "+http://www.bing.com/bingbot.htm)",
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:141.0) "
	    "Gecko/20100101 Firefox/141.0",
	"curl/8.14.1",
	"Wget/1.25.0",
	"python-requests/2.32.4",
	"-",
};

static void
put_time(uint64_t seconds)
{
	static uint64_t known;
	static char date[16];
	uint64_t day = FIRST_DAY + seconds / DAY_S;
	uint32_t s = (uint32_t)(seconds % DAY_S);

	if (day != known) {
		date_of((uint32_t)day, date);
		known = day;
	}
	put(" - - [");
	put(date);
	*at++ = ':';
	put_two(s / 3600);
	*at++ = ':';
	put_two(s / 60 % 60);
	*at++ = ':';
	put_two(s % 60);
	put(" +0000] \"");
}

static void
gen_access(uint64_t n)
{
	char (*path)[96] = alloc(PATHS, sizeof(*path));
	struct alias clients, paths;
	uint64_t seconds = 0;
	uint32_t i;

	alias_zipf(&clients, CLIENTS, weight);
	alias_zipf(&paths, PATHS, weight);
	for (i = 0; i < PATHS; i++)
		make_path(i, path[i], sizeof(path[i]));
	for (; n > 0; n--) {
		uint32_t client = alias_draw(&clients);
		uint64_t who = value_of(3, client);
		uint32_t page = alias_draw(&paths);
		uint64_t r = sk_rng_next(&rng);
		const char *status = draw_status();

		seconds += r % 20;
		put_address((uint32_t)who);
		put_time(seconds);
		put(r / 20 % 16 == 0 ? "POST " : "GET ");
		put(path[page]);
		put(" HTTP/1.1\" ");
		put(status);
		*at++ = ' ';
		if (status[0] == '3')
			put("-");
		else if (status[0] != '2')
			put("512");
		else
			put_number(200 + (value_of(4, page) >> 48) % 60000);
		put(" \"");
		if (r / 320 % 8 < 5)
			put("-");
		else {
			put("https://www.example.com");
			put(path[r / 2560 % REFERERS]);
		}
		put("\" \"");
		put(agent[(who >> 32) % AGENTS]);
		*at++ = '"';
		end_line();
	}
}

/* A time of the day that begins at FIRST_DAY and those behind it. */
static void
put_rfc3339(uint64_t ms)
{
	static const char month[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	static uint64_t known;
	static char date[16];
	uint64_t day = FIRST_DAY + ms / 1000 / DAY_S;
	uint32_t s = (uint32_t)(ms / 1000 % DAY_S);
	char text[16];
	uint32_t i;

	if (day != known) {
		date_of((uint32_t)day, text);
		for (i = 0; strncmp(month + 3 * i, text + 3, 3) != 0; i++)
			;
		snprintf(date, sizeof(date), "%.4s-%02u-%.2s", text + 7,
		    i + 1, text);
		known = day;
	}
	put(date);
	*at++ = 'T';
	put_two(s / 3600);
	*at++ = ':';
	put_two(s / 60 % 60);
	*at++ = ':';
	put_two(s % 60);
	*at++ = '.';
	*at++ = (char)('0' + ms % 1000 / 100);
	put_two((uint32_t)(ms % 100));
	*at++ = 'Z';
}

static const char *const place[PLACES] = {
	"\"Madrid\",\"country\":\"ES\"", "\"Tokyo\",\"country\":\"JP\"",
	"\"New York\",\"country\":\"US\"", "\"Paris\",\"country\":\"FR\"",
	"\"Kraków\",\"country\":\"PL\"", "\"Lima\",\"country\":\"PE\"",
	"\"São Paulo\",\"country\":\"BR\"", "\"Oslo\",\"country\":\"NO\"",
};

/* The user behind a client; one in sixteen did not log in. */
static void
put_user(uint64_t who)
{
	put("\",\"user\":{\"id\":");
	if (who % 16 == 0)
		put("null");
	else
		put_number(100000 + (who >> 8) % 900000);
	put(",\"geo\":{\"city\":");
	put(place[(who >> 4) % PLACES]);
	put("}},\"ip\":\"");
	put_address((uint32_t)who);
}

static void
put_measures(const char *path, const char *status)
{
	static const char *const tags[] = { "[]", "[]", "[]", "[\"web\"]",
		"[\"web\"]", "[\"app\"]", "[\"web\",\"new\"]",
		"[\"app\",\"new\"]" };
	uint64_t r = sk_rng_next(&rng);

	put("\",\"path\":\"");
	put(path);
	put("\",\"status\":");
	put(status);
	put(",\"ms\":");
	put_number(r % 64 * (r >> 6) % 97);
	*at++ = '.';
	put_number(1 + (r >> 32) % 9);
	put(",\"tags\":");
	put(tags[r >> 40 & 7]);
	*at++ = '}';
}

static void
gen_events(uint64_t n)
{
	char (*path)[96] = alloc(PATHS, sizeof(*path));
	struct alias clients, paths;
	uint64_t ms = 0;
	uint32_t i;

	alias_zipf(&clients, CLIENTS, weight);
	alias_zipf(&paths, PATHS, weight);
	for (i = 0; i < PATHS; i++)
		make_path(i, path[i], sizeof(path[i]));
	for (; n > 0; n--) {
		uint32_t page = alias_draw(&paths);
		const char *status = draw_status();

		ms += (sk_rng_next(&rng) >> 32) % 4000;
		put("{\"ts\":\"");
		put_rfc3339(ms);
		put_user(value_of(3, alias_draw(&clients)));
		put_measures(path[page], status);
		end_line();
	}
}

/* Twelve uniform numbers, less 6, are nearly normal. */
static double
draw_normal(void)
{
	double sum = -6;

	for (int i = 0; i < 12; i++)
		sum += (double)(sk_rng_next(&rng) >> 11) / 9007199254740992.0;
	return sum;
}

static void
gen_decimals(uint64_t n)
{
	for (; n > 0; n--) {
		double value = 1 + 1.5 * draw_normal() / (1 << 20);
		uint64_t parts;

		for (int i = 0; i < 20; i++)
			value *= value;
		parts = (uint64_t)(value * 10 * 10000);
		put_number(parts / 10000);
		*at++ = '.';
		put_two((uint32_t)(parts / 100 % 100));
		put_two((uint32_t)(parts % 100));
		end_line();
	}
}

static void
gen_readings(uint64_t n, uint32_t keys)
{
	static const char *const side[] = { "east", "north", "south", "west" };
	uint64_t i, first = (uint64_t)FIRST_DAY * DAY_S;

	for (i = 0; i < n; i++) {
		uint64_t r = sk_rng_next(&rng);

		put_number(first + i / 1000);
		*at++ = '\t';
		if (keys == 4)
			put(side[r >> 62]);
		else {
			*at++ = 'u';
			put_number((r >> 32) * keys >> 32);
		}
		*at++ = '\t';
		put_number(r % 10000);
		end_line();
	}
}

static bool
count(const char *text, uint64_t *value)
{
	char *end;

	*value = strtoull(text, &end, 10);
	return end != text && *end == '\0';
}

int
main(int argc, char **argv)
{
	uint64_t n = 0, seed = 1;

	if (argc < 3 || argc > 4 || !count(argv[2], &n) ||
	    (argc == 4 && !count(argv[3], &seed)))
		goto usage;
	sk_rng_init(&rng, seed);
	if (strcmp(argv[1], "ipv4") == 0)
		gen_ipv4(n);
	else if (strcmp(argv[1], "zipf") == 0)
		gen_zipf(n);
	else if (strcmp(argv[1], "access") == 0)
		gen_access(n);
	else if (strcmp(argv[1], "events") == 0)
		gen_events(n);
	else if (strcmp(argv[1], "decimals") == 0)
		gen_decimals(n);
	else if (strcmp(argv[1], "readings") == 0)
		gen_readings(n, 4);
	else if (strcmp(argv[1], "visits") == 0)
		gen_readings(n, USERS);
	else
		goto usage;
	flush();
	if (fclose(stdout) != 0) {
		perror("gen: stdout");
		return 3;
	}
	return 0;
usage:
	fprintf(stderr,
	    "usage: gen ipv4|zipf|access|events|decimals|readings|visits N "
	    "[SEED]\n");
	return 2;
}
