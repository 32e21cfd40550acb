//! WITH RECURSIVE, which Redshift takes with a list of columns and UNION ALL.

use crate::protocol::{SqlError, SqlResult};
use crate::sql::lexer::Kind;
use crate::sql::token_tree::TokenTree;

/// Whether WITH stands in a subquery or in another common table expression, not before a query of its own.
pub(super) fn is_nested(tree: &TokenTree<'_>, at: usize) -> bool {
    tree.follows_kind(at, Kind::Open)
        && at > 1
        && !(tree.is(0, "create") && tree.follows(at - 1, &["as"]))
}

/// Checks the common table expressions that begin here.
pub(super) fn check(tree: &TokenTree<'_>, mut at: usize) -> SqlResult<()> {
    while let Some(name) = tree.name(at) {
        let has_columns = tree.is_kind(at + 1, Kind::Open);
        let word = if has_columns {
            tree.close(at + 1) + 1
        } else {
            at + 1
        };
        if !tree.is(word, "as") || !tree.is_kind(word + 1, Kind::Open) {
            return Ok(());
        }
        let query = word + 2..tree.close(word + 1);
        let recurs = query
            .clone()
            .any(|at| tree.name(at).is_some_and(|found| found == name));
        if recurs && !has_columns {
            return Err(SqlError::unsupported(format!(
                "The recursive common table expression \"{name}\" needs a list of its columns"
            )));
        }
        let joins = |at: usize| {
            tree.is_any(at, &["union", "intersect", "except", "minus"])
                && !tree.are(at, &["union", "all"])
        };
        if recurs && tree.find(query.clone(), joins).is_some() {
            return Err(SqlError::unsupported(
                "Recursive common table expressions are supported with UNION ALL only",
            ));
        }
        at = query.end + 1;
        if !tree.is_kind(at, Kind::Comma) {
            return Ok(());
        }
        at += 1;
    }
    Ok(())
}
