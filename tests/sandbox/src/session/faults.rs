//! Failures on demand, injected into statements.

use super::Session;
use crate::engine::Failure;
use crate::fault::{Cause, Effect, Fault};
use crate::protocol::{Head, SqlError, backend};
use crate::sql::{BEGIN, Statement};

/// What comes of a message's or a pipeline's work after its last tag, instead of the client's being told that all is done.
#[derive(Debug)]
pub(super) enum Ending {
    /// All that was done is undone.
    Error(SqlError),
    Cut,
}

impl Session<'_> {
    /// Fails a statement before it is run, or makes it fail or the connection break later. Returns whether it failed.
    ///
    /// `commits` tells whether it is the end of a transaction that the client has not begun.
    pub(super) fn inject(
        &mut self,
        verb: &str,
        statement: Option<&Statement>,
        commits: bool,
    ) -> Result<bool, Failure> {
        if !self.shared.faults.armed() {
            return Ok(false);
        }
        let verb = &*verb.to_ascii_lowercase();
        let commits = commits && can_be_undone(verb, statement);
        let Some(effect) = self.shared.faults.inject(&self.database, verb, commits) else {
            return Ok(false);
        };
        let (cause, at_end) = match effect {
            Effect::Error { cause, at_end } => (cause, at_end),
            Effect::CutAfter(rows) => {
                self.cut = Some(rows);
                return Ok(false);
            }
            Effect::CutBeforeAnswer => {
                self.client.mute()?;
                return Ok(false);
            }
            Effect::CutBeforeReady => {
                self.ending = Some(Ending::Cut);
                return Ok(false);
            }
        };
        let query = self.query;
        let error = match cause {
            Cause::SerializationFailure => SqlError::internal("1023").detail(format!(
                "Serializable isolation violation on table - 0, transactions forming the cycle are: 1, 2 (pid:{})",
                self.engine.pid()
            )),
            Cause::Conflict => SqlError::internal(
                "could not complete because of conflict with concurrent transaction",
            ),
            Cause::MissingRelation => {
                SqlError::internal(format!("could not open relation with OID {query}"))
            }
            Cause::DroppedTable => {
                SqlError::internal(format!("table {query} dropped by concurrent transaction"))
            }
            Cause::Cancel => SqlError::new(
                "57014",
                format!("Query ({query}) cancelled on user's request"),
            ),
        };
        if at_end {
            self.ending = Some(Ending::Error(error));
            return Ok(false);
        }
        self.refuse(&error)?;
        if matches!(verb, "commit" | "end") && self.engine.status == b'E' {
            // A COMMIT that fails ends the transaction all the same.
            self.engine.run("ROLLBACK")?;
        }
        Ok(true)
    }

    /// Whether what is done now is undone at its end.
    pub(super) fn fails_at_end(&self) -> bool {
        matches!(self.ending, Some(Ending::Error(_)))
    }

    /// Begins the transaction that a statement of a simple query is to be undone with, unless one is open; returns whether
    /// it did.
    pub(super) fn begin_to_fail(&mut self) -> Result<bool, Failure> {
        let begins = self.fails_at_end() && self.engine.status == b'I';
        if begins {
            self.engine.run(BEGIN)?;
        }
        Ok(begins)
    }

    /// Fails or falls silent after the last tag, if that was asked for. Returns whether it failed.
    pub(super) fn end_badly(&mut self) -> Result<bool, Failure> {
        match self.ending.take() {
            None => Ok(false),
            Some(Ending::Error(error)) => {
                self.refuse(&error)?;
                Ok(true)
            }
            Some(Ending::Cut) => {
                self.client.mute()?;
                Ok(false)
            }
        }
    }

    /// Counts a row of a result, of a load or of an unload, after which the connection may have to break.
    pub(crate) fn count_row(&mut self) -> Result<(), Failure> {
        match &mut self.cut {
            None => Ok(()),
            Some(0) => Err(self.client.cut()),
            Some(rows) => {
                *rows -= 1;
                Ok(())
            }
        }
    }

    /// Breaks the connection if that is due by the end of a statement at the latest.
    pub(crate) fn cut_at_end(&mut self) -> Result<(), Failure> {
        match self.cut {
            Some(_) => Err(self.client.cut()),
            None => Ok(()),
        }
    }

    /// Passes on one message of an answer that is to break off.
    pub(super) fn relay_until_cut(&mut self) -> Result<(), Failure> {
        let head: Head = self.engine.wait()?;
        match head.tag {
            b'D' => {
                self.count_row()?;
                self.row(head)
            }
            b'C' | b'E' | b'I' | b's' => self.cut_at_end(),
            _ => self.message(head),
        }
    }

    /// `SET redshift_sandbox.fail_next`
    pub(super) fn plan(&mut self, fault: &Fault) {
        self.shared.faults.add(&self.database, fault.clone());
        backend::command_complete(&mut self.client.out, "SET");
    }
}

/// Whether a ROLLBACK undoes the statement.
fn can_be_undone(verb: &str, statement: Option<&Statement>) -> bool {
    let is_edge = matches!(
        verb,
        "begin" | "start" | "commit" | "end" | "rollback" | "abort"
    );
    !is_edge
        && match statement {
            Some(Statement::Alone { .. } | Statement::Fail(_)) => false,
            Some(Statement::Define(definition)) => definition.alone.is_none(),
            _ => true,
        }
}
