# Everything a developer needs: setup, demo, test, lint, bench, soak, lock, clean.
# Nothing is installed outside the checkout, except Debian packages where `make setup` runs as root.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.SUFFIXES:

KUSTOMIZE_VERSION := v5.8.1
REGISTRY_VERSION := v3.0.0
HELM_VERSION := v4.2.4
UV_VERSION := 0.13.8

# What the tests of the real Argo CD build; the versions stand in the two modules' go.mod.
GO_MODULES := tests/argocd/binaries
pinned = $(shell awk '$$1 == "$(2)" && NF > 1 {print $$2}' $(GO_MODULES)/$(1)/go.mod)
ARGOCD_VERSION := $(call pinned,argocd,github.com/argoproj/argo-cd/v3)
KUBERNETES_VERSION := $(call pinned,kubernetes,k8s.io/kubernetes)
ETCD_VERSION := $(call pinned,kubernetes,go.etcd.io/etcd/server/v3)

PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3.13 python3.14 python3,$(shell command -v $(name))))
VENV := .venv
TOOLS := $(CURDIR)/.tools
BIN := $(VENV)/bin
GO_INSTALL := GOBIN=$(TOOLS)/bin CGO_ENABLED=0 GOFLAGS=-trimpath go install
TEST_WORKERS ?= 2

.PHONY: help
help: ## Say what can be made
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.PHONY: setup-demo
setup-demo: $(VENV)/.app $(TOOLS)/kustomize-$(KUSTOMIZE_VERSION) $(TOOLS)/registry-$(REGISTRY_VERSION) ## Install what the demo needs

.PHONY: setup
setup: setup-demo $(VENV)/.dev $(TOOLS)/helm-$(HELM_VERSION) $(TOOLS)/bin/masterminds $(TOOLS)/contracts-fetched crds chromium ## Install what every test needs

.PHONY: setup-argocd
setup-argocd: $(TOOLS)/argocd-$(ARGOCD_VERSION) $(TOOLS)/argocd-client-$(ARGOCD_VERSION) $(TOOLS)/etcd-$(ETCD_VERSION) \
	$(TOOLS)/kube-apiserver-$(KUBERNETES_VERSION) redis ## Build the real Argo CD and a cluster below the checkout

.PHONY: demo
demo: setup-demo ## Run the whole story, then leave the servers running until Ctrl-C
	$(BIN)/towline demo

.PHONY: test
test: setup ## Run every test but those of the real Argo CD
	$(BIN)/python -m pytest -n $(TEST_WORKERS) --dist loadfile --ignore=tests/argocd --ignore=tests/image

.PHONY: test-argocd
test-argocd: setup setup-argocd ## Run the tests of the real Argo CD and a real cluster
	$(BIN)/python -m pytest tests/argocd

# Everything comes from package registries: the base is made of Debian's packages on the spot, and
# kustomize and helm are the checkout's. What podman needs where it has little: few files and processes.
PODMAN := podman --runtime runc --cgroup-manager cgroupfs
IMAGE := localhost/towline-sidecar
IMAGE_BASE := localhost/towline-base
SUITE := bookworm

.PHONY: image
image: setup-demo $(TOOLS)/helm-$(HELM_VERSION) $(TOOLS)/image-base-$(SUITE) ## Build the sidecar's image with podman, as root
	$(PODMAN) build --quiet --network host --ulimit nofile=1024:1024 --ulimit nproc=1024:1024 \
		--volume /etc/ssl/certs:/certificates:ro --build-arg CERTIFICATES=/certificates/ca-certificates.crt \
		--build-arg BASE=$(IMAGE_BASE) --build-arg PROGRAMS=checkout --build-arg HELM=true \
		--ignorefile plugin/Dockerfile.dockerignore -f plugin/Dockerfile -t $(IMAGE) .

.PHONY: test-image
test-image: setup image ## Run the tests of the sidecar's image
	$(BIN)/python -m pytest tests/image

.PHONY: lint
lint: $(VENV)/.dev ## Check style, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: bench
bench: setup-demo ## Measure, each figure beside its floor; writes bench/results.json
	$(BIN)/python -m bench.run

.PHONY: soak
soak: setup ## Try every property with two hundred times as many examples
	$(BIN)/python -m pytest -n $(TEST_WORKERS) -m hypothesis --hypothesis-profile soak --timeout 7200

.PHONY: lock
lock: $(TOOLS)/uv-$(UV_VERSION) ## Resolve pyproject.toml anew into the two hash-pinned lock files
	$(TOOLS)/uv/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
		--custom-compile-command 'make lock' --extra app --group build \
		--output-file requirements.txt pyproject.toml
	$(TOOLS)/uv/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
		--custom-compile-command 'make lock' --constraint requirements.txt \
		--output-file plugin/requirements.txt pyproject.toml
	$(TOOLS)/uv/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
		--custom-compile-command 'make lock' --extra app --group build --group dev \
		--constraint requirements.txt --output-file requirements-dev.txt pyproject.toml

.PHONY: clean
clean: ## Remove what make has made
	rm -rf $(VENV) $(TOOLS) .mypy_cache .pytest_cache .ruff_cache .hypothesis bench/results.json
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@[ -n "$(PYTHON)" ] && "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Towline needs Python 3.11 or newer; say where it is: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	"$(PYTHON)" -m venv $(VENV)

$(VENV)/.app: requirements.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.app
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	touch $@

# GitHub's published descriptions, for the contract tests; without npm those tests skip, and say so.
$(TOOLS)/contracts-fetched: tests/contracts/fetch.py tests/contracts/package-lock.json | $(VENV)/bin/python
	mkdir -p $(TOOLS)
	if $(BIN)/python -m tests.contracts.fetch; then touch $@; \
	else echo "NOTE: the contract tests will be skipped" >&2; fi

# The schemas of KubeVirt's and CDI's objects, out of their Go modules; it looks itself whether they
# are there, because fetching GitHub's descriptions anew removes them.
.PHONY: crds
crds: $(VENV)/.app | $(TOOLS)/contracts-fetched
	$(BIN)/python -m tests.contracts.kubevirt.fetch \
		|| echo "NOTE: the tests of VM manifests against KubeVirt's schemas will be skipped" >&2

# One test drives a browser; only root can install one, and an installed one is used as it is.
.PHONY: chromium
chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
		|| { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq \
			&& DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; } \
		|| echo "NOTE: no Chromium (apt-get install chromium): the browser tests will be skipped" >&2

# Where Go is missing, kubectl brings the same kustomize along; the wrapper drops the word `build`.
$(TOOLS)/kustomize-$(KUSTOMIZE_VERSION):
	mkdir -p $(TOOLS)/bin
	if command -v go >/dev/null; then \
		$(GO_INSTALL) sigs.k8s.io/kustomize/kustomize/v5@$(KUSTOMIZE_VERSION); \
	elif command -v kubectl >/dev/null; then \
		echo "Go is missing: 'kubectl kustomize' stands in for kustomize $(KUSTOMIZE_VERSION)" >&2; \
		printf '#!/bin/sh\n[ "$$1" = build ] && shift\nexec %s kustomize "$$@"\n' "$$(command -v kubectl)" > $(TOOLS)/bin/kustomize; \
		chmod +x $(TOOLS)/bin/kustomize; \
	else \
		echo "Install Go (https://go.dev/dl/) or kubectl: kustomize $(KUSTOMIZE_VERSION) is built with it" >&2; exit 1; \
	fi
	touch $@

$(TOOLS)/registry-$(REGISTRY_VERSION):
	mkdir -p $(TOOLS)/bin
	command -v go >/dev/null || { echo "Install Go (https://go.dev/dl/): the registry $(REGISTRY_VERSION) is built with it" >&2; exit 1; }
	$(GO_INSTALL) github.com/distribution/distribution/v3/cmd/registry@$(REGISTRY_VERSION)
	touch $@

# Charts through kustomize are optional, and so is helm: without it those tests skip, and say so.
$(TOOLS)/helm-$(HELM_VERSION):
	mkdir -p $(TOOLS)/bin
	if command -v go >/dev/null; then \
		echo "Building $(notdir $@): it takes minutes the first time" >&2; \
		nice -n 10 env $(GO_INSTALL) -ldflags '-s -w' helm.sh/helm/v4/cmd/helm@$(HELM_VERSION); touch $@; \
	else echo "NOTE: no Go: the tests of charts will be skipped" >&2; fi

# The library whose version constraints we mean; without Go the tests that ask it skip, and say so.
$(TOOLS)/bin/masterminds: $(addprefix tests/warehouse/masterminds/,go.mod go.sum main.go)
	mkdir -p $(TOOLS)/bin
	if command -v go >/dev/null; then \
		cd $(dir $<) && CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o $@ .; \
	else echo "NOTE: no Go: the tests that ask Masterminds will be skipped" >&2; fi

$(TOOLS)/image-base-$(SUITE):
	for program in podman runc mmdebstrap; do \
		command -v $$program >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq \
			&& DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$program >/dev/null; } \
			|| { echo "Install $$program: the image is built with it" >&2; exit 1; }; \
	done
	mmdebstrap --quiet --variant=apt $(SUITE) $(TOOLS)/base.tar
	podman import --quiet $(TOOLS)/base.tar $(IMAGE_BASE) >/dev/null
	rm $(TOOLS)/base.tar
	touch $@

# $(call built,MODULE,PROGRAM,PACKAGE,LINKER'S FLAGS)
define built
	@command -v go >/dev/null || { echo "Install Go (https://go.dev/dl/): $(2) is built with it" >&2; exit 1; }
	@echo "Building $(notdir $@): it takes minutes the first time" >&2
	@mkdir -p $(TOOLS)/bin
	cd $(GO_MODULES)/$(1) && CGO_ENABLED=0 nice -n 10 go build -trimpath -ldflags '-s -w $(4)' -o $(TOOLS)/bin/$(2) $(3)
endef

# Its stamp says where the module's files are: the tests take Argo CD's resource definitions from there.
$(TOOLS)/argocd-$(ARGOCD_VERSION): $(GO_MODULES)/argocd/go.mod
	$(call built,argocd,argocd,github.com/argoproj/argo-cd/v3/cmd,-X github.com/argoproj/argo-cd/v3/common.version=$(ARGOCD_VERSION:v%=%))
	cd $(GO_MODULES)/argocd && go list -m -f '{{.Dir}}' github.com/argoproj/argo-cd/v3 > $@

$(TOOLS)/argocd-client-$(ARGOCD_VERSION): $(GO_MODULES)/argocd/go.mod $(GO_MODULES)/argocd/client/main.go
	$(call built,argocd,argocd-client,./client,)
	touch $@

$(TOOLS)/etcd-$(ETCD_VERSION): $(GO_MODULES)/kubernetes/go.mod
	$(call built,kubernetes,etcd,go.etcd.io/etcd/server/v3,)
	touch $@

# Without the version, Argo CD would tell plugins that the cluster is Kubernetes 0.0.0.
KUBERNETES_SAYS := k8s.io/component-base/version
$(TOOLS)/kube-apiserver-$(KUBERNETES_VERSION): $(GO_MODULES)/kubernetes/go.mod
	$(call built,kubernetes,kube-apiserver,k8s.io/kubernetes/cmd/kube-apiserver,-X $(KUBERNETES_SAYS).gitVersion=$(KUBERNETES_VERSION) \
		-X $(KUBERNETES_SAYS).gitMajor=1 -X $(KUBERNETES_SAYS).gitMinor=$(word 2,$(subst ., ,$(KUBERNETES_VERSION))))
	touch $@

# Debian's redis-tools holds the server's program under another name, and no service that would start.
.PHONY: redis
redis:
	@command -v redis-server >/dev/null || command -v redis-check-rdb >/dev/null \
		|| { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq \
			&& DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends redis-tools >/dev/null; } \
		|| echo "NOTE: no Redis (apt-get install redis-tools): the tests of the real Argo CD will be skipped" >&2
	@mkdir -p $(TOOLS)/bin
	@if found="$$(command -v redis-server || command -v redis-check-rdb)"; then ln -sf "$$found" $(TOOLS)/bin/redis-server; fi

$(TOOLS)/uv-$(UV_VERSION):
	mkdir -p $(TOOLS)
	"$(PYTHON)" -m venv $(TOOLS)/uv
	$(TOOLS)/uv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	touch $@
