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
