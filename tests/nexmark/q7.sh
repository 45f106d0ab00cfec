#!/bin/sh
# q7 [DELAY]: the highest bids of every 10 seconds.  Both ends belong to them,
# so the earliest bids of the next window are looked at, too.
grep '"event_type":2' |
    sk-window -t bid.dateTime --delay="${1:-0s}" --tumble 10s \
    -a max:bid.price,top=argmax:bid.price:bid,head=argmin:bid.dateTime:bid |
    jq -nr 'foreach inputs as $w ({}; {was: .now, now: $w};
	.was as $was | .now.top[], (.now.head[] | select(
	    .dateTime == $was.end and .price == $was.max_price))) |
	[.auction, .bidder, .price, .dateTime, .extra] | @tsv'
