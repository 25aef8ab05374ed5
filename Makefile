# `make help` lists the targets.
BIN := .venv/bin
# DVC runs the stages with the `python` it finds first.
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PYTHONUTF8 := 1
# DVC asks for a name, which an account in a container may lack.
export USER ?= user$(shell id -u)
export TF_CPP_MIN_LOG_LEVEL ?= 3
export TF_ENABLE_ONEDNN_OPTS ?= 0

# What a person gives reaches the shell through the environment, word for word: a recipe says "$$DATA", never $(DATA).
GIVEN := PYTHON DATA PHOTOS SET GATE CLASSIFIER BUNDLE DRIVE PORT MINUTES
$(foreach name,$(GIVEN),$(eval override $(name) := $$(value $(name))))
export $(GIVEN)

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev data repro real cascade train-cascade deploy device-check test test-faults test-tour lint smoke label tune front mlflow simulate parameters clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' Makefile | awk -F ':.*## ' '{printf "  %-14s %s\n", $$1, $$2}'

setup: ## make .venv with the pinned requirements; PYTHON=3.12 chooses a Python other than the newest
	@sh scripts/environment.sh

setup-dev: ## the same with the tools for tests and lint
	@sh scripts/environment.sh dev

data: setup ## fetch the embedded recordings
	@test -d data/videos || dvc pull --quiet data.dvc

repro: data ## run the pipeline on the embedded recordings
	@TINYINSPECT_SUMMARY=1 dvc repro; status=$$?; echo; tinyinspect summary; exit $$status

needs-%:
	@test -n "$$$*" || { echo "error: $*=<folder> is missing; \`make help\` shows how it is given" >&2; exit 1; }

real: needs-DATA setup ## run it on your own: make real DATA=<folder with videos/ and annotations.csv> [PHOTOS=<folder>] [SET="key=value ..."]
	tinyinspect real $${PHOTOS:+--photos="$$PHOTOS"} --set="$$SET" -- "$$DATA"

cascade: needs-GATE setup ## merge a gate's bundle with the classifier's: make cascade GATE=<folder> [CLASSIFIER=<folder>]
	tinyinspect cascade --gate="$$GATE" $${CLASSIFIER:+--classifier="$$CLASSIFIER"} \
		$${BUNDLE:+--out="$$BUNDLE"}

train-cascade: setup ## train a gate and a classifier for one board and merge them: [BOARD=<board>] [BUNDLE=<folder>]
	tinyinspect train-cascade $${BOARD:+--board="$$BOARD"} $${BUNDLE:+--out="$$BUNDLE"}

deploy: setup ## copy a bundle to the camera: make deploy DRIVE=<its drive> | PORT=<serial port> [BUNDLE=<folder>]
	tinyinspect deploy $${BUNDLE:+--bundle="$$BUNDLE"} $${DRIVE:+--drive="$$DRIVE"} \
		$${PORT:+--port="$$PORT"}

device-check: setup ## run a bundle's frames on the attached board and compare with the host: [BUNDLE=<folder>] [PORT=<port>]
	tinyinspect device-check $${BUNDLE:+--bundle="$$BUNDLE"} $${PORT:+--port="$$PORT"}

test: setup-dev ## run the tests and measure which branches of the code they take
	@sh scripts/test.sh --cov

test-faults: setup-dev data ## kill every stage, fill its disk, hold the store: about an hour
	OMP_NUM_THREADS=1 pytest -m faults tests/faults tests/execution

test-tour: setup-dev data ## play the stories of docs/tour.md and README, in a browser and on the command line: about fifteen minutes
	OMP_NUM_THREADS=1 pytest -m slow -rs tests/test_tour.py tests/test_own_line.py

lint: setup-dev ## check style, types and the direction of imports
	ruff check .
	ruff format --check .
	mypy
	lint-imports

smoke: setup-dev ## run a small pipeline in a clean clone, then extract and embed again on a Ray cluster
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && trap 'exit 1' INT TERM \
		&& sh scripts/clone.sh "$$folder/clone" && cd "$$folder/clone" && dvc pull --quiet data.dvc \
		&& tinyinspect compose experiment=smoke && dvc repro \
		&& python scripts/repeat_on_cluster.py experiment=smoke execution.minutes=0.2

label: setup ## label frames in the browser, one key a frame: docs/labelling.md
	tinyinspect label

tune: setup ## search settings for your labels and write a preset: [MINUTES=30]
	tinyinspect tune $${MINUTES:+--minutes="$$MINUTES"}

front: setup ## draw accuracy against cost of all experiments: front.html
	dvc exp show --all-commits --csv > experiments.csv
	tinyinspect front experiments.csv front.html

mlflow: setup ## serve the page of MLflow's runs and print its address
	tinyinspect mlflow

simulate: setup ## render the embedded recordings anew
	tinyinspect simulate

parameters: setup ## write docs/parameters.md from the schema and conf/
	tinyinspect parameters

clean: ## remove the caches of the tests and of lint; nothing that a person wrote or a run made
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage .coverage.* htmlcov
