# Two commands for a fresh machine with Python 3.11 to 3.13: make demo, make test.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
ARTICLES ?= seeds/demo
RESULTS ?= demo/results

.PHONY: demo test test-arrays slow lint lock train docs picture clean

ARRAYS := tests/test_bulk.py tests/test_classifier.py tests/test_trust.py tests/test_training.py tests/test_native.py
KERNEL := hatch_build.py $(wildcard framing/native/*.[ch]) framing/native/build.py

# Install what the lock file says, and framing itself in place; with a C compiler its
# kernel is built too.
$(BIN)/framing: requirements.lock pyproject.toml $(KERNEL)
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

# What the kernel does, done with arrays: as on a machine without a C compiler.
test-arrays: $(BIN)/framing
	FRAMING_NO_KERNEL=1 $(BIN)/python -m pytest -n auto -m "not slow" $(ARRAYS)

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

# Write the pages that are made from data, and what commands print in the others.
docs: $(BIN)/framing
	$(BIN)/python tools/check_docs.py --write

# Draw the picture of the report in the README; needs Chromium.
picture: $(BIN)/framing
	$(BIN)/python tools/make_picture.py

lock:
	uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url -o requirements.lock

clean:
	rm -rf $(VENV) framing/native/_kernel.so demo results .pytest_cache .mypy_cache .ruff_cache .hypothesis
