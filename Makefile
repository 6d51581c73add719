# perfgate. `make` builds the four tools in build/bin; `make help` lists the rest.
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

CC        ?= gcc
ifeq ($(origin CC),default)
CC        := gcc
endif
AR        := ar
BUILD     := build
# VARIANT= (release), asan, tsan, clang or fuzz: each has its own object tree below build/.
VARIANT   ?=
OUT       := $(BUILD)$(if $(VARIANT),/$(VARIANT))

WARNINGS  := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes \
             -Wmissing-prototypes -Wvla -Wcast-qual -Wformat=2 -Wundef -Wnull-dereference \
             -Wdouble-promotion -Werror
CPPFLAGS  += -Ilib -I. -D_GNU_SOURCE
CFLAGS    ?= -O2 -g
HARDENING := -fstack-protector-strong
ifeq ($(VARIANT),asan)
SANITIZE  := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
else ifeq ($(VARIANT),tsan)
SANITIZE  := -fsanitize=thread
else ifeq ($(VARIANT),clang)
# For its warnings alone, which do not hang on optimisation.
CC        := clang
CFLAGS    := -O0
else ifeq ($(VARIANT),fuzz)
CC        := clang
SANITIZE  := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
endif
ifeq ($(CC),clang)
# It takes the macros NAN and INFINITY for a float; gcc watches over this one.
WARNINGS  += -Wno-double-promotion
endif
ALL_CFLAGS = -std=c11 $(CFLAGS) $(HARDENING) $(WARNINGS) $(SANITIZE) -pthread -fPIE
ALL_LDFLAGS = $(LDFLAGS) $(SANITIZE) -pthread -pie -Wl,--as-needed -Wl,-z,relro,-z,now

LIB_SRC   := $(wildcard lib/*/*.c)
LIB_OBJ   := $(LIB_SRC:%.c=$(OUT)/obj/%.o)
LIB       := $(OUT)/libperfgate.a
CMD_LIB   := $(OUT)/libcmd.a
TOOLS     := perf-run perf-compare perf-baseline perf-report
CMD_MAIN  := $(TOOLS:%=cmd/%.c)
CMD_MAIN_OBJ := $(patsubst %.c,$(OUT)/obj/%.o,$(wildcard $(CMD_MAIN)))
CMD_SRC   := $(filter-out $(CMD_MAIN),$(wildcard cmd/*.c))
CMD_OBJ   := $(CMD_SRC:%.c=$(OUT)/obj/%.o)
PANEL_OBJ := $(patsubst %.c,$(OUT)/obj/%.o,$(wildcard tests/panel/*.c))
LIBS      := -ljansson -lcsv -lexpat -lgit2 -luriparser -lmicrohttpd -lhiredis -lcurl -lssl -lcrypto -lz -lbrotlidec -lnghttp2 -lm
PANEL_LIBS := -lpq

BINS      := $(TOOLS:%=$(OUT)/bin/%)
# What perf-run gives to Locust, from where the tools are: ../share/perfgate.
BRIDGE    := $(patsubst lib/locust/%,$(OUT)/share/perfgate/%,$(wildcard lib/locust/*.py))

# One short line for each step; V=1 shows the commands.
Q          = $(if $(V),,@)
say        = $(if $(V)$(findstring s,$(firstword -$(MAKEFLAGS))),,@printf '  %-4s%s\n' $1 $2)

# For a make within: a job for each core, unless our caller said how many.
JOBS      := $(shell nproc)
PARALLEL   = --no-print-directory $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(JOBS))

## all: the four tools, in build/bin
.PHONY: all
all: setup-build
	@$(MAKE) $(PARALLEL) tools

.PHONY: tools
tools: $(BINS) $(BRIDGE) $(OUT)/bin/panel
	@:

$(BRIDGE): $(OUT)/share/perfgate/%: lib/locust/%
	@mkdir -p $(@D)
	$(Q)cp $< $@

$(OUT)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

$(LIB): $(LIB_OBJ)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(CMD_LIB): $(CMD_OBJ)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(BINS): $(OUT)/bin/%: $(OUT)/obj/cmd/%.o $(CMD_LIB) $(LIB)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(OUT)/bin/panel: $(PANEL_OBJ) $(LIB)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS) $(PANEL_LIBS)

# Installs what is missing; takes a few ms where nothing is.
.PHONY: setup-build setup-test setup-bench
setup-build setup-test setup-bench: setup-%:
	@ci/setup $*

include tests/tests.mk
include ci/checks.mk

## lint: the checked habits of the code (budgets, layers, warnings, format, analysers)
.PHONY: lint
lint: setup-test
	@ci/lint

## gate: builds, then judges the demo application against itself (SLOW='/forum=+50%' breaks it)
.PHONY: gate
gate: all
	@ci/gate-panel

## test-load: the demo's scenario against LOAD_TEST_HOST, or against the demo itself
.PHONY: test-load
test-load: all
	@ci/test-load

## bench: the load engine beside others: cost, size, pace; WRITE=1 puts the figures into ci/bench/RESULTS.md
.PHONY: bench
bench: setup-bench all
	@ci/bench/results $(if $(WRITE),--write)

## bench-store: what the baselines in git cost; WRITE=1 puts the figures into ci/bench/STORE.md
.PHONY: bench-store
bench-store: setup-bench all
	@ci/bench/store $(if $(WRITE),--write)

## bench-import: reading other tools' results, merging, Locust's bridge; WRITE=1 puts the figures into ci/bench/IMPORT.md
.PHONY: bench-import
bench-import: setup-bench all
	@ci/bench/import $(if $(WRITE),--write)

## bench-monitor: what watching the machine and the target costs; WRITE=1 puts the figures into ci/bench/MONITOR.md
.PHONY: bench-monitor
bench-monitor: setup-bench all
	@ci/bench/monitor $(if $(WRITE),--write)

## bench-verdict: how often verdicts are right, on traces that it records first (hours, resumable); WRITE=1 as above
.PHONY: bench-verdict
bench-verdict: setup-bench all
	@ci/bench/verdict $(if $(WRITE),--write)

## clean: removes everything that was built
.PHONY: clean
clean:
	rm -rf $(BUILD)

## help: this list
.PHONY: help
help:
	@sed -n 's/^## \([a-z-]*\): \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

-include $(LIB_OBJ:.o=.d) $(CMD_OBJ:.o=.d) $(CMD_MAIN_OBJ:.o=.d) $(PANEL_OBJ:.o=.d)
