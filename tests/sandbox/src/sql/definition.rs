//! What Redshift knows of a table besides what PostgreSQL knows.

use super::cursor::{Cursor, Name};
use super::lexer::Kind;
use super::{quote_identifier, quote_literal};
use crate::protocol::{SqlError, SqlResult};

/// A change of a table's definition.
#[derive(Clone, Debug)]
pub(crate) struct Definition {
    pub(crate) table: Name,
    /// Nothing happens where the table exists already.
    pub(crate) if_not_exists: bool,
    /// For PostgreSQL, up to the query if it is made of one.
    pub(crate) sql: String,
    pub(crate) query: Option<Query>,
    /// For the sandbox's own tables, to run after that.
    pub(crate) records: Vec<String>,
    pub(crate) tag: &'static str,
    /// Set where a transaction that is open is an error.
    pub(crate) alone: Option<&'static str>,
}

impl Definition {
    /// As a statement in the body of a procedure. A table that is made of a query keeps none of its attributes: the query
    /// may name variables, which only PL/pgSQL knows.
    pub(super) fn in_procedure(&self) -> String {
        match &self.query {
            Some(query) => format!("{}{}", self.sql, query.sql),
            None => {
                let mut sql = self.sql.clone();
                for record in &self.records {
                    sql.push_str("; ");
                    sql.push_str(record);
                }
                format!("EXECUTE {}", quote_literal(&sql))
            }
        }
    }
}

/// The query that a table or a view is made of, whose columns get limits.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    /// The names that its columns get, in parentheses, or nothing.
    pub(crate) names: String,
    pub(crate) sql: String,
    /// What fills it once it is there: what PostgreSQL's planner leaves of a query has lost lengths.
    pub(crate) fill: Option<Fill>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Fill {
    Insert,
    Refresh,
}

/// A column of a table that is made of a query can be told by its place.
#[derive(Clone, Debug)]
pub(super) enum Column {
    Named(String),
    At(i64),
}

impl Column {
    fn parse(cursor: &mut Cursor<'_>, of_query: bool) -> SqlResult<Self> {
        if of_query && cursor.is_kind(Kind::Number) {
            return Ok(Self::At(cursor.integer()?));
        }
        cursor.name().map(Self::Named)
    }

    fn record(&self, table: &Name, assignment: &str) -> String {
        match self {
            Self::Named(column) => set_column(table, column, assignment),
            Self::At(place) => format!(
                "SELECT pg_sandbox.check_place({relid}, {place}); {}",
                set_attnum(&table.regclass(), &place.to_string(), assignment),
                relid = table.regclass(),
            ),
        }
    }
}

/// The attributes that stand behind a table's columns.
#[derive(Clone, Debug, Default)]
pub(super) struct Attributes {
    of_query: bool,
    pub(super) diststyle: Option<String>,
    distkey: Option<Column>,
    pub(super) sortstyle: Option<&'static str>,
    pub(super) sortkey: Vec<Column>,
    pub(super) encode_auto: Option<bool>,
    pub(super) backup: Option<bool>,
    pub(super) encodings: Vec<(String, String)>,
}

impl Attributes {
    /// Reads one attribute if one is next.
    pub(super) fn accept(&mut self, cursor: &mut Cursor<'_>) -> SqlResult<bool> {
        if cursor.is("backup") {
            cursor.advance();
            let yes = cursor.accept("yes");
            if !yes {
                cursor.expect("no")?;
            }
            set(&mut self.backup, yes, "BACKUP")?;
        } else if cursor.is("diststyle") {
            cursor.advance();
            let style = diststyle(cursor)?;
            set(&mut self.diststyle, style, "DISTSTYLE")?;
        } else if cursor.is("distkey") {
            cursor.advance();
            cursor.expect_kind(Kind::Open)?;
            let column = Column::parse(cursor, self.of_query)?;
            cursor.expect_kind(Kind::Close)?;
            set(&mut self.distkey, column, "DISTKEY")?;
        } else if cursor.is("encode") && !self.of_query {
            cursor.advance();
            cursor.expect("auto")?;
            set(&mut self.encode_auto, true, "ENCODE")?;
        } else if cursor.is("sortkey") || cursor.is("compound") || cursor.is("interleaved") {
            let style = if cursor.accept("interleaved") {
                "INTERLEAVED"
            } else {
                "COMPOUND"
            };
            cursor.accept("compound");
            cursor.expect("sortkey")?;
            if !self.of_query && cursor.accept("auto") {
                return set(&mut self.sortstyle, "AUTO", "SORTKEY").map(|()| true);
            }
            set(&mut self.sortstyle, style, "SORTKEY")?;
            self.sortkey = columns(cursor, self.of_query)?;
            let most = if style == "INTERLEAVED" { 8 } else { 400 };
            if self.sortkey.len() > most {
                return Err(SqlError::unsupported(format!(
                    "a sort key can hold {most} columns at most"
                )));
            }
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// Those of a table that is made of a query, which has fewer.
    pub(super) fn of_query() -> Self {
        Self {
            of_query: true,
            ..Self::default()
        }
    }

    pub(super) fn set_distkey(&mut self, column: String) -> SqlResult<()> {
        set(&mut self.distkey, Column::Named(column), "DISTKEY")
    }

    pub(super) fn set_sortkey(&mut self, column: String) -> SqlResult<()> {
        set(&mut self.sortstyle, "COMPOUND", "SORTKEY")?;
        self.sortkey = vec![Column::Named(column)];
        Ok(())
    }

    pub(super) fn check(&self) -> SqlResult<()> {
        match (self.diststyle.as_deref(), &self.distkey) {
            (Some("KEY"), None) => Err(SqlError::new(
                "42P16",
                "DISTSTYLE KEY needs a DISTKEY column",
            )),
            (Some(style), Some(_)) if style != "KEY" => Err(SqlError::new(
                "42P16",
                format!("Cannot specify DISTKEY for a table with DISTSTYLE {style}"),
            )),
            _ => Ok(()),
        }
    }

    /// Whether any is set that is not of a single column.
    pub(super) fn are_of_table(&self) -> bool {
        self.diststyle.is_some()
            || self.distkey.is_some()
            || self.sortstyle.is_some()
            || self.encode_auto.is_some()
            || self.backup.is_some()
    }

    pub(super) fn encoding_records(&self, table: &Name) -> Vec<String> {
        let record = |(column, encoding): &(String, String)| {
            let assignment = format!("encoding = {}", quote_literal(encoding));
            set_column(table, column, &assignment)
        };
        self.encodings.iter().map(record).collect()
    }

    /// Statements that record the attributes of a table that was just made.
    pub(super) fn records(&self, table: &Name) -> Vec<String> {
        let relid = table.regclass();
        let style = match (&self.diststyle, &self.distkey) {
            (_, Some(_)) => "KEY",
            (Some(style), None) => style,
            (None, None) => "AUTO",
        };
        let sort = self.sortstyle.unwrap_or("AUTO");
        let encode_auto = self.encode_auto.unwrap_or(self.encodings.is_empty());
        let mut records = vec![format!(
            "INSERT INTO pg_sandbox.table_attributes VALUES ({relid}, '{style}', '{sort}', {encode_auto}, {})",
            self.backup.unwrap_or(true)
        )];
        records.extend(self.encoding_records(table));
        records.extend(
            self.distkey
                .as_ref()
                .map(|column| column.record(table, "distkey = true")),
        );
        records.extend(sortkey_records(table, &self.sortkey, sort == "INTERLEAVED"));
        records
    }
}

fn set<T>(slot: &mut Option<T>, value: T, attribute: &str) -> SqlResult<()> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(SqlError::new(
            "42601",
            format!("conflicting or redundant {attribute} attributes"),
        )),
    }
}

pub(super) fn diststyle(cursor: &mut Cursor<'_>) -> SqlResult<String> {
    for style in ["AUTO", "EVEN", "KEY", "ALL"] {
        if cursor.accept(style) {
            return Ok(style.to_owned());
        }
    }
    Err(cursor.unexpected())
}

/// A column's compression encoding, checked against those that exist.
pub(super) fn encoding(cursor: &mut Cursor<'_>) -> SqlResult<String> {
    const ENCODINGS: [&str; 13] = [
        "raw",
        "az64",
        "bytedict",
        "delta",
        "delta32k",
        "lzo",
        "mostly8",
        "mostly16",
        "mostly32",
        "runlength",
        "text255",
        "text32k",
        "zstd",
    ];
    let name = cursor.text().to_ascii_lowercase();
    if ENCODINGS.contains(&&*name) {
        cursor.advance();
        Ok(name)
    } else {
        Err(cursor.unexpected())
    }
}

/// A statement that records something of a column; it fails if there is no such column.
pub(super) fn set_column(table: &Name, column: &str, assignment: &str) -> String {
    let (relid, column) = (table.regclass(), quote_literal(column));
    let attnum = format!("pg_sandbox.attnum({relid}, {column})");
    set_attnum(&relid, &attnum, assignment)
}

fn set_attnum(relid: &str, attnum: &str, assignment: &str) -> String {
    let (name, value) = assignment.split_once(" = ").unwrap_or((assignment, "NULL"));
    format!(
        "INSERT INTO pg_sandbox.column_attributes (relid, attnum, {name}) VALUES ({relid}, {attnum}, {value}) \
         ON CONFLICT (relid, attnum) DO UPDATE SET {name} = excluded.{name}"
    )
}

/// `( column, … )`
pub(super) fn columns(cursor: &mut Cursor<'_>, of_query: bool) -> SqlResult<Vec<Column>> {
    cursor.expect_kind(Kind::Open)?;
    let mut columns = vec![Column::parse(cursor, of_query)?];
    while cursor.accept_kind(Kind::Comma) {
        columns.push(Column::parse(cursor, of_query)?);
    }
    cursor.expect_kind(Kind::Close)?;
    Ok(columns)
}

pub(super) fn sortkey_records(table: &Name, columns: &[Column], interleaved: bool) -> Vec<String> {
    let position = |at: usize| {
        let position = i64::try_from(at + 1).unwrap_or(i64::MAX);
        if interleaved && at % 2 == 1 {
            -position
        } else {
            position
        }
    };
    columns
        .iter()
        .enumerate()
        .map(|(at, column)| column.record(table, &format!("sortkey = {}", position(at))))
        .collect()
}

/// A constraint that is known and not enforced.
#[derive(Clone, Debug)]
pub(super) struct Constraint {
    pub(super) name: Option<String>,
    pub(super) kind: &'static str,
    pub(super) columns: Vec<String>,
    pub(super) referenced: Option<Referenced>,
}

/// The other side of a foreign key.
#[derive(Clone, Debug)]
pub(super) struct Referenced {
    table: Name,
    columns: Vec<String>,
}

impl Constraint {
    /// Reads what follows `CONSTRAINT name`.
    pub(super) fn parse(cursor: &mut Cursor<'_>, name: Option<String>) -> SqlResult<Self> {
        if cursor.accept("unique") {
            return Ok(Self {
                name,
                kind: "UNIQUE",
                columns: cursor.names()?,
                referenced: None,
            });
        }
        if cursor.accept_all(&["primary", "key"]) {
            return Ok(Self {
                name,
                kind: "PRIMARY KEY",
                columns: cursor.names()?,
                referenced: None,
            });
        }
        if cursor.accept_all(&["foreign", "key"]) {
            let columns = cursor.names()?;
            let referenced = Some(references(cursor)?);
            return Ok(Self {
                name,
                kind: "FOREIGN KEY",
                columns,
                referenced,
            });
        }
        Err(cursor.unexpected())
    }

    pub(super) fn record(&self, table: &Name) -> String {
        let suffix = match self.kind {
            "PRIMARY KEY" => "pkey".to_owned(),
            "UNIQUE" => format!("{}_key", self.columns.join("_")),
            _ => format!("{}_fkey", self.columns.join("_")),
        };
        let name = self
            .name
            .clone()
            .unwrap_or_else(|| format!("{}_{suffix}", table.name));
        let columns = self
            .columns
            .iter()
            .map(|column| quote_identifier(column))
            .collect::<Vec<_>>()
            .join(", ");
        let null = || "NULL".to_owned();
        let (referenced, relation, keys) =
            self.referenced
                .as_ref()
                .map_or((null(), null(), null()), |other| {
                    (
                        quote_literal(&other.text()),
                        quote_literal(&other.table.quoted()),
                        array(&other.columns),
                    )
                });
        format!(
            "SELECT pg_sandbox.check_constraint({relid}, '{kind}', {}, {relation}::regclass, {keys}); \
             INSERT INTO pg_sandbox.constraints VALUES ({relid}, {}, '{kind}', {}, {referenced})",
            array(&self.columns),
            quote_literal(&name),
            quote_literal(&columns),
            relid = table.regclass(),
            kind = self.kind,
        )
    }
}

impl Referenced {
    fn text(&self) -> String {
        let mut text = self.table.quoted();
        if !self.columns.is_empty() {
            text.push_str(&format!(" ({})", self.columns.join(", ")));
        }
        text
    }
}

fn array(names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| quote_literal(name)).collect();
    format!("ARRAY[{}]::text[]", names.join(", "))
}

/// `REFERENCES table [(column, …)]`
pub(super) fn references(cursor: &mut Cursor<'_>) -> SqlResult<Referenced> {
    cursor.expect("references")?;
    let table = cursor.qualified_name()?;
    let columns = if cursor.is_kind(Kind::Open) {
        cursor.names()?
    } else {
        Vec::new()
    };
    if cursor.is("on") || cursor.is("match") || cursor.is("deferrable") {
        return Err(cursor.unexpected());
    }
    Ok(Referenced { table, columns })
}
