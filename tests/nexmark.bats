#!/usr/bin/env bats
# Nexmark: pipelines of the toolkit (tests/nexmark) against SQLite.  Events,
# the meaning of each query and the oracle are those of ../shared/nexmark.

load helper

nexmark=$SK_ROOT/../shared/nexmark
# Midnight of UTC falls into the stream.
n=20000 base=1436918392000 seeds=(1)
if [ "${SK_LONG-}" = 1 ]; then
	n=100000 base=1436918360000 seeds=(1 2 3 4 5)
fi

there() {
	[ -e "$nexmark/gen.c" ] && command -v sqlite3 > /dev/null
}

# events.SEED, late.SEED (each up to 0.7 s late) and expected.SEED/.
setup_file() {
	local seed dir=$BATS_FILE_TMPDIR
	there || return 0
	cc -O2 -o "$dir/gen" "$nexmark/gen.c"
	for seed in "${seeds[@]}"; do
		mkdir "$dir/$seed"
		"$dir/gen" $n "$seed" --base $base --tsv "$dir/$seed"
		sh "$nexmark/oracle.sh" "$dir/$seed" q5 > /dev/null # loads
		"$dir/gen" $n "$seed" --base $base > "$dir/events.$seed"
		"$dir/gen" $n "$seed" --base $base --ooo 700 \
		    > "$dir/late.$seed"
	done
}

# The answer of SQLite for each seed, with the events in order and not.
agrees() {
	local seed dir=$BATS_FILE_TMPDIR
	for seed in "${seeds[@]}"; do
		sh "$nexmark/oracle.sh" "$dir/$seed" "$1" > expected
		[ -s expected ]
		timeout 60 sh "$SK_ROOT/tests/nexmark/$1.sh" \
		    < "$dir/events.$seed" > found 2> said
		[ ! -s said ]
		sort found | diff - expected | head -n 10
		sort found | cmp - expected
		timeout 60 sh "$SK_ROOT/tests/nexmark/$1.sh" 700ms \
		    < "$dir/late.$seed" > found 2> said
		[ ! -s said ]
		sort found | cmp - expected
	done
}

setup() {
	there || skip 'no ../shared/nexmark, or no sqlite3'
	cd "$BATS_TEST_TMPDIR" || exit
}

@test "nexmark: q0, all bids, as in SQLite" {
	agrees q0
}

@test "nexmark: q1, prices in another currency, as in SQLite" {
	agrees q1
}

@test "nexmark: q2, bids on some auctions, as in SQLite" {
	agrees q2
}

@test "nexmark: q5, hot items, by two windows in a row, as in SQLite" {
	agrees q5
}

@test "nexmark: q7, the highest bids, both ends in, as in SQLite" {
	agrees q7
}

@test "nexmark: q8, new users that open an auction, as in SQLite" {
	agrees q8
}

@test "nexmark: q11, sessions of users, as in SQLite" {
	agrees q11
}

@test "nexmark: q12, counts of users in windows, as in SQLite" {
	agrees q12
}

@test "nexmark: q14, a calculation for each bid, as in SQLite" {
	agrees q14
}

@test "nexmark: q15, statistics of bids by day, as in SQLite" {
	agrees q15
}

@test "nexmark: q16, statistics of channels by day, as in SQLite" {
	agrees q16
}

@test "nexmark: q17, statistics of auctions by day, as in SQLite" {
	agrees q17
}

@test "nexmark: q18, the last bid of each bidder and auction, as in SQLite" {
	agrees q18
}

@test "nexmark: q19, the ten highest bids of each auction, as in SQLite" {
	agrees q19
}

@test "nexmark: q21, numbers of channels, by name or url, as in SQLite" {
	agrees q21
}

@test "nexmark: q22, directories of urls, as in SQLite" {
	agrees q22
}
