#!/bin/sh
# q22: the directories of the url.
grep '"event_type":2' |
    sk-cols bid.auction,bid.bidder,bid.price,bid.channel,bid.url |
    awk -F '\t' -v OFS='\t' '{
	split($5, part, "/")
	print $1, $2, $3, $4, part[4], part[5], part[6]
    }'
