# What ci/checks/* asks make for, so that only what changed since the last time is looked at again.
# A stamp hangs on an object, because that is built anew whenever one of its headers changes.

LINT_HEADERS := $(shell find lib cmd tests -name '*.h' 2>/dev/null)
LINT_SOURCES := $(wildcard lib/*/*.c cmd/*.c tests/*/*.c tests/*/*/*.c)

# Each header compiles alone.
.PHONY: lint-headers
lint-headers: $(LINT_HEADERS:%=$(OUT)/lint/%.alone)

$(OUT)/lint/%.alone: %
	@mkdir -p $(@D)
	@printf '#include "%s"\nextern int used;\n' $(<:lib/%=%) | $(CC) $(CPPFLAGS) $(ALL_CFLAGS) \
	    -MMD -MP -MF $@.d -MT $@ -fsyntax-only -x c -
	@touch $@

# clang-tidy, on the tree that clang built. Its analyser sees one file at a time; ci/models tells it
# what functions of other files return, those of MODELLED. It takes most of the time and leaves tests
# out, which run under the sanitisers.
MODELLED     := lib/base/err.c lib/base/json_read.c
TIDY_MODELS  := -Xclang -analyzer-config -Xclang model-path=ci/models
tidy_flags    = $(CPPFLAGS) -std=c11 $(if $(filter $(MODELLED),$<),,$(TIDY_MODELS))
.PHONY: lint-tidy
lint-tidy: $(LINT_SOURCES:%=$(OUT)/lint/%.tidy)

$(OUT)/lint/%.c.tidy: %.c $(OUT)/obj/%.o .clang-tidy $(wildcard ci/models/*)
	@mkdir -p $(@D)
	@clang-tidy --quiet $(if $(filter tests/%,$<),--checks=-clang-analyzer-*) $< -- $(tidy_flags) 2>$@.log || { cat $@.log; false; }
	@touch $@

-include $(LINT_HEADERS:%=$(OUT)/lint/%.alone.d)
