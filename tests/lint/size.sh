#!/bin/sh
# A tool has at most 300 lines, a file of lib at most 800, a function at most
# 80 between its braces.
set -eu

find lib cmd -name '*.[ch]' -o -name '*.cc' | sort |
while read -r file; do
	awk -v file="$file" '
	/^{/ { start = FNR }
	/^}/ && start {
		if (FNR - start - 1 > 80)
			print file ":" start ": a function of " \
			    FNR - start - 1 " lines"
		start = 0
	}
	END {
		limit = file ~ /^cmd\// ? 300 : 800
		if (FNR > limit)
			print file ":" FNR ": over " limit " lines"
	}' "$file"
done
