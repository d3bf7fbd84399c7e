# Portolan. `make` alone prints what there is to do.

SHELL   := /bin/sh
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X main.version=$(VERSION)
SYSTEM  := $(shell uname -s)

# clang where it is there: gcc takes minutes over the OpenGL bindings. Asked for when it is used,
# because `make run` and `make test` may have installed it a moment before.
CC_BEST = CC=$$(command -v clang || command -v gcc || echo cc)

BELOW_UI := ./assets/... ./internal ./internal/process/... ./internal/netstat/... ./internal/monitor/... ./internal/port/... ./internal/table/... ./cmd/portctl/...
NO_FYNE  := ./internal/process/... ./internal/netstat/... ./internal/monitor/... ./internal/port/... ./internal/table/... ./cmd/portctl/...

.DEFAULT_GOAL := help
.PHONY: help run build portctl test check vet test-below-ui test-ui test-e2e test-darwin check-darwin bench fuzz lint screenshots app dmg clean

help: ## print these lines
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## /\1\t/' | while IFS="$$(printf '\t')" read -r t d; do printf '  make %-13s %s\n' "$$t" "$$d"; done

run: ## install what the build needs, build, and start Portolan (in the terminal where there is no display)
	@if [ "$(SYSTEM)" = Darwin ] || [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then \
		.ci/need build && $(MAKE) --no-print-directory build && exec bin/portolan; \
	else \
		echo "There is no display: the live table is shown here in the terminal instead (portctl watch; q quits)."; \
		$(MAKE) --no-print-directory portctl && exec bin/portctl watch; \
	fi

build: portctl ## build bin/portolan and bin/portctl
	@$(CC_BEST) CGO_ENABLED=1 go build -trimpath -tags migrated_fynedo -ldflags '$(LDFLAGS)' -o bin/portolan ./cmd/portolan \
		|| { echo "The build failed. If a header is missing, run: .ci/need build" >&2; exit 1; }

portctl: ## build bin/portctl alone: no cgo, no display libraries
	@CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o bin/portctl ./cmd/portctl

test: ## install what the tests need and pass all of them
	@.ci/need test
	@$(MAKE) --no-print-directory vet test-below-ui test-ui test-e2e test-darwin check-darwin
	@echo "All tests have passed."

check: ## the quick ones, for the inner loop: vet, and every test that needs no window
	@CGO_ENABLED=0 go vet $(NO_FYNE) ./internal/ui/...
	@CGO_ENABLED=0 go test $(BELOW_UI) ./internal/ui/...

vet:
	@gofmt -l cmd internal assets | { ! grep . ; } || { echo "These files are not formatted: run gofmt -w on them." >&2; exit 1; }
	@echo "go vet, for Linux and macOS"
	@$(CC_BEST) go vet ./...
	@for arch in arm64 amd64; do CGO_ENABLED=0 GOOS=darwin GOARCH=$$arch go vet $(NO_FYNE) || exit 1; \
		CGO_ENABLED=0 GOOS=darwin GOARCH=$$arch go build -o /dev/null ./cmd/portctl || exit 1; done

test-below-ui:
	@$(CC_BEST) CGO_ENABLED=1 go test -race $(BELOW_UI)

test-ui:
	@CGO_ENABLED=$(if $(filter Darwin,$(SYSTEM)),1,0) go test ./internal/ui/...

test-e2e:
	@$(CC_BEST) CGO_ENABLED=1 go test -count=1 -timeout 5m ./cmd/portolan/...

clean: ## remove what was built
	@rm -rf bin dist
