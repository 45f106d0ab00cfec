#!/usr/bin/env bats
# Planted faults (tests/bench/faults.c) are found, of each model those that are
# its own; `SK_BENCH=faults make bench` shows them all.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	planter=$SK_BUILD/tests/bench/faults
	[ -x "$planter" ] || skip 'no tests/bench/faults in this build'
}

# In MOST of ten streams OPTIONS find the fault within 200 values of its begin,
# and there are at most FALSE alarms in the values from 1000 up to it.
finds() { # SIGNAL FAULT MOST FALSE OPTION...
	local signal=$1 fault=$2 most=$3 false=$4 got
	shift 4
	"$planter" "$signal" "$fault" 10 10000 > in
	timeout 60 sk-anomaly -k 1 -t 2 --value 3 "$@" in > out
	got=$(awk -F '\t' '
	    $4 >= 1000 && $5 < 0 { false++ }
	    $5 >= 0 && $5 < 200 { found[$1] }
	    END { for (s in found) n++; print n + 0, false + 0 }' out)
	echo "$signal, $fault: found, false: $got"
	((${got% *} >= most && ${got#* } <= false))
}

@test "faults: the streams are the same everywhere" {
	run -0 bash -c "'$planter' daily spread 2 1000 | md5sum"
	same "$output" 'cd41117c66ea2363dc63e2089c48a8ee  -'
	run -0 bash -c "'$planter' counts trend 2 1000 7 | md5sum"
	same "$output" 'bc2b730be99a3449c17f9bd47392d2b5  -'
}

@test "faults: shape finds shifts, spread and a missing season" {
	finds noise shift 8 40
	finds daily spread 9 20
	finds daily season 8 20
}

@test "faults: at a threshold of 0.9 one alarm in 5000 values is false" {
	finds noise shift 9 12 --threshold 0.9
}

@test "faults: light finds them, too" {
	finds noise shift 7 40 --model light
	finds daily spread 9 25 --model light
	finds daily season 8 20 --model light
}

@test "faults: ewma finds shifts and spread of noise" {
	finds noise shift 9 20 --model ewma
	finds noise spread 9 20 --model ewma
}

@test "faults: mad finds shifts and trends of noise" {
	finds noise shift 9 15 --model mad
	finds noise trend 9 15 --model mad
}

@test "faults: seasonal finds a missing season and a stuck value" {
	finds daily season 7 10 --model seasonal
	finds daily silent 8 12 --model seasonal
}

@test "faults: poisson finds silence, jumps and trends of counts" {
	finds counts silent 9 15 --model poisson
	finds counts jump 9 15 --model poisson
	finds counts trend 9 15 --model poisson
}

@test "faults: changepoint finds shifts" {
	finds noise shift 8 80 --model changepoint
	finds counts shift 8 80 --model changepoint
}
