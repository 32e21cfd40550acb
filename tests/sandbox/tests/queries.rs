use crate::client::Client;
use crate::place;

fn world() -> Client {
    let mut client = place().connect();
    client.query(
        "CREATE TABLE sales (id INT, who VARCHAR(10), price INT);
         INSERT INTO sales VALUES (1, 'a', 10), (2, 'a', 30), (3, 'b', 20), (4, 'b', 5), (5, 'c', 1)",
    );
    client
}

#[test]
fn qualify_keeps_rows_after_the_window_functions() {
    let mut client = world();
    let best = "row_number() OVER (PARTITION BY who ORDER BY price DESC)";
    for (sql, rows) in [
        (
            format!("SELECT * FROM sales s QUALIFY {best} = 1 ORDER BY id"),
            vec!["2,a,30", "3,b,20", "5,c,1"],
        ),
        (
            format!("SELECT s.*, {best} AS n FROM sales AS s WHERE TRUE QUALIFY n = 2 ORDER BY price LIMIT 1"),
            vec!["4,b,5,2"],
        ),
        (
            "SELECT who, count(*) FROM sales GROUP BY who HAVING count(*) > 1 QUALIFY rank() OVER (ORDER BY who) = 1".to_owned(),
            vec!["a,2"],
        ),
        (
            format!("SELECT count(*) FROM (SELECT id FROM sales WHERE price > 1 QUALIFY {best} = 1) q"),
            vec!["2"],
        ),
        (
            format!("SELECT id FROM sales WHERE id IN (SELECT id FROM sales WHERE TRUE QUALIFY {best} = 1) AND who <> 'c' ORDER BY 1 DESC"),
            vec!["3", "2"],
        ),
        (
            format!("SELECT id FROM sales s QUALIFY {best} = 1 UNION ALL SELECT TOP 1 -id FROM sales ORDER BY 1"),
            vec!["-1", "2", "3", "5"],
        ),
        (
            format!("WITH q AS (SELECT id FROM sales s QUALIFY {best} > 1) SELECT * FROM q ORDER BY id"),
            vec!["1", "4"],
        ),
    ] {
        let found: Vec<String> = client.rows(&sql).iter().map(|row| row.join(",")).collect();
        assert_eq!(found, rows, "{sql}");
    }
    client.query(&format!("CREATE TABLE best AS SELECT id FROM sales s QUALIFY {best} = 1; INSERT INTO best SELECT id FROM sales s QUALIFY {best} = 2"));
    assert_eq!(client.value("SELECT count(*) FROM best"), "5");
    for (sql, code) in [
        // The table would be called so.
        (format!("SELECT * FROM sales QUALIFY {best} = 1"), "42601"),
        ("SELECT * FROM sales s QUALIFY".to_owned(), "42601"),
        (
            format!("SELECT DISTINCT who FROM sales s QUALIFY {best} = 1"),
            "0A000",
        ),
    ] {
        assert_eq!(client.error(&sql).code, code, "{sql}");
    }
}

#[test]
fn top_and_minus() {
    let mut client = world();
    for (sql, rows) in [
        (
            "SELECT TOP 2 id FROM sales ORDER BY price DESC",
            vec!["2", "3"],
        ),
        ("SELECT TOP 1 * FROM sales ORDER BY id", vec!["1,a,10"]),
        (
            "SELECT id FROM (SELECT TOP 1 id FROM sales ORDER BY id) t",
            vec!["1"],
        ),
        (
            "SELECT who FROM sales MINUS SELECT 'a' ORDER BY 1",
            vec!["b", "c"],
        ),
        ("(SELECT 1) MINUS (SELECT 1)", vec![]),
    ] {
        let found: Vec<String> = client.rows(sql).iter().map(|row| row.join(",")).collect();
        assert_eq!(found, rows, "{sql}");
    }
    assert_eq!(
        client.error("SELECT TOP 2 id FROM sales LIMIT 1").code,
        "42601"
    );
    // Its own name is no keyword.
    assert_eq!(
        client.value("SELECT max(\"top\") FROM (SELECT 1 AS \"top\") t"),
        "1"
    );
}

#[test]
fn select_into_makes_a_table() {
    let mut client = world();
    client.query("SELECT id, price INTO copied FROM sales WHERE price > 10; SELECT TOP 1 who INTO TEMP TABLE one FROM sales; SELECT 1 AS a INTO #two");
    assert_eq!(client.value("SELECT count(*) FROM copied"), "2");
    assert_eq!(client.value("SELECT count(*) FROM one, #two"), "1");
}

#[test]
fn the_way_into_a_super() {
    let mut client = place().connect();
    client.query(
        "CREATE TABLE events (id INT, body SUPER);
         INSERT INTO events VALUES
            (1, JSON_PARSE('{\"user\": {\"name\": \"Ada\", \"tags\": [\"x\", \"y\"]}, \"n\": 5}')),
            (2, JSON_PARSE('{\"user\": {\"name\": \"Eve\", \"tags\": []}, \"we ird\": [[1, 2]]}')),
            (3, NULL)",
    );
    for (sql, rows) in [
        (
            "SELECT body.user.name FROM events ORDER BY id",
            vec!["\"Ada\"", "\"Eve\"", "~"],
        ),
        (
            "SELECT e.body.user.tags[1] FROM events e ORDER BY e.id",
            vec!["\"y\"", "~", "~"],
        ),
        (
            "SELECT body.\"We Ird\"[0][1] FROM events ORDER BY id",
            vec!["~", "2", "~"],
        ),
        (
            "SELECT body['user']['name']::varchar FROM events ORDER BY id",
            vec!["Ada", "Eve", "~"],
        ),
        (
            "SELECT events.body.user[0].name FROM events ORDER BY id",
            vec!["~", "~", "~"],
        ),
        (
            "SELECT body.n::int + 1 FROM public.events WHERE public.events.body.n::int > 1",
            vec!["6"],
        ),
        (
            "SELECT id FROM events WHERE CAST(body.user.name AS VARCHAR(100)) = 'Eve'",
            vec!["2"],
        ),
        (
            "SELECT e.id || t::varchar FROM events e, e.body.user.tags AS t ORDER BY 1",
            vec!["1x", "1y"],
        ),
        (
            "SELECT t, i FROM events e, e.body.user.tags AS t AT i ORDER BY i DESC",
            vec!["\"y\",1", "\"x\",0"],
        ),
        (
            "SELECT u.name::varchar FROM (SELECT JSON_PARSE('{\"us\": [{\"name\": \"A\"}, {\"name\": \"B\"}]}') AS b) q, q.b.us u ORDER BY 1",
            vec!["A", "B"],
        ),
    ] {
        let found: Vec<String> = client.rows(sql).iter().map(|row| row.join(",")).collect();
        assert_eq!(found, rows, "{sql}");
    }
    let reply = client
        .query("SELECT body.user.tags[0], DISTINCT_ID.id, body.n AS m FROM events DISTINCT_ID")
        .pop()
        .expect("a reply");
    assert_eq!(reply.columns, ["tags", "id", "m"]);
    client.query("UPDATE events SET id = body.n::int FROM (SELECT 1) x WHERE body.n::int = 5; DELETE FROM events USING (SELECT 5 AS five) f WHERE events.body.n::int = f.five");
    assert_eq!(client.value("SELECT count(*) FROM events"), "2");
    for sql in [
        "SELECT body[id] FROM events",
        "SELECT body[] FROM events",
        "SELECT json_parse('{}').a",
        "SELECT (body)[0] FROM events",
        "SELECT body[-1] FROM events",
    ] {
        client.error(sql);
        assert_eq!(client.status, 'I');
    }
}

#[test]
fn names_with_dots_are_left_alone_elsewhere() {
    let mut client = place().connect();
    client.query("CREATE SCHEMA s; CREATE TABLE s.t (a INT); COMMENT ON COLUMN s.t.a IS 'x'; GRANT SELECT ON s.t TO PUBLIC; INSERT INTO s.t (a) VALUES (1)");
    client.query("CREATE VIEW s.v AS SELECT t.a, s.t.a AS b FROM s.t; LOCK s.t; TRUNCATE s.t; CREATE TABLE s.u AS SELECT s.t.a FROM s.t");
    client.query("UPDATE s.t SET a = u.a FROM s.u AS u WHERE s.t.a = u.a; DELETE FROM s.t USING s.u WHERE s.t.a = s.u.a; DROP TABLE s.u; DROP VIEW s.v");
    client.query("SELECT c.oid, pg_catalog.pg_class.relname FROM pg_catalog.pg_class JOIN pg_class c ON pg_class.oid = c.oid, information_schema.tables i WHERE i.table_name = c.relname");
    client.query("SELECT * FROM s.t a NATURAL JOIN s.t b; SELECT a.* FROM (s.t a JOIN s.t b ON (a.a = b.a)), s.t c WHERE EXISTS (SELECT 1 FROM s.t x WHERE x.a = c.a)");
}

#[test]
fn parentheses_do_not_exhaust_the_stack() {
    let mut client = place().connect();
    let deep = |depth: usize| format!("SELECT {}1{}", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(client.value(&deep(300)), "1");
    assert_eq!(client.error(&deep(100_000)).code, "54001");
    assert_eq!(client.error("SELECT (1").code, "42601");
    assert_eq!(client.error("SELECT (1]").code, "42601");
}
