//! CREATE TABLE.

use super::column_type::column_type;
use super::cursor::{Cursor, Name};
use super::definition::{Attributes, Constraint, Definition, encoding, references};
use super::lexer::{Kind, Token};
use super::{create_as, quote_identifier, rewrite};
use crate::protocol::{SqlError, SqlResult};

/// Reads what follows `CREATE [TEMP] TABLE`.
pub(super) fn parse(mut cursor: Cursor<'_>, temporary: bool) -> SqlResult<Definition> {
    let if_not_exists = cursor.accept_all(&["if", "not", "exists"]);
    let table = cursor.qualified_name()?;
    let temporary = temporary || table.name.starts_with('#');
    if temporary && table.schema.is_some() {
        return Err(SqlError::new(
            "42P16",
            "cannot create temporary relation in non-temporary schema",
        ));
    }
    let table = table.made(temporary);
    let head = format!(
        "CREATE {}TABLE {}{}",
        if temporary { "TEMP " } else { "" },
        if if_not_exists { "IF NOT EXISTS " } else { "" },
        table.quoted()
    );
    if is_create_as(cursor) {
        if if_not_exists {
            return Err(SqlError::syntax("AS"));
        }
        return create_as::table(cursor, table, head);
    }

    let mut columns = Columns::default();
    cursor.expect_kind(Kind::Open)?;
    loop {
        columns.element(&mut cursor, &table)?;
        if !cursor.accept_kind(Kind::Comma) {
            break;
        }
    }
    cursor.expect_kind(Kind::Close)?;
    let mut attributes = columns.attributes;
    while attributes.accept(&mut cursor)? {}
    cursor.expect_end()?;
    attributes.check()?;

    let is_key = |constraint: &&Constraint| constraint.kind == "PRIMARY KEY";
    if columns.constraints.iter().filter(is_key).count() > 1 {
        return Err(multiple_primary_keys(&table));
    }
    for constraint in columns.constraints.iter().filter(is_key) {
        for (name, text) in &mut columns.definitions {
            if constraint.columns.contains(name) && !text.contains(" NOT NULL") {
                text.push_str(" NOT NULL");
            }
        }
    }
    let texts: Vec<_> = columns
        .definitions
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    let mut records = match columns.like {
        Some(_) if attributes.are_of_table() => {
            return Err(SqlError::unsupported(
                "Distribution, sort keys and BACKUP cannot be set together with LIKE: they are those of the parent",
            ));
        }
        Some(parent) => [
            copy_attributes(&table, &parent),
            attributes.encoding_records(&table),
        ]
        .concat(),
        None => attributes.records(&table),
    };
    records.extend(
        columns
            .constraints
            .iter()
            .map(|constraint| constraint.record(&table)),
    );
    let sql = format!("{head} ({})", texts.join(", "));
    Ok(Definition {
        table,
        if_not_exists,
        sql,
        query: None,
        records,
        tag: "CREATE TABLE",
        alone: None,
    })
}

fn multiple_primary_keys(table: &Name) -> SqlError {
    let table = &table.name;
    SqlError::new(
        "42P16",
        format!("multiple primary keys for table \"{table}\" are not allowed"),
    )
}

/// `( name, … ) [attributes] AS`, or no list at all.
fn is_create_as(mut cursor: Cursor<'_>) -> bool {
    if cursor.is_kind(Kind::Open) {
        return cursor.names().is_ok();
    }
    true
}

#[derive(Default)]
struct Columns {
    /// Each with its name; the name of a `LIKE` is empty.
    definitions: Vec<(String, String)>,
    attributes: Attributes,
    constraints: Vec<Constraint>,
    like: Option<Name>,
}

impl Columns {
    fn element(&mut self, cursor: &mut Cursor<'_>, table: &Name) -> SqlResult<()> {
        if cursor.accept("constraint") {
            let name = cursor.name()?;
            self.constraints
                .push(Constraint::parse(cursor, Some(name))?);
        } else if cursor.is("unique") || cursor.is("primary") || cursor.is("foreign") {
            self.constraints.push(Constraint::parse(cursor, None)?);
        } else if cursor.is("check") || cursor.is("exclude") {
            return Err(cursor.unexpected());
        } else if cursor.accept("like") {
            let parent = cursor.qualified_name()?;
            let mut text = format!("LIKE {} INCLUDING CONSTRAINTS", parent.quoted());
            if cursor.accept_all(&["including", "defaults"]) {
                text.push_str(" INCLUDING DEFAULTS");
            } else {
                cursor.accept_all(&["excluding", "defaults"]);
            }
            self.definitions.push((String::new(), text));
            self.like = Some(parent);
        } else {
            let column = column_name(cursor)?;
            let mut text = column_text(
                cursor,
                table,
                &column,
                &mut self.attributes,
                Some(&mut self.constraints),
            )?;
            text.insert_str(0, &format!("{} ", quote_identifier(&column)));
            self.definitions.push((column, text));
        }
        Ok(())
    }
}

/// The name of a new column.
pub(super) fn column_name(cursor: &mut Cursor<'_>) -> SqlResult<String> {
    const SYSTEM_COLUMNS: [&str; 7] = ["oid", "tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"];
    let column = cursor.name()?;
    if SYSTEM_COLUMNS.contains(&&*column) {
        return Err(SqlError::new(
            "42701",
            format!("column name \"{column}\" conflicts with a system column name"),
        ));
    }
    Ok(column)
}

/// Reads a column's type, attributes and constraints. Without a list of constraints there can be none.
pub(super) fn column_text(
    cursor: &mut Cursor<'_>,
    table: &Name,
    column: &str,
    attributes: &mut Attributes,
    mut constraints: Option<&mut Vec<Constraint>>,
) -> SqlResult<String> {
    let mut text = column_type(cursor, &table.name, column)?;
    if let Some(check) = check_bytes(&text, column) {
        if text.starts_with("varbyte") {
            text.truncate("varbyte".len());
        }
        text.push_str(&check);
    }
    loop {
        if cursor.accept("default") {
            text.push_str(" DEFAULT ");
            text.push_str(&default(cursor)?);
        } else if cursor.accept("encode") {
            let encoding = encoding(cursor)?;
            attributes.encodings.push((column.to_owned(), encoding));
        } else if cursor.accept_all(&["not", "null"]) {
            text.push_str(" NOT NULL");
        } else if cursor.accept("null") {
            // The default.
        } else if cursor.accept("collate") {
            if cursor.accept("case_insensitive") || cursor.accept("ci") {
                return Err(SqlError::not_imitated("COLLATE CASE_INSENSITIVE"));
            }
            if !cursor.accept("case_sensitive") {
                cursor.expect("cs")?;
            }
        } else if let Some(constraints) = &mut constraints {
            if cursor.accept("distkey") {
                attributes.set_distkey(column.to_owned())?;
            } else if cursor.accept("sortkey") {
                attributes.set_sortkey(column.to_owned())?;
            } else if cursor.is("identity") || cursor.is("generated") {
                if !text.starts_with("integer") && !text.starts_with("bigint") {
                    return Err(SqlError::new(
                        "22023",
                        "identity column type must be integer or bigint",
                    ));
                }
                let bounds = if text.starts_with("integer") {
                    (i32::MIN.into(), i32::MAX.into())
                } else {
                    (i64::MIN, i64::MAX)
                };
                text.push_str(&identity(cursor, bounds)?);
            } else if !column_constraint(cursor, column, constraints, &mut text)? {
                return Ok(text);
            }
        } else {
            return Ok(text);
        }
    }
}

/// Redshift measures text in bytes, PostgreSQL in characters.
pub(super) fn check_bytes(column_type: &str, column: &str) -> Option<String> {
    let (name, length) = column_type.strip_suffix(')')?.split_once('(')?;
    let is_text = matches!(name, "char" | "varchar" | "varbyte");
    is_text.then(|| {
        format!(
            " CHECK (octet_length({}) <= {length})",
            quote_identifier(column)
        )
    })
}

fn column_constraint(
    cursor: &mut Cursor<'_>,
    column: &str,
    constraints: &mut Vec<Constraint>,
    text: &mut String,
) -> SqlResult<bool> {
    let mut constraint = |kind, referenced| {
        constraints.push(Constraint {
            name: None,
            kind,
            columns: vec![column.to_owned()],
            referenced,
        });
    };
    if cursor.accept("unique") {
        constraint("UNIQUE", None);
    } else if cursor.accept_all(&["primary", "key"]) {
        constraint("PRIMARY KEY", None);
        if !text.contains(" NOT NULL") {
            text.push_str(" NOT NULL");
        }
    } else if cursor.is("references") {
        let referenced = references(cursor)?;
        constraint("FOREIGN KEY", Some(referenced));
    } else {
        return Ok(false);
    }
    Ok(true)
}

/// `IDENTITY [( seed, step )]`, which takes no values, or `GENERATED BY DEFAULT AS IDENTITY ( seed, step )`. PostgreSQL's own
/// bounds are on the side of zero where the step leads to.
fn identity(cursor: &mut Cursor<'_>, (least, most): (i64, i64)) -> SqlResult<String> {
    let kind = if cursor.accept_all(&["generated", "by", "default", "as"]) {
        "BY DEFAULT"
    } else {
        "ALWAYS"
    };
    cursor.expect("identity")?;
    let (mut seed, mut step) = (1, 1);
    if cursor.accept_kind(Kind::Open) {
        seed = cursor.integer()?;
        cursor.expect_kind(Kind::Comma)?;
        step = cursor.integer()?;
        cursor.expect_kind(Kind::Close)?;
    }
    Ok(format!(
        " GENERATED {kind} AS IDENTITY (START WITH {seed} INCREMENT BY {step} MINVALUE {least} MAXVALUE {most})"
    ))
}

/// An expression, up to what can follow it in a column's definition.
fn default(cursor: &mut Cursor<'_>) -> SqlResult<String> {
    const FOLLOWERS: [&str; 12] = [
        "not",
        "null",
        "unique",
        "primary",
        "references",
        "encode",
        "distkey",
        "sortkey",
        "identity",
        "generated",
        "collate",
        "constraint",
    ];
    const LEADER_ONLY: [&str; 9] = [
        "current_timestamp",
        "current_time",
        "localtime",
        "localtimestamp",
        "now",
        "statement_timestamp",
        "clock_timestamp",
        "transaction_timestamp",
        "timeofday",
    ];
    let start = cursor.at;
    let mut depth = 0;
    while let Some(token) = cursor.peek() {
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close if depth == 0 => break,
            Kind::Close => depth -= 1,
            Kind::Comma if depth == 0 => break,
            Kind::Word
                if depth == 0
                    && cursor.at > start
                    && FOLLOWERS.iter().any(|word| token.is(cursor.sql, word)) =>
            {
                break;
            }
            Kind::Word if LEADER_ONLY.iter().any(|word| token.is(cursor.sql, word)) => {
                return Err(leader_only(cursor.sql, token));
            }
            _ => {}
        }
        cursor.advance();
    }
    if cursor.at == start {
        return Err(cursor.unexpected());
    }
    rewrite::rewrite(cursor.sql, &cursor.tokens[start..cursor.at])
}

fn leader_only(sql: &str, token: Token) -> SqlError {
    let name = token.text(sql).to_lowercase();
    SqlError::on_tables(format!("Function \"{name}()\" not supported."))
        .hint("It runs only on the leader node: write GETDATE() or SYSDATE.")
}

fn copy_attributes(table: &Name, parent: &Name) -> Vec<String> {
    let (new, old) = (table.regclass(), parent.regclass());
    vec![
        format!(
            "INSERT INTO pg_sandbox.table_attributes SELECT {new}, diststyle, sortstyle, encode_auto, backup \
             FROM pg_sandbox.table_attributes WHERE relid = {old}"
        ),
        format!(
            "INSERT INTO pg_sandbox.column_attributes \
             SELECT {new}, c.attnum, k.encoding, k.distkey, k.sortkey \
             FROM pg_sandbox.column_attributes k \
             JOIN pg_attribute p ON p.attrelid = k.relid AND p.attnum = k.attnum \
             JOIN pg_attribute c ON c.attrelid = {new} AND c.attname = p.attname WHERE k.relid = {old}"
        ),
    ]
}
