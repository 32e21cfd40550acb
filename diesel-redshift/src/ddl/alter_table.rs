//! `ALTER TABLE`.

use std::marker::PhantomData;

use diesel::expression::Expression;
use diesel::query_builder::QueryFragment;
use diesel::{Column, Table};

use super::column_definition::{ColumnDefinition, PlainColumn};
use super::column_type::{ColumnType, TextColumn};
use super::definition::{Definition, definition, push_identifier, push_names};
use super::encoding::{Encodes, Encoding};
use super::keys::{KeyColumns, KeyType};
use crate::Redshift;
use crate::error::{Error, InvalidValue};
use crate::query_builder::inline::inline;
use crate::query_builder::{ColumnOf, ColumnsOf};

/// Starts an `ALTER TABLE "users"`, which takes one action.
///
/// The table is locked until the transaction ends. The `table!` describes the result: a dropped or
/// renamed column is named by its old name. [`append`](crate::maintenance::append) moves rows.
///
/// ```
/// # diesel::table! { users { id -> BigInt, name -> Text, } }
/// use diesel_redshift::ddl::{Az64, Zstd, alter_table};
///
/// assert_eq!(
///     alter_table(users::table).add_column(users::name, |name| name.varchar(100).default("")).to_sql()?,
///     r#"ALTER TABLE "users" ADD COLUMN "name" VARCHAR(100) DEFAULT '' NOT NULL"#
/// );
/// assert_eq!(
///     alter_table(users::table).encode(users::id, Az64).encode(users::name, Zstd).to_sql()?,
///     r#"ALTER TABLE "users" ALTER COLUMN "id" ENCODE az64, ALTER COLUMN "name" ENCODE zstd"#
/// );
/// # Ok::<(), diesel_redshift::Error>(())
/// ```
pub fn alter_table<T: Table>(table: T) -> AlterTableStart<T> {
    AlterTableStart { table }
}

/// An [`alter_table`] without its action.
#[must_use = "an ALTER TABLE needs an action"]
#[derive(Debug, Clone, Copy)]
pub struct AlterTableStart<T> {
    table: T,
}

/// One action.
#[derive(Debug, Clone, Copy)]
pub struct OneAction;

/// `ALTER COLUMN … ENCODE …`, several of which fit in one statement.
#[derive(Debug, Clone, Copy)]
pub struct Encodings;

/// `ALTER TABLE`; see [`alter_table`].
#[derive(Debug, Clone)]
#[must_use = "a statement runs with .execute(…)"]
pub struct AlterTable<T, A = OneAction> {
    table: T,
    action: Result<String, InvalidValue>,
    runs_alone: bool,
    kind: PhantomData<A>,
}

fn encode<C: Column, E: Encoding>() -> Result<String, InvalidValue> {
    let mut sql = String::from("ALTER COLUMN ");
    push_identifier(&mut sql, C::NAME)?;
    sql.push_str(" ENCODE ");
    sql.push_str(E::NAME);
    Ok(sql)
}

impl<T: Table> AlterTableStart<T> {
    fn action<A>(
        self,
        write: impl FnOnce(&mut String) -> Result<(), InvalidValue>,
    ) -> AlterTable<T, A> {
        let mut sql = String::new();
        let written = write(&mut sql);
        AlterTable {
            table: self.table,
            action: written.map(|()| sql),
            runs_alone: false,
            kind: PhantomData,
        }
    }

    fn clause(self, clause: &str) -> AlterTable<T> {
        self.action(|sql| {
            sql.push_str(clause);
            Ok(())
        })
    }

    fn named(self, clause: &str, name: &str, after: &str) -> AlterTable<T> {
        self.action(|sql| {
            sql.push_str(clause);
            push_identifier(sql, name)?;
            sql.push_str(after);
            Ok(())
        })
    }

    /// `ADD COLUMN "name" …`: a column of the `table!`, defined as in
    /// [`CreateTable::column`](super::CreateTable::column).
    ///
    /// A column that is not `Nullable` needs a default if the table has rows. Redshift cannot add
    /// an IDENTITY.
    pub fn add_column<C>(
        self,
        _column: C,
        define: impl FnOnce(ColumnDefinition<C, PlainColumn>) -> ColumnDefinition<C, PlainColumn>,
    ) -> AlterTable<T>
    where
        C: ColumnOf<T> + Expression<SqlType: ColumnType>,
    {
        let column = define(ColumnDefinition::new()).text;
        self.action(|sql| {
            sql.push_str("ADD COLUMN ");
            column.push(sql)
        })
    }

    /// `DROP COLUMN "name"`: not allowed for a distribution or sort key, or for the last column.
    pub fn drop_column(self, name: &str) -> AlterTable<T> {
        self.named("DROP COLUMN ", name, "")
    }

    /// `DROP COLUMN "name" CASCADE`: also **drops the views that depend on it**.
    pub fn drop_column_cascade(self, name: &str) -> AlterTable<T> {
        self.named("DROP COLUMN ", name, " CASCADE")
    }

    /// `RENAME COLUMN "old" TO "new"`: the new name is that of the `table!`.
    pub fn rename_column<C: ColumnOf<T>>(self, old: &str, _new: C) -> AlterTable<T> {
        self.action(|sql| {
            sql.push_str("RENAME COLUMN ");
            push_identifier(sql, old)?;
            sql.push_str(" TO ");
            push_identifier(sql, C::NAME)
        })
    }

    /// `ALTER COLUMN "name" TYPE VARCHAR(n)`: changes the length of a `VARCHAR`, 1 to 65,535 bytes,
    /// which is the only possible change of a type.
    ///
    /// Redshift refuses it for columns with a default, a constraint or ENCODE bytedict, runlength,
    /// text255 or text32k, and in a transaction: if one is open, [`execute`](AlterTable::execute)
    /// refuses before anything is sent.
    pub fn widen<C>(self, _column: C, bytes: u32) -> AlterTable<T>
    where
        C: ColumnOf<T> + Expression<SqlType: TextColumn>,
    {
        let mut statement = self.action(|sql| {
            if !(1..=65_535).contains(&bytes) {
                return Err(InvalidValue::new(
                    format!("VARCHAR of the column {:?}", C::NAME),
                    bytes.to_string(),
                    "1 to 65535 bytes",
                ));
            }
            sql.push_str("ALTER COLUMN ");
            push_identifier(sql, C::NAME)?;
            sql.push_str(&format!(" TYPE VARCHAR({bytes})"));
            Ok(())
        });
        statement.runs_alone = true;
        statement
    }

    /// `ALTER COLUMN "name" ENCODE zstd`: another compression. Call `encode` again for more
    /// columns.
    pub fn encode<C, E>(self, _column: C, _encoding: E) -> AlterTable<T, Encodings>
    where
        C: ColumnOf<T> + Expression<SqlType: Encodes<E>>,
        E: Encoding,
    {
        self.action(|sql| {
            sql.push_str(&encode::<C, E>()?);
            Ok(())
        })
    }

    /// `ALTER ENCODE AUTO`: Redshift chooses the encodings.
    pub fn encode_auto(self) -> AlterTable<T> {
        self.clause("ALTER ENCODE AUTO")
    }

    /// `ALTER DISTSTYLE AUTO`
    pub fn dist_auto(self) -> AlterTable<T> {
        self.clause("ALTER DISTSTYLE AUTO")
    }

    /// `ALTER DISTSTYLE EVEN`
    pub fn dist_even(self) -> AlterTable<T> {
        self.clause("ALTER DISTSTYLE EVEN")
    }

    /// `ALTER DISTSTYLE ALL`
    pub fn dist_all(self) -> AlterTable<T> {
        self.clause("ALTER DISTSTYLE ALL")
    }

    /// `ALTER DISTKEY "column"`
    pub fn dist_key<C>(self, _column: C) -> AlterTable<T>
    where
        C: ColumnOf<T> + Expression<SqlType: KeyType>,
    {
        self.named("ALTER DISTKEY ", C::NAME, "")
    }

    /// `ALTER SORTKEY ("a", "b")`: a compound key; an interleaved one cannot be added later.
    pub fn sort_key<C: KeyColumns<T>>(self, _columns: C) -> AlterTable<T> {
        self.action(|sql| {
            sql.push_str("ALTER SORTKEY ");
            push_names(sql, C::NAMES)
        })
    }

    /// `ALTER SORTKEY AUTO`
    pub fn sort_auto(self) -> AlterTable<T> {
        self.clause("ALTER SORTKEY AUTO")
    }

    /// `ALTER SORTKEY NONE`
    pub fn sort_none(self) -> AlterTable<T> {
        self.clause("ALTER SORTKEY NONE")
    }

    /// `OWNER TO "user"`
    pub fn owner_to(self, user: &str) -> AlterTable<T> {
        self.named("OWNER TO ", user, "")
    }

    /// `RENAME TO "new"`: the table stays in its schema. For a moment, readers find neither name,
    /// also if it runs in a transaction.
    pub fn rename_to(self, name: &str) -> AlterTable<T> {
        self.named("RENAME TO ", name, "")
    }

    /// `ADD PRIMARY KEY ("a")`: like [`CreateTable::primary_key`](super::CreateTable::primary_key),
    /// **not enforced**.
    pub fn add_primary_key<C: ColumnsOf<T>>(self, _columns: C) -> AlterTable<T> {
        self.action(|sql| {
            sql.push_str("ADD PRIMARY KEY ");
            push_names(sql, C::NAMES)
        })
    }

    /// `ADD UNIQUE ("a")`: not enforced.
    pub fn add_unique<C: ColumnsOf<T>>(self, _columns: C) -> AlterTable<T> {
        self.action(|sql| {
            sql.push_str("ADD UNIQUE ");
            push_names(sql, C::NAMES)
        })
    }

    /// `ADD FOREIGN KEY ("a") REFERENCES "other" ("b")`: not enforced.
    pub fn add_foreign_key<C, R, F>(
        self,
        _columns: C,
        references: R,
        _referenced: F,
    ) -> AlterTable<T>
    where
        C: ColumnsOf<T>,
        R: Table + QueryFragment<Redshift>,
        F: ColumnsOf<R>,
    {
        self.action(|sql| {
            let table = inline(&references).map_err(|error| {
                InvalidValue::new(
                    "FOREIGN KEY",
                    error.to_string(),
                    "a table with a valid name",
                )
            })?;
            sql.push_str("ADD FOREIGN KEY ");
            push_names(sql, C::NAMES)?;
            sql.push_str(" REFERENCES ");
            sql.push_str(&table);
            sql.push(' ');
            push_names(sql, F::NAMES)
        })
    }

    /// `DROP CONSTRAINT "name"`: a primary key is named `<table>_pkey` by default.
    pub fn drop_constraint(self, name: &str) -> AlterTable<T> {
        self.named("DROP CONSTRAINT ", name, "")
    }
}

impl<T: Table> AlterTable<T, Encodings> {
    /// `, ALTER COLUMN "name" ENCODE zstd`: one more column.
    pub fn encode<C, E>(mut self, _column: C, _encoding: E) -> Self
    where
        C: ColumnOf<T> + Expression<SqlType: Encodes<E>>,
        E: Encoding,
    {
        self.action = self
            .action
            .and_then(|before| Ok(format!("{before}, {}", encode::<C, E>()?)));
        self
    }
}

impl<T: QueryFragment<Redshift>, A> Definition for AlterTable<T, A> {
    crate::seal::sealed!();
    fn text(&self) -> Result<String, Error> {
        let action = self.action.as_ref().map_err(Clone::clone)?;
        Ok(format!("ALTER TABLE {} {action}", inline(&self.table)?))
    }

    fn alone(&self) -> Option<&'static str> {
        self.runs_alone.then_some("ALTER TABLE ALTER COLUMN TYPE")
    }
}

definition!(AlterTable<T, A>);
