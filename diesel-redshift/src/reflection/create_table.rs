//! Tables as `CREATE TABLE`.

use super::column::Column;
use super::relation::{Distribution, ForeignKey, Relation, RelationKind, SortKey};
use crate::error::{Error, InvalidValue};
use crate::sql::literal::{push_identifier, push_string};

/// How [`Relation::create_table`] prints.
#[derive(Debug, Clone, Default)]
pub struct CreateTableOptions {
    without_schema: bool,
    without_encodings: bool,
    without_foreign_keys: bool,
    if_not_exists: bool,
}

impl CreateTableOptions {
    /// Everything that is known about the table.
    pub fn new() -> Self {
        Self::default()
    }

    /// Omits the schema before the table's name, so that the `search_path` decides.
    pub fn without_schema(mut self) -> Self {
        self.without_schema = true;
        self
    }

    /// Omits `ENCODE`. The catalog does not show which encodings Redshift chose itself, and a table
    /// with an explicit one is no longer `ENCODE AUTO`.
    pub fn without_encodings(mut self) -> Self {
        self.without_encodings = true;
        self
    }

    /// Omits foreign keys, which need the other table: [`Relation::add_foreign_keys`] returns them.
    pub fn without_foreign_keys(mut self) -> Self {
        self.without_foreign_keys = true;
        self
    }

    /// `CREATE TABLE IF NOT EXISTS`.
    pub fn if_not_exists(mut self) -> Self {
        self.if_not_exists = true;
        self
    }
}

impl Relation {
    /// The `CREATE TABLE` for this table, and a `COMMENT ON` for each comment, over several lines,
    /// with a semicolon after each statement.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a view or an external table, and for a column with a type that tables
    /// cannot have.
    pub fn create_table(&self, options: &CreateTableOptions) -> Result<String, Error> {
        if self.kind != RelationKind::Table {
            return Err(InvalidValue::new(
                "relation for CREATE TABLE",
                format!("{:?}, which is not one", self.name),
                "a table of the database itself",
            )
            .into());
        }
        let mut lines = Vec::new();
        for column in &self.columns {
            lines.push(column_definition(column, options)?);
        }
        if let Some(key) = &self.primary_key {
            lines.push(format!("PRIMARY KEY {}", names(&key.columns)?));
        }
        for key in &self.unique_keys {
            lines.push(format!("UNIQUE {}", names(&key.columns)?));
        }
        if !options.without_foreign_keys {
            for key in &self.foreign_keys {
                lines.push(foreign_key(key, self, options)?);
            }
        }
        let name = self.sql_name(options)?;
        let exists = if options.if_not_exists {
            "IF NOT EXISTS "
        } else {
            ""
        };
        let mut sql = format!(
            "CREATE TABLE {exists}{name} (\n    {}\n)",
            lines.join(",\n    ")
        );
        match self.distribution {
            Some(Distribution::Even) => sql.push_str("\nDISTSTYLE EVEN"),
            Some(Distribution::All) => sql.push_str("\nDISTSTYLE ALL"),
            Some(Distribution::Key) => {
                let is_key = |column: &&Column| column.is_distribution_key;
                sql.push_str("\nDISTSTYLE KEY");
                if let Some(column) = self.columns.iter().find(is_key) {
                    sql.push_str("\nDISTKEY (");
                    push_identifier(&mut sql, &column.name)?;
                    sql.push(')');
                }
            }
            Some(Distribution::Auto) | None => {}
        }
        match &self.sort_key {
            Some(SortKey::Compound(columns)) => {
                sql.push_str(&format!("\nCOMPOUND SORTKEY {}", names(columns)?));
            }
            Some(SortKey::Interleaved(columns)) => {
                sql.push_str(&format!("\nINTERLEAVED SORTKEY {}", names(columns)?));
            }
            None => {}
        }
        sql.push_str(";\n");
        if let Some(comment) = &self.comment {
            sql.push_str(&format!("COMMENT ON TABLE {name} IS "));
            push_string(&mut sql, comment)?;
            sql.push_str(";\n");
        }
        for column in &self.columns {
            if let Some(comment) = &column.comment {
                sql.push_str(&format!("COMMENT ON COLUMN {name}."));
                push_identifier(&mut sql, &column.name)?;
                sql.push_str(" IS ");
                push_string(&mut sql, comment)?;
                sql.push_str(";\n");
            }
        }
        Ok(sql)
    }

    /// `ALTER TABLE … ADD FOREIGN KEY …`, one line per foreign key, to be run when all tables
    /// exist.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if a name is longer than 127 bytes.
    pub fn add_foreign_keys(&self, options: &CreateTableOptions) -> Result<String, Error> {
        let mut sql = String::new();
        for key in &self.foreign_keys {
            sql.push_str(&format!(
                "ALTER TABLE {} ADD {};\n",
                self.sql_name(options)?,
                foreign_key(key, self, options)?
            ));
        }
        Ok(sql)
    }

    fn sql_name(&self, options: &CreateTableOptions) -> Result<String, InvalidValue> {
        let mut sql = String::new();
        if !options.without_schema {
            push_identifier(&mut sql, &self.schema)?;
            sql.push('.');
        }
        push_identifier(&mut sql, &self.name)?;
        Ok(sql)
    }
}

fn names(columns: &[String]) -> Result<String, InvalidValue> {
    let mut sql = String::from("(");
    for (at, column) in columns.iter().enumerate() {
        if at > 0 {
            sql.push_str(", ");
        }
        push_identifier(&mut sql, column)?;
    }
    sql.push(')');
    Ok(sql)
}

fn column_definition(
    column: &Column,
    options: &CreateTableOptions,
) -> Result<String, InvalidValue> {
    if column.data_type.diesel_name().is_none() {
        return Err(InvalidValue::new(
            format!("type of the column {:?}", column.name),
            column.data_type.to_string(),
            "a type that Redshift has in tables",
        ));
    }
    let mut sql = String::new();
    push_identifier(&mut sql, &column.name)?;
    sql.push_str(&format!(" {}", column.data_type));
    if let Some(default) = &column.default {
        sql.push_str(&format!(" DEFAULT {default}"));
    }
    if let Some(identity) = column.identity {
        let by_default = if identity.is_by_default {
            "GENERATED BY DEFAULT AS "
        } else {
            ""
        };
        let (seed, step) = (identity.seed, identity.step);
        sql.push_str(&format!(" {by_default}IDENTITY({seed}, {step})"));
    }
    if let (Some(encoding), false) = (&column.encoding, options.without_encodings) {
        sql.push_str(&format!(" ENCODE {encoding}"));
    }
    if !column.is_nullable {
        sql.push_str(" NOT NULL");
    }
    Ok(sql)
}

/// If this table has no schema before its name, neither has another of the same schema.
fn foreign_key(
    key: &ForeignKey,
    table: &Relation,
    options: &CreateTableOptions,
) -> Result<String, InvalidValue> {
    let mut foreign = String::new();
    if !options.without_schema || key.foreign_schema != table.schema {
        push_identifier(&mut foreign, &key.foreign_schema)?;
        foreign.push('.');
    }
    push_identifier(&mut foreign, &key.foreign_table)?;
    Ok(format!(
        "FOREIGN KEY {} REFERENCES {foreign} {}",
        names(&key.columns)?,
        names(&key.foreign_columns)?
    ))
}
