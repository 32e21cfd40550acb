//! CREATE FUNCTION and CREATE PROCEDURE.

use super::cursor::Cursor;
use super::lexer::{Kind, value_of};
use super::rewrite;
use super::statement::{Statement, analyze};
use crate::protocol::{SqlError, SqlResult};

/// Functions are of SQL; what they say is a statement as any other.
pub(super) fn function(cursor: Cursor<'_>) -> SqlResult<Statement> {
    check_language(cursor, "sql")?;
    let (sql, tokens) = (cursor.sql, cursor.tokens);
    let is_body = |at: &usize| {
        tokens[*at - 1].is(sql, "as") && matches!(tokens[*at].kind, Kind::Dollar | Kind::Text)
    };
    let Some(body) = (1..tokens.len()).find(is_body) else {
        return Err(cursor.unexpected());
    };
    let mut parts = analyze(&value_of(tokens[body].text(sql))?)?;
    let query = match parts.pop().map(|part| part.statement).transpose()? {
        Some(query) if parts.is_empty() && query.is_plain() => query,
        _ => return Err(SqlError::unsupported("a function of SQL is one query")),
    };
    const TAG: &str = "$redshift_sandbox$";
    if query.plain_text().contains(TAG) {
        return Err(SqlError::syntax(TAG));
    }
    Ok(Statement::Plain(format!(
        "{} {TAG}{}{TAG} {}",
        rewrite::rewrite(sql, &tokens[..body])?,
        query.plain_text(),
        rewrite::rewrite(sql, &tokens[body + 1..])?
    )))
}

/// Procedures are of PL/pgSQL, which is PostgreSQL's.
pub(super) fn procedure(
    cursor: Cursor<'_>,
    plain: impl Fn() -> SqlResult<Statement>,
) -> SqlResult<Statement> {
    if cursor
        .tokens
        .iter()
        .any(|token| token.is(cursor.sql, "nonatomic"))
    {
        return Err(SqlError::not_imitated("NONATOMIC"));
    }
    check_language(cursor, "plpgsql")?;
    plain()
}

fn check_language(cursor: Cursor<'_>, wanted: &str) -> SqlResult<()> {
    let language = cursor
        .tokens
        .windows(2)
        .find(|pair| pair[0].is(cursor.sql, "language"))
        .map(|pair| pair[1].text(cursor.sql).to_ascii_lowercase())
        .unwrap_or_default();
    if matches!(&*language, "plpythonu" | "exfunc") {
        return Err(SqlError::not_imitated(&format!("LANGUAGE {language}")));
    }
    if language.trim_matches('\'') == wanted {
        return Ok(());
    }
    Err(SqlError::unsupported(format!(
        "language \"{language}\" is not supported for a {}",
        cursor.text().to_ascii_lowercase()
    )))
}
