/*
 * The log of dpkg(1), /var/log/dpkg.log.
 *
 *	TIME startup archives unpack
 *	TIME status STATE PACKAGE:ARCH VERSION
 *	TIME ACTION PACKAGE:ARCH VERSION NEW
 *	TIME conffile FILE DECISION
 *
 * action is the first word behind the time.  state is that of a package; of a
 * conffile the decision (install, keep), and at startup what begins.  version
 * is the installed one, which `install` does not have, and new_version is the
 * other; `<none>` is null.
 *
 * Source: dpkg(1), --log.
 */
#include "parse/formats.h"
#include "parse/stamp.h"
#include "parse/take.h"

struct entry {
	struct sk_view action, state, package, arch;
	struct sk_view version, new_version, file;
};

/* A word with the blank in front of it. */
static bool
take_word(struct sk_take *take, struct sk_view *word)
{
	if (!sk_take_char(take, ' '))
		return false;
	*word = sk_take_word(take);
	return word->len > 0;
}

static bool
take_version(struct sk_take *take, struct sk_view *version)
{
	if (!take_word(take, version))
		return false;
	if (sk_view_equal(*version, sk_view_str("<none>")))
		version->ptr = NULL;
	return true;
}

static bool
take_package(struct sk_take *take, struct entry *entry)
{
	struct sk_view word;
	const char *colon;

	if (!take_word(take, &word))
		return false;
	entry->package = word;
	colon = memchr(word.ptr, ':', word.len);
	if (colon != NULL) {
		entry->package.len = (size_t)(colon - word.ptr);
		entry->arch = sk_view(colon + 1,
		    word.len - entry->package.len - 1);
	}
	return entry->package.len > 0;
}

/* A file's name may hold blanks: the decision is the last word. */
static bool
take_conffile(struct sk_take *take, struct entry *entry)
{
	struct sk_view rest = sk_take_rest(take);
	const char *blank;

	if (rest.len < 2)
		return false;
	blank = memrchr(rest.ptr + 1, ' ', rest.len - 1);
	if (rest.ptr[0] != ' ' || blank == NULL || blank == rest.ptr + 1)
		return false;
	entry->file = sk_view(rest.ptr + 1, (size_t)(blank - rest.ptr - 1));
	entry->state = sk_view(blank + 1,
	    (size_t)(rest.ptr + rest.len - blank - 1));
	return true;
}

static bool
is_action(struct sk_view action)
{
	static const char *const known[] = { "configure", "disappear",
		"install", "purge", "remove", "trigproc", "upgrade" };
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (sk_view_equal(action, sk_view_str(known[i])))
			return true;
	return false;
}

static const char *
scan(struct sk_view line, struct sk_stamp *stamp, struct entry *entry)
{
	struct sk_take take = sk_take(line);

	memset(entry, 0, sizeof(*entry));
	if (!sk_stamp_iso(&take, stamp) || !take_word(&take, &entry->action))
		return "no time and action";
	if (sk_view_equal(entry->action, sk_view_str("startup"))) {
		if (!sk_take_char(&take, ' '))
			return "no command behind startup";
		entry->state = sk_take_rest(&take);
	} else if (sk_view_equal(entry->action, sk_view_str("conffile"))) {
		if (!take_conffile(&take, entry))
			return "no file and decision behind conffile";
	} else if (sk_view_equal(entry->action, sk_view_str("status"))) {
		if (!take_word(&take, &entry->state) ||
		    !take_package(&take, entry) ||
		    !take_version(&take, &entry->version))
			return "no state, package and version behind status";
	} else if (!is_action(entry->action)) {
		return "not an action of dpkg";
	} else if (!take_package(&take, entry) ||
	    !take_version(&take, &entry->version) ||
	    !take_version(&take, &entry->new_version)) {
		return "no package and two versions behind the action";
	}
	return sk_take_rest(&take).len > 0 ? "text behind the versions" : NULL;
}

static const char *
parse_dpkg(struct sk_parser *parser, struct sk_view line,
    struct sk_parsed *out)
{
	struct sk_stamp stamp;
	struct entry entry;
	const char *why = scan(line, &stamp, &entry);

	if (why == NULL)
		why = sk_stamp_put(&parser->time, &stamp, out);
	if (why != NULL)
		return why;
	sk_take_put(out, "action", entry.action);
	sk_take_put(out, "state", entry.state);
	sk_take_put(out, "package", entry.package);
	sk_take_put(out, "arch", entry.arch);
	sk_take_put(out, "version", entry.version);
	sk_take_put(out, "new_version", entry.new_version);
	sk_take_put(out, "file", entry.file);
	return NULL;
}

static int
guess_dpkg(struct sk_view line)
{
	struct sk_stamp stamp;
	struct entry entry;

	return scan(line, &stamp, &entry) == NULL ? 95 : 0;
}

static const char *const columns[] = { "time", "action", "state", "package",
	"arch", "version", "new_version", "file", NULL };

const struct sk_parser_kind sk_parse_dpkg = {
	.name = "dpkg",
	.help = "dpkg.log: what was installed, upgraded and removed",
	.columns = columns,
	.parse = parse_dpkg,
	.guess = guess_dpkg,
};
