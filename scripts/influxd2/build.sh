#!/bin/sh
# Builds InfluxDB 2 from its Go module, for tests: its own storage, API, accounts and
# InfluxQL, in the versions of its own go.mod. The front of Flux is the one part that is
# written in Rust; the files in _without-rust take its place and refuse every script.
# usage: build.sh VERSION BINARY
set -eu
version=$1 binary=$2
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# copy MODULE@VERSION FOLDER: makes a copy that can be changed.
copy() {
    cp -r "$(go mod download -json "$1" | sed -n 's/^.*"Dir": "\(.*\)".*$/\1/p')" "$work/$2"
    chmod -R u+w "$work/$2"
}

cd "$work"
copy "github.com/influxdata/influxdb/v2@$version" influxdb
copy "github.com/influxdata/flux@$(sed -n 's|^.*github.com/influxdata/flux \(v.*\)$|\1|p' influxdb/go.mod)" flux
rm -r flux/libflux/go/libflux
cp -r "$here/_without-rust/." .
cd influxdb
go mod edit -replace github.com/influxdata/flux=../flux
CGO_ENABLED=1 go build -ldflags "-s -w -X main.version=$version" -tags sqlite_foreign_keys,sqlite_json -o "$binary" ./cmd/influxd
