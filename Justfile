# Every recipe is one command that works without just as well.

# Build the host, and with it the module
build:
    cargo build --release

# Scan the examples with the embedded rules
run *ARGS='examples/':
    cargo run --release -- scan {{ARGS}}

# All tests, natively and in the sandbox
test:
    cargo test --workspace

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

# What CI runs
ci:
    bash .ci/run
