#!/bin/sh
# q14: bids of some price, with the time of day and a count of letters.
grep '"event_type":2' |
    sk-cols bid.auction,bid.bidder,bid.price,bid.dateTime,bid.extra |
    awk -F '\t' -v OFS='\t' '{
	m = $3 * 908
	if (m <= 1e9 || m >= 50e9)
		next
	h = int($4 / 3600000) % 24
	kind = h >= 8 && h <= 18 ? "dayTime" : "otherTime"
	if (h <= 6 || h >= 20)
		kind = "nightTime"
	extra = $5
	print $1, $2, sprintf("%d.%03d", int(m / 1000), m % 1000), kind, $4,
	    $5, gsub(/c/, "", extra)
    }'
