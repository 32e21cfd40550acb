//! Parquet files that cannot be loaded, or not in this way.

use std::sync::Arc;

use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use crate::copy_parquet::{numbers, table};
use crate::sandbox;

#[test]
fn what_parquet_refuses() {
    let (place, mut client) = table("a INT");
    let uri = place.put("data", numbers(&["a"], 1));
    for option in [
        "TRUNCATECOLUMNS",
        "REGION 'eu-west-1'",
        "GZIP",
        "MAXERROR 3",
        "IGNOREALLERRORS",
        "COMPUPDATE OFF",
        "NOLOAD",
        "NULL AS 'x'",
        "DELIMITER ','",
        "ACCEPTANYDATE",
        "IGNOREHEADER 1",
    ] {
        let failure = client.error(&format!(
            "COPY t FROM '{uri}' IAM_ROLE default PARQUET {option}"
        ));
        let name = option.split(' ').next().unwrap_or_default();
        assert_eq!(failure.code, "0A000", "{option}");
        assert_eq!(
            failure.message,
            format!("{name} argument is not supported for PARQUET based COPY")
        );
    }
    let keys = "ACCESS_KEY_ID 'a' SECRET_ACCESS_KEY 'b'";
    let failure = client.error(&format!("COPY t FROM '{uri}' {keys} PARQUET"));
    assert_eq!(
        failure.message,
        "COPY from this file format only accepts IAM_ROLE credentials."
    );
    client.query(
        "CREATE TABLE s (v SUPER); CREATE TABLE b (v BIGINT); CREATE TABLE x (v VARCHAR(9))",
    );
    let failure = client.error(&format!("COPY s FROM '{uri}' IAM_ROLE default PARQUET"));
    assert_eq!(
        failure.message,
        "SUPER column in COPY query requires SERIALIZETOJSON option"
    );
    client.query(&format!(
        "COPY s FROM '{uri}' IAM_ROLE default PARQUET SERIALIZETOJSON"
    ));
    client.query(&format!("COPY b FROM '{uri}' IAM_ROLE default PARQUET"));
    let failure = client.error(&format!("COPY x FROM '{uri}' IAM_ROLE default PARQUET"));
    assert!(
        failure.detail.contains("incompatible Parquet schema"),
        "{failure:?}"
    );
    let broken = place.put("broken", "no parquet");
    let failure = client.error(&format!("COPY t FROM '{broken}' IAM_ROLE default PARQUET"));
    assert_eq!(failure.code, "XX000");
    assert_eq!(client.value("SELECT count(*) FROM t"), "0");
}

/// No DECIMAL has so many digits, however they are written.
#[test]
fn a_decimal_can_be_too_wide() {
    let (place, mut client) = table("v DECIMAL(38,37)");
    let wide = "message m { required binary v (decimal(100000, 70000)); }";
    let schema = Arc::new(parse_message_type(wide).expect("schema"));
    let mut writer =
        SerializedFileWriter::new(Vec::new(), schema, Arc::default()).expect("a writer");
    let mut group = writer.next_row_group().expect("a group");
    let mut column = group.next_column().expect("a column").expect("a column");
    column
        .typed::<ByteArrayType>()
        .write_batch(&[ByteArray::from("1")], None, None)
        .expect("written");
    column.close().expect("closed");
    group.close().expect("closed");
    let wide = place.put("wide", writer.into_inner().expect("a file"));
    let failure = client.error(&format!("COPY t FROM '{wide}' IAM_ROLE default PARQUET"));
    assert_eq!(failure.code, "0A000", "{failure:?}");
}

/// What the service loads as something else, or not at all.
#[test]
fn physical_types_matter() {
    let (place, mut client) = table("t TIMESTAMP");
    client.query("CREATE TABLE d (num NUMERIC(18,9)); CREATE TABLE wide (num NUMERIC(29,9))");
    let file = |schema: &str| {
        let schema = Arc::new(parse_message_type(schema).expect("schema"));
        let writer =
            SerializedFileWriter::new(Vec::new(), schema, Arc::default()).expect("a writer");
        writer.into_inner().expect("a file")
    };
    let nanos = place.put(
        "nanos",
        file("message m { required int64 t (TIMESTAMP(NANOS,true)); }"),
    );
    let failure = client.error(&format!("COPY t FROM '{nanos}' IAM_ROLE default PARQUET"));
    assert_eq!(failure.code, "0A000", "{failure:?}");
    let decimal = file("message m { required fixed_len_byte_array(13) num (decimal(29, 9)); }");
    let decimal = place.put("decimal/data", decimal);
    place.put("decimal/", "");
    let failure = client.error(&format!("COPY d FROM '{decimal}' IAM_ROLE default PARQUET"));
    let text = "column 'num' has an invalid type length. Expecting: 8 len in file: 13";
    assert!(failure.detail.contains(text), "{failure:?}");
    // A marker of a folder is no file.
    let folder = place.uri("decimal/");
    client.query(&format!(
        "COPY wide FROM '{folder}' IAM_ROLE default PARQUET"
    ));
}

#[test]
fn manifests_need_lengths() {
    let (place, mut client) = table("a INT");
    let file = numbers(&["a"], 2);
    let uri = place.put("data", &file);
    let load = |meta: &str, uri: &str| {
        let manifest = place.put(
            "manifest",
            format!("{{\"entries\": [{{\"url\": \"{uri}\", \"mandatory\": true {meta}}}]}}"),
        );
        format!("COPY t FROM '{manifest}' IAM_ROLE default PARQUET MANIFEST")
    };
    let failure = client.error(&load("", &uri));
    assert!(failure.message.contains("content_length"), "{failure:?}");
    let meta = format!(", \"meta\": {{\"content_length\": {}}}", file.len());
    client.query(&load(&meta, &uri));
    assert_eq!(client.value("SELECT count(*) FROM t"), "2");
    let failure = client.error(&load(&meta, &place.uri("nothing")));
    assert_eq!(failure.message, "Spectrum Scan Error: File not found");
    sandbox().store().delete(&uri).expect("delete");
    client.query(&format!("COPY t FROM '{uri}' IAM_ROLE default PARQUET"));
    assert_eq!(client.value("SELECT pg_last_copy_count()"), "0");
}

#[test]
fn texts_that_are_too_long_are_recorded() {
    let (place, mut client) = table("c VARCHAR(3)");
    let schema = "message m { required binary c (UTF8); }";
    let schema = Arc::new(parse_message_type(schema).expect("schema"));
    let mut writer =
        SerializedFileWriter::new(Vec::new(), schema, Arc::default()).expect("a writer");
    let mut group = writer.next_row_group().expect("a group");
    let mut column = group.next_column().expect("valid").expect("a column");
    column
        .typed::<ByteArrayType>()
        .write_batch(&["abc".into(), "öö".into()], None, None)
        .expect("written");
    column.close().expect("closed");
    group.close().expect("closed");
    let uri = place.put("data", writer.into_inner().expect("a file"));
    client.error(&format!("COPY t FROM '{uri}' IAM_ROLE default PARQUET"));
    assert_eq!(
        client.rows(
            "SELECT line_number, trim(column_name), error_code FROM sys_load_error_detail \
             WHERE query_id = pg_last_copy_id()"
        ),
        [["2", "c", "15007"]]
    );
    assert!(
        client
            .value("SELECT error_message FROM sys_load_error_detail WHERE query_id = pg_last_copy_id()")
            .contains("The length of the data column c is longer than the length defined in the table. Table: 3")
    );
}
