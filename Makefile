# Two commands on a fresh machine with Python 3.11 and make: `make demo` and `make test`.

.DEFAULT_GOAL := help
SHELL := /bin/sh
export PORT KIOSK_PORT
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export UV_PYTHON_DOWNLOADS := never
# Tests start hundreds of programs. Without its compiled files each takes a second and a half longer.
unexport PYTHONDONTWRITEBYTECODE

# The first Python on the path that is new enough; choose one with `make PYTHON=/path/to/python`.
CANDIDATES := python3 python3.14 python3.13 python3.12 python3.11
PYTHON ?= $(firstword $(foreach p,$(CANDIDATES),\
	$(shell $(p) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(p))))

CATALOGUES := $(patsubst %.po,%.mo,$(wildcard web/translations/*/LC_MESSAGES/messages.po \
	kiosk/translations/*/LC_MESSAGES/messages.po))
TESTS ?= tests
# One more than there are cores: some tests wait for a browser, a server or a lock.
WORKERS ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1)))
PROOF ?= 1
PYTEST = .venv/bin/python -m pytest -n $(WORKERS) --dist worksteal

.PHONY: help demo demo-fresh demo-data test test-quick test-long lint tidy bench bench-books words migration lock sbom set-up

help:  ## List the targets
	@echo "make …"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) | \
		while IFS='|' read -r name what; do printf '  %-12s %s\n' $$name "$$what"; done

demo: .venv/run.stamp $(CATALOGUES)  ## Start the sample community (web and kiosk); keeps its data
	@.venv/bin/timebank demo

demo-fresh: .venv/run.stamp $(CATALOGUES)  ## Start the sample community with new data
	@.venv/bin/timebank demo --fresh

demo-data: .venv/run.stamp $(CATALOGUES)  ## Create the database of the sample community; start no server
	@.venv/bin/timebank demo --data-only

test: .venv/dev.stamp $(CATALOGUES)  ## Run every test on both engines (TESTS=tests/goods for some)
	@$(PYTEST) $(PYTEST_MORE) $(TESTS)

test-quick: .venv/dev.stamp $(CATALOGUES)  ## Run rules, actions and pages: no PostgreSQL, browser, races, kills
	@$(PYTEST) -m "not (postgresql or browser or races or slow)" $(TESTS)

test-long: .venv/dev.stamp $(CATALOGUES)  ## Repeat random and killing tests in full (PROOF=10: ten times)
	@TIMEBANK_PROOF=$(PROOF) $(PYTEST) -m "repeated or races" $(TESTS)

lint: .venv/dev.stamp  ## Check style and types
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/djlint --quiet --lint web kiosk --extension html

tidy: .venv/dev.stamp  ## Format the code
	.venv/bin/ruff check --fix-only --quiet .
	.venv/bin/ruff format .

bench: .venv/dev.stamp $(CATALOGUES)  ## Measure what the documents claim
	@for name in $$(grep -l '^if __name__' bench/*.py | sed 's,bench/\(.*\).py,\1,'); do \
		.venv/bin/python -m bench.$$name || exit 1; done

bench-books: .venv/dev.stamp  ## Measure the ledger alone, compared with TPC-B on the same PostgreSQL
	@.venv/bin/python -m bench.books

words: .venv/dev.stamp  ## Extract the sentences of web and kiosk into their catalogues
	@for part in web kiosk; do \
		test -f $$part/translations/en/LC_MESSAGES/messages.po || continue; \
		(cd $$part && ../.venv/bin/pybabel -q extract -F ../pyproject.toml --no-location \
			--sort-output --omit-header -k _l -k lazy_gettext -k say -o messages.pot . && \
		../.venv/bin/pybabel -q update -i messages.pot -d translations --no-fuzzy-matching \
			--ignore-obsolete --ignore-pot-creation-date && rm messages.pot) || exit 1; \
	done

migration: .venv/dev.stamp  ## Write the next revision of the schema (NAME=add_something)
	@.venv/bin/python migrations/write_next.py "$(NAME)"

lock: .venv/dev.stamp  ## Resolve requirements/*.in again (needs uv)
	@for name in run dev; do \
		uv pip compile -q --universal --generate-hashes --no-header --no-annotate \
			--python-version 3.11 requirements/$$name.in -o requirements/$$name.txt; done

sbom: .venv/dev.stamp  ## List the components with their licences, and check them against the lock
	@.venv/bin/python requirements/components.py

set-up: .venv/dev.stamp $(CATALOGUES)  ## Create the environment only

%.mo: %.po | .venv/run.stamp
	@.venv/bin/pybabel -q compile -i $< -o $@

# The dev requirements include the run requirements, so one stamp covers both.
.venv/run.stamp: requirements/run.txt | .venv/bin/timebank
	@$(call install,run)
	@touch $@

.venv/dev.stamp: requirements/dev.txt | .venv/bin/timebank
	@$(call install,dev)
	@touch .venv/run.stamp $@

# Install the hash-locked requirements with uv, or with pip where uv is missing. The lock lists
# every package, so --no-deps is safe; older versions of pip would treat an extra such as
# ``coverage[toml]`` as an unpinned requirement.
define install
echo "Installing what requirements/$(1).txt names …"; \
if command -v uv >/dev/null && uv pip install -q --python .venv/bin/python --no-deps \
	--require-hashes -r requirements/$(1).txt 2>/dev/null; then :; \
else .venv/bin/python -m pip install -qq --no-deps --require-hashes -r requirements/$(1).txt; fi
endef

# A .pth file puts the checkout on the path; the command is a small script beside Python.
.venv/bin/timebank: Makefile | .venv/bin/python
	@.venv/bin/python -c "import pathlib, sysconfig; \
		pathlib.Path(sysconfig.get_path('purelib'), 'timebank.pth').write_text(f'{pathlib.Path.cwd()}\n')"
	@printf '%s\n' '#!/bin/sh' 'exec "$$(dirname "$$0")/python" -m timebank.cli "$$@"' > $@
	@chmod +x $@

.venv/bin/python:
	@test -n "$(PYTHON)" || { \
		echo "No Python 3.11 or newer was found on the path. Install it, or choose one with" \
		"make PYTHON=/path/to/python." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "$(PYTHON) is too old. Python 3.11 or newer is required." >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
		echo "$(PYTHON) has no venv module. Install it (Debian, Ubuntu: apt install" \
		"python3-venv) and try again." >&2; exit 1; }
	@$(PYTHON) -m venv .venv
