//! Every pair of options, of COPY and of UNLOAD: refused with the server's text, or not refused.

use crate::client::Client;
use crate::place;

/// The name of an option, and how it is given.
type Choice = (&'static str, &'static str);

const COPY: [Choice; 34] = [
    ("CSV", "CSV"),
    ("FIXEDWIDTH", "FIXEDWIDTH 'a:1'"),
    ("JSON", "JSON 'auto'"),
    ("PARQUET", "PARQUET"),
    ("DELIMITER", "DELIMITER ','"),
    ("ESCAPE", "ESCAPE"),
    ("REMOVEQUOTES", "REMOVEQUOTES"),
    ("QUOTE", "QUOTE '%'"),
    ("NULL", "NULL AS 'x'"),
    ("EMPTYASNULL", "EMPTYASNULL"),
    ("BLANKSASNULL", "BLANKSASNULL"),
    ("IGNOREHEADER", "IGNOREHEADER 1"),
    ("IGNOREBLANKLINES", "IGNOREBLANKLINES"),
    ("FILLRECORD", "FILLRECORD"),
    ("TRUNCATECOLUMNS", "TRUNCATECOLUMNS"),
    ("TRIMBLANKS", "TRIMBLANKS"),
    ("ACCEPTINVCHARS", "ACCEPTINVCHARS"),
    ("ACCEPTANYDATE", "ACCEPTANYDATE"),
    ("DATEFORMAT", "DATEFORMAT 'auto'"),
    ("TIMEFORMAT", "TIMEFORMAT 'auto'"),
    ("ROUNDEC", "ROUNDEC"),
    ("GZIP", "GZIP"),
    ("BZIP2", "BZIP2"),
    ("ZSTD", "ZSTD"),
    ("MANIFEST", "MANIFEST"),
    ("MAXERROR", "MAXERROR 5"),
    ("IGNOREALLERRORS", "IGNOREALLERRORS"),
    ("NOLOAD", "NOLOAD"),
    ("EXPLICIT_IDS", "EXPLICIT_IDS"),
    ("COMPUPDATE", "COMPUPDATE OFF"),
    ("STATUPDATE", "STATUPDATE ON"),
    ("COMPROWS", "COMPROWS 1000"),
    ("REGION", "REGION 'us-east-1'"),
    ("ENCODING", "ENCODING UTF8"),
];

const UNLOAD: [Choice; 23] = [
    ("CSV", "CSV"),
    ("FIXEDWIDTH", "FIXEDWIDTH 'a:1'"),
    ("JSON", "JSON"),
    ("PARQUET", "PARQUET"),
    ("DELIMITER", "DELIMITER ','"),
    ("ESCAPE", "ESCAPE"),
    ("ADDQUOTES", "ADDQUOTES"),
    ("NULL", "NULL AS 'x'"),
    ("HEADER", "HEADER"),
    ("GZIP", "GZIP"),
    ("BZIP2", "BZIP2"),
    ("ZSTD", "ZSTD"),
    ("EXTENSION", "EXTENSION 'x'"),
    ("PARTITION", "PARTITION BY (a)"),
    ("MANIFEST", "MANIFEST"),
    ("ALLOWOVERWRITE", "ALLOWOVERWRITE"),
    ("CLEANPATH", "CLEANPATH"),
    ("PARALLEL", "PARALLEL OFF"),
    ("MAXFILESIZE", "MAXFILESIZE 5"),
    ("ROWGROUPSIZE", "ROWGROUPSIZE 32"),
    ("REGION", "REGION 'us-east-1'"),
    ("ENCRYPTED", "ENCRYPTED AUTO"),
    ("KMS_KEY_ID", "KMS_KEY_ID 'x'"),
];

const FORMATS: [&str; 4] = ["CSV", "FIXEDWIDTH", "JSON", "PARQUET"];

/// Whether a format of COPY takes an option.
fn copy_takes(format: &str, option: &str) -> bool {
    match format {
        "CSV" => !["REMOVEQUOTES", "ESCAPE"].contains(&option),
        "FIXEDWIDTH" => !["DELIMITER", "ESCAPE", "REMOVEQUOTES", "QUOTE"].contains(&option),
        "JSON" => ![
            "DELIMITER",
            "ESCAPE",
            "FILLRECORD",
            "IGNOREBLANKLINES",
            "NULL",
            "REMOVEQUOTES",
            "QUOTE",
        ]
        .contains(&option),
        "PARQUET" => [
            "ACCEPTINVCHARS",
            "FILLRECORD",
            "STATUPDATE",
            "MANIFEST",
            "EXPLICIT_IDS",
        ]
        .contains(&option),
        _ => option != "QUOTE",
    }
}

fn unload_takes(format: &str, option: &str) -> bool {
    match format {
        "CSV" => !["ADDQUOTES", "ESCAPE", "ROWGROUPSIZE"].contains(&option),
        "FIXEDWIDTH" => {
            !["DELIMITER", "HEADER", "ADDQUOTES", "ESCAPE", "ROWGROUPSIZE"].contains(&option)
        }
        "JSON" => ![
            "DELIMITER",
            "HEADER",
            "ADDQUOTES",
            "ESCAPE",
            "NULL",
            "ROWGROUPSIZE",
        ]
        .contains(&option),
        "PARQUET" => ![
            "DELIMITER",
            "HEADER",
            "ADDQUOTES",
            "ESCAPE",
            "NULL",
            "GZIP",
            "BZIP2",
            "ZSTD",
        ]
        .contains(&option),
        _ => option != "ROWGROUPSIZE",
    }
}

/// What two options are told together; none if they are legal.
fn expected(
    one: &str,
    other: &str,
    statement: &str,
    takes: fn(&str, &str) -> bool,
) -> Option<String> {
    let is_format = |name: &str| FORMATS.contains(&name);
    let refused = |option: &str, format: &str| {
        format!("{option} argument is not supported for {format} based {statement}")
    };
    if is_format(one) && is_format(other) {
        return Some(refused(other, one));
    }
    let format = if is_format(one) {
        one
    } else if is_format(other) {
        other
    } else {
        "TEXT"
    };
    let options = [one, other].into_iter().filter(|name| !is_format(name));
    for option in options {
        if !takes(format, option) {
            if option == "QUOTE" && format != "PARQUET" {
                return Some("QUOTE argument is only supported for CSV based COPY".to_owned());
            }
            return Some(refused(option, format));
        }
    }
    let both = |names: &[&str]| names.contains(&one) && names.contains(&other);
    if both(&["GZIP", "BZIP2", "ZSTD"]) || both(&["ALLOWOVERWRITE", "CLEANPATH"]) {
        let mut names = [one, other];
        names.sort_by_key(|name| {
            ["GZIP", "BZIP2", "ZSTD", "ALLOWOVERWRITE", "CLEANPATH"]
                .iter()
                .position(|known| known == name)
        });
        return Some(format!(
            "conflicting or redundant options: {}, {}",
            names[0], names[1]
        ));
    }
    if both(&["KMS_KEY_ID", "ENCRYPTED"]) {
        return Some("KMS_KEY_ID argument is not supported with ENCRYPTED AUTO".to_owned());
    }
    if [one, other].contains(&"KMS_KEY_ID") {
        return Some("KMS_KEY_ID argument is not supported without ENCRYPTED".to_owned());
    }
    if both(&["MAXERROR", "IGNOREALLERRORS"]) {
        return Some("MAXERROR argument is not supported with IGNOREALLERRORS".to_owned());
    }
    None
}

/// Gives all pairs in both orders, and compares; a legal pair goes as far as `passed`.
fn check(
    client: &mut Client,
    options: &[Choice],
    statement: &str,
    takes: fn(&str, &str) -> bool,
    sql: impl Fn(&str) -> String,
    passed: &str,
) {
    let mut refused = 0;
    for (one, first) in options {
        for (other, second) in options {
            let failure = client.error(&sql(&format!("{first} {second}")));
            let told = if one == other {
                Some(format!("conflicting or redundant options: {one}"))
            } else {
                expected(one, other, statement, takes)
            };
            refused += usize::from(told.is_some());
            let text = told.as_deref().unwrap_or(passed);
            assert_eq!(failure.message, text, "{first} {second}");
            let code = match (&told, text) {
                (None, _) => failure.code.as_str(),
                (_, text) if text.starts_with("conflicting") => "42601",
                _ => "0A000",
            };
            assert_eq!(failure.code, code, "{first} {second}");
        }
    }
    assert!(refused > options.len());
}

#[test]
fn pairs_of_copy() {
    let place = place();
    let uri = place.put("data", "1\n");
    check(
        &mut place.connect(),
        &COPY,
        "COPY",
        copy_takes,
        |options| format!("COPY nothing FROM '{uri}' IAM_ROLE default {options}"),
        "Cannot COPY into nonexistent table nothing",
    );
}

#[test]
fn pairs_of_unload() {
    let place = place();
    let to = place.uri("out");
    check(
        &mut place.connect(),
        &UNLOAD,
        "UNLOAD",
        unload_takes,
        |options| format!("UNLOAD ('SELECT a FROM nothing') TO '{to}' IAM_ROLE default {options}"),
        "relation \"nothing\" does not exist",
    );
}

#[test]
fn what_is_not_imitated_is_refused_by_name() {
    let place = place();
    let mut client = place.connect();
    client.query("CREATE TABLE t (a INT)");
    let uri = place.put("data", "1\n");
    for option in [
        "AVRO 'auto'",
        "FORMAT AS AVRO",
        "FORMAT ORC",
        "ORC",
        "SHAPEFILE",
        "LZOP",
        "ENCRYPTED",
        "MASTER_SYMMETRIC_KEY 'x'",
        "SSH",
        "READRATIO 50",
        "JOB CREATE j",
    ] {
        let failure = client.error(&format!("COPY t FROM '{uri}' IAM_ROLE default {option}"));
        let name = option
            .split(' ')
            .find(|word| !["FORMAT", "AS"].contains(word))
            .unwrap_or_default();
        assert_eq!(failure.code, "0A000", "{option}");
        assert_eq!(
            failure.message,
            format!("COPY with {name} is not supported by the sandbox yet")
        );
    }
    for job in ["RUN j", "ALTER j AUTO OFF", "SHOW j", "DROP j", "LIST"] {
        let failure = client.error(&format!("COPY JOB {job}"));
        assert_eq!(failure.code, "0A000", "{job}");
        assert_eq!(
            failure.message,
            "COPY JOB is not supported by the sandbox yet"
        );
    }
    client.query("CREATE TABLE job (a INT)");
    client.query(&format!("COPY job FROM '{uri}' IAM_ROLE default"));
    for source in ["dynamodb://table", "emr://j-1/path"] {
        let failure = client.error(&format!("COPY t FROM '{source}' IAM_ROLE default"));
        let (scheme, _) = source.split_once("//").expect("a scheme");
        assert_eq!(
            failure.message,
            format!("COPY from {scheme}// is not supported by the sandbox yet")
        );
    }
    let to = place.uri("out");
    let failure = client.error(&format!(
        "UNLOAD ('SELECT 1') TO '{to}' IAM_ROLE default ENCRYPTED MASTER_SYMMETRIC_KEY 'x'"
    ));
    assert_eq!(
        failure.message,
        "UNLOAD with MASTER_SYMMETRIC_KEY is not supported by the sandbox yet"
    );
    assert_eq!(client.value("SELECT count(*) FROM t"), "0");
}
