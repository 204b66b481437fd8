# Everything a contributor runs. `make help` lists it.

SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= python3
GOAL := $(or $(MAKECMDGOALS),install)
BIN := .venv/bin
INSTALLED := .venv/.installed
# More processes than cores: many tests wait for others' answers.
PYTEST := $(BIN)/python -m pytest --numprocesses 4 --dist worksteal
# Whatever the environment says, modules are compiled once, not by each of the many processes that tests start.
unexport PYTHONDONTWRITEBYTECODE
MANAGE := $(BIN)/python manage.py
PRODUCTION := DEBUG=0 SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))') \
  ALLOWED_HOSTS=mirror.example PEERTUBE_SYNC_SITE_URL=https://mirror.example PEERTUBE_SYNC_CONTACT=admin@mirror.example

.PHONY: help
help: ## list these targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | awk -F '\t' '{ printf "  make %-10s %s\n", $$1, $$2 }'

.venv: ## (created by install)
	@command -v '$(PYTHON)' >/dev/null || { \
	  echo "There is no $(PYTHON). Python 3.11 or newer is needed: make $(GOAL) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) --version 2>&1 | head -n 1)." \
	       "Name another one: make $(GOAL) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; \
	  echo "Could not create .venv with $(PYTHON) (on Debian and Ubuntu: apt install python3-venv)." >&2; exit 1; }

$(INSTALLED): pyproject.toml requirements.txt | .venv
	@echo "Installing into .venv (details in .venv/install.log) ..."
	@rm -f .venv/install.log
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --log .venv/install.log \
	  --constraint requirements.txt --editable '.[dev]' >/dev/null 2>&1 || { \
	  echo "Installing failed: $$(sed -n 's/.*ERROR: *//p' .venv/install.log | head -n 1)." \
	       "Is there a network, and an index that pip may use? The details: .venv/install.log" >&2; exit 1; }
	@touch $@

.PHONY: install
install: $(INSTALLED) ## create .venv with everything that tests, lint and demo need

.PHONY: demo
demo: $(INSTALLED) ## mirror a sandbox and serve it (INSTANCE=https://… PORT=8000 SANDBOX_PORT=9000 SANDBOX_VERSION=6.3.0 VIDEOS=2000 KEEP=1)
	@$(BIN)/python -m project.demo

.PHONY: test
test: $(INSTALLED) ## run the tests on SQLite, then on PostgreSQL
	@echo "== tests on SQLite"
	@$(PYTEST)
	@echo "== tests on PostgreSQL"
	@$(PYTEST) --database postgres

.PHONY: pages
pages: $(INSTALLED) ## carry out every command and snippet of README and docs in fresh projects
	@$(PYTEST) -m pages tests/docs

.PHONY: docs
docs: $(INSTALLED) ## make the documentation a site, in build/docs; a link that leads nowhere is an error
	@$(BIN)/python -m sphinx --builder html --conf-dir docs --doctree-dir build/doctrees --fail-on-warning --keep-going --quiet . build/docs
	@echo "The documentation is at build/docs/index.html"

.PHONY: fresh
fresh: $(INSTALLED) ## install as others do, into fresh environments: each extra, the app alone, the README in projects of three kinds
	@$(BIN)/python -m pytest --numprocesses 2 --dist worksteal -m fresh -o faulthandler_timeout=2400 tests/docs tests/test_installs.py

.PHONY: browser
browser: $(INSTALLED) ## look at the pages in Chromium, as people and as attackers do (skipped where there is none)
	@$(BIN)/python -m pytest -m browser tests/proofs/browser

.PHONY: lighthouse
lighthouse: $(INSTALLED) ## ask Lighthouse about home, list and video on a phone, median of five (needs Chromium, Node 20, the network, a quiet machine)
	@$(BIN)/python -m tests.proofs.browser.lighthouse

.PHONY: hosts
hosts: $(INSTALLED) ## run the tests in projects with a content management system, each by itself
	@for database in sqlite postgres; do for host in wagtail cms; do echo "== $$host on $$database"; \
	  $(PYTEST) --database $$database --host $$host tests/hosts/$$host || exit 1; done; done

.PHONY: clients
clients: $(INSTALLED) ## read a mirror with clients that others wrote (WORLD=… PEERTUBE_OPENAPI=…; some need node and the network)
	@$(BIN)/python -m pytest -m clients tests/clients

PROVE := $(BIN)/python -m tests.proofs.convergence

.PHONY: churn
churn: $(INSTALLED) ## prove that the copy converges under changes (SEEDS=10 VIDEOS=5000 CHANGES=2000 DATABASE=sqlite BELL=1)
	@$(PROVE) churn --seeds $(or $(SEEDS),10) --videos $(or $(VIDEOS),5000) --changes $(or $(CHANGES),2000) \
	  --database $(or $(DATABASE),sqlite) $(if $(BELL),--bell)

.PHONY: bell
bell: $(INSTALLED) ## prove that what changes at a source is here in 3 seconds where it rings, with --watch and with Celery (CHANGES=500 RATE=1 LIMIT=50)
	@for by in watch celery; do $(PROVE) bell --by $$by --changes $(or $(CHANGES),500) --rate $(or $(RATE),1) \
	  --limit $(or $(LIMIT),0) || exit 1; done

.PHONY: flood
flood: $(INSTALLED) ## prove that neither junk nor views by the thousand make the site slow (wants a quiet machine)
	@$(PROVE) flood

.PHONY: idle
idle: $(INSTALLED) ## prove how little an instance is asked whose bell is proven and where nothing changes (VIDEOS=5000 DATABASE=sqlite)
	@$(PROVE) idle --videos $(or $(VIDEOS),5000) --database $(or $(DATABASE),sqlite)

.PHONY: chaos
chaos: $(INSTALLED) ## prove it under crashes of workers, PostgreSQL and Redis (KILLS=100 RESTARTS=5 VIDEOS=3000)
	@$(PROVE) chaos --kills $(or $(KILLS),100) --restarts $(or $(RESTARTS),5) --videos $(or $(VIDEOS),3000)

.PHONY: refresh
refresh: $(INSTALLED) ## prove that a killed refresh of a login leaves it good, or says so (KILLS=50 DATABASE=sqlite)
	@$(PROVE) refresh --kills $(or $(KILLS),50) --database $(or $(DATABASE),sqlite)

.PHONY: memory
memory: $(INSTALLED) ## prove that a second walk writes nothing and needs no more memory (VIDEOS="10000 100000")
	@$(PROVE) memory --videos $(or $(VIDEOS),10000 100000)

.PHONY: pictures
pictures: $(INSTALLED) ## prove that killed fetches of pictures leave none that is broken (KILLS=50 DATABASE=sqlite)
	@$(PROVE) pictures --kills $(or $(KILLS),50) --database $(or $(DATABASE),sqlite)

.PHONY: room
room: $(INSTALLED) ## prove that pictures keep within their room whatever changes and whoever looks (VIDEOS=200 TURNS=400 DATABASE=sqlite)
	@$(PROVE) room --videos $(or $(VIDEOS),200) --turns $(or $(TURNS),400) --database $(or $(DATABASE),sqlite)

.PHONY: cold
cold: $(INSTALLED) ## prove that a page without pictures answers at once, and has them soon (wants a quiet machine)
	@$(PROVE) cold

.PHONY: removals
removals: $(INSTALLED) ## prove that what goes is hidden at once, and removed under kills (VIDEOS=200000 KILLS=20)
	@$(PROVE) removals --videos $(or $(VIDEOS),200000) --kills $(or $(KILLS),20)

.PHONY: visitors
visitors: $(INSTALLED) ## prove that videos whose details aren't read yet can't stall the site, however many are asked for (VISITORS=200)
	@$(PROVE) visitors --visitors $(or $(VISITORS),200)

.PHONY: hostile
hostile: $(INSTALLED) ## prove that made-up pages and details break nothing (EXAMPLES=5000 of each)
	@for database in sqlite postgres; do echo "== hostile answers on $$database"; \
	  HOSTILE_EXAMPLES=$(or $(EXAMPLES),5000) $(BIN)/python -m pytest -q -o faulthandler_timeout=0 \
	  --database $$database tests/sync/test_hostile.py || exit 1; done

.PHONY: questions
questions: $(INSTALLED) ## prove that no hostile question breaks the site or costs much (VIDEOS=20000 DATABASE=sqlite)
	@$(PROVE) questions --videos $(or $(VIDEOS),20000) --database $(or $(DATABASE),sqlite)

.PHONY: audit
audit: $(INSTALLED) ## ask whether the pinned dependencies have known vulnerabilities (needs the network)
	@$(BIN)/python -m tests.support.dependency_audit

.PHONY: bench
bench: $(INSTALLED) ## measure, and write docs/benchmarks.md (SECTIONS="ingest reads" SCALE=0.1 OLD=766e7aa; wants hours on a quiet machine)
	@SCALE=$(or $(SCALE),0.1) $(BIN)/python -m tests.proofs.bench $(SECTIONS)

.PHONY: fediverse
fediverse: $(INSTALLED) ## mirror a fediverse, then watch it for a simulated hour (SCALE=0.1; 1 is 1,764 hosts, 909,000 videos)
	@$(BIN)/python -m tests.proofs.bench.fediverse --scale $(or $(SCALE),0.1)

PICTURES := $(if $(ALL),build/screenshots,docs/images)

.PHONY: smoke
smoke: $(INSTALLED) ## start the demo on free ports, look at its pages, stop it
	@$(BIN)/python -m pytest -m smoke tests/test_demo.py

.PHONY: screenshots
screenshots: $(INSTALLED) ## take the pictures of the documentation again (ALL=1: every page and content on all screens, into build/screenshots)
	@mkdir -p $(PICTURES)
	@$(BIN)/python -m tests.proofs.browser.$(if $(ALL),every_page,screenshots) $(PICTURES)

.PHONY: messages
messages: $(INSTALLED) ## collect the words to be translated, and compile their translations (needs gettext)
	@cd peertube_sync && ../$(BIN)/python -m django makemessages --no-obsolete --no-wrap --add-location file -l de -l fr -l es
	@cd peertube_sync && ../$(BIN)/python -m django compilemessages

.PHONY: examples
examples: $(INSTALLED) ## write the examples of the OpenAPI document anew: what is answered about a recorded catalogue
	@WRITE_EXAMPLES=1 $(BIN)/python -m pytest --quiet tests/api/test_examples.py

.PHONY: lint
lint: $(INSTALLED) ## check style, types, import contracts, migrations and the settings of production
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	DEBUG=1 $(BIN)/mypy
	$(BIN)/lint-imports
	DEBUG=1 $(MANAGE) makemigrations --check --dry-run
	$(PRODUCTION) $(MANAGE) check --deploy --fail-level WARNING

.PHONY: format
format: $(INSTALLED) ## let ruff correct what it can
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

.PHONY: matrix
matrix: $(INSTALLED) ## run the tests on every Python found, with Django 5.2 and the newest it allows
	@$(BIN)/nox

.PHONY: clean
clean: ## remove what the other targets made
	rm -rf .venv .nox .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .schemathesis build dist staticfiles
	rm -f demo.log demo.sqlite3 demo.sqlite3-shm demo.sqlite3-wal
