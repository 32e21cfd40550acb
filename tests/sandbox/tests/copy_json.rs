use std::io::Write;

use crate::client::Client;
use crate::{Place, place};

fn table(columns: &str) -> (Place, Client) {
    let place = place();
    let mut client = place.connect();
    client.query(&format!("CREATE TABLE t ({columns})"));
    (place, client)
}

fn load(client: &mut Client, uri: &str, options: &str) {
    client.query(&format!("COPY t FROM '{uri}' IAM_ROLE default {options}"));
}

/// The column, code and reason of the last load's first error.
fn first_error(client: &mut Client) -> Vec<Vec<String>> {
    client.rows(
        "SELECT line_number, trim(colname), err_code, trim(err_reason) FROM stl_load_errors \
         WHERE query = pg_last_copy_id() ORDER BY line_number",
    )
}

const TYPES: &str = "id INT NOT NULL, name VARCHAR(60), price DECIMAL(8,2), at TIMESTAMP, ok BOOLEAN, extra SUPER, \
                     nested VARCHAR(60)";

#[test]
fn objects_are_matched_by_name() {
    let (place, mut client) = table(TYPES);
    let uri = place.put(
        "data.json",
        "{\"id\": 1, \"name\": \"A \\\"q\\\" \\\\ \\n\\t é 😀 \\ud83d\\ude00\", \"price\": 20.259, \"unknown\": [{}],\n\
         \"at\": \"2024-01-02 03:04:05\", \"ok\": true, \"extra\": {\"a\": [1, \"x\"]}, \"nested\": {\"a\":[1,\"}\"]}}\n\n\
         {\"ok\": null, \"id\": \"2\", \"name\": \"\", \"price\": \"\", \"extra\": \"text\"}{\"id\":3,\"ID\":9}",
    );
    for options in [
        "JSON 'auto'",
        "FORMAT AS JSON 'auto'",
        "FORMAT JSON AS 'auto'",
        "JSON",
    ] {
        client.query("DELETE FROM t");
        load(&mut client, &uri, options);
        assert_eq!(
            client.rows("SELECT * FROM t ORDER BY id"),
            [
                [
                    "1",
                    "A \"q\" \\ \n\t é 😀 😀",
                    "20.25",
                    "2024-01-02 03:04:05",
                    "t",
                    "{\"a\":[1,\"x\"]}",
                    "{\"a\":[1,\"}\"]}"
                ],
                ["2", "", "~", "~", "~", "\"text\"", "~"],
                ["3", "~", "~", "~", "~", "~", "~"],
            ],
            "{options}"
        );
    }
    client.query("DELETE FROM t");
    load(&mut client, &uri, "JSON 'auto' EMPTYASNULL ROUNDEC");
    assert_eq!(
        client.rows("SELECT name IS NULL, price FROM t ORDER BY id"),
        [["f", "20.26"], ["t", "~"], ["t", "~"]]
    );
}

#[test]
fn names_in_any_case() {
    let (place, mut client) = table("id INT, name VARCHAR(9)");
    let uri = place.put("data", "{\"ID\": 1, \"Name\": \"x\"}");
    load(&mut client, &uri, "JSON 'auto'");
    load(&mut client, &uri, "JSON 'auto ignorecase'");
    assert_eq!(
        client.rows("SELECT * FROM t ORDER BY id"),
        [["1", "x"], ["~", "~"]]
    );
}

#[test]
fn a_column_list_leaves_the_others_at_their_defaults() {
    let (place, mut client) = table("id INT, name VARCHAR(9) DEFAULT 'none', n INT");
    let uri = place.put("data", "{\"id\": 1, \"name\": \"x\", \"n\": 5}");
    client.query(&format!(
        "COPY t (n, id) FROM '{uri}' IAM_ROLE default JSON 'auto'"
    ));
    assert_eq!(client.rows("SELECT * FROM t"), [["1", "none", "5"]]);
}

#[test]
fn whole_documents() {
    let (place, mut client) = table("document SUPER");
    let uri = place.put("data", "{\"b\": 1} [1,\n2]");
    load(&mut client, &uri, "JSON 'noshred'");
    assert_eq!(
        client.rows("SELECT * FROM t ORDER BY 1"),
        [["[1,2]"], ["{\"b\":1}"]]
    );
    client.query("CREATE TABLE two (a SUPER, b INT)");
    assert_eq!(
        client
            .error(&format!(
                "COPY two FROM '{uri}' IAM_ROLE default JSON 'noshred'"
            ))
            .code,
        "0A000"
    );
}

#[test]
fn paths() {
    let (place, mut client) = table("a INT, b VARCHAR(20), c SUPER");
    let uri = place.put(
        "data",
        "{\"x\": {\"id\": 1}, \"list\": [\"p\", \"q\"]}\n{\"x\": {}, \"list\": [1, 2]}\n",
    );
    let paths = place.put(
        "paths/dots",
        "{\"jsonpaths\": [\"$.x.id\", \"$.list[1]\", \"$\"]}",
    );
    load(&mut client, &uri, &format!("JSON AS '{paths}'"));
    let expected = [
        ["1", "q", "{\"x\":{\"id\":1},\"list\":[\"p\",\"q\"]}"],
        ["~", "2", "{\"x\":{},\"list\":[1,2]}"],
    ];
    assert_eq!(client.rows("SELECT * FROM t ORDER BY a"), expected);
    let paths = place.put(
        "paths/brackets",
        "{\"jsonpaths\": [\"$['x']['id']\", \"$['list'][1]\", \"$\"]}",
    );
    client.query("DELETE FROM t");
    load(&mut client, &uri, &format!("JSON '{paths}'"));
    assert_eq!(client.rows("SELECT * FROM t ORDER BY a"), expected);

    // Arrays have no names, so they need paths.
    let arrays = place.put("arrays", "[7, \"x\"]\n[8]\n");
    let paths = place.put("paths/array", "{\"jsonpaths\": [\"$[0]\", \"$[1]\"]}");
    let sql = |option: &str| format!("COPY t (a, b) FROM '{arrays}' IAM_ROLE default {option}");
    client.query("DELETE FROM t");
    client.query(&sql(&format!("JSON '{paths}' MAXERROR 2")));
    assert_eq!(client.rows("SELECT a, b FROM t"), [["7", "x"]]);
    assert_eq!(
        first_error(&mut client),
        [[
            "2",
            "b",
            "1216",
            "Invalid JSONPath format: Not an array or index out of range."
        ]]
    );
    client.error(&sql("JSON 'auto'"));
    let failure = client.error(&format!(
        "COPY t FROM '{arrays}' IAM_ROLE default JSON '{paths}'"
    ));
    assert!(failure.message.contains("JSONPath size: 2"), "{failure:?}");
    for broken in [
        "{\"jsonpaths\": []}",
        "{\"jsonpaths\": [1, 2]}",
        "{\"jsonpaths\": [\"$.a\", \"\"]}",
        "{\"jsonpaths\": [\"$.a\", \"$['b']\"]}",
        "{\"jsonpaths\": [\"$.a\", \"$.b\"]} {}",
        "[]",
    ] {
        let paths = place.put("paths/broken", broken);
        assert_eq!(
            client.error(&sql(&format!("JSON '{paths}'"))).code,
            "XX000",
            "{broken}"
        );
    }
    client.error(&sql(&format!("JSON '{}'", place.uri("paths/nothing"))));
    // Another name than `jsonpaths` means 'auto'.
    let paths = place.put("paths/other", "{\"JSONPaths\": []}");
    client.query("DELETE FROM t");
    let named = place.put("named", "{\"b\": \"x\"}");
    client.query(&format!(
        "COPY t FROM '{named}' IAM_ROLE default JSON '{paths}'"
    ));
    assert_eq!(client.value("SELECT b FROM t"), "x");
}

#[test]
fn errors_have_lines_columns_and_reasons() {
    let (place, mut client) = table("id INT NOT NULL, name VARCHAR(3)");
    let uri = place.put(
        "data",
        "{\"id\": 1}\n\n{\n \"id\": \"x\"}\n{\"id\": 2, \"name\": \"long\"}\n{\"name\": \"y\"}\ngarbage {\"id\": 3}\n\
         {\"id\": 4,}\n{\"id\": 5} , {\"id\": 6}\n{\"id\": 7",
    );
    load(&mut client, &uri, "JSON 'auto' MAXERROR 20");
    assert_eq!(
        client.rows("SELECT id FROM t ORDER BY id"),
        [["1"], ["3"], ["5"], ["6"]]
    );
    let invalid = "Invalid JSON: the document is not well-formed";
    assert_eq!(
        first_error(&mut client),
        [
            [
                "3",
                "id",
                "1207",
                "Invalid digit, Value 'x', Pos 0, Type: Integer"
            ],
            ["5", "name", "1204", "String length exceeds DDL length"],
            ["6", "id", "1213", "Missing data for not-null field"],
            ["7", "", "1216", invalid],
            ["8", "", "1216", invalid],
            ["9", "", "1216", invalid],
            ["10", "", "1216", invalid],
        ]
    );
    client.error(&format!(
        "COPY t FROM '{uri}' IAM_ROLE default JSON 'auto' MAXERROR 7"
    ));
    assert_eq!(client.value("SELECT count(*) FROM t"), "4");
    let uri = place.put("bytes", b"{\"id\": 1, \"name\": \"\xff\"}");
    client.error(&format!("COPY t FROM '{uri}' IAM_ROLE default JSON 'auto'"));
    assert_eq!(first_error(&mut client)[0][2], "1220");
    client.query("DELETE FROM t");
    load(&mut client, &uri, "JSON 'auto' ACCEPTINVCHARS");
    assert_eq!(client.value("SELECT name FROM t"), "?");
}

#[test]
fn compressed_and_with_a_header() {
    let (place, mut client) = table("id INT");
    let text = b"header {\n{\"id\": 1}\n";
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text).expect("in memory");
    let uri = place.put("gz", gzip.finish().expect("in memory"));
    load(&mut client, &uri, "JSON 'auto' GZIP IGNOREHEADER 1");
    let uri = place.put("zst", zstd::encode_all(&text[..], 0).expect("in memory"));
    load(&mut client, &uri, "JSON 'auto' ZSTD IGNOREHEADER AS 1");
    let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    bzip2.write_all(text).expect("in memory");
    let uri = place.put("bz2", bzip2.finish().expect("in memory"));
    load(&mut client, &uri, "JSON 'auto' BZIP2 IGNOREHEADER AS 1");
    assert_eq!(client.value("SELECT count(id) FROM t"), "3");
}

#[test]
fn a_document_of_more_than_4_mb_is_refused() {
    let (place, mut client) = table("id INT, text VARCHAR(MAX)");
    let document = |length: usize| format!("{{\"id\": 1, \"other\": \"{}\"}}", "x".repeat(length));
    let uri = place.put("small", document(3 << 20));
    load(&mut client, &uri, "JSON 'auto'");
    let uri = place.put("large", document(9 << 20));
    let failure = client.error(&format!("COPY t FROM '{uri}' IAM_ROLE default JSON 'auto'"));
    assert!(failure.message.contains("4 MB"), "{failure:?}");
    assert_eq!(client.value("SELECT count(*) FROM t"), "1");
}

#[test]
fn options_of_other_formats_are_refused() {
    let (place, mut client) = table("id INT");
    let uri = place.put("data", "{\"id\": 1}");
    for option in [
        "CSV",
        "DELIMITER ','",
        "ESCAPE",
        "FILLRECORD",
        "FIXEDWIDTH 'a:1'",
        "IGNOREBLANKLINES",
        "NULL AS 'x'",
        "REMOVEQUOTES",
    ] {
        for sql in [
            format!("JSON 'auto' {option}"),
            format!("{option} JSON 'auto'"),
        ] {
            let failure = client.error(&format!("COPY t FROM '{uri}' IAM_ROLE default {sql}"));
            assert_eq!(failure.code, "0A000", "{sql}");
            assert!(
                failure.message.contains("argument is not supported for"),
                "{sql}: {failure:?}"
            );
        }
    }
    client.error(&format!("COPY t FROM '{uri}' IAM_ROLE default JSON 'Auto'"));
    assert_eq!(client.value("SELECT count(*) FROM t"), "0");
}
