# A thin door to `python -m helpers COMMAND`; every target works without make too (README, "Start").
.DEFAULT_GOAL := help
.PHONY: help .venv course lab test test-long check data reproduce report explorer inspect handouts wheelhouse bench distributed lock clean distclean

# The first Python here that can run the course; name another one by PYTHON=...
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python; do \
	"$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1 \
	&& echo "$$python" && exit; done; echo python3)
HELPERS := .venv/bin/python -m helpers

help: ## this list
	@grep -hE '^[.a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([.a-z-]+):.*## /\1\t/' | awk -F '\t' '{printf "  make %-11s %s\n", $$1, $$2}'

.venv: ## the environment, built when it is missing or requirements.lock changed
	@$(PYTHON) -m helpers environment

course: .venv ## run the notebooks on the data at hand; then read build/course/site/index.html (DEEPER=1: the deeper ones, too; NB=01, NB=d09: one; WORKERS=1: one after the other)
	@$(HELPERS) course $(NB) $(if $(WORKERS),--workers $(WORKERS))

lab: .venv ## open the notebooks in Jupyter Lab, on this machine only
	@$(HELPERS) lab

test: .venv ## lint, unit tests, then every notebook; under 15 minutes, no network (WORKERS=1: one after the other)
	@$(HELPERS) test $(if $(WORKERS),--workers $(WORKERS))

test-long: .venv ## the tests that take longer
	@$(HELPERS) test --long

check: .venv ## a line per requirement: OK, or FAIL and what to do
	@$(HELPERS) check

data: .venv ## fetch the real data sets (SETS="shapes mnist" for some)
	@$(HELPERS) data $(SETS)

reproduce: .venv ## the articles' own training on the real data (NB=05 or NB=d09 for one; COMMIT=1 to commit it; BESIDE=folder: its pictures beside ours)
	@$(HELPERS) reproduce $(NB) $(if $(BESIDE),--beside "$(BESIDE)")

report: .venv ## write REPRODUCTION.md: what the articles report beside what the notebooks show
	@$(HELPERS) report

explorer: .venv ## a page on which one draws a digit and watches the network read it: build/explorer.html (MODEL=model.keras: a page for images, with a network of your own)
	@$(HELPERS) explorer $(if $(MODEL),"$(MODEL)")

inspect: .venv ## a page about a network of your own (MODEL=model.keras IMAGE=photo.jpg, or a folder of photos)
	@$(HELPERS) inspect $(if $(MODEL),"$(MODEL)") $(if $(IMAGE),"$(IMAGE)")

handouts: .venv ## student and teacher copies, site, workshop kit, Colab edition: build/handouts/, each with its ZIP
	@$(HELPERS) handouts

wheelhouse: .venv ## all wheels in build/wheelhouse/ for a USB stick (SYSTEMS="linux windows", PYTHONS="3.12")
	@$(HELPERS) wheelhouse $(if $(SYSTEMS),--systems $(SYSTEMS)) $(if $(PYTHONS),--pythons $(PYTHONS))

bench: .venv ## time what the course claims to be fast, write BENCHMARKS.md (COURSE=1 runs every notebook, too)
	@$(HELPERS) bench $(if $(COURSE),--course)

distributed: .venv ## the same training on two processes and on one, by Keras on JAX (PROCESSES=4; needs the extra jax)
	@$(HELPERS) distributed $(if $(PROCESSES),--processes $(PROCESSES))

lock: .venv ## write requirements.lock anew from pyproject.toml
	@$(HELPERS) lock

clean: ## remove what was built, except trained networks
	@$(PYTHON) -m helpers clean

distclean: ## remove everything that git does not hold but your data: build/ and .venv/
	@$(PYTHON) -m helpers clean --all
