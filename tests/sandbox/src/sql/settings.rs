//! The settings of a session, at its start and by SET.

use crate::protocol::{SqlError, SqlResult};

/// PostgreSQL keeps settings that it does not know under a prefix.
const PREFIX: &str = "redshift";

/// The value of `statement_timeout` in milliseconds, to which PostgreSQL's SHOW adds a unit.
pub(super) const TIMEOUT: &str =
    "(SELECT setting::varchar FROM pg_catalog.pg_settings WHERE name = 'statement_timeout')";

/// Settings that mean the same to PostgreSQL.
const SHARED: [&str; 8] = [
    "application_name",
    "client_encoding",
    "datestyle",
    "extra_float_digits",
    "search_path",
    "seed",
    "statement_timeout",
    "timezone",
];

/// Settings that only Redshift has, and that change nothing here.
const REDSHIFT_ONLY: [&str; 25] = [
    "analyze_threshold_percent",
    "datashare_break_glass_session_var",
    "default_geometry_encoding",
    "default_transaction_isolation",
    "enable_case_sensitive_identifier",
    "enable_case_sensitive_super_attribute",
    "enable_numeric_rounding",
    "enable_result_cache_for_session",
    "enable_spectrum_oid",
    "enable_vacuum_boost",
    "interval_forbid_composite_literals",
    "json_serialization_enable",
    "json_serialization_parse_nested_strings",
    "max_concurrency_scaling_clusters",
    "max_cursor_result_set_size",
    "mv_enable_aqmv_for_session",
    "pg_federation_repeatable_read",
    "query_group",
    "readonly",
    "spectrum_enable_pseudo_columns",
    "spectrum_query_maxerror",
    "stored_proc_log_min_messages",
    "use_fips_ssl",
    "wlm_query_slot_count",
    "autocommit",
];

/// Settings that say how names in quotes are read: first that of names of tables and columns.
pub(crate) const CASE: [&str; 2] = [
    "redshift.enable_case_sensitive_identifier",
    "redshift.enable_case_sensitive_super_attribute",
];

/// Redshift-only settings that would change what a client sees, with the value that changes nothing.
const ONLY_OFF: [&str; 6] = [
    "error_on_nondeterministic_update",
    "json_parse_dedup_attributes",
    "json_parse_truncate_strings",
    "parse_super_null_on_error",
    "describe_field_name_in_uppercase",
    "downcase_delimited_identifier",
];

/// The same for settings that are on.
const ONLY_ON: [&str; 2] = ["cast_super_null_on_error", "navigate_super_null_on_error"];

/// What PostgreSQL calls a setting of Redshift's; an error if Redshift has no such setting.
pub(crate) fn engine_name(name: &str) -> SqlResult<String> {
    let name = name.to_ascii_lowercase();
    // The client's own.
    if SHARED.contains(&&*name) || name.starts_with("app_context.") {
        return Ok(name);
    }
    if [&REDSHIFT_ONLY[..], &ONLY_OFF, &ONLY_ON]
        .iter()
        .any(|names| names.contains(&&*name))
    {
        return Ok(format!("{PREFIX}.{name}"));
    }
    if matches!(&*name, "client_min_messages" | "lc_monetary") {
        return Err(SqlError::new(
            "42501",
            format!("permission denied to set parameter \"{name}\""),
        ));
    }
    Err(SqlError::new(
        "42704",
        format!("unrecognized configuration parameter \"{name}\""),
    ))
}

/// An expression for what a setting is.
pub(super) fn value(name: &str) -> SqlResult<String> {
    let name = name.to_ascii_lowercase();
    Ok(match &*name {
        "server_version" => "'8.0.2'::varchar".to_owned(),
        "server_encoding" => "'UNICODE'::varchar".to_owned(),
        "statement_timeout" => TIMEOUT.to_owned(),
        // Until it is set, as the configuration file has it.
        "search_path" => {
            "replace(pg_catalog.current_setting('search_path'), '\"$user\",public', '$user,public')"
                .to_owned()
        }
        "integer_datetimes" | "is_superuser" | "session_authorization" => {
            format!("pg_catalog.current_setting('{name}')")
        }
        name => format!("pg_catalog.current_setting('{}')", engine_name(name)?),
    })
}

/// Whether Redshift takes the value for the setting; `engine_name` has to have been asked first.
pub(crate) fn check_value(name: &str, value: &str) -> SqlResult<()> {
    let name = name.to_ascii_lowercase();
    if name == "extra_float_digits"
        && let Ok(digits) = value.parse::<i64>()
        && !(-15..=2).contains(&digits)
    {
        let message = format!(
            "{digits} is outside the valid range for parameter \"extra_float_digits\" (-15 .. 2)"
        );
        return Err(SqlError::new("22023", message));
    }
    let value = value.to_ascii_lowercase();
    let is_off = matches!(&*value, "false" | "off" | "f" | "0");
    let is_on = matches!(&*value, "true" | "on" | "t" | "1");
    let changes = ONLY_OFF.contains(&&*name) && !is_off || ONLY_ON.contains(&&*name) && !is_on;
    if changes && value != "default" {
        return Err(SqlError::not_imitated(&format!("The setting {name}")));
    }
    Ok(())
}

/// A query of all settings.
pub(crate) fn all() -> String {
    let mut names: Vec<_> = SHARED
        .iter()
        .chain(&REDSHIFT_ONLY)
        .chain(&ONLY_OFF)
        .chain(&ONLY_ON)
        .collect();
    names.sort_unstable();
    let rows: Vec<_> = names
        .iter()
        .map(|name| {
            let engine_name = engine_name(name).unwrap_or_default();
            match **name {
                "search_path" => format!("('{name}', {})", value(name).unwrap_or_default()),
                "statement_timeout" => format!("('{name}', {TIMEOUT})"),
                name => format!("('{name}', current_setting('{engine_name}'))"),
            }
        })
        .collect();
    format!(
        "SELECT name::varchar, setting::varchar FROM (VALUES {}) AS settings (name, setting)",
        rows.join(", ")
    )
}

/// What a setting is before anybody sets it, for PostgreSQL's configuration file.
pub(crate) fn defaults() -> String {
    let mut text = "search_path = '\"$user\",public'\n".to_owned();
    for name in REDSHIFT_ONLY.iter().chain(&ONLY_OFF).chain(&ONLY_ON) {
        let value = match *name {
            "query_group" => "unset",
            "wlm_query_slot_count" => "1",
            "analyze_threshold_percent" => "10",
            "default_transaction_isolation" => "serializable",
            "enable_result_cache_for_session" | "autocommit" => "on",
            name if ONLY_ON.contains(&name) => "on",
            _ => "off",
        };
        text.push_str(&format!("{PREFIX}.{name} = '{value}'\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_redshift_refuses() {
        let code = |name: &str| engine_name(name).expect_err(name).code;
        assert_eq!(code("standard_conforming_strings"), "42704");
        assert_eq!(code("IntervalStyle"), "42704");
        assert_eq!(code("client_min_messages"), "42501");
        assert_eq!(engine_name("DateStyle"), Ok("datestyle".to_owned()));
        assert_eq!(
            engine_name("query_group"),
            Ok("redshift.query_group".to_owned())
        );
        assert_eq!(
            check_value("extra_float_digits", "3")
                .expect_err("out of range")
                .code,
            "22023"
        );
        assert_eq!(check_value("extra_float_digits", "2"), Ok(()));
    }
}
