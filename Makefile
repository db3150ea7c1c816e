# What people do with this checkout; `make` alone lists it.
PYTHON ?= python3
PORT ?= 7860
SECONDS ?= 60
RUN = .venv/bin/python

.PHONY: help serve ask test fuzz check fix eval baseline bench screenshots lock wheel clean

help: ## list these verbs
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

serve: .venv/ready ## open the page on http://127.0.0.1:7860 (DOCS=folder serves your own documents, PORT=7861 elsewhere)
	$(RUN) -m ui --port $(PORT) $(if $(DOCS),--docs "$(DOCS)") $(if $(MODEL),--model "$(MODEL)")

ask: .venv/ready ## answer one question: make ask Q="What does a CMO do?"
	$(RUN) -m assistant ask "$(Q)"

test: .venv/ready-dev ## run the tests (make test ARGS="-m slow" runs those that take minutes)
	$(RUN) -m pytest -q -m "not slow" $(ARGS)

fuzz: .venv/ready-fuzz ## make up documents until a reader fails, for SECONDS=60
	mkdir -p var/fuzz
	PYTHONPATH=. $(RUN) benchmarks/fuzz_readers.py var/fuzz -artifact_prefix=var/ -max_total_time=$(SECONDS) -timeout=20 -rss_limit_mb=4096

check: .venv/ready-dev ## lint, types, and the contract between the layers
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

fix: .venv/ready-dev ## mend what the linter can mend
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

eval: .venv/ready ## measure the assistant on the gold set; the report is var/eval/report.html
	$(RUN) -m eval run $(ARGS)

baseline: .venv/ready ## move the reference that CI holds the gold set's dev half against
	$(RUN) -m eval baseline

bench: .venv/ready-dev ## run the benchmarks of docs/benchmarks.md (some need data beside this checkout, and say so)
	$(RUN) benchmarks/speed.py

screenshots: .venv/ready-dev ## draw docs/images anew (needs Debian's chromium)
	$(RUN) benchmarks/screenshots.py

lock: .venv/ready-dev ## write requirements.lock (hashes) and docs/licences.md from what is installed
	$(RUN) .ci/lock.py

wheel: .venv/ready-dev ## build dist/*.whl
	rm -rf build dist
	.venv/bin/python -m build --wheel --no-isolation

clean: ## remove what can be made again
	rm -rf .venv build dist var *.egg-info

.venv/bin/python:
	$(PYTHON) -m venv .venv

# The pins in pyproject.toml take the CPU build of PyTorch where one lies at hand; installing takes some minutes, once.
.venv/ready: pyproject.toml | .venv/bin/python
	.venv/bin/pip install --quiet --disable-pip-version-check -e .
	touch .venv/ready

.venv/ready-dev: pyproject.toml | .venv/bin/python
	.venv/bin/pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch .venv/ready .venv/ready-dev

.venv/ready-fuzz: pyproject.toml .venv/ready-dev
	.venv/bin/pip install --quiet --disable-pip-version-check -e '.[fuzz]'
	touch .venv/ready-fuzz
