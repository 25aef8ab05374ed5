#!/bin/sh
# Make .venv with the newest supported Python and install the locked requirements, once:
#   sh scripts/environment.sh [dev]      dev: with the tools for tests and lint, and Ray, which some tests run on
# Everything that would stop a run later is looked for first, and said in one sentence. PYTHON=3.12, or the path of a
# Python, chooses another one.
set -eu

SUPPORTED="3.13 3.12 3.11" # newest first
INSTALLED_GB=10            # what .venv takes on Linux, rounded up

refuse() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

check_machine() {
    [ -n "${HOME:-}" ] && [ -d "$HOME" ] && [ -w "$HOME" ] ||
        refuse "HOME (${HOME:-not set}) is not a folder that you can write to; set it, as in: export HOME=/tmp/home && mkdir -p /tmp/home"
    [ -w . ] || refuse "$(pwd -P) is read-only for you; clone the repository to a folder that you can write to"
    ! ldd --version 2>&1 | grep -qi musl ||
        refuse "this system's C library is musl, for which PyTorch and TensorFlow have no packages; use one with glibc, such as Debian or Ubuntu"
}

check_clone() {
    command -v git >/dev/null || refuse "git is not on the PATH; install it"
    said=$(LC_ALL=C git rev-parse --is-inside-work-tree 2>&1) && return
    case $said in
        *"dubious ownership"*)
            refuse "another user owns $(pwd -P), so Git refuses to read it; clone it as yourself, or trust it: git config --global --add safe.directory \"$(pwd -P)\"" ;;
        *) refuse "$(pwd -P) is not a Git clone, and DVC needs one; use git clone instead of a downloaded archive" ;;
    esac
}

version_of() {
    "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || true
}

can_make_environments() {
    "$1" -c 'import ensurepip, venv' >/dev/null 2>&1
}

newest_python() {
    for version in $SUPPORTED; do
        for name in "python$version" python3 python; do
            if [ "$(version_of "$name")" = "$version" ] && can_make_environments "$name"; then
                echo "$name"
                return
            fi
        done
    done
}

chosen_python() {
    case $PYTHON in 3.*) PYTHON=python$PYTHON ;; esac
    found=$(version_of "$PYTHON")
    [ -n "$found" ] || refuse "PYTHON=$PYTHON does not run; give a version ($SUPPORTED) or the path of such a Python"
    case " $SUPPORTED " in *" $found "*) ;; *) refuse "PYTHON=$PYTHON is Python $found; use one of $SUPPORTED" ;; esac
    can_make_environments "$PYTHON" ||
        refuse "PYTHON=$PYTHON cannot make environments; install its venv module (Debian, Ubuntu: apt-get install python$found-venv)"
    echo "$PYTHON"
}

check_existing() {
    found=$(version_of .venv/bin/python)
    [ -n "$found" ] || refuse "the Python of .venv is gone; remove the folder .venv and run make again"
    [ -L .venv ] || grep -qF "$(pwd -P)/.venv/bin" .venv/bin/pip ||
        refuse "this clone was moved or copied, and its .venv still runs the old one; remove the folder .venv and run make again"
    case ${PYTHON:-$found} in
        "$found") ;;
        *) [ "$(version_of "$(chosen_python)")" = "$found" ] ||
            refuse "PYTHON=$PYTHON was asked for, but .venv holds Python $found; remove the folder .venv and run make again" ;;
    esac
}

make_new() {
    if [ -n "${PYTHON:-}" ]; then python=$(chosen_python); else python=$(newest_python); fi
    [ -n "$python" ] ||
        refuse "no Python of $SUPPORTED with its venv module is on the PATH; install one (Debian, Ubuntu: apt-get install python3 python3-venv), or give its path: make PYTHON=<path>"
    free=$(df -Pk . | awk 'NR == 2 { print int($4 / 1000000) }')
    [ "$free" -ge "$INSTALLED_GB" ] ||
        refuse "the packages need $INSTALLED_GB GB, and $(pwd -P) has $free GB left; make room or clone to another disk"
    "$python" -m venv .venv
}

outdated() { # outdated MARK FILES...: whether one of them changed since
    mark=$1
    shift
    [ ! -f "$mark" ] || [ -n "$(find "$@" -newer "$mark")" ]
}

pip() {
    .venv/bin/python -m pip install --quiet --disable-pip-version-check "$@" ||
        refuse "pip stopped, for the reason above; run make again to go on"
}

install() {
    pip -r requirements.txt -c requirements.lock
    # onnx-tf asks for TensorFlow Addons, which has no package for Python 3.12 and newer, and is never used here.
    pip --no-deps onnx-tf -c requirements.lock
    # A line of one's own shares the environment of the clone that it was made of, which stays the one installed there.
    [ -L .venv ] || pip --no-deps -e .
    touch .venv/.ready
}

install_dev() {
    pip -r requirements-dev.txt -r requirements-ray.txt -c requirements.lock
    touch .venv/.ready-dev
}

check_machine
check_clone
if [ -x .venv/bin/pip ]; then check_existing; else make_new; fi
if outdated .venv/.ready requirements.txt requirements.lock pyproject.toml; then install; fi
if [ "${1:-}" = dev ] && outdated .venv/.ready-dev requirements-dev.txt requirements-ray.txt requirements.lock; then install_dev; fi
