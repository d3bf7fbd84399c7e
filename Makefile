# Portolan. `make` alone prints what there is to do.

SHELL   := /bin/sh
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X main.version=$(VERSION)
SYSTEM  := $(shell uname -s)

# clang where it is there: gcc takes minutes over the OpenGL bindings. Asked for when it is used,
# because `make run` and `make test` may have installed it a moment before.
CC_BEST = CC=$$(command -v clang || command -v gcc || echo cc)

# Every package but the window and its door: without cgo and Fyne. Listed by the shell, so that none is forgotten.
BELOW_UI = $$(go list ./... | grep -v -e /internal/ui -e /cmd/portolan)

.DEFAULT_GOAL := help
.PHONY: help run build portctl test check vet test-below-ui test-ui test-e2e test-darwin check-darwin bench bench-report bench-stages soak fuzz lint services screenshots app dmg clean

help: ## print these lines
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

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
	@CGO_ENABLED=0 go vet $(BELOW_UI) ./internal/ui/...
	@CGO_ENABLED=0 go test $(BELOW_UI) ./internal/ui/...

vet:
	@gofmt -l cmd internal assets | { ! grep . ; } || { echo "These files are not formatted: run gofmt -w on them." >&2; exit 1; }
	@echo "go vet, for Linux and macOS"
	@$(CC_BEST) go vet ./...
	@for arch in arm64 amd64; do CGO_ENABLED=0 GOOS=darwin GOARCH=$$arch go vet $(BELOW_UI) || exit 1; \
		CGO_ENABLED=0 GOOS=darwin GOARCH=$$arch go build -o /dev/null ./cmd/portctl || exit 1; done

test-below-ui:
	@$(CC_BEST) CGO_ENABLED=1 go test -race $(BELOW_UI)

test-ui:
	@CGO_ENABLED=$(if $(filter Darwin,$(SYSTEM)),1,0) go test ./internal/ui/...

test-e2e:
	@$(CC_BEST) CGO_ENABLED=1 go test -count=1 -timeout 15m ./cmd/portolan/...

# The macOS halves as real macOS programs: natively on a Mac, elsewhere through a runner for them.
test-darwin: ## the macOS halves as macOS programs: on a Mac, or elsewhere with MACHORUN=.../run
	@.ci/test-darwin

check-darwin:
	@if [ -z "$$DARWINCHECK" ]; then echo "The type check of the app for macOS was left out: DARWINCHECK names no checker."; \
	else cd "$$DARWINCHECK" && go run . -C "$(CURDIR)" -tags migrated_fynedo ./...; fi

BENCH_OUT ?=
bench: ## measure against ss, lsof and gopsutil on the same loads (5 minutes; BENCH_OUT=FILE keeps the table)
	@.ci/need bench
	@[ "$(SYSTEM)" = Linux ] || { echo "make bench compares with Linux's tools: here there is make bench-stages." >&2; exit 1; }
	@CGO_ENABLED=0 go test -C internal/netstat -count=1 -timeout 20m -run '^TestCompare$$' -compare -report "$(abspath $(BENCH_OUT))"

bench-report: ## the same, written to assets/bench.md
	@$(MAKE) --no-print-directory bench BENCH_OUT=assets/bench.md

bench-stages: ## the Go benchmarks of every stage, with their allocations
	@go test -run '^$$' -bench . -benchmem $(BELOW_UI)
	@CGO_ENABLED=$(if $(filter Darwin,$(SYSTEM)),1,0) go test -run '^$$' -bench . -benchmem ./internal/ui/...

SOAK ?= 5000
soak: ## SOAK (5000) refreshes over sockets that come and go: does memory, do goroutines or descriptors grow?
	@[ "$(SYSTEM)" = Linux ] || { echo "make soak makes its load with Linux's calls." >&2; exit 1; }
	@CGO_ENABLED=0 go test -C internal/netstat -count=1 -timeout 30m -run '^TestSoak$$' -soak $(SOAK)
	@.ci/need test
	@$(CC_BEST) CGO_ENABLED=1 go test -C cmd/portolan -count=1 -timeout 2h -run '^TestSoak$$' -soak $(SOAK)

FUZZTIME ?= 20s
fuzz: ## every fuzz target for FUZZTIME (20s)
	@grep -rHo --include='*_test.go' 'func Fuzz[A-Za-z0-9]*' cmd internal | sed 's/:func / /' | while read -r file target; do \
		echo "$$target in $$(dirname $$file)"; \
		go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) ./$$(dirname $$file) || exit 1; done

lint: ## golangci-lint with the rules in .golangci.yml (builds the linter at the first time)
	@$(CC_BEST) go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0 run ./...

services: ## fetch IANA's registry of ports anew
	@go run ./internal/port/iana

screenshots: ## make the README's pictures anew
	@.ci/need test
	@$(CC_BEST) CGO_ENABLED=1 PORTOLAN_SCREENSHOT="$(CURDIR)/assets/screenshot.png" go test -count=1 -run TestPicture ./cmd/portolan

# Who signs the bundle: "-" signs it for this Mac alone (ad hoc). To give it away, set both:
#   SIGN_IDENTITY="Developer ID Application: NAME (TEAM)"    from your keychain
#   NOTARY_PROFILE=NAME     made once with: xcrun notarytool store-credentials NAME
SIGN_IDENTITY  ?= -
NOTARY_PROFILE ?=
BUNDLE    := dist/Portolan.app
BUNDLE_ID := org.portolan.Portolan
CODESIGN   = codesign --force --options runtime $(if $(filter-out -,$(SIGN_IDENTITY)),--timestamp) --sign "$(SIGN_IDENTITY)"

app: ## on a Mac: dist/Portolan.app, for arm64 and amd64, with portctl inside, signed with SIGN_IDENTITY
	@[ "$(SYSTEM)" = Darwin ] || { echo "make app needs a Mac: it builds against Apple's frameworks." >&2; exit 1; }
	@.ci/need build
	@rm -rf $(BUNDLE) dist/build && mkdir -p $(BUNDLE)/Contents/MacOS $(BUNDLE)/Contents/Resources dist/build
	@for arch in arm64 amd64; do \
		apple=$$([ $$arch = amd64 ] && echo x86_64 || echo $$arch); \
		CGO_ENABLED=1 GOARCH=$$arch CC="clang -arch $$apple" MACOSX_DEPLOYMENT_TARGET=12.0 \
			go build -trimpath -tags migrated_fynedo -ldflags '$(LDFLAGS)' -o dist/build/portolan-$$arch ./cmd/portolan || exit 1; \
		CGO_ENABLED=0 GOARCH=$$arch go build -trimpath -ldflags '$(LDFLAGS)' -o dist/build/portctl-$$arch ./cmd/portctl || exit 1; \
	done
	@for name in portolan portctl; do \
		lipo -create -output $(BUNDLE)/Contents/MacOS/$$name dist/build/$$name-arm64 dist/build/$$name-amd64 || exit 1; done
	@cp cmd/portolan/macos/Info.plist $(BUNDLE)/Contents/Info.plist
	@release=$$(echo "$(VERSION)" | sed -nE 's/^v?([0-9]+\.[0-9]+\.[0-9]+).*/\1/p'); \
		[ -z "$$release" ] || plutil -replace CFBundleShortVersionString -string "$$release" $(BUNDLE)/Contents/Info.plist
	@go run ./cmd/portolan/macos assets/icon.svg dist/build/Portolan.iconset
	@iconutil --convert icns --output $(BUNDLE)/Contents/Resources/Portolan.icns dist/build/Portolan.iconset
	@$(CODESIGN) --identifier $(BUNDLE_ID).portctl $(BUNDLE)/Contents/MacOS/portctl
	@$(CODESIGN) --identifier $(BUNDLE_ID) $(BUNDLE)
	@codesign --verify --deep --strict $(BUNDLE) && lipo -info $(BUNDLE)/Contents/MacOS/portolan && echo "$(BUNDLE) is ready."

dmg: app ## on a Mac: dist/Portolan.dmg, notarised where NOTARY_PROFILE is set
	@rm -rf dist/build/dmg dist/Portolan.dmg && mkdir -p dist/build/dmg
	@ditto $(BUNDLE) dist/build/dmg/Portolan.app && ln -s /Applications dist/build/dmg/Applications
	@hdiutil create -quiet -volname Portolan -srcfolder dist/build/dmg -format UDZO dist/Portolan.dmg
	@[ "$(SIGN_IDENTITY)" = - ] || codesign --force --timestamp --sign "$(SIGN_IDENTITY)" dist/Portolan.dmg
	@if [ -n "$(NOTARY_PROFILE)" ]; then \
		xcrun notarytool submit --wait --keychain-profile "$(NOTARY_PROFILE)" dist/Portolan.dmg && xcrun stapler staple dist/Portolan.dmg; \
	else echo "Not notarised: NOTARY_PROFILE is not set. Other Macs will ask before they open it."; fi

clean: ## remove what was built
	@rm -rf bin dist
