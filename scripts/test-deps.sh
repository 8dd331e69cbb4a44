#!/bin/sh
# Installs the real servers that the tests talk to: Mosquitto, PostgreSQL and
# Chromium from Debian's packages, InfluxDB 1.8 and 2.7 from their Go modules. What is there
# already is left alone.
set -eu
cd "$(dirname "$0")/.."

missing=""
want() { # PROGRAM-OR-FILE PACKAGE
    command -v "$1" >/dev/null 2>&1 || [ -e "$1" ] || missing="$missing $2"
}
want gcc gcc
want /usr/include/stdio.h libc6-dev
want git git
want /usr/sbin/mosquitto mosquitto
want mosquitto_pub mosquitto-clients
want chromium chromium
want systemd-analyze systemd
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || missing="$missing postgresql"
[ -d /usr/share/fonts/opentype/noto ] || missing="$missing fonts-noto-cjk"

if [ -n "$missing" ]; then
    echo "installing:$missing"
    as_root=""
    [ "$(id -u)" = 0 ] || as_root="sudo"
    if ! command -v apt-get >/dev/null 2>&1 || { [ -n "$as_root" ] && ! command -v sudo >/dev/null 2>&1; }; then
        echo "cannot install them here: install$missing by hand, or run 'make test-short', which needs no server" >&2
        exit 1
    fi
    $as_root apt-get update -q
    # The packages' own services are not wanted: tests start their own servers. A
    # policy that the machine has already stays as it is.
    if [ ! -e /usr/sbin/policy-rc.d ]; then
        trap '$as_root rm -f /usr/sbin/policy-rc.d' EXIT
        printf '#!/bin/sh\nexit 101\n' | $as_root tee /usr/sbin/policy-rc.d >/dev/null
        $as_root chmod +x /usr/sbin/policy-rc.d
    fi
    # shellcheck disable=SC2086
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
fi
scripts/tools.sh influxd
scripts/tools.sh influxd2
