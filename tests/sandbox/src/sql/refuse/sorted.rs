//! Aggregates that sort: those of one SELECT have to sort alike, and PERCENTILE_DISC is one only with APPROXIMATE.

use std::ops::Range;

use crate::protocol::{SqlError, SqlResult};
use crate::sql::lexer::Kind;
use crate::sql::structure::Structure;

/// Checks the SELECT that begins here.
pub(super) fn check(structure: &Structure<'_>, at: usize) -> SqlResult<()> {
    if !structure.is(at, "select") {
        return Ok(());
    }
    let mut orders = Vec::new();
    collect(structure, at + 1..structure.len(), &mut orders)?;
    if orders.windows(2).any(|pair| pair[0] != pair[1]) {
        return Err(SqlError::unsupported(
            "within group ORDER BY clauses for aggregate functions must be the same",
        ));
    }
    Ok(())
}

/// What the aggregates sort by, as far as the SELECT reaches and without those within it.
fn collect(
    structure: &Structure<'_>,
    range: Range<usize>,
    orders: &mut Vec<String>,
) -> SqlResult<()> {
    let mut at = range.start;
    while at < range.end {
        if structure.is_kind(at, Kind::Close)
            || structure.is_kind(at, Kind::Semicolon)
            || structure.is_any(at, &["union", "except", "minus", "intersect"])
        {
            return Ok(());
        }
        if structure.is_kind(at, Kind::Open) {
            if !structure.is_any(at + 1, &["select", "with"]) {
                collect(structure, at + 1..structure.close(at), orders)?;
            }
            at = structure.close(at) + 1;
            continue;
        }
        if let Some(order) = order_of(structure, at)? {
            orders.push(order);
        }
        at += 1;
    }
    Ok(())
}

/// What the aggregate that is called here sorts by.
fn order_of(structure: &Structure<'_>, at: usize) -> SqlResult<Option<String>> {
    const SORTED: [&str; 4] = ["listagg", "median", "percentile_cont", "percentile_disc"];
    if !structure.is_any(at, &SORTED)
        || !structure.is_kind(at + 1, Kind::Open)
        || structure.follows_kind(at, Kind::Dot)
    {
        return Ok(None);
    }
    let arguments = at + 2..structure.close(at + 1);
    let mut end = arguments.end + 1;
    let mut order = structure.is(at, "median").then_some(arguments);
    if structure.are(end, &["within", "group"]) && structure.is_kind(end + 2, Kind::Open) {
        let close = structure.close(end + 2);
        order = Some(end + 5..close);
        end = close + 1;
    }
    if structure.is(end, "over") {
        return Ok(None);
    }
    if structure.is(at, "percentile_disc") && !structure.follows(at, &["approximate"]) {
        return Err(SqlError::unsupported(
            "PERCENTILE_DISC is a window function and needs OVER; the aggregate is APPROXIMATE PERCENTILE_DISC",
        ));
    }
    let text = |at: usize| structure.text(at).to_ascii_lowercase();
    Ok(order.map(|order| order.map(text).collect::<Vec<_>>().join(" ")))
}
