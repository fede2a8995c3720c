# make run     the program with an embedded port and a demo card
# make test    everything that CI runs; as root it first installs the real parts that tests use
# make check   the same without installing anything
# make help    all targets

SHELL := /bin/bash
.DEFAULT_GOAL := run
.NOTPARALLEL:

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PACKAGES := jiacha_tui screens db
PIP_INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check --no-input --only-binary :all: --require-hashes
UV := uv==0.13.9
WORKERS ?= 3

# A Python that was replaced leaves a .venv that looks finished and cannot import anything: make it again.
$(shell [ ! -e $(VENV)/run.stamp ] || $(PY) -c 'import click' 2>/dev/null || rm -f $(VENV)/*.stamp)

.PHONY: run
run: $(VENV)/run.stamp  ## start the program with an embedded port and a demo card
	@$(PY) -m jiacha_tui --demo

.PHONY: test
test: parts check  ## install the real parts that tests use (as root), then check

.PHONY: check
check: lint pytest  ## format, lint, types, import directions, tests

.PHONY: parts
parts: $(VENV)/dev.stamp
	@$(PY) -m tests.install_parts
	@[ ! -e /usr/include/PCSC/winscard.h ] || $(MAKE) --no-print-directory $(VENV)/card.stamp

.PHONY: lint
lint: $(VENV)/dev.stamp  ## format, lint, types, import directions, names
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy $(PACKAGES) tests docs bench
	$(PY) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()' --no-cache
	$(PY) -m tests.class_names

.PHONY: pytest
pytest: $(VENV)/dev.stamp  ## the tests alone; TESTS="tests/db -x" narrows them, WORKERS=0 runs them in one process
	$(PY) -m pytest --numprocesses=$(WORKERS) --dist=worksteal $(TESTS)

.PHONY: torture
torture: $(VENV)/dev.stamp  ## the main job with every fault of the port at every call; a quarter to half an hour
	TORTURE=whole $(PY) -m pytest --numprocesses=$(WORKERS) --dist=worksteal tests/torture

.PHONY: faults
faults: $(VENV)/dev.stamp  ## the main job with an error of the disk, or a kill, at every write; some hours
	IO_FAULTS=whole $(PY) -m pytest --numprocesses=$(WORKERS) --dist=worksteal tests/io_faults

.PHONY: kills
kills: $(VENV)/dev.stamp  ## kill the program in a terminal 200 times and start it again; half an hour
	KILLS=200 $(PY) -m pytest --numprocesses=$(WORKERS) --dist=worksteal tests/kills

.PHONY: fuzz
fuzz: $(VENV)/dev.stamp  ## ten thousand inputs that no keyboard sends, into the program in a terminal; an hour
	INPUT_FUZZ=10000 $(PY) -m pytest -o faulthandler_timeout=0 tests/terminal/test_hostile_input.py

.PHONY: pictures
pictures: $(VENV)/dev.stamp  ## play the main job without a terminal, save a picture of every screen; the manual's tables
	$(PY) -m docs.make_pictures
	$(PY) -m docs.manual_tables

.PHONY: bench
bench: $(VENV)/dev.stamp  ## print what the program costs in time and bytes
	$(PY) -m bench

.PHONY: lock
lock:  ## pin the newest versions that pyproject.toml allows
	$(PYTHON) -m venv $(VENV)/lock && $(VENV)/lock/bin/python -m pip install --quiet $(UV)
	cd $(CURDIR) && for lock in "requirements.lock pyproject.toml" "requirements-dev.lock pyproject.toml --group dev" \
	    "requirements-card.lock --group card"; do \
	  CUSTOM_COMPILE_COMMAND='make lock' UV_CUSTOM_COMPILE_COMMAND='make lock' \
	  $(VENV)/lock/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-emit-find-links --output-file $$lock || exit; \
	done

.PHONY: clean
clean:  ## remove what make and the tools have made; the program's own data stay
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find $(PACKAGES) tests docs bench -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help
help:
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

# Set-up. The checkout is put on the path relative to .venv, so both may be moved together; packages are compiled to bytecode
# here because the first start would spend most of its time on that.
$(VENV)/run.stamp: requirements.lock
	@command -v $(PYTHON) >/dev/null || { echo 'Python is missing: apt install python3 python3-venv'; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or later is needed, $$($(PYTHON) -V 2>&1) was found: make run PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo 'venv is missing: apt install python3-venv'; exit 1; }
	@echo 'Setting up .venv, once; a minute or so.'
	@$(PY) -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@$(PIP_INSTALL) --requirement requirements.lock
	@$(PY) -c 'import pathlib, sysconfig; pathlib.Path(sysconfig.get_path("purelib"), "jiacha.pth").write_text("../../../..\n")'
	@printf '#!/bin/sh\nexec "$$(dirname "$$(readlink -f "$$0")")/python" -m jiacha_tui "$$@"\n' >$(VENV)/bin/jiacha
	@chmod +x $(VENV)/bin/jiacha
	@$(PY) -m compileall -q $(PACKAGES)
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock $(VENV)/run.stamp
	@echo 'Adding the development tools to .venv.'
	@$(PIP_INSTALL) --requirement requirements-dev.lock
	@touch $@

# pyscard has no wheel for Linux. It is built with what the development lock pins, not with what pip would fetch for it.
$(VENV)/card.stamp: requirements-card.lock $(VENV)/dev.stamp
	@echo 'Building pyscard for the tests with card readers.'
	@PATH="$(CURDIR)/$(VENV)/bin:$$PATH" $(PIP_INSTALL) --no-binary pyscard --no-build-isolation --requirement requirements-card.lock
	@touch $@
