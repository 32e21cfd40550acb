use std::io::Write;

use crate::client::Client;
use crate::{Place, place};

const AUTH: &str = "IAM_ROLE 'arn:aws:iam::0123456789012:role/MyRedshiftRole'";

pub(crate) fn load(client: &mut Client, table: &str, uri: &str, options: &str) -> String {
    client.query(&format!(
        "COPY {table} FROM '{uri}' IAM_ROLE default {options}"
    ));
    client.value("SELECT pg_last_copy_count()")
}

/// A place with a table `t` of these columns.
pub(crate) fn table(columns: &str) -> (Place, Client) {
    let place = place();
    let mut client = place.connect();
    client.query(&format!("CREATE TABLE t ({columns})"));
    (place, client)
}

#[test]
fn csv() {
    let (place, mut client) =
        table("id BIGINT NOT NULL, name VARCHAR(40), price DECIMAL(8,2), at TIMESTAMP, ok BOOLEAN");
    let uri = place.put(
        "users.csv",
        "id,name,price,at,ok\n1,Ada,1.239,2024-01-02 03:04:05.678,t\r\n2,\"Gr\"\"ace,\nHopper 😀\",,,false\n",
    );
    let role = "IAM_ROLE 'arn:aws:iam::012345678901:role/MyRedshiftRole'";
    let reply = client.query(&format!(
        "COPY t FROM '{uri}' {role} FORMAT AS CSV IGNOREHEADER 1"
    ));
    assert_eq!(reply[0].tag, "COPY");
    assert_eq!(
        client.infos(),
        ["Load into table 't' completed, 2 record(s) loaded successfully."]
    );
    assert_eq!(
        client.value("SELECT pg_last_copy_id() > 0 AND pg_last_copy_id() = pg_last_query_id()"),
        "t"
    );
    assert_eq!(
        client.rows("SELECT * FROM t ORDER BY id"),
        [
            ["1", "Ada", "1.23", "2024-01-02 03:04:05.678", "t"],
            ["2", "Gr\"ace,\nHopper 😀", "~", "~", "f"]
        ]
    );
    assert_eq!(client.value("SELECT pg_last_copy_count()"), "2");
}

#[test]
fn a_role_needs_twelve_digits() {
    let (place, mut client) = table("a INT");
    let uri = place.put("a", "1\n");
    assert_eq!(
        client.error(&format!("COPY t FROM '{uri}' {AUTH}")).code,
        "XX000"
    );
    assert!(
        client
            .error(&format!("COPY t FROM '{uri}' {AUTH}"))
            .message
            .contains("ARN")
    );
}

#[test]
fn delimited_text() {
    let (place, mut client) = table("a INT, b VARCHAR(20), c VARCHAR(20)");
    for (file, options, expected) in [
        ("1|x|y\n", "", ["1", "x", "y"]),
        ("1|x|y|\n", "", ["1", "x", "y"]),
        ("1|\\N|a\\b\n", "", ["1", "~", "a\\b"]),
        ("1\tx\ty\n", "DELIMITER '\\t'", ["1", "x", "y"]),
        ("1\u{1}x\u{1}y\n", "DELIMITER AS '\\001'", ["1", "x", "y"]),
        ("1|a\\|b|l1\\\nl2\n", "ESCAPE", ["1", "a|b", "l1\nl2"]),
        ("1|x|y\0z|lost\n", "ESCAPE", ["1", "x", "y"]),
        ("1|'a|b'|\"c\"\n", "REMOVEQUOTES", ["1", "a|b", "c"]),
        ("1|none|\n", "NULL AS 'none'", ["1", "~", ""]),
        ("1||  \n", "EMPTYASNULL BLANKSASNULL", ["1", "~", "~"]),
        ("1|x  |y\n", "TRIMBLANKS", ["1", "x", "y"]),
        ("1\n", "FILLRECORD", ["1", "", ""]),
        ("1\n", "FILLRECORD EMPTYASNULL", ["1", "~", "~"]),
        (
            "h\nh\n\n1|x|y\n\n",
            "IGNOREHEADER 2 IGNOREBLANKLINES",
            ["1", "x", "y"],
        ),
        (
            "1|xxxxxxxxxxxxxxxxxxxxé|y\n",
            "TRUNCATECOLUMNS",
            ["1", "xxxxxxxxxxxxxxxxxxxx", "y"],
        ),
        (" |x|y\n", "", ["~", "x", "y"]),
    ] {
        let uri = place.put("data", file);
        client.query("DELETE FROM t");
        assert_eq!(load(&mut client, "t", &uri, options), "1", "{options}");
        assert_eq!(client.rows("SELECT * FROM t"), [expected], "{options}");
    }
}

#[test]
fn a_prefix_names_all_files_that_begin_with_it() {
    let (place, mut client) = table("a INT");
    place.put("data.csv", "h\n1\n");
    place.put("data.csv.bak", "h\n2\n");
    place.put("data/x", "h\n3");
    place.put("dat", "h\n4\n");
    assert_eq!(
        load(&mut client, "t", &place.uri("data"), "CSV IGNOREHEADER 1"),
        "3"
    );
    assert_eq!(
        client.rows("SELECT a FROM t ORDER BY a").concat(),
        ["1", "2", "3"]
    );
    let failure = client.error(&format!(
        "COPY t FROM '{}' IAM_ROLE default",
        place.uri("nothing/x")
    ));
    assert_eq!(
        (&*failure.code, &*failure.message),
        (
            "XX000",
            "The specified S3 prefix 'nothing/x' does not exist"
        )
    );
    assert!(failure.detail.contains("error:") && failure.detail.contains("query:"));
}

#[test]
fn manifests() {
    let (place, mut client) = table("a INT");
    let one = place.put("one", "1\n");
    let gone = place.uri("gone");
    let manifest = |entries: &str| place.put("manifest", format!("{{\"entries\": [{entries}]}}"));
    let uri = manifest(&format!(
        "{{\"url\": \"{one}\", \"mandatory\": true}}, {{\"url\": \"{one}\"}}, {{\"url\": \"{gone}\"}}"
    ));
    assert_eq!(load(&mut client, "t", &uri, "MANIFEST"), "2");
    let copy = format!("COPY t FROM '{uri}' IAM_ROLE default MANIFEST");
    for broken in [
        format!("{{\"url\": \"{one}\"}}, {{\"url\": \"{gone}\", \"mandatory\": true}}"),
        format!("{{\"url\": \"{gone}\"}}"),
        "{}".to_owned(),
        "{".to_owned(),
        "{\"url\": \"s3://b/../x\"}".to_owned(),
        format!("{{\"url\": \"{one}\", \"mandatory\": \"true\"}}"),
    ] {
        manifest(&broken);
        assert_eq!(client.error(&copy).code, "XX000", "{broken}");
    }
    for url in ["one", "s3://bucket", ""] {
        manifest(&format!("{{\"url\": \"{url}\"}}"));
        let failure = client.error(&copy);
        assert_eq!(
            failure.message,
            format!("COPY with MANIFEST parameter requires full path of an S3 object: {url}")
        );
        assert!(failure.detail.contains("code:      8001"), "{failure:?}");
    }
    assert_eq!(
        client
            .error(&format!("COPY t FROM '{gone}' IAM_ROLE default MANIFEST"))
            .message,
        "No such file or directory"
    );
    assert_eq!(client.value("SELECT count(*) FROM t"), "2");
}

#[test]
fn compressed_files() {
    let (place, mut client) = table("a INT, b VARCHAR(10)");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(b"1,x\n2,y\n").expect("packed");
    let mut bytes = gzip.finish().expect("packed");
    // Several members in one file are one stream.
    bytes.extend(bytes.clone());
    let uri = place.put("a.gz", &bytes);
    assert_eq!(load(&mut client, "t", &uri, "CSV GZIP"), "4");
    let zstd = place.put("a.zst", zstd::encode_all(&b"3,z\n"[..], 0).expect("packed"));
    assert_eq!(load(&mut client, "t", &zstd, "CSV ZSTD"), "1");

    let broken = place.put("broken.gz", &bytes[..bytes.len() - 6]);
    let failure = client.error(&format!("COPY t FROM '{broken}' IAM_ROLE default CSV GZIP"));
    assert_eq!(failure.code, "XX000");
    assert!(
        failure.message.starts_with("failed to inflate with gzip"),
        "{failure:?}"
    );
    assert!(failure.detail.contains("broken.gz"), "{failure:?}");
    assert_eq!(client.value("SELECT count(*) FROM t"), "5");
}

#[test]
fn a_default_has_one_value_for_a_load() {
    let (place, mut client) = table(
        "a INT, r FLOAT DEFAULT random(), at TIMESTAMP DEFAULT sysdate, \
         b VARCHAR(20) DEFAULT lower('A\\tB') || '\\\\', c CHAR(3) DEFAULT upper('x'), n INT DEFAULT nullif(1, 1)",
    );
    client.query("SET datestyle TO 'SQL, DMY'");
    let two = place.put("two", "1\n2\n");
    load(&mut client, "t (a)", &two, "CSV");
    assert_eq!(
        client.rows("SELECT count(DISTINCT r), count(DISTINCT at), count(n) FROM t"),
        [["1", "1", "0"]]
    );
    load(&mut client, "t (a)", &two, "CSV");
    assert_eq!(client.value("SELECT count(DISTINCT r) FROM t"), "2");
    assert_eq!(
        client.value(
            "SELECT count(*) FROM t WHERE at > sysdate - interval '1 hour' AND at <= sysdate"
        ),
        "4"
    );
    assert_eq!(
        client.rows("SELECT DISTINCT b, c FROM t"),
        [["a\tb\\", "X  "]]
    );
}

#[test]
fn column_lists_defaults_and_identity() {
    let (place, mut client) = table(
        "id INT IDENTITY(1, 1), own INT GENERATED BY DEFAULT AS IDENTITY(1, 1), a INT, b VARCHAR(5) DEFAULT 'none', c INT NOT NULL DEFAULT 3",
    );
    let two = place.put("two", "8,7\n");
    load(&mut client, "t (c, a)", &two, "CSV");
    assert_eq!(
        client.rows("SELECT * FROM t"),
        [["1", "1", "7", "none", "8"]]
    );
    let three = place.put("three", "7,x,8\n");
    load(&mut client, "t", &three, "CSV");
    assert_eq!(client.value("SELECT id FROM t WHERE b = 'x'"), "2");
    load(
        &mut client,
        "t (a, own, c)",
        &place.put("own", "1,99,1\n"),
        "CSV",
    );
    assert_eq!(client.value("SELECT own FROM t WHERE a = 1"), "99");
    load(
        &mut client,
        "t (id, a, c)",
        &place.put("ids", "50,5,5\n"),
        "CSV EXPLICIT_IDS",
    );
    assert_eq!(client.value("SELECT id FROM t WHERE a = 5"), "50");

    let error = |client: &mut Client, list: &str, options: &str| {
        client.error(&format!(
            "COPY t {list} FROM '{two}' IAM_ROLE default CSV {options}"
        ))
    };
    assert_eq!(error(&mut client, "(id, a)", "").code, "0A000");
    assert_eq!(error(&mut client, "(a, c)", "EXPLICIT_IDS").code, "0A000");
    assert_eq!(
        error(&mut client, "(a, nope)", "").message,
        "column \"nope\" of relation \"t\" does not exist"
    );
    assert_eq!(error(&mut client, "(a, A)", "").code, "42701");
    let failure = client.error(&format!("COPY nothing FROM '{two}' IAM_ROLE default"));
    assert_eq!(
        (&*failure.code, &*failure.message),
        ("XX000", "Cannot COPY into nonexistent table nothing")
    );
}

#[test]
fn faults_have_redshifts_codes() {
    let (place, mut client) = table(
        "a INT NOT NULL, b VARCHAR(4), c CHAR(4), d DATE, e TIMESTAMP, f BOOLEAN, g DECIMAL(4,2), h REAL",
    );
    for (line, column, code, reason) in [
        (
            "x|||||||",
            "a",
            "1207",
            "Invalid digit, Value 'x', Pos 0, Type: Integer",
        ),
        ("|||||||", "a", "1213", "Missing data for not-null field"),
        (
            "9999999999|||||||",
            "a",
            "1222",
            "Overflow, Value '9999999999', Type: Integer",
        ),
        (
            "1|ööö||||||",
            "b",
            "1204",
            "String length exceeds DDL length",
        ),
        (
            "1||ö|||||",
            "c",
            "1220",
            "Multibyte character not supported for CHAR (Hint: try using VARCHAR). Invalid char: c3 b6",
        ),
        (
            "1||12345|||||",
            "c",
            "1204",
            "Char length exceeds DDL length",
        ),
        (
            "1|||2024-1-1||||",
            "d",
            "1205",
            "Invalid Date Format - length must be 10 or more",
        ),
        (
            "1||||2024-01-01|||",
            "e",
            "1206",
            "Invalid timestamp format or value [YYYY-MM-DD HH24:MI:SS]",
        ),
        (
            "1|||||maybe||",
            "f",
            "1210",
            "Unknown boolean format, Value 'maybe'",
        ),
        (
            "1||||||123.4|",
            "g",
            "1204",
            "Numeric overflow, Value '123.4', Type: Decimal(4,2)",
        ),
        (
            "1|||||||x",
            "h",
            "1208",
            "Invalid digit, Value 'x', Pos 0, Type: Float4",
        ),
        ("1||||||", "h", "1214", "Delimiter not found"),
        ("1|||||||||", "", "1202", "Extra column(s) found"),
    ] {
        let uri = place.put("data", format!("{line}\n"));
        let failure = client.error(&format!("COPY t FROM '{uri}' IAM_ROLE default"));
        assert_eq!(failure.code, "XX000");
        assert_eq!(
            failure.message,
            "Load into table 't' failed.  Check 'stl_load_errors' system table for details."
        );
        assert!(
            failure.detail.contains(&uri)
                && failure.detail.contains(reason)
                && failure.detail.contains(code),
            "{failure:?}"
        );
        let row = client.rows(
            "SELECT trim(filename), line_number, trim(colname), err_code, trim(err_reason), trim(raw_line) \
             FROM stl_load_errors WHERE query = pg_last_copy_id()",
        );
        assert_eq!(row, [[&uri, "1", column, code, reason, line]]);
    }
    assert_eq!(client.value("SELECT count(*) FROM t"), "0");
}

#[test]
fn what_is_not_imitated_is_refused_by_name() {
    let (place, mut client) = table("a INT");
    let uri = place.put("data", "1\n");
    for (options, code, text) in [
        ("FORMAT AS ORC", "0A000", "ORC"),
        ("AVRO 'auto'", "0A000", "AVRO"),
        ("LZOP", "0A000", "LZOP"),
        ("ENCRYPTED", "0A000", "ENCRYPTED"),
        ("CSV ESCAPE", "0A000", "ESCAPE"),
        ("HEADER", "42601", "\"HEADER\""),
        ("CSV, GZIP", "42601", "\",\""),
        ("FORCE_NULL (a)", "42601", "\"FORCE_NULL\""),
        ("ENCODING 'UTF8'", "42601", "'UTF8'"),
    ] {
        let failure = client.error(&format!("COPY t FROM '{uri}' IAM_ROLE default {options}"));
        assert_eq!(failure.code, code, "{options}");
        assert!(
            failure.message.contains(text),
            "{options}: {}",
            failure.message
        );
    }
    for source in [
        "data",
        "/etc/passwd",
        "s3://",
        "s3:///x",
        "s3://b/../x",
        "emr://x/y",
    ] {
        client.error(&format!("COPY t FROM '{source}' IAM_ROLE default"));
    }
    assert_eq!(client.value("SELECT count(*) FROM t"), "0");
}
