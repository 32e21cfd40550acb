//! What kind of work a statement is, as the system tables tell it.

use super::lexer::{Kind, Token};
use super::names::Names;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct QueryType {
    /// SYS_QUERY_HISTORY's word for it.
    pub(crate) name: &'static str,
    /// Whether the compute nodes work on it: those alone are in STL_QUERY.
    pub(crate) is_query: bool,
}

impl QueryType {
    const fn query(name: &'static str) -> Self {
        Self {
            name,
            is_query: true,
        }
    }

    const fn other(name: &'static str) -> Self {
        Self {
            name,
            is_query: false,
        }
    }

    /// By the statement's words.
    pub(super) fn of(sql: &str, tokens: &[Token]) -> Self {
        let has = |word: &str| tokens.iter().any(|token| token.is(sql, word));
        let verb = tokens.first().map_or("", |token| token.text(sql));
        match &*verb.to_ascii_lowercase() {
            "select" | "(" if has("into") => Self::query("CTAS"),
            "select" | "(" => Self::query("SELECT"),
            "with" => match main_verb(sql, tokens) {
                Some("insert") => Self::query("INSERT"),
                Some("update") => Self::query("UPDATE"),
                Some("delete") => Self::query("DELETE"),
                _ if has("into") => Self::query("CTAS"),
                _ => Self::query("SELECT"),
            },
            "insert" => Self::query("INSERT"),
            "update" => Self::query("UPDATE"),
            "delete" => Self::query("DELETE"),
            "merge" => Self::query("MERGE"),
            "copy" => Self::query("COPY"),
            "unload" => Self::query("UNLOAD"),
            "create" if creates_table_as(sql, tokens) => Self::query("CTAS"),
            "create" | "alter" | "drop" => Self::other("DDL"),
            _ => Self::other("UTILITY"),
        }
    }

    /// Takes in which tables it reads: a SELECT that needs no table is the leader node's own.
    pub(super) fn reading(self, names: &Names) -> Self {
        Self {
            is_query: self.is_query && (self.name != "SELECT" || names.has_stored_table()),
            ..self
        }
    }

    /// Whether its grammar has a place for a password or a key.
    pub(crate) fn may_hold_secrets(self) -> bool {
        matches!(self.name, "COPY" | "UNLOAD" | "DDL")
    }
}

/// The tokens outside of all parentheses.
fn outside(tokens: &[Token]) -> impl Iterator<Item = &Token> {
    let mut depth = 0_usize;
    tokens.iter().filter(move |token| {
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth = depth.saturating_sub(1),
            _ => return depth == 0,
        }
        false
    })
}

/// The verb that follows the common table expressions.
fn main_verb(sql: &str, tokens: &[Token]) -> Option<&'static str> {
    const VERBS: [&str; 4] = ["select", "insert", "update", "delete"];
    outside(tokens).find_map(|token| VERBS.into_iter().find(|verb| token.is(sql, verb)))
}

/// `CREATE [[LOCAL] TEMP] TABLE … AS query`
fn creates_table_as(sql: &str, tokens: &[Token]) -> bool {
    let mut words = outside(tokens).skip(1).skip_while(|token| {
        ["local", "temp", "temporary"]
            .iter()
            .any(|word| token.is(sql, word))
    });
    words.next().is_some_and(|token| token.is(sql, "table"))
        && words.any(|token| token.is(sql, "as"))
}

#[cfg(test)]
mod tests {
    use crate::sql::analyze;

    #[test]
    fn statements_are_told_apart() {
        for (sql, name, is_query) in [
            ("SELECT a FROM t", "SELECT", true),
            ("(SELECT a FROM s.t)", "SELECT", true),
            ("SELECT 1", "SELECT", false),
            ("SELECT * FROM pg_class", "SELECT", false),
            ("SELECT * FROM stl_load_errors", "SELECT", true),
            ("SELECT * FROM svv_tables", "SELECT", false),
            ("WITH c AS (SELECT 1 AS a) SELECT a FROM c", "SELECT", false),
            (
                "WITH c AS (SELECT a FROM t) SELECT a FROM c",
                "SELECT",
                true,
            ),
            ("SELECT a INTO u FROM t", "CTAS", true),
            (
                "WITH c AS (SELECT 1 AS a) DELETE FROM t USING c",
                "DELETE",
                true,
            ),
            ("INSERT INTO t VALUES (1)", "INSERT", true),
            ("CREATE TEMP TABLE u AS SELECT 1 AS a", "CTAS", true),
            (
                "CREATE TABLE u (a int DEFAULT cast('1' AS int))",
                "DDL",
                false,
            ),
            ("CREATE VIEW v AS SELECT a FROM t", "DDL", false),
            ("DROP TABLE t", "DDL", false),
            ("SET query_group TO 'x'", "UTILITY", false),
            ("BEGIN", "UTILITY", false),
            ("COPY t FROM 's3://b/k' IAM_ROLE default", "COPY", true),
        ] {
            let part = analyze(sql).expect(sql).pop().expect(sql);
            assert_eq!(
                (part.kind.name, part.kind.is_query),
                (name, is_query),
                "{sql}"
            );
        }
    }
}
