# SPDX-License-Identifier: MIT
# The two commands: make demo, make test. Everything is built under build/.

BUILD  := build/main
VENV   := build/venv
JOBS   ?= $(shell nproc)
PRESET ?= debug

# The venv's tools come first (swig); python3 outside it is only used to make it.
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export TIMENS_TEST_PROGRAMS := $(CURDIR)/$(BUILD)/programs
export TIMENS_LIBRARY := $(CURDIR)/$(BUILD)/core/libtimens.so
export TIMENS_COMMAND := $(CURDIR)/$(BUILD)/cli/timens
export LUA_PATH := $(CURDIR)/lua/?.lua;$(CURDIR)/lua/?/init.lua;$(CURDIR)/tests/lua/?.lua;;
export LUA_CPATH := $(CURDIR)/$(BUILD)/lua/?.so;;
# As scripts/env sets them, CMake takes core/include for the compiler's own, and leaves it out of what
# it writes: the next build without them fails.
unexport CPATH LIBRARY_PATH

# Set in some containers and shells, and not in others: the tests are those of a Python without them.
unexport PYTHONUNBUFFERED PYTHONDONTWRITEBYTECODE

# In front of a suite: also for the tests that go on as another user.
REACHABLE := $(CURDIR)/tests/reachable

PYTHON_SOURCES := pyproject.toml $(wildcard cmake/* core/src/* core/include/* swig/* python/timens/* python/pytest_timens/*)

LUAS   := build/luas

.PHONY: abi abi-renew all always analyze bench build clean coverage cpython-suite debs demo deps dist docs \
  faults fuzz hardening kernels lint load lua-leaks lua-versions luas packages parity pictures \
  real-programs release rock sanitize test test-apparmor test-c test-cli test-docs test-html test-lua \
  test-oci test-perl test-python test-slurm valgrind wheel wheel-check

all: build

$(VENV)/.ready: scripts/deps
	@scripts/deps test $(VENV)
	@touch $@

# Asked each time: apt's part may be missing though the venv is there.
deps: $(VENV)/.ready
	@scripts/deps test $(VENV)

build: deps
	@cmake -S . -B $(BUILD) -G Ninja -DTIMENS_LUA=ON -DTIMENS_TESTS=ON -DTIMENS_BENCH=ON -DTIMENS_EXAMPLES=ON \
	  -DPython_EXECUTABLE=$(CURDIR)/$(VENV)/bin/python >$(BUILD).log 2>&1 || { cat $(BUILD).log; exit 1; }
	@cmake --build $(BUILD) -j $(JOBS)

# The wheel as users get it, installed into the venv.
$(VENV)/.timens: $(PYTHON_SOURCES) | deps
	@echo "installing the Python package into $(VENV)"
	@pip install -q --disable-pip-version-check --no-build-isolation --no-deps --force-reinstall .
	@touch $@

demo: build $(VENV)/.timens
	@python examples/demo/demo.py

test: test-c test-python test-lua test-cli test-docs parity hardening

test-c: build
	ctest --test-dir $(BUILD) --output-on-failure -j 1 --no-tests=error

test-python: build $(VENV)/.timens
	$(REACHABLE) python -m pytest -q -p no:cacheprovider tests/python

test-lua: build
	cd tests/lua && $(REACHABLE) lua5.4 /usr/bin/busted --pattern=_spec .

# The third language, on the shared layer of SWIG alone: a smoke suite.
test-perl: deps
	@scripts/deps perl $(VENV)
	@cmake -S . -B build/perl -G Ninja -DTIMENS_PERL=ON -DTIMENS_TESTS=ON -DTIMENS_CLI=OFF >build/perl.log 2>&1 \
	  || { cat build/perl.log; exit 1; }
	@cmake --build build/perl -j $(JOBS) --target timens_perl clocks
	TIMENS_TEST_PROGRAMS=$(CURDIR)/build/perl/programs PERL5LIB=$(CURDIR)/build/perl/swig/perl:$(CURDIR)/tests/perl \
	  prove -q tests/perl

test-cli: build
	$(REACHABLE) python -m pytest -q -p no:cacheprovider tests/cli

# The manual, and each example of README.md and docs as it stands there.
test-docs: build $(VENV)/.timens
	python -m pytest -q -p no:cacheprovider tests/docs

# The pages of timens sweep in a browser; its shards under Slurm; its bundles under crun and runc; the
# profile of the command.
test-html test-slurm test-oci test-apparmor: test-%: build
	@scripts/deps $* $(VENV)
	PYTHONPATH=tests/cli python -m pytest -q -p no:cacheprovider tests/campaigns/test_$*.py

# Of the library, the command and both modules, as they were built.
hardening: build $(VENV)/.timens
	python scripts/hardening.py $(TIMENS_LIBRARY) $(TIMENS_COMMAND) $$(ls $(BUILD)/libexec/timens/timens 2>&-) \
	  $(BUILD)/lua/timens/core.so \
	  $$(python -c 'from timens import _timens; print(_timens.__file__)')

parity: deps
	python scripts/parity.py

lint: build $(VENV)/.timens
	@scripts/deps lint $(VENV)
	scripts/lint

# Both sanitizer builds run the C suite; that of addresses the suites of Lua and Python as well, as
# far as they start programs, and that of threads Python's threads. A Python that was not built with
# a sanitizer takes its runtime first.
SANITIZED := duration enter errors exec join nested options points process read routes sizes spawn \
  stdio support threads userns
PRELOADED = PYTHONPATH=$(CURDIR)/build/$(1)/python TIMENS_SANITIZED=1 ASAN_OPTIONS=detect_leaks=0 \
  TIMENS_TEST_PROGRAMS=$(CURDIR)/build/$(1)/programs $(REACHABLE) \
  env LD_PRELOAD="$(foreach name,$(2),$(shell $(CC) -print-file-name=lib$(name).so))" \
  python -m pytest -q -p no:cacheprovider

sanitize: deps $(VENV)/.timens
	set -e; for preset in asan tsan; do \
	  cmake --preset $$preset >/dev/null; cmake --build --preset $$preset -j $(JOBS); \
	  ctest --preset $$preset --output-on-failure; python scripts/stage.py build/$$preset; done
	$(call PRELOADED,asan,asan ubsan) $(SANITIZED:%=tests/python/test_%.py)
	$(call PRELOADED,tsan,tsan) tests/python/test_threads.py

# The C suite once more; what it cannot follow there stands in the script.
valgrind: build
	@scripts/deps valgrind $(VENV)
	python scripts/valgrind.py $(BUILD)

# libFuzzer with both sanitizers, for SECONDS a target, two at a time; FUZZ="oci junit" for some.
SECONDS ?= 600

fuzz: deps
	@scripts/deps fuzz $(VENV)
	@cmake --preset fuzz >build/fuzz.log 2>&1 || { cat build/fuzz.log; exit 1; }
	@cmake --build --preset fuzz -j $(JOBS)
	python tests/fuzz/run.py build/fuzz $(SECONDS) $(FUZZ)

# gcc -fanalyzer and clang's analyzer.
analyze: deps
	@scripts/deps analyze $(VENV)
	python scripts/analyze.py build/analysis

# What the suites run, by lines and branches; COVERAGE="c lua" for some of them. Open
# build/coverage/html/index.html for the C files.
coverage: deps
	@scripts/deps coverage $(VENV)
	@cmake --preset coverage >build/coverage.log 2>&1 || { cat build/coverage.log; exit 1; }
	@cmake --build --preset coverage -j $(JOBS)
	python scripts/coverage.py build/coverage $(COVERAGE)

# Real kernels in an emulator; KERNELS="6.1" for some of them.
kernels: build $(VENV)/.timens
	@scripts/deps kernels $(VENV)
	python tests/kernels/run.py $(BUILD) $(KERNELS)

# Every system call of a start made to fail, and what else can go wrong; EVERY=5 for each fifth case,
# FAULTS=conditions for one of the campaigns, or any argument of run.py.
EVERY ?= 1

faults: build
	FAULTS_PROGRAMS=$(CURDIR)/$(BUILD)/tests/faults python tests/faults/run.py --every $(EVERY) $(FAULTS)

# Thousands of programs at once, many threads, for about eight minutes; LOAD=short for half of one.
load: build
	$(BUILD)/tests/load/load $(LOAD)

# The library against the interface of the last release; at a release, abi-renew keeps the new one.
abi: build
	@scripts/deps abi $(VENV)
	python -m pytest -q -p no:cacheprovider tests/abi

abi-renew: build
	@scripts/deps abi $(VENV)
	python tests/abi/renew.py $(or $(RELEASE),$(error RELEASE=1.0 says which one))

# What is published, under build/dist: make release puts it into dist.
VERSION := $(shell scripts/version)
ARCHIVE := build/dist/timens-$(VERSION).tar.gz
ROCK    := build/dist/timens-$(VERSION)-1.src.rock

dist wheel rock debs packages release: export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct)

# Packed each time; it stays the same file while nothing has changed, and what is made of it stays too.
$(ARCHIVE): always | deps
	@scripts/dist build/dist

dist: $(ARCHIVE)

wheel: build/dist/.wheel-timens

build/dist/.wheel-timens: $(ARCHIVE) scripts/wheel.py | deps
	@scripts/deps wheel $(VENV)
	python scripts/wheel.py $(ARCHIVE) build/dist
	@touch $@

debs: build/dist/.debs-timens

build/dist/.debs-timens: $(ARCHIVE) scripts/debs | deps
	@scripts/deps debs $(VENV)
	@scripts/debs $(ARCHIVE) build/dist
	@touch $@

$(ROCK): $(ARCHIVE) lua/rock/pack | deps
	@scripts/deps rock $(VENV)
	lua/rock/pack $(ARCHIVE) build/dist
	luarocks lint $(ROCK:.src.rock=.rockspec)

# Each of them installed where nothing else is, and used there; and all of them built a second time,
# elsewhere, to the same bytes. PACKAGES="-k debs" for a part.
packages: dist wheel debs $(ROCK)
	@scripts/deps packages $(VENV)
	python -m pytest -q -p no:cacheprovider tests/packages $(PACKAGES)

release: deps
	scripts/release

PYTHONS ?= 3.11 3.12 3.13

# The suite of the Python package, from the wheel, on each of them.
wheel-check: wheel build
	python tests/wheel/run.py build/dist/*.whl $(PYTHONS)

# The standard library's own tests of subprocess, of timens.Popen.
cpython-suite: wheel
	@scripts/deps cpython $(VENV)
	python tests/cpython/run.py build/dist/*.whl $(PYTHONS)

# Servers and languages across all points; the result goes into the tree. PROGRAMS="redis go" for some.
# It installs those servers, and Debian starts what it installs: not for a machine that has them in use.
real-programs: build
	@scripts/deps programs $(VENV)
	python examples/real-programs/run.py $(BUILD)/cli/timens build/real-programs docs/real-programs.md $(PROGRAMS)

# The Lua suite by every other interpreter that there is. LuaJIT takes the module of 5.1.
OLD_LUAS := lua5.3:lua lua5.2:lua5.2 lua5.1:lua5.1 luajit:lua5.1

luas: deps
	@scripts/deps lua $(VENV)
	@cmake -S . -B $(LUAS) -G Ninja -DTIMENS_LUA=ON -DTIMENS_TESTS=ON -DTIMENS_CLI=OFF \
	  "-DTIMENS_LUA_VERSIONS=5.3;5.2;5.1" >$(LUAS).log 2>&1 || { cat $(LUAS).log; exit 1; }
	@cmake --build $(LUAS) -j $(JOBS) --target lua_modules

lua-versions: luas
	set -e; cd tests/lua; export TIMENS_TEST_PROGRAMS=$(CURDIR)/$(LUAS)/programs; \
	for run in $(OLD_LUAS); do \
	  echo "$${run%:*}:"; LUA_CPATH="$(CURDIR)/$(LUAS)/$${run#*:}/?.so;;" \
	  $(REACHABLE) $${run%:*} /usr/bin/busted --pattern=_spec --exclude-pattern=lua_close --exclude-pattern=lua_recipes .; done

# Ten thousand starts; and what valgrind can watch: not a program that is killed (it does not know
# pidfd_send_signal), and the route fork alone.
VALGRIND := valgrind -q --leak-check=full --show-leak-kinds=definite \
  --errors-for-leak-kinds=definite --child-silent-after-fork=yes --error-exitcode=9 \
  --suppressions=valgrind.supp

lua-leaks: build
	@scripts/deps lua $(VENV)
	cd tests/lua && TIMENS_STARTS=10000 lua5.4 /usr/bin/busted lua_leaks_spec.lua
	cd tests/lua && $(VALGRIND) lua5.4 /usr/bin/busted --filter-out=timeout --filter-out=failed_start \
	  duration_spec.lua points_spec.lua offset_to_spec.lua lua_times_spec.lua lua_run_spec.lua \
	  errors_spec.lua stdio_spec.lua support_spec.lua sizes_spec.lua lua_library_spec.lua lua_module_spec.lua

# The rock, into an empty tree: the whole suite from there, a part of it for others.
rock: build luas $(ROCK)
	set -e; $(REACHABLE) lua/rock/check $(ROCK) 5.4 lua5.4 build/rock/5.4 .; \
	for version in 5.3:lua 5.2:lua5.2 5.1:lua5.1; do number=$${version%:*}; \
	  LUA_CPATH="$(CURDIR)/$(LUAS)/$${version#*:}/?.so;;" \
	  $(REACHABLE) lua/rock/check $(ROCK) $$number lua$$number build/rock/$$number lua_process_spec.lua; done

# The site of the documentation: build/docs-site/index.html. Links that lead nowhere fail.
docs: build $(VENV)/.timens
	@scripts/deps docs $(VENV)
	scripts/docs/make $(BUILD) build/docs-site

# Those in README.md: a recording of the command, and the page of a sweep in a browser. They go into the
# tree; PICTURES=build/pictures: elsewhere.
PICTURES ?= docs/pictures

pictures: build
	@scripts/deps pictures $(VENV)
	mkdir -p $(PICTURES)
	. scripts/env && python scripts/pictures/terminal.py $(PICTURES)/sweep.svg
	. scripts/env && python scripts/pictures/page.py $(PICTURES)/sweep.png

# Figures and pictures go into build/bench. BENCH=docs/performance for those that are committed.
BENCH ?= build/bench

bench: build luas $(VENV)/.timens
	@scripts/deps bench $(VENV)
	python bench/run.py $(BUILD) $(BENCH)

clean:
	rm -rf build
