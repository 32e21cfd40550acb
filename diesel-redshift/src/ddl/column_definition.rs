//! What a column has beyond its name and type.

use std::marker::PhantomData;

use diesel::Column;
use diesel::expression::{AppearsOnTable, AsExpression, Expression, TypedExpressionType};
use diesel::query_builder::QueryFragment;
use diesel::query_source::{AppearsInFromClause, Never, SizeRestrictedColumn};
use diesel::sql_types::SqlType;

use super::column_type::{
    ColumnType, DecimalColumn, IdentityType, TextColumn, TypeName, VarbyteColumn,
};
use super::definition::push_identifier;
use super::encoding::{Encodes, Encoding, TEXT_ENCODINGS};
use crate::Redshift;
use crate::error::InvalidValue;
use crate::query_builder::inline::inline;

/// A column without IDENTITY.
#[derive(Debug, Clone, Copy)]
pub struct PlainColumn;

/// A column that the server numbers.
#[derive(Debug, Clone, Copy)]
pub struct IdentityColumn;

/// The definition of the column `C` of a `table!`; its name, type and nullability are those that are declared.
///
/// It is completed in the closure of [`CreateTable::column`](super::CreateTable::column).
#[derive(Debug, Clone)]
pub struct ColumnDefinition<C, I = PlainColumn> {
    pub(super) text: ColumnText,
    column: PhantomData<(C, I)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Size {
    Varchar(u32),
    Char(u32),
    Decimal(u32, u32),
    Varbyte(u32),
}

/// A column's definition without its Rust type.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub struct ColumnText {
    pub(super) name: &'static str,
    type_name: TypeName,
    pub(super) is_nullable: bool,
    size: Option<Size>,
    pub(super) encoding: Option<&'static str>,
    default: Option<Result<String, InvalidValue>>,
    pub(super) identity: Option<String>,
    collation: Option<&'static str>,
}

/// Where an expression stands that has no columns.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct NoColumns;

impl<T> AppearsInFromClause<T> for NoColumns {
    type Count = Never;
}

impl ColumnText {
    pub(super) fn of<C>() -> Self
    where
        C: Column + Expression<SqlType: ColumnType>,
    {
        Self {
            name: C::NAME,
            type_name: <C::SqlType as ColumnType>::NAME,
            is_nullable: <C::SqlType as ColumnType>::IS_NULLABLE,
            size: None,
            encoding: None,
            default: None,
            identity: None,
            collation: None,
        }
    }

    /// `"name" VARCHAR(20) DEFAULT … ENCODE zstd NOT NULL`
    pub(super) fn push(&self, sql: &mut String) -> Result<(), InvalidValue> {
        push_identifier(sql, self.name)?;
        sql.push(' ');
        self.push_type(sql)?;
        match &self.default {
            Some(_) if self.identity.is_some() => {
                return Err(self.invalid("DEFAULT", "IDENTITY too", "one of the two"));
            }
            Some(default) => {
                sql.push_str(" DEFAULT ");
                sql.push_str(default.as_ref().map_err(Clone::clone)?);
            }
            None => {}
        }
        if let Some(identity) = &self.identity {
            sql.push(' ');
            sql.push_str(identity);
        }
        if let Some(encoding) = self.encoding {
            if matches!(self.size, Some(Size::Char(_))) && TEXT_ENCODINGS.contains(&encoding) {
                return Err(self.invalid(
                    "ENCODE",
                    encoding,
                    "for CHAR: raw, bytedict, lzo, runlength, zstd",
                ));
            }
            sql.push_str(" ENCODE ");
            sql.push_str(encoding);
        }
        if let Some(collation) = self.collation {
            sql.push_str(" COLLATE ");
            sql.push_str(collation);
        }
        if !self.is_nullable {
            sql.push_str(" NOT NULL");
        }
        Ok(())
    }

    fn push_type(&self, sql: &mut String) -> Result<(), InvalidValue> {
        let text = match (self.type_name, self.size) {
            (_, Some(Size::Varchar(bytes))) => {
                self.check("VARCHAR", bytes, 1, 65_535, "bytes")?;
                format!("VARCHAR({bytes})")
            }
            (_, Some(Size::Char(bytes))) => {
                self.check("CHAR", bytes, 1, 4_096, "bytes")?;
                format!("CHAR({bytes})")
            }
            (_, Some(Size::Varbyte(bytes))) => {
                self.check("VARBYTE", bytes, 1, 1_024_000, "bytes")?;
                format!("VARBYTE({bytes})")
            }
            (_, Some(Size::Decimal(precision, scale))) => {
                self.check("DECIMAL", precision, 1, 38, "digits")?;
                self.check("scale of DECIMAL", scale, 0, precision.min(37), "digits")?;
                format!("DECIMAL({precision}, {scale})")
            }
            (TypeName::Text, None) => {
                return Err(self.invalid(
                    "type",
                    "TEXT without a length",
                    "VARCHAR or CHAR with one, since Redshift makes TEXT a VARCHAR(256)",
                ));
            }
            (TypeName::Decimal, None) => {
                return Err(self.invalid(
                    "type",
                    "DECIMAL without precision and scale",
                    "both, since Redshift makes it a DECIMAL(18, 0)",
                ));
            }
            (TypeName::Varbyte, None) => "VARBYTE".to_owned(),
            (TypeName::Whole(name), None) => name.to_owned(),
        };
        sql.push_str(&text);
        Ok(())
    }

    fn check(
        &self,
        what: &str,
        given: u32,
        least: u32,
        most: u32,
        unit: &str,
    ) -> Result<(), InvalidValue> {
        if (least..=most).contains(&given) {
            Ok(())
        } else {
            Err(self.invalid(what, given.to_string(), format!("{least} to {most} {unit}")))
        }
    }

    pub(super) fn invalid(
        &self,
        what: &str,
        given: impl Into<String>,
        expected: impl Into<String>,
    ) -> InvalidValue {
        InvalidValue::new(
            format!("{what} of the column {:?}", self.name),
            given,
            expected.into(),
        )
    }
}

impl<C> ColumnDefinition<C>
where
    C: Column + Expression<SqlType: ColumnType>,
{
    pub(super) fn new() -> Self {
        Self {
            text: ColumnText::of::<C>(),
            column: PhantomData,
        }
    }

    fn identified(mut self, identity: String) -> ColumnDefinition<C, IdentityColumn> {
        self.text.identity = Some(identity);
        ColumnDefinition {
            text: self.text,
            column: PhantomData,
        }
    }

    /// `IDENTITY(seed, step)`: the server numbers the rows, and takes no numbers but from `COPY … EXPLICIT_IDS`.
    ///
    /// They are unique and rise by `step`, with gaps. A struct that is inserted leaves the column out:
    /// `#[diesel(skip_insertion)]`. A table has one such column.
    pub fn identity(self, seed: i64, step: i64) -> ColumnDefinition<C, IdentityColumn>
    where
        C::SqlType: IdentityType,
    {
        self.identified(format!("IDENTITY({seed}, {step})"))
    }

    /// `GENERATED BY DEFAULT AS IDENTITY(seed, step)`: the server numbers the rows that come without a number.
    ///
    /// Given numbers are not remembered, so that it can give them out again.
    pub fn identity_by_default(self, seed: i64, step: i64) -> ColumnDefinition<C, IdentityColumn>
    where
        C::SqlType: IdentityType,
    {
        self.identified(format!("GENERATED BY DEFAULT AS IDENTITY({seed}, {step})"))
    }
}

impl<C, I> ColumnDefinition<C, I>
where
    C: Column + Expression<SqlType: ColumnType>,
{
    fn sized(mut self, size: Size) -> Self {
        self.text.size = Some(size);
        self
    }

    /// `VARCHAR(n)`: text of at most `bytes` bytes of UTF-8, 1 to 65,535.
    pub fn varchar(self, bytes: u32) -> Self
    where
        C::SqlType: TextColumn,
    {
        self.sized(Size::Varchar(bytes))
    }

    /// `VARCHAR(n)` with the `#[max_length = n]` of the `table!`.
    pub fn varchar_of_max_length(self) -> Self
    where
        C: SizeRestrictedColumn,
        C::SqlType: TextColumn,
    {
        let bytes = u32::try_from(C::MAX_LENGTH).unwrap_or(u32::MAX);
        self.sized(Size::Varchar(bytes))
    }

    /// `CHAR(n)`: ASCII text, padded with blanks to `bytes` bytes, 1 to 4,096.
    pub fn char(self, bytes: u32) -> Self
    where
        C::SqlType: TextColumn,
    {
        self.sized(Size::Char(bytes))
    }

    /// `DECIMAL(p, s)`: numbers of `precision` digits, 1 to 38, of which `scale` are behind the point, 0 to 37.
    pub fn decimal(self, precision: u32, scale: u32) -> Self
    where
        C::SqlType: DecimalColumn,
    {
        self.sized(Size::Decimal(precision, scale))
    }

    /// `VARBYTE(n)`: at most `bytes` bytes, 1 to 1,024,000. Default: 64,000.
    pub fn varbyte(self, bytes: u32) -> Self
    where
        C::SqlType: VarbyteColumn,
    {
        self.sized(Size::Varbyte(bytes))
    }

    /// `ENCODE zstd`: how the column is compressed, by one of the types of [`ddl`](super), as far as its type can have it.
    ///
    /// Without any, Redshift chooses and adapts encodings; one column with one ends that for the whole table.
    pub fn encode<E>(mut self, _encoding: E) -> Self
    where
        E: Encoding,
        C::SqlType: Encodes<E>,
    {
        self.text.encoding = Some(E::NAME);
        self
    }

    /// `DEFAULT value`: what a row has that is inserted without the column, a value or an expression without columns, such as
    /// [`getdate()`](crate::dsl::getdate).
    pub fn default<E>(mut self, value: E) -> Self
    where
        C::SqlType: SqlType + TypedExpressionType,
        E: AsExpression<C::SqlType>,
        E::Expression: AppearsOnTable<NoColumns> + QueryFragment<Redshift>,
    {
        let expression = value.as_expression();
        let default = inline(&expression).map_err(|error| {
            self.text.invalid(
                "DEFAULT",
                error.to_string(),
                "an expression that can be written without parameters",
            )
        });
        // The column has the type already.
        self.text.default = Some(default.map(|sql| {
            if sql.starts_with("NULL::") {
                "NULL".to_owned()
            } else {
                sql
            }
        }));
        self
    }

    /// `COLLATE CASE_INSENSITIVE`: capitals and small letters are equal in comparisons.
    pub fn case_insensitive(mut self) -> Self
    where
        C::SqlType: TextColumn,
    {
        self.text.collation = Some("CASE_INSENSITIVE");
        self
    }

    /// `COLLATE CASE_SENSITIVE`: they are not, whatever the database's collation.
    pub fn case_sensitive(mut self) -> Self
    where
        C::SqlType: TextColumn,
    {
        self.text.collation = Some("CASE_SENSITIVE");
        self
    }
}
