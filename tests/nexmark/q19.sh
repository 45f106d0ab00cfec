#!/bin/sh
# q19: the ten highest bids on each auction: what sort does.
tab=$(printf '\t')
grep '"event_type":2' |
    sk-cols bid.auction,bid.bidder,bid.price,bid.channel,bid.url,\
bid.dateTime,bid.extra |
    LC_ALL=C sort -t "$tab" -k 1,1n -k 3,3nr -k 6,6n -k 7,7 |
    awk -F '\t' -v OFS='\t' '
	$1 != was { was = $1; rank = 0 }
	++rank <= 10 { print $0, rank }'
