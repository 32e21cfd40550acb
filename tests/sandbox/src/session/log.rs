//! The log of statements.

use super::Session;
use crate::sql::masked;

impl Session<'_> {
    pub(super) fn log_statement(&self, sql: &str) {
        if self.shared.log {
            // On one line.
            let text = masked(sql);
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            eprintln!(
                "[{}] {}@{}: {text}",
                self.engine.pid(),
                self.user,
                self.database
            );
        }
    }
}
