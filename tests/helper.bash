# What every test file loads: where the tools are, and how they are run.
# shellcheck shell=bash
#
# BUILD names the build whose bin/ is tested (build, build/asan ...).

bats_require_minimum_version 1.5.0

SK_ROOT=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd)
case ${BUILD:=build} in
/*) SK_BUILD=$BUILD ;;
*) SK_BUILD=$SK_ROOT/$BUILD ;;
esac
SK_DATA=$SK_ROOT/tests/data
PATH=$SK_BUILD/bin:$PATH
LC_ALL=C
TZ=UTC
export SK_ROOT SK_BUILD SK_DATA PATH LC_ALL TZ
unset SK_TRACE

# The names of the tools that this build has, from cmd/tools.tab.
tools() {
	awk '!/^#/ && NF { print $1 }' "$SK_ROOT/cmd/tools.tab"
}

# Wait until a line of FILE matches PATTERN (grep -E): no sleeps, ten seconds
# at most.  FILE may come later.
wait_for() {
	timeout 10 tail -n +1 -F -- "$1" 2> /dev/null | grep -Eqm1 -- "$2"
}

# Wait for process $1 and set $status to what it ended with.
# shellcheck disable=SC2034 # for the test that calls it
wait_end() {
	status=0
	wait "$1" || status=$?
}

# Show what was got beside what was wanted, and fail if they differ.
same() {
	[ "$1" = "$2" ] && return
	diff <(printf '%s\n' "$2") <(printf '%s\n' "$1") | cat -A
	return 1
}

# The command ends with STATUS, and writes these texts to stdout and stderr.
says() { # STATUS STDOUT STDERR COMMAND...
	local want=$1 out=$2 err=$3

	shift 3
	run --keep-empty-lines --separate-stderr timeout 20 "$@"
	[ "$status" -eq "$want" ] || {
		echo "status $status, not $want: $stderr"
		return 1
	}
	same "${output%$'\n'}" "$out"
	same "${stderr%$'\n'}" "$err"
}
