# The commands that are used often. `make` without arguments lists them.

PYTHON_BIN := .venv/bin/python
PYTEST_ARGS ?=
CHAOS_ARGS ?=
FILE ?= backups/chatapp-$(shell date -u +%Y%m%dT%H%M%SZ).gz

# The embedded MongoDB and model are only installed if one of them will be started.
EMBEDDED := $(if $(MONGODB_URI),$(if $(OPENAI_API_KEY)$(OPENAI_BASE_URL),,embedded),embedded)

.DEFAULT_GOAL := help
.PHONY: help run dev test lint format bench backup chaos clients page

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## install what is missing, start everything, print the address (HOST, PORT: default 127.0.0.1:8000)
	@scripts/install.sh run $(EMBEDDED)
	@scripts/build-page.sh
	@exec $(PYTHON_BIN) -m chatapp.embedded --with-parent

dev: ## the same, and restart the workers when the code changes
	@scripts/install.sh run $(EMBEDDED)
	@scripts/build-page.sh
	@CHATAPP_LOG_LEVEL=$${CHATAPP_LOG_LEVEL:-debug} exec $(PYTHON_BIN) -m chatapp.embedded --with-parent --reload

page: ## build the page, if its sources have changed
	@scripts/install.sh run
	@scripts/build-page.sh

test: ## install what is missing and run every test (PYTEST_ARGS for some of them)
	@scripts/install.sh dev
	@scripts/build-page.sh --with-tests
	@rm -f .coverage .coverage.*
	@exec $(PYTHON_BIN) -m pytest -n 2 --dist loadfile --max-worker-restart 0 --cov --cov-report=term $(PYTEST_ARGS)

lint: ## check style and types
	@scripts/install.sh dev
	@$(PYTHON_BIN) -m ruff check .
	@$(PYTHON_BIN) -m ruff format --check .
	@$(PYTHON_BIN) -m mypy

format: ## format the code
	@scripts/install.sh dev
	@$(PYTHON_BIN) -m ruff check --fix-only --quiet .
	@$(PYTHON_BIN) -m ruff format .

bench: ## measure, and print the figures beside those they are compared with
	@scripts/install.sh dev
	@scripts/build-page.sh --with-tests
	@exec $(PYTHON_BIN) -m benchmarks

backup: ## write everything that is stored into one file, while the application runs (FILE)
	@scripts/install.sh run
	@mkdir -p -m 700 $(dir $(FILE))
	@exec $(PYTHON_BIN) -m flask --app wsgi backup $(FILE)

chaos: ## kill, race, resume and elect for three minutes (CHAOS_ARGS=--long for the long form)
	@scripts/install.sh dev
	@exec $(PYTHON_BIN) -m tests.chaos $(CHAOS_ARGS)

clients: ## generate clients from the OpenAPI document, and let each use the application
	@scripts/install.sh dev
	@exec $(PYTHON_BIN) -m tests.clients
