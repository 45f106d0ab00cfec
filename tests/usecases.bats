#!/usr/bin/env bats
# Use cases with known truth: a pipeline each, against the answers of
# ../shared/usecases (uc.py: events of a seed, and what follows from them).

load helper

usecases=$SK_ROOT/../shared/usecases
seeds=(1 2)
[ "${SK_LONG-}" != 1 ] || seeds=({1..20})

setup() {
	[ -e "$usecases/uc.py" ] || skip 'no ../shared/usecases'
	command -v python3 > /dev/null || skip 'no python3'
	cd "$BATS_TEST_TMPDIR" || exit
}

# What the pipeline $1 makes of the events of each seed is the answer.
answers() {
	local seed table=()
	for seed in "${seeds[@]}"; do
		python3 "$usecases/uc.py" "$1" gen "$seed" > events
		if [ "$1" = stock ]; then
			python3 "$usecases/uc.py" stock ref "$seed" > skus
			table=(skus)
		fi
		python3 "$usecases/uc.py" "$1" answers "${table[@]}" \
		    < events > wanted
		"$1" < events > found 2> said
		[ ! -s said ]
		diff found wanted | head -n 10
		cmp found wanted
	done
}

# Sessions of users, which end after a pause of over 1800 s: user, first and
# last click, clicks, first and last page.
clicks() {
	timeout 60 sk-window -d '\t' -t 1 --session 1800s -k 2 \
	    -a max:1,count,first:3,last:3 |
	    cut -f 1,3- | sort -k 2,2 -k 1,1n |
	    awk -F '\t' -v OFS='\t' '
	    { print $2, $1, $3, $4, $5, $6 }
	    $2 != user { user = $2; users++ }
	    $3 - $1 > longest { longest = $3 - $1 }
	    $4 > most { most = $4 }
	    $4 == 1 { bounces++ }
	    { clicks += $4 }
	    END {
		print "# sessions", NR
		print "# users", users
		print "# clicks", clicks
		print "# bounces (one click)", bounces
		print "# longest session in seconds", longest
		print "# most clicks in a session", most
	    }'
}

@test "use case: sessions of clicks are the true ones" {
	answers clicks
}

# Requests in every 10 seconds, and when that wants one instance more or less:
# over 20 a second and instance three times running, under 8 six times.
scale() {
	timeout 60 sk-window -t 4-5 --tumble 10s --fill zero |
	    awk -F '\t' -v OFS='\t' '
	    BEGIN { n = 1 }
	    {
		split($2, t, /[T:Z]/)
		load = $3 / 10 / n
		high = load > 20 ? high + 1 : 0
		low = load < 8 ? low + 1 : 0
		requests += $3
		if ($3 > most)
			most = $3
		step = high >= 3 && n < 8 ? 1 : low >= 6 && n > 1 ? -1 : 0
		if (step == 0)
			next
		print t[2] % 24 * 3600 + t[3] * 60 + t[4],
		    (step > 0 ? "up" : "down"), n, n + step
		n += step
		high = low = 0
		steps++
	    }
	    END {
		print "# requests", requests
		print "# windows", NR
		print "# greatest window", most
		print "# scalings", steps
	    }'
}

@test "use case: peaks of a log scale a service as they should" {
	answers scale
}

# Bars of one minute: start, end, symbol, open, high, low, close, quantity,
# turnover in cents, trades.
bars() {
	awk -F '\t' -v OFS='\t' '{
		cents = $3
		sub(/[.]/, "", cents)
		print $0, cents * $4
	    }' |
	    timeout 60 sk-window -d '\t' -t 1 --tumble 1m -k 2 \
	    -a first:3,max:3,min:3,last:3,sum:4,sum:5,count
}

# When the mean of the last 5 closes (s5) passes that of the last 20 (s20).
crossings() {
	awk -F '\t' -v OFS='\t' '
	    $3 != symbol { symbol = $3; n = was = s5 = s20 = 0 }
	    {
		cents = $7
		sub(/[.]/, "", cents)
		s5 += cents - (n >= 5 ? past[(n - 5) % 20] : 0)
		s20 += cents - (n >= 20 ? past[n % 20] : 0)
		past[n++ % 20] = cents
		is = 4 * s5 > s20 ? 1 : 4 * s5 < s20 ? -1 : 0
		if (n < 20 || is == 0)
			next
		if (was != 0 && is != was)
			print "cross", $3, $1, (is > 0 ? "buy" : "sell"),
			    sprintf("%.4f", s5 / 500),
			    sprintf("%.4f", s20 / 2000)
		was = is
	    }'
}

# The mean price of each symbol, weighted by quantity: a window of windows.
vwap() {
	sk-window -d '\t' --global -k 3 -a sum:9,sum:8,sum:10,count |
	    awk -F '\t' -v OFS='\t' '{
		print "vwap", $1, sprintf("%.6f", $2 / $3 / 100), $3, $4, $5
	    }'
}

trade() {
	bars | sort -k 3,3 -k 1,1n > sorted
	vwap < sorted
	crossings < sorted
	awk -F '\t' -v OFS='\t' '{
		for (i = 4; i <= 7; i++)
			$i = sprintf("%.2f", $i)
		print "bar", $3, $1, $4, $5, $6, $7, $8,
		    sprintf("%.6f", $9 / $8 / 100), $10
	}' sorted
}

@test "use case: bars, mean prices and crossings of trades are true" {
	answers trade
}

# What is in stock, each event taken once; what fell below its limit is to be
# ordered.
stock() {
	sk-dedup -k id > once
	sk-cols ts,id,op,sku,qty once | awk -v OFS='\t' '
	    NR == FNR { stock[$1] = $2; limit[$1] = $3; next }
	    {
		was = stock[$4]
		now = $3 == "count" ? $5 : was + ($3 == "ship" ? -$5 : $5)
		stock[$4] = now
		if (was < limit[$4] || now >= limit[$4])
			next
		print "reorder", $1, $2, $4, was, now, limit[$4]
	    }
	    END {
		for (sku in stock)
			print "final", sku, stock[sku] | "sort"
	    }' skus - > orders
	cat orders
	awk -F '\t' -v OFS='\t' -v once="$(wc -l < once)" \
	    -v events="$(wc -l < events)" '
	    $1 == "reorder" { orders++ }
	    $1 == "final" { units += $3 }
	    END {
		print "# events", events
		print "# duplicates", events - once
		print "# reorders", orders + 0
		print "# units in stock at the end", units
	    }' orders
}

@test "use case: a stock is right though deliveries come twice" {
	answers stock
}

# Alarms of wind turbines: on at 90 degrees, off at 80; the greatest in between.
wind() {
	timeout 60 sk-anomaly -t 1 -k 2 --value 4 --high 90 --low 80 --all \
	    --end |
	    awk -F '\t' -v OFS='\t' '
	    { hot = $4 >= 90; changes += hot != was[$2]; was[$2] = hot }
	    $7 ~ /^at or above/ {
		on[$2] = $1
		top[$2] = $4
		alarms++
	    }
	    ($2 in on) && $4 > top[$2] { top[$2] = $4 }
	    $7 ~ /^over/ { print $2, on[$2], $1, top[$2]; delete on[$2] }
	    END {
		for (k in on)
			print k, on[k], "open", top[k]
		for (k in on)
			open++
		print "# readings", NR > "totals"
		print "# alarms", alarms > "totals"
		print "# still open", open + 0 > "totals"
		print "# changes a plain threshold at 90 would have made",
		    changes > "totals"
	    }' | sort -k 2,2n -k 1,1
	cat totals
}

@test "use case: hot turbines alarm once, until they are cool" {
	answers wind
}

# Heart rates over 120 or under 45 for 30 s, with pauses of at most 5 s.
heart() {
	timeout 60 sk-anomaly -t 1 -k 2 --value 3 --min 45 --max 120 \
	    --for 30s --gap 5s --all --end | tee judged |
	    awk -F '\t' -v OFS='\t' '
	    { kind = $3 > 120 ? "high" : $3 < 45 ? "low" : "" }
	    kind == "" || kind != run[$2] || $1 - last[$2] > 5 {
		tell($2)
		run[$2] = kind
		start[$2] = $1
		n[$2] = 0
	    }
	    { last[$2] = $1; n[$2]++ }
	    $6 ~ /for 30s/ { at[$2] = $1 }
	    function tell(p) {
		if (p in at)
			print start[p], p, run[p], at[p], last[p], n[p]
		delete at[p]
	    }
	    END { for (p in run) tell(p) }' | sort
	printf '# samples\t%d\n# alerts\t%d\n' "$(wc -l < judged)" \
	    "$(grep -c 'for 30s' judged)"
}

@test "use case: hearts alarm when it lasts, and not for odd values" {
	answers heart
}

# The login rules: a country in which a user has never been, and the fifth
# failure of an address within a minute.
login() {
	cat > all
	{
		jq -c 'select(.ok)' all |
		    timeout 60 sk-anomaly -t ts -k user --value country \
		    --model novelty |
		    jq -r '[.ts, "new-country", .user, .country] | @tsv'
		jq -c 'select(.ok | not)' all |
		    timeout 60 sk-window -t ts --slide 59s -k ip |
		    timeout 60 sk-anomaly -t end -k ip --value count \
		    --high 5 --low 0 --gap 59s |
		    jq -r '[.end, "brute-force", .ip, "-"] | @tsv'
	} | sort -k 1,1n -k 2,2 -k 3,3 > alarms
	cat alarms
	printf '# events\t%d\n# new-country\t%d\n# brute-force\t%d\n' \
	    "$(wc -l < all)" "$(grep -c new-country alarms)" \
	    "$(grep -c brute-force alarms)"
}

@test "use case: logins from new countries and by brute force" {
	answers login
}

@test "use case: who breaks into a real machine" {
	local log=$SK_ROOT/../shared/data/loghub/OpenSSH_2k.log

	[ -e "$log" ] || skip 'no ../shared/data'
	sk-parse --year 2023 sshd "$log" |
	    jq -c 'select(.event == "failed" and .method == "password")' \
	    > failed
	sk-window -t time --slide 59s -k ip failed |
	    sk-anomaly -t end -k ip --value count --high 5 --low 0 \
	    --gap 59s | sk-cols ip,end > alarms
	sk-topk --value ip -n 100 failed > sources
	jq -r '[.item, .count] | @tsv' sources | while read -r ip n; do
		printf '%s\t%d\t%d\t%s\n' "$ip" "$n" \
		    "$(grep -c "^$ip	" alarms)" \
		    "$(grep -m 1 "^$ip	" alarms | cut -c -80 |
		    sed 's/.*T\(.*\)Z.*/\1/')"
	done | sed 's/\t$/\t-/' | sort > found
	python3 "$usecases/uc.py" ssh answers < "$log" | grep -v '^#' |
	    cut -f 1,2,5,6 | sort > wanted
	diff found wanted
}

@test "use case: the peaks of a log are its alarms" {
	local seed

	for seed in "${seeds[@]}"; do
		python3 "$usecases/uc.py" scale gen "$seed" |
		    sk-anomaly -t 4-5 --per 10s --max 220 --for 20s |
		    awk -F '\t' '{ split($1, t, /[T:Z]/)
		    print t[3] * 60 + t[4] }' > alarms
		python3 "$usecases/uc.py" scale planted "$seed" > peaks
		# One alarm in each peak, and none elsewhere.
		awk 'NR == FNR { at[NR] = $1; n = NR; next }
		{
			found = 0
			for (i = 1; i <= n; i++)
				found += at[i] >= $4 && at[i] < $4 + $6
			if (found != 1)
				print "peak at", $4, "alarms", found
			peaks++
		}
		END { if (peaks != n) print n, "alarms of", peaks, "peaks" }' \
		    alarms peaks > wrong
		diff /dev/null wrong
	done
}
