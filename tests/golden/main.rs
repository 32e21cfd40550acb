//! The SQL of COPY and UNLOAD, statement by statement, in `copy.sql` and `unload.sql`, and that of queries in `dialect.sql`.
//!
//! The files are also what an independent grammar parses (`sqlfluff parse --dialect redshift`). After a change
//! that is meant, `UPDATE_GOLDEN=1 cargo test -p diesel-redshift-tests --test golden` writes them anew.
#![allow(clippy::unwrap_used)]

mod access;
mod copy;
mod ddl;
mod derive;
mod derive_anywhere;
mod dialect;
mod external;
mod merge;
mod properties;
mod refused;
mod schema;
mod tables;
mod unload;

use std::fmt::Write as _;
use std::path::Path;

/// Statements with what each is to show.
#[derive(Default)]
struct Statements(Vec<(&'static str, String)>);

impl Statements {
    fn add(&mut self, title: &'static str, sql: Result<String, diesel_redshift::Error>) {
        self.0.push((title, sql.expect(title)));
    }

    fn check(&self, file: &str) {
        let mut text = String::new();
        for (title, sql) in &self.0 {
            let separator = if text.is_empty() { "" } else { "\n" };
            writeln!(text, "{separator}-- {title}\n{sql};").unwrap();
        }
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("golden")
            .join(file);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let golden = std::fs::read_to_string(&path).unwrap_or_default();
        let different = golden
            .lines()
            .zip(text.lines())
            .find(|(golden, text)| golden != text);
        if let Some((golden, text)) = different {
            panic!("{file} has\n  {golden}\nand the builder makes\n  {text}");
        }
        assert_eq!(golden.len(), text.len(), "{file} has other statements");
    }
}

/// `title: statement` pairs, each statement with its SQL.
macro_rules! statements {
    ($($title:literal: $statement:expr;)*) => {{
        let mut statements = crate::Statements::default();
        $(statements.add($title, $statement.to_sql());)*
        statements
    }};
}
pub(crate) use statements;

#[test]
fn copy_statements() {
    copy::statements().check("copy.sql");
}

#[test]
fn dialect_statements() {
    dialect::statements().check("dialect.sql");
}

#[test]
fn derived_statements() {
    derive::statements().check("derive.sql");
}

#[test]
fn unload_statements() {
    unload::statements().check("unload.sql");
}

#[test]
fn merge_statements() {
    merge::statements().check("merge.sql");
}

#[test]
fn access_statements() {
    access::statements().check("access.sql");
}

#[test]
fn external_statements() {
    external::statements().check("external.sql");
}

#[test]
fn ddl_statements() {
    ddl::statements().check("ddl.sql");
}
