/* A list of fields and lines of any bytes, cut at TABs and written in any
 * form: what comes out as NDJSON is JSON, a line each; a line of TSV has as
 * many cells as there are fields, and says the same when it is cut again. */
#include <stdlib.h>
#include <string.h>

#include "format/json.h"
#include "libfuzz.h"
#include "stream/cols.h"

#define LINES 64

void
fuzz_sample(unsigned n, struct sk_buf *out)
{
	static const char *const text[] = {
		"0a,b:int,c:float\nx\\ty\t007\t.5\n\xff\t-\tnan\n\t\t\t\n",
		"1a,t:time,d:bool\n\"q,\"\"\t1795255200\tno\n\\\\\t\t1\r\n",
		"2,a:text,/b:c:text\n \tx\n\\n\\r\t\\x\n",
		"0t:time:%d %b,x\n21 Nov\t\xc3\xa9\n"
	};

	sk_buf_str(out, text[n % 4]);
}

struct rig {
	struct sk_shared shared;
	struct sk_cols cols;
	struct sk_emit emit;
	size_t nbad;
};

static int
on_bad(void *arg, struct sk_view line, const char *reason)
{
	struct rig *rig = arg;

	(void)line;
	fuzz_check(*reason != '\0', "a reason");
	rig->nbad++;
	return 0;
}

/* Whether the list is one; the output stays in the buffer. */
static bool
begin(struct rig *rig, struct sk_view list, enum sk_record_form form)
{
	struct sk_diag diag;
	size_t f;
	bool good;

	memset(rig, 0, sizeof(*rig));
	sk_shared_init(&rig->shared, 0);
	rig->shared.year = 2026;
	good = sk_cols_init(&rig->cols, list, &rig->shared, &diag) == 0;
	rig->cols.delimiter = '\t';
	rig->cols.escaped = true;
	sk_record_init(&rig->emit.record, form);
	rig->emit.record.escape = true;
	rig->emit.bad = on_bad;
	rig->emit.bad_arg = rig;
	for (f = 0; good && f < rig->cols.n; f++)
		good = sk_record_column(&rig->emit.record,
		    rig->cols.field[f].field.name) == 0;
	return good;
}

static void
end(struct rig *rig)
{
	sk_buf_free(&rig->emit.out.buf);
	sk_record_free(&rig->emit.record);
	sk_cols_free(&rig->cols);
}

static void
run(struct rig *rig, const struct sk_view *line, size_t n)
{
	struct sk_batch batch = { n, line, NULL, NULL };

	/* So that nothing is flushed. */
	rig->emit.out.fd = -1;
	fuzz_check(sk_cols_batch(&rig->cols, &batch, &rig->emit) == 0,
	    "an error");
	fuzz_check(rig->emit.nwritten + rig->nbad == n, "each line once");
}

static size_t
count(struct sk_view text, char c)
{
	size_t n = 0, i;

	for (i = 0; i < text.len; i++)
		n += text.ptr[i] == c;
	return n;
}

/* The lines of what was written; SK_PAD bytes behind the last one. */
static size_t
split(struct sk_buf *buf, struct sk_view *line)
{
	size_t n = 0, begin = 0, i;

	sk_buf_reserve(buf, SK_PAD);
	for (i = 0; i < buf->len; i++)
		if (buf->ptr[i] == '\n') {
			line[n++] = sk_view(buf->ptr + begin, i - begin);
			begin = i + 1;
		}
	return n;
}

static void
check(struct rig *rig, struct sk_view list)
{
	struct sk_view line[LINES];
	struct rig again;
	size_t n, i;

	if (rig->emit.record.form == SK_RECORD_CSV)
		return;
	n = split(&rig->emit.out.buf, line);
	fuzz_check(n == rig->emit.nwritten, "a line each");
	for (i = 0; i < n; i++)
		if (rig->emit.record.form == SK_RECORD_NDJSON)
			fuzz_check(sk_json_check(line[i]) == NULL, "JSON");
		else
			fuzz_check(count(line[i], '\t') == rig->cols.n - 1,
			    "a cell for each field");
	if (rig->emit.record.form != SK_RECORD_TSV)
		return;
	/* Lines that end in a CR lose it: \r is escaped, so there is none. */
	fuzz_check(begin(&again, list, SK_RECORD_TSV), "the list again");
	for (i = 0; i < again.cols.n; i++)
		if (again.cols.field[i].type == SK_COLS_TIME)
			sk_time_init(&again.cols.field[i].time,
			    sk_view("", 0), NULL);
	run(&again, line, n);
	fuzz_check(again.nbad == 0, "bad, when it is cut again");
	fuzz_check(sk_view_equal(sk_view(again.emit.out.buf.ptr,
	    again.emit.out.buf.len), sk_view(rig->emit.out.buf.ptr,
	    rig->emit.out.buf.len)), "the same again");
	end(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sk_view line[LINES], list;
	char *copy[LINES];
	size_t n = 0, cap, i;
	struct rig rig;
	const uint8_t *stop;

	/* The output fits in the buffer, all names escaped in each line. */
	if (size > 4096)
		return 0;
	stop = size > 1 ? memchr(data, '\n', size) : NULL;
	if (stop == NULL || stop == data)
		return 0;
	list = sk_view((const char *)data + 1, (size_t)(stop - data) - 1);
	if (!begin(&rig, list, (enum sk_record_form)(*data % 3))) {
		end(&rig);
		return 0;
	}
	cap = 1 + 1000 / (list.len + 1);
	size -= (size_t)(stop + 1 - data);
	data = stop + 1;
	/* Each line in a place of its own, to be caught outside it. */
	while (size > 0 && n < cap && n < LINES) {
		size_t len;

		stop = memchr(data, '\n', size);
		len = stop != NULL ? (size_t)(stop - data) : size;
		copy[n] = malloc(len + SK_PAD);
		memcpy(copy[n], data, len);
		memset(copy[n] + len, '\t', SK_PAD);
		line[n] = sk_view(copy[n], len);
		n++;
		len += stop != NULL;
		data += len;
		size -= len;
	}
	/* A batch has an event. */
	if (n > 0) {
		run(&rig, line, n);
		check(&rig, list);
	}
	for (i = 0; i < n; i++)
		free(copy[i]);
	end(&rig);
	return 0;
}
