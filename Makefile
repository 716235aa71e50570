# Needs make and Python 3.11 or newer, nothing else by hand: all that is installed goes into .venv.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# Where two say what is wanted, a change in either installs again.
WANTED := pyproject.toml constraints.txt

.PHONY: help demo test audit clean
.DELETE_ON_ERROR:

help:
	@echo "make demo   grade a made-up class and show where the reports are"
	@echo "make test   check style, types, import floors and behaviour; STRICT=1 allows no skips"
	@echo "make audit  grade the whole bank of each lesson: is the rubric fair? (some minutes)"
	@echo "make clean  remove .venv"

demo: $(VENV)/ready-to-run
	@$(BIN)/python -m demo.run

test: $(VENV)/ready-to-develop
	@scripts/debian-packages "the tests of pages in a browser are skipped" chromium fonts-noto-cjk
	@scripts/debian-packages "the gradebook is not tested on PostgreSQL" postgresql
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/pytest $(if $(STRICT),--strict-environment)

audit: $(VENV)/ready-to-run
	@$(BIN)/grader audit --seeds $(or $(SEEDS),1)

clean:
	rm -rf $(VENV)

$(VENV)/ready-to-run: $(WANTED) | $(BIN)/python
	@echo "Installing the grader into $(VENV) (the first time takes a few minutes) ..."
	@$(PIP) install --constraint constraints.txt --editable ".[zh,demo]"
	@touch $@

$(VENV)/ready-to-develop: $(WANTED) | $(BIN)/python
	@echo "Installing the grader and its tools into $(VENV) (the first time takes a few minutes) ..."
	@$(PIP) install --constraint constraints.txt --editable ".[zh,demo,dev,cluster]"
	@touch $(VENV)/ready-to-run $@

# The Python that everything is tested with, else a newer one; Debian keeps ensurepip in a package of its own.
$(BIN)/python:
	@for python in $(PYTHON) python3.11 python3.12 python3.13 python3; do \
	  if "$$python" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "Making $(VENV) with $$("$$python" --version) ..."; \
	    exec "$$python" -m venv --clear $(VENV); \
	  fi; \
	done; \
	echo "No Python 3.11 or newer that can make an environment was found." >&2; \
	echo "On Debian: apt-get install python3-venv. Or name one: make PYTHON=/path/to/python." >&2; \
	exit 1
