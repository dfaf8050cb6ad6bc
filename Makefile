# Every target that needs the environment creates it: Python 3.11+ and a network are enough.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PY := .venv/bin/python
STAMP := .venv/.synced
CODE := $(wildcard packages scripts tests benchmarks examples)
DOCS ?=
PKG ?=
NAME ?=
VERSION ?=
WORKERS ?= auto
ARGS ?=
SERVICES ?= redis postgres rabbitmq mariadb

# Two BLAS threads on two busy cores run ten times slower than one.
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1
export MKL_NUM_THREADS := 1

.PHONY: help setup demo demo-sql test test-one lint format types docs check bench services house lock \
        new-store new-package release clean

help: ## Show this list
	@printf 'racto: make <target> [VARIABLE=value]\n\n'
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) \
	    | sed -E 's/^([a-z-]+):[^#]*## (.*)/\1\t\2/' \
	    | while IFS=$$'\t' read -r target text; do printf '  %-12s %s\n' "$$target" "$$text"; done
	@printf '\nStart with: make demo\n'

$(STAMP): uv.lock pyproject.toml $(wildcard packages/*/pyproject.toml) scripts/environment
	@scripts/environment

setup: $(STAMP) ## Create or refresh .venv with every package, extra and development tool

demo: $(STAMP) ## Ingest, search and answer on real documents, offline (DOCS=folder adds your own)
	@$(PY) scripts/demo.py --docs "$(DOCS)"

demo-sql: $(STAMP) ## Ask a small shop's database four questions, offline and without a key
	@$(PY) -c "import sys; from racto.pipelines.sql_analyst.command import main; sys.exit(main(['demo']))"

test: $(STAMP) ## Run every test (WORKERS=0 for one process, ARGS="-k name" to choose)
	@UV="$$(scripts/environment --uv)" $(PY) -m pytest -n $(WORKERS) --dist loadgroup $(ARGS)

test-one: $(STAMP) ## Test one package in an environment with only its own dependencies (PKG=racto-rag)
	@UV="$$(scripts/environment --uv)" $(PY) scripts/isolated.py "$(PKG)" $(ARGS)

lint: $(STAMP) ## Check style and formatting with ruff, and that every file was seen
	@$(PY) scripts/check.py lint

format: $(STAMP) ## Reformat, and repair what ruff can repair by itself
	@$(PY) -m ruff check --fix --quiet $(CODE) || true
	@$(PY) -m ruff format $(CODE)

types: $(STAMP) ## Check types with mypy strict, and that every file was seen
	@$(PY) scripts/check.py types

house: $(STAMP) ## Run all laws of the house, built wheels included
	@UV="$$(scripts/environment --uv)" $(PY) -m pytest tests/house $(ARGS)

check: lint types ## What to run before a commit: lint, types, and the tests that are not slow
	@UV="$$(scripts/environment --uv)" $(PY) -m pytest -n $(WORKERS) --dist loadgroup -m "not slow" $(ARGS)

docs: $(STAMP) ## Build the documentation site into site/, strictly
	@NO_MKDOCS_2_WARNING=1 UV_PROJECT_ENVIRONMENT=.cache/docs "$$(scripts/environment --uv)" run --quiet --frozen \
	    --only-group docs mkdocs build --strict

bench: $(STAMP) ## Measure against peers, print one table, write benchmarks/results (PKG=racto-rag for one)
	@UV="$$(scripts/environment --uv)" $(PY) -m benchmarks $(PKG) $(ARGS)

services: $(STAMP) ## Start real back ends for tests where they are not running (SERVICES="redis")
	@scripts/services start $(SERVICES)

lock: ## Resolve the dependencies again and write uv.lock
	@"$$(scripts/environment --uv)" lock

new-store: $(STAMP) ## Write a complete new store package that keeps its contract (NAME=lance)
	@$(PY) scripts/new_package.py store "$(NAME)" && $(MAKE) lock

new-package: $(STAMP) ## Write a complete new package (NAME=tracing)
	@$(PY) scripts/new_package.py plain "$(NAME)" && $(MAKE) lock

release: $(STAMP) ## Rehearse a release; ARGS=--write performs it (PKG=racto-core VERSION=0.2.0)
	@UV="$$(scripts/environment --uv)" $(PY) scripts/release.py "$(PKG)" "$(VERSION)" $(ARGS)

clean: ## Remove everything that was built or installed here, .venv and .tools included
	@rm -rf .venv .tools .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis dist build site
	@find packages scripts tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
