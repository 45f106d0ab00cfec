#!/usr/bin/env bats
# Do the tests see?  Each patch of tests/seeded is a bug; the suite that it
# names must fail (tests/seeded/run).

load helper

@test "seeded: every bug is caught" {
	cd "$SK_ROOT"
	run -0 tests/seeded/run "$SK_BUILD"
	echo "# $(grep -c '^ok' <<< "$output") bugs caught" >&3
}
