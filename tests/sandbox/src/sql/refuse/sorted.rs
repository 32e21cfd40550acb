//! Aggregates that sort: those of one SELECT have to sort alike, and PERCENTILE_DISC is one only with APPROXIMATE.

use std::ops::Range;

use crate::protocol::{SqlError, SqlResult};
use crate::sql::lexer::Kind;
use crate::sql::token_tree::TokenTree;

/// Checks the SELECT that begins here.
pub(super) fn check(tree: &TokenTree<'_>, at: usize) -> SqlResult<()> {
    if !tree.is(at, "select") {
        return Ok(());
    }
    let mut orders = Vec::new();
    collect(tree, at + 1..tree.len(), &mut orders)?;
    if orders.windows(2).any(|pair| pair[0] != pair[1]) {
        return Err(SqlError::unsupported(
            "within group ORDER BY clauses for aggregate functions must be the same",
        ));
    }
    Ok(())
}

/// What the aggregates sort by, as far as the SELECT reaches and without those within it.
fn collect(tree: &TokenTree<'_>, range: Range<usize>, orders: &mut Vec<String>) -> SqlResult<()> {
    let mut at = range.start;
    while at < range.end {
        if tree.is_kind(at, Kind::Close)
            || tree.is_kind(at, Kind::Semicolon)
            || tree.is_any(at, &["union", "except", "minus", "intersect"])
        {
            return Ok(());
        }
        if tree.is_kind(at, Kind::Open) {
            if !tree.is_any(at + 1, &["select", "with"]) {
                collect(tree, at + 1..tree.close(at), orders)?;
            }
            at = tree.close(at) + 1;
            continue;
        }
        if let Some(order) = order_of(tree, at)? {
            orders.push(order);
        }
        at += 1;
    }
    Ok(())
}

/// What the aggregate that is called here sorts by.
fn order_of(tree: &TokenTree<'_>, at: usize) -> SqlResult<Option<String>> {
    const SORTED: [&str; 4] = ["listagg", "median", "percentile_cont", "percentile_disc"];
    if !tree.is_any(at, &SORTED)
        || !tree.is_kind(at + 1, Kind::Open)
        || tree.follows_kind(at, Kind::Dot)
    {
        return Ok(None);
    }
    let arguments = at + 2..tree.close(at + 1);
    let mut end = arguments.end + 1;
    let mut order = tree.is(at, "median").then_some(arguments);
    if tree.are(end, &["within", "group"]) && tree.is_kind(end + 2, Kind::Open) {
        let close = tree.close(end + 2);
        order = Some(end + 5..close);
        end = close + 1;
    }
    if tree.is(end, "over") {
        return Ok(None);
    }
    if tree.is(at, "percentile_disc") && !tree.follows(at, &["approximate"]) {
        return Err(SqlError::unsupported(
            "PERCENTILE_DISC is a window function and needs OVER; the aggregate is APPROXIMATE PERCENTILE_DISC",
        ));
    }
    let text = |at: usize| tree.text(at).to_ascii_lowercase();
    Ok(order.map(|order| order.map(text).collect::<Vec<_>>().join(" ")))
}
