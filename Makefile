# SPDX-License-Identifier: GPL-2.0
#
# User targets only; kbuild text is in Kbuild and net/smc/Kbuild.

MAKEFLAGS += --no-print-directory
# Targets one after another, each on all processors.
.NOTPARALLEL:
ifeq ($(filter -j%,$(MAKEFLAGS)),)
MAKEFLAGS += -j$(shell nproc)
endif
TOP := $(CURDIR)
OUT := $(TOP)/build
Q := $(if $(filter 1,$(V)),,@)

# Kernels to build for: KVER (release or 6.1, 6.12), else the running one, else
# the newest installed release of each supported series.
KVER ?=
ifneq ($(KVER),)
RELEASES := $(foreach k,$(KVER),$(or $(shell scripts/kver --build $(k)),$(error no headers for kernel $(k))))
else ifneq ($(wildcard /lib/modules/$(shell uname -r)/build/Makefile),)
RELEASES := $(shell uname -r)
else
RELEASES := $(shell scripts/kver --build --all)
endif

.PHONY: all
all: modules tools

# V, W, C, KCFLAGS and the like given to make reach kbuild through MAKEFLAGS.
.PHONY: modules
modules: $(RELEASES:%=modules-%)

ifeq ($(RELEASES),)
modules:
	@echo "no kernel headers are installed: run scripts/setup" >&2; exit 1
endif

# Sources are linked, not copied, into one folder for each release: kbuild
# leaves its objects beside them, and two kernels never share an object.
headers = $(shell scripts/kver --root $*)/lib/modules/$*/build
kbuild = flock $(1)/.lock $(MAKE) -C $(headers) M=$(1) modules \
	$(if $(wildcard $(headers)/vmlinux),,CONFIG_DEBUG_INFO_BTF_MODULES=)

.PHONY: modules-%
modules-%:
	$(Q)scripts/link-tree $(TOP) $(OUT)/$*
	+$(Q)$(call kbuild,$(OUT)/$*)
	$(Q)for ko in $(OUT)/$*/net/smc/*.ko; do \
		ln -sf "net/smc/$${ko##*/}" $(OUT)/$*/; done

.PHONY: tools
tools:
	$(Q)if [ -e tools/Makefile ]; then \
		$(MAKE) -C tools O=$(OUT)/tools; fi

TESTS_DIR := tools/testing/selftests/net/smc

# Programs, and modules for each kernel: build/tests/RELEASE/*.ko
.PHONY: tests
tests: $(RELEASES:%=test-modules-%)
	$(Q)$(MAKE) -C $(TESTS_DIR) OUTPUT=$(OUT)/tests

.PHONY: test-modules-%
test-modules-%:
	$(Q)mkdir -p $(OUT)/tests/$*
	$(Q)ln -sfn $(TOP)/$(TESTS_DIR)/modules/* $(OUT)/tests/$*/
	+$(Q)$(call kbuild,$(OUT)/tests/$*)

.PHONY: unit
unit:
	$(Q)if [ -e $(TESTS_DIR)/unit/Makefile ]; then \
		$(MAKE) -C $(TESTS_DIR)/unit OUT=$(OUT)/unit check; fi

# Each fuzzer of the codecs for a while; they run side by side.
.PHONY: fuzz
fuzz:
	$(Q)scripts/setup
	$(Q)$(MAKE) -C $(TESTS_DIR)/unit OUT=$(OUT)/unit \
		SECONDS=$(or $(SECONDS),60) fuzz

# TESTS="a b" limits the scripts ("all": those of the default), KVER the kernels; default: all on both.
# COVERAGE=6.12: on that one with counters, and what lines they have reached.
.PHONY: check
check:
	$(Q)scripts/setup
	$(Q)env -u MAKEFLAGS KVER="$(KVER)" TESTS="$(TESTS)" \
		$(if $(COVERAGE),COVERAGE=$(COVERAGE) scripts/coverage,$(TESTS_DIR)/run)

# Kernels that complain: KASAN, lockdep and more, and KCSAN. They are built
# once and kept outside this folder, see scripts/debug-kernel.
.PHONY: debug-kernel kcsan-kernel
debug-kernel kcsan-kernel:
	$(Q)scripts/setup
	$(Q)env -u MAKEFLAGS scripts/debug-kernel $(@:-kernel=)

.PHONY: check-debug
check-debug: debug-kernel
	$(Q)$(MAKE) check KVER=debug

.PHONY: coverage
coverage:
	$(Q)$(MAKE) check KVER=$(or $(KVER),6.12) COVERAGE=$(or $(KVER),6.12)

.PHONY: lint
lint:
	$(Q)scripts/setup
	$(Q)scripts/lint

# These two show one kernel, 6.12 if not told otherwise.
.PHONY: demo bench
demo bench:
	$(Q)scripts/setup
	$(Q)$(MAKE) -s modules tools tests KVER=$(or $(KVER),6.12)
	$(Q)env -u MAKEFLAGS KVER=$(or $(KVER),6.12) scripts/$@

.PHONY: install
install: modules
	$(Q)for r in $(RELEASES); do \
		install -d $(DESTDIR)/lib/modules/$$r/updates && \
		install -m 644 $(OUT)/$$r/net/smc/*.ko \
			$(DESTDIR)/lib/modules/$$r/updates/ && \
		{ [ -n "$(DESTDIR)" ] || depmod $$r; } || exit 1; done

# Running guests of somebody else keep their folder.
.PHONY: clean
clean:
	$(Q)scripts/vm prune
	$(Q)for f in $(OUT)/*; do \
		[ "$$f" = $(OUT)/vm ] || rm -rf "$$f"; done

.PHONY: help
help:
	@echo 'Targets:'
	@echo '  all       modules and tools (default)'
	@echo '  modules   build/RELEASE/smc.ko'
	@echo '  tools     user-space programs, in build/tools/'
	@echo '  tests     programs and modules of the tests, in build/tests/'
	@echo '  unit      tests of the pure layer, on this machine'
	@echo '  check     unit tests, then all tests in guests on 6.1 and 6.12'
	@echo '  fuzz      the codecs, SECONDS=60 each'
	@echo '  check-debug   the tests on a kernel with KASAN, lockdep and more'
	@echo '  debug-kernel, kcsan-kernel   build such a kernel once'
	@echo '  coverage  the tests, and the lines of net/smc that they reach'
	@echo '  lint      static checks'
	@echo '  demo      unmodified programs over RDMA between two guests'
	@echo '  bench     measurements'
	@echo '  install   into /lib/modules/RELEASE/updates'
	@echo '  clean'
	@echo 'Variables:'
	@echo '  KVER=     kernel release, or 6.1, 6.12, rt, debug, kcsan'
	@echo '  TESTS=    names of test scripts for check'
	@echo '  COVERAGE= kernel on which check counts what lines are reached'
	@echo '  V=1 W=1 C=1 C=2 KCFLAGS=...   as in the kernel'

