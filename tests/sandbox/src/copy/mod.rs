//! COPY
use crate::{engine::Failure, protocol::{SqlError, SqlResult}, session::Session, sql::Cursor};
#[derive(Clone, Debug)]
pub(crate) struct Statement;
pub(crate) fn parse(_: Cursor<'_>) -> SqlResult<Statement> { Err(SqlError::not_imitated("COPY")) }
pub(crate) fn run(_: &mut Session<'_>, _: &Statement) -> Result<(), Failure> { Ok(()) }
