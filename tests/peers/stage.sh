#!/usr/bin/env bash
# Rows of 4 and of 30 columns in by COPY and out by UNLOAD, beside awswrangler and arrowjet from PyPI, in turns against one sandbox with its S3:
# stage.sh [rows] [turns]. Each call is a process of its own and prints seconds, seconds of its processor time, and the megabytes that it
# took beyond its rows (in) or with them (out); a line of the table is the median of the turns.
set -euo pipefail
cd "$(dirname "$0")/../.."
rows=${1:-1000000}
turns=${2:-3}

environment=${STAGE_PEERS:-target/stage-peers}
if ! "$environment/bin/python" -c "import awswrangler, arrowjet" 2>/dev/null; then
    python3 -m venv "$environment"
    "$environment/bin/pip" install --quiet 'awswrangler[redshift]==3.17.*' 'arrowjet==0.7.*'
fi
cargo build --quiet --profile bench -p redshift-sandbox
build=(cargo bench -p diesel-redshift-tests --features wide --bench stage --no-run)
"${build[@]}" --quiet
bench=$("${build[@]}" 2>&1 | sed -n 's/.*stage.rs (\(.*\))$/\1/p')

folder=$(mktemp -d)
mkdir -p "$folder/store/bench-bucket"
target/release/redshift-sandbox --store "$folder/store" >"$folder/sandbox" &
sandbox=$!
trap 'kill $sandbox 2>/dev/null || true; wait $sandbox || true; rm -rf "$folder"' EXIT
until grep -qs AWS_REGION "$folder/sandbox"; do kill -0 $sandbox; sleep 0.1; done
eval "$(grep '^export' "$folder/sandbox")"
export SANDBOX_URL=$DATABASE_URL

contestant() {
    case $1 in
    diesel-redshift) "$bench" "$2" "$3" "$rows" ;;
    *) "$environment/bin/python" -W ignore tests/peers/stage.py "$1" "$2" "$3" "$rows" ;;
    esac
}
for shape in ${SHAPES:-narrow wide}; do
    for direction in in out; do
        for _ in $(seq "$turns"); do
            for name in diesel-redshift awswrangler arrowjet; do
                echo "$shape $direction $name $(contestant $name $direction "$shape" | tail -1)"
            done
        done
    done
done | tee "$folder/figures" >&2
sort -k1,3 -k4,4n "$folder/figures" | awk '
    { key = $1 " " $2 " " $3 }
    key != last { if (NR > 1) show(); last = key; count = 0 }
    { line[++count] = $4 " s, " $5 " s of its own, " $6 " MB" }
    END { show() }
    function show() { print last ": " line[int((count + 1) / 2)] }'
