#!/usr/bin/env bash
# The instructions that this process spends on a row of (bigint, varchar, double, timestamp): the difference between two runs
# under callgrind, so that what is done once does not count. Needs valgrind; the server is not counted.
set -euo pipefail
cd "$(dirname "$0")/../.."

if ! command -v valgrind >/dev/null; then
    echo "skipped: no valgrind"
    exit 0
fi
few=20000
many=120000
program=$(cargo bench -p diesel-redshift-tests --bench rows --no-run 2>&1 | sed -n 's/.*rows.rs (\(.*\))$/\1/p')
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# instructions <rows> <mode>: a line for each part, its name and its count.
instructions() {
    valgrind -q --tool=callgrind --callgrind-out-file="$folder/out" "$program" "$1" "$2" >/dev/null 2>&1
    callgrind_annotate --auto=no --threshold=100 --show=Ir "$folder/out" | awk '
        /^ *[0-9,]+ .*PROGRAM TOTALS/ { gsub(",", "", $1); print "all", $1; next }
        /^ *[0-9,]+ / {
            count = $1; gsub(",", "", count)
            part = "other"
            if ($0 ~ /:(PQ|pq|check_tuple|check_field|getRowDesc|getAnotherTuple)/) part = "libpq"
            else if ($0 ~ /malloc|:free|calloc|realloc|_int_free|unlink_chunk/) part = "allocator"
            else if ($0 ~ /diesel|fast_float2|core::str|chrono/) part = "decoding"
            sum[part] += count
        }
        END { for (part in sum) print part, sum[part] }'
}

for mode in whole row-by-row; do
    instructions $few $mode >"$folder/few"
    instructions $many $mode >"$folder/many"
    echo "$mode, instructions for a row:"
    awk -v rows=$((many - few)) 'NR == FNR { few[$1] = $2; next } { printf "  %-10s %7.0f\n", $1, ($2 - few[$1]) / rows }' \
        "$folder/few" "$folder/many"
done
