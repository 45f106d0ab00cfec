#!/usr/bin/env bats
# sk-window against sqlite3 over generated events with disorder, and what must
# make no difference to it.  The parts are in tests/window/.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	seeds=6
	((${SK_LONG:-0} == 0)) || seeds=500
}

@test "sk-window: every kind of window is what sqlite3 says" {
	command -v sqlite3 > /dev/null || skip 'no sqlite3'
	local seed
	for ((seed = 1; seed <= seeds; seed++)); do
		"$SK_ROOT/tests/window/oracle" "$seed"
	done
}

@test "sk-window: pieces, stops and disorder within --delay change nothing" {
	local seed
	for ((seed = 1; seed <= (seeds + 4) / 5; seed++)); do
		"$SK_ROOT/tests/window/properties" "$seed"
	done
}

# readings: N seconds of a hundred keys, which others follow by and by, so that
# there is no end to keys, windows and sessions.
@test "sk-window: memory is that of what is open, not of what has been" {
	local kinds kind n=300000

	[[ $SK_BUILD != *asan* ]] || skip 'asan reserves address space'
	((${SK_LONG:-0} == 0)) || n=100000000 # of tumble; a tenth of others
	kinds=('--tumble 1m' '--hop 5m/1m' '--cumulate 1m/1h' '--session 1m'
	    '--slide 5m' '--tumble 1m --lateness 10m' '--tumble 1m --early 10s'
	    '--session 1m --lateness 10m --emit changelog'
	    '--tumble 1m --fill last --ttl 10m')
	for kind in "${kinds[@]}"; do
		# shellcheck disable=SC2086 # words
		(
			set -o pipefail
			ulimit -v 20000
			awk -v n=$n 'BEGIN {
				for (i = 1; i <= n; i++)
					print i, i % 100 + int(i / 100), i % 977
			}' | sk-window -t 1 $kind -k 2 -a count,sum:3,max:3 |
			    tail -n 1 > last
		)
		[ -s last ]
		((n <= 10000000)) || n=10000000
	done
}
