//! `CREATE TABLE`.

use diesel::Table;
use diesel::expression::Expression;
use diesel::query_builder::QueryFragment;

use super::column_definition::{ColumnDefinition, PlainColumn};
use super::column_text::ColumnText;
use super::column_type::{ColumnType, TableColumns};
use super::definition::{Definition, definition, push_names};
use super::distribution::{AnyDistribution, Distributed, Distribution};
use crate::Redshift;
use crate::error::{Error, InvalidValue};
use crate::query_builder::inline::inline;
use crate::query_builder::{ColumnOf, ColumnsOf};
use crate::sql::lexer::{Token, tokens};

/// `CREATE TABLE`; see [`create_table`].
#[derive(Debug, Clone)]
#[must_use = "a statement runs with .execute(…)"]
pub struct CreateTable<T> {
    table: T,
    columns: Vec<ColumnText>,
    is_temporary: bool,
    if_not_exists: bool,
    constraints: Vec<Constraint>,
    distribution: Distribution<T>,
}

#[derive(Debug, Clone)]
struct Constraint {
    kind: &'static str,
    columns: &'static [&'static str],
    /// The table and the columns that a foreign key refers to.
    references: Option<(Result<String, String>, &'static [&'static str])>,
}

/// `CREATE TABLE "users" (…)`: a table with the columns of a `table!`: their names, types, and `NOT
/// NULL` for those that are not `Nullable`.
///
/// Each [`column`](CreateTable::column) adds what `table!` does not know: the length of a text and
/// the precision of a decimal, which are required, since Redshift's defaults truncate values, and
/// encoding, default and identity. The methods of [`Distributed`] set distribution and order.
///
/// ```
/// use diesel_redshift::ddl::{Distributed, Zstd, create_table};
/// use diesel_redshift::dsl::getdate;
///
/// diesel::table! {
///     users {
///         id -> BigInt,
///         #[max_length = 100]
///         name -> Text,
///         joined -> Timestamp,
///         balance -> Nullable<Numeric>,
///     }
/// }
///
/// let create = create_table(users::table)
///     .if_not_exists()
///     .column(users::id, |id| id.identity(1, 1))
///     .column(users::name, |name| name.varchar_of_max_length().encode(Zstd))
///     .column(users::joined, |joined| joined.default(getdate()))
///     .column(users::balance, |balance| balance.decimal(12, 2))
///     .primary_key((users::id,))
///     .dist_key(users::id)
///     .sort_key((users::joined, users::id));
/// assert_eq!(
///     create.to_sql()?,
///     "CREATE TABLE IF NOT EXISTS \"users\" (\
///      \"id\" BIGINT IDENTITY(1, 1) NOT NULL, \
///      \"name\" VARCHAR(100) ENCODE zstd NOT NULL, \
///      \"joined\" TIMESTAMP DEFAULT GETDATE() NOT NULL, \
///      \"balance\" DECIMAL(12, 2), \
///      PRIMARY KEY (\"id\")) \
///      DISTSTYLE KEY DISTKEY(\"id\") COMPOUND SORTKEY(\"joined\", \"id\")"
/// );
///
/// let error = create_table(users::table).to_sql().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "invalid type of the column \"name\": TEXT without a length; \
///      expected VARCHAR or CHAR with one, since Redshift makes TEXT a VARCHAR(256)"
/// );
/// # Ok::<(), diesel_redshift::Error>(())
/// ```
pub fn create_table<T>(table: T) -> CreateTable<T>
where
    T: Table<AllColumns: TableColumns<T>>,
{
    CreateTable {
        table,
        columns: T::AllColumns::texts(),
        is_temporary: false,
        if_not_exists: false,
        constraints: Vec::new(),
        distribution: Distribution::default(),
    }
}

impl<T: Table> CreateTable<T> {
    /// `CREATE TEMPORARY TABLE`: visible to this session only, and dropped when it ends.
    ///
    /// It hides a permanent table of the same name. A temporary table has no schema, so a `table!`
    /// with one is refused.
    pub fn temporary(mut self) -> Self {
        self.is_temporary = true;
        self
    }

    /// `IF NOT EXISTS`: an existing table of this name is left as it is, whatever its columns.
    pub fn if_not_exists(mut self) -> Self {
        self.if_not_exists = true;
        self
    }

    /// Completes the definition of a column.
    pub fn column<C, I>(
        mut self,
        _column: C,
        define: impl FnOnce(ColumnDefinition<C, PlainColumn>) -> ColumnDefinition<C, I>,
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

    /// `PRIMARY KEY ("a")`: tells the planner that no two rows have the same values there.
    ///
    /// **Redshift does not enforce it**, and returns wrong results if it does not hold.
    pub fn primary_key<C: ColumnsOf<T>>(self, _columns: C) -> Self {
        self.constraint("PRIMARY KEY", C::NAMES, None)
    }

    /// `UNIQUE ("a")`: like [`primary_key`](Self::primary_key), and not enforced either.
    pub fn unique<C: ColumnsOf<T>>(self, _columns: C) -> Self {
        self.constraint("UNIQUE", C::NAMES, None)
    }

    /// `FOREIGN KEY ("a") REFERENCES "other" ("b")`: tells the planner that the other table has a
    /// row for each row of this one. Not enforced either.
    pub fn foreign_key<C, R, F>(self, _columns: C, references: R, _referenced: F) -> Self
    where
        C: ColumnsOf<T>,
        R: Table + QueryFragment<Redshift>,
        F: ColumnsOf<R>,
    {
        let table = inline(&references).map_err(|error| error.to_string());
        self.constraint("FOREIGN KEY", C::NAMES, Some((table, F::NAMES)))
    }

    fn constraint(
        mut self,
        kind: &'static str,
        columns: &'static [&'static str],
        references: Option<(Result<String, String>, &'static [&'static str])>,
    ) -> Self {
        self.constraints.push(Constraint {
            kind,
            columns,
            references,
        });
        self
    }

    /// Columns of a fixed width share 65,535 bytes of a row.
    fn check_width(&self) -> Result<(), InvalidValue> {
        let width: u64 = self
            .columns
            .iter()
            .map(|column| u64::from(column.fixed_width()))
            .sum();
        if width > 65_535 {
            return Err(InvalidValue::new(
                "row",
                format!("{width} bytes in columns of a fixed width"),
                "65535 or less; VARCHAR does not count",
            ));
        }
        Ok(())
    }

    fn check(&self) -> Result<(), InvalidValue> {
        let mut identities = self
            .columns
            .iter()
            .filter(|column| column.identity.is_some());
        if let (Some(_), Some(second)) = (identities.next(), identities.next()) {
            return Err(second.invalid("IDENTITY", "a second one", "one in a table"));
        }
        let mut primary_keys = self
            .constraints
            .iter()
            .filter(|constraint| constraint.kind == "PRIMARY KEY");
        if let Some(primary_key) = primary_keys.next() {
            let nullable = self
                .columns
                .iter()
                .find(|column| column.is_nullable && primary_key.columns.contains(&column.name));
            if let Some(column) = nullable {
                return Err(InvalidValue::new(
                    "PRIMARY KEY",
                    format!("{:?}, which can be NULL", column.name),
                    "columns that cannot",
                ));
            }
            if primary_keys.next().is_some() {
                return Err(InvalidValue::new(
                    "PRIMARY KEY",
                    "a second one",
                    "one in a table",
                ));
            }
        }
        Ok(())
    }
}

impl Constraint {
    fn push(&self, sql: &mut String) -> Result<(), InvalidValue> {
        sql.push_str(self.kind);
        sql.push(' ');
        push_names(sql, self.columns)?;
        if let Some((table, columns)) = &self.references {
            if columns.len() != self.columns.len() {
                return Err(InvalidValue::new(
                    "FOREIGN KEY",
                    format!("{} columns for {}", columns.len(), self.columns.len()),
                    "as many columns as it refers to",
                ));
            }
            let table = table.as_ref().map_err(|error| {
                InvalidValue::new(
                    "FOREIGN KEY",
                    error.as_str(),
                    "a table that Diesel can print",
                )
            })?;
            sql.push_str(" REFERENCES ");
            sql.push_str(table);
            sql.push(' ');
            push_names(sql, columns)?;
        }
        Ok(())
    }
}

/// `CREATE [TEMPORARY] TABLE [IF NOT EXISTS] "table"`
pub(super) fn push_create(
    sql: &mut String,
    table: &dyn QueryFragment<Redshift>,
    is_temporary: bool,
    if_not_exists: bool,
) -> Result<(), Error> {
    let name = inline(table)?;
    let names = tokens(&name).filter(|(token, _)| *token == Token::QuotedIdentifier);
    if is_temporary && names.count() > 1 {
        return Err(Error::from(InvalidValue::new(
            "name of a temporary table",
            name,
            "a name without a schema, as no temporary table has one",
        )));
    }
    sql.push_str("CREATE ");
    sql.push_str(if is_temporary {
        "TEMPORARY TABLE "
    } else {
        "TABLE "
    });
    sql.push_str(if if_not_exists { "IF NOT EXISTS " } else { "" });
    sql.push_str(&name);
    Ok(())
}

impl<T: Table> Distributed for CreateTable<T> {
    crate::seal::sealed!();
    type Table = T;

    fn distribution(&mut self) -> &mut Distribution<T> {
        &mut self.distribution
    }
}

impl<T: Table> AnyDistribution for CreateTable<T> {
    crate::seal::sealed!();
}

impl<T> Definition for CreateTable<T>
where
    T: Table + QueryFragment<Redshift>,
{
    crate::seal::sealed!();
    fn text(&self) -> Result<String, Error> {
        self.check()?;
        let mut sql = String::new();
        push_create(&mut sql, &self.table, self.is_temporary, self.if_not_exists)?;
        sql.push_str(" (");
        for (at, column) in self.columns.iter().enumerate() {
            if at > 0 {
                sql.push_str(", ");
            }
            column.push(&mut sql)?;
        }
        self.check_width()?;
        for constraint in &self.constraints {
            sql.push_str(", ");
            constraint.push(&mut sql)?;
        }
        sql.push(')');
        self.distribution.push(&mut sql)?;
        Ok(sql)
    }
}

definition!(CreateTable<T>);
