//! `COMMENT ON`.

use diesel::Table;
use diesel::query_builder::QueryFragment;

use super::definition::{Definition, definition, push_identifier};
use crate::Redshift;
use crate::error::{Error, InvalidValue};
use crate::query_builder::ColumnOf;
use crate::query_builder::inline::inline;
use crate::sql::literal;

/// `COMMENT ON`; see [`comment_on_table`] and [`comment_on_column`].
#[derive(Debug, Clone)]
#[must_use = "a statement runs with .execute(…)"]
pub struct Comment {
    object: Result<String, InvalidValue>,
    text: Option<String>,
}

fn named(kind: &str, table: &dyn QueryFragment<Redshift>) -> Result<String, InvalidValue> {
    match inline(table) {
        Ok(name) => Ok(format!("{kind} {name}")),
        Err(error) => Err(InvalidValue::new(
            "COMMENT ON",
            error.to_string(),
            "a valid name",
        )),
    }
}

/// `COMMENT ON TABLE "users" IS '…'`; `None` removes the comment.
///
/// ```
/// # diesel::table! { users { id -> BigInt, name -> Text, } }
/// use diesel_redshift::ddl::{comment_on_column, comment_on_table};
///
/// assert_eq!(
///     comment_on_table(users::table, Some("who's who")).to_sql()?,
///     r#"COMMENT ON TABLE "users" IS 'who''s who'"#
/// );
/// assert_eq!(
///     comment_on_column(users::table, users::name, None).to_sql()?,
///     r#"COMMENT ON COLUMN "users"."name" IS NULL"#
/// );
/// # Ok::<(), diesel_redshift::Error>(())
/// ```
pub fn comment_on_table<T>(table: T, text: Option<&str>) -> Comment
where
    T: Table + QueryFragment<Redshift>,
{
    Comment {
        object: named("TABLE", &table),
        text: text.map(str::to_owned),
    }
}

/// `COMMENT ON VIEW "named" IS '…'`; `None` removes the comment. A late-binding view cannot have
/// one.
pub fn comment_on_view<V>(view: V, text: Option<&str>) -> Comment
where
    V: Table + QueryFragment<Redshift>,
{
    Comment {
        object: named("VIEW", &view),
        text: text.map(str::to_owned),
    }
}

/// `COMMENT ON COLUMN "users"."name" IS '…'`; `None` removes the comment.
pub fn comment_on_column<T, C>(table: T, _column: C, text: Option<&str>) -> Comment
where
    T: Table + QueryFragment<Redshift>,
    C: ColumnOf<T>,
{
    let object = named("COLUMN", &table).and_then(|mut object| {
        object.push('.');
        push_identifier(&mut object, C::NAME)?;
        Ok(object)
    });
    Comment {
        object,
        text: text.map(str::to_owned),
    }
}

impl Definition for Comment {
    crate::seal::sealed!();
    fn text(&self) -> Result<String, Error> {
        let object = self.object.as_ref().map_err(Clone::clone)?;
        let text = match &self.text {
            Some(text) => literal::string(text)?,
            None => "NULL".to_owned(),
        };
        Ok(format!("COMMENT ON {object} IS {text}"))
    }
}

definition!(Comment);
