#!/bin/sh
# Every header compiles alone, as C17 and as C11, and has its include guard.
set -eu

cc=${CC:-cc}
find lib -name '*.h' | sort |
while read -r file; do
	guard=SK_$(printf '%s' "${file#lib/}" | tr 'a-z/.-' 'A-Z___')
	grep -q "^#define $guard\$" "$file" ||
	    echo "$file:1: its include guard is not $guard"
	for std in c17 c11; do
		printf '#include "%s"\nint sk_unit;\n' "${file#lib/}" |
		    $cc -std=$std -D_GNU_SOURCE -Wall -Wextra -Wpedantic \
		    -Werror -Ilib -fsyntax-only -x c - 2>&1 |
		    awk -v file="$file" -v std="$std" '
		    /error:/ && !n++ {
			print file ":1: alone as " std ": " $0
		    }'
	done
done
