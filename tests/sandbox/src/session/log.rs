//! The log of statements.

use super::Session;
use crate::sql::masked;

impl Session<'_> {
    /// Takes note of what the client sends.
    pub(super) fn log_statement(&mut self, sql: &str) {
        self.watches_case |= sql.to_ascii_lowercase().contains("enable_case_sensitive");
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
