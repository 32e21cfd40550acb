//! The README's lists of what is supported are what the sandbox answers.
//!
//! `UPDATE_README=1 cargo test -p redshift-sandbox --test sandbox support` writes them anew.

use std::fs;

use crate::place;

/// The parameters of COPY in AWS's documentation, each with an example.
const COPY: [&str; 52] = [
    "CSV",
    "CSV QUOTE '%'",
    "DELIMITER ','",
    "FIXEDWIDTH 'a:3'",
    "JSON 'auto'",
    "JSON 'auto ignorecase'",
    "JSON 'noshred'",
    "JSON 's3://b/paths'",
    "PARQUET",
    "AVRO 'auto'",
    "ORC",
    "SHAPEFILE",
    "FORMAT AS CSV",
    "GZIP",
    "BZIP2",
    "ZSTD",
    "LZOP",
    "MANIFEST",
    "ENCRYPTED",
    "MASTER_SYMMETRIC_KEY 'x'",
    "REGION 'eu-west-1'",
    "SSH",
    "READRATIO 50",
    "ACCEPTANYDATE",
    "ACCEPTINVCHARS '?'",
    "BLANKSASNULL",
    "DATEFORMAT 'auto'",
    "EMPTYASNULL",
    "ENCODING UTF8",
    "ENCODING UTF16",
    "ENCODING ISO88591",
    "ESCAPE",
    "EXPLICIT_IDS",
    "FILLRECORD",
    "IGNOREBLANKLINES",
    "IGNOREHEADER 1",
    "NULL AS 'x'",
    "REMOVEQUOTES",
    "ROUNDEC",
    "TIMEFORMAT 'epochsecs'",
    "TRIMBLANKS",
    "TRUNCATECOLUMNS",
    "COMPROWS 1000000",
    "COMPUPDATE OFF",
    "IGNOREALLERRORS",
    "MAXERROR 5",
    "NOLOAD",
    "STATUPDATE OFF",
    "SERIALIZETOJSON",
    "SIMPLIFY AUTO",
    "JOB CREATE j AUTO ON",
    "NONSENSE",
];

/// The parameters of UNLOAD.
const UNLOAD: [&str; 28] = [
    "FORMAT AS CSV",
    "CSV",
    "JSON",
    "PARQUET",
    "FIXEDWIDTH '0:3'",
    "DELIMITER ','",
    "HEADER",
    "ADDQUOTES",
    "ESCAPE",
    "NULL AS 'x'",
    "GZIP",
    "BZIP2",
    "ZSTD",
    "PARTITION BY (a)",
    "PARTITION BY (a) INCLUDE",
    "MANIFEST",
    "MANIFEST VERBOSE",
    "PARALLEL OFF",
    "MAXFILESIZE 10 MB",
    "ROWGROUPSIZE 64 MB",
    "ALLOWOVERWRITE",
    "CLEANPATH",
    "EXTENSION 'csv'",
    "REGION 'us-east-1'",
    "ENCRYPTED AUTO",
    "KMS_KEY_ID 'x'",
    "MASTER_SYMMETRIC_KEY 'x'",
    "NONSENSE",
];

/// Parameters that need another beside them.
fn with_company(option: &str) -> String {
    match option {
        "ENCODING UTF16" | "IGNOREBLANKLINES" => option.to_owned(),
        "SERIALIZETOJSON" => format!("PARQUET {option}"),
        "SIMPLIFY AUTO" => format!("SHAPEFILE {option}"),
        "MASTER_SYMMETRIC_KEY 'x'" | "KMS_KEY_ID 'x'" => format!("ENCRYPTED {option}"),
        "READRATIO 50" => option.to_owned(),
        "ROWGROUPSIZE 64 MB" => format!("PARQUET {option}"),
        _ => option.to_owned(),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    Supported,
    NotImitated,
    Refused,
}

/// What the sandbox makes of each example.
fn answers(
    options: &[&'static str],
    statement: impl Fn(&str) -> String,
) -> Vec<(&'static str, Answer)> {
    let place = place();
    let mut client = place.connect();
    client.query("CREATE TABLE t (a int); CREATE TABLE s (a super)");
    options
        .iter()
        .map(|option| {
            let answer = match client.try_query(&statement(&with_company(option))) {
                Ok(_) => Answer::Supported,
                Err(failure) if failure.message.contains("not supported by the sandbox yet") => {
                    Answer::NotImitated
                }
                Err(failure) if matches!(&*failure.code, "42601" | "0A000") => {
                    assert!(
                        failure.code == "42601" || !failure.message.contains("syntax"),
                        "{option}: {}",
                        failure.message
                    );
                    Answer::Refused
                }
                // It was understood, and there is nothing to load.
                Err(_) => Answer::Supported,
            };
            (*option, answer)
        })
        .collect()
}

fn list(verb: &str, answers: &[(&'static str, Answer)]) -> String {
    let of = |wanted: Answer| {
        let names: Vec<_> = answers
            .iter()
            .filter(|(_, answer)| *answer == wanted)
            .map(|(option, _)| format!("`{option}`"))
            .collect();
        names.join(", ")
    };
    format!(
        "{verb} takes {}.\n\nIt knows and refuses by name: {}. Anything else is a syntax error that names it, such as {}.\n",
        of(Answer::Supported),
        of(Answer::NotImitated),
        of(Answer::Refused)
    )
}

#[test]
fn the_readme_lists_what_there_is() {
    let copy = answers(&COPY, |option| {
        let table = if option.contains("noshred") { "s" } else { "t" };
        format!("COPY {table} FROM 's3://nowhere/none' IAM_ROLE default {option}")
    });
    let unload = answers(&UNLOAD, |option| {
        let folder: String = option.chars().filter(char::is_ascii_alphanumeric).collect();
        format!(
            "UNLOAD ('SELECT 1 AS a, 2 AS b') TO 's3://unloaded/{folder}/' IAM_ROLE default {option}"
        )
    });
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = fs::read_to_string(path).expect("the README");
    let start = "<!-- What follows is written by tests/support.rs. -->\n";
    let end = "<!-- Up to here. -->\n";
    let (before, rest) = readme.split_once(start).expect("the start of the lists");
    let (found, after) = rest.split_once(end).expect("the end of the lists");
    let lists = format!("\n{}\n{}\n", list("COPY", &copy), list("UNLOAD", &unload));
    if std::env::var_os("UPDATE_README").is_some() {
        fs::write(path, format!("{before}{start}{lists}{end}{after}")).expect("written");
    } else {
        assert!(
            found == lists,
            "the README does not tell what there is; UPDATE_README=1 writes it:\n{lists}"
        );
    }
}
