#!/usr/bin/env bats
# sk-hll: what is its own; inputs, bad events and output are inputs.bats.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	shared=$SK_ROOT/../shared/data
}

# |estimate - truth| is within PERCENT of the truth.
within() {
	awk -v got="$1" -v want="$2" -v percent="$3" 'BEGIN {
		d = got - want
		exit !((d < 0 ? -d : d) <= want * percent / 100)
	}' || { echo "$1, not within $3 % of $2"; return 1; }
}

@test "sk-hll: options out of range are usage" {
	run -2 --separate-stderr sk-hll --lgk 3
	same "${stderr_lines[0]}" 'sk-hll: --lgk: 3: out of range'
	run -2 --separate-stderr sk-hll --lgk 22
	run -2 --separate-stderr sk-hll --sd 4
	run -2 --separate-stderr sk-hll --value 'a[x]'
	same "${stderr_lines[0]%%(*}" 'sk-hll: a[x]: not a path '
	run -2 --separate-stderr sk-hll -k 0
	same "$output" ''
}

@test "sk-hll: nothing is 0" {
	run -0 --separate-stderr sk-hll /dev/null
	same "$output" 0
	run -0 --separate-stderr sk-hll --bounds /dev/null
	same "$output" $'0\t0\t0'
	run -0 --separate-stderr sk-hll -k 1 /dev/null
	same "$output" ''
	run -1 --separate-stderr sk-hll -e -k 1 /dev/null
}

@test "sk-hll: few values are counted exactly" {
	local n

	for n in 1 2 7 8 24 25 100 384; do
		run -0 --separate-stderr bash -c "seq $n | sk-hll"
		same "$output" "$n"
	done
}

@test "sk-hll: many values within 4 standard errors, at every size" {
	local lgk

	for lgk in 4 8 10 12 14 18 21; do
		run -0 --separate-stderr bash -c "seq 300000 | sk-hll --lgk $lgk"
		within "$output" 300000 \
		    "$(awk -v k="$lgk" 'BEGIN { print 4 * 83.3 / 2 ^ (k / 2) }')"
	done
}

@test "sk-hll: repeats change nothing" {
	seq 50000 > once
	run -0 --separate-stderr sk-hll --bounds once
	same "$(sk-hll --bounds once once once)" "$output"
}

@test "sk-hll: bounds stand around the estimate, wider with --sd" {
	seq 100000 > in
	sk-hll --bounds --sd 1 in > one
	sk-hll --bounds in > two
	sk-hll --bounds --sd 3 in > three
	cat three two one | awk '
	$1 <= $2 || $1 >= $3 { exit 1 }
	NR > 1 && ($2 <= lower || $3 >= upper) { exit 1 }
	{ lower = $2; upper = $3 }'
}

@test "sk-hll: a field, by blanks, by delimiter, by range" {
	printf '%s\n' ' a  b c' 'a b  d' 'b b c' > in
	run -0 --separate-stderr sk-hll --value 1 in
	same "$output" 2
	run -0 --separate-stderr sk-hll --value 2-3 in
	same "$output" 2
	run -0 --separate-stderr sk-hll -d ' ' --value 1 in
	same "$output" 2
	same "$stderr" 'sk-hll: 1 of 3 events without 1'
}

@test "sk-hll: events without the field are passed over and counted" {
	printf '%s\n' 'a x' b 'c y' 'd x' > in
	run -0 --separate-stderr sk-hll --value 2 in
	same "$output" 2
	same "$stderr" 'sk-hll: 1 of 4 events without 2'
	run -0 --separate-stderr sk-hll -q --value 2 in
	same "$stderr" ''
}

@test "sk-hll: -k prints a line for each key, in order of bytes" {
	printf '%s\n' 'b 1' 'a 1' 'b 2' 'B 1' 'a 1' > in
	run -0 --separate-stderr sk-hll -k 1 --value 2 in
	same "$output" $'B\t1\na\t1\nb\t2'
	run -0 --separate-stderr sk-hll -k 1 --value 2 --to ndjson in
	same "${lines[2]}" '{"1":"b","distinct":2}'
	run -0 --separate-stderr sk-hll -k 1 --header in
	same "${lines[0]}" $'1\tdistinct'
}

@test "sk-hll: several keys sort field by field" {
	printf '%s\n' 'a z 1' 'aa b 1' 'a b 1' 'a b 2' > in
	run -0 --separate-stderr sk-hll -k 1,2 --value 3 in
	same "$output" $'a\tb\t2\na\tz\t1\naa\tb\t1'
	same "$(sk-hll -k 1 -k 2 --value 3 in)" "$output"
}

@test "sk-hll: two columns of one name are usage" {
	run -2 --separate-stderr sk-hll -k 1,1 /dev/null
	same "$output" ''
	run -0 --separate-stderr sk-hll --header -k 1,b=1 "$SK_DATA/access.log"
	same "${lines[0]}" $'1\tb\tdistinct'
}

@test "sk-hll: a key over --max-keys is a bad event" {
	printf '%s\n' a b a c d > in
	run -4 --separate-stderr sk-hll -k 1 --max-keys 2 in
	same "$output" $'a\t1\nb\t1'
	same "$stderr" 'sk-hll: in:4: too many keys
sk-hll: 2 of 5 events bad'
}

@test "sk-hll: per key the estimate is that of the key's lines alone" {
	awk 'BEGIN { for (i = 0; i < 20000; i++) print i % 3, i % 5000 }' > in
	run -0 --separate-stderr sk-hll -k 1 --value 2 in
	same "$(for k in 0 1 2; do
		printf '%s\t%s\n' $k "$(grep "^$k" in | sk-hll --value 2)"
	done)" "$output"
}

@test "sk-hll: true counts of real logs" {
	[ -d "$shared" ] || skip 'no shared data'
	run -0 --separate-stderr sk-hll --value 1 \
	    "$shared/web/apache_combined_10k.log.zst"
	within "$output" 1753 3
	zstd -dcq "$shared/web/nasa_19950801.tsv.zst" | tail -n +2 > nasa
	within "$(sk-hll -d '\t' --value 1 nasa)" 2365 3
	within "$(sk-hll -d '\t' --value 5 nasa)" 2088 3
}
