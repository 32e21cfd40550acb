//! What the compute nodes cannot do in a select list.

use crate::protocol::{SqlError, SqlResult};
use crate::sql::lexer::Kind;
use crate::sql::token_tree::TokenTree;

/// `IS TRUE` and its kin can be conditions only.
pub(super) fn check(tree: &TokenTree<'_>) -> SqlResult<()> {
    const CLAUSES: [&str; 8] = [
        "from", "where", "group", "having", "order", "limit", "on", "qualify",
    ];
    // For each pair of parentheses that the walk is in, whether it is in a select list.
    let mut lists = vec![false];
    for at in 0..tree.len() {
        let Some(in_list) = lists.last_mut() else {
            break;
        };
        match tree.kind(at) {
            Some(Kind::Open) => {
                let in_list = *in_list;
                lists.push(in_list);
            }
            Some(Kind::Close) => {
                lists.pop();
            }
            Some(Kind::Word) if tree.is(at, "select") => *in_list = true,
            Some(Kind::Word) if tree.is_any(at, &CLAUSES) => *in_list = false,
            Some(Kind::Word) if *in_list && tree.is(at, "is") => {
                let value = at + 1 + usize::from(tree.is(at + 1, "not"));
                if tree.is_any(value, &["true", "false", "unknown"]) {
                    return Err(not_implemented());
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn not_implemented() -> SqlError {
    let text = "Not implemented";
    SqlError::internal(text).boxed(1001, text, "IS in a select list", 0)
}
