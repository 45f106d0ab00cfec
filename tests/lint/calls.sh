#!/bin/sh
# What code may not call: lib neither prints nor ends the program (only
# base/err and base/opt; lib/stream by sk_error and its kin); lib/io, lib/log
# and lib/stream reach the system through io/sys.h; and nobody uses calls that
# cannot be bounded, seeded or checked.
set -eu

# The code alone: comments and strings are blanked, lines stay.
code()
{
	awk '
	{
		line = $0
		gsub(/\\./, "  ", line)
		gsub(/"[^"]*"/, "\"\"", line)
		out = ""
		while (line != "") {
			if (inside) {
				end = index(line, "*/")
				if (end == 0)
					break
				line = substr(line, end + 2)
				inside = 0
			} else {
				at = index(line, "/*")
				if (at == 0) {
					out = out line
					break
				}
				out = out substr(line, 1, at - 1)
				line = substr(line, at + 2)
				inside = 1
			}
		}
		print out
	}' "$1"
}

# The calls that match $2 (names joined by |) in file $1, with reason $3.
deny()
{
	code "$1" | awk -v file="$1" -v names="$2" -v reason="$3" '
	{
		line = " " $0
		while (match(line, "[^A-Za-z0-9_.>](" names ")[ \t]*\\(")) {
			name = substr(line, RSTART + 1, RLENGTH - 2)
			print file ":" FNR ": " name ": " reason
			line = substr(line, RSTART + RLENGTH)
		}
	}'
}

prints='printf|fprintf|vprintf|vfprintf|puts|fputs|putchar|putc|fputc|perror'
prints="$prints|fwrite|dprintf|vdprintf"
ends='exit|_exit|_Exit|abort|assert|quick_exit'
house='sk_error|sk_error_sys|sk_warn|sk_note|sk_info|sk_tell'
never='gets|strcpy|strcat|sprintf|vsprintf|alloca|rand|srand|random|srandom'
never="$never|drand48|atoi|atol|atof|strtok|tmpnam|mktemp|system|setlocale"
system='open|openat|creat|close|read|pread|readv|write|pwrite|writev|pwritev'
system="$system|ftruncate|truncate|fsync|fdatasync|rename|unlink|mkdir|rmdir"
system="$system|stat|fstat|lstat|fcntl|flock|lockf|opendir|readdir|poll|ppoll"
system="$system|select|epoll_wait|inotify_init|inotify_init1|time"
system="$system|inotify_add_watch|clock_gettime|gettimeofday|getrandom"
system="$system|fopen|fdopen|fread|fgets|getline|mmap|usleep|nanosleep|sleep"

find lib cmd -name '*.[ch]' -o -name '*.cc' | sort |
while read -r file; do
	deny "$file" "$never" 'not used in this house'
	case $file in
	lib/base/*) ;;
	lib/stream/stop.c)
		deny "$file" "$prints" 'lib does not print'
		;;
	lib/stream/*)
		deny "$file" "$prints" 'lib does not print'
		deny "$file" "$ends" 'lib does not end the program'
		;;
	lib/*)
		deny "$file" "$prints|$house" 'lib does not print'
		deny "$file" "$ends" 'lib does not end the program'
		;;
	esac
	case $file in
	lib/io/sys.c|lib/stream/stop.c) ;;
	lib/io/*|lib/log/*|lib/stream/*)
		deny "$file" "$system" 'goes through io/sys.h'
		;;
	esac
done
