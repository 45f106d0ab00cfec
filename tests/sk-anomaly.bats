#!/usr/bin/env bats
# sk-anomaly: options, formats, scores, states and pipes.  What the models find
# is tests/alarms.bats.

load helper
load anomaly/helper

usage='usage: sk-anomaly [option ...] [INPUT ...]'

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
	# shellcheck disable=SC2046 # a list of numbers
	kill -KILL $(jobs -p) 2> /dev/null || :
}

# ---- usage ----

@test "sk-anomaly: a wrong use is status 2, and nothing is read" {
	local options line

	while IFS='|' read -r options line; do
		read -ra options <<< "$options"
		says 2 '' "sk-anomaly: $line
$usage" sk-anomaly "${options[@]}" none
	done << 'END'
--model foo|--model: foo: not one of shape|light|ewma|mad|seasonal|poisson|changepoint|threshold|novelty|absence
--model threshold|--model threshold: needs --high, --min or --max
--model absence|--model absence: needs --for DUR
--model absence --for 0s|--model absence: needs --for DUR
--model absence --for 1m --all|--all: not with --model absence
--model absence --for 1m --value 1|--value: not with --model absence
--model absence --for 1m --per 1m|--per: not with --model absence
--model novelty --per 1m|--per: not with --model novelty
--per 1m --value 2|--value: not with --per, which counts events
--high 3 --model ewma|--high: only with --model threshold
--low 3|--low: only with --model threshold
--max 3 --model shape|--max: only with --model threshold
--min 3 --model novelty|--min: only with --model threshold
--high 3 --max 4|--high, --low: not with --min, --max
--low 3 --max 4|--high, --low: not with --min, --max
--low 3 --model threshold|--low: only with --high
--high 3 --low 4|--low: above --high
--min 3 --max 2|--min: above --max
--high nan|--high: nan: not a number
--max inf|--max: inf: not a number
--low 1e999 --high 3|--low: 1e999: not a number
--for 1m|--for: only with --model threshold or absence
--gap 1m|--gap: only with --model threshold
--gap 1m --model absence --for 1m|--gap: only with --model threshold
--period 24|--period: only with --model seasonal
--model seasonal --period 1|--period: 1: from 2 to 65536
--model seasonal --period 65537|--period: 65537: from 2 to 65536
--model seasonal --period 1d|--period: a span of time needs -t FIELD; a number is one of events
--rare 1%|--rare: only with --model novelty
--model novelty --rare 0|--rare: 0: not a share from 0.000001 to 0.999999
--half-life 5|--half-life: only with --model novelty
--remember 5|--remember: only with --model novelty
--high 3 --refractory 5|--refractory: only with models that learn numbers
--model novelty --refractory 5m|--refractory: only with models that learn numbers
--high 3 --warmup 5|--warmup: only with models that learn
--model absence --for 1m --warmup 5|--warmup: only with models that learn
--high 3 --delta|--delta: only with models that learn numbers
--model novelty --delta|--delta: only with models that learn numbers
--high 3 --threshold 0.8|--threshold: only with models that learn numbers
--model novelty --threshold 0.8|--threshold: only with models that learn numbers
--model absence --for 1m --threshold 0.8|--threshold: only with models that learn numbers
--ttl 1h|--ttl: only with --model absence
--tz UTC|--tz: only with -t FIELD
--late x|--late: only with -t FIELD
--delay 1s|--delay: only with -t FIELD and --per or --model absence
-t 1 --delay 1s|--delay: only with -t FIELD and --per or --model absence
--per 1m --delay 1s|--delay: only with -t FIELD and --per or --model absence
-t 1 --idle 1s|--idle: only with -t FIELD and --per or --model absence
--per 1m --idle 1s|--idle: only with -t FIELD and --per or --model absence
--to ndjson|--to: only with --per or --model absence: events pass as they came
--per 5|--per: 5: not a duration or a unit of the calendar, as 10s, 1h, 1d, 1w@mon, 1mo
--per 0s|--per: 0s: not a duration or a unit of the calendar, as 10s, 1h, 1d, 1w@mon, 1mo
--threshold 0|--threshold: 0: not a share from 0.000001 to 0.999999
--threshold 1|--threshold: 1: not a share from 0.000001 to 0.999999
--max-keys 2000000000|--max-keys: 2000000000: from 1 to 1000000000
--load a --load b|--load: only one state
--load a --state b|--load: only one state: they are not merged
-t a.b --value 2|2: columns and paths do not go together
END
}

# ---- output ----

@test "sk-anomaly: each model has its columns, score last" {
	local model expects

	printf 't,v\n1,2\n' > input
	for model in "${numbers[@]}"; do
		expects=
		case $model in
		ewma | mad | seasonal | poisson) expects=expected,low,high, ;;
		esac
		anomaly -F csv --value v --model "$model" --all
		same "$(head -n 1 out)" "t,v,alarm,model,${expects}reason,score"
		[[ $(tail -n 1 out) == "1,2,,$model,"*,0.000000 ]]
		anomaly -F csv --value v --model "$model" --all --explain
		same "$(head -n 1 out)" "t,v,alarm,model,${expects}reason,view,\
surprise,oddity,score"
		same "$(awk -F , '{ print NF }' out | uniq | wc -l)" 1
	done
	anomaly -F csv --value v --high 2 --explain
	same "$(cat out)" 't,v,alarm,model,reason,view,surprise,oddity,score
1,2,'"$(tail -n 1 out | cut -d , -f 3)"',threshold,at or above 2,threshold,0,2,1.000000'
	anomaly -F csv --value v --model novelty --all
	same "$(cat out)" $'t,v,alarm,model,reason,score\n1,2,,novelty,,0.249500'
	anomaly -F csv -t t --per 1m --model mad --all --header
	same "$(cat out)" start,end,count,alarm,model,expected,low,high,reason,score
	anomaly -F csv -t t -k v --model absence --for 5s --to tsv --header
	same "$(cat out)" $'start\tend\tv\tcount\talarm\tmodel\treason\tscore'
}

@test "sk-anomaly: raw lines go out byte for byte, the cells behind a TAB" {
	printf '  7\t 9 \0x\377\r\n\n-  9\r\n1 2\n3 9' > input
	anomaly --value 2 --high 9 --all
	ids < out > got
	printf '%b' '  7\t 9 \0x\0377\tID\tthreshold\tat or above 9\t1.000000\r\n' \
	    '-  9\t\tthreshold\t\t0.499000\r\n' \
	    '1 2\t\tthreshold\t\t0.000000\n' \
	    '3 9\tID\tthreshold\tat or above 9\t1.000000\n' | cmp - got
	[ "$status" -eq 0 ]
	[ ! -s err ]
	printf 'a:1\nb:2\nc:3\na:9\n' > input
	anomaly -d : --value 2 --high 9
	same "$(ids < out)" $'a:9\tID\tthreshold\tat or above 9\t1.000000'
	printf 'a b\n9\0c\n1\0' > input
	anomaly -z -d $'\n' --value 2 --high 5 --all
	same "$(tr '\0' '|' < out | ids)" $'a b
9\tID\tthreshold\tat or above 5\t1.000000|c
1\t\tthreshold\t\t0.000000|'
}

@test "sk-anomaly: CSV gets columns, quotes and CRLF stay" {
	printf 't,"the ""v""\nname",s\r\n1,7,"a\r\n,""b"""\r\n2,9,\r\n' > input
	anomaly -F csv --value 2 --high 8 --all
	ids < out > got
	printf '%s' 't,"the ""v""' $'\n' 'name",s,alarm,model,reason,score' \
	    $'\r\n' '1,7,"a' $'\r\n' ',""b""",,threshold,,0.000000' $'\r\n' \
	    '2,9,,ID,threshold,at or above 8,1.000000' $'\r\n' | cmp - got
	printf 't;v\n1;9\n' > one
	printf 't;v\r\n2;1\r\n3;9\r\n' > two
	printf 'v;t\n1;9\n' > other
	run -4 --separate-stderr sk-anomaly -F csv -d ';' --value v --high 8 \
	    one two other
	same "$(ids <<< "$output")" $'t;v;alarm;model;reason;score
1;9;ID;threshold;at or above 8;1.000000
3;9;ID;threshold;at or above 8;1.000000\r'
	same "$stderr" "sk-anomaly: other:1: its header line differs from that \
of the first input"
	printf '1,9\n2,1\n' > input
	anomaly -F csv --no-header --value 2 --high 8
	same "$(ids < out)" '1,9,ID,threshold,at or above 8,1.000000'
}

@test "sk-anomaly: TSV and logfmt" {
	printf 't\tv\n1\t9\n' > input
	anomaly -F tsv --value v --high 8
	same "$(ids < out)" "t	v	alarm	model	reason	score
1	9	ID	threshold	at or above 8	1.000000"
	printf 't=1 v=9 m="a b"\r\nt=2\n' > input
	anomaly -F logfmt --value v --high 8 --all
	ids < out > got
	printf '%s\n' $'t=1 v=9 m="a b"\tID\tthreshold\tat or above 8\t1.000000\r' \
	    $'t=2\t\tthreshold\t\t0.000000' | cmp - got
}

@test "sk-anomaly: NDJSON gets members at the end of the object" {
	printf '%s\n' '{}' '{ }' ' {"v":9}' '{"v":1,"a":{"b":{}}}' \
	    '{"v" : 9 , "s":"}" } ' $'{"s":"\\u0000{\\"","v":1\t}\r' > input
	anomaly --value v --high 9 --all
	printf '%s' '{"alarm":null,"model":"threshold","reason":null,' \
	    $'"score":0.000000}\n' \
	    '{"alarm":null,"model":"threshold","reason":null,' \
	    $'"score":0.000000}\n' \
	    ' {"v":9,"alarm":"ID","model":"threshold",' \
	    '"reason":"at or above 9","score":1.000000}' $'\n' \
	    '{"v":1,"a":{"b":{}},"alarm":null,"model":"threshold",' \
	    '"reason":null,"score":0.000000}' $'\n' \
	    '{"v" : 9 , "s":"}","alarm":"ID","model":"threshold",' \
	    '"reason":"at or above 9","score":1.000000}' $'\n' \
	    '{"s":"\u0000{\"","v":1,"alarm":null,"model":"threshold",' \
	    '"reason":null,"score":0.000000}' $'\r\n' > want
	ids < out | cmp want -
	[ "$(cat err)" = 'sk-anomaly: 2 of 6 events without v' ]
	jq -c 'del(.alarm, .model, .reason, .score)' out > got
	jq -c . input | cmp - got
	# Records that hold newlines.
	printf '{\n}\0{"v":9\r\n\t}\0' > input
	anomaly -z --value v --all
	same "$(tr -d '\0' < out | jq -c '[.v, .score]' | tr '\n' ' ')" \
	    '[null,0] [9,0] '
}

@test "sk-anomaly: intervals and absences are records" {
	printf '{"t":1,"k":"a"}\n{"t":70,"k":1}\n{"t":170,"k":1}\n' > input
	anomaly -t t --per 1m -k k --model mad --all
	same "$(cat out)" '{"start":0,"end":60,"k":"a","count":1,"alarm":null,'\
'"model":"mad","expected":null,"low":null,"high":null,"reason":null,'\
'"score":0.000000}
{"start":60,"end":120,"k":1,"count":1,"alarm":null,"model":"mad",'\
'"expected":null,"low":null,"high":null,"reason":null,"score":0.000000}
{"start":60,"end":120,"k":"a","count":0,"alarm":null,"model":"mad",'\
'"expected":null,"low":null,"high":null,"reason":null,"score":0.000000}'
	anomaly -t t --per 1m -k k,t --high 1 --to csv
	same "$(ids < out)" 'start,end,k,t,count,alarm,model,reason,score
0,60,a,1,1,ID,threshold,at or above 1,1.000000
60,120,1,70,1,ID,threshold,at or above 1,1.000000'
	anomaly -t t --model absence --for 5s -k k --end
	same "$(ids < out)" '{"start":1,"end":6,"k":"a","count":1,"alarm":"ID",'\
'"model":"absence","reason":"no event for 5s","score":1.000000}
{"start":70,"end":75,"k":1,"count":1,"alarm":"ID","model":"absence",'\
'"reason":"no event for 5s","score":1.000000}
{"start":70,"end":170,"k":1,"count":1,"alarm":"ID","model":"absence",'\
'"reason":"over after 1m40s","score":0.000000}'
	printf '2026-01-15T00:00:00+01:00\n2026-03-31T23:30:00+02:00
2026-04-01T00:30:00+02:00\n' > input
	anomaly -t 1 --per 1mo --tz Europe/Madrid --high 1 --all
	same "$(cut -f 1-3 out)" "\
2026-01-01T00:00:00+01:00	2026-02-01T00:00:00+01:00	1
2026-02-01T00:00:00+01:00	2026-03-01T00:00:00+01:00	0
2026-03-01T00:00:00+01:00	2026-04-01T00:00:00+02:00	1"
	# A key has a column name of its own.
	printf '{"t":1,"count":"a"}\n' > input
	says 2 '' "sk-anomaly: two columns are called count; name=FIELD gives \
another name" sk-anomaly -t t --per 1m -k count input
}

# ---- scores ----

# scored P: lines of --all whose cells are right for the threshold P.
scored() {
	awk -F '\t' -v least="$1" '
	$NF !~ /^(0\.[0-9][0-9][0-9][0-9][0-9][0-9]|1\.000000)$/ ||
	    ($2 != "" && length($2) != 8) || $2 ~ /[^0-9a-f]/ ||
	    ($2 != "") != ($NF + 0 >= least + 0) ||
	    ($2 != "") != ($(NF - 1) != "") {
		print NR ": " $0
		exit 1
	}'
}

@test "sk-anomaly: the score is at least P exactly when there is an alarm" {
	local model p n=0

	for ((seed = 1; seed <= seeds; seed++)); do
		series "$seed" 3000 > input
		for model in "${numbers[@]}"; do
			for p in 0.5 0.8 0.3 0.7000001 0.02 0.000001 0.999999; do
				[ "$seed" -eq 1 ] || [ "$p" = 0.5 ] || continue
				anomaly -t 1 --value 2 --model "$model" --all \
				    --threshold "$p"
				[ ! -s err ]
				cut -f 1 out | cmp - input
				scored "$p" < out
				awk -F '\t' '$2 != ""' out > want
				n=$((n + $(wc -l < want)))
				anomaly -t 1 --value 2 --model "$model" \
				    --threshold "$p"
				cmp want out
			done
		done
	done
	[ "$n" -ge 100 ]
}

@test "sk-anomaly: no alarm before --warmup, and the same ones behind it" {
	local model

	series 4 3000 > input
	for model in "${numbers[@]}"; do
		anomaly -t 1 --value 2 --model "$model" --all
		head -n 200 out | cut -f 2 | uniq > got
		same "$(cat got)" ''
		# Muted alarms count: what comes later does not change.
		tail -n +201 out | sed 's/.*\t//' > want
		anomaly -t 1 --value 2 --model "$model" --all --warmup 0
		scored 0.5 < out
		head -n 50 out | cut -f 2- | grep -c '0\.000000$' > got
		same "$(cat got)" 50
		tail -n +201 out | sed 's/.*\t//' | cmp want -
		anomaly -t 1 --value 2 --model "$model" --warmup 4000
		[ ! -s out ]
		# An alarm has evidence: there is none in what stays the same.
		yes 5 | head -n 600 |
		    sk-anomaly --model "$model" --warmup 0 > out
		same "$(cat out)" ''
	done
}

@test "sk-anomaly: --refractory keeps quiet for so many events, or so long" {
	local model

	awk 'BEGIN { srand(3); for (i = 0; i < 6000; i++) {
		spike = i > 1000 && i % 400 < 200 && i % 20 == 0
		print i * 60, (spike ? 10 * exp(i / 300) : rand())
	} }' > input
	for model in shape light poisson; do
		anomaly -t 1:s --value 2 --model "$model" --refractory 1
		[ "$(wc -l < out)" -ge 12 ]
		anomaly -t 1:s --value 2 --model "$model" --refractory 500
		[ "$(wc -l < out)" -ge 4 ]
		awk 'NR > 1 && $1 - last < 500 * 60 { exit 1 }
		    { last = $1 }' out
		mv out want
		# With these steps that is so long.
		anomaly -t 1:s --value 2 --model "$model" --refractory 500m
		cmp want out
	done
}

@test "sk-anomaly: an incident has one id, and --end says when it is over" {
	local model

	series 5 4000 > input
	for model in "${numbers[@]}"; do
		anomaly -t 1 --value 2 --model "$model" --end
		# Alarms of an id, then its end, then others.
		awk -F '\t' '
		{ over = $(NF - 1) ~ /^over after [0-9]+ events, peak [01]\.[0-9][0-9]$/ }
		over && $2 != id { print "end of none: " $0; exit 1 }
		over && $NF >= 0.5 { print "a score: " $0; exit 1 }
		!over && id != "" && $2 != id { print "two: " $0; exit 1 }
		!over && id == "" && ($2 in known) { print "again: " $0; exit 1 }
		{ known[$2]; id = over ? "" : $2; n += over }
		END { exit n < 3 }' out
		grep -v 'over after' out > want
		anomaly -t 1 --value 2 --model "$model"
		cmp want out
	done
}

@test "sk-anomaly: ids are the same in a replay that begins later" {
	awk 'BEGIN { srand(6); for (i = 0; i < 20000; i++)
	    print i * 60, "k" i % 2, (i % 1999 < 2 ? exp(i / 700) : rand())
	}' > input
	for options in '--model ewma' '--max 10' \
	    '--model novelty --remember 5'; do
		# shellcheck disable=SC2086 # words
		anomaly -t 1:s -k 2 --value 3 $options
		mv out want
		mv input all
		tail -n +5001 all > input
		# shellcheck disable=SC2086 # words
		anomaly -t 1:s -k 2 --value 3 $options
		mv all input
		cut -f 1,2 out | sort > ids
		cut -f 1,2 want | sort | comm -12 - ids > both
		[ "$(wc -l < both)" -ge 4 ]
		# No event has another id than in the whole.
		same "$(cut -f 1 ids want | sort -u | wc -l)" \
		    "$(cat ids <(cut -f 1,2 want) | sort -u | wc -l)"
	done
}

# ---- what is no value ----

@test "sk-anomaly: without a value an event is passed over and counted" {
	printf '%s\n' '1 9' '2' '3 -' '4 9' > input
	anomaly --value 2 --max 8
	[ "$status" -eq 0 ]
	same "$(ids < out)" $'1 9\tID\tthreshold\tabove 8\t1.000000'
	same "$(cat err)" 'sk-anomaly: 2 of 4 events without 2'
	anomaly --value 2 --max 8 --all
	same "$(cut -f 1,5 out)" $'1 9\t1.000000\n2\t0.000000\n3 -\t0.000000
4 9\t0.499000'
	printf '9\r\n-\r\n\r\n9\r\n' > input
	anomaly --max 8 --all
	same "$(cat err)" 'sk-anomaly: 2 of 4 events without line'
	printf '%s\n' '{"v":9}' '{}' '{"v":null}' '{"v":""}' '{"v":"-"}' > input
	anomaly --value v --max 8
	same "$(cat err)" 'sk-anomaly: 4 of 5 events without v'
	printf '%s\n' '1 a' '2 -' '3' '4 a' > input
	anomaly --value 2 --model novelty
	same "$(cut -f 1,4 out)" $'2 -\tnew beside 1 known value'
	same "$(cat err)" 'sk-anomaly: 1 of 4 events without 2'
}

@test "sk-anomaly: what is no number is bad, and changes nothing" {
	local model
	local bad=(x 1e999 -1e999 nan -NaN inf Infinity 0x10 1_0 '1,0')

	series 7 1500 > good
	awk -v bad="${bad[*]}" '
	BEGIN { n = split(bad, word, " ") }
	{ print }
	NR % 10 == 0 { print $1, word[1 + NR / 10 % n] }
	NR % 25 == 0 { print $1, "-" }' good > input
	for model in "${numbers[@]}"; do
		timeout 20 sk-anomaly -t 1 --value 2 --model "$model" --all \
		    good > want
		rm -f bad.tsv
		anomaly -t 1 --value 2 --model "$model" --all --bad bad.tsv
		[ "$status" -eq 0 ]
		cut -f 1 out | cmp - input
		grep -Ev '^[0-9]+ (-?[a-zA-Z]|[-1]+e|0x|1[_,]|-	)' out |
		    cmp want -
		same "$(cut -f 2 bad.tsv | uniq -c | tr -s ' ')" \
		    ' 150 not a number'
		same "$(tail -n 1 err)" \
		    'sk-anomaly: 60 of 1710 events without 2'
	done
	anomaly -t 1 --value 2 --lenient
	same "$status" 0
	anomaly -t 1 --value 2
	same "$status" 4
	same "$(head -n 2 err)" "sk-anomaly: stdin:11: not a number
sk-anomaly: 150 of 1710 events bad"
	anomaly -t 1 --value 2 --all --strict
	same "$status" 4
	[ "$(wc -l < out)" -le 11 ]
}

@test "sk-anomaly: bad values and times of NDJSON pass with --all" {
	printf '%s\n' '{"t":1,"v":9}' '{"t":2,"v":[1]}' '{"t":3,"v":{"a":1}}' \
	    '{"t":4,"v":true}' '{"t":"x","v":9}' '{"t":[6],"v":9}' '{"v":9}' \
	    '{"t":8,"v":1e400}' '{"t":9,"v":"9"}' > input
	anomaly -t t --value v --max 8 --all --bad bad
	[ "$status" -eq 0 ]
	jq -c 'del(.alarm, .model, .reason, .score)' out | sed 's/1.79.*e+308/1e400/' |
	    cmp - <(jq -c . input | sed 's/1.79.*e+308/1e400/')
	same "$(sed 's/.*"score"://' out | tr '\n' ' ')" \
	    '1.000000} 0.000000} 0.000000} 0.000000} 0.000000} 0.000000} '\
'0.000000} 0.000000} 0.499000} '
	same "$(cut -f 1 bad | tr '\n' ' ')" \
	    'stdin:2 stdin:3 stdin:4 stdin:5 stdin:6 stdin:7 stdin:8 '
	printf '%s\n' '{"c":"a"}' '{"c":["b"]}' '{"c":{}}' '{"c":"b"}' > input
	anomaly --value c --model novelty
	[ "$status" -eq 4 ]
	same "$(jq -c .c out)" '"b"'
}

# ---- late events, clocks, keys ----

@test "sk-anomaly: an event from before the last of its key is late" {
	printf '%s\n' '10 a 9' '5 b 9' '9 a 1' '5 b 1' '11 a 9' '4 b 9' > input
	anomaly -t 1:s -k 2 --value 3 --high 8 --all --late late
	[ "$status" -eq 0 ]
	same "$(cut -f 1,5 out)" "10 a 9	1.000000
5 b 9	1.000000
9 a 1	0.000000
5 b 1	0.000000
11 a 9	0.499000
4 b 9	0.000000"
	same "$(cat late)" $'9 a 1\n4 b 9'
	same "$(cat err)" \
	    'sk-anomaly: 2 of 6 events late, by up to 1s (sk-merge)'
	anomaly -t 1:s -k 2 --value 3 --high 8
	same "$(cut -f 1 out)" $'10 a 9\n5 b 9'
	# Late ones change nothing.
	series 8 2000 > good
	awk '{ print } NR % 7 == 0 { print $1 - 1, 1e6 }' good > input
	for model in "${numbers[@]}"; do
		anomaly -t 1 --value 2 --model "$model" --late late.2
		timeout 20 sk-anomaly -t 1 --value 2 --model "$model" good |
		    cmp - out
	done
	same "$(wc -l < late.2)" $((285 * ${#numbers[@]}))
}

@test "sk-anomaly: ten late events in a row: the clock was set back" {
	{
		printf '%s\n' '1000 9' '1001 1'
		seq 1 9 | sed 's/$/ 9/'
		echo '1002 1'
		seq 1 30 | awk '{ print $1, $1 % 5 ? 1 : 9 }'
	} > input
	anomaly -t 1:s --value 2 --high 8 --late late
	same "$(cut -f 1 out)" $'1000 9\n10 9\n15 9\n20 9\n25 9\n30 9'
	same "$(wc -l < late)" 18
	# What lasts is measured by the clock as it is now.
	{ echo '100000 9'; seq 1 30 | sed 's/$/ 9/'; } > input
	anomaly -t 1:s --value 2 --high 8 --for 10s -q
	same "$(cut -f 1 out)" '20 9'
	awk 'BEGIN { srand(9)
		for (i = 0; i < 3000; i++)
			print (i < 600 ? 1e8 : 0) + i * 60,
			    (i % 20 == 19 ? exp(i / 100) : rand())
	}' > input
	anomaly -t 1:s --value 2 --model light --refractory 1h -q
	[ "$(awk '$1 >= 1e8' out | wc -l)" -ge 4 ]
	[ "$(awk '$1 < 1e8' out | wc -l)" -ge 9 ]
}

@test "sk-anomaly: an event of a key too many is bad" {
	printf '%s\n' '1 a 5' '2 b 5' '3 c 9' '4 a 9' > input
	anomaly -k 2 --value 3 --high 8 --max-keys 2
	[ "$status" -eq 4 ]
	same "$(cut -f 1 out)" '4 a 9'
	same "$(cat err)" $'sk-anomaly: stdin:3: too many keys
sk-anomaly: 1 of 4 events bad'
	anomaly -k 2 --value 3 --high 8 --max-keys 2 --all --bad bad
	[ "$status" -eq 0 ]
	same "$(cut -f 1,5 out | tail -n 2)" $'3 c 9\t0.000000\n4 a 9\t1.000000'
	same "$(cat bad)" $'stdin:3\ttoo many keys\t3 c 9'
	# Keys of intervals are counted over all of them.
	printf '%s\n' '1 a' '2 b' '15 c' '25 a' '26 c' '38 b' > input
	anomaly -t 1:s -k 2 --per 10s --model ewma --max-keys 2 --all --bad b
	[ "$status" -eq 0 ]
	same "$(cut -f 1,3,4 out | tr '\t\n' ' |')" \
	    '0 a 1|0 b 1|10 a 0|10 b 0|20 a 1|20 b 0|'
	same "$(cut -f 3 b)" $'15 c\n26 c'
	# There is a limit even if none is given.
	seq 1005 | sed 's/.*/k& 1/' > input
	anomaly -k 1 --value 2
	same "$(cat err)" $'sk-anomaly: stdin:1001: too many keys
sk-anomaly: 5 of 1005 events bad'
	printf '%s\n' '1 a' '2 b' '3 c' '30 a' > input
	anomaly -t 1:s -k 2 --model absence --for 5s --max-keys 2 --lenient
	same "$(cut -f 3 out | tr '\n' ' ')" 'a b '
}
