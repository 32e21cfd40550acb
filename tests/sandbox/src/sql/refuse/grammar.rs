//! Words and signs of PostgreSQL's grammar that Redshift's has not, and those of Redshift's that the sandbox does not
//! imitate.

use std::ops::Range;

use super::{arrays, recursion};
use crate::protocol::{SqlError, SqlResult};
use crate::sql::column_type::{self, UNSUPPORTED};
use crate::sql::cursor::Cursor;
use crate::sql::lexer::Kind;
use crate::sql::structure::Structure;

/// Calls that PostgreSQL's grammar knows, so that no function has to be there.
const CALLS: [&str; 21] = [
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
pub(super) fn check(
    structure: &Structure<'_>,
    at: usize,
    has_catalogs_only: bool,
) -> SqlResult<()> {
    match structure.kind(at) {
        Some(Kind::Word)
            if has_catalogs_only
                && structure.is(at, "array")
                && structure.is_kind(at + 1, Kind::OpenBracket) =>
        {
            Ok(())
        }
        Some(Kind::Word)
            if !has_catalogs_only && structure.is(at, "in") && is_of_row(structure, at) =>
        {
            Err(rows())
        }
        Some(Kind::Word) => word(structure, at),
        Some(Kind::Number) => number(structure.text(at)),
        Some(Kind::Operator) if OPERATORS.contains(&structure.text(at)) => Err(SqlError::new(
            "42883",
            format!("operator does not exist: {}", structure.text(at)),
        )),
        Some(Kind::Operator)
            if structure.text(at) == "+"
                && structure.follows_kind(at, Kind::Open)
                && structure.is_kind(at + 1, Kind::Close) =>
        {
            Err(SqlError::not_imitated("An outer join by (+)"))
        }
        Some(Kind::Operator) if looks_around(structure, at) => Err(SqlError::unsupported(
            "POSIX patterns with (?=, (?! or (?< are not supported",
        )),
        Some(Kind::Bits) => Err(SqlError::new("42704", "type \"bit\" does not exist")),
        Some(Kind::Operator) if !has_catalogs_only && compares_rows(structure, at) => Err(rows()),
        Some(Kind::Cast) => {
            check_source(structure, at.saturating_sub(1)..at, at + 1)?;
            type_of_value(structure, at + 1)
        }
        Some(Kind::Close)
            if !has_catalogs_only && structure.is_kind(at + 1, Kind::OpenBracket)
                || structure.is_kind(at + 1, Kind::Dot) =>
        {
            Err(SqlError::not_imitated("Navigation into an expression"))
        }
        _ => Ok(()),
    }
}

fn word(structure: &Structure<'_>, at: usize) -> SqlResult<()> {
    if structure.follows_kind(at, Kind::Dot) || structure.follows(at, &["as"]) {
        return if structure.is(at, "materialized") && structure.is_kind(at + 1, Kind::Open) {
            Err(SqlError::syntax(structure.text(at)))
        } else {
            Ok(())
        };
    }
    let text = structure.text(at).to_ascii_lowercase();
    let opens = structure.is_kind(at + 1, Kind::Open);
    let syntax = |at: usize| Err(SqlError::syntax(structure.text(at)));
    let not_imitated = |what: &str| Err(SqlError::not_imitated(what));
    match &*text {
        "array" if structure.is_kind(at + 1, Kind::OpenBracket) => Err(arrays()),
        "any" | "all" | "some" if opens && structure.is_kind(at + 2, Kind::Text) => Err(arrays()),
        "cast" if opens => {
            let close = structure.close(at + 1);
            match structure.find(at + 2..close, |at| structure.is(at, "as")) {
                Some(word) => {
                    check_source(structure, at + 2..word, word + 1)?;
                    type_of_value(structure, word + 1)
                }
                None => Ok(()),
            }
        }
        "with" if structure.is(at + 1, "recursive") && recursion::is_nested(structure, at) => {
            Err(SqlError::unsupported(
                "Recursive common table expressions are not supported in subqueries",
            ))
        }
        "with" if structure.is(at + 1, "recursive") => recursion::check(structure, at + 2),
        "fetch" if at > 0 && structure.is_any(at + 1, &["first", "next"]) => syntax(at),
        "tablesample" if opens || structure.is_kind(at + 2, Kind::Open) => syntax(at),
        "materialized" if structure.follows(at, &["not"]) => syntax(at),
        "intersect" | "except" | "minus" if structure.is(at + 1, "all") => syntax(at + 1),
        "overriding" if structure.is_any(at + 1, &["system", "user"]) => syntax(at),
        "is" => {
            let at = at + 1 + usize::from(structure.is(at + 1, "not"));
            if structure.is_any(at, &["json", "document", "normalized"]) {
                return syntax(at);
            }
            Ok(())
        }
        "limit" | "offset" if exceeds_integer(structure, at + 1) => Err(SqlError::new(
            "22003",
            format!(
                "value \"{}\" is out of range for type integer",
                structure.text(at + 1)
            ),
        )),
        // A query of PostgreSQL's.
        "table" if structure.is(0, "insert") || structure.follows_kind(at, Kind::Open) => {
            syntax(at)
        }
        "all" if structure.follows(at, &["by"]) => not_imitated("GROUP BY ALL"),
        "values"
            if structure.follows(at, &["union", "intersect", "except", "minus"])
                || structure.follows(at, &["all"]) =>
        {
            syntax(at)
        }
        "row" if opens => Err(rows()),
        "values" if opens && has_subquery(structure, at + 1) => Err(SqlError::unsupported(
            "INSERT of several rows with a subquery is not supported",
        )),
        "pivot" | "unpivot" => not_imitated(&text.to_ascii_uppercase()),
        "connect" if structure.is(at + 1, "by") => not_imitated("CONNECT BY"),
        "exclude"
            if structure.follows_kind(at, Kind::Operator)
                && structure.text(at - 1) == "*"
                && (opens || structure.name(at + 1).is_some() && !structure.is(at + 1, "from")) =>
        {
            not_imitated("SELECT * EXCLUDE")
        }
        "try_cast" | "collate" if opens => not_imitated(&text.to_ascii_uppercase()),
        "collate" if structure.is_kind(at + 1, Kind::Quoted) => syntax(at + 1),
        word if opens && CALLS.contains(&word) && !structure.follows(at, &["into"]) => Err(
            SqlError::new("42883", format!("function {word}() does not exist")),
        ),
        // `uuid '…'`
        word if structure.is_kind(at + 1, Kind::Text) && is_unsupported(word) => {
            type_of_value(structure, at)
        }
        _ => Ok(()),
    }
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

/// `(a, b) = (c, d)`
fn compares_rows(structure: &Structure<'_>, at: usize) -> bool {
    let list = at + 2..structure.close(at + 1);
    ["=", "<>", "!=", "<", ">", "<=", ">="].contains(&structure.text(at))
        && structure.follows_kind(at, Kind::Close)
        && structure.is_kind(at + 1, Kind::Open)
        && !structure.is_any(at + 2, &["select", "with"])
        && structure
            .find(list, |at| structure.is_kind(at, Kind::Comma))
            .is_some()
}

/// `(a, b) IN …`
fn is_of_row(structure: &Structure<'_>, at: usize) -> bool {
    const BEFORE: [&str; 12] = [
        "and", "case", "else", "having", "not", "on", "or", "qualify", "select", "then", "when",
        "where",
    ];
    let end = at - usize::from(structure.follows(at, &["not"]));
    if !structure.follows_kind(end, Kind::Close) {
        return false;
    }
    let opens = |open: &usize| structure.is_kind(*open, Kind::Open);
    let open = (0..end)
        .rev()
        .filter(opens)
        .find(|open| structure.close(*open) == end - 1);
    open.is_some_and(|open| {
        let is_call = structure.follows_kind(open, Kind::Quoted)
            || structure.follows_kind(open, Kind::Word) && !structure.follows(open, &BEFORE);
        let comma = |at| structure.is_kind(at, Kind::Comma);
        !is_call && structure.find(open + 1..end - 1, comma).is_some()
    })
}

fn exceeds_integer(structure: &Structure<'_>, at: usize) -> bool {
    let number = structure.text(at).parse::<f64>();
    structure.is_kind(at, Kind::Number) && number.is_ok_and(|number| number > f64::from(i32::MAX))
}

/// A pattern that looks ahead or back.
fn looks_around(structure: &Structure<'_>, at: usize) -> bool {
    ["~", "~*", "!~", "!~*"].contains(&structure.text(at))
        && structure.is_kind(at + 1, Kind::Text)
        && ["(?=", "(?!", "(?<"]
            .iter()
            .any(|sign| structure.text(at + 1).contains(sign))
}

/// Whether one of several rows of VALUES holds a query.
fn has_subquery(structure: &Structure<'_>, open: usize) -> bool {
    let first = structure.close(open);
    if !structure.is_kind(first + 1, Kind::Comma) {
        return false;
    }
    let mut end = first;
    while structure.is_kind(end + 1, Kind::Comma) && structure.is_kind(end + 2, Kind::Open) {
        end = structure.close(end + 2);
    }
    (open..end).any(|at| structure.is_kind(at, Kind::Open) && structure.is(at + 1, "select"))
}

fn is_unsupported(name: &str) -> bool {
    UNSUPPORTED.contains(&name) || UNSUPPORTED_OF_VALUES.contains(&name)
}

/// Whether text that is no literal can become one of these is not documented.
fn check_source(structure: &Structure<'_>, source: Range<usize>, at: usize) -> SqlResult<()> {
    const TYPES: [&str; 3] = ["geometry", "geography", "hllsketch"];
    let name = structure
        .name(unqualified(structure, at))
        .unwrap_or_default();
    let is_literal = source.len() == 1
        && (structure.is(source.start, "null")
            || matches!(
                structure.kind(source.start),
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
fn unqualified(structure: &Structure<'_>, at: usize) -> usize {
    if structure.is_kind(at + 1, Kind::Dot) {
        at + 2
    } else {
        at
    }
}

fn type_of_value(structure: &Structure<'_>, at: usize) -> SqlResult<()> {
    let at = unqualified(structure, at);
    let name = structure.name(at).unwrap_or_default();
    let mut end = at + 1;
    if ["numeric", "decimal", "dec"].contains(&&*name) {
        let mut cursor = Cursor::new(structure.sql, structure.tokens);
        cursor.at = end;
        column_type::numeric(&column_type::arguments(&mut cursor)?)?;
    }
    if structure.is_kind(end, Kind::Open) {
        end = structure.close(end) + 1;
    }
    if structure.is_kind(end, Kind::OpenBracket) || structure.is(end, "array") {
        return Err(arrays());
    }
    if is_unsupported(&name) {
        let message = format!("type \"{name}\" does not exist");
        return Err(SqlError::new("42704", message));
    }
    Ok(())
}
