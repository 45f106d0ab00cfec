#include "stream/control.h"

bool
sk_control_framed(struct sk_view line)
{
	static const char header[] = { SK_CONTROL_DLE, 'H', ' ', 'v', '=' };

	return line.len > sizeof(header) &&
	    memcmp(line.ptr, header, sizeof(header)) == 0;
}
