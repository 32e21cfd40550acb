//! Primary, unique and foreign keys.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{Integer, Nullable, Text};

use super::catalog::{Places, rows};
use super::filter::{Condition, Filter};
use super::relation::{ForeignKey, Key, Relation};
use crate::connection::RedshiftConnection;
use crate::error::{Error, InvalidValue};

/// The columns are numbers in the text of an array, since the leader node joins no elements of arrays in order.
const KEYS: &str = "SELECT n.nspname::varchar AS schema_name, c.relname::varchar AS relation_name, \
     k.conname::varchar AS key_name, \
     CASE k.contype WHEN 'p' THEN 'primary' WHEN 'u' THEN 'unique' ELSE 'foreign' END::varchar AS kind, \
     array_to_string(k.conkey, ',') AS columns, array_to_string(k.confkey, ',') AS foreign_columns, \
     fn.nspname::varchar AS foreign_schema, f.relname::varchar AS foreign_table \
     FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
     LEFT JOIN pg_class f ON f.oid = k.confrelid LEFT JOIN pg_namespace fn ON fn.oid = f.relnamespace \
     WHERE k.contype IN ('p', 'u', 'f') AND {condition} ORDER BY 1, 2, 3";

/// The numbers of the columns of tables that have keys, or that keys refer to.
const NUMBERS: &str = "SELECT n.nspname::varchar AS schema_name, c.relname::varchar AS relation_name, \
     a.attnum::integer AS number, a.attname::varchar AS column_name \
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
     WHERE a.attnum > 0 AND NOT a.attisdropped AND c.oid IN (\
     SELECT k.conrelid FROM pg_constraint k JOIN pg_class kc ON kc.oid = k.conrelid \
     JOIN pg_namespace kn ON kn.oid = kc.relnamespace WHERE {condition} \
     UNION ALL SELECT k.confrelid FROM pg_constraint k JOIN pg_class kc ON kc.oid = k.conrelid \
     JOIN pg_namespace kn ON kn.oid = kc.relnamespace WHERE k.contype = 'f' AND {condition})";

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

/// The names of columns by their numbers, a relation at a time.
#[derive(Default)]
struct Names(HashMap<(String, String), HashMap<i32, String>>);

impl Names {
    /// The columns of a key; none when one of them is not known.
    fn of(&self, relation: &(String, String), numbers: Option<&str>) -> Option<Vec<String>> {
        let names = self.0.get(relation)?;
        numbers?
            .split(',')
            .map(|number| names.get(&number.trim().parse().ok()?).cloned())
            .collect()
    }
}

pub(super) fn add(
    conn: &mut RedshiftConnection,
    filter: &Filter,
    relations: &mut [Relation],
    places: &Places,
) -> Result<(), Error> {
    let keys: Vec<CatalogKey> = rows(conn, KEYS, filter.condition("n.nspname", "c.relname"))?;
    if keys.is_empty() {
        return Ok(());
    }
    let mut names = Names::default();
    for found in rows::<Number>(conn, NUMBERS, filter.condition("kn.nspname", "kc.relname"))? {
        let relation = (found.schema_name, found.relation_name);
        let columns = names.0.entry(relation).or_default();
        columns.insert(found.number, found.column_name);
    }
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

/// A schema that is misspelled would be an empty one.
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
