//! CREATE USER and ALTER USER.

use super::cursor::Cursor;
use super::lexer::{Kind, Token, value_of};
use super::rewrite;
use super::statement::Statement;
use crate::protocol::{SqlError, SqlResult};

/// Options that Redshift has not.
const POSTGRES_ONLY: [&str; 10] = [
    "bypassrls",
    "createrole",
    "encrypted",
    "inherit",
    "login",
    "noinherit",
    "nologin",
    "nosuperuser",
    "replication",
    "superuser",
];

/// Superusers have another name in PostgreSQL, `PASSWORD DISABLE` is its NULL, and what a user sees of the system tables
/// is all the same here.
pub(super) fn user(cursor: Cursor<'_>) -> SqlResult<Statement> {
    let (sql, tokens) = (cursor.sql, cursor.tokens);
    let is = |at: usize, word: &str| tokens.get(at).is_some_and(|token| token.is(sql, word));
    let mut out = String::new();
    // The name comes first, and may be any of these words.
    let options = 3.min(tokens.len());
    let mut copied = 0;
    let copy = |out: &mut String, part: &[Token]| {
        rewrite::rewrite(sql, part).map(|text| {
            out.push_str(&text);
            out.push(' ');
        })
    };
    let mut at = options;
    while at < tokens.len() {
        if is(at - 1, "password") && matches!(tokens[at].kind, Kind::Text | Kind::Dollar) {
            check_password(&value_of(tokens[at].text(sql))?)?;
        }
        let follows_value = is(at - 1, "password") || is(at - 1, "rename") || is(at - 1, "to");
        let replaced = if follows_value && !is(at, "disable") {
            None
        } else if is(at, "createuser") {
            Some(("SUPERUSER", 1))
        } else if is(at, "nocreateuser") {
            Some(("NOSUPERUSER", 1))
        } else if is(at, "unlimited") && is(at - 1, "limit") {
            Some(("-1", 1))
        } else if is(at, "disable") && is(at - 1, "password") {
            Some(("NULL", 1))
        } else if is(at, "syslog") && is(at + 1, "access") {
            if !is(at + 2, "restricted") && !is(at + 2, "unrestricted") {
                let text = tokens.get(at + 2).map_or("", |token| token.text(sql));
                return Err(SqlError::syntax(text));
            }
            Some(("", 3))
        } else if is(at, "externalid") {
            return Err(SqlError::not_imitated("EXTERNALID of a user"));
        } else if is(at, "session") && is(at + 1, "timeout") {
            return Err(SqlError::not_imitated("SESSION TIMEOUT of a user"));
        } else if POSTGRES_ONLY.iter().any(|word| is(at, word)) && !is(at - 1, "group") {
            return Err(SqlError::syntax(tokens[at].text(sql)));
        } else {
            None
        };
        if let Some((text, length)) = replaced {
            copy(&mut out, &tokens[copied..at])?;
            out.push_str(text);
            out.push(' ');
            copied = at + length;
            at = copied;
        } else {
            at += 1;
        }
    }
    copy(&mut out, &tokens[copied..])?;
    Ok(Statement::Plain(out.trim_end().to_owned()))
}

fn check_password(password: &str) -> SqlResult<()> {
    if password.starts_with("sha256|") {
        return Err(SqlError::not_imitated("A password as SHA-256"));
    }
    let digest = password
        .strip_prefix("md5")
        .is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let has = |is_it: fn(&u8) -> bool| password.as_bytes().iter().any(is_it);
    let strong = (8..=64).contains(&password.len())
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_digit);
    if digest || strong {
        return Ok(());
    }
    Err(SqlError::new(
        "22023",
        "password must have 8 to 64 characters, with an uppercase letter, a lowercase letter and a digit",
    ))
}
