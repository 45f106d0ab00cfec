#!/usr/bin/env bats
# Each check of tests/lint finds what it is there for: a small tree with one
# fault in it is checked as `make lint` checks the project.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	mkdir -p tree/lib/base tree/lib/io tree/lib/log tree/lib/sketch \
	    tree/cmd tree/man tree/build
}

# The check finds something in file $2, with $3 in its reason.
finds() {
	run -0 bash -c "cd tree && sh '$SK_ROOT/tests/lint/$1.sh' build"
	[[ $output == "$2":*"$3"* ]] || {
		printf '%s said: %s\n' "$1" "$output"
		return 1
	}
}

silent() {
	run -0 bash -c "cd tree && sh '$SK_ROOT/tests/lint/$1.sh' build"
	[ -z "$output" ] || {
		printf '%s said: %s\n' "$1" "$output"
		return 1
	}
}

@test "lint: a file includes lower floors only" {
	echo '#include "base/err.h"' > tree/lib/io/a.c
	silent floors
	echo '#include "log/log.h"' > tree/lib/io/a.c
	finds floors lib/io/a.c 'not on a lower floor'
}

@test "lint: folders of one floor do not see each other" {
	echo '#include "sketch/hll.h"' > tree/lib/log/a.c
	finds floors lib/log/a.c 'not on a lower floor'
}

@test "lint: an include of ours names its folder" {
	echo '#include "err.h"' > tree/lib/base/a.c
	finds floors lib/base/a.c 'has no folder'
}

@test "lint: a foreign header stays in the module that wraps it" {
	echo '#include <zstd.h>' > tree/cmd/a.c
	finds floors cmd/a.c 'belongs to the module that wraps it'
	echo '#include <unheard.h>' > tree/cmd/a.c
	finds floors cmd/a.c 'not in tests/lint/foreign.tab'
}

@test "lint: tools and functions stay short" {
	yes '' | head -n 300 > tree/cmd/a.c
	silent size
	yes '' | head -n 301 > tree/cmd/a.c
	finds size cmd/a.c 'over 300 lines'
	rm tree/cmd/a.c
	{ printf 'f(void)\n{\n'; yes '	x();' | head -n 81; echo '}'; } \
	    > tree/lib/io/a.c
	finds size lib/io/a.c 'a function of 81 lines'
}

@test "lint: lib neither prints nor ends the program" {
	printf '/* printf("x") */\nint n = snprintf("exit(1)");\n' \
	    > tree/lib/log/a.c
	silent calls
	printf '\tprintf("x");\n' > tree/lib/log/a.c
	finds calls lib/log/a.c 'does not print'
	printf '\texit(1);\n' > tree/lib/log/a.c
	finds calls lib/log/a.c 'does not end'
	printf '\tsk_warn("x");\n' > tree/lib/log/a.c
	finds calls lib/log/a.c 'does not print'
}

@test "lint: the log reaches the system through io/sys.h" {
	printf '\tfd = open(path, 0);\n' > tree/lib/log/a.c
	finds calls lib/log/a.c 'goes through io/sys.h'
}

@test "lint: unbounded and unseeded calls are not used" {
	printf '\tstrcpy(a, b);\n' > tree/cmd/a.c
	finds calls cmd/a.c 'not used in this house'
}

@test "lint: a header compiles alone and has its guard" {
	printf '#ifndef SK_IO_A_H\n#define SK_IO_A_H\nint a(void);\n#endif\n' \
	    > tree/lib/io/a.h
	silent alone
	printf '#ifndef SK_IO_A_H\n#define SK_IO_A_H\nsize_t a;\n#endif\n' \
	    > tree/lib/io/a.h
	finds alone lib/io/a.h 'alone as c17'
	printf 'int a(void);\n' > tree/lib/io/a.h
	finds alone lib/io/a.h 'include guard'
}

@test "lint: text has 80 columns, no CR, no blanks at the end" {
	printf '%080d\n' 0 > tree/lib/io/a.c
	silent form
	printf '\t%073d\n' 0 > tree/lib/io/a.c
	finds form lib/io/a.c 'over 80 columns'
	printf 'int a; \n' > tree/lib/io/a.c
	finds form lib/io/a.c 'blanks at the end'
	printf 'int a;\r\n' > tree/lib/io/a.c
	finds form lib/io/a.c 'a CR'
	printf 'int a;' > tree/lib/io/a.c
	finds form lib/io/a.c 'no last newline'
}

@test "lint: tabs indent, names stand in column 1, structs have no typedef" {
	printf 'static int\nf(int a)\n{\n}\n' > tree/lib/io/a.c
	silent form
	printf 'static int f(int a)\n{\n}\n' > tree/lib/io/a.c
	finds form lib/io/a.c 'not in column 1'
	printf 'int\nf(void)\n{\n        g();\n}\n' > tree/lib/io/a.c
	finds form lib/io/a.c 'indented by blanks'
	printf 'typedef struct a a;\n' > tree/lib/io/a.c
	finds form lib/io/a.c 'a typedef'
}

@test "lint: words that do not belong here are found" {
	printf '/* TO%s: later */\n' DO > tree/lib/io/a.c
	finds words lib/io/a.c later
	printf 'see iss%s 7\n' ue > tree/lib/io/a.c
	finds words lib/io/a.c 7
	mkdir tree/tests
	printf 'cat ../shared%s\n' /x > tree/tests/a.sh
	rm tree/lib/io/a.c
	silent words
	mv tree/tests/a.sh tree/cmd
	finds words cmd/a.sh x
}

@test "lint: scripts pass shellcheck" {
	command -v shellcheck > /dev/null || skip 'no shellcheck here'
	printf '#!/bin/sh\necho "$1"\n' > tree/cmd/a.sh
	silent shell
	printf '#!/bin/sh\necho $1\n' > tree/cmd/a.sh
	finds shell cmd/a.sh SC2086
}

@test "lint: completions are up to date" {
	mkdir -p tree/build/bin tree/completions
	cp "$SK_ROOT"/completions/generate "$SK_ROOT"/completions/*.awk \
	    tree/completions
	echo 'sk-a - x' > tree/cmd/tools.tab
	cat > tree/build/bin/sk-a <<-'END'
		#!/bin/sh
		printf 'q\tquiet\t\t\tfewer messages\n'
	END
	chmod +x tree/build/bin/sk-a
	(cd tree && sh completions/generate build/bin completions)
	silent completions
	echo >> tree/completions/fish/sk-a.fish
	run -0 bash -c "cd tree && sh '$SK_ROOT/tests/lint/completions.sh' build"
	[[ $output == *'make completions'* ]]
}

@test "lint: the library has no state and no names without sk_" {
	command -v cc > /dev/null || skip 'no cc here'
	echo 'int sk_a(void); int sk_a(void) { return 1; }' > a.c
	cc -c a.c && ar rcs tree/build/libsk.a a.o
	silent symbols
	echo 'int a(void); int a(void) { static int n; return n++; }' > a.c
	cc -c a.c && ar rcs tree/build/libsk.a a.o
	finds symbols lib 'public name'
	[[ $output == *'mutable file-scope state'* ]]
}
