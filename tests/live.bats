#!/usr/bin/env bats
# sk-anomaly: live is replay, states, pipes, memory.

load helper
load anomaly/helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
	# shellcheck disable=SC2046 # a list of numbers
	kill -KILL $(jobs -p) 2> /dev/null || :
}

# ---- live and replay ----

# slowly: stdin in small pieces, through a pipe.
slowly() {
	dd bs=37 status=none
}

@test "sk-anomaly: however the input is cut, the same comes out" {
	local options

	series 10 1500 | tee plain | awk '{ print } NR % 9 == 0 {
		print $1, "x"; print $1 - 400, 1; print $1, "-" }' > input
	while read -r options; do
		# shellcheck disable=SC2086 # words
		anomaly -t 1 --end --lenient $options
		[ -s out ]
		mv out want
		mv err want.err
		# shellcheck disable=SC2086 # words
		slowly < input | timeout 60 sk-anomaly -t 1 --end --lenient \
		    $options > out 2> err
		cmp want out
		cmp want.err err
	done < <(models)
}

@test "sk-anomaly: through a live pipe alarms come at once, and the same" {
	local options

	series 11 900 > calm
	tail -n 1 calm | awk '{ for (i = 1; i < 40; i++)
	    print $1 + i * 300, i % 20 ? 500 : 1e6 * i }' |
	    cat calm - > input
	mkfifo in
	while read -r options; do
		# shellcheck disable=SC2086 # words
		anomaly -t 1 $options
		[ -s out ]
		rm -f live
		# shellcheck disable=SC2086 # words
		sk-anomaly -t 1 $options in > live &
		pid=$!
		exec 4> in
		head -c 20000 input >&4
		tail -c +20001 input | dd bs=7 status=none >&4
		# All is there before the end.
		wait_for live "^$(tail -n 1 out | cut -f 1)	"
		exec 4>&-
		wait_end "$pid"
		[ "$status" -eq 0 ]
		cmp out live
	done < <(models)
}

# ---- states ----

@test "sk-anomaly: --state goes on where the last run ended" {
	local options at

	series 12 2400 > all
	while read -r options; do
		cp all input
		for more in '--end --all --explain' -q; do
			case $options$more in
			*absence*all*) more='--end --explain' ;;
			esac
			# shellcheck disable=SC2086 # words
			anomaly -t 1 $options $more
			mv out want
			[ -s want ]
			for at in 0 7 1234; do
				rm -f state
				# shellcheck disable=SC2086 # words
				{
					head -n "$at" all | sk-anomaly -t 1 \
					    $options $more --state state
					tail -n +$((at + 1)) all |
					    head -n 500 | sk-anomaly -t 1 \
					    $options $more --state state
					tail -n +$((at + 501)) all |
					    sk-anomaly -t 1 $options $more \
					    --load state --save other
				} > out
				cmp want out
			done
		done
	done < <(models)
}

@test "sk-anomaly: a state holds all keys, the year, and what was late" {
	awk 'BEGIN { srand(13); for (i = 0; i < 3000; i++)
	    print i - (rand() < 0.1) * 20, "k" int(rand() * 9), rand() }' > all
	cp all input
	anomaly -t 1:s -k 2 --value 3 --model ewma --all
	mv out want
	for n in 1000 1000 1000; do
		head -n "$n" all | sk-anomaly -q -t 1:s -k 2 --value 3 \
		    --model ewma --all --state state
		sed -i "1,${n}d" all
	done > out
	cmp want out
	# Events of one time, and without times.
	awk 'BEGIN { srand(20); for (i = 0; i < 3000; i++)
	    print int(i / 7), n += rand() * 3, i % 301 }' > all
	for options in '--value 3 --high 300' '--value 2 --delta --all' \
	    '--value 3 --model seasonal --all' '--value 3 --all --delta
	    --model ewma --refractory 9'; do
		for time in '' '-t 1:s'; do
			cp all input
			# shellcheck disable=SC2086 # words
			anomaly $time $options
			mv out want
			[ -s want ]
			rm state
			for lines in 1,297 298,1204 '1205,$'; do
				# shellcheck disable=SC2086 # words
				sed -n "${lines}p" all | sk-anomaly $time \
				    $options --state state
			done > out
			cmp want out
		done
	done
	printf 'Dec 31 23:59:59 9\nJan  1 00:00:00 1\n' > input
	sk-anomaly -t 1-3 --year 2020 --value 4 --high 8 --state s \
	    < <(head -n 1 input) > out
	sk-anomaly -t 1-3 --value 4 --high 8 --state s --all --strict \
	    < <(tail -n 1 input) > out
	same "$(cat out)" $'Jan  1 00:00:00 1\t\tthreshold\t\t0.000000'
}

@test "sk-anomaly: a state that is none, damaged or of other options is refused" {
	local n size options

	series 14 300 > input
	anomaly -t 1 --value 2 --model light --save state
	size=$(stat -c %s state)
	for n in 0 1 7 8 40 100 $((size - 1)); do
		head -c "$n" state > short
		cp short was
		run -4 --separate-stderr sk-anomaly -t 1 --value 2 \
		    --model light --state short < input
		same "$output" ''
		[[ $stderr == 'sk-anomaly: short: '* ]]
		cmp was short
	done
	for n in 20 200 $((size / 2)) $((size - 3)); do
		cp state damaged
		printf '\125' | dd of=damaged bs=1 seek="$n" conv=notrunc \
		    status=none
		says 4 '' 'sk-anomaly: damaged: damaged: the checksum differs' \
		    sk-anomaly -t 1 --value 2 --model light --load damaged input
	done
	for options in '-t 1 --value 2 --model shape' '--value 2 --model light' \
	    '-t 1 --value 1 --model light' '-t 1 --value 2 --model light -k 1' \
	    '-t 1:s --value 2 --model light' '-t 1 --per 1h --model light' \
	    '-t 1 --value 2 --model light --delta' \
	    '-t 1 --value 2 --model light --tz Europe/Madrid'; do
		# shellcheck disable=SC2086 # words
		says 4 '' "sk-anomaly: state: saved with other options: \
--model=light --value=2 --time=1" sk-anomaly $options --load state input
	done
	says 4 '' "sk-anomaly: input: not a saved state of sk-anomaly" \
	    sk-anomaly --load input input
	says 3 '' 'sk-anomaly: none: No such file or directory' \
	    sk-anomaly --load none input
	# What judges may change, but not what is remembered.
	anomaly -t 1 --value 2 --model light --load state --threshold 0.9 \
	    --warmup 5 --refractory 9
	[ "$status" -eq 0 ]
}

@test "sk-anomaly: a state is not written when the output is lost" {
	seq 9 > input
	anomaly --high 5 --state state
	cp state was
	run -3 --separate-stderr bash -c \
	    'sk-anomaly --high 5 --all --state state < input > /dev/full'
	cmp was state
	seq 0 3 60 > input
	anomaly -t 1:s --per 6s --model ewma --state other
	cp other was
	seq 60 200 > input
	run -3 --separate-stderr bash -c 'sk-anomaly -t 1:s --per 6s \
	    --model ewma --all --state other < input > /dev/full'
	cmp was other
}

@test "sk-anomaly: SIGTERM is the end of input: the state is saved" {
	mkfifo in
	for options in '--high 8' '--model absence --for 5s'; do
		rm -f out state
		# shellcheck disable=SC2086 # words
		sk-anomaly -t 1:s -k 2 $options ${options/#--high*/--value 3} \
		    --state state in > out &
		pid=$!
		exec 4> in
		printf '%s\n' '1 a 9' '2 b 1' '9 b 9' '10 b 1' >&4
		wait_for out 'a'
		wait_for out '9'
		kill -TERM "$pid"
		wait_end "$pid"
		exec 4>&-
		[ "$status" -eq 143 ]
		# shellcheck disable=SC2086 # words
		sk-anomaly -t 1:s -k 2 $options ${options/#--high*/--value 3} \
		    --state state --end <<< '11 a 1' > out
		[[ $(cat out) == *'over after '* ]]
	done
}

# ---- pipes ----

@test "sk-anomaly: -e is status 1 when there was no alarm" {
	seq 9 > input
	anomaly --high 5 -e
	same "$status" 0
	anomaly --high 50 -e --all
	same "$status" 1
	same "$(wc -l < out)" 9
	anomaly --high 5 --save state
	seq 0 > input
	anomaly --high 5 -e --load state --end
	same "$status" 1
	anomaly --high 5 -e --low 0 <<< x
	same "$status" 1
	echo x > input
	anomaly --high 5 -e
	same "$status" 4
	seq 0 9 > input
	anomaly -t 1:s --model absence --for 9s -e
	same "$status" 1
	anomaly -t 1:s --model absence --for 1s -e -k 1
	same "$status" 0
	anomaly -t 1:s --per 1s --model ewma -e --all
	same "$status" 1
	printf 't,v\n1,2\n' > input
	anomaly -F csv --value v --high 5 -e
	same "$status" 1
}

@test "sk-anomaly: -o replaces the file at the end" {
	printf old > result
	seq 9 > input
	anomaly --high 9 -o result
	same "$(ids < result)" $'9\tID\tthreshold\tat or above 9\t1.000000'
}

@test "sk-anomaly: events pass a framed stream with its watermarks" {
	series 15 3000 > input
	anomaly -t 1 --value 2 --model ewma --all
	sk-merge --framed -t 1 input | timeout 20 sk-anomaly --framed -t 1 \
	    --value 2 --model ewma --all > framed
	sk-unframe framed | cmp out -
	[ "$(tr -d '\020' < framed | grep -ac '^W t=')" -ge 2 ]
	# Lines that begin with DLE.
	printf '\020x 9\n\020\020 1\n' > input
	anomaly --value 2 --high 8 --all
	sk-anomaly --framed --raw --value 2 --high 8 --all < input |
	    sk-unframe | cmp out -
}

@test "sk-anomaly: no interval is late downstream" {
	awk 'BEGIN { srand(16); for (i = 0; i < 4000; i++)
	    print i - int(rand() * 30), "k" int(rand() * 3) }' > input
	sk-anomaly --framed --raw -q -t 1:s -k 2 --per 10s --delay 20s \
	    --model ewma --all < input > framed
	sk-unframe framed > out
	timeout 20 sk-window --framed -t 1:s --tumble 1m -k 3 -a sum:4 \
	    < framed 2> err | sk-unframe > got
	[ ! -s err ]
	sk-window -t 1:s --tumble 1m -k 3 -a sum:4 out | cmp - got
	[ "$(wc -l < got)" -ge 150 ]
	# Of an absence that is its end.
	awk 'BEGIN { srand(16); for (i = 0; i < 4000; i++)
	    print i - int(rand() * 30), "k" int(rand() * 40) }' > input
	sk-anomaly --framed --raw -t 1:s -k 2 --model absence --for 60s \
	    --delay 30s --end < input > framed
	timeout 20 sk-window --framed -t 2:s --tumble 1m < framed 2> err |
	    sk-unframe > got
	[ ! -s err ]
	[ "$(wc -l < got)" -ge 50 ]
}

@test "sk-anomaly: the watermarks of a framed stream close intervals" {
	awk 'BEGIN { srand(17); for (i = 0; i < 3000; i++)
	    print i, "k" int(rand() * 3) }' > one
	awk 'BEGIN { srand(18); for (i = 0; i < 3000; i++)
	    print i, "k" int(rand() * 3) }' > two
	sort -s -n -k 1,1 one two > input
	anomaly -t 1:s -k 2 --per 10s --model ewma --all
	sk-merge --framed -t 1:s one two | timeout 20 sk-anomaly --framed \
	    -t 1:s -k 2 --per 10s --model ewma --all > framed 2> err
	[ ! -s err ]
	sk-unframe framed > got
	last=$(tr -d '\020' < framed | sed -n 's/^W t=\([0-9]*\).*/\1/p' |
	    tail -n 1)
	[ "$last" -ge 2000000000000 ]
	# All that time has passed, and nothing else.
	awk -v last="$last" '$2 <= last / 1e9' out | cmp - got
}

# ---- memory ----

@test "sk-anomaly: ten times the events take no more memory" {
	[[ $SK_BUILD != *asan ]] || skip 'the sanitizer keeps what was freed'
	local options few many

	awk 'BEGIN { srand(19); for (i = 0; i <= 100000; i++)
	    print i * 60, 100 * rand() }' > all
	mkfifo in
	while read -r options; do
		options=$(sed -E 's/(--per|--for 5m) ?[0-9a-z]*/\1 1m/
		    s/--for 5m 1m/--for 1m/' <<< "$options")
		rm -f out
		# shellcheck disable=SC2086 # words
		sk-anomaly -t 1:s $options in > out &
		pid=$!
		exec 4> in
		head -n 20000 all >&4
		wait_for out '^1199[0-9]{3}'
		few=$(awk '/^VmHWM/ { print $2 }' "/proc/$pid/status")
		tail -n +20001 all >&4
		wait_for out '^5999[0-9]{3}'
		many=$(awk '/^VmHWM/ { print $2 }' "/proc/$pid/status")
		exec 4>&-
		wait_end "$pid"
		echo "$options: $few, $many KiB"
		# Buffers fill as they are read; 8 bytes an event were 625.
		[ "$many" -le $((few + 500)) ]
	done < <(models)
}
