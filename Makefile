# What there is to do here. `make` alone lists it; CI runs .ci/run, which calls
# these targets and nothing else.

GO ?= go

# golangci-lint has a module of its own, so that its dependencies never
# influence the product's.
LINT = $(GO) tool -modfile=internal/tools/go.mod golangci-lint
TFPLUGINDOCS = $(GO) tool -modfile=internal/tools/go.mod tfplugindocs
GOVULNCHECK = $(GO) tool -modfile=internal/tools/go.mod govulncheck
# actionlint needs another version of what golangci-lint is built on.
ACTIONLINT = $(GO) tool -modfile=internal/tools/actionlint/go.mod actionlint
# tfplugindocs reports each file that it reads, with debug lines: that is shown only if
# it fails.
quietly = @echo '$(1)'; output=$$($(1) 2>&1) || { printf '%s\n' "$$output" >&2; exit 1; }
# For fmt alone, in which the two do not differ.
CLI = $(shell command -v terraform || command -v tofu || echo terraform)

# One platform of each kind that a release is for: another system, another path
# separator, and an int of 32 bits.
CROSS = darwin/arm64 freebsd/amd64 linux/386 windows/amd64

# Every module of the repository; `tidy` visits each one. To look at GoReleaser's,
# Go fetches gigabytes that are never built: `tidy-check` leaves that one out.
MODULES := $(sort $(patsubst %/go.mod,%,$(shell find . -name go.mod -not -path '*/node_modules/*')))

.DEFAULT_GOAL := help

##@ Try it

.PHONY: demo
demo: ## See the provider at work against an embedded Seam: no account needed
	$(GO) run ./internal/cmd/demo

.PHONY: recording
recording: ## Record the demo again, for the README
	@mkdir -p bin
	$(GO) run ./internal/cmd/demo > bin/demo.txt
	$(GO) run ./internal/cmd/recording < bin/demo.txt > .github/assets/demo.svg

.PHONY: fakeseam
fakeseam: ## Start an embedded Seam on a local port, with commands for what can go wrong
	$(GO) run ./internal/cmd/fakeseam

.PHONY: build
build: ## Build the provider into bin/
	$(GO) build -o bin/terraform-provider-seam .

.PHONY: dev-overrides
dev-overrides: build ## Build, and say how to make Terraform use that build
	@printf 'provider_installation {\n  dev_overrides {\n    "seamapi/seam" = "%s/bin"\n  }\n  direct {}\n}\n' '$(CURDIR)' > bin/dev.tfrc
	@echo
	@echo 'bin/dev.tfrc tells Terraform and OpenTofu to run this build. Use it with'
	@echo
	@echo '  export TF_CLI_CONFIG_FILE=$(CURDIR)/bin/dev.tfrc'
	@echo
	@echo 'and run plan or apply without init: an overridden provider is not installed.'

##@ Test

# An acceptance test starts a real CLI, found as terraform-plugin-testing finds it:
# TF_ACC_TERRAFORM_PATH, TF_ACC_TERRAFORM_VERSION, then terraform on PATH. It does not
# look for tofu, and would download a Terraform instead.
.PHONY: test
test: ## Run all tests, with the race detector; needs terraform or tofu, node and npm
	@set -e; if test -z "$$TF_ACC_TERRAFORM_PATH$$TF_ACC_TERRAFORM_VERSION" && ! command -v terraform >/dev/null; then \
	  TF_ACC_TERRAFORM_PATH=$$(command -v tofu) || { \
	    echo 'make test needs terraform or tofu on PATH, or TF_ACC_TERRAFORM_PATH; make test-unit does not.' >&2; exit 1; }; \
	  export TF_ACC_TERRAFORM_PATH TF_ACC_PROVIDER_NAMESPACE=hashicorp TF_ACC_PROVIDER_HOST=registry.opentofu.org; \
	fi; \
	echo 'TF_ACC=1 CHECKPOINT_DISABLE=1 $(GO) test -race -timeout 15m ./...'; \
	TF_ACC=1 CHECKPOINT_DISABLE=1 $(GO) test -race -timeout 15m ./...
	$(GO) test -run '^TestModel' ./internal/link ./internal/people

.PHONY: test-unit
test-unit: ## Run the tests that need no CLI, no node and no network
	TF_ACC= $(GO) test -short -timeout 5m ./...

.PHONY: chaos
chaos: ## Put a real CLI and the provider through storms, and balance the books; needs terraform or tofu
	$(GO) run ./internal/cmd/chaos

.PHONY: bench
bench: ## Compare the provider with one that does nothing; BENCH holds flags (-full)
	$(GO) run ./internal/cmd/bench $(BENCH)

.PHONY: contract
contract: ## Check the client and the embedded Seam against Seam's own OpenAPI and fake server
	$(GO) test -race -count=1 -timeout 5m ./internal/contract/

FUZZTIME ?= 10s

# One target at a time is all that go test -fuzz takes.
.PHONY: fuzz
fuzz: ## Run each fuzz target for FUZZTIME (10s)
	@set -e; for dir in $$(grep -rl --include='*_test.go' '^func Fuzz' internal | xargs -n 1 dirname | sort -u); do \
	  for target in $$($(GO) test -list '^Fuzz' ./$$dir | grep '^Fuzz'); do \
	    echo "$$dir $$target"; $(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) ./$$dir; \
	  done; \
	done

.PHONY: live
live: ## Run the tests that talk to a real workspace, named by your SEAM_* variables
	SEAM_LIVE=1 TF_ACC=1 CHECKPOINT_DISABLE=1 $(GO) test -run '^TestLive' -count=1 -v -timeout 30m ./internal/provider/

##@ Before a commit

.PHONY: check
check: fmt-check vet lint lint-workflows tidy-check docs-check ## All checks that are no tests

# docs/ comes from the schemas, templates/ and examples/. The schemas come from
# the provider itself, for an older Terraform leaves out list resources and
# actions. What the registry and tfplugindocs call the provider is its last word.
.PHONY: generate
generate: bin/schema.json ## Write docs/, from the schemas, templates/ and examples/
	$(call quietly,$(TFPLUGINDOCS) generate --provider-name seam --rendered-provider-name Seam --providers-schema bin/schema.json)

.PHONY: bin/schema.json
bin/schema.json:
	@mkdir -p bin
	$(GO) run ./internal/cmd/schemajson > $@

# A second docs/ is compared with the first, so that a page that is missing, or
# left over, is found as well, whatever git knows of it. Before Terraform 1.14
# `terraform fmt` knows no .tfquery.hcl, but it formats what it is given.
.PHONY: docs-check
docs-check: bin/schema.json ## Fail, and show the difference, if `make generate` would change something; needs terraform or tofu
	@rm -rf bin/docs
	$(call quietly,$(TFPLUGINDOCS) generate --provider-name seam --rendered-provider-name Seam --providers-schema bin/schema.json --rendered-website-dir bin/docs)
	diff -ru docs bin/docs
	$(call quietly,$(TFPLUGINDOCS) validate --provider-name seam --providers-schema bin/schema.json)
	$(CLI) fmt -check -diff -recursive examples
	@set -e; find examples -name '*.tfquery.hcl' | while read -r file; do $(CLI) fmt - < "$$file" | diff -u "$$file" -; done

.PHONY: golden
golden: ## Write what people read: internal/provider/testdata/diagnostics.md
	$(GO) test ./internal/provider -run '^TestDiagnostics_golden$$' -count=1 -update

.PHONY: fmt
fmt: ## Format the Go files
	$(LINT) fmt ./...

.PHONY: fmt-check
fmt-check: ## Fail, and show the difference, if `make fmt` would change something
	$(LINT) fmt --diff ./...

.PHONY: vet
vet: ## Run go vet
	$(GO) vet ./...

.PHONY: cross
cross: ## Build and vet everything for other platforms too
	@set -e; for platform in $(CROSS); do \
	  echo "GOOS=$${platform%/*} GOARCH=$${platform#*/} $(GO) build ./... && $(GO) vet ./..."; \
	  CGO_ENABLED=0 GOOS=$${platform%/*} GOARCH=$${platform#*/} $(GO) build ./...; \
	  CGO_ENABLED=0 GOOS=$${platform%/*} GOARCH=$${platform#*/} $(GO) vet ./...; \
	done

.PHONY: lint
lint: ## Run the linters, which also hold who may import whom
	$(LINT) run ./...

.PHONY: lint-workflows
lint-workflows: ## Lint .github/workflows
	$(ACTIONLINT)

# Asks the Go vulnerability database, so it needs more network than the rest.
.PHONY: vulnerabilities
vulnerabilities: ## Look for known vulnerabilities in code that the provider reaches
	$(GOVULNCHECK) ./...

.PHONY: tidy
tidy: ## Tidy every go.mod
	@set -e; for dir in $(MODULES); do echo "$(GO) -C $$dir mod tidy"; $(GO) -C $$dir mod tidy; done

.PHONY: tidy-check
tidy-check: ## Fail, and show the difference, if `make tidy` would change something
	@set -e; for dir in $(filter-out %/release,$(MODULES)); do echo "$(GO) -C $$dir mod tidy -diff"; $(GO) -C $$dir mod tidy -diff; done

##@ Release

.PHONY: release-check
release-check: ## Make, check and install a release for every platform; needs gpg and terraform; RELEASECHECK holds flags (-cli)
	$(GO) run ./internal/cmd/releasecheck $(RELEASECHECK)

.PHONY: release-check-here
release-check-here: ## The same for the platform of this machine only: a minute or so
	$(GO) run ./internal/cmd/releasecheck -here $(RELEASECHECK)

.PHONY: help
help: ## List what there is to do
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
