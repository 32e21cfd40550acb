"""Parses the golden statements with sqlfluff's Redshift grammar, which knows nothing of this library.

    python3 -m venv venv && venv/bin/pip install sqlfluff && venv/bin/python tests/golden/parse.py

Ends non-zero when a statement does not parse, and also when one parses that is listed as a gap of the grammar.
"""

import pathlib
import sys

from sqlfluff.core import Linter

# Statements whose title starts with one of these hold something that Amazon documents and sqlfluff 4.5 lacks.
GAPS = (
    "copy.sql: FORMAT AS PARQUET SERIALIZETOJSON",
    "copy.sql: FORMAT AS ORC SERIALIZETOJSON",
    "copy.sql: SSH",
    "copy.sql: IGNOREALLERRORS",
    "copy.sql: JOB CREATE",
    "ddl.sql: CREATE TABLE with intervals",
    "access.sql: ALTER ROLE OWNER",
    "access.sql: DROP ROLE FORCE",
    "access.sql: REVOKE ADMIN OPTION",
    "access.sql: DROP GROUP",
    "external.sql: ADD PARTITION",
    "external.sql: DROP PARTITION",
)


def main() -> int:
    linter = Linter(dialect="redshift")
    statements = 0
    wrong = []
    for path in sorted(pathlib.Path(__file__).parent.glob("*.sql")):
        for piece in path.read_text(encoding="utf-8").split("\n\n"):
            title, _, sql = piece.strip().partition("\n")
            title = f"{path.name}: {title.removeprefix('-- ')}"
            statements += 1
            violations = linter.parse_string(sql + "\n").violations
            if bool(violations) != title.startswith(GAPS):
                wrong.append(f"{title}\n  {sql}\n  {violations[0] if violations else 'parses now'}")
    print(f"{statements} statements, {len(GAPS)} gaps of the grammar, {len(wrong)} wrong")
    print("\n".join(wrong))
    return bool(wrong)


sys.exit(main())
