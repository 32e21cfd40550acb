//! SELECT with TOP and QUALIFY.

use std::ops::Range;

use super::Rewriter;
use crate::protocol::{SqlError, SqlResult};
use crate::sql::lexer::Kind;
use crate::sql::token_tree::TokenTree;

const SET_OPERATIONS: [&str; 4] = ["union", "intersect", "except", "minus"];

/// Where the clauses of one SELECT are.
struct Clauses {
    top: Option<usize>,
    list: Range<usize>,
    qualify: Option<usize>,
    /// ORDER BY, LIMIT and OFFSET.
    tail: usize,
    end: usize,
    /// One of several that a set operation joins.
    is_part: bool,
}

impl Clauses {
    fn of(tree: &TokenTree<'_>, at: usize, end: usize) -> SqlResult<Self> {
        let part_end = tree.find(at + 1..end, |at| tree.is_any(at, &SET_OPERATIONS));
        let is_part = part_end.is_some() || tree.follows(at, &SET_OPERATIONS) || {
            tree.follows(at, &["all"]) && tree.follows(at - 1, &SET_OPERATIONS)
        };
        let end = part_end.unwrap_or(end);
        let has_top = tree.is(at + 1, "top") && tree.is_kind(at + 2, Kind::Number);
        let start = if has_top { at + 3 } else { at + 1 };
        let list_end = tree
            .find(start..end, |at| {
                const FOLLOWERS: [&str; 8] = [
                    "into", "from", "where", "group", "having", "order", "limit", "offset",
                ];
                tree.is_any(at, &FOLLOWERS) && !tree.follows(at, &["as", "within"])
            })
            .unwrap_or(end);
        let tail = tree
            .find(list_end..end, |at| {
                tree.is_any(at, &["order", "limit", "offset"])
            })
            .unwrap_or(end);
        let qualify = tree.find(list_end..tail, |at| tree.is(at, "qualify"));
        if let Some(qualify) = qualify {
            // Behind a table it would be the table's alias.
            let is_alias = tree
                .find(list_end..qualify, |at| {
                    tree.is_any(at, &["where", "group", "having"])
                })
                .is_none()
                && !aliased(tree, qualify - 1);
            if is_alias || qualify + 1 == tail {
                return Err(SqlError::syntax(tree.text(qualify + 1)));
            }
        }
        Ok(Self {
            top: has_top.then_some(at + 2),
            list: start..list_end,
            qualify,
            tail,
            end,
            is_part,
        })
    }
}

/// Whether the table that ends here has an alias.
fn aliased(tree: &TokenTree<'_>, at: usize) -> bool {
    tree.is_kind(at, Kind::Close)
        || tree.follows(at, &["as"])
        || at > 0
            && tree.name(at).is_some()
            && (tree.name(at - 1).is_some() || tree.is_kind(at - 1, Kind::Close))
            && !tree.follows(at, &["from", "join"])
}

/// What a column is called that holds the time and nothing else.
fn name_of_now(tree: &TokenTree<'_>, item: Range<usize>) -> Option<&'static str> {
    let is_call = item.len() == 3 && tree.is_kind(item.start + 1, Kind::Open);
    match item.len() {
        1 if tree.is(item.start, "sysdate") => Some("timestamp"),
        1 if tree.is(item.start, "current_date") => Some("date"),
        3 if is_call && tree.is_any(item.start, &["getdate", "sysdate"]) => Some("timestamp"),
        _ => None,
    }
}

impl Rewriter<'_> {
    /// Writes the SELECT that begins here; returns where it ends.
    pub(super) fn select(&self, out: &mut String, at: usize, end: usize) -> SqlResult<usize> {
        let tree = self.tree;
        let clauses = Clauses::of(tree, at, end)?;
        let limit = clauses.top.map(|top| tree.text(top));
        let changes = limit.is_some() || clauses.qualify.is_some();
        let encloses = changes && clauses.is_part;
        if let Some(clash) = tree.find(clauses.tail..clauses.end, |at| {
            limit.is_some() && tree.is(at, "limit")
        }) {
            return Err(SqlError::syntax(tree.text(clash)));
        }

        self.blanks_before(out, at);
        if encloses {
            out.push('(');
        }
        out.push_str(tree.text(at));
        self.list(out, clauses.list.clone())?;
        let rest = clauses.list.end..clauses.qualify.unwrap_or(clauses.tail);
        self.named_values(out, clauses.list.clone(), rest)?;
        if let Some(qualify) = clauses.qualify {
            self.qualify(out, &clauses, qualify + 1..clauses.tail)?;
        }
        let close = |out: &mut String| {
            if let Some(limit) = limit {
                out.push_str(&format!(" LIMIT {limit}"));
            }
            if encloses {
                out.push(')');
            }
        };
        if encloses {
            close(out);
        }
        let mut tail = clauses.tail..clauses.end;
        if clauses.qualify.is_some() && !encloses && tree.are(tail.start, &["order", "by"]) {
            out.push(',');
            tail.start += 2;
        }
        self.emit(out, tail)?;
        if !encloses {
            close(out);
        }
        Ok(clauses.end)
    }

    /// The select list; what is navigated to is called as it is there.
    fn list(&self, out: &mut String, list: Range<usize>) -> SqlResult<()> {
        let tree = self.tree;
        for item in tree.split(list.clone()) {
            if item.start > list.start {
                self.token(out, item.start - 1);
            }
            let mut start = item.start;
            while tree.is_any(start, &["all", "distinct"]) {
                self.token(out, start);
                start += 1;
            }
            match self.value_named_before(list.start..item.start, start) {
                Some(value) => {
                    out.push_str(&format!(" ({})", self.rewritten(value)?));
                    self.emit(out, start + 1..item.end)?;
                }
                None => {
                    let before = list.start..item.start.saturating_sub(1).max(list.start);
                    self.emit_after(out, before, start..item.end)?;
                }
            }
            let now = name_of_now(tree, start..item.end).map(str::to_owned);
            if let Some(name) = self.navigated_name(start..item.end).or(now) {
                out.push_str(&format!(" AS {name}"));
            }
        }
        Ok(())
    }

    /// In a query of catalogs, what an item means that is the name of a value before it and nothing more.
    fn value_named_before(&self, before: Range<usize>, at: usize) -> Option<Range<usize>> {
        let tree = self.tree;
        let is_all = tree.is(at + 1, "as") || tree.is_kind(at + 1, Kind::Comma);
        if !is_all || !self.names.has_catalogs_only() || before.is_empty() {
            return None;
        }
        let name = tree.name(at)?;
        let mut values = self.aliases_of(before.start..before.end - 1).into_iter();
        let (_, value) = values.find(|(alias, _)| *alias == name)?;
        // Then it is a column that the value is made of.
        let is_column = value
            .clone()
            .any(|at| tree.name(at).is_some_and(|column| column == name));
        (!is_column).then_some(value)
    }

    /// What a select list calls its values by AS.
    pub(super) fn aliases_of(&self, list: Range<usize>) -> Vec<(String, Range<usize>)> {
        let tree = self.tree;
        tree.split(list)
            .into_iter()
            .filter_map(|item| {
                let name = item.end.checked_sub(1).filter(|name| *name > item.start)?;
                let is_word = |at: &usize| tree.is_any(*at, &["all", "distinct"]);
                let start = (item.start..name).find(|at| !is_word(at))?;
                tree.follows(name, &["as"])
                    .then(|| Some((tree.name(name)?, start..name - 1)))?
            })
            .collect()
    }

    /// The condition becomes a set in ORDER BY, which keeps a row or not and comes after the window functions.
    fn qualify(
        &self,
        out: &mut String,
        clauses: &Clauses,
        condition: Range<usize>,
    ) -> SqlResult<()> {
        let tree = self.tree;
        if tree.is(clauses.list.start, "distinct") {
            return Err(SqlError::not_imitated("QUALIFY with DISTINCT"));
        }
        let aliases = self.aliases_of(clauses.list.clone());
        let aliased = Rewriter {
            aliases: &aliases,
            ..*self
        };
        out.push_str(&format!(
            " ORDER BY pg_sandbox.qualify({})",
            aliased.rewritten(condition)?
        ));
        Ok(())
    }
}
