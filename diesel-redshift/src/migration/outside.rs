//! Statements that Redshift refuses in a transaction, recognized by their words.

use super::RedshiftMigrations;
use crate::sql::lexer::{Token, tokens};
use crate::sql::statements;

impl RedshiftMigrations<'_> {
    /// The statements of a script that cannot run in a transaction, as written.
    ///
    /// A migration with such a statement needs `run_in_transaction = false` in its `metadata.toml`,
    /// and should contain nothing else. `TRUNCATE` is not among them: it runs, and commits what
    /// came before it. Only the words are checked, without asking the server.
    ///
    /// ```
    /// use diesel_redshift::RedshiftMigrations;
    ///
    /// let script = "CREATE TABLE users (id BIGINT); VACUUM users;";
    /// assert_eq!(RedshiftMigrations::refused_in_transactions(script), ["VACUUM users;"]);
    /// ```
    pub fn refused_in_transactions(script: &str) -> Vec<&str> {
        let mut refused = statements(script);
        refused.retain(|statement| is_refused(statement));
        refused
    }
}

/// What such statements begin with, and which word must follow later, if any.
const REFUSED: [(&[&str], &[&str]); 16] = [
    (&["VACUUM"], &[]),
    (&["CREATE", "DATABASE"], &[]),
    (&["DROP", "DATABASE"], &[]),
    (&["ALTER", "DATABASE"], &["ISOLATION", "LEVEL"]),
    (&["ALTER", "DATABASE"], &["COLLATE"]),
    (&["CREATE", "EXTERNAL", "TABLE"], &[]),
    (&["DROP", "EXTERNAL", "TABLE"], &[]),
    (
        &["CREATE", "EXTERNAL", "SCHEMA"],
        &["CREATE", "EXTERNAL", "DATABASE"],
    ),
    (&["CREATE", "LIBRARY"], &[]),
    (&["CREATE", "OR", "REPLACE", "LIBRARY"], &[]),
    (&["DROP", "LIBRARY"], &[]),
    (&["COPY"], &["JOB", "CREATE"]),
    (&["COPY", "JOB", "DROP"], &[]),
    (&["ALTER", "TABLE"], &["APPEND", "FROM"]),
    (&["ALTER", "TABLE"], &["TYPE"]),
    (&["ALTER", "TABLE"], &["SET", "LOCATION"]),
];

fn is_refused(statement: &str) -> bool {
    let keywords: Vec<_> = tokens(statement)
        .filter(|(token, _)| matches!(token, Token::Word))
        .map(|(_, text)| text.to_ascii_uppercase())
        .collect();
    let begins = |with: &[&str]| {
        keywords.len() >= with.len() && keywords.iter().zip(with).all(|(word, other)| word == other)
    };
    let has = |sequence: &[&str]| {
        sequence.is_empty()
            || keywords
                .windows(sequence.len())
                .any(|window| window == sequence)
    };
    REFUSED
        .iter()
        .any(|(first, later)| begins(first) && has(later))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_is_known_by_its_words() {
        for (sql, refused) in [
            ("-- all\nvacuum FULL users", true),
            ("ALTER TABLE a APPEND FROM b", true),
            ("ALTER TABLE a ALTER COLUMN b TYPE VARCHAR(20)", true),
            ("ALTER TABLE a ADD COLUMN \"type\" INT", false),
            ("ALTER TABLE a ADD COLUMN b INT", false),
            (
                "COPY a FROM 's3://b/' IAM_ROLE default JOB CREATE j AUTO ON",
                true,
            ),
            ("COPY a FROM 's3://b/' IAM_ROLE default CSV", false),
            ("DROP SCHEMA s", false),
            ("create external table s.t (a int)", true),
            ("SELECT 'VACUUM'", false),
            ("TRUNCATE a", false),
            ("", false),
        ] {
            assert_eq!(is_refused(sql), refused, "{sql}");
        }
    }
}
