#!/usr/bin/env bats
# The Numenta Anomaly Benchmark, development half, as its scorer beside the
# project sees it: an alarm is a score of 0.5.  One window is worth 1.75 points.

load helper

nab=$SK_ROOT/../shared/nab

setup() {
	[ -e "$nab/score.py" ] || skip 'no ../shared/nab'
	command -v python3 > /dev/null || skip 'no python3'
	cd "$BATS_TEST_TMPDIR" || return
}

# The standard score of sk-anomaly with these options is FLOOR or more.
scores() { # FLOOR OPTION...
	local floor=$1
	shift
	run -0 timeout 300 python3 "$nab/score.py" --data "$nab/data" \
	    --labels "$nab/labels/windows.json" --threshold 0.5 \
	    --min "$floor" --cmd "sk-anomaly --all -d , --value 2 $*"
	[[ $output == *'series 29  rows 171189  windows 57'* ]]
}

@test "nab: shape, 83" {
	scores 83 -t 1
}

@test "nab: light, 80" {
	scores 80 -t 1 --model light
}

@test "nab: ewma, 46" {
	scores 46 -t 1 --model ewma
}

@test "nab: mad, 51" {
	scores 51 -t 1 --model mad
}

@test "nab: seasonal, 58" {
	scores 58 -t 1 --model seasonal
}

@test "nab: poisson, 51" {
	scores 51 -t 1 --model poisson
}

@test "nab: changepoint, 48" {
	scores 48 -t 1 --model changepoint
}

@test "nab: shape without times, 79" {
	scores 79
}
