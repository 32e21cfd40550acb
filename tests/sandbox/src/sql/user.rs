//! CREATE USER and ALTER USER.

use super::cursor::Cursor;
use super::lexer::Token;
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
        let follows_value = is(at - 1, "password") || is(at - 1, "rename") || is(at - 1, "to");
        let replaced = if follows_value && !is(at, "disable") {
            None
        } else if is(at, "createuser") {
            Some(("SUPERUSER", 1))
        } else if is(at, "nocreateuser") {
            Some(("NOSUPERUSER", 1))
        } else if is(at, "disable") && is(at - 1, "password") {
            Some(("NULL", 1))
        } else if is(at, "syslog") && is(at + 1, "access") {
            if !is(at + 2, "restricted") && !is(at + 2, "unrestricted") {
                let text = tokens.get(at + 2).map_or("", |token| token.text(sql));
                return Err(SqlError::syntax(text));
            }
            Some(("", 3))
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
