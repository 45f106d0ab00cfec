#!/usr/bin/env bats
# sk-topk: what is its own; inputs, bad events and output are inputs.bats.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	shared=$SK_ROOT/../shared/data
}

# COUNT TAB ERROR TAB ITEM on stdin against the exact counts of file $1 (a
# value a line): each bound holds, and no item with more than $2 is missing.
bounds_hold() {
	sort "$1" | uniq -c | awk '{ n = $1; sub(/^ *[0-9]+ /, "")
	    print n "\t" $0 }' > exact
	awk -F '\t' -v limit="$2" '
	NR == FNR { true_count[$2] = $1; next }
	{
		seen[$3] = 1
		t = true_count[$3]
		if (t > $1 || t < $1 - $2 || $1 > last && last != "")
			bad = 1
		last = $1
	}
	END {
		for (item in true_count)
			if (true_count[item] > limit && !(item in seen))
				bad = 1
		exit bad
	}' exact -
}

@test "sk-topk: options out of range are usage" {
	run -2 --separate-stderr sk-topk --counters 0
	same "${stderr_lines[0]}" 'sk-topk: --counters: 0: out of range'
	run -2 --separate-stderr sk-topk --max-item 1x
	same "${stderr_lines[0]}" \
	    'sk-topk: --max-item: 1x: not a size (64K, 1M, 2G)'
	run -2 --separate-stderr sk-topk -n x
	same "$output" ''
}

@test "sk-topk: nothing gives nothing" {
	run -0 --separate-stderr sk-topk /dev/null
	same "$output" ''
	run -1 --separate-stderr sk-topk -e /dev/null
	run -0 --separate-stderr sk-topk -n 0 "$SK_DATA/access.log"
	same "$output" ''
}

@test "sk-topk: count, error, item; by count, then item as bytes" {
	printf '%s\n' b a b c B a > in
	run -0 --separate-stderr sk-topk in
	same "$output" $'2\t0\ta\n2\t0\tb\n1\t0\tB\n1\t0\tc'
}

@test "sk-topk: ten lines unless -n says otherwise" {
	seq 50 > in
	same "$(sk-topk in | wc -l)" 10
	same "$(sk-topk -n 3 in | wc -l)" 3
	same "$(sk-topk -n 1000 in | wc -l)" 50
}

@test "sk-topk: agrees with sort | uniq -c while counters suffice" {
	cut -d ' ' -f 1 "$SK_DATA/access.log" > in
	sk-topk -n 1000 in | cut -f 1,3 > got
	sort in | uniq -c | sort -k 1,1nr -k 2,2 |
	    awk '{ print $1 "\t" $2 }' > want
	cmp got want
}

@test "sk-topk: with few counters every bound holds" {
	local counters

	awk 'BEGIN { srand(7); for (i = 0; i < 100000; i++)
	    print int(exp(rand() * 9)) }' > in
	for counters in 1 2 10 100 1000; do
		sk-topk --counters "$counters" -n 1000000 in > got
		same "$(wc -l < got)" "$counters"
		bounds_hold in $((100000 / counters)) < got
		awk -v max=$((100000 / counters)) '$2 > max { exit 1 }' got
	done
}

@test "sk-topk: the answer does not depend on how the input is cut" {
	awk 'BEGIN { srand(3); for (i = 0; i < 20000; i++)
	    print int(exp(rand() * 8)) }' > in
	sk-topk --counters 50 -n 50 in > want
	for size in 1 7 4096 100000; do
		dd if=in bs=$size status=none |
		    sk-topk --counters 50 -n 50 | cmp - want
	done
}

@test "sk-topk: an item over --max-item is a bad event" {
	printf '%s\n' aaa b aaaa b > in
	run -4 --separate-stderr sk-topk --max-item 3 in
	same "$output" $'2\t0\tb\n1\t0\taaa'
	same "$stderr" 'sk-topk: in:3: item longer than 3 bytes
sk-topk: 1 of 4 events bad'
	run -4 --separate-stderr sk-topk --max-item 3 -k 1 in
	same "$stderr" 'sk-topk: in:3: item longer than 3 bytes
sk-topk: 1 of 4 events bad'
}

@test "sk-topk: -k finds the most frequent of each key" {
	printf '%s\n' 'y 1' 'x 2' 'y 1' 'y 3' 'x 2' 'x 1' > in
	run -0 --separate-stderr sk-topk -k 1 --value 2 -n 1 in
	same "$output" $'x\t2\t0\t2\ny\t2\t0\t1'
	run -4 --separate-stderr sk-topk -k 1 --value 2 --max-keys 1 in
	same "$output" $'y\t2\t0\t1\ny\t1\t0\t3'
}

@test "sk-topk: every form of output" {
	printf '%s\n' 'a,"b' 'a,"b' > in
	run -0 --separate-stderr sk-topk --to ndjson in
	same "$output" '{"count":2,"error":0,"item":"a,\"b"}'
	run -0 --separate-stderr sk-topk --to csv --value 1 in
	same "$output" $'count,error,item\n2,0,"a,""b"'
	run -0 --separate-stderr sk-topk --header --every 2 in
	same "$output" $'at\tcount\terror\titem\n2\t2\t0\ta,"b'
}

@test "sk-topk: running results are those of the prefix" {
	head -n 200 "$SK_DATA/access.log" > first
	sk-topk --value 1 --every 200 "$SK_DATA/access.log" |
	    awk '$1 == 200' | cut -f 2- > got
	sk-topk --value 1 first | cmp - got
}

@test "sk-topk: a whole line is the last column, never escaped" {
	printf 'a\tb\\\n' > in
	run -0 --separate-stderr sk-topk in
	same "$output" $'1\t0\ta\tb\\'
}

@test "sk-topk: an item that needs quotes in CSV gets them" {
	printf 'u\n"x,y"\n' | sk-topk -F csv --value u --save c > direct
	same "$(cat direct)" $'count,error,item\n1,0,"x,y"'
	sk-topk --merge --to csv c | cmp - direct
	sk-topk --merge --value topk --to csv c | cmp - direct
	sk-topk --to csv --load c < /dev/null | cmp - direct
	sk-topk --query c --to csv x,y | cmp - direct
	printf '%s\n' x,y 'a "b"' > in
	run -0 --separate-stderr sk-topk --to csv in
	same "$output" $'count,error,item\n1,0,"a ""b"""\n1,0,"x,y"'
	run -0 --separate-stderr sk-topk -F csv --no-header in
	same "$output" $'1,0,"a ""b"""\n1,0,"x,y"'
}

@test "sk-topk: an item that holds the end of a record is no second one" {
	local want=$'1\t0\ta\\n9\\t0\\tb\\\\'

	printf '{"u":"a\\n9\\t0\\tb\\\\"}\n' > in
	same "$(sk-topk --value u --to tsv --save s in)" "$want"
	same "$(sk-topk --merge s)" "$want"
	same "$(sk-topk --merge --value topk s)" "$want"
	same "$(sk-topk --load s < /dev/null)" "$want"
	same "$(sk-topk --load s --value 1 < /dev/null)" "$want"
	same "$(sk-topk --query s $'a\n9\t0\tb\\')" "$want"
	same "$(sk-topk --merge --to csv s)" $'count,error,item\n1,0,"a\n9\t0\tb\\"'
	same "$(sk-topk --merge -z s | tr '\0' '|')" $'1\t0\ta\n9\t0\tb\\|'
	printf '{"u":"a,\\u00009\\t"}\0' > in
	same "$(sk-topk -z --value u --to tsv --save s in | tr '\0' '|')" \
	    $'1\t0\ta,\\09\\t|'
	same "$(sk-topk --merge -z s | tr '\0' '|')" $'1\t0\ta,\\09\\t|'
	same "$(sk-topk --merge -z --to csv --no-header s | tr '\0' '|')" \
	    '1,0,"a,\09\t"|'
	printf 'a\tb\n' | sk-topk -n 0 --save s
	same "$(sk-topk --merge s)" $'1\t0\ta\tb'
}

@test "sk-topk: true counts of real logs" {
	[ -d "$shared" ] || skip 'no shared data'
	run -0 --separate-stderr sk-topk --value 1 -n 1 \
	    "$shared/web/apache_combined_10k.log.zst"
	same "$output" $'482\t0\t66.249.73.135'
	zstd -dcq "$shared/web/nasa_19950801.tsv.zst" | tail -n +2 > nasa
	sk-topk -d '\t' --value 1 nasa | cut -f 1,3 > got
	awk '/^top 10 hosts/ { on = 1; next } /^distinct/ { on = 0 }
	    on && /^[0-9]/' "$shared/ANSWERS.txt" > want
	sort got > got.sorted
	sort want | cmp - got.sorted
}

@test "sk-topk: options that do not go together are usage" {
	local options

	for options in '-t 1' '--decay 1h --method count-min' \
	    '--decay 1h --save x' '--decay 1h --merge' '--query x' \
	    '--query x -k 1 a'; do
		# shellcheck disable=SC2086 # words on purpose
		run -2 --separate-stderr timeout 10 sk-topk $options < /dev/null
		same "$output" ''
	done
	run -2 --separate-stderr sk-topk --threshold 101%
	same "${stderr_lines[0]}" \
	    'sk-topk: --threshold: 101%: not a share (1%, 0.01)'
}

@test "sk-topk: --weight counts so many times" {
	printf '%s\n' 'a 5' 'b 7' 'a 4' 'c 0' > in
	run -0 --separate-stderr sk-topk --value 1 --weight 2 in
	same "$output" $'9\t0\ta\n7\t0\tb'
	run -0 --separate-stderr sk-topk --value 1 --weight 2 -k 1 in
	same "$output" $'a\t9\t0\ta\nb\t7\t0\tb'
}

@test "sk-topk: a weight that is no whole number is bad, none is passed over" {
	printf '%s\n' 'a 5' 'a -1' 'a 1.5' 'a x' 'a' \
	    'a 9223372036854775803' > in
	run -4 --separate-stderr sk-topk --value 1 --weight 2 in
	same "$output" $'5\t0\ta'
	same "${stderr_lines[0]}" \
	    'sk-topk: in:2: the weight is no whole number'
	grep -q 'without 2' <<< "$stderr"
	tail -n 1 in > last
	run -4 --separate-stderr sk-topk --value 1 --weight 2 last in
	same "${stderr_lines[0]}" \
	    'sk-topk: in:1: the sum of weights is over 2^63'
}

@test "sk-topk: --threshold lists all above a share, and none is missing" {
	seq 1 100 | awk '{ for (i = 0; i < 101 - $1; i++) print $1 }' > in
	# 5050 events; 1 % is 50.5.
	same "$(sk-topk --threshold 1% in | wc -l)" 50
	same "$(sk-topk --threshold 0.01 in | wc -l)" 50
	same "$(sk-topk --threshold 1% -n 3 in | wc -l)" 3
	same "$(sk-topk --threshold 0% in | wc -l)" 100
	run -0 --separate-stderr sk-topk --threshold 0.0001% in
	same "$stderr" ''
	# Fewer counters: more may be listed, those above are.
	sk-topk --threshold 1% --counters 80 in | cut -f 3 | sort > got
	seq 1 50 | sort | comm -23 - got > missing
	same "$(cat missing)" ''
	run -0 --separate-stderr sk-topk --threshold 1% --counters 10 in
	same "$stderr" 'sk-topk: warning: --threshold: for so small a share, more --counters are needed'
}

@test "sk-topk: a share that is met is not exceeded" {
	printf '%s\n' a a b b c c c d d d > in
	same "$(sk-topk --threshold 30% in)" ''
	same "$(sk-topk --threshold 20% in | wc -l)" 2
}

@test "sk-topk: --save, --load and --merge add up" {
	local n

	cut -d ' ' -f 1 "$SK_DATA/access.log" > in
	sk-topk -n 1000 in > want
	sk-topk --save whole in > /dev/null
	split -n l/4 in part.
	for n in part.a?; do
		sk-topk -n 0 --save "$n.topk" "$n"
	done
	sk-topk --merge -n 1000 part.a?.topk | cmp - want
	sk-topk --merge -n 1000 part.ad.topk part.aa.topk part.ac.topk \
	    part.ab.topk --save merged | cmp - want
	cmp merged whole
	sk-topk -n 1000 --load part.aa.topk --load part.ac.topk part.ab \
	    part.ad | cmp - want
	sk-topk --merge -n 1000 < merged | cmp - want
}

@test "sk-topk: --state goes on where it ended" {
	cut -d ' ' -f 1 "$SK_DATA/access.log" > in
	sk-topk -n 1000 in > want
	split -n l/3 in part.
	sk-topk --state s part.aa > /dev/null
	sk-topk --state s part.ab > /dev/null
	sk-topk -n 1000 --state s part.ac | cmp - want
}

@test "sk-topk: merged with few counters, every bound holds" {
	local method n

	awk 'BEGIN { srand(7); for (i = 0; i < 40000; i++)
	    print int(exp(rand() * 9)) }' > in
	split -n l/4 in part.
	for method in space-saving lossy-counting; do
		for n in part.a?; do
			sk-topk -n 0 --counters 100 --method "$method" \
			    --save "$n.topk" "$n"
		done
		sk-topk --merge --counters 100 --method "$method" \
		    -n 100000 part.a?.topk > got
		bounds_hold in 400 < got
		awk '$2 > 400 { exit 1 }' got
	done
}

@test "sk-topk: what is saved has one error, and the same counts" {
	printf '%s\n' a a a a b c d e > in
	sk-topk --counters 3 --save s in > got
	same "$(cat got)" $'4\t0\ta\n2\t1\td\n2\t1\te'
	same "$(sk-topk --merge s)" $'4\t2\ta'
}

@test "sk-topk: summaries per key are lines of JSON that cat joins" {
	printf '%s\n' 'x a' 'y b' 'x a' > one
	printf '%s\n' 'y b' 'x c' 'y b' > two
	sk-topk -k host=1 --value 2 --save one.topk -n 0 one
	sk-topk -k host=1 --value 2 --save two.topk -n 0 two
	same "$(jq -r .host one.topk)" $'x\ny'
	cat one.topk two.topk > both
	run -0 --separate-stderr sk-topk --merge -k host both
	same "$output" '{"host":"x","count":2,"error":0,"item":"a"}
{"host":"x","count":1,"error":0,"item":"c"}
{"host":"y","count":3,"error":0,"item":"b"}'
	run -0 --separate-stderr bash -c 'sk-topk --merge < both'
	same "$output" $'3\t0\tb\n2\t0\ta\n1\t0\tc'
	jq -c '{ id: .host, image: .topk }' both > renamed
	run -0 --separate-stderr sk-topk --merge -k id --value image -n 1 renamed
	same "${lines[1]}" '{"id":"y","count":3,"error":0,"item":"b"}'
}

@test "sk-topk: --info says what a file is, and refuses what is none" {
	printf '%s\n' a b a > in
	sk-topk -n 0 --save s in
	sk-topk -n 0 --method count-min --counters 10 --save c in
	run -0 --separate-stderr sk-topk --info s c
	same "$output" "s	topk	type=frequent lgmax=13 items=2 error=0	3
c	topk	type=count-min rows=5 buckets=10 candidates=2 error=0	3"
	run -4 --separate-stderr sk-topk --info in
	same "$stderr" 'sk-topk: in: cut short'
	same "$output" ''
	head -c 40 s > short
	run -4 --separate-stderr sk-topk --merge short
	same "$stderr" 'sk-topk: short: cut short'
	run -0 --separate-stderr sk-topk --load c in
	same "$output" $'4\t1\ta\n2\t1\tb'
	run -4 --separate-stderr sk-topk --method space-saving --load c in
	same "$stderr" 'sk-topk: c: a Count-Min sketch (--method count-min)'
	run -4 --separate-stderr sk-topk --method count-min --load s in
	same "$stderr" 'sk-topk: s: not a Count-Min sketch'
}

@test "sk-topk: --info tells of all inputs, and which are no sketches" {
	printf '%s\n' a b a > in
	sk-topk -n 0 --save s in
	told='s	topk	type=frequent lgmax=13 items=2 error=0	3'
	run -3 --separate-stderr sk-topk --info missing s
	same "$stderr" 'sk-topk: missing: No such file or directory'
	same "$output" "$told"
	run -4 --separate-stderr sk-topk --info missing in s in
	same "$stderr" 'sk-topk: missing: No such file or directory
sk-topk: in: cut short
sk-topk: in: cut short'
	same "$output" "$told"
	printf '{"topk":"%s"}\n' "$(base64 -w 0 s)" "$(base64 -w 0 in)" \
	    "$(base64 -w 0 s)" > lines
	run -4 --separate-stderr sk-topk --info lines
	same "$stderr" 'sk-topk: lines:2: cut short'
	same "$(cut -f 1 <<< "$output")" $'lines:1\nlines:3'
	run -3 --separate-stderr bash -c 'sk-topk --info s s > /dev/full'
	same "$stderr" 'sk-topk: stdout: No space left on device'
}

@test "sk-topk: --query looks items up" {
	printf '%s\n' a a a b b c d e f > in
	sk-topk -n 0 --counters 4 --save few in
	sk-topk -n 0 --save all in
	run -0 --separate-stderr sk-topk --query all b z a
	same "$output" $'2\t0\tb\n0\t0\tz\n3\t0\ta'
	run -0 --separate-stderr sk-topk --to ndjson --query few a z
	jq -se '.[0].count >= 3 and .[0].count - .[0].error <= 3 and
	    .[1].count == .[1].error and .[1].count >= 0' <<< "$output"
	run -3 --separate-stderr sk-topk --query none a
	run -0 --separate-stderr bash -c 'sk-topk --query - a < all'
	same "$output" $'3\t0\ta'
}

@test "sk-topk: count-min answers for every item, and merges exactly" {
	awk 'BEGIN { srand(5); for (i = 0; i < 20000; i++)
	    print int(exp(rand() * 7)) }' > in
	split -n l/3 in part.
	sk-topk --method count-min --counters 500 --save whole in > got
	for n in part.a?; do
		sk-topk -n 0 --method count-min --counters 500 \
		    --save "$n.cm" "$n"
	done
	sk-topk --merge --method count-min part.ac.cm part.aa.cm part.ab.cm |
	    cmp - got
	sort in | uniq -c | awk '{ print $1 "\t" $2 }' > exact
	cut -f 2 exact | xargs sk-topk --query whole > asked
	# 20000 * e / 500 is 108.7.
	paste exact asked | awk -F '\t' '
	{ n++; if ($3 < $1 || $2 != $5) bad++; if ($3 - $4 > $1) off++
	    if ($4 > 108) bad++ }
	END { exit bad > 0 || off > 0.0068 * n }'
}

@test "sk-topk: --decay by event time" {
	printf '%s\n' '0 a' '0 a' '3600 b' '7200 c' '3600 a' > in
	run -0 --separate-stderr sk-topk --value 2 -t 1:s --decay 1h in
	same "$output" $'1\t0\ta\n1\t0\tc\n0.5\t0\tb'
	sort -r in | sk-topk --value 2 -t 1:s --decay 1h > other
	same "$(cat other)" "$output"
	run -0 --separate-stderr sk-topk --value 2 -t 1:s --decay 30m -k 2 in
	same "$output" $'a\t0.375\t0\ta\nb\t0.25\t0\tb\nc\t1\t0\tc'
	run -4 --separate-stderr sk-topk --value 2 -t 1:rfc3339 --decay 1h in
	same "${stderr_lines[0]%%: not*}" 'sk-topk: in:1'
	sed 's/$/ 2/' in | sk-topk --value 2 -t 1:s --decay 1h --weight 3 > w
	same "$(cat w)" $'2\t0\ta\n2\t0\tc\n1\t0\tb'
}

@test "sk-topk: --decay by the wall clock" {
	printf '%s\n' a b a > in
	run -0 --separate-stderr sk-topk --decay 1000d in
	same "$(cut -f 3 <<< "$output")" $'a\nb'
	awk 'NR == 1 && !($1 > 1.99 && $1 <= 2) { exit 1 }' <<< "$output"
}

@test "sk-topk: memory does not grow with the input" {
	local total=3000000

	[[ $SK_BUILD != *asan* ]] || skip 'asan reserves address space'
	[ "${SK_LONG-}" != 1 ] || total=1000000000
	(
		ulimit -v 20000
		seq "$total" | sk-topk > out
	)
	# All are different: no count is over the share of a counter.
	[ "$(wc -l < out)" -eq 10 ]
	[ "$(cut -f 1 out | sort -n | tail -n 1)" -le $((total / 4096 + 1)) ]
}
