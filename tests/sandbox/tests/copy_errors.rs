use crate::place;

/// A load that fails: the column, the file, the options, and what is recorded of the first row at fault.
const CASES: [(&str, &[u8], &str, &str, &str); 46] = [
    (
        "INT, b INT",
        b"1|2|3\n",
        "",
        "1202",
        "Extra column(s) found",
    ),
    ("INT, b INT", b"1\n", "", "1214", "Delimiter not found"),
    ("INT, b INT", b"1\n", "CSV", "1214", "Delimiter not found"),
    ("INT, b INT", b"\n1|2\n", "", "1211", "Input line is empty"),
    ("INT, b INT", b"\r\n1,2\n", "CSV", "1211", ""),
    ("INT, b INT", b"\n", "FIXEDWIDTH 'a:1,b:1'", "1211", ""),
    ("INT, b INT", b"1\x00|2\n", "ESCAPE", "1214", ""),
    ("INT", b"\xef\xbb\xbf1\n", "", "1207", ""),
    ("VARCHAR(9)", b"abc\n", "ENCODING UTF16", "1221", ""),
    ("VARCHAR(9)", b"\xff\xfea\0", "ENCODING UTF16BE", "1221", ""),
    ("VARCHAR(9)", b"\"a\n", "CSV", "1214", ""),
    ("VARCHAR(9)", b"\"a\"b\n", "CSV", "1214", ""),
    (
        "VARCHAR(9)",
        b"'a\n",
        "REMOVEQUOTES",
        "1214",
        "Delimiter not found",
    ),
    (
        "VARCHAR(3)",
        b"abcd\n",
        "",
        "1204",
        "String length exceeds DDL length",
    ),
    (
        "VARCHAR(3)",
        "äö\n".as_bytes(),
        "",
        "1204",
        "String length exceeds DDL length",
    ),
    (
        "CHAR(3)",
        b"abcd\n",
        "",
        "1204",
        "Char length exceeds DDL length",
    ),
    (
        "DECIMAL(4,2)",
        b"100\n",
        "",
        "1204",
        "Numeric overflow, Value '100', Type: Decimal(4,2)",
    ),
    (
        "VARBYTE(1)",
        b"0000\n",
        "CSV",
        "1204",
        "Varbyte length exceeds DDL length",
    ),
    ("DATE", b"2024-13-01\n", "", "1205", "Invalid Date Format"),
    (
        "DATE",
        b"2024-1-1\n",
        "",
        "1205",
        "Invalid Date Format - length must be 10 or more",
    ),
    (
        "DATE",
        b"0044-03-15 BC\n",
        "",
        "1205",
        "Invalid Date Format",
    ),
    (
        "TIMESTAMP",
        b"2024-01-01\n",
        "",
        "1206",
        "Invalid timestamp format or value [YYYY-MM-DD HH24:MI:SS]",
    ),
    (
        "TIMESTAMPTZ",
        b"2024-01-01T00:00:00Z\n",
        "",
        "1206",
        "Invalid timestamp format or value [YYYY-MM-DD HH24:MI:SSOF]",
    ),
    (
        "TIME",
        b"25:00:00\n",
        "",
        "1206",
        "Invalid time format or value [HH24:MI:SS]",
    ),
    (
        "INTERVAL DAY TO SECOND",
        b"1 year\n",
        "",
        "1206",
        "Invalid interval format or value",
    ),
    (
        "INTERVAL YEAR TO MONTH",
        b"1\n",
        "",
        "1206",
        "Invalid interval format or value",
    ),
    (
        "INT",
        b"1x\n",
        "",
        "1207",
        "Invalid digit, Value 'x', Pos 1, Type: Integer",
    ),
    (
        "SMALLINT",
        b"1.5\n",
        "",
        "1207",
        "Invalid digit, Value '.', Pos 1, Type: Short",
    ),
    (
        "BIGINT",
        b"-\n",
        "",
        "1207",
        "Invalid digit, Value '', Pos 1, Type: Long",
    ),
    (
        "DECIMAL(4,2)",
        b"1,5\n",
        "",
        "1207",
        "Invalid digit, Value ',', Pos 1, Type: Decimal",
    ),
    (
        "VARBYTE",
        b"0g\n",
        "CSV",
        "1207",
        "Invalid digit, Value 'g', Pos 1, Type: Varbyte",
    ),
    (
        "REAL",
        b"1e39\n",
        "",
        "1208",
        "Overflow, Value '1e39', Type: Float4",
    ),
    (
        "FLOAT8",
        b"abc\n",
        "",
        "1208",
        "Invalid digit, Value 'a', Pos 0, Type: Float8",
    ),
    (
        "BOOLEAN",
        b"maybe\n",
        "",
        "1210",
        "Unknown boolean format, Value 'maybe'",
    ),
    (
        "INT NOT NULL",
        b"\n",
        "",
        "1213",
        "Missing data for not-null field",
    ),
    ("INT", b"{\"a\": 1\n", "JSON", "1216", ""),
    (
        "INT",
        b"[1]",
        "JSON",
        "1216",
        "Invalid JSONPath format: Member is not an object.",
    ),
    (
        "VARCHAR(9)",
        b"a\0b\n",
        "NULL AS '\\0'",
        "1218",
        "Invalid null byte - field longer than 1 byte",
    ),
    (
        "VARCHAR(9)",
        b"NUL next,\0,x\n",
        "CSV",
        "1216",
        "Missing newline: Unexpected character 0x2c found at location 10",
    ),
    (
        "VARCHAR(9)",
        b"a\0b\n",
        "ACCEPTINVCHARS CSV",
        "1216",
        "Missing newline: Unexpected character 0x62 found at location 2",
    ),
    (
        "VARCHAR(9)",
        b"{\"a\": \"\\u0000x\"}",
        "JSON 'auto'",
        "1218",
        "Invalid null byte - field longer than 1 byte",
    ),
    (
        "VARCHAR(9)",
        b"a\xffb\n",
        "",
        "1220",
        "String contains invalid or unsupported UTF8 codepoints. Bad UTF8 hex sequence: ff (error 3)",
    ),
    (
        "CHAR(9)",
        "ä\n".as_bytes(),
        "",
        "1220",
        "Multibyte character not supported for CHAR (Hint: try using VARCHAR). Invalid char: c3 a4",
    ),
    (
        "VARCHAR(9)",
        &[0, b'a', 0xd8, 0, 0, b'b'],
        "ENCODING UTF16BE",
        "1220",
        "",
    ),
    (
        "INT",
        b"2147483648\n",
        "",
        "1222",
        "Overflow, Value '2147483648', Type: Integer",
    ),
    ("SUPER", b"{'a': 1}\n", "", "1224", ""),
];

#[test]
fn every_code() {
    let place = place();
    let mut client = place.connect();
    for (kind, file, options, code, reason) in CASES {
        let shown = format!("{kind} {options} {}", String::from_utf8_lossy(file));
        client.query(&format!(
            "DROP TABLE IF EXISTS t; CREATE TABLE t (a {kind})"
        ));
        let uri = place.put("data", file);
        let failure = client.error(&format!("COPY t FROM '{uri}' IAM_ROLE default {options}"));
        assert_eq!(failure.code, "XX000", "{shown}: {failure:?}");
        assert_eq!(
            failure.message,
            "Load into table 't' failed.  Check 'stl_load_errors' system table for details.",
            "{shown}"
        );
        let rows = client.rows(
            "SELECT err_code, trim(err_reason), line_number, trim(filename) FROM stl_load_errors \
             WHERE query = pg_last_copy_id()",
        );
        assert_eq!(rows.len(), 1, "{shown}");
        assert_eq!(rows[0][0], code, "{shown}: {rows:?}");
        if !reason.is_empty() {
            // The column is no wider.
            let kept: String = reason.chars().take(100).collect();
            assert_eq!(rows[0][1], kept, "{shown}");
        }
        assert_eq!(rows[0][2..], ["1".to_owned(), uri], "{shown}");
        assert_eq!(
            client.rows(
                "SELECT error_code FROM sys_load_error_detail WHERE query_id = pg_last_copy_id()"
            ),
            [[code]]
        );
        assert_eq!(client.value("SELECT count(*) FROM t"), "0");
    }
}

/// What is wrong with a file or a manifest as a whole is told at once.
#[test]
fn files_that_cannot_be_read() {
    let place = place();
    let mut client = place.connect();
    client.query("CREATE TABLE t (a VARCHAR(65535))");
    let uri = place.put("data", "abc\n");
    let long = place.put("long", format!("x\n{}\n", "y".repeat(4 << 20)));
    let longer = place.put("longer", format!("x\n{}\n", "y".repeat((4 << 20) + 1)));
    let manifest = place.put("manifest", "{\"entries\": []}");
    for (from, options, text) in [
        (&*uri, "GZIP", "failed to inflate with gzip: "),
        (&uri, "BZIP2", "failed to inflate with bzip2: "),
        (&uri, "ZSTD", "failed to inflate with zstd: "),
        (
            &longer,
            "",
            "the row that begins in line 2 is longer than 4 MB",
        ),
        (&longer, "IGNOREALLERRORS", "longer than 4 MB"),
        (&manifest, "MANIFEST", "No file of the manifest was found"),
        (&uri, "MANIFEST", "Manifest file is not valid JSON"),
        (
            &place.uri("nothing"),
            "",
            "The specified S3 prefix 'nothing' does not exist",
        ),
        (
            &place.uri("nothing"),
            "MANIFEST",
            "No such file or directory",
        ),
    ] {
        let failure = client.error(&format!("COPY t FROM '{from}' IAM_ROLE default {options}"));
        assert_eq!(failure.code, "XX000", "{options}");
        assert!(failure.message.contains(text), "{options}: {failure:?}");
    }
    // A row of exactly 4 MB is read; it is the column that is too short for it.
    client.error(&format!("COPY t FROM '{long}' IAM_ROLE default"));
    assert_eq!(client.value("SELECT err_code FROM stl_load_errors"), "1204");
}
