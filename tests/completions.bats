#!/usr/bin/env bats
# The completions, tried in the shells that they are for.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	failed=0
	touch some.file
	for tool in $(tools); do
		"$tool" --sk-options > "$tool.options"
	done
}

names() {
	awk -F '\t' '{ print "--" $2 }' "$tool.options" | sort
}

# The first option that takes one of several words, and these.
choice() {
	awk -F '\t' '$4 ~ /[|]/ { print $2, $4; exit }' "$tool.options"
}

wrong() {
	printf '%s: %s\n' "$tool" "$*"
	failed=1
}

# What bash offers for these words, the last one being completed.
in_bash() {
	bash -c '
	compopt() { :; }
	. "$1"
	function=$(complete -p "$2")
	function=${function#* -F }
	COMP_WORDS=("${@:2}")
	COMP_CWORD=$(($# - 2))
	"${function% *}"
	printf "%s\n" "${COMPREPLY[@]}"' - \
	    "$SK_ROOT/completions/bash/$1" "$@"
}

@test "completions: bash offers options, choices, files and verbs" {
	for tool in $(tools); do
		in_bash "$tool" -- | sed 's/=$//' | sort > got
		names | cmp -s - got || wrong "offers $(cat got)"
		read -r name choices <<< "$(choice)"
		if [ -n "$name" ]; then
			same "$(in_bash "$tool" "--$name" = '')" \
			    "${choices//|/$'\n'}" || wrong "--$name"
			same "$(in_bash "$tool" "--$name" '')" \
			    "${choices//|/$'\n'}" || wrong "--$name"
		fi
		in_bash "$tool" x some | grep -qx some.file ||
		    wrong 'offers no file'
	done
	in_bash sk-log '' > got
	for verb in ls check recover salvage repack trim; do
		grep -qx "$verb" got || wrong "does not offer $verb"
	done
	[ "$failed" -eq 0 ]
}

@test "completions: fish offers options, choices, files and verbs" {
	command -v fish > /dev/null || skip 'no fish here'
	mkdir home
	export HOME=$PWD/home
	for tool in $(tools); do
		in_fish() {
			fish --no-config -c 'source $argv[1]
			    complete -C "$argv[2]"' \
			    "$SK_ROOT/completions/fish/$tool.fish" "$1"
		}
		in_fish "$tool --" | cut -f 1 | sort > got
		names | cmp -s - got || wrong "offers $(cat got)"
		read -r name choices <<< "$(choice)"
		[ -z "$name" ] || same "$(in_fish "$tool --$name=" |
		    cut -f 1 | sed 's/.*=//' | sort)" \
		    "$(tr '|' '\n' <<< "$choices" | sort)" || wrong "--$name"
		in_fish "$tool x som" | grep -q some.file ||
		    wrong 'offers no file'
	done
	tool=sk-log
	in_fish 'sk-log ' > got
	for verb in ls check recover salvage repack trim; do
		grep -qx "$verb" got || wrong "does not offer $verb"
	done
	[ "$failed" -eq 0 ]
}

# Type $2 and a TAB into an interactive zsh and wait until all the words of
# $3 have been shown.
in_zsh() {
	mkdir -p home
	HOME=$PWD/home timeout 20 zsh -f -c '
	zmodload zsh/zpty zsh/zselect
	zpty -b shell zsh -f -i
	fd=$REPLY
	listen() {
		all=
		while zselect -t 500 -r $fd; do
			zpty -r shell chunk || return
			all+=$chunk
			missing=
			for word; do
				[[ $all == *"$word"* ]] || missing+=" $word"
			done
			[[ -n $missing ]] || return 0
		done
		print -r -- "missing:$missing in ${(q+)all}"
		return 1
	}
	zpty -w shell "stty rows 200 cols 200; PS1=; LISTMAX=1000"
	zpty -w shell "fpath=(${1:h} \$fpath); autoload -U compinit"
	zpty -w shell "compinit -u -D; bindkey ^I list-choices; echo re""ady"
	listen ready || exit
	zpty -w -n shell "$2"$'\''\t'\''
	listen ${=3}' - "$SK_ROOT/completions/zsh/_x" "$1" "$2"
}

@test "completions: zsh offers options, choices, files and verbs" {
	command -v zsh > /dev/null || skip 'no zsh here'
	for tool in $(tools); do
		in_zsh "$tool --" "$(names | tr '\n' ' ')" ||
		    wrong 'not all options'
		read -r name choices <<< "$(choice)"
		[ -z "$name" ] ||
		    in_zsh "$tool --$name=" "${choices//|/ }" ||
		    wrong "--$name"
		in_zsh "$tool x som" 'some.file' || wrong 'offers no file'
	done
	tool=sk-log
	in_zsh 'sk-log ' 'ls check recover salvage repack trim' ||
	    wrong 'not all verbs'
	[ "$failed" -eq 0 ]
}
