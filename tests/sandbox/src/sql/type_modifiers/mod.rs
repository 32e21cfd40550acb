//! How long a text and how large a number can be that an expression makes. PostgreSQL knows it of columns and casts only;
//! a table or a view that is made of a query has it of all its columns on Redshift.

mod rules;
mod tree;

use std::cell::Cell;
use std::collections::HashMap;

use super::column_type::MAX;
use rules::{Limit, Rule};
use tree::Node;

const TEXT: i64 = 25;
const CHAR: i64 = 1042;
const VARCHAR: i64 = 1043;
const NUMERIC: i64 = 1700;

/// So many expressions are looked at before the rest is taken for unlimited.
const MOST_STEPS: u32 = 100_000;

/// A column of a query, as PostgreSQL describes it.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) oid: i64,
    pub(crate) modifier: i64,
}

/// The types of the columns that have no limit: what Redshift would call them, if it can be told.
pub(crate) fn types(
    columns: &[Column],
    rule: &str,
    functions: &HashMap<i64, String>,
) -> Vec<Option<String>> {
    let query = Node::parse(rule);
    let reader = Reader {
        functions,
        steps: Cell::new(0),
    };
    let limit = |at: usize| {
        let query = query.as_ref()?;
        reader.column(&Scope { query, outer: None }, i64::try_from(at).ok()? + 1)
    };
    let types = columns.iter().enumerate().map(|(at, column)| {
        let is_limited = column.modifier >= 0;
        match column.oid {
            _ if is_limited => None,
            TEXT | VARCHAR => {
                let longest = limit(at).map_or(MAX, |limit| limit.whole.clamp(1, MAX));
                Some(format!("varchar({longest})"))
            }
            CHAR => limit(at).map(|limit| format!("char({})", limit.whole.clamp(1, 4096))),
            NUMERIC => limit(at).map(|limit| {
                let limit = limit.capped();
                format!("numeric({},{})", limit.precision().max(1), limit.scale)
            }),
            _ => None,
        }
    });
    types.collect()
}

/// The numbers of the functions in a view's rule.
pub(crate) fn functions(rule: &str) -> Vec<i64> {
    const FIELDS: [&str; 4] = [":funcid ", ":opfuncid ", ":aggfnoid ", ":winfnoid "];
    let mut numbers: Vec<i64> = FIELDS
        .iter()
        .flat_map(|field| rule.split(field).skip(1))
        .filter_map(|rest| rest.split_ascii_whitespace().next()?.parse().ok())
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// A query, and the one that it is a part of.
#[derive(Clone, Copy)]
struct Scope<'a> {
    query: &'a Node<'a>,
    outer: Option<&'a Scope<'a>>,
}

impl<'a> Scope<'a> {
    fn above(&'a self, levels: i64) -> Option<&'a Self> {
        let mut scope = self;
        for _ in 0..levels {
            scope = scope.outer?;
        }
        Some(scope)
    }
}

struct Reader<'a> {
    functions: &'a HashMap<i64, String>,
    steps: Cell<u32>,
}

impl Reader<'_> {
    /// The limit of a query's column.
    fn column(&self, scope: &Scope<'_>, number: i64) -> Option<Limit> {
        if scope.query.node("setOperations").is_some() {
            let parts = scope
                .query
                .list("rtable")
                .filter_map(|table| table.node("subquery"));
            let parts = parts.map(|query| {
                self.column(
                    &Scope {
                        query,
                        outer: Some(scope),
                    },
                    number,
                )
            });
            return fits_all(parts);
        }
        let mut targets = scope.query.list("targetList");
        let target = targets.find(|target| target.number("resno") == Some(number))?;
        self.limit(scope, target.node("expr")?)
    }

    fn limit(&self, scope: &Scope<'_>, node: &Node<'_>) -> Option<Limit> {
        self.steps.set(self.steps.get() + 1);
        if self.steps.get() > MOST_STEPS {
            return None;
        }
        if let Some(limit) = oid_of(node).and_then(Limit::of_whole_number) {
            return Some(limit);
        }
        let of = |node: &Node<'_>| self.limit(scope, node);
        match node.name {
            "CONST" => constant(node),
            "VAR" => self.variable(scope, node),
            "RELABELTYPE" => {
                Limit::of_type(node.number("resulttype")?, node.number("resulttypmod")?)
                    .or_else(|| of(node.node("arg")?))
            }
            "COERCEVIAIO" => self.as_text(scope, node.node("arg")?),
            "CASE" | "CASEEXPR" => {
                let results = node.list("args").map(|when| of(when.node("result")?));
                fits_all(results.chain([of(node.node("defresult")?)]))
            }
            "COALESCE" | "COALESCEEXPR" | "MINMAX" | "MINMAXEXPR" => {
                fits_all(node.list("args").map(of))
            }
            "NULLIFEXPR" => of(node.list("args").next()?),
            "SUBLINK" => {
                let query = node.node("subselect")?;
                self.column(
                    &Scope {
                        query,
                        outer: Some(scope),
                    },
                    1,
                )
            }
            _ => self.call(scope, node),
        }
    }

    fn call(&self, scope: &Scope<'_>, node: &Node<'_>) -> Option<Limit> {
        let fields = ["funcid", "opfuncid", "aggfnoid", "winfnoid"];
        let function = fields.iter().find_map(|field| node.number(field))?;
        let arguments: Vec<_> = node
            .list("args")
            // Those of an aggregate are like columns.
            .map(|argument| {
                argument
                    .node("expr")
                    .filter(|_| argument.name == "TARGETENTRY")
                    .unwrap_or(argument)
            })
            .collect();
        let result = oid_of(node)?;
        if node.number("funcformat").is_some_and(|format| format > 0) {
            return match (result, &arguments[..]) {
                (_, [_, length, ..]) => Limit::of_type(result, integer(length)?.into()),
                (NUMERIC, [value]) => self.limit(scope, value),
                (_, [value]) => self.as_text(scope, value),
                _ => None,
            };
        }
        let limits: Vec<_> = arguments
            .iter()
            .map(|argument| self.limit(scope, argument))
            .collect();
        let name = self.functions.get(&function)?;
        Rule::of(name, result == NUMERIC)?.result(&limits)
    }

    /// The limit of a value that becomes a text.
    fn as_text(&self, scope: &Scope<'_>, value: &Node<'_>) -> Option<Limit> {
        let oid = oid_of(value)?;
        match Limit::of_text(oid) {
            Some(limit) => Some(limit),
            None if oid == NUMERIC => self.limit(scope, value).map(Limit::with_signs),
            None => self.limit(scope, value),
        }
    }

    fn variable(&self, scope: &Scope<'_>, node: &Node<'_>) -> Option<Limit> {
        let known = Limit::of_type(node.number("vartype")?, node.number("vartypmod")?);
        if known.is_some() {
            return known;
        }
        let scope = scope.above(node.number("varlevelsup")?)?;
        let (table, column) = (node.number("varno")?, node.number("varattno")?);
        let before = |number: i64| usize::try_from(number - 1).ok();
        let table = scope.query.list("rtable").nth(before(table)?)?;
        if let Some(query) = table.node("subquery") {
            return self.column(
                &Scope {
                    query,
                    outer: Some(scope),
                },
                column,
            );
        }
        if let Some(alias) = table.list("joinaliasvars").nth(before(column)?) {
            return self.limit(scope, alias);
        }
        let name = table.atom("ctename")?;
        if table.atom("self_reference") == Some("true") {
            // What the other part of it has is the limit.
            return Some(Limit::default());
        }
        let scope = scope.above(table.number("ctelevelsup")?)?;
        let mut common = scope.query.list("cteList");
        let query = common
            .find(|common| common.atom("ctename") == Some(name))?
            .node("ctequery")?;
        self.column(
            &Scope {
                query,
                outer: Some(scope),
            },
            column,
        )
    }
}

/// What fits all of several values.
fn fits_all(mut limits: impl Iterator<Item = Option<Limit>>) -> Option<Limit> {
    let first = limits.next()??;
    limits.try_fold(first, |one, other| Some(one.or(other?)))
}

/// The number of an expression's type.
fn oid_of(node: &Node<'_>) -> Option<i64> {
    const FIELDS: [&str; 10] = [
        "vartype",
        "consttype",
        "funcresulttype",
        "opresulttype",
        "resulttype",
        "aggtype",
        "wintype",
        "casetype",
        "coalescetype",
        "minmaxtype",
    ];
    FIELDS.iter().find_map(|field| node.number(field))
}

fn integer(node: &Node<'_>) -> Option<i32> {
    let bytes = node.bytes("constvalue");
    bytes
        .first_chunk::<4>()
        .map(|bytes| i32::from_ne_bytes(*bytes))
}

fn constant(node: &Node<'_>) -> Option<Limit> {
    if node.atom("constisnull") == Some("true") {
        return Some(Limit::default());
    }
    // Before the value stands its length.
    let bytes = node.bytes("constvalue");
    let value = bytes.get(4..)?;
    match node.number("consttype")? {
        NUMERIC => Limit::of_number(value),
        TEXT | VARCHAR | CHAR => Some(Limit {
            whole: i64::try_from(value.len()).ok()?,
            scale: 0,
        }),
        _ => None,
    }
}
