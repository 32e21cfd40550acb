//! What the template database holds: Redshift's functions, system tables and types.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Creates all of it in a new database, as the superuser.
pub(crate) const SCRIPT: &str = concat!(
    "SET allow_system_table_mods = on;\n",
    include_str!("engine.sql"),
    include_str!("casts.sql"),
    include_str!("types.sql"),
    include_str!("super.sql"),
    include_str!("geometry.sql"),
    include_str!("functions.sql"),
    include_str!("dates.sql"),
    include_str!("json.sql"),
    include_str!("hllsketch.sql"),
    include_str!("decimals.sql"),
    include_str!("super_scalars.sql"),
    include_str!("aggregates.sql"),
    include_str!("tables.sql"),
    include_str!("alterations.sql"),
    include_str!("queries.sql"),
    include_str!("external.sql"),
    include_str!("reports.sql"),
    include_str!("leader.sql"),
    include_str!("statements.sql"),
    include_str!("late_views.sql"),
    include_str!("lengths.sql"),
    "RESET allow_system_table_mods;\n",
);

/// Whether the sandbox has made a function of Redshift's of this name.
pub(crate) fn defines(name: &str) -> bool {
    static NAMES: LazyLock<HashSet<&str>> = LazyLock::new(|| {
        let functions = SCRIPT.split("FUNCTION pg_catalog.").skip(1);
        functions
            .filter_map(|text| text.split('(').next())
            .collect()
    });
    NAMES.contains(name)
}
