# Everything a person or a machine does here is one of these; `make help` lists them.
PYTHON ?= python3
BIN := .venv/bin
KAFKA_PORT ?= 19092
KAFKA_BY ?= auto
N ?= 1000
KILLS ?= 40
SEED ?= 1
ON ?= postgres
SEEDS ?= 2000
FROM ?= 0
BUG ?=
TOOL ?=
BENCH ?= dunning usage latency million billing documents
# By file, in the order of their names: files that share a broker or a run stay together.
PYTEST := $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder
# What starts servers waits for them most of the time: three files run at once on two cores.
SERVED := $(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder tests/kafka
# Compiled files are kept: to rewrite the asserts of all tests again takes longer than to run many of them.
export PYTHONDONTWRITEBYTECODE :=
PURE := $(addprefix tests/,bookkeeping cli dunning invoicing notifications runtime schemas tariffs usage)
EXAMPLES := examples/events.jsonl examples/billing.jsonl examples/usage.jsonl

.PHONY: help setup demo snapshots check test test-long storm simulate planted poison outside bench lint format kafka kafka-stop requirements clean
.DEFAULT_GOAL := help

help: ## say what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

setup: .venv/.ready ## make .venv, from pinned and hashed requirements, when they changed

.venv/.ready: requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
	  || { echo "duestream needs Python 3.11 to 3.13; try: make PYTHON=python3.12 setup"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: setup ## run the examples, tell the story of one contract, leave all topics in out/
	@echo '$$ duestream run $(EXAMPLES) --until 2026-04-30 --out out'
	@code=0; $(BIN)/duestream run $(EXAMPLES) --until 2026-04-30 --out out || code=$$?; \
	  [ $$code -eq 2 ] || exit $$code
	@echo
	@echo 'Exit code 2, as expected: the examples hold bad input on purpose (the lines in red),'
	@echo 'and a run says so. Everything else was done. Now the story of one contract:'
	@echo
	@echo '$$ duestream explain B-707 --out out'
	@$(BIN)/duestream explain B-707 --out out
	@echo
	@echo 'What each of the other contracts shows: examples/README.md'

snapshots: setup ## renew schemas/snapshots after a change of the messages
	$(BIN)/duestream schemas --write

check: lint ## lint, and what needs no server, each property on 40 examples: two minutes
	EXAMPLES_AT_MOST=40 $(PYTEST) -m "not long and not alone and not files" $(PURE)

test: setup ## all tests but the long ones; those that need Kafka or PostgreSQL say so where it is missing
	$(PYTEST) -m "not long and not alone" --ignore=tests/kafka
	$(SERVED) -m "not long and not alone"

test-long: setup ## what takes longer: small storms, more worlds, rubbish, validators, the bench
	$(PYTEST) -m "long and not alone"
	$(BIN)/pytest -m alone tests/kafka

storm: setup ## let all fail that can, then verify; N= contracts KILLS= SEED= ON=postgres|sqlite LOSE=--lose
	$(BIN)/python -m tests.kafka.storm --contracts $(N) --kills $(KILLS) --seed $(SEED) --database $(ON) $(LOSE)

simulate: setup ## worlds on one thread in which anything may fail; SEEDS= how many, FROM= the first
	$(BIN)/python -m tests.simulation --seeds $(SEEDS) --from $(FROM)

planted: setup ## plant bugs in a copy, one by one, and say what caught each; BUG= a word of its name
	$(BIN)/python -m tests.planted $(BUG)

poison: setup ## serve a service N= spoiled records over a real store; SEED= (a million takes a quarter of an hour)
	$(BIN)/python -m tests.poison.feast --number $(N) --seed $(SEED)

outside: setup ## let tools of others look at schemas, records, metrics, rules, image; what cannot be had is skipped
	$(BIN)/python -m tests.outside $(TOOL)

bench: setup ## measure on this machine, a quarter of an hour; BENCH="dunning usage latency million billing documents stages backlog"; out/bench.json
	$(BIN)/python -m bench $(BENCH) --out out/bench.json

lint: setup ## check style, types, import contracts and sizes
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest tests/test_tidy.py

kafka: ## start a real Kafka on loopback (Docker, else jars); KAFKA_PORT=, KAFKA_BY=docker|jars
	@$(PYTHON) deploy/kafka/broker.py start --port $(KAFKA_PORT) --by $(KAFKA_BY)

kafka-stop: ## stop the Kafka that make kafka started; its data is kept
	@$(PYTHON) deploy/kafka/broker.py stop

format: setup ## put the code into the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

requirements: setup ## pin what pyproject.toml asks for, with hashes
	$(BIN)/python -m pip install -q uv
	$(BIN)/uv pip compile -q -U --universal --python-version 3.11 --generate-hashes --no-header \
	  -o requirements/runtime.txt pyproject.toml
	$(BIN)/uv pip compile -q -U --universal --python-version 3.11 --generate-hashes --no-header \
	  --group dev -o requirements/dev.txt pyproject.toml

clean: ## remove what can be made again
	rm -rf .venv .mypy_cache .ruff_cache .import_linter_cache .hypothesis out
