//! One statement after another: what it is, and what PostgreSQL is to be told.

use std::ops::Range;

use super::cursor::Cursor;
use super::definition::Definition;
use super::lexer::{self, Kind, Token};
use super::query_type::QueryType;
use super::{
    alter_table, create_as, create_table, database, grant, late_view, merge, portal, refuse,
    rewrite, routine, set, transaction, user, vacuum,
};
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
            Ok(names) => (kind.reading(&names), statement(sql, tokens)),
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

fn statement(sql: &str, tokens: &[Token]) -> SqlResult<Statement> {
    let mut cursor = Cursor::new(sql, tokens);
    let verb = cursor.text().to_ascii_lowercase();
    let plain = || {
        let rewritten = rewrite::rewrite(sql, tokens)?;
        Ok(match refuse::changed_table(sql, tokens)? {
            Some(table) => Statement::Change {
                table,
                sql: rewritten,
            },
            None => Statement::Plain(rewritten),
        })
    };
    match &*verb {
        "select" | "with" => match create_as::select_into(sql, tokens)? {
            Some(definition) => Ok(Statement::Define(Box::new(definition))),
            None => plain(),
        },
        "(" | "insert" | "update" | "delete" | "close" | "call" => plain(),
        "execute" => {
            cursor.advance();
            Ok(Statement::Execute {
                name: cursor.name()?,
                sql: rewrite::rewrite(sql, tokens)?,
            })
        }
        "declare" => portal::declare(cursor, plain),
        "fetch" => portal::fetch(cursor, plain),
        "comment" => grant::comment(cursor, plain),
        "refresh" => refresh(cursor),
        "merge" => merge::merge(cursor, plain),
        "begin" | "start" => transaction::begin(cursor),
        "commit" | "end" => transaction::end(cursor, Statement::Commit),
        "rollback" | "abort" => transaction::end(cursor, Statement::Rollback),
        "savepoint" | "release" | "listen" | "notify" | "unlisten" => {
            Err(not_supported(sql, tokens))
        }
        "create" => create(cursor, plain),
        "alter" => alter(cursor, plain),
        "drop" => drop_object(cursor, plain),
        "set" => set::set(cursor, plain),
        "reset" => set::reset(cursor),
        "show" => set::show(cursor),
        "explain" => explain(cursor, plain),
        "prepare" => prepare(cursor, plain),
        "deallocate" => {
            cursor.at = 1;
            cursor.accept("prepare");
            if cursor.is("all") {
                return Err(cursor.unexpected());
            }
            Ok(Statement::Deallocate {
                name: cursor.name()?,
                sql: rewrite::rewrite(sql, tokens)?,
            })
        }
        "lock" => {
            cursor.advance();
            cursor.accept("table");
            cursor.skip_name()?;
            while cursor.accept_kind(Kind::Comma) {
                cursor.skip_name()?;
            }
            cursor.expect_end()?;
            plain()
        }
        "truncate" => truncate(cursor),
        "vacuum" => vacuum::vacuum(cursor),
        "analyze" | "analyse" => vacuum::analyze(cursor),
        "grant" | "revoke" => grant::grant(cursor),
        "cancel" => Err(SqlError::not_imitated("CANCEL")),
        _ => Err(cursor.unexpected()),
    }
}

pub(super) fn not_supported(sql: &str, tokens: &[Token]) -> SqlError {
    let text = tokens
        .first()
        .zip(tokens.last())
        .map_or("", |(first, last)| &sql[first.start..last.end]);
    SqlError::unsupported(format!("SQL command \"{text}\" not supported."))
}

fn create(
    mut cursor: Cursor<'_>,
    plain: impl Fn() -> SqlResult<Statement>,
) -> SqlResult<Statement> {
    cursor.expect("create")?;
    let replaces = cursor.accept_all(&["or", "replace"]);
    let mut rest = cursor;
    let _ = rest.accept("local");
    let temporary = rest.accept("temp") || rest.accept("temporary");
    if !replaces && rest.accept("table") {
        return create_table::parse(rest, temporary)
            .map(|definition| Statement::Define(Box::new(definition)));
    }
    match &*cursor.text().to_ascii_lowercase() {
        "view" if late_view::is_late(cursor) => late_view::parse(cursor, replaces)
            .map(|definition| Statement::Define(Box::new(definition))),
        "view" => create_as::view(cursor, replaces)
            .map(|definition| Statement::Define(Box::new(definition))),
        "function" => routine::function(cursor),
        "procedure" => routine::procedure(cursor, plain),
        "materialized" if !replaces => create_as::materialized_view(cursor)
            .map(|definition| Statement::Define(Box::new(definition))),
        "schema"
            if cursor
                .tokens
                .iter()
                .any(|token| token.is(cursor.sql, "quota")) =>
        {
            Err(SqlError::not_imitated("CREATE SCHEMA with QUOTA"))
        }
        "user" if !replaces => user::user(cursor),
        "schema" | "role" | "group" if !replaces => plain(),
        "database" if !replaces => database::create(cursor),
        "external" | "library" | "datashare" | "model" => Err(SqlError::not_imitated(&format!(
            "CREATE {}",
            cursor.text().to_ascii_uppercase()
        ))),
        "index" => Err(not_supported(cursor.sql, cursor.tokens)),
        "unique" if cursor.is_at(1, "index") => Err(not_supported(cursor.sql, cursor.tokens)),
        "sequence" | "trigger" | "rule" | "type" | "domain" | "aggregate" | "operator"
        | "extension" | "cast" | "tablespace" | "language" | "conversion" => {
            Err(not_supported(cursor.sql, cursor.tokens))
        }
        _ => Err(cursor.unexpected()),
    }
}

/// `TRUNCATE [TABLE] name`
fn truncate(mut cursor: Cursor<'_>) -> SqlResult<Statement> {
    cursor.expect("truncate")?;
    cursor.accept("table");
    cursor.skip_name()?;
    cursor.expect_end()?;
    rewrite::rewrite(cursor.sql, cursor.tokens).map(Statement::Truncate)
}

/// `REFRESH MATERIALIZED VIEW name [RESTRICT]`
fn refresh(mut cursor: Cursor<'_>) -> SqlResult<Statement> {
    cursor.expect("refresh")?;
    cursor.expect("materialized")?;
    cursor.expect("view")?;
    let view = cursor.qualified_name()?.quoted();
    if cursor.is("cascade") {
        return Err(SqlError::not_imitated("REFRESH with CASCADE"));
    }
    cursor.accept("restrict");
    cursor.expect_end()?;
    Ok(Statement::Plain(format!(
        "REFRESH MATERIALIZED VIEW {view}"
    )))
}

fn alter(mut cursor: Cursor<'_>, plain: impl Fn() -> SqlResult<Statement>) -> SqlResult<Statement> {
    cursor.expect("alter")?;
    match &*cursor.text().to_ascii_lowercase() {
        "table" => alter_table::parse(cursor),
        "user" => user::user(cursor),
        "default" => grant::default_privileges(cursor),
        "database" => database::alter(cursor, plain),
        "schema"
            if cursor
                .tokens
                .iter()
                .any(|token| token.is(cursor.sql, "quota")) =>
        {
            Err(SqlError::not_imitated("ALTER SCHEMA with QUOTA"))
        }
        "schema" | "role" | "group" | "procedure" | "function" => plain(),
        "materialized" | "external" | "datashare" => Err(SqlError::not_imitated(&format!(
            "ALTER {}",
            cursor.text().to_ascii_uppercase()
        ))),
        _ => Err(cursor.unexpected()),
    }
}

fn drop_object(
    mut cursor: Cursor<'_>,
    plain: impl Fn() -> SqlResult<Statement>,
) -> SqlResult<Statement> {
    cursor.expect("drop")?;
    match &*cursor.text().to_ascii_lowercase() {
        "table" | "view" | "schema" | "user" | "role" | "group" | "function" | "procedure"
        | "materialized" => plain(),
        "database" => Ok(Statement::Alone {
            what: "DROP DATABASE",
            tag: "DROP DATABASE",
            sql: rewrite::rewrite(cursor.sql, cursor.tokens)?,
        }),
        "external" | "library" | "datashare" | "model" => Err(SqlError::not_imitated(&format!(
            "DROP {}",
            cursor.text().to_ascii_uppercase()
        ))),
        _ => Err(cursor.unexpected()),
    }
}

fn explain(
    mut cursor: Cursor<'_>,
    plain: impl Fn() -> SqlResult<Statement>,
) -> SqlResult<Statement> {
    cursor.expect("explain")?;
    cursor.accept("verbose");
    if cursor.is("analyze") || cursor.is("analyse") {
        return Err(cursor.unexpected());
    }
    if cursor.is_kind(Kind::Open)
        && !(cursor.is_at(1, "select")
            || cursor.is_at(1, "with")
            || cursor.is_kind_at(1, Kind::Open))
    {
        cursor.advance();
        return Err(cursor.unexpected());
    }
    plain()
}

fn prepare(
    mut cursor: Cursor<'_>,
    plain: impl Fn() -> SqlResult<Statement>,
) -> SqlResult<Statement> {
    cursor.expect("prepare")?;
    let name = cursor.name()?;
    if cursor.is_kind(Kind::Open) {
        cursor.skip_parentheses()?;
    }
    cursor.expect("as")?;
    let known = ["select", "insert", "update", "delete", "with"]
        .iter()
        .any(|verb| cursor.is(verb));
    if !known && !cursor.is_kind(Kind::Open) {
        return Err(cursor.unexpected());
    }
    match refuse::changed_table(cursor.sql, &cursor.tokens[cursor.at..])? {
        Some(table) => Ok(Statement::Prepare {
            name,
            table,
            sql: rewrite::rewrite(cursor.sql, cursor.tokens)?,
        }),
        None => plain(),
    }
}
