#include "stream/statefile.h"
#include "stream/winfile.h"

#define MAGIC "skwin"

void
sk_winfile_begin(struct sk_buf *buf, struct sk_view options)
{
	sk_statefile_begin(buf, MAGIC, options);
}

void
sk_winfile_end(struct sk_buf *buf)
{
	sk_statefile_end(buf);
}

int
sk_winfile_open(struct sk_view bytes, struct sk_view options,
    struct sk_view *state, struct sk_diag *diag)
{
	return sk_statefile_open(MAGIC, "sk-window", options, bytes, state,
	    diag);
}
