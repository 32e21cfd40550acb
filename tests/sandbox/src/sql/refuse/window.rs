//! Windows: Redshift knows frames of ROWS only, and an aggregate over an order has to have one.

use std::ops::Range;

use crate::protocol::{SqlError, SqlResult};
use crate::sql::lexer::Kind;
use crate::sql::structure::Structure;

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
pub(super) fn check(structure: &Structure<'_>, at: usize) -> SqlResult<()> {
    if structure.is(at, "window")
        && structure.name(at + 1).is_some()
        && structure.is(at + 2, "as")
        && structure.is_kind(at + 3, Kind::Open)
    {
        return Err(SqlError::syntax(structure.text(at)));
    }
    // IGNORE NULLS and RESPECT NULLS can stand between.
    let behind = if structure.follows(at, &["nulls"]) && at >= 2 {
        at - 2
    } else {
        at
    };
    if !structure.is(at, "over") || !structure.follows_kind(behind, Kind::Close) {
        return Ok(());
    }
    if !structure.is_kind(at + 1, Kind::Open) {
        return Err(SqlError::syntax(structure.text(at + 1)));
    }
    let inside = at + 2..structure.close(at + 1);
    if structure.name(inside.start).is_some()
        && !structure.is_any(
            inside.start,
            &["partition", "order", "rows", "range", "groups"],
        )
    {
        return Err(SqlError::syntax(structure.text(inside.start)));
    }
    let find = |words: &[&str]| structure.find(inside.clone(), |at| structure.is_any(at, words));
    let order = find(&["order"]);
    if let Some(order) = order.filter(|at| structure.is(at + 1, "by")) {
        let end = find(&["rows"]).unwrap_or(inside.end);
        let keys = structure.split(order + 2..end);
        if keys.iter().any(|key| is_constant(structure, key)) {
            return Err(SqlError::unsupported(
                "Constants in the ORDER BY clause of a window are not supported",
            ));
        }
    }
    let ends_a_key =
        |at: usize| !structure.follows_kind(at, Kind::Comma) && !structure.follows(at, &["by"]);
    if find(&["range"]).is_some_and(ends_a_key) {
        return Err(SqlError::unsupported(
            "RANGE clause of window functions not yet implemented",
        ));
    }
    for word in ["groups", "exclude"] {
        if let Some(found) = find(&[word]).filter(|at| ends_a_key(*at)) {
            return Err(SqlError::syntax(structure.text(found)));
        }
    }
    let function = function(structure, behind - 1);
    if let Some((name, arguments)) = &function
        && matches!(&**name, "lag" | "lead")
        && structure.split(arguments.clone()).len() > 2
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

/// Whether a key of ORDER BY is a literal.
fn is_constant(structure: &Structure<'_>, key: &Range<usize>) -> bool {
    let literal = matches!(
        structure.kind(key.start),
        Some(Kind::Number | Kind::Text | Kind::Dollar)
    ) || structure.is_any(key.start, &["null", "true", "false"]);
    let behind = key.start + 1;
    literal && (behind >= key.end || structure.is_any(behind, &["asc", "desc", "nulls"]))
}

/// The function whose arguments close here, and its arguments.
fn function(structure: &Structure<'_>, close: usize) -> Option<(String, Range<usize>)> {
    let open = (0..close)
        .rev()
        .find(|at| structure.is_kind(*at, Kind::Open) && structure.close(*at) == close)?;
    let name = structure.name(open.checked_sub(1)?)?;
    Some((name, open + 1..close))
}
