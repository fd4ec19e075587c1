# The commands that stay the same. `make demo` and `make test` are all that a newcomer needs.

VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null || echo $(BIN)/uv)
ASSETS := src/roadbed/portal/assets
DIST := src/roadbed/portal/static/dist/manifest.json
PYTEST := $(BIN)/pytest
# More than the small machines have processors, for tests wait half of their time.
WORKERS := 3

.PHONY: demo test test-slow check format bench screenshots dev install assets clean

demo: install assets ## Starts the platform and deploys a service from a golden path
	@$(BIN)/python -m demo

test: install assets ## Unit and integration tests, and the newcomer's way, in parallel
	$(PYTEST) -n $(WORKERS) --dist worksteal --durations=10 -m "not slow" $(ARGS)

test-slow: install assets ## The slow suites
	$(PYTEST) -n $(WORKERS) --dist worksteal --durations=40 --durations-min=8 -m slow $(ARGS)

check: install ## Format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: install
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: install assets ## Measures; NAME=main_job for one of them
	@$(BIN)/python -m compileall -q -x /templates/ src  # as whoever installs it has it
	$(BIN)/python -m bench $(NAME)

screenshots: install assets ## Pictures of every page, light, dark and narrow
	@PYTHONPATH=tests $(BIN)/python tests/e2e/screenshots.py $(ARGS)

dev: install assets ## The platform in the foreground
	$(BIN)/roadbed up

install: $(VENV)/.installed

# Python alone is enough: where the machine has no uv, pip puts it into the project's environment.
$(VENV)/.installed: pyproject.toml uv.lock
	@test -x $(BIN)/python || python3 -m venv $(VENV)
	@command -v uv >/dev/null 2>&1 || test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(UV) sync --quiet --frozen --inexact --python $(BIN)/python
	@touch $@

assets: $(DIST)

# Not `npm ci`: that refuses where a registry lacks an optional package of another platform. The versions are the lock's.

$(DIST): $(ASSETS)/package-lock.json $(shell find $(ASSETS) -path '*/node_modules' -prune -o -type f -print 2>/dev/null) $(shell find src/roadbed/portal/templates src/roadbed/portal/components -type f 2>/dev/null)
	@command -v npm >/dev/null 2>&1 || { echo "The portal's pages are bundled with Node: install Node 20 or newer, then run this again." >&2; exit 2; }
	@cd $(ASSETS) && npm install --no-save --loglevel=error --no-audit --no-fund >/dev/null && npm run --silent build

clean:
	rm -rf $(VENV) $(ASSETS)/node_modules src/roadbed/portal/static/dist
