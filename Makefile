# `make help` lists the targets.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# DVC runs the stages with the `python` it finds first.
export PATH := $(CURDIR)/$(BIN):$(PATH)
export TF_CPP_MIN_LOG_LEVEL ?= 3
export TF_ENABLE_ONEDNN_OPTS ?= 0

.DEFAULT_GOAL := help
.PHONY: help setup data repro real cascade deploy device-check test lint smoke mlflow simulate clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-14s %s\n", $$1, $$2}'

setup: $(READY) ## make .venv and install the pinned requirements

$(READY): requirements.txt requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "error: $(PYTHON) is not on the PATH; install Python 3.11 or say PYTHON=..."; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt -c requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

data: $(READY) ## fetch the embedded recordings
	@test -d data/videos || dvc pull --quiet data.dvc

repro: data ## run the pipeline on the embedded recordings
	dvc repro

real: $(READY) ## run it on your own: make real DATA=<folder with videos/ and annotations.csv> [PHOTOS=<folder>] [SET="key=value ..."]
	@test -n "$(DATA)" || { echo "error: say which recordings, as in: make real DATA=~/recordings"; exit 1; }
	python -m tinyinspect.workspace "$(DATA)" real $(if $(PHOTOS),--photos "$(PHOTOS)") $(SET)

cascade: $(READY) ## merge a gate's bundle with the classifier's: make cascade GATE=<folder> [CLASSIFIER=<folder>]
	@test -n "$(GATE)" || { echo "error: say where the gate's bundle is, as in: make cascade GATE=gate_bundle"; exit 1; }
	python -m tinyinspect.deployment.cascade --gate "$(GATE)" $(if $(CLASSIFIER),--classifier "$(CLASSIFIER)") \
		$(if $(BUNDLE),--out "$(BUNDLE)")

deploy: $(READY) ## copy a bundle to the camera: make deploy DRIVE=<its drive> | PORT=<serial port> [BUNDLE=<folder>]
	python -m tinyinspect.deployment.deploy $(if $(BUNDLE),--bundle "$(BUNDLE)") $(if $(DRIVE),--drive "$(DRIVE)") \
		$(if $(PORT),--port "$(PORT)")

device-check: $(READY) ## run a bundle's frames on the attached board and compare with the host: [BUNDLE=<folder>]
	python -m tinyinspect.deployment.device_check $(if $(BUNDLE),--bundle "$(BUNDLE)") $(if $(PORT),--port "$(PORT)")

test: data ## run the tests
	OMP_NUM_THREADS=1 pytest -n 2 --dist loadfile

lint: $(READY) ## check style, types and the direction of imports
	ruff check .
	ruff format --check .
	mypy
	lint-imports

smoke: data ## run a small pipeline in a clean clone
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && git clone --quiet . "$$folder/clone" && cd "$$folder/clone" \
		&& dvc pull --quiet data.dvc && python -m tinyinspect.compose experiment=smoke && dvc repro

mlflow: $(READY) ## open the experiments' pages on http://127.0.0.1:5000
	mlflow ui --backend-store-uri "$${MLFLOW_TRACKING_URI:-sqlite:///mlflow.db}" --host 127.0.0.1

simulate: $(READY) ## render the embedded recordings anew
	python -m tinyinspect.simulation

clean: ## remove what can be made again, but for .venv and the DVC cache
	rm -rf real mlflow.db mlartifacts .resume .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
