#!/bin/sh
# Run the tests of this project's code: sh scripts/test.sh [what pytest takes]
# They know the demonstration's settings and recordings. A line of one's own has others, so its code is tested in a clone
# that has the demonstration's.
set -eu

export PYTHONPATH="$PWD/src"
if [ -f conf/line/own.yaml ]; then
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    trap 'exit 1' INT TERM
    sh scripts/clone.sh "$folder/clone"
    cd "$folder/clone"
    export PYTHONPATH="$PWD/src"
fi
[ -d data/videos ] || dvc pull --quiet data.dvc
OMP_NUM_THREADS=1 pytest -n 2 --dist loadfile "$@"
