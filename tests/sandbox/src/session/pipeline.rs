//! What stands between two Syncs is one transaction, also where the sandbox does a part of it itself.

use super::Session;
use super::expected::Expected;
use super::wording::redshift_error;
use crate::engine::Failure;
use crate::protocol::{backend, frontend};
use crate::sql::Statement;

/// The transaction of a pipeline.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pipeline {
    /// The client has sent something since its last Sync. PostgreSQL's unnamed statement and portals, which another query
    /// would close, may be in use.
    pub(super) open: bool,
    /// PostgreSQL has executed something that it will commit at the next Sync.
    pub(super) executed: bool,
    /// The sandbox has begun a transaction in PostgreSQL, which the next Sync ends.
    pub(super) begun: bool,
}

/// What a tag tells of the transaction, before ReadyForQuery does.
pub(super) fn note_tag(tag: &str, status: &mut u8, pipeline: &mut Pipeline) {
    *status = match tag {
        "BEGIN" | "START TRANSACTION" => b'T',
        "COMMIT" | "ROLLBACK" => b'I',
        _ => return,
    };
    *pipeline = Pipeline {
        open: pipeline.open,
        ..Pipeline::default()
    };
}

impl Session<'_> {
    /// Comes before a statement of the sandbox's own: what PostgreSQL is sent for it must not commit what came before,
    /// and has to go with it if something fails later.
    pub(super) fn join_pipeline(&mut self, statement: &Statement) -> Result<(), Failure> {
        let alone = matches!(statement, Statement::Alone { .. } | Statement::Fail(_));
        let is_all = !self.pipeline.executed && self.client.next_is_sync() && !self.fails_at_end();
        if self.engine.status == b'I' && !alone && !is_all {
            // Its isolation cannot be chosen any more if something was parsed.
            self.engine.run("BEGIN")?;
            self.pipeline.begun = true;
        }
        Ok(())
    }

    /// Handles a Sync.
    pub(super) fn sync(&mut self) -> Result<(), Failure> {
        if self.ending.is_some() {
            self.flush_engine()?;
            if !self.skipping {
                self.skipping = self.end_badly()?;
            }
            self.ending = None;
        }
        let failed = std::mem::take(&mut self.skipping);
        let pipeline = std::mem::take(&mut self.pipeline);
        frontend::sync(&mut self.to_engine);
        if !pipeline.begun {
            self.expected.push_back(Expected::Sync);
            self.finish_expected()?;
            return Ok(());
        }
        // PostgreSQL passes over everything up to a Sync once it has failed.
        self.expected.push_back(Expected::Part);
        let failed = self.finish_expected()? || failed;
        self.skipping = false;
        if self.engine.status == b'T' && !failed {
            if let Err(Failure::Server(mut message)) = self.engine.run("COMMIT") {
                redshift_error(&mut message, self.query, &self.database, "");
                message.write(&mut self.client.out, b'E');
            }
        } else if self.engine.status != b'I' {
            self.engine.run("ROLLBACK")?;
        }
        backend::ready_for_query(&mut self.client.out, self.engine.status);
        self.client.flush()
    }

    /// Makes what the pipeline did so far come to nothing, as an error of PostgreSQL's own would.
    pub(super) fn abort_pipeline(&mut self) -> Result<(), Failure> {
        if self.engine.status == b'I' && self.pipeline.executed {
            match self.engine.run("redshift_sandbox_refused_a_statement") {
                Err(Failure::Lost(error)) => return Err(Failure::Lost(error)),
                _ => self.pipeline.executed = false,
            }
        }
        self.engine.abort_transaction()
    }
}
