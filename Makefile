# What there is to do here. `make` alone lists it; CI runs .ci/run, which calls
# these targets and nothing else.

GO ?= go

# golangci-lint has a module of its own, so that its dependencies never
# influence the product's.
LINT = $(GO) tool -modfile=internal/tools/go.mod golangci-lint

# Every module of the repository; `tidy` and `tidy-check` visit each one.
MODULES := $(sort $(patsubst %/go.mod,%,$(shell find . -name go.mod -not -path '*/node_modules/*')))

.DEFAULT_GOAL := help

##@ Try it

.PHONY: demo
demo: ## See the provider at work against an embedded Seam: no account needed
	$(GO) run ./internal/cmd/demo

.PHONY: fakeseam
fakeseam: ## Start the embedded Seam on a local port, to point a configuration at
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

# An acceptance test starts a real CLI, found as terraform-plugin-testing finds
# it: TF_ACC_TERRAFORM_PATH, TF_ACC_TERRAFORM_VERSION, then PATH. Looking at
# PATH first here keeps a machine without one from a download in mid-test.
.PHONY: test
test: ## Run all tests, with the race detector; needs terraform, node and npm
	@test -n "$$TF_ACC_TERRAFORM_PATH$$TF_ACC_TERRAFORM_VERSION" || command -v terraform >/dev/null || { \
	  echo 'make test needs terraform on PATH (or TF_ACC_TERRAFORM_PATH); make test-unit does not.' >&2; exit 1; }
	TF_ACC=1 CHECKPOINT_DISABLE=1 $(GO) test -race -timeout 12m ./...

.PHONY: test-unit
test-unit: ## Run the tests that need no CLI, no node and no network
	TF_ACC= $(GO) test -short -timeout 5m ./...

.PHONY: contract
contract: ## Check the client and the embedded Seam against Seam's own OpenAPI
	$(GO) test -race -count=1 -timeout 5m ./internal/contract/

.PHONY: live
live: ## Run the tests that talk to a real workspace, named by your SEAM_* variables
	TF_ACC=1 CHECKPOINT_DISABLE=1 $(GO) test -run '^TestLive' -count=1 -v -timeout 30m ./...

##@ Before a commit

.PHONY: check
check: fmt-check vet lint tidy-check ## All checks that are no tests

.PHONY: fmt
fmt: ## Format the Go files
	$(LINT) fmt ./...

.PHONY: fmt-check
fmt-check: ## Fail, and show the difference, if `make fmt` would change something
	$(LINT) fmt --diff ./...

.PHONY: vet
vet: ## Run go vet
	$(GO) vet ./...

.PHONY: lint
lint: ## Run the linters, which also hold who may import whom
	$(LINT) run ./...

.PHONY: tidy
tidy: ## Tidy every go.mod
	@set -e; for dir in $(MODULES); do echo "$(GO) -C $$dir mod tidy"; $(GO) -C $$dir mod tidy; done

.PHONY: tidy-check
tidy-check: ## Fail, and show the difference, if `make tidy` would change something
	@set -e; for dir in $(MODULES); do echo "$(GO) -C $$dir mod tidy -diff"; $(GO) -C $$dir mod tidy -diff; done

.PHONY: help
help: ## List what there is to do
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
