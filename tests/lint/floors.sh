#!/bin/sh
# A file includes its own folder and lower floors only, by folder and name;
# folders of one floor do not see each other.  A header of another project is
# included by the modules that wrap it (foreign.tab) and by no header of ours.
set -eu

here=$(dirname "$0")
find lib cmd -name '*.[ch]' -o -name '*.cc' | sort |
while read -r file; do
	awk -v file="$file" '
	BEGIN {
		n = split("base:0 io:1 format:2 field:2 time:2 sketch:3 " \
		    "log:3 parse:3 window:4 detect:4 store:4 stream:5 " \
		    "cmd:6", pair)
		for (i = 1; i <= n; i++) {
			split(pair[i], part, ":")
			floor[part[1]] = part[2]
		}
		own = file
		if (sub(/^lib\//, "", own) == 0)
			own = "cmd/"
		sub(/\/.*/, "", own)
		if (!(own in floor))
			print file ":1: a folder without a floor"
	}
	function say(reason) {
		print file ":" FNR ": " reason
	}
	FILENAME != file {
		if (!/^#/ && NF)
			for (i = 2; i <= NF; i++)
				wraps[$1, $i] = known[$1] = 1
		next
	}
	/^[ \t]*#[ \t]*include[ \t]*"/ {
		name = $0
		sub(/^[^"]*"/, "", name)
		sub(/".*/, "", name)
		if (split(name, part, "/") != 2)
			say("\"" name "\" has no folder")
		else if (!(part[1] in floor))
			say("\"" name "\" is on no floor")
		else if (part[1] != own && floor[part[1]] >= floor[own])
			say("\"" name "\" is not on a lower floor")
	}
	/^[ \t]*#[ \t]*include[ \t]*</ {
		name = $0
		sub(/^[^<]*</, "", name)
		sub(/>.*/, "", name)
		if ((name, "system") in wraps || (name, file) in wraps)
			next
		if (!(name in known))
			say("<" name "> is not in tests/lint/foreign.tab")
		else
			say("<" name "> belongs to the module that wraps it")
	}' "$here/foreign.tab" "$file"
done
