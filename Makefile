# lstm97: see README.md. The two commands that a newcomer needs: make reproduce, make test.

# numbers with a point and texts by bytes, in every program that is called here
export LC_ALL = C
unexport POSIXLY_CORRECT

# ---- settings ----
CC       = gcc
OPT      = -O3 -g
CFLAGS   = $(OPT)
accepts  = $(shell $(CC) $(1) -x c -c /dev/null -o /dev/null 2>/dev/null && echo '$(1)')
# this machine's processor
ARCH    := $(or $(call accepts,-march=native),$(call accepts,-mcpu=native))
# what the compiler knows of the processor that it compiles for
MACROS  := $(shell $(CC) $(ARCH) $(CFLAGS) -dM -E -x c /dev/null)
has      = $(if $(filter-out $(MACROS),$(1)),,yes)
# trials at once: as many as fit a register
LANES   := $(if $(call has,__AVX512F__ __AVX512DQ__),8,$(if $(call has,__AVX2__ __FMA__),4,2))
# on processors that have them, use 64-byte registers for a lane
VECTOR  := $(if $(call has,__AVX512F__),$(call accepts,-mprefer-vector-width=512))
# Last, so that no CFLAGS undo them: a multiply-add fuses, and sums change their order, only where the source says so, or results would
# differ between compilers. With -ffast-math it does not compile (src/base/lane.h).
EXACT   := -ffp-contract=off -fno-associative-math -fno-reciprocal-math -fsigned-zeros
FLAGS    = $(ARCH) $(VECTOR) $(CFLAGS) $(EXACT)
ifneq ($(filter -funsafe-math-optimizations,$(FLAGS)),)
$(error -funsafe-math-optimizations would change results: build without it)
endif
# what every processor of the family has
OLDEST  := $(or $(call accepts,-march=x86-64 -mno-sse3 -mno-avx),$(call accepts,-march=armv8-a))
WARN     = -std=c17 -Wall -Wextra -Wshadow -Wconversion -pedantic -Wno-psabi
COMPILE  = $(CC) $(WARN) $(FLAGS) $(CPPFLAGS) -D_GNU_SOURCE -DLANES=$(LANES) -Isrc
LINK     = $(CC) $(FLAGS) $(LDFLAGS)
NUMBERS  = -lgsl -lgslcblas -lm
LDLIBS   = -lsqlite3 -linih $(NUMBERS) -lpthread
NEEDS    = need-build
JOBS     = $(shell nproc 2>/dev/null || echo 2)

BUILD    = build/lanes$(LANES)
SOURCES  = $(wildcard src/*/*.c)
OBJECTS  = $(SOURCES:src/%.c=$(BUILD)/%.o) $(BUILD)/store/schema_sql.o
LIBRARY  = $(filter-out $(BUILD)/cli/%,$(OBJECTS))
CORE     = $(foreach part,base task net rule learner trial,$(filter $(BUILD)/$(part)/%,$(OBJECTS)))
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
lstm97: $(BUILD)/lstm97 FORCE
	@cmp -s $< $@ || cp $< $@

$(BUILD)/lstm97: $(OBJECTS)
	$(LINK) $^ $(LDLIBS) -o $@

$(OBJECTS): | $(NEEDS)

# other flags, compiler or processor: all is built again
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@{ printf '%s\n' '$(subst ','\'',$(COMPILE) $(LINK) $(LDLIBS))'; $(CC) $(FLAGS) -dM -E -x c /dev/null; } >$@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

$(OBJECTS) $(TESTS) $(BUILD)/tests/digest: $(BUILD)/flags

$(BUILD)/%.o: src/%.c
	@mkdir -p $(@D)
	$(COMPILE) -MMD -MP -c $< -o $@

# asks whether the processor has what the rest was built for
$(BUILD)/cli/processor.o: override CFLAGS += $(OLDEST)

# the database's schema as an array of bytes: a string would be longer than C promises to take
$(BUILD)/store/schema_sql.c: src/store/schema.sql
	@mkdir -p $(@D)
	{ echo 'extern const char store_schema[];'; echo 'const char store_schema[] = {'; \
		od -An -v -tx1 $< | sed 's/\([0-9a-f][0-9a-f]\)/0x\1,/g'; echo '0};'; } >$@

$(BUILD)/store/schema_sql.o: $(BUILD)/store/schema_sql.c
	$(COMPILE) -c $< -o $@

# version and flags are baked into these two, which are built again when they change
BUILT_AS = $(VERSION) $(strip $(FLAGS))
$(BUILD)/version: FORCE
	@mkdir -p $(@D)
	@echo '$(BUILT_AS)' | cmp -s - $@ || echo '$(BUILT_AS)' >$@
.PHONY: FORCE

$(BUILD)/store/trial.o $(BUILD)/cli/main.o: $(BUILD)/version
$(BUILD)/store/trial.o $(BUILD)/cli/main.o: override CPPFLAGS += -DLSTM97_BUILD='"$(VERSION)"' -DLSTM97_FLAGS='"$(strip $(FLAGS))"'

$(BUILD)/tests/%: tests/%.c $(LIBRARY)
	@mkdir -p $(@D)
	$(COMPILE) -MMD -MP $< $(LIBRARY) $(LDFLAGS) $(LDLIBS) -lcmocka -o $@

DIGESTED = $(CORE) $(BUILD)/cli/processor.o $(BUILD)/cli/processor_built.o
$(BUILD)/tests/digest: tests/digest.c $(DIGESTED)
	@mkdir -p $(@D)
	$(COMPILE) -MMD -MP $< $(DIGESTED) $(LDFLAGS) $(NUMBERS) -o $@

-include $(OBJECTS:.o=.d) $(TESTS:=.d) $(BUILD)/tests/digest.d

# ---- results ----
include results.mk

# ---- checks ----
test: deps
	@scripts/deps try extra
	@$(MAKE) --no-print-directory -j $(JOBS) lstm97
	@$(MAKE) --no-print-directory -j $(JOBS) tests-built
	@BUILD=$(BUILD) scripts/test

.PHONY: tests-built
tests-built: $(TESTS) $(BUILD)/tests/digest

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

.PHONY: print-build
print-build:
	@echo $(BUILD)

clean:
	rm -rf build lstm97
