#!/bin/sh
# q18: the last bid of each bidder on each auction.  Of several at one time it
# is the one with the greatest extra.
grep '"event_type":2' |
    sk-window --global -k bid.bidder,bid.auction \
    -a last=argmax:bid.dateTime:bid |
    jq -r '.last | max_by(.extra) | [.auction, .bidder, .price, .channel,
	.url, .dateTime, .extra] | @tsv'
