//! A column's definition as text.

use diesel::Column;
use diesel::expression::Expression;

use super::column_type::{ColumnType, TypeName};
use super::definition::push_identifier;
use super::encoding::TEXT_ENCODINGS;
use crate::error::InvalidValue;
use crate::sql::lexer::{Token, tokens};

/// The types that a column of an external table can have, besides text, decimals and bytes.
const EXTERNAL_TYPES: [&str; 9] = [
    "BOOLEAN",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "REAL",
    "DOUBLE PRECISION",
    "VARCHAR(36)",
    "DATE",
    "TIMESTAMP",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Size {
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
    pub(super) size: Option<Size>,
    pub(super) encoding: Option<&'static str>,
    pub(super) default: Option<Result<String, InvalidValue>>,
    pub(super) identity: Option<String>,
    pub(super) collation: Option<&'static str>,
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

    /// `"name" VARCHAR(20)`: all that a column of an external table has.
    pub(super) fn push_external(&self, sql: &mut String) -> Result<(), InvalidValue> {
        let beyond = [
            ("ENCODE", self.encoding.is_some()),
            ("DEFAULT", self.default.is_some()),
            ("COLLATE", self.collation.is_some()),
        ];
        if let Some((what, _)) = beyond.iter().find(|(_, is_set)| *is_set) {
            return Err(self.invalid(what, "set", "none in an external table"));
        }
        if let TypeName::Whole(name) = self.type_name
            && !EXTERNAL_TYPES.contains(&name)
        {
            return Err(self.invalid(
                "type",
                name,
                "a type of external tables: a number, text, BOOLEAN, VARBYTE, DATE or TIMESTAMP",
            ));
        }
        push_identifier(sql, self.name)?;
        sql.push(' ');
        self.push_type(sql)
    }

    /// How many bytes the column takes in each row, if its type has a fixed width.
    pub(super) fn fixed_width(&self) -> u32 {
        match (self.type_name, self.size) {
            (_, Some(Size::Char(bytes))) => bytes,
            (_, Some(Size::Decimal(precision, _))) => {
                if precision > 19 {
                    16
                } else {
                    8
                }
            }
            (TypeName::Whole("BOOLEAN"), _) => 1,
            (TypeName::Whole("SMALLINT"), _) => 2,
            (TypeName::Whole("INTEGER" | "REAL" | "DATE" | "INTERVAL YEAR TO MONTH"), _) => 4,
            (
                TypeName::Whole(
                    "BIGINT"
                    | "DOUBLE PRECISION"
                    | "TIME"
                    | "TIMETZ"
                    | "TIMESTAMP"
                    | "TIMESTAMPTZ"
                    | "INTERVAL DAY TO SECOND",
                ),
                _,
            ) => 8,
            _ => 0,
        }
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

/// Whether a text is complete in itself: nothing after it can belong to it, and it cannot belong to
/// anything after it.
pub(super) fn is_one_expression(sql: &str) -> bool {
    const END: &str = " ;";
    let mut depth = 0_i32;
    let mut is_empty = true;
    let text = format!("{sql}{END}");
    let mut at = 0;
    for (token, piece) in tokens(&text) {
        at += piece.len();
        match (token, piece) {
            (Token::Symbol, ";") => return at == text.len() && depth == 0 && !is_empty,
            (Token::Symbol, "(") => depth += 1,
            (Token::Symbol, ")") => depth -= 1,
            (Token::Symbol, ",") if depth == 0 => return false,
            (Token::Comment | Token::Parameter { .. }, _) => return false,
            _ => {}
        }
        if depth < 0 {
            return false;
        }
        is_empty &= token == Token::Space;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_as_text_is_one_expression() {
        for sql in [
            "getdate()",
            " 'it''s; (a, b)' ",
            "NVL(NULL, 1)",
            "1 + (2)",
            "'\\''",
            "\"f,\"()",
        ] {
            assert!(is_one_expression(sql), "{sql}");
        }
        for sql in [
            "",
            " ",
            "1;",
            "1, b INTEGER",
            "f(",
            "1)",
            ")(",
            "'open",
            "'open\\'",
            "1 -- c",
            "/*",
            "1 /* c */",
            "\"open",
            "$1",
            "$$open",
        ] {
            assert!(!is_one_expression(sql), "{sql}");
        }
    }
}
