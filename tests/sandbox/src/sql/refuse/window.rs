//! Windows: Redshift knows frames of ROWS only, and an aggregate over an order has to have one.

use std::ops::Range;

use crate::protocol::{SqlError, SqlResult};
use crate::sql::lexer::Kind;
use crate::sql::token_tree::TokenTree;

/// Window functions that take no frame.
const RANKS: [&str; 8] = [
    "cume_dist",
    "dense_rank",
    "lag",
    "lead",
    "ntile",
    "percent_rank",
    "rank",
    "row_number",
];

/// Checks the OVER or WINDOW that stands here.
pub(super) fn check(tree: &TokenTree<'_>, at: usize) -> SqlResult<()> {
    if tree.is(at, "window")
        && tree.name(at + 1).is_some()
        && tree.is(at + 2, "as")
        && tree.is_kind(at + 3, Kind::Open)
    {
        return Err(SqlError::syntax(tree.text(at)));
    }
    // IGNORE NULLS and RESPECT NULLS can stand between.
    let behind = if tree.follows(at, &["nulls"]) && at >= 2 {
        at - 2
    } else {
        at
    };
    if !tree.is(at, "over") || !tree.follows_kind(behind, Kind::Close) {
        return Ok(());
    }
    if !tree.is_kind(at + 1, Kind::Open) {
        return Err(SqlError::syntax(tree.text(at + 1)));
    }
    let inside = at + 2..tree.close(at + 1);
    if tree.name(inside.start).is_some()
        && !tree.is_any(
            inside.start,
            &["partition", "order", "rows", "range", "groups"],
        )
    {
        return Err(SqlError::syntax(tree.text(inside.start)));
    }
    let find = |words: &[&str]| tree.find(inside.clone(), |at| tree.is_any(at, words));
    let order = find(&["order"]);
    let ends_a_key = |at: usize| !tree.follows_kind(at, Kind::Comma) && !tree.follows(at, &["by"]);
    if find(&["range"]).is_some_and(ends_a_key) {
        return Err(SqlError::unsupported(
            "RANGE clause of window functions not yet implemented",
        ));
    }
    for word in ["groups", "exclude"] {
        if let Some(found) = find(&[word]).filter(|at| ends_a_key(*at)) {
            return Err(SqlError::syntax(tree.text(found)));
        }
    }
    let function = function(tree, behind - 1);
    if let Some((name, arguments)) = &function
        && matches!(&**name, "lag" | "lead")
        && tree.split(arguments.clone()).len() > 2
    {
        return Err(SqlError::unsupported(format!(
            "Default parameter not be supported for window function {name}"
        )));
    }
    let is_ranked = function.is_some_and(|(name, _)| RANKS.contains(&&*name));
    if !is_ranked && order.is_some() && find(&["rows"]).is_none() {
        return Err(SqlError::unsupported(
            "Aggregate window functions with an ORDER BY clause require a frame clause",
        ));
    }
    Ok(())
}

/// The function whose arguments close here, and its arguments.
fn function(tree: &TokenTree<'_>, close: usize) -> Option<(String, Range<usize>)> {
    let open = (0..close)
        .rev()
        .find(|at| tree.is_kind(*at, Kind::Open) && tree.close(*at) == close)?;
    let name = tree.name(open.checked_sub(1)?)?;
    Some((name, open + 1..close))
}
