# What people type. Each target sets up what it needs first; a second run finds it done in well under a second.

PYTHON := .venv/bin/python
PYTEST_OPTIONS ?=

.DEFAULT_GOAL := help
.PHONY: help setup setup-test demo test check format documents bench bench-scale bench-waits proof fuzz pictures release sbom audit proof-update proof-pi proof-boot month clean

help:
	@echo 'make demo      run it: server, kiosk and lobby display of a sample centre'
	@echo '                 SPEED=60               a minute of the centre in a second'
	@echo '                 AT="2026-11-24 09:25"  start at this local time'
	@echo '                 PLAY=1                 visitors and advisers play a morning'
	@echo '                 RESET=1                begin with fresh data'
	@echo '                 WINDOW=0, DOCK=1       kiosk in the browser instead of, or besides, its window'
	@echo 'make test      everything: checks, rules, sockets, both databases, whole-centre stories'
	@echo '                 PYTEST_OPTIONS="-k hours"  passed on to pytest'
	@echo 'make check     what must hold without running it: style, types, layers, words, laws of the house'
	@echo 'make format    put the code in the house style'
	@echo 'make documents  write the generated documents anew'
	@echo 'make bench     measure the figures of the README; writes build/bench.json'
	@echo 'make bench-scale  200 centres on 1, 2 and 4 servers, and faults under load; writes build/scale.md'
	@echo 'make bench-waits  how right the waits are that visitors are told, beside other ways to tell them'
	@echo 'make proof     lose power and processes on purpose, many times, and count what was lost'
	@echo 'make fuzz      throw hostile input at everything that takes any, a minute for each target'
	@echo '                 FUZZ_OPTIONS="--seconds 600 --seed 3 routes"  longer, other cases, one target'
	@echo 'make month     a month of five centres with a turned clock: what grows, what fails'
	@echo 'make pictures  take the pictures of the README from the real screens'
	@echo 'make release   a release file of this commit for machines without a package index (KEY=private.pem FOR="linux-aarch64-cp311 ...")'
	@echo 'make sbom      the bill of materials (CycloneDX) of what is installed; writes build/foyer.cdx.json'
	@echo 'make audit     is a flaw known in any package of the locks? asks the package index'
	@echo 'make proof-update  a whole release made, fetched, installed and switched to, with the power failing at every step'
	@echo 'make proof-pi  a server and a kiosk set up by install.sh in bare Debian roots, up to a ticket (as root; needs debootstrap, systemd-container)'
	@echo 'make proof-boot  each role started for real, on a machine of QEMU: watchdog, safe page, pulled plug, a card only read (as root; needs qemu-system-x86)'
	@echo 'make setup, make setup-test   only install what running, or testing, needs'
	@echo 'make clean     remove what was built (keeps var/, where data lives)'

setup:
	@sh scripts/setup.sh run

setup-test:
	@sh scripts/setup.sh test

demo: setup
	@exec $(PYTHON) -m demo $(if $(SPEED),--speed '$(SPEED)') $(if $(AT),--at '$(AT)') $(if $(PLAY),--play) $(if $(RESET),--reset) $(if $(DOCK),--dock) $(if $(filter 0,$(WINDOW)),--no-window)

test: setup-test
	@sh scripts/test.sh $(PYTEST_OPTIONS)

check: setup-test
	@$(PYTHON) scripts/check.py

format: setup-test
	@$(PYTHON) -m ruff check --fix-only --quiet .
	@$(PYTHON) -m ruff format .

documents: setup
	@$(PYTHON) scripts/check_generated.py --write
	@$(PYTHON) scripts/licences.py --write

bench: setup-test
	@exec $(PYTHON) -m benchmarks $(BENCH_OPTIONS)

bench-scale: setup-test
	@exec $(PYTHON) -m benchmarks.scale $(BENCH_OPTIONS)

bench-waits: setup-test
	@exec $(PYTHON) -m benchmarks.waits $(BENCH_OPTIONS)

fuzz: setup-test
	@exec $(PYTHON) -m tests.fuzz $(FUZZ_OPTIONS)

month: setup-test
	@exec $(PYTHON) -m benchmarks.month $(MONTH_OPTIONS)

proof: setup-test
	@exec $(PYTHON) -m benchmarks.proof $(PROOF_OPTIONS)

pictures: setup-test
	@exec $(PYTHON) scripts/pictures.py $(PICTURES)

release: setup-test
	@exec $(PYTHON) scripts/release.py $(foreach key,$(KEY),--key '$(key)') $(foreach target,$(FOR),--for '$(target)')

sbom: setup-test
	@$(PYTHON) scripts/sbom.py

audit: setup-test
	@$(PYTHON) scripts/audit.py

proof-update: setup-test
	@exec $(PYTHON) -m benchmarks.update $(PROOF_OPTIONS)

proof-pi: setup-test
	@exec $(PYTHON) -m benchmarks.pi $(PROOF_OPTIONS)

proof-boot: setup-test
	@exec $(PYTHON) -m benchmarks.pi_boot $(PROOF_OPTIONS)

clean:
	rm -rf build .setup .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache foyer.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
