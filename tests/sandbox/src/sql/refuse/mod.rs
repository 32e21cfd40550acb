//! What PostgreSQL would take and Redshift does not.

mod absent;
mod changes;
mod grammar;
mod leader;
mod recursion;
mod reserved;
mod select_list;
mod sorted;
mod window;

pub(super) use changes::changed_table;

use super::lexer::{self, Kind, Token};
use super::names::Names;
use super::settings;
use super::token_tree::TokenTree;
use crate::protocol::{SqlError, SqlResult};

pub(crate) use absent::not_imitated;

/// Drivers send the number of parameters as a signed 16-bit number.
pub(crate) const MOST_PARAMETERS: usize = 32_767;

/// Looks through the tokens of a statement for forms that Redshift lacks, and returns the tables that it names.
pub(super) fn check(sql: &str, tokens: &[Token]) -> SqlResult<Names> {
    verbs_and_clauses(sql, tokens)?;
    let tree = TokenTree::new(sql, tokens)?;
    let names = Names::of(&tree);
    let has_user_table = names.has_user_table();
    let has_catalogs_only = names.has_catalogs_only();
    let on_nodes = names.is_on_nodes() || fills_table(&tree);
    if let Some(catalog) = leader::catalog(&names).filter(|_| on_nodes) {
        return Err(on_tables(catalog));
    }
    changes::check(&tree)?;
    if has_user_table {
        select_list::check(&tree)?;
    }
    for at in 0..tree.len() {
        grammar::check(&tree, at, has_catalogs_only)?;
        if tree.is_kind(at, Kind::Word) {
            window::check(&tree, at)?;
            sorted::check(&tree, at)?;
            if on_nodes {
                leader::check(&tree, at)?;
            }
        }
    }
    reserved::check(&tree, &names)?;
    Ok(names)
}

/// Whether a table is made of a query, which the compute nodes do whatever it reads.
fn fills_table(tree: &TokenTree<'_>) -> bool {
    let top = 0..tree.len();
    let find = |word: &str| tree.find(top.clone(), |at| tree.is(at, word));
    if !tree.is(0, "create") {
        return tree.is_any(0, &["select", "with"]) && find("into").is_some();
    }
    let is_table = (1..4).any(|at| tree.is(at, "table")) || tree.is(1, "materialized");
    is_table && find("as").is_some()
}

fn on_tables(what: &str) -> SqlError {
    SqlError::on_tables(format!("Function \"{what}\" not supported."))
}

fn arrays() -> SqlError {
    SqlError::on_tables("Column \"array\" has unsupported type \"array\".".to_owned())
        .hint("Write IN (…), or ARRAY(…) for a SUPER.")
}

fn verbs_and_clauses(sql: &str, tokens: &[Token]) -> SqlResult<()> {
    let is = |at: usize, keyword: &str| tokens.get(at).is_some_and(|token| token.is(sql, keyword));
    let kind = |at: usize, kind: Kind| tokens.get(at).is_some_and(|token| token.kind == kind);
    let changes_rows = (0..tokens.len()).any(|at| changes_rows(sql, tokens, at));
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Parameter => check_parameter(token.text(sql))?,
            Kind::Word => {}
            _ => continue,
        }
        let text = token.text(sql);
        if !(2..=10).contains(&text.len()) {
            continue;
        }
        let follows_dot = at > 0 && tokens[at - 1].kind == Kind::Dot;
        if follows_dot {
            continue;
        }
        match text.len() {
            2 if is(at, "on") && changes_rows && is(at + 1, "conflict") => {
                return Err(SqlError::syntax(text));
            }
            2 if is(at, "is") => {
                let distinct = at + 1 + usize::from(is(at + 1, "not"));
                if is(distinct, "distinct") && is(distinct + 1, "from") {
                    return Err(SqlError::syntax(tokens[distinct].text(sql)));
                }
            }
            3 if is(at, "for") && at > 0 => {
                let mode = at
                    + 1
                    + usize::from(is(at + 1, "no"))
                    + usize::from(is(at + 1, "no") || is(at + 1, "key"));
                if is(mode, "update")
                    || is(mode, "share")
                    || is(at + 2, "share") && is(at + 1, "key")
                {
                    return Err(SqlError::unsupported(format!(
                        "SELECT FOR {} is not supported",
                        tokens[mode.min(tokens.len() - 1)]
                            .text(sql)
                            .to_ascii_uppercase()
                    )));
                }
            }
            3 if is(at, "any") && kind(at + 1, Kind::Open) && kind(at + 2, Kind::Parameter) => {
                return Err(arrays());
            }
            6 if is(at, "filter")
                && at > 0
                && tokens[at - 1].kind == Kind::Close
                && kind(at + 1, Kind::Open) =>
            {
                return Err(SqlError::syntax("("));
            }
            6 if is(at, "values") && (at == 0 || tokens[at - 1].kind == Kind::Open) => {
                return Err(SqlError::syntax(text));
            }
            6 if at > 0 && kind(at - 1, Kind::Open) && changes_rows_at(sql, tokens, at) => {
                return Err(SqlError::syntax(text));
            }
            7 if is(at, "lateral") && kind(at + 1, Kind::Open) => {
                return Err(SqlError::syntax(text));
            }
            8 if is(at, "distinct") && is(at + 1, "on") && kind(at + 2, Kind::Open) => {
                return Err(SqlError::unsupported("SELECT DISTINCT ON is not supported"));
            }
            9 if is(at, "returning") && changes_rows => return Err(SqlError::syntax(text)),
            10 if is(at, "set_config") && kind(at + 1, Kind::Open) => {
                check_set_config(sql, tokens, at + 2)?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Whether a verb that changes rows stands here: at the beginning, after EXPLAIN or PREPARE … AS, or after the WITH
/// clause of an UPDATE or DELETE.
fn changes_rows(sql: &str, tokens: &[Token], at: usize) -> bool {
    let begins = at == 0
        || tokens[at - 1].kind == Kind::Close
        || ["explain", "verbose", "as"]
            .iter()
            .any(|word| tokens[at - 1].is(sql, word));
    begins && changes_rows_at(sql, tokens, at)
}

fn changes_rows_at(sql: &str, tokens: &[Token], at: usize) -> bool {
    let follows = |kind: Kind| tokens.get(at + 1).is_some_and(|token| token.kind == kind);
    ["insert", "update", "delete", "merge"]
        .iter()
        .any(|verb| tokens[at].is(sql, verb))
        && (follows(Kind::Word) || follows(Kind::Quoted) || follows(Kind::Temporary))
}

/// `set_config()` is SET by another name.
fn check_set_config(sql: &str, tokens: &[Token], at: usize) -> SqlResult<()> {
    let literal = |at: usize| {
        let token = tokens.get(at).filter(|token| token.kind == Kind::Text)?;
        lexer::value_of(token.text(sql)).ok()
    };
    let Some(name) = literal(at) else {
        return Err(SqlError::not_imitated(
            "set_config() of a name that is no literal",
        ));
    };
    settings::engine_name(&name)?;
    literal(at + 2).map_or(Ok(()), |value| settings::check_value(&name, &value))
}

fn check_parameter(text: &str) -> SqlResult<()> {
    match text[1..].parse::<usize>() {
        Ok(number) if number <= MOST_PARAMETERS => Ok(()),
        number => Err(no_such_parameter(number.unwrap_or(usize::MAX))),
    }
}

/// The number wraps around on Redshift.
pub(crate) fn no_such_parameter(number: usize) -> SqlError {
    SqlError::new(
        "42P02",
        format!("there is no parameter ${}", number as u16 as i16),
    )
}

/// `LIMIT $1` and `OFFSET $1` with a parameter of type `int8` fail on Redshift. The parameters' types are those of the
/// Parse message.
pub(crate) fn check_limit(sql: &str, tokens: &[Token], types: &[u32]) -> SqlResult<()> {
    const INT8: u32 = 20;
    for pair in tokens.windows(2) {
        let [word, parameter] = pair else { continue };
        if parameter.kind != Kind::Parameter || !(word.is(sql, "limit") || word.is(sql, "offset")) {
            continue;
        }
        let number: usize = parameter.text(sql)[1..].parse().unwrap_or(0);
        if number > 0 && types.get(number - 1) == Some(&INT8) {
            return Err(SqlError::internal("Not implemented").boxed(
                1001,
                "Not implemented",
                "IsA(cons, Const)",
                0,
            ));
        }
    }
    Ok(())
}

/// A parameter without a type that is a column of a query on tables has none there either.
pub(crate) fn check_untyped(sql: &str, types: &[u32]) -> SqlResult<()> {
    let is_typed = |number: usize| {
        types
            .get(number - 1)
            .is_some_and(|oid| !matches!(oid, 0 | 705))
    };
    let all_typed = !types.is_empty() && !types.iter().any(|oid| matches!(oid, 0 | 705));
    if all_typed || !sql.contains('$') {
        return Ok(());
    }
    let tokens = lexer::tokens(sql)?;
    let numbers = tokens
        .iter()
        .filter(|token| token.kind == Kind::Parameter)
        .map(|token| token.text(sql)[1..].parse::<usize>().unwrap_or(0));
    if numbers.filter(|number| *number > 0).all(is_typed) {
        return Ok(());
    }
    let tree = TokenTree::new(sql, &tokens)?;
    if !tree.is(0, "select") || !Names::of(&tree).has_user_table() {
        return Ok(());
    }
    let end = tree.find(0..tree.len(), |at| tree.is(at, "from"));
    for item in tree.split(1..end.unwrap_or(tree.len())) {
        let start = item.start + usize::from(tree.is_any(item.start, &["all", "distinct"]));
        let is_all = start + 1 == item.end || tree.is(start + 1, "as");
        let number = tree.text(start).strip_prefix('$');
        let number = number.and_then(|number| number.parse().ok());
        if is_all && number.is_some_and(|number: usize| number > 0 && !is_typed(number)) {
            let text = "Invalid type: 705";
            return Err(SqlError::internal(text).boxed(1000, "Assert", text, 0));
        }
    }
    Ok(())
}

/// Array types as parameters, which Redshift does not read.
pub(crate) fn check_types(types: &[u32]) -> SqlResult<()> {
    const ARRAYS: [u32; 18] = [
        1000, 1001, 1002, 1003, 1005, 1007, 1009, 1014, 1015, 1016, 1021, 1022, 1028, 1115, 1182,
        1183, 1185, 1231,
    ];
    if types.iter().any(|oid| ARRAYS.contains(oid)) {
        return Err(SqlError::new("22P03", "invalid array flags"));
    }
    Ok(())
}
