# Everything a contributor or CI does. `make run` and `make test` set up whatever they need, in .venv.
#
#   make run      run the story scenarios         make check   format, lint, types, architecture
#   make test     run the tests                   make bench   measure against the machine's ceiling
#   make cover    tests with branch coverage      make schema  write the editors' JSON Schemas
#   make lock     renew uv.lock                   make clean   remove the environment

VENV  := .venv
BIN   := $(VENV)/bin
READY := $(VENV)/.ready
UV_VERSION := 0.13.8
# One worker more than there are cores, four at most: those that wait for a broker leave their core to others.
WORKERS := $(shell n=$$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1); test $$n -lt 3 && echo $$((n + 1)) || echo 4)
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' && echo $$p && break; done)

.PHONY: run test check style types layers stories cover bench schema lock format clean

run: $(READY)
	@$(BIN)/carhome run scenarios

test: $(READY)
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

check: style types layers stories

style: $(READY)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

types: $(READY)
	@$(BIN)/mypy

layers: $(READY)
	@$(BIN)/lint-imports

stories: $(READY)
	@$(BIN)/carhome check scenarios

cover: $(READY)
	@$(BIN)/python -m pytest --cov --cov-report=term-missing:skip-covered

bench: $(READY)
	@$(BIN)/python -m sim.shell.bench

schema: $(READY)
	@mkdir -p docs/schema
	@for what in scenario household suite claims vocabulary vehicle; do \
		$(BIN)/carhome schema $$what > docs/schema/.new && mv docs/schema/.new docs/schema/$$what.schema.json || exit 1; done

format: $(READY)
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lock: $(READY)
	@$(BIN)/uv lock

clean:
	rm -rf $(VENV)

# uv lives in the environment it fills, so that nothing is installed outside it; --inexact keeps it there.
$(READY): pyproject.toml uv.lock
	@test -n "$(PYTHON)" || { echo "carhome needs Python 3.11 or newer; none was found on PATH" >&2; exit 4; }
	@echo "setting up $(VENV) (once)" >&2
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv==$(UV_VERSION)"
	@UV_PROJECT_ENVIRONMENT=$(VENV) $(BIN)/uv sync --quiet --frozen --inexact --all-extras --compile-bytecode
	@touch $@
