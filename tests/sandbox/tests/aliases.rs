//! Names that a select list gives and uses.

use crate::place;

#[test]
fn a_value_is_named_further_on() {
    let mut client = place().connect();
    client.query(
        "CREATE TABLE t (a INT, x INT, n DECIMAL(8,2)); INSERT INTO t VALUES (1, 10, 2), (2, 20, 5)",
    );
    for (sql, values) in [
        (
            "SELECT a + 1 AS y, y * 2 AS z, z + y AS w FROM t WHERE a = 1",
            "2,4,6",
        ),
        // A column of that name goes first.
        ("SELECT a AS x, x + 1 AS y FROM t WHERE x = 20", "2,21"),
        (
            "SELECT sum(n) AS total, round(total / count(*), 1) AS mean FROM t",
            "7.00,3.5",
        ),
        (
            "SELECT max(r) FROM (SELECT a * 3 AS y, sum(y) OVER () AS r FROM t) AS s",
            "9",
        ),
        (
            "WITH c AS (SELECT a AS b, b + 1 AS d FROM t) SELECT b, d FROM c WHERE d = 3",
            "2,3",
        ),
    ] {
        assert_eq!(client.rows(sql).concat().join(","), values, "{sql}");
        let (_, replies, failure) = client.extended(sql, &[]);
        assert_eq!(failure, None, "{sql}");
        let row: Vec<_> = replies[0].rows[0].iter().flatten().cloned().collect();
        assert_eq!(row.join(","), values, "{sql}");
    }
    client.query("CREATE TABLE u AS SELECT a AS b, b * 10 AS c FROM t");
    client.query("INSERT INTO u SELECT a AS k, k + 1 AS l FROM t");
    assert_eq!(
        client.rows("SELECT b, c FROM u ORDER BY c"),
        [["1", "2"], ["2", "3"], ["1", "10"], ["2", "20"]]
    );
    assert_eq!(
        client.error("SELECT a AS y, nosuch + y FROM t").message,
        "column \"nosuch\" does not exist"
    );
    assert_eq!(client.error("SELECT y + 1, a AS y FROM t").code, "42703");
}

#[test]
fn names_in_quotes_keep_their_case_if_they_are_asked_to() {
    let mut client = place().connect();
    client.query("CREATE TABLE folded (\"Ab\" INT); INSERT INTO folded VALUES (1)");
    client.query("SET enable_case_sensitive_identifier TO true");
    assert_eq!(client.value("SHOW enable_case_sensitive_identifier"), "on");
    client.query("CREATE TABLE \"Kept\" (\"Ab\" INT, ab INT); INSERT INTO \"Kept\" VALUES (1, 2)");
    assert_eq!(
        client.names("SELECT \"Ab\", AB FROM \"Kept\""),
        ["Ab", "ab"]
    );
    assert_eq!(client.rows("SELECT \"Ab\", AB FROM \"Kept\""), [["1", "2"]]);
    assert_eq!(client.error("SELECT ab FROM Kept").code, "42P01");
    assert_eq!(client.error("SELECT \"Ab\" FROM folded").code, "42703");
    client.query("BEGIN; SET LOCAL enable_case_sensitive_identifier TO off");
    assert_eq!(client.value("SELECT \"Ab\" FROM folded"), "1");
    client.query("ROLLBACK");
    assert_eq!(client.value("SELECT \"Ab\" FROM \"Kept\""), "1");
    client.query("RESET enable_case_sensitive_identifier");
    assert_eq!(client.error("SELECT \"Ab\" FROM \"Kept\"").code, "42P01");
    client.query(
        "CREATE TABLE s (v SUPER); INSERT INTO s SELECT json_parse('{\"Ab\": 1, \"ab\": 2}')",
    );
    assert_eq!(client.value("SELECT v.\"Ab\" FROM s"), "2");
    client.query("SET enable_case_sensitive_super_attribute TO true");
    assert_eq!(client.rows("SELECT v.\"Ab\", v.ab FROM s"), [["1", "2"]]);
}
