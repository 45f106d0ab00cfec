#!/bin/sh
# Words that do not belong here: unowned notes, paths of a workplace, and what
# only this hour knows.  Test data may be read from ../shared by tests alone.
set -eu

find . \( -name .git -o -name 'build*' -o -path ./tests/data \
    -o -path ./tests/golden \) -prune -o -type f -print | sort |
while read -r file; do
	grep -IHnE '\b(TO[D]O|FI[X]ME|X[X]X|HA[C]K|W[I]P)\b' "$file" ||
	    [ $? -eq 1 ]
	grep -IHnE '/wor[k]/|\bissu[e] #?[0-9]|\bMileston[e] [0-9]' \
	    "$file" || [ $? -eq 1 ]
	grep -IHniE '\b(claud[e]|anthropi[c]|co-?pilo[t]|chatgp[t])\b' \
	    "$file" || [ $? -eq 1 ]
	case $file in
	./tests/*) ;;
	*) grep -IHnE '\.\./share[d]' "$file" || [ $? -eq 1 ] ;;
	esac
done | sed 's|^\./||'
