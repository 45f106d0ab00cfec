#include <simdjson.h>

#include "format/utf8.h"

bool
sk_utf8_is(const char *bytes, size_t len)
{
	return simdjson::validate_utf8(bytes, len);
}
