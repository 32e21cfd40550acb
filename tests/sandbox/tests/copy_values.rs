//! What values in files become.

use crate::copy::{load, table};
use crate::place;

#[test]
fn dates_and_times() {
    let (place, mut client) = table("d DATE, t TIMESTAMP, z TIMESTAMPTZ, c TIME");
    let uri = place.put(
        "data",
        "2024-01-02|2024-01-02 03:04:05|2024-01-02 03:04:05+02|03:04:05.5\n",
    );
    load(&mut client, "t", &uri, "");
    assert_eq!(
        client.rows("SELECT * FROM t"),
        [[
            "2024-01-02",
            "2024-01-02 03:04:05",
            "2024-01-02 01:04:05+00",
            "03:04:05.5"
        ]]
    );
    let uri = place.put("data", "Jan 2, 2024|1704164645|2024-01-02 03:04:05|\n");
    client.query("DELETE FROM t");
    load(
        &mut client,
        "t (d, t, z, c)",
        &uri,
        "DATEFORMAT 'auto' TIMEFORMAT 'epochsecs' MAXERROR 2",
    );
    assert_eq!(client.value("SELECT count(*) FROM t"), "0");
    let uri = place.put(
        "data",
        "02/01/2024|2024-01-02T03:04:05Z|2024-01-02 03:04:05.5+01:30|\n2024|x||\n",
    );
    load(
        &mut client,
        "t",
        &uri,
        "DATEFORMAT 'DD/MM/YYYY' TIMEFORMAT 'auto' ACCEPTANYDATE",
    );
    assert_eq!(
        client.rows("SELECT * FROM t ORDER BY d"),
        [
            [
                "2024-01-02",
                "2024-01-02 03:04:05",
                "2024-01-02 01:34:05.5+00",
                "~"
            ],
            ["~", "~", "~", "~"]
        ]
    );
}

#[test]
fn a_load_does_not_depend_on_the_session() {
    let (place, mut client) = table("d DATE, t TIMESTAMP, z TIMESTAMPTZ");
    client.query("SET datestyle TO 'SQL, DMY'; SET timezone TO 'America/New_York'");
    let uri = place.put(
        "data",
        "2024-02-03|2024-02-03 04:05:06|2024-02-03 04:05:06+01\nx\n",
    );
    load(&mut client, "t", &uri, "MAXERROR 2");
    let rows = client.rows(
        "SELECT d = '2024-02-03', t = '2024-02-03 04:05:06', z = '2024-02-03 03:05:06+00' FROM t",
    );
    assert_eq!(rows, [["t", "t", "t"]]);
    let log = place.connect().rows(
        "SELECT datediff(second, e.starttime, sysdate) < 60, datediff(second, l.start_time, sysdate) < 60 \
         FROM stl_load_errors e, sys_load_history l",
    );
    assert_eq!(log, [["t", "t"]]);
}

#[test]
fn invalid_characters_can_be_replaced() {
    let (place, mut client) = table("a VARCHAR(20)");
    let uri = place.put("data", b"a\xffb\n");
    assert_eq!(
        client
            .error(&format!("COPY t FROM '{uri}' IAM_ROLE default"))
            .code,
        "XX000"
    );
    load(&mut client, "t", &uri, "ACCEPTINVCHARS AS '^'");
    assert_eq!(client.value("SELECT a FROM t"), "a^b");
}

#[test]
fn utf16_files_are_loaded() {
    let place = place();
    let mut client = place.connect();
    client.query("CREATE TABLE t (a INT, b VARCHAR(20))");
    let text: Vec<u16> = "\u{feff}1|ö😀\n2|x\n".encode_utf16().collect();
    let big: Vec<u8> = text.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    let little: Vec<u8> = text.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    for (file, options) in [
        (&big, "UTF16"),
        (&little, "AS UTF16"),
        (&big, "UTF16BE"),
        (&little, "UTF16LE"),
    ] {
        let uri = place.put("data", file);
        client.query(&format!(
            "DELETE FROM t; COPY t FROM '{uri}' IAM_ROLE default ENCODING {options}"
        ));
        assert_eq!(
            client.rows("SELECT * FROM t ORDER BY a"),
            [["1", "ö😀"], ["2", "x"]]
        );
    }
    // One in another encoding is passed over.
    place.put("several/a", "1|x\n");
    place.put("several/b", &little);
    client.query(&format!(
        "DELETE FROM t; COPY t FROM '{}' IAM_ROLE default ENCODING UTF16 IGNOREALLERRORS",
        place.uri("several/")
    ));
    assert_eq!(client.value("SELECT count(*) FROM t"), "2");
    let uri = place.put("data", &big);
    for format in ["JSON", "FIXEDWIDTH 'a:1,b:3'"] {
        let failure = client.error(&format!(
            "COPY t FROM '{uri}' IAM_ROLE default {format} ENCODING UTF16"
        ));
        assert_eq!(failure.code, "0A000");
        assert!(failure.message.contains("ENCODING"), "{failure:?}");
    }
}

/// UTF16 alone is documented to look for it.
#[test]
fn a_byte_order_mark_of_utf8_is_data() {
    let place = place();
    let mut client = place.connect();
    client.query("CREATE TABLE t (a VARCHAR(20))");
    let uri = place.put("data", "\u{feff}x\n");
    client.query(&format!("COPY t FROM '{uri}' IAM_ROLE default CSV"));
    assert_eq!(client.value("SELECT a FROM t"), "\u{feff}x");
}

#[test]
fn intervals_are_loaded() {
    let place = place();
    let mut client = place.connect();
    client.query("CREATE TABLE t (a INTERVAL YEAR TO MONTH, b INTERVAL DAY TO SECOND)");
    let uri = place.put(
        "data",
        "1-2|3 days 04:05:06.5\n1 year 2 mons|3 days 4 hours\n-1 months|-00:00:01\n|\n",
    );
    client.query(&format!("COPY t FROM '{uri}' IAM_ROLE default"));
    let rows = client.rows("SELECT * FROM t");
    assert_eq!(rows.len(), 4);
    let to = place.uri("out_");
    client.query(&format!(
        "UNLOAD ('SELECT * FROM t') TO '{to}' IAM_ROLE default CSV"
    ));
    client.query(&format!(
        "CREATE TABLE u (LIKE t); COPY u FROM '{to}' IAM_ROLE default CSV"
    ));
    assert_eq!(client.value("SELECT count(*) FROM u"), "4");
    assert!(client.rows("(SELECT * FROM t EXCEPT SELECT * FROM u) UNION ALL (SELECT * FROM u EXCEPT SELECT * FROM t)").is_empty());
}
