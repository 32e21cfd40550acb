//! MERGE.

use std::ops::Range;

use super::cursor::Cursor;
use super::definition::Definition;
use super::lexer::Kind;
use super::rewrite;
use super::statement::Statement;
use super::token_tree::TokenTree;
use crate::protocol::{SqlError, SqlResult};

/// `MERGE INTO target USING source ON condition { WHEN MATCHED … WHEN NOT MATCHED … | REMOVE DUPLICATES }`, of which
/// Redshift wants both branches and knows no others.
pub(super) fn merge(
    mut cursor: Cursor<'_>,
    plain: impl Fn() -> SqlResult<Statement>,
) -> SqlResult<Statement> {
    let tree = TokenTree::new(cursor.sql, cursor.tokens)?;
    let whole = 0..tree.len();
    cursor.expect("merge")?;
    cursor.expect("into")?;
    let target = cursor.at;
    let table = cursor.qualified_name()?;
    if !cursor.is("using") {
        return Err(cursor.unexpected());
    }
    let find = |words: &[&str]| tree.find(whole.clone(), |at| tree.are(at, words));
    let (Some(using), Some(on)) = (find(&["using"]), find(&["on"])) else {
        return Err(SqlError::syntax(""));
    };
    if tree.is_kind(using + 1, Kind::Open) {
        return Err(SqlError::syntax("("));
    }
    let actions = find(&["when"]).or_else(|| find(&["remove", "duplicates"]));
    check_condition(&tree, on + 1..actions.unwrap_or(whole.end))?;
    if let Some(duplicates) = find(&["remove", "duplicates"]) {
        if duplicates + 2 < tree.len() {
            return Err(SqlError::syntax(tree.text(duplicates + 2)));
        }
        let part = |from: usize, to: usize| rewrite::rewrite(cursor.sql, &cursor.tokens[from..to]);
        let source = part(using + 1, on)?;
        cursor.at = using + 1;
        let sql = format!(
            "LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE; SELECT pg_sandbox.check_merge({}, {}); DELETE FROM {} USING {source} WHERE {}; INSERT INTO {} SELECT DISTINCT * FROM {source}",
            table.regclass(),
            cursor.qualified_name()?.regclass(),
            part(target, using)?,
            part(on + 1, duplicates)?,
            table.quoted(),
            name = table.quoted(),
        );
        return Ok(Statement::Define(Box::new(Definition {
            table,
            if_not_exists: false,
            sql,
            query: None,
            records: Vec::new(),
            tag: "MERGE",
            alone: None,
        })));
    }
    if let Some(nothing) = find(&["do", "nothing"]) {
        return Err(SqlError::syntax(tree.text(nothing)));
    }
    let (Some(matched), Some(not_matched)) = (
        find(&["when", "matched"]),
        find(&["when", "not", "matched"]),
    ) else {
        return Err(SqlError::syntax(""));
    };
    if not_matched < matched {
        return Err(SqlError::syntax(tree.text(not_matched + 1)));
    }
    if let Some(default) = find(&["default", "values"]) {
        return Err(SqlError::syntax(tree.text(default)));
    }
    for then in [matched + 2, not_matched + 3] {
        if !tree.is(then, "then") {
            return Err(SqlError::syntax(tree.text(then)));
        }
    }
    plain()
}

/// Rows of both tables are matched by equality, and by what else there may be.
fn check_condition(tree: &TokenTree<'_>, condition: Range<usize>) -> SqlResult<()> {
    let mut all = condition.clone();
    let equals = all.any(|at| tree.is_kind(at, Kind::Operator) && tree.text(at) == "=");
    if equals
        && tree
            .find(condition.clone(), |at| tree.is(at, "or"))
            .is_none()
    {
        return Ok(());
    }
    Err(SqlError::unsupported(
        "Target table must be part of an equijoin predicate",
    ))
}
