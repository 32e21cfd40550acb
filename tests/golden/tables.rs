//! The tables of options in the documentation, held to the golden statements: what they name occurs there, and what
//! occurs there they name.

use std::collections::BTreeSet;

use sqlparser::dialect::RedshiftSqlDialect;
use sqlparser::tokenizer::{Token, Tokenizer};

const COPY: &str = include_str!("../../diesel-redshift/src/copy/mod.rs");
const UNLOAD: &str = include_str!("../../diesel-redshift/src/unload/mod.rs");

/// Words that stand in a statement without being an option of their own.
const ARGUMENTS: [&str; 18] = [
    "COPY",
    "UNLOAD",
    "default",
    "AS",
    "FORMAT",
    "ON",
    "OFF",
    "PRESET",
    "UTF8",
    "UTF16",
    "UTF16LE",
    "UTF16BE",
    "MB",
    "GB",
    "BY",
    "AUTO",
    "CREATE",
    "load_users",
];

/// The words in the first column of the tables.
fn documented(module: &str) -> BTreeSet<String> {
    module
        .lines()
        .filter_map(|line| line.strip_prefix("//! | `")?.split('`').next())
        .flat_map(|option| option.split(' '))
        .filter(|word| !ARGUMENTS.contains(word))
        .map(str::to_owned)
        .collect()
}

/// The keywords of the statements.
fn written(golden: &str) -> BTreeSet<String> {
    let tokens = Tokenizer::new(&RedshiftSqlDialect {}, golden)
        .tokenize()
        .expect("tokens");
    tokens
        .into_iter()
        .filter_map(|token| match token {
            Token::Word(word) if word.quote_style.is_none() => Some(word.value),
            _ => None,
        })
        .filter(|word| !ARGUMENTS.contains(&&**word))
        .collect()
}

#[test]
fn the_documentation_names_every_option() {
    assert_eq!(documented(COPY), written(include_str!("copy.sql")));
    assert_eq!(documented(UNLOAD), written(include_str!("unload.sql")));
}
