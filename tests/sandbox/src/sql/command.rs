//! What a statement is by its first words.

use super::cursor::Cursor;
use super::definition::Definition;
use super::lexer::{Kind, Token};
use super::statement::Statement;
use super::{
    alter_table, create_as, create_table, database, external, grant, late_view, merge, portal,
    quote_literal, refuse, rewrite, routine, set, transaction, user, vacuum,
};
use crate::protocol::{SqlError, SqlResult};

/// Reads a statement that is neither COPY nor UNLOAD.
pub(super) fn read(sql: &str, tokens: &[Token]) -> SqlResult<Statement> {
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
        "cancel" | "attach" | "detach" | "desc" | "describe" | "use" => {
            Err(SqlError::not_imitated(&verb.to_ascii_uppercase()))
        }
        _ => Err(cursor.unexpected()),
    }
}

/// Kinds of objects that the sandbox has none of.
const NOT_IMITATED: [&str; 6] = [
    "datashare",
    "identity",
    "library",
    "masking",
    "model",
    "rls",
];

fn not_imitated(verb: &str, kind: &str) -> SqlError {
    SqlError::not_imitated(&format!("{verb} {}", kind.to_ascii_uppercase()))
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
        "procedure" => routine::procedure(cursor),
        "materialized" if !replaces => create_as::materialized_view(cursor)
            .map(|definition| Statement::Define(Box::new(definition))),
        "schema" if has_quota(cursor) => Err(SqlError::not_imitated("CREATE SCHEMA with QUOTA")),
        "user" if !replaces => user::user(cursor),
        "schema" | "role" | "group" if !replaces => plain(),
        "database" if !replaces => database::create(cursor),
        "external" if !replaces => {
            cursor.advance();
            external::create(cursor).map(|definition| Statement::Define(Box::new(definition)))
        }
        kind if NOT_IMITATED.contains(&kind) => Err(not_imitated("CREATE", kind)),
        "index" => Err(not_supported(cursor.sql, cursor.tokens)),
        "unique" if cursor.is_at(1, "index") => Err(not_supported(cursor.sql, cursor.tokens)),
        "sequence" | "trigger" | "rule" | "type" | "domain" | "aggregate" | "operator"
        | "extension" | "cast" | "tablespace" | "language" | "conversion" => {
            Err(not_supported(cursor.sql, cursor.tokens))
        }
        _ => Err(cursor.unexpected()),
    }
}

fn has_quota(cursor: Cursor<'_>) -> bool {
    let mut tokens = cursor.tokens.iter();
    tokens.any(|token| token.is(cursor.sql, "quota"))
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
    let view = cursor.qualified_name()?;
    if cursor.is("cascade") {
        return Err(SqlError::not_imitated("REFRESH with CASCADE"));
    }
    cursor.accept("restrict");
    cursor.expect_end()?;
    let sql = format!(
        "SELECT pg_sandbox.refresh({})",
        quote_literal(&view.quoted())
    );
    Ok(Statement::Define(Box::new(Definition {
        table: view,
        if_not_exists: false,
        sql,
        query: None,
        records: Vec::new(),
        tag: "REFRESH",
        alone: None,
    })))
}

fn alter(mut cursor: Cursor<'_>, plain: impl Fn() -> SqlResult<Statement>) -> SqlResult<Statement> {
    cursor.expect("alter")?;
    match &*cursor.text().to_ascii_lowercase() {
        "table" => {
            let mut rest = cursor;
            rest.advance();
            match external::partition(rest)? {
                Some(definition) => Ok(Statement::Define(Box::new(definition))),
                None => alter_table::parse(cursor),
            }
        }
        "user" => user::user(cursor),
        "default" => grant::default_privileges(cursor),
        "database" => database::alter(cursor, plain),
        "schema" if has_quota(cursor) => Err(SqlError::not_imitated("ALTER SCHEMA with QUOTA")),
        "schema" | "role" | "group" | "procedure" | "function" => plain(),
        kind if NOT_IMITATED.contains(&kind) || matches!(kind, "materialized" | "external") => {
            Err(not_imitated("ALTER", kind))
        }
        _ => Err(cursor.unexpected()),
    }
}

/// `DROP ROLE name [FORCE | RESTRICT]`
fn drop_role(mut cursor: Cursor<'_>) -> SqlResult<Statement> {
    cursor.expect("role")?;
    let role = cursor.qualified_name()?;
    let forced = cursor.accept("force");
    if !forced {
        cursor.accept("restrict");
    }
    cursor.expect_end()?;
    let sql = format!(
        "SELECT pg_sandbox.check_drop_role({}, {forced}); DROP ROLE {}",
        quote_literal(&role.name),
        role.quoted()
    );
    Ok(Statement::Define(Box::new(Definition {
        table: role,
        if_not_exists: false,
        sql,
        query: None,
        records: Vec::new(),
        tag: "DROP ROLE",
        alone: None,
    })))
}

fn drop_object(
    mut cursor: Cursor<'_>,
    plain: impl Fn() -> SqlResult<Statement>,
) -> SqlResult<Statement> {
    cursor.expect("drop")?;
    match &*cursor.text().to_ascii_lowercase() {
        "role" => drop_role(cursor),
        "table" | "view" | "schema" | "user" | "group" | "function" | "procedure"
        | "materialized" => plain(),
        "database" => Ok(Statement::Alone {
            what: "DROP DATABASE",
            tag: "DROP DATABASE",
            sql: rewrite::rewrite(cursor.sql, cursor.tokens)?,
        }),
        kind if NOT_IMITATED.contains(&kind) || kind == "external" => {
            Err(not_imitated("DROP", kind))
        }
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
