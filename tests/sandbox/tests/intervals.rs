//! Intervals in results: one number, of months or of microseconds, and its text.

use crate::client::{Client, bind_body, message, parse_body};
use crate::place;

const TABLE: &str = "CREATE TABLE t (id INT, a INTERVAL YEAR TO MONTH, b INTERVAL DAY TO SECOND); \
    INSERT INTO t VALUES (1, INTERVAL '14' MONTH, INTERVAL '36' HOUR), (2, INTERVAL '0' MONTH, INTERVAL '0' SECOND), \
        (3, INTERVAL '-1' MONTH, INTERVAL '-25:00:00.5' HOUR TO SECOND), (4, NULL, NULL)";

const SHOWN: [[&str; 3]; 4] = [
    ["1", "1 year 2 mons", "1 day 12:00:00"],
    ["2", "0 mons", "00:00:00"],
    ["3", "-1 mons", "-1 days -01:00:00.5"],
    ["4", "~", "~"],
];

#[test]
fn their_text_is_that_of_the_number() {
    let mut client = place().connect();
    client.query(TABLE);
    let query = "SELECT id, a, b FROM t ORDER BY id";
    assert_eq!(client.rows(query), SHOWN);
    assert_eq!(
        client.rows("SELECT INTERVAL '36' HOUR, INTERVAL '0' MONTH, INTERVAL '36 hours', 'x'"),
        [["1 day 12:00:00", "0 mons", "36:00:00", "x"]]
    );
    // The second result has none, the third some again.
    let replies = client.query(&format!(
        "BEGIN; {query}; SELECT 1 AS a, 2 AS b; SELECT b FROM t WHERE id = 1; COMMIT"
    ));
    assert_eq!(replies[1].rows[1][1].as_deref(), Some("0 mons"));
    assert_eq!(replies[2].rows[0][1].as_deref(), Some("2"));
    assert_eq!(replies[3].rows[0][0].as_deref(), Some("1 day 12:00:00"));
    client.query("BEGIN; DECLARE c CURSOR FOR SELECT b FROM t ORDER BY id");
    assert_eq!(client.rows("FETCH 1 FROM c"), [["1 day 12:00:00"]]);
    client.query(&format!("COMMIT; PREPARE p AS {query}"));
    assert_eq!(client.rows("EXECUTE p"), SHOWN);
}

/// Bind and Execute, and no Describe.
fn run(portal: &str, statement: &str, format: u8) -> Vec<u8> {
    let mut bind = bind_body(portal, statement, &[]);
    bind.truncate(bind.len() - 2);
    bind.extend([0, 1, 0, format]);
    let mut out = message(b'B', &bind);
    out.extend(message(b'E', &[portal.as_bytes(), &[0; 5]].concat()));
    out
}

fn values(client: &mut Client) -> (String, Vec<Vec<u8>>) {
    let (mut tags, mut rows) = (String::new(), Vec::new());
    loop {
        let (tag, body) = client.receive().expect("an answer");
        tags.push(char::from(tag));
        match tag {
            b'D' => rows.push(body),
            b'Z' => return (tags, rows),
            _ => {}
        }
    }
}

#[test]
fn a_statement_that_is_not_described_shows_the_same() {
    let mut client = place().connect();
    client.query(TABLE);
    let month = [&[0, 1, 0, 0, 0, 4][..], &14_i32.to_be_bytes()].concat();
    let day = [&[0, 1, 0, 0, 0, 8][..], &129_600_000_000_i64.to_be_bytes()].concat();
    let text = [&[0, 1, 0, 0, 0, 14][..], b"1 day 12:00:00"].concat();
    let parse = |name: &str, sql: &str| message(b'P', &parse_body(name, sql, &[]));
    let sync = message(b'S', b"");
    // The unnamed statement is another one each time.
    let pipeline = [
        parse("", "SELECT a FROM t WHERE id = 1"),
        run("", "", 1),
        parse("", "SELECT 7 FROM t WHERE id = 1"),
        run("", "", 1),
        parse("", "SELECT b FROM t WHERE id = 1"),
        run("", "", 1),
        parse("named", "SELECT b FROM t WHERE id = 1"),
        run("portal", "named", 0),
        sync.clone(),
    ];
    client.send(&pipeline.concat());
    let (tags, rows) = values(&mut client);
    assert_eq!(tags, "12DC12DC12DC12DCZ");
    assert_eq!(
        rows,
        [
            month,
            vec![0, 1, 0, 0, 0, 4, 0, 0, 0, 7],
            day.clone(),
            text.clone()
        ]
    );
    for (format, expected) in [(0, &text), (1, &day), (0, &text)] {
        client.send(&[run("", "named", format), sync.clone()].concat());
        let (tags, rows) = values(&mut client);
        assert_eq!((&*tags, &rows[0]), ("2DCZ", expected));
    }
    // One that fails leaves nothing behind.
    client.send(
        &[
            parse("", "SELECT b, 1 / (id - 1) FROM t"),
            run("", "", 0),
            sync.clone(),
        ]
        .concat(),
    );
    assert_eq!(values(&mut client).0, "12EZ");
    client.send(
        &[
            parse("", "SELECT missing FROM t"),
            run("", "", 0),
            sync.clone(),
        ]
        .concat(),
    );
    assert_eq!(values(&mut client).0, "EZ");
    assert_eq!(
        client.value("SELECT b FROM t WHERE id = 1"),
        "1 day 12:00:00"
    );
}

#[test]
fn in_binary_only_those_with_fields() {
    let mut client = place().connect();
    for (value, tags) in [
        ("INTERVAL '1' MONTH", "12DCZ"),
        ("INTERVAL '1' DAY", "12DCZ"),
        ("INTERVAL '1 day'", "1EZ"),
    ] {
        let parse = message(b'P', &parse_body("", &format!("SELECT {value}"), &[]));
        client.send(&[parse, run("", "", 1), message(b'S', b"")].concat());
        assert_eq!(values(&mut client).0, tags, "{value}");
    }
}

#[test]
fn a_portal_in_several_goes() {
    let mut client = place().connect();
    client.query(TABLE);
    let execute = |portal: &[u8]| message(b'E', &[portal, &[0, 0, 0, 0, 3]].concat());
    let out = [
        message(b'P', &parse_body("", "SELECT b FROM t ORDER BY id", &[])),
        message(b'B', &bind_body("p", "", &[])),
        execute(b"p"),
        execute(b"p"),
        message(b'S', b""),
    ];
    client.send(&out.concat());
    let (tags, rows) = values(&mut client);
    assert_eq!(tags, "12DDDsDCZ");
    assert!(rows[0].ends_with(b"1 day 12:00:00") && rows[2].ends_with(b"-1 days -01:00:00.5"));
}
