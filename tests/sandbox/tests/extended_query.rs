use crate::client::{bind_body, message, parse_body};
use crate::place;

#[test]
fn parameters_and_results() {
    let mut client = place().connect();
    client.query("CREATE TABLE t (a INT, b VARCHAR(10))");
    let (tags, replies, error) = client.extended(
        "INSERT INTO t VALUES ($1, $2)",
        &[(23, Some("7")), (1043, None)],
    );
    assert_eq!(
        (tags.as_str(), replies[0].tag.as_str(), error),
        ("12nCZ", "INSERT 0 1", None)
    );
    let (tags, replies, _) = client.extended(
        r#"SELECT "A", nvl(b, 'none') FROM t WHERE a = $1"#,
        &[(0, Some("7"))],
    );
    assert_eq!(
        (tags.as_str(), replies[0].tag.as_str()),
        ("12TDCZ", "SELECT")
    );
    assert_eq!(
        replies[0].rows,
        [[Some("7".to_owned()), Some("none".to_owned())]]
    );
}

#[test]
fn statements_of_the_sandboxs_own() {
    let place = place();
    let mut client = place.connect();
    let uri = place.put("a.csv", "1\n2\n");
    let (tags, replies, error) =
        client.extended("CREATE TABLE t (a INT ENCODE az64) DISTKEY (a)", &[]);
    assert_eq!(
        (tags.as_str(), replies[0].tag.as_str(), error),
        ("12nCZ", "CREATE TABLE", None)
    );
    let (tags, replies, _) =
        client.extended(&format!("COPY t FROM '{uri}' IAM_ROLE default CSV"), &[]);
    assert_eq!((tags.as_str(), replies[0].tag.as_str()), ("12nCZ", "COPY"));
    assert_eq!(
        client.infos(),
        ["Load into table 't' completed, 2 record(s) loaded successfully."]
    );
    let to = place.uri("out_");
    let (tags, replies, _) = client.extended(
        &format!("UNLOAD ('SELECT * FROM t') TO '{to}' IAM_ROLE default"),
        &[],
    );
    assert_eq!(
        (tags.as_str(), replies[0].tag.as_str()),
        ("12nCZ", "UNLOAD")
    );
    let (tags, _, error) = client.extended("TRUNCATE t", &[]);
    assert_eq!((tags.as_str(), error), ("12nCZ", None));
}

#[test]
fn after_an_error_everything_is_passed_over_up_to_sync() {
    let mut client = place().connect();
    for sql in [
        "SAVEPOINT x",
        "SELECT nothing",
        "COPY t FROM 's3://b/nothing' IAM_ROLE default",
    ] {
        let (tags, _, error) = client.extended(sql, &[]);
        assert!(
            tags.ends_with("EZ") && tags.matches('E').count() == 1,
            "{sql}: {tags}"
        );
        assert!(error.is_some());
        assert_eq!(client.value("SELECT 1"), "1");
    }
    client.query("BEGIN");
    client.extended("SAVEPOINT x", &[]);
    assert_eq!(client.status, 'E');
    client.query("ROLLBACK");
}

#[test]
fn named_statements_are_kept() {
    let place = place();
    let mut client = place.connect();
    client.query("CREATE TABLE t (a INT)");
    let uri = place.put("a.csv", "1\n");
    let mut out = message(
        b'P',
        &parse_body(
            "load",
            &format!("COPY t FROM '{uri}' IAM_ROLE default"),
            &[],
        ),
    );
    out.extend(message(
        b'P',
        &parse_body("count", "SELECT count(*) FROM t", &[]),
    ));
    out.extend(message(b'D', b"Sload\0"));
    out.extend(message(b'S', b""));
    client.send(&out);
    assert_eq!(client.answer().0, "11tnZ");
    // Loads and counts in one pipeline, in order.
    let mut out = Vec::new();
    for _ in 0..3 {
        for statement in ["load", "count"] {
            out.extend(message(b'B', &bind_body("", statement, &[])));
            out.extend(message(b'E', b"\0\0\0\0\0"));
        }
    }
    out.extend(message(b'S', b""));
    client.send(&out);
    let (tags, replies, error) = client.answer();
    assert_eq!((tags.as_str(), error), ("2C2DC2C2DC2C2DCZ", None));
    let counts: Vec<_> = replies
        .iter()
        .filter_map(|reply| reply.rows.first())
        .map(|row| row[0].clone())
        .collect();
    assert_eq!(counts, ["1", "2", "3"].map(|count| Some(count.to_owned())));
    client.send(
        &[
            message(b'C', b"Sload\0"),
            message(b'C', b"Scount\0"),
            message(b'S', b""),
        ]
        .concat(),
    );
    assert_eq!(client.answer().0, "33Z");
}

#[test]
fn flush_gives_answers_before_sync() {
    let mut client = place().connect();
    client.send(
        &[
            message(b'P', &parse_body("", "SELECT $1::int", &[])),
            message(b'D', b"S\0"),
            message(b'H', b""),
        ]
        .concat(),
    );
    let received: Vec<_> = (0..3)
        .filter_map(|_| client.receive())
        .map(|(tag, _)| char::from(tag))
        .collect();
    assert_eq!(received, ['1', 't', 'T']);
    client.send(
        &[
            message(b'B', &bind_body("", "", &[Some("5")])),
            message(b'E', b"\0\0\0\0\0"),
            message(b'S', b""),
        ]
        .concat(),
    );
    let (seen, _, error) = client.answer();
    assert_eq!(seen, "2DCZ", "{error:?}");
}

#[test]
fn a_long_pipeline_does_not_lock_up() {
    let mut client = place().connect();
    client.query("CREATE TABLE t (a INT)");
    let mut out = message(b'P', &parse_body("i", "INSERT INTO t VALUES ($1)", &[23]));
    for at in 0..20_000 {
        out.extend(message(b'B', &bind_body("", "i", &[Some(&at.to_string())])));
        out.extend(message(b'E', b"\0\0\0\0\0"));
    }
    out.extend(message(b'S', b""));
    let (_, replies, error) = std::thread::scope(|scope| {
        // Reads nothing until all is sent, as a simple client does, only in the background.
        let client = &mut client;
        scope
            .spawn(move || {
                client.send(&out);
                client.answer()
            })
            .join()
            .expect("no panic")
    });
    assert_eq!((replies.len(), error), (20_000, None));
}

#[test]
fn limits_of_parameters() {
    let mut client = place().connect();
    client.query("CREATE TABLE t (a INT)");
    let limit = "SELECT * FROM t LIMIT $1 OFFSET 0";
    let (_, _, error) = client.extended(limit, &[(20, Some("1"))]);
    let error = error.expect("refused");
    assert_eq!(
        (&*error.code, &*error.message),
        ("XX000", "Not implemented")
    );
    assert!(error.detail.contains("code:      1001"));
    assert_eq!(client.extended(limit, &[(23, Some("1"))]).2, None);

    let (_, _, error) =
        client.extended("SELECT * FROM t WHERE a = ANY($1)", &[(1007, Some("{1}"))]);
    assert_eq!(error.expect("refused").code, "22P03");
    let (_, _, error) = client.extended("SELECT * FROM t WHERE a = ANY($1)", &[(0, Some("{1}"))]);
    assert_eq!(error.expect("refused").code, "0A000");

    let (_, _, error) = client.extended("SELECT $32768", &[]);
    assert_eq!(
        error.expect("refused").message,
        "there is no parameter $-32768"
    );
    let (_, _, error) = client.extended("SELECT 1; SELECT 2", &[]);
    assert_eq!(
        error.expect("refused").message,
        "cannot insert multiple commands into a prepared statement"
    );
    let (_, _, error) =
        client.extended("COPY t FROM $1 IAM_ROLE default", &[(0, Some("s3://b/k"))]);
    assert_eq!(
        error.expect("refused").message,
        "syntax error at or near \"$1\""
    );
}

#[test]
fn the_unnamed_portal_does_not_stop() {
    let mut client = place().connect();
    let run = |portal: &str| {
        let mut out = message(b'P', &parse_body("", "SELECT generate_series(1, 3)", &[]));
        out.extend(message(b'B', &bind_body(portal, "", &[])));
        let rows = [portal.as_bytes(), &[0, 0, 0, 0, 2]].concat();
        out.extend(message(b'E', &rows));
        out.extend(message(b'S', b""));
        out
    };
    client.send(&run(""));
    assert_eq!(client.answer().0, "12DDDCZ");
    client.send(&run("named"));
    assert_eq!(client.answer().0, "12DDsZ");
}
