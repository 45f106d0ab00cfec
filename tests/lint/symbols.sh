#!/bin/sh
# What the library defines for others begins with sk_, and it keeps no mutable
# state of its own but the program name and level (err), the trace file and
# what signal handlers write to.
set -eu

nm -A "$1/libsk.a" 2>/dev/null | awk '
{
	name = $NF
	kind = $(NF - 1)
	split($1, part, ":")
	object = part[2]
}
kind ~ /^[TDBRVW]$/ && name !~ /^_?sk_/ && name !~ /asan|ubsan|^DW\./ {
	print "lib: " object ": " name ": a public name without sk_"
}
kind ~ /^[dDbB]$/ && object !~ /^(err|trace|stop)\.o$/ &&
    name !~ /asan|ubsan|\.Lubsan|^\.L|__odr/ {
	print "lib: " object ": " name ": mutable file-scope state"
}'
