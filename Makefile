# The commands of a developer. `make help` lists them.

BIN := .venv/bin
PYTHON_READY := .venv/.installed
NODE_READY := node_modules/.installed
FETCHED := .local/.fetched
AWSCLI := .local/awscli/.installed
RIVALS := .local/bench/.installed

# Options of the commands below, as in `make up AUTH=iam PORT=4570`.
AUTH ?= none
PORT ?=

# `make fuzz N=100000 SEED=1927`
N ?= 1000
SEED ?=
# `make sbom PACK=scrfd`
PACK ?= open
# `make test WORKERS=4`: processes for the tests that do not need the machine to themselves
WORKERS ?= 2
# `make wholeness PEOPLE=lfw`: a folder for each person
PEOPLE ?=
# `make bench ONLY=search,pictures SIZES=10000,1000000 ROUNDS=7`
ONLY ?=
SIZES ?=
ROUNDS ?=
# `make accuracy PEOPLE=~/people PACKS=open,scrfd`: a folder with a folder for each person
PEOPLE ?=
PACKS ?=

export PIP_DISABLE_PIP_VERSION_CHECK := 1
PIP_COMPILE := $(BIN)/pip-compile -q --generate-hashes --no-emit-index-url --no-emit-trusted-host \
	--no-emit-find-links --strip-extras --allow-unsafe --no-annotate

# One target after the other: the machine is checked before anything is installed.
.NOTPARALLEL:

.PHONY: check
check: lint test ## Lint and test, as CI does; `make` alone does the same

.PHONY: help
help: ## List these commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F '|' '{printf "%-16s %s\n", $$1, $$2}'

.PHONY: demo
demo: machine-is-ready $(PYTHON_READY) $(NODE_READY) $(FETCHED) ## Deploy into a local cloud and search faces; see out/
	@$(BIN)/python -m tools.demo

.PHONY: up
up: machine-is-ready $(PYTHON_READY) $(NODE_READY) $(FETCHED) ## Start the local cloud (AUTH=none, iam or keys; PORT=4570)
	@$(BIN)/python -m tools.local up --auth $(AUTH) $(if $(PORT),--port $(PORT))

.PHONY: down
down: ## Stop the local cloud
	@if [ -e $(PYTHON_READY) ]; then $(BIN)/python -m tools.local down; fi

.PHONY: test
test: machine-is-ready browser-is-there $(PYTHON_READY) $(NODE_READY) $(FETCHED) $(AWSCLI) ## Run all tests on a local cloud; no Docker, no AWS account
	@status=0; \
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -m "not alone and not deployed" || status=1; \
	$(BIN)/python -m pytest -m "alone or deployed" || status=1; \
	exit $$status

.PHONY: fuzz
fuzz: $(PYTHON_READY) $(NODE_READY) $(FETCHED) ## Send hostile requests and photos (N=1000 of a kind, SEED=1)
	@$(BIN)/python -m tests.fuzz --number $(N) $(if $(SEED),--seed $(SEED))

.PHONY: unit
unit: $(PYTHON_READY) ## Run the tests that take seconds and need nothing fetched
	@$(BIN)/python -m pytest --ignore=tests/deployed \
		-m "not model and not infra and not deployed and not slow"

.PHONY: bench
bench: $(RIVALS) $(FETCHED) ## Measure beside rivals, half an hour (ONLY=search ROUNDS=7)
	@.local/bench/bin/python -m bench $(if $(ONLY),--only $(ONLY)) \
		$(if $(SIZES),--sizes $(SIZES)) $(if $(ROUNDS),--rounds $(ROUNDS))

.PHONY: accuracy
accuracy: $(PYTHON_READY) $(FETCHED) ## Measure every pack on a folder of people (PEOPLE=DIR); then make docs
	@$(BIN)/python -m bench --only accuracy --no-plots --people "$(PEOPLE)" \
		$(if $(PACKS),--packs $(PACKS))

.PHONY: wholeness
wholeness: $(PYTHON_READY) $(FETCHED) ## Measure how whole faces are found (PEOPLE=folder of a folder each)
	@$(BIN)/python -m tools.models.pictures
	@$(BIN)/python -m bench.wholeness --keep $(if $(PEOPLE),--lfw $(PEOPLE))

.PHONY: faults
faults: $(PYTHON_READY) ## Make every call to AWS fail in every way (some minutes)
	@$(BIN)/python -m tests.faults

.PHONY: lint
lint: $(PYTHON_READY) ## Check format, lint, types and import directions
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

.PHONY: fetch
fetch: $(FETCHED) ## Fetch the model weights and the sample photos

.PHONY: lock
lock: $(PYTHON_READY) ## Resolve the dependencies anew into requirements/
	$(PIP_COMPILE) --extra image -o requirements/image.txt pyproject.toml
	$(PIP_COMPILE) --extra cli -c requirements/image.txt -o requirements/cli.txt pyproject.toml
	$(PIP_COMPILE) --extra cli --extra accuracy -c requirements/image.txt -c requirements/cli.txt \
		-o requirements/accuracy.txt pyproject.toml
	$(PIP_COMPILE) --extra image --extra cli --extra accuracy --extra deploy --extra dev \
		-c requirements/image.txt -c requirements/accuracy.txt -o requirements/dev.txt \
		pyproject.toml
	$(PIP_COMPILE) -o requirements/awscli.txt requirements/awscli.in
	$(PIP_COMPILE) --extra image --extra bench -c requirements/dev.txt \
		-o requirements/bench.txt pyproject.toml
	$(PIP_COMPILE) --all-build-deps --only-build-deps -o requirements/build.txt pyproject.toml

.PHONY: configuration
configuration: $(PYTHON_READY) ## Write semblance.toml with every choice at its default; yours is kept
	@$(BIN)/python -m tools.configuration

.PHONY: docs
docs: $(PYTHON_READY) ## Write the generated pages of docs/ anew
	@$(BIN)/python -m tools.docs
	@$(BIN)/python -m bench.report

.PHONY: sbom
sbom: $(PYTHON_READY) $(FETCHED) ## Write the image's bill of materials to out/ (PACK=scrfd)
	@$(BIN)/python -m tools.sbom --pack $(PACK)

.PHONY: clean
clean: down ## Stop the local cloud and remove all that make has made
	rm -rf .venv node_modules .local out cdk.out build dist layers/*.egg-info cli/*.egg-info .*_cache .hypothesis .coverage

# Everything below is made once, and again when one of its sources changes.

$(PYTHON_READY): requirements/dev.txt pyproject.toml | python-is-there
	@echo "Python: installing the locked packages into .venv (a minute or two, once)"
	@"$$(sh tools/preflight.sh --python)" -m venv .venv
	@$(BIN)/python -m pip install -q --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@

$(NODE_READY): package.json package-lock.json | machine-is-ready
	@echo "Node: installing the locked packages into node_modules"
	@npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(FETCHED): $(wildcard tools/models/*.py tools/models/prepare/*.py tools/models/photos.toml layers/semblance/vision/packs/*) \
		| $(PYTHON_READY) $(NODE_READY)
	@$(BIN)/python -m tools.models.fetch
	@mkdir -p $(@D)
	@touch $@

# The AWS CLI pins another botocore, so it has an environment of its own.
$(AWSCLI): requirements/awscli.txt | python-is-there
	@echo "AWS CLI: installing the locked packages into .local/awscli"
	@"$$(sh tools/preflight.sh --python)" -m venv .local/awscli
	@.local/awscli/bin/python -m pip install -q --require-hashes -r requirements/awscli.txt
	@touch $@

# The rivals of `make bench` and the packages of the image, in an environment of their own.
$(RIVALS): requirements/bench.txt pyproject.toml | python-is-there
	@echo "Bench: installing the locked packages into .local/bench (some minutes, once)"
	@"$$(sh tools/preflight.sh --python)" -m venv .local/bench
	@.local/bench/bin/python -m pip install -q --require-hashes -r requirements/build.txt
	@.local/bench/bin/python -m pip install -q --require-hashes --no-build-isolation \
		-r requirements/bench.txt
	@.local/bench/bin/python -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@

.PHONY: python-is-there browser-is-there machine-is-ready
python-is-there:
	@sh tools/preflight.sh python
browser-is-there:
	@sh tools/preflight.sh browser
machine-is-ready:
	@sh tools/preflight.sh
