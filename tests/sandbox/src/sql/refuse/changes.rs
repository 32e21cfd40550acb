//! INSERT, UPDATE, DELETE and MERGE: forms that Redshift lacks, and targets that nobody may write to.

use crate::protocol::{SqlError, SqlResult};
use crate::sql::lexer::{Kind, Token};
use crate::sql::names::is_system_table;
use crate::sql::quote_identifier;
use crate::sql::structure::Structure;

pub(super) fn check(structure: &Structure<'_>) -> SqlResult<()> {
    let Some(verb) = verb(structure) else {
        return Ok(());
    };
    let syntax = |at: usize| Err(SqlError::syntax(structure.text(at)));
    let start = verb + 1 + usize::from(structure.is_any(verb + 1, &["into", "from"]));
    let (target, end) = structure.dotted(start);
    if is_system_table(&target) {
        let name = target.last().map_or("", String::as_str);
        return Err(SqlError::new(
            "42501",
            format!("permission denied: \"{name}\" is a system catalog"),
        ));
    }
    if structure.is(verb, "insert") {
        // WITH stands behind the table, as a part of the query.
        if structure.follows_kind(verb, Kind::Close) {
            return syntax(verb);
        }
        if structure.is(end, "as") {
            return syntax(end);
        }
    } else if structure.is(verb, "delete") {
        if end < structure.len() && !structure.is_any(end, &["using", "where"]) {
            return syntax(end);
        }
    } else if structure.is(verb, "update") {
        return update(structure, end);
    }
    Ok(())
}

/// The table of which an UPDATE, DELETE or MERGE changes rows that are there already, as PostgreSQL reads its name.
pub(in crate::sql) fn changed_table(sql: &str, tokens: &[Token]) -> SqlResult<Option<String>> {
    const BEGINS: [&str; 4] = ["update", "delete", "merge", "with"];
    let begins = |word: &&str| tokens.first().is_some_and(|token| token.is(sql, word));
    if !BEGINS.iter().any(begins) {
        return Ok(None);
    }
    let structure = Structure::new(sql, tokens)?;
    let Some(verb) = verb(&structure) else {
        return Ok(None);
    };
    let start = verb + 1 + usize::from(structure.is_any(verb + 1, &["into", "from"]));
    let parts: Vec<_> = structure
        .dotted(start)
        .0
        .iter()
        .map(|part| quote_identifier(part))
        .collect();
    Ok((!parts.is_empty()).then(|| parts.join(".")))
}

/// Where the verb of a statement stands that changes rows.
fn verb(structure: &Structure<'_>) -> Option<usize> {
    const VERBS: [&str; 4] = ["insert", "update", "delete", "merge"];
    const BEGINS: [&str; 7] = [
        "insert", "update", "delete", "merge", "with", "explain", "prepare",
    ];
    if !structure.is_any(0, &BEGINS) {
        return None;
    }
    structure.find(0..structure.len(), |at| {
        let begins = at == 0
            || structure.follows_kind(at, Kind::Close)
            || structure.follows(at, &["explain", "verbose", "as"]);
        begins && structure.is_any(at, &VERBS)
    })
}

/// What stands behind the table's name.
fn update(structure: &Structure<'_>, end: usize) -> SqlResult<()> {
    let whole = end..structure.len();
    let Some(set) = structure.find(whole.clone(), |at| structure.is(at, "set")) else {
        return Ok(());
    };
    let from = structure.find(set..whole.end, |at| structure.is(at, "from"));
    let condition = structure
        .find(set..whole.end, |at| structure.is(at, "where"))
        .unwrap_or(whole.end);
    for assignment in structure.split(set + 1..from.unwrap_or(condition)) {
        if structure.is_kind(assignment.start, Kind::Open) {
            return Err(SqlError::syntax(structure.text(assignment.start)));
        }
    }
    let joins_outside = |at: usize| {
        structure.is_any(at, &["left", "right", "full"])
            && structure.is_any(at + 1, &["join", "outer"])
    };
    if from.is_some_and(|from| (from..condition).any(joins_outside)) {
        return Err(SqlError::unsupported(
            "The FROM clause of an UPDATE cannot contain outer joins",
        ));
    }
    Ok(())
}
