//! WITH RECURSIVE, which Redshift takes with a list of columns and UNION ALL.

use crate::protocol::{SqlError, SqlResult};
use crate::sql::lexer::Kind;
use crate::sql::structure::Structure;

/// Whether WITH stands in a subquery or in another common table expression, not before a query of its own.
pub(super) fn is_nested(structure: &Structure<'_>, at: usize) -> bool {
    structure.follows_kind(at, Kind::Open)
        && at > 1
        && !(structure.is(0, "create") && structure.follows(at - 1, &["as"]))
}

/// Checks the common table expressions that begin here.
pub(super) fn check(structure: &Structure<'_>, mut at: usize) -> SqlResult<()> {
    while let Some(name) = structure.name(at) {
        let has_columns = structure.is_kind(at + 1, Kind::Open);
        let word = if has_columns {
            structure.close(at + 1) + 1
        } else {
            at + 1
        };
        if !structure.is(word, "as") || !structure.is_kind(word + 1, Kind::Open) {
            return Ok(());
        }
        let query = word + 2..structure.close(word + 1);
        let recurs = query
            .clone()
            .any(|at| structure.name(at).is_some_and(|found| found == name));
        if recurs && !has_columns {
            return Err(SqlError::unsupported(format!(
                "The recursive common table expression \"{name}\" needs a list of its columns"
            )));
        }
        let joins = |at: usize| {
            structure.is_any(at, &["union", "intersect", "except", "minus"])
                && !structure.are(at, &["union", "all"])
        };
        if recurs && structure.find(query.clone(), joins).is_some() {
            return Err(SqlError::unsupported(
                "Recursive common table expressions are supported with UNION ALL only",
            ));
        }
        at = query.end + 1;
        if !structure.is_kind(at, Kind::Comma) {
            return Ok(());
        }
        at += 1;
    }
    Ok(())
}
