//! The tables that a statement names, and what it calls them.

use super::lexer::Kind;
use super::token_tree::TokenTree;

/// How the names of system tables begin.
pub(crate) const CATALOGS: [&str; 7] = ["pg_", "stl_", "stv_", "svl_", "svv_", "svcs_", "sys_"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// A table or view of the database, or a common table expression.
    Table,
    /// A function or a subquery.
    Derived,
    /// The elements of an array that is in a SUPER of a table before.
    Unnest,
}

/// Something that stands where a table can stand.
#[derive(Debug)]
pub(super) struct Relation {
    pub(super) source: Source,
    /// Its tokens, without the alias.
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) parts: Vec<String>,
    pub(super) alias: Option<String>,
    /// Where what belongs to it ends, the alias among it.
    pub(super) whole: usize,
    /// The name of the elements' positions.
    pub(super) place: Option<String>,
}

impl Relation {
    fn is_called(&self, name: &str) -> bool {
        match &self.alias {
            Some(alias) => alias == name,
            None => self.parts.last().is_some_and(|part| part == name),
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Names {
    /// In the order of their tokens.
    relations: Vec<Relation>,
    /// The names of common table expressions.
    common: Vec<String>,
    /// Where subqueries in FROM close that have no alias, in the order of their tokens.
    unnamed: Vec<usize>,
}

/// One pair of parentheses that the walk is in.
#[derive(Clone, Copy, Default)]
struct Level {
    /// A comma is followed by another table.
    lists_tables: bool,
    /// A table comes next.
    expects: bool,
    /// A table may have an alias behind the parenthesis that closes this.
    is_item: bool,
    is_subquery: bool,
    /// FROM means another thing here.
    is_call: bool,
}

/// Words that can stand behind a table and are no alias of it.
const NO_ALIAS: [&str; 36] = [
    "as",
    "at",
    "connect",
    "cross",
    "default",
    "except",
    "fetch",
    "for",
    "from",
    "full",
    "group",
    "having",
    "in",
    "inner",
    "intersect",
    "into",
    "join",
    "left",
    "limit",
    "minus",
    "natural",
    "offset",
    "on",
    "order",
    "pivot",
    "qualify",
    "right",
    "select",
    "set",
    "start",
    "union",
    "unpivot",
    "using",
    "values",
    "where",
    "with",
];

const FROM_IN_CALLS: [&str; 5] = ["extract", "substring", "trim", "overlay", "position"];

impl Names {
    pub(super) fn of(tree: &TokenTree<'_>) -> Self {
        let mut names = Self::default();
        let joins = tree
            .find(0..tree.len(), |at| tree.is_any(at, &["delete", "merge"]))
            .map_or("", |at| tree.text(at))
            .to_ascii_lowercase();
        let mut levels = vec![Level::default()];
        let mut at = 0;
        while at < tree.len() {
            let Some(level) = levels.last_mut() else {
                break;
            };
            match tree.kind(at) {
                Some(Kind::Open) => {
                    let is_item = level.expects;
                    let is_subquery = is_item && is_subquery(tree, at);
                    level.expects = false;
                    levels.push(Level {
                        lists_tables: is_item && !is_subquery,
                        expects: is_item && !is_subquery,
                        is_item,
                        is_subquery,
                        is_call: tree.follows(at, &FROM_IN_CALLS),
                    });
                }
                Some(Kind::Close) => {
                    if level.is_item && !names.derived(tree, at + 1) && level.is_subquery {
                        names.unnamed.push(at);
                    }
                    levels.pop();
                }
                Some(Kind::Comma) => level.expects = level.lists_tables,
                Some(Kind::Word) if level.word(tree, &joins, at) => {
                    names.common(tree, at);
                }
                Some(Kind::Word | Kind::Quoted | Kind::Temporary) if level.expects => {
                    level.expects = false;
                    let (end, is_function) = names.table(tree, at);
                    if is_function {
                        levels.push(Level {
                            is_item: true,
                            ..Level::default()
                        });
                    }
                    at = end + usize::from(is_function);
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
        names
    }

    /// Reads a table's name and alias; returns where the name ends. A function's alias stands behind its arguments.
    fn table(&mut self, tree: &TokenTree<'_>, start: usize) -> (usize, bool) {
        let (parts, mut end) = tree.dotted(start);
        let in_super = parts.len() > 1 && self.called(&parts[0]).is_some();
        if in_super {
            end = way(tree, end);
        }
        if tree.is_kind(end, Kind::Open) && !tree.follows(start, &["into"]) {
            return (end, true);
        }
        let (alias, mut whole) = alias(tree, end);
        let mut place = None;
        if in_super && tree.is(whole, "at") {
            place = tree.name(whole + 1);
            whole += 2;
        }
        self.relations.push(Relation {
            source: if in_super {
                Source::Unnest
            } else {
                Source::Table
            },
            start,
            end,
            parts,
            alias,
            whole,
            place,
        });
        (end, false)
    }

    /// Takes in what ends before this token; returns whether it has an alias.
    fn derived(&mut self, tree: &TokenTree<'_>, end: usize) -> bool {
        let (alias, whole) = alias(tree, end);
        let is_named = alias.is_some();
        if is_named {
            self.relations.push(Relation {
                source: Source::Derived,
                start: end,
                end,
                parts: Vec::new(),
                alias,
                whole,
                place: None,
            });
        }
        is_named
    }

    /// The names behind WITH, if it stands here.
    fn common(&mut self, tree: &TokenTree<'_>, mut at: usize) {
        if !tree.is(at, "with") {
            return;
        }
        at += 1;
        at += usize::from(tree.is(at, "recursive"));
        while let Some(name) = tree.name(at) {
            let mut then = at + 1;
            if tree.is_kind(then, Kind::Open) {
                then = tree.close(then) + 1;
            }
            if !tree.is(then, "as") || !tree.is_kind(then + 1, Kind::Open) {
                return;
            }
            self.common.push(name);
            then = tree.close(then + 1) + 1;
            if !tree.is_kind(then, Kind::Comma) {
                return;
            }
            at = then + 1;
        }
    }

    /// The relation that is called so.
    pub(super) fn called(&self, name: &str) -> Option<&Relation> {
        self.relations
            .iter()
            .find(|relation| relation.is_called(name))
    }

    /// Whether these two are the schema and the name of a table.
    pub(super) fn is_schema_of(&self, schema: &str, table: &str) -> bool {
        self.relations
            .iter()
            .any(|relation| matches!(&relation.parts[..], [.., s, t] if s == schema && t == table))
    }

    /// Whether these three are the database, the schema and the name of a table.
    pub(super) fn is_database_of(&self, database: &str, schema: &str, table: &str) -> bool {
        self.relations.iter().any(
            |relation| matches!(&relation.parts[..], [d, s, t] if d == database && s == schema && t == table),
        )
    }

    /// The relation whose first token this is.
    pub(super) fn at(&self, start: usize) -> Option<&Relation> {
        let found = self
            .relations
            .binary_search_by(|relation| relation.start.cmp(&start))
            .ok()?;
        Some(&self.relations[found]).filter(|relation| relation.source != Source::Derived)
    }

    /// The names of the tables and views, each with what stands before it.
    pub(super) fn tables(&self) -> impl Iterator<Item = &[String]> {
        let tables = self.relations.iter().filter(|relation| {
            let is_common = matches!(&relation.parts[..], [name] if self.common.contains(name));
            relation.source == Source::Table && !is_common
        });
        tables.map(|relation| &relation.parts[..])
    }

    /// Whether a subquery in FROM closes here that has no alias.
    pub(super) fn is_unnamed(&self, close: usize) -> bool {
        self.unnamed.binary_search(&close).is_ok()
    }

    /// Whether catalogs are all that is read, so that the leader node does it by itself.
    pub(super) fn has_catalogs_only(&self) -> bool {
        let reads = |relation: &Relation| relation.source == Source::Table;
        self.relations.iter().any(reads) && !self.has_stored_table()
    }

    /// Whether this is the name of a common table expression.
    pub(super) fn is_common(&self, name: &str) -> bool {
        self.common.iter().any(|common| common == name)
    }

    /// Whether one of them is a table of a user.
    pub(super) fn has_user_table(&self) -> bool {
        self.has_table_besides(&CATALOGS)
    }

    /// Whether one of them is on the compute nodes: a table of a user, or a system table that is not the leader node's.
    pub(super) fn has_stored_table(&self) -> bool {
        self.has_table_besides(&["pg_", "svv_"])
    }

    /// Whether one of them is a table of a user or a log of the compute nodes.
    pub(super) fn is_on_nodes(&self) -> bool {
        self.has_table_besides(&["pg_", "svv_", "sys_"])
    }

    fn has_table_besides(&self, catalogs: &[&str]) -> bool {
        self.relations.iter().any(|relation| {
            let is_common = matches!(&relation.parts[..], [name] if self.is_common(name));
            relation.source == Source::Table && !is_common && !is_of(&relation.parts, catalogs)
        })
    }

    pub(super) fn has_system_table(&self) -> bool {
        self.tables().any(is_system_table)
    }

    /// Those that are written as tables.
    pub(super) fn written(&self) -> impl Iterator<Item = &Relation> {
        self.relations
            .iter()
            .filter(|relation| relation.source == Source::Table)
    }
}

/// Whether a name, in its parts, is one of the system's.
pub(super) fn is_system_table(parts: &[String]) -> bool {
    is_of(parts, &CATALOGS)
}

/// Whether a name begins as those of the system do, or stands in a schema of the system's.
fn is_of(parts: &[String], catalogs: &[&str]) -> bool {
    const SCHEMAS: [&str; 5] = [
        "information_schema",
        "pg_catalog",
        "pg_engine",
        "pg_internal",
        "pg_sandbox",
    ];
    match parts {
        [name] => catalogs.iter().any(|prefix| name.starts_with(prefix)),
        [.., schema, _] => SCHEMAS.contains(&&**schema),
        [] => true,
    }
}

/// Where a way into a SUPER ends that goes on here, by dots and brackets.
fn way(tree: &TokenTree<'_>, mut at: usize) -> usize {
    loop {
        if tree.is_kind(at, Kind::OpenBracket) {
            at = tree.close(at) + 1;
        } else if tree.is_kind(at, Kind::Dot) && tree.name(at + 1).is_some() {
            at += 2;
        } else {
            return at;
        }
    }
}

/// Whether DELETE without FROM stands here.
pub(super) fn begins_delete(tree: &TokenTree<'_>, at: usize) -> bool {
    tree.is(at, "delete")
        && (at == 0
            || tree.follows_kind(at, Kind::Close)
            || tree.follows(at, &["explain", "verbose", "as"]))
        && tree.name(at + 1).is_some()
        && !tree.is(at + 1, "from")
}

/// Whether a query opens here, not tables that are joined.
fn is_subquery(tree: &TokenTree<'_>, mut open: usize) -> bool {
    while tree.is_kind(open, Kind::Open) {
        let first = open + 1;
        if tree.is_any(first, &["select", "with"]) {
            return true;
        }
        // A query in parentheses of its own, alone or before another one.
        let then = tree.next(first);
        if then != tree.close(open)
            && !tree.is_any(then, &["union", "intersect", "except", "minus"])
        {
            return false;
        }
        open = first;
    }
    false
}

fn alias(tree: &TokenTree<'_>, at: usize) -> (Option<String>, usize) {
    if tree.is(at, "as") {
        return (tree.name(at + 1), at + 2);
    }
    if tree.is_any(at, &NO_ALIAS) {
        return (None, at);
    }
    match tree.name(at) {
        Some(name) => (Some(name), at + 1),
        None => (None, at),
    }
}

impl Level {
    /// Takes a word in; returns whether it is one that has to do with tables.
    fn word(&mut self, tree: &TokenTree<'_>, joins: &str, at: usize) -> bool {
        const ENDS: [&str; 14] = [
            "select",
            "where",
            "group",
            "having",
            "order",
            "limit",
            "offset",
            "qualify",
            "union",
            "intersect",
            "except",
            "minus",
            "set",
            "when",
        ];
        if tree.follows_kind(at, Kind::Dot) {
            return false;
        }
        match &*tree.text(at).to_ascii_lowercase() {
            "from" if !self.is_call => {
                (self.lists_tables, self.expects) = (true, true);
            }
            "using" if joins == "delete" => (self.lists_tables, self.expects) = (true, true),
            "using" if joins == "merge" => self.expects = true,
            "join" | "into" => self.expects = true,
            "delete" if begins_delete(tree, at) => {
                (self.lists_tables, self.expects) = (true, true);
            }
            "update" => self.expects = !tree.is(at + 1, "set"),
            "on" | "values" => self.expects = false,
            "temp" | "temporary" | "table" | "lateral" | "only" if self.expects => {}
            "with" => {}
            word if ENDS.contains(&word) => (self.lists_tables, self.expects) = (false, false),
            _ => return false,
        }
        true
    }
}
