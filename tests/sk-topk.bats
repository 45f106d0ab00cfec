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
