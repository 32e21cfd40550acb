//! ALTER TABLE.

use super::column_type::column_type;
use super::create_table::{check_bytes, column_name, column_text};
use super::cursor::{Cursor, Name};
use super::definition::{
    Attributes, Constraint, Definition, columns, diststyle, encoding, set_column, sortkey_records,
};
use super::lexer::Kind;
use super::statement::Statement;
use super::{quote_identifier, quote_literal};
use crate::protocol::{SqlError, SqlResult};

/// Reads what follows `ALTER`.
pub(super) fn parse(mut cursor: Cursor<'_>) -> SqlResult<Statement> {
    cursor.expect("table")?;
    let table = cursor.qualified_name()?;
    let definition = action(&mut cursor, table)?;
    cursor.expect_end()?;
    Ok(Statement::Define(Box::new(definition)))
}

fn action(cursor: &mut Cursor<'_>, table: Name) -> SqlResult<Definition> {
    let head = format!("ALTER TABLE {}", table.quoted());
    let only_sql = |table: Name, sql: String| definition(table, sql, Vec::new());
    if cursor.accept("add") {
        return add(cursor, table, &head);
    }
    if cursor.accept("drop") {
        if cursor.accept("constraint") {
            let name = cursor.name()?;
            let _ = cursor.accept("restrict") || cursor.accept("cascade");
            let record = format!(
                "SELECT pg_sandbox.drop_constraint({}, {})",
                table.regclass(),
                quote_literal(&name)
            );
            return Ok(only_records(table, vec![record]));
        }
        cursor.accept("column");
        let column = cursor.name()?;
        let behavior = if cursor.accept("cascade") {
            " CASCADE"
        } else {
            ""
        };
        cursor.accept("restrict");
        let sql = format!(
            "SELECT pg_sandbox.check_drop({}, {}); {head} DROP COLUMN {}{behavior}",
            table.regclass(),
            quote_literal(&column),
            quote_identifier(&column)
        );
        return Ok(only_sql(table, sql));
    }
    if cursor.accept_all(&["owner", "to"]) {
        let owner = quote_identifier(&cursor.name()?);
        return Ok(only_sql(table, format!("{head} OWNER TO {owner}")));
    }
    if cursor.accept_all(&["rename", "to"]) {
        let name = cursor.name()?;
        let sql = format!(
            "SELECT pg_sandbox.rename_table({}, {}); {head} RENAME TO {}",
            table.regclass(),
            quote_literal(&name),
            quote_identifier(&name)
        );
        return Ok(only_sql(table, sql));
    }
    if cursor.accept_all(&["rename", "column"]) {
        let from = cursor.name()?;
        cursor.expect("to")?;
        let to = column_name(cursor)?;
        let sql = format!(
            "SELECT pg_sandbox.rename_column({}, {}, {}); {head} RENAME COLUMN {} TO {}",
            table.regclass(),
            quote_literal(&from),
            quote_literal(&to),
            quote_identifier(&from),
            quote_identifier(&to)
        );
        return Ok(only_sql(table, sql));
    }
    if cursor.accept_all(&["append", "from"]) {
        let source = cursor.qualified_name()?.quoted();
        let ignores = cursor.accept("ignoreextra");
        let fills = !ignores && cursor.accept("filltarget");
        let sql = format!(
            "SELECT pg_sandbox.append({}::regclass, {}::regclass, {ignores}, {fills})",
            quote_literal(&table.quoted()),
            quote_literal(&source)
        );
        let mut definition = only_sql(table, sql);
        definition.alone = Some("ALTER TABLE APPEND");
        return Ok(definition);
    }
    let is_external = cursor.is("set")
        && ["location", "file", "table"]
            .iter()
            .any(|word| cursor.is_at(1, word));
    if cursor.is("row") || cursor.is("masking") || is_external || cursor.is("partition") {
        return Err(SqlError::not_imitated(&format!(
            "ALTER TABLE {}",
            cursor.text().to_ascii_uppercase()
        )));
    }
    cursor.expect("alter")?;
    if cursor.accept("column") {
        return alter_column(cursor, table, &head);
    }
    alter_attributes(cursor, table)
}

fn definition(table: Name, sql: String, records: Vec<String>) -> Definition {
    Definition {
        table,
        if_not_exists: false,
        sql,
        query: None,
        records,
        tag: "ALTER TABLE",
        alone: None,
    }
}

/// Touches PostgreSQL's table only to see that it exists.
fn only_records(table: Name, records: Vec<String>) -> Definition {
    let sql = format!("SELECT {}::regclass", quote_literal(&table.quoted()));
    definition(table, sql, records)
}

fn add(cursor: &mut Cursor<'_>, table: Name, head: &str) -> SqlResult<Definition> {
    let named = cursor.accept("constraint");
    if named || cursor.is("unique") || cursor.is("primary") || cursor.is("foreign") {
        let name = if named { Some(cursor.name()?) } else { None };
        let record = Constraint::parse(cursor, name)?.record(&table);
        return Ok(only_records(table, vec![record]));
    }
    if cursor.is("check") {
        return Err(cursor.unexpected());
    }
    cursor.accept("column");
    let column = column_name(cursor)?;
    let mut attributes = Attributes::default();
    let text = column_text(cursor, &table, &column, &mut attributes, None)?;
    if text.contains(" NOT NULL") && !text.contains(" DEFAULT ") {
        return Err(SqlError::unsupported(
            "ALTER TABLE ADD COLUMN defined as NOT NULL must have a non-null default expression",
        ));
    }
    let mut records = attributes.encoding_records(&table);
    if !records.is_empty() {
        records.push(without_auto(&table));
    }
    Ok(definition(
        table,
        format!("{head} ADD COLUMN {} {text}", quote_identifier(&column)),
        records,
    ))
}

fn alter_column(cursor: &mut Cursor<'_>, table: Name, head: &str) -> SqlResult<Definition> {
    let mut column = cursor.name()?;
    if cursor.accept("type") {
        let at = cursor.at;
        let new_type = column_type(cursor, &table.name, &column)?;
        if !new_type.starts_with("varchar") {
            let text = cursor.tokens[at].text(cursor.sql);
            return Err(SqlError::unsupported(format!(
                "ALTER COLUMN TYPE to {text} is not supported: only VARCHAR columns can be altered"
            )));
        }
        let sql = format!(
            "SELECT pg_sandbox.check_type({relid}, {name}), pg_sandbox.drop_checks({relid}, {name}); \
             {head} ALTER COLUMN {} TYPE {new_type}, ADD {}",
            quote_identifier(&column),
            check_bytes(&new_type, &column).unwrap_or_default(),
            relid = table.regclass(),
            name = quote_literal(&column),
        );
        let mut definition = definition(table, sql, Vec::new());
        definition.alone = Some("ALTER TABLE ALTER COLUMN");
        return Ok(definition);
    }
    let mut records = vec![without_auto(&table)];
    loop {
        cursor.expect("encode")?;
        let encoding = encoding(cursor)?;
        records.push(set_column(
            &table,
            &column,
            &format!("encoding = {}", quote_literal(&encoding)),
        ));
        if !cursor.accept_kind(Kind::Comma) {
            break;
        }
        cursor.expect("alter")?;
        cursor.expect("column")?;
        column = cursor.name()?;
    }
    Ok(only_records(table, records))
}

/// An encoding of one column's own ends ENCODE AUTO.
fn without_auto(table: &Name) -> String {
    format!(
        "INSERT INTO pg_sandbox.table_attributes (relid, encode_auto) VALUES ({}, false) \
         ON CONFLICT (relid) DO UPDATE SET encode_auto = false",
        table.regclass()
    )
}

/// `ALTER { DISTKEY | DISTSTYLE | [COMPOUND] SORTKEY | ENCODE } …`, of which a distribution and a sort key can be combined.
fn alter_attributes(cursor: &mut Cursor<'_>, table: Name) -> SqlResult<Definition> {
    let relid = table.regclass();
    let mut records = vec![format!(
        "INSERT INTO pg_sandbox.table_attributes (relid) VALUES ({relid}) ON CONFLICT DO NOTHING"
    )];
    let table_record = |assignment: &str| {
        format!("UPDATE pg_sandbox.table_attributes SET {assignment} WHERE relid = {relid}")
    };
    let check = |change: &str| {
        format!(
            "SELECT pg_sandbox.check_keys({relid}, {})",
            quote_literal(change)
        )
    };
    let clear = |assignment: &str| {
        format!("UPDATE pg_sandbox.column_attributes SET {assignment} WHERE relid = {relid}")
    };
    loop {
        if cursor.accept("distkey") {
            let column = cursor.name()?;
            records.extend([
                check("DISTKEY"),
                table_record("diststyle = 'KEY'"),
                clear("distkey = false"),
                set_column(&table, &column, "distkey = true"),
            ]);
        } else if cursor.accept("diststyle") {
            let style = diststyle(cursor)?;
            records.extend([
                check(&format!("DISTSTYLE {style}")),
                table_record(&format!("diststyle = '{style}'")),
                clear("distkey = false"),
            ]);
            if style == "KEY" {
                cursor.expect("distkey")?;
                records.push(set_column(&table, &cursor.name()?, "distkey = true"));
            }
        } else if cursor.accept_all(&["encode", "auto"]) {
            records.push(table_record("encode_auto = true"));
        } else {
            cursor.accept("compound");
            cursor.expect("sortkey")?;
            records.extend([check("SORTKEY"), clear("sortkey = 0")]);
            if cursor.accept("auto") || cursor.accept("none") {
                records.push(table_record("sortstyle = 'AUTO'"));
            } else {
                records.push(table_record("sortstyle = 'COMPOUND'"));
                records.extend(sortkey_records(&table, &columns(cursor, false)?, false));
            }
        }
        if !cursor.accept_kind(Kind::Comma) {
            break;
        }
        cursor.expect("alter")?;
    }
    Ok(only_records(table, records))
}
