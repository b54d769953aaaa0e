# Interlock: `make demo` shows it, `make test` proves it, `make help` lists the rest.
# Everything lives in .venv; nothing outside this folder is needed but Python >= 3.11 (with venv) and make.

PYTHON ?= python3
BIN    := .venv/bin
ARGS   ?=
BENCH  ?= sync
SEEDS  ?= 0-19
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.DEFAULT_GOAL := help

help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## */\1\t/' | expand -t 16

demo: .venv/.run ## set up, then run a firm with its clients on this machine (ARGS=--headless prints and exits)
	@$(BIN)/interlock demo $(ARGS)

setup: .venv/.run ## only set up: afterwards .venv/bin/interlock works

check: .venv/.dev ## format, lint, types, import contracts (under a minute)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: .venv/.dev ## format and mend what lint can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

test: .venv/.dev ## set up, then pass the tests (SQLite and PostgreSQL; no browser, no npm)
	$(BIN)/pytest -n auto tests $(ARGS)

test-browser: .venv/.dev ## the pages in a real Chromium, with axe
	$(BIN)/pytest tests_more/browser $(ARGS)

test-witness: .venv/.dev ## other people's clients and recordings against us
	$(BIN)/pytest tests_more/witness $(ARGS)

test-live: .venv/.dev ## the vendors' own sandboxes, each when its keys are in the environment (INTERLOCK_LIVE_*)
	$(BIN)/pytest tests_more/live $(ARGS)

proofs: .venv/.dev ## the long run: 200 kills of syncs, 300 of payments, 300 simulated weeks of the money loop, 200 seeds of simulated faults, 400 of recording (up to an hour)
	INTERLOCK_KILLS=200 INTERLOCK_PAYMENT_KILLS=300 INTERLOCK_ORDER_KILLS=80 INTERLOCK_SIMULATIONS=200 INTERLOCK_MONEY_RUNS=50 INTERLOCK_RECORD_SEEDS=400 INTERLOCK_PACE_SECONDS=90 $(BIN)/pytest -n auto tests/crash tests/simulation tests/recording $(ARGS)

sim: .venv/.dev ## weeks of the money loop under trouble, any number of seeds (SEEDS=7, or 100-199)
	INTERLOCK_MONEY_SEEDS=$(SEEDS) $(BIN)/pytest -n auto tests/simulation/test_money_loop.py $(ARGS)

loop: .venv/.dev ## draw the money loop in docs/money-loop.md anew from the code
	$(BIN)/python -m tests.money_loop.drawing

bench: .venv/.dev ## measure; prints figures, never fails by the clock (BENCH=sync, or pages, webhooks, payouts, banks, firm_banks, path, loop, console, matching, receivables)
	$(BIN)/python -m bench.$(BENCH) $(ARGS)

lock: .venv/.uv ## resolve the two lock files anew (hashes, no addresses)
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-annotate --no-header --python-version 3.11 pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-annotate --no-header --python-version 3.11 --group dev pyproject.toml -o requirements-dev.lock

clean: ## remove what set-up and runs left here
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

# --- set-up -------------------------------------------------------------------------------------------------------
# uv lives inside .venv and installs by hash; the stamp files say which lock the folder holds. A registry behind a company's
# own certificate needs the system's certificates, a bare system has none: so both are tried.

UV = $(BIN)/uv pip install --quiet --python $(BIN)/python

.venv/.uv:
	$(PYTHON) -c 'import sys; sys.exit("Interlock needs Python 3.11 or newer; set PYTHON=path/to/python3.11") if sys.version_info < (3, 11) else 0'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet uv
	touch $@

.venv/.run: .venv/.uv requirements.lock pyproject.toml
	@test -e .venv/.dev || $(UV) --system-certs --require-hashes -r requirements.lock || $(UV) --require-hashes -r requirements.lock
	@$(UV) --system-certs --no-deps -e . || $(UV) --no-deps -e .
	touch $@

.venv/.dev: .venv/.uv requirements-dev.lock pyproject.toml
	@$(UV) --system-certs --require-hashes -r requirements-dev.lock || $(UV) --require-hashes -r requirements-dev.lock
	@$(UV) --system-certs --no-deps -e . || $(UV) --no-deps -e .
	touch $@ .venv/.run

.PHONY: help demo setup check fix test test-browser test-witness test-live proofs sim loop bench lock clean
