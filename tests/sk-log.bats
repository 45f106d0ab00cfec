#!/usr/bin/env bats
# sk-log: what a person sees of check, salvage, recovery, repack, retention.
# The damage of every single byte is tests/unit/log_check.c's.

load helper

first=00000000000000000000.zst
second=00000000000000000100.zst
third=00000000000000000200.zst

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
	[ -z "${writer-}" ] || kill "$writer" 2> /dev/null || :
}

# Two sealed segments of 100 lines, and the newest with 50.
three() {
	head -n 100 "$SK_DATA/access.log" | sk-append --segment-bytes=1 "$1"
	head -n 200 "$SK_DATA/access.log" | tail -n 100 | sk-append "$1"
	head -n 250 "$SK_DATA/access.log" | tail -n 50 |
	    sk-append --segment-bytes=1M "$1"
}

# Overwrite bytes of FILE at POSITION.
damage() {
	printf '%s' "${3-oops}" |
	    dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# A writer that has the log open until descriptor 9 is closed.
start_writer() {
	mkfifo lines
	sk-append --ack 1 "$@" < lines > acks &
	writer=$!
	exec 9> lines
	echo 'from the writer' >&9
	wait_for acks '^A 0 '
}

end_writer() {
	exec 9>&-
	wait_end "$writer"
	writer=
}

# Times and sizes are of this hour and this zstd.
masked() {
	sed -E 's/[0-9]{4}-[0-9-]+T[0-9:.]+Z/TIME/g; s/[0-9.]+ KiB/SIZE/g;
	    s/"(raw_)?bytes":[0-9]+/"\1bytes":N/g; s/  +/ /g'
}

@test "sk-log: a wrong usage is status 2" {
	run -2 --separate-stderr sk-log
	same "${stderr_lines[0]}" 'sk-log: no verb'
	run -2 --separate-stderr sk-log ls
	same "${stderr_lines[0]}" 'sk-log: no topic'
	run -2 --separate-stderr sk-log look web
	same "${stderr_lines[0]}" 'sk-log: look: unknown verb'
	run -2 --separate-stderr sk-log salvage web
	same "${stderr_lines[0]}" 'sk-log: salvage: one topic and the new one'
	run -2 --separate-stderr sk-log salvage web new more
	same "$output" ''
}

@test "sk-log: ls shows a table" {
	three web
	run -0 --separate-stderr sk-log ls web
	same "$stderr" ''
	same "$(masked <<< "$output" | sed 's/ [0-9.]* TIME/ R TIME/')" \
'partition first next lines size ratio from to state
 0 0 100 100 SIZE R TIME TIME sealed
 0 100 200 100 SIZE R TIME TIME sealed
 0 200 250 50 SIZE R TIME TIME open'
	# Aligned: every column begins or ends in one place.
	same "$(awk '{ print length($0) - length($NF) }' <<< "$output" |
	    sort -u | wc -l)" 1
}

@test "sk-log: ls --to=ndjson has the members of the page" {
	three web
	run -0 --separate-stderr sk-log ls --to=ndjson web
	same "$(masked <<< "${lines[2]}")" \
'{"partition":0,"first":200,"next":250,"lines":50,"bytes":N,"raw_bytes":N,"from":"TIME","to":"TIME","state":"open","file":"00000000000000000200.zst"}'
	same "$(sk-log ls --to=ndjson web |
	    sed 's/.*"bytes":\([0-9]*\).*/\1/')" \
	    "$(stat -c %s web/*.zst)"
	same "$(sk-log ls --to=ndjson web |
	    sed 's/.*"raw_bytes":\([0-9]*\).*/\1/' | paste -sd+ | bc)" \
	    "$(head -n 250 "$SK_DATA/access.log" | wc -c)"
}

@test "sk-log: ls --to=tsv and csv, with a header or without" {
	three web
	run -0 --separate-stderr sk-log ls --to=tsv --header web
	same "${lines[0]}" "$(printf '%s\t' partition first next lines bytes \
	    raw_bytes from to state)file"
	same "$(cut -f 1-4,9- <<< "${lines[1]}")" \
	    $'0\t0\t100\t100\tsealed\t'$first
	run -0 --separate-stderr sk-log ls --to=csv --no-header web
	same "${#lines[@]}" 3
}

@test "sk-log: several topics get a column" {
	three web
	sk-append two < /dev/null
	run -0 --separate-stderr sk-log ls web two
	same "$(awk '{ print $1, $NF }' <<< "$output")" \
'topic state
web sealed
web sealed
web open
two open'
	run -0 --separate-stderr sk-log check web two
	same "${lines[3]}" $'two\tok\t0\t'$first$'\t0\t0\t'
}

@test "sk-log: a topic that is missing does not hide the others" {
	three web
	run -3 --separate-stderr sk-log check none web
	same "$stderr" 'sk-log: none: No such file or directory'
	same "${#lines[@]}" 3
	run -3 --separate-stderr sk-log ls none
	same "$output" ''
	mkdir plain
	run -3 --separate-stderr sk-log ls plain
	same "$stderr" 'sk-log: plain: not a log'
}

@test "sk-log: segments without topic.conf are refused" {
	three web
	rm web/topic.conf
	for verb in ls check recover repack trim; do
		run -4 --separate-stderr sk-log $verb web
		same "$output" ''
		[[ $stderr == 'sk-log: web'* ]]
	done
}

@test "sk-log: check finds a whole log whole" {
	three web
	run -0 --separate-stderr sk-log check web
	same "$stderr" ''
	same "$output" "$(printf 'ok\t0\t%s\t%s\t%s\t\n' $first 0 100 \
	    $second 100 200 $third 200 250)"
	run -0 --separate-stderr sk-log check --to=ndjson web
	same "${lines[0]}" \
'{"verdict":"ok","partition":0,"file":"00000000000000000000.zst","first":0,"next":100,"reason":null}'
}

@test "sk-log: check names a damaged header" {
	three web
	damage web/$third 200
	run -1 --separate-stderr sk-log check web
	same "${lines[2]}" "$(printf 'bad\t0\t%s\t200\t200\t%s' $third \
	    'acknowledged data damaged at 184, was durable to '\
"$(stat -c %s web/$third | awk '{ print $1 - 72 }'): block header damaged at \
184, after offset 200: header damaged")"
}

@test "sk-log: check names a damaged block and its records" {
	three web
	damage web/$second 1000
	run -1 --separate-stderr sk-log check web
	[[ ${lines[1]} == $'bad\t0\t'$second$'\t100\t100\tblock at '*' damaged: records 100..199' ]]
	same "${lines[2]}" $'ok\t0\t'$third$'\t200\t250\t'
}

@test "sk-log: check names a damaged index, and what it means" {
	three web
	damage web/$first "$(($(stat -c %s web/$first) - 30))"
	run -1 --separate-stderr sk-log check web
	same "${lines[0]}" "$(printf 'bad\t0\t%s\t0\t100\t%s' $first \
	    'index damaged; the next writer seals it again')"
	run -0 --separate-stderr sk-log recover web
	run -0 --separate-stderr sk-log check web
}

@test "sk-log: check names a missing segment" {
	three web
	rm web/$second
	run -1 --separate-stderr sk-log check web
	same "${lines[1]}" "$(printf 'bad\t0\t%s\t100\t200\t%s' $second \
	    "records 100..199 missing (segment $second absent)")"
}

@test "sk-log: check names a segment that does not belong here" {
	three web
	three two
	cp two/$second web/$second
	run -1 --separate-stderr sk-log check web
	same "${lines[1]}" "$(printf 'bad\t0\t%s\t100\t100\t%s' $second \
	    'does not belong here: the uuid is of another topic')"
}

@test "sk-log: check warns of a file that is not of a log" {
	three web
	: > web/notes.txt
	run -0 --separate-stderr sk-log check web
	same "$stderr" \
	    'sk-log: warning: web/notes.txt: not a file of a log, ignored'
	same "${#lines[@]}" 3
}

@test "sk-log: a killed writer leaves no end mark" {
	start_writer web
	kill -9 "$writer"
	wait_end "$writer"
	exec 9>&-
	run -0 --separate-stderr sk-log check web
	same "$output" "$(printf 'ok\t0\t%s\t0\t1\t%s' $first \
	    'no end mark: the last writer was killed, or the end is lost')"
	run -0 --separate-stderr sk-log recover web
	same "$stderr" 'sk-log: web: can be written, the next offset is 1'
}

@test "sk-log: while a writer runs there is nothing to say of the end" {
	start_writer web
	run -0 --separate-stderr sk-log check web
	same "$output" $'ok\t0\t'$first$'\t0\t1\t'
	run -0 --separate-stderr sk-log ls web
	[[ ${lines[1]} == *open ]]
	end_writer
}

@test "sk-log: recover cuts a torn tail and keeps it" {
	three web
	size=$(stat -c %s web/$third)
	printf 'half a block' >> web/$third
	run -0 --separate-stderr sk-log check web
	same "${lines[2]}" "$(printf 'torn\t0\t%s\t200\t250\t%s' $third \
	    "12 bytes at $size are not whole, and not proven durable")"
	run -0 --separate-stderr sk-log recover web
	same "$output" ''
	same "$stderr" "sk-log: web/$third: cut 12 unacknowledged bytes at $size; kept in 00000000000000000200.torn-$size
sk-log: web: can be written, the next offset is 250"
	same "$(cat web/00000000000000000200.torn-"$size")" 'half a block'
	run -0 --separate-stderr sk-log check web
	same "${lines[2]}" $'ok\t0\t'$third$'\t200\t250\t'
	run -0 --separate-stderr sk-log recover --quiet --deep web
	same "$stderr" ''
}

@test "sk-log: recover refuses damage and changes nothing" {
	three web
	damage web/$third 1000
	cp -r web before
	run -4 --separate-stderr sk-log recover web
	[[ $stderr == "sk-log: web/$third: acknowledged data damaged at "* ]]
	diff -r -x .lock before web
	rm web/$second
	run -4 --separate-stderr sk-log recover web
	[[ $stderr == *'records 100..199 missing'* ]]
}

@test "sk-log: recover is refused while a writer runs" {
	start_writer web
	run -3 --separate-stderr sk-log recover web
	[[ $stderr == *"web is being written by pid $writer"* ]]
	end_writer
}

@test "sk-log: salvage copies a whole log as it is" {
	three web
	run -0 --separate-stderr sk-log salvage web new
	same "$output" ''
	same "$stderr" 'sk-log: new: 250 records copied, 0 lost in 0 gaps'
	run -0 --separate-stderr sk-log check new
	zstd -dc new/*.zst | cmp - <(head -n 250 "$SK_DATA/access.log")
	same "$(sk-log ls --to=tsv new | cut -f 7,8)" \
	    "$(sk-log ls --to=tsv web | cut -f 7,8)"
}

@test "sk-log: one of a thing is no plural" {
	echo a | sk-append --segment-bytes 1 web
	echo b | sk-append --segment-bytes 1M web
	printf x >> web/00000000000000000001.zst
	size=$(($(stat -c %s web/00000000000000000001.zst) - 1))
	run -0 --separate-stderr sk-log check web
	same "$(cut -f 6 <<< "${lines[1]}")" \
	    "1 byte at $size is not whole, and not proven durable"
	run -0 --separate-stderr sk-log recover web
	same "${stderr_lines[0]}" "sk-log: web/00000000000000000001.zst: cut 1 unacknowledged byte at $size; kept in 00000000000000000001.torn-$size"
	printf 'cleanup=delete\nretention_bytes=1\n' >> web/topic.conf
	run -0 --separate-stderr sk-log trim web
	[[ $stderr == 'sk-log: web: removed 1 record in 1 segment ('*'), the log begins at 1' ]]
	run -0 --separate-stderr sk-log salvage web new
	same "${stderr_lines[-1]}" 'sk-log: new: 1 record copied, 0 lost in 0 gaps'
}

@test "sk-log: salvage names what is lost, with status 4" {
	three web
	damage web/$second 1000
	cp -r web before
	run -4 --separate-stderr sk-log salvage web new
	same "$stderr" "sk-log: web/$second: records 100..199 lost, record 200 becomes 100
sk-log: new: 150 records copied, 100 lost in 1 gap"
	diff -r -x .lock before web
	run -0 --separate-stderr sk-log check new
	sk-replay new | cmp - <(head -n 100 "$SK_DATA/access.log"
	    head -n 250 "$SK_DATA/access.log" | tail -n 50)
	seq 10 | sk-append new
	same "$(sk-replay --last 1 --with-offset new)" $'0\t159\t10'
}

@test "sk-log: salvage needs a new place" {
	three web
	mkdir new
	run -3 --separate-stderr sk-log salvage web new
	same "$stderr" 'sk-log: new: File exists'
	run -3 --separate-stderr sk-log salvage none new2
	same "$stderr" 'sk-log: none: No such file or directory'
	[ ! -e new2 ]
}

@test "sk-log: a tail goes on with the salvaged log" {
	head -n 100 "$SK_DATA/access.log" > access.log
	sk-append --once --tail access.log web
	sk-log salvage -q web new
	tail -n 100 "$SK_DATA/access.log" >> access.log
	sk-append --once --tail access.log new
	zstd -dc new/*.zst | cmp - access.log
}

@test "sk-log: repack makes large blocks of the same lines" {
	for n in 1 2 3 4 5 6 7 8 9 10; do
		cat "$SK_DATA/access.log"
	done > in
	sk-append --batch-bytes=100K --segment-bytes=1M web < in
	# Sealed, but its blocks are too large to be repacked unasked.
	sk-append --segment-bytes=1 web < /dev/null
	same "$(sk-log ls --to=tsv web | cut -f 9)" $'sealed\nopen'
	run -0 --separate-stderr sk-log repack web
	same "$stderr" 'sk-log: web: nothing to repack'
	run -0 --separate-stderr sk-log repack --all web
	[[ $stderr == "sk-log: web/$first: "*' blocks to 1, '* ]]
	same "$(sk-log ls --to=tsv web | cut -f 9)" $'repacked\nopen'
	zstd -dc web/*.zst | cmp - in
	sk-replay web | cmp - in
	run -0 --separate-stderr sk-log check web
	same "$stderr" ''
}

@test "sk-log: small blocks are repacked when their segment is sealed" {
	for n in 1 2 3 4 5 6; do
		echo "line $n" | sk-append web
	done
	sk-append --segment-bytes=1 web < /dev/null
	same "$(sk-log ls --to=tsv web | cut -f 9)" $'repacked\nopen'
	same "$(zstd -dc web/*.zst)" "$(seq -f 'line %g' 6)"
	run -0 --separate-stderr sk-log check web
}

@test "sk-log: trim says how retention is set" {
	three web
	run -2 --separate-stderr sk-log trim web
	same "$output" ''
	same "$stderr" 'sk-log: web: nothing may be removed; to allow it put cleanup=delete and retention_bytes=SIZE or retention_age=DUR into web/topic.conf'
	echo cleanup=delete >> web/topic.conf
	run -2 --separate-stderr sk-log trim web
	same "$stderr" 'sk-log: web: no limit is set; put retention_bytes=SIZE or retention_age=DUR into web/topic.conf'
	same "$(sk-replay web | wc -l)" 250
}

@test "sk-log: trim removes the oldest segments" {
	three web
	printf 'cleanup=delete\nretention_bytes=1\n' >> web/topic.conf
	run -0 --separate-stderr sk-log trim web
	[[ $stderr == 'sk-log: web: removed 200 records in 2 segments ('*'), the log begins at 200' ]]
	same "$(echo web/*.zst)" "web/$third"
	run -0 --separate-stderr sk-log check web
	same "$output" $'ok\t0\t'$third$'\t200\t250\t'
	run -0 --separate-stderr sk-log trim web
	same "$stderr" 'sk-log: web: nothing to remove'
}

@test "sk-log: trim keeps what a job needs" {
	three web
	printf 'cleanup=delete\nretention_age=1ns\n' >> web/topic.conf
	mkdir web/.jobs
	sk-replay -n 150 --cursor web/.jobs/daily web > /dev/null
	run -0 --separate-stderr sk-log trim web
	[[ ${stderr_lines[0]} == "sk-log: web/$second: kept, job daily needs records from 150 on (--ignore-jobs)" ]]
	[[ ${stderr_lines[1]} == *'the log begins at 100' ]]
	run -0 --separate-stderr sk-log trim --ignore-jobs web
	[[ $stderr == *'the log begins at 200' ]]
}

@test "sk-log: a running writer is asked to trim and repack" {
	three web
	printf 'cleanup=delete\nretention_bytes=1\nsegment_bytes=1M\n' \
	    >> web/topic.conf
	start_writer web
	run -0 --separate-stderr sk-log trim web
	same "$stderr" 'sk-log: web: trimmed by the running writer'
	same "$(echo web/*.zst)" "web/$third"
	run -0 --separate-stderr sk-log repack web
	same "$stderr" 'sk-log: web: repacked by the running writer'
	[ ! -e web/.request-trim ]
	[ ! -e web/.request-repack ]
	end_writer
	run -0 --separate-stderr sk-log check web
}

@test "sk-log: a running writer trims by what topic.conf says now" {
	three web
	start_writer web --segment-bytes=1M
	sed -i 's/^cleanup=.*/cleanup=delete/' web/topic.conf
	echo retention_bytes=1 >> web/topic.conf
	run -0 --separate-stderr sk-log trim web
	same "$stderr" 'sk-log: web: trimmed by the running writer'
	same "$(echo web/*.zst)" "web/$third"
	end_writer
}

@test "sk-log: what an option asks for a running writer is not asked for" {
	three web
	printf 'cleanup=delete\nretention_bytes=1\n' >> web/topic.conf
	start_writer web
	run -3 --separate-stderr sk-log trim --ignore-jobs web
	[[ $stderr == *"web is being written by pid $writer"* ]]
	run -3 --separate-stderr sk-log repack --all web
	end_writer
}

@test "sk-log: salvage goes on where one was killed at its beginning" {
	three web
	mkdir new
	touch new/.lock new/.new-topic.conf
	run -0 --separate-stderr sk-log salvage web new
	cmp <(sk-replay web) <(sk-replay new)
	mkdir other
	touch other/file
	run -3 --separate-stderr sk-log salvage web other
	same "$stderr" 'sk-log: other: File exists'
	run -3 --separate-stderr sk-log salvage web no/such
	same "$stderr" 'sk-log: no/such: No such file or directory'
}

@test "sk-log: a writer that does not answer is not waited for longer" {
	three web
	start_writer web
	kill -STOP "$writer"
	run -3 --separate-stderr sk-log repack --wait=100ms web
	same "$stderr" 'sk-log: web: the running writer has not done it yet; the request stays'
	[ -e web/.request-repack ]
	kill -CONT "$writer"
	end_writer
	run -0 --separate-stderr sk-log repack web
	[ ! -e web/.request-repack ]
}

@test "sk-log: a folder that may not be written is status 3" {
	[ "$(id -u)" -ne 0 ] || skip 'root writes everywhere'
	three web
	chmod 500 web
	chmod 400 web/.lock
	run -3 --separate-stderr sk-log recover web
	run -0 --separate-stderr sk-log check web
	chmod 700 web
}

@test "sk-log: the next command sees the lines of a closed pipe" {
	three web
	run -0 --separate-stderr bash -c 'sk-log check web | head -n 1'
	same "$output" $'ok\t0\t'$first$'\t0\t100\t'
}

# Version 1 of the format: sealed, repacked and open segments, event times, a
# tailed file, a last line without newline, NUL, CR, an empty line.
@test "sk-log: the log that the first version wrote can be read and goes on" {
	golden=$SK_ROOT/tests/golden
	run -0 --separate-stderr sk-log check "$golden/log-1"
	same "$stderr" ''
	same "$(cut -f 1,6 <<< "$output" | sort -u)" $'ok\t'
	same "$(sk-log ls --to=tsv "$golden/log-1" | cut -f 9 | sort -u)" \
	    $'open\nrepacked\nsealed'
	sk-replay "$golden/log-1" | cmp - "$golden/log-1.lines"
	zstd -dc "$golden"/log-1/*.zst | cmp - "$golden/log-1.lines"
	sk-log salvage -q "$golden/log-1" salvaged
	sk-replay salvaged | cmp - "$golden/log-1.lines"
	cp -r "$golden/log-1" web
	seq 100 | sk-append web
	run -0 --separate-stderr sk-log check web
	sk-replay web | cmp - <(cat "$golden/log-1.lines"; seq 100)
}
