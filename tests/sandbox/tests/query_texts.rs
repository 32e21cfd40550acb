//! What is remembered of statements: their texts and labels, however they were sent.

use crate::client::{Client, Target, bind_body, message, parse_body, texts};
use crate::place;
use crate::query_history::history;

#[test]
fn labels_are_those_of_query_group() {
    let place = place();
    let mut client = place.connect();
    let labels = |client: &mut Client| {
        let sql = "SELECT trim(query_label) || ' ' || trim(query_text) FROM sys_query_history \
                   WHERE database_name = current_database() AND query_text LIKE 'SELECT ''%' ORDER BY query_id";
        client.rows(sql).concat()
    };
    client.query("SELECT 'a'");
    client.query("SET query_group TO 'nightly'");
    client.query("SELECT 'b'");
    client.extended("SELECT 'c'", &[]);
    client.query("BEGIN; SET query_group TO it; SELECT 'd'");
    client.query("ROLLBACK");
    client.query("SELECT 'e'");
    client.query("BEGIN; SET LOCAL query_group TO 'local'; SELECT 'f'; COMMIT; SELECT 'g'");
    client.query("RESET query_group; SELECT 'h'; SET query_group TO 'x'; SELECT 'i'");
    client.query("RESET ALL");
    client.query("SELECT 'j'");
    client.extended("SET query_group TO 'y'", &[]);
    client.extended("SELECT 'k'", &[]);
    assert_eq!(
        labels(&mut client),
        [
            "default SELECT 'a'",
            "nightly SELECT 'b'",
            "nightly SELECT 'c'",
            "it SELECT 'd'",
            "nightly SELECT 'e'",
            "local SELECT 'f';",
            "nightly SELECT 'g'",
            "default SELECT 'h';",
            "x SELECT 'i'",
            "default SELECT 'j'",
            "y SELECT 'k'",
        ]
    );
    let options = [("options", "-c query_group=from_options")];
    let mut client =
        Client::connect_with(&Target::parse(&place.url), &options).expect("a connection");
    client.query("SELECT 'l'");
    assert_eq!(
        labels(&mut client).last().map(String::as_str),
        Some("from_options SELECT 'l'")
    );
}

#[test]
fn secrets_are_not_kept() {
    let place = place();
    let mut client = place.connect();
    client.query("CREATE TABLE t (a int)");
    let uri = place.put("data", "1\n");
    let user = format!("u_{}", place.name);
    for sql in [
        format!(
            "COPY t FROM '{uri}' ACCESS_KEY_ID 'HIDDEN1' SECRET_ACCESS_KEY 'HIDDEN2' SESSION_TOKEN 'HIDDEN3'"
        ),
        format!(
            "COPY t FROM '{uri}' CREDENTIALS AS 'aws_access_key_id=HIDDEN4;aws_secret_access_key=HIDDEN5'"
        ),
        format!(
            "UNLOAD ('SELECT 5') TO '{}' WITH CREDENTIALS 'aws_access_key_id=HIDDEN6;aws_secret_access_key=HIDDEN7'",
            place.uri("out/")
        ),
        format!(
            "CREATE OR REPLACE PROCEDURE p() LANGUAGE plpgsql AS 'BEGIN EXECUTE \\'COPY t FROM \\'\\'{uri}\\'\\' \
             CREDENTIALS \\'\\'HIDDEN0\\'\\'\\'; END'"
        ),
        format!("CREATE USER {user} PASSWORD 'Hidden8A'"),
        format!("ALTER USER {user} PASSWORD 'Hidden9A'"),
    ] {
        client.query(&sql);
        client.extended(&sql, &[]);
    }
    client.query(&format!("DROP USER {user}"));
    let rows = history(&mut client, &place, "trim(query_text)").concat();
    assert_eq!(rows.len(), 14);
    assert!(
        rows.iter()
            .all(|text| !text.to_ascii_uppercase().contains("HIDDEN")),
        "{rows:?}"
    );
    assert_eq!(
        rows[1],
        format!(
            "COPY t FROM '{uri}' ACCESS_KEY_ID '***' SECRET_ACCESS_KEY '***' SESSION_TOKEN '***'"
        )
    );
    assert!(
        rows[5].starts_with("UNLOAD ('SELECT 5') TO 's3://"),
        "{}",
        rows[5]
    );
}

#[test]
fn prepared_statements_have_a_row_each_time() {
    let place = place();
    let mut client = place.connect();
    client.query("CREATE TABLE t (a int)");
    let execute = |portal: &str, rows: u8| {
        let mut body = texts(&[portal]);
        body.extend([0, 0, 0, rows]);
        message(b'E', &body)
    };
    let count = "SELECT count(*) FROM t";
    let mine = "SELECT count(*), max(query) = pg_last_query_id() FROM stl_query WHERE querytxt = 'SELECT count(*) FROM t' AND pid = pg_backend_pid()";
    let mut out = message(b'P', &parse_body("count", count, &[]));
    out.extend(message(b'P', &parse_body("mine", mine, &[])));
    out.extend(message(b'P', &parse_body("", "SELECT 'unnamed'", &[])));
    out.extend(message(b'S', b""));
    client.send(&out);
    assert_eq!(client.answer().0, "111Z");
    // In one pipeline: each sees those before it, and what is unnamed stays as it is.
    let mut out = Vec::new();
    for statement in ["count", "count", "mine", "count", "mine", ""] {
        out.extend(message(b'B', &bind_body("", statement, &[])));
        out.extend(execute("", 0));
    }
    out.extend(message(b'S', b""));
    client.send(&out);
    let (tags, replies, error) = client.answer();
    assert_eq!((&*tags, error), (&*format!("{}Z", "2DC".repeat(6)), None));
    let values = |at: usize| {
        replies[at].rows[0]
            .iter()
            .flatten()
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(values(2), ["2", "t"]);
    assert_eq!(values(4), ["3", "t"]);
    assert_eq!(values(5), ["unnamed"]);
    // What fails takes the rest with it.
    let mut out = Vec::new();
    for statement in ["count", "broken", "count"] {
        if statement == "broken" {
            out.extend(message(
                b'P',
                &parse_body(statement, "SELECT 1 / count(*) FROM t", &[]),
            ));
        }
        out.extend(message(b'B', &bind_body("", statement, &[])));
        out.extend(execute("", 0));
    }
    out.extend(message(b'S', b""));
    client.send(&out);
    assert_eq!(client.answer().2.expect("an error").code, "22012");
    let rows = history(
        &mut client,
        &place,
        "trim(query_text), trim(status), returned_rows",
    );
    assert_eq!(
        rows[rows.len() - 2..],
        [
            [count, "success", "1"],
            ["SELECT 1 / count(*) FROM t", "failed", "0"]
        ]
    );
    // A query that is fetched in several goes is one.
    client.query("INSERT INTO t VALUES (1), (2), (3); BEGIN");
    let mut out = message(b'P', &parse_body("", "SELECT a FROM t ORDER BY a", &[]));
    out.extend(message(b'B', &bind_body("p", "", &[])));
    out.extend([execute("p", 2), execute("p", 2), message(b'S', b"")].concat());
    client.send(&out);
    assert_eq!(client.answer().0, "12DDsDCZ");
    client.query("COMMIT");
    let rows = history(&mut client, &place, "trim(query_text)").concat();
    let fetched = rows.iter().filter(|text| text.contains("ORDER BY a"));
    assert_eq!(fetched.count(), 1);
}

#[test]
fn views_and_procedures_see_it_too() {
    let place = place();
    let mut client = place.connect();
    client.query(
        "CREATE TABLE t (a int);
         CREATE VIEW mine AS SELECT query, trim(querytxt) AS text FROM stl_query WHERE database = current_database();
         CREATE TABLE kept (query int, text varchar(4000));
         CREATE PROCEDURE keep() AS $$ BEGIN INSERT INTO kept SELECT query, trim(querytxt) FROM stl_query WHERE query = pg_last_query_id(); END $$ LANGUAGE plpgsql",
    );
    client.query("INSERT INTO t VALUES (1)");
    assert_eq!(
        client.rows("SELECT text FROM mine WHERE query = (SELECT max(query) FROM mine)"),
        [["INSERT INTO t VALUES (1)"]]
    );
    client.query("INSERT INTO t VALUES (2)");
    client.query("CALL keep()");
    assert_eq!(
        client.rows("SELECT text FROM kept"),
        [["INSERT INTO t VALUES (2)"]]
    );
    client.query(
        "BEGIN; DECLARE c CURSOR FOR SELECT max(query) FROM stl_query WHERE pid = pg_backend_pid()",
    );
    assert_ne!(client.value("FETCH FORWARD 1 FROM c"), "~");
}

#[test]
fn long_texts_are_in_pieces() {
    let place = place();
    let mut client = place.connect();
    client.query("CREATE TABLE t (a varchar(65535))");
    let sql = format!("INSERT INTO t VALUES ('{0}'), ('{0}')", "äb".repeat(20_000));
    assert!(client.try_query(&sql).is_ok());
    let rows = client.rows(
        "SELECT count(*), sum(len(text)), min(sequence), max(sequence) FROM stl_querytext WHERE query = pg_last_query_id()",
    );
    // 65535 bytes are kept of a text.
    let kept = sql
        .char_indices()
        .take_while(|(at, letter)| at + letter.len_utf8() <= 65_535)
        .count();
    let pieces = kept.div_ceil(200);
    assert_eq!(
        rows,
        [[
            pieces.to_string(),
            kept.to_string(),
            "0".to_owned(),
            (pieces - 1).to_string()
        ]]
    );
    let text = "SELECT text, sequence, octet_length(text) FROM sys_query_text WHERE query_id = (SELECT max(query) FROM stl_query WHERE querytxt LIKE 'INSERT%' AND pid = pg_backend_pid()) ORDER BY sequence";
    let rows = client.rows(text);
    assert_eq!(rows.len(), kept.div_ceil(4000));
    assert_eq!(
        rows[1][0],
        sql.chars().skip(4000).take(4000).collect::<String>()
    );
}
