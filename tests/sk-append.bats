#!/usr/bin/env bats
# sk-append: lines from stdin and from followed files, each once, and what it
# says when it cannot.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	usage='usage: sk-append [option ...] TOPIC
       sk-append --tail [option ...] FILE ... TOPIC'
}

teardown() {
	# shellcheck disable=SC2046 # a list of numbers
	kill -KILL $(jobs -p) 2> /dev/null || :
	umount full 2> /dev/null || :
}

# It ends with STATUS, prints nothing, and says TEXT.
says() {
	local want=$1 text=$2

	shift 2
	run --separate-stderr "$@"
	[ "$status" -eq "$want" ] || {
		echo "status $status, not $want: $stderr"
		return 1
	}
	same "$output" ''
	same "$stderr" "$text"
}

# The lines of topic $1 are those of stdin, by both ways to read them.
holds() {
	cat > want
	sk-replay -q "$1" | cmp - want
	zstd -dcq "$1"/*.zst | cmp - want
}

# Wait until topic $1 has N lines.
has_lines() {
	until [ -e "$1/topic.conf" ]; do
		kill -0 $!
	done
	timeout 10 sk-replay -q -f -n "$2" "$1" > /dev/null
}

# A file system of so many KiB, or no test.
make_full() {
	mkdir full
	mount -t tmpfs -o "size=$1k" tmpfs full 2> /dev/null ||
	    skip 'cannot mount a small file system here'
}

many() {
	seq -f "%.0f $1 lines of some length, as logs have them" "${2:-100}"
}

# ---- usage ----

@test "sk-append: a wrong use is status 2 and makes no topic" {
	says 2 "sk-append: TOPIC is missing
$usage" sk-append
	says 2 "sk-append: one TOPIC; files in front of it need --tail
$usage" sk-append a b
	says 2 "sk-append: --tail: FILE is missing
$usage" sk-append --tail t
	says 2 "sk-append: --tail: - has no name to follow
$usage" sk-append --tail - t
	says 2 "sk-append: --once needs --tail
$usage" sk-append --once t
	says 2 "sk-append: --overlong: drop: not split, fail or divert=FILE
$usage" sk-append --overlong drop t
	says 2 "sk-append: --sync: always: not block, interval:DUR or none
$usage" sk-append --sync=always t
	says 2 "sk-append: --sync: interval:0: not block, interval:DUR or none
$usage" sk-append --sync=interval:0 t
	says 2 "sk-append: --ack: slow: not a descriptor
$usage" sk-append --ack slow t
	says 2 "sk-append: --ack: 4294967296: not a descriptor
$usage" sk-append --ack 4294967296 t
	says 2 "sk-append: -t: 0: columns count from 1
$usage" sk-append -t 0 t
	says 2 "sk-append: -t: 1:x: not a time format (rfc3339, epoch, s, ms, us, ns, clf, syslog, %...)
$usage" sk-append -t 1:1:x t
	says 2 "sk-append: --tz: Mars: no such time zone (is the package tzdata installed?)
$usage" sk-append -t 1 --tz Mars t
	says 2 "sk-append: -t: -F ndjson takes paths (user.id; a key of digits is /3)
$usage" sk-append -F ndjson -t 1 t
	says 2 "sk-append: -t: when: a file that is read on does not show its header line; give the number of the column
$usage" sk-append --tail -F csv -t when in t
	says 2 "sk-append: -z: unknown option
$usage" sk-append -z t
	[ ! -e t ]
}

@test "sk-append: a value of topic.conf out of range is status 2" {
	local option

	for option in batch-bytes=0 batch-bytes=65M level=20 linger=1 sync=no \
	    cleanup=maybe segment-bytes=5G max-line=64M retention-age=x; do
		run -2 --separate-stderr sk-append "--$option" t < /dev/null
		same "${stderr_lines[0]%%: *}" sk-append
		same "$output" ''
	done
	[ ! -e t ]
}

# ---- plain use ----

@test "sk-append: what goes in is in the log" {
	says 0 '' sk-append web < "$SK_DATA/access.log"
	holds web < "$SK_DATA/access.log"
	says 0 '' sk-append web < "$SK_DATA/access.log"
	cat "$SK_DATA/access.log" "$SK_DATA/access.log" | holds web
	run -0 sk-log check web
}

@test "sk-append: real logs come out byte for byte" {
	local file

	[ -d "$SK_ROOT/../shared/data/loghub" ] || skip 'no shared data here'
	for file in "$SK_ROOT"/../shared/data/loghub/*.log; do
		sk-append "t-${file##*/}" < "$file"
		awk 1 "$file" | holds "t-${file##*/}"
	done
	zstd -dcq "$SK_ROOT/../shared/data/web/apache_combined_10k.log.zst" > in
	sk-append --batch-bytes 10K web < in
	holds web < in
}

@test "sk-append: nothing stores nothing, and makes the topic" {
	says 0 '' sk-append t < /dev/null
	[ -e t/topic.conf ]
	holds t < /dev/null
}

@test "sk-append: lines are stored while the input is open" {
	mkfifo in
	sk-append t < in &
	exec 5> in
	echo one >&5
	has_lines t 1
	echo two >&5
	has_lines t 2
	exec 5>&-
	wait_end $!
	same "$status" 0
	printf 'one\ntwo\n' | holds t
}

# ---- options ----

@test "sk-append: --ack tells what is durable" {
	run -0 --separate-stderr bash -c 'many() { seq 3; }
	    many | sk-append --ack 3 t 3>&1'
	same "$output" 'A 0 3'
	run -0 --separate-stderr bash -c 'seq 10 | sk-append --ack 1 t'
	same "$output" 'A 0 13'
}

@test "sk-append: --ack with sync=block tells of each block as it comes" {
	mkfifo in ack
	sk-append --sync block --ack 3 t < in 3> ack &
	exec 5> in 6< ack
	echo one >&5
	read -r line <&6
	same "$line" 'A 0 1'
	env printf 'two\nthree\nfour' >&5 # in one write
	read -r line <&6
	same "$line" 'A 0 3'
	exec 5>&-
	read -r line <&6
	same "$line" 'A 0 4'
	wait_end $!
	same "$status" 0
}

@test "sk-append: --ack to a descriptor that is not open is status 3" {
	says 3 'sk-append: --ack 9: Bad file descriptor' \
	    sk-append --ack 9 t < /dev/null
	[ ! -e t ]
}

@test "sk-append: --ack to a full device stops" {
	says 3 'sk-append: --ack 3: No space left on device' \
	    bash -c 'seq 3 | sk-append --ack 3 t 3> /dev/full'
}

@test "sk-append: ends by SIGPIPE when nobody reads --ack, lines are kept" {
	mkfifo in
	sk-append --sync block --ack 3 t < in 3> >(exec 0<&-) &
	exec 5> in
	echo one >&5
	wait_end $!
	same "$status" 141
	echo one | holds t
}

@test "sk-append: values given when the topic is made are kept with it" {
	sk-append --level 3 --batch-bytes 10K --linger 1s t < /dev/null
	run -0 grep -Ex 'level=3|batch_bytes=(10K|10240)|linger=1s' t/topic.conf
	same "${#lines[@]}" 3
	sk-append --level 5 t < /dev/null
	run -0 grep level t/topic.conf
	same "$output" 'level=3'
}

@test "sk-append: --sync=interval is that of a second" {
	says 0 '' sk-append --sync interval t < /dev/null
	run -0 grep -x 'sync=.*' t/topic.conf
	same "$output" 'sync=interval:1s'
}

@test "sk-append: --segment-bytes begins a new segment" {
	many x 5000 > in
	sk-append --segment-bytes 2K --batch-bytes 4K t < in
	[ "$(find t -name '*.zst' | wc -l)" -gt 3 ]
	holds t < in
	run -0 sk-log check t
}

@test "sk-append: -t puts event times into the blocks" {
	printf '%s\n' '1700000000 a' '1700000100 b' '' > in
	sk-append -t 1 t < in
	printf '%s\n' '1700000200 c' > in2
	sk-append -t 1:epoch t < in2
	same "$(sk-replay -q -t 1 --from @1700000150 t)" '1700000200 c'
	holds t < <(cat in in2)
}

@test "sk-append: -d separates the columns of -t" {
	printf '%s\n' 'a b,2026-11-22T10:00:00Z' 'a b,2026-11-22T11:00:00Z' |
	    sk-append --batch-bytes 1 -d , -t 2:rfc3339 t
	same "$(sk-replay -q -d , -t 2 --from 2026-11-22T10:30 t)" \
	    'a b,2026-11-22T11:00:00Z'
}

@test "sk-append: -t: events without a time are stored and counted" {
	printf '%s\n' '1700000000 a' 'never b' '- c' 'x' '' > in
	says 0 "sk-append: warning: stdin:2: -t 1: not a time (rfc3339, epoch, clf or syslog)
sk-append: 3 of 4 events without a time" sk-append -t 1 t < in
	holds t < in
}

@test "sk-append: -t: one event without a time is no plural" {
	says 0 "sk-append: warning: stdin:1: -t 1: not a time (rfc3339, epoch, clf or syslog)
sk-append: 1 of 1 event without a time" sk-append -t 1 t <<< 'never b'
}

# The events of topic $1 whose field $2 is not before $3.
times() {
	sk-replay -q -t "$2" --from "$3" "${@:4}" "$1"
}

@test "sk-append: -t takes a path, a key, a column of a header line" {
	printf '{"a":{"t":"%s"}}\n' 2026-01-01T00:00Z 2026-01-02T00:00Z > in
	says 0 '' sk-append --batch-bytes 1 -t a.t json < in
	same "$(times json a.t 2026-01-02)" "$(tail -n 1 in)"
	printf 't=%s x=1\n' 2026-01-01T00:00Z 2026-01-02T00:00Z > in
	says 0 '' sk-append --batch-bytes 1 -F logfmt -t t logfmt < in
	same "$(times logfmt t 2026-01-02 -F logfmt)" "$(tail -n 1 in)"
	printf 'x,t\r\n\n"1,2",%s\r\n1,%s\r\n' 2026-01-01 2026-01-02 > in
	says 0 '' sk-append --batch-bytes 1 -F csv -t t csv < in
	holds csv < in
	same "$(times csv t 2026-01-02 -F csv)" $'x,t\r\n1,2026-01-02\r'
	printf '\357\273\277t\tx\n%s\t1\n' 2026-01-01 > in
	says 0 '' sk-append -F tsv -t t tsv < in
	printf '\357\273\277{"t":1767225600}\n' > in
	says 0 '' sk-append -t t:s bom < in
	same "$(times bom t 2026-01-01)" "$(cat in)"
}

@test "sk-append: -t: a header line has no time, and is no event" {
	printf 'x;t\n1;2026-01-01\n2;never\n' > in
	says 0 'sk-append: warning: stdin:3: -t 2: not a time (rfc3339, epoch, clf or syslog)
sk-append: 1 of 2 events without a time' sk-append -F csv -d ';' -t 2 t < in
	says 0 'sk-append: warning: stdin:1: -t 2: not a time (rfc3339, epoch, clf or syslog)
sk-append: 2 of 3 events without a time' \
	    sk-append -F csv -d ';' --no-header -t 2 t2 < in
	says 0 'sk-append: warning: stdin:1: -t: no column when; there are x, t
sk-append: 2 of 2 events without a time' \
	    sk-append -F csv -d ';' -t when t3 < in
	holds t3 < in
	printf '{"t":1}\nx\n{"t":[1]}\n{}\n' > in
	says 0 'sk-append: warning: stdin:2: -t t: not a JSON object
sk-append: 3 of 4 events without a time' sk-append -t t t4 < in
}

@test "sk-append: -t: a record over several lines is stored as lines" {
	printf 'x,t\n"a\nb",2026-01-01\nc,2026-01-02\n' > in
	says 0 'sk-append: warning: stdin:2: -t t: a quote that is not closed
sk-append: 1 of 3 events without a time' sk-append -F csv -t t t < in
	holds t < in
}

@test "sk-append: -t: each followed file begins with its header line" {
	printf 't,x\n2026-01-01,a\n' > f
	cp f g
	echo 2026-01-01,b >> g
	says 0 '' sk-append --tail --once -F csv -t 1 f g t
	echo 2026-01-02,c >> f
	mv g g.1
	printf 't,x\n2026-01-03,d\n' > g
	says 0 '' sk-append --tail --once -F csv -t 1 f g t
	same "$(times t t 2026-01-02 -F csv)" $'t,x\n2026-01-02,c\n2026-01-03,d'
	says 0 'sk-append: warning: g: byte 0: -t 1: not a time (rfc3339, epoch, clf or syslog)
sk-append: 1 of 2 events without a time' \
	    sk-append --tail --once -F csv --no-header -t 1 g t2
}

@test "sk-append: --tz and --year say what times leave open" {
	echo '2026-01-01 01:00' | sk-append --tz +02:00 -t 1-2 t
	same "$(times t 1-2 2025-12-31T23:00Z --tz +02:00)" '2026-01-01 01:00'
	same "$(times t 1-2 2025-12-31T23:01Z --tz +02:00)" ''
	printf 'Dec 31 23:00:00 x\nJan  1 00:00:00 y\n' > in
	says 0 '' sk-append --year 2024 -t 1-3 y < in
	same "$(times y 1-3 2025-01-01 --year 2024)" 'Jan  1 00:00:00 y'
	says 0 'sk-append: warning: times without a year are taken to be of the last twelve months: not replayable; --year says which' \
	    sk-append -t 1-3 y2 < in
}

@test "sk-append: -q leaves out warnings" {
	printf '%s\n' 'never b' > in
	says 0 '' sk-append -q -t 1 t < in
}

@test "sk-append: --wait waits for another writer" {
	mkfifo in
	sk-append t < in &
	exec 5> in
	echo one >&5
	has_lines t 1
	run -3 --separate-stderr sk-append t < /dev/null
	[[ $stderr =~ ^sk-append:\ .*topic\ t\ is\ being\ written\ by\ pid\ $!\ since\ 20[0-9T:-]+Z$ ]]
	run -3 --separate-stderr sk-append --wait 60ms t < /dev/null
	echo two | sk-append --wait 10s t 5>&- &
	exec 5>&-
	wait
	printf 'one\ntwo\n' | holds t
}

@test "sk-append: --progress tells where it is" {
	mkfifo in
	sk-append --progress t < in 2> err &
	exec 5> in
	echo one >&5
	wait_for err '^sk-append: t: 1 line, 4 B, .*/s, offset 1$'
	exec 5>&-
	wait_end $!
	same "$status" 0
}

# ---- edge input ----

@test "sk-append: NUL, CR, empty lines and bytes above 127 pass" {
	printf 'a\0b\r\n\n\n\377\200\n\0\n' > in
	says 0 '' sk-append t < in
	holds t < in
}

@test "sk-append: a missing last newline is supplied" {
	printf 'a\nb' | sk-append t
	printf 'c\n' | sk-append t
	printf 'a\nb\nc\n' | holds t
	printf '\0' | sk-append u
	printf '\0\n' | holds u
}

@test "sk-append: a line of --max-line bytes is a line" {
	{ printf '%07d\n' 1 2; printf '%07d' 3; } > in
	says 0 '' sk-append --max-line 8 t < in
	{ cat in; echo; } | holds t
}

@test "sk-append: longer lines are split, told and counted" {
	printf '%s\n' one 1234567890abcdefgh two 12345678 12345678901234 > in
	says 0 "sk-append: warning: stdin:2: line longer than 8 bytes, split into pieces
sk-append: 3 lines longer than 8 bytes were split into pieces, the first at stdin:2" \
	    sk-append --max-line 8 t < in
	printf '%s\n' one 1234567 890abcd efgh two 1234567 8 1234567 8901234 |
	    holds t
}

@test "sk-append: an endless line takes no memory" {
	head -c 20000000 /dev/zero > in
	says 0 "sk-append: warning: stdin:1: line longer than 1048576 bytes, split into pieces
sk-append: 1 line longer than 1048576 bytes was split into pieces, the first at stdin:1" \
	    sk-append t < in
	same "$(sk-replay t | tr -d '\n' | cmp - in 2>&1)" ''
	same "$(sk-replay t | wc -l)" 20
}

@test "sk-append: --overlong=fail stores what stands in front" {
	printf '%s\n' one 123456789 two > in
	says 4 'sk-append: stdin:2: line longer than 8 bytes' \
	    sk-append --max-line 8 --overlong fail t < in
	echo one | holds t
}

@test "sk-append: --overlong=divert puts long lines aside, whole" {
	printf '%s\n' one 123456789 two > in
	head -c 2000000 /dev/zero | tr '\0' x >> in
	printf '\nthree\n' >> in
	says 0 "sk-append: warning: stdin:2: line longer than 8 bytes, put aside
sk-append: 2 lines longer than 8 bytes were put aside, the first at stdin:2" \
	    sk-append --max-line 8 --overlong divert=long t < in
	printf '%s\n' one two three | holds t
	sed -n '2p;4p' in | cmp - long
	says 3 'sk-append: no/long: No such file or directory' \
	    sk-append --overlong divert=no/long t < in
}

@test "sk-append: packed input is stored as it is, with a warning" {
	echo x | gzip > in
	says 0 'sk-append: warning: stdin: packed by gzip, and stored as it is (unpack it first: gzip -dc)' \
	    sk-append t < in
	{ cat in; echo; } | holds t
	echo x | zstd -q > in
	says 0 'sk-append: warning: stdin: packed by zstd, and stored as it is (unpack it first: zstd -dc)' \
	    sk-append u < in
}

# ---- files ----

@test "sk-append --tail: takes files from their beginning, then goes on" {
	printf 'a\nb\n' > log
	sk-append --tail log t &
	has_lines t 2
	echo c >> log
	has_lines t 3
	printf 'd\nhalf' >> log
	has_lines t 4
	kill -TERM $!
	wait_end $!
	same "$status" 143
	echo ' a line' >> log
	says 0 '' sk-append --tail --once log t
	printf '%s\n' a b c d 'half a line' | holds t
}

@test "sk-append --tail --once: a second run takes only what is new" {
	many a > log
	says 0 '' sk-append --tail --once log t
	says 0 '' sk-append --tail --once log t
	holds t < log
	echo more >> log
	says 0 '' sk-append --tail --once log t
	holds t < log
}

@test "sk-append --tail --once: the rest of a line waits for the next run" {
	printf 'a\nhalf' > log
	says 0 'sk-append: log: 4 bytes behind the last newline left for the next run' \
	    sk-append --tail --once log t
	echo a | holds t
	printf 'b\nc' > other
	says 0 'sk-append: 5 bytes behind the last newlines of 2 files left for the next run' \
	    sk-append --tail --once log other t
	printf 'a\nb\n' | holds t
}

@test "sk-append --tail: a file that is not there is waited for" {
	sk-append --tail log t 2> err &
	wait_for err '^sk-append: warning: log: not there yet, waiting for it$'
	echo a > log
	has_lines t 1
	kill -TERM $!
	wait_end $!
	same "$status" 143
	same "$(wc -l < err)" 1
}

@test "sk-append --tail --once: what cannot be read is status 3, the rest is taken" {
	echo a > a
	mkdir folder
	says 3 'sk-append: missing: No such file or directory
sk-append: folder: Is a directory' \
	    sk-append --tail --once missing a folder t
	echo a | holds t
}

@test "sk-append --tail --once: a folder of a pattern that cannot be read is status 3" {
	mkdir open
	echo a > open/a.log
	ln -s loop loop
	says 3 'sk-append: loop: Too many levels of symbolic links' \
	    sk-append --tail --once 'loop/*.log' t
	says 3 'sk-append: loop: Too many levels of symbolic links' \
	    sk-append --tail --once '[lo]*/*.log' t
	echo a | holds t
	says 0 'sk-append: warning: no/*.log: no file matches' \
	    sk-append --tail --once 'no/*.log' t
}

@test "sk-append --tail: a folder without permission is told once, its files are taken later" {
	local as=()

	# Root reads everything; a path from here needs no folder above.
	if [ "$(id -u)" -eq 0 ]; then
		as=(setpriv --reuid nobody --clear-groups)
		"${as[@]}" true || skip 'cannot run as nobody'
		chown nobody .
	fi
	cp "$SK_BUILD/bin/sk-append" .
	mkdir -m 0 closed
	[ ${#as[@]} -eq 0 ] || chown nobody closed
	says 3 'sk-append: closed: Permission denied' \
	    "${as[@]}" ./sk-append --tail --once 'closed/*.log' t
	"${as[@]}" ./sk-append --tail 'closed/*.log' '*/*.log' t 2> err &
	wait_for err '^sk-append: closed: Permission denied$'
	mkdir other
	echo a > other/a.log
	has_lines t 1
	chmod 755 closed
	echo b > closed/b.log
	has_lines t 2
	kill -TERM $!
	wait_end $!
	same "$status" 143
	same "$(cat err)" 'sk-append: closed: Permission denied'
	printf '%s\n' a b | holds t
}

@test "sk-append --tail: a quoted pattern takes files that come later" {
	echo 1 > app-1.log
	sk-append --tail 'app-*.log' t &
	has_lines t 1
	echo 2 > app-2.log
	has_lines t 2
	echo x > other.log
	echo 3 >> app-1.log
	has_lines t 3
	kill -TERM $!
	wait_end $!
	seq 3 | holds t
}

@test "sk-append --tail: --from-end takes of files that are there what is new" {
	echo old > log
	says 0 '' sk-append --tail --once --from-end log t
	holds t < /dev/null
	echo new >> log
	says 0 '' sk-append --tail --once --from-end log t
	echo new | holds t
}

@test "sk-append --tail: --with-source puts the name in front" {
	printf '1\n\n' > a
	printf '2' > b.1
	mv b.1 b
	says 0 'sk-append: b: 1 byte behind the last newline left for the next run' \
	    sk-append --tail --once --with-source a b t
	printf 'a\t1\na\t\n' | holds t
	echo 2 >> b
	says 0 '' sk-append --tail --once --with-source a b t
	printf 'a\t1\na\t\nb\t22\n' | holds t
}

@test "sk-append --tail: goes on in the next file when one is rotated" {
	many a > log
	sk-append --tail log t &
	has_lines t 100
	echo b >> log
	mv log log.1
	echo c >> log.1
	echo d > log
	has_lines t 103
	kill -TERM $!
	wait_end $!
	{ many a; printf '%s\n' b c d; } | holds t
}

@test "sk-append --tail: the rest of a rotated file is taken after --rotate-wait" {
	printf 'a\nrest' > log
	sk-append --tail --rotate-wait 50ms log t &
	has_lines t 1
	mv log log.1
	echo b > log
	has_lines t 3
	kill -TERM $!
	wait_end $!
	same "$(sk-replay t | sort)" "$(printf '%s\n' a b rest)"
}

@test "sk-append --tail: a file that was rotated and packed meanwhile is read on" {
	many a > log
	says 0 '' sk-append --tail --once log t
	many b 10 >> log
	gzip -c log > log.1.gz
	rm log
	echo c > log
	says 0 '' sk-append --tail --once --rotate-wait 0 log t
	says 0 '' sk-append --tail --once --rotate-wait 0 log t
	{ many a; many b 10; echo c; } | holds t
	mv log log.1
	zstd -q --rm log.1
	echo d > log
	says 0 '' sk-append --tail --once --rotate-wait 0 log t
	{ many a; many b 10; printf 'c\nd\n'; } | holds t
}

@test "sk-append --tail: a file that was copied and truncated is read on" {
	many a > log
	says 0 '' sk-append --tail --once log t
	many b 10 >> log
	cp log log.1
	echo c > log
	says 0 '' sk-append --tail --once log t
	{ many a; many b 10; echo c; } > all
	sort all > want
	sk-replay t | sort | cmp - want
}

@test "sk-append --tail: a file that is truncated is read from its beginning" {
	printf 'a long line\n' > log
	sk-append --tail log t 2> err &
	has_lines t 1
	echo b > log
	has_lines t 2
	kill -TERM $!
	wait_end $!
	printf 'a long line\nb\n' | holds t
	same "$(cat err)" 'sk-append: warning: log: truncated; lines written after byte 12 and before that may be missing'
}

@test "sk-append --tail: packed files are unpacked" {
	many a | gzip > a.gz
	many b | zstd -q > b.zst
	says 0 '' sk-append --tail --once a.gz b.zst t
	says 0 '' sk-append --tail --once a.gz b.zst t
	{ many a; many b; } | holds t
}

@test "sk-append --tail: long lines are cut at the same places after a restart" {
	head -c 100 /dev/zero | tr '\0' x > log
	says 0 "sk-append: warning: log: byte 0: line longer than 8 bytes, split into pieces
sk-append: log: 2 bytes behind the last newline left for the next run
sk-append: 1 line longer than 8 bytes was split into pieces, the first at log: byte 0" \
	    sk-append --tail --once --max-line 8 log t
	printf 'y\nend\n' >> log
	says 0 '' sk-append --tail --once --max-line 8 log t
	{ yes xxxxxxx | head -n 14; printf 'xxy\nend\n'; } | holds t
}

@test "sk-append --tail: a line put aside moves the position" {
	printf 'a\n123456789\n' > log
	run -0 --separate-stderr \
	    sk-append --tail --once --max-line 8 --overlong divert=long log t
	says 0 '' \
	    sk-append --tail --once --max-line 8 --overlong divert=long log t
	echo a | holds t
	echo 123456789 | cmp - long
}

@test "sk-append --tail: killed at any moment, every line is there once" {
	local round

	: > log
	: > all
	for round in $(seq 40); do
		sk-append --tail --linger 1ms --batch-bytes 500 \
		    --segment-bytes 2K --sync none log t 2> /dev/null &
		many "$round" 30 | tee -a all >> log
		# Each file is seen once under its name.
		[ $((round % 4)) -ne 1 ] || has_lines t $((round * 30))
		if [ $((round % 4)) -eq 0 ]; then
			rm -f log.2*
			[ ! -e log.1 ] || mv log.1 log.2
			mv log log.1
			[ ! -e log.2 ] || gzip log.2
			: > log
		fi
		kill -KILL $!
		wait_end $! 2> /dev/null
	done
	sk-append --tail --once --rotate-wait 0 log t 2> /dev/null
	sort all > want
	sk-replay t | sort | cmp - want
	run -0 sk-log check t
}

# ---- bad system ----

@test "sk-append: a topic that cannot be made is status 3" {
	says 3 'sk-append: no/t: No such file or directory' \
	    sk-append no/t < /dev/null
	echo x > file
	says 3 'sk-append: file/t: Not a directory' sk-append file/t < /dev/null
	mkdir folder
	echo x > folder/precious
	says 3 'sk-append: folder: not a log, and not empty' \
	    sk-append folder < /dev/null
	same "$(cat folder/precious)" x
}

@test "sk-append: a folder that may not be written is status 3" {
	[ "$(id -u)" -ne 0 ] || skip 'root may write everywhere'
	mkdir -m 555 folder
	says 3 'sk-append: folder/t: Permission denied' \
	    sk-append folder/t < /dev/null
}

@test "sk-append: a file that is too large is status 3 and told in lines" {
	seq 300000 > in
	run -3 --separate-stderr bash -c \
	    'trap "" XFSZ; ulimit -f 20; sk-append --batch-bytes 100K t < in'
	same "${stderr_lines[0]}" \
	    'sk-append: t/00000000000000000000.zst: File too large'
	[[ ${stderr_lines[1]} =~ ^sk-append:\ t:\ ([0-9]+)\ lines\ taken\ but\ not\ stored$ ]]
	sk-replay -q t | cmp -n "$(sk-replay -q t | wc -c)" - in
}

@test "sk-append: on a full disk it says how many lines are not stored" {
	make_full 200
	cp "$SK_DATA/access.log" in
	yes "$(cat in)" | head -n 50000 | tr a-y b-z > in2 || :
	seq 1000000 > in3
	run -3 --separate-stderr sk-append full/t < in3
	same "${stderr_lines[0]}" \
	    'sk-append: full/t/00000000000000000000.zst: No space left on device'
	[[ ${stderr_lines[1]} =~ ^sk-append:\ full/t:\ [0-9]+\ lines\ taken\ but\ not\ stored$ ]]
	n=$(sk-replay -q full/t | wc -l)
	head -n "$n" in3 | holds full/t
	run -0 sk-log check full/t
}

@test "sk-append: --on-full=wait holds the input until there is room" {
	make_full 200
	seq 20000 > in
	head -c 190000 /dev/zero > full/other
	sk-append --on-full wait --wait 1s full/t < in 2> err &
	wait_for err 'No space left on device; waiting for room$'
	rm full/other
	wait_end $!
	same "$status" 0
	same "$(tail -n 1 err)" 'sk-append: warning: full/t: there is room again'
	holds full/t < in
}

# ---- pipes and signals ----

@test "sk-append: stdin that is closed is status 3" {
	says 3 'sk-append: stdin: Bad file descriptor' \
	    bash -c 'exec sk-append t <&-'
	[ ! -e t ]
}

@test "sk-append: closed stdout and stderr are never written to by mistake" {
	many x > in
	sk-append -t 2 t < in >&- 2>&-
	holds t < in
}

@test "sk-append: SIGTERM, SIGINT and SIGHUP store what was read" {
	local pair

	for pair in TERM:143 INT:130 HUP:129; do
		rm -rf t
		mkfifo "in-$pair"
		# A shell's background command ignores SIGINT: not this one.
		env --default-signal=INT sk-append t < "in-$pair" &
		exec 5> "in-$pair"
		env printf 'one\nhalf' >&5 # in one write
		has_lines t 1
		kill "-${pair%:*}" $!
		wait_end $!
		same "$status" "${pair#*:}"
		exec 5>&-
		printf 'one\nhalf\n' | holds t
		run -0 --separate-stderr sk-replay t
		same "$stderr" ''
	done
}

@test "sk-append: SIGUSR1 stores the open block and tells where it is" {
	mkfifo in
	SK_TRACE=trace sk-append --linger 1h t < in 2> err &
	exec 5> in
	echo one >&5
	wait_for trace ' open '
	# Asked until the line has been read.
	until grep -q ' 1 line,' err; do
		kill -USR1 $!
	done
	wait_for err '^sk-append: t: 1 line, 4 B, stored to offset 1, durable to [01], [0-9]+s?$'
	echo one | holds t
	exec 5>&-
	wait_end $!
	same "$status" 0
}
