#!/bin/sh
# q11 [DELAY]: how often each bidder bid before a break of over 10 seconds.
grep '"event_type":2' |
    sk-window -t bid.dateTime --delay="${1:-0s}" --session 10s \
    -k bid.bidder --to=tsv |
    awk -v OFS='\t' '{ print $3, $4, $1, $2 }'
