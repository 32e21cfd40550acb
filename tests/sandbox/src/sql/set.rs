//! SET, RESET, SHOW.

use super::cursor::Cursor;
use super::lexer::{self, Kind};
use super::statement::Statement;
use super::transaction::isolation_level;
use super::{rewrite, settings, show};
use crate::protocol::{SqlError, SqlResult};

/// A session's own setting, which says nothing of the database's level.
const ISOLATION: &str = "SELECT 'serializable'::varchar AS transaction_isolation";

pub(super) fn set(
    mut cursor: Cursor<'_>,
    plain: impl Fn() -> SqlResult<Statement>,
) -> SqlResult<Statement> {
    cursor.expect("set")?;
    if cursor.is("session")
        && (cursor.is_at(1, "authorization") || cursor.is_at(1, "characteristics"))
        || cursor.is("transaction")
    {
        if cursor.is("transaction") && cursor.is_at(1, "snapshot") {
            cursor.advance();
            return Err(cursor.unexpected());
        }
        let mut rest = cursor;
        while !rest.at_end() && !rest.is("isolation") {
            rest.advance();
        }
        let isolation = isolation_level(&mut rest)?;
        return if isolation {
            Ok(Statement::Plain("SET TRANSACTION READ WRITE".to_owned()))
        } else {
            plain()
        };
    }
    let scope = if cursor.accept("local") { "LOCAL " } else { "" };
    cursor.accept("session");
    if cursor.is("time") && cursor.is_at(1, "zone") || cursor.is("names") {
        return plain();
    }
    let name = cursor.word()?;
    if name == "redshift_sandbox" && cursor.accept_kind(Kind::Dot) {
        return fail_next(cursor);
    }
    if name == "app_context" && cursor.is_kind(Kind::Dot) {
        return plain();
    }
    let engine_name = settings::engine_name(&name)?;
    if !(cursor.accept("to") || cursor.is_kind(Kind::Operator) && cursor.text() == "=") {
        return Err(cursor.unexpected());
    }
    let mut values = cursor;
    if values.is_kind(Kind::Operator) && values.text() == "=" {
        values.advance();
    }
    let Some(rest) = values
        .tokens
        .get(values.at..)
        .filter(|rest| !rest.is_empty())
    else {
        return Err(values.unexpected());
    };
    let value = match rest {
        [token] if token.kind == Kind::Text => lexer::value_of(token.text(values.sql))?,
        [first, .., last] => values.sql[first.start..last.end].to_owned(),
        [token] => token.text(values.sql).to_owned(),
        [] => String::new(),
    };
    settings::check_value(&name, &value)?;
    let quote = match rest {
        [token]
            if token.kind == Kind::Word
                && engine_name.contains('.')
                && !token.is(values.sql, "default") =>
        {
            let is_on = engine_name.starts_with("redshift.enable_case_sensitive")
                && matches!(&*value.to_ascii_lowercase(), "true" | "t");
            format!("'{}'", if is_on { "on" } else { &value })
        }
        _ => rewrite::rewrite(values.sql, rest)?,
    };
    Ok(Statement::Plain(format!(
        "SET {scope}{engine_name} TO {quote}"
    )))
}

/// `redshift_sandbox.fail_next TO 'failure'`, a setting of the sandbox's own.
fn fail_next(mut cursor: Cursor<'_>) -> SqlResult<Statement> {
    cursor.expect("fail_next")?;
    if !(cursor.accept("to") || cursor.is_kind(Kind::Operator) && cursor.text() == "=") {
        return Err(cursor.unexpected());
    }
    if cursor.is_kind(Kind::Operator) {
        cursor.advance();
    }
    let (text, _) = cursor.literal()?;
    cursor.expect_end()?;
    let fault = text
        .parse()
        .map_err(|error: crate::Error| SqlError::new("22023", error.to_string()))?;
    Ok(Statement::Fail(fault))
}

pub(super) fn reset(mut cursor: Cursor<'_>) -> SqlResult<Statement> {
    cursor.expect("reset")?;
    if cursor.is("app_context") || cursor.accept_all(&["session", "authorization"]) {
        return rewrite::rewrite(cursor.sql, cursor.tokens).map(Statement::Plain);
    }
    let name = cursor.word()?;
    cursor.expect_end()?;
    let name = if name == "all" {
        name
    } else {
        settings::engine_name(&name)?
    };
    Ok(Statement::Plain(format!("RESET {name}")))
}

pub(super) fn show(mut cursor: Cursor<'_>) -> SqlResult<Statement> {
    cursor.expect("show")?;
    let name = cursor.text().to_ascii_lowercase();
    let plain = |sql: String| Ok(Statement::Plain(sql));
    if let Some(query) = show::query(&mut cursor)? {
        return plain(query);
    }
    match &*name {
        "grants" | "procedure" | "procedures" | "function" | "functions" | "parameters"
        | "external" | "constraint" | "constraints" | "policies" | "datashares" | "model" => Err(
            SqlError::not_imitated(&format!("SHOW {}", name.to_ascii_uppercase())),
        ),
        "server_version" => plain("SELECT '8.0.2'::varchar AS server_version".to_owned()),
        "server_encoding" => plain("SELECT 'UNICODE'::varchar AS server_encoding".to_owned()),
        "transaction_isolation" => plain(ISOLATION.to_owned()),
        "transaction" => {
            if !cursor.accept_all(&["transaction", "isolation", "level"]) {
                cursor.advance();
                return Err(cursor.unexpected());
            }
            cursor.expect_end()?;
            plain(ISOLATION.to_owned())
        }
        "is_superuser" | "session_authorization" | "integer_datetimes" => {
            plain(format!("SHOW {name}"))
        }
        "time" => plain("SHOW TIME ZONE".to_owned()),
        "all" => plain(settings::all()),
        "app_context" if cursor.is_kind_at(1, Kind::Dot) => {
            cursor.advance();
            cursor.advance();
            let setting = cursor.word()?;
            cursor.expect_end()?;
            plain(format!("SHOW app_context.{setting}"))
        }
        _ => {
            let engine_name = settings::engine_name(&cursor.word()?)?;
            cursor.expect_end()?;
            if engine_name == "statement_timeout" {
                return plain(format!("SELECT {} AS {name}", settings::TIMEOUT));
            }
            if engine_name == "search_path" {
                return plain(format!("SELECT {} AS {name}", settings::value(&name)?));
            }
            if engine_name.contains('.') {
                return plain(format!("SELECT current_setting('{engine_name}') AS {name}"));
            }
            plain(format!("SHOW {engine_name}"))
        }
    }
}
