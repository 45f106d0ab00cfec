#!/usr/bin/env bats
# What is true of every row of cmd/tools.tab.  A new tool passes this before
# it has a test of its own.  A test goes over all tools it concerns, says of
# each what is wrong, and fails at the end.

load helper

# How a tool is made to read events.  A filter reads `input`; the others:
operands() {
	case $1 in
	sk-append) echo new ;;
	sk-replay) echo log ;;
	sk-log) echo ls log ;;
	*) echo "$(first "$1") input" ;;
	esac
}

# What a filter takes before its inputs: all of a line, for some.
first() {
	case $1 in
	sk-anomaly) echo --model novelty --all ;;
	sk-cols) echo 1- ;;
	sk-merge) echo -t 4-5 ;;
	sk-parse) echo '(?<line>.*)' ;;
	sk-quantile) echo -d : --value 3 -k 1- ;;
	sk-sample) echo -s 1 ;;
	sk-window) echo --global -k 1- ;;
	esac
}

# What stands in front of short lines, since some tools need a time in columns
# 4 and 5, or a number (its minutes): 35 bytes.
at='- - - [10/Oct/2000:13:55:36 -0700] '

# The filter $tool, over what follows.
filter() {
	# shellcheck disable=SC2046 # words, or none
	"$tool" $(first "$tool") "$@"
}

filters() {
	tools | grep -Ev '^sk-(append|replay|log)$'
}

# Tools that write results to stdout.
writers() {
	tools | grep -Ev '^sk-append$'
}

setup_file() {
	local tool

	cd "$BATS_FILE_TMPDIR" || return
	for tool in $(tools); do
		"$tool" --sk-options > "$tool.options"
		"$tool" --help > "$tool.help"
	done
	head -n 40 "$SK_DATA/access.log" > input
	sk-append log < input
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	cp -R "$BATS_FILE_TMPDIR/." .
	failed=0
}

# Is there such an option?
has() {
	cut -f 2 "$1.options" | grep -qx -e "$2"
}

# The tools of stdin that have the option.
with() {
	local name

	while read -r name; do
		if has "$name" "$1"; then
			echo "$name"
		fi
	done
}

# Run a command; its stdout, stderr and status are out, err and $status.
got() {
	status=0
	"$@" > out 2> err || status=$?
}

wrong() {
	printf '%s: %s\n' "$tool" "$*"
	failed=1
}

want_status() {
	[ "$status" -eq "$1" ] ||
	    wrong "status $status, not $1; stderr: $(head -n 5 err)"
}

# stdout is this text, newlines included.
want_out() {
	printf '%s' "$1" | cmp -s - out ||
	    wrong "stdout is: $(head -n 5 out | cat -A)"
}

want_err() {
	printf '%s' "$1" | cmp -s - err ||
	    wrong "stderr is: $(head -n 5 err | cat -A)"
}

want_same() {
	cmp -s "$1" "$2" || wrong "$3: $(diff -a "$1" "$2" | head -n 5)"
}

# The answer of a filter over the file `input`, for comparison.
answer() {
	filter input > answer 2> answer.err ||
	    wrong "status $?: $(cat answer.err)"
}

end() {
	[ "$failed" -eq 0 ]
}

usage() {
	awk '/^usage: / { on = 1 } /^$/ { on = 0 } on' "$1.help"
}

@test "every tool: --help goes to stdout with status 0" {
	for tool in $(tools); do
		for option in --help -h; do
			got "$tool" "$option" < /dev/null
			want_status 0
			want_err ''
			grep -q "^usage: $tool" out || wrong "$option: no usage"
		done
	done
	end
}

@test "every tool: --help begins with the description of tools.tab" {
	for tool in $(tools); do
		words=$(awk -v tool="$tool" '$1 == tool {
			$1 = $2 = ""
			sub(/^ */, "")
			print
		}' "$SK_ROOT/cmd/tools.tab")
		[ "$(head -n 1 "$tool.help")" = "$tool - $words" ] ||
		    wrong "--help: $(head -n 1 "$tool.help")"
	done
	end
}

@test "every tool: --help has at most 80 columns" {
	for tool in $(tools); do
		long=$(expand "$tool.help" | awk 'length($0) > 80')
		[ -z "$long" ] || wrong "$long"
	done
	end
}

@test "every tool: --version is its name and a number" {
	for tool in $(tools); do
		for option in --version -V; do
			got "$tool" "$option" < /dev/null
			want_status 0
			want_err ''
			grep -Eqx "$tool [0-9]+\.[0-9]+\.[0-9]+" out ||
			    wrong "$option: $(cat out)"
		done
	done
	end
}

@test "every tool: help and version that cannot be written are status 3" {
	for tool in $(tools); do
		for option in --help --version; do
			status=0
			"$tool" "$option" > /dev/full 2> err || status=$?
			want_status 3
			want_err "$tool: stdout: No space left on device
"
			status=0
			"$tool" "$option" >&- 2> err || status=$?
			want_status 3
			want_err "$tool: stdout: Bad file descriptor
"
		done
	done
	end
}

@test "every tool: an unknown option is status 2, the reason and the usage" {
	for tool in $(tools); do
		got "$tool" --no-such-option < /dev/null
		want_status 2
		want_out ''
		want_err "$tool: --no-such-option: unknown option
$(usage "$tool")
"
		got "$tool" -% < /dev/null
		want_status 2
		want_out ''
		want_err "$tool: -%: unknown option
$(usage "$tool")
"
	done
	end
}

@test "every tool: after a wrong usage nothing is read and nothing written" {
	for tool in $(tools); do
		# shellcheck disable=SC2046 # words
		{ "$tool" --no-such-option $(operands "$tool"); cat; } \
		    < input > out 2> err || :
		cmp -s input out || wrong 'took of its input'
		[ ! -e new ] || wrong 'made a topic'
	done
	end
}

@test "every tool: an option without its value, a flag with one: status 2" {
	for tool in $(tools); do
		while IFS=+ read -r name argument choices; do
			if [ -n "$argument" ]; then
				got "$tool" "--$name" < /dev/null
				say='needs a value'
			else
				got "$tool" "--$name=x" < /dev/null
				say='takes no value'
				[ -z "$choices" ] ||
				    say="x: not one of $choices"
			fi
			want_status 2
			want_out ''
			want_err "$tool: --$name: $say
$(usage "$tool")
"
		done < <(cut -f 2,3,4 "$tool.options" | tr '\t' +)
	done
	end
}

@test "every tool: a value out of its choices or range is status 2" {
	for tool in $(tools); do
		while IFS='|' read -r name argument choices; do
			[[ -n $choices || $argument =~ ^(SIZE|DUR|N|N,DUR)$ ]] ||
			    continue
			got "$tool" "--$name=never-this" < /dev/null
			want_status 2
			want_out ''
			head -n 1 err |
			    grep -q "^$tool: --$name: never-this: " ||
			    wrong "--$name: $(cat err)"
		done < <(tr '|' , < "$tool.options" | awk -F '\t' -v OFS='|' \
		    '{ print $2, $3, $4 }')
	done
	end
}

@test "every tool: letters and long names mean the same in all tools" {
	tool=all
	twice=$(for name in $(tools); do
		awk -F '\t' '$1 != "" { print $1 "\t" $2 }' "$name.options"
	done | sort -u | cut -f 1 | sort | uniq -d)
	[ -z "$twice" ] || wrong "letters of two meanings: $twice"
	twice=$(for name in $(tools); do
		cut -f 1,2 "$name.options"
	done | sort -u | cut -f 2 | sort | uniq -d)
	[ -z "$twice" ] || wrong "names of two letters: $twice"
	end
}

@test "every tool: options may stand between and behind operands" {
	for tool in $(writers); do
		# shellcheck disable=SC2046 # words
		"$tool" $(operands "$tool") > answer
		# shellcheck disable=SC2046 # words
		got "$tool" $(operands "$tool") --quiet
		want_status 0
		want_same answer out '--quiet behind'
		words="-- $(operands "$tool")"
		words=${words/-- -t 4-5/-t 4-5 --}
		words=${words/-- --model novelty --all/--model novelty --all --}
		words=${words/-- --global -k 1-/--global -k 1- --}
		words=${words/-- -d : --value 3 -k 1-/-d : --value 3 -k 1- --}
		# shellcheck disable=SC2086 # words
		got "$tool" --quiet ${words/-- -s 1/-s 1 --}
		want_status 0
		want_same answer out 'a -- before'
	done
	end
}

@test "every tool: what is missing is status 3 and named" {
	for tool in $(tools); do
		case $tool in
		sk-append) words=no/topic ;;
		*) words=$(operands "$tool")
		    words="${words% *} none"
		    words=${words#log }
		    words=${words#input } ;;
		esac
		# shellcheck disable=SC2086 # words
		got "$tool" $words < /dev/null
		want_status 3
		want_err "$tool: ${words##* }: No such file or directory
"
	done
	end
}

@test "every tool: what cannot be read is status 3 and named" {
	[ "$(id -u)" -ne 0 ] || skip 'root reads everything'
	for tool in $(tools); do
		mkdir -p closed && chmod 0 closed
		case $tool in
		sk-append) words=closed/new ;;
		*) words=$(operands "$tool")
		    words="${words% *} closed/x"
		    words=${words#log }
		    words=${words#input } ;;
		esac
		# shellcheck disable=SC2086 # words
		got "$tool" $words < /dev/null
		chmod 700 closed
		want_status 3
		want_err "$tool: ${words##* }: Permission denied
"
	done
	end
}

@test "every tool: control bytes of a name are masked in messages" {
	for tool in $(filters); do
		got filter $'no\nsuch\e[1mfile'
		want_status 3
		want_err "$tool: no?such?[1mfile: No such file or directory
"
	done
	end
}

@test "every tool: a directory that is no log is status 3" {
	mkdir plain
	for tool in $(writers); do
		words=$(operands "$tool")
		words="${words% *} plain"
		words=${words#log }
		# shellcheck disable=SC2086 # words
		got "$tool" ${words#input } < /dev/null
		want_status 3
		want_err "$tool: plain: not a log
"
	done
	end
}

@test "every tool: stdout that is full is status 3 and named" {
	for tool in $(writers); do
		status=0
		# shellcheck disable=SC2046 # words
		"$tool" $(operands "$tool") > /dev/full 2> err || status=$?
		want_status 3
		want_err "$tool: stdout: No space left on device
"
	done
	end
}

@test "every tool: stdout that is closed is status 3 and named" {
	for tool in $(writers); do
		status=0
		# shellcheck disable=SC2046 # words
		"$tool" $(operands "$tool") >&- 2> err || status=$?
		want_status 3
		want_err "$tool: stdout: Bad file descriptor
"
	done
	end
}

@test "every tool: stdin that is closed is status 3 and named" {
	for tool in $(filters) sk-append; do
		words=
		[ "$tool" != sk-append ] || words=new
		# shellcheck disable=SC2086 # words
		got filter $words <&-
		want_status 3
		want_err "$tool: stdin: Bad file descriptor
"
	done
	end
}

@test "every tool: a closed stderr changes nothing but the messages" {
	for tool in $(filters); do
		answer
		cp input copy
		status=0
		filter input 2>&- > out || status=$?
		want_status 0
		want_same answer out 'stdout'
		status=0
		filter none input 2>&- > out || status=$?
		want_status 3
		want_same answer out 'stdout'
		want_same input copy 'wrote into its input'
	done
	for tool in $(filters | with output); do
		answer
		status=0
		filter -o result none input 2>&- >&- <&- || status=$?
		want_status 3
		want_same answer result 'a message in its output'
	done
	end
}

@test "every tool: the same input gives the same bytes twice" {
	for tool in $(writers); do
		# shellcheck disable=SC2046 # words
		"$tool" $(operands "$tool") > answer
		# shellcheck disable=SC2046 # words
		got "$tool" $(operands "$tool")
		want_status 0
		want_err ''
		want_same answer out 'the second run'
	done
	end
}

@test "filters: empty input is done, without a word" {
	: > empty
	for tool in $(filters); do
		got filter < /dev/null
		want_status 0
		want_err ''
		cp out answer
		got filter empty
		want_status 0
		want_err ''
		want_same answer out 'an empty file'
	done
	end
}

@test "sources: an empty log is done, without a word" {
	got sk-append void < /dev/null
	tool=sk-append
	want_status 0
	want_out ''
	want_err ''
	tool=sk-replay
	got sk-replay void
	want_status 0
	want_out ''
	want_err ''
	end
}

@test "filters: file, stdin, -, .zst, .gz and a log are the same input" {
	zstd -q input -o input.zst
	gzip -c input > packed
	for tool in $(filters); do
		answer
		got filter < input
		want_same answer out stdin
		got filter - < input
		want_same answer out -
		got filter input.zst
		want_same answer out zst
		got filter packed
		want_same answer out gz
		got filter log
		want_same answer out log
		got filter log/*.zst
		want_same answer out segment
		want_err ''
	done
	end
}

@test "filters: packed stdin is taken as it is, with a warning" {
	zstd -q input -o input.zst
	for tool in $(filters | with lenient); do
		got filter --lenient < input.zst
		grep -q "^$tool: warning: stdin: " err || wrong "$(cat err)"
	done
	end
}

@test "filters: a damaged packed file is reported" {
	zstd -q input -o input.zst
	head -c 1000 input.zst > cut.zst
	for tool in $(filters); do
		got filter cut.zst
		want_status 4
		grep -q "^$tool: cut.zst: " err || wrong "$(cat err)"
	done
	end
}

@test "filters: several inputs are one stream, a missing one is passed over" {
	head -n 20 input > one
	tail -n 20 input > two
	for tool in $(filters); do
		answer
		got filter one none two
		want_status 3
		want_err "$tool: none: No such file or directory
"
		want_same answer out 'one and two'
	done
	end
}

@test "filters: a missing last newline is supplied, empty lines are no event" {
	for tool in $(filters); do
		# It passes what is not framed as it is.
		[ "$tool" != sk-unframe ] || continue
		printf '%sa\n%sb\n' "$at" "$at" > input
		answer
		got filter < <(printf '%sa\n%sb' "$at" "$at")
		want_status 0
		want_same answer out 'no last newline'
		got filter < <(printf '\n\n%sa\n\n\n%sb\n\n' "$at" "$at")
		want_status 0
		want_same answer out 'empty lines'
	done
	end
}

@test "filters: NUL, CR and bytes above 127 are part of a line" {
	for tool in $(filters); do
		printf '%sa\0%s\n' "$at" b "$at" b "$at" c > input
		printf '%s\xff\xfe\n' "$at" >> input
		got filter input
		want_status 0
		want_err ''
		cp out first
		printf '%sa\0%s\n' "$at" b "$at" b "$at" b > input
		printf '%s\xff\xfe\n' "$at" >> input
		got filter input
		! cmp -s out first || wrong 'what follows a NUL is not seen'
		printf '%sa\n%sa\r\n' "$at" "$at" > input
		got filter input
		cp out first
		printf '%sa\n%sa\n' "$at" "$at" > input
		got filter input
		[ "$tool" = sk-parse ] || ! cmp -s out first ||
		    wrong 'a CR is not seen'
	done
	end
}

@test "filters: -z takes and writes lines that end in NUL" {
	for tool in $(filters | with null); do
		answer
		tr '\n' '\0' < input > input.null
		got filter -z input.null
		want_status 0
		tr '\0' '\n' < out > lines
		want_same answer lines -z
	done
	end
}

@test "filters: a line over --max-line is a bad event" {
	printf '%sa\n%s%065d\n%sb\n' "$at" "$at" 0 "$at" > input
	printf '%sa\n%sb\n' "$at" "$at" > good
	for tool in $(filters | with max-line); do
		filter good > answer
		got filter --max-line 50 input
		want_status 4
		want_same answer out 'the good ones'
		head -n 1 err | grep -q "^$tool: input:2: " ||
		    wrong "$(cat err)"
		grep -qx "$tool: 1 of 3 events bad" err || wrong "$(cat err)"
		got filter --max-line 100 input
		want_status 0
		want_err ''
		got filter --max-line 50 < input
		head -n 1 err | grep -q "^$tool: stdin:2: " ||
		    wrong "$(cat err)"
	done
	end
}

@test "filters: an endless line is a bad event and costs no memory" {
	[[ $SK_BUILD != *asan* ]] || skip 'asan reserves address space'
	for tool in $(filters | with max-line); do
		printf '%sa\n%sb\n' "$at" "$at" > good
		filter good > answer
		status=0
		{
			echo "${at}a"
			head -c 200M /dev/zero
			printf '\n%sb\n' "$at"
		} | (
			ulimit -v 100000
			filter > out 2> err
		) || status=$?
		want_status 4
		want_same answer out 'the good ones'
	done
	end
}

@test "filters: --lenient, --bad and --strict" {
	printf '%sa\n%0100d\n%sb\n%0100d\n' "$at" 0 "$at" 1 > input
	printf '%sa\n%sb\n' "$at" "$at" > good
	for tool in $(filters | with bad); do
		filter good > answer
		got filter --max-line 50 --lenient input
		want_status 0
		want_same answer out --lenient
		grep -qx "$tool: 2 of 4 events bad" err || wrong "$(cat err)"

		rm -f bad
		got filter --max-line 50 --bad bad input
		want_status 0
		want_same answer out --bad
		[ "$(cut -f 1 bad)" = $'input:2\ninput:4' ] ||
		    wrong "bad has: $(cat bad)"
		[ "$(awk -F '\t' 'NF != 3 || $2 == ""' bad)" = '' ] ||
		    wrong "bad has: $(cat bad)"
		got filter --max-line 50 --bad bad input
		[ "$(wc -l < bad)" -eq 4 ] || wrong 'bad is not added to'

		got filter --max-line 50 --strict input
		want_status 4
		grep -q "^$tool: input:2: " err || wrong "$(cat err)"
		! grep -q 'input:4' err || wrong 'went on with --strict'
		got filter --max-line 50 --strict --lenient input
		want_status 0

		got filter --bad no/bad input
		want_status 3
		want_err "$tool: no/bad: No such file or directory
"
	done
	end
}

@test "filters: --quiet keeps errors and drops the rest" {
	printf '%sa\n%s%065d\n%sb\n' "$at" "$at" 0 "$at" > input
	for tool in $(filters | with lenient); do
		got filter --quiet --lenient --max-line 50 input
		want_status 0
		want_err ''
		got filter -q none
		want_err "$tool: none: No such file or directory
"
	done
	end
}

@test "filters: -o replaces its file at the end" {
	for tool in $(filters | with output); do
		answer
		rm -rf dir && mkdir dir
		echo old > dir/result
		ln dir/result dir/before
		got filter -o dir/result input
		want_status 0
		want_out ''
		want_err ''
		want_same answer dir/result 'the result'
		[ "$(cat dir/before)" = old ] || wrong 'wrote over the old file'
		[ "$(ls dir)" = $'before\nresult' ] || wrong "left $(ls dir)"
		got filter -o no/result input
		want_status 3
		want_out ''
		head -n 1 err | grep -q "^$tool: no/result.*: No such file" ||
		    wrong "$(cat err)"
	done
	end
}

@test "filters: -o holds the last result of --every" {
	for tool in $(filters | with output | with every); do
		got filter --every 41 input
		cp out answer
		for n in 1 20 39 40; do
			rm -rf dir && mkdir dir
			got filter --every "$n" -o dir/result input
			want_status 0
			want_err ''
			want_same answer dir/result "--every $n"
			[ "$(ls dir)" = result ] || wrong "left $(ls dir)"
		done
	done
	end
}

@test "filters: -o to a descriptor or a device writes into it" {
	for tool in $(filters | with output); do
		answer
		got filter -o /dev/fd/3 input 3> result
		want_status 0
		want_same answer result '/dev/fd/3'
		filter -o >(cat > result; echo > taken) input
		wait_for taken ''
		want_same answer result 'a pipe'
		got filter -o /dev/full input
		want_status 3
		head -n 1 err | grep -q "^$tool: /dev/full: No space left" ||
		    wrong "$(cat err)"
		[ -c /dev/full ] || wrong 'replaced a device'
	done
	end
}

@test "filters: -e is status 1 when nothing was written" {
	for tool in $(writers | with exit-status); do
		[ "$tool" != sk-replay ] || sk-append void < /dev/null
		words=$(first "$tool")
		[ "$tool" != sk-replay ] || words=void
		# shellcheck disable=SC2086 # words
		got "$tool" -e $words < /dev/null
		if [ -s out ]; then
			want_status 0
		else
			want_status 1
		fi
		want_err ''
		# shellcheck disable=SC2046 # words
		got "$tool" -e $(operands "$tool")
		want_status 0
		got filter -e none
		want_status 3
	done
	end
}

@test "filters: --every gives a result at once from a slow pipe" {
	mkfifo in results
	for tool in $(filters | with every); do
		# shellcheck disable=SC2046 # words, or none
		"$tool" $(first "$tool") --every 1 < in > results 2> err &
		pid=$!
		exec 4> in 5< results
		for n in 1 2 3; do
			echo "${at}event $n" >&4
			while read -r -t 10 line <&5; do
				[ "${line%%$'\t'*}" != "$n" ] || break
			done
			[ "${line%%$'\t'*}" = "$n" ] || wrong "got $line"
		done
		exec 4>&-
		wait_end "$pid"
		want_status 0
		exec 5<&-
	done
	end
}

@test "filters: signals end the input, then the tool by that signal" {
	mkfifo in
	for tool in $(filters | with every); do
		for signal in TERM HUP INT; do
			rm -f out
			# shellcheck disable=SC2046 # words, or none
			env "--default-signal=$signal" "$tool" \
			    $(first "$tool") --every 1 < in > out 2> err &
			pid=$!
			exec 4> in
			echo "${at}event" >&4
			wait_for out .
			kill -s "$signal" "$pid"
			wait_end "$pid"
			exec 4>&-
			case $signal in
			TERM) want_status 143 ;;
			HUP) want_status 129 ;;
			INT) want_status 130 ;;
			esac
			want_err ''
			filter --every 1 > answer <<< "${at}event"
			want_same answer out 'the result'
		done
	done
	end
}

@test "filters: SIGTERM on a tool that wrote nothing yet gives the result" {
	mkfifo in
	for tool in $(filters); do
		exec 4<> in
		# shellcheck disable=SC2046 # words, or none
		"$tool" $(first "$tool") < in > out 2> err 4<&- &
		pid=$!
		echo "${at}event" >&4
		# The pipe is empty as soon as the tool has read it.
		while read -r -t 0 <&4 && kill -0 "$pid"; do :; done
		kill -s TERM "$pid"
		wait_end "$pid"
		exec 4>&-
		want_status 143
		filter > answer <<< "${at}event"
		want_same answer out 'the result'
	done
	end
}

@test "filters: SIGUSR1 asks for a line on stderr and changes nothing" {
	mkfifo in
	for tool in $(filters | with every); do
		# shellcheck disable=SC2046 # words, or none
		"$tool" $(first "$tool") --every 1 < in > out 2> err &
		pid=$!
		exec 4> in
		echo "${at}event" >&4
		wait_for out .
		kill -s USR1 "$pid"
		wait_for err "^$tool: 1 event"
		exec 4>&-
		wait_end "$pid"
		want_status 0
		filter --every 1 > answer <<< "${at}event"
		want_same answer out 'the result'
	done
	end
}

@test "filters: a reader that has gone ends them by SIGPIPE" {
	for tool in $(filters | with every); do
		for ignore in '' "trap '' PIPE;"; do
			# shellcheck disable=SC2046 # words, or none
			status=$(bash -c "$ignore"'
				yes -- "$0" | { "$@" --every 1; echo $? >&3; } \
				    2> err | head -n 1 > /dev/null' \
				    "$at" "$tool" $(first "$tool") 3>&1)
			want_status 141
			want_err ''
		done
	done
	end
}

@test "sk-replay: SIGPIPE ends it as it ends cat" {
	tool=sk-replay
	yes "$(head -n 1 input)" | head -n 100000 | sk-append long
	status=$({ { sk-replay long; echo $? >&3; } | head -n 1 > /dev/null; } \
	    3>&1 2> err)
	want_status 141
	want_err ''
	end
}

@test "sk-replay: -f shows a new line at once and ends by its signal" {
	mkfifo results
	tool=sk-replay
	sk-replay -f log > results 2> err &
	pid=$!
	exec 5< results
	while read -r -t 10 line <&5; do
		[ "$line" != "$(tail -n 1 input)" ] || break
	done
	echo 'a new one' | sk-append log
	read -r -t 10 line <&5
	[ "$line" = 'a new one' ]
	kill -s TERM "$pid"
	wait_end "$pid"
	exec 5<&-
	want_status 143
	want_err ''
	end
}

@test "sk-append: SIGTERM stores what was read, then ends it" {
	mkfifo in
	tool=sk-append
	sk-append --ack 3 --linger 0s new < in 3> acks 2> err &
	pid=$!
	exec 4> in
	echo one >&4
	wait_for acks '^A 0 1$'
	kill -s TERM "$pid"
	wait_end "$pid"
	exec 4>&-
	want_status 143
	want_err ''
	[ "$(sk-replay new)" = one ]
	run -0 sk-log check new
	end
}

@test "every tool: its page is there and says the same in NAME" {
	for tool in $(tools); do
		page=$SK_ROOT/man/$tool.1
		[ -e "$page" ] || { wrong 'no page'; continue; }
		name=$(sed -n 's/^\.Nm //p' "$page" | head -n 1)
		[ "$name" = "$tool" ] || wrong ".Nm $name"
		words=$(sed -n 's/^\.Nd //p' "$page")
		[ "$tool - $words" = "$(head -n 1 "$tool.help")" ] ||
		    wrong ".Nd $words"
	done
	end
}

@test "every tool: sk(7) and README describe it in the same words" {
	for tool in $(tools); do
		words=$(head -n 1 "$tool.help")
		words=${words#"$tool - "}
		grep -qFx ".It Xr $tool 1 Ta $words" "$SK_ROOT/man/sk.7" ||
		    wrong 'not so in sk.7'
		[ ! -e "$SK_ROOT/README.md" ] ||
		    grep -Eq "^\| .?$tool.*\| $words +\|\$" \
		    "$SK_ROOT/README.md" || wrong 'not so in README.md'
	done
	end
}

# A page as it is read, one line for each paragraph.
render() {
	mandoc -T ascii -O width=1000 "$1" | sed $'s/.\b//g'
}

@test "every tool: the SYNOPSIS is the usage" {
	command -v mandoc > /dev/null || skip 'no mandoc here'
	for tool in $(tools); do
		render "$SK_ROOT/man/$tool.1" | awk '
		/^[A-Z]/ { on = /^SYNOPSIS/; next }
		on && NF { $1 = $1; gsub(/ [|] /, "|"); print }' \
		    > synopsis
		usage "$tool" | sed 's/^usage: //; s/  */ /g; s/^ //' > want
		want_same want synopsis 'usage and SYNOPSIS'
	done
	end
}

# The tags of the options in a page, as --help writes them; a page may give a
# letter its argument too.
page_options() {
	render "$1" | awk '
	/^[A-Z]/ { on = /^DESCRIPTION/ }
	on && /^     --?[a-zA-Z0-9-]/ {
		sub(/^ */, "")
		sub(/  .*/, "")
		if ($1 ~ /^-[a-zA-Z],?$/)
			sub(/^-. .*, --/, substr($0, 1, 2) ", --")
		print
	}'
}

help_options() {
	awk -F '\t' '{
		print ($1 != "" ? "-" $1 ", " : "") "--" $2 \
		    ($3 != "" ? "=" : "") $3
	}' "$1.options"
}

@test "every tool: the options of the page are those of the tool" {
	command -v mandoc > /dev/null || skip 'no mandoc here'
	for tool in $(tools); do
		page_options "$SK_ROOT/man/$tool.1" > page
		help_options "$tool" > want
		want_same want page 'the tool and its page'
	done
	end
}

@test "every tool: --help shows the options that --sk-options lists" {
	for tool in $(tools); do
		sed -n 's/^  *\(--*[a-zA-Z]\)/\1/p' "$tool.help" |
		    sed 's/  .*//' > shown
		help_options "$tool" > want
		want_same want shown 'the table and --help'
		! grep -q sk-options "$tool.help" || wrong 'shows --sk-options'
	done
	end
}

@test "sk(7): the shared options are those of the tools" {
	command -v mandoc > /dev/null || skip 'no mandoc here'
	tool='sk(7)'
	page_options "$SK_ROOT/man/sk.7" > page
	sed 's/.*--//; s/=.*//' page | LC_ALL=C sort -c ||
	    wrong 'options are not in alphabetical order'
	for name in $(tools); do
		help_options "$name"
	done | sort -u > have
	# It explains the shared table and nothing else.
	sed -n 's/.*\.name = "\([a-z-]*\)".*/--\1/p' \
	    "$SK_ROOT/lib/stream/opts.c" |
	    grep -oFw -f - have | sort -u > shared
	sed 's/.*--/--/; s/=.*//' page | sort -u |
	    comm -13 - shared > missing
	[ ! -s missing ] || wrong "not explained: $(cat missing)"
	sort page | comm -23 - have > idle
	[ ! -s idle ] || wrong "no tool has: $(cat idle)"
	end
}
