#!/bin/sh
# Bring .venv up to one set of locked requirements: venv.sh runtime | dev | fuzz | hostile | browser.
#
# A stamp in .venv holds the digest of what was installed and where, so a second run
# does nothing and needs no network; a moved checkout or a changed lock starts again.
set -eu
cd "$(dirname "$0")/.."
set=$1
python=${PYTHON:-python3}

digest() {
    { pwd; .venv/bin/python -V; cat "requirements/$1.txt" requirements/build.txt; } |
        sha256sum | cut -d' ' -f1
}
is_current() {
    [ -x .venv/bin/python ] && [ "$(cat ".venv/$1.stamp" 2>/dev/null)" = "$(digest "$1")" ]
}

# dev holds all of runtime; fuzz, hostile and browser come beside it.
if is_current "$set" || { [ "$set" = runtime ] && is_current dev; }; then
    exit 0
fi
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Privity needs Python 3.11 or newer; $python is $("$python" -V). Set PYTHON=..." >&2
    exit 1
}
if ! .venv/bin/python -c '' 2>/dev/null || [ "$(cat .venv/place 2>/dev/null)" != "$(pwd)" ]; then
    rm -rf .venv
    # Debian keeps ensurepip in a package of its own; pip itself can fill a venv from
    # outside.
    if "$python" -c 'import ensurepip' 2>/dev/null; then
        "$python" -m venv .venv
    else
        "$python" -m venv --without-pip .venv
    fi
    pwd >.venv/place
fi
if .venv/bin/python -c 'import pip' 2>/dev/null; then
    pip=".venv/bin/python -m pip"
else
    pip="$python -m pip --python .venv/bin/python"
fi
echo "Installing requirements/$set.txt into .venv (once; later runs need no network)"
export PIP_DISABLE_PIP_VERSION_CHECK=1
if [ "$set" = runtime ]; then
    $pip install --quiet --require-hashes -r requirements/runtime.txt -r requirements/build.txt
else
    $pip install --quiet --require-hashes -r "requirements/$set.txt"
fi
$pip install --quiet --no-deps --no-build-isolation --no-index --editable .
digest "$set" >".venv/$set.stamp"
