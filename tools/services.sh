#!/bin/sh
# Install what tests, chaos runs and benchmarks start for themselves: services.sh NAME...
#
# NAME is nats, postgresql or ejabberd, Debian's packages, which only root can install; or
# s3 (moto) or relay-peers, locked by hash, into build/NAME/python. What is there already is
# left alone. Nothing is started or enabled: who wants one runs one, on loopback.
set -eu
cd "$(dirname "$0")/.."

refuse() {
    echo "$1" >&2
    exit 1
}
install() {
    [ "$(id -u)" = 0 ] || refuse "This needs $1; on Debian: apt install $1"
    command -v apt-get >/dev/null || refuse "This needs $1, and there is no apt-get here."
    echo "Installing $1 (once; later runs need no network)"
    # A policy of "no" keeps the package from starting a server of its own.
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod +x "$policy"
        trap 'rm -f "$policy"' EXIT
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get -qq install -y --no-install-recommends "$1" >/dev/null 2>&1 ||
        { apt-get -qq update && apt-get -qq install -y --no-install-recommends "$1"; } >/dev/null ||
        refuse "$1 could not be installed."
}
has_postgresql() {
    command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1
}
has_package() {
    dpkg -s "$1" >/dev/null 2>&1
}
install_locked() {
    digest=$({ pwd; cat "requirements/$1.txt"; } | sha256sum | cut -d' ' -f1)
    [ "$(cat "build/$1/stamp" 2>/dev/null)" != "$digest" ] || return 0
    python=${PYTHON:-python3}
    if .venv/bin/python -c 'import pip' 2>/dev/null; then
        python=.venv/bin/python
    fi
    echo "Installing $1 into build/$1 (once; later runs need no network)"
    rm -rf "build/$1"
    mkdir -p "build/$1"
    "$python" -m pip install --quiet --disable-pip-version-check --require-hashes \
        --no-deps --target "build/$1/python" -r "requirements/$1.txt" ||
        refuse "$1 could not be installed: pip says why above."
    echo "$digest" >"build/$1/stamp"
}

for name in "$@"; do
    case $name in
    nats) command -v nats-server >/dev/null || install nats-server ;;
    postgresql) has_postgresql || install postgresql ;;
    ejabberd)
        # Its driver of PostgreSQL is only recommended, and it stores to one here.
        has_package ejabberd || install ejabberd
        has_package erlang-p1-pgsql || install erlang-p1-pgsql
        ;;
    s3 | relay-peers) install_locked "$name" ;;
    *) refuse "services.sh knows nats, postgresql, ejabberd, s3 and relay-peers, not $name" ;;
    esac
done
