# make demo    installs the package into .venv and runs the demo; again, it recomputes nothing
# make test    runs every test and check
# make quick   runs the checks, the tests that need no TensorFlow, and the demo's commands in small
# make faults  tries every fault on a sweep, and other long cases of which make test has a few
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

# Files that take long come first (tests/conftest.py), so that no worker is left with them. Many
# tests wait for other processes: on two cores three workers take 792 s where two take 981.
PYTEST = $(BIN)/python -m pytest --numprocesses=3 --dist=loadfile --no-loadscope-reorder
QUICK := $(wildcard tests/test_*.py $(patsubst %,tests/%/test_*.py,\
  analysis config connectivity figures log perturbation pruning store sweep))
SLOW := tests/test_packaging.py tests/store/test_plan.py tests/store/test_store*.py
# One of each command's rows, which takes all of the way from a gin file to a log.
END_TO_END := $(addprefix tests/integration/test_commands.py::test_,rows_of_train rows_of_imp \
  rows_of_instability a_row_is_the_measurement_in_the_store)

# Another environment's packages must not be mixed into this one; and without .pyc files every
# process that is started would compile the package anew.
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV PYTHONDONTWRITEBYTECODE

.PHONY: demo test quick faults check install install-test clean

demo: install
	$(BIN)/lth-imp --gin_file=gin/demo/imp.gin --workdir=$(RUNS)
	$(BIN)/lth-instability --gin_file=gin/demo/instability.gin --workdir=$(RUNS)
	@echo "The commands above are in $(BIN): type '. $(BIN)/activate' first."

test: check
	$(PYTEST)

quick: check
	$(PYTEST) $(filter-out $(wildcard $(SLOW)),$(QUICK)) $(END_TO_END)

faults: install-test
	$(PYTEST) -m faults tests

check: install-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy lth_tf scripts

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
