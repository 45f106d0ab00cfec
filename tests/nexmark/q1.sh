#!/bin/sh
# q1: every bid with its price in euro, at 0.908.
grep '"event_type":2' |
    sk-cols bid.auction,bid.bidder,bid.price,bid.dateTime,bid.extra |
    awk -F '\t' -v OFS='\t' '{
	m = $3 * 908
	$3 = sprintf("%d.%03d", int(m / 1000), m % 1000)
	print
    }'
