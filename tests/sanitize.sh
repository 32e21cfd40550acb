#!/usr/bin/env bash
# The integration tests under AddressSanitizer, with LeakSanitizer where it exists. What libpq allocates is watched too: a result
# that is freed twice, used after it is freed or never freed ends the run with an error. Arguments go to the tests: `tests/sanitize.sh connection::`.
#
# Needs a nightly compiler: `rustup toolchain install nightly`. Compiles everything again, into target/sanitize.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! version=$(rustc +nightly -vV 2>/dev/null); then
    echo "skipped: no nightly compiler (rustup toolchain install nightly)"
    exit 0
fi
host=$(sed -n 's/^host: //p' <<<"$version")

export RUSTFLAGS="-Zsanitizer=address"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target/sanitize}"
export RUST_BACKTRACE=0
cargo +nightly test --target "$host" -p diesel-redshift-tests --test integration -- "$@"
