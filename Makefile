# lstm97: see README.md. The two commands that a newcomer needs: make reproduce, make test.

# ---- settings ----
CC       = gcc
ARCH     = -march=native
OPT      = -O3 -g
LANES    = 8
# -ffp-contract=off: a multiply-add fuses only where the source says so, or results would differ between compilers
# -mprefer-vector-width=512: on processors that have them, use 64-byte registers for a lane
VECTOR   = $(shell $(CC) $(ARCH) -mprefer-vector-width=512 -x c -c /dev/null -o /dev/null 2>/dev/null && echo -mprefer-vector-width=512)
WARN     = -std=c17 -Wall -Wextra -Wshadow -Wconversion -pedantic -Wno-psabi
CFLAGS   = $(OPT) $(ARCH) $(VECTOR) -ffp-contract=off
CPPFLAGS = -D_GNU_SOURCE -DLANES=$(LANES) -Isrc
LDLIBS   = -lsqlite3 -linih -lgsl -lgslcblas -lm -lpthread
JOBS     = $(shell nproc 2>/dev/null || echo 2)

BUILD    = build/lanes$(LANES)
SOURCES  = $(wildcard src/*/*.c)
OBJECTS  = $(SOURCES:src/%.c=$(BUILD)/%.o)
LIBRARY  = $(filter-out $(BUILD)/cli/%,$(OBJECTS))
TESTS    = $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/test_*.c))
VERSION := $(shell git describe --always --dirty 2>/dev/null || echo unknown)

.PHONY: all deps need-build need-plots reproduce reproduce-full preview figures test bench lint asan clean
.DELETE_ON_ERROR:

all: lstm97

# ---- what must be there ----
need-build:
	@scripts/deps check build

need-plots:
	@scripts/deps check plots

deps:
	@scripts/deps install

# ---- build ----
ifeq ($(LANES),8)
lstm97: $(BUILD)/lstm97
	cp $< $@
endif

$(BUILD)/lstm97: $(OBJECTS)
	$(CC) $(CFLAGS) $^ $(LDLIBS) -o $@

$(OBJECTS): | need-build

$(BUILD)/%.o: src/%.c
	@mkdir -p $(@D)
	$(CC) $(WARN) $(CFLAGS) $(CPPFLAGS) -MMD -MP -c $< -o $@

# the version is baked into these two
$(BUILD)/store/store.o $(BUILD)/cli/main.o: CPPFLAGS += -DLSTM97_BUILD='"$(VERSION)"'

$(BUILD)/tests/%: tests/%.c $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(WARN) $(CFLAGS) $(CPPFLAGS) -MMD -MP $< $(LIBRARY) $(LDLIBS) -lcmocka -o $@

-include $(OBJECTS:.o=.d) $(TESTS:=.d)

# ---- results ----
include results.mk

# ---- checks ----
test: deps
	@$(MAKE) --no-print-directory lstm97
	@$(MAKE) --no-print-directory -j $(JOBS) tests-built
	@scripts/test

.PHONY: tests-built
tests-built: $(TESTS) $(BUILD)/tests/digest

bench: lstm97
	scripts/bench

lint:
	scripts/lint

asan:
	$(MAKE) BUILD=build/asan OPT='-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined' tests-built build/asan/lstm97
	BUILD=build/asan scripts/test
	$(MAKE) BUILD=build/tsan OPT='-O1 -g -fsanitize=thread' build/tsan/lstm97
	BUILD=build/tsan scripts/test-threads

clean:
	rm -rf build lstm97
