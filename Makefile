# make demo and make test are all a newcomer needs; make help lists the rest.
GO      ?= go
BIN     := bin/pitcrew
TOOLS   := $(CURDIR)/.tools/bin
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
DEMO    ?=

export PATH := $(TOOLS):$(PATH)
export PITCREW_TOOLS := $(TOOLS)

.PHONY: help build demo test test-short lint generate fuzz bench tools test-deps clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

build: ## build bin/pitcrew: one static binary, no cgo
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o $(BIN) ./cmd/pitcrew

demo: build ## build, start everything embedded with a simulated fleet, open on http://127.0.0.1:8080 (DEMO="--vehicles 200" adds flags)
	$(BIN) demo $(DEMO)

# Where the race detector finds nothing and costs much: SQLite itself, which is C translated to Go, and
# arithmetic that runs alone (internal/arch sees to it). The tests need half the time.
MODULE  := github.com/pitcrew-telematics/pitcrew
UNRACED := -gcflags=modernc.org/sqlite/lib=-race=false -gcflags=modernc.org/libc/...=-race=false \
	-gcflags=$(MODULE)/internal/elementary=-race=false -gcflags=$(MODULE)/predict/degradation=-race=false \
	-gcflags=$(MODULE)/predict/survival=-race=false

test: test-deps ## install what the tests need, run them all under the race detector
	CGO_ENABLED=1 $(GO) test -race $(UNRACED) -timeout 20m ./...

test-short: ## the fast tests: nothing needs to be installed
	$(GO) test -short ./...

lint: tools ## gofmt, vet, staticcheck and golangci-lint
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); echo "run gofmt -w on these files"; exit 1; }
	$(GO) vet ./...
	staticcheck ./...
	golangci-lint run ./...

generate: ## generate the API from its contract, the typed SQL and the pages
	scripts/tools.sh generate
	api/generate.sh
	cd store && sqlc generate
	cd console && templ generate -path .

fuzz: ## run every fuzz target for FUZZTIME (default 30s)
	scripts/fuzz.sh $(or $(FUZZTIME),30s)

bench: ## run the benchmarks, ready for benchstat
	$(GO) test -run '^$$' -bench . -benchmem ./...

tools: ## install the linters into .tools
	@scripts/tools.sh lint

test-deps: ## install the servers that the tests talk to
	@scripts/test-deps.sh

clean: ## remove what was built; installed tools and data folders stay
	rm -rf bin
