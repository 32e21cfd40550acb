"""Reads what the sandbox tells PostgreSQL, and fails for kinds of nodes that `engine_grammar.txt` does not list.

    engine_grammar.py STATEMENTS            statements, one JSON string a line
    engine_grammar.py STATEMENTS --write    writes the list anew, to be read before it is committed

A kind is a node (`SelectStmt`), a part that a node has (`SelectStmt.whereClause`), or one of several values of a part
(`A_Expr.kind=AEXPR_OP`). What PostgreSQL's grammar does not read is refused by PostgreSQL as well, and passed over.
"""

import enum
import json
import pathlib
import sys

from pglast import parse_sql
from pglast.ast import Node
from pglast.parser import ParseError

LIST = pathlib.Path(__file__).with_suffix(".txt")

# What the list must never come to hold: the check is tried on these first.
FOREIGN = (
    "SELECT 1 BETWEEN SYMMETRIC 2 AND 0",
    "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n FROM c) CYCLE n SET x USING y SELECT 1",
    "SELECT a FROM t FOR UPDATE",
    "INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING",
    "INSERT INTO t VALUES (1) RETURNING a",
    "SELECT a FROM t TABLESAMPLE system (1)",
    "SELECT * FROM XMLTABLE('a' PASSING x COLUMNS b int)",
    "SELECT a FROM t WINDOW w AS (ORDER BY a)",
    "CREATE INDEX ON t (a)",
)


def kinds(node, found):
    if isinstance(node, (tuple, list)):
        for item in node:
            kinds(item, found)
    elif isinstance(node, Node):
        name = type(node).__name__
        found.add(name)
        for part in node:
            value = getattr(node, part)
            if isinstance(value, enum.Enum):
                found.add(f"{name}.{part}={value.name}")
            elif isinstance(value, bool) and value or isinstance(value, (Node, tuple)) and value:
                found.add(f"{name}.{part}")
            kinds(value, found)


def kinds_of(sql):
    found = set()
    kinds(parse_sql(sql), found)
    return found


def main():
    seen = {}
    texts = {json.loads(line) for line in open(sys.argv[1], encoding="utf-8")}
    unread = 0
    for text in sorted(texts):
        try:
            for kind in kinds_of(text):
                seen.setdefault(kind, text)
        except ParseError:
            unread += 1
    if "--write" in sys.argv:
        LIST.write_text("".join(f"{kind}\n" for kind in sorted(seen)), encoding="utf-8")
    allowed = set(LIST.read_text(encoding="utf-8").split())
    passed = [sql for sql in FOREIGN if kinds_of(sql) <= allowed]
    unknown = {kind: text for kind, text in seen.items() if kind not in allowed}
    print(f"{len(texts)} statements, {unread} that PostgreSQL refuses, {len(seen)} kinds, {len(unknown)} not on the list")
    for kind, text in sorted(unknown.items()):
        print(f"{kind}\n  {text[:300]}")
    for sql in passed:
        print(f"the list lets through: {sql}")
    return bool(unknown or passed or not texts)


sys.exit(main())
