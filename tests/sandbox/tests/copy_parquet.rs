use std::sync::Arc;

use parquet::basic::Compression;
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DoubleType, FixedLenByteArray, FixedLenByteArrayType,
    Int32Type, Int64Type, Int96, Int96Type,
};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use crate::client::Client;
use crate::{Place, place};

/// A file of one column of 32-bit numbers for each name; every row holds its own number.
pub(crate) fn numbers(names: &[&str], rows: i32) -> Vec<u8> {
    let fields: String = names
        .iter()
        .map(|name| format!("required int32 {name};"))
        .collect();
    let schema =
        Arc::new(parse_message_type(&format!("message m {{ {fields} }}")).expect("schema"));
    let mut writer =
        SerializedFileWriter::new(Vec::new(), schema, Arc::default()).expect("a writer");
    let mut group = writer.next_row_group().expect("a group");
    let values: Vec<_> = (0..rows).collect();
    while let Some(mut column) = group.next_column().expect("a column") {
        column
            .typed::<Int32Type>()
            .write_batch(&values, None, None)
            .expect("written");
        column.close().expect("closed");
    }
    group.close().expect("closed");
    writer.into_inner().expect("a file")
}

/// Two rows of every type: one full, one of nulls.
fn every_type() -> Vec<u8> {
    let schema = "message m { optional int32 i; optional int64 l; optional double f; optional boolean b; \
                  optional binary t (UTF8); optional int32 d (DATE); optional int64 ts (TIMESTAMP_MICROS); \
                  optional int96 before; optional int64 p (DECIMAL(18,2)); \
                  optional fixed_len_byte_array(16) q (DECIMAL(38,10)); }";
    let schema = Arc::new(parse_message_type(schema).expect("schema"));
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .build();
    let mut writer =
        SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties)).expect("a writer");
    let mut group = writer.next_row_group().expect("a group");
    macro_rules! column {
        ($kind:ty, $value:expr) => {
            let mut column = group.next_column().expect("valid").expect("a column");
            column
                .typed::<$kind>()
                .write_batch(&[$value], Some(&[1, 0]), None)
                .expect("written");
            column.close().expect("closed");
        };
    }
    column!(Int32Type, i32::MIN);
    column!(Int64Type, i64::MAX);
    column!(DoubleType, -1.5e300);
    column!(BoolType, true);
    column!(ByteArrayType, ByteArray::from("q\"\\N\t\n😀"));
    column!(Int32Type, 19_782);
    column!(Int64Type, 1_709_210_096_123_456);
    let mut moment = Int96::new();
    // Julian day 2440588 is 1970-01-01; the first two parts are nanoseconds.
    moment.set_data(1_500_000, 0, 2_440_588);
    column!(Int96Type, moment);
    column!(Int64Type, -5);
    let digits = 99_999_999_999_999_999_999_999_999_999_999_999_999_i128;
    column!(
        FixedLenByteArrayType,
        FixedLenByteArray::from(ByteArray::from(digits.to_be_bytes().to_vec()))
    );
    group.close().expect("closed");
    writer.into_inner().expect("a file")
}

pub(crate) fn table(columns: &str) -> (Place, Client) {
    let place = place();
    let mut client = place.connect();
    client.query(&format!("CREATE TABLE t ({columns})"));
    (place, client)
}

#[test]
fn every_type_is_loaded() {
    let (place, mut client) = table(
        "i INT, l BIGINT, f FLOAT8, b BOOLEAN, t VARCHAR(20), d DATE, ts TIMESTAMP, before TIMESTAMP, p DECIMAL(18,2), \
         q DECIMAL(38,10)",
    );
    let uri = place.put("data.parquet", every_type());
    client.query(&format!(
        "COPY t FROM '{uri}' IAM_ROLE default FORMAT AS PARQUET"
    ));
    assert_eq!(
        client.rows("SELECT * FROM t ORDER BY i"),
        [
            [
                "-2147483648",
                "9223372036854775807",
                "-1.5e+300",
                "t",
                "q\"\\N\t\n😀",
                "2024-02-29",
                "2024-02-29 12:34:56.123456",
                "1970-01-01 00:00:00.0015",
                "-0.05",
                "9999999999999999999999999999.9999999999"
            ],
            ["~"; 10]
        ]
    );
}

#[test]
fn bytes_and_times_of_day_are_loaded() {
    let schema = "message m { optional binary b; optional int64 t (TIME_MICROS); optional int32 m (TIME_MILLIS); \
                  optional binary v (UTF8); optional binary j (JSON); }";
    let schema = Arc::new(parse_message_type(schema).expect("schema"));
    let mut writer =
        SerializedFileWriter::new(Vec::new(), schema, Arc::default()).expect("a writer");
    let mut group = writer.next_row_group().expect("a group");
    macro_rules! column {
        ($kind:ty, $value:expr) => {
            let mut column = group.next_column().expect("valid").expect("a column");
            let column_writer = column.typed::<$kind>();
            column_writer
                .write_batch(&[$value], Some(&[1, 0]), None)
                .expect("written");
            column.close().expect("closed");
        };
    }
    column!(ByteArrayType, ByteArray::from(vec![0_u8, 255, 16]));
    column!(Int64Type, 86_399_999_999);
    column!(Int32Type, 1);
    column!(ByteArrayType, ByteArray::from("[1]"));
    column!(ByteArrayType, ByteArray::from("[1]"));
    group.close().expect("closed");
    let bytes = writer.into_inner().expect("a file");
    let (place, mut client) = table("b VARBYTE(3), t TIME, m TIME, v SUPER, j SUPER");
    let uri = place.put("data", &bytes);
    client.query(&format!(
        "COPY t FROM '{uri}' IAM_ROLE default PARQUET SERIALIZETOJSON"
    ));
    assert_eq!(
        client.rows("SELECT * FROM t ORDER BY t"),
        [
            [
                "00ff10",
                "23:59:59.999999",
                "00:00:00.001",
                "\"[1]\"",
                "[1]"
            ],
            ["~"; 5]
        ]
    );
    // A name tells that the whole file is compressed.
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut packer, &bytes).expect("packed");
    let uri = place.put("data.gz", packer.finish().expect("packed"));
    client.query(&format!(
        "COPY t FROM '{uri}' IAM_ROLE default PARQUET SERIALIZETOJSON"
    ));
    assert_eq!(client.value("SELECT pg_last_copy_count()"), "2");
    client.query("CREATE TABLE tz (b VARBYTE(3), t TIMETZ, m TIME, v SUPER, j SUPER)");
    let failure = client.error(&format!(
        "COPY tz FROM '{uri}' IAM_ROLE default PARQUET SERIALIZETOJSON"
    ));
    assert!(
        failure
            .detail
            .contains("incompatible Parquet schema for column 't'")
    );
}

#[test]
fn codecs() {
    let (place, mut client) = table("a INT");
    for codec in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(Default::default()),
        Compression::ZSTD(Default::default()),
    ] {
        let schema =
            Arc::new(parse_message_type("message m { required int32 a; }").expect("schema"));
        let properties = WriterProperties::builder().set_compression(codec).build();
        let mut writer =
            SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties)).expect("a writer");
        for values in [[7; 2000], [9; 2000]] {
            let mut group = writer.next_row_group().expect("a group");
            let mut column = group.next_column().expect("valid").expect("a column");
            column
                .typed::<Int32Type>()
                .write_batch(&values, None, None)
                .expect("written");
            column.close().expect("closed");
            group.close().expect("closed");
        }
        let uri = place.put("data", writer.into_inner().expect("a file"));
        client.query(&format!(
            "DELETE FROM t; COPY t FROM '{uri}' IAM_ROLE default PARQUET"
        ));
        assert_eq!(
            client.rows("SELECT count(*), sum(a) FROM t"),
            [["4000", "32000"]],
            "{codec}"
        );
    }
}

/// Two rows of a struct, a list and a map, beside a number.
fn nested() -> Vec<u8> {
    let schema = "message m { required int32 id; \
                  optional group s { optional binary a (UTF8); optional int64 ts (TIMESTAMP_MICROS); \
                      optional int32 p (DECIMAL(5,2)); } \
                  optional group l (LIST) { repeated group list { optional int32 element; } } \
                  optional group m (MAP) { repeated group key_value { required binary key (UTF8); optional int32 value; } } }";
    let schema = Arc::new(parse_message_type(schema).expect("schema"));
    let mut writer =
        SerializedFileWriter::new(Vec::new(), schema, Arc::default()).expect("a writer");
    let mut group = writer.next_row_group().expect("a group");
    macro_rules! column {
        ($kind:ty, $values:expr, $levels:expr, $repeats:expr) => {
            let mut column = group.next_column().expect("valid").expect("a column");
            let levels: Option<&[i16]> = $levels;
            let repeats: Option<&[i16]> = $repeats;
            column
                .typed::<$kind>()
                .write_batch(&$values, levels, repeats)
                .expect("written");
            column.close().expect("closed");
        };
    }
    column!(Int32Type, [1, 2], None, None);
    column!(ByteArrayType, ["x\"y".into()], Some(&[2, 0]), None);
    column!(Int64Type, [1], Some(&[2, 0]), None);
    column!(Int32Type, [-5], Some(&[2, 0]), None);
    column!(Int32Type, [1, 3], Some(&[3, 2, 3, 1]), Some(&[0, 1, 1, 0]));
    column!(
        ByteArrayType,
        ["k".into(), "n".into()],
        Some(&[2, 2, 0]),
        Some(&[0, 1, 0])
    );
    column!(Int32Type, [7], Some(&[3, 2, 0]), Some(&[0, 1, 0]));
    group.close().expect("closed");
    writer.into_inner().expect("a file")
}

#[test]
fn nested_columns_become_json() {
    let (place, mut client) = table("id INT, s SUPER, l SUPER, m SUPER");
    let uri = place.put("data", nested());
    client.query(&format!(
        "COPY t FROM '{uri}' IAM_ROLE default PARQUET SERIALIZETOJSON"
    ));
    assert_eq!(
        client.rows("SELECT * FROM t ORDER BY id"),
        [
            [
                "1",
                r#"{"a":"x\"y","p":-0.05,"ts":"1970-01-01 00:00:00.000001"}"#,
                "[1,null,3]",
                r#"{"k":7,"n":null}"#
            ],
            ["2", "~", "[]", "~"]
        ]
    );
    client.query("CREATE TABLE v (id INT, s VARCHAR(99), l SUPER, m SUPER)");
    let failure = client.error(&format!(
        "COPY v FROM '{uri}' IAM_ROLE default PARQUET SERIALIZETOJSON"
    ));
    assert!(
        failure
            .detail
            .contains("incompatible Parquet schema for column 's'"),
        "{failure:?}"
    );
}

#[test]
fn columns_are_matched_by_place() {
    let (place, mut client) = table("a INT, b INT, c INT");
    let uri = place.put("data", numbers(&["c", "b"], 3000));
    let sql = |columns: &str, options: &str| {
        format!("COPY t {columns} FROM '{uri}' IAM_ROLE default PARQUET {options}")
    };
    let failure = client.error(&sql("", ""));
    assert_eq!(failure.code, "XX000");
    assert!(failure.message.contains("Spectrum Scan Error"));
    assert!(failure.detail.contains(
        "Unmatched number of columns between table and file. Table columns: 3, Data columns: 2"
    ));
    assert!(failure.detail.contains("15007"));
    let failure = client.error(&sql("(a)", ""));
    assert!(
        failure
            .message
            .contains("Unmatched number of columns between the column list and the file")
    );
    client.query(&sql("", "FILLRECORD"));
    assert_eq!(
        client.rows("SELECT count(a), max(b), count(c) FROM t"),
        [["3000", "2999", "0"]]
    );
    client.query("DELETE FROM t");
    client.query(&sql("(c, a)", ""));
    assert_eq!(
        client.rows("SELECT count(a), count(b), max(c) FROM t"),
        [["3000", "0", "2999"]]
    );
    assert_eq!(client.value("SELECT pg_last_copy_count()"), "3000");
}
