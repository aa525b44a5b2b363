# make test      everything that must hold: format, vet, staticcheck, known vulnerabilities, all tests
# make reading   how well mail is read, on the corpora named by INTROD_CORPORA
# make bench     the budgets of docs/PERFORMANCE.md, on a real Dovecot (bench-million: a million messages)
# make fuzz      every fuzz target for FUZZTIME each
# make release   archives, packages and checksums for every system, into the folder dist (VERSION=0.1.0)
# make man       the manual pages, made from the commands, into the folder man

STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOVULNCHECK = golang.org/x/vuln/cmd/govulncheck@v1.9.0
FUZZTIME   ?= 1m
VERSION    ?= $(shell sed -n 's/^var version = "\(.*\)-dev"/\1/p' cmd/introd/main.go)

.PHONY: build test format vet staticcheck vulnerabilities unit reading bench bench-million fuzz man release

build:
	go build -o introd ./cmd/introd

man:
	rm -rf man
	go run ./cmd/introd man man

release:
	go run ./cmd/release -version $(VERSION) -out dist

test: format vet staticcheck vulnerabilities unit

format:
	@out=$$(gofmt -l .); test -z "$$out" || { echo "these files want gofmt:"; echo "$$out"; exit 1; }

# Nothing is run on the other systems by the tests: that it builds there is at least held.
vet:
	go vet ./...
	GOOS=windows go vet ./...
	GOOS=darwin go vet ./...

staticcheck:
	go run $(STATICCHECK) ./...

# The list of vulnerabilities lies on the network. Where that cannot be reached, this says so and goes on.
vulnerabilities:
	@go run $(GOVULNCHECK) ./... >govulncheck.log 2>&1; status=$$?; \
	if grep -qE 'fetching vulnerabilities|dial tcp|lookup|Forbidden|connection refused|proxyconnect' govulncheck.log && ! grep -q '^Vulnerability #' govulncheck.log; then \
		echo "the list of known vulnerabilities cannot be reached from here: not checked"; status=0; \
	elif [ $$status -ne 0 ]; then cat govulncheck.log; fi; rm -f govulncheck.log; exit $$status

unit:
	GORACE=atexit_sleep_ms=0 go test -race -shuffle=on -timeout 20m ./...
	go test -timeout 10m -run 'Bounded|Providers' ./mailer/reading ./cmd/introd # what the race detector would blur, or make last for minutes

reading: build
	@test -n "$(INTROD_CORPORA)" || { echo "set INTROD_CORPORA to the folder of the corpora"; exit 1; }
	python3 $(INTROD_CORPORA)/score.py --introd ./introd --floors mailer/reading/floors.toml

bench:
	go test -tags bench -run '^$$' -bench Budgets -benchtime 1x -timeout 60m ./cmd/introd

bench-million:
	INTROD_BENCH_MILLION=1 $(MAKE) bench

fuzz:
	@for pkg in $$(go list ./...); do for target in $$(go test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
		go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$pkg || exit 1; done; done
