#!/bin/sh
# Words that do not belong here: unowned notes, paths of a workplace, and what
# only this hour knows.  Test data may be read from ../shared by tests alone.
set -eu

# Every file but build/, .git and data, and those that $1 excludes.
files()
{
	find . \( -name .git -o -name 'build*' -o -path ./tests/data \
	    -o -path ./tests/golden ${1:+-o -path "$1"} \) -prune \
	    -o -type f -print0 | sort -z
}

find_words()
{
	# xargs gives 123 for grep's 1: nothing found.
	xargs -0 grep -IHnE "$@" | sed 's|^\./||'
}

files '' | find_words '\b(TO[D]O|FI[X]ME|X[X]X|HA[C]K|W[I]P)\b' || :
files '' | find_words '/wor[k]/|\bissu[e] #?[0-9]|\bMileston[e] [0-9]' || :
files '' | find_words -i '\b(claud[e]|anthropi[c]|co-?pilo[t])\b' || :
files ./tests | find_words '\.\./share[d]' || :
