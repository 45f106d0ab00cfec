#!/bin/sh
# The committed completions are what the tools' option tables give now.
set -eu

now=$(mktemp -d)
trap 'rm -rf "$now"' EXIT
sh completions/generate "$1/bin" "$now"
for shell in bash zsh fish; do
	diff -rq "$now/$shell" "completions/$shell" 2>&1 |
	    sed "s|$now/$shell|(now)|; s|\$|: make completions|"
done
