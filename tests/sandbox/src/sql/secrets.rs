//! Statements without the passwords and keys in them, for logs.

use super::lexer::{Kind, tokens, value_of};
use super::quoting::quote_literal;

/// Words before a literal that nobody is to read.
const SECRETS: [&str; 6] = [
    "access_key_id",
    "secret_access_key",
    "session_token",
    "credentials",
    "master_symmetric_key",
    "password",
];

/// How deep statements are looked for in the literals of statements: a procedure's body can have one that it executes.
const DEEPEST: u8 = 4;

/// The statement without its secrets, also those in the body of a procedure.
pub(crate) fn masked(sql: &str) -> String {
    within(sql, DEEPEST).unwrap_or_else(|| "(a statement that cannot be read)".to_owned())
}

fn within(sql: &str, deepest: u8) -> Option<String> {
    let deepest = deepest.checked_sub(1)?;
    let mut text = String::with_capacity(sql.len());
    let mut at = 0;
    let mut hides = false;
    for token in tokens(sql).ok()? {
        if matches!(token.kind, Kind::Text | Kind::Dollar) {
            let literal = token.text(sql);
            text.push_str(&sql[at..token.start]);
            if hides {
                text.push_str("'***'");
            } else if may_hold_secrets(literal) {
                text.push_str(&masked_literal(literal, deepest));
            } else {
                text.push_str(literal);
            }
            at = token.end;
        }
        let is_secret = SECRETS.iter().any(|word| token.is(sql, word));
        hides = is_secret || hides && token.is(sql, "as");
    }
    text.push_str(&sql[at..]);
    Some(text)
}

/// All of a literal that cannot be read as SQL may be the secret.
fn masked_literal(literal: &str, deepest: u8) -> String {
    let value = value_of(literal).unwrap_or_default();
    match within(&value, deepest) {
        None => "'***'".to_owned(),
        Some(masked) if masked == value => literal.to_owned(),
        Some(masked) if literal.starts_with('$') => literal.replacen(&value, &masked, 1),
        Some(masked) => quote_literal(&masked),
    }
}

fn may_hold_secrets(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    SECRETS.iter().any(|word| text.contains(word))
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
            "COPY t\n FROM 's3://b/k' access_key_id '***' SECRET_ACCESS_KEY '***' session_token '***' CSV"
        );
        assert_eq!(
            masked(
                "CREATE USER u PASSWORD 'p'; COPY t FROM 'x' WITH CREDENTIALS AS 'y' NULL AS 'z'"
            ),
            "CREATE USER u PASSWORD '***'; COPY t FROM 'x' WITH CREDENTIALS AS '***' NULL AS 'z'"
        );
        assert_eq!(
            masked(
                "CREATE PROCEDURE p() AS $b$ BEGIN ALTER USER u PASSWORD 'p'; END $b$ LANGUAGE plpgsql"
            ),
            "CREATE PROCEDURE p() AS $b$ BEGIN ALTER USER u PASSWORD '***'; END $b$ LANGUAGE plpgsql"
        );
        assert_eq!(masked("SELECT $$$$, $a$x$a$"), "SELECT $$$$, $a$x$a$");
        assert!(!masked("COPY t FROM 'x' CREDENTIALS 'open").contains("open"));
        assert_eq!(
            masked(
                r"CREATE PROCEDURE p() AS 'BEGIN EXECUTE \'COPY t FROM \'\'x\'\' CREDENTIALS \'\'y\'\' \'; END'"
            ),
            "CREATE PROCEDURE p() AS 'BEGIN EXECUTE ''COPY t FROM ''''x'''' CREDENTIALS ''''***'''' ''; END'"
        );
        assert_eq!(
            masked(
                "CREATE PROCEDURE p() AS $$ BEGIN EXECUTE 'ALTER USER u PASSWORD ''' || k; END $$"
            ),
            "CREATE PROCEDURE p() AS $$ BEGIN EXECUTE '***' || k; END $$"
        );
        let text = "COMMENT ON COLUMN t.a IS 'with credentials'";
        assert_eq!(masked(text), text);
        assert_eq!(
            masked("COMMENT ON COLUMN t.a IS 'it''s the password'"),
            "COMMENT ON COLUMN t.a IS '***'"
        );
    }

    /// Deeper ones cannot use up the stack.
    #[test]
    fn literals_in_literals_have_an_end() {
        let mut text = "PASSWORD 'x'".to_owned();
        for depth in 0..1000 {
            text = format!("$a{depth}${text}$a{depth}$");
        }
        assert_eq!(masked(&text), "$a999$$a998$$a997$'***'$a997$$a998$$a999$");
    }
}
