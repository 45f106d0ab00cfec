#!/bin/sh
# q21: the number of the channel, by its name or out of the url.
grep '"event_type":2' |
    sk-cols bid.auction,bid.bidder,bid.price,bid.channel,bid.url |
    awk -F '\t' -v OFS='\t' '
	BEGIN { id["apple"] = 0; id["google"] = 1; id["facebook"] = 2
		id["baidu"] = 3 }
	tolower($4) in id { print $1, $2, $3, $4, id[tolower($4)]; next }
	match($5, /&channel_id=[^&]*/) {
		print $1, $2, $3, $4, substr($5, RSTART + 12, RLENGTH - 12)
	}'
