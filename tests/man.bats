#!/usr/bin/env bats
# The pages: mdoc, in the house's order, and every example runs.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

pages() {
	local page

	for page in "$SK_ROOT"/man/*.[1-9]; do
		printf '%s\n' "${page##*/}"
	done
}

need_mandoc() {
	command -v mandoc > /dev/null || skip 'no mandoc here'
}

@test "man: mandoc finds nothing to say about the pages" {
	need_mandoc
	cd "$SK_ROOT/man"
	# Which pages of others are installed says nothing about ours.
	# shellcheck disable=SC2046 # the names have no blanks
	run mandoc -T lint -W style $(pages)
	found=$(grep -Ev \
	    'mandoc.db|manual not found: Xr ([^s]|s[^k]|sk[^-])' \
	    <<< "$output" || :)
	[ -z "$found" ] || { echo "$found"; return 1; }
}

# What man(1) of Debian shows; mandoc is kinder to words that are names of
# macros, and to lists whose last column is given a width.
@test "man: groff finds nothing to say about the pages, and shows them whole" {
	local page

	command -v groff > /dev/null || skip 'no groff here'
	for page in $(pages); do
		groff -mdoc -T utf8 -ww -P-c "$SK_ROOT/man/$page" 2> err |
		    sed $'s/.\b//g' > shown
		[ ! -s err ] || { echo "$page"; cat err; return 1; }
		sed -n 's/^\.Sh //p' "$SK_ROOT/man/$page" > sections
		grep -E '^[A-Z]+( [A-Z]+)*$' shown > shown-sections
		diff sections shown-sections ||
		    { echo "$page: sections are lost"; return 1; }
		awk -v page="$page" '
		/^ {60}/ && $0 !~ /[|]/ {
			print page ": a cell with no room: " $0
			bad = 1
		}
		END { exit bad }' shown
	done
}

@test "man: sections stand in the order of the house" {
	local page

	for page in $(pages); do
		awk -v page="$page" '
		BEGIN {
			n = split("NAME SYNOPSIS DESCRIPTION ENVIRONMENT " \
			    "FILES EXIT_STATUS EXAMPLES DIAGNOSTICS " \
			    "SEE_ALSO STANDARDS CAVEATS BUGS", order, " ")
			for (i = 1; i <= n; i++)
				rank[order[i]] = i
		}
		/^\.Sh / {
			name = substr($0, 5)
			gsub(/ /, "_", name)
			seen[name] = 1
			if (!(name in rank)) {
				print page ": " name ": not in the order"
				bad = 1
			} else if (rank[name] <= last) {
				print page ": " name ": comes too late"
				bad = 1
			}
			last = rank[name]
		}
		END {
			must = "NAME DESCRIPTION SEE_ALSO"
			if (page ~ /\.1$/)
				must = must " SYNOPSIS EXIT_STATUS EXAMPLES"
			n = split(must, always, " ")
			for (i = 1; i <= n; i++)
				if (!(always[i] in seen)) {
					print page ": no " always[i]
					bad = 1
				}
			exit bad
		}' "$SK_ROOT/man/$page" || failed=1
	done
	[ -z "${failed-}" ]
}

@test "man: a sentence begins on a line of its own" {
	local page

	for page in $(pages); do
		awk -v page="$page" '
		/^\.Bd -literal/ { literal = 1 }
		/^\.Ed/ { literal = 0 }
		!literal && /^[^.].*[a-z)][.] [A-Z]/ {
			print page ":" FNR ": " $0
			bad = 1
		}
		END { exit bad }' "$SK_ROOT/man/$page" || failed=1
	done
	[ -z "${failed-}" ]
}

@test "man: every example prints what the page says" {
	local page status

	for page in $(pages); do
		status=0
		"$SK_ROOT/tests/examples" "$SK_ROOT/man/$page" || status=$?
		case $page:$status in
		*:0|*.[57]:4) ;;
		*:4) echo "$page: no example"; failed=1 ;;
		*) failed=1 ;;
		esac
	done
	[ -z "${failed-}" ]
}

@test "man: a reader sees the examples as they are run" {
	local page

	need_mandoc
	for page in $(pages); do
		# Literal lines of the source, with roff's escapes undone and
		# tabs spread, are lines of the rendered page.
		awk '
		/^\.Bd -literal/ { literal = 1; next }
		/^\.Ed/ { literal = 0 }
		literal && NF {
			gsub(/\\&/, ""); gsub(/\\-/, "-")
			gsub(/\\\(aq/, "'\''"); gsub(/\\\(dq/, "\"")
			gsub(/\\\(ha/, "^"); gsub(/\\\(ti/, "~")
			gsub(/\\\(ga/, "`"); gsub(/\\(e|\(rs)/, "\\")
			print
		}' "$SK_ROOT/man/$page" | expand | sed 's/  */ /g' > want
		mandoc -T ascii "$SK_ROOT/man/$page" | sed $'s/.\b//g' |
		    sed 's/^ *//; s/  */ /g' > got
		while IFS= read -r line; do
			grep -Fxq -e "${line# }" got || {
				echo "$page: not shown as is: $line"
				failed=1
			}
		done < want
	done
	[ -z "${failed-}" ]
}

@test "man: every page that is referred to exists" {
	local page

	for page in $(pages); do
		awk '/^\.(Xr|It Xr) sk/ {
			sub(/^\.It/, ".")
			print $2 == "Xr" ? $3 "." $4 : $2 "." $3
		}' "$SK_ROOT/man/$page" | while read -r name; do
			[ -e "$SK_ROOT/man/$name" ] ||
			    { echo "$page: no $name"; exit 1; }
		done || failed=1
	done
	[ -z "${failed-}" ]
}

@test "man: an example that prints something else is found" {
	printf '%s\n' '```' '$ echo a' a '```' > good.md
	run -0 "$SK_ROOT/tests/examples" good.md
	same "$output" ''
	printf '%s\n' '```' '$ echo a' b '```' > bad.md
	run -1 "$SK_ROOT/tests/examples" bad.md
	[[ $output == 'bad.md:2: $ echo a'* ]]
	printf '%s\n' '.Sh EXAMPLES' '.Bd -literal' '$ echo a' '.Ed' > bad.1
	run -1 "$SK_ROOT/tests/examples" bad.1
	printf '%s\n' '.Sh EXAMPLES' '.Bd -literal' 'echo a' '.Ed' > bad.1
	run -1 "$SK_ROOT/tests/examples" bad.1
	[[ $output == *'an example without a command'* ]]
	printf '%s\n' '.Sh NAME' > none.1
	run -4 "$SK_ROOT/tests/examples" none.1
}

@test "man: README's commands print what it says" {
	[ -e "$SK_ROOT/README.md" ] || skip 'no README.md'
	"$SK_ROOT/tests/examples" "$SK_ROOT/README.md"
}
