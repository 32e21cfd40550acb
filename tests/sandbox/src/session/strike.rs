//! Failures on demand, where they strike.

use super::Session;
use crate::engine::Failure;
use crate::fault::{Blow, Fault};
use crate::protocol::{Head, SqlError, backend};

impl Session<'_> {
    /// Fails a statement before it is run, or makes the connection break while it runs. Returns whether it failed.
    pub(super) fn strike(&mut self, verb: &str) -> Result<bool, Failure> {
        if !self.shared.faults.armed() {
            return Ok(false);
        }
        let verb = &*verb.to_ascii_lowercase();
        let Some(blow) = self.shared.faults.strike(&self.database, verb) else {
            return Ok(false);
        };
        let query = self.query;
        let error = match blow {
            Blow::CutAfter(rows) => {
                self.cut = Some(rows);
                return Ok(false);
            }
            Blow::SerializationFailure => SqlError::internal("1023").detail(format!(
                "Serializable isolation violation on table - 0, transactions forming the cycle are: 1, 2 (pid:{})",
                self.engine.pid()
            )),
            Blow::Cancel => SqlError::new(
                "57014",
                format!("Query ({query}) cancelled on user's request"),
            ),
        };
        self.refuse(&error)?;
        if matches!(verb, "commit" | "end") && self.engine.status == b'E' {
            // A COMMIT that fails ends the transaction all the same.
            self.engine.run("ROLLBACK")?;
        }
        Ok(true)
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
