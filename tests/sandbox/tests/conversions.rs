//! What becomes of values on their way in and out.

use std::sync::Arc;

use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use crate::client::Client;
use crate::{Place, place};

/// A place with a table `t` of these columns.
fn table(columns: &str) -> (Place, Client) {
    let place = place();
    let mut client = place.connect();
    client.query(&format!("CREATE TABLE t ({columns})"));
    (place, client)
}

/// Loads a file into `t` and gives the rows, or the codes of what could not be loaded.
fn loaded(
    place: &Place,
    client: &mut Client,
    file: impl AsRef<[u8]>,
    options: &str,
) -> Vec<Vec<String>> {
    let uri = place.put("data", file);
    client.query("TRUNCATE t");
    match client.try_query(&format!("COPY t FROM '{uri}' IAM_ROLE default {options}")) {
        Ok(_) => client.rows("SELECT * FROM t"),
        Err(_) => client.rows(
            "SELECT err_code, trim(colname), trim(raw_field_value) FROM stl_load_errors \
             WHERE query = pg_last_query_id()",
        ),
    }
}

#[test]
fn varbyte_takes_neither_fixed_widths_nor_quotes() {
    let (place, mut client) = table("a INT, v VARBYTE(2)");
    let uri = place.put("data", "1|6162\n");
    for option in ["FIXEDWIDTH 'a:1,v:4'", "REMOVEQUOTES"] {
        let failure = client.error(&format!("COPY t FROM '{uri}' IAM_ROLE default {option}"));
        let name = option.split(' ').next().unwrap_or_default();
        assert_eq!(failure.code, "0A000");
        assert_eq!(
            failure.message,
            format!("{name} argument is not supported for column \"v\" of type VARBYTE")
        );
    }
    assert_eq!(
        loaded(&place, &mut client, "1|616263\n", "TRUNCATECOLUMNS"),
        [["1204", "v", "616263"]]
    );
}

#[test]
fn code_points_that_are_no_characters() {
    let (place, mut client) = table("v VARCHAR(20)");
    let file = "a\u{fdd0}\u{ffff}\u{10fffe}b\n";
    assert_eq!(
        loaded(&place, &mut client, file, ""),
        [["a\u{fdd0}\u{ffff}\u{10fffe}b"]]
    );
    assert_eq!(
        loaded(&place, &mut client, file, "ACCEPTINVCHARS '^'"),
        [["a^^^^^^^^^^b"]]
    );
    let json = r#"{"v": "a\ufdd0b"}"#;
    assert_eq!(
        loaded(&place, &mut client, json, "JSON 'auto' ACCEPTINVCHARS"),
        [["a???b"]]
    );
}

#[test]
fn records_with_replacements_are_counted() {
    let (place, mut client) = table("v VARCHAR(9), w VARCHAR(9), i INT");
    let uri = place.put("data", b"\xff|\xff|1\n\xff|x|2\nx|x|3\n\xff|x|bad\n");
    client.query(&format!(
        "COPY t FROM '{uri}' IAM_ROLE default ACCEPTINVCHARS MAXERROR 5"
    ));
    assert!(
        client.infos()[2].contains(" 2 record(s) were loaded with replacements"),
        "{:?}",
        client.infos()
    );
}

#[test]
fn intervals_come_back() {
    let (place, mut client) = table("a INTERVAL YEAR TO MONTH, b INTERVAL DAY TO SECOND");
    client.query(
        "INSERT INTO t VALUES (INTERVAL '0' MONTH, INTERVAL '36' HOUR), \
         (INTERVAL '-14' MONTH, INTERVAL '0' SECOND), (INTERVAL '1-2' YEAR TO MONTH, INTERVAL '-1.5' SECOND), \
         (NULL, INTERVAL '-25' HOUR)",
    );
    client.query("CREATE TABLE u (LIKE t)");
    let different = "(SELECT * FROM t EXCEPT SELECT * FROM u) UNION ALL (SELECT * FROM u EXCEPT SELECT * FROM t)";
    for (out, back) in [
        ("", ""),
        ("CSV", "CSV"),
        ("ADDQUOTES", "REMOVEQUOTES"),
        ("FIXEDWIDTH 'a:20,b:20'", "FIXEDWIDTH 'a:20,b:20'"),
        ("JSON", "JSON 'auto'"),
    ] {
        let to = place.uri("out/");
        client.query(&format!(
            "UNLOAD ('SELECT * FROM t ORDER BY a') TO '{to}' IAM_ROLE default PARALLEL OFF CLEANPATH {out}"
        ));
        client.query("TRUNCATE u");
        client.query(&format!("COPY u FROM '{to}' IAM_ROLE default {back}"));
        assert_eq!(client.value("SELECT count(*) FROM u"), "4", "{out}");
        assert!(client.rows(different).is_empty(), "{out}");
        if out == "CSV" {
            assert_eq!(
                place.get("out/000"),
                "-1 years -2 mons,00:00:00\n0 mons,1 day 12:00:00\n1 year 2 mons,-00:00:01.5\n,-1 days -01:00:00\n"
            );
        }
    }
    assert_eq!(
        loaded(&place, &mut client, "-1 years -2 mons|3 04:05:06\n", ""),
        [["-1 years -2 mons", "3 days 04:05:06"]]
    );
}

#[test]
fn instants_are_the_same_in_every_time_zone() {
    let (place, mut client) = table("z TIMESTAMPTZ, t TIMESTAMP");
    client.query("SET timezone TO 'America/New_York'");
    let utc = "SELECT z AT TIME ZONE 'UTC', t FROM t";
    loaded(&place, &mut client, "0.5|0.5\n", "TIMEFORMAT 'epochsecs'");
    assert_eq!(
        client.rows(utc),
        [["1970-01-01 00:00:00.5", "1970-01-01 00:00:00.5"]]
    );
    let to = place.uri("out/");
    client.query(&format!(
        "UNLOAD ('SELECT * FROM t') TO '{to}' IAM_ROLE default PARQUET"
    ));
    client.query(&format!(
        "TRUNCATE t; COPY t FROM '{to}' IAM_ROLE default PARQUET"
    ));
    assert_eq!(
        client.rows(utc),
        [["1970-01-01 00:00:00.5", "1970-01-01 00:00:00.5"]]
    );
}

#[test]
fn what_a_super_cannot_hold_is_an_error_of_its_row() {
    let (place, mut client) = table("a INT, s SUPER");
    let file = r#"{"a": 1, "s": "\ud83d"} {"a": 2, "s": {"\u0000": 1}} {"a": 3, "s": 1e999} {"a": 4, "s": "\\u0000"}"#;
    assert_eq!(
        loaded(&place, &mut client, file, "JSON 'auto' MAXERROR 9"),
        [["4", "\"\\\\u0000\""]]
    );
    assert_eq!(
        client.rows(
            "SELECT err_code, count(*) FROM stl_load_errors WHERE query = pg_last_copy_id() GROUP BY 1"
        ),
        [["1224", "3"]]
    );
}

#[test]
fn missing_fields() {
    let (place, mut client) = table("a INT, c CHAR(3), v VARCHAR(3), d DATE");
    for (format, file) in [("CSV", "1\n"), ("", "1\n")] {
        assert_eq!(
            loaded(&place, &mut client, file, &format!("{format} FILLRECORD")),
            [["1", "~", "", "~"]],
            "{format}"
        );
        assert_eq!(
            loaded(
                &place,
                &mut client,
                file,
                &format!("{format} FILLRECORD EMPTYASNULL")
            ),
            [["1", "~", "~", "~"]],
            "{format}"
        );
    }
}

/// A row with no bytes in its first column.
fn empty_bytes() -> Vec<u8> {
    let schema = parse_message_type("message m { required binary v; required int64 i; }");
    let mut writer = SerializedFileWriter::new(
        Vec::new(),
        Arc::new(schema.expect("schema")),
        Arc::default(),
    )
    .expect("a writer");
    let mut group = writer.next_row_group().expect("a group");
    let mut column = group.next_column().expect("valid").expect("a column");
    column
        .typed::<ByteArrayType>()
        .write_batch(&[ByteArray::from("")], None, None)
        .expect("written");
    column.close().expect("closed");
    let mut column = group.next_column().expect("valid").expect("a column");
    column
        .typed::<Int64Type>()
        .write_batch(&[1], None, None)
        .expect("written");
    column.close().expect("closed");
    group.close().expect("closed");
    writer.into_inner().expect("a file")
}

#[test]
fn empty_bytes_of_parquet_are_not_null() {
    let (place, mut client) = table("v VARBYTE(4) NOT NULL, i BIGINT");
    assert_eq!(
        loaded(&place, &mut client, empty_bytes(), "PARQUET"),
        [["", "1"]]
    );
}

#[test]
fn fixed_widths_leave_out_a_marker_that_is_too_long() {
    let (place, mut client) = table("a INT, v VARCHAR(3)");
    client.query("INSERT INTO t VALUES (NULL, 'x')");
    let to = place.uri("out/");
    let sql = |options: &str| {
        format!(
            "UNLOAD ('SELECT * FROM t') TO '{to}' IAM_ROLE default PARALLEL OFF ALLOWOVERWRITE NULL AS '@@@' \
             FIXEDWIDTH {options}"
        )
    };
    client.query(&sql("'a:2,v:3'"));
    assert_eq!(place.get("out/000"), "  x  \n");
    client.query("INSERT INTO t VALUES (1, NULL)");
    assert_eq!(client.error(&sql("'a:3,v:2'")).code, "XX000");
}

#[test]
fn s3_encrypts_without_a_difference() {
    let (place, mut client) = table("a INT");
    client.query("INSERT INTO t VALUES (1)");
    for options in ["CSV ENCRYPTED AUTO", "KMS_KEY_ID '1234abcd-12ab' ENCRYPTED"] {
        let to = place.uri("out/");
        client.query(&format!(
            "UNLOAD ('SELECT * FROM t') TO '{to}' IAM_ROLE default CLEANPATH PARALLEL OFF {options}"
        ));
        assert_eq!(place.get("out/000"), "1\n", "{options}");
    }
    let failure = client.error(&format!(
        "UNLOAD ('SELECT 1') TO '{}' CREDENTIALS 'aws_access_key_id=a;aws_secret_access_key=b' ENCRYPTED \
         KMS_KEY_ID 'x'",
        place.uri("other/")
    ));
    assert_eq!(failure.code, "0A000");
    assert_eq!(
        failure.message,
        "KMS_KEY_ID argument is not supported with CREDENTIALS"
    );
}
