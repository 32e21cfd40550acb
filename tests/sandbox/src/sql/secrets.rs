//! Statements without the passwords and keys in them, for logs.

use super::lexer::{Kind, tokens};

/// Words before a literal that nobody is to read.
const SECRETS: [&str; 6] = [
    "access_key_id",
    "secret_access_key",
    "session_token",
    "credentials",
    "master_symmetric_key",
    "password",
];

/// The statement without its secrets, also those in the body of a procedure.
pub(crate) fn masked(sql: &str) -> String {
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
        } else if token.kind == Kind::Dollar {
            let literal = token.text(sql);
            let tag = literal[1..].find('$').map_or(0, |end| end + 2);
            let body = literal.len().saturating_sub(tag);
            text.push_str(&sql[at..token.start + tag]);
            text.push_str(&masked(literal.get(tag..body).unwrap_or_default()));
            at = token.start + body;
        }
        let is_secret = SECRETS.iter().any(|word| token.is(sql, word));
        hides = is_secret || hides && token.is(sql, "as");
    }
    text.push_str(&sql[at..]);
    text
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
    }
}
