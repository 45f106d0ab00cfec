#!/bin/sh
# What the library defines for others begins with sk_, and it keeps no mutable
# state of its own but the program name and level (err), the trace file and
# what signal handlers write to.  The `-` of an argv is no constant by its
# type alone.
set -eu

nm -A -f sysv "$1/libsk.a" 2> /dev/null | awk -F '|' '
{
	split($1, part, ":")
	object = part[2]
	name = part[3]
	gsub(/ /, "", name)
	gsub(/ /, "", $3)
	gsub(/ /, "", $7)
}
name ~ /asan|ubsan|odr|^DW[.]/ { next }
$3 ~ /^[TDBRV]$/ && name !~ /^_?sk_/ {
	print "lib: " object ": " name ": a public name without sk_"
}
$3 ~ /^[dDbB]$/ && $7 !~ /^[.]data[.]rel[.]ro/ && name !~ /^[.]L/ &&
    object !~ /^(err|trace|stop)[.]o$/ && name != "stdin_name" {
	print "lib: " object ": " name ": mutable file-scope state"
}'
