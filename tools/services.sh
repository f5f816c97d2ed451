#!/bin/sh
# Install the services that tests and chaos runs start for themselves: services.sh NAME...
#
# NAME is nats or postgresql, Debian's packages, which only root can install; or s3: moto,
# locked by hash, into build/s3/python. What is there already is left alone. Nothing is
# started or enabled: tests run their own, on loopback.
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
install_s3() {
    digest=$({ pwd; cat requirements/s3.txt; } | sha256sum | cut -d' ' -f1)
    [ "$(cat build/s3/stamp 2>/dev/null)" != "$digest" ] || return 0
    python=${PYTHON:-python3}
    if .venv/bin/python -c 'import pip' 2>/dev/null; then
        python=.venv/bin/python
    fi
    echo "Installing moto into build/s3 (once; later runs need no network)"
    rm -rf build/s3
    mkdir -p build/s3
    "$python" -m pip install --quiet --disable-pip-version-check --require-hashes \
        --no-deps --target build/s3/python -r requirements/s3.txt ||
        refuse "moto could not be installed: pip says why above."
    echo "$digest" >build/s3/stamp
}

for name in "$@"; do
    case $name in
    nats) command -v nats-server >/dev/null || install nats-server ;;
    postgresql) has_postgresql || install postgresql ;;
    s3) install_s3 ;;
    *) refuse "services.sh knows nats, postgresql and s3, not $name" ;;
    esac
done
