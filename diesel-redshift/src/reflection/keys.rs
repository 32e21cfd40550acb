//! Primary, unique and foreign keys.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;
use diesel::sql_types::{Integer, Nullable, Text};

use super::catalog::{Places, rows};
use super::filter::{Condition, Filter};
use super::relation::{ForeignKey, Key, Relation};
use crate::connection::RedshiftConnection;
use crate::error::{Error, InvalidValue};

/// The columns are numbers in the text of an array, since the leader node cannot join elements of
/// arrays in order.
const KEYS: &str = "SELECT n.nspname::varchar AS schema_name, c.relname::varchar AS relation_name, \
     k.conname::varchar AS key_name, \
     CASE k.contype WHEN 'p' THEN 'primary' WHEN 'u' THEN 'unique' ELSE 'foreign' END::varchar AS kind, \
     array_to_string(k.conkey, ',') AS columns, array_to_string(k.confkey, ',') AS foreign_columns, \
     fn.nspname::varchar AS foreign_schema, f.relname::varchar AS foreign_table \
     FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
     LEFT JOIN pg_class f ON f.oid = k.confrelid LEFT JOIN pg_namespace fn ON fn.oid = f.relnamespace \
     WHERE k.contype IN ('p', 'u', 'f') AND {condition} ORDER BY 1, 2, 3";

/// The column numbers of tables that keys refer to.
const NUMBERS: &str = "SELECT n.nspname::varchar AS schema_name, c.relname::varchar AS relation_name, \
     a.attnum::integer AS number, a.attname::varchar AS column_name \
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
     WHERE a.attnum > 0 AND NOT a.attisdropped AND {condition}";

#[derive(QueryableByName)]
struct CatalogKey {
    #[diesel(sql_type = Text)]
    schema_name: String,
    #[diesel(sql_type = Text)]
    relation_name: String,
    #[diesel(sql_type = Text)]
    key_name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Nullable<Text>)]
    columns: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    foreign_columns: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    foreign_schema: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    foreign_table: Option<String>,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = Text)]
    schema_name: String,
    #[diesel(sql_type = Text)]
    relation_name: String,
    #[diesel(sql_type = Integer)]
    number: i32,
    #[diesel(sql_type = Text)]
    column_name: String,
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    name: String,
}

/// The names of columns by their numbers, per relation.
#[derive(Default)]
pub(super) struct ColumnNames(HashMap<(String, String), HashMap<i32, String>>);

impl ColumnNames {
    pub(super) fn add(&mut self, schema: String, relation: String, number: i32, name: String) {
        let columns = self.0.entry((schema, relation)).or_default();
        columns.insert(number, name);
    }

    /// The columns of a key; `None` if one of them is unknown.
    fn of(&self, relation: &(String, String), numbers: Option<&str>) -> Option<Vec<String>> {
        let names = self.0.get(relation)?;
        numbers?
            .split(',')
            .map(|number| names.get(&number.trim().parse().ok()?).cloned())
            .collect()
    }

    /// Queries the columns of tables that keys refer to and that the filter omits.
    fn add_foreign(
        &mut self,
        conn: &mut RedshiftConnection,
        keys: &[CatalogKey],
    ) -> Result<(), Error> {
        let foreign = keys.iter().filter_map(|key| {
            let name = (key.foreign_schema.clone()?, key.foreign_table.clone()?);
            (!self.0.contains_key(&name)).then_some(name)
        });
        let (schemas, tables): (BTreeSet<_>, BTreeSet<_>) = foreign.unzip();
        let tables: Vec<_> = tables.into_iter().collect();
        let schemas: Vec<_> = schemas.into_iter().collect();
        for tables in tables.chunks(TABLES_AT_A_TIME) {
            let condition =
                Condition::any_of("n.nspname", &schemas).and_any_of("c.relname", tables);
            for found in rows::<Number>(conn, NUMBERS, condition)? {
                self.add(
                    found.schema_name,
                    found.relation_name,
                    found.number,
                    found.column_name,
                );
            }
        }
        Ok(())
    }
}

/// A statement has at most 32,767 parameters.
const TABLES_AT_A_TIME: usize = 10_000;

pub(super) fn add(
    conn: &mut RedshiftConnection,
    filter: &Filter,
    relations: &mut [Relation],
    places: &Places,
    mut names: ColumnNames,
) -> Result<(), Error> {
    let keys: Vec<CatalogKey> = rows(conn, KEYS, filter.condition("n.nspname", "c.relname"))?;
    names.add_foreign(conn, &keys)?;
    for found in keys {
        let name = (found.schema_name, found.relation_name);
        let Some(relation) = places.get(&name).map(|at| &mut relations[*at]) else {
            continue;
        };
        let Some(columns) = names.of(&name, found.columns.as_deref()) else {
            continue;
        };
        let key = Key {
            name: found.key_name,
            columns,
        };
        match found.kind.as_str() {
            "primary" => relation.primary_key = Some(key),
            "unique" => relation.unique_keys.push(key),
            _ => {
                let (Some(schema), Some(table)) = (found.foreign_schema, found.foreign_table)
                else {
                    continue;
                };
                let foreign = (schema, table);
                let Some(foreign_columns) = names.of(&foreign, found.foreign_columns.as_deref())
                else {
                    continue;
                };
                relation.foreign_keys.push(ForeignKey {
                    name: key.name,
                    columns: key.columns,
                    foreign_schema: foreign.0,
                    foreign_table: foreign.1,
                    foreign_columns,
                });
            }
        }
    }
    Ok(())
}

/// A misspelled schema would otherwise be an empty one.
pub(super) fn refuse_missing_schemas(
    conn: &mut RedshiftConnection,
    filter: &Filter,
) -> Result<(), Error> {
    let Some(schemas) = filter.named_schemas() else {
        return Ok(());
    };
    let sql = "SELECT nspname::varchar AS name FROM pg_namespace WHERE {condition}";
    let condition = Condition::any_of("nspname", schemas);
    let found: Vec<Named> = rows(conn, sql, condition)?;
    match schemas
        .iter()
        .find(|schema| !found.iter().any(|found| &&found.name == schema))
    {
        Some(missing) => Err(InvalidValue::new(
            "schema",
            format!("{missing:?}"),
            "the name of one that exists and that the user may see; without quotes it is in lower case",
        )
        .into()),
        None => Ok(()),
    }
}
