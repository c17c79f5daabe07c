# Two commands for a fresh machine with Python 3.11 to 3.13: make demo, make test.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
ARTICLES ?= seeds/demo
RESULTS ?= demo/results

.PHONY: demo test slow lint lock train docs clean

# Install what the lock file says, and framing itself in place.
$(BIN)/framing: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# The main job: how each outlet frames the relations between states.
# Your own articles: make demo ARTICLES=folder-or-file
demo: $(BIN)/framing
	$(BIN)/framing score $(ARTICLES) -o $(RESULTS)

test: $(BIN)/framing
	$(BIN)/python -m pytest -n auto -m "not slow"

slow: $(BIN)/framing
	$(BIN)/python -m pytest -n auto

lint: $(BIN)/framing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/check_docs.py

# Retrain the shipped model from the labels in labels/.
train: $(BIN)/framing
	$(BIN)/framing train

# Write the pages that are made from data: the codebook, the commands.
docs: $(BIN)/framing
	$(BIN)/python tools/check_docs.py --write

lock:
	uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url -o requirements.lock

clean:
	rm -rf $(VENV) demo results .pytest_cache .mypy_cache .ruff_cache .hypothesis
