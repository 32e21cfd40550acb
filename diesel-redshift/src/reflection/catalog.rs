//! Relations and their columns, from the leader node's catalogs.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{Bool, Integer, Nullable, Text};

use super::column::{Column, Identity};
use super::data_type::DataType;
use super::external;
use super::filter::{Condition, Filter};
use super::keys::{self, ColumnNames};
use super::relation::{Distribution, Relation, RelationKind, Schema, SortKey};
use crate::Redshift;
use crate::connection::RedshiftConnection;
use crate::error::Error;

/// The position of a relation in the list.
pub(super) type Places = HashMap<(String, String), usize>;

/// Views are shown with their definition. The kind is converted from `"char"`, a type that only
/// catalogs have.
const RELATIONS: &str = "SELECT n.nspname::varchar AS schema_name, c.relname::varchar AS relation_name, \
     CASE c.relkind WHEN 'r' THEN 'table' WHEN 'm' THEN 'materialized view' ELSE 'view' END::varchar AS kind, \
     c.reldiststyle::integer AS distribution, \
     CASE WHEN c.relkind <> 'r' THEN pg_get_viewdef(c.oid, true) END AS definition, \
     obj_description(c.oid, 'pg_class') AS description \
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
     WHERE c.relkind IN ({kinds}) AND {condition} ORDER BY 1, 2";

/// Of all comments, only those of columns have a number.
const COLUMNS: &str = "SELECT n.nspname::varchar AS schema_name, c.relname::varchar AS relation_name, \
     a.attnum::integer AS number, a.attname::varchar AS column_name, format_type(a.atttypid, a.atttypmod) AS type_name, \
     a.attnotnull AS not_null, pg_get_expr(d.adbin, d.adrelid) AS default_value, \
     format_encoding(a.attencodingtype::integer)::varchar AS encoding, a.attisdistkey AS is_distribution_key, \
     a.attsortkeyord::integer AS sort_key, p.description AS description \
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
     LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
     LEFT JOIN pg_description p ON p.objoid = a.attrelid AND p.objsubid = a.attnum \
     WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ({kinds}) AND {condition} \
     ORDER BY 1, 2, 3";

const LATE_BINDING_COLUMNS: &str = "SELECT view_schema::varchar AS schema_name, view_name::varchar AS relation_name, \
     col_num::integer AS number, col_name::varchar AS column_name, col_type::varchar AS type_name \
     FROM pg_get_late_binding_view_cols() AS columns \
     (view_schema name, view_name name, col_name name, col_type varchar, col_num integer) \
     WHERE {condition} ORDER BY 1, 2, 3";

#[derive(QueryableByName)]
struct CurrentSchema {
    #[diesel(sql_type = Nullable<Text>)]
    name: Option<String>,
}

#[derive(QueryableByName)]
struct CatalogRelation {
    #[diesel(sql_type = Text)]
    schema_name: String,
    #[diesel(sql_type = Text)]
    relation_name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Nullable<Integer>)]
    distribution: Option<i32>,
    #[diesel(sql_type = Nullable<Text>)]
    definition: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    description: Option<String>,
}

#[derive(QueryableByName)]
struct CatalogColumn {
    #[diesel(sql_type = Text)]
    schema_name: String,
    #[diesel(sql_type = Text)]
    relation_name: String,
    #[diesel(sql_type = Integer)]
    number: i32,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    type_name: String,
    #[diesel(sql_type = Bool)]
    not_null: bool,
    #[diesel(sql_type = Nullable<Text>)]
    default_value: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    encoding: Option<String>,
    #[diesel(sql_type = Nullable<Bool>)]
    is_distribution_key: Option<bool>,
    #[diesel(sql_type = Nullable<Integer>)]
    sort_key: Option<i32>,
    #[diesel(sql_type = Nullable<Text>)]
    description: Option<String>,
}

#[derive(QueryableByName)]
struct LateBindingColumn {
    #[diesel(sql_type = Text)]
    schema_name: String,
    #[diesel(sql_type = Text)]
    relation_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    type_name: String,
}

/// Runs a query with the condition inserted and its texts bound.
pub(super) fn rows<R>(
    conn: &mut RedshiftConnection,
    sql: &str,
    condition: Condition,
) -> QueryResult<Vec<R>>
where
    R: QueryableByName<Redshift> + 'static,
{
    let sql = sql.replace("{condition}", &condition.sql);
    condition
        .binds
        .into_iter()
        .fold(
            diesel::sql_query(sql).into_boxed::<Redshift>(),
            |query, text| query.bind::<Text, _>(text),
        )
        .load(conn)
}

impl Schema {
    /// Reads the relations selected by the filter.
    ///
    /// It sends four queries, however many tables there are, and one or more for relations that are
    /// named explicitly, late-binding or external, and for those outside of the filter that are
    /// referred to.
    ///
    /// # Errors
    ///
    /// Any server error; [`Error::Invalid`] if a schema that the filter names does not exist or is
    /// not visible.
    pub fn load(conn: &mut RedshiftConnection, filter: &Filter) -> Result<Self, Error> {
        let current: CurrentSchema =
            diesel::sql_query("SELECT current_schema()::varchar AS name").get_result(conn)?;
        keys::refuse_missing_schemas(conn, filter)?;
        let mut schema = Self {
            relations: Vec::new(),
            current_schema: current.name.unwrap_or_default(),
            is_of_current_schema: !filter.may_have_external(),
        };
        let kinds = if filter.has_views() {
            "'r', 'v', 'm'"
        } else {
            "'r'"
        };
        let condition = filter.condition("n.nspname", "c.relname");
        for found in rows(conn, &RELATIONS.replace("{kinds}", kinds), condition)? {
            schema.relations.push(relation(found));
        }
        let mut places = places(&schema.relations);
        let condition = filter.condition("n.nspname", "c.relname");
        let columns: Vec<CatalogColumn> =
            rows(conn, &COLUMNS.replace("{kinds}", kinds), condition)?;
        add_columns(&mut schema.relations, &places, &columns);
        let is_late = |relation: &Relation| relation.kind == RelationKind::LateBindingView;
        if schema.relations.iter().any(is_late) {
            let condition = filter.condition("view_schema", "view_name");
            for found in rows::<LateBindingColumn>(conn, LATE_BINDING_COLUMNS, condition)? {
                if let Some(at) = places.get(&(found.schema_name, found.relation_name)) {
                    let data_type = DataType::parse(&found.type_name);
                    let column = Column::new(found.column_name, data_type);
                    schema.relations[*at].columns.push(column);
                }
            }
        }
        let mut names = ColumnNames::default();
        for found in columns {
            names.add(
                found.schema_name,
                found.relation_name,
                found.number,
                found.column_name,
            );
        }
        keys::add(conn, filter, &mut schema.relations, &places, names)?;
        if filter.may_have_external() {
            external::add(conn, filter, &mut schema.relations, &mut places)?;
        }
        schema
            .relations
            .sort_by(|a, b| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)));
        Ok(schema)
    }
}

fn places(relations: &[Relation]) -> Places {
    let name = |relation: &Relation| (relation.schema.clone(), relation.name.clone());
    relations.iter().map(name).zip(0..).collect()
}

fn relation(found: CatalogRelation) -> Relation {
    let definition = found.definition.filter(|text| !text.trim().is_empty());
    let kind = match found.kind.as_str() {
        "table" => RelationKind::Table,
        "materialized view" => RelationKind::MaterializedView,
        _ => kind_of_view(definition.as_deref().unwrap_or_default()),
    };
    let mut relation = Relation::new(found.schema_name, found.relation_name, kind);
    relation.comment = found.description;
    if kind == RelationKind::Table {
        relation.distribution = Some(match found.distribution {
            Some(0) => Distribution::Even,
            Some(1) => Distribution::Key,
            Some(8) => Distribution::All,
            // 9 to 12, depending on what AUTO has chosen.
            _ => Distribution::Auto,
        });
    } else {
        relation.definition = definition;
    }
    relation
}

/// Late-binding and materialized views are views in the catalog, whose definition is the statement
/// that created them.
fn kind_of_view(definition: &str) -> RelationKind {
    let keywords: Vec<_> = definition
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let begins = |with: &[&str]| keywords.iter().zip(with).all(|(word, other)| word == other);
    let end = &keywords[keywords.len().saturating_sub(4)..];
    if begins(&["create", "materialized", "view"]) && !keywords.is_empty() {
        RelationKind::MaterializedView
    } else if end == ["with", "no", "schema", "binding"] {
        RelationKind::LateBindingView
    } else {
        RelationKind::View
    }
}

fn add_columns(relations: &mut [Relation], places: &Places, columns: &[CatalogColumn]) {
    let mut sort_keys: HashMap<usize, Vec<(i32, &str)>> = HashMap::new();
    for found in columns {
        let name = (found.schema_name.clone(), found.relation_name.clone());
        let Some(&at) = places.get(&name) else {
            continue;
        };
        let kind = relations[at].kind;
        // The catalog's columns, if any, are those at the time the view was created.
        if kind == RelationKind::LateBindingView {
            continue;
        }
        let data_type = DataType::parse(&found.type_name);
        let mut column = Column::new(found.column_name.clone(), data_type);
        column.comment.clone_from(&found.description);
        if kind == RelationKind::Table {
            column.is_nullable = !found.not_null;
            column.identity = found
                .default_value
                .as_deref()
                .and_then(Identity::of_default);
            if column.identity.is_none() {
                column.default.clone_from(&found.default_value);
            }
            column.encoding = found.encoding.as_deref().map(|encoding| {
                match encoding.trim() {
                    "none" => "raw",
                    encoding => encoding,
                }
                .to_owned()
            });
            column.is_distribution_key = found.is_distribution_key == Some(true);
            if let Some(order) = found.sort_key.filter(|order| *order != 0) {
                sort_keys
                    .entry(at)
                    .or_default()
                    .push((order, &found.column_name));
            }
        }
        relations[at].columns.push(column);
    }
    for (at, mut columns) in sort_keys {
        columns.sort_by_key(|(order, _)| order.abs());
        let is_interleaved = columns.iter().any(|(order, _)| *order < 0);
        let names = columns
            .into_iter()
            .map(|(_, name)| name.to_owned())
            .collect();
        relations[at].sort_key = Some(if is_interleaved {
            SortKey::Interleaved(names)
        } else {
            SortKey::Compound(names)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_are_told_apart_by_their_statements() {
        for (definition, kind) in [
            ("SELECT a FROM t", RelationKind::View),
            ("", RelationKind::View),
            (
                "create view public.v as select 1\nwith no schema binding;",
                RelationKind::LateBindingView,
            ),
            (
                "CREATE MATERIALIZED VIEW v AS SELECT 1",
                RelationKind::MaterializedView,
            ),
        ] {
            assert_eq!(kind_of_view(definition), kind, "{definition}");
        }
    }
}
