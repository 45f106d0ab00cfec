#include "format/tsv.h"

/* What a letter behind a backslash stands for; 0: for itself. */
static char
meaning(char letter)
{
	switch (letter) {
	case 't': return '\t';
	case 'n': return '\n';
	case 'r': return '\r';
	case '\\': return '\\';
	default: return '\0';
	}
}

struct sk_view
sk_tsv_unescape(struct sk_view cell, struct sk_buf *out)
{
	const char *at = cell.ptr, *end, *next;
	size_t begin = out->len;

	if (cell.len == 0 || memchr(at, '\\', cell.len) == NULL)
		return cell;
	end = at + cell.len;
	sk_buf_reserve(out, cell.len);
	while ((next = memchr(at, '\\', (size_t)(end - at))) != NULL) {
		char c = next + 1 < end ? meaning(next[1]) : '\0';

		sk_buf_add(out, at, (size_t)(next - at));
		sk_buf_char(out, c != '\0' ? c : '\\');
		at = next + (c != '\0' ? 2 : 1);
	}
	sk_buf_add(out, at, (size_t)(end - at));
	return sk_view(out->ptr + begin, out->len - begin);
}
