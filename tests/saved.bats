#!/usr/bin/env bats
# Saved states of the sketches: files that stand in for each other, and writers
# that meet.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

# Each tool, with what it needs to read `KEY NUMBER`.
each_tool() {
	local tool

	for tool in 'sk-hll --value 2' 'sk-topk --value 2' \
	    'sk-quantile --value 2' sk-sample; do
		# shellcheck disable=SC2086 # words on purpose
		"$@" $tool || return
	done
}

goes_on_after_nothing() {
	rm -f f
	run -0 --separate-stderr "$@" -k 1 --state f < /dev/null
	same "$output$stderr" ''
	run -0 --separate-stderr "$@" -k 1 --state f <<< 'a 5'
	[ "$(wc -l < f)" = 1 ]
}

reads_none() {
	"$@" -k 1 --save none < /dev/null
	run -0 --separate-stderr "$1" --merge -k 1 none none
	same "$output$stderr" ''
	run -0 --separate-stderr "$1" --merge none
	same "$stderr" ''
	run -0 --separate-stderr "$1" --info none
	same "$output$stderr" ''
	: > emptied
	run -4 --separate-stderr "$1" --merge -k 1 emptied
	same "$stderr" "$1: emptied: empty: no saved sketch"
}

@test "saved: a run without events is no trouble to the next" {
	each_tool goes_on_after_nothing
}

@test "saved: a file of no keys is read, one that was cut to nothing not" {
	each_tool reads_none
}

@test "saved: lines may have blank ones and a mark in front" {
	printf '%s\n' 'a 1' 'b 2' | sk-hll -k 1 --value 2 --save f > /dev/null
	sk-hll --merge -k 1 f > want
	(printf '\xef\xbb\xbf\n\n'; cat f; echo; cat f) > lines
	sk-hll --merge -k 1 lines | cmp - want
	(printf '\n'; sleep 0.2; cat f) | sk-hll --merge -k 1 | cmp - want
	# An image that begins with the byte of a newline.
	seq 10000 | sk-hll --save image > want
	[ "$(head -c 1 image | od -An -tx1)" = ' 0a' ]
	sk-hll --merge image | cmp - want
}

two_in_a_line() {
	echo 'a 5' | "$@" -k 1 --save f > /dev/null
	run -4 --separate-stderr "$1" --merge -k 1 \
	    <(printf %s "$(cat f)"; cat f)
	same "$output" ''
	[[ $stderr == "$1: /dev/fd/"*':1: text behind the JSON' ]]
}

@test "saved: files joined without a newline are refused" {
	each_tool two_in_a_line
}

one_is_missing() {
	printf '%s\n' 'a 5' 'b 6' | "$@" -k 1 --save f > /dev/null
	"$1" --merge -k 1 f > want
	run -3 --separate-stderr "$1" --merge -k 1 none f
	same "$output" "$(cat want)"
	same "$stderr" "$1: none: No such file or directory"
}

@test "saved: an input that cannot be read does not end a merge" {
	each_tool one_is_missing
}

@test "saved: keys that are not UTF-8 are told" {
	printf 'caf\xe9 1\ncaf\xe8 2\n\xef\xbf\xbd 3\n' > in
	run -0 --separate-stderr sk-hll -k 1 --value 2 --save f in
	same "$stderr" 'sk-hll: warning: 2 keys are not UTF-8; they are saved'\
' with U+FFFD for what is not, and those that are equal then become one'
	printf 'caf\xc3\xa9 1\n' > in
	run -0 --separate-stderr sk-hll -k 1 --value 2 --save f in
	same "$stderr" ''
}

@test "saved: a file that stands at FILE.tmp is nobody's business" {
	local out

	echo precious > victim
	for out in --save --state -o; do
		ln -s victim x.tmp
		seq 9 | sk-hll "$out" x > /dev/null
		same "$(cat victim)" precious
		[ -L x.tmp ]
		[ ! -L x ]
		same "$(echo x*)" 'x x.tmp'
		rm x x.tmp
	done
}

@test "saved: the mode of a file stays when it is replaced" {
	local out

	for out in --save --state -o; do
		rm -f x
		(umask 077; seq 9 | sk-hll "$out" x > /dev/null)
		chmod 640 x
		seq 9 | sk-hll "$out" x > /dev/null
		same "$(stat -c %a x)" 640
	done
}

@test "saved: of two writers at once one wins, and the file is whole" {
	local i

	seq 20000 | awk '{ print $1, $1 }' > in
	for ((i = 0; i < 5; i++)); do
		sk-hll -k 1 --value 2 -o /dev/null --save f in &
		sk-hll -k 1 --value 2 -o /dev/null --save f in
		wait "$!"
		[ "$(sk-hll --merge -k 1 f | wc -l)" = 20000 ]
		same "$(echo f*)" f
	done
}
