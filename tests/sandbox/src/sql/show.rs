//! SHOW TABLE, VIEW, COLUMNS, TABLES, SCHEMAS and DATABASES, as queries of the system views.

use super::cursor::Cursor;
use super::lexer::Kind;
use super::{quote_identifier, quote_literal};
use crate::protocol::{SqlError, SqlResult};

/// The query that answers what stands behind SHOW; none if it is a setting that is to be shown.
pub(super) fn query(cursor: &mut Cursor<'_>) -> SqlResult<Option<String>> {
    let sql = if cursor.accept("table") {
        definition(cursor, "show_table", "Show Table DDL statement")?
    } else if cursor.accept("view") {
        definition(cursor, "show_view", "Show View DDL statement")?
    } else if cursor.accept_all(&["columns", "from", "table"]) {
        columns(cursor)?
    } else if cursor.accept_all(&["tables", "from", "schema"]) {
        tables(cursor)?
    } else if cursor.accept_all(&["schemas", "from", "database"]) {
        let database = cursor.name()?;
        let condition = format!(
            "pg_sandbox.is_this_database({}){}",
            quote_literal(&database),
            pattern(cursor, "schema_name")?
        );
        format!("SELECT * FROM svv_all_schemas WHERE {condition} ORDER BY schema_name")
    } else if cursor.accept("databases") {
        let pattern = pattern(cursor, "database_name")?;
        format!("SELECT * FROM svv_redshift_databases WHERE true{pattern} ORDER BY database_name")
    } else if ["columns", "tables", "schemas"]
        .iter()
        .any(|word| cursor.accept(word))
    {
        return Err(cursor.unexpected());
    } else {
        return Ok(None);
    };
    let sql = sql + &limit(cursor)?;
    cursor.expect_end()?;
    Ok(Some(sql))
}

fn definition(cursor: &mut Cursor<'_>, function: &str, column: &str) -> SqlResult<String> {
    let relation = quote_literal(&cursor.qualified_name()?.quoted());
    Ok(format!(
        "SELECT pg_sandbox.{function}({relation}::regclass) AS {}",
        quote_identifier(column)
    ))
}

fn columns(cursor: &mut Cursor<'_>) -> SqlResult<String> {
    let parts = parts(cursor)?;
    let (database, schema, table) = match &parts[..] {
        [schema, table] => (None, schema, table),
        [database, schema, table] => (Some(database), schema, table),
        _ => return Err(cursor.unexpected()),
    };
    let relation = format!("{}.{}", quote_identifier(schema), quote_identifier(table));
    let condition = format!(
        "relid = {}::regclass{}{}",
        quote_literal(&relation),
        in_database(database),
        pattern(cursor, "attname")?
    );
    Ok(format!(
        "SELECT current_database()::varchar(128) AS database_name, nspname::varchar(128) AS schema_name, \
         relname::varchar(128) AS table_name, attname::varchar(128) AS column_name, attnum::integer AS ordinal_position, \
         column_default::varchar(4000), CASE WHEN attnotnull THEN 'NO' ELSE 'YES' END::varchar(3) AS is_nullable, \
         data_type::varchar(128), length AS character_maximum_length, precision AS numeric_precision, \
         scale AS numeric_scale, remarks::varchar(256), \
         CASE WHEN sortkey <> 0 THEN (SELECT sortstyle FROM pg_sandbox.table_attributes a WHERE a.relid = c.relid) END::varchar(128) \
         AS sort_key_type, nullif(abs(sortkey), 0) AS sort_key_order, distkey::integer AS distribution_key, \
         encoding::varchar(128), NULL::varchar(128) AS collation \
         FROM pg_sandbox.columns c WHERE {condition} ORDER BY attnum"
    ))
}

fn tables(cursor: &mut Cursor<'_>) -> SqlResult<String> {
    let parts = parts(cursor)?;
    let (database, schema) = match &parts[..] {
        [schema] => (None, schema),
        [database, schema] => (Some(database), schema),
        _ => return Err(cursor.unexpected()),
    };
    let name = quote_literal(schema);
    let condition = format!(
        "{}::regnamespace IS NOT NULL AND schema_name = {name}{}{}",
        quote_literal(&quote_identifier(schema)),
        in_database(database),
        pattern(cursor, "table_name")?
    );
    Ok(format!(
        "SELECT database_name, schema_name, table_name, table_type, table_acl, remarks FROM svv_redshift_tables \
         WHERE {condition} ORDER BY table_name"
    ))
}

fn in_database(database: Option<&String>) -> String {
    database.map_or(String::new(), |database| {
        format!(
            " AND pg_sandbox.is_this_database({})",
            quote_literal(database)
        )
    })
}

/// `[LIKE 'pattern']`
fn pattern(cursor: &mut Cursor<'_>, column: &str) -> SqlResult<String> {
    if !cursor.accept("like") {
        return Ok(String::new());
    }
    let (pattern, _) = cursor.literal()?;
    Ok(format!(" AND {column} LIKE {}", quote_literal(&pattern)))
}

/// `[LIMIT n]`
fn limit(cursor: &mut Cursor<'_>) -> SqlResult<String> {
    if !cursor.accept("limit") {
        return Ok(String::new());
    }
    match cursor.integer()? {
        limit @ 0..=10_000 => Ok(format!(" LIMIT {limit}")),
        limit => Err(SqlError::new(
            "22023",
            format!("the limit {limit} is not between 0 and 10000"),
        )),
    }
}

fn parts(cursor: &mut Cursor<'_>) -> SqlResult<Vec<String>> {
    let mut parts = vec![cursor.name()?];
    while cursor.accept_kind(Kind::Dot) {
        parts.push(cursor.name()?);
    }
    Ok(parts)
}
