# sk: GNU make, no configure.  `make` builds, `make demo` shows, `make check`
# proves, `make help` lists the rest.  Settings: config.mk or the command line.
-include config.mk

VERSION    = 0.1.0
BUILD     ?= build
PREFIX    ?= /usr/local
BINDIR    ?= $(PREFIX)/bin
MANDIR    ?= $(PREFIX)/share/man
PKG_CONFIG ?= pkg-config
CFLAGS    ?= -O2 -g

# The flavour of a build is the name of its folder.
FLAVOUR := $(notdir $(BUILD))
ifeq ($(FLAVOUR),debug)
override CFLAGS := -O0 -g3
else ifeq ($(FLAVOUR),asan)
override CFLAGS := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined \
	-fno-sanitize-recover=all
endif

WARN = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
	-Wmissing-prototypes -Wcast-qual -Wpointer-arith -Wwrite-strings \
	-Wformat=2 -Wvla -Wundef -Wswitch-enum -Wimplicit-fallthrough
PKGS = libzstd libxxhash zlib

SK_CPPFLAGS = -Ilib -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 \
	-DSK_VERSION='"$(VERSION)"' $(shell $(PKG_CONFIG) --cflags $(PKGS))
SK_CFLAGS = -std=c17 -ffp-contract=off $(WARN) $(WERROR) $(CFLAGS)
SK_LIBS = $(shell $(PKG_CONFIG) --libs $(PKGS)) -lm

TOOLS := $(shell awk '$$1 !~ /^\#/ && NF { print $$1 }' cmd/tools.tab)
LIB_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(wildcard lib/*/*.c))

all: $(TOOLS:%=$(BUILD)/bin/%)

$(BUILD)/bin/%: $(BUILD)/cmd/%.o $(BUILD)/libsk.a
	@mkdir -p $(@D)
	$(CC) $(SK_CFLAGS) $(LDFLAGS) -o $@ $^ $(SK_LIBS)

$(BUILD)/libsk.a: $(LIB_OBJ)
	@rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(SK_CPPFLAGS) $(SK_CFLAGS) -MMD -MP -c -o $@ $<

.PHONY: all
.SECONDARY:
-include $(patsubst %.o,%.d,$(LIB_OBJ) $(TOOLS:%=$(BUILD)/cmd/%.o))
