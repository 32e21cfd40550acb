//! BEGIN, COMMIT, ROLLBACK.

use super::command::not_supported;
use super::cursor::Cursor;
use super::lexer::Kind;
use super::statement::Statement;
use crate::protocol::SqlResult;

/// A transaction sees what was there when it began to look. A statement of its own, which PostgreSQL runs as `READ
/// COMMITTED`, sees what others have written that it had to wait for.
pub(crate) const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ";

pub(super) fn begin(mut cursor: Cursor<'_>) -> SqlResult<Statement> {
    let start = cursor.accept("start");
    if start {
        cursor.expect("transaction")?;
    } else {
        cursor.expect("begin")?;
        let _ = cursor.accept("work") || cursor.accept("transaction");
    }
    let mut sql = BEGIN.to_owned();
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

pub(super) fn isolation_level(cursor: &mut Cursor<'_>) -> SqlResult<bool> {
    if !cursor.accept_all(&["isolation", "level"]) {
        return Ok(false);
    }
    let known = cursor.accept("serializable")
        || cursor.accept_all(&["read", "committed"])
        || cursor.accept_all(&["read", "uncommitted"])
        || cursor.accept_all(&["repeatable", "read"]);
    if known {
        Ok(true)
    } else {
        Err(cursor.unexpected())
    }
}

pub(super) fn end(mut cursor: Cursor<'_>, statement: Statement) -> SqlResult<Statement> {
    cursor.advance();
    let _ = cursor.accept("work") || cursor.accept("transaction");
    if cursor.is("to") {
        return Err(not_supported(cursor.sql, cursor.tokens));
    }
    cursor.expect_end()?;
    Ok(statement)
}
