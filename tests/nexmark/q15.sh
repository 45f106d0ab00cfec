#!/bin/sh
# q15 [DELAY]: bids, bidders and auctions of every day, in classes of prices.
# `distinct` is exact up to 1000: here, first one row for each bidder and each
# auction, then their number.  Columns: time, who, 1 in the class of the price.
grep '"event_type":2' |
    sk-cols bid.dateTime,bid.bidder,bid.auction,bid.price |
    awk -v OFS='\t' '{
	class = ($4 < 10000) "\t" ($4 >= 10000 && $4 < 1000000) "\t" \
	    ($4 >= 1000000)
	gsub(/0/, "", class)
	print $1, "bidder", $2, class
	print $1, "auction", $3, class
    }' |
    sk-window -d '\t' -t 1 --delay="${1:-0s}" --tumble 1d -k 2,3 \
    -a count,low=count:4,mid=count:5,high=count:6,any:4,any:5,any:6 |
    sk-window -d '\t' -t 1 --tumble 1d -k 3 \
    -a sum:5,sum:6,sum:7,sum:8,count,count:9,count:10,count:11 |
    sk-cols -d '\t' 1:time,3-11 |
    awk -F '\t' -v OFS='\t' '
	{ n = $7 OFS $8 OFS $9 OFS $10 }
	$2 == "auction" { auctions = n }
	$2 == "bidder" {
		print substr($1, 1, 10), $3, $4, $5, $6, n, auctions
	}'
