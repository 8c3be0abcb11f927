# Two commands do everything on a fresh machine: `make demo` and `make test`.
# What they need from Debian, Cargo and the Go module proxy they fetch; what they may not, they name.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
CARGO ?= cargo
export CARGO_TARGET_DIR ?= $(CURDIR)/target

.PHONY: help setup controlplane krew mcp seal build demo picture test bench bench-scan soak lint generated dist dist-check verify-release clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

setup: ## Install what the tests need from Debian, or name what is missing
	@tests/setup

controlplane: setup ## Build kube-apiserver, etcd, kubectl and the rest once; the last line is their folder
	@tests/controlplane/build

krew: setup ## Build krew and the validator of krew-index once; the last line is their folder
	@tests/krew/build

mcp: setup ## Make the environment of the Model Context Protocol's own client once; the last line is its python
	@tests/mcp/build

seal: setup ## Build what opens a SealedSecret with the sealed-secrets project's own code once; the last line is its folder
	@tests/seal/build

build: setup ## Build the release binary
	@$(CARGO) build --release --locked

demo: controlplane ## Run the main job against a throw-away control plane and a private keychain
	@$(CARGO) build --quiet --locked
	@$(CARGO) test --quiet --locked --test demo -- --show

picture: controlplane ## Renew the pictures in the README and docs/audit.md from real runs
	@$(CARGO) test --quiet --locked --test demo -- --picture docs/demo.svg
	@$(CARGO) test --quiet --locked --test demo -- --page docs/audit.png

test: controlplane krew mcp seal build ## Run every test
	@$(CARGO) test --locked
	@$(CARGO) test --locked --doc

bench: controlplane ## Measure the release build against kubectl, and renew docs/benchmarks.md
	@$(CARGO) build --release --locked
	@$(CARGO) bench --quiet --locked --profile dev --bench kubectl

bench-scan: setup ## Measure scan against gitleaks and others on a corpus and on 100,000 files, and renew docs/benchmarks.md
	@tests/scan/build >/dev/null
	@$(CARGO) build --release --locked
	@$(CARGO) bench --quiet --locked --profile dev --bench scan

soak: controlplane ## Rotate 1,000 due Secrets beside a bare load loop and kubectl apply, and interrupt it half way
	@$(CARGO) build --release --locked
	@$(CARGO) bench --quiet --locked --bench due

lint: setup ## Formatting, clippy, shell scripts, documentation, dependencies: warnings are errors
	@$(CARGO) fmt --check
	@shellcheck .ci/run release/* tests/setup tests/setup-* tests/*/build completions/kubectl_complete-secretsafe
	@shellcheck --shell bash completions/*.bash
	@$(CARGO) clippy --locked --all-targets -- -D warnings
	@RUSTDOCFLAGS='-D warnings' $(CARGO) doc --locked --no-deps --document-private-items --quiet
	@$(CARGO) fetch --locked --quiet
	@deny=$$(tests/setup-lint | tail -n 1); PATH="$$deny:$$PATH" $(CARGO) deny --offline --log-level error check bans licenses sources

generated: ## Renew man pages, docs/cli.md and docs/schemas
	@UPDATE=1 $(CARGO) test --quiet --locked --test generated

dist: ## Build the release archive of this platform, its sum and krew's manifest into dist/
	@release/dist
	@release/manifest dist > dist/secretsafe.yaml

dist-check: ## Build the archive in two folders and compare them byte for byte
	@release/check

verify-release: ## Check ARCHIVE=… against krew's manifest and its attestation (MANIFEST=…, if not beside it)
	@release/verify $(if $(SUM_ONLY),--sum-only) "$(ARCHIVE)" $(if $(MANIFEST),"$(MANIFEST)")

clean: ## Remove what was built here; the control plane's cache stays
	@$(CARGO) clean
