#!/bin/sh
# Install the other MLS implementations into build/peers, for interop and benchmarks.
#
# mls-rs goes to build/peers/python (for PYTHONPATH), ts-mls to build/peers/node_modules.
# Both are locked by hash; a stamp lets a second run do nothing and need no network.
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
peers=build/peers

refuse() {
    echo "$1" >&2
    exit 1
}
command -v node >/dev/null && command -v npm >/dev/null ||
    refuse "This needs node (20.19 or newer) and npm; on Debian: apt install nodejs npm, or a newer node if that one is older."
node -e 'const [a, b] = process.versions.node.split(".").map(Number);
         process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
    refuse "This needs node 20.19 or newer; here is $(node --version)."

digest() {
    { pwd; cat requirements/peers.txt interop/package.json interop/package-lock.json; } |
        sha256sum | cut -d' ' -f1
}
if [ "$(cat "$peers/stamp" 2>/dev/null)" = "$(digest)" ]; then
    exit 0
fi
if .venv/bin/python -c 'import pip' 2>/dev/null; then
    python=.venv/bin/python
fi
echo "Installing mls-rs and ts-mls into $peers (once; later runs need no network)"
rm -rf "$peers"
mkdir -p "$peers"
"$python" -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
    --target "$peers/python" -r requirements/peers.txt ||
    refuse "mls-rs could not be installed: pip says why above."
cp interop/package.json interop/package-lock.json interop/.npmrc "$peers"
(cd "$peers" && npm ci --loglevel=error --no-audit --no-fund --ignore-scripts >&2) ||
    refuse "ts-mls could not be installed: npm says why above."
digest >"$peers/stamp"
