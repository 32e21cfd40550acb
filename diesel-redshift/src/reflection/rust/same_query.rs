//! `joinable!` and `allow_tables_to_appear_in_same_query!`.

use std::collections::{BTreeMap, HashMap};

use super::Named;
use super::options::{RustOptions, SameQuery};
use super::table::column_names;
use crate::reflection::relation::ForeignKey;

/// The widest list of arguments that rustfmt leaves on one line.
const WIDEST_LIST: usize = 60;

/// A foreign key between two of the tables, by their positions.
struct Reference<'a> {
    child: usize,
    parent: usize,
    key: &'a ForeignKey,
}

/// Appends what connects the tables, which are called `called`, in a module indented by `depth`
/// columns.
pub(super) fn push(
    out: &mut String,
    tables: &[Named<'_>],
    called: &[String],
    options: &RustOptions,
    depth: usize,
) {
    let places: HashMap<_, _> = tables
        .iter()
        .map(|named| (&named.relation.schema, &named.relation.name))
        .zip(0..)
        .collect();
    let mut references = Vec::new();
    for (child, named) in tables.iter().enumerate() {
        for key in &named.relation.foreign_keys {
            match places.get(&(&key.foreign_schema, &key.foreign_table)) {
                Some(&parent) if parent != child => {
                    references.push(Reference { child, parent, key })
                }
                _ => {}
            }
        }
    }
    push_joinable(out, tables, called, &references);
    push_groups(out, called, &references, options, depth);
}

/// Only a single column that refers to a single primary key can be joined on implicitly, and only
/// if there is one way.
fn push_joinable(
    out: &mut String,
    tables: &[Named<'_>],
    called: &[String],
    references: &[Reference<'_>],
) {
    let mut ways: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for reference in references {
        let pair = (
            reference.child.min(reference.parent),
            reference.child.max(reference.parent),
        );
        *ways.entry(pair).or_default() += 1;
    }
    let mut lines = Vec::new();
    for reference in references {
        let pair = (
            reference.child.min(reference.parent),
            reference.child.max(reference.parent),
        );
        let parent = &tables[reference.parent];
        let refers_to_key = parent
            .relation
            .primary_key
            .as_ref()
            .is_some_and(|key| key.columns == reference.key.foreign_columns);
        if let ([column], true, Some(1)) =
            (&reference.key.columns[..], refers_to_key, ways.get(&pair))
        {
            let names = column_names(&tables[reference.child]);
            lines.push(format!(
                "diesel::joinable!({} -> {} ({}));\n",
                called[reference.child],
                called[reference.parent],
                names.get(column).unwrap_or(column)
            ));
        }
    }
    lines.sort();
    if !lines.is_empty() {
        out.push('\n');
        out.extend(lines);
    }
}

fn push_groups(
    out: &mut String,
    called: &[String],
    references: &[Reference<'_>],
    options: &RustOptions,
    depth: usize,
) {
    let groups = match options.same_query {
        SameQuery::None => return,
        SameQuery::AllTables => vec![(0..called.len()).collect()],
        SameQuery::ForeignKeyRelatedTables => groups(called.len(), references),
    };
    let mut is_first = true;
    for group in groups {
        if group.len() < 2 {
            continue;
        }
        if is_first {
            out.push('\n');
            is_first = false;
        }
        let names: Vec<_> = group.iter().map(|at| called[*at].as_str()).collect();
        let line = format!("{},", names.join(", "));
        let start = "diesel::allow_tables_to_appear_in_same_query!(";
        out.push_str(start);
        if line.len() <= WIDEST_LIST && depth + start.len() + line.len() + 2 <= 100 {
            out.push_str(&line);
        } else {
            out.push('\n');
            for name in names {
                out.push_str(&format!("    {name},\n"));
            }
        }
        out.push_str(");\n");
    }
}

/// The tables connected by foreign keys, each group in the order of its tables.
fn groups(tables: usize, references: &[Reference<'_>]) -> Vec<Vec<usize>> {
    let mut leaders: Vec<usize> = (0..tables).collect();
    fn leader(leaders: &mut [usize], mut at: usize) -> usize {
        while leaders[at] != at {
            leaders[at] = leaders[leaders[at]];
            at = leaders[at];
        }
        at
    }
    for reference in references {
        let (child, parent) = (
            leader(&mut leaders, reference.child),
            leader(&mut leaders, reference.parent),
        );
        leaders[child.max(parent)] = child.min(parent);
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for at in 0..tables {
        let leader = leader(&mut leaders, at);
        groups.entry(leader).or_default().push(at);
    }
    groups.into_values().collect()
}
