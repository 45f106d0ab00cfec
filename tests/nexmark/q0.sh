#!/bin/sh
# q0: every bid, as columns.
grep '"event_type":2' |
    sk-cols bid.auction,bid.bidder,bid.price,bid.dateTime,bid.extra
