#!/usr/bin/env bats
# sk-merge: order, delay, late and idle inputs.  Generated inputs against the
# definition are tests/unit/stream_merge.c.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	printf '%s\n' '1 a' '3 b' '5 c' > one
	printf '%s\n' '2 d' '3 e' '9 f' > two
}

teardown() {
	# shellcheck disable=SC2046 # a list of numbers
	kill -KILL $(jobs -p) 2> /dev/null || :
}

# N lines `TIME INPUT PLACE` of seed SEED: times that step on by up to STEP,
# and go back by up to DISORDER.
events() { # INPUT N SEED STEP DISORDER
	awk -v input="$1" -v n="$2" -v seed="$3" -v step="$4" -v back="$5" '
	BEGIN {
		srand(seed * 1000 + input)
		now = 1000
		for (i = 0; i < n; i++) {
			now += int(rand() * (step + 1))
			print now - int(rand() * (back + 1)), input, i
		}
	}'
}

# ---- usage ----

@test "sk-merge: a wrong use is status 2" {
	usage='usage: sk-merge -t FIELD[:FORMAT] [option ...] [INPUT ...]'
	says 2 '' "sk-merge: needs -t FIELD
$usage" sk-merge one
	says 2 '' "sk-merge: -: given twice
$usage" sk-merge -t 1 - one -
	says 2 '' "sk-merge: -t: 0: columns count from 1
$usage" sk-merge -t 0 one
	says 2 '' "sk-merge: -t: when: not a time format (rfc3339, epoch, s, ms, us, ns, clf, syslog, %...)
$usage" sk-merge -t 1:when one
	says 2 '' "sk-merge: -t: time: not a number, and there is no header line
$usage" sk-merge -F csv --no-header -t time one
	says 2 '' "sk-merge: --max-buffer: 1K: out of range
$usage" sk-merge -t 1 --max-buffer 1K one
	says 2 '' "sk-merge: --delay: 5: not a duration (200ms, 5s, 1h)
$usage" sk-merge -t 1 --delay 5 one
}

# ---- order ----

@test "sk-merge: inputs become one in the order of time" {
	says 0 '1 a
2 d
3 b
3 e
5 c
9 f' '' sk-merge -t 1:s one two
}

@test "sk-merge: equal times are in the order of the operands" {
	printf '%s\n' '3 x' '3 y' > three
	says 0 '1 a
2 d
3 e
3 x
3 y
3 b
5 c
9 f' '' sk-merge -t 1:s two three one
	says 0 '3 x
3 y
3 x
3 y' '' sk-merge -t 1:s three three
}

@test "sk-merge: one input alone is put in order" {
	says 0 '1
2
3
4' '' sk-merge -t 1:s --delay 2s <<< $'2\n1\n4\n3'
}

@test "sk-merge: it is a stable sort, of one input to twenty" {
	local seed k i step back
	for seed in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
		k=$((seed * 13 % 20 + 1))
		step=$((seed % 4))
		back=$((seed * 7 % 40))
		rm -f in.*
		for ((i = 0; i < k; i++)); do
			events $i $((seed * 100)) $seed $step $back \
			    > "in.$(printf %02d $i)"
		done
		timeout 20 sk-merge -t 1:s --delay ${back}s in.* > got 2> err
		[ ! -s err ] || { cat err; return 1; }
		sort -s -n -k 1,1 in.* > want
		cmp want got
	done
}

@test "sk-merge: late events are those that are behind their own input" {
	local seed k i
	for seed in 1 2 3 4 5 6 7 8 9 10; do
		k=$((seed * 7 % 20 + 1))
		rm -f in.* late
		for ((i = 0; i < k; i++)); do
			events $i $((seed * 100)) $seed 2 20 \
			    > "in.$(printf %02d $i)"
		done
		timeout 20 sk-merge -t 1:s --delay 9s --late late in.* \
		    > got 2> err
		awk 'FNR == 1 { latest = -1 }
		$1 < latest - 9 {
			n++
			by = latest - 9 - $1
			most = by > most ? by : most
			print > "want.late"
			next
		}
		{ print > "want.out" }
		$1 > latest { latest = $1 }
		END {
			printf "sk-merge: %d of %d events late, " \
			    "by up to %ds (--delay)\n", n, NR, most
		}' in.* > want.err
		cmp want.err err
		sort -s -n -k 1,1 want.out | cmp - got
		sort want.late > a
		sort late > b
		cmp a b
	done
}

@test "sk-merge: access logs: files, packed files and logs alike" {
	awk '{ print > ("part" int(NR / 7) % 4) }' "$SK_DATA/access.log"
	sort -s -k 4,4 part0 part1 part2 part3 > want
	sk-merge -t 4-5 part0 part1 part2 part3 | cmp - want
	zstd -q part0
	gzip part1
	sk-append log < part2
	sk-merge -t 4-5 part0.zst part1.gz log - < part3 | cmp - want
}

@test "sk-merge: two hundred inputs" {
	local i
	for ((i = 100; i < 300; i++)); do
		events $i 50 1 30 0 > in.$i
	done
	timeout 20 sk-merge -t 1:s in.* > got
	sort -s -n -k 1,1 in.* | cmp - got
}

@test "sk-merge: more inputs than a process usually may have open" {
	local i hard
	hard=$(ulimit -H -n)
	[ "$hard" = unlimited ] || ((hard > 400)) || skip "only $hard"
	mkdir in
	for ((i = 100; i < 400; i++)); do
		echo "$i" > in/$i
	done
	(ulimit -S -n 100 && exec timeout 20 sk-merge -t 1:s in/*) > got
	seq 100 399 | cmp - got
	(ulimit -n 100 && exec timeout 20 sk-merge -t 1:s in/*) > got 2> err ||
	    status=$?
	[ "$status" -eq 3 ]
	grep -q '^sk-merge: in/[0-9]*: Too many open files$' err
	sort -c -n got
}

# ---- formats ----

@test "sk-merge: fields and times of all formats" {
	printf '%s\n' '{"a":{"t":3}}' '{"a":{"t":"1970-01-01T00:00:07Z"}}' > p
	printf '%s\n' '{"a":{"t":1.5}}' '{"a":{"t":"5"}}' > q
	says 0 '{"a":{"t":1.5}}
{"a":{"t":3}}
{"a":{"t":"5"}}
{"a":{"t":"1970-01-01T00:00:07Z"}}' '' sk-merge -t a.t p q
	printf '%s\n' 'x=1 t=3' 't=7' > p
	printf '%s\n' 't=5 x="a b"' > q
	says 0 'x=1 t=3
t=5 x="a b"
t=7' '' sk-merge -F logfmt -t t p q
	printf '%s\n' 'a,3,b' > p
	printf '%s\n' ',2' > q
	says 0 ',2
a,3,b' '' sk-merge -d , -t 2 p q
	says 0 'Mar  1 06:25:11 x
Dec 31 23:59:59 y
Jan  1 00:00:00 z' '' sk-merge --year 2025 -t 1-3 \
	    <(echo 'Mar  1 06:25:11 x') \
	    <(printf '%s\n' 'Dec 31 23:59:59 y' 'Jan  1 00:00:00 z')
}

@test "sk-merge: --tz is the zone of times without offset" {
	says 0 '2026-07-01 12:00:00 +00:00
2026-07-01 12:30:00' '' sk-merge -t 1-3 \
	    <(echo '2026-07-01 12:30:00') <(echo '2026-07-01 12:00:00 +00:00')
	says 0 '2026-07-01 12:30:00
2026-07-01 12:00:00 +00:00' '' sk-merge -t 1-3 --tz Europe/Madrid \
	    <(echo '2026-07-01 12:30:00') <(echo '2026-07-01 12:00:00 +00:00')
}

@test "sk-merge: a year that is taken for the present one is said once" {
	echo 'Mar  1 06:25:11 x' > p
	run -0 --separate-stderr sk-merge -t 1-3 p p p
	[ "${#lines[@]}" -eq 3 ]
	[ "${#stderr_lines[@]}" -eq 1 ]
	[[ $stderr == *'--year'* ]]
}

@test "sk-merge: csv: the header line of the first input goes out once" {
	printf 'time,x\n1,"a\nb"\n3,c\n' > p
	printf '\xef\xbb\xbftime,x\r\n2,d\r\n4,"e, f"\r\n' > q
	: > none
	sk-merge -F csv -t time none p q | cmp - <(printf \
	    'time,x\n1,"a\nb"\n2,d\r\n3,c\n4,"e, f"\r\n')
	sk-merge -F csv -t time q p | cmp - <(printf \
	    'time,x\r\n1,"a\nb"\n2,d\r\n3,c\n4,"e, f"\r\n')
	says 0 'time,x' '' sk-merge -F csv -t time <(head -n 1 p)
	says 1 'time,x' '' sk-merge -e -F csv -t time <(head -n 1 p)
	says 0 '' '' sk-merge -F csv -t time none none
	tail -n 1 p > r
	tail -n 2 q > s
	sk-merge -F csv --no-header -t 1:s r s |
	    cmp - <(printf '2,d\r\n3,c\n4,"e, f"\r\n')
}

@test "sk-merge: csv: an input with another header line is left out" {
	printf 'time,x\n1,a\n' > p
	printf 'time,y\n2,b\n' > q
	printf 't,x\n2,b\n' > r
	says 4 'time,x
1,a
1,a' 'sk-merge: q:1: its header line differs from that of p
sk-merge: r:1: no column time; there are t, x' \
	    sk-merge -F csv -t time p q r p
}

@test "sk-merge: tsv: columns by name, lines as they are" {
	printf 'x\ttime\na\\tb\t1\n\t3\n' > p
	printf 'x\ttime\nc\t2\n' > q
	sk-merge -F tsv -t time p q |
	    cmp - <(printf 'x\ttime\na\\tb\t1\nc\t2\n\t3\n')
}

@test "sk-merge: -z: records end in NUL, and hold newlines" {
	printf '1 a\nb\0003 c\0' > p
	printf '2 d\0004 e\n' > q
	sk-merge -z -t 1:s p q | cmp - <(printf '1 a\nb\0002 d\0003 c\0004 e\n\0')
}

# ---- bad and late events ----

@test "sk-merge: bad events have the line numbers of their inputs" {
	printf '%s\n' '1 a' 'no' '' '3 b' 'nor' > p
	printf '%s\n' 'neither' '2 c' > q
	says 4 '1 a
2 c
3 b' 'sk-merge: q:1: not seconds since 1970
sk-merge: 3 of 6 events bad' sk-merge -t 1:s p q
	says 0 '1 a
2 c
3 b' 'sk-merge: q:1: not seconds since 1970
sk-merge: 3 of 6 events bad' sk-merge -t 1:s --bad bad p q
	same "$(cat bad)" $'q:1\tnot seconds since 1970\tneither
p:2\tnot seconds since 1970\tno
p:5\tnot seconds since 1970\tnor'
	says 4 '' 'sk-merge: q:1: not seconds since 1970' \
	    sk-merge -t 1:s --strict p q
	says 4 '' 'sk-merge: stdin:1: not a JSON object; -F csv?
sk-merge: 1 of 1 events bad' sk-merge -t time <<< 'a,b'
	says 0 '' 'sk-merge: stdin:1: no time
sk-merge: 2 of 2 events bad' sk-merge -t time --lenient \
	    <<< $'{"time":null}\n{}'
}

@test "sk-merge: a long line is bad in its own input only" {
	printf '%s\n' '1 a' "2 $(printf %0100d 0)" '3 b' > p
	says 4 '1 a
1 a
3 b
3 b' 'sk-merge: p:2: line longer than 50 bytes
sk-merge: 2 of 6 events bad' sk-merge -t 1:s --max-line 50 p p
}

@test "sk-merge: late events are dropped and counted, the status stays" {
	printf '%s\n' '5 x' '4 y' '3 z' > p
	says 0 '1 a
3 b
5 c
5 x' 'sk-merge: 2 of 6 events late, by up to 2s (--delay)' \
	    sk-merge -t 1:s one p
	says 0 '1 a
3 b
4 y
5 c
5 x' 'sk-merge: 1 of 6 events late, by up to 500ms (--delay)' \
	    sk-merge -t 1:s --delay 1500ms one p
	says 0 '1 a
3 b
5 c
5 x' '' sk-merge -q -t 1:s one p
}

@test "sk-merge: what is said of late events suffices as a delay" {
	printf '%s\n' 90061.000000001 0 > p
	says 0 '90061.000000001' \
	    'sk-merge: 1 of 2 events late, by up to 1d2h (--delay)' \
	    sk-merge -t 1:s p
	says 0 '0
90061.000000001' '' sk-merge -t 1:s --delay 26h p
}

@test "sk-merge: --late adds them to its file as they came" {
	printf '%s\n' '5 x' '4  y' '3 z' > p
	echo before > late
	says 0 '1 a
3 b
5 c
5 x' 'sk-merge: 2 of 6 events late, by up to 2s (--delay)' \
	    sk-merge -t 1:s --late late one p
	same "$(cat late)" 'before
4  y
3 z'
	says 3 '' 'sk-merge: no/late: No such file or directory' \
	    sk-merge -t 1:s --late no/late one p
	run -3 --separate-stderr sk-merge -t 1:s --late /dev/full one p
	[[ $stderr == *'sk-merge: /dev/full: No space left on device'* ]]
}

@test "sk-merge: an output that is full is told once" {
	awk 'BEGIN { for (; n < 40000; n++) print 1 - n % 2 }' > p
	status=0
	sk-merge -t 1:s --late /dev/full p > out 2> err || status=$?
	[ "$status" -eq 3 ]
	[ "$(grep -c 'No space' err)" -eq 1 ]
	[ "$(wc -l < err)" -eq 2 ]
}

# ---- the buffer ----

@test "sk-merge: a full buffer is said, the output stays in order" {
	events 0 20000 1 1 5000 > p
	says 0 "$(sort -s -n -k 1,1 p)" '' sk-merge -t 1:s --delay 5000s p
	timeout 20 sk-merge -t 1:s --delay 5000s --max-buffer 64K \
	    --late late p > got 2> err
	sort -c -s -n -k 1,1 got
	[ -s late ]
	sort got late | cmp - <(sort p)
	grep -qx 'sk-merge: warning: 64.0 KiB are held (--max-buffer): the first events go out before --delay is over' err
	grep -qE '^sk-merge: [0-9]+ of 20000 events late, by up to [0-9hms]+ \(--max-buffer\)$' err
	grep -qE '^sk-merge: [0-9]+ of 20000 events went out early \(--max-buffer\)$' err
	[ "$(wc -l < err)" -eq 3 ]
}

@test "sk-merge: an input that is ahead is not kept in memory" {
	[[ $SK_BUILD != *asan* ]] || skip 'asan reserves address space'
	seq 1000000 4000000 > far
	seq 1 300000 > near
	(ulimit -v 60000 && exec timeout 20 sk-merge -t 1:s --delay 10s \
	    far near) > got
	cat near far | cmp - got
}

# ---- live inputs ----

# FIFOs a and b, open for writing as 5 and 6, and sk-merge behind them.
begin() {
	mkfifo a b
	sk-merge -t 1:s "$@" a b > out 2> err &
	pid=$!
	exec 5> a 6> b
}

finish() {
	exec 5>&- 6>&-
	wait_end "$pid"
}

@test "sk-merge: an event goes out as soon as it may" {
	begin
	echo '1 a' >&5
	echo '2 b' >&6
	wait_for out '^1 a$'
	[ "$(cat out)" = '1 a' ]
	echo '4 c' >&5
	wait_for out '^2 b$'
	[ "$(cat out)" = $'1 a\n2 b' ]
	exec 6>&-
	wait_for out '^4 c$'
	finish
	[ "$status" -eq 0 ]
	[ ! -s err ]
}

@test "sk-merge: with a delay it waits so much longer" {
	begin --delay 3s
	echo '5 a' >&5
	printf '%s\n' '3 b' '8 c' >&6
	echo '7 d' >&5
	wait_for out '^3 b$'
	[ "$(cat out)" = '3 b' ]
	echo '8 e' >&5
	wait_for out '^5 a$'
	[ "$(cat out)" = $'3 b\n5 a' ]
	finish
	same "$(cat out)" $'3 b\n5 a\n7 d\n8 e\n8 c'
}

@test "sk-merge: writers may come in any order" {
	mkfifo a b c
	sk-merge -t 1:s a b c > out &
	pid=$!
	timeout 10 bash -c 'echo 3 > c; echo 2 > b; echo 1 > a'
	wait_end "$pid"
	[ "$status" -eq 0 ]
	[ "$(cat out)" = $'1\n2\n3' ]
}

@test "sk-merge: the same bytes from slow inputs as from files" {
	local i
	for i in 1 2 3; do
		events $i 300 $i 3 9 > in.$i
		mkfifo fifo.$i
	done
	sk-merge -t 1:s --delay 5s --late want.late in.* > want 2> want.err
	sk-merge -t 1:s --delay 5s --late late fifo.* > got 2> err &
	pid=$!
	cat in.3 > fifo.3 &
	while read -r line; do
		printf '%s ' "${line% *}"
		echo "${line##* }"
	done < in.2 > fifo.2 &
	{
		dd bs=1 count=500 status=none
		wait %2 %3
		cat
	} < in.1 > fifo.1
	wait_end "$pid"
	cmp want got
	cmp want.late late
	cmp want.err err
}

@test "sk-merge: SIGTERM: what is held goes out in order" {
	begin --delay 100s
	# One write each: b is behind a then, so nothing more of a is read.
	env printf '5 a\n3 b\n' >&5
	env printf '4 c\n2 d\n1 cut\n0 no newline' >&6
	# Each has been read when its FIFO is empty.
	while read -r -t 0 <> a || read -r -t 0 <> b; do :; done
	kill -s USR1 "$pid"
	wait_for err 'events'
	kill -s TERM "$pid"
	finish
	[ "$status" -eq 143 ]
	same "$(cat out)" $'1 cut\n2 d\n3 b\n4 c\n5 a'
}

@test "sk-merge: SIGUSR1 tells which input is waited for" {
	begin
	echo '7 a' >&5
	while read -r -t 0 <> a; do :; done
	kill -s USR1 "$pid"
	wait_for err .
	finish
	grep -Eqx 'sk-merge: 0 events, 0 bad, 0 late, 0 held, waiting for b, [0-9]+ s' err
}

@test "sk-merge: a FIFO without a writer holds the others back" {
	mkfifo never
	sk-merge -t 1:s one never > out 2> err &
	pid=$!
	until [[ $(ls -l "/proc/$pid/fd") == *never* ]]; do :; done
	kill -s USR1 "$pid"
	wait_for err 'waiting for never'
	[ ! -s out ]
	kill -s TERM "$pid"
	wait_end "$pid"
	[ "$status" -eq 143 ]
	cmp one out
}

@test "sk-merge: --idle leaves out an input that is silent" {
	mkfifo never
	sk-merge -t 1:s --idle 50ms one never > out 2> err &
	pid=$!
	wait_for out '^5 c$'
	# It comes back: what is behind is late, the rest is not.
	printf '%s\n' '2 late' '7 x' '6 late' '8 y' > never
	wait_end "$pid"
	[ "$status" -eq 0 ]
	same "$(cat out)" $'1 a\n3 b\n5 c\n7 x\n8 y'
	same "$(cat err)" \
	    'sk-merge: 2 of 7 events late, by up to 3s (--delay)'
}

@test "sk-merge: --idle lets go what is held when all are silent" {
	mkfifo a
	sk-merge -t 1:s --idle 50ms --delay 100s a > out 2> err &
	pid=$!
	exec 5> a
	env printf '5 a\n3 b\n' >&5
	wait_for out '^5 a$'
	same "$(cat out)" $'3 b\n5 a'
	env printf '6 c\n4 late\n' >&5
	wait_for out '^6 c$'
	exec 5>&-
	wait_end "$pid"
	same "$(cat out)" $'3 b\n5 a\n6 c'
	same "$(cat err)" \
	    'sk-merge: 1 of 4 events late, by up to 1s (--delay)'
}

@test "sk-merge: a reader that has gone ends it" {
	run -0 timeout 20 bash -c 'yes 1 | sk-merge -t 1:s | head -n 2'
	same "$output" $'1\n1'
}

# ---- real data ----

@test "sk-merge: DNS events out of order by up to eleven minutes" {
	local data=$SK_ROOT/../shared/data/json/zeek_dns.ndjson.zst
	[ -e "$data" ] || skip 'no shared data'
	zstd -dcq "$data" | awk '{ print > ("in." NR % 7) }'
	timeout 60 sk-merge -t ts --delay 671s --max-buffer 64M in.* \
	    > got 2> err
	[ ! -s err ] || { cat err; return 1; }
	# A time with all its digits in front sorts as text.
	awk '{
		match($0, /,"ts":"[^"]*Z"/)
		time = substr($0, RSTART + 7, RLENGTH - 9)
		if (length(time) < 20)
			time = time "."
		while (length(time) < 30)
			time = time "0"
		print time "\t" $0
	}' in.* | sort -s -t $'\t' -k 1,1 | cut -f 2- | cmp - got
	timeout 60 sk-merge -t ts --delay 670s --max-buffer 64M in.* 2>&1 \
	    > got | cmp - <(echo 'sk-merge: 1 of 53615 events late, by up to 448ms157us (--delay)')
}
