#!/usr/bin/env bats
# What was written once stays readable, and is written the same: the images of
# tests/golden/sketch-1.  A row of its list is an image, how many lines were
# counted, and the command; told is what --info and --merge say of each.
# Another format is another folder; this one must then still be read.

load helper.bash

# The lines that are counted.
input() {
	seq "$1" | awk '{ print $1 * $1 % 60013, $1 % 13 * ($1 % 3) }'
}

setup() {
	cd "$BATS_TEST_TMPDIR" || exit
	cp "$SK_ROOT"/tests/golden/sketch-1/* .
}

@test "golden: sketches are written byte for byte as ever" {
	local name n command

	while IFS=$'\t' read -r name n command; do
		mv "$name" was
		# shellcheck disable=SC2086 # words
		input "$n" | $command -q --save "$name" > out
		cmp "$name" was
	done < list
}

@test "golden: sketches are read and merged as ever" {
	local name n command

	while IFS=$'\t' read -r name n command; do
		command=${command/ --value ?/}
		printf '%s\n' "$name"
		# shellcheck disable=SC2086 # words
		${command/ -k n=2/} --info "$name" < /dev/null
		# shellcheck disable=SC2086 # words
		$command --merge "$name" < /dev/null
	done < list > said
	diff told said
}
