#!/usr/bin/env bats
# kill -9 of the real sk-append, at random: tests/torture/kill.c says how, and
# what must hold.  SK_LONG=1: twenty thousand kills.

load helper

# MODE KILLS LONG: so many kills, or the long number.
kills() {
	run "$SK_BUILD/tests/torture/kill" "$SK_BUILD/bin" "$1" \
	    "$([ -n "${SK_LONG:-}" ] && echo "$3" || echo "$2")" "" \
	    "$BATS_TEST_TMPDIR"
	[ "$status" -eq 0 ] || { echo "$output"; return 1; }
	echo "# ${lines[-1]}" >&3
}

@test "kill: sync=block keeps what it acknowledged" {
	kills block 500 6000
}

@test "kill: sync=interval keeps what it acknowledged" {
	kills interval 200 5000
}

@test "kill: sync=none keeps what it acknowledged" {
	kills none 100 2000
}

@test "kill: followed files are in the log once, across rotation" {
	kills tail 200 7500
}
