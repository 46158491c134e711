# essa: everything lives in .venv beside this file.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-compile
# pip compiles on one processor, and all that libraries bring; moto is 200 services, of which the tests start one
COMPILE := $(BIN)/python -m compileall -qq -j 0 -x '/tests/|/moto/' .venv/lib || true  # some files are for other Pythons
SAMPLE := data/sample
unexport PYTHONDONTWRITEBYTECODE  # where it is set each process would compile all it imports anew, 10 s a night

.PHONY: run test setup up check bench bench-names bench-rules bench-routines bench-page docs cookbook pictures lock clean

run: .venv/ready  ## one night on the sample
	test -f $(SAMPLE)/feeds.yaml || $(BIN)/essa sample $(SAMPLE)
	$(BIN)/essa run --home $(SAMPLE)

test: .venv/ready-dev  ## the whole test suite
	$(BIN)/ruff check .
	$(BIN)/pytest -q -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

setup: .venv/ready  ## install, nothing else

up: .venv/ready  ## server, UI, nightly schedule and worker, until Ctrl-C
	$(BIN)/essa up

check: .venv/ready  ## how each column of each feed was understood
	$(BIN)/essa check

bench: .venv/ready-dev  ## the night's stages at growing size
	$(BIN)/python benchmarks/night.py

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "essa needs Python 3.11, 3.12 or 3.13; none was found. Name one: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/ready: requirements.lock pyproject.toml | .venv/bin/python
	$(INSTALL) --require-hashes -r requirements.lock
	$(INSTALL) --no-build-isolation -e .
	$(COMPILE)
	touch $@

.venv/ready-dev: requirements-dev.lock pyproject.toml | .venv/bin/python  # which holds all that requirements.lock does
	$(INSTALL) --require-hashes -r requirements-dev.lock
	$(INSTALL) --no-build-isolation -e .
	$(COMPILE)
	touch .venv/ready $@

bench-names: .venv/ready-dev  ## how well labels are named, and how fast
	$(BIN)/python benchmarks/names.py --pairs

bench-routines: .venv/ready-dev  ## how well routines are found again, and how fast
	$(BIN)/python benchmarks/routines.py

bench-rules: .venv/ready-dev  ## which decisions are found to be rule-based, and how fast
	$(BIN)/python benchmarks/rules.py

docs: .venv/ready  ## docs/tables.md, anew from the contracts
	$(BIN)/python -m essa.documentation

cookbook: .venv/ready  ## docs/cookbook.sql, its answers anew from the first night of a sample written anew
	rm -rf data/cookbook
	$(BIN)/essa sample data/cookbook
	$(BIN)/essa run --home data/cookbook
	$(BIN)/python -m essa.cookbook data/cookbook

pictures: run .venv/ready-dev  ## docs/pictures anew, of the sample's page; needs Chromium
	$(BIN)/python benchmarks/pictures.py --home $(SAMPLE)

bench-page: .venv/ready-dev  ## size and seconds of the page with 200 candidates and 50 processes
	$(BIN)/python benchmarks/page.py

lock:  ## resolve the versions anew; needs uv on the path
	uv pip compile pyproject.toml --group build --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -o requirements.lock
	uv pip compile pyproject.toml --group build --extra https --extra s3 --extra sftp --extra gs --extra az --extra postgresql --extra mysql --extra mssql --extra dask -c requirements.lock --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -o requirements-extras.lock
	uv pip compile pyproject.toml --group build --group dev --extra https --extra s3 --extra sftp --extra postgresql --extra mysql --extra dask -c requirements-extras.lock --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -o requirements-dev.lock

clean:  ## remove what was installed; data stay
	rm -rf .venv
