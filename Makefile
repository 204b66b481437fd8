# Everything a contributor runs. `make help` lists it.

SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed

.PHONY: help
help: ## list these targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | awk -F '\t' '{ printf "  make %-10s %s\n", $$1, $$2 }'

.venv: ## (created by install)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) --version 2>&1 | head -n 1)." \
	       "Name another one: make $(or $(MAKECMDGOALS),install) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; \
	  echo "Could not create .venv with $(PYTHON) (on Debian and Ubuntu: apt install python3-venv)." >&2; exit 1; }

$(INSTALLED): pyproject.toml requirements.txt | .venv
	@echo "Installing into .venv (details in .venv/install.log) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --log .venv/install.log \
	  --constraint requirements.txt --editable '.[dev]' >/dev/null 2>.venv/install.err || { \
	  echo "Installing failed: $$(grep -i 'error' .venv/install.err | tail -n 1)." \
	       "Is there a network, or an index that pip may use? All of it: .venv/install.log" >&2; exit 1; }
	@touch $@

.PHONY: install
install: $(INSTALLED) ## create .venv with everything that tests, lint and demo need

.PHONY: demo
demo: $(INSTALLED) ## mirror a sandbox and serve it (INSTANCE=https://… PORT=8000 SANDBOX_PORT=9000 VIDEOS=2000 KEEP=1)
	@$(BIN)/python -m project.demo
