# What the tests of sk-anomaly share.
# shellcheck shell=bash

numbers=(shape light ewma mad seasonal poisson changepoint)
seeds=3
[ "${SK_LONG-}" != 1 ] || seeds=60
export seeds

# anomaly OPTION...: sk-anomaly over the file `input`, into out and err.
# shellcheck disable=SC2034 # for the test that calls it
anomaly() {
	status=0
	timeout 60 sk-anomaly "$@" < input > out 2> err || status=$?
}

# series SEED N: lines TIME VALUE.
series() {
	awk -v seed="$1" -v n="$2" -f "$SK_ROOT/tests/anomaly/series.awk"
}

# Stdin with ID for ids.
ids() {
	sed -E -e 's/([\t,;"])[0-9a-f]{8}([\t,;"])/\1ID\2/'
}

# Options of each model, with -t 1 and lines TIME VALUE.
models() {
	local model

	for model in "${numbers[@]}"; do
		echo "--value 2 --all --model $model"
	done
	echo '--value 2 --all --high 700 --low 400 --for 20m --gap 1h'
	echo '--value 2 --all --min 300 --max 600'
	echo '--value 2 --all --model novelty --remember 20 --rare 1%' \
	    '--half-life 50'
	echo '--all --per 20m --model ewma'
	echo '--all --per 1h --model light --delay 10m'
	echo '--model absence --for 5m'
}
