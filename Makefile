# Every target needs only Python ≥ 3.11; the environment is made once and used again.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: help install check test demo readme lock clean

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

install: $(READY)  ## make the environment from the hashed lock

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Pagetrail needs Python 3.11 or newer; set PYTHON=…"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing the locked packages (a few minutes the first time) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

check: install  ## lint, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: check  ## the whole suite
	$(BIN)/pytest -n 2 --dist worksteal

demo: install  ## make a packet, classify it, show the result
	@rm -rf demo/out demo/home
	@$(BIN)/pagetrail synth --packets 1 --seed 7 --out demo/data
	@PAGETRAIL_HOME=demo/home $(BIN)/pagetrail classify demo/data/packets/*.pdf --out demo/out; \
	status=$$?; test $$status -eq 0 -o $$status -eq 10

readme: install  ## write the generated parts of the documents anew
	$(BIN)/python -P tests/test_house.py

lock: install  ## pin again after a change of pyproject.toml (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --group dev pyproject.toml -o requirements.lock

clean:  ## remove what the targets made
	rm -rf .venv demo
