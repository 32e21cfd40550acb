//! Functions that run on the leader node only, and so not together with a table of a user.

use super::on_tables;
use crate::protocol::SqlResult;
use crate::sql::lexer::Kind;
use crate::sql::names::{Names, is_system_table};
use crate::sql::token_tree::TokenTree;

const KEYWORDS: [&str; 4] = [
    "current_time",
    "current_timestamp",
    "localtime",
    "localtimestamp",
];

const FUNCTIONS: [&str; 31] = [
    "age",
    "array_append",
    "array_cat",
    "array_dims",
    "array_lower",
    "array_prepend",
    "array_to_string",
    "array_upper",
    "col_description",
    "current_schema",
    "current_schemas",
    "format_type",
    "generate_series",
    "has_database_privilege",
    "has_schema_privilege",
    "has_table_privilege",
    "isfinite",
    "now",
    "obj_description",
    "pg_encoding_to_char",
    "pg_get_constraintdef",
    "pg_get_expr",
    "pg_get_indexdef",
    "pg_get_ruledef",
    "pg_get_triggerdef",
    "pg_get_userbyid",
    "pg_get_viewdef",
    "pg_table_is_visible",
    "string_to_array",
    "timeofday",
    "to_ascii",
];

/// A catalog that asks functions of the leader node's, and so is not read together with tables.
pub(super) fn catalog(names: &Names) -> Option<&str> {
    const NAMES: [&str; 6] = [
        "pg_indexes",
        "pg_table_def",
        "pg_tables",
        "pg_views",
        "svv_columns",
        "svv_tables",
    ];
    names.tables().find_map(|parts| match parts {
        [.., schema, name] if schema == "information_schema" => Some(&**name),
        [.., name] if NAMES.contains(&&**name) && is_system_table(parts) => Some(name),
        _ => None,
    })
}

pub(super) fn check(tree: &TokenTree<'_>, at: usize) -> SqlResult<()> {
    if tree.follows_kind(at, Kind::Dot) || tree.follows(at, &["as"]) {
        return Ok(());
    }
    let name = tree.text(at).to_ascii_lowercase();
    if KEYWORDS.contains(&&*name) {
        return Err(on_tables(&name.to_ascii_uppercase()));
    }
    if tree.is_kind(at + 1, Kind::Open) && FUNCTIONS.contains(&&*name) {
        return Err(on_tables(&format!("{name}()")));
    }
    Ok(())
}
