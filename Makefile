# Everything a person or a machine does here is one of these; `make help` lists them.
PYTHON ?= python3
BIN := .venv/bin
KAFKA_PORT ?= 19092
KAFKA_BY ?= auto

.PHONY: help setup demo test lint format kafka kafka-stop requirements clean
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

test: setup ## run all tests; those that need Kafka or PostgreSQL say so where it is missing
	$(BIN)/pytest

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
