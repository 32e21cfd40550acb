//! Names in statements that the library has no builder for.

use diesel::query_builder::QueryBuilder;
use diesel_redshift::backend::RedshiftQueryBuilder;

use crate::failure::Failure;

/// A name in double quotes.
pub(crate) fn quoted(name: &str) -> Result<String, Failure> {
    let mut builder = RedshiftQueryBuilder::default();
    builder.push_identifier(name)?;
    Ok(builder.finish())
}
