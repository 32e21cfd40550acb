//! The SQL that brings a database to what a `schema.rs` says, and back.

use std::collections::{HashMap, HashSet};

use diesel_redshift::reflection::{
    Column, CreateTableOptions, DataType, Relation, RelationKind, Schema,
};

use super::schema_file::{Declared, DeclaredColumn, Joinable, SchemaFile};
use crate::failure::Failure;
use crate::sql_name::quoted;

/// Up and down, each statement on lines of its own.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) up: String,
    pub(super) down: String,
    /// What Redshift does outside of transactions only.
    pub(super) up_alone: String,
    pub(super) down_alone: String,
    /// What no ALTER TABLE can do.
    pub(super) rebuilds: Vec<String>,
}

impl Difference {
    pub(super) fn of(file: &SchemaFile, database: &Schema) -> Result<Self, Failure> {
        let mut difference = Self::default();
        let mut created = Vec::new();
        for table in &file.tables {
            let schema = table.schema.as_deref().unwrap_or(&database.current_schema);
            match database.relation(schema, &table.name) {
                Some(relation) if relation.kind == RelationKind::Table => {
                    difference.alter(table, relation)?;
                }
                Some(_) => {}
                None if is_external(schema, database) => difference.rebuilds.push(format!(
                    "{}: the schema is an external one; write CREATE EXTERNAL TABLE",
                    declared_name(table)?
                )),
                None => created.push(table),
            }
        }
        // What refers to another is created after it and dropped before it.
        let place = |name: &str| created.iter().position(|table| table.rust_name == name);
        let parents = |table: &&Declared| {
            let of_table = |joinable: &&Joinable| joinable.child == table.rust_name;
            let joined = file.joinable.iter().filter(of_table);
            joined
                .filter_map(|joinable| place(&joinable.parent))
                .collect()
        };
        let order = parents_first(&created.iter().map(parents).collect::<Vec<_>>());
        for at in order {
            difference.create(created[at])?;
        }
        for joinable in &file.joinable {
            difference.add_foreign_key(joinable, file, &created)?;
        }
        difference.drop_what_is_not_in(file, database)?;
        Ok(difference)
    }

    fn drop_what_is_not_in(&mut self, file: &SchemaFile, database: &Schema) -> Result<(), Failure> {
        let declared: HashSet<_> = file
            .tables
            .iter()
            .map(|table| {
                let schema = table.schema.as_deref().unwrap_or(&database.current_schema);
                (schema, table.name.as_str())
            })
            .collect();
        let name = |relation: &'_ Relation| (relation.schema.clone(), relation.name.clone());
        let dropped: Vec<_> = database
            .relations
            .iter()
            .filter(|relation| {
                relation.kind == RelationKind::Table
                    && !declared.contains(&(relation.schema.as_str(), relation.name.as_str()))
            })
            .collect();
        let places: HashMap<_, _> = dropped
            .iter()
            .enumerate()
            .map(|(at, relation)| (name(relation), at))
            .collect();
        let parents: Vec<Vec<usize>> = dropped
            .iter()
            .map(|relation| {
                let keys = relation.foreign_keys.iter();
                keys.filter_map(|key| {
                    let parent = (key.foreign_schema.clone(), key.foreign_table.clone());
                    places.get(&parent).copied()
                })
                .collect()
            })
            .collect();
        for at in parents_first(&parents).into_iter().rev() {
            let relation = dropped[at];
            self.drop(relation, relation.schema == database.current_schema)?;
        }
        Ok(())
    }

    fn create(&mut self, table: &Declared) -> Result<(), Failure> {
        let name = declared_name(table)?;
        let mut lines = Vec::new();
        for column in &table.columns {
            let null = if column.is_nullable { "" } else { " NOT NULL" };
            lines.push(format!(
                "    {} {}{null}",
                quoted(&column.name)?,
                sql_type(column)?
            ));
        }
        let key: Result<Vec<_>, _> = table.primary_key.iter().map(|name| quoted(name)).collect();
        // A key makes its columns NOT NULL: where they are not, they only stand in for one.
        let is_key = |column: &&DeclaredColumn| table.primary_key.contains(&column.name);
        if !table
            .columns
            .iter()
            .filter(is_key)
            .any(|column| column.is_nullable)
        {
            lines.push(format!("    PRIMARY KEY ({})", key?.join(", ")));
        }
        self.up.push_str(&format!(
            "CREATE TABLE {name} (\n{}\n);\n",
            lines.join(",\n")
        ));
        self.down.insert_str(0, &format!("DROP TABLE {name};\n"));
        Ok(())
    }

    fn add_foreign_key(
        &mut self,
        joinable: &Joinable,
        file: &SchemaFile,
        created: &[&Declared],
    ) -> Result<(), Failure> {
        let Some(child) = created
            .iter()
            .find(|table| table.rust_name == joinable.child)
        else {
            return Ok(());
        };
        let Some(parent) = file
            .tables
            .iter()
            .find(|table| table.rust_name == joinable.parent)
        else {
            return Ok(());
        };
        let (Some(column), [key]) = (
            child
                .columns
                .iter()
                .find(|column| column.rust_name == joinable.column),
            &parent.primary_key[..],
        ) else {
            return Ok(());
        };
        self.up.push_str(&format!(
            "ALTER TABLE {} ADD FOREIGN KEY ({}) REFERENCES {} ({});\n",
            declared_name(child)?,
            quoted(&column.name)?,
            declared_name(parent)?,
            quoted(key)?
        ));
        Ok(())
    }

    fn drop(&mut self, relation: &Relation, is_current: bool) -> Result<(), Failure> {
        let mut options = CreateTableOptions::new();
        if is_current {
            options = options.without_schema();
        }
        self.up.push_str(&format!(
            "DROP TABLE {};\n",
            relation_name(relation, is_current)?
        ));
        self.down.insert_str(0, &relation.create_table(&options)?);
        Ok(())
    }

    fn alter(&mut self, table: &Declared, relation: &Relation) -> Result<(), Failure> {
        let name = declared_name(table)?;
        for column in &table.columns {
            match relation.column(&column.name) {
                None => self.add_column(&name, column)?,
                Some(found) => self.alter_column(&name, column, found)?,
            }
        }
        for column in &relation.columns {
            if !table
                .columns
                .iter()
                .any(|declared| declared.name == column.name)
            {
                self.drop_column(&name, column, relation)?;
            }
        }
        Ok(())
    }

    fn add_column(&mut self, table: &str, column: &DeclaredColumn) -> Result<(), Failure> {
        let (name, sql_type) = (quoted(&column.name)?, sql_type(column)?);
        if !column.is_nullable {
            self.rebuilds.push(format!(
                "{table}: {name} {sql_type} NOT NULL can be added in place only with a DEFAULT: ALTER TABLE {table} ADD COLUMN {name} \
                 {sql_type} NOT NULL DEFAULT …;"
            ));
            return Ok(());
        }
        self.up.push_str(&format!(
            "ALTER TABLE {table} ADD COLUMN {name} {sql_type};\n"
        ));
        self.down
            .insert_str(0, &format!("ALTER TABLE {table} DROP COLUMN {name};\n"));
        Ok(())
    }

    fn drop_column(
        &mut self,
        table: &str,
        column: &Column,
        relation: &Relation,
    ) -> Result<(), Failure> {
        use diesel_redshift::reflection::SortKey;
        let name = quoted(&column.name)?;
        let is_sorted = match &relation.sort_key {
            Some(SortKey::Compound(columns) | SortKey::Interleaved(columns)) => {
                columns.contains(&column.name)
            }
            _ => false,
        };
        if column.is_distribution_key || is_sorted {
            self.rebuilds.push(format!(
                "{table}: {name} is a distribution or sort key, which cannot be dropped"
            ));
            return Ok(());
        }
        self.up
            .push_str(&format!("ALTER TABLE {table} DROP COLUMN {name};\n"));
        let null = if column.is_nullable { "" } else { " NOT NULL" };
        let default = column
            .default
            .as_ref()
            .map(|default| format!(" DEFAULT {default}"));
        let default = default.unwrap_or_default();
        if column.is_nullable || !default.is_empty() {
            self.down.insert_str(
                0,
                &format!(
                    "ALTER TABLE {table} ADD COLUMN {name} {}{default}{null};\n",
                    column.data_type
                ),
            );
        } else {
            self.rebuilds.push(format!(
                "{table}: to bring {name} {} NOT NULL back, it needs a DEFAULT (down.sql)",
                column.data_type
            ));
        }
        Ok(())
    }

    fn alter_column(
        &mut self,
        table: &str,
        declared: &DeclaredColumn,
        found: &Column,
    ) -> Result<(), Failure> {
        let name = quoted(&declared.name)?;
        if declared.is_nullable != found.is_nullable {
            let state = |is_nullable| if is_nullable { "NULL" } else { "NOT NULL" };
            self.rebuilds.push(format!(
                "{table}: {name} is {} and is to be {}",
                state(found.is_nullable),
                state(declared.is_nullable)
            ));
        }
        let Some(wanted) = &declared.data_type else {
            return Ok(());
        };
        match (wanted, &found.data_type) {
            (DataType::Varchar(Some(new)), DataType::Varchar(Some(old))) if new != old => {
                let has_key = found.default.is_some();
                if new < old || has_key {
                    self.rebuilds.push(format!(
                        "{table}: {name} is VARCHAR({old}) and is to be VARCHAR({new}); only a VARCHAR without a default gets \
                         longer in place"
                    ));
                } else {
                    let alter = |length| {
                        format!("ALTER TABLE {table} ALTER COLUMN {name} TYPE VARCHAR({length});\n")
                    };
                    self.up_alone.push_str(&alter(new));
                    self.down_alone.insert_str(0, &alter(old));
                }
            }
            (wanted, found_type) if !is_same(wanted, found_type) => self.rebuilds.push(format!(
                "{table}: {name} is {found_type} and is to be {}",
                sql_type(declared)?
            )),
            _ => {}
        }
        Ok(())
    }
}

/// Whether a schema is an external one, as far as its tables tell.
fn is_external(schema: &str, database: &Schema) -> bool {
    let mut relations = database.relations.iter();
    relations
        .any(|relation| relation.schema == schema && relation.kind == RelationKind::ExternalTable)
}

/// An order in which each comes after its parents, unless they are in a circle.
fn parents_first(parents: &[Vec<usize>]) -> Vec<usize> {
    let mut order = Vec::with_capacity(parents.len());
    let mut seen = vec![false; parents.len()];
    for start in 0..parents.len() {
        // The ones that are waiting for their parents, each with the number of parents that were looked at.
        let mut waiting = Vec::new();
        if !std::mem::replace(&mut seen[start], true) {
            waiting.push((start, 0));
        }
        while let Some((at, looked_at)) = waiting.pop() {
            match parents[at].get(looked_at) {
                None => order.push(at),
                Some(&parent) => {
                    waiting.push((at, looked_at + 1));
                    if !std::mem::replace(&mut seen[parent], true) {
                        waiting.push((parent, 0));
                    }
                }
            }
        }
    }
    order
}

/// Whether Diesel's type of a column is that of the database's.
fn is_same(declared: &DataType, found: &DataType) -> bool {
    match (declared, found) {
        // `Text` is any of them.
        (DataType::Varchar(_), DataType::Char(_) | DataType::Varchar(_)) => true,
        (DataType::Char(new), DataType::Char(old)) => new == old,
        (declared, found) => std::mem::discriminant(declared) == std::mem::discriminant(found),
    }
}

fn sql_type(column: &DeclaredColumn) -> Result<String, Failure> {
    match &column.data_type {
        Some(DataType::Decimal { .. }) => {
            Ok("DECIMAL(18, 2) /* schema.rs tells no precision */".to_owned())
        }
        Some(DataType::Varchar(None)) => {
            Ok("VARCHAR(65535) /* schema.rs tells no length */".to_owned())
        }
        Some(data_type) => Ok(data_type.to_string()),
        None => Err(Failure::new(format!(
            "the column {} has the type {}, which no column of Redshift has",
            column.name, column.type_name
        ))),
    }
}

fn declared_name(table: &Declared) -> Result<String, Failure> {
    let name = quoted(&table.name)?;
    match &table.schema {
        Some(schema) => Ok(format!("{}.{name}", quoted(schema)?)),
        None => Ok(name),
    }
}

fn relation_name(relation: &Relation, is_current: bool) -> Result<String, Failure> {
    let name = quoted(&relation.name)?;
    if is_current {
        return Ok(name);
    }
    Ok(format!("{}.{name}", quoted(&relation.schema)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parents_come_first() {
        assert_eq!(
            parents_first(&[vec![2], vec![], vec![1, 2], vec![0]]),
            [1, 2, 0, 3]
        );
        // A circle has no order, and each comes once.
        assert_eq!(parents_first(&[vec![1], vec![0]]), [1, 0]);
        assert_eq!(parents_first(&[]), [0; 0]);
    }
}
