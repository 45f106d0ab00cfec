#!/bin/sh
# q8 [DELAY]: who opened an auction in the 10 seconds in which they came.  Of
# the columns of persons and of auctions, one is empty in each line.
grep -v '"event_type":2' |
    sk-cols person.dateTime,person.id,person.name,at=auction.dateTime,\
auction.seller |
    awk -F '\t' -v OFS='\t' '{ print $1 $4, $2 $5, $3 }' |
    sk-window -d '\t' -t 1 --delay="${1:-0s}" --tumble 10s -k 2 \
    -a any:3,persons=count:3,count |
    awk -F '\t' -v OFS='\t' '$5 && $6 > $5 { print $3, $4, $1 }'
