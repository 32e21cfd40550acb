//! CREATE DATABASE and ALTER DATABASE.

use super::cursor::Cursor;
use super::lexer::Kind;
use super::quote_identifier;
use super::statement::Statement;
use crate::protocol::{SqlError, SqlResult};

/// `DATABASE name [WITH] [OWNER [=] user] [CONNECTION LIMIT { n | UNLIMITED }] [COLLATE …] [ISOLATION LEVEL …]`
pub(super) fn create(mut cursor: Cursor<'_>) -> SqlResult<Statement> {
    cursor.expect("database")?;
    let mut sql = format!("CREATE DATABASE {}", quote_identifier(&cursor.name()?));
    cursor.accept("with");
    while !cursor.at_end() {
        if cursor.accept("owner") {
            if cursor.is_kind(Kind::Operator) && cursor.text() == "=" {
                cursor.advance();
            }
            sql.push_str(&format!(" OWNER {}", quote_identifier(&cursor.name()?)));
        } else if cursor.accept_all(&["connection", "limit"]) {
            let limit = if cursor.accept("unlimited") {
                -1
            } else {
                cursor.integer()?
            };
            sql.push_str(&format!(" CONNECTION LIMIT {limit}"));
        } else if cursor.accept("collate") {
            if cursor.accept("case_insensitive") || cursor.accept("ci") {
                return Err(SqlError::not_imitated("COLLATE CASE_INSENSITIVE"));
            }
            if !cursor.accept("case_sensitive") {
                cursor.expect("cs")?;
            }
        } else if cursor.accept_all(&["isolation", "level"]) {
            if cursor.is("serializable") {
                return Err(SqlError::not_imitated(
                    "ISOLATION LEVEL SERIALIZABLE of a database",
                ));
            }
            cursor.expect("snapshot")?;
        } else if cursor.is("from") {
            return Err(SqlError::not_imitated("CREATE DATABASE FROM"));
        } else {
            return Err(cursor.unexpected());
        }
    }
    Ok(Statement::Alone {
        what: "CREATE DATABASE",
        tag: "CREATE DATABASE",
        sql,
    })
}

pub(super) fn alter(
    cursor: Cursor<'_>,
    plain: impl Fn() -> SqlResult<Statement>,
) -> SqlResult<Statement> {
    let sets = |word: &str| cursor.tokens.iter().any(|token| token.is(cursor.sql, word));
    if sets("isolation") || sets("collate") {
        return Err(SqlError::not_imitated(
            "ALTER DATABASE of the isolation level or the collation",
        ));
    }
    plain()
}
