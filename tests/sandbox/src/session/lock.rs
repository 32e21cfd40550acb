//! Who changes rows of a table in a transaction keeps others from changing any until it ends.

use super::Session;
use crate::engine::{Answer, Failure};

impl Session<'_> {
    /// Waits for a table before the statement that changes it, so that a transaction that begins with it sees what those
    /// have written that it waited for: PostgreSQL's LOCK looks at no rows. Returns whether it has the table; if not, the
    /// client has been told why. A statement that is a transaction of its own locks as much by itself.
    pub(super) fn lock(&mut self, table: &str) -> Result<bool, Failure> {
        if self.engine.status != b'T' || self.locked.as_deref() == Some(table) {
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
        if self.engine.status != b'T' {
            return Ok(true);
        }
        let answer = self.engine.run_named(&lock(table), false);
        self.skipping = !self.locked_or_failed(table, answer)?;
        self.client.flush()?;
        Ok(!self.skipping)
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
                self.tell_deadlock(&mut message);
                self.fail(message);
                Ok(false)
            }
            Err(failure) => Err(failure),
        }
    }
}

fn lock(table: &str) -> String {
    format!("LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")
}
