#!/usr/bin/env bats
# sk-replay: where it begins and ends, what it follows, its cursor and pace,
# and what it says of every kind of damage.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
	# shellcheck disable=SC2046 # a list of numbers
	kill -KILL $(jobs -p) 2> /dev/null || :
}

# Lines FIRST to LAST of a text whose lines tell their number.
text() {
	seq -f 'line %.0f of the text' "$1" "$2"
}

# A log of the text, each argument a run of sk-append with so many lines.
make_log() {
	local topic=$1 first=0 n

	shift
	for n; do
		text "$first" $((first + n - 1)) | sk-append "$topic"
		first=$((first + n))
	done
}

# Run a command: its status, what it wrote without the last newline, and the
# number of lines.
got() {
	run --keep-empty-lines --separate-stderr "$@"
	output=${output%$'\n'}
	stderr=${stderr%$'\n'}
	nlines=0
	[ -z "$output" ] || nlines=$(wc -l <<< "$output")
}

# It ended with STATUS and wrote these texts.
want() {
	[ "$status" -eq "$1" ] || {
		echo "status $status, not $1: $stderr"
		return 1
	}
	same "$output" "$2"
	same "$stderr" "$3"
}

# The position of the N-th frame (from 1) of the TYPE in FILE.
frame() {
	LC_ALL=C grep -abo "SKLG$2" "$1" | sed -n "${3:-1}s/:.*//p" |
	    awk '{ print $1 - 8 }'
}

# Turn a bit of FILE over at a position.
flip() {
	local byte

	byte=$(od -An -tu1 -j "$2" -N 1 "$1")
	printf '%b' "\\x$(printf %x $((byte ^ 4)))" |
	    dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

first=00000000000000000000.zst

# ---- usage ----

@test "sk-replay: a wrong use is status 2 and reads nothing" {
	usage='usage: sk-replay [option ...] TOPIC ...'
	make_log log 3
	got sk-replay
	want 2 '' "sk-replay: needs a TOPIC
$usage"
	got sk-replay -f log log
	want 2 '' "sk-replay: --follow: takes one TOPIC
$usage"
	got sk-replay --cursor c log log
	want 2 '' "sk-replay: --cursor: takes one TOPIC
$usage"
	[ ! -e c ] && [ ! -e c.lock ]
	got sk-replay --partition 0 log log
	want 2 '' "sk-replay: --partition: takes one TOPIC
$usage"
	got sk-replay --partition 1 log
	want 2 '' "sk-replay: --partition: 1: out of range; there is partition 0
$usage"
	got sk-replay --last x log
	want 2 '' "sk-replay: --last: x: not a count
$usage"
	got sk-replay --from yesterday log
	want 2 '' "sk-replay: --from: yesterday: neither an offset (1000), a time (2026-11-21, 2026-11-21T10:00:00Z, @1795255200) nor an age (2h)
$usage"
	got sk-replay --speed 0 log
	want 2 '' "sk-replay: --speed: 0: not a speed (1, 10, 0.5, max)
$usage"
	got sk-replay -t 0 log
	want 2 '' "sk-replay: -t: 0: columns count from 1
$usage"
	got sk-replay -F csv -t 1-2 log
	want 2 '' "sk-replay: -t: 1-2: a range; -F csv takes single columns
$usage"
	got sk-replay --tz Mars log
	want 2 '' "sk-replay: --tz: Mars: no such time zone (is the package tzdata installed?)
$usage"
	got sk-replay --on-gap x log
	want 2 '' "sk-replay: --on-gap: x: not one of stop|skip
$usage"
}

# ---- plain use ----

@test "sk-replay: what went in comes out" {
	cp "$SK_DATA/access.log" .
	sk-append web < access.log
	sk-replay web | cmp - access.log
	zstd -dcq web/*.zst | cmp - access.log
	got sk-replay --partition 0 -n 1 web
	want 0 "$(head -n 1 access.log)" ''
}

@test "sk-replay: small and large blocks, one segment and many" {
	text 0 99999 > all
	sk-append --batch-bytes 100 small < <(head -n 2000 all)
	sk-replay small | cmp - <(head -n 2000 all)
	sk-append --batch-bytes 8M large < all
	sk-replay large | cmp - all
	sk-append --batch-bytes 4K --segment-bytes 16K many < all
	[ "$(find many -name '*.zst' | wc -l)" -gt 5 ]
	sk-replay many | cmp - all
	zstd -dcq many/*.zst | cmp - all
}

@test "sk-replay: topics are printed one after another" {
	text 0 4 | sk-append a
	text 5 9 | sk-append b
	got sk-replay a b
	want 0 "$(text 0 9)" ''
	got sk-replay --last 1 a b
	want 0 "$(text 4 4; text 9 9)" ''
	got sk-replay --from 3 a b
	want 0 "$(text 3 4; text 8 9)" ''
	got sk-replay -n 6 a b
	want 0 "$(text 0 5)" ''
	got sk-replay a none b
	want 3 "$(text 0 9)" 'sk-replay: none: No such file or directory'
}

@test "sk-replay: a slash behind the topic is not in the messages" {
	make_log log 3
	rm log/topic.conf
	got sk-replay log/
	[ "$status" -eq 4 ]
	[[ $stderr != *log//* ]]
}

# ---- where it begins and ends ----

@test "sk-replay: --from is in, --until is out" {
	text 0 999 | sk-append --batch-bytes 300 --segment-bytes 2K log
	for from in 0 1 17 500 998 999 1000 5000; do
		got sk-replay --from "$from" log
		want 0 "$([ "$from" -gt 999 ] || text "$from" 999)" ''
		got sk-replay --until "$from" log
		want 0 "$([ "$from" -eq 0 ] || text 0 \
		    $((from > 1000 ? 999 : from - 1)))" ''
	done
	got sk-replay --from 10 --until 12 log
	want 0 "$(text 10 11)" ''
	got sk-replay --from 12 --until 12 log
	want 0 '' ''
	got sk-replay --from 12 --until 10 log
	want 0 '' ''
}

@test "sk-replay: --from and --until take append times and ages" {
	text 0 4 | sk-append log
	between=$(date +@%s.%N)
	text 5 9 | sk-append log
	after=$(date +@%s.%N)
	got sk-replay --from "$between" log
	want 0 "$(text 5 9)" ''
	got sk-replay --until "$between" log
	want 0 "$(text 0 4)" ''
	got sk-replay --from "$after" log
	want 0 '' ''
	got sk-replay --from 1h log
	want 0 "$(text 0 9)" ''
	got sk-replay --until 1h log
	want 0 '' ''
	got sk-replay --from 2020-01-01 --until 2020-01-02T00:00:00Z log
	want 0 '' ''
	got sk-replay --from "$between" --until 7 log
	want 0 "$(text 5 6)" ''
}

@test "sk-replay: append times are found across segments" {
	for n in 0 1 2 3 4 5 6 7; do
		date +@%s.%N >> ./times
		text $((n * 50)) $((n * 50 + 49)) |
		    sk-append --segment-bytes 1K log
	done
	[ "$(find log -name '*.zst' | wc -l)" -gt 3 ]
	for n in 0 1 2 3 4 5 6 7; do
		got sk-replay --from "$(sed -n $((n + 1))p times)" log
		want 0 "$(text $((n * 50)) 399)" ''
	done
}

@test "sk-replay: --last" {
	text 0 999 | sk-append --batch-bytes 300 --segment-bytes 2K log
	for n in 1 2 10 999 1000; do
		got sk-replay --last "$n" log
		want 0 "$(text $((1000 - n)) 999)" ''
	done
	got sk-replay --last 5000 log
	want 0 "$(text 0 999)" ''
	got sk-replay --last 0 log
	want 0 '' ''
	got sk-replay --last 5 -n 2 log
	want 0 "$(text 995 996)" ''
	got sk-replay --last 5 --from 998 log
	want 0 "$(text 998 999)" ''
	got sk-replay --from 998 --last 5 log
	want 0 "$(text 995 999)" ''
}

@test "sk-replay: -n" {
	text 0 99 | sk-append --batch-bytes 300 log
	for n in 1 10 11 99 100; do
		got sk-replay -n "$n" log
		want 0 "$(text 0 $((n - 1)))" ''
	done
	got sk-replay -n 0 log
	want 0 '' ''
	got sk-replay -n 200 log
	want 0 "$(text 0 99)" ''
}

@test "sk-replay: --with-offset puts partition and offset in front" {
	text 0 999 | sk-append --batch-bytes 300 --segment-bytes 2K log
	sk-replay --with-offset --from 5 log > out
	paste <(yes 0 | head -n 995) <(seq 5 999) <(text 5 999) | cmp - out
	got sk-replay --with-offset --from 7 -n 2 log
	want 0 $'0\t7\tline 7 of the text\n0\t8\tline 8 of the text' ''
}

@test "sk-replay: -t takes times from the lines" {
	for n in 10 30 20 40 35; do
		echo "a $n b"
	done | sk-append log
	got sk-replay -t 2:s --from @20 --until @40 log
	want 0 $'a 30 b\na 20 b\na 35 b' ''
	got sk-replay -t 2:s --from @20 --with-offset log
	want 0 $'0\t1\ta 30 b\n0\t2\ta 20 b\n0\t3\ta 40 b\n0\t4\ta 35 b' ''
	got sk-replay -t 2:s --from @20 -n 2 log
	want 0 $'a 30 b\na 20 b' ''
	got sk-replay -d ' ' -t 2:s --until @20 log
	want 0 'a 10 b' ''
	got sk-replay -d, -t 2:s --until @20 --lenient log
	want 0 '' "sk-replay: log:0: no time
sk-replay: 5 of 5 events bad"
	# An offset stays an offset.
	got sk-replay -t 2:s --from 3 log
	want 0 $'a 40 b\na 35 b' ''
}

@test "sk-replay: -t passes over blocks by the times that append recorded" {
	text 0 999 | awk '{ print 1000 + $2, $0 }' |
	    sk-append --batch-bytes 300 --segment-bytes 2K -t 1:s log
	got sk-replay -t 1:s --from @1500 --until @1510 log
	want 0 "$(text 500 509 | awk '{ print 1000 + $2, $0 }')" ''
	got sk-replay -t 1:s --from @1995 log
	want 0 "$(text 995 999 | awk '{ print 1000 + $2, $0 }')" ''
	# What cannot match is not unpacked: damage there goes unseen.
	flip "log/$first" $(($(frame "log/$first" B 2) + 150))
	got sk-replay -t 1:s --from @1995 log
	want 0 "$(text 995 999 | awk '{ print 1000 + $2, $0 }')" ''
}

@test "sk-replay: -t of an access log" {
	sk-append web < "$SK_DATA/access.log"
	sk-replay -t 4-5:clf --from 2026-03-01T00:30:00Z \
	    --until 2026-03-01T00:40:00Z web > out
	grep '2026:00:3[0-9]' "$SK_DATA/access.log" | cmp - out
}

@test "sk-replay: a line without a time is bad, an empty one no event" {
	printf '1 a\nx b\n\n3 d\n' | sk-append log
	got sk-replay -t 1:s --from @1 log
	want 4 $'1 a\n3 d' "sk-replay: log:1: not seconds since 1970
sk-replay: 1 of 3 events bad"
	got sk-replay -t 1:s --from @1 --lenient log
	want 0 $'1 a\n3 d' "sk-replay: log:1: not seconds since 1970
sk-replay: 1 of 3 events bad"
	got sk-replay -t 1:s --from @1 --bad bad log
	want 0 $'1 a\n3 d' "sk-replay: log:1: not seconds since 1970
sk-replay: 1 of 3 events bad"
	same "$(cat bad)" $'log:1\tnot seconds since 1970\tx b'
	got sk-replay -t 1:s --from @1 --strict log log
	want 4 '1 a' "sk-replay: log:1: not seconds since 1970
sk-replay: 1 of 2 events bad"
	# Where nothing is asked of the times the line passes.
	got sk-replay -t 1:s --speed 1000 log
	want 0 $'1 a\nx b\n\n3 d' 'sk-replay: 1 of 3 events without a time'
}

# A log of CSV in small blocks, in two appends: each has the header line.
make_csv_log() {
	printf 't,u\n%s,a\n%s,b\n' 2026-01-01 2026-01-02 |
	    sk-append --batch-bytes 1 -F csv -t t --segment-bytes 1 log
	printf 't,u\n%s,c\n%s,d\n' 2026-01-03 2026-01-04 |
	    sk-append --batch-bytes 1 -F csv -t t --segment-bytes 1M log
}

@test "sk-replay: -t of a table: its header line goes out first, and once" {
	make_csv_log
	got sk-replay -F csv -t t --from 2026-01-02 log
	want 0 $'t,u\n2026-01-02,b\n2026-01-03,c\n2026-01-04,d' ''
	got sk-replay -F csv -t t --from 2026-01-04 --with-offset log
	want 0 $'0\t0\tt,u\n0\t5\t2026-01-04,d' ''
	# It is no event: not for -n, not for -e.
	got sk-replay -F csv -t t --from 2026-01-02 -n 1 log
	want 0 $'t,u\n2026-01-02,b' ''
	got sk-replay -F csv -t t --from 2026-01-05 -e log
	want 1 't,u' ''
	# Wherever the replay begins, and by the column's number too.
	got sk-replay -F csv -t 1 --from 4 --until 2026-01-04 log
	want 0 $'t,u\n2026-01-03,c' ''
	got sk-replay -F csv -t t --speed 1e9 --last 1 log
	want 0 $'t,u\n2026-01-04,d' ''
	got sk-replay -F csv -t t --speed 1e9 log
	want 0 $'t,u\n2026-01-01,a\n2026-01-02,b\n2026-01-03,c\n2026-01-04,d' ''
	got sk-replay -F csv -t t --from 2026-01-02 log log
	want 0 't,u
2026-01-02,b
2026-01-03,c
2026-01-04,d
2026-01-02,b
2026-01-03,c
2026-01-04,d' ''
	# Where times are not asked for all lines go out as they are.
	got sk-replay -F csv -t t --from 3 log
	want 0 $'t,u\n2026-01-03,c\n2026-01-04,d' ''
	got sk-replay -F csv --no-header -t 1 --from 2026-01-04 log
	want 4 '2026-01-04,d' "sk-replay: log:3: not a time (rfc3339, epoch, clf or syslog)
sk-replay: 1 of 3 events bad"
}

@test "sk-replay: -t of a table: a header line that is another, or none" {
	make_csv_log
	got sk-replay -F csv -t when --from 2026-01-02 log
	want 4 '' 'sk-replay: log: -t: no column when; there are t, u'
	printf 'u,t\nx,2026-01-03\n' | sk-append other
	got sk-replay -F csv -t t --from 2026-01-03 log other
	want 0 $'t,u\n2026-01-03,c\n2026-01-04,d\nx,2026-01-03' \
	    'sk-replay: warning: other: its header line is another than the one in front'
	: | sk-append empty
	got sk-replay -F csv -t t --from 2026-01-04 empty log
	want 0 $'t,u\n2026-01-04,d' ''
}

@test "sk-replay: -t of a table whose header line was removed" {
	make_csv_log
	printf 'cleanup=delete\nretention_bytes=1\n' >> log/topic.conf
	sk-log trim log
	got sk-replay -F csv -t 1 --from 2026-01-04 log
	want 4 2026-01-04,d 'sk-replay: log:3: not a time (rfc3339, epoch, clf or syslog)
sk-replay: 1 of 3 events bad'
	got sk-replay -F csv -t t --from 2026-01-04 log
	want 4 '' 'sk-replay: log: -t: t: the header line at offset 0 is not there; give the number of the column'
}

@test "sk-replay: -t of a table that comes while it is followed" {
	: | sk-append log
	sk-replay -f -F csv -t t --from 2026-01-02 -n 1 log > out &
	printf 't,u\n2026-01-01,a\n2026-01-02,b\n' | sk-append log
	wait_end $!
	[ "$status" -eq 0 ]
	same "$(cat out)" $'t,u\n2026-01-02,b'
}

@test "sk-replay: -t of JSON and logfmt, by path and key" {
	printf '{"e":{"t":"%s"}}\n' 2026-01-01 2026-01-02 | sk-append json
	got sk-replay -t e.t --from 2026-01-02 json
	want 0 '{"e":{"t":"2026-01-02"}}' ''
	printf '\nx\n{"e":[]}\r\n\r\n' | sk-append json
	got sk-replay -t e.t --from 2026-01-03 json
	want 4 '' 'sk-replay: json:3: not a JSON object
sk-replay: 2 of 4 events bad'
	printf 'a=1 t="%s"\n' '2026-01-01 10:00' '2026-01-01 11:00' |
	    sk-append logfmt
	got sk-replay -F logfmt -t t --from 2026-01-01T11:00 logfmt
	want 0 'a=1 t="2026-01-01 11:00"' ''
}

@test "sk-replay: --tz is the zone of times, and of --from and --until" {
	printf '%s x\n' 2026-07-01T00:00 2026-07-01T01:00 2026-07-01T00:00Z |
	    sk-append log
	got sk-replay -t 1 --tz Europe/Madrid --from 2026-07-01T01:00 log
	want 0 $'2026-07-01T01:00 x\n2026-07-01T00:00Z x' ''
	got sk-replay -t 1 --tz Europe/Madrid --until 2026-06-30T23:00Z log
	want 0 '2026-07-01T00:00 x' ''
	got sk-replay -t 1 --tz Europe/Madrid --until 2026-07-01T01:00 log
	want 0 '2026-07-01T00:00 x' ''
	got sk-replay -t 1 --tz Europe/Madrid --from 2026-07-01 log
	want 0 $'2026-07-01T00:00 x\n2026-07-01T01:00 x\n2026-07-01T00:00Z x' ''
	got sk-replay -t 1 --tz Europe/Madrid --from 2026-07-02 log
	want 0 '' ''
}

@test "sk-replay: times without a year take it from those before them" {
	local year

	# Three blocks, a year each.
	for year in 2024 2025 2026; do
		printf '%s  1 00:00:00 x\n' Jan Jul Dec |
		    sk-append -t 1-3 --year $year log
	done
	got sk-replay -t 1-3 --year 2024 --from 2026-01-01 log
	want 0 "$(sk-replay --from 6 log)" ''
	got sk-replay -t 1-3 --year 2024 --from 2025-01-01 --until 2026-01-01 log
	want 0 "$(sk-replay --from 3 --until 6 log)" ''
	got sk-replay -t 1-3 --from 1d log
	same "$stderr" 'sk-replay: warning: times without a year are taken to be of the last twelve months: not replayable; --year says which'
}

# ---- following ----

# A writer that stores what comes from the FIFO `in` at once, on descriptor 4.
start_writer() {
	mkfifo in
	sk-append --linger 0s "$@" log < in 2> append.err &
	exec 4> in
}

@test "sk-replay: -f prints lines as they come, across segments" {
	start_writer --segment-bytes 300
	text 0 9 >&4
	wait_for <(while [ ! -e log/$first ]; do :; done; echo there) there
	sk-replay -f -n 60 log > out 2> err &
	pid=$!
	wait_for out '^line 9 '
	for n in 1 2 3 4 5; do
		text $((n * 10)) $((n * 10 + 9)) >&4
		wait_for out "^line ${n}9 "
	done
	exec 4>&-
	wait_end "$pid"
	same "$status" 0
	text 0 59 | cmp - out
	[ ! -s err ]
	[ "$(find log -name '*.zst' | wc -l)" -gt 2 ]
}

@test "sk-replay: -f begins at the beginning, with --last 0 at the end" {
	start_writer
	text 0 4 >&4
	wait_for <(while [ ! -e log/$first ]; do :; done; echo there) there
	sk-replay -f -n 8 log > all &
	all=$!
	wait_for all '^line 4 '
	SK_TRACE=trace sk-replay -f --last 0 -n 3 log > new &
	new=$!
	wait_for trace 'reader-wait next=5'
	text 5 7 >&4
	wait_end "$all"
	same "$status" 0
	wait_end "$new"
	same "$status" 0
	exec 4>&-
	text 0 7 | cmp - all
	text 5 7 | cmp - new
}

@test "sk-replay: -f ends at --until, --once and -n" {
	make_log log 10
	got timeout 10 sk-replay -f --until 7 log
	want 0 "$(text 0 6)" ''
	got timeout 10 sk-replay -f --until 10 log
	want 0 "$(text 0 9)" ''
	got timeout 10 sk-replay -f -n 4 log
	want 0 "$(text 0 3)" ''
	got timeout 10 sk-replay -f --once log
	want 0 "$(text 0 9)" ''
	got timeout 10 sk-replay -f --until 1h log
	want 0 '' ''
}

@test "sk-replay: -f ends when its reader has gone" {
	make_log log 10
	got timeout 10 bash -c 'sk-replay -f log | head -n 1
	    echo "${PIPESTATUS[0]}"'
	want 0 $'line 0 of the text\n141' ''
}

@test "sk-replay: -f ends by the signal that came" {
	make_log log 10
	for signal in INT TERM HUP; do
		rm -f out
		# A shell without jobs lets its children ignore SIGINT.
		env --default-signal="$signal" sk-replay -f log > out &
		pid=$!
		wait_for out '^line 9 '
		kill -s "$signal" "$pid"
		wait_end "$pid"
		same "$status" $((128 + $(kill -l "$signal")))
		text 0 9 | cmp - out
	done
}

@test "sk-replay: -f waits behind a block that is not whole" {
	make_log log 10
	cp "log/$first" before
	text 10 19 | sk-append log
	cp "log/$first" whole
	cp before "log/$first"
	sk-replay -f -n 20 log > out 2> err &
	pid=$!
	wait_for out '^line 9 '
	size=$(stat -c %s before)
	end=$(stat -c %s whole)
	for at in $((size + 1)) $((size + 80)) $((size + 200)) $((end - 90)); do
		tail -c +$((size + 1)) whole | head -c $((at - size)) \
		    >> "log/$first"
		size=$at
	done
	tail -c +$((size + 1)) whole >> "log/$first"
	wait_end "$pid"
	same "$status" 0
	text 0 19 | cmp - out
	[ ! -s err ]
}

@test "sk-replay: -f and a log that became shorter" {
	make_log log 10
	cut=$(stat -c %s "log/$first")
	text 10 19 | sk-append log
	sk-replay -f log > out 2> err &
	pid=$!
	wait_for out '^line 19 '
	truncate -s "$cut" "log/$first"
	wait_end "$pid"
	same "$status" 4
	same "$(cat err)" "sk-replay: log/$first: log was rewritten behind position 10: lines that were read are gone"
}

@test "sk-replay: -f and a log that is removed" {
	make_log log 10
	sk-replay -f log > out 2> err &
	pid=$!
	wait_for out '^line 9 '
	rm -r log
	wait_end "$pid"
	same "$status" 3
	same "$(cat err)" 'sk-replay: log: No such file or directory'
}

# ---- the cursor ----

@test "sk-replay: --cursor prints what is new since the last time" {
	make_log log 5 5
	got sk-replay --cursor c -n 3 log
	want 0 "$(text 0 2)" ''
	got sk-replay --cursor c log
	want 0 "$(text 3 9)" ''
	got sk-replay --cursor c log
	want 0 '' ''
	got sk-replay --cursor c -e log
	want 1 '' ''
	text 10 12 | sk-append log
	got sk-replay --cursor c -e --with-offset log
	want 0 "$(text 10 12 | awk '{ print "0\t" $2 "\t" $0 }')" ''
	uuid=$(sed -n 's/^uuid=//p' log/topic.conf)
	same "$(sed 's/^\(incarnation\)=[0-9a-f]\{16\}$/\1/' c)" \
	    "# sk-replay --cursor; next= may be changed by hand
topic=log
uuid=$uuid
partition=0
next=13
record=12
incarnation"
}

@test "sk-replay: --cursor of an empty log is made, and used" {
	sk-append log < /dev/null
	got sk-replay --cursor c log
	want 0 '' ''
	grep -qx next=0 c
	run -1 grep -q record c
	text 0 2 | sk-append log
	got sk-replay --cursor c log
	want 0 "$(text 0 2)" ''
}

@test "sk-replay: --from and --last say where a new cursor begins" {
	make_log log 10
	got sk-replay --cursor a --from 7 log
	want 0 "$(text 7 9)" ''
	got sk-replay --cursor a --from 7 log
	want 0 '' ''
	got sk-replay --cursor b --last 0 log
	want 0 '' ''
	grep -qx next=10 b
	got sk-replay --cursor c --from 1h --until 4 log
	want 0 "$(text 0 3)" ''
	grep -qx next=4 c
	got sk-replay --cursor d -t 2:s --from @3 --until @6 log
	want 0 "$(text 3 5)" ''
	grep -qx next=10 d
}

@test "sk-replay: a person may change next= alone" {
	make_log log 5 5
	sk-replay --cursor c log > /dev/null
	sed -i s/^next=.*/next=2/ c
	got sk-replay --cursor c -n 1 log
	want 0 "$(text 2 2)" ''
	sed -i s/^next=.*/next=11/ c
	got sk-replay --cursor c log
	want 4 '' 'sk-replay: log: the log ends at offset 10, before position 11 of c'
	grep -qx next=11 c
	echo nonsense >> c
	got sk-replay --cursor c log
	want 4 '' 'sk-replay: c:8: not a line of the form key=value'
	printf 'next=3\n' > c
	got sk-replay --cursor c log
	want 4 '' 'sk-replay: c: not a whole position: needs uuid=, partition=, next=, and record= with incarnation= or neither'
}

@test "sk-replay: a cursor knows a log that was rewritten" {
	make_log log 5
	cp -R log before
	text 5 9 | sk-append log
	sk-replay --cursor c log > /dev/null
	rm -r log
	mv before log
	got sk-replay --cursor c log
	want 4 '' 'sk-replay: log: the log was rewritten behind position 10 of c'
	text 5 14 | sk-append log
	got sk-replay --cursor c log
	want 4 '' 'sk-replay: log: the log was rewritten behind position 10 of c'
	rm -r log
	make_log log 20
	got sk-replay --cursor c log
	want 4 '' 'sk-replay: log: not the log that c is a position of'
	sed -i s/^partition=.*/partition=3/ c
	sed -i "s/^uuid=.*/$(grep uuid= log/topic.conf)/" c
	got sk-replay --cursor c log
	want 4 '' 'sk-replay: c: log has no partition 3'
}

@test "sk-replay: two runs with one cursor are refused" {
	make_log log 10
	sk-replay --cursor c -f log > out &
	pid=$!
	wait_for out '^line 9 '
	got sk-replay --cursor c log
	want 3 '' 'sk-replay: c: in use by another sk-replay'
	kill "$pid"
	wait_end "$pid"
	same "$status" 143
	got sk-replay --cursor c log
	want 0 '' ''
}

@test "sk-replay: -f keeps its cursor, about once a second and at a signal" {
	start_writer
	text 0 4 >&4
	wait_for <(while [ ! -e log/$first ]; do :; done; echo there) there
	SK_TRACE=trace sk-replay --cursor c -f log > out &
	pid=$!
	wait_for trace 'cursor next=5'
	grep -qx next=5 c
	text 5 9 >&4
	wait_for out '^line 9 '
	kill "$pid"
	wait_end "$pid"
	same "$status" 143
	grep -qx next=10 c
	exec 4>&-
	wait
}

@test "sk-replay: the cursor is behind what the pipe has taken" {
	text 0 99999 | sk-append log
	for options in '' --with-offset; do
		rm -f c
		# One line is wanted; what the pipe holds besides is gone.
		# shellcheck disable=SC2086 # words
		got bash -c "sk-replay --cursor c $options log |
		    head -n 1 > /dev/null; echo \${PIPESTATUS[0]}"
		want 0 141 ''
		next=$(sed -n s/^next=//p c)
		[ "$next" -gt 0 ] && [ "$next" -lt 30000 ]
		got sk-replay --cursor c -n 1 log
		want 0 "$(text "$next" "$next")" ''
	done
}

@test "sk-replay: nothing taken, no position" {
	make_log log 10
	got bash -c 'sk-replay --cursor c log > /dev/full'
	want 3 '' 'sk-replay: stdout: No space left on device'
	[ ! -e c ]
	got sk-replay --cursor c -o no/such log
	want 3 '' 'sk-replay: no/such.tmp: No such file or directory'
	[ ! -e c ]
	got sk-replay --cursor c log
	want 0 "$(text 0 9)" ''
}

@test "sk-replay: --cursor with -o: the file first, then the position" {
	make_log log 10
	got sk-replay --cursor c -o out log
	want 0 '' ''
	text 0 9 | cmp - out
	grep -qx next=10 c
}

@test "sk-replay: a cursor that cannot be kept is status 3" {
	make_log log 10
	got sk-replay --cursor no/c log
	want 3 '' 'sk-replay: no/c.lock: No such file or directory'
	mkdir c
	got sk-replay --cursor c log
	want 3 '' 'sk-replay: c: Is a directory'
}

# ---- pace ----

# How many milliseconds the command took.
took() {
	local start

	start=$(date +%s%N)
	"$@"
	ms=$((($(date +%s%N) - start) / 1000000))
}

@test "sk-replay: --speed by event time" {
	printf '%s\n' 100 100.1 100.2 160 | sk-append log
	took sk-replay -t 1:s --speed 1 --until @110 log
	[ "$ms" -ge 200 ] && [ "$ms" -lt 5000 ]
	took sk-replay -t 1:s --speed 200 log
	[ "$ms" -ge 300 ] && [ "$ms" -lt 5000 ]
	took sk-replay -t 1:s --speed 1 --max-gap 100ms log
	[ "$ms" -ge 300 ] && [ "$ms" -lt 5000 ]
	took sk-replay -t 1:s --speed max log
	[ "$ms" -lt 5000 ]
}

@test "sk-replay: --speed by append time" {
	start=$(date +%s%N)
	for ((n = 0; $(date +%s%N) - start < 300000000; n++)); do
		text "$n" "$n" | sk-append log
	done
	took sk-replay --speed 1 log
	[ "$ms" -ge 150 ] && [ "$ms" -lt 5000 ]
	took sk-replay --speed 1000 log
	[ "$ms" -lt 5000 ]
}

@test "sk-replay: a pause ends by a signal" {
	printf '%s\n' 100 5000 | sk-append log
	sk-replay -t 1:s --speed 1 --cursor c log > out &
	pid=$!
	wait_for out '^100'
	kill "$pid"
	wait_end "$pid"
	same "$status" 143
	same "$(cat out)" 100
	grep -qx next=1 c
}

# ---- messages ----

@test "sk-replay: SIGUSR1 and --progress tell where it is" {
	make_log log 10
	sk-replay -f log > out 2> err &
	pid=$!
	wait_for out '^line 9 '
	kill -USR1 "$pid"
	wait_for err '^sk-replay: 10 events, [0-9]+ s$'
	kill "$pid"
	wait_end "$pid"
	sk-replay -f --progress log > out 2> err &
	pid=$!
	wait_for err '^sk-replay: log: at offset 10, 10 events, 190 B, [0-9]+ events/s$'
	kill "$pid"
	wait_end "$pid"
}

@test "sk-replay: --verbose says where it begins, --quiet drops warnings" {
	make_log log 10
	got sk-replay --verbose --from 8 log
	want 0 "$(text 8 9)" 'sk-replay: log: from offset 8'
	truncate -s -72 "log/$first"
	got sk-replay -q --from 8 log
	want 0 "$(text 8 9)" ''
}

# ---- edges ----

@test "sk-replay: an empty log, and lines of every kind" {
	sk-append void < /dev/null
	got sk-replay void
	want 0 '' ''
	got sk-replay -e void
	want 1 '' ''
	printf 'cr\r\n\0nul\0\n\n\n\xff\xfe\n%01000000d\nlast' 0 > input
	sk-append log < input 2> /dev/null
	echo >> input
	sk-replay log | cmp - input
	sk-replay --with-offset log | cut -f 3- | cmp - input
	sk-replay --from 1 --until 4 log | cmp - <(printf '\0nul\0\n\n\n')
}

# ---- bad data ----

@test "sk-replay: a damaged data frame" {
	text 0 99 | sk-append --batch-bytes 600 log
	pos=$(frame "log/$first" B 2)
	flip "log/$first" $((pos + 140))
	got sk-replay log
	[ "$nlines" -gt 20 ]
	say=${stderr#*durable to }
	say=${say%%:*}
	next=$((${stderr##*..} + 1))
	damage="log/$first: acknowledged data damaged at $pos, was durable to $say: block at $pos damaged: records $nlines..$((next - 1))"
	want 4 "$(text 0 $((nlines - 1)))" "sk-replay: $damage"
	before=$nlines
	got sk-replay --from "$next" log
	want 0 "$(text "$next" 99)" ''
	got sk-replay --skip-damaged log
	want 4 "$(text 0 $((before - 1)); text "$next" 99)" "sk-replay: warning: $damage; records $before..$((next - 1)) passed over"
}

# Sealed segments of several blocks each; smaller blocks would be repacked.
make_sealed() {
	text 0 29999 | sk-append --batch-bytes 70000 --segment-bytes 6K "$@"
	names=(log/*.zst)
}

@test "sk-replay: a damaged header, in a sealed segment" {
	make_sealed log
	pos=$(frame "log/$first" B 2)
	flip "log/$first" $((pos + 70))
	got sk-replay log
	damage="log/$first: block header damaged at $pos, after offset $((nlines - 1))"
	want 4 "$(text 0 $((nlines - 1)))" "sk-replay: $damage"
	before=$nlines
	got sk-replay --skip-damaged log
	next=${stderr##*..}
	next=$((${next%% *} + 1))
	want 4 "$(text 0 $((before - 1)); text "$next" 29999)" "sk-replay: warning: $damage; records $before..$((next - 1)) passed over"
	got sk-replay --from "$next" log
	want 0 "$(text "$next" 29999)" ''
}

@test "sk-replay: a damaged index is done without" {
	make_sealed log
	flip "log/$first" $(($(frame "log/$first" X) + 120))
	for from in 0 5000; do
		got sk-replay --from "$from" log
		want 0 "$(text "$from" 29999)" "sk-replay: warning: log/$first: index damaged; reading by headers"
	done
}

@test "sk-replay: a torn tail, without a writer and with one" {
	make_log log 10
	text 10 19 | sk-append log
	pos=$(frame "log/$first" B 2)
	truncate -s $((pos + 100)) "log/$first"
	got sk-replay log
	want 0 "$(text 0 9)" "sk-replay: warning: log/$first: 100 bytes after offset 9 are not readable yet and no writer is running"
	exec 5<> log/.lock
	python3 - <<- 'END'
		import fcntl, struct
		lock = struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0)
		fcntl.fcntl(5, 37, lock)
	END
	got sk-replay log
	want 0 "$(text 0 9)" ''
	exec 5>&-
}

@test "sk-replay: a log without its end mark" {
	make_log log 10
	truncate -s "$(frame "log/$first" E)" "log/$first"
	got sk-replay log
	want 0 "$(text 0 9)" "sk-replay: warning: log/$first: no end mark: the last writer was killed, or the end is lost"
	got sk-replay -q log
	want 0 "$(text 0 9)" ''
}

@test "sk-replay: acknowledged data that is cut off in the middle" {
	text 0 99 | sk-append --batch-bytes 600 log
	pos=$(frame "log/$first" B 2)
	dd if=/dev/zero of="log/$first" bs=1 seek="$pos" count=200 \
	    conv=notrunc status=none
	got sk-replay log
	[ "$status" -eq 4 ]
	same "$output" "$(text 0 $((nlines - 1)))"
	[[ $stderr =~ ^"sk-replay: log/$first: acknowledged data damaged at $pos, was durable to "[0-9]+": block header damaged at $pos, after offset $((nlines - 1))"$ ]]
}

@test "sk-replay: a missing segment" {
	make_sealed log
	[ "${#names[@]}" -ge 3 ]
	second=${names[1]##*/}
	from=$((10#${second%.zst}))
	third=${names[2]##*/}
	to=$((10#${third%.zst}))
	mv "${names[1]}" kept
	say="log: records $from..$((to - 1)) missing (segment $second absent)"
	got sk-replay log
	want 4 "$(text 0 $((from - 1)))" "sk-replay: $say"
	got sk-replay --from $((from + 1)) log
	want 4 '' "sk-replay: $say"
	got sk-replay --from "$to" log
	want 0 "$(text "$to" 29999)" ''
	got sk-replay --skip-damaged log
	want 4 "$(text 0 $((from - 1)); text "$to" 29999)" \
	    "sk-replay: warning: $say"
	mv kept "${names[1]}"
	rm "${names[0]}"
	got sk-replay log
	want 4 '' "sk-replay: log: records 0..$((from - 1)) missing (segment $first absent)"
}

@test "sk-replay: what retention has removed" {
	text 0 299 | sk-append --cleanup delete --batch-bytes 600 \
	    --segment-bytes 1K log
	names=(log/*.zst)
	rm "${names[0]}"
	second=${names[1]##*/}
	from=$((10#${second%.zst}))
	got sk-replay log
	want 0 "$(text "$from" 299)" ''
	got sk-replay --from 5 log
	want 4 '' "sk-replay: log: records 5..$((from - 1)) removed by retention"
	got sk-replay --from 5 --on-gap skip log
	want 0 "$(text "$from" 299)" "sk-replay: warning: log: records 5..$((from - 1)) removed by retention"
	got sk-replay --last 1000 log
	want 0 "$(text "$from" 299)" ''
}

@test "sk-replay: a segment of another log" {
	text 0 299 | sk-append --batch-bytes 600 --segment-bytes 1K log
	text 0 299 | sk-append --batch-bytes 600 --segment-bytes 1K other
	cp "other/$first" "log/$first"
	got sk-replay log
	want 4 '' "sk-replay: log/$first: does not belong here: of another topic"
	names=(log/*.zst)
	cp "${names[1]}" "log/$first"
	got sk-replay log
	want 4 '' "sk-replay: log/$first: does not belong here: the name is not its first offset"
}

@test "sk-replay: a newer version" {
	make_log log 3
	sed -i s/^format=1/format=2/ log/topic.conf
	got sk-replay log
	[ "$status" -eq 4 ]
	[[ $stderr == *'needs a newer version'* ]]
	sed -i -e s/^format=2/format=1/ -e s/^partitions=1/partitions=2/ \
	    log/topic.conf
	got sk-replay log
	[ "$status" -eq 4 ]
	[[ $stderr == *'needs a newer version'* ]]
}

# ---- bad system ----

@test "sk-replay: what is no log" {
	got sk-replay none
	want 3 '' 'sk-replay: none: No such file or directory'
	mkdir plain
	got sk-replay plain
	want 3 '' 'sk-replay: plain: not a log'
	echo x > file
	got sk-replay file
	want 3 '' 'sk-replay: file: Not a directory'
	make_log log 3
	rm log/topic.conf
	got sk-replay log
	[ "$status" -eq 4 ]
}

@test "sk-replay: an output that fails" {
	text 0 99999 | sk-append log
	got bash -c 'sk-replay log > /dev/full'
	want 3 '' 'sk-replay: stdout: No space left on device'
	got bash -c 'sk-replay log >&-'
	want 3 '' 'sk-replay: stdout: Bad file descriptor'
	got bash -c 'sk-replay log | head -n 1; echo "${PIPESTATUS[0]}"'
	want 0 $'line 0 of the text\n141' ''
	echo old > kept
	got bash -c 'ulimit -f 100; trap "" XFSZ; sk-replay -o kept log'
	[ "$status" -eq 3 ]
	same "$(cat kept)" old
	[ ! -e kept.tmp ]
}

@test "sk-replay: memory does not grow with the log" {
	[[ $SK_BUILD != *asan* ]] || skip 'asan reserves address space'
	text 0 2000000 | sk-append --sync none log
	got bash -c 'ulimit -v 40000; sk-replay log | tail -n 1'
	want 0 "$(text 2000000 2000000)" ''
}
