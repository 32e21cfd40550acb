//! Catalogs that are others on Redshift, and what only the leader node does with them.

use std::ops::Range;

use super::Rewriter;
use crate::protocol::SqlResult;
use crate::sql::lexer::Kind;
use crate::sql::names::Relation;
use crate::sql::{quote_identifier, settings};

/// Those that the schema `pg_leader` has.
const CATALOGS: [&str; 10] = [
    "pg_attrdef",
    "pg_attribute",
    "pg_class",
    "pg_constraint",
    "pg_database",
    "pg_group",
    "pg_index",
    "pg_indexes",
    "pg_namespace",
    "pg_proc",
];

/// Functions that Redshift lacks and psql calls, by these names, for `\d+`, `\df` and their kin.
const OF_PSQL: [&str; 11] = [
    "pg_database_size",
    "pg_get_function_arguments",
    "pg_get_function_identity_arguments",
    "pg_get_function_result",
    "pg_opfamily_is_visible",
    "pg_size_pretty",
    "pg_table_size",
    "pg_tablespace_location",
    "pg_tablespace_size",
    "shobj_description",
    "unnest",
];

/// The same of the information schema.
const INFORMATION: [&str; 10] = [
    "check_constraints",
    "columns",
    "constraint_column_usage",
    "key_column_usage",
    "referential_constraints",
    "schemata",
    "sequences",
    "table_constraints",
    "tables",
    "views",
];

impl Rewriter<'_> {
    /// Writes another catalog's name in the place of one, if need be.
    pub(super) fn catalog(&self, out: &mut String, relation: &Relation) -> bool {
        let name = match &relation.parts[..] {
            [name] if !self.names.is_common(name) => name,
            [.., schema, name] if schema == "pg_catalog" => name,
            [.., schema, name] if schema == "information_schema" => {
                if !INFORMATION.contains(&&**name) {
                    return false;
                }
                self.leader(out, relation, &format!("pg_leader.{name}"));
                return true;
            }
            _ => return false,
        };
        if name == "pg_settings" {
            self.leader(out, relation, &format!("({})", settings::all()));
        } else if CATALOGS.contains(&&**name) {
            self.leader(out, relation, &format!("pg_leader.{name}"));
        } else {
            return false;
        }
        true
    }

    /// Writes the name of a function with its schema that only psql calls.
    pub(super) fn function_of_psql(&self, out: &mut String, at: usize) -> bool {
        let tree = self.tree;
        let calls = tree.is(at, "pg_catalog")
            && tree.is_kind(at + 1, Kind::Dot)
            && tree.is_any(at + 2, &OF_PSQL)
            && tree.is_kind(at + 3, Kind::Open)
            && self.names.has_catalogs_only();
        if calls {
            self.blanks_before(out, at);
            out.push_str("pg_engine.");
            out.push_str(tree.text(at + 2));
        }
        calls
    }

    fn leader(&self, out: &mut String, relation: &Relation, source: &str) {
        self.blanks_before(out, relation.start);
        out.push_str(source);
        if relation.alias.is_none()
            && let Some(name) = relation.parts.last()
        {
            out.push_str(&format!(" AS {name}"));
        }
    }

    /// Whether a name of a catalog with its schema stands for one that is read in its place.
    pub(super) fn is_in_leader(&self, schema: &str, table: &str) -> bool {
        schema == "pg_catalog" && (CATALOGS.contains(&table) || table == "pg_settings")
            || schema == "information_schema" && INFORMATION.contains(&table)
    }

    /// Writes FROM and WHERE of a query of catalogs, whose conditions can name what the select list calls a value. Where a
    /// column of that name is there too, PostgreSQL finds the name ambiguous.
    pub(super) fn named_values(
        &self,
        out: &mut String,
        list: Range<usize>,
        rest: Range<usize>,
    ) -> SqlResult<()> {
        let tree = self.tree;
        let condition = tree.find(rest.clone(), |at| tree.is(at, "where"));
        let Some(condition) = condition.filter(|_| self.names.has_catalogs_only()) else {
            return self.emit(out, rest);
        };
        let is_named = |name: &str| {
            (condition..rest.end).any(|at| {
                tree.name(at).is_some_and(|found| found == name)
                    && !tree.follows_kind(at, Kind::Dot)
                    && !tree.is_kind(at + 1, Kind::Dot)
                    && !tree.is_kind(at + 1, Kind::Open)
            })
        };
        let mut values = Vec::new();
        for (name, value) in self.aliases_of(list) {
            let is_its_column = tree
                .name(value.end - 1)
                .is_some_and(|column| column == name);
            if !is_its_column && is_named(&name) {
                let value = self.rewritten(value)?;
                values.push(format!("{value} AS {}", quote_identifier(&name)));
            }
        }
        self.emit(out, rest.start..condition)?;
        if !values.is_empty() {
            let values = values.join(", ");
            out.push_str(&format!(
                " CROSS JOIN LATERAL (SELECT {values}) AS redshift_values"
            ));
        }
        self.emit(out, condition..rest.end)
    }
}
