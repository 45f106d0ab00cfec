#!/bin/sh
# q2: the bids on every 123rd auction.
grep '"event_type":2' | sk-cols bid.auction,bid.price |
    awk '$1 % 123 == 0'
