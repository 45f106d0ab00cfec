#!/usr/bin/env bats
# sk-sample: what it takes, keeps and refuses.  That samples are fair is shown
# by tests/unit/sketch_{reservoir,varopt,recent}; here by the whole tool, with
# seeds that are fixed: the limits are those of tests/unit/chi.h.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

usage='usage: sk-sample [option ...] [INPUT ...]'

# refuses MESSAGE OPTION...
refuses() {
	local message=$1

	shift
	run -2 --separate-stderr sk-sample "$@" <<< event
	same "$output" ''
	same "$stderr" "sk-sample: $message
$usage"
}

# even N K: lines "count item" are counts of N items, of K in each run; they
# are as far from even as chance has it.
even() {
	awk -v n="$1" -v k="$2" -v runs="$3" '
	{ sum += $1; count[$2] = $1 }
	END {
		p = k / n
		if (sum != runs * k) {
			print sum " items in " runs " runs"
			exit 1
		}
		for (i = 1; i <= n; i++)
			statistic += (count[i] - runs * p) ^ 2
		f = n - 1
		statistic *= f / n / (runs * p * (1 - p))
		v = 2 / (9 * f)
		off = ((statistic / f) ^ (1 / 3) - (1 - v)) / sqrt(v)
		if (off < -3.72 || off > 3.72) {
			print "chi-square " statistic ": " off " deviations"
			exit 1
		}
	}'
}

runs=200
[ "${SK_LONG-}" != 1 ] || runs=5000

@test "sk-sample: options that do not go together are status 2" {
	refuses '--rate: not with -n' --rate 1% -n 3
	refuses '--rate: not with -k' --rate 1% -k 1
	refuses '--rate: not with --weight' --rate 1% --weight 1
	refuses '--rate: not with --within' --rate 1% --within 1h -t 1
	refuses '--rate: not with --shuffle' --rate 1% --shuffle
	refuses '--rate: not with --every' --rate 1% --every 5
	refuses '--rate: not with --save: nothing is kept' --rate 1% --save x
	refuses '--by: needs --rate' --by 1
	refuses '--within: needs -t FIELD' --within 1h
	refuses '-t: only with --within' -t 1
	refuses '--within: not with --weight' --within 1h -t 1 --weight 2
	refuses '--within: not with --state: a window is not saved' \
	    --within 1h -t 1 --state x
	refuses '--value: only with --merge and --info; lines are sampled whole' \
	    --value 1
	refuses '-n: 0: from 1 to 2147483646' -n 0
	refuses '--rate: 2: not a share (1%, 0.01)' --rate 2
}

@test "sk-sample: few lines all go out, as they came" {
	run -0 --separate-stderr sk-sample < <(seq 10)
	same "$output" "$(seq 10)"
	same "$stderr" ''
	run -0 sk-sample -n 3 <<< one
	same "$output" one
}

@test "sk-sample: 10 lines by default, in their order, none twice" {
	seq 100000 > input
	sk-sample input > out
	[ "$(wc -l < out)" -eq 10 ]
	sort -nuc out
	sk-sample -n 500 input > out
	[ "$(wc -l < out)" -eq 500 ]
	sort -nuc out
	[ "$(comm -23 <(sort out) <(sort input))" = '' ]
}

@test "sk-sample: a seed gives the same sample, however the input is cut" {
	seq 50000 > input
	sk-sample -n 20 -s 7 input > want
	for size in 1 3 1000 65536; do
		[ "$size" -gt 1 ] || head -n 3000 input > short
		if [ "$size" -eq 1 ]; then
			cmp <(dd bs=1 status=none < short | sk-sample -s 7) \
			    <(sk-sample -s 7 short)
		else
			dd bs="$size" status=none < input |
			    sk-sample -n 20 -s 7 | cmp - want
		fi
	done
	sk-sample -n 20 -s 8 input > other
	run ! cmp -s want other
	head -n 30000 input > one
	tail -n +30001 input > two
	sk-sample -n 20 -s 7 one two | cmp - want
}

@test "sk-sample: without a seed one is drawn, and --verbose shows it" {
	seq 100000 > input
	sk-sample --verbose input > one 2> err
	sk-sample input > two
	run ! cmp -s one two
	seed=$(sed -n 's/^sk-sample: seed \([0-9]*\)$/\1/p' err)
	[ -n "$seed" ]
	sk-sample -s "$seed" input | cmp - one
}

@test "sk-sample: --every shows the sample so far and changes none" {
	run -0 sk-sample -n 2 --every 2 < <(seq 4)
	same "${lines[0]} ${lines[1]}" $'2\t1 2\t2'
	[ "${#lines[@]}" -eq 4 ]
	[[ ${lines[2]} == 4$'\t'* ]]
	seq 1000 > input
	sk-sample -n 5 -s 3 --every 7 input | tail -n 5 | cut -f 2 > got
	sk-sample -n 5 -s 3 input | cmp - got
	run -0 sk-sample -F ndjson --every 1 -n 1 <<< ' {"a":1}'
	same "$output" '{"at":1,"a":1}'
	run -0 sk-sample -F ndjson --every 1 -n 1 <<< '{ }'
	same "$output" '{"at":1}'
	run -0 sk-sample -F csv --every 1 -n 1 < <(printf 'a,b\n1,2\n')
	same "$output" $'at,a,b\n1,1,2'
}

@test "sk-sample: --every with -o replaces the file by each sample" {
	mkfifo in
	sk-sample -n 2 --every 3 -o out < in &
	pid=$!
	exec 4> in
	seq 3 >&4
	until [ -s out ]; do :; done
	[ "$(wc -l < out)" -eq 2 ]
	exec 4>&-
	wait_end "$pid"
	[ "$status" -eq 0 ]
}

@test "sk-sample: --rate passes lines as they come" {
	mkfifo in out
	sk-sample --rate 1 < in > out &
	pid=$!
	exec 4> in 5< out
	for n in 1 2 3; do
		echo "event $n" >&4
		read -r -t 10 line <&5
		same "$line" "event $n"
	done
	exec 4>&- 5<&-
	wait_end "$pid"
	seq 100000 > input
	run -0 sk-sample --rate 0 input
	same "$output" ''
	sk-sample --rate 1% -s 1 input > out2
	n=$(wc -l < out2)
	[ "$n" -gt 870 ] && [ "$n" -lt 1130 ]
	sort -nuc out2
	sk-sample --rate 0.01 -s 1 input | cmp - out2
	run -1 sk-sample -e --rate 0 input
}

@test "sk-sample: --by takes all lines of the same values everywhere" {
	seq 30000 | awk '{ print $1 % 3000, $1 }' > input
	sk-sample --by 1 --rate 10% -s 5 input > out
	# Each value that is there has all of its ten lines.
	awk '{ n[$1]++ } END { for (v in n) if (n[v] != 10) exit 1 }' out
	n=$(awk '!n[$1]++' out | wc -l)
	[ "$n" -gt 239 ] && [ "$n" -lt 361 ]
	# On another machine, with other lines in another format.
	awk '{ print $1 }' out | sort -u > users
	seq 0 2999 | shuf | awk '{ print "{\"u\":\"" $1 "\"}" }' |
	    sk-sample --by u --rate 10% -s 5 | tr -dc '0-9\n' | sort -u |
	    cmp - users
	sk-sample --by 1 --rate 10% -s 6 input | awk '{ print $1 }' |
	    sort -u > other
	[ "$(comm -12 users other | wc -l)" -lt 60 ]
	# More of them with a higher rate, those among them.
	sk-sample --by 1 --rate 20% -s 5 input | awk '{ print $1 }' |
	    sort -u > more.users
	[ "$(comm -23 users more.users)" = '' ]
	run -0 --separate-stderr sk-sample --by 2 --rate 1 <<< one
	same "$stderr" 'sk-sample: 1 of 1 events without 2'
}

@test "sk-sample: -k takes as many of each key, all in the order they came" {
	seq 1000 | awk '{ print $1, $1 % 3 }' > input
	sk-sample -n 4 -k 2 -s 1 input > out
	same "$(cut -d ' ' -f 2 out | sort | uniq -c | awk '{ print $1, $2 }')" \
	    $'4 0\n4 1\n4 2'
	sort -nuc out
	run -4 --separate-stderr sk-sample -n 1 -k 2 --max-keys 2 input
	[ "${#lines[@]}" -eq 2 ]
	[[ $stderr == *'input:3: too many keys'* ]]
	[[ $stderr == *'333 of 1000 events bad'* ]] ||
	    [[ $stderr == *'334 of 1000 events bad'* ]]
}

@test "sk-sample: --weight takes heavy lines, and says what is wrong" {
	seq 1000 | awk '{ print $1, $1 == 500 ? 1e6 : 1 }' > input
	sk-sample -n 3 --weight 2 -s 1 input | grep -q '^500 '
	run -0 --separate-stderr sk-sample -n 5 --weight 2 < <(
	    printf 'a 1\nb 0\nc\nd -\ne 2\n')
	same "$output" $'a 1\ne 2'
	same "$stderr" 'sk-sample: 2 of 5 events without 2'
	run -4 --separate-stderr sk-sample --weight 2 < <(
	    printf 'a x\nb 1\nc -1\nd 1e101\n')
	same "$output" 'b 1'
	[[ $stderr == *'stdin:1: the weight is not a number'* ]]
	[[ $stderr == *'3 of 4 events bad'* ]]
	run -4 --separate-stderr sk-sample --weight 2 <<< 'c -1'
	[[ $stderr == *'stdin:1: a negative weight'* ]]
	run -4 --separate-stderr sk-sample --weight 2 <<< 'd 1e101'
	[[ $stderr == *'stdin:1: a weight over 1e100'* ]]
}

@test "sk-sample: --within takes the last span of event time only" {
	seq 0 999 | awk '{ print 1700000000 + $1, $1 }' > input
	sk-sample -n 5 --within 100s -t 1 -s 1 input > out
	[ "$(wc -l < out)" -eq 5 ]
	awk '$2 < 900 { exit 1 }' out
	sk-sample -n 500 --within 100s -t 1 input | cmp - <(tail -n 100 input)
	# Out of order, and behind the window.
	shuf input | sk-sample -n 500 --within 100s -t 1 | sort |
	    cmp - <(tail -n 100 input)
	run -4 --separate-stderr sk-sample --within 1h -t 1 <<< 'soon x'
	same "$output" ''
	[[ $stderr == *'stdin:1: '* ]]
	# The time of all keys is one.
	seq 0 999 | awk '{ print 1700000000 + $1, int($1 / 500) }' |
	    sk-sample -n 5 --within 100s -t 1 -k 2 | cut -d ' ' -f 2 | uniq > out
	same "$(cat out)" 1
}

@test "sk-sample: --shuffle changes the order and nothing else" {
	seq 1000 > input
	sk-sample -n 100 -s 4 --shuffle input > out
	sk-sample -n 100 -s 4 input > want
	run ! cmp -s out want
	sort -n out | cmp - want
	sk-sample -n 100 -s 4 --shuffle input | cmp - out
}

@test "sk-sample: CSV and TSV keep their header line" {
	printf 'id,name\r\n1,"a\nb"\r\n' > a.csv
	printf 'id,name\n2,c\n' > b.csv
	printf 'id,other\n3,d\n' > c.csv
	run -0 sk-sample -F csv a.csv b.csv
	same "$output" $'id,name\r\n1,"a\nb"\r\n2,c'
	run -4 --separate-stderr sk-sample -F csv a.csv c.csv b.csv
	same "$output" $'id,name\r\n1,"a\nb"\r\n2,c'
	same "$stderr" \
	    'sk-sample: c.csv:1: its header line differs from that of the first input'
	run -0 sk-sample -F csv --rate 1 b.csv
	same "$output" $'id,name\n2,c'
	run -0 sk-sample -F csv --rate 0 b.csv
	same "$output" id,name
	run -1 sk-sample -e -F csv --rate 0 b.csv
	run -0 sk-sample -F csv --no-header b.csv
	same "$output" $'id,name\n2,c'
	run -0 sk-sample -F csv -k name -n 1 b.csv
	same "$output" $'id,name\n2,c'
	run -4 --separate-stderr sk-sample -F csv --weight no b.csv
	same "$output" ''
	same "$stderr" 'sk-sample: b.csv:1: no column no; there are id, name'
}

@test "sk-sample: --state goes on where the last run ended" {
	seq 1000 > input
	run -0 sk-sample -n 5 -s 1 --state s < <(seq 3)
	same "$output" "$(seq 3)"
	sk-sample -s 2 --state s < <(seq 4 1000) > out
	[ "$(wc -l < out)" -eq 5 ]
	sort -nuc out
	run -0 sk-sample --info s
	same "$output" $'s\tsample\tk=5 n=1000 lines=5 type=uniform\t1000'
	run -0 sk-sample --merge s
	same "$output" "$(cat out)"
	run -0 sk-sample --merge -n 2 s
	[ "${#lines[@]}" -eq 2 ]
}

@test "sk-sample: an empty sample is saved and merged" {
	sk-sample -n 3 --save s < /dev/null
	[ "$(wc -c < s)" -eq 8 ]
	run -0 sk-sample --merge s s
	same "$output" ''
	run -1 sk-sample --merge -e s
	run -0 sk-sample --info s
	same "$output" $'s\tsample\tk=3 n=0 lines=0 type=uniform\t0'
}

@test "sk-sample: samples per key are NDJSON that cat joins" {
	seq 100 | awk '{ print $1, $1 % 2 ? "odd" : "even" }' |
	    sk-sample -n 2 -k kind=2 -s 1 --save a > /dev/null
	seq 101 120 | awk '{ print $1, $1 % 5 ? "odd" : "five" }' |
	    sk-sample -n 2 -k kind=2 -s 2 --save b > /dev/null
	same "$(jq -r .kind a b | tr '\n' ' ')" 'even odd five odd '
	cat a b > all
	sk-sample --merge -k kind -s 3 all > out
	same "$(cut -d ' ' -f 2 out | sort | uniq -c | awk '{ print $1, $2 }')" \
	    $'2 even\n2 five\n2 odd'
	cat a b | sk-sample --merge -k kind -s 3 | cmp - out
	# Without -k all are one sample, of all events.
	run -0 sk-sample --merge -s 1 --save one all
	[ "${#lines[@]}" -eq 2 ]
	run -0 sk-sample --info one
	same "$output" $'one\tsample\tk=2 n=120 lines=2 type=uniform\t120'
	jq -c '{ who: .kind, what: .sample }' a > other
	run -0 sk-sample --merge -k who --value what other
	[ "${#lines[@]}" -eq 4 ]
}

@test "sk-sample: weighted samples are saved and merged with their weights" {
	seq 100 | awk '{ print $1, $1 }' > input
	sk-sample -n 5 --weight 2 -s 1 --save a input > /dev/null
	run -0 sk-sample --info a
	same "$output" $'a\tsample\tk=5 n=100 lines=5 type=weighted\t5050'
	sk-sample -n 5 -s 2 --save b < <(seq 50) > /dev/null
	sk-sample --merge -s 3 --save c a b > got
	[ "$(wc -l < got)" -eq 5 ]
	[[ $(sk-sample --info c) == *'n=150 lines=5 type=weighted'*5100* ]]
	run -4 --separate-stderr sk-sample --load a input
	same "$stderr" 'sk-sample: a: a weighted sample; --weight is not given'
	run -0 sk-sample --load b --weight 2 input
	[ "${#lines[@]}" -eq 5 ]
}

@test "sk-sample: files that are no samples are status 4 and say why" {
	echo no > text
	sk-hll --save a.hll < /dev/null > /dev/null
	sk-sample -n 3 --save s < <(seq 9) > /dev/null
	head -c 20 s > begin
	: > empty
	run -4 --separate-stderr sk-sample --merge begin
	same "$stderr" 'sk-sample: begin: a sample that is cut short'
	run -4 --separate-stderr sk-sample --merge a.hll
	same "$stderr" 'sk-sample: a.hll: no sample: a sketch of family 7'
	run -4 --separate-stderr sk-sample --load text < /dev/null
	same "$stderr" 'sk-sample: text: no sample: shorter than 8 bytes'
	run -4 --separate-stderr sk-sample --state empty < /dev/null
	same "$stderr" 'sk-sample: empty: empty: no saved sketch'
	printf '\3' | dd of=s bs=1 seek=1 conv=notrunc status=none
	run -4 --separate-stderr sk-sample --info s
	same "$stderr" 'sk-sample: s: a sample of version 3, not 2'
}

@test "sk-sample: images of another implementation are read" {
	vectors=$SK_ROOT/../shared/vectors/varopt
	[ -d "$vectors" ] || skip 'no vectors here'
	run -0 sk-sample --merge "$vectors/varopt_seq_k32_n10.sk"
	same "$output" "$(seq 10)"
	sk-sample --merge --save got "$vectors/varopt_seq_k32_n1000.sk" > out
	cmp got "$vectors/varopt_seq_k32_n1000.sk"
	[ "$(wc -l < out)" -eq 32 ]
}

@test "sk-sample: every line is as likely, merged from unequal shards" {
	for ((i = 1; i <= runs; i++)); do
		sk-sample -n 4 -s "$i" --save a < <(seq 20) > /dev/null
		sk-sample -n 4 -s "$((i + 1000000))" --save b \
		    < <(seq 21 30) > /dev/null
		sk-sample -n 4 -s "$((i + 2000000))" --save c \
		    < <(seq 31 33) > /dev/null
		sk-sample --merge -s "$((i + 3000000))" a b c
	done | sort -n | uniq -c | even 33 4 "$runs"
}

@test "sk-sample: every line of a key, of a window, shuffled is as likely" {
	seq 60 | awk '{ print 1700000000 + $1, $1 % 2, int(($1 + 1) / 2) }' \
	    > input
	for ((i = 1; i <= runs; i++)); do
		sk-sample -n 3 -k 2 -s "$i" input
	done | awk '$2 == 1 { print $3 }' | sort -n | uniq -c |
	    even 30 3 "$runs"
	for ((i = 1; i <= runs; i++)); do
		sk-sample -n 3 --within 20s -t 1 -s "$i" input
	done | awk '{ print $1 - 1700000040 }' | sort -n | uniq -c |
	    even 20 3 "$runs"
	for ((i = 1; i <= runs; i++)); do
		sk-sample -n 3 -s "$i" --shuffle input | head -n 1
	done | awk '{ print $1 - 1700000000 }' | sort -n | uniq -c |
	    even 60 1 "$runs"
}

@test "sk-sample: memory is that of the sample, not of the input" {
	[[ $SK_BUILD != *asan* ]] || skip 'asan reserves address space'
	total=3000000
	[ "${SK_LONG-}" != 1 ] || total=1000000000
	(
		ulimit -v 20000
		seq "$total" | sk-sample -n 1000 > out
		seq 3000000 | awk '{ printf "%.3f %d\n", $1 / 1000, $1 }' |
		    sk-sample -n 100 -t 1 --within 1h > out
	)
	[ "$(wc -l < out)" -eq 100 ]
}

@test "sk-sample: no two members of a saved sample have one name" {
	local keys option

	for keys in sample=1 b=2,sample=1 sample=1,sample=2; do
		for option in '--save s' '--state s' '--load s' --merge; do
			# shellcheck disable=SC2086 # words of a command
			run -2 --separate-stderr sk-sample -k "$keys" \
			    $option missing
			same "$output" ''
			same "${stderr_lines[0]}" "sk-sample: two members of \
a saved state are called sample; name=FIELD gives another name"
		done
	done
	run -2 --separate-stderr sk-sample -k a=1,a=2 --save s missing
	same "${stderr_lines[0]}" "sk-sample: two members of a saved state \
are called a; name=FIELD gives another name"
	[ ! -e s ]
	same "$(sk-sample -k sample=1 <<< 'a b')" 'a b'
}

@test "sk-sample: saved samples have no --every" {
	local option

	seq 9 | sk-sample --save s > out
	for option in --merge --info; do
		run -2 --separate-stderr sk-sample --every 5 "$option" s
		same "$output" ''
		same "${stderr_lines[0]}" "sk-sample: --every: not with \
--merge and --info: saved sketches are no stream"
	done
}
