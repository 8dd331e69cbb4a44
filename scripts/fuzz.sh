#!/bin/sh
# Runs every fuzz target in turn. usage: scripts/fuzz.sh [TIME-PER-TARGET]
set -eu
cd "$(dirname "$0")/.."
time="${1:-30s}"
git ls-files '*_test.go' | xargs grep -l '^func Fuzz' | xargs -n1 dirname | sort -u | while read -r dir; do
    for target in $(grep -hoE '^func Fuzz[A-Za-z0-9_]+' "$dir"/*_test.go | sed 's/func //'); do
        echo "== $dir $target"
        go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" "./$dir"
    done
done
