# The menu. Every target creates what it needs and ends with PASS or FAIL and its time.
#
#   make demo     three people talk through a relay that can't read them, chats break and
#                 heal (STORY=first-words, heal, interop, requests, storm, web; KEEP=1)
#   make test     all tests but the slow ones
#   make check    formatting, lint, types, import contracts, spelling
#   make cover    all tests, with branch coverage and a floor for each package
#   make bench    all benchmarks (bench-mls, bench-relay, bench-client, bench-protocol:
#                 one; QUICK=1; bench-mls beside mls-rs and ts-mls, bench-relay beside
#                 ejabberd, Synapse and a bare relay; alone if PEERS=0), and bench-ui
#                 where Chromium is
#   make bench-ui the window with a long past in a real Chromium, which it installs if
#                 absent (QUICK=1)
#   make interop  mixed groups with ts-mls and mls-rs; needs node (SEED=, STEPS=, WALK=)
#   make hostile  every HTTPS call, with what its OpenAPI document allows and what not
#                 (SECONDS=40, SEED=)
#   make fuzz     hostile inputs for 4 minutes (HOURS=1, SECONDS=600, TARGETS="process join")
#   make mutate   changes of the code that a test must notice (CHANGED=1, MODULES=framing)
#   make chaos    random lives of random people, until a promise breaks (SEED=, SECONDS=),
#                 then real processes that are killed (LIVES=100000 KILLS=500 LIVES_SEED=)
#   make chaos-relay  relays, PostgreSQL and NATS killed -9 at random under load, then each
#                 in a network of its own that is cut as well, and every acknowledged
#                 message accounted for (SECONDS=120, STORM_SEED=, RELAYS=3, CUTS=60)
#   make test-browser  the window in a real Chromium (installed if absent); its pictures
#                 are in build/shots (ONLY=words of a test's name)
#   make roles    keep what every screen tells a screen reader now (tests/browser/roles)
#   make seizure  what a relay's disk tells of who is in which chat: attackers, figures
#   make model    every interleaving of a small abstract chat: order, repair, removal
#   make ci       what CI runs
#   make clean    removes build/ and .venv/

PYTHON ?= python3
BIN := .venv/bin/python
FUZZ_SECONDS ?= 220
# CI lives through the same seeds every time; SECONDS= goes on for that long.
CHAOS_BOUNDS = $(if $(SECONDS),--seconds $(SECONDS),--runs 1500 --seconds 200)
# Messages and kills of real processes; LIVES=0 leaves them out, and so does SEED=.
LIVES ?= 5000
KILLS ?= 40
LIVES_SEED ?= 1
TIMED = @$(PYTHON) tools/timed.py $@
RUN = $(TIMED) $(MAKE) --no-print-directory --silent

.PHONY: help demo test check cover ci bench clean
.PHONY: bench-mls bench-relay bench-client bench-protocol .bench-protocol bench-ui .bench-ui
.PHONY: seizure .seizure fuzz .fuzz chaos .chaos chaos-relay .chaos-relay interop .interop
.PHONY: roles .roles hostile .hostile mutate .mutate model .model test-browser .test-browser
.PHONY: runtime dev .demo .test .check .cover .ci .bench-mls .bench-relay .bench-client

help:
	@sed -n 's/^#   //p' Makefile

runtime dev:
	@PYTHON=$(PYTHON) tools/venv.sh $@

demo test check cover ci fuzz chaos chaos-relay interop mutate model seizure hostile test-browser roles \
    bench-mls bench-relay bench-client bench-protocol bench-ui:
	$(RUN) .$@

bench:
	$(RUN) .bench-mls .bench-relay .bench-client .bench-protocol \
	    $(if $(shell command -v chromium),.bench-ui)

.demo: runtime
	$(BIN) -m demo

# COVERED=1 notes which lines ran; `cover` then runs only the slow tests beside them.
COVERED_RUN := $(if $(COVERED),coverage run -m )
# In CI what fails among some 6,000 tests has one more try, alone, in the open: a machine
# that stands still for a moment is no defect of the product.
SECOND_TRY = || { echo "A second try, alone, of what failed:"; $(BIN) -m coverage run -m \
    pytest --last-failed --last-failed-no-failures none; }

.test: dev
	$(if $(COVERED),rm -rf build/coverage && mkdir -p build/coverage)
	$(BIN) -m $(COVERED_RUN)pytest -n 2 --durations 10 -m "not slow" $(if $(COVERED),$(SECOND_TRY))

.test-browser: dev
	@PYTHON=$(PYTHON) tools/browser.sh
	rm -rf build/shots
	@# On a busy machine a browser can be late: what fails has one more try, alone.
	@# Each file is one browser's: its tests share people, and screens that stand.
	$(BIN) -m pytest -n 2 --dist loadfile --durations 10 $(if $(ONLY),-k "$(ONLY)") tests/browser \
	    || $(BIN) -m pytest --last-failed --last-failed-no-failures none tests/browser

.check: dev
	$(BIN) -m ruff format --check
	$(BIN) -m ruff check
	$(BIN) -m mypy
	$(BIN) -m basedpyright
	.venv/bin/lint-imports
	$(BIN) -m codespell_lib

.cover: dev
	$(if $(COVERED),,rm -rf build/coverage)
	mkdir -p build/coverage
	$(BIN) -m coverage run -m pytest -n 2 --durations 10 $(if $(COVERED),-m slow $(SECOND_TRY))
	$(BIN) -m coverage combine --quiet
	$(BIN) -m coverage json --quiet -o build/coverage/coverage.json
	$(BIN) -m coverage report
	$(BIN) tools/coverage_floors.py build/coverage/coverage.json

.roles: dev
	@PYTHON=$(PYTHON) tools/browser.sh
	$(BIN) -m pytest -q --write-roles -k "told_as_it_was$(if $(ONLY), and ($(ONLY)))" \
	    tests/browser/test_screens_in_a_browser.py
	git diff --stat -- tests/browser/roles

# QUICK=1 measures small groups without the peers, PEERS=0 all sizes without them.
.bench-mls: dev
	$(if $(QUICK)$(filter 0,$(PEERS)),,tools/peers.sh)
	$(BIN) -m bench.bench_mls $(if $(QUICK),--quick,$(if $(filter 0,$(PEERS)),--alone))

.bench-relay: dev
	$(BIN) -m bench.bench_relay $(if $(QUICK),--quick)
	$(if $(QUICK)$(filter 0,$(PEERS)),,$(BIN) -m bench.relay_peers)

.bench-client: dev
	$(BIN) -m bench.bench_client $(if $(QUICK),--quick)

.bench-protocol: dev
	$(BIN) -m bench.bench_protocol $(if $(QUICK),--quick)

.bench-ui: dev
	@PYTHON=$(PYTHON) tools/browser.sh
	$(BIN) -m bench.bench_ui $(if $(QUICK),--quick)

.fuzz: dev
	@PYTHON=$(PYTHON) tools/venv.sh fuzz
	$(BIN) -m tools.fuzz $(TARGETS) \
	    --seconds $(or $(SECONDS),$(if $(HOURS),$(HOURS)h,$(FUZZ_SECONDS)))

.hostile: dev
	@PYTHON=$(PYTHON) tools/venv.sh hostile
	$(BIN) -m tests.hostile.calls --seconds $(or $(SECONDS),40) --seed $(or $(SEED),1)

.model: dev
	$(BIN) -m tests.model.model_run

.seizure: dev
	$(BIN) -m tests.seizure.seize

.interop: runtime
	@PYTHON=$(PYTHON) tools/peers.sh
	$(BIN) -m interop
	$(if $(WALK),,$(BIN) -m interop.confirm_vectors)

.mutate: dev
	$(BIN) -m tools.mutate $(if $(CHANGED),--changed) $(MODULES)

.chaos: dev
	$(BIN) -m tests.sim.simulate $(if $(SEED),--seed $(SEED),$(CHAOS_BOUNDS))
	$(if $(SEED)$(filter 0,$(LIVES)),,$(BIN) -m tests.chaos.live \
	    --messages $(LIVES) --kills $(KILLS) --seed $(LIVES_SEED))

.chaos-relay: dev
	$(BIN) -m tests.chaos.relay --seconds $(or $(SECONDS),120) \
	    --seed $(or $(STORM_SEED),1) --relays $(or $(RELAYS),3)
	$(if $(filter 0,$(CUTS)),,$(BIN) -m tests.chaos.cuts \
	    --seconds $(or $(CUTS),60) --seed $(or $(STORM_SEED),1))

.ci:
	$(MAKE) --no-print-directory check test demo COVERED=1
	$(MAKE) --no-print-directory model
	$(MAKE) --no-print-directory seizure
	$(MAKE) --no-print-directory interop
	$(MAKE) --no-print-directory bench QUICK=1
	$(MAKE) --no-print-directory cover COVERED=1
	$(MAKE) --no-print-directory hostile
	$(MAKE) --no-print-directory test-browser
	$(MAKE) --no-print-directory fuzz
	$(MAKE) --no-print-directory mutate CHANGED=1
	$(MAKE) --no-print-directory chaos
	$(MAKE) --no-print-directory chaos-relay

clean:
	$(TIMED) rm -rf build .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
