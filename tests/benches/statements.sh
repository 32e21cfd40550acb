#!/usr/bin/env bash
# Builds the same COPY and UNLOAD here and in sqlalchemy-redshift, in one run, and tells the ratios.
set -euo pipefail
cd "$(dirname "$0")/../.."

environment=target/sqlalchemy-redshift
if ! "$environment/bin/python" -c "import sqlalchemy_redshift, psycopg2" 2>/dev/null; then
    python3 -m venv "$environment"
    "$environment/bin/pip" install --quiet sqlalchemy-redshift psycopg2-binary
fi
theirs=$("$environment/bin/python" tests/benches/statements.py 2>/dev/null)
ours=$(cargo bench --quiet -p diesel-redshift-tests --bench statements 2>/dev/null)
paste <(echo "$ours") <(echo "$theirs") | while read -r statement microseconds _ python; do
    echo "$statement: $microseconds µs, sqlalchemy-redshift $python µs, $(python3 -c "print(round($python / $microseconds))") times"
done
