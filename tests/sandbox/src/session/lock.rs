//! Who writes to a table in a transaction keeps others from writing to it until it ends.

use std::rc::Rc;

use super::Session;
use crate::engine::{Answer, Failure};
use crate::sql::{Statement, quote_literal};

impl Session<'_> {
    /// The table that the statement writes to, or locks as one that does.
    pub(super) fn table_changed_by(&self, statement: &Statement) -> Option<Rc<str>> {
        match statement {
            Statement::Change { table, .. } | Statement::Prepare { table, .. } => {
                Some(table.as_str().into())
            }
            Statement::Execute { name, .. } => self.changed.get(name).cloned(),
            _ => None,
        }
    }

    /// Keeps in mind what was prepared by statements: PostgreSQL has one set of names for these and for the protocol's.
    pub(super) fn note_prepared(&mut self, statement: &Statement) {
        match statement {
            Statement::Prepare { name, table, .. } => {
                self.changed.insert(name.clone(), table.as_str().into());
            }
            Statement::Deallocate { name, .. } => {
                self.texts.remove(name);
                self.changed.remove(name);
            }
            _ => {}
        }
    }

    /// Waits for a table before the statement that changes it, so that a transaction that begins with it sees what those
    /// have written that it waited for: PostgreSQL's LOCK looks at no rows. Returns whether it has the table; if not, the
    /// client has been told why. A statement that is a transaction of its own locks as much by itself.
    pub(super) fn lock(&mut self, table: &str) -> Result<bool, Failure> {
        if self.engine.status != b'T'
            || self.locked.as_deref() == Some(table)
            || !self.can_lock(table)?
        {
            return Ok(true);
        }
        let answer = self.engine.run(&lock(table));
        self.locked_or_failed(table, answer)
    }

    /// The same as a part of a pipeline, for which the transaction has to be known.
    pub(super) fn lock_in_pipeline(&mut self, table: &str) -> Result<bool, Failure> {
        let may_be_open = self.begins || self.engine.status != b'I';
        if !may_be_open || self.locked.as_deref() == Some(table) {
            return Ok(true);
        }
        self.flush_engine()?;
        if self.skipping {
            return Ok(false);
        }
        if self.engine.status != b'T' || !self.can_lock(table)? {
            return Ok(true);
        }
        let answer = self.engine.run_named(&lock(table), false);
        self.skipping = !self.locked_or_failed(table, answer)?;
        self.client.flush()?;
        Ok(!self.skipping)
    }

    /// PostgreSQL gives whoever may only insert no more than the lock of an INSERT. Asked in another session: a query would
    /// take the transaction's snapshot.
    pub(super) fn can_lock(&mut self, table: &str) -> Result<bool, Failure> {
        let parameters = &self.engine.parameters;
        let user = parameters
            .iter()
            .find(|(name, _)| name == "session_authorization");
        let user = quote_literal(user.map_or(&self.user, |(_, user)| user));
        if parameters
            .iter()
            .any(|(name, value)| name == "is_superuser" && value == "on")
        {
            return Ok(true);
        }
        let sql = format!(
            "SELECT has_table_privilege({user}, {}, 'UPDATE, DELETE, TRUNCATE')",
            quote_literal(table)
        );
        match self.log(&sql) {
            Ok(answer) => Ok(answer.value().as_deref() != Some("f")),
            // Temporary, or made in this transaction: the user's own.
            Err(Failure::Refused(_)) => Ok(true),
            Err(failure) => Err(failure),
        }
    }

    fn locked_or_failed(
        &mut self,
        table: &str,
        answer: Result<Answer, Failure>,
    ) -> Result<bool, Failure> {
        match answer {
            Ok(_) => {
                self.locked = Some(table.into());
                Ok(true)
            }
            Err(Failure::Server(mut message)) => {
                self.restore_deadlock(&mut message);
                self.fail(message);
                Ok(false)
            }
            Err(failure) => Err(failure),
        }
    }
}

pub(super) fn lock(table: &str) -> String {
    format!("LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")
}
