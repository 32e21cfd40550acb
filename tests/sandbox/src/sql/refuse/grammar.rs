//! Words and signs of PostgreSQL's grammar that Redshift's has not, and those of Redshift's that the sandbox does not
//! imitate.

use std::ops::Range;

use super::{arrays, recursion};
use crate::protocol::{SqlError, SqlResult};
use crate::sql::column_type::{self, UNSUPPORTED};
use crate::sql::cursor::Cursor;
use crate::sql::lexer::Kind;
use crate::sql::token_tree::TokenTree;

/// Calls that PostgreSQL's grammar knows, so that no function has to be there.
const CALLS: [&str; 22] = [
    "json",
    "json_array",
    "json_arrayagg",
    "json_exists",
    "json_object",
    "json_objectagg",
    "json_query",
    "json_scalar",
    "json_table",
    "json_value",
    "merge_action",
    "normalize",
    "overlay",
    "treat",
    "xmlconcat",
    "xmlelement",
    "xmlexists",
    "xmlforest",
    "xmlparse",
    "xmlpi",
    "xmlroot",
    "xmltable",
];

const OPERATORS: [&str; 17] = [
    "->", "->>", "#>", "#>>", "#-", "@>", "<@", "?", "?|", "?&", "@?", "@@", "@@@", "&&", "-|-",
    "^@", "=>",
];

/// Types besides those of columns that no value can have.
const UNSUPPORTED_OF_VALUES: [&str; 2] = ["jsonpath", "pg_lsn"];

/// The leader node has what PostgreSQL had: it can compare rows of catalogs, and make arrays of what it finds in them.
pub(super) fn check(tree: &TokenTree<'_>, at: usize, has_catalogs_only: bool) -> SqlResult<()> {
    match tree.kind(at) {
        Some(Kind::Word)
            if has_catalogs_only
                && tree.is(at, "array")
                && (tree.is_kind(at + 1, Kind::OpenBracket) || is_array_of_query(tree, at)) =>
        {
            Ok(())
        }
        // The whole of a table, as a query.
        Some(Kind::Word)
            if tree.is(at, "table")
                && tree.follows(
                    at,
                    &[
                        "as",
                        "all",
                        "union",
                        "intersect",
                        "except",
                        "minus",
                        "explain",
                    ],
                ) =>
        {
            Err(SqlError::syntax(tree.text(at)))
        }
        // psql asks so for what it describes.
        Some(Kind::Word) if has_catalogs_only && tree.is(at, "operator") => Ok(()),
        Some(Kind::Word) => word(tree, at),
        Some(Kind::Number) => number(tree.text(at)),
        Some(Kind::Quoted)
            if ["\"$path\"", "\"$size\"", "\"$spectrum_oid\""].contains(&tree.text(at)) =>
        {
            Err(SqlError::not_imitated(&format!(
                "The pseudocolumn {}",
                tree.text(at)
            )))
        }
        Some(Kind::Operator) if OPERATORS.contains(&tree.text(at)) => Err(SqlError::new(
            "42883",
            format!("operator does not exist: {}", tree.text(at)),
        )),
        Some(Kind::Operator)
            if tree.text(at) == "+"
                && tree.follows_kind(at, Kind::Open)
                && tree.is_kind(at + 1, Kind::Close) =>
        {
            Err(SqlError::not_imitated("An outer join by (+)"))
        }
        Some(Kind::Operator) if looks_around(tree, at) => Err(SqlError::unsupported(
            "POSIX patterns with (?=, (?! or (?< are not supported",
        )),
        Some(Kind::Bits) => Err(SqlError::new("42704", "type \"bit\" does not exist")),
        Some(Kind::Operator) if !has_catalogs_only && compares_rows(tree, at) => Err(rows()),
        Some(Kind::Cast) => {
            check_source(tree, at.saturating_sub(1)..at, at + 1)?;
            type_of_value(tree, at + 1)
        }
        Some(Kind::Close)
            if !has_catalogs_only && tree.is_kind(at + 1, Kind::OpenBracket)
                || tree.is_kind(at + 1, Kind::Dot) =>
        {
            Err(SqlError::not_imitated("Navigation into an expression"))
        }
        _ => Ok(()),
    }
}

/// Whether an array is made of what a query finds, unlike a SUPER of values.
fn is_array_of_query(tree: &TokenTree<'_>, at: usize) -> bool {
    tree.is_kind(at + 1, Kind::Open) && tree.is_any(at + 2, &["select", "with"])
}

fn word(tree: &TokenTree<'_>, at: usize) -> SqlResult<()> {
    if tree.follows_kind(at, Kind::Dot) || tree.follows(at, &["as"]) {
        return if tree.is(at, "materialized") && tree.is_kind(at + 1, Kind::Open) {
            Err(SqlError::syntax(tree.text(at)))
        } else {
            Ok(())
        };
    }
    let text = tree.text(at).to_ascii_lowercase();
    let opens = tree.is_kind(at + 1, Kind::Open);
    let syntax = |at: usize| Err(SqlError::syntax(tree.text(at)));
    let not_imitated = |what: &str| Err(SqlError::not_imitated(what));
    match &*text {
        "array" if tree.is_kind(at + 1, Kind::OpenBracket) || is_array_of_query(tree, at) => {
            Err(arrays())
        }
        "any" | "all" | "some" if opens && tree.is_kind(at + 2, Kind::Text) => Err(arrays()),
        "cast" if opens => {
            let close = tree.close(at + 1);
            match tree.find(at + 2..close, |at| tree.is(at, "as")) {
                Some(word) => {
                    check_source(tree, at + 2..word, word + 1)?;
                    type_of_value(tree, word + 1)
                }
                None => Ok(()),
            }
        }
        "with" if tree.is(at + 1, "recursive") && recursion::is_nested(tree, at) => {
            Err(SqlError::unsupported(
                "Recursive common table expressions are not supported in subqueries",
            ))
        }
        "with" if tree.is(at + 1, "recursive") => recursion::check(tree, at + 2),
        // What comes behind a recursive query in PostgreSQL.
        "search"
            if tree.follows_kind(at, Kind::Close) && tree.is_any(at + 1, &["depth", "breadth"]) =>
        {
            syntax(at)
        }
        "cycle" if tree.follows_kind(at, Kind::Close) && tree.name(at + 1).is_some() => syntax(at),
        "symmetric" | "asymmetric" if tree.follows(at, &["between"]) => syntax(at),
        "distinct" if tree.follows(at, &["by"]) => syntax(at),
        "operator" if opens && is_operator(tree, at) => syntax(at + 1),
        "ordinality" if tree.follows(at, &["with"]) => syntax(at),
        "only" if tree.follows(at, &["from", "join", "update", "into"]) => syntax(at + 1),
        "current" if tree.are(at, &["current", "of"]) => syntax(at),
        "current_catalog" | "current_role" => Err(SqlError::new(
            "42703",
            format!("column \"{text}\" does not exist"),
        )),
        "within" if is_hypothetical(tree, at) => syntax(at),
        "select"
            if matches!(
                tree.kind(at + 1),
                None | Some(Kind::Close | Kind::Semicolon)
            ) || tree.is_any(at + 1, &["from", "where", "union"]) =>
        {
            syntax(at + 1)
        }
        "using" if tree.is_kind(at + 1, Kind::Operator) => syntax(at),
        "as" if tree.follows_kind(at, Kind::Close) && closes_using(tree, at - 1) => syntax(at),
        "row" | "rows"
            if tree.follows_kind(at, Kind::Number) && tree.follows(at - 1, &["offset"]) =>
        {
            syntax(at)
        }
        "fetch" if at > 0 && tree.is_any(at + 1, &["first", "next"]) => syntax(at),
        "tablesample" if opens || tree.is_kind(at + 2, Kind::Open) => syntax(at),
        "materialized" if tree.follows(at, &["not"]) => syntax(at),
        "intersect" | "except" | "minus" if tree.is(at + 1, "all") => syntax(at + 1),
        "overriding" if tree.is_any(at + 1, &["system", "user"]) => syntax(at),
        "is" => {
            let at = at + 1 + usize::from(tree.is(at + 1, "not"));
            if tree.is_any(at, &["json", "document", "normalized"]) {
                return syntax(at);
            }
            Ok(())
        }
        "limit" | "offset" if exceeds_integer(tree, at + 1) => Err(SqlError::new(
            "22003",
            format!(
                "value \"{}\" is out of range for type integer",
                tree.text(at + 1)
            ),
        )),
        // A query of PostgreSQL's.
        "table" if tree.is(0, "insert") || tree.follows_kind(at, Kind::Open) => syntax(at),
        "all" if tree.follows(at, &["by"]) => not_imitated("GROUP BY ALL"),
        "values"
            if tree.follows(at, &["union", "intersect", "except", "minus"])
                || tree.follows(at, &["all"]) =>
        {
            syntax(at)
        }
        "row" if opens => Err(rows()),
        "values" if opens && has_subquery(tree, at + 1) => Err(SqlError::unsupported(
            "INSERT of several rows with a subquery is not supported",
        )),
        "pivot" | "unpivot" => not_imitated(&text.to_ascii_uppercase()),
        "connect" if tree.is(at + 1, "by") => not_imitated("CONNECT BY"),
        "exclude"
            if tree.follows_kind(at, Kind::Operator)
                && tree.text(at - 1) == "*"
                && (opens || tree.name(at + 1).is_some() && !tree.is(at + 1, "from")) =>
        {
            not_imitated("SELECT * EXCLUDE")
        }
        "try_cast" | "collate" if opens => not_imitated(&text.to_ascii_uppercase()),
        "collate" if tree.is_kind(at + 1, Kind::Quoted) => syntax(at + 1),
        word if opens && CALLS.contains(&word) && !tree.follows(at, &["into"]) => Err(
            SqlError::new("42883", format!("function {word}() does not exist")),
        ),
        // `uuid '…'`
        word if tree.is_kind(at + 1, Kind::Text) && is_unsupported(word) => type_of_value(tree, at),
        _ => Ok(()),
    }
}

/// `OPERATOR(pg_catalog.+)`
fn is_operator(tree: &TokenTree<'_>, at: usize) -> bool {
    (at + 2..tree.close(at + 1)).any(|at| tree.is_kind(at, Kind::Operator))
}

/// `rank(1) WITHIN GROUP (ORDER BY …)`
fn is_hypothetical(tree: &TokenTree<'_>, at: usize) -> bool {
    const RANKS: [&str; 4] = ["rank", "dense_rank", "percent_rank", "cume_dist"];
    tree.is(at + 1, "group") && opening(tree, at).is_some_and(|open| tree.follows(open, &RANKS))
}

/// `JOIN t USING (a) AS alias`
fn closes_using(tree: &TokenTree<'_>, close: usize) -> bool {
    opening(tree, close + 1).is_some_and(|open| tree.follows(open, &["using"]))
}

/// Where the parenthesis opens that closes before a token.
fn opening(tree: &TokenTree<'_>, at: usize) -> Option<usize> {
    let close = at
        .checked_sub(1)
        .filter(|at| tree.is_kind(*at, Kind::Close))?;
    let opens = |open: &usize| tree.is_kind(*open, Kind::Open) && tree.close(*open) == close;
    (0..close).rev().find(opens)
}

/// What has an exponent is a DOUBLE PRECISION.
fn number(text: &str) -> SqlResult<()> {
    const MOST_DIGITS: usize = 38;
    let is_plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    let digits = text.trim_start_matches(['0', '.']).replace('.', "").len();
    if is_plain && digits > MOST_DIGITS {
        return Err(SqlError::new(
            "22003",
            "Numeric data overflow (result precision)",
        ));
    }
    Ok(())
}

fn rows() -> SqlError {
    SqlError::unsupported("ROW constructors are not supported")
}

/// `(a, b) < (c, d)`; equality of two lists is known.
fn compares_rows(tree: &TokenTree<'_>, at: usize) -> bool {
    let list = at + 2..tree.close(at + 1);
    ["<>", "!=", "<", ">", "<=", ">="].contains(&tree.text(at))
        && tree.follows_kind(at, Kind::Close)
        && tree.is_kind(at + 1, Kind::Open)
        && !tree.is_any(at + 2, &["select", "with"])
        && tree
            .find(list, |at| tree.is_kind(at, Kind::Comma))
            .is_some()
}

fn exceeds_integer(tree: &TokenTree<'_>, at: usize) -> bool {
    let number = tree.text(at).parse::<f64>();
    tree.is_kind(at, Kind::Number) && number.is_ok_and(|number| number > f64::from(i32::MAX))
}

/// A pattern that looks ahead or back.
fn looks_around(tree: &TokenTree<'_>, at: usize) -> bool {
    ["~", "~*", "!~", "!~*"].contains(&tree.text(at))
        && tree.is_kind(at + 1, Kind::Text)
        && ["(?=", "(?!", "(?<"]
            .iter()
            .any(|sign| tree.text(at + 1).contains(sign))
}

/// Whether one of several rows of VALUES holds a query.
fn has_subquery(tree: &TokenTree<'_>, open: usize) -> bool {
    let first = tree.close(open);
    if !tree.is_kind(first + 1, Kind::Comma) {
        return false;
    }
    let mut end = first;
    while tree.is_kind(end + 1, Kind::Comma) && tree.is_kind(end + 2, Kind::Open) {
        end = tree.close(end + 2);
    }
    (open..end).any(|at| tree.is_kind(at, Kind::Open) && tree.is(at + 1, "select"))
}

fn is_unsupported(name: &str) -> bool {
    UNSUPPORTED.contains(&name) || UNSUPPORTED_OF_VALUES.contains(&name)
}

/// Whether text that is no literal can become one of these is not documented.
fn check_source(tree: &TokenTree<'_>, source: Range<usize>, at: usize) -> SqlResult<()> {
    const TYPES: [&str; 3] = ["geometry", "geography", "hllsketch"];
    let name = tree.name(unqualified(tree, at)).unwrap_or_default();
    let is_literal = source.len() == 1
        && (tree.is(source.start, "null")
            || matches!(
                tree.kind(source.start),
                Some(Kind::Text | Kind::Dollar | Kind::Parameter)
            ));
    if TYPES.contains(&&*name) && !is_literal {
        return Err(SqlError::not_imitated(&format!(
            "A cast to {name} of what is not a literal"
        )));
    }
    Ok(())
}

/// Where a type's name stands, behind its schema.
fn unqualified(tree: &TokenTree<'_>, at: usize) -> usize {
    if tree.is_kind(at + 1, Kind::Dot) {
        at + 2
    } else {
        at
    }
}

fn type_of_value(tree: &TokenTree<'_>, at: usize) -> SqlResult<()> {
    let at = unqualified(tree, at);
    let name = tree.name(at).unwrap_or_default();
    let mut end = at + 1;
    if ["numeric", "decimal", "dec"].contains(&&*name) {
        let mut cursor = Cursor::new(tree.sql, tree.tokens);
        cursor.at = end;
        column_type::numeric(&column_type::arguments(&mut cursor)?)?;
    }
    if tree.is_kind(end, Kind::Open) {
        end = tree.close(end) + 1;
    }
    if tree.is_kind(end, Kind::OpenBracket) || tree.is(end, "array") {
        return Err(arrays());
    }
    if is_unsupported(&name) {
        let message = format!("type \"{name}\" does not exist");
        return Err(SqlError::new("42704", message));
    }
    Ok(())
}
