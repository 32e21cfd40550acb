//! Values of a select list that are named further on in it.

use std::cell::RefCell;
use std::ops::Range;

use super::Rewriter;
use crate::protocol::SqlResult;
use crate::sql::lexer::{Kind, tokens};
use crate::sql::token_tree::TokenTree;

thread_local! {
    static INLINED: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Reads statements in which these names stand for values of select lists, since they are no columns.
pub(crate) fn inlining<T>(names: &[String], read: impl FnOnce() -> T) -> T {
    INLINED.set(names.to_vec());
    let read = read();
    INLINED.take();
    read
}

fn is_inlined(name: &str) -> bool {
    INLINED.with_borrow(|names| names.iter().any(|inlined| inlined == name))
}

/// The names that AS gives in a statement and that stand in it again, other than in GROUP BY and ORDER BY.
pub(crate) fn named_again(sql: &str) -> Vec<String> {
    let Ok(tokens) = tokens(sql) else {
        return Vec::new();
    };
    let Ok(tree) = TokenTree::new(sql, &tokens) else {
        return Vec::new();
    };
    let mut given: Vec<String> = Vec::new();
    let mut again = Vec::new();
    let mut in_by = false;
    for at in 0..tree.len() {
        if tree.follows(at, &["as"]) {
            // No query, and no type of a cast.
            let is_other = tree.is_any(at, &["select", "with"])
                || tree.is_kind(at + 1, Kind::Close)
                || tree.is_kind(at + 1, Kind::Open);
            given.extend(tree.name(at).filter(|_| !is_other));
            continue;
        }
        if tree.is(at, "by") {
            in_by = !tree.follows(at, &["partition"]);
        } else if tree.is_any(
            at,
            &["select", "from", "where", "having", "qualify", "union"],
        ) || tree.is_kind(at, Kind::Close)
        {
            in_by = false;
        }
        let is_column = !tree.follows_kind(at, Kind::Dot)
            && !tree.is_kind(at + 1, Kind::Dot)
            && !tree.is_kind(at + 1, Kind::Open);
        if let Some(name) = tree.name(at)
            && is_column
            && !in_by
            && given.contains(&name)
        {
            again.push(name);
        }
    }
    again
}

impl Rewriter<'_> {
    /// Writes a value that can name those before it.
    pub(super) fn emit_after(
        &self,
        out: &mut String,
        list: Range<usize>,
        range: Range<usize>,
    ) -> SqlResult<()> {
        let mut aliases = self.aliases_of(list);
        aliases.retain(|(name, _)| is_inlined(name));
        if aliases.is_empty() {
            return self.emit(out, range);
        }
        let aliased = Rewriter {
            aliases: &aliases,
            ..*self
        };
        aliased.emit(out, range)
    }

    /// The values that the value of this number can name.
    pub(super) fn before(&self, number: usize) -> Vec<(String, Range<usize>)> {
        let mut before = self.aliases[..number].to_vec();
        before.retain(|(name, _)| is_inlined(name));
        before
    }
}
