//! The SQL lexer, and the placeholders of migrations: no value leaves the literal that it stands in.
#![no_main]

use libfuzzer_sys::fuzz_target;

// The library keeps these to itself.
#[allow(dead_code)]
#[path = "../../../diesel-redshift/src/sql"]
mod sql {
    pub(crate) mod lexer;
    pub(crate) mod literal;
}

#[allow(dead_code)]
#[path = "../../../diesel-redshift/src/error"]
mod error {
    mod invalid_value;
    mod migration;

    pub use self::invalid_value::InvalidValue;
    pub use self::migration::MigrationError;
}

#[allow(dead_code)]
#[path = "../../../diesel-redshift/src/migration"]
mod migration {
    mod placeholder;

    pub(crate) fn fill(sql: &str, value: &str) -> Option<String> {
        let mut values = placeholder::Values::default();
        values.set("x", value.to_owned());
        values.fill("migration", sql).ok()
    }
}

use sql::lexer::{Token, tokens};

/// The text outside of string literals, where a value must not appear.
fn outside_of_literals(sql: &str) -> String {
    tokens(sql)
        .filter(|(token, _)| *token != Token::String)
        .map(|(_, text)| text)
        .collect()
}

/// The same with the placeholders outside of literals, quoted names, comments and bodies taken out.
fn without_placeholders(sql: &str) -> String {
    let mut kept = String::new();
    let mut outside = String::new();
    for (token, text) in tokens(sql) {
        if matches!(token, Token::Symbol | Token::Word | Token::Number) {
            outside.push_str(text);
            continue;
        }
        kept.push_str(&outside.replace("${x}", ""));
        outside.clear();
        if token != Token::String {
            kept.push_str(text);
        }
    }
    kept + &outside.replace("${x}", "")
}

fuzz_target!(|parts: (&str, &str)| {
    let (sql, value) = parts;
    let whole: String = tokens(sql).map(|(_, text)| text).collect();
    assert_eq!(whole, sql);
    if let Some(filled) = migration::fill(sql, value) {
        assert_eq!(
            outside_of_literals(&filled),
            without_placeholders(sql),
            "{sql:?} becomes {filled:?}"
        );
    }
});
