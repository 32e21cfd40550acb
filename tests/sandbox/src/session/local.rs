//! The statements that the sandbox handles itself.

use super::Session;
use super::lock::lock;
use super::simple_query::not_in_block;
use crate::engine::{Answer, Failure};
use crate::protocol::{SqlError, backend};
use crate::s3::{self, Access, S3};
use crate::sql::{Definition, Statement};
use crate::{copy, unload};

impl Session<'_> {
    pub(super) fn local(&mut self, statement: &Statement) -> Result<(), Failure> {
        if self.engine.status == b'E' {
            return Err(SqlError::new(
                "25P02",
                "current transaction is aborted, commands ignored until end of transaction block",
            )
            .into());
        }
        match statement {
            Statement::Define(definition) => self.define(definition),
            Statement::Truncate(sql) => self.truncate(sql),
            Statement::Alone { what, tag, sql } => {
                if self.engine.status != b'I' {
                    return Err(not_in_block(what).into());
                }
                let answer = self.engine.run(sql)?;
                self.complete(&answer, tag)
            }
            Statement::Copy(statement) => {
                self.open_s3(statement.access(), statement.source())?;
                let table = statement.table().quoted();
                if self.engine.status == b'T' && self.can_lock(&table)? {
                    match self.engine.run(&lock(&table)) {
                        // A table that is not there.
                        Err(Failure::Server(message)) if message.code() == "42P01" => {
                            return Err(copy::nonexistent(statement.table()).into());
                        }
                        locked => locked?,
                    };
                }
                copy::run(self, statement)
            }
            Statement::Unload(statement) => {
                self.open_s3(statement.access(), statement.destination())?;
                unload::run(self, statement)
            }
            Statement::Fail(fault) => {
                self.plan(fault);
                Ok(())
            }
            Statement::Plain(_)
            | Statement::Change { .. }
            | Statement::Begin(_)
            | Statement::Commit
            | Statement::Rollback
            | Statement::Prepare { .. }
            | Statement::Execute { .. }
            | Statement::Deallocate { .. } => {
                let answer = self.engine.run(statement.plain_text())?;
                let tag = answer.tag.clone();
                self.complete(&answer, &tag)
            }
        }
    }

    pub(super) fn open_s3(&mut self, access: &Access, uri: &str) -> Result<(), Failure> {
        let key = &self.engine.key;
        self.shared.cancels.begin(key);
        self.s3 = S3::open(self.shared, access, key)
            .map_err(|error| s3::refusal(&error, uri, self.query))?;
        Ok(())
    }

    /// An error if the client has asked for an end of the statement that reads files.
    pub(crate) fn check_cancelled(&self) -> Result<(), Failure> {
        if self.s3.is_cancelled() {
            let text = format!("Query ({}) cancelled on user's request", self.query);
            return Err(SqlError::new("57014", text).into());
        }
        Ok(())
    }

    fn complete(&mut self, answer: &Answer, tag: &str) -> Result<(), Failure> {
        for notice in &answer.notices {
            let mut notice = notice.clone();
            notice.set(b'W', "");
            notice.write(&mut self.client.out, b'N');
        }
        backend::command_complete(&mut self.client.out, tag);
        Ok(())
    }

    fn define(&mut self, definition: &Definition) -> Result<(), Failure> {
        if let Some(what) = definition.alone
            && self.engine.status != b'I'
        {
            return Err(not_in_block(what).into());
        }
        let mut sql = match &definition.query {
            Some(query) => self.with_type_modifiers(definition, query)?,
            None => definition.sql.clone(),
        };
        let exists = definition.if_not_exists && {
            let answer = self
                .engine
                .run(&format!("SELECT {} IS NULL", definition.table.regclass()))?;
            answer
                .rows
                .first()
                .and_then(|row| row.first())
                .is_some_and(|value| value.as_deref() == Some("f"))
        };
        if !exists {
            // One message is one transaction.
            for record in &definition.records {
                sql.push_str("; ");
                sql.push_str(record);
            }
        }
        self.note_external(definition);
        let answer = self.engine.run(&sql)?;
        self.complete(&answer, definition.tag)
    }

    /// Redshift's TRUNCATE commits itself and everything before it.
    fn truncate(&mut self, sql: &str) -> Result<(), Failure> {
        let answer = self.engine.run(sql)?;
        if self.engine.status == b'T' && !self.fails_at_end() {
            self.engine.run("COMMIT")?;
            (self.cursor_open, self.locked) = (false, None);
        }
        self.complete(&answer, "TRUNCATE TABLE")
    }

    /// A notice of severity INFO, by which Redshift tells counts.
    pub(crate) fn info(&mut self, text: &str) {
        backend::notice(&mut self.client.out, "INFO", "00000", text);
    }
}
