//! Many messages before one Sync, with statements of the sandbox's own among them.

use crate::client::{Client, Target, bind_body, message, parse_body};
use crate::{place, sandbox};

/// Parse, Bind and Execute of each statement, and one Sync.
fn pipeline(statements: &[&str]) -> Vec<u8> {
    let mut out = Vec::new();
    for sql in statements {
        out.extend(message(b'P', &parse_body("", sql, &[])));
        out.extend(message(b'B', &bind_body("", "", &[])));
        out.extend(message(b'E', b"\0\0\0\0\0"));
    }
    out.extend(message(b'S', b""));
    out
}

fn run(client: &mut Client, statements: &[&str]) -> (String, Option<String>) {
    client.send(&pipeline(statements));
    let (tags, replies, error) = client.answer();
    let _ = replies;
    (tags, error.map(|error| error.code))
}

#[test]
fn a_pipeline_is_one_transaction_with_its_loads() {
    let place = place();
    let mut client = place.connect();
    client.query("CREATE TABLE t (a int)");
    let copy = format!(
        "COPY t FROM '{}' IAM_ROLE default CSV",
        place.put("rows.csv", "1\n2\n")
    );
    let count = |client: &mut Client| client.value("SELECT count(*) FROM t");
    let insert = "INSERT INTO t VALUES (3)";
    let broken = "SELECT 1/0";
    let done = |(tags, error): (String, Option<String>)| {
        assert_eq!(error, None, "{tags}");
        tags
    };

    assert_eq!(done(run(&mut client, &[&copy])), "12CZ");
    assert_eq!(
        done(run(&mut client, &[insert, &copy, insert])),
        "12C12C12CZ"
    );
    assert_eq!((count(&mut client), client.status), ("6".to_owned(), 'I'));

    for statements in [
        &[insert, &copy, broken][..],
        &[&copy, broken],
        &[
            &copy,
            insert,
            "COPY t FROM 's3://nowhere/x' IAM_ROLE default",
        ],
        &[insert, "COPY t FROM 's3://nowhere/x' IAM_ROLE default"],
        &[insert, "SAVEPOINT a"],
        &[&copy, "SAVEPOINT a"],
        &[insert, "COPY t FROM nonsense"],
    ] {
        let (tags, error) = run(&mut client, statements);
        assert!(
            error.is_some() && tags.ends_with("EZ"),
            "{statements:?}: {tags}"
        );
        assert_eq!(client.status, 'I');
        assert_eq!(count(&mut client), "6", "{statements:?}");
    }
    assert_eq!(done(run(&mut client, &[&copy, insert])), "12C12CZ");
    assert_eq!(count(&mut client), "9");
}

#[test]
fn a_transaction_of_the_clients_own_stays_open() {
    let place = place();
    let mut client = place.connect();
    client.query("CREATE TABLE t (a int)");
    let copy = format!(
        "COPY t FROM '{}' IAM_ROLE default CSV",
        place.put("rows.csv", "1\n2\n")
    );
    assert_eq!(run(&mut client, &["BEGIN", &copy]).1, None);
    assert_eq!(client.status, 'T');
    assert_eq!(run(&mut client, &[&copy, "ROLLBACK"]).1, None);
    assert_eq!(client.status, 'I');
    assert_eq!(client.value("SELECT count(*) FROM t"), "0");
    assert_eq!(run(&mut client, &["BEGIN", &copy, "COMMIT", &copy]).1, None);
    assert_eq!(
        (client.value("SELECT count(*) FROM t"), client.status),
        ("4".to_owned(), 'I')
    );
    assert_eq!(
        run(&mut client, &["BEGIN", &copy, "SELECT 1/0"])
            .1
            .as_deref(),
        Some("22012")
    );
    assert_eq!(client.status, 'E');
    client.query("ROLLBACK");
    assert_eq!(client.value("SELECT count(*) FROM t"), "4");
}

#[test]
fn pipelines_may_be_long_and_hold_several_syncs() {
    let place = place();
    let mut client = place.connect();
    client.query("CREATE TABLE t (a int)");
    let insert = "INSERT INTO t VALUES (1)";
    let mut out = pipeline(&vec![insert; 500]);
    out.extend(pipeline(&[insert, "SELECT 1/0", insert]));
    out.extend(pipeline(&[insert]));
    client.send(&out);
    let (tags, _, _) = client.answer();
    assert_eq!(tags, format!("{}Z", "12C".repeat(500)));
    let (tags, _, error) = client.answer();
    assert_eq!(error.map(|error| error.code).as_deref(), Some("22012"));
    assert!(tags.ends_with("EZ"), "{tags}");
    let (tags, _, _) = client.answer();
    assert_eq!(tags, "12CZ");
    assert_eq!(client.value("SELECT count(*) FROM t"), "501");
}

/// A Bind message whose result is wanted in this format.
fn bind(parameters: &[u16], values: &[&[u8]], result: u16) -> Vec<u8> {
    let mut body = vec![0, 0];
    body.extend((parameters.len() as u16).to_be_bytes());
    parameters
        .iter()
        .for_each(|format| body.extend(format.to_be_bytes()));
    body.extend((values.len() as u16).to_be_bytes());
    for value in values {
        body.extend((value.len() as u32).to_be_bytes());
        body.extend_from_slice(value);
    }
    body.extend([0, 1]);
    body.extend(result.to_be_bytes());
    body
}

#[test]
fn binary_values_pass_where_they_are_the_same_on_redshift() {
    let mut client = place().connect();
    let mut ask = |sql: &str, bind: &[u8]| {
        let mut out = message(b'P', &parse_body("", sql, &[]));
        out.extend(message(b'B', bind));
        out.extend(message(b'E', b"\0\0\0\0\0"));
        out.extend(message(b'S', b""));
        client.send(&out);
        let (tags, _, error) = client.answer();
        (tags, error)
    };
    for value in [
        "1::int8",
        "true",
        "1.5::float8",
        "'x'::varchar",
        "now()",
        "'10:00+01'::timetz",
    ] {
        let (tags, error) = ask(&format!("SELECT {value}"), &bind(&[], &[], 1));
        assert_eq!((&*tags, error), ("12DCZ", None), "{value}");
    }
    for (value, name) in [
        ("1.5::numeric", "numeric"),
        ("'2020-01-01'::date", "date"),
        ("'12:00'::time", "time"),
        ("1, 2.5", "numeric"),
    ] {
        let (tags, error) = ask(&format!("SELECT {value}"), &bind(&[], &[], 1));
        let error = error.expect(value);
        assert_eq!((&*tags, &*error.code), ("1EZ", "0A000"));
        assert!(
            error.message.contains(&format!("type {name}")),
            "{}",
            error.message
        );
        let (tags, _) = ask(&format!("SELECT {value}"), &bind(&[], &[], 0));
        assert_eq!(tags, "12DCZ");
    }
    let (_, error) = ask("SELECT 1 + $1::numeric", &bind(&[1], &[b"\0\0"], 0));
    assert_eq!(error.expect("refused").code, "0A000");
    let (tags, _) = ask("SELECT $1::int8", &bind(&[1], &[&7_u64.to_be_bytes()], 0));
    assert_eq!(tags, "12DCZ");
    let missing = [&b"\0missing\0"[..], &bind(&[], &[], 1)[2..]].concat();
    let (_, error) = ask("SELECT 1", &missing);
    assert_eq!(error.expect("refused").code, "26000");
}

#[test]
fn newer_protocols_are_brought_down_or_refused() {
    let target = Target::parse(&sandbox().url());
    for asked in ["0", "1", "2", "3", "99"] {
        let client = Client::connect_with(&target, &[("client_protocol_version", asked)])
            .expect("a connection");
        assert_eq!(client.parameters["server_protocol_version"], "0");
    }
    for version in [0x0003_0002_u32, 0x0002_0000, 0x0004_0000] {
        use std::io::{Read, Write};
        let mut socket = std::net::TcpStream::connect(&target.address).expect("a socket");
        let mut packet = 13_u32.to_be_bytes().to_vec();
        packet.extend(version.to_be_bytes());
        packet.extend(b"user\0");
        socket.write_all(&packet).expect("sent");
        let mut answer = Vec::new();
        socket.read_to_end(&mut answer).expect("an answer");
        let text = String::from_utf8_lossy(&answer);
        assert!(
            text.starts_with('E') && text.contains("0A000") && text.contains("server supports 3.0"),
            "{text}"
        );
    }
}
