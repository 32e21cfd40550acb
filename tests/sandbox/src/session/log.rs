//! The log of statements.

use super::Session;
use crate::sql::lexer::{Kind, tokens};

/// Words before a literal that nobody is to read.
const SECRETS: [&str; 6] = [
    "access_key_id",
    "secret_access_key",
    "session_token",
    "credentials",
    "master_symmetric_key",
    "password",
];

impl Session<'_> {
    pub(super) fn log_statement(&self, sql: &str) {
        if self.shared.log {
            eprintln!(
                "[{}] {}@{}: {}",
                self.engine.pid(),
                self.user,
                self.database,
                masked(sql)
            );
        }
    }
}

/// The statement without its secrets, on one line.
fn masked(sql: &str) -> String {
    let Ok(tokens) = tokens(sql) else {
        return "(a statement that cannot be read)".to_owned();
    };
    let mut text = String::with_capacity(sql.len());
    let mut at = 0;
    let mut hides = false;
    for token in tokens {
        let is_literal = matches!(token.kind, Kind::Text | Kind::Dollar);
        if is_literal && hides {
            text.push_str(&sql[at..token.start]);
            text.push_str("'***'");
            at = token.end;
        }
        let is_secret = SECRETS.iter().any(|word| token.is(sql, word));
        hides = is_secret || hides && token.is(sql, "as");
    }
    text.push_str(&sql[at..]);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_written() {
        assert_eq!(
            masked(
                "COPY t\n FROM 's3://b/k' access_key_id 'id' SECRET_ACCESS_KEY 'it''s' session_token $$t$$ CSV"
            ),
            "COPY t FROM 's3://b/k' access_key_id '***' SECRET_ACCESS_KEY '***' session_token '***' CSV"
        );
        assert_eq!(
            masked(
                "CREATE USER u PASSWORD 'p'; COPY t FROM 'x' WITH CREDENTIALS AS 'y' NULL AS 'z'"
            ),
            "CREATE USER u PASSWORD '***'; COPY t FROM 'x' WITH CREDENTIALS AS '***' NULL AS 'z'"
        );
        assert!(!masked("COPY t FROM 'x' CREDENTIALS 'open").contains("open"));
    }
}
