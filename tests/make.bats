#!/usr/bin/env bats
# The Makefile's promises to packagers.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

quiet_make() {
	make -s -C "$SK_ROOT" BUILD="$BUILD" "$@"
}

@test "make: install and uninstall keep to DESTDIR and PREFIX" {
	local tool

	run -0 quiet_make install DESTDIR="$PWD/root" PREFIX=/usr
	for tool in $(tools); do
		run -0 "root/usr/bin/$tool" --version
		[ -e "root/usr/share/man/man1/$tool.1" ]
		[ -e "root/usr/share/fish/vendor_completions.d/$tool.fish" ]
		[ -e "root/usr/share/zsh/site-functions/_$tool" ]
		[ -e "root/usr/share/bash-completion/completions/$tool" ]
	done
	[ -e root/usr/share/man/man7/sk.7 ]
	[ -e root/usr/share/man/man5/sk-log.5 ]
	run -0 quiet_make uninstall DESTDIR="$PWD/root" PREFIX=/usr
	same "$(find root -type f)" ''
}

@test "make: help names every target that a user types" {
	local target

	run -0 quiet_make help
	for target in all deps demo check check-long lint bench install \
	    uninstall clean help completions debug asan fuzz; do
		[[ $output == *"  $target "* ]] || {
			echo "no $target"
			return 1
		}
	done
}
