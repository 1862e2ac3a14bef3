# Every recipe is one command that works without just as well.

# Build the command, and with it the module
build:
    cargo build --release

# Scan the examples with the embedded rules
run *ARGS='examples/':
    cargo run --release -- scan {{ARGS}}

# All tests, natively and in the sandbox
test:
    cargo test --workspace

# Every case in every runtime that is installed, with a table (WAMR takes cmake and libclang to build)
conformance *ARGS:
    cargo test --quiet -p tocsin-conformance --features wamr --test conformance -- --quiet {{ARGS}}

# Formatting and lints, warnings denied
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings

# The module alone
wasm:
    cargo build --profile module --target wasm32-unknown-unknown -p tocsin-detector

# The package for Node and browsers, as a tarball in integrations/javascript
npm:
    integrations/javascript/pack.sh

# The playground, with what changes in it reloaded (takes Node)
playground:
    cargo run --release -- playground --modules playground/.module
    cd playground && npm ci && npx vite --open

# The playground's page, and a command that has it inside
playground-build:
    npm --prefix playground ci
    npm --prefix playground run build
    cargo build --release

# The documentation of the crates, warnings denied
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

# The pieces of a scan, each alone
bench *ARGS:
    cargo bench -p tocsin-benches -- {{ARGS}}

# Tocsin and other tools on the same work, every answer checked (`--help` says more)
bench-peers *ARGS='--install':
    python3 benches/peers/run.py {{ARGS}}

# Instructions of the detector on fixed inputs, beside those kept
instructions *ARGS:
    python3 benches/instructions.py {{ARGS}}

# Every fuzz target in turn: its corpus first, then so many minutes in all
fuzz MINUTES='10':
    detector-wasm/fuzz/run $(({{MINUTES}} * 60))

# Licences, sources and banned crates of all dependencies
deny:
    cargo deny --workspace check bans licenses sources

# What CI runs, with each step's time
ci:
    bash .ci/run
