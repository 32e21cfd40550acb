//! `COPY table [(columns)] FROM 's3://…' authorization [options]`

use super::options::{self, Options};
use crate::protocol::{SqlError, SqlResult};
use crate::s3::Access;
use crate::sql::lexer::Kind;
use crate::sql::{Cursor, Name};

#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(super) table: Name,
    pub(super) columns: Option<Vec<String>>,
    pub(super) source: String,
    pub(super) options: Options,
}

impl Statement {
    pub(crate) fn access(&self) -> &Access {
        &self.options.access
    }

    pub(crate) fn table(&self) -> &Name {
        &self.table
    }

    pub(crate) fn source(&self) -> &str {
        &self.source
    }
}

pub(crate) fn parse(mut cursor: Cursor<'_>) -> SqlResult<Statement> {
    cursor.expect("copy")?;
    let is_job = ["alter", "run", "list", "show", "drop"]
        .iter()
        .any(|verb| cursor.is_at(1, verb));
    if cursor.is("job") && is_job {
        return Err(SqlError::not_imitated("COPY JOB"));
    }
    let table = cursor.qualified_name()?;
    if table.is_system_table() {
        return Err(SqlError::new(
            "42501",
            format!("permission denied: \"{}\" is a system catalog", table.name),
        ));
    }
    let columns = if cursor.is_kind(Kind::Open) {
        Some(cursor.names()?)
    } else {
        None
    };
    if let Some(columns) = &columns
        && let Some(twice) = columns
            .iter()
            .enumerate()
            .find(|(at, name)| columns[..*at].contains(name))
    {
        return Err(SqlError::new(
            "42701",
            format!("column \"{}\" specified more than once", twice.1),
        ));
    }
    // Also what COPY … TO and COPY … FROM STDIN stumble over.
    cursor.expect("from")?;
    let (source, _) = cursor.literal()?;
    for scheme in ["dynamodb://", "emr://"] {
        if source.starts_with(scheme) {
            return Err(SqlError::not_imitated(&format!("COPY from {scheme}")));
        }
    }
    let valid = source
        .strip_prefix("s3://")
        .is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'));
    if !valid {
        return Err(SqlError::internal(format!("Invalid S3 URI: '{source}'"))
            .hint("The source is written 's3://bucket/prefix'."));
    }
    let options = options::parse(&mut cursor)?;
    Ok(Statement {
        table,
        columns,
        source,
        options,
    })
}
