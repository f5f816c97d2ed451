#!/bin/sh
# Install what tests in a real browser need: Debian's Chromium, fonts for the pictures, and
# Playwright for Python, locked by hash, into .venv. What is there already is left alone.
set -eu
cd "$(dirname "$0")/.."

refuse() {
    echo "$1" >&2
    exit 1
}
if ! command -v chromium >/dev/null; then
    [ "$(id -u)" = 0 ] || refuse "This needs Chromium; on Debian: apt install chromium"
    command -v apt-get >/dev/null || refuse "This needs Chromium, and there is no apt-get here."
    echo "Installing chromium (once; later runs need no network)"
    export DEBIAN_FRONTEND=noninteractive
    { apt-get -qq update &&
        apt-get -qq install -y --no-install-recommends chromium; } >/dev/null ||
        refuse "chromium could not be installed."
fi
# Without them the pictures show boxes where emoji and Japanese are; the tests pass all the same.
fonts="fonts-noto-color-emoji fonts-ipafont-gothic"
# shellcheck disable=SC2086  two words
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && ! dpkg -s $fonts >/dev/null 2>&1; then
    DEBIAN_FRONTEND=noninteractive apt-get -qq -o Acquire::Retries=0 -o Acquire::http::Timeout=20 \
        install -y --no-install-recommends $fonts >/dev/null 2>&1 ||
        echo "No fonts for emoji and Japanese: the pictures have boxes there."
fi
tools/venv.sh browser
