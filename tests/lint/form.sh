#!/bin/sh
# The form of the text: 80 columns with tabs of 8, no blanks at the end of a
# line, a last newline, no CR; in C tabs indent, a definition has its name in
# column 1 and structs have no typedef.
set -eu

find . \( -name .git -o -name 'build*' -o -path ./tests/data \
    -o -path ./tests/golden -o -path ./tests/unit/data \) -prune -o \
    -type f \( -name '*.[ch]' -o -name '*.cc' -o -name '*.sh' \
    -o -name '*.bats' -o -name '*.bash' -o -name '*.awk' -o -name '*.tab' \
    -o -name Makefile -o -path './completions/*' -o -path './man/*' \
    -o -path './tests/lint/*' -o -path './.ci/*' \) -print | sort |
while read -r file; do
	expand "$file" | awk -v file="${file#./}" '
	function say(reason) {
		print file ":" FNR ": " reason
	}
	/\r/ { say("a CR") }
	/ $/ { say("blanks at the end") }
	# Generated files hold help texts, pages and tests what tools print.
	length($0) > 80 && file !~ /^(completions\/.*sh\/|man\/)|[.]bats$/ {
		say("over 80 columns")
	}'
	if [ -n "$(tail -c 1 "$file")" ]; then
		echo "${file#./}:$(wc -l < "$file"): no last newline"
	fi
	case $file in
	*.[ch]) ;;
	*) continue ;;
	esac
	awk -v file="${file#./}" '
	function say(reason) {
		print file ":" FNR ": " reason
	}
	!comment && /^        / { say("indented by blanks") }
	/\/\*/ { comment = 1 }
	/\*\// { comment = 0 }
	/^typedef (struct|enum|union) [^(]*$/ { say("a typedef") }
	/^{/ && line ~ /^[a-z].*[ *][a-z_0-9]+\(/ &&
	    line !~ /^(struct|enum|union|static const|const) [a-z_]+ .*=/ {
		print file ":" at ": the name is not in column 1"
	}
	/^[^ \t{}#\/]/ { line = $0; at = FNR }' "$file"
done
