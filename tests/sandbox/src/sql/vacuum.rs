//! VACUUM and ANALYZE.

use super::cursor::Cursor;
use super::lexer::Kind;
use super::quote_literal;
use super::statement::Statement;
use crate::protocol::{SqlError, SqlResult};

/// `VACUUM [FULL | SORT ONLY | …] [[table] [TO n PERCENT] [BOOST]]`
pub(super) fn vacuum(mut cursor: Cursor<'_>) -> SqlResult<Statement> {
    cursor.expect("vacuum")?;
    let sort = cursor.accept_all(&["sort", "only"])
        || cursor.accept_all(&["delete", "only"])
        || cursor.accept("full");
    let reindex = !sort && cursor.accept("reindex");
    let recluster = !sort && !reindex && cursor.accept("recluster");
    let named = !cursor.at_end() && !cursor.is("to") && !cursor.is("boost");
    let table = if named {
        Some(cursor.qualified_name()?)
    } else {
        None
    };
    if cursor.is("to") {
        if reindex || recluster || table.is_none() {
            return Err(cursor.unexpected());
        }
        cursor.advance();
        let threshold = cursor.integer()?;
        cursor.expect("percent")?;
        if !(0..=100).contains(&threshold) {
            return Err(SqlError::new(
                "22023",
                "the threshold must be between 0 and 100",
            ));
        }
    }
    if !reindex && table.is_some() {
        cursor.accept("boost");
    }
    cursor.expect_end()?;
    if (reindex || recluster) && table.is_none() {
        return Err(cursor.unexpected());
    }
    let sql = table.map_or("VACUUM".to_owned(), |table| {
        format!("VACUUM {}", table.quoted())
    });
    Ok(Statement::Alone {
        what: "VACUUM",
        tag: "VACUUM",
        sql,
    })
}

/// `ANALYZE [VERBOSE] [table [(columns)]] [PREDICATE COLUMNS | ALL COLUMNS]`
pub(super) fn analyze(mut cursor: Cursor<'_>) -> SqlResult<Statement> {
    cursor.advance();
    if cursor.accept("compression") {
        return compression(cursor);
    }
    cursor.accept("verbose");
    let mut sql = "ANALYZE".to_owned();
    let ends = |cursor: &Cursor<'_>| cursor.at_end() || cursor.is("predicate") || cursor.is("all");
    if !ends(&cursor) {
        sql.push(' ');
        sql.push_str(&cursor.qualified_name()?.quoted());
        if cursor.is_kind(Kind::Open) {
            let columns: Vec<_> = cursor
                .names()?
                .iter()
                .map(|name| super::quote_identifier(name))
                .collect();
            sql.push_str(&format!(" ({})", columns.join(", ")));
        }
    }
    if cursor.accept("predicate") || cursor.accept("all") {
        cursor.expect("columns")?;
    }
    cursor.expect_end()?;
    Ok(Statement::Plain(sql))
}

/// `ANALYZE COMPRESSION [table [(columns)]] [COMPROWS n]`, which finds the encodings good as they are.
fn compression(mut cursor: Cursor<'_>) -> SqlResult<Statement> {
    let mut condition = "relkind = 'r'".to_owned();
    if !cursor.at_end() && !cursor.is("comprows") {
        let table = quote_literal(&cursor.qualified_name()?.quoted());
        condition.push_str(&format!(" AND relid = {table}::regclass"));
        if cursor.is_kind(Kind::Open) {
            let numbers: Vec<_> = cursor
                .names()?
                .iter()
                .map(|name| {
                    format!(
                        "pg_sandbox.attnum({table}::regclass, {})",
                        quote_literal(name)
                    )
                })
                .collect();
            condition.push_str(&format!(" AND attnum IN ({})", numbers.join(", ")));
        }
    }
    if cursor.accept("comprows") && !(1_000..=1_000_000_000).contains(&cursor.integer()?) {
        return Err(SqlError::new(
            "22023",
            "COMPROWS must be between 1000 and 1000000000",
        ));
    }
    cursor.expect_end()?;
    Ok(Statement::Plain(format!(
        "SELECT relname::varchar AS \"Table\", attname::varchar AS \"Column\", \
         replace(encoding, 'none', 'raw')::varchar AS \"Encoding\", '0.00'::varchar AS \"Est_reduction_pct\" \
         FROM pg_sandbox.columns WHERE {condition} ORDER BY nspname, relname, attnum"
    )))
}
