#!/usr/bin/env bash
# An upsert of rows into a table of ten times as many, beside awswrangler's from PyPI, in turns against one sandbox with its S3:
# upsert.sh [rows] [turns]. Each call is a process of its own and prints seconds, seconds of its processor time, and megabytes beyond its
# rows; a line of the table is the median of the turns. `copy` only loads the rows, `insert` stages them by INSERT.
set -euo pipefail
cd "$(dirname "$0")/../.."
rows=${1:-100000}
turns=${2:-3}

environment=${STAGE_PEERS:-target/stage-peers}
if ! "$environment/bin/python" -c "import awswrangler" 2>/dev/null; then
    python3 -m venv "$environment"
    "$environment/bin/pip" install --quiet 'awswrangler[redshift]==3.17.*' 'arrowjet==0.7.*'
fi
cargo build --quiet --profile bench -p redshift-sandbox
bench=$(cargo bench -p diesel-redshift-tests --bench upsert --no-run 2>&1 | sed -n 's/.*upsert.rs (\(.*\))$/\1/p')

folder=$(mktemp -d)
mkdir -p "$folder/store/bench-bucket"
target/release/redshift-sandbox --store "$folder/store" >"$folder/sandbox" &
sandbox=$!
trap 'kill $sandbox; wait $sandbox 2>/dev/null || true; rm -rf "$folder"' EXIT
until grep -q AWS_REGION "$folder/sandbox"; do sleep 0.1; done
eval "$(grep '^export' "$folder/sandbox")"
export SANDBOX_URL=$DATABASE_URL

for _ in $(seq "$turns"); do
    for name in copy through insert awswrangler; do
        "$bench" prepare "$rows" >/dev/null
        case $name in
        awswrangler) figures=$("$environment/bin/python" -W ignore tests/peers/upsert.py "$rows" | tail -1) ;;
        *) figures=$("$bench" $name "$rows" | tail -1) ;;
        esac
        echo "$name $figures"
    done
done | tee "$folder/figures" >&2
sort -k1,1 -k2,2n "$folder/figures" | awk '
    $1 != last { if (NR > 1) show(); last = $1; count = 0 }
    { line[++count] = $2 " s, " $3 " s of its own, " $4 " MB" }
    END { show() }
    function show() { print last ": " line[int((count + 1) / 2)] }'
