//! One statement after another: what it is, and what PostgreSQL is to be told.

use std::ops::Range;

use super::cursor::Cursor;
use super::definition::Definition;
use super::lexer::{self, Kind, Token};
use super::query_type::QueryType;
use super::{command, refuse};
use crate::copy;
use crate::fault::Fault;
use crate::protocol::{SqlError, SqlResult};
use crate::unload;

/// AWS's limit on the text of a statement.
pub(crate) const LONGEST_STATEMENT: usize = 16 * 1024 * 1024;

#[derive(Clone, Debug)]
pub(crate) enum Statement {
    /// For PostgreSQL, in its own words.
    Plain(String),
    /// For PostgreSQL too: it changes rows of a table, which it locks against others that do.
    Change {
        table: String,
        sql: String,
    },
    Begin(String),
    Commit,
    Rollback,
    /// Prepares a [`Change`](Self::Change).
    Prepare {
        name: String,
        table: String,
        sql: String,
    },
    /// Runs what was prepared.
    Execute {
        name: String,
        sql: String,
    },
    /// Forgets a prepared statement.
    Deallocate {
        name: String,
        sql: String,
    },
    /// Changes a table, and what Redshift knows of it besides.
    Define(Box<Definition>),
    /// Commits the transaction that is open.
    Truncate(String),
    /// Refused where a transaction is open; this is what PostgreSQL is told.
    Alone {
        what: &'static str,
        tag: &'static str,
        sql: String,
    },
    Copy(Box<copy::Statement>),
    Unload(Box<unload::Statement>),
    /// Asks for a failure.
    Fail(Fault),
}

impl Statement {
    /// Whether PostgreSQL can be left alone with it.
    pub(crate) fn is_plain(&self) -> bool {
        matches!(
            self,
            Self::Plain(_)
                | Self::Change { .. }
                | Self::Begin(_)
                | Self::Commit
                | Self::Rollback
                | Self::Prepare { .. }
                | Self::Execute { .. }
                | Self::Deallocate { .. }
        )
    }

    /// Whether it opens a cursor.
    pub(crate) fn declares(&self) -> bool {
        self.verb().eq_ignore_ascii_case("declare")
    }

    /// Its first word.
    pub(crate) fn verb(&self) -> &str {
        let text = match self {
            Self::Copy(_) => "copy",
            Self::Unload(_) => "unload",
            Self::Truncate(_) => "truncate",
            Self::Fail(_) => "set",
            Self::Define(definition) => definition.tag,
            Self::Alone { tag, .. } => tag,
            plain => plain.plain_text(),
        };
        text.split(|character: char| !character.is_ascii_alphabetic())
            .next()
            .filter(|word| !word.is_empty())
            .unwrap_or("select")
    }

    /// The query that it is or is made of, or the change, as PostgreSQL is to prepare it.
    pub(crate) fn query(&self) -> Option<&str> {
        match self {
            Self::Define(definition) => definition.query.as_ref().map(|query| &*query.sql),
            Self::Plain(sql) | Self::Change { sql, .. } => Some(sql),
            _ => None,
        }
    }

    /// What PostgreSQL is told, if it is told all in one statement.
    pub(crate) fn plain_text(&self) -> &str {
        match self {
            Self::Plain(sql)
            | Self::Change { sql, .. }
            | Self::Begin(sql)
            | Self::Prepare { sql, .. }
            | Self::Execute { sql, .. }
            | Self::Deallocate { sql, .. } => sql,
            Self::Commit => "COMMIT",
            Self::Rollback => "ROLLBACK",
            _ => "",
        }
    }
}

/// One of the statements of a text.
#[derive(Debug)]
pub(crate) struct Part {
    /// Where it stands, with the comments before it and its semicolon.
    pub(crate) place: Range<usize>,
    pub(crate) kind: QueryType,
    /// What it is, as far as it could be understood.
    pub(crate) statement: SqlResult<Statement>,
}

/// The statements of a text. A syntax error anywhere spoils all of them, any other refusal only those from there on.
pub(crate) fn analyze(sql: &str) -> SqlResult<Vec<Part>> {
    if sql.len() > LONGEST_STATEMENT {
        return Err(SqlError::new(
            "54000",
            "Statement is too large. Statement Size: the maximum is 16777216 bytes.",
        ));
    }
    let tokens = lexer::tokens(sql)?;
    let mut parts = Vec::new();
    let mut start = 0;
    for tokens in tokens.split_inclusive(|token| token.kind == Kind::Semicolon) {
        let end = tokens.last().map_or(start, |token| token.end);
        let tokens = match tokens {
            [tokens @ .., last] if last.kind == Kind::Semicolon => tokens,
            tokens => tokens,
        };
        if !tokens.is_empty() {
            let (kind, statement) = understand(sql, tokens);
            #[cfg(debug_assertions)]
            if let Ok(statement) = &statement {
                super::trace::record(statement);
            }
            if let Err(error) = &statement
                && error.code == "42601"
            {
                return Err(error.clone());
            }
            parts.push(Part {
                place: start..end,
                kind,
                statement,
            });
        }
        start = end;
    }
    Ok(parts)
}

/// The only statement of a text that is prepared.
pub(crate) fn analyze_one(sql: &str, types: &[u32]) -> SqlResult<Option<(QueryType, Statement)>> {
    refuse::check_types(types)?;
    refuse::check_untyped(sql, types)?;
    if types.contains(&20) {
        refuse::check_limit(sql, &lexer::tokens(sql)?, types)?;
    }
    let mut parts = analyze(sql)?;
    if parts.len() > 1 {
        return Err(SqlError::new(
            "42601",
            "cannot insert multiple commands into a prepared statement",
        ));
    }
    let part = parts.pop();
    part.map(|part| Ok((part.kind, part.statement?)))
        .transpose()
}

fn understand(sql: &str, tokens: &[Token]) -> (QueryType, SqlResult<Statement>) {
    let kind = QueryType::of(sql, tokens);
    let cursor = Cursor::new(sql, tokens);
    if let Err(error) = check_lengths(sql, tokens) {
        return (kind, Err(error));
    }
    match kind.name {
        "COPY" => {
            let parsed = copy::parse(cursor);
            (kind, parsed.map(|copy| Statement::Copy(Box::new(copy))))
        }
        "UNLOAD" => {
            let parsed = unload::parse(cursor);
            (
                kind,
                parsed.map(|unload| Statement::Unload(Box::new(unload))),
            )
        }
        _ => match refuse::check(sql, tokens) {
            Ok(names) => (kind.reading(&names), command::read(sql, tokens)),
            Err(error) => (kind, Err(error)),
        },
    }
}

/// PostgreSQL would cut longer names, and mix up those that begin alike; Redshift's go up to 127 bytes.
fn check_lengths(sql: &str, tokens: &[Token]) -> SqlResult<()> {
    const LONGEST: usize = 63;
    let too_long = |token: &&Token| match token.kind {
        Kind::Word | Kind::Temporary => token.end - token.start > LONGEST,
        Kind::Quoted => {
            token.end - token.start > LONGEST + 2
                && token.text(sql).replace("\"\"", "\"").len() > LONGEST + 2
        }
        _ => false,
    };
    match tokens.iter().find(too_long) {
        Some(token) => Err(SqlError::not_imitated("A name of more than 63 bytes")
            .detail(token.text(sql).to_owned())),
        None => Ok(()),
    }
}
