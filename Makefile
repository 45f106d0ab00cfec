# sk: GNU make, no configure.  `make` builds, `make demo` shows, `make check`
# proves, `make help` lists the rest.  Settings: config.mk or the command line.
-include config.mk

VERSION     = 0.1.0
BUILD      ?= build
PREFIX     ?= /usr/local
BINDIR     ?= $(PREFIX)/bin
DATADIR    ?= $(PREFIX)/share
MANDIR     ?= $(DATADIR)/man
PKG_CONFIG ?= pkg-config
INSTALL    ?= install
CFLAGS     ?= -O2 -g

# What a build needs, and what its tests need beside it: Debian's names.
PKGS       = libzstd libxxhash zlib simdjson libpcre2-8
LIBS       = -lcsv -lstdc++ -lm
DEB_BUILD  = gcc g++ make pkg-config libzstd-dev libxxhash-dev zlib1g-dev \
	libsimdjson-dev libpcre2-dev libcsv-dev tzdata zstd
DEB_CHECK  = $(DEB_BUILD) bats libcmocka-dev mandoc shellcheck clang \
	libclang-rt-14-dev groff-base zsh fish procps jq gawk \
	sqlite3
APT        = $(if $(filter 0,$(shell id -u)),,sudo )apt-get

# The flavour of a build is the name of its folder.
FLAVOUR := $(notdir $(BUILD))
ifeq ($(FLAVOUR),debug)
override CFLAGS := -O0 -g3
else ifeq ($(FLAVOUR),asan)
override CFLAGS := -O1 -g -fno-omit-frame-pointer \
	-fsanitize=address,undefined -fno-sanitize-recover=all
else ifeq ($(FLAVOUR),clang)
CC := clang
CXX := clang++
else ifeq ($(FLAVOUR),fuzz)
CC := clang
CXX := clang++
override CFLAGS := -O1 -g -fno-omit-frame-pointer \
	-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
endif

WARN = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
	-Wmissing-prototypes -Wcast-qual -Wpointer-arith -Wwrite-strings \
	-Wformat=2 -Wvla -Wundef -Wswitch-enum -Wimplicit-fallthrough
SK_CPPFLAGS := -Ilib -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 \
	-DSK_VERSION='"$(VERSION)"' \
	$(shell $(PKG_CONFIG) --cflags $(PKGS) 2>/dev/null)
SK_CFLAGS = -std=c17 -ffp-contract=off $(WARN) $(WERROR) $(CFLAGS)
# The one file of C++ (simdjson) uses neither exceptions nor RTTI.
SK_CXXFLAGS = -std=c++17 -fno-exceptions -fno-rtti -Wall -Wextra -Wshadow \
	$(WERROR) $(CFLAGS)
SK_LIBS := -Wl,--as-needed $(shell $(PKG_CONFIG) --libs $(PKGS) 2>/dev/null) \
	$(LIBS)

# The tools are the rows of cmd/tools.tab: name, needs, description.  `needs`
# is `-`, or package names and -l flags; what is missing leaves the tool out.
NAMES := $(shell awk '/^sk-/ { print $$1 }' cmd/tools.tab)
needs = $(filter-out -,$(subst $(comma), ,$(shell awk '$$1 == "$(1)" \
	{ print $$2 }' cmd/tools.tab)))
packages = $(filter-out -l%,$(call needs,$(1)))
comma := ,
TOOLS := $(foreach t,$(NAMES),$(if $(call packages,$(t)),$(shell $(PKG_CONFIG) \
	--exists $(call packages,$(t)) && echo $(t)),$(t)))
tool_libs = $(filter -l%,$(call needs,$(1))) $(if $(call packages,$(1)),\
	$(shell $(PKG_CONFIG) --libs $(call packages,$(1))))

objects = $(patsubst %.c,$(BUILD)/%.o,$(wildcard $(1)))
programs = $(patsubst %.c,$(BUILD)/%,$(filter-out $(2),$(wildcard $(1))))
LIB_OBJ := $(call objects,lib/*/*.c) \
	$(patsubst %.cc,$(BUILD)/%.o,$(wildcard lib/*/*.cc))
MEM_OBJ := $(call objects,tests/unit/lib*.c)
UNIT := $(call programs,tests/unit/*.c,tests/unit/lib%)
DRIVERS := $(call programs,tests/bench/*.c tests/torture/*.c)
FUZZ := $(call programs,tests/fuzz/*.c,tests/fuzz/lib%)
FUZZ_OBJ := $(call objects,tests/fuzz/lib*.c)

all: $(TOOLS:%=$(BUILD)/bin/%) ## build the tools
	@$(if $(filter-out $(TOOLS),$(NAMES)),echo 'left out for a missing \
	package: $(filter-out $(TOOLS),$(NAMES))',:)

$(BUILD)/bin/%: $(BUILD)/cmd/%.o $(BUILD)/libsk.a
	@mkdir -p $(@D)
	$(CC) $(SK_CFLAGS) $(LDFLAGS) -o $@ $^ $(call tool_libs,$*) $(SK_LIBS)

$(BUILD)/libsk.a: $(LIB_OBJ)
	@rm -f $@
	$(AR) rcs $@ $^

# The torture tests bring system calls of their own (tests/unit/libmemfs.c),
# which stand in front of the library's.
$(BUILD)/tests/unit/torture_%: $(BUILD)/tests/unit/torture_%.o $(MEM_OBJ) \
    $(BUILD)/libsk.a
	$(CC) $(SK_CFLAGS) $(LDFLAGS) -o $@ $^ -lcmocka $(SK_LIBS)

$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(BUILD)/libsk.a
	$(CC) $(SK_CFLAGS) $(LDFLAGS) -o $@ $^ -lcmocka $(SK_LIBS)

$(BUILD)/tests/fuzz/%: $(BUILD)/tests/fuzz/%.o $(FUZZ_OBJ) $(MEM_OBJ) \
    $(BUILD)/libsk.a
	$(CC) $(SK_CFLAGS) -fsanitize=fuzzer $(LDFLAGS) -o $@ $^ $(SK_LIBS)

$(BUILD)/tests/%: $(BUILD)/tests/%.o $(BUILD)/libsk.a
	$(CC) $(SK_CFLAGS) $(LDFLAGS) -o $@ $^ $(SK_LIBS)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(SK_CPPFLAGS) $(SK_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/%.o: %.cc
	@mkdir -p $(@D)
	$(CXX) $(CPPFLAGS) $(SK_CPPFLAGS) $(SK_CXXFLAGS) -MMD -MP -c -o $@ $<

deps: ## install what is missing to build and test (apt-get)
	@sh tests/deps $(APT) $(DEB_CHECK)

demo: ## a whole pipeline on real lines, in a minute
	@sh tests/deps $(APT) $(DEB_BUILD)
	@$(MAKE) --no-print-directory -s -j2 all
	@bash tests/demo.sh $(abspath $(BUILD))

check: ## build with gcc and clang, lint, and run every test
	@sh tests/deps $(APT) $(DEB_CHECK)
	@$(MAKE) --no-print-directory -s -j2 WERROR=-Werror all unit drivers
	@$(if $(filter build,$(BUILD)),$(MAKE) --no-print-directory -s -j2 \
	    WERROR=-Werror BUILD=build/clang all unit)
	@bash tests/run $(BUILD)

check-long: ## the same with the large counts: an hour or two
	@SK_LONG=1 $(MAKE) --no-print-directory check

unit: $(UNIT)
drivers: $(DRIVERS)

lint: all ## floors, sizes, headers, words, shell scripts, completions
	@sh tests/lint/run $(BUILD)

bench: all drivers ## speed and memory against the floor and the peers
	@bash tests/bench/run $(abspath $(BUILD))

completions: all ## write completions/ anew from the option tables
	sh completions/generate $(BUILD)/bin completions

debug: ## an unoptimised build in build/debug
	$(MAKE) BUILD=build/debug all

asan: ## a build with address and undefined sanitizers in build/asan
	$(MAKE) BUILD=build/asan all

fuzz: ## the fuzz targets in build/fuzz/tests/fuzz
	$(MAKE) BUILD=build/fuzz fuzz-targets
fuzz-targets: $(FUZZ)

install: all ## PREFIX, DESTDIR
	$(INSTALL) -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(MANDIR)/man1 \
	    $(DESTDIR)$(MANDIR)/man5 $(DESTDIR)$(MANDIR)/man7 \
	    $(DESTDIR)$(DATADIR)/bash-completion/completions \
	    $(DESTDIR)$(DATADIR)/zsh/site-functions \
	    $(DESTDIR)$(DATADIR)/fish/vendor_completions.d
	$(INSTALL) $(TOOLS:%=$(BUILD)/bin/%) $(DESTDIR)$(BINDIR)
	for s in 1 5 7; do $(INSTALL) -m 644 man/*.$$s \
	    $(DESTDIR)$(MANDIR)/man$$s || exit; done
	$(INSTALL) -m 644 completions/bash/* \
	    $(DESTDIR)$(DATADIR)/bash-completion/completions
	$(INSTALL) -m 644 completions/zsh/* \
	    $(DESTDIR)$(DATADIR)/zsh/site-functions
	$(INSTALL) -m 644 completions/fish/* \
	    $(DESTDIR)$(DATADIR)/fish/vendor_completions.d

uninstall: ## remove what install put there
	cd $(DESTDIR)$(BINDIR) && rm -f $(NAMES)
	for s in 1 5 7; do for f in man/*.$$s; do \
	    rm -f $(DESTDIR)$(MANDIR)/man$$s/$${f#man/}; done; done
	cd $(DESTDIR)$(DATADIR) && rm -f \
	    $(NAMES:%=bash-completion/completions/%) \
	    $(NAMES:%=zsh/site-functions/_%) \
	    $(NAMES:%=fish/vendor_completions.d/%.fish)

clean: ## remove build/
	rm -rf build

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { \
	    printf "  %-12s %s\n", $$1, $$2 }' \
	    Makefile

.PHONY: all deps demo check check-long unit drivers lint bench completions \
	debug asan fuzz fuzz-targets install uninstall clean help
.SECONDARY:
-include $(shell [ -d $(BUILD) ] && find $(BUILD)/lib $(BUILD)/cmd \
	$(BUILD)/tests -name '*.d' 2>/dev/null)
