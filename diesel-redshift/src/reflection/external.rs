//! Tables of external schemas: files in S3, tables of other databases.

use diesel::prelude::*;
use diesel::sql_types::{Integer, Nullable, Text};

use super::catalog::{Places, rows};
use super::column::Column;
use super::data_type::DataType;
use super::filter::Filter;
use super::relation::{ExternalLocation, Relation, RelationKind};
use crate::connection::RedshiftConnection;
use crate::error::Error;

/// Listing tables may query a data catalog elsewhere, so the existence of such a schema is checked
/// first.
const SCHEMAS: &str =
    "SELECT schemaname::varchar AS name FROM svv_external_schemas WHERE {condition} LIMIT 1";

const TABLES: &str = "SELECT schemaname::varchar AS schema_name, tablename::varchar AS relation_name, \
     location::varchar AS location, input_format::varchar AS input_format \
     FROM svv_external_tables WHERE {condition} ORDER BY 1, 2";

const COLUMNS: &str = "SELECT schemaname::varchar AS schema_name, tablename::varchar AS relation_name, \
     columnname::varchar AS column_name, external_type::varchar AS type_name, columnnum::integer AS number, \
     part_key::integer AS partition_key \
     FROM svv_external_columns WHERE {condition} ORDER BY 1, 2, 5";

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct ExternalTable {
    #[diesel(sql_type = Text)]
    schema_name: String,
    #[diesel(sql_type = Text)]
    relation_name: String,
    #[diesel(sql_type = Nullable<Text>)]
    location: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    input_format: Option<String>,
}

#[derive(QueryableByName)]
struct ExternalColumn {
    #[diesel(sql_type = Text)]
    schema_name: String,
    #[diesel(sql_type = Text)]
    relation_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Nullable<Text>)]
    type_name: Option<String>,
    #[diesel(sql_type = Nullable<Integer>)]
    partition_key: Option<i32>,
}

pub(super) fn add(
    conn: &mut RedshiftConnection,
    filter: &Filter,
    relations: &mut Vec<Relation>,
    places: &mut Places,
) -> Result<(), Error> {
    let schemas: Vec<Named> = rows(conn, SCHEMAS, filter.schema_condition("schemaname"))?;
    if !schemas.iter().any(|schema| !schema.name.is_empty()) {
        return Ok(());
    }
    for found in rows::<ExternalTable>(conn, TABLES, filter.condition("schemaname", "tablename"))? {
        let name = (found.schema_name.clone(), found.relation_name.clone());
        let mut relation = Relation::new(
            found.schema_name,
            found.relation_name,
            RelationKind::ExternalTable,
        );
        relation.external = Some(ExternalLocation {
            location: found.location.unwrap_or_default(),
            input_format: found.input_format.unwrap_or_default(),
        });
        places.insert(name, relations.len());
        relations.push(relation);
    }
    for found in rows::<ExternalColumn>(conn, COLUMNS, filter.condition("schemaname", "tablename"))?
    {
        if let Some(at) = places.get(&(found.schema_name, found.relation_name)) {
            let data_type = DataType::parse(&found.type_name.unwrap_or_default());
            let mut column = Column::new(found.column_name, data_type);
            column.is_partition_key = found.partition_key.is_some_and(|place| place > 0);
            relations[*at].columns.push(column);
        }
    }
    Ok(())
}
