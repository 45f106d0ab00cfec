#!/usr/bin/env bats
# sk-window: options, formats, times, late events, states and pipes.  What the
# windows hold is tests/windows.bats.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	printf '%s\n' '0 a' '5 b' '6 c' '70 c' > keys
}

teardown() {
	# shellcheck disable=SC2046 # a list of numbers
	kill -KILL $(jobs -p) 2> /dev/null || :
}

# It ends with STATUS, and writes these texts to stdout and stderr.
says() { # STATUS STDOUT STDERR COMMAND...
	local want=$1 out=$2 err=$3

	shift 3
	run --keep-empty-lines --separate-stderr timeout -k 1 20 "$@"
	[ "$status" -eq "$want" ] || {
		echo "status $status, not $want: $stderr"
		return 1
	}
	same "${output%$'\n'}" "$out"
	same "${stderr%$'\n'}" "$err"
}

# The ten lines of awk that fold updates: of rows START END KEY ...
fold() {
	awk -v keys=3 -f "$SK_ROOT/tests/window/fold.awk" | sort
}

# Ten thousand seconds, of which 12 events come a minute late.
minute_late() {
	awk 'BEGIN {
		for (i = 0; i < 10000; i++)
			print i % 800 == 799 ? i - 60 : i, "k" i % 3
	}'
}

# ---- usage ----

@test "sk-window: a wrong use is status 2" {
	local usage='usage: sk-window [option ...] [INPUT ...]' line
	while IFS='|' read -r options line; do
		read -ra options <<< "$options"
		says 2 '' "sk-window: $line
$usage" sk-window "${options[@]}" keys
	done << 'EOF'
-k 2|no window: --tumble, --hop, --session, --slide, --cumulate, --count or --global
--tumble 1m|no -t FIELD: windows of time need one
-t 1 --tumble 1m --global|more than one kind of window
-t 1 --tumble 5|--tumble: 5: not a duration or a unit of the calendar, as 10s, 1h, 1d, 1w@mon, 1mo
-t 1 --tumble 1w@xyz|--tumble: 1w@xyz: not a duration or a unit of the calendar, as 10s, 1h, 1d, 1w@mon, 1mo
-t 1 --hop 1d/7h --tz Europe/Madrid|--hop: 1d/7h: the two are of different units
-t 1 --cumulate 1h|--cumulate: 1h: not STEP/SIZE, as 1m/1d
-t 1 --cumulate 7s/1m|--cumulate: 7s/1m: the second is not a multiple of the first
-t 1 --session 0s|--session: 0s: not a duration, as 30m
-t 1 --slide 1x|--slide: 1x: not a duration, as 30m
-t 1 --count 5/0|--count: 5/0: not a number of events, as 100 or 100/10, up to 10000000
-t 1 --tumble 1m --offset 5|--offset: 5: not a duration, as 6h or -30m
-t 1 --slide 1m --offset 5s|--offset: only with --tumble, --hop and --cumulate
-t 1 --tumble 1m --max-length 5s|--max-length: only with --session
-t 1 --session 1m --fill zero|--fill: only with --tumble and --hop
-t 1 --tumble 1m --ttl 5s|--ttl: only with --fill
-t 1 --count 5 --early 3|--early, --lateness: not with --slide, --count or --global
-t 1 --tumble 1m --early 5 --emit final|--early: not with --emit=final
-t 1 --tumble 1m --every 5|--every: only with --global; --early gives results of windows that are open
--global --delay 5s|--delay, --late: without -t nothing is late
-t 1 --tumble 1m -a sum:1,sum:1|-a: sum_1: two columns have that name (NAME=KIND:FIELD)
-t 1 --tumble 1m -a foo|-a: foo: no such aggregate
-t 1 --tumble 1m --load a --load b|--load: only one state: they are not merged
EOF
}

# ---- each kind ----

@test "sk-window: tumble holds start <= t < end, in the order of end and key" {
	says 0 $'0\t10\ta\t1\n0\t10\tb\t2\n10\t20\ta\t1' '' \
	    sk-window -t 1:s --tumble 10s -k 2 <<< $'0 b\n5 a\n9 b\n10 a'
}

@test "sk-window: an offset shifts starts, back too" {
	says 0 $'3\t13\t1\n13\t23\t1' '' \
	    sk-window -t 1:s --tumble 10s --offset 3s <<< $'12\n13'
	says 0 $'7\t17\t2' '' \
	    sk-window -t 1:s --tumble 10s --offset=-3s <<< $'12\n13'
}

@test "sk-window: hop gives an event to each window that holds it" {
	says 0 $'-5\t5\t1\n0\t10\t2\n5\t15\t1' '' \
	    sk-window -t 1:s --hop 10s/5s <<< $'3\n7'
	says 0 $'0\t2\t1\n5\t7\t1' '' \
	    sk-window -t 1:s --hop 2s/5s <<< $'1\n3\n6'
}

@test "sk-window: cumulate counts up to the end of each step" {
	says 0 $'0\t5\t1\n0\t10\t2\n0\t15\t2\n0\t20\t2' '' \
	    sk-window -t 1:s --cumulate 5s/20s <<< $'3\n7'
}

@test "sk-window: a session ends a gap behind its last event" {
	says 0 $'0\t15\t3\n16\t21\t1' '' \
	    sk-window -t 1:s --session 5s <<< $'0\n5\n10\n16'
}

@test "sk-window: an event of the past joins two sessions" {
	says 0 $'0\t15\t3' '' \
	    sk-window -t 1:s --session 5s --delay 10s <<< $'0\n10\n5'
}

@test "sk-window: a session is cut at --max-length, whatever came first" {
	says 0 $'0\t15\t2\n20\t30\t1' '' sk-window -t 1:s --session 10s \
	    --max-length 15s --delay 30s <<< $'10\n20\n0'
	says 0 $'0\t15\t2\n20\t30\t1' '' sk-window -t 1:s --session 10s \
	    --max-length 15s <<< $'0\n10\n20'
}

@test "sk-window: slide has both ends in, and peers see each other" {
	says 0 $'0\t10\ta\t1\n0\t10\tb\t1\n1\t11\tb\t2' '' \
	    sk-window -t 1:s -k 2 --slide 10s <<< $'10 b\n10 a\n11 b'
	says 0 $'-10\t0\t1\n0\t10\t3\n0\t10\t3\n1\t11\t3' '' \
	    sk-window -t 1:s --slide 10s <<< $'0\n10\n10\n11'
}

@test "sk-window: count is by events, of each key" {
	says 0 $'0\t2\ta\t2\n0\t2\tb\t2\n2\t3\ta\t1' '' \
	    sk-window --count 2 -k 1 <<< $'a\na\nb\na\nb'
	says 0 $'3\t3\ta\t1\n3\t3\tb\t1\n4\t4\ta\t1' '' sk-window --count 1 \
	    -t 1:s -k 2 --delay 1s <<< $'4 a\n3 b\n3 a'
	says 0 $'0\t2\t2\n1\t4\t3\n3\t5\t2' '' \
	    sk-window --count 3/2 <<< $'a\nb\nc\nd\ne'
}

@test "sk-window: global is one row a key, with --every also on the way" {
	says 0 $'a\t2\nb\t1' '' sk-window --global -k 1 <<< $'b\na\na'
	says 0 $'2\ta\t1\n2\tb\t1\n3\ta\t2\n3\tb\t1' '' \
	    sk-window --global -k 1 --every 2 <<< $'b\na\na'
}

# ---- time ----

@test "sk-window: days of Madrid have 23, 24 or 25 hours" {
	awk 'BEGIN {
		for (t = 1743202800; t < 1743462000; t += 3600) print t
		for (t = 1761346800; t < 1761609600; t += 3600) print t
	}' > hours
	says 0 $'1743202800\t1743289200\t24
1743289200\t1743372000\t23
1743372000\t1743458400\t24
1743458400\t1743544800\t1
1761343200\t1761429600\t23
1761429600\t1761519600\t25
1761519600\t1761606000\t24
1761606000\t1761692400\t1' '' \
	    sk-window -t 1:s --tumble 1d --tz Europe/Madrid hours
}

@test "sk-window: a start that the clocks go through twice is the first" {
	# 02:30 on 2025-10-26 is 00:30Z and 01:30Z; on 03-30 it is 03:30, 01:30Z.
	says 0 $'1761438600\t1761528600\t4' '' sk-window -t 1:s --tumble 1d \
	    --tz Europe/Madrid --offset 2h30m \
	    <<< $'1761438600\n1761440700\n1761442200\n1761442199'
	says 0 $'1743211800\t1743298200\t2\n1743298200\t1743381000\t1' '' \
	    sk-window -t 1:s --tumble 1d --tz Europe/Madrid --offset 2h30m \
	    <<< $'1743296399\n1743298199\n1743298200'
}

@test "sk-window: weeks and months" {
	says 0 $'2025-03-10T00:00:00Z\t2025-03-17T00:00:00Z\t2' '' \
	    sk-window -t 1 --tumble 1w \
	    <<< $'2025-03-10T00:00:00Z\n2025-03-16T23:59:59Z'
	says 0 $'2025-03-09T00:00:00Z\t2025-03-16T00:00:00Z\t1
2025-03-16T00:00:00Z\t2025-03-23T00:00:00Z\t1' '' \
	    sk-window -t 1 --tumble 1w@sun \
	    <<< $'2025-03-10T00:00:00Z\n2025-03-16T23:59:59Z'
	says 0 $'2024-02-01T00:00:00Z\t2024-03-01T00:00:00Z\t1
2024-03-01T00:00:00Z\t2024-04-01T00:00:00Z\t1' '' \
	    sk-window -t 1 --tumble 1mo \
	    <<< $'2024-02-29T23:59:59Z\n2024-03-01T00:00:00Z'
}

@test "sk-window: times go out as they came" {
	says 0 $'60000\t120000\t1' '' sk-window -t 1:ms --tumble 1m <<< 61000
	says 0 $'2025-10-26T00:00:00+02:00\t2025-10-27T00:00:00+01:00\t1' '' \
	    sk-window -t 1 --tumble 1d --tz Europe/Madrid \
	    <<< 2025-10-26T12:00:00Z
	says 0 '{"start":60,"end":120,"count":1}' '' \
	    sk-window -t t --tumble 1m <<< '{"t":61}'
}

@test "sk-window: the ends of time" {
	says 0 $'9223286400000000000\t9223372036854775807\t1' '' sk-window \
	    -t 1:ns --tumble 1d <<< 9223372036854775807
	local kind
	for kind in '--hop 1h/1m' '--cumulate 1m/1h' '--session 1d' \
	    '--slide 1d' '--count 2'; do
		# shellcheck disable=SC2086 # words
		run -0 timeout -k 1 20 sk-window -t 1:ns $kind <<< \
		    $'-9223372036854775808\n9223372036854775807'
		[ "${#lines[@]}" -gt 0 ]
	done
	# Nothing is done for the years between.
	run -0 timeout -k 1 20 sk-window -t 1:s --hop 10s/1s --early 1 \
	    <<< $'0\n4000000000'
}

# ---- formats and keys ----

@test "sk-window: NDJSON in, NDJSON out; 1 and \"1\" are two keys" {
	says 0 '{"start":0,"end":60,"id":"1","count":1,"sum_n":2}
{"start":0,"end":60,"id":1,"count":2,"sum_n":4}' '' \
	    sk-window -t t --tumble 1m -k u.id -a count,sum:n << 'EOF'
{"t":1,"u":{"id":1},"n":1}
{"t":2,"u":{"id":"1"},"n":2}
{"t":3,"u":{"id":1},"n":3}
EOF
}

@test "sk-window: CSV in, CSV out" {
	printf '%s\n' t,k,v '1,"a,b",3' '2,"a,b",' '3,c,4' > in.csv
	says 0 $'start,end,k,total\n0,60,"a,b",3\n0,60,c,4' '' \
	    sk-window -F csv -t t:s --tumble 1m -k k -a total=sum:v in.csv
	says 0 $'start\tend\tk\tcount\n0\t60\ta,b\t2\n0\t60\tc\t1' '' sk-window \
	    -F csv -t t:s --tumble 1m -k k --to tsv --header in.csv
}

@test "sk-window: several keys sort field by field" {
	says 0 $'a\tb\t1\na\tc\t1\nab\ta\t1' '' sk-window --global -k 1,2 \
	    <<< $'ab a\na c\na b'
}

@test "sk-window: a key too many is a bad event, of a window" {
	says 4 $'0\t60\ta\t1\n0\t60\tb\t1\n60\t120\tc\t1' \
	    $'sk-window: keys:3: too many keys\nsk-window: 1 of 4 events bad' \
	    sk-window -t 1:s --tumble 1m -k 2 --max-keys 2 keys
	local kind
	for kind in '--session 30s' '--slide 30s'; do
		# shellcheck disable=SC2086 # words
		says 4 "$(sk-window -t 1:s $kind -k 2 < <(grep -v ^6 keys))" \
		    "sk-window: keys:3: too many keys
sk-window: 1 of 4 events bad" sk-window -t 1:s $kind -k 2 --max-keys 2 keys
	done
}

@test "sk-window: bad events, and those without a value" {
	printf '%s\n' '{"t":1,"k":"a","n":1}' x '{"t":"x","k":"a"}' \
	    '{"t":2,"n":1}' '{"t":3,"k":"a","n":null}' > in
	says 4 '{"start":0,"end":60,"k":"a","count":2,"sum_n":1}' \
	    'sk-window: in:2: not a JSON object
sk-window: 2 of 5 events bad
sk-window: 1 of 5 events without k' \
	    sk-window -t t --tumble 1m -k k -a count,sum:n in
	says 0 '{"start":0,"end":60,"k":"a","count":2,"sum_n":1}' \
	    'sk-window: in:2: not a JSON object
sk-window: 2 of 5 events bad
sk-window: 1 of 5 events without k' \
	    sk-window -t t --tumble 1m -k k -a count,sum:n --bad bad in
	same "$(cat bad)" $'in:2\tnot a JSON object\tx
in:3\tnot a time (rfc3339, epoch, clf or syslog)\t{"t":"x","k":"a"}'
}

@test "sk-window: nothing in, nothing out" {
	says 0 '' '' sk-window -t 1 --tumble 1m < /dev/null
	says 1 '' '' sk-window -t 1 --tumble 1m -e < /dev/null
}

# ---- late events and updates ----

@test "sk-window: late events are counted and told, or kept in a file" {
	minute_late > in
	run -0 --separate-stderr timeout 20 sk-window -t 1:s --tumble 1m \
	    --delay 1s --late late in
	same "$stderr" \
	    'sk-window: 12 of 10000 events late, by up to 59s (--delay)'
	[ "$(awk '{ n += $3 } END { print n }' <<< "$output")" -eq 9988 ]
	same "$(sed -n '1p;$p' late)" $'739 k1\n9539 k2'
	says 0 "$(sort -n in | timeout 20 sk-window -t 1:s --tumble 1m)" '' \
	    sk-window -t 1:s --tumble 1m --delay 60s in
}

@test "sk-window: what was late by is the delay that suffices" {
	minute_late | timeout 20 sk-window -t 1:s --tumble 7s > out 2> err
	by=$(sed -n 's/.*by up to \([^ ]*\) .*/\1/p' err)
	says 0 "$(minute_late | sort -n | timeout 20 sk-window -t 1:s \
	    --tumble 7s)" '' sk-window -t 1:s --tumble 7s --delay "$by" \
	    < <(minute_late)
}

@test "sk-window: updates, folded, are what final rows are" {
	minute_late > in
	local kind final emit early
	for kind in '--tumble 1m' '--hop 2m/1m' '--session 2s' \
	    '--cumulate 20s/1m'; do
		# shellcheck disable=SC2086 # words
		final=$(timeout 20 sk-window -t 1:s $kind -k 2 \
		    -a count,sum:1 --delay 60s in | sort)
		for emit in upsert changelog; do
			for early in '' '--early 100' '--early 50s'; do
				# shellcheck disable=SC2086 # words
				same "$(timeout 20 sk-window -t 1:s $kind \
				    -k 2 -a count,sum:1 --lateness 60s \
				    --emit $emit $early in | fold)" "$final"
			done
		done
		# shellcheck disable=SC2086 # words
		same "$(timeout 20 sk-window -t 1:s $kind -k 2 \
		    -a count,sum:1 --lateness 60s --emit final in | sort)" \
		    "$final"
	done
}

@test "sk-window: what _op and _pane say" {
	says 0 $'0\t10\t1\t+I\t0\n0\t10\t2\t+U\t1\n10\t20\t2\t+I\t0' '' \
	    sk-window -t 1:s --tumble 10s --lateness 20s \
	    <<< $'1\n12\n2\n13'
	says 0 $'0\t10\t1\t+I\t0\n0\t10\t1\t-U\t0\n0\t10\t2\t+U\t1' '' \
	    sk-window -t 1:s --tumble 10s --early 1 --emit changelog \
	    <<< $'1\n2'
	says 0 $'1\t6\t1\t+I\t0\n1\t6\t1\t-D\t0\n1\t14\t3\t+I\t0' '' sk-window \
	    -t 1:s --session 5s --lateness 20s <<< $'1\n9\n5'
}

@test "sk-window: --fill has rows for keys without events, until --ttl" {
	printf '%s\n' '1 a 7' '25 b 1' '41 a 2' > in
	says 0 $'0\t10\ta\t1\t7\n10\t20\ta\t0\t0\n20\t30\ta\t0\t0
20\t30\tb\t1\t1\n30\t40\ta\t0\t0\n30\t40\tb\t0\t0
40\t50\ta\t1\t2\n40\t50\tb\t0\t0' '' sk-window -t 1:s --tumble 10s -k 2 \
	    -a count,sum:3 --fill zero in
	says 0 $'0\t10\ta\t1\t7\n10\t20\ta\t\t\n20\t30\tb\t1\t1
30\t40\tb\t\t\n40\t50\ta\t1\t2' '' sk-window -t 1:s --tumble 10s -k 2 \
	    -a count,sum:3 --fill null --ttl 10s in
	says 0 $'0\t10\ta\t1\t7\n10\t20\ta\t1\t7\n20\t30\tb\t1\t1
30\t40\tb\t1\t1\n40\t50\ta\t1\t2' '' sk-window -t 1:s --tumble 10s -k 2 \
	    -a count,sum:3 --fill last --ttl 10s in
}

# ---- states ----

@test "sk-window: --save keeps what is open, --final does not" {
	says 0 $'0\t60\t3' '' sk-window -t 1:s --tumble 1m --save one keys
	says 0 '' '' sk-window -t 1:s --tumble 1m --load one --save two \
	    <<< 100
	says 0 $'60\t120\t2' '' sk-window -t 1:s --tumble 1m --load two \
	    --save three --final < /dev/null
	says 0 '' '' sk-window -t 1:s --tumble 1m --load three < /dev/null
	says 0 $'0\t60\t3' '' sk-window -t 1:s --tumble 1m --state new keys
	says 0 $'60\t120\t2' '' sk-window -t 1:s --tumble 1m --state new \
	    --final <<< 100
	# What the state has seen go by is late.
	says 0 '' 'sk-window: 1 of 1 events late, by up to 1m10s (--delay)' \
	    sk-window -t 1:s --tumble 1m --state one <<< 0
}

@test "sk-window: a state that is not ours is status 4" {
	timeout 20 sk-window -t 1:s --tumble 1m --save one keys > out
	says 4 '' 'sk-window: one: saved with other options: --tumble=1m --time=1:s --emit=final --fill=none' \
	    sk-window -t 1:s --tumble 2m --load one keys
	says 4 '' 'sk-window: keys: not a saved state of sk-window' \
	    sk-window -t 1:s --tumble 1m --load keys keys
	says 3 '' 'sk-window: none: No such file or directory' \
	    sk-window -t 1:s --tumble 1m --load none keys
	cp one newer
	printf '\7' | dd of=newer bs=1 seek=6 conv=notrunc 2> said
	says 4 '' 'sk-window: newer: saved by a newer version' \
	    sk-window -t 1:s --tumble 1m --load newer keys
	local n size
	size=$(stat -c %s one)
	for ((n = 0; n < size; n += 7)); do
		head -c "$n" one > part
		run -4 timeout 20 sk-window -t 1:s --tumble 1m --load part keys
		cp one bent
		printf '\377' | dd of=bent bs=1 seek="$n" conv=notrunc 2> said
		run -4 timeout 20 sk-window -t 1:s --tumble 1m --load bent keys
	done
}

@test "sk-window: SIGTERM saves the state, and the next run goes on" {
	mkfifo fifo
	# In the foreground: else it would send the signal twice.
	timeout --foreground 20 sk-window -t 1:s --tumble 10s --state state \
	    fifo > first &
	pid=$!
	exec 9> fifo
	printf '%s\n' 1 2 13 >&9
	wait_for first '^0'
	kill -TERM "$pid"
	wait_end "$pid"
	exec 9>&-
	same "$(cat first)" $'0\t10\t2'
	says 0 $'10\t20\t2' '' sk-window -t 1:s --tumble 10s --state state \
	    --final <<< 14
}

# ---- pipes ----

@test "sk-window: framed windows of windows are those through files" {
	minute_late > in
	timeout 20 sk-window -t 1:s --tumble 10s --delay 30s -k 2 in \
	    > file 2> /dev/null
	sk-window -t 1:s -k 3 --tumble 1m -a n=sum:4 file > want
	timeout 20 sk-window -t 1:s --tumble 10s --delay 30s -k 2 --framed in \
	    2> /dev/null |
	    timeout 20 sk-window -t 1:s -k 3 --tumble 1m -a n=sum:4 --framed |
	    sk-unframe > got 2> err
	[ -s want ]
	cmp want got
	[ ! -s err ]
}

@test "sk-window: no result is late downstream" {
	awk -v seed=7 -v n=2000 -v step=4 -v back=30 \
	    -f "$SK_ROOT/tests/window/events.awk" > in
	local kind
	for kind in '--tumble 10s' '--hop 20s/5s' '--cumulate 5s/20s' \
	    '--session 5s' '--slide 7s' '--count 7/3' \
	    '--session 5s --max-length 9s' '--session 5s --lateness 20s'; do
		# shellcheck disable=SC2086 # words
		timeout 20 sk-window -t 1:s --delay 10s $kind -k 2 --framed \
		    in 2> /dev/null |
		    timeout 20 sk-window -t 1:s --tumble 1s --framed 2> err |
		    sk-unframe > out
		[ -s out ]
		[ ! -s err ] || {
			echo "$kind: $(cat err)"
			return 1
		}
	done
}

@test "sk-window: a full disk is status 3, a closed pipe no trouble" {
	says 3 '' 'sk-window: stdout: No space left on device' \
	    bash -c 'sk-window -t 1:s --tumble 1m keys > /dev/full'
	says 3 '' 'sk-window: late: No space left on device
sk-window: 1 of 2 events late, by up to 8s (--delay)' bash -c \
	    'ln -s /dev/full late
	    sk-window -t 1:s --slide 1s --late late <<< $'"'9\\n1'"' > out'
	awk 'BEGIN { for (i = 0; i < 200000; i++) print i }' > many
	run -0 timeout 20 bash -c \
	    'sk-window -t 1:s --tumble 1s many | head -n 1'
	same "$output" $'0\t1\t1'
}
