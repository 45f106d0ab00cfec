#include "stream/headline.h"

struct sk_view
sk_headline_bare(struct sk_view line)
{
	if (line.len > 0 && line.ptr[line.len - 1] == '\r')
		line.len--;
	return line;
}

const char *
sk_headline_take(struct sk_headline *head, struct sk_view line, bool *first)
{
	struct sk_view known = sk_view(head->line.ptr, head->line.len);

	*first = !head->given;
	if (head->given)
		return sk_view_equal(sk_headline_bare(line),
		    sk_headline_bare(known)) ? NULL :
		    "its header line differs from that of the first input";
	head->given = true;
	sk_buf_view(&head->line, line);
	return NULL;
}

void
sk_headline_free(struct sk_headline *head)
{
	sk_buf_free(&head->line);
}
