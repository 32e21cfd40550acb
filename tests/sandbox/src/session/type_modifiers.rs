//! Tables and views that are made of a query.

use std::collections::HashMap;

use super::Session;
use crate::engine::Failure;
use crate::sql::type_modifiers::{self, Column};
use crate::sql::{Definition, Fill, Query, quote_identifier};

impl Session<'_> {
    /// The statement that makes it, with a cast around every column that has no limit but would have one on Redshift.
    pub(super) fn with_type_modifiers(
        &mut self,
        definition: &Definition,
        query: &Query,
    ) -> Result<String, Failure> {
        const VIEW: &str = "pg_temp.redshift_sandbox_query";
        let Query { names, sql, fill } = query;
        // A view's query is the only one that PostgreSQL shows.
        let answer = self.engine.run(&format!(
            "CREATE VIEW {VIEW}{names} AS {sql}; \
             SELECT attname, atttypid, atttypmod, ev_action, current_schema() FROM pg_catalog.pg_attribute \
             JOIN pg_catalog.pg_rewrite ON ev_class = attrelid \
             WHERE attrelid = '{VIEW}'::regclass AND attnum > 0 ORDER BY attnum; \
             DROP VIEW {VIEW}"
        ))?;
        let mut rule = String::new();
        let mut table = definition.table.clone();
        let mut columns = Vec::new();
        for row in answer.rows {
            let mut values = row.into_iter().map(Option::unwrap_or_default);
            let mut next = || values.next().unwrap_or_default();
            columns.push(Column {
                name: next(),
                oid: next().parse().unwrap_or(0),
                modifier: next().parse().unwrap_or(-1),
            });
            rule = next();
            let schema = next();
            table.schema.get_or_insert(schema);
        }
        let functions = self.function_names(&rule)?;
        let types = type_modifiers::types(&columns, &rule, &functions);
        let mut statement = definition.sql.clone();
        if types.iter().all(Option::is_none) {
            statement.push_str(sql);
        } else {
            let names: Vec<_> = columns
                .iter()
                .map(|column| quote_identifier(&column.name))
                .collect();
            let casts = names
                .iter()
                .zip(types)
                .map(|(name, limited)| match limited {
                    Some(limited) => format!("{name}::{limited} AS {name}"),
                    None => name.clone(),
                });
            statement.push_str(&format!(
                "SELECT {} FROM ({sql}) AS redshift_query ({})",
                casts.collect::<Vec<_>>().join(", "),
                names.join(", ")
            ));
        }
        let table = table.quoted();
        match fill {
            Some(Fill::Insert) => {
                statement.push_str(&format!(" WITH NO DATA; INSERT INTO {table} {sql}"));
            }
            Some(Fill::Refresh) => {
                statement.push_str(&format!(" WITH NO DATA; REFRESH MATERIALIZED VIEW {table}"));
            }
            None => {}
        }
        Ok(statement)
    }

    fn function_names(&mut self, rule: &str) -> Result<HashMap<i64, String>, Failure> {
        let numbers = type_modifiers::functions(rule);
        if numbers.is_empty() {
            return Ok(HashMap::new());
        }
        let numbers: Vec<_> = numbers.iter().map(i64::to_string).collect();
        let answer = self.engine.run(&format!(
            "SELECT oid, proname FROM pg_catalog.pg_proc WHERE oid IN ({})",
            numbers.join(", ")
        ))?;
        let named = answer.rows.into_iter().filter_map(|row| {
            let mut values = row.into_iter().flatten();
            Some((values.next()?.parse().ok()?, values.next()?))
        });
        Ok(named.collect())
    }
}
