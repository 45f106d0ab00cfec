#!/bin/sh
# q12 [DELAY]: how often each bidder bid in every 10 seconds.
grep '"event_type":2' |
    sk-window -t bid.dateTime --delay="${1:-0s}" --tumble 10s \
    -k bid.bidder --to=tsv |
    awk -v OFS='\t' '{ print $3, $4, $1, $2 }'
