//! GRANT, REVOKE and COMMENT.

use super::cursor::Cursor;
use super::definition::Definition;
use super::lexer::{self, Kind, Token};
use super::statement::Statement;
use super::{quote_literal, rewrite};
use crate::protocol::{SqlError, SqlResult};

/// PostgreSQL's privileges are Redshift's for the most part; it calls roles by their names alone.
pub(super) fn grant(cursor: Cursor<'_>) -> SqlResult<Statement> {
    let (sql, tokens) = (cursor.sql, cursor.tokens);
    let has = |word: &str| tokens.iter().any(|token| token.is(sql, word));
    if cursor.is_at(1, "assumerole") {
        return Err(SqlError::not_imitated("GRANT ASSUMEROLE"));
    }
    // Roles and privileges of the system's own, which say who may do what only a superuser may here.
    if has("sys") && tokens.iter().any(|token| token.text(sql) == ":") {
        return Err(SqlError::not_imitated("GRANT of a role sys:…"));
    }
    let of_role = cursor.is_at(1, "role") || cursor.is_at(1, "admin");
    if !has("on") && !of_role {
        return Err(SqlError::not_imitated("GRANT of system privileges"));
    }
    if has("on") {
        check_privileges(cursor)?;
    }
    for word in ["datashare", "language", "model", "scoped"] {
        if has(word) {
            return Err(SqlError::not_imitated(&format!(
                "GRANT of {}",
                word.to_ascii_uppercase()
            )));
        }
    }
    without_role(sql, tokens)
}

/// What stands before ON, and the kind of thing behind it.
fn check_privileges(mut cursor: Cursor<'_>) -> SqlResult<()> {
    const KNOWN: [&str; 16] = [
        "all",
        "create",
        "delete",
        "execute",
        "for",
        "grant",
        "insert",
        "option",
        "privileges",
        "references",
        "select",
        "temp",
        "temporary",
        "truncate",
        "update",
        "usage",
    ];
    const NOT_IMITATED: [&str; 2] = ["alter", "drop"];
    let mut of_usage = false;
    cursor.advance();
    while !cursor.accept("on") {
        if cursor.is_kind(Kind::Open) {
            cursor.skip_parentheses()?;
            continue;
        }
        let word = cursor.text().to_ascii_lowercase();
        if NOT_IMITATED.contains(&&*word) {
            let privilege = word.to_ascii_uppercase();
            return Err(SqlError::not_imitated(&format!("GRANT of {privilege}")));
        }
        if cursor.is_kind(Kind::Word) && !KNOWN.contains(&&*word) {
            return Err(cursor.unexpected());
        }
        of_usage |= word == "usage";
        if cursor.advance().is_none() {
            break;
        }
    }
    if of_usage && cursor.is("database") {
        return Err(SqlError::not_imitated("GRANT of USAGE of a database"));
    }
    if cursor.is("sequence") || cursor.is("domain") || cursor.is("type") || cursor.is("tablespace")
    {
        return Err(cursor.unexpected());
    }
    Ok(())
}

/// `ALTER DEFAULT PRIVILEGES [FOR USER name] [IN SCHEMA name] { GRANT | REVOKE } …`
pub(super) fn default_privileges(cursor: Cursor<'_>) -> SqlResult<Statement> {
    without_role(cursor.sql, cursor.tokens)
}

fn without_role(sql: &str, tokens: &[Token]) -> SqlResult<Statement> {
    let text = rewrite::rewrite(sql, tokens)?;
    let tokens = lexer::tokens(&text)?;
    let mut plain = String::with_capacity(text.len());
    let mut copied = 0;
    for (at, token) in tokens.iter().enumerate() {
        if is_role(&text, &tokens, at) {
            plain.push_str(&text[copied..token.start]);
            copied = token.end;
        }
    }
    plain.push_str(&text[copied..]);
    Ok(Statement::Plain(plain))
}

/// Whether the word ROLE stands before a name.
fn is_role(sql: &str, tokens: &[Token], at: usize) -> bool {
    let before = at.checked_sub(1).map(|at| tokens[at]);
    tokens[at].is(sql, "role")
        && tokens
            .get(at + 1)
            .is_some_and(|token| matches!(token.kind, Kind::Word | Kind::Quoted))
        && before.is_some_and(|token| {
            token.kind == Kind::Comma
                || ["for", "grant", "revoke", "to", "from"]
                    .iter()
                    .any(|word| token.is(sql, word))
        })
}

pub(super) fn comment(
    mut cursor: Cursor<'_>,
    plain: impl Fn() -> SqlResult<Statement>,
) -> SqlResult<Statement> {
    cursor.expect("comment")?;
    cursor.expect("on")?;
    match &*cursor.text().to_ascii_lowercase() {
        "view" => {
            cursor.advance();
            let table = cursor.qualified_name()?;
            cursor.expect("is")?;
            let remarks = if cursor.accept("null") {
                "NULL".to_owned()
            } else {
                quote_literal(&cursor.literal()?.0)
            };
            cursor.expect_end()?;
            let view = quote_literal(&table.quoted());
            Ok(Statement::Define(Box::new(Definition {
                sql: format!("SELECT pg_sandbox.comment_view({view}::regclass, {remarks})"),
                table,
                if_not_exists: false,
                query: None,
                records: Vec::new(),
                tag: "COMMENT",
                alone: None,
            })))
        }
        "table" | "column" | "database" => plain(),
        "constraint" => Err(SqlError::not_imitated("COMMENT ON CONSTRAINT")),
        _ => Err(cursor.unexpected()),
    }
}
