//! Reserved words in queries that PostgreSQL takes as names.

use crate::protocol::{SqlError, SqlResult};
use crate::sql::lexer::Kind;
use crate::sql::names::Names;
use crate::sql::reserved::is_reserved;
use crate::sql::token_tree::TokenTree;

/// Those that stand for nothing else in a query. Whether OID is one of them is doubtful: queries of catalogs use it.
const NAMES_ONLY: [&str; 54] = [
    "aes128",
    "aes256",
    "allowoverwrite",
    "az64",
    "backup",
    "blanksasnull",
    "bytedict",
    "bzip2",
    "credentials",
    "deflate",
    "defrag",
    "delta",
    "delta32k",
    "disable",
    "emptyasnull",
    "enable",
    "encode",
    "encrypt",
    "encryption",
    "explicit",
    "globaldict256",
    "globaldict64k",
    "gzip",
    "identity",
    "language",
    "lun",
    "luns",
    "lzo",
    "lzop",
    "mostly16",
    "mostly32",
    "mostly8",
    "new",
    "off",
    "offline",
    "old",
    "open",
    "parallel",
    "percent",
    "permissions",
    "raw",
    "readratio",
    "recover",
    "rejectlog",
    "resort",
    "restore",
    "snapshot",
    "system",
    "tag",
    "tdes",
    "text255",
    "text32k",
    "truncatecolumns",
    "wallet",
];

/// A table or a column with a reserved word for a name has to be called by it in quotes; behind a dot, and as an alias behind
/// AS, the word will do.
pub(super) fn check(tree: &TokenTree<'_>, names: &Names) -> SqlResult<()> {
    let Some(query) = query(tree) else {
        return Ok(());
    };
    let is_word = |at: &usize| tree.is_kind(*at, Kind::Word);
    for table in names.written().filter(|table| table.start >= query) {
        let reserved = (table.start..table.end)
            .filter(is_word)
            .find(|at| is_reserved(tree.text(*at)));
        if let Some(at) = reserved {
            return Err(SqlError::syntax(tree.text(at)));
        }
    }
    let mut words = (query..tree.len()).filter(is_word);
    match words.find(|at| is_name(tree, *at)) {
        Some(at) => Err(SqlError::syntax(tree.text(at))),
        None => Ok(()),
    }
}

/// Where the query of a statement begins. In other statements, such as REVOKE … FROM GROUP, such words are keywords.
fn query(tree: &TokenTree<'_>) -> Option<usize> {
    const STATEMENTS: [&str; 9] = [
        "select", "with", "insert", "update", "delete", "merge", "explain", "prepare", "declare",
    ];
    if tree.is_any(0, &STATEMENTS) || tree.is_kind(0, Kind::Open) {
        return Some(0);
    }
    let is_made_of_one = tree.is(0, "create")
        && tree
            .find(0..tree.len(), |at| {
                tree.is_any(at, &["function", "procedure"])
            })
            .is_none();
    let begin = tree.find(0..tree.len(), |at| tree.is(at, "as"))? + 1;
    is_made_of_one.then_some(begin)
}

fn is_name(tree: &TokenTree<'_>, at: usize) -> bool {
    let is_free = !tree.follows_kind(at, Kind::Dot)
        && !tree.follows(at, &["as"])
        && !tree.is_kind(at + 1, Kind::Open);
    is_free && (tree.is_any(at, &NAMES_ONLY) || is_column_timestamp(tree, at))
}

/// The word begins a literal or ends a cast, if it is no column.
fn is_column_timestamp(tree: &TokenTree<'_>, at: usize) -> bool {
    const BEFORE: [&str; 15] = [
        "select", "distinct", "all", "where", "and", "or", "not", "by", "on", "set", "when",
        "then", "else", "having", "between",
    ];
    tree.is(at, "timestamp")
        && !tree.is(0, "prepare")
        && !tree.is_any(at + 1, &["with", "without"])
        && !matches!(tree.kind(at + 1), Some(Kind::Text | Kind::Dollar))
        && (tree.follows(at, &BEFORE)
            || tree.follows_kind(at, Kind::Comma)
            || tree.follows_kind(at, Kind::Operator))
}
