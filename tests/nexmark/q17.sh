#!/bin/sh
# q17 [DELAY]: the bids on each auction in a day, in classes of prices.
grep '"event_type":2' | sk-cols bid.dateTime,bid.auction,bid.price |
    awk -v OFS='\t' '{
	class = ($3 < 10000) "\t" ($3 >= 10000 && $3 < 1000000) "\t" \
	    ($3 >= 1000000)
	gsub(/0/, "", class)
	print $0, class
    }' |
    sk-window -d '\t' -t 1 --delay="${1:-0s}" --tumble 1d -k 2 \
    -a count,count:4,count:5,count:6,min:3,max:3,sum:3 |
    sk-cols -d '\t' 1:time,3-10 |
    awk -v OFS='\t' '{
	print $2, substr($1, 1, 10), $3, $4, $5, $6, $7, $8, int($9 / $3), $9
    }'
