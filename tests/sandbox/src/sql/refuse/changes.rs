//! INSERT, UPDATE, DELETE and MERGE: forms that Redshift lacks, and targets that nobody may write to.

use std::ops::Range;

use crate::protocol::{SqlError, SqlResult};
use crate::sql::lexer::{Kind, Token};
use crate::sql::names::is_system_table;
use crate::sql::quote_identifier;
use crate::sql::token_tree::TokenTree;

pub(super) fn check(tree: &TokenTree<'_>) -> SqlResult<()> {
    let Some(verb) = verb(tree) else {
        return Ok(());
    };
    let syntax = |at: usize| Err(SqlError::syntax(tree.text(at)));
    let start = verb + 1 + usize::from(tree.is_any(verb + 1, &["into", "from"]));
    let (target, end) = tree.dotted(start);
    if is_system_table(&target) {
        let name = target.last().map_or("", String::as_str);
        return Err(SqlError::new(
            "42501",
            format!("permission denied: \"{name}\" is a system catalog"),
        ));
    }
    if tree.is(verb, "insert") {
        // WITH stands behind the table, as a part of the query.
        if tree.follows_kind(verb, Kind::Close) {
            return syntax(verb);
        }
        if tree.is(end, "as") {
            return syntax(end);
        }
    } else if tree.is(verb, "delete") {
        if end < tree.len() && !tree.is_any(end, &["using", "where"]) {
            return syntax(end);
        }
    } else if tree.is(verb, "update") {
        return update(tree, end);
    }
    Ok(())
}

/// The table that an INSERT, UPDATE, DELETE or MERGE writes to, as PostgreSQL reads its name.
pub(in crate::sql) fn changed_table(sql: &str, tokens: &[Token]) -> SqlResult<Option<String>> {
    const BEGINS: [&str; 5] = ["insert", "update", "delete", "merge", "with"];
    let begins = |word: &&str| tokens.first().is_some_and(|token| token.is(sql, word));
    if !BEGINS.iter().any(begins) {
        return Ok(None);
    }
    let tree = TokenTree::new(sql, tokens)?;
    let Some(verb) = verb(&tree) else {
        return Ok(None);
    };
    let start = verb + 1 + usize::from(tree.is_any(verb + 1, &["into", "from"]));
    let parts: Vec<_> = tree
        .dotted(start)
        .0
        .iter()
        .map(|part| quote_identifier(part))
        .collect();
    Ok((!parts.is_empty()).then(|| parts.join(".")))
}

/// Where the verb of a statement stands that changes rows.
fn verb(tree: &TokenTree<'_>) -> Option<usize> {
    const VERBS: [&str; 4] = ["insert", "update", "delete", "merge"];
    const BEGINS: [&str; 7] = [
        "insert", "update", "delete", "merge", "with", "explain", "prepare",
    ];
    if !tree.is_any(0, &BEGINS) {
        return None;
    }
    tree.find(0..tree.len(), |at| {
        let begins = at == 0
            || tree.follows_kind(at, Kind::Close)
            || tree.follows(at, &["explain", "verbose", "as"]);
        begins && tree.is_any(at, &VERBS)
    })
}

/// What stands behind the table's name.
fn update(tree: &TokenTree<'_>, end: usize) -> SqlResult<()> {
    let whole = end..tree.len();
    let Some(set) = tree.find(whole.clone(), |at| tree.is(at, "set")) else {
        return Ok(());
    };
    let from = tree.find(set..whole.end, |at| tree.is(at, "from"));
    let condition = tree
        .find(set..whole.end, |at| tree.is(at, "where"))
        .unwrap_or(whole.end);
    for assignment in tree.split(set + 1..from.unwrap_or(condition)) {
        if tree.is_kind(assignment.start, Kind::Open) {
            return Err(SqlError::syntax(tree.text(assignment.start)));
        }
    }
    if from.is_some_and(|from| joins_outside(tree, from..condition)) {
        return Err(SqlError::unsupported(
            "The FROM clause of an UPDATE cannot contain outer joins",
        ));
    }
    Ok(())
}

/// Whether tables are joined outside of subqueries by an outer join.
fn joins_outside(tree: &TokenTree<'_>, range: Range<usize>) -> bool {
    let mut at = range.start;
    while at < range.end {
        if tree.is_any(at, &["left", "right", "full"]) && tree.is_any(at + 1, &["join", "outer"]) {
            return true;
        }
        let is_subquery = tree.is_kind(at, Kind::Open) && tree.is_any(at + 1, &["select", "with"]);
        at = if is_subquery { tree.next(at) } else { at + 1 };
    }
    false
}
