//! What PostgreSQL is told, written to the file that `REDSHIFT_SANDBOX_STATEMENTS` names, one JSON string a line. A check of
//! the project's reads it with another parser, to see that no grammar of PostgreSQL's own slips through.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::sync::LazyLock;

use super::Statement;

static FILE: LazyLock<Option<File>> = LazyLock::new(|| {
    let path = std::env::var_os("REDSHIFT_SANDBOX_STATEMENTS")?;
    OpenOptions::new().create(true).append(true).open(path).ok()
});

pub(super) fn record(statement: &Statement) {
    let Some(mut file) = FILE.as_ref() else {
        return;
    };
    let texts = match statement {
        Statement::Define(definition) => {
            let query = definition.query.as_ref().map_or("", |query| &query.sql);
            [
                query,
                if query.is_empty() {
                    &definition.sql
                } else {
                    ""
                },
            ]
        }
        Statement::Truncate(sql) | Statement::Alone { sql, .. } => [sql, ""],
        plain => [plain.plain_text(), ""],
    };
    for text in texts.into_iter().filter(|text| !text.is_empty()) {
        let line = format!("{}\n", serde_json::Value::from(text));
        // Whole lines, whoever else writes.
        let _ = file.write_all(line.as_bytes());
    }
}
