# lstm97: see README.md. The two commands that a newcomer needs: make reproduce, make test.

# numbers with a point and texts by bytes, in every program that is called here
export LC_ALL = C
unexport POSIXLY_CORRECT

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
OBJECTS  = $(SOURCES:src/%.c=$(BUILD)/%.o) $(BUILD)/store/schema_sql.o
LIBRARY  = $(filter-out $(BUILD)/cli/%,$(OBJECTS))
TESTS    = $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/test_*.c))
VERSION := $(shell scripts/version)

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

# the database's schema as an array of bytes: a string would be longer than C promises to take
$(BUILD)/store/schema_sql.c: src/store/schema.sql
	@mkdir -p $(@D)
	{ echo 'extern const char store_schema[];'; echo 'const char store_schema[] = {'; \
		od -An -v -tx1 $< | sed 's/\([0-9a-f][0-9a-f]\)/0x\1,/g'; echo '0};'; } >$@

$(BUILD)/store/schema_sql.o: $(BUILD)/store/schema_sql.c
	$(CC) $(WARN) $(CFLAGS) $(CPPFLAGS) -c $< -o $@

# version and flags are baked into these two, which are built again when they change
BUILT_AS = $(VERSION) $(strip $(CFLAGS))
$(BUILD)/version: FORCE
	@mkdir -p $(@D)
	@echo '$(BUILT_AS)' | cmp -s - $@ || echo '$(BUILT_AS)' >$@
.PHONY: FORCE

$(BUILD)/store/trial.o $(BUILD)/cli/main.o: $(BUILD)/version
$(BUILD)/store/trial.o $(BUILD)/cli/main.o: CPPFLAGS += -DLSTM97_BUILD='"$(VERSION)"' -DLSTM97_FLAGS='"$(strip $(CFLAGS))"'

$(BUILD)/tests/%: tests/%.c $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(WARN) $(CFLAGS) $(CPPFLAGS) -MMD -MP $< $(LIBRARY) $(LDLIBS) -lcmocka -o $@

-include $(OBJECTS:.o=.d) $(TESTS:=.d)

# ---- results ----
include results.mk

# ---- checks ----
test: deps
	@$(MAKE) --no-print-directory -j $(JOBS) lstm97
	@$(MAKE) --no-print-directory -j $(JOBS) tests-built
	@BUILD=$(BUILD) scripts/test

# the same source for one lane, and with the other compiler where there is one: must give the same bits
.PHONY: tests-built
tests-built: $(TESTS) $(BUILD)/tests/digest
	@$(MAKE) --no-print-directory LANES=1 build/lanes1/tests/digest
	@if command -v clang >/dev/null; then $(MAKE) --no-print-directory CC=clang BUILD=build/clang build/clang/tests/digest; fi

bench: lstm97
	scripts/bench

lint:
	scripts/lint

asan:
	$(MAKE) -j $(JOBS) BUILD=build/asan OPT='-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined' build/asan/lstm97 asan-tests
	BUILD=build/asan scripts/test
	$(MAKE) -j $(JOBS) BUILD=build/tsan OPT='-O1 -g -fsanitize=thread' build/tsan/lstm97
	tests/threads.sh build/tsan/lstm97

.PHONY: asan-tests
asan-tests: $(TESTS) $(BUILD)/tests/digest

clean:
	rm -rf build lstm97
