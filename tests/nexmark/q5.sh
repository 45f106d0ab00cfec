#!/bin/sh
# q5 [DELAY]: the auctions with the most bids of the last 10 seconds, every 2
# seconds.  The second window is one step of the first: its rows have one start.
grep '"event_type":2' |
    sk-window -t bid.dateTime --delay="${1:-0s}" --hop 10s/2s -k bid.auction |
    sk-window -t start --tumble 2s -a n=max:count,top=argmax:count:auction |
    jq -r '[.start, .start + 10000] + (.top[] | [.]) + [.n] | @tsv'
