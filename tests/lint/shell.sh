#!/bin/sh
# Every script, test file and bash completion passes shellcheck.
set -eu

{
	find . \( -name .git -o -name 'build*' \) -prune -o -type f \
	    \( -name '*.sh' -o -name '*.bash' -o -name '*.bats' \
	    -o -path './completions/bash/*' \) -print
	find . \( -name .git -o -name 'build*' -o -path ./tests/data \) \
	    -prune -o -type f -perm -u+x ! -name '*.*' -print |
	while read -r file; do
		if head -n 1 "$file" | grep -qE '^#!/.*[ /](ba)?sh$'; then
			printf '%s\n' "$file"
		fi
	done
} | sort | tr '\n' '\0' |
    xargs -0 -n 4 -P 2 shellcheck -f gcc | sed 's|^\./||'
