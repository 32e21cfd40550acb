//! Procedures, whose SQL is read as any other.

use crate::client::Client;
use crate::place;

fn messages(client: &mut Client, call: &str) -> Vec<String> {
    client.notices.clear();
    client.query(call);
    let messages = client.notices.iter().map(|notice| &notice.message);
    messages.cloned().collect()
}

fn procedure(client: &mut Client, signature: &str, body: &str) {
    client.query(&format!(
        "CREATE OR REPLACE PROCEDURE {signature} AS $$ {body} $$ LANGUAGE plpgsql"
    ));
}

#[test]
fn arguments_have_redshifts_types_and_modes() {
    let mut client = place().connect();
    procedure(
        &mut client,
        "p (IN a VARCHAR(MAX), \"B\" OUT VARCHAR(MAX), c OUT DATETIME)",
        "DECLARE d DATETIME := '2020-01-01'; BEGIN b := a; c := dateadd(day, 1, d); END;",
    );
    assert_eq!(client.rows("CALL p('x')"), [["x", "2020-01-02 00:00:00"]]);
    client.query(
        "CREATE FUNCTION day_after (DATETIME) RETURNS DATETIME STABLE AS $$ SELECT dateadd(day, 1, $1) $$ LANGUAGE sql; \
         CREATE FUNCTION twice (VARCHAR(MAX)) RETURNS VARCHAR(MAX) STABLE AS $$ SELECT $1 || nvl($1, '') $$ LANGUAGE sql",
    );
    assert_eq!(
        client.rows("SELECT day_after('2020-01-01'), twice('a')"),
        [["2020-01-02 00:00:00", "aa"]]
    );
}

#[test]
fn bodies_say_it_in_redshifts_words() {
    let mut client = place().connect();
    client.query("CREATE TABLE t (a INT, b VARCHAR(20)); INSERT INTO t VALUES (1, 'x'), (2, NULL)");
    procedure(
        &mut client,
        "p (n INT)",
        "DECLARE r RECORD; v VARCHAR(MAX); s INT := 0; BEGIN \
         SELECT INTO v nvl(b, 'none') FROM t WHERE a = n; \
         IF getdate() > '2000-01-01' THEN RAISE INFO 'v %', v; END IF; \
         <<rows>> FOR r IN SELECT TOP 1 a FROM t ORDER BY a DESC LOOP s := s + r.a; END LOOP rows; \
         FOR i IN 1..nvl(NULL, 2) LOOP s := s + i; END LOOP; \
         WHILE s < decode(n, 2, 9, 8) LOOP s := s + 1; END LOOP; \
         CASE s WHEN 9 THEN RAISE INFO 'nine'; ELSE RAISE INFO 'other'; END CASE; END",
    );
    assert_eq!(messages(&mut client, "CALL p(2)"), ["v none", "nine"]);
    assert_eq!(messages(&mut client, "CALL p(1)"), ["v x", "other"]);
    procedure(
        &mut client,
        "make ()",
        "DECLARE v INT := 1; BEGIN DROP TABLE IF EXISTS made; \
         CREATE TEMP TABLE made (a INT DISTKEY, b VARCHAR(MAX)) SORTKEY (a); \
         CREATE TEMP TABLE few DISTKEY(a) AS SELECT TOP 1 a, b FROM t WHERE a = v; \
         INSERT INTO made SELECT a, b || nvl(NULL, 'z') FROM few; DELETE FROM few; END",
    );
    client.query("CALL make()");
    assert_eq!(client.rows("SELECT a, b FROM made"), [["1", "xz"]]);
    assert_eq!(client.value("SELECT count(*) FROM few"), "0");
}

#[test]
fn what_a_handler_has_caught_is_raised_again() {
    let mut client = place().connect();
    procedure(
        &mut client,
        "p ()",
        "BEGIN BEGIN EXECUTE 'select invalid'; EXCEPTION WHEN OTHERS THEN RAISE INFO 'inner %', sqlerrm; END; \
         EXCEPTION WHEN OTHERS THEN RAISE INFO 'outer'; END",
    );
    client.notices.clear();
    let failure = client.error("CALL p()");
    assert_eq!(failure.message, "column \"invalid\" does not exist");
    let messages: Vec<_> = client
        .notices
        .iter()
        .map(|notice| &*notice.message)
        .collect();
    assert_eq!(
        messages,
        ["inner column \"invalid\" does not exist", "outer"]
    );
}

#[test]
fn truncate_commits_in_a_procedure() {
    let mut client = place().connect();
    client.query("CREATE TABLE t (a INT); CREATE TABLE u (a INT); INSERT INTO u VALUES (1)");
    procedure(
        &mut client,
        "p ()",
        "BEGIN INSERT INTO t VALUES (1); TRUNCATE TABLE u; RAISE EXCEPTION 'late'; END",
    );
    client.query("BEGIN");
    assert_eq!(
        client.error("CALL p()").message,
        "TRUNCATE cannot be invoked from a procedure that is executing in an atomic context."
    );
    client.query("ROLLBACK");
    assert_eq!(client.value("SELECT count(*) FROM u"), "1");
    assert_eq!(client.error("CALL p()").message, "late");
    assert_eq!(
        client.rows("SELECT (SELECT count(*) FROM t), (SELECT count(*) FROM u)"),
        [["1", "0"]]
    );
}
