#include <string.h>

#include "base/err.h"
#include "base/num.h"
#include "stream/winspec.h"

#define COUNT_MAX 10000000
#define PANES_MAX 10000000

/* `size/hop` in two; without `/` both are the same. */
static void
split(const char *text, struct sk_view *size, struct sk_view *hop)
{
	const char *slash = strchr(text, '/');

	*size = sk_view_str(text);
	*hop = *size;
	if (slash == NULL)
		return;
	size->len = (size_t)(slash - text);
	*hop = sk_view_str(slash + 1);
}

static int64_t
gcd(int64_t a, int64_t b)
{
	int64_t rest;

	while (b != 0) {
		rest = a % b;
		a = b;
		b = rest;
	}
	return a;
}

static void
take_ruler(const struct sk_cmd *cmd, const char *option, struct sk_view text,
    struct sk_zone *zone, struct sk_ruler *ruler)
{
	struct sk_diag diag;

	if (sk_ruler_parse(ruler, text, &diag) != 0)
		sk_opt_fail(cmd, "%s: %s", option, diag.text);
	ruler->zone = zone;
}

static int64_t
take_duration(const struct sk_cmd *cmd, const char *option, const char *text)
{
	int64_t ns;

	if (sk_num_duration(sk_view_str(text), &ns) != 0 || ns <= 0)
		sk_opt_fail(cmd, "%s: %s: not a duration, as 30m", option,
		    text);
	return ns;
}

/* --offset, which may be negative. */
static int64_t
take_offset(const struct sk_cmd *cmd, const char *text)
{
	bool minus = text[0] == '-';
	int64_t ns;

	if (sk_num_duration(sk_view_str(text + minus), &ns) != 0)
		sk_opt_fail(cmd, "--offset: %s: not a duration, as 6h or -30m",
		    text);
	return minus ? -ns : ns;
}

/* Without a zone a day is 24 hours. */
static void
as_duration(struct sk_ruler *ruler)
{
	if (ruler->unit == SK_RULER_WEEK)
		ruler->n *= 7;
	ruler->n *= INT64_C(86400000000000);
	ruler->unit = SK_RULER_NS;
}

/* Two rulers of one unit, if there is one for both. */
static void
same_unit(struct sk_ruler *a, struct sk_ruler *b, bool utc)
{
	if (a->unit == SK_RULER_WEEK && b->unit == SK_RULER_DAY) {
		a->unit = SK_RULER_DAY;
		a->n *= 7;
	}
	if (utc && a->unit == SK_RULER_DAY && b->unit == SK_RULER_NS)
		as_duration(a);
	if (utc && b->unit == SK_RULER_DAY && a->unit == SK_RULER_NS)
		as_duration(b);
}

static void
conf_hop(const struct sk_winspec *spec, const struct sk_cmd *cmd, bool utc,
    struct sk_zone *zone, struct sk_window_conf *conf)
{
	struct sk_view size, hop;
	struct sk_ruler window;

	split(spec->hop, &size, &hop);
	take_ruler(cmd, "--hop", size, zone, &window);
	take_ruler(cmd, "--hop", hop, zone, &conf->pane);
	same_unit(&window, &conf->pane, utc);
	if (window.unit != conf->pane.unit ||
	    window.weekday != conf->pane.weekday)
		sk_opt_fail(cmd, "--hop: %s: the two are of different units",
		    spec->hop);
	conf->kind = SK_WINDOW_HOP;
	conf->size = window.n;
	conf->hop = conf->pane.n;
	conf->pane.n = gcd(conf->size, conf->hop);
	conf->size /= conf->pane.n;
	conf->hop /= conf->pane.n;
	if (conf->size > PANES_MAX)
		sk_opt_fail(cmd, "--hop: %s: more than %d parts", spec->hop,
		    PANES_MAX);
}

static void
conf_cumulate(const struct sk_winspec *spec, const struct sk_cmd *cmd,
    struct sk_zone *zone, struct sk_window_conf *conf)
{
	struct sk_view step, size;

	if (strchr(spec->cumulate, '/') == NULL)
		sk_opt_fail(cmd, "--cumulate: %s: not STEP/SIZE, as 1m/1d",
		    spec->cumulate);
	split(spec->cumulate, &step, &size);
	take_ruler(cmd, "--cumulate", step, zone, &conf->pane);
	take_ruler(cmd, "--cumulate", size, zone, &conf->outer);
	if (conf->pane.unit > conf->outer.unit ||
	    (conf->pane.unit == conf->outer.unit &&
	    (conf->pane.weekday != conf->outer.weekday ||
	    conf->outer.n % conf->pane.n != 0)))
		sk_opt_fail(cmd, "--cumulate: %s: the second is not a "
		    "multiple of the first", spec->cumulate);
	conf->kind = SK_WINDOW_CUMULATE;
}

static void
conf_count(const struct sk_winspec *spec, const struct sk_cmd *cmd,
    struct sk_window_conf *conf)
{
	struct sk_view size, hop;
	uint64_t n = 0, every = 0;

	split(spec->count, &size, &hop);
	if (sk_num_u64(size, &n) != 0 || sk_num_u64(hop, &every) != 0 ||
	    n == 0 || every == 0 || n > COUNT_MAX || every > COUNT_MAX)
		sk_opt_fail(cmd, "--count: %s: not a number of events, as 100 "
		    "or 100/10, up to %d", spec->count, COUNT_MAX);
	conf->kind = SK_WINDOW_COUNT;
	conf->size = (int64_t)n;
	conf->hop = (int64_t)every;
}

static void
one_kind(const struct sk_winspec *spec, const struct sk_cmd *cmd)
{
	int n = (spec->tumble != NULL) + (spec->hop != NULL) +
	    (spec->cumulate != NULL) + (spec->session != NULL) +
	    (spec->slide != NULL) + (spec->count != NULL) + spec->global;

	if (n == 1)
		return;
	sk_opt_fail(cmd, n == 0 ? "no window: --tumble, --hop, --session, "
	    "--slide, --cumulate, --count or --global" :
	    "more than one kind of window");
}

static void
conf_kind(struct sk_winspec *spec, const struct sk_cmd *cmd,
    const struct sk_shared *shared, struct sk_zone *zone,
    struct sk_window_conf *conf)
{
	int64_t offset_ns = spec->offset != NULL ?
	    take_offset(cmd, spec->offset) : 0;

	one_kind(spec, cmd);
	if (spec->tumble != NULL) {
		conf->kind = SK_WINDOW_TUMBLE;
		take_ruler(cmd, "--tumble", sk_view_str(spec->tumble), zone,
		    &conf->pane);
	} else if (spec->hop != NULL)
		conf_hop(spec, cmd, shared->tz == NULL, zone, conf);
	else if (spec->cumulate != NULL)
		conf_cumulate(spec, cmd, zone, conf);
	else if (spec->session != NULL) {
		conf->kind = SK_WINDOW_SESSION;
		conf->gap_ns = take_duration(cmd, "--session", spec->session);
		conf->length_ns = spec->max_length_ns;
	} else if (spec->slide != NULL) {
		conf->kind = SK_WINDOW_SLIDE;
		conf->span_ns = take_duration(cmd, "--slide", spec->slide);
	} else if (spec->count != NULL)
		conf_count(spec, cmd, conf);
	else
		conf->kind = SK_WINDOW_GLOBAL;
	conf->pane.offset_ns = conf->outer.offset_ns = offset_ns;
}

/* What needs which kind of window. */
static void
check_kind(const struct sk_winspec *spec, const struct sk_cmd *cmd,
    const struct sk_shared *shared, const struct sk_window_conf *conf)
{
	enum sk_window_kind kind = conf->kind;
	bool panes = kind == SK_WINDOW_TUMBLE || kind == SK_WINDOW_HOP;
	bool updates = panes || kind == SK_WINDOW_CUMULATE ||
	    kind == SK_WINDOW_SESSION;
	bool early = spec->early.n > 0 || spec->early.ns > 0;

	if (shared->time == NULL && kind != SK_WINDOW_COUNT &&
	    kind != SK_WINDOW_GLOBAL)
		sk_opt_fail(cmd, "no -t FIELD: windows of time need one");
	if (shared->time == NULL && (spec->delay_given || spec->late != NULL))
		sk_opt_fail(cmd, "--delay, --late: without -t nothing is "
		    "late");
	if (spec->final && kind == SK_WINDOW_GLOBAL)
		sk_opt_fail(cmd, "--final: not with --global, which has no "
		    "end");
	if (shared->time == NULL && spec->idle_ns > 0)
		sk_opt_fail(cmd, "--idle: without -t there is no time to move");
	if (spec->offset != NULL && !panes && kind != SK_WINDOW_CUMULATE)
		sk_opt_fail(cmd, "--offset: only with --tumble, --hop and "
		    "--cumulate");
	if (spec->max_length_ns > 0 && kind != SK_WINDOW_SESSION)
		sk_opt_fail(cmd, "--max-length: only with --session");
	if (spec->fill != SK_WINDOW_FILL_NONE && !panes)
		sk_opt_fail(cmd, "--fill: only with --tumble and --hop");
	if (spec->ttl_ns > 0 && spec->fill == SK_WINDOW_FILL_NONE)
		sk_opt_fail(cmd, "--ttl: only with --fill");
	if ((early || spec->lateness_ns > 0) && !updates)
		sk_opt_fail(cmd, "--early, --lateness: not with --slide, "
		    "--count or --global");
	if ((shared->every.n > 0 || shared->every.ns > 0) &&
	    kind != SK_WINDOW_GLOBAL)
		sk_opt_fail(cmd, "--every: only with --global; --early gives "
		    "results of windows that are open");
}

static void
check_emit(struct sk_winspec *spec, const struct sk_cmd *cmd)
{
	bool early = spec->early.n > 0 || spec->early.ns > 0;

	if (spec->emit == SK_WINSPEC_DEFAULT)
		spec->emit = early || spec->lateness_ns > 0 ?
		    SK_WINSPEC_UPSERT : SK_WINSPEC_FINAL;
	if (early && spec->emit == SK_WINSPEC_FINAL)
		sk_opt_fail(cmd, "--early: not with --emit=final");
	if (spec->emit != SK_WINSPEC_FINAL)
		return;
	/* One row a window, when no event can change it any more. */
	spec->delay_ns = sk_window_later(spec->delay_ns, spec->lateness_ns);
	spec->lateness_ns = 0;
}

void
sk_winspec_conf(struct sk_winspec *spec, const struct sk_cmd *cmd,
    const struct sk_shared *shared, struct sk_zone *zone,
    struct sk_window_conf *conf)
{
	memset(conf, 0, sizeof(*conf));
	conf_kind(spec, cmd, shared, zone, conf);
	check_kind(spec, cmd, shared, conf);
	check_emit(spec, cmd);
	conf->timed = shared->time != NULL;
	conf->lateness_ns = spec->lateness_ns;
	conf->fill = (enum sk_window_fill)spec->fill;
	conf->ttl_ns = spec->ttl_ns;
	conf->max_keys = shared->max_keys < UINT32_MAX ?
	    (uint32_t)shared->max_keys : UINT32_MAX;
}
