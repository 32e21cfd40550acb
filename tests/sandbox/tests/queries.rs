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
fn subqueries_need_no_alias() {
    let mut client = world();
    for (sql, rows) in [
        ("SELECT count(*) FROM (SELECT 1)", vec!["1"]),
        (
            "SELECT * FROM (SELECT id FROM sales ORDER BY id LIMIT 2)",
            vec!["1", "2"],
        ),
        (
            "SELECT a, b FROM (SELECT 1 AS a), (SELECT 2 AS b) WHERE a < b",
            vec!["1,2"],
        ),
        (
            "SELECT * FROM ((SELECT 1 AS a) UNION (SELECT 2) MINUS SELECT 1) ORDER BY 1",
            vec!["2"],
        ),
        (
            "SELECT * FROM ((SELECT 1 AS a) x JOIN (SELECT 1 AS b) ON x.a = b)",
            vec!["1,1"],
        ),
        (
            "SELECT * FROM ((SELECT id FROM (SELECT id FROM sales WHERE id = 3)))",
            vec!["3"],
        ),
        (
            "WITH q AS (SELECT 1 AS a) SELECT a FROM q WHERE a IN (SELECT b FROM (SELECT 1 AS b))",
            vec!["1"],
        ),
    ] {
        let found: Vec<String> = client.rows(sql).iter().map(|row| row.join(",")).collect();
        assert_eq!(found, rows, "{sql}");
    }
    client.query("DELETE FROM sales USING (SELECT 1 AS one) WHERE id = one; UPDATE sales SET price = two FROM (SELECT 2 AS two)");
    assert_eq!(client.value("SELECT sum(price) FROM sales"), "8");
}

#[test]
fn delete_goes_without_from() {
    let mut client = world();
    client.query("DELETE sales WHERE id = 1; WITH q AS (SELECT 2 AS a) DELETE public.sales WHERE id IN (SELECT a FROM q)");
    assert_eq!(client.value("SELECT min(id) FROM sales"), "3");
    client.query("EXPLAIN DELETE sales; SELECT 1 AS delete; SELECT (1) delete");
    client.query("DELETE \"SALES\"");
    assert_eq!(client.value("SELECT count(*) FROM sales"), "0");
    assert_eq!(
        client
            .error("DELETE sales USING sales s WHERE s.id = sales.id")
            .message,
        "syntax error at or near \"USING\""
    );
    assert_eq!(client.error("DELETE sales RETURNING id").code, "42601");
    assert_eq!(
        client.error("DELETE sales WHERE now() > now()").code,
        "0A000"
    );
}

#[test]
fn a_name_can_begin_with_its_database() {
    let place = place();
    let mut client = place.connect();
    let name = |name: &str| format!("\"{}\".\"s\".\"{name}\"", place.name);
    let (made, table, view, late) = (name("m__tmp"), name("m"), name("v"), name("late"));
    client.query("CREATE SCHEMA s; CREATE TABLE stage (id INT); INSERT INTO stage VALUES (1)");
    for sql in [
        format!("CREATE TABLE {made} DISTKEY (id) AS (SELECT 1 AS id UNION ALL SELECT 2)"),
        format!("ALTER TABLE {made} RENAME TO \"m\""),
        format!("ALTER TABLE {table} ADD COLUMN note VARCHAR(10)"),
        format!("DELETE FROM {table} USING stage WHERE stage.id = {table}.id"),
        format!("INSERT INTO {table} (\"id\") (SELECT id FROM stage)"),
        format!("UPDATE {table} SET note = 'x' WHERE {table}.\"id\" = 1"),
        format!("CREATE VIEW {view} AS SELECT {table}.id FROM {table}"),
        format!("CREATE VIEW {late} AS (SELECT * FROM {table}) WITH NO SCHEMA BINDING"),
        format!("SELECT * FROM {late}"),
        format!("ANALYZE {table}"),
        format!("COMMENT ON TABLE {table} IS 'x'"),
        format!("SHOW TABLE {table}"),
        format!("CREATE TABLE copied (LIKE {table})"),
        format!(
            "COPY {table} FROM '{}' IAM_ROLE default",
            place.put("k", "3|y\n")
        ),
    ] {
        client.query(&sql);
    }
    client.query(&format!("VACUUM {table}"));
    assert_eq!(
        client.rows(&format!("SELECT {table}.id, note FROM {table} ORDER BY 1")),
        [["1", "x"], ["2", "~"], ["3", "y"]]
    );
    assert_eq!(
        client.value("SELECT diststyle FROM svv_table_info WHERE \"table\" = 'm'"),
        "KEY(id)"
    );
    for sql in [
        "SELECT * FROM other.s.m",
        "CREATE TABLE other.s.x (a INT)",
        "DROP TABLE other.s.m",
        "ANALYZE other.s.m",
    ] {
        let failure = client.error(sql);
        assert_eq!(failure.code, "0A000", "{sql}: {failure:?}");
        assert!(failure.message.contains("another database"), "{failure:?}");
    }
    client.query(&format!("DROP TABLE {table} CASCADE"));
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
