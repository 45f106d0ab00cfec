#!/usr/bin/env bats
# INPUT operands and bad events, as every filter has them: lib/stream, seen
# through sk-hll.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	printf '%s\n' a b c a > four
	printf '%s\n' c d > two
}

long_line() {
	head -c "$1" /dev/zero | tr '\0' x
}

@test "inputs: several are one stream in the order given" {
	run -0 --separate-stderr sk-hll four two
	same "$output" 4
	run -0 --separate-stderr sk-hll four - < two
	same "$output" 4
}

@test "inputs: an input without last newline ends in one" {
	printf 'a\nb' > one
	run -0 --separate-stderr sk-hll one two
	same "$output" 4
}

@test "inputs: one that cannot be opened is reported, others are read" {
	run -3 --separate-stderr sk-hll four missing two
	same "$output" 4
	same "$stderr" 'sk-hll: missing: No such file or directory'
}

@test "inputs: a folder that is no log is reported" {
	mkdir folder
	run -3 --separate-stderr sk-hll folder four
	same "$output" 3
	same "$stderr" 'sk-hll: folder: not a log'
}

@test "inputs: a folder as stdin is refused" {
	run -3 --separate-stderr sk-hll < .
	same "$stderr" 'sk-hll: stdin: Is a directory'
}

@test "inputs: a log is read to its end" {
	sk-append web < four
	sk-append web < two
	run -0 --separate-stderr sk-hll web
	same "$output" 4
	same "$stderr" ''
}

@test "inputs: packed files are unpacked, whatever their names" {
	zstd -q four -o packed
	gzip -c two > packed.txt
	run -0 --separate-stderr sk-hll packed packed.txt
	same "$output" 4
}

@test "inputs: several frames and members are one file" {
	{ zstd -qc four; zstd -qc two; } > both.zst
	{ gzip -c four; gzip -c two; } > both.gz
	run -0 --separate-stderr sk-hll both.zst
	same "$output" 4
	run -0 --separate-stderr sk-hll both.gz
	same "$output" 4
}

@test "inputs: a packed file through a FIFO is unpacked" {
	mkfifo pipe
	gzip -c four > pipe &
	run -0 --separate-stderr sk-hll pipe
	same "$output" 3
}

@test "inputs: a packed file that is cut off is damaged" {
	local ext

	seq 100000 > many
	zstd -q many
	gzip -k many
	for ext in zst gz; do
		head -c 20000 "many.$ext" > "cut.$ext"
		run -4 --separate-stderr sk-hll "cut.$ext"
		same "$stderr" "sk-hll: cut.$ext: damaged data"
	done
}

@test "inputs: packed bytes on stdin are taken as they are, with a warning" {
	zstd -q four -o packed
	run -0 --separate-stderr sk-hll < packed
	[[ $stderr == 'sk-hll: warning: stdin: looks packed; '* ]]
}

@test "inputs: an empty line is no event, a CR belongs to the line" {
	run -0 --separate-stderr bash -c "printf '\n\na\n\na\r\n\n' | sk-hll"
	same "$output" 2
}

@test "inputs: NUL and bytes above 127 pass" {
	run -0 --separate-stderr bash -c \
	    "printf 'a\0b\na\0c\n\377\n\376\n' | sk-hll"
	same "$output" 4
}

@test "inputs: with -z records end in NUL" {
	run -0 --separate-stderr bash -c \
	    "printf 'a\nb\0a\nc\0a\nb\0' | sk-hll -z | tr '\0' '|'"
	same "$output" '2|'
}

@test "inputs: a framed stream is refused" {
	run -4 --separate-stderr bash -c \
	    "printf '\020H v=1 run=x\na\n' | sk-hll"
	same "$stderr" \
	    'sk-hll: stdin:1: framed stream: give --framed'
	run -0 --separate-stderr bash -c "printf 'a\n\020H v=1\n' | sk-hll"
	same "$output" 2
}

@test "bad: a line over --max-line is a bad event with its number" {
	printf 'a\n\n%s\nb\n%s\n' "$(long_line 101)" "$(long_line 200)" > in
	run -4 --separate-stderr sk-hll --max-line 100 in
	same "$output" 2
	same "$stderr" 'sk-hll: in:3: line longer than 100 bytes
sk-hll: 2 of 4 events bad'
}

@test "bad: an endless line takes no more memory than its limit" {
	long_line 40000000 > in
	printf '\na\n' >> in
	[[ $SK_BUILD != *asan ]] || skip 'the sanitizer maps terabytes'
	run -4 --separate-stderr bash -c 'ulimit -v 60000; sk-hll in'
	same "$output" 1
	same "$stderr" 'sk-hll: in:1: line longer than 1048576 bytes
sk-hll: 1 of 2 events bad'
}

@test "bad: a line of --max-line bytes is good, also in pieces" {
	{ long_line 1048576; echo; long_line 1048577; echo; } > in
	run -4 --separate-stderr sk-hll --lenient --strict --no-strict in
	same "$output" 1
	run -4 --separate-stderr bash -c \
	    'dd if=in bs=997 status=none | sk-hll'
	same "$output" 1
}

@test "bad: --bad takes them, with input, line and reason, status 0" {
	printf 'a\n%s\nb\n' "$(long_line 20)" > in
	run -0 --separate-stderr sk-hll --max-line 10 --bad bad.tsv in
	same "$output" 2
	run -0 --separate-stderr sk-hll --max-line 10 --bad bad.tsv in
	same "$(cat bad.tsv)" "$(printf '%s\t%s\t%s\n' \
	    in:2 'line longer than 10 bytes' xxxxxxxxxx \
	    in:2 'line longer than 10 bytes' xxxxxxxxxx)"
}

@test "bad: --lenient counts them, status 0" {
	printf 'a\n%s\n' "$(long_line 20)" > in
	run -0 --separate-stderr sk-hll --max-line 10 --lenient in
	same "$output" 1
	same "$stderr" 'sk-hll: in:2: line longer than 10 bytes
sk-hll: 1 of 2 events bad'
	run -0 --separate-stderr sk-hll --max-line 10 --lenient -q in
	same "$stderr" ''
}

@test "bad: --strict stops at the first, without a result" {
	printf 'a\n%s\nb\n' "$(long_line 20)" > in
	run -4 --separate-stderr sk-hll --max-line 10 --strict in
	same "$output" ''
	same "$stderr" 'sk-hll: in:2: line longer than 10 bytes'
}

@test "bad: --strict keeps no state of what came before the bad event" {
	local tool bad saved=$'a\nb\n'

	# The state is as it was, also where the events before it are good.
	for bad in '{bad' '{"a":[1]}' '{"a":{"b":1}}'; do
		printf '{"a":1}\n{"a":2}\n%s\n{"a":3}\n' "$bad" > in
		for tool in 'sk-hll --value /a' 'sk-topk --value /a' \
		    'sk-quantile --value /a' 'sk-sample -k /a' \
		    'sk-window -t /a:s --tumble 9s' 'sk-dedup -k /a'; do
			printf %s "$saved" > s
			# shellcheck disable=SC2086 # words of a command
			run -4 --separate-stderr $tool --strict -o out \
			    --save s in
			same "$output" ''
			[[ $stderr == *": in:3: "* ]]
			[[ $stderr != *$'\n'* ]]
			same "$(cat s)" "${saved%$'\n'}"
			[ ! -e out ]
		done
	done
}

@test "bad: --strict stops at the first of bad fields and bad values" {
	printf '{"a":1,"w":-1}\n{bad\n' > in
	says 4 '' 'sk-topk: in:1: the weight is no whole number' \
	    sk-topk --value /a --weight /w --strict in
	printf '{bad\n{"a":1,"w":-1}\n' > in
	run -4 --separate-stderr sk-topk --value /a --weight /w --strict in
	[[ $output == '' && $stderr == 'sk-topk: in:1: '* ]]
}

@test "bad: --strict stops where logfmt and CSV are bad" {
	printf 'a=1\na="2\na=3\n' > in
	run -4 --separate-stderr sk-topk -F logfmt --value a --strict in
	[[ $output == '' && $stderr == 'sk-topk: in:2: '* ]]
	printf 'a\n1\n"2"x\n3\n' > in
	run -4 --separate-stderr sk-topk -F csv --value a --to tsv \
	    --strict in
	[[ $output == '' && $stderr == 'sk-topk: in:3: '* ]]
}

@test "bad: --strict gives what came before it to what passes events on" {
	printf '{"a":1}\n{"a":2}\n{bad\n{"a":3}\n' > in
	run -4 --separate-stderr sk-cols --strict /a in
	same "$output" $'1\n2'
	# The next result of --every would stand behind the bad event.
	printf '{"a":4}\n%s\n' "$(cat in)" > in4
	run -4 --separate-stderr sk-hll --every 2 --strict --value /a in4
	same "$output" '{"at":2,"distinct":2}'
}

@test "bad: --strict is not followed by a result of --every DUR" {
	mkfifo in
	timeout 20 sk-hll --value /a --every 100ms --strict in > out 2> err &
	exec 4> in
	printf '{"a":1}\n' >&4
	wait_for out '"distinct":1}$'
	cp out before
	printf '{"a":2}\n{bad\n' >&4
	wait_end $!
	exec 4>&-
	same "$status" 4
	same "$(cat out)" "$(cat before)"
}

@test "bad: a file of --bad that cannot be opened is status 3" {
	run -3 --separate-stderr sk-hll --bad no/such/file four
	same "$output" ''
	same "$stderr" 'sk-hll: no/such/file: No such file or directory'
}

@test "output: -o replaces the file as a whole, at the end" {
	echo old > out
	run -0 --separate-stderr sk-hll -o out four
	same "$(cat out)" 3
	[ ! -e out.tmp ]
	run -3 --separate-stderr sk-hll -o no/such/file four
	same "$stderr" 'sk-hll: no/such/file.tmp: No such file or directory'
}

@test "output: -o keeps the old file when the run fails" {
	echo old > out
	printf 'a\n%s\n' "$(long_line 20)" > in
	run -4 --separate-stderr sk-hll --strict --max-line 10 -o out in
	same "$(cat out)" old
	[ ! -e out.tmp ]
}

@test "output: -o writes to a descriptor and to a FIFO" {
	run -0 --separate-stderr bash -c \
	    'sk-hll -o /dev/fd/4 four 4>&1 > /dev/null'
	same "$output" 3
	run -0 --separate-stderr bash -c 'sk-hll -o >(cat) four | cat'
	same "$output" 3
}

@test "output: --every N gives results between, and one at the end" {
	run -0 --separate-stderr bash -c 'seq 5 | sk-hll --every 2'
	same "$output" "$(printf '2\t2\n4\t4\n5\t5')"
	run -0 --separate-stderr bash -c 'seq 4 | sk-hll --every 2'
	same "$output" "$(printf '2\t2\n4\t4')"
}

@test "output: --every DUR gives a result while the input is quiet" {
	mkfifo in
	sk-hll --every 100ms in > out &
	exec 4> in
	echo a >&4
	wait_for out "^[0-9-]+T[0-9:.]+Z	1$"
	echo b >&4
	wait_for out "Z	2$"
	exec 4>&-
	wait $!
	same "$(cut -f 2 out | uniq | tr '\n' ' ')" '1 2 '
}

@test "output: --to and --header" {
	run -0 --separate-stderr sk-hll --to ndjson four
	same "$output" '{"distinct":3}'
	run -0 --separate-stderr sk-hll --to csv four
	same "$output" $'distinct\n3'
	run -0 --separate-stderr sk-hll --to csv --no-header four
	same "$output" 3
	run -0 --separate-stderr sk-hll --header --every 4 four
	same "$output" $'at\tdistinct\n4\t3'
	run -0 --separate-stderr sk-hll --to ndjson --every 4 four
	same "$output" '{"at":4,"distinct":3}'
}

@test "signals: the result so far is printed, then the signal ends it" {
	local sig

	for sig in INT TERM HUP; do
		rm -f in
		mkfifo in
		# A background job is born with SIGINT ignored.
		env --default-signal="$sig" sk-hll --progress in \
		    > out 2> err &
		exec 4> in
		printf 'a\nb\n' >&4
		wait_for err ' 2 events'
		kill -s "$sig" $!
		wait_end $!
		exec 4>&-
		same "$(cat out)" 2
		same "$status" $((128 + $(kill -l "$sig")))
	done
}

@test "signals: SIGUSR1 tells where things are" {
	mkfifo in
	sk-hll --progress in > out 2> err &
	exec 4> in
	printf 'a\nb\n' >&4
	wait_for err ' 2 events'
	kill -USR1 $!
	wait_for err '^sk-hll: 2 events, 0 bad, [0-9]+ s$'
	exec 4>&-
	wait $!
}
