#!/bin/sh
# q16 [DELAY]: as q15, for every channel, with the time of the last bid.
grep '"event_type":2' |
    sk-cols bid.dateTime,bid.channel,bid.bidder,bid.auction,bid.price |
    awk -F '\t' -v OFS='\t' '{
	class = ($5 < 10000) "\t" ($5 >= 10000 && $5 < 1000000) "\t" \
	    ($5 >= 1000000)
	gsub(/0/, "", class)
	print $1, $2, "bidder", $3, class
	print $1, $2, "auction", $4, class
    }' |
    sk-window -d '\t' -t 1 --delay="${1:-0s}" --tumble 1d -k 2,3,4 \
    --max-keys=10000000 \
    -a last:1,count,low=count:5,mid=count:6,high=count:7,any:5,any:6,any:7 |
    sk-window -d '\t' -t 1 --tumble 1d -k 3,4 -a max:6,sum:7,sum:8,sum:9,\
sum:10,count,count:11,count:12,count:13 |
    sk-cols -d '\t' 1:time,3,4,5:time,6-13 |
    awk -F '\t' -v OFS='\t' '
	{ n = $9 OFS $10 OFS $11 OFS $12 }
	$3 == "auction" { auctions = n }
	$3 == "bidder" {
		print $2, substr($1, 1, 10), substr($4, 12, 5), $5, $6, $7,
		    $8, n, auctions
	}'
