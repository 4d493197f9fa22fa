# make demo    installs the package into .venv and runs the demo; again, it recomputes nothing
# make test    runs every test and check
# make clean   removes what these two made
#
# Nothing has to be activated: all that is used lies in .venv.

VENV := .venv
BIN := $(VENV)/bin
RUNS := runs/demo
PIP := $(BIN)/python -m pip --disable-pip-version-check

# What TensorFlow 2.21 comes for; the first that fits makes .venv.
PYTHONS := python3 python3.13 python3.12 python3.11
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))

# Another environment's packages must not be mixed into this one.
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV

.PHONY: demo test install install-test clean

demo: install
	$(BIN)/lth-imp --gin_file=gin/demo/imp.gin --workdir=$(RUNS)
	$(BIN)/lth-instability --gin_file=gin/demo/instability.gin --workdir=$(RUNS)
	@echo "The commands above are in $(BIN): type '. $(BIN)/activate' first."

test: install-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy lth_tf scripts
	$(BIN)/python -m pytest --numprocesses=2 --dist=loadfile

install: $(VENV)/installed
install-test: $(VENV)/installed-test

$(BIN)/python:
	@for python in $(PYTHONS); do \
	  if $$python -c '$(FITS)' 2>/dev/null; then \
	    $$python -m venv $(VENV) || { rm -rf $(VENV); exit 2; }; exit; \
	  fi; \
	done; \
	echo "error: Python 3.11, 3.12 or 3.13 is needed; found: $$(python3 --version 2>&1)" >&2; \
	exit 2

$(VENV)/installed: setup.py pyproject.toml | $(BIN)/python
	@echo "Installing the package and what it needs into $(VENV); this takes a few minutes."
	@$(PIP) install --quiet --editable .
	@touch $@

$(VENV)/installed-test: setup.py pyproject.toml | $(BIN)/python
	@echo "Installing the package and what its tests need into $(VENV); this takes a few minutes."
	@$(PIP) install --quiet --editable '.[test]'
	@touch $@ $(VENV)/installed

clean:
	rm -rf $(VENV) $(RUNS) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
