#!/bin/sh
# Lock requirements/*.in into requirements/*.txt. Arguments go to uv, e.g. --upgrade.
set -eu
cd "$(dirname "$0")/../requirements"
uv=${UV:-uv}
lock() {
    name=$1
    shift
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
        "$@" "$name.in" -o "$name.txt"
}
lock runtime "$@"
# One version of each package whichever set is installed: the later sets follow.
lock build --constraint runtime.txt "$@"
lock dev --constraint runtime.txt --constraint build.txt "$@"
lock fuzz "$@"
lock hostile --constraint dev.txt "$@"
lock browser --constraint dev.txt "$@"
# Runs beside us, never with us: nothing of it has to fit the rest.
lock peers "$@"
lock s3 "$@"
lock relay-peers "$@"
