//! External tables: what a statement reads of them is read from their files before it.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use super::Session;
use crate::copy::{self, Part};
use crate::engine::Failure;
use crate::protocol::SqlError;
use crate::sql::{self, Cursor, Definition, Statement, external, lexer, quote_literal};

/// Which databases have external schemas: in the others nothing is asked for them.
#[derive(Debug)]
pub(super) struct External {
    /// Any may have them.
    all: bool,
    databases: Mutex<HashSet<String>>,
}

impl External {
    pub(super) fn new(all: bool) -> Self {
        Self {
            all,
            databases: Mutex::default(),
        }
    }
}

/// An external table that a statement reads.
struct Table {
    id: String,
    relid: String,
    location: String,
    reader: Option<String>,
    stored_as: String,
    authorized: String,
}

impl Session<'_> {
    pub(super) fn has_external(&self) -> bool {
        let external = &self.shared.external;
        let databases = external.databases.lock();
        external.all
            || databases
                .unwrap_or_else(PoisonError::into_inner)
                .contains(&self.database)
    }

    /// Keeps in mind that the database has an external schema.
    pub(super) fn note_external(&self, definition: &Definition) {
        if definition.sql.contains("pg_sandbox.create_external_schema") {
            let databases = self.shared.external.databases.lock();
            databases
                .unwrap_or_else(PoisonError::into_inner)
                .insert(self.database.clone());
        }
    }

    /// The same as [`external`](Self::external) of a statement that PostgreSQL has prepared.
    pub(super) fn external_text(&mut self, text: &str) -> Result<Option<Statement>, Failure> {
        match sql::analyze_one(text, &[]) {
            Ok(Some((_, statement))) => self.external(&statement, true),
            _ => Ok(None),
        }
    }

    /// Reads the files of the external tables that the statement reads, and refuses what cannot be done to these. Returns what
    /// is to be done instead if the statement drops one.
    pub(super) fn external(
        &mut self,
        statement: &Statement,
        in_pipeline: bool,
    ) -> Result<Option<Statement>, Failure> {
        if !self.has_external() || self.engine.status == b'E' {
            return Ok(None);
        }
        if let Statement::Plain(sql) = statement
            && let Some(drop) = external::dropped(sql)
        {
            return self.external_drop(&drop);
        }
        let on_itself = ["grant", "revoke", "vacuum", "analyze"];
        if let Statement::Plain(sql) | Statement::Alone { sql, .. } = statement
            && on_itself.contains(&&*statement.verb().to_ascii_lowercase())
        {
            for name in external::qualified(sql) {
                self.check_external_target(statement, &name.quoted())?;
            }
            return Ok(None);
        }
        let (names, target) = match statement {
            Statement::Define(definition) => {
                if definition.sql.contains("_external_") {
                    return Ok(None);
                }
                let query = definition.query.as_ref();
                let names = query.map_or_else(Vec::new, |query| external::tables_of(&query.sql));
                if definition.tag == "CREATE VIEW"
                    && !names.is_empty()
                    && !self.external_tables(Some(&names))?.is_empty()
                {
                    return Err(SqlError::unsupported(
                        "A view of an external table needs WITH NO SCHEMA BINDING",
                    )
                    .into());
                }
                (Some(names), Some(definition.table.quoted()))
            }
            Statement::Change { table, sql } => {
                (Some(external::tables_of(sql)), Some(table.clone()))
            }
            Statement::Copy(copy) => (Some(Vec::new()), Some(copy.table().quoted())),
            Statement::Truncate(sql) => {
                let table = external::truncated(sql);
                (Some(Vec::new()), table.map(|table| table.quoted()))
            }
            Statement::Unload(_) | Statement::Execute { .. } => (None, None),
            Statement::Plain(_) if statement.verb().eq_ignore_ascii_case("call") => (None, None),
            Statement::Plain(sql) | Statement::Prepare { sql, .. } => {
                (Some(external::tables_of(sql)), None)
            }
            _ => return Ok(None),
        };
        if let Some(target) = target {
            self.check_external_target(statement, &target)?;
        }
        if names.as_ref().is_some_and(Vec::is_empty) {
            return Ok(None);
        }
        self.check_external_sources(names.as_deref().unwrap_or_default())?;
        let tables = self.external_tables(names.as_deref())?;
        if !tables.is_empty() {
            self.forget_external_data()?;
        }
        for table in tables {
            self.read_external(&table, in_pipeline)?;
        }
        Ok(None)
    }

    fn external_drop(&mut self, drop: &external::Drop) -> Result<Option<Statement>, Failure> {
        let (catalog, key, to) = if drop.is_schema {
            ("external_schemas", "oid", "pg_engine.to_regnamespace")
        } else {
            ("external_tables", "relid", "to_regclass")
        };
        let name = quote_literal(&drop.name.quoted());
        let found = self.log(&format!(
            "SELECT {key} FROM pg_sandbox.{catalog} WHERE {key} = {to}({name})"
        ))?;
        let Some(oid) = found.value() else {
            return Ok(None);
        };
        let with = match (drop.is_schema, drop.with_database) {
            (true, true) => ", true",
            (true, false) => ", false",
            (false, _) => "",
        };
        let (function, tag, alone) = if drop.is_schema {
            ("drop_external_schema", "DROP SCHEMA", None)
        } else {
            let what = "DROP TABLE of an external table";
            ("drop_external_table", "DROP TABLE", Some(what))
        };
        Ok(Some(Statement::Define(Box::new(Definition {
            table: drop.name.clone(),
            if_not_exists: false,
            sql: format!("SELECT pg_sandbox.{function}({oid}{with})"),
            query: None,
            records: Vec::new(),
            tag,
            alone,
        }))))
    }

    /// Refuses changes of external tables, and others in their schemas.
    fn check_external_target(
        &mut self,
        statement: &Statement,
        target: &str,
    ) -> Result<(), Failure> {
        let target = quote_literal(target);
        let found = self.log(&format!(
            "SELECT CASE WHEN pg_sandbox.is_external(to_regclass({target})) THEN 'table' \
             WHEN EXISTS (SELECT FROM pg_sandbox.external_schemas s JOIN pg_namespace n USING (oid) \
             WHERE nspname = split_part(replace({target}, '\"', ''), '.', 1)) THEN 'schema' END"
        ))?;
        let verb = statement.verb().to_ascii_uppercase();
        match found.value().as_deref() {
            Some("table") if verb == "INSERT" || verb == "ALTER" => {
                Err(SqlError::not_imitated(&format!("{verb} of an external table")).into())
            }
            Some("table") => Err(SqlError::unsupported(format!(
                "{verb} of an external table is not supported"
            ))
            .into()),
            Some(_) => Err(SqlError::unsupported(
                "Operations on local objects in external schema are not enabled.",
            )
            .into()),
            None => Ok(()),
        }
    }

    /// Refuses tables of databases elsewhere by the name of these.
    fn check_external_sources(&mut self, names: &[Vec<String>]) -> Result<(), Failure> {
        let schemas = names.iter().filter_map(|name| match &name[..] {
            [.., schema, _] => Some(quote_literal(schema)),
            _ => None,
        });
        let schemas: Vec<_> = schemas.collect();
        if schemas.is_empty() {
            return Ok(());
        }
        let found = self.log(&format!(
            "SELECT source FROM pg_sandbox.external_schemas s JOIN pg_namespace n USING (oid) \
             WHERE source <> 'DATA CATALOG' AND nspname IN ({})",
            schemas.join(", ")
        ))?;
        match found.value() {
            Some(source) => Err(SqlError::not_imitated(&format!(
                "A table of an external schema from {source}"
            ))
            .into()),
            None => Ok(()),
        }
    }

    /// Those that are named, or that named views read; all if no names are given.
    fn external_tables(&mut self, names: Option<&[Vec<String>]>) -> Result<Vec<Table>, Failure> {
        let named = match names {
            None => "true".to_owned(),
            Some(names) => {
                let named = names.iter().map(|name| match &name[..] {
                    [.., schema, name] => format!(
                        "nspname = {} AND relname = {}",
                        quote_literal(schema),
                        quote_literal(name)
                    ),
                    name => format!("relname = {}", quote_literal(&name.concat())),
                });
                named.collect::<Vec<_>>().join(" OR ")
            }
        };
        let answer = self.log(&format!(
            "WITH RECURSIVE found(relation) AS (\
                SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE {named} \
                UNION SELECT other FROM found JOIN (\
                    SELECT ev_class AS view, refobjid AS other FROM pg_rewrite r \
                    JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND refclassid = 'pg_class'::regclass \
                    UNION ALL SELECT relid, pg_engine.unnest(bound) FROM pg_sandbox.late_views\
                ) AS uses ON view = relation\
             ) SELECT t.id, t.relid, location, reader, stored_as, authorized FROM found \
             JOIN pg_sandbox.external_tables t ON t.relid = relation JOIN pg_class c ON c.oid = t.relid \
             JOIN pg_sandbox.external_schemas s ON s.oid = c.relnamespace ORDER BY t.id"
        ))?;
        let tables = answer.rows.into_iter().map(|row| {
            let mut values = row.into_iter();
            let mut next = || values.next().flatten();
            Table {
                id: next().unwrap_or_default(),
                relid: next().unwrap_or_default(),
                location: next().unwrap_or_default(),
                reader: next(),
                stored_as: next().unwrap_or_default(),
                authorized: next().unwrap_or_default(),
            }
        });
        Ok(tables.collect())
    }

    fn read_external(&mut self, table: &Table, in_pipeline: bool) -> Result<(), Failure> {
        let Some(reader) = &table.reader else {
            let what = format!("An external table of files of {}", table.stored_as);
            return Err(SqlError::not_imitated(&what).into());
        };
        let columns = self.log(&format!(
            "SELECT name, definition, part_key FROM pg_sandbox.external_columns WHERE relid = {} ORDER BY place",
            table.relid
        ))?;
        let columns: Vec<[String; 3]> = columns
            .rows
            .into_iter()
            .map(|row| {
                let mut values = row.into_iter().map(Option::unwrap_or_default);
                std::array::from_fn(|_| values.next().unwrap_or_default())
            })
            .collect();
        let is_key = |column: &&[String; 3]| column[2] != "0";
        let own = columns.iter().filter(|column| !is_key(column));
        let own: Vec<_> = own.map(|column| column[0].clone()).collect();
        let keys: Vec<_> = columns.iter().filter(is_key).collect();
        let parts = self.external_parts(table, &keys)?;

        let name = format!("data_{}", self.shared.next_query());
        let data = external::data_table(&name);
        let text = format!(
            "COPY {} FROM {} {} {reader}",
            data.quoted(),
            quote_literal(&table.location),
            table.authorized
        );
        let tokens = lexer::tokens(&text)?;
        let copy = copy::parse(Cursor::new(&text, &tokens))?;
        self.open_s3(copy.access(), copy.source())?;
        let list = external::column_list(
            columns
                .iter()
                .map(|[name, definition, _]| (&**name, &**definition)),
        );
        self.log(&format!(
            "BEGIN; CREATE UNLOGGED TABLE {} ({list})",
            data.quoted()
        ))?;
        // The rows are for whatever transaction the client has open, and no part of it.
        let read = self.in_log(|session| copy::read_external(session, &copy, &own, parts));
        self.log(if read.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
        read?;
        let set = format!("SET redshift_sandbox.external_{} TO '{name}'", table.id);
        if in_pipeline {
            self.engine.run_named(&set, false)?;
        } else {
            self.engine.run(&set)?;
        }
        self.external_data.push(name);
        Ok(())
    }

    fn external_parts(
        &mut self,
        table: &Table,
        keys: &[&[String; 3]],
    ) -> Result<Vec<Part>, Failure> {
        if keys.is_empty() {
            return Ok(vec![Part {
                location: table.location.clone(),
                values: Vec::new(),
            }]);
        }
        let values: Vec<_> = (1..=keys.len())
            .map(|place| format!("\"values\"[{place}]"))
            .collect();
        let answer = self.log(&format!(
            "SELECT location, {} FROM pg_sandbox.external_partitions WHERE relid = {}",
            values.join(", "),
            table.relid
        ))?;
        let parts = answer.rows.into_iter().map(|row| {
            let mut values = row.into_iter().map(Option::unwrap_or_default);
            let location = values.next().unwrap_or_default();
            let names = keys.iter().map(|[name, ..]| name.clone());
            Part {
                location,
                values: names.zip(values).collect(),
            }
        });
        Ok(parts.collect())
    }

    /// Drops what was read for earlier statements; what an open cursor still reads stays.
    pub(super) fn forget_external_data(&mut self) -> Result<(), Failure> {
        for name in std::mem::take(&mut self.external_data) {
            let table = external::data_table(&name).quoted();
            match self.log(&format!(
                "BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE NOWAIT; DROP TABLE {table}; COMMIT"
            )) {
                Err(Failure::Refused(_)) => {
                    self.log("ROLLBACK")?;
                }
                dropped => {
                    dropped?;
                }
            }
        }
        Ok(())
    }

    /// Has something done in the session that is not part of the client's transaction.
    fn in_log<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let Some(log) = self.log.take() else {
            return work(self);
        };
        let client = std::mem::replace(&mut self.engine, log);
        let result = work(self);
        self.log = Some(std::mem::replace(&mut self.engine, client));
        result
    }
}
