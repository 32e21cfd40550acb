//! Functions and system tables of Redshift that the sandbox has not: PostgreSQL finds none, and the client is told why.

use crate::protocol::SqlError;
use crate::sql::names::CATALOGS;

const FUNCTIONS: [&str; 40] = [
    "addbbox",
    "array_contains",
    "array_distinct",
    "array_except",
    "array_flatten",
    "array_intersection",
    "array_union",
    "change_query_priority",
    "change_session_priority",
    "change_user_priority",
    "checksum",
    "current_user_id",
    "difference",
    "dropbbox",
    "farmfingerprint64",
    "fnv_hash",
    "geometrytype",
    "getbit",
    "hll",
    "hll_cardinality",
    "hll_combine",
    "hll_combine_sketches",
    "hll_create_sketch",
    "hll_union",
    "is_char",
    "is_decimal",
    "is_float",
    "lower_attribute_names",
    "murmur3_32_hash",
    "object_transform",
    "octetindex",
    "pg_get_cols",
    "role_is_member_of",
    "slice_num",
    "soundex",
    "supportsbbox",
    "text_to_int_alt",
    "text_to_numeric_alt",
    "upper_attribute_names",
    "user_is_member_of",
];

/// System tables of the leader node.
const LEADERS: [&str; 7] = [
    "pg_attribute_info",
    "pg_conf",
    "pg_database_info",
    "pg_default_acl",
    "pg_external_schema",
    "pg_statistic_indicator",
    "pg_user_info",
];

/// How names of functions begin that work with shapes.
const SPATIAL: [&str; 2] = ["st_", "h3_"];

/// What to answer in the place of PostgreSQL's error, if what is missing is Redshift's.
pub(crate) fn not_imitated(code: &str, message: &str) -> Option<SqlError> {
    match code {
        "42883" => {
            let (name, _) = message.strip_prefix("function ")?.split_once('(')?;
            let is_spatial = SPATIAL.iter().any(|prefix| name.starts_with(prefix));
            (is_spatial || FUNCTIONS.contains(&name))
                .then(|| SqlError::not_imitated(&format!("Function {name}")))
        }
        "42P01" => {
            let (name, _) = message.strip_prefix("relation \"")?.split_once('"')?;
            let name = name.strip_prefix("pg_catalog.").unwrap_or(name);
            let is_known = LEADERS.contains(&name);
            let is_known = is_known
                || CATALOGS
                    .iter()
                    .any(|prefix| *prefix != "pg_" && name.starts_with(prefix));
            is_known.then(|| SqlError::not_imitated(&format!("System table {name}")))
        }
        _ => None,
    }
}
