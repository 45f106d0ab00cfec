#!/usr/bin/env bats
# sk-quantile: what is its own; inputs, bad events and output are inputs.bats.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	shared=$SK_ROOT/../shared/data
}

@test "sk-quantile: wrong options are usage" {
	run -2 --separate-stderr sk-quantile --percentiles 50,101
	same "${stderr_lines[0]}" \
	    'sk-quantile: --percentiles: 101: not a number from 0 to 100'
	same "$output" ''
	run -2 --separate-stderr sk-quantile --percentiles -1
	run -2 --separate-stderr sk-quantile --percentiles 1e1
	run -2 --separate-stderr sk-quantile --rank x
	same "${stderr_lines[0]}" 'sk-quantile: --rank: x: not a number'
	run -2 --separate-stderr sk-quantile --cdf --histogram
	same "${stderr_lines[0]}" 'sk-quantile: --histogram: only by itself'
	run -2 --separate-stderr sk-quantile --cdf --rank 1
	same "${stderr_lines[0]}" 'sk-quantile: --cdf: only by itself'
	run -2 --separate-stderr sk-quantile --bounds --method tdigest
	same "${stderr_lines[0]}" 'sk-quantile: --bounds: a t-digest has none'
	run -2 --separate-stderr sk-quantile --size 9
	run -2 --separate-stderr sk-quantile --percentiles \
	    "$(seq -s , 0 60)"
	same "${stderr_lines[0]}" 'sk-quantile: more than 60 columns'
}

@test "sk-quantile: nothing is no value" {
	run -0 --separate-stderr sk-quantile /dev/null
	same "$output" $'\t\t\t'
	run -0 --separate-stderr sk-quantile --summary --rank 1 --bounds \
	    --to ndjson /dev/null
	same "$output" '{"count":0,"min":null,"max":null,"rank_1":null,"rank_1_lower":null,"rank_1_upper":null}'
	run -0 --separate-stderr sk-quantile --histogram /dev/null
	same "$output" ''
	run -0 --separate-stderr sk-quantile --cdf --method tdigest /dev/null
	same "$output" ''
	run -0 --separate-stderr sk-quantile -k 1 --value 2 /dev/null
	same "$output" ''
}

@test "sk-quantile: the columns and their names" {
	seq 100 > in
	run -0 --separate-stderr sk-quantile --header in
	same "$output" $'p50\tp90\tp99\tp99.9\n50\t90\t99\t100'
	run -0 --separate-stderr sk-quantile --summary --to ndjson in
	same "$output" '{"count":100,"min":1,"max":100}'
	run -0 --separate-stderr sk-quantile --percentiles 0,7 \
	    --percentiles 100 --rank=-1,7,99.5,100 --header in
	same "${lines[0]}" $'p0\tp7\tp100\trank_-1\trank_7\trank_99.5\trank_100'
	same "${lines[1]}" $'1\t7\t100\t0\t0.07\t0.99\t1'
}

@test "sk-quantile: every percentile of few numbers is the nearest rank" {
	local n all

	all=$(seq -s , 0 0.5 100)
	all=${all//,/ }
	for n in 1 2 3 7 10 99 100 200 1000 16384; do
		seq "$n" | sort > in
		for part in "${all:0:200}" "${all: -200}"; do
			part=${part#* } part=${part% *}
			sk-quantile --percentiles \
			    "$(tr ' ' '\n' <<< "$part" | sed 50q |
			    paste -sd ,)" in | tr '\t' '\n' > got
			tr ' ' '\n' <<< "$part" | sed 50q | awk -v n="$n" '{
				# Halves are exact, so this is.
				r = int(($1 * 2 * n + 199) / 200)
				print r < 1 ? 1 : r
			}' > want
			diff want got
		done
	done
}

@test "sk-quantile: real values, exact answers" {
	[ -d "$shared" ] || skip 'no shared data'
	run -0 --separate-stderr sk-quantile --value 10 \
	    "$shared/web/apache_combined_10k.log.zst"
	same "$output" $'12292\t65748\t1199558\t54306753'
	same "$stderr" 'sk-quantile: 669 of 10000 events without 10'
	run -0 --separate-stderr sk-quantile -q --summary --value 10 \
	    "$shared/web/apache_combined_10k.log.zst"
	same "$output" $'9331\t35\t69192717'
}

@test "sk-quantile: many numbers, within the bounds" {
	seq 300000 | awk '{ print $1 * 7919 % 1000003 }' > in
	sort -n in > sorted
	for size in 50 200 1000; do
		sk-quantile --bounds --size "$size" --percentiles 50,90 in |
		    tr '\t' '\n' > got
		awk 'NR == FNR { v[NR] = $1; next }
		{ got[FNR] = $1 }
		END {
			for (i = 0; i < 2; i++) {
				truth = v[i ? 270000 : 150000]
				if (got[3 * i + 2] > truth ||
				    got[3 * i + 3] < truth ||
				    got[3 * i + 2] > got[3 * i + 1] ||
				    got[3 * i + 3] < got[3 * i + 1])
					exit 1
			}
		}' sorted got
	done
	sk-quantile --percentiles 99.9,99.99 in > got
	awk -v upper="$(cat got)" 'BEGIN {
		split(upper, v, "\t")
		exit !(v[1] > 997800 && v[1] < 999900 && v[2] > 999700)
	}'
	sk-quantile --method tdigest --percentiles 50,99.9 in > got
	awk -v got="$(cat got)" 'BEGIN {
		split(got, v, "\t")
		exit !(v[1] > 497000 && v[1] < 503000 &&
		    v[2] > 998900 && v[2] < 999100)
	}'
}

@test "sk-quantile: bounds are on either side of what they bound" {
	seq 1000000 | sk-quantile --percentiles 0,0.0001,1,50,99,99.9999,100 \
	    --rank 0,1,2,3,500,500000,999999,1000000,1000001 --bounds > got
	tr '\t' '\n' < got | paste - - - | awk '
	    $2 > $1 || $1 > $3 { exit 1 }
	    END { exit NR != 16 }'
	same "$(cut -f 1-3 got)" $'1\t1\t1'
	same "$(cut -f 19-21 got)" $'1000000\t1000000\t1000000'
	same "$(cut -f 22-26 got)" $'0\t0\t0\t1e-06\t1e-06'
	same "$(cut -f 40,43,46 got)" $'0.999999\t1\t1'
	seq 1000000 | sk-quantile --method tdigest --rank 0,1,999999,1000000 |
	    awk '{ exit $1 != 0 || $2 <= 0 || $3 >= 1 || $4 != 1 }'
}

@test "sk-quantile: what is no number is bad" {
	printf '%s\n' 1 x NaN inf 1e999 0x10 '1 ' 1,5 -Infinity 3 > in
	run -4 --separate-stderr sk-quantile --percentiles 50,100 in
	same "$output" $'1\t3'
	same "${stderr_lines[0]}" 'sk-quantile: in:2: not a number'
	same "${stderr_lines[-1]}" 'sk-quantile: 8 of 10 events bad'
	printf '%s\n' 'a 1' 'a -' a 'a b' > in
	run -4 --separate-stderr sk-quantile --value 2 --percentiles 50 in
	same "$output" 1
	same "$stderr" 'sk-quantile: in:4: not a number
sk-quantile: 1 of 4 events bad
sk-quantile: 2 of 4 events without 2'
	printf '%s\n' 1 - '' 2 -- 3 > in
	run -4 --separate-stderr sk-quantile --summary in
	same "$output" $'3\t1\t3'
	same "$stderr" 'sk-quantile: in:5: not a number
sk-quantile: 1 of 5 events bad'
}

@test "sk-quantile: all forms of decimals" {
	printf '%s\n' -5 +4 .5 6. 1e1 2E-1 -0 > in
	run -0 --separate-stderr sk-quantile --percentiles 0,20,50,80,100 in
	same "$output" $'-5\t0\t0.5\t6\t10'
}

@test "sk-quantile: -k keeps a sketch for each key" {
	seq 3000 | awk '{ print $1 % 3, $1 }' > in
	run -0 --separate-stderr sk-quantile -k 1 --value 2 --summary in
	same "$output" $'0\t1000\t3\t3000\n1\t1000\t1\t2998\n2\t1000\t2\t2999'
	seq 20000 | awk '{ print $1, $1 }' > in
	run -0 --separate-stderr sk-quantile -k 1 --value 2 --percentiles 50 in
	same "$(awk '$1 != $2' <<< "$output")" ''
	same "${#lines[@]}" 20000
}

@test "sk-quantile: --histogram counts ranges, --cdf goes by shares" {
	seq 0 99 > in
	run -0 --separate-stderr sk-quantile --histogram --bins 3 --header in
	same "$output" $'lower\tupper\tcount\n0\t33\t33\n33\t66\t33\n66\t99\t34'
	run -0 --separate-stderr sk-quantile --cdf --bins 2 --header in
	same "$output" $'value\tshare\n49\t0.5\n99\t1'
	printf '%s\n' 5 5 5 5 > in
	run -0 --separate-stderr sk-quantile --histogram in
	same "$output" $'5\t5\t4'
	run -0 --separate-stderr sk-quantile --cdf in
	same "$output" $'5\t1'
	printf '%s\n' 1 1 1 2 > in
	run -0 --separate-stderr sk-quantile --cdf in
	same "$output" $'1\t0.75\n2\t1'
	seq 100000 > in
	for method in kll tdigest; do
		sk-quantile --histogram --method "$method" in | awk '
		{ n += $3 }
		$3 < 8000 || $3 > 12000 { exit 1 }
		END { exit n != 100000 }'
	done
}

@test "sk-quantile: --weight is so many times the number" {
	printf '%s\n' '1 3' '2 0' '5 1' '9 996' > in
	run -0 --separate-stderr sk-quantile --value 1 --weight 2 --summary \
	    --percentiles 0.3,0.4,0.5 in
	same "$output" $'1000\t1\t9\t1\t5\t9'
	printf '%s\n' '1 x' '1 -1' '1 1.5' 'x 1' \
	    '1 2305843009213693952' '2 1' > in
	run -4 --separate-stderr sk-quantile --value 1 --weight 2 --summary in
	same "$output" $'1\t2\t2'
	same "${stderr_lines[0]}" \
	    'sk-quantile: in:1: the weight is no whole number'
	seq 5000 | awk '{ print $1, $1 % 10 }' > in
	awk '{ for (i = 0; i < $2; i++) print $1 }' in > each
	for method in kll tdigest; do
		sk-quantile --value 1 --weight 2 --percentiles 50 \
		    --method "$method" in > got
		awk -v got="$(cat got)" -v want="$(sort -n each |
		    awk '{ v[NR] = $1 } END { print v[int(NR / 2)] }')" \
		    'BEGIN { d = got - want; exit !(d < 60 && d > -60) }'
	done
}

@test "sk-quantile: the same input and seed give the same bytes" {
	seq 100000 > in
	sk-quantile --save a in > a.out
	sk-quantile --save b < in > b.out
	cmp a b
	cmp a.out b.out
	sk-quantile --save c --seed 2 in > /dev/null
	run -1 cmp -s a c
}

@test "sk-quantile: what is saved is loaded, and merged in any order" {
	local method

	for method in kll tdigest; do
		for n in 1 2 3; do
			seq $((n * 100000 - 99999)) $((n * 100000)) |
			    sk-quantile --method $method --save $n > /dev/null
			[ "$(wc -c < $n)" -le 5120 ]
		done
		for order in '1 2 3' '3 1 2' '2 3 1'; do
			# shellcheck disable=SC2086 # words
			sk-quantile --merge --method $method --summary \
			    --percentiles 50 $order > got
			awk '$1 != 300000 || $2 != 1 || $3 != 300000 ||
			    $4 < 146000 || $4 > 154000 { exit 1 }' got
		done
		seq 100001 200000 | sk-quantile --method $method --load 1 \
		    --save both > /dev/null
		sk-quantile --merge --method $method --summary both > got
		same "$(cat got)" $'200000\t1\t200000'
		seq 200001 300000 > in
		cp both state
		sk-quantile --method $method --state state in > /dev/null
		sk-quantile --merge --method $method --summary state > got
		same "$(cat got)" $'300000\t1\t300000'
	done
}

@test "sk-quantile: a saved sketch grows with the logarithm of the numbers" {
	seq 3000 | awk '{ print $1 * 7919 % 3001, 333333 }' |
	    sk-quantile --value 1 --weight 2 --save s > /dev/null
	[ "$(wc -c < s)" -gt 5120 ]
	[ "$(wc -c < s)" -le $((5120 + 10 * 68)) ]
}

@test "sk-quantile: few numbers stay exact in a file" {
	seq 1 300 > in
	sk-quantile --save s in > a
	sk-quantile --merge s > b
	cmp a b
	sk-quantile --info s > got
	same "$(cat got)" $'s\tkll\tk=200 min_k=200 levels=2 retained=300 n=300 min=1 max=300\t150'
}

@test "sk-quantile: sketches of keys are lines that cat joins" {
	seq 2000 | awk '{ print $1 % 2 ? "odd" : "even", $1 }' > in
	head -n 1000 in | sk-quantile -k who=1 --value 2 --save a > /dev/null
	tail -n 1000 in | sk-quantile -k who=1 --value 2 --save b > /dev/null
	cat a b > all
	run -0 --separate-stderr sk-quantile --merge -k who --summary all
	same "$output" '{"who":"even","count":1000,"min":2,"max":2000}
{"who":"odd","count":1000,"min":1,"max":1999}'
	run -0 --separate-stderr sk-quantile --merge --summary all
	same "$output" $'2000\t1\t2000'
	run -0 --separate-stderr sk-quantile --merge --value kll --summary all
	same "$output" $'2000\t1\t2000'
}

@test "sk-quantile: a size that was saved is kept, and the least rules" {
	seq 50000 | sk-quantile --size 400 --save big > /dev/null
	seq 50000 | sk-quantile --size 100 --save small > /dev/null
	sk-quantile --merge big --save out > /dev/null
	sk-quantile --info out | grep -q 'k=400 min_k=400 '
	sk-quantile --merge big small --save out > /dev/null
	sk-quantile --info out | grep -q 'k=400 min_k=100 '
	sk-quantile --merge --size 300 big --save out > /dev/null
	sk-quantile --info out | grep -q 'k=300 min_k=300 '
}

@test "sk-quantile: damaged and foreign files are refused" {
	seq 1000 | sk-quantile --save good > /dev/null
	seq 1000 | sk-quantile --method tdigest --save td > /dev/null
	head -c 500 good > short
	run -4 --separate-stderr sk-quantile --merge short
	same "$output" ''
	same "$stderr" 'sk-quantile: short: corrupt KLL sketch: cut short'
	run -4 --separate-stderr sk-quantile --merge --method kll td
	same "$stderr" 'sk-quantile: td: a t-digest (--method tdigest)'
	run -4 --separate-stderr sk-quantile --merge good td
	same "$stderr" 'sk-quantile: td: a t-digest (--method tdigest)'
	run -4 --separate-stderr sk-quantile --merge --method tdigest good
	same "$stderr" 'sk-quantile: good: a KLL sketch (--method kll)'
	seq 10 | sk-hll --save hll > /dev/null
	run -4 --separate-stderr sk-quantile --info hll
	same "$stderr" 'sk-quantile: hll: not a KLL sketch'
	printf '\5\11' | cat - <(tail -c +3 good) > newer
	run -4 --separate-stderr sk-quantile --merge newer
	same "$stderr" 'sk-quantile: newer: KLL sketch of version 9'
	run -3 --separate-stderr sk-quantile --merge none
}

@test "sk-quantile: without --method saved files say which it is" {
	seq 1000 | sk-quantile --save kll > /dev/null
	seq 1000 | sk-quantile --method tdigest --save td > /dev/null
	printf '\0\0\0\1@\0\0\0\0\0\0\0@\30\0\0\0\0\0\0@Y' > author
	printf '\0\0\0\0\0\0\0\0\0\2?\360\0\0\0\0\0\0@\0\0\0\0\0\0\0' >> author
	printf '@\0\0\0\0\0\0\0@\24\0\0\0\0\0\0' >> author
	run -0 --separate-stderr sk-quantile --info td kll author
	same "$(cut -f 2,4 <<< "$output")" $'tdigest\t500.5\nkll\t499\ntdigest\t3.5'
	run -0 --separate-stderr sk-quantile --merge --percentiles 50 td td
	same "$output" 500.5
	run -0 --separate-stderr sk-quantile --load td --summary <<< 2000
	same "$output" $'1001\t1\t2000'
	run -0 --separate-stderr sk-quantile --merge --summary author
	same "$output" $'3\t2\t6'
	seq 9 | sk-quantile -k 1 --method tdigest --save keyed > /dev/null
	run -4 --separate-stderr sk-quantile --merge keyed
	same "$stderr" 'sk-quantile: keyed:1: no member kll'
	run -0 sk-quantile --merge --summary --method tdigest keyed
	same "$output" $'9\t1\t9'
}

@test "sk-quantile: images of other implementations are read" {
	local dir=$SK_ROOT/../shared/vectors

	[ -d "$dir" ] || skip 'no vectors'
	run -0 --separate-stderr sk-quantile --merge --summary \
	    --percentiles 50,99 "$dir/kll/kll_int_k200_n1000000.sk"
	same "$output" $'1000000\t1\t1000000\t499607\t989994'
	run -0 --separate-stderr sk-quantile --merge --summary \
	    "$dir/td/td_int_k200_n1000000.sk"
	same "$output" $'1000000\t1\t1000000'
}

@test "sk-quantile: memory does not grow with the input" {
	local total=3000000

	[[ $SK_BUILD != *asan* ]] || skip 'asan reserves address space'
	[ "${SK_LONG-}" != 1 ] || total=1000000000
	(
		ulimit -v 20000
		seq "$total" | sk-quantile --percentiles 50,90,99 --summary > out
	)
	awk -v n="$total" -v want="0.5 0.9 0.99" '
	    $1 != n || $2 != 1 || $3 != n { wrong++ }
	    { split(want, share)
		for (i = 1; i <= 3; i++)
			if (($(i + 3) / n - share[i]) ^ 2 > 0.02 ^ 2)
				wrong++ }
	    END { exit NR != 1 || wrong > 0 }' out
}
