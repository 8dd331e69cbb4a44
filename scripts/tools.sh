#!/bin/sh
# Installs development tools at fixed versions into .tools/bin, once.
# usage: scripts/tools.sh lint|generate|influxd|influxd2
set -eu
cd "$(dirname "$0")/.."
GOBIN="$PWD/.tools/bin"
export GOBIN GOFLAGS=-buildvcs=false
mkdir -p "$GOBIN"

# need NAME MODULE@VERSION: installs a tool unless that version is there already.
need() {
    stamp="$GOBIN/.$1-${2##*@}"
    [ -e "$stamp" ] && [ -x "$GOBIN/$1" ] && return 0
    echo "installing $1 ${2##*@}"
    go install "$2"
    touch "$stamp"
}

case "${1:-}" in
lint)
    need staticcheck honnef.co/go/tools/cmd/staticcheck@v0.8.2
    need golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
    ;;
generate)
    need protoc-gen-go google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.12
    need protoc-gen-go-grpc google.golang.org/grpc/cmd/protoc-gen-go-grpc@v1.6.2
    need protoc-gen-grpc-gateway github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-grpc-gateway@v2.33.0
    need protoc-gen-openapiv3 github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv3@v2.33.0
    need sqlc github.com/sqlc-dev/sqlc/cmd/sqlc@v1.31.1
    need templ github.com/a-h/templ/cmd/templ@v0.3.977
    ;;
influxd)
    # InfluxDB 1.8 builds from its Go module as it is.
    need influxd github.com/influxdata/influxdb/cmd/influxd@v1.8.10
    ;;
influxd2)
    version=v2.7.12
    stamp="$GOBIN/.influxd2-$version-$(find scripts/influxd2 -type f | sort | xargs cat | cksum | cut -d ' ' -f 1)"
    [ -e "$stamp" ] && [ -x "$GOBIN/influxd2" ] && exit 0
    echo "building influxd2 $version"
    scripts/influxd2/build.sh "$version" "$GOBIN/influxd2"
    touch "$stamp"
    ;;
*)
    echo "usage: scripts/tools.sh lint|generate|influxd|influxd2" >&2
    exit 2
    ;;
esac
