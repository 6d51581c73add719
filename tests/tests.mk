# The tests: one cmocka binary for each tests/unit/<layer>/test_*.c, one replay binary for each
# tests/fuzz/fuzz_*.c, and the scripts below tests/cli, tests/browser and tests/load. tests/run runs
# them.
#
# A unit test links the archives of its layer and of the layers below, and nothing else, so that a
# dependency which points upwards does not link. Other .c files beside the tests of a layer are
# linked into each of them. A layer added here is added to ci/includes.awk as well.

# Each before those that it may use, for the linker.
LOW          := model stats net base
BELOW_base   :=
BELOW_stats  := base
BELOW_net    := base
BELOW_model  := stats net base
LAYERS       := cmd load monitor import store gate render publish $(LOW)
$(foreach l,$(filter-out $(LOW) cmd,$(LAYERS)),$(eval BELOW_$l := $(LOW)))
BELOW_cmd    := $(filter-out cmd,$(LAYERS))
# The foreign libraries of a layer.
LIBS_base    := -ljansson -lcsv -lexpat -lz -lm
LIBS_stats   := -lm
LIBS_net     := -luriparser -lmicrohttpd -lcurl -lcrypto -lz
LIBS_load    := -lssl -lcrypto -lz -lbrotlidec -lnghttp2
LIBS_store   := -lgit2
LIBS_publish := -lhiredis

TEST_SRC     := $(wildcard tests/unit/*/*.c tests/fuzz/*.c tests/stat/*.c)
TEST_OBJ     := $(TEST_SRC:%.c=$(OUT)/obj/%.o)
UNIT_SRC     := $(wildcard tests/unit/*/test_*.c)
UNIT_BINS    := $(UNIT_SRC:%.c=$(OUT)/%)
FUZZ_SRC     := $(wildcard tests/fuzz/fuzz_*.c)
FUZZ_BINS    := $(FUZZ_SRC:%.c=$(OUT)/%)
CLI_TESTS    := $(wildcard tests/cli/test_*.sh)
LOAD_TESTS   := $(wildcard tests/load/test_*.sh)
BROWSER_TESTS := $(wildcard tests/browser/test_*.sh)
LINT_TESTS   := $(wildcard tests/lint/test_*.sh)
# Tests of code that starts threads, for ThreadSanitizer.
THREADED_SRC := $(wildcard tests/unit/load/test_*.c) $(shell grep -ls 'pthread\.h' $(UNIT_SRC) /dev/null)

# $1: a layer
layer_objects = $(filter $(OUT)/obj/$(if $(filter cmd,$1),cmd,lib/$1)/%.o,$(LIB_OBJ) $(CMD_OBJ))
layer_tests   = $(filter $(OUT)/obj/tests/unit/$1/test_%.o,$(TEST_OBJ))
layer_helpers = $(filter-out $(layer_tests),$(filter $(OUT)/obj/tests/unit/$1/%,$(TEST_OBJ)))

define layer_rules
$(OUT)/layers/$1.a: $(layer_objects)
	@mkdir -p $$(@D) && rm -f $$@
	$$(AR) rcs $$@ $$^
$(filter $(OUT)/tests/unit/$1/%,$(UNIT_BINS)): $(OUT)/%: $(OUT)/obj/%.o $(layer_helpers) \
    $(foreach l,$1 $(BELOW_$1),$(OUT)/layers/$l.a)
	@mkdir -p $$(@D)
	$$(call say,LD,$$@)
	$$(Q)$$(CC) $$(ALL_LDFLAGS) -o $$@ $$^ -lcmocka $(foreach l,$1 $(BELOW_$1),$(LIBS_$l))
endef
$(foreach l,$(LAYERS),$(eval $(call layer_rules,$l)))

# libFuzzer brings a main of its own; the replay of a corpus has ours.
FUZZ_MAIN    := $(if $(filter fuzz,$(VARIANT)),,$(OUT)/obj/tests/fuzz/replay.o)
$(FUZZ_BINS): $(OUT)/%: $(OUT)/obj/%.o $(FUZZ_MAIN) $(CMD_LIB) $(LIB)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) $(if $(FUZZ_MAIN),,-fsanitize=fuzzer) -o $@ $^ $(LIBS)

# What ci/bench/verdict judges recorded traces with; each is linked with the other files beside it.
STAT_BINS    := $(OUT)/tests/stat/verdicts $(OUT)/tests/stat/methods
STAT_OBJ     := $(filter $(OUT)/obj/tests/stat/%,$(TEST_OBJ))
STAT_HELPERS := $(filter-out $(STAT_BINS:$(OUT)/%=$(OUT)/obj/%.o),$(STAT_OBJ))
$(STAT_BINS): $(OUT)/%: $(OUT)/obj/%.o $(STAT_HELPERS) $(LIB)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

.PHONY: unit-bins fuzz-bins objects
unit-bins: $(UNIT_BINS)
fuzz-bins: $(FUZZ_BINS)
objects: $(LIB_OBJ) $(CMD_OBJ) $(CMD_MAIN_OBJ) $(PANEL_OBJ) $(TEST_OBJ)

# A test for tests/run is VARIANT:FILE.
UNIT_RUN := $(UNIT_BINS:%=$(or $(VARIANT),plain):%)
ASAN_RUN := $(patsubst %.c,asan:$(BUILD)/asan/%,$(UNIT_SRC) $(FUZZ_SRC))
TSAN_RUN := $(patsubst %.c,tsan:$(BUILD)/tsan/%,$(sort $(THREADED_SRC)))
TSAN_BIN := $(TSAN_RUN:tsan:%=%)

# Unit tests and those of command lines run under sanitisers alone here, which says more in the same
# time; `make soak` runs them without as well.
## test: all tests but those of `make soak`, and lint
.PHONY: test
test: setup-test
	@echo 'building the tools and their tests: plain, with ASan and UBSan, with TSan'
	@$(MAKE) -s $(PARALLEL) tools
	@$(MAKE) -s $(PARALLEL) VARIANT=asan tools unit-bins fuzz-bins
	@$(if $(TSAN_BIN),$(MAKE) -s $(PARALLEL) VARIANT=tsan $(TSAN_BIN))
	@tests/run plain:ci/lint $(LINT_TESTS:%=plain:%) $(ASAN_RUN) $(TSAN_RUN) \
	    $(CLI_TESTS:%=asan:%) $(BROWSER_TESTS:%=plain:%) $(LOAD_TESTS:%=plain:%)

## soak: what takes long: the other tests without sanitisers, those with real servers under them, and tests/soak
SOAK_TESTS := $(wildcard tests/soak/test_*.sh)
.PHONY: soak
soak: setup-test
	@$(MAKE) -s $(PARALLEL) tools unit-bins
	@$(MAKE) -s $(PARALLEL) VARIANT=asan tools
	@$(MAKE) -s $(PARALLEL) VARIANT=tsan tools
	@CLI_LEAKS=1 TEST_LIMIT_S=14400 tests/run $(UNIT_RUN) $(CLI_TESTS:%=plain:%) $(CLI_TESTS:%=asan:%) \
	    $(LOAD_TESTS:%=asan:%) $(LOAD_TESTS:%=tsan:%) $(SOAK_TESTS:%=plain:%)

## unit: the unit tests alone, without sanitisers; with VARIANT=asan or VARIANT=tsan under them
.PHONY: unit
unit: setup-test
	@$(MAKE) -s -k $(PARALLEL) unit-bins || echo 'make unit: runs what was built'
	@tests/run $(UNIT_RUN)

## fuzz: fuzzes one parser, TARGET=name of tests/fuzz/fuzz_name.c, for FUZZ_SECONDS (60)
FUZZ_SECONDS ?= 60
FUZZ_NAMES   := $(FUZZ_SRC:tests/fuzz/fuzz_%.c=%)
.PHONY: fuzz
fuzz: setup-test
	@$(if $(filter $(TARGET),$(FUZZ_NAMES)),true,\
	echo "make fuzz: expected TARGET=, one of: $(FUZZ_NAMES)" >&2; exit 2)
	@$(MAKE) -s $(PARALLEL) VARIANT=fuzz $(BUILD)/fuzz/tests/fuzz/fuzz_$(TARGET)
	@mkdir -p $(BUILD)/fuzz/corpus/$(TARGET)
	cd $(BUILD)/fuzz/corpus && ../tests/fuzz/fuzz_$(TARGET) -max_total_time=$(FUZZ_SECONDS) \
	    -artifact_prefix=$(TARGET)- $(TARGET) $(CURDIR)/tests/fuzz/corpus/$(TARGET)

-include $(TEST_OBJ:.o=.d)
