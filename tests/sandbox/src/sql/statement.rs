//! One statement after another: what it is, and what PostgreSQL is to be told.

use super::cursor::Cursor;
use super::definition::Definition;
use super::lexer::{self, Kind, Token};
use super::{alter_table, create_table, refuse, rewrite, settings, vacuum};
use crate::copy;
use crate::protocol::{SqlError, SqlResult};
use crate::unload;

/// AWS's limit on the text of a statement.
pub(crate) const LONGEST_STATEMENT: usize = 16 * 1024 * 1024;

#[derive(Clone, Debug)]
pub(crate) enum Statement {
    /// For PostgreSQL, in its own words.
    Plain(String),
    Begin(String),
    Commit,
    Rollback,
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
}

impl Statement {
    /// Whether PostgreSQL can be left alone with it.
    pub(crate) fn is_plain(&self) -> bool {
        matches!(
            self,
            Self::Plain(_) | Self::Begin(_) | Self::Commit | Self::Rollback
        )
    }

    /// What PostgreSQL is told, if it is told all in one statement.
    pub(crate) fn plain_text(&self) -> &str {
        match self {
            Self::Plain(sql) | Self::Begin(sql) => sql,
            Self::Commit => "COMMIT",
            Self::Rollback => "ROLLBACK",
            _ => "",
        }
    }
}

/// The statements of a text, each as far as it could be understood. A syntax error anywhere spoils all of them, any other
/// refusal only those from there on.
pub(crate) fn analyze(sql: &str) -> SqlResult<Vec<SqlResult<Statement>>> {
    if sql.len() > LONGEST_STATEMENT {
        return Err(SqlError::new(
            "54000",
            "Statement is too large. Statement Size: the maximum is 16777216 bytes.",
        ));
    }
    let tokens = lexer::tokens(sql)?;
    let mut statements = Vec::new();
    for tokens in tokens
        .split(|token| token.kind == Kind::Semicolon)
        .filter(|tokens| !tokens.is_empty())
    {
        match statement(sql, tokens) {
            Err(error) if error.code == "42601" => return Err(error),
            result => statements.push(result),
        }
    }
    Ok(statements)
}

/// The only statement of a text that is prepared.
pub(crate) fn analyze_one(sql: &str, types: &[u32]) -> SqlResult<Option<Statement>> {
    refuse::check_types(types)?;
    if types.contains(&20) {
        refuse::check_limit(sql, &lexer::tokens(sql)?, types)?;
    }
    let mut statements = analyze(sql)?;
    if statements.len() > 1 {
        return Err(SqlError::new(
            "42601",
            "cannot insert multiple commands into a prepared statement",
        ));
    }
    statements.pop().transpose()
}

fn statement(sql: &str, tokens: &[Token]) -> SqlResult<Statement> {
    let mut cursor = Cursor::new(sql, tokens);
    let verb = cursor.text().to_ascii_lowercase();
    match &*verb {
        "copy" => return Ok(Statement::Copy(Box::new(copy::parse(cursor)?))),
        "unload" => return Ok(Statement::Unload(Box::new(unload::parse(cursor)?))),
        _ => {}
    }
    refuse::check(sql, tokens)?;
    let plain = || Ok(Statement::Plain(rewrite::rewrite(sql, tokens)));
    match &*verb {
        "(" | "select" | "with" | "insert" | "update" | "delete" | "execute" | "close"
        | "fetch" | "declare" | "call" | "comment" | "refresh" => plain(),
        "merge" => merge(cursor, plain),
        "begin" | "start" => begin(cursor),
        "commit" | "end" => end_transaction(cursor, Statement::Commit),
        "rollback" | "abort" => end_transaction(cursor, Statement::Rollback),
        "savepoint" | "release" | "listen" | "notify" | "unlisten" => {
            Err(not_supported(sql, tokens))
        }
        "create" => create(cursor, plain),
        "alter" => alter(cursor, plain),
        "drop" => drop_object(cursor, plain),
        "set" => set(cursor, plain),
        "reset" => reset(cursor),
        "show" => show(cursor),
        "explain" => explain(cursor, plain),
        "prepare" => prepare(cursor, plain),
        "deallocate" => {
            cursor.at = 1;
            cursor.accept("prepare");
            if cursor.is("all") {
                Err(cursor.unexpected())
            } else {
                plain()
            }
        }
        "lock" => match tokens
            .iter()
            .find(|token| token.is(sql, "in") || token.is(sql, "only"))
        {
            Some(token) => Err(SqlError::syntax(token.text(sql))),
            None => plain(),
        },
        "truncate" => Ok(Statement::Truncate(rewrite::rewrite(sql, tokens))),
        "vacuum" => vacuum::vacuum(cursor),
        "analyze" | "analyse" => vacuum::analyze(cursor),
        "grant" | "revoke" if cursor.is_at(1, "assumerole") => {
            Err(SqlError::not_imitated("GRANT ASSUMEROLE"))
        }
        "grant" | "revoke" => plain(),
        "cancel" => Err(SqlError::not_imitated("CANCEL")),
        _ => Err(cursor.unexpected()),
    }
}

fn not_supported(sql: &str, tokens: &[Token]) -> SqlError {
    let text = tokens
        .first()
        .zip(tokens.last())
        .map_or("", |(first, last)| &sql[first.start..last.end]);
    SqlError::unsupported(format!("SQL command \"{text}\" not supported."))
}

fn begin(mut cursor: Cursor<'_>) -> SqlResult<Statement> {
    let start = cursor.accept("start");
    if start {
        cursor.expect("transaction")?;
    } else {
        cursor.expect("begin")?;
        let _ = cursor.accept("work") || cursor.accept("transaction");
    }
    let mut sql = "BEGIN".to_owned();
    while !cursor.at_end() {
        cursor.accept_kind(Kind::Comma);
        if isolation_level(&mut cursor)? {
            // Every level acts as the database's.
        } else if cursor.accept_all(&["read", "only"]) {
            sql.push_str(" READ ONLY");
        } else if cursor.accept_all(&["read", "write"]) {
            sql.push_str(" READ WRITE");
        } else {
            return Err(cursor.unexpected());
        }
    }
    Ok(Statement::Begin(sql))
}

fn isolation_level(cursor: &mut Cursor<'_>) -> SqlResult<bool> {
    if !cursor.accept_all(&["isolation", "level"]) {
        return Ok(false);
    }
    let known = cursor.accept("serializable")
        || cursor.accept("snapshot")
        || cursor.accept_all(&["read", "committed"])
        || cursor.accept_all(&["read", "uncommitted"])
        || cursor.accept_all(&["repeatable", "read"]);
    if known {
        Ok(true)
    } else {
        Err(cursor.unexpected())
    }
}

fn end_transaction(mut cursor: Cursor<'_>, statement: Statement) -> SqlResult<Statement> {
    cursor.advance();
    let _ = cursor.accept("work") || cursor.accept("transaction");
    if cursor.is("to") {
        return Err(not_supported(cursor.sql, cursor.tokens));
    }
    cursor.expect_end()?;
    Ok(statement)
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
        "view" => view(cursor, plain),
        "function" | "procedure" => plain(),
        "materialized" if !replaces => create_table::parse_materialized_view(cursor)
            .map(|definition| Statement::Define(Box::new(definition))),
        "schema"
            if cursor
                .tokens
                .iter()
                .any(|token| token.is(cursor.sql, "quota")) =>
        {
            Err(SqlError::not_imitated("CREATE SCHEMA with QUOTA"))
        }
        "schema" | "user" | "role" | "group" if !replaces => plain(),
        "database" if !replaces => Ok(Statement::Alone {
            what: "CREATE DATABASE",
            tag: "CREATE DATABASE",
            sql: rewrite::rewrite(cursor.sql, cursor.tokens),
        }),
        "external" => Err(SqlError::not_imitated("CREATE EXTERNAL")),
        "index" => Err(not_supported(cursor.sql, cursor.tokens)),
        "unique" if cursor.is_at(1, "index") => Err(not_supported(cursor.sql, cursor.tokens)),
        "sequence" | "trigger" | "rule" | "type" | "domain" | "aggregate" | "operator"
        | "extension" | "cast" | "tablespace" | "language" | "conversion" => {
            Err(not_supported(cursor.sql, cursor.tokens))
        }
        _ => Err(cursor.unexpected()),
    }
}

fn view(cursor: Cursor<'_>, plain: impl Fn() -> SqlResult<Statement>) -> SqlResult<Statement> {
    let tokens = cursor.tokens;
    // The sandbox binds late-binding views all the same.
    let clause = ["with", "no", "schema", "binding"];
    let late = tokens.len() > clause.len()
        && clause
            .iter()
            .zip(&tokens[tokens.len() - clause.len()..])
            .all(|(word, token)| token.is(cursor.sql, word));
    if late {
        return Ok(Statement::Plain(rewrite::rewrite(
            cursor.sql,
            &tokens[..tokens.len() - clause.len()],
        )));
    }
    plain()
}

fn alter(mut cursor: Cursor<'_>, plain: impl Fn() -> SqlResult<Statement>) -> SqlResult<Statement> {
    cursor.expect("alter")?;
    match &*cursor.text().to_ascii_lowercase() {
        "table" => alter_table::parse(cursor),
        "schema" | "user" | "role" | "group" | "database" | "default" | "procedure"
        | "function" => plain(),
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
            sql: rewrite::rewrite(cursor.sql, cursor.tokens),
        }),
        _ => Err(cursor.unexpected()),
    }
}

fn set(mut cursor: Cursor<'_>, plain: impl Fn() -> SqlResult<Statement>) -> SqlResult<Statement> {
    cursor.expect("set")?;
    if cursor.is("session")
        && (cursor.is_at(1, "authorization") || cursor.is_at(1, "characteristics"))
        || cursor.is("transaction")
    {
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
    let name = cursor.name()?;
    let engine_name = settings::engine_name(&name)?;
    if !(cursor.accept("to") || cursor.is_kind(Kind::Operator) && cursor.text() == "=") {
        return Err(cursor.unexpected());
    }
    let mut values = cursor;
    if values.is_kind(Kind::Operator) {
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
            format!("'{value}'")
        }
        _ => rewrite::rewrite(values.sql, rest),
    };
    Ok(Statement::Plain(format!(
        "SET {scope}{engine_name} TO {quote}"
    )))
}

fn reset(mut cursor: Cursor<'_>) -> SqlResult<Statement> {
    cursor.expect("reset")?;
    let name = cursor.name()?;
    cursor.expect_end()?;
    let name = if name == "all" {
        name
    } else {
        settings::engine_name(&name)?
    };
    Ok(Statement::Plain(format!("RESET {name}")))
}

fn show(mut cursor: Cursor<'_>) -> SqlResult<Statement> {
    cursor.expect("show")?;
    let name = cursor.text().to_ascii_lowercase();
    let plain = |sql: String| Ok(Statement::Plain(sql));
    match &*name {
        "tables" | "columns" | "schemas" | "databases" | "table" | "view" | "grants"
        | "procedure" | "external" => Err(SqlError::not_imitated(&format!(
            "SHOW {}",
            name.to_ascii_uppercase()
        ))),
        "server_version" => plain("SELECT '8.0.2'::varchar AS server_version".to_owned()),
        "server_encoding" => plain("SELECT 'UNICODE'::varchar AS server_encoding".to_owned()),
        "is_superuser"
        | "session_authorization"
        | "transaction_isolation"
        | "integer_datetimes" => plain(format!("SHOW {name}")),
        "time" => plain("SHOW TIME ZONE".to_owned()),
        "all" => plain("SHOW ALL".to_owned()),
        _ => {
            let engine_name = settings::engine_name(&cursor.name()?)?;
            cursor.expect_end()?;
            if engine_name.contains('.') {
                return plain(format!("SELECT current_setting('{engine_name}') AS {name}"));
            }
            plain(format!("SHOW {engine_name}"))
        }
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
    cursor.name()?;
    if cursor.is_kind(Kind::Open) {
        cursor.skip_parentheses()?;
    }
    cursor.expect("as")?;
    if ["select", "insert", "update", "delete", "with"]
        .iter()
        .any(|verb| cursor.is(verb))
        || cursor.is_kind(Kind::Open)
    {
        plain()
    } else {
        Err(cursor.unexpected())
    }
}

/// Redshift wants both branches, and knows no others.
fn merge(cursor: Cursor<'_>, plain: impl Fn() -> SqlResult<Statement>) -> SqlResult<Statement> {
    let words: Vec<_> = cursor
        .tokens
        .iter()
        .map(|token| token.text(cursor.sql).to_ascii_lowercase())
        .collect();
    let has = |pattern: &[&str]| words.windows(pattern.len()).any(|window| window == pattern);
    if has(&["remove", "duplicates"]) {
        return Err(SqlError::not_imitated("MERGE with REMOVE DUPLICATES"));
    }
    if has(&["do", "nothing"]) {
        return Err(SqlError::syntax("do"));
    }
    if has(&["when", "matched", "then"]) && has(&["when", "not", "matched", "then"]) {
        plain()
    } else {
        Err(SqlError::syntax(""))
    }
}
