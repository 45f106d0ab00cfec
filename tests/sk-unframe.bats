#!/usr/bin/env bats
# sk-unframe: the data of framed streams, and how they are judged.  Streams in
# any pieces are tests/unit/stream_unframe.c.

load helper

# The lines of the format itself.
head=$'\020H v=1 esc=1 c=6859e049'
mark=$'\020W t=2000000000 c=c5ea77a3'
end=$'\020E reason=end c=513407af'

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	printf '%s\n' "$head" a "$mark" b "$end" > in
}

teardown() {
	# shellcheck disable=SC2046 # a list of numbers
	kill -KILL $(jobs -p) 2> /dev/null || :
}

@test "sk-unframe: the data lines are what is left" {
	says 0 $'a\nb' '' sk-unframe in
	says 0 $'a\nb' '' sk-unframe < in
	says 0 $'a\nb\na\nb' '' sk-unframe in in
	printf '%s\n' "$head" "$end" > none
	says 0 '' '' sk-unframe none
}

@test "sk-unframe: a line that begins with DLE is given as it was" {
	printf '%s\n' "$head" $'\020\020x' $'\020\020' $'y\020\020z' \
	    $'\020\020\020W t=1' "$end" > in
	sk-unframe in > out
	printf '%s\n' $'\020x' $'\020' $'y\020\020z' $'\020\020W t=1' > want
	cmp want out
}

@test "sk-unframe: what is not framed passes as it is" {
	local text

	for text in '' a $'a\n' $'\n\na\n\n' $'\020' $'\020\020a\n' \
	    $'\020E reason=x c=00000000\n' $'a\n\020E reason=end\nb'; do
		printf %s "$text" > raw
		sk-unframe raw | cmp - raw
		cmp raw <(sk-unframe < raw)
		cmp raw <(sk-unframe < <(cat raw))
	done
	head -c 1000000 /dev/urandom > raw
	cmp raw <(sk-unframe < raw)
}

@test "sk-unframe: a stream without an end was cut off: status 4" {
	local n

	head -n 4 in > short
	says 4 $'a\nb' \
	    'sk-unframe: short: the framed stream was cut off: it has no end' \
	    sk-unframe short
	for n in 5 20 27 29 60; do
		head -c "$n" in > short
		run -4 --separate-stderr sk-unframe short
		[[ $stderr == *'was cut off'* ]]
	done
}

@test "sk-unframe: a damaged stream is status 4, with the reason" {
	sed 's/t=2/t=3/' in > bad
	says 4 a \
	    'sk-unframe: bad: damaged control line: its checksum is wrong' \
	    sk-unframe bad
	printf '%s\n' "$head" a $'\020' "$end" > bad
	run -4 sk-unframe bad
	printf '%s\n' "$head" a $'\020B e=1 c=ff866cac' "$end" > bad
	says 4 a "sk-unframe: bad: control line of the type B: this version \
does not know it" sk-unframe bad
	printf '%s\n' $'\020H v=1 job=j c=07778ffd' a > bad
	says 4 '' \
	    'sk-unframe: bad: framed stream of a job: this version has none' \
	    sk-unframe bad
	cat in in > bad
	says 4 $'a\nb' "sk-unframe: bad: damaged framed stream: there are \
lines behind its end" sk-unframe bad
}

@test "sk-unframe: an unknown control line of a small letter is dropped" {
	printf '%s\n' "$head" a $'\020k c=2b4d78d3' $'\020x a=1 c=3f118832' \
	    b "$end" > in
	says 0 $'a\nb' '' sk-unframe in
	sed -i 's/a=1/a=2/' in
	run -4 sk-unframe in
}

@test "sk-unframe: -o is replaced when the stream has come to its end" {
	echo before > result
	head -n 4 in > short
	run -4 sk-unframe -o result short
	same "$(cat result)" before
	[ ! -e result.tmp ]
	sk-unframe -o result in
	same "$(cat result)" $'a\nb'
}

@test "sk-unframe: lines of any length pass, in little memory" {
	[[ $SK_BUILD != *asan* ]] || skip 'asan reserves address space'
	{
		echo "$head"
		head -c 100M /dev/zero
		printf '\n%s\n' "$end"
	} > in
	(ulimit -v 40000; sk-unframe in | wc -c) > out
	same "$(cat out)" 104857601
}

@test "sk-unframe: a line is shown when it comes, and signals end it" {
	mkfifo pipe
	sk-unframe < pipe > out 2> err &
	pid=$!
	exec 4> pipe
	printf '%s\n' "$head" a >&4
	wait_for out '^a$'
	printf '\020' >&4
	printf '\020b\n' >&4
	wait_for out b
	kill -s TERM "$pid"
	wait_end "$pid"
	exec 4>&-
	[ "$status" -eq 143 ]
	[ ! -s err ]
	printf 'a\n\020b\n' | cmp - out
}
