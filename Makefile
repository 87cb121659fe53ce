# Two commands matter: `make run` and `make test`. Each sets up what it needs.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
JOBS ?= 2
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check
RUN_READY := $(VENV)/.ready-run
DEV_READY := $(VENV)/.ready-dev

.PHONY: run test lint bench soak audit browser fonts clean help

help:
	@echo "make run    set up, open the demo on http://127.0.0.1:8050 (HOST, PORT, GRID_DATA_DIR, DATABASE_URL)"
	@echo "make test   set up, Chromium included, and run every test (JOBS=2: how many at a time)"
	@echo "make lint   ruff, mypy, import contract"
	@echo "make bench  measure and rewrite docs/performance.md"
	@echo "make soak   a wall stays open over a living district and must not grow (MINUTES=15)"
	@echo "make audit  ask the newest advisories about our libraries (needs a network)"

$(PY):
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Python 3.11 or newer is needed, got ' + sys.version)"
	$(PYTHON) -m venv $(VENV)

$(RUN_READY): requirements.txt | $(PY)
	$(PIP) -r requirements.txt
	@touch $@

$(DEV_READY): requirements-dev.txt requirements.txt | $(PY)
	$(PIP) -r requirements-dev.txt
	@touch $@ $(RUN_READY)

run: $(RUN_READY) fonts
	$(PY) app.py serve

# The browser draws with both cores of a small machine: its tests run alone, the others two at a time.
test: $(DEV_READY) browser fonts
	$(PY) -m pytest -m "not browser" -n $(JOBS) --dist loadfile
	$(PY) -m pytest -m browser

lint: $(DEV_READY)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy app.py data layers dashboard callbacks
	$(VENV)/bin/lint-imports

bench: $(DEV_READY) browser fonts
	$(PY) -m benchmarks

MINUTES ?= 15
soak: $(DEV_READY) browser
	$(PY) -m benchmarks.soak --minutes $(MINUTES)

# What the tests check against the kept extract (tests/advisories.csv), asked of the newest database.
audit: $(DEV_READY)
	$(VENV)/bin/pip-audit --strict -r requirements.txt

# Chromium and a Chinese font for the browser tests; Debian packages when we may install them.
browser:
	@sh tests/browser/install.sh

# What the PDF of a bulletin is set in; who may not install it is told.
fonts:
	@sh dashboard/bulletin/fonts.sh

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
