#!/usr/bin/env bats
# Framed streams through every tool that has --framed: watermarks keep their
# place, lines keep their bytes, and what was done to a stream is noticed.

load helper

head=$'\020H v=1 esc=1 w=1 c=d228ff37'
head_bare=$'\020H v=1 esc=1 c=6859e049'
end=$'\020E reason=end c=513407af'
two=$'\020W t=2000000000 c=c5ea77a3'
four=$'\020W t=4000000000 c=02ae1772'
six=$'\020W t=6000000000 c=b41208ee'

# Each filter so that it passes lines, or takes them whole.
passing() {
	echo sk-cols -F raw 1-
	echo sk-merge -t 1:s
	echo sk-parse --to=tsv '(?<line>.*)'
	echo sk-sample --rate 1
}
counting() {
	echo sk-hll
	echo sk-quantile --value 1
	echo sk-topk -n 1
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	seq 3000 > numbers && sk-merge --framed -t 1:s numbers > in
	# A merge may know the event that comes next.
	first=$(sed -n 1026p in) second=$(sed -n 2051p in)
	printf '%s\n' "$head" 1 "$two" 3 "$four" "$end" > small
}

teardown() {
	# shellcheck disable=SC2046 # a list of numbers
	kill -KILL $(jobs -p) 2> /dev/null || :
}

# The control lines of a stream, but for the header.
controls() {
	grep -a $'^\020[^\020H]'
}

not_framed="not a framed stream: is there a command in between that took its \
header? (--raw: the framed stream begins here)"

@test "framed: every filter has the option, or a reason" {
	same "$(for tool in $(tools); do
		"$tool" --sk-options | grep -q $'\tframed\t' || echo "$tool"
	done)" $'sk-unframe\nsk-log'
}

@test "framed: a header, a watermark every 1024 events, an end" {
	same "$(sed -n '1p;$p' in)" \
	    $'\020H v=1 esc=1 hop=1 src=sk-merge w=1 c=0f13175f\n'"$end"
	[[ $first =~ ^$'\020'W\ t=102[45]000000000\ c=[0-9a-f]{8}$ ]]
	[[ $second =~ ^$'\020'W\ t=204[89]000000000\ c=[0-9a-f]{8}$ ]]
	same "$(grep -avc $'^\020' in)" 3000
}

@test "framed: a tool that passes lines passes watermarks in their place" {
	while read -r tool args; do
		# shellcheck disable=SC2086 # words
		timeout 20 "$tool" --framed $args in > out
		cmp <(tail -n +2 in) <(tail -n +2 out) || {
			echo "$tool"
			return 1
		}
		# shellcheck disable=SC2086 # words
		timeout 20 "$tool" --framed $args < in | cmp - out
	done < <(passing)
}

@test "framed: a tool that counts has its results in front of the end" {
	while read -r tool args; do
		# shellcheck disable=SC2086 # words
		timeout 20 "$tool" --framed $args in > out
		same "$(controls < out)" \
		    "$second"$'\n'"$end"
		# shellcheck disable=SC2086 # words
		sk-unframe in | "$tool" $args > want
		sk-unframe out | cmp - want
		same "$(tail -n 1 out)" "$end"
	done < <(counting)
}

@test "framed: running results stand between the watermarks" {
	sk-topk --framed --every 1000 -n 1 in > out
	same "$(tail -n +2 out | sed $'s/\t.*//')" \
	    "$(printf '%s\n' 1000 "$first" 2000 "$second" 3000 "$end")"
}

@test "framed: a watermark that another one follows at once is dropped" {
	printf '%s\n' "$head" 1 "$two" "$four" 5 "$six" "$four" "$end" > in
	same "$(sk-sample --framed --rate 1 in | tail -n +2)" \
	    "$(printf '%s\n' 1 "$four" 5 "$six" "$end")"
}

@test "framed: every tool in one pipe" {
	sk-replay --help > page
	sk-append log < page
	timeout 20 bash -c '
	sk-replay --framed log | sk-sample --framed --rate 1 |
	    sk-cols --framed -F raw 1- |
	    sk-parse --framed --to=tsv "(?<line>.*)" | tee between |
	    sk-append --framed copy'
	sk-replay copy | cmp - <(sk-cols -F raw 1- page)
	same "$(head -n 1 between)" \
	    $'\020H v=1 esc=1 hop=4 src=sk-replay c=09be6dd9'
}

@test "framed: lines that begin with DLE pass any pipe byte for byte" {
	local i

	for i in 1 2 3; do
		printf '\020x%d\n%d\020\020\n\020\020\020%d\n\020\n' "$i" "$i" "$i"
	done > lines
	printf '\020H v=1\n\020E reason=end c=513407af\n\020\020\020\n' >> lines
	printf '\020W t=1 c=00000000\na\0\020b\r\n\377\n' >> lines
	sk-append log < lines
	sk-replay --framed log | sk-sample --framed --rate 1 |
	    sk-cols --framed -F raw 1- | sk-sample --framed -n 99 |
	    sk-unframe | cmp - lines
	sk-replay --framed log | sk-append --framed copy
	sk-replay copy | cmp - lines
	sk-sample --framed --rate 1 lines | sk-unframe | cmp - lines
	# As keys of results, and in cells of CSV that have newlines.
	sk-topk -n 0 lines > want
	sk-topk --framed -n 0 lines | sk-unframe | cmp - want
	printf '%s\n' $'\020a,b' $'1,"x\n\020y\n\020\020"' $'\0202,z' > table
	sk-sample -F csv --framed --rate 1 table |
	    sk-cols -F csv --framed $'\020a,b' | sk-unframe | cmp - table
	sk-merge -F csv -t 2:s --framed --lenient table 2> /dev/null |
	    sk-unframe | cmp - <(head -n 1 table)
}

@test "framed: a header without --framed is refused" {
	local tool args

	while read -r tool args; do
		# shellcheck disable=SC2086 # words
		says 4 '' "$tool: in:1: framed stream: give --framed" \
		    "$tool" $args in
		# shellcheck disable=SC2086 # words
		says 4 '' "$tool: stdin:1: framed stream: give --framed" \
		    "$tool" $args < small
	done < <(passing; counting)
	says 4 '' 'sk-append: stdin: framed stream: give --framed' \
	    sk-append log < small
	same "$(sk-replay log)" ''
}

@test "framed: a raw stream that imitates a header is refused, but --raw" {
	printf '\020H v=1 esc=1 dir=/tmp\na\n' > lines
	says 4 '' 'sk-topk: lines:1: framed stream: give --framed' \
	    sk-topk lines
	says 4 '' "sk-topk: lines:1: damaged control line: its checksum is \
wrong" sk-topk --framed lines
	same "$(sk-topk --raw lines | wc -l)" 2
	sk-append --raw log < lines
	sk-replay log | cmp - lines
	sk-sample --raw --framed --rate 1 lines | sk-unframe | cmp - lines
	# Behind the first line nothing is taken for a header.
	{ echo a; cat lines; } > later
	same "$(sk-topk later | wc -l)" 2
}

@test "framed: grep in between is noticed" {
	local tool args

	while read -r tool args; do
		# shellcheck disable=SC2086 # words
		says 4 '' "$tool: stdin:1: $not_framed" bash -c \
		    'grep -a "^1" in | timeout 20 "$@" > out' - \
		    "$tool" --framed $args
	done < <(passing)
	says 4 '' "sk-append: stdin: $not_framed" bash -c \
	    'grep -a "^1" in | sk-append --framed log'
	says 4 '' "sk-topk: stdin:1: $not_framed" bash -c \
	    'grep none in | sk-topk --framed'
	# A first tool behind a pipe says so.
	says 0 $'1\t0\ta' '' bash -c \
	    'echo a | sk-topk --framed --raw | sk-unframe'
}

@test "framed: sort in between is noticed, with --framed and without" {
	local option

	for option in --framed --lenient; do
		run -4 --separate-stderr bash -c "sort in | sk-topk $option"
		[[ $stderr == *': damaged framed stream: it begins with a '* ]]
	done
	run -4 --separate-stderr bash -c 'sort in | sk-unframe'
	run -4 --separate-stderr bash -c 'tac in | sk-unframe'
}

@test "framed: a stream that is cut off gives no result and no end" {
	local tool args

	head -n 2000 in > short
	while read -r tool args; do
		# shellcheck disable=SC2086 # words
		says 4 '' "$tool: short:2001: the framed stream was cut off: it \
has no end" bash -c '"$@" > out' - "$tool" --framed $args short
		same "$(tail -n +2 out)" "$first"
	done < <(counting)
	while read -r tool args; do
		# shellcheck disable=SC2086 # words
		run -4 --separate-stderr bash -c '"$@" short > out' - \
		    "$tool" --framed $args
		same "$(controls < out)" "$first"
	done < <(passing)
}

@test "framed: a tool that is killed is noticed at the end of the pipe" {
	mkfifo pipe joint
	sk-merge --framed --raw -t 1:s < pipe > joint &
	killed=$!
	sk-sample --framed --rate 1 < joint 2> err | sk-unframe > out 2>> err &
	pid=$!
	exec 4> pipe
	echo 1 >&4
	wait_for out 1
	kill -s KILL "$killed"
	wait_end "$pid"
	exec 4>&-
	[ "$status" -eq 4 ]
	same "$(sort err)" "sk-sample: stdin:4: the framed stream was cut off: \
it has no end
sk-unframe: stdin: the framed stream was cut off: it has no end"
}

@test "framed: a line that was cut off is no event" {
	printf '%s\n123' "$head" > short
	says 4 '' "sk-append: stdin: the framed stream was cut off: it has no \
end" sk-append --framed log < short
	same "$(sk-replay log)" ''
	run -4 sk-sample --framed --rate 1 short
	[[ $output != *123* ]]
}

@test "framed: an input that failed leaves no end behind" {
	run -3 --separate-stderr bash -c 'sk-topk --framed none in > out'
	same "$(controls < out | tail -n 1)" \
	    "$second"
	run -3 --separate-stderr bash -c \
	    'sk-merge --framed -t 1:s none in > out'
	[[ $(tail -n 1 out) != "$end" ]]
	# Bad events are no failure of the stream.
	run -4 --separate-stderr bash -c \
	    'sk-topk --framed --max-line 3 in > out'
	same "$(tail -n 1 out)" "$end"
}

@test "framed: of several inputs only the last one's watermarks pass" {
	same "$(sk-sample --framed --rate 1 in small | controls)" \
	    "$two"$'\n'"$four"$'\n'"$end"
	same "$(sk-sample --framed --rate 1 in small | sk-unframe | wc -l)" \
	    3002
}

@test "framed: concatenated streams are refused" {
	cat small small > both
	says 4 '' "sk-topk: both:7: damaged framed stream: there are lines \
behind its end" bash -c 'sk-topk --framed both > out'
}

@test "sk-merge: a framed input is as far as its watermarks say" {
	printf '%s\n' "$head" '3 a' '2 b' "$two" '5 c' '4 d' "$four" \
	    "$six" "$end" > one
	printf '%s\n' '1 e' '3 f' '6 g' > other
	says 0 $'1 e\n2 b\n3 a\n3 f\n4 d\n5 c\n6 g' '' bash -c \
	    'sk-merge --framed -t 1:s one other | sk-unframe'
	printf '%s\n' "$head" '3 a' "$four" '3 b' '4 c' "$end" > one
	says 0 $'1 e\n3 a\n3 f\n4 c\n6 g' \
	    'sk-merge: 1 of 6 events late, by up to 1s (--delay)' bash -c \
	    'sk-merge --framed -t 1:s one other | sk-unframe'
	# One without watermarks is as far as --delay says.
	printf '%s\n' "$head_bare" '3 a' '2 b' '5 c' "$end" > one
	says 0 $'1 e\n2 b\n3 a\n3 f\n5 c\n6 g' '' bash -c \
	    'sk-merge --framed -t 1:s --delay 1s one other | sk-unframe'
}

@test "sk-merge: says how far it is before it waits" {
	mkfifo pipe
	sk-merge --framed --raw -t 1:s --delay 2s < pipe > out &
	exec 4> pipe
	printf '%s\n' 1 8 7 >&4
	wait_for out 't=6000000000 '
	same "$(sk-unframe out 2> err || :)" 1
	exec 4>&-
	wait
	same "$(sk-unframe out)" $'1\n7\n8'
}

@test "framed: a watermark passes a whole pipe while it waits" {
	mkfifo pipe
	sk-merge --framed --raw -t 1:s < pipe |
	    sk-sample --framed --rate 1 | sk-cols --framed -F raw 1 |
	    sk-parse --framed --to=tsv '(?<a>.*)' > out &
	exec 4> pipe
	echo 4 >&4
	wait_for out 't=4000000000 '
	echo 9 >&4
	wait_for out 't=9000000000 '
	exec 4>&-
	wait
	same "$(tail -n 1 out)" "$end"
}

@test "framed: a signal ends the stream in order, and it says so" {
	mkfifo pipe
	sk-topk --framed --raw --every 1 < pipe > out &
	pid=$!
	exec 4> pipe
	echo a >&4
	wait_for out 'a$'
	kill -s TERM "$pid"
	wait_end "$pid"
	exec 4>&-
	[ "$status" -eq 143 ]
	same "$(tail -n 1 out)" $'\020E reason=stop c=3c98dd17'
	echo b | sk-append log
	sk-replay --framed -f log > out 2> err &
	pid=$!
	wait_for out '^b$'
	kill -s TERM "$pid"
	wait_end "$pid"
	[ "$status" -eq 143 ]
	same "$(tail -n 1 out)" $'\020E reason=stop c=3c98dd17'
}

@test "framed: the reason of the end passes" {
	printf '%s\n' "$head" $'\020E reason=drain c=1c0ef63a' > drained
	same "$(sk-topk --framed drained | tail -n 1)" \
	    $'\020E reason=drain c=1c0ef63a'
}

@test "framed: control lines of small letters pass, others do not" {
	printf '%s\n' "$head" 1 $'\020x a=1 c=3f118832' 2 "$end" > one
	while read -r tool args; do
		# shellcheck disable=SC2086 # words
		same "$("$tool" --framed $args one | controls)" \
		    $'\020x a=1 c=3f118832\n'"$end"
	done < <(passing; counting)
	printf '%s\n' "$head" 1 $'\020B e=1 c=ff866cac' 2 "$end" > one
	while read -r tool args; do
		# shellcheck disable=SC2086 # words
		says 4 '' "$tool: one:3: control line of the type B: this \
version does not know it" bash -c '"$@" > out' - "$tool" --framed $args one
	done < <(passing; counting)
}

@test "framed: a control line is a line to messages" {
	printf '%s\n' "$head" 1 "$two" x "$end" > one
	run -4 --separate-stderr sk-quantile --framed --value 1 one
	[[ $stderr == *'one:4: '* ]]
}

@test "framed: a control line ends a record of several lines" {
	printf '%s\n' "$head" '2026 a' ' more' "$two" '2026 b' "$end" > one
	sk-parse --framed --multiline '^\d' --to=tsv '(?s)(?<a>.*)' one > out
	same "$(tail -n +2 out)" \
	    "$(printf '%s\n' '2026 a\n more' "$two" '2026 b' "$end")"
}

@test "framed: not on a terminal, but with force" {
	command -v script > /dev/null || skip 'no script(1) here'
	run -2 script -qec 'sk-topk --framed in' /dev/null
	[[ $output == *"sk-topk: --framed: stdout is a terminal"* ]]
	run -2 script -qec 'sk-replay --framed in' /dev/null
	run -2 script -qec 'sk-merge --framed -t 1 in' /dev/null
	run -0 script -qec 'sk-topk --framed=force -n 1 small' /dev/null
	[[ $output == *'?E reason=end'* ]]
}

@test "framed: what it cannot go with is a wrong usage" {
	run -2 --separate-stderr sk-topk --framed -z in
	[[ $stderr == 'sk-topk: --framed: not with -z'* ]]
	run -2 --separate-stderr sk-topk --framed --merge in
	[[ $stderr == 'sk-topk: --framed: not with --merge'* ]]
	run -2 --separate-stderr sk-sample --framed --info in
	run -2 --separate-stderr sk-topk --framed --every 9 -o out in
	run -2 --separate-stderr sk-append --framed --tail in log
	run -2 --separate-stderr sk-topk --framed=x in
	[ ! -e out ]
	[ ! -e log ]
}

@test "framed: -o has a whole stream" {
	sk-sample --framed --rate 1 -o out in
	sk-unframe out | cmp - <(seq 3000)
}
