#!/usr/bin/env bats
# sk-anomaly: what the models find, beside a few lines of awk and other tools.

load helper
load anomaly/helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
	# shellcheck disable=SC2046 # a list of numbers
	kill -KILL $(jobs -p) 2> /dev/null || :
}

# walk SEED N KEYS: lines TIME KEY VALUE, walks at random, with pauses and
# several events of one time.
walk() {
	awk -v seed="$1" -v n="$2" -v keys="$3" 'BEGIN {
		srand(seed)
		for (i = 0; i < n; i++) {
			t += rand() < 0.03 ? int(rand() * 60) : int(rand() * 3)
			k = int(rand() * keys)
			v[k] += int((rand() - 0.5) * 300) / 100
			v[k] *= v[k] > 9 || v[k] < -9 ? 0.5 : 1
			printf "%d k%d %s\n", t, k, v[k]
		}
	}'
}

# ---- numbers ----

@test "sk-anomaly: what stays the same is never odd, a change of it is" {
	local model

	for model in "${numbers[@]}"; do
		awk 'BEGIN { for (i = 0; i < 5000; i++) print 7 }' > input
		anomaly --model "$model"
		[ ! -s out ]
		# Rounding is no change.
		awk 'BEGIN { srand(1); for (i = 0; i < 5000; i++)
		    printf "%.17g\n", 1e6 * (1 + (rand() - 0.5) * 2e-10) }' \
		    > input
		anomaly --model "$model"
		[ ! -s out ]
		# A level that stays is one incident.
		awk 'BEGIN { for (i = 0; i < 5000; i++)
		    print i * 60, i < 4000 ? 7 : 70 }' > input
		anomaly -t 1:s --value 2 --model "$model"
		same "$(head -n 1 out | cut -f 1)" '240000 70'
		same "$(cut -f 2 out | uniq | wc -l)" 1
		# What alternates is usual, once it is known.
		awk 'BEGIN { for (i = 0; i < 5000; i++)
		    print i, i % 2 }' > input
		anomaly --value 2 --model "$model"
		[ "$(cut -f 2 out | uniq | wc -l)" -le 1 ]
		same "$(awk '$1 > 1000' out)" ''
	done
}

@test "sk-anomaly: any number that is finite is judged" {
	local model

	awk 'BEGIN {
		split("1e300 -1e300 1e-300 -1e-300 5e-324 -5e-324 0 -0 " \
		    "1.7976931348623157e308 -1.7976931348623157e308 1 -1 " \
		    "9007199254740993 1e-7 4.9e18 1e19 1e38 -3e38", v, " ")
		srand(2)
		for (i = 0; i < 3000; i++)
			print v[1 + int(rand() * 18)]
		for (i = 0; i < 500; i++)
			print 5
		for (i = 0; i < 500; i++)
			print i % 2 ? "1.7976931348623157e308" : \
			    "-1.7976931348623157e308"
	}' > input
	for model in "${numbers[@]}"; do
		anomaly --model "$model" --all --explain
		[ "$status" -eq 0 ]
		cut -f 1 out | cmp - input
		run ! grep -Ei '[^a-z](nan|-?inf)' out
		awk -F '\t' '$NF !~ /^[01]\.[0-9]+$/ || $NF > 1 ||
		    ($2 != "") != ($NF >= 0.5) { print; exit 1 }' out
		anomaly --model "$model" --all --delta
		[ "$status" -eq 0 ]
		run ! grep -Ei '[^a-z](nan|-?inf)' out
	done
}

@test "sk-anomaly: any time is a time" {
	awk 'BEGIN {
		srand(3)
		for (i = 0; i < 600; i++)
			print "-92233720" 1600 - i "0", rand()
		print "9223372036854775807 1"
		print "9223372036854775807 1"
	}' > input
	for model in "${numbers[@]}"; do
		anomaly -t 1:ns --value 2 --model "$model" --all
		[ "$status" -eq 0 ]
		[ ! -s err ]
		cut -f 1 out | cmp - input
	done
	anomaly -t 1:ns --value 2 --high 0.9 --low 0.1 --for 1ns --gap 1h
	[ "$status" -eq 0 ]
	anomaly -t 1:ns --per 1d --model ewma --all
	[ "$status" -eq 0 ]
	[ "$(wc -l < out)" -le 1010 ]
	anomaly -t 1:ns --model absence --for 1h --end
	[ "$status" -eq 0 ]
	same "$(wc -l < out)" 2
}

@test "sk-anomaly: each key is judged by its own past" {
	local model options

	awk 'BEGIN {
		srand(4)
		for (i = 0; i < 3000; i++)
			print i, "k0", i % 700 == 699 ? 1000 : rand()
		for (; i < 20000; i++)
			print i, "k" int(rand() * rand() * 1000),
			    rand() < 0.001 ? 1000 : rand()
	}' > all
	for options in '--model ewma' '--model poisson' '--model light' \
	    '--high 0.9 --low 0.1' '--model novelty --remember 9'; do
		cp all input
		# shellcheck disable=SC2086 # words
		anomaly -t 1:s -k 2 --value 3 --all $options
		mv out want
		for key in k0 k1 k77; do
			grep -F " $key " all > input
			# shellcheck disable=SC2086 # words
			anomaly -t 1:s -k 2 --value 3 --all $options
			grep -F " $key " want | cmp - out
		done
	done
}

@test "sk-anomaly: behind a gap the last few values begin anew" {
	awk 'BEGIN {
		for (i = 0; i < 8000; i++) {
			minute = i + (i >= 7000) * 104
			up = minute % 240
			print minute * 60, (up < 120 ? up : 240 - up)
		}
	}' > input
	awk '{ print NR * 60, $2 }' input > steady
	anomaly -t 1:s --value 2 --model light
	same "$(awk '$1 >= 420000' out)" ''
	# Without the gap it is a jump.
	for options in '-t 1:s' ''; do
		# shellcheck disable=SC2086 # words
		sk-anomaly $options --value 2 --model light steady |
		    awk '$1 >= 420000' > out
		same "$(cut -f 1 out)" '420060 96'
	done
}

@test "sk-anomaly: --delta judges the differences of a counter" {
	awk 'BEGIN {
		srand(5)
		for (i = 0; i < 3000; i++) {
			d = i % 701 == 700 ? 5000 : int(rand() * 100)
			n = rand() < 0.01 ? int(rand() * 9) : n + d
			print i * 60, n
		}
	}' > input
	awk 'NR > 1 { print $1, $2 < last ? $2 : $2 - last } { last = $2 }' \
	    input > steps
	for model in "${numbers[@]}"; do
		anomaly -t 1:s --value 2 --model "$model" --delta --all \
		    --explain
		cut -f 2- out | tail -n +2 > got
		sk-anomaly -t 1:s --value 2 --model "$model" --all --explain \
		    steps | cut -f 2- | cmp - got
		grep -q '^[0-9a-f]' got
		same "$(head -n 1 out | awk -F '\t' '{ print $2 $(NF - 3) $NF }')" \
		    "${model}0.000000"
	done
}

@test "sk-anomaly: seasons of events, of hours, and of another zone" {
	awk 'BEGIN {
		srand(6)
		for (i = 0; i < 3000; i++)
			print i * 3600, 100 + 50 * (i % 24 > 8) + \
			    10 * rand() + (i % 997 == 996) * 300
	}' > input
	anomaly -t 1:s --value 2 --model seasonal --all
	cut -f 3- out > want
	anomaly -t 1:s --value 2 --model seasonal --all --period 1d
	cut -f 3- out | cmp want -
	anomaly -t 1:s --value 2 --model seasonal --all --period 24
	cut -f 3-6,8 out > got
	cut -f 1-4,6 want | cmp - got
	awk 'BEGIN { srand(4); for (i = 0; i < 6000; i++)
	    print 100 + 40 * sin(i * 6.2831853 / 37) + rand() * 4 }' > found
	for options in '' '--period 37'; do
		# shellcheck disable=SC2086 # words
		sk-anomaly --model seasonal --all $options found |
		    awk -F '\t' 'NR > 3000 { s += ($1 - $4) ^ 2; n++ }
		    END { exit n == 0 || sqrt(s / n) > 1.3 }'
	done
	awk '{ print $1 + 5 * 3600, $2 }' input > east
	for model in seasonal shape; do
		anomaly -t 1:s --value 2 --model "$model" --all \
		    --tz Etc/GMT-5
		sed 's/.*\t//' out > got
		sk-anomaly -t 1:s --value 2 --model "$model" --all east |
		    sed 's/.*\t//' | cmp - got
	done
	anomaly -t 1:s --value 2 --model shape --all --tz Asia/Kathmandu
	sed 's/.*\t//' out > other
	run ! cmp -s other got
}

# ---- threshold ----

@test "sk-anomaly: thresholds alarm as awk says" {
	local high low lasts gap pause

	for ((seed = 1; seed <= seeds; seed++)); do
		walk "$seed" 3000 4 > input
		for options in '3 -1 0 0' '3 3 0 20' '2 1 15 0' '2 -2 15 9' \
		    '0 -9 40 40'; do
			read -r high low lasts gap <<< "$options"
			pause=()
			[ "$gap" = 0 ] || pause=(--gap "${gap}s")
			anomaly -t 1:s -k 2 --value 3 --high "$high" \
			    --low "$low" --for "${lasts}s" --end \
			    "${pause[@]}"
			[ "$status" -eq 0 ]
			awk -v high="$high" -v low="$low" -v lasts="$lasts" \
			    -v gap="$gap" -f "$SK_ROOT/tests/anomaly/threshold.awk" \
			    input > want
			[ "$(wc -l < want)" -ge 20 ]
			cut -f 1,4 out | cmp want -
			anomaly -t 1:s -k 2 --value 3 --min "$low" \
			    --max "$high" --for "${lasts}s" --end \
			    "${pause[@]}"
			awk -v range=1 -v max="$high" -v min="$low" \
			    -v lasts="$lasts" -v gap="$gap" \
			    -f "$SK_ROOT/tests/anomaly/threshold.awk" \
			    input > want
			[ "$(wc -l < want)" -ge 20 ]
			cut -f 1,4 out | cmp want -
			# The end of an incident has its id.
			awk -F '\t' '{ split($1, cell, " "); k = cell[2] }
			    $4 ~ /^over/ && $2 != id[k] { exit 1 }
			    $4 ~ /^over/ && $5 != "0.000000" &&
			    $5 != "0.499000" { exit 1 }
			    $4 !~ /^over/ && $5 != "1.000000" { exit 1 }
			    { id[k] = $2 }' out
		done
	done
}

@test "sk-anomaly: limits take part as the page says" {
	printf '%s\n' 5 4 5 6 3 2 5 > input
	anomaly --high 5 --end
	same "$(cut -f 1,4 out)" $'5\tat or above 5
4\tover after 1 event, peak 5
5\tat or above 5
3\tover after 2 events, peak 6
5\tat or above 5'
	anomaly --high 5 --low 3
	same "$(cut -f 1,4 out)" $'5\tat or above 5\n5\tat or above 5'
	anomaly --max 5
	same "$(cut -f 1,4 out)" $'6\tabove 5'
	anomaly --min 3
	same "$(cut -f 1,4 out)" $'2\tbelow 3'
	printf '%s\n' '0 9' '10 9' '20 9' '30 1' '40 9' > input
	anomaly -t 1:s --value 2 --high 5 --for 20s
	same "$(cut -f 1,4 out)" $'20 9\tat or above 5 for 20s'
	anomaly -t 1:s --value 2 --high 5 --for 10s --gap 9s
	[ ! -s out ]
	anomaly -t 1:s --value 2 --high 5 --for 10s --gap 10s
	same "$(cut -f 1,4 out)" $'10 9\tat or above 5 for 10s'
}

@test "sk-anomaly: without -t what lasts is by the clock" {
	mkfifo in
	sk-anomaly --high 5 --for 200ms < in > out &
	pid=$!
	exec 4> in
	until [ -s out ]; do
		echo 9 >&4
		((n++ < 100000))
	done
	exec 4>&-
	wait_end "$pid"
	same "$(ids < out)" $'9\tID\tthreshold\tat or above 5 for 200ms\t1.000000'
}

# ---- novelty ----

# against_awk OPTIONS VARIABLES: --model novelty says what awk does.
against_awk() {
	# shellcheck disable=SC2086 # words
	anomaly -t 1:s -k 2 --value 3 --all --model novelty $1
	[ "$status" -eq 0 ]
	# shellcheck disable=SC2086 # words
	awk -v most=1000 -v warmup=1 -v rare=0 $2 \
	    -f "$SK_ROOT/tests/anomaly/novelty.awk" input > want
	paste want out | awk -F '\t' '
	function is(what) {
		return $7 == "" ? "usual" : $7 ~ /^rare/ ? "rare" : "new"
	}
	$1 != $4 || is() != $2 || ($5 != "") != ($2 != "usual") ||
	    $3 - $8 > 2e-6 || $8 - $3 > 2e-6 { print; exit 1 }
	$2 != "usual" { n++ }
	END { exit n < 5 }'
}

@test "sk-anomaly: novelty is what awk has not seen" {
	for ((seed = 1; seed <= seeds; seed++)); do
		awk -v seed="$seed" 'BEGIN {
			srand(seed)
			for (i = 0; i < 500; i++) {
				t += int(rand() * 9)
				v = int(rand() * rand() * 12)
				print t, "k" int(rand() * 2),
				    rand() < 0.05 ? "x" int(rand() * 9) : v
			}
		}' > input
		against_awk '' ''
		against_awk '--warmup 0' '-v warmup=0'
		against_awk '--warmup 100 --rare 3%' '-v warmup=100 -v rare=0.03'
		against_awk '--remember 4' '-v most=4'
		against_awk '--remember 1 --rare 30%' '-v most=1 -v rare=0.3'
		against_awk '--rare 5% --half-life 20' '-v rare=0.05 -v half=20'
		against_awk '--rare 5% --half-life 50s' '-v rare=0.05 -v half_s=50'
		against_awk '--remember 5 --half-life 7' '-v most=5 -v half=7'
	done
	printf '%s\n' a b a c b d > input
	anomaly --model novelty
	same "$(cut -f 1,4 out)" "b	new beside 1 known value
c	new beside 2 known values
d	new beside 3 known values"
}

@test "sk-anomaly: two that are new at once are two incidents" {
	printf '%s\n' '1 a' '1 b' '1 c' '1 d' > input
	anomaly -t 1:s --value 2 --model novelty
	same "$(cut -f 2 out | sort -u | wc -l)" 3
	printf '%s\n' '1 9' '1 0' '1 9' '1 0' > input
	anomaly -t 1:s --value 2 --high 5 --end
	same "$(cut -f 2 out | uniq | wc -l)" 2
}

# ---- absence ----

# absent VARIABLES OPTION...: --model absence says what awk does.
absent() {
	local variables=$1

	shift
	anomaly -t 1:s -k 2 --model absence --end "$@"
	[ "$status" -eq 0 ]
	# shellcheck disable=SC2086 # words
	awk $variables -f "$SK_ROOT/tests/anomaly/absence.awk" input > want
	[ "$(grep -c absent want)" -ge 20 ]
	[ "$(grep -c back want)" -ge 20 ]
	awk -F '\t' -v OFS='\t' '{ print $1, $2, $3, $4,
	    $7 ~ /^no event/ ? "absent" : "back" }' out | cmp want -
}

@test "sk-anomaly: absences are those of awk" {
	for ((seed = 1; seed <= seeds; seed++)); do
		walk "$seed" 1000 12 > input
		absent '-v lasts=60' --for 60s
		absent '-v lasts=40 -v delay=9' --for 40s --delay 9s
		absent '-v lasts=40 -v ttl=30' --for 40s --ttl 30s
		awk '{ print $1 + 99 - int(rand() * 30), $2 }' input > mixed
		mv mixed input
		absent '-v lasts=50' --for 50s
		absent '-v lasts=40 -v delay=30' --for 40s --delay 30s
	done
	# The end of an absence has its id, and says how long it was.
	awk -F '\t' '
	$7 ~ /^over/ && ($5 != id[$3] || $7 !~ /^over after [0-9ms]+$/) {
		print
		exit 1
	}
	{ id[$3] = $5 }' out
}

@test "sk-anomaly: in any order within --delay the same keys are absent" {
	# Pauses are far below, or above, what is too long.
	awk 'BEGIN {
		srand(7)
		for (k = 0; k < 20; k++)
			for (t = rand() * 50; t < 5000; t += rand() < 0.05 ? \
			    200 + rand() * 300 : rand() * 40)
				printf "%d k%d\n", t, k
		for (t = 0; t < 5500; t += 10)
			print t, "clock"
	}' | sort -s -n -k 1,1 > input
	anomaly -t 1:s -k 2 --model absence --for 100s --delay 30s
	[ "$(wc -l < out)" -ge 100 ]
	cut -f 1,2,3,5,7 out | sort > want
	awk '{ print $1 + rand() * 29, $0 }' input | sort -s -n -k 1,1 |
	    cut -d ' ' -f 2- > mixed
	run ! sort -c -n -k 1,1 mixed
	mv mixed input
	anomaly -t 1:s -k 2 --model absence --for 100s --delay 30s
	cut -f 1,2,3,5,7 out | sort | cmp want -
}

@test "sk-anomaly: the watermarks of a framed stream tell absences" {
	walk 8 4000 12 | cut -d ' ' -f 1,2 > one
	walk 9 4000 12 | cut -d ' ' -f 1,2 | sed 's/k/j/' > two
	sk-merge --framed -t 1:s one two > framed
	tr -d '\020' < framed |
	    sed -n -e 's/^W t=\([0-9]*\)000000000 .*/W \1/p' -e '/^[HEW] /d' \
	    -e p > input
	awk -v marked=1 -v lasts=90 -f "$SK_ROOT/tests/anomaly/absence.awk" \
	    input > want
	[ "$(wc -l < want)" -ge 5 ]
	timeout 20 sk-anomaly --framed -t 1:s -k 2 --model absence --end \
	    --for 90s framed | sk-unframe | awk -F '\t' -v OFS='\t' '{
	    print $1, $2, $3, $4, $7 ~ /^no event/ ? "absent" : "back" }' |
	    cmp want -
}

@test "sk-anomaly: a key falls silent while nothing comes" {
	mkfifo in
	sk-anomaly --model absence --for 300ms -k 1 --end < in > out &
	pid=$!
	exec 4> in
	echo a >&4
	wait_for out 'no event for 300ms'
	echo a >&4
	wait_for out 'over after '
	exec 4>&-
	wait_end "$pid"
	[ "$status" -eq 0 ]
	sk-anomaly -t 1:s --model absence --for 2s -k 2 --idle 50ms < in > out &
	pid=$!
	exec 4> in
	printf '1 a\n2 b\n' >&4
	wait_for out $'^1\t3\ta\t'
	wait_for out $'^2\t4\tb\t'
	exec 4>&-
	wait_end "$pid"
	same "$(wc -l < out)" 2
}

# ---- counts ----

# as_windows DUR MODEL DELAY: --per says what sk-anomaly says of the counts of
# sk-window, of those intervals that the watermark has passed.
as_windows() {
	local max

	anomaly -t 1:s -k 2 --per "$1" --model "$2" --delay "$3s" --all \
	    --explain
	[ "$status" -eq 0 ]
	[ "$(wc -l < out)" -ge 300 ]
	max=$(cut -d ' ' -f 1 input | sort -n | tail -n 1)
	timeout 60 sk-window -t 1:s -k 2 --tumble "$1" --fill zero \
	    --delay "$3s" -q input |
	    awk -F '\t' -v mark=$((max - $3)) '$2 <= mark' |
	    timeout 60 sk-anomaly -t 1:s -k 3 --value 4 --model "$2" --all \
	    --explain | cmp - out
}

@test "sk-anomaly: --per is sk-window in front" {
	local model

	for ((seed = 1; seed <= seeds; seed++)); do
		walk "$seed" 9000 3 > input
		for model in "${numbers[@]}"; do
			as_windows 10s "$model" 0
		done
		as_windows 7s ewma 30
		awk -v seed="$seed" 'BEGIN { srand(seed) }
		    { print $1 + rand() * 20, $0 }' input |
		    sort -s -n -k 1,1 | cut -d ' ' -f 2- > mixed
		mv mixed input
		as_windows 7s poisson 30
		as_windows 7s light 3
		grep -q 'events late, by up to' err
	done
}

@test "sk-anomaly: disorder within --delay changes no count" {
	walk 11 9000 3 > input
	anomaly -t 1:s -k 2 --per 10s --model ewma --delay 20s --all
	[ ! -s err ]
	mv out want
	awk '{ print $1 + rand() * 19, $0 }' input | sort -s -n -k 1,1 |
	    cut -d ' ' -f 2- > mixed
	run ! sort -c -n -k 1,1 mixed
	mv mixed input
	anomaly -t 1:s -k 2 --per 10s --model ewma --delay 20s --all
	[ ! -s err ]
	cmp want out
}

@test "sk-anomaly: intervals without events are judged, up to 1000 in a row" {
	printf '%s\n' '5 a' '12 b' '20000 b' '20031 a' '20040 a' > input
	anomaly -t 1:s -k 2 --per 10s --model ewma --all
	same "$(grep -c $'\t[0-9]*\ta\t' out)" 1002
	same "$(grep $'\tb\t' out | cut -f 4 | sort | uniq -c | tr -s ' \n' ' ')" \
	    ' 1003 0 2 1 '
	same "$(grep $'\ta\t1\t' out | cut -f 1,2)" $'0\t10\n20030\t20040'
	# Silence is odd where there never was.
	awk 'BEGIN { srand(12); for (i = 0; i < 20000; i++)
	    if (i < 15000 || i > 15200) print i + rand() }' > input
	for model in ewma mad poisson shape; do
		anomaly -t 1:s --per 10s --model "$model"
		awk '$1 >= 15000 && $1 <= 15200 && $3 == 0 { n++ }
		    END { exit n != 1 }' out
	done
}

@test "sk-anomaly: by arrival, silence is counted while nothing comes" {
	mkfifo in
	sk-anomaly --per 100ms --model ewma --all < in > out &
	pid=$!
	exec 4> in
	printf 'a\nb\n\nc\n' >&4
	wait_for out $'Z\t0\t\tewma\t'
	exec 4>&-
	wait_end "$pid"
	same "$(awk -F '\t' '{ n += $3 } END { print n }' out)" 3
	same "$(tail -n 1 out | cut -f 3)" 0
	awk -F '\t' 'NR > 1 && $1 != end { exit 1 } { end = $2 }' out
}
