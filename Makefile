# Every target explains itself: `make help`.
.DEFAULT_GOAL := help
GO ?= go
export CGO_ENABLED ?= 1

# The laws are tried on the same inputs in every run of the tests, so that a
# run says something about the change and nothing about luck; `make laws` looks
# for new counterexamples.
export RAPID_SEED ?= 1

.PHONY: help test check quick laws lint build install-tools update bench driftbench clean

help: ## print this help
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | sort | expand -t 16

test: install-tools check ## install what the tests need where it can, then run everything (some 13 minutes on two cores)

# Packages that start nothing beside themselves, neither in code nor in tests:
# the race detector has nothing to see there, and takes ten times as long.
STILL := contracts contracts/notation contracts/uses graphql heartbeats reconcile webhooks
# Packages with tests that do less under the race detector: tested both ways.
BOTH := contracts/openapi monitor reconcile/sides
# As the static binary is built, which the tests start: it is compiled once.
STATIC := CGO_ENABLED=0 $(GO)

check: ## gofmt, vet, lint if present, and all tests, with the race detector wherever anything runs at once
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then echo "gofmt needed: $$unformatted"; exit 1; fi
	$(STATIC) vet -trimpath ./...
	@if command -v golangci-lint >/dev/null; then golangci-lint run ./...; else echo "skipped: golangci-lint is not installed"; fi
	$(STATIC) test -trimpath -vet=off -timeout 20m $(addprefix ./,$(STILL) $(BOTH))
	$(GO) test -race -vet=off -p 3 -parallel 8 -timeout 20m $$($(GO) list ./... | grep -vxF $(addprefix -e shapewatch/,$(STILL)))

quick: ## all tests without the race detector and without the slow ones
	$(GO) vet ./... && $(GO) test -short ./...

# The version that the code was last read by: a newer one may know new rules.
LINT := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

lint: ## golangci-lint, built once when it is not installed (some minutes)
	@if command -v golangci-lint >/dev/null; then golangci-lint run ./...; else $(GO) run $(LINT) run ./...; fi

laws: ## try the laws on new inputs, thirty times as many (some minutes); a counterexample prints its seed
	RAPID_SEED=0 RAPID_CHECKS=3000 $(GO) test -count=1 -timeout 30m \
	  $$($(GO) list -f '{{range .XTestImports}}{{if eq . "pgregory.net/rapid"}}{{$$.ImportPath}}{{end}}{{end}}{{range .TestImports}}{{if eq . "pgregory.net/rapid"}}{{$$.ImportPath}}{{end}}{{end}}' ./...)

build: ## the static binary, ./shapewatch
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-s -w -X main.version=$$(git describe --tags --always --dirty 2>/dev/null || echo dev)" -o shapewatch .

install-tools: ## chromium for the page tests (Debian); elsewhere say what is skipped
	@sh .ci/tools

update: ## rewrite golden files and generated docs from the code
	$(GO) test -short . ./alerting ./alerting/pullrequest ./contracts/detectors ./contracts/notation ./contracts/openapi ./contracts/shape ./contracts/uses ./probes ./web -update

bench: ## the benchmarks quoted in docs/performance.md
	$(GO) test -run '^$$' -bench . -benchtime 1s ./contracts/... ./probes ./store ./monitor

driftbench: ## measure the detection on seeded drifts, quiet vendors and recorded reality; writes docs/drift-quality.md (many minutes)
	$(GO) test ./driftbench -run TestDriftbench -entire -v -timeout 4h

clean: ## remove what builds leave behind
	rm -f shapewatch
