# The tables of sk-anomaly, which tests/bench/run calls: `faults`, what each
# model finds of planted faults, and `anomaly`, speed, memory and the Numenta
# Anomaly Benchmark.
# shellcheck shell=bash
# shellcheck disable=SC2154 # build, cpu, root and runs are those of run

models=(shape light ewma mad seasonal poisson changepoint)
# A model and its --threshold.
learners=("${models[@]/%/ 0.5}" 'shape 0.9')
planter=$build/tests/bench/faults

# cell SINCE LASTS: alarms, with the number of the value and the values since
# the fault in columns 4 and 5, as
#	found median-delay young false
# An alarm finds the fault up to SINCE values behind its begin.  One that comes
# later is neither right nor false, up to 1000 values behind the end.
cell() {
	mawk -F '\t' -v since="$1" -v lasts="$2" '
	$4 < 1000 { young++; next }
	$5 < 0 || $5 >= lasts + 1000 { false++ }
	$5 >= 0 && $5 < since && !($1 in delay) { delay[$1] = $5 }
	END {
		for (s in delay) {
			for (i = n++; i > 0 && at[i - 1] > delay[s]; i--)
				at[i] = at[i - 1]
			at[i] = delay[s]
		}
		print n + 0, n ? at[int((n - 1) / 2)] : "-", young + 0,
		    false + 0
	}'
}

# signal NAME STREAMS FAULT...: a row for each learner, of cells.
signal() {
	local name=$1 streams=$2 fault learner since lasts old=0 n
	shift 2
	rm -f planted.*
	for fault in "$@" none; do
		case $fault in
		spike | jump) since=50 lasts=1 ;;
		season) since=288 lasts=288 ;;
		*) since=200 lasts=200 ;;
		esac
		"$planter" "$name" "$fault" "$streams" 10000 > planted
		n=$(mawk -v lasts=$lasts '
		    $4 >= 1000 && ($5 < 0 || $5 >= lasts + 1000) { n++ }
		    END { print n }' planted)
		old=$((old + n))
		for learner in "${learners[@]}"; do
			sk-anomaly -k 1 -t 2 --value 3 \
			    --model "${learner% *}" \
			    --threshold "${learner#* }" planted |
			    cell $since $lasts >> "planted.$learner" &
		done
		wait
	done
	printf '\n%-12s' "$name"
	printf '%7s' "$@"
	printf '%5s%7s%7s\n' none young false
	for learner in "${learners[@]}"; do
		mawk -v learner="${learner% 0.5}" -v old=$old \
		    -v streams="$streams" '
		BEGIN { printf "%-12s", learner }
		NR > 1 { printf "%3d%4s", found, delay }
		{ found = $1; delay = $2; young += $3; false += $4 }
		END { printf "%5d%7.1f%7.1f\n", found, young / streams / NR,
		    false / old * 10000 }' "planted.$learner"
	done
	rm -f planted planted.*
}

faults() {
	local streams=${SK_BENCH_STREAMS:-40}
	cat <<-END

	planted faults: of $streams streams of 10000 values, in how many it is
	found, and the median delay in values
	    spike   one value 6 sigma too high
	    jump    one value 12 sigma too high
	    shift   3 sigma higher, for 200 values
	    trend   0.1 sigma more with each of 200 values
	    silent  200 times the last value; of counts, 0
	    spread  3 times the sigma, for 200 values; counts nine at a time
	    season  a day (288 values) without its curve
	    none    nothing, for 200 values: found by chance
	    young   false alarms in the first 1000 values of a stream
	    false   false alarms in 10000 values behind those
	An alarm finds a fault while it lasts, a spike and a jump within 50
	values; those up to 1000 values behind its end are not counted.
	END
	signal noise "$streams" spike jump shift trend silent spread
	signal daily "$streams" spike jump shift trend silent spread season
	signal counts "$streams" spike jump shift trend silent spread
}

# rate_of N COMMAND...: values a second, of N, the median of all runs.
rate_of() {
	local n=$1 cost
	shift
	cost=$("$cpu" -n "$runs" -- "$@" | cut -f 1)
	awk -v n="$n" -v ms="$cost" 'BEGIN { printf "%.0f", n / ms * 1000 }'
}

# key_of FEW MANY COMMAND...: KiB a key, by the resident sets over planted.FEW
# and planted.MANY keys.
key_of() {
	local few=$1 many=$2 less more
	shift 2
	less=$("$cpu" -n 1 -- "$@" "planted.$few" | cut -f 3)
	more=$("$cpu" -n 1 -- "$@" "planted.$many" | cut -f 3)
	awk -v kib=$((more - less)) -v n=$((many - few)) 'BEGIN {
		printf kib / n < 10 ? "%.2f" : "%.0f", kib / n }'
}

# model GOAL NAME OPTION...: a row of the table, of a million values; of slow
# models, of the first 200000.
model() {
	local goal=$1 n=1000000 few=10 many=100 plain=- signal=daily
	local timed=(-t 2)
	shift
	case $1 in
	shape | light | changepoint) n=200000 signal=first ;;
	threshold | absence) few=10000 many=100000 ;;
	novelty) few=10000 many=100000 signal=counts ;;
	poisson) signal=counts ;;
	esac
	if [ "$1" != absence ]; then
		plain=$(rate_of $n sk-anomaly --model "$@" values.$signal)
		timed+=(--value 3)
	fi
	printf '%-12s %11s %11s %10s   %s\n' "$1" "$plain" \
	    "$(rate_of $n sk-anomaly --model "$@" "${timed[@]}" \
	    timed.$signal)" \
	    "$(key_of $few $many sk-anomaly --max-keys $many --model "$@" \
	    "${timed[@]}" -k 1)" "$goal"
}

# score TEXT COMMAND: a row, scores of the development half.
score() {
	python3 "$nab/score.py" --data "$nab/data" --threshold 0.5 \
	    --labels "$nab/labels/windows.json" --cmd "$2" |
	    awk -v text="$1" '$3 == "threshold" { s = s sprintf("%10s", $2) }
	    END { printf "%-12s%s\n", text, s }'
}

numenta() {
	local name nab=$root/../shared/nab
	if [ ! -e "$nab/score.py" ] || ! command -v python3 > /dev/null; then
		printf '\nNAB: left out, no ../shared/nab or no python3\n'
		return
	fi
	printf '\n%s\n%-12s%10s%10s%10s\n' \
	    'Numenta Anomaly Benchmark, development half, threshold 0.5' \
	    model standard 'low FP' 'low FN'
	for name in "${models[@]}"; do
		score "$name" "sk-anomaly --model $name --all -d , -t 1 \
		    --value 2"
	done
	score prototype.c ./prototype
}

anomaly() {
	local nab=$root/../shared/nab n signal
	"$planter" daily none 1 1000000 > timed.daily
	"$planter" counts none 1 1000000 > timed.counts
	sed 200000q timed.daily > timed.first
	for signal in daily counts first; do
		cut -f 3 timed.$signal > values.$signal
	done
	for n in 10 100; do
		"$planter" daily none $n 10000 > planted.$n
	done
	for n in 10000 100000; do
		"$planter" counts none $n 10 | sort -snk 2,2 > planted.$n
	done
	printf '\n%s\n%-12s %11s %11s %10s   %s\n' \
	    'values a second: a daily curve and noise; counts for two models' \
	    model plain 'with -t' 'KiB a key' goal
	model 150000 shape
	model 400000 light
	model 2000000 ewma
	model 2000000 mad
	model - seasonal
	model 2000000 poisson
	model - changepoint
	model - threshold --high 1000
	model - novelty
	model - absence --for 1h
	if [ -e "$nab/prototype.c" ]; then
		"${CC:-cc}" -O3 -ffast-math -o prototype "$nab/prototype.c" -lm
		sed 100000q timed.daily | mawk '{ print strftime( \
		    "%Y-%m-%d %H:%M:%S", $2, 1) "," $3 }' > stamped
		printf '%-12s %11s %11s\n' prototype.c - \
		    "$(runs=1 rate_of 100000 sh -c './prototype < stamped')"
	fi
	rm -f timed.* values.* stamped planted.*
	numenta
	rm -f prototype
}
