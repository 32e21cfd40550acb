//! SELECT with TOP and QUALIFY.

use std::ops::Range;

use super::Rewriter;
use crate::protocol::{SqlError, SqlResult};
use crate::sql::lexer::Kind;
use crate::sql::structure::Structure;

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
    fn of(structure: &Structure<'_>, at: usize, end: usize) -> SqlResult<Self> {
        let part_end = structure.find(at + 1..end, |at| structure.is_any(at, &SET_OPERATIONS));
        let is_part = part_end.is_some() || structure.follows(at, &SET_OPERATIONS) || {
            structure.follows(at, &["all"]) && structure.follows(at - 1, &SET_OPERATIONS)
        };
        let end = part_end.unwrap_or(end);
        let has_top = structure.is(at + 1, "top") && structure.is_kind(at + 2, Kind::Number);
        let start = if has_top { at + 3 } else { at + 1 };
        let list_end = structure
            .find(start..end, |at| {
                const FOLLOWERS: [&str; 8] = [
                    "into", "from", "where", "group", "having", "order", "limit", "offset",
                ];
                structure.is_any(at, &FOLLOWERS) && !structure.follows(at, &["as", "within"])
            })
            .unwrap_or(end);
        let tail = structure
            .find(list_end..end, |at| {
                structure.is_any(at, &["order", "limit", "offset"])
            })
            .unwrap_or(end);
        let qualify = structure.find(list_end..tail, |at| structure.is(at, "qualify"));
        if let Some(qualify) = qualify {
            // Behind a table it would be the table's alias.
            let is_alias = structure
                .find(list_end..qualify, |at| {
                    structure.is_any(at, &["where", "group", "having"])
                })
                .is_none()
                && !aliased(structure, qualify - 1);
            if is_alias || qualify + 1 == tail {
                return Err(SqlError::syntax(structure.text(qualify + 1)));
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
fn aliased(structure: &Structure<'_>, at: usize) -> bool {
    structure.is_kind(at, Kind::Close)
        || structure.follows(at, &["as"])
        || at > 0
            && structure.name(at).is_some()
            && (structure.name(at - 1).is_some() || structure.is_kind(at - 1, Kind::Close))
            && !structure.follows(at, &["from", "join"])
}

impl Rewriter<'_> {
    /// Writes the SELECT that begins here; returns where it ends.
    pub(super) fn select(&self, out: &mut String, at: usize, end: usize) -> SqlResult<usize> {
        let structure = self.structure;
        let clauses = Clauses::of(structure, at, end)?;
        let limit = clauses.top.map(|top| structure.text(top));
        let changes = limit.is_some() || clauses.qualify.is_some();
        let encloses = changes && clauses.is_part;
        if let Some(clash) = structure.find(clauses.tail..clauses.end, |at| {
            limit.is_some() && structure.is(at, "limit")
        }) {
            return Err(SqlError::syntax(structure.text(clash)));
        }

        self.gap(out, at);
        if encloses {
            out.push('(');
        }
        out.push_str(structure.text(at));
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
        if clauses.qualify.is_some() && !encloses && structure.are(tail.start, &["order", "by"]) {
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
        let structure = self.structure;
        for item in structure.split(list.clone()) {
            if item.start > list.start {
                self.token(out, item.start - 1);
            }
            let mut start = item.start;
            while structure.is_any(start, &["all", "distinct"]) {
                self.token(out, start);
                start += 1;
            }
            match self.value_named_before(list.start..item.start, start) {
                Some(value) => {
                    out.push_str(&format!(" ({})", self.moved(value)?));
                    self.emit(out, start + 1..item.end)?;
                }
                None => self.emit(out, start..item.end)?,
            }
            if let Some(name) = self.navigated_name(start..item.end) {
                out.push_str(&format!(" AS {name}"));
            }
        }
        Ok(())
    }

    /// In a query of catalogs, what an item means that is the name of a value before it and nothing more.
    fn value_named_before(&self, before: Range<usize>, at: usize) -> Option<Range<usize>> {
        let structure = self.structure;
        let is_all = structure.is(at + 1, "as") || structure.is_kind(at + 1, Kind::Comma);
        if !is_all || !self.names.has_catalogs_only() || before.is_empty() {
            return None;
        }
        let name = structure.name(at)?;
        let mut values = self.aliases_of(before.start..before.end - 1).into_iter();
        let (_, value) = values.find(|(alias, _)| *alias == name)?;
        // Then it is a column that the value is made of.
        let is_column = value
            .clone()
            .any(|at| structure.name(at).is_some_and(|column| column == name));
        (!is_column).then_some(value)
    }

    /// What a select list calls its values by AS.
    pub(super) fn aliases_of(&self, list: Range<usize>) -> Vec<(String, Range<usize>)> {
        let structure = self.structure;
        structure
            .split(list)
            .into_iter()
            .filter_map(|item| {
                let name = item.end.checked_sub(1).filter(|name| *name > item.start)?;
                structure
                    .follows(name, &["as"])
                    .then(|| Some((structure.name(name)?, item.start..name - 1)))?
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
        let structure = self.structure;
        if structure.is(clauses.list.start, "distinct") {
            return Err(SqlError::not_imitated("QUALIFY with DISTINCT"));
        }
        let aliases = self.aliases_of(clauses.list.clone());
        let aliased = Rewriter {
            aliases: &aliases,
            ..*self
        };
        out.push_str(&format!(
            " ORDER BY pg_sandbox.qualify({})",
            aliased.moved(condition)?
        ));
        Ok(())
    }
}
