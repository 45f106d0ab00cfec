#!/usr/bin/env bats
# sk-dedup: what passes, what is remembered, what is refused.  The oracle is a
# few lines of awk that know all of the past.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

usage='usage: sk-dedup [option ...] [INPUT ...]'
seeds=12
[ "${SK_LONG-}" != 1 ] || seeds=400

# refuses MESSAGE OPTION...
refuses() {
	local message=$1

	shift
	run -2 --separate-stderr timeout 20 sk-dedup "$@" <<< event
	same "$output" ''
	same "$stderr" "sk-dedup: $message
$usage"
}

# dedup OPTION...: sk-dedup over the file `input`, into out and err.
dedup() {
	status=0
	timeout 60 sk-dedup "$@" < input > out 2> err || status=$?
}

# events SEED N KEYS STEP DISORDER: lines `time key number`, of different times
# STEP / 2 apart on average, and at most DISORDER out of order.
events() {
	awk -v seed="$1" -v n="$2" -v keys="$3" -v step="$4" -v off="$5" '
	BEGIN {
		srand(seed)
		for (i = 1; i <= n; i++) {
			t += 1 + int(rand() * step)
			u = t + int(rand() * (off + 1))
			print u, t, "k" int(rand() * keys), i
		}
	}' | sort -s -n -k 1,1 | cut -d ' ' -f 2-
}

# The first event of each horizon of $1, in the order of time.
first() {
	sort -s -n -k 1,1 | awk -v within="$1" '
	!($2 in passed) || $1 - passed[$2] >= within {
		passed[$2] = $1
		print
	}'
}

# The last one, by the end of the horizon, the time, the place.
last() {
	sort -s -n -k 1,1 | awk -v within="$1" '
	($2 in start) && $1 - start[$2] >= within {
		print start[$2], line[$2]
		delete start[$2]
	}
	{ line[$2] = $0 }
	!($2 in start) { start[$2] = $1 }
	END { for (k in start) print start[k], line[k] }' |
	    sort -s -n -k 1,1 -k 2,2 | cut -d ' ' -f 2-
}

# All events as they come: what is near one that passed and not forgotten goes,
# what is older than the memory is late.  `late` and `passed` are files.
as_they_come() {
	: > want
	: > want.late
	awk -v within="$1" '
	$1 > max { max = $1 }
	{
		near = 0
		for (i = 1; i <= n[$2]; i++) {
			p = passed[$2, i]
			near = near || (p > max - within &&
			    p - $1 < within && $1 - p < within)
		}
	}
	near { next }
	$1 <= max - within { print > "want.late"; next }
	{ passed[$2, ++n[$2]] = $1; print > "want" }'
}

@test "sk-dedup: options that do not go together are status 2" {
	refuses '--within: not with --last' --within 5m --last 3
	refuses '-t: only with --within' -t 1
	refuses '--delay: needs -t FIELD' --delay 1s
	refuses '--late: needs -t FIELD' --within 1m --late x
	refuses '--keep last: --within needs -t FIELD' --keep last --within 1m
	refuses '--keep last: not with --last' --keep last --last 3
	refuses '--keep last: not with --approximate' --keep last --approximate
	refuses '--approximate: not with --last; --capacity says how many' \
	    --approximate --last 3
	refuses '--error: needs --approximate' --error 1%
	refuses '--capacity: needs --approximate' --capacity 5
	refuses '--error: 0: not a share from 0.0000015% to 100%' \
	    --approximate --error 0
	refuses '--load: only one state: they are not merged' \
	    --load a --load b
	refuses '--max-keys: 2000000000: from 1 to 1000000000' \
	    --max-keys 2000000000
}

@test "sk-dedup: the first of equal lines passes, as it came" {
	printf 'b\na\r\nb\na\r\na\n\n\0x\n\377\n\0x\nb' > input
	dedup
	[ "$status" -eq 0 ]
	cmp out <(printf 'b\na\r\na\n\0x\n\377\n')
	[ ! -s err ]
	sk-dedup -z < <(printf 'b\0a\nb\0a\nb\0b\0') |
	    cmp - <(printf 'b\0a\nb\0')
	events 1 30000 4000 9 0 | cut -d ' ' -f 2 > input
	dedup
	awk '!seen[$0]++' input | cmp - out
	{ cat input; printf '%0100d\n' 1 2 1; } | sk-dedup |
	    tail -n 2 | cut -c 99- | cmp - <(printf '01\n02\n')
}

@test "sk-dedup: -k takes a key, and events without one are passed over" {
	run -0 --separate-stderr sk-dedup -k 2 < <(printf '1 a\n2 b\n3\n4 a\n')
	same "$output" $'1 a\n2 b'
	same "$stderr" 'sk-dedup: 1 of 4 events without 2'
	run -0 sk-dedup -k 1,3 < <(printf 'a x b\na y b\na x c\nax  b c\n')
	same "$output" $'a x b\na x c\nax  b c'
	run -0 --separate-stderr sk-dedup -k id < <(printf '%s\n' \
	    '{"id":200, "x":1}' '{"id":"200"}' '{"id":200}' '{"id":null}')
	same "$output" $'{"id":200, "x":1}\n{"id":"200"}'
	same "$stderr" 'sk-dedup: 1 of 4 events without id'
}

@test "sk-dedup: a table keeps its header line, the first input's" {
	printf 'id,x\r\n1,"a\nb"\r\n2,b\r\n1,c\r\n' > one
	printf 'id,x\n2,z\n3,z\n' > two
	printf 'x,id\n9,9\n' > other
	run -4 --separate-stderr sk-dedup -F csv -k id one two other
	same "$output" $'id,x\r\n1,"a\nb"\r\n2,b\r\n3,z'
	same "$stderr" "sk-dedup: other:1: its header line differs from that \
of the first input"
	run -0 sk-dedup -F csv one one
	same "$output" $'id,x\r\n1,"a\nb"\r\n2,b\r\n1,c\r'
}

@test "sk-dedup: --last 1 is uniq, --last N knows the keys that came last" {
	awk 'BEGIN { srand(2); for (i = 0; i < 20000; i++)
	    print int(rand() * rand() * 30) }' > input
	dedup --last 1
	uniq input | cmp - out
	for n in 2 3 7 29; do
		dedup --last "$n"
		awk -v n="$n" '{
			for (i = 1; i <= m && at[i] != $0; i++)
				;
			if (i > m)
				print
			if (i > m && m < n)
				i = ++m
			else if (i > m)
				i = m
			for (; i > 1; i--)
				at[i] = at[i - 1]
			at[1] = $0
		}' input | cmp - out
	done
}

@test "sk-dedup: --within passes the first of each horizon" {
	run -0 sk-dedup -k 2 -t 1 --within 10s < <(printf '%s\n' \
	    '0 a' '3 a' '9 b' '9.999 a' '10 a' '12 a' '19 a' '20 a')
	same "$output" $'0 a\n9 b\n10 a\n20 a'
	for ((seed = 1; seed <= seeds; seed++)); do
		events "$seed" 2000 9 6 0 > input
		dedup -k 2 -t 1 --within 20s
		[ ! -s err ]
		first 20 < input | cmp - out
	done
}

@test "sk-dedup: with --delay any order within it gives the same" {
	for ((seed = 1; seed <= seeds; seed++)); do
		events "$seed" 1500 9 6 15 > input
		run ! sort -c -n -k 1,1 input
		first 20 < input > want
		dedup -k 2 -t 1 --within 20s --delay 15s
		[ ! -s err ]
		cmp want out
		last 20 < input > want
		dedup -k 2 -t 1 --within 20s --delay 15s --keep last
		[ ! -s err ]
		cmp want out
	done
}

@test "sk-dedup: without --delay nothing waits, and the oldest are late" {
	for ((seed = 1; seed <= seeds; seed++)); do
		events "$seed" 1500 9 6 30 > input
		as_they_come 20 < input
		[ -s want.late ]
		rm -f late
		dedup -k 2 -t 1 --within 20s --late late
		cmp want out
		cmp want.late late
		grep -Eqx "sk-dedup: $(wc -l < want.late) of 1500 events late,\
 by up to [0-9]+s \(--delay\)" err
	done
}

@test "sk-dedup: with --delay what is behind it is late, or a duplicate" {
	printf '%s\n' '100 a' '120 b' '90 c' '101 a' '95 b' '89 a' > input
	dedup -k 2 -t 1 --within 20s --delay 10s --late late
	same "$(cat out)" $'100 a\n120 b'
	same "$(cat late)" $'90 c\n95 b'
	same "$(cat err)" \
	    'sk-dedup: 2 of 6 events late, by up to 30s (--delay)'
	dedup -k 2 -t 1 --within 20s --delay 30s
	same "$(cat out)" $'90 c\n95 b\n100 a\n120 b'
	same "$(cat err)" \
	    'sk-dedup: 1 of 6 events late, by up to 31s (--delay)'
}

@test "sk-dedup: --keep last passes the last event of each horizon" {
	run -0 sk-dedup -k 2 -t 1 --within 10s --keep last < <(printf '%s\n' \
	    '0 a 1' '1 b 2' '1 b 3' '9 a 4' '10 a 5' '10.9 b 6' '12 c 7')
	same "$output" $'9 a 4\n10.9 b 6\n10 a 5\n12 c 7'
	for ((seed = 1; seed <= seeds; seed++)); do
		events "$seed" 2000 9 6 0 > input
		dedup -k 2 -t 1 --within 20s --keep last
		last 20 < input | cmp - out
	done
	run -0 sk-dedup -k 1 --keep last < <(printf '%s\n' 'a 1' 'b 1' 'a 2')
	same "$output" $'b 1\na 2'
}

@test "sk-dedup: however the input is cut, the same comes out" {
	events 5 4000 50 6 15 > input
	for options in '' '--delay 9s' '--delay 15s --keep last' \
	    '--keep last' --approximate; do
		# shellcheck disable=SC2086 # words
		dedup -k 2 -t 1 --within 20s $options
		mv out want
		mv err want.err
		for size in 7 1000; do
			# shellcheck disable=SC2086 # words
			dd bs="$size" status=none < input | timeout 60 \
			    sk-dedup -k 2 -t 1 --within 20s $options \
			    > out 2> err
			cmp want out
			cmp want.err err
		done
	done
}

@test "sk-dedup: --state goes on where the last run ended" {
	events 6 3000 50 6 15 > all
	for options in '' '--last 20' '--within 20s -t 1' \
	    '--within 20s -t 1 --delay 15s' '--approximate --capacity 1000' \
	    '--within 20s -t 1 --delay 15s --keep last' \
	    '--within 20s -t 1 --keep last' \
	    '--within 20s -t 1 --approximate --capacity 40 --error 0.01%'; do
		cp all input
		# shellcheck disable=SC2086 # words
		dedup -k 2 $options
		mv out want
		for at in 0 1 777 2999; do
			rm -f state
			# shellcheck disable=SC2086 # words
			{
				head -n "$at" all | sk-dedup -q -k 2 $options \
				    --state state
				tail -n +$((at + 1)) all | head -n 500 |
				    sk-dedup -q -k 2 $options --state state
				tail -n +$((at + 501)) all | sk-dedup -q -k 2 \
				    $options --state state --final
			} > out
			cmp want out
		done
	done
}

@test "sk-dedup: what is kept of all time comes out with each --state" {
	sk-dedup -k 1 --keep last --state s < <(printf 'a 1\nb 1\n') > out
	sk-dedup -k 1 --keep last --state s < <(printf 'a 2\n') >> out
	same "$(cat out)" $'a 1\nb 1\nb 1\na 2'
}

@test "sk-dedup: a state that is none, damaged or of other options is refused" {
	seq 100 | sk-dedup --save state
	for n in 1 7 20 60 100; do
		head -c "$n" state > short
		run -4 --separate-stderr sk-dedup --load short < /dev/null
		same "$output" ''
		[[ $stderr == 'sk-dedup: short: '* ]]
	done
	{ head -c 100 state; printf X; tail -c +102 state; } > damaged
	run -4 --separate-stderr sk-dedup --load damaged < /dev/null
	same "$stderr" 'sk-dedup: damaged: damaged: the checksum differs'
	run -4 --separate-stderr sk-dedup --load "$SK_DATA/visits.csv" \
	    < /dev/null
	same "$stderr" "sk-dedup: $SK_DATA/visits.csv: not a saved state of \
sk-dedup"
	run -4 --separate-stderr sk-dedup -k 1 --load state < /dev/null
	same "$stderr" 'sk-dedup: state: saved with other options: none'
	seq 100 | sk-dedup -k 1 --last 5 --save other > out
	run -4 --separate-stderr sk-dedup --load other < /dev/null
	same "$stderr" \
	    'sk-dedup: other: saved with other options: --key=1 --last=5'
	run -3 --separate-stderr sk-dedup --load none < /dev/null
	same "$stderr" 'sk-dedup: none: No such file or directory'
}

@test "sk-dedup: a state is not written when the output is lost" {
	seq 3 | sk-dedup --state state > out
	run -3 --separate-stderr bash -c 'seq 5 | sk-dedup --state state > /dev/full'
	run -0 sk-dedup --state state < <(seq 5)
	same "$output" $'4\n5'
}

@test "sk-dedup: --approximate lets no duplicate pass and loses few" {
	seq 300000 > once
	cat once once > input
	dedup --approximate --capacity 300000
	[ ! -s err ]
	sort -c -n -u out
	lost=$((300000 - $(wc -l < out)))
	echo "lost $lost"
	# 0.098 % at most, of those while it fills up half: 147, deviation 12.
	[ "$lost" -gt 30 ]
	[ "$lost" -lt 294 ]
	dedup --approximate --capacity 300000 --error 0.05%
	lost=$((300000 - $(wc -l < out)))
	[ "$lost" -lt 2 ]
	dedup --approximate --capacity 300000
	mv out again
	dedup --approximate --capacity 300000
	cmp out again
}

@test "sk-dedup: --approximate forgets the oldest when it is full, and says so" {
	seq 100000 > input
	dedup --approximate --capacity 1000
	grep -Eqx 'sk-dedup: [0-9]+ keys forgotten early \(--capacity\)' err
	seq 1000 > new
	cat input new > both
	sk-dedup -q --approximate --capacity 1000 both | tail -n +99000 > out
	[ "$(wc -l < out)" -gt 990 ]
	# A thousand that have just come are all known.
	cat input <(tail -n 1000 input) | sk-dedup -q --approximate \
	    --capacity 1000 | tail -n 1 | grep -qx 100000
}

@test "sk-dedup: --approximate --within forgets in a fifth of it" {
	events 8 20000 300 6 0 > input
	dedup -k 2 -t 1 --within 500s --approximate --error 0.00001%
	awk '$2 in last { off = $1 - last[$2]
		if (off < 500) { print "too early: " $0; exit 1 }
		if (off >= 500 && off < 600) early++ }
	    { last[$2] = $1; n++ }
	    END { exit early == 0 || n < 1000 }' out
	# One of a key every 650 s passes always: it is forgotten by then.
	awk 'BEGIN { for (i = 0; i < 3000; i++) print i * 650, i % 2 }' > input
	dedup -t 1 -k 2 --within 500s --approximate
	cmp input out
	awk 'BEGIN { for (i = 0; i < 3000; i++) print i * 601, "x" }' > input
	dedup -t 1 -k 2 --within 500s --approximate
	cmp input out
}

@test "sk-dedup: a key too many is a bad event" {
	run -4 --separate-stderr sk-dedup --max-keys 2 < <(printf '%s\n' a b c a)
	same "$output" $'a\nb'
	same "${stderr_lines[0]}" 'sk-dedup: stdin:3: too many keys'
	run -0 --separate-stderr sk-dedup --max-keys 2 -k 2 -t 1 --within 5s \
	    --lenient < <(printf '%s\n' '1 a' '2 b' '3 c' '6 c' '7 a')
	same "$output" $'1 a\n2 b\n6 c\n7 a'
	run -0 --separate-stderr sk-dedup --max-keys 3 -k 2 -t 1 --within 5s \
	    --delay 5s --bad bad < <(printf '%s\n' '1 a' '2 b' '3 c' '4 d' '20 e')
	same "$output" $'1 a\n2 b\n3 c\n20 e'
	same "$(cat bad)" $'stdin:4\ttoo many keys\t4 d'
}

@test "sk-dedup: an event without a time is bad" {
	run -0 --separate-stderr sk-dedup -k 2 -t 1 --within 5s --bad bad < <(
	    printf '%s\n' 'x a' '- a' '1 a')
	same "$output" '1 a'
	same "$(cut -f 1,3 bad)" $'stdin:1\tx a\nstdin:2\t- a'
}

@test "sk-dedup: without -t the horizon is of the clock" {
	mkfifo in
	sk-dedup --within 300ms < in > out 2> err &
	pid=$!
	exec 4> in
	printf 'a\nb\na\n' >&4
	wait_for out b
	until [ "$(wc -l < out)" -ge 3 ]; do printf 'a\n' >&4; done
	exec 4>&-
	wait_end "$pid"
	[ "$(grep -cx a out)" -ge 2 ]
	[ "$(grep -cx b out)" -eq 1 ]
	[ "$status" -eq 0 ]
}

@test "sk-dedup: what passes comes at once" {
	mkfifo in
	sk-dedup -k 2 -t 1 --within 1h < in > out &
	pid=$!
	exec 4> in
	printf '1 a\n' >&4
	wait_for out '^1 a$'
	printf '1 b\n' >&4
	wait_for out '^1 b$'
	exec 4>&-
	wait_end "$pid"
	[ "$status" -eq 0 ]
}

# marks: what a framed stream holds, W lines as `W time`.
marks() {
	tr -d '\020' | sed -n -e 's/^W t=\([-0-9]*\) .*/W \1/p' -e '/^[HEW] /d' \
	    -e p
}

@test "sk-dedup: a framed stream has no event behind a watermark" {
	events 9 20000 50 6 15 > input
	for options in '' '--delay 5s' '--delay 15s' '--keep last' \
	    '--keep last --delay 15s'; do
		# shellcheck disable=SC2086 # words
		dd bs=999 status=none < input | timeout 60 sk-dedup --framed \
		    --raw -q -k 2 -t 1 --within 20s $options > framed
		marks < framed > got
		[ "$(grep -c ^W got)" -gt 3 ]
		awk '/^W/ { mark = $2 / 1e9; next }
		    $1 < mark { print "behind " mark ": " $0; exit 1 }' got
		# shellcheck disable=SC2086 # words
		dedup -q -k 2 -t 1 --within 20s $options
		grep -v ^W got | cmp - out
		sk-unframe framed | cmp - out
	done
}

@test "sk-dedup: the watermarks of a framed stream decide" {
	events 10 3000 50 6 0 > one
	events 11 3000 50 6 0 > two
	first 20 < <(sort -s -n -k 1,1 one two) > want
	sk-merge --framed -t 1 one two | sk-dedup --framed -k 2 -t 1 \
	    --within 20s 2> err | sk-unframe | sort -n -k 1,1 -s > out
	[ ! -s err ]
	same "$(wc -l < out)" "$(wc -l < want)"
	cut -d ' ' -f 1,2 want > want.keys
	cut -d ' ' -f 1,2 out | cmp - want.keys
	# Without times they pass by.
	sk-merge --framed -t 1 one two | sk-dedup --framed -k 2 > framed
	[ "$(marks < framed | grep -c ^W)" -ge 1 ]
	sk-unframe framed | cut -d ' ' -f 2 | sort | uniq -d > twice
	[ ! -s twice ]
	# And are kept back by what comes at the end.
	sk-merge --framed -t 1 one two | sk-dedup --framed -k 2 --keep last |
	    marks > got
	run ! grep ^W got
	[ "$(wc -l < got)" -eq 50 ]
}

@test "sk-dedup: -e is status 1 when nothing passed" {
	run -1 sk-dedup -e < /dev/null
	run -0 sk-dedup -e <<< x
	sk-dedup --save state <<< x
	run -1 sk-dedup -e --load state <<< x
	same "$output" ''
}

@test "sk-dedup: -o replaces the file at the end" {
	printf old > out
	printf '1\n1\n2\n' | sk-dedup -o out
	same "$(cat out)" $'1\n2'
}

@test "sk-dedup: SIGTERM is the end of input: the state is saved" {
	mkfifo in
	sk-dedup --state state < in > out &
	pid=$!
	exec 4> in
	printf 'a\n' >&4
	wait_for out '^a$'
	kill -TERM "$pid"
	wait_end "$pid"
	exec 4>&-
	[ "$status" -eq 143 ]
	run -0 sk-dedup --state state < <(printf 'a\nb\n')
	same "$output" b
}

@test "sk-dedup: the use case of a running stock" {
	cases=$SK_ROOT/../shared/usecases
	[ -e "$cases/uc.py" ] && command -v python3 > /dev/null ||
	    skip 'no use cases'
	python3 "$cases/uc.py" stock gen 1 > input
	python3 "$cases/uc.py" stock ref 1 > table
	python3 "$cases/uc.py" stock answers table < input > want
	dedup -k id
	[ $(($(wc -l < input) - $(wc -l < out))) -eq \
	    "$(awk '/^# duplicates/ { print $3 }' want)" ]
	sk-cols ts,id,op,sku,qty out | awk -F '\t' '
	NR == FNR { split($0, part, "\t"); stock[$1] = $2; point[$1] = $3
		next }
	{
		before = stock[$4]
		after = $3 == "count" ? $5 : $3 == "ship" ? before - $5 :
		    before + $5
		stock[$4] = after
		if (before >= point[$4] && after < point[$4])
			print "reorder\t" $1 "\t" $2 "\t" $4 "\t" before "\t" \
			    after "\t" point[$4]
	}
	END { for (sku in stock) print "final\t" sku "\t" stock[sku] \
	    | "sort" }' table - > got
	grep -v '^#' want | cmp - got
	# What comes twice comes soon.
	sk-dedup -k id --last 100 input | cmp - out
	sk-dedup -k id --approximate --error 0.0001% input | cmp - out
}
