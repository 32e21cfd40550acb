//! External tables, whose data is in S3, and their partitions.

use diesel::Table;
use diesel::expression::{AsExpression, Expression, TypedExpressionType};
use diesel::query_builder::QueryFragment;
use diesel::sql_types::SqlType;

use super::column_definition::{ColumnDefinition, PlainColumn};
use super::column_text::ColumnText;
use super::column_type::{ColumnType, TableColumns};
use super::definition::{Definition, definition, push_identifier};
use crate::Redshift;
use crate::aws::S3Uri;
use crate::error::{Error, InvalidValue};
use crate::query_builder::inline::{inline, is_one_bind};
use crate::query_builder::{ColumnOf, ColumnsOf};
use crate::sql::lexer::{Token, tokens};
use crate::sql::literal;

/// The format of an external table's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExternalFormat {
    /// `STORED AS PARQUET`
    Parquet,
    /// `STORED AS ORC`
    Orc,
    /// `STORED AS AVRO`
    Avro,
    /// `ROW FORMAT DELIMITED FIELDS TERMINATED BY '|' STORED AS TEXTFILE`: text without quotes, its
    /// fields separated by this ASCII character, which cannot be a line break.
    Delimited(char),
    /// CSV with quotes: `ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde' STORED AS
    /// TEXTFILE`.
    Csv,
    /// One JSON object per line: `ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' STORED AS
    /// TEXTFILE`.
    Json,
}

/// `CREATE EXTERNAL TABLE`; see [`create_external_table`].
#[derive(Debug, Clone)]
#[must_use = "a statement runs with .execute(…)"]
pub struct CreateExternalTable<T> {
    table: T,
    columns: Vec<ColumnText>,
    partition: &'static [&'static str],
    format: ExternalFormat,
    location: S3Uri,
    properties: Vec<(String, String)>,
}

/// `CREATE EXTERNAL TABLE "lake"."events" (…) STORED AS … LOCATION 's3://…'`: a table of the files
/// below `location`, in an [external schema](super::create_external_schema), which the `table!`
/// must name.
///
/// The columns are those of the `table!`, all of which can be `NULL` there, whatever it says; a
/// text has its length as in [`create_table`](super::create_table). It cannot run in a transaction.
///
/// ```
/// use diesel_redshift::S3Uri;
/// use diesel_redshift::ddl::{ExternalFormat, add_partition, create_external_table};
///
/// diesel::table! {
///     lake.events (id) {
///         id -> BigInt,
///         name -> Nullable<Text>,
///         day -> Date,
///     }
/// }
///
/// let files = S3Uri::parse("s3://bucket/events/")?;
/// let create = create_external_table(events::table, ExternalFormat::Parquet, files)
///     .column(events::name, |name| name.varchar(100))
///     .partitioned_by((events::day,));
/// assert_eq!(
///     create.to_sql()?,
///     "CREATE EXTERNAL TABLE \"lake\".\"events\" (\"id\" BIGINT, \"name\" VARCHAR(100)) \
///      PARTITIONED BY (\"day\" DATE) STORED AS PARQUET LOCATION 's3://bucket/events/'"
/// );
///
/// let day = chrono::NaiveDate::from_ymd_opt(2026, 1, 31).unwrap();
/// let add = add_partition(events::table, S3Uri::parse("s3://bucket/events/day=2026-01-31/")?).of(events::day, day);
/// assert_eq!(
///     add.to_sql()?,
///     "ALTER TABLE \"lake\".\"events\" ADD IF NOT EXISTS PARTITION (\"day\"='2026-01-31') \
///      LOCATION 's3://bucket/events/day=2026-01-31/'"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn create_external_table<T>(
    table: T,
    format: ExternalFormat,
    location: S3Uri,
) -> CreateExternalTable<T>
where
    T: Table<AllColumns: TableColumns<T>>,
{
    CreateExternalTable {
        table,
        columns: T::AllColumns::texts(),
        partition: &[],
        format,
        location,
        properties: Vec::new(),
    }
}

impl<T: Table> CreateExternalTable<T> {
    /// Sets the length of a text, or the precision of a decimal. An external column has nothing
    /// else.
    pub fn column<C>(
        mut self,
        _column: C,
        define: impl FnOnce(ColumnDefinition<C, PlainColumn>) -> ColumnDefinition<C, PlainColumn>,
    ) -> Self
    where
        C: ColumnOf<T> + Expression<SqlType: ColumnType>,
    {
        let text = define(ColumnDefinition::new()).text;
        if let Some(column) = self
            .columns
            .iter_mut()
            .find(|column| column.name == C::NAME)
        {
            *column = text;
        }
        self
    }

    /// `PARTITIONED BY ("day" DATE)`: columns that are in no file, and have one value for all files
    /// of a partition. [`add_partition`] adds each partition. They follow all other columns, so
    /// they must be the last of the `table!`, in this order.
    pub fn partitioned_by<C: ColumnsOf<T>>(mut self, _columns: C) -> Self {
        self.partition = C::NAMES;
        self
    }

    /// The columns that are in the files, and those that are not.
    fn parts(&self) -> Result<(&[ColumnText], &[ColumnText]), InvalidValue> {
        let own = self.columns.len().saturating_sub(self.partition.len());
        let (own, partition) = self.columns.split_at(own);
        let names = partition.iter().map(|column| &column.name);
        if own.is_empty() || !names.eq(self.partition) {
            return Err(InvalidValue::new(
                "PARTITIONED BY",
                self.partition.join(", "),
                "the last columns of the `table!`, in its order, and not all of them",
            ));
        }
        Ok((own, partition))
    }

    /// `TABLE PROPERTIES ('name'='value')`: `skip.header.line.count`, `compression_type`,
    /// `numRows`, …
    pub fn property(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.properties.push((name.into(), value.into()));
        self
    }
}

/// Refuses a name without a schema, which every external table has.
fn external_name(table: &dyn QueryFragment<Redshift>) -> Result<String, Error> {
    let name = inline(table)?;
    let names = tokens(&name).filter(|(token, _)| *token == Token::QuotedIdentifier);
    if names.count() < 2 {
        return Err(Error::from(InvalidValue::new(
            "name of an external table",
            name,
            "a name with its external schema: `table! { schema.name { … } }`",
        )));
    }
    Ok(name)
}

impl<T> Definition for CreateExternalTable<T>
where
    T: Table + QueryFragment<Redshift>,
{
    crate::seal::sealed!();
    fn text(&self) -> Result<String, Error> {
        let mut sql = format!("CREATE EXTERNAL TABLE {} (", external_name(&self.table)?);
        let (own, partition) = self.parts()?;
        push_columns(&mut sql, own)?;
        sql.push(')');
        if !partition.is_empty() {
            sql.push_str(" PARTITIONED BY (");
            push_columns(&mut sql, partition)?;
            sql.push(')');
        }
        match self.format {
            ExternalFormat::Parquet => sql.push_str(" STORED AS PARQUET"),
            ExternalFormat::Orc => sql.push_str(" STORED AS ORC"),
            ExternalFormat::Avro => sql.push_str(" STORED AS AVRO"),
            ExternalFormat::Delimited(separator) => {
                sql.push_str(" ROW FORMAT DELIMITED FIELDS TERMINATED BY ");
                push_separator(&mut sql, separator)?;
                sql.push_str(" STORED AS TEXTFILE");
            }
            ExternalFormat::Csv => sql.push_str(
                " ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde' STORED AS TEXTFILE",
            ),
            ExternalFormat::Json => sql.push_str(
                " ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' STORED AS TEXTFILE",
            ),
        }
        sql.push_str(" LOCATION ");
        sql.push_str(&literal::string(self.location.as_str())?);
        for (at, (name, value)) in self.properties.iter().enumerate() {
            sql.push_str(if at == 0 { " TABLE PROPERTIES (" } else { ", " });
            sql.push_str(&literal::string(name)?);
            sql.push('=');
            sql.push_str(&literal::string(value)?);
        }
        if !self.properties.is_empty() {
            sql.push(')');
        }
        Ok(sql)
    }

    fn alone(&self) -> Option<&'static str> {
        Some("CREATE EXTERNAL TABLE")
    }
}

definition!(CreateExternalTable<T>);

fn push_separator(sql: &mut String, separator: char) -> Result<(), InvalidValue> {
    match u8::try_from(separator) {
        Ok(byte @ 1..=127) if byte != b'\n' && byte != b'\r' => {
            literal::push_character(sql, byte);
            Ok(())
        }
        _ => Err(InvalidValue::new(
            "FIELDS TERMINATED BY",
            format!("{separator:?}"),
            "a character of ASCII that is no NUL and ends no line",
        )),
    }
}

fn push_columns(sql: &mut String, columns: &[ColumnText]) -> Result<(), InvalidValue> {
    for (at, column) in columns.iter().enumerate() {
        sql.push_str(if at == 0 { "" } else { ", " });
        column.push_external(sql)?;
    }
    Ok(())
}

/// `DROP TABLE` of an external table; see [`drop_external_table`].
#[derive(Debug, Clone, Copy)]
#[must_use = "a statement runs with .execute(…)"]
pub struct DropExternalTable<T> {
    table: T,
    if_exists: bool,
}

/// `DROP TABLE "lake"."events"`: drops the table; its files stay. It cannot run in a transaction.
pub fn drop_external_table<T: Table>(table: T) -> DropExternalTable<T> {
    DropExternalTable {
        table,
        if_exists: false,
    }
}

impl<T> DropExternalTable<T> {
    /// `IF EXISTS`: no error if it does not exist.
    pub fn if_exists(mut self) -> Self {
        self.if_exists = true;
        self
    }
}

impl<T: QueryFragment<Redshift>> Definition for DropExternalTable<T> {
    crate::seal::sealed!();
    fn text(&self) -> Result<String, Error> {
        let name = external_name(&self.table)?;
        let if_exists = if self.if_exists { "IF EXISTS " } else { "" };
        Ok(format!("DROP TABLE {if_exists}{name}"))
    }

    fn alone(&self) -> Option<&'static str> {
        Some("DROP TABLE of an external table")
    }
}

definition!(DropExternalTable<T>);

/// `ALTER TABLE … ADD PARTITION` or `DROP PARTITION`; see [`add_partition`] and [`drop_partition`].
#[derive(Debug, Clone)]
#[must_use = "a statement runs with .execute(…)"]
pub struct AlterPartition<T> {
    table: T,
    location: Option<S3Uri>,
    values: Vec<(&'static str, Result<String, InvalidValue>)>,
}

/// `ALTER TABLE "lake"."events" ADD IF NOT EXISTS PARTITION ("day"='2026-01-31') LOCATION
/// 's3://…'`: adds the files below `location` as one partition, whose values
/// [`of`](AlterPartition::of) sets. It cannot run in a transaction.
pub fn add_partition<T: Table>(table: T, location: S3Uri) -> AlterPartition<T> {
    AlterPartition {
        table,
        location: Some(location),
        values: Vec::new(),
    }
}

/// `ALTER TABLE "lake"."events" DROP PARTITION ("day"='2026-01-31')`: drops a partition; its files
/// stay. It cannot run in a transaction.
pub fn drop_partition<T: Table>(table: T) -> AlterPartition<T> {
    AlterPartition {
        table,
        location: None,
        values: Vec::new(),
    }
}

impl<T: Table> AlterPartition<T> {
    /// The value of a column in the partition, not an expression. Set all of them, in the order of
    /// `PARTITIONED BY`.
    pub fn of<C, E>(mut self, _column: C, value: E) -> Self
    where
        C: ColumnOf<T> + Expression,
        C::SqlType: SqlType + TypedExpressionType,
        E: AsExpression<C::SqlType>,
        E::Expression: QueryFragment<Redshift>,
    {
        let expected = "a number, a text or a date";
        let invalid = |given: String| InvalidValue::new("value of a partition", given, expected);
        let value = value.as_expression();
        let sql = inline(&value).map_err(|error| invalid(error.to_string()));
        let sql = match is_one_bind(&value) {
            true => sql,
            false => sql.and_then(|sql| Err(invalid(sql))),
        };
        // Only the literal: the column has the type already.
        let literal = sql.and_then(|sql| {
            if sql.starts_with("NULL") {
                return Err(invalid(sql));
            }
            let mut sign = "";
            for (token, text) in tokens(&sql) {
                match token {
                    Token::String | Token::Number => return Ok(format!("{sign}{text}")),
                    // `=-` could be taken for one operator.
                    Token::Symbol if text == "-" => sign = " -",
                    _ => {}
                }
            }
            Err(invalid(sql))
        });
        self.values.push((C::NAME, literal));
        self
    }
}

impl<T: QueryFragment<Redshift>> Definition for AlterPartition<T> {
    crate::seal::sealed!();
    fn text(&self) -> Result<String, Error> {
        if self.values.is_empty() {
            return Err(Error::from(InvalidValue::new(
                "PARTITION",
                "no value",
                "`of(column, value)` for each column of the partition",
            )));
        }
        let action = if self.location.is_some() {
            "ADD IF NOT EXISTS"
        } else {
            "DROP"
        };
        let mut sql = format!(
            "ALTER TABLE {} {action} PARTITION (",
            external_name(&self.table)?
        );
        for (at, (name, value)) in self.values.iter().enumerate() {
            if self.values[..at].iter().any(|(earlier, _)| earlier == name) {
                return Err(Error::from(InvalidValue::new(
                    "PARTITION",
                    format!("{name:?} twice"),
                    "each column once",
                )));
            }
            sql.push_str(if at == 0 { "" } else { ", " });
            push_identifier(&mut sql, name)?;
            sql.push('=');
            sql.push_str(value.as_ref().map_err(Clone::clone)?);
        }
        sql.push(')');
        if let Some(location) = &self.location {
            sql.push_str(" LOCATION ");
            sql.push_str(&literal::string(location.as_str())?);
        }
        Ok(sql)
    }

    fn alone(&self) -> Option<&'static str> {
        Some("ALTER TABLE … PARTITION")
    }
}

definition!(AlterPartition<T>);
