//! CREATE FUNCTION and CREATE PROCEDURE.

use super::cursor::Cursor;
use super::lexer::{Kind, tokens, value_of};
use super::statement::{Statement, analyze};
use super::token_tree::TokenTree;
use super::{procedure, rewrite};
use crate::protocol::{SqlError, SqlResult};

/// Functions are of SQL; what they say is a statement as any other.
pub(super) fn function(cursor: Cursor<'_>) -> SqlResult<Statement> {
    check_language(cursor, "sql")?;
    check_declaration(cursor)?;
    let (sql, tokens) = (cursor.sql, cursor.tokens);
    let is_body = |at: &usize| {
        tokens[*at - 1].is(sql, "as") && matches!(tokens[*at].kind, Kind::Dollar | Kind::Text)
    };
    let Some(body) = (1..tokens.len()).find(is_body) else {
        return Err(cursor.unexpected());
    };
    let text = value_of(tokens[body].text(sql))?;
    let mut parts = analyze(&text)?;
    let query = match parts.pop().map(|part| part.statement).transpose()? {
        Some(query) if parts.is_empty() && query.is_plain() => query,
        _ => return Err(SqlError::unsupported("a function of SQL is one query")),
    };
    check_body(&text)?;
    const TAG: &str = "$redshift_sandbox$";
    if query.plain_text().contains(TAG) {
        return Err(SqlError::syntax(TAG));
    }
    Ok(Statement::Plain(format!(
        "{} {TAG}{}{TAG} {}",
        procedure::types(sql, &tokens[..body]),
        query.plain_text(),
        rewrite::rewrite(sql, &tokens[body + 1..])?
    )))
}

/// `FUNCTION name ( [type, …] ) RETURNS type { VOLATILE | STABLE | IMMUTABLE } AS`
fn check_declaration(mut cursor: Cursor<'_>) -> SqlResult<()> {
    cursor.expect("function")?;
    cursor.skip_name()?;
    cursor.expect_kind(Kind::Open)?;
    while !cursor.accept_kind(Kind::Close) {
        cursor.word()?;
        skip_type(&mut cursor)?;
        if cursor.is_kind(Kind::Word) || cursor.is_kind(Kind::Quoted) {
            return Err(SqlError::unsupported(
                "The arguments of a function of SQL have no names: write $1, $2, …",
            ));
        }
        if !cursor.accept_kind(Kind::Comma) && !cursor.is_kind(Kind::Close) {
            return Err(cursor.unexpected());
        }
    }
    cursor.expect("returns")?;
    if cursor.is("table") || cursor.is("setof") {
        return Err(cursor.unexpected());
    }
    cursor.word()?;
    skip_type(&mut cursor)?;
    let _ = cursor.accept("volatile") || cursor.accept("stable") || {
        cursor.expect("immutable")?;
        true
    };
    if cursor.is("as") {
        return Ok(());
    }
    Err(cursor.unexpected())
}

/// Passes over what can follow the first word of a type.
fn skip_type(cursor: &mut Cursor<'_>) -> SqlResult<()> {
    const WORDS: [&str; 12] = [
        "precision",
        "varying",
        "with",
        "without",
        "time",
        "zone",
        "year",
        "month",
        "day",
        "to",
        "hour",
        "second",
    ];
    while WORDS.iter().any(|word| cursor.accept(word)) {}
    if cursor.is_kind(Kind::Open) {
        cursor.skip_parentheses()?;
    }
    Ok(())
}

/// The body of a function is a SELECT of one expression.
fn check_body(query: &str) -> SqlResult<()> {
    const CLAUSES: [&str; 6] = ["from", "into", "where", "group", "order", "limit"];
    let tokens = tokens(query)?;
    let tree = TokenTree::new(query, &tokens)?;
    let clause = tree.find(0..tree.len(), |at| tree.is_any(at, &CLAUSES));
    if !tree.is(0, "select") {
        return Err(SqlError::syntax(tree.text(0)));
    }
    match clause {
        Some(at) => Err(SqlError::unsupported(format!(
            "{} is not supported in the body of a function of SQL",
            tree.text(at).to_ascii_uppercase()
        ))),
        None => Ok(()),
    }
}

/// Procedures are of PL/pgSQL, which is PostgreSQL's.
pub(super) fn procedure(cursor: Cursor<'_>) -> SqlResult<Statement> {
    if cursor
        .tokens
        .iter()
        .any(|token| token.is(cursor.sql, "nonatomic"))
    {
        return Err(SqlError::not_imitated("NONATOMIC"));
    }
    check_language(cursor, "plpgsql")?;
    procedure::procedure(cursor)
}

fn check_language(cursor: Cursor<'_>, required: &str) -> SqlResult<()> {
    let language = cursor
        .tokens
        .windows(2)
        .find(|pair| pair[0].is(cursor.sql, "language"))
        .map(|pair| pair[1].text(cursor.sql).to_ascii_lowercase())
        .unwrap_or_default();
    if matches!(&*language, "plpythonu" | "exfunc") {
        return Err(SqlError::not_imitated(&format!("LANGUAGE {language}")));
    }
    if language.trim_matches('\'') == required {
        return Ok(());
    }
    Err(SqlError::unsupported(format!(
        "language \"{language}\" is not supported for a {}",
        cursor.text().to_ascii_lowercase()
    )))
}
