//! `UNLOAD ('select …') TO 's3://…' authorization [options]`

use super::options::{self, Options};
use crate::protocol::{SqlError, SqlResult};
use crate::s3::Access;
use crate::sql::lexer::{Kind, Token, tokens};
use crate::sql::{self, Cursor};

#[derive(Clone, Debug)]
pub(crate) struct Statement {
    /// In PostgreSQL's words.
    pub(super) query: String,
    pub(super) destination: String,
    pub(super) options: Options,
}

impl Statement {
    pub(crate) fn access(&self) -> &Access {
        &self.options.access
    }

    pub(crate) fn destination(&self) -> &str {
        &self.destination
    }
}

pub(crate) fn parse(mut cursor: Cursor<'_>) -> SqlResult<Statement> {
    cursor.expect("unload")?;
    cursor.expect_kind(Kind::Open)?;
    let (text, _) = cursor.literal()?;
    cursor.expect_kind(Kind::Close)?;
    cursor.expect("to")?;
    let (destination, _) = cursor.literal()?;
    let valid = destination.strip_prefix("s3://").is_some_and(|rest| {
        rest.split_once('/')
            .is_some_and(|(bucket, key)| !bucket.is_empty() && !key.is_empty())
    });
    if !valid {
        return Err(
            SqlError::internal(format!("Invalid S3 URI: '{destination}'"))
                .hint("The destination is written 's3://bucket/prefix'."),
        );
    }
    let is_alias = destination
        .strip_prefix("s3://")
        .and_then(|rest| rest.split('/').next())
        .is_some_and(|bucket| bucket.ends_with("-s3alias"));
    if is_alias {
        return Err(SqlError::unsupported(
            "S3 access point aliases are not supported by UNLOAD",
        ));
    }
    let options = options::parse(&mut cursor)?;
    Ok(Statement {
        query: query(&text)?,
        destination,
        options,
    })
}

/// Checks the inner query and puts it in PostgreSQL's words.
fn query(text: &str) -> SqlResult<String> {
    let tokens = tokens(text)?;
    let outermost = outermost(&tokens);
    let mut depth = 0;
    for (at, token) in outermost.iter().enumerate() {
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth -= 1,
            Kind::Parameter => return Err(SqlError::syntax(token.text(text))),
            _ if depth == 0 && token.is(text, "limit") => {
                return Err(SqlError::unsupported(
                    "Limit clause is not supported in the outermost select of an UNLOAD statement",
                ));
            }
            _ if depth == 0
                && token.is(text, "top")
                && at > 0
                && outermost[at - 1].is(text, "select") =>
            {
                return Err(SqlError::unsupported(
                    "Top clause is not supported in the outermost select of an UNLOAD statement",
                ));
            }
            _ => {}
        }
    }
    let is_query = tokens.first().is_some_and(|token| {
        token.kind == Kind::Open || token.is(text, "select") || token.is(text, "with")
    });
    let mut parts = sql::analyze(text)?;
    match parts.pop() {
        Some(part) if is_query && parts.is_empty() => Ok(part.statement?.plain_text().to_owned()),
        _ => Err(SqlError::syntax(
            tokens.first().map_or("", |token| token.text(text)),
        )),
    }
}

/// A query without the parentheses that stand around all of it.
fn outermost(tokens: &[Token]) -> &[Token] {
    let tokens = match tokens {
        [query @ .., last] if last.kind == Kind::Semicolon => query,
        query => query,
    };
    let is = |kind: Kind| move |token: &&Token| token.kind == kind;
    let opening = tokens.iter().take_while(is(Kind::Open)).count();
    let closing = tokens.iter().rev().take_while(is(Kind::Close)).count();
    // As many of them belong together as are never closed between.
    let (mut depth, mut around) = (opening, opening.min(closing));
    for token in &tokens[opening..tokens.len() - closing] {
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
        around = around.min(depth);
    }
    &tokens[around..tokens.len() - around]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_literal_is_unescaped_once() {
        let sql =
            r#"unload ('select ''O''''B\\\\c'', ''x'' from "T"') to 's3://b/p' iam_role default"#;
        let tokens = tokens(sql).expect("tokens");
        let statement = parse(Cursor::new(sql, &tokens)).expect("valid");
        assert_eq!(statement.query, r#"select 'O''B\\c', 'x' from "t""#);
    }

    #[test]
    fn an_outer_limit_is_refused_and_an_inner_one_is_not() {
        assert_eq!(
            query("select * from t limit 5").expect_err("refused").code,
            "0A000"
        );
        for text in [
            "select top 5 * from t",
            "((select * from t limit 5));",
            "((select 1) union all (select 2) limit 1)",
        ] {
            assert_eq!(query(text).expect_err("refused").code, "0A000", "{text}");
        }
        assert!(query("(select 1 limit 5) union all (select 2 limit 5)").is_ok());
        assert!(query("select * from (select * from t limit 5)").is_ok());
        assert!(query("with a as (select 1) select * from a order by 1;").is_ok());
        for text in [
            "",
            "delete from t",
            "select 1; select 2",
            "select $1",
            "truncate t",
            "(",
            ")(",
            "(;",
        ] {
            assert!(query(text).is_err(), "{text}");
        }
    }
}
