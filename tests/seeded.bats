#!/usr/bin/env bats
# Do the tests see?  Each patch of tests/seeded is a bug; the suite that it
# names must fail (tests/seeded/run).  SK_LONG=1: all of them, else every fifth,
# others each day.

load helper

@test "seeded: every patch still applies" {
	cd "$SK_ROOT"
	for patch in tests/seeded/*.patch; do
		patch -p1 --dry-run -s < "$patch" > "$BATS_TEST_TMPDIR/said" ||
		    { echo "$patch"; cat "$BATS_TEST_TMPDIR/said"; return 1; }
	done
}

@test "seeded: the bugs are caught" {
	cd "$SK_ROOT"
	turn=$(($(date +%s) / 86400 % 5)) names=() i=0
	for patch in tests/seeded/*.patch; do
		name=${patch##*/}
		i=$((i + 1))
		[ -z "${SK_LONG:-}" ] && ((i % 5 != turn)) && continue
		names+=("${name%.patch}")
	done
	run -0 tests/seeded/run "$SK_BUILD" "${names[@]}"
	echo "# $(grep -c '^ok' <<< "$output") of ${#names[@]} caught:" \
	    "${names[*]}" >&3
}
