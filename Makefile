# Needs make and Python 3.11 or newer, nothing else by hand: all that is installed goes into .venv.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# torch's build for machines without a graphics card is a tenth of the usual one. It is a place of its own:
#   make demo TORCH_INDEX=https://download.pytorch.org/whl/cpu
TORCH_INDEX ?=
FROM := --constraint constraints.txt $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX))
# Where two say what is wanted, a change in either installs again.
WANTED := pyproject.toml constraints.txt

.PHONY: help demo test test-slow test-all test-plain audit mixed rates bench wheel clean
.DELETE_ON_ERROR:

help:
	@echo "make demo   grade a made-up class and show where the reports are"
	@echo "make test   check style, types, import floors, and behaviour as far as no kernel is needed"
	@echo "make test-all  that, and what starts kernels (make test-slow); STRICT=1 allows no skips"
	@echo "make test-plain  as the superuser: try the walls around kernels as a plain user as well"
	@echo "make audit  grade the whole bank of each lesson: is the rubric fair? (some minutes); SAMPLE=60 so many of each"
	@echo "make mixed  grade notebooks composed of the bank: how often is the grader wrong? MIXED=2000 so many of each lesson"
	@echo "make rates  that with 2000, the figures written down, and docs/error-rates.md made of them (some 12 minutes a lesson)"
	@echo "make bench  what grading costs, here and with other graders (some 12 minutes, on a quiet machine)"
	@echo "make wheel  build what students install, try it in fresh environments, and say how to host it"
	@echo "make clean  remove .venv and build"

demo: $(VENV)/ready-to-run
	@scripts/debian-packages "kernels are shut in less well, or not at all" bubblewrap
	@$(BIN)/python -m demo.run

PYTEST := $(BIN)/pytest $(if $(STRICT),--strict-environment)

test: $(VENV)/ready-to-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy
	$(PYTEST) --ignore tests/slow

# What starts kernels, or takes a machine's measure.
test-slow: $(VENV)/ready-to-test
	$(PYTEST) tests/slow

test-all: test test-slow

# For the superuser, whose tests cannot show what becomes of a user without any privilege.
test-plain:
	scripts/test-as-plain-user $(TESTS)

audit: $(VENV)/ready-to-run
	@$(BIN)/grader audit --seeds $(or $(SEEDS),1) \
	  $(if $(SAMPLE),--sample $(SAMPLE) --drawn-by "$(COMMIT)")

# Drawn by the commit: each finds others, and the same ones when it is looked at again.
COMMIT = $(shell git rev-parse HEAD 2>/dev/null)

mixed: $(VENV)/ready-to-run
	@$(BIN)/grader audit --mixed $(or $(MIXED),60) --drawn-by "$(COMMIT)"

rates: $(VENV)/ready-to-run
	@$(BIN)/grader audit --mixed $(or $(MIXED),2000) --drawn-by "$(COMMIT)" --write
	@$(BIN)/grader rates --docs docs

# Whom we are compared with, and on how many of the class in each round: they need seconds apiece.
BENCH_CLASS ?= 60
BENCH_ROUNDS ?= 2
BENCH_PEERS ?= nbgrader:10 otter:5 nbclient:5 floor
# The floor runs in nbclient's environment.
BENCH_READY = $(patsubst %,build/bench/%/ready,$(sort $(subst floor,nbclient,\
  $(foreach peer,$(BENCH_PEERS),$(firstword $(subst :, ,$(peer)))))))

bench: $(VENV)/ready-to-run $(BENCH_READY)
	@$(BIN)/python -m benchmarks.run --class $(BENCH_CLASS) --rounds $(BENCH_ROUNDS) $(BENCH_PEERS)

build/bench/%/ready: benchmarks/requirements/%.txt | $(BIN)/python
	@echo "Installing $* into build/bench/$* (some minutes, once) ..."
	@$(BIN)/python -m venv build/bench/$*
	@build/bench/$*/bin/python -m pip --disable-pip-version-check --quiet install --requirement $<
	@touch $@

wheel: $(VENV)/ready-to-run
	@scripts/try-wheel $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX))

clean:
	rm -rf $(VENV) build

$(VENV)/ready-to-run: $(WANTED) | $(BIN)/python
	@echo "Installing the grader into $(VENV) (the first time takes a few minutes) ..."
	@$(PIP) install $(FROM) --editable ".[class,packages,zh,demo]"
	@touch $@

$(VENV)/ready-to-develop: $(WANTED) | $(BIN)/python
	@echo "Installing the grader and its tools into $(VENV) (the first time takes a few minutes) ..."
	@$(PIP) install $(FROM) --editable ".[class,packages,zh,demo,dev,cluster]"
	@touch $(VENV)/ready-to-run $@

.PHONY: $(VENV)/ready-to-test
$(VENV)/ready-to-test: $(VENV)/ready-to-develop
	@scripts/debian-packages "the gradebook is not tested on PostgreSQL" postgresql
	@scripts/debian-packages "sealed rooms are not tested" bubblewrap
	@scripts/debian-packages "the tests of pages in a browser are skipped" chromium fonts-noto-cjk

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
