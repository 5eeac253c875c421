# Short names for what one does often. `just` lists them; nothing here is needed to build or run.

# List the recipes.
default:
    @just --list

# Four nodes at work, in one process.
demo *arguments:
    cargo run --release -- demo {{arguments}}

# All tests.
test:
    cargo test --release --workspace

# One crate's tests, such as `just test-of modules`.
test-of crate *arguments:
    cargo test --release --package tongban-{{crate}} {{arguments}}

# Simulated networks by seed, such as `just simulate --seeds 1000`.
simulate *arguments:
    cargo run --release --package tongban-simulator -- {{arguments}}

# The rules that the compiler does not check.
tidy:
    cargo xtask tidy

# Write the reference files in generated/.
generate:
    cargo xtask generate

# Warnings are errors.
lint:
    cargo clippy --release --workspace --all-targets -- -D warnings

# Known vulnerabilities of dependencies (needs GitHub).
advisories:
    cargo deny check advisories

# Everything that must hold before a change is merged.
ci:
    .ci/run
