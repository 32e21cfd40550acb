//! The state of a transaction, without any I/O.

use std::num::NonZeroU32;

use diesel::connection::{
    InTransactionStatus, TransactionDepthChange, TransactionManagerStatus,
    ValidTransactionManagerStatus,
};
use diesel::result::{Error, QueryResult};

use super::raw::SessionStatus;
use crate::error::{DatabaseError, TransactionError};

/// Whether the transaction may be committed; how deep it is nested is Diesel's to know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum Standing {
    /// Nothing forbids a commit, or no transaction is open.
    #[default]
    Sound,
    /// A nested transaction failed: its work cannot be undone alone.
    RollbackOnly,
    /// `COMMIT` or `ROLLBACK` is being sent from here.
    Ending { rolled_back: bool },
    /// A statement ended the transaction, and its owner does not know yet.
    Ended { failure: Option<Box<DatabaseError>> },
}

/// The state of a transaction.
#[derive(Debug, Default)]
pub(super) struct TransactionState {
    pub(super) status: TransactionManagerStatus,
    standing: Standing,
}

/// What to do when a transaction begins or ends.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing is sent: a nested transaction begins or ends.
    Nothing,
    /// `BEGIN`, `COMMIT` or `ROLLBACK`, as requested.
    Send,
    /// `ROLLBACK` although a commit was requested, and this error.
    RollBack(TransactionError),
    /// It has ended already: what may have begun since is rolled back, and this error.
    Leave(TransactionError),
}

/// What the commands of a batch did to the transaction that it was sent in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Commands {
    ended: bool,
    rolled_back: bool,
}

impl Commands {
    /// Records the tag of a command that has run.
    pub(super) fn note(&mut self, tag: &str) {
        self.rolled_back |= tag == "ROLLBACK";
        self.ended |= matches!(tag, "COMMIT" | "ROLLBACK") || tag.starts_with("TRUNCATE");
    }
}

impl TransactionState {
    pub(super) fn depth(&self) -> QueryResult<Option<NonZeroU32>> {
        self.status.transaction_depth()
    }

    /// How deep the innermost transaction is nested.
    pub(super) fn open_depth(&self) -> QueryResult<NonZeroU32> {
        self.depth()?.ok_or(Error::NotInTransaction)
    }

    fn change_depth(&mut self, change: TransactionDepthChange) -> QueryResult<()> {
        match &mut self.status {
            TransactionManagerStatus::Valid(status) => status.change_transaction_depth(change),
            TransactionManagerStatus::InError => Err(Error::BrokenTransactionManager),
        }
    }

    fn is_test(&self) -> bool {
        matches!(
            &self.status,
            TransactionManagerStatus::Valid(ValidTransactionManagerStatus {
                in_transaction: Some(InTransactionStatus {
                    test_transaction: true,
                    ..
                }),
                ..
            })
        )
    }

    /// Refuses a statement that would run outside of its transaction, or within one that production
    /// would have rolled back.
    pub(super) fn admit(&self) -> Result<(), TransactionError> {
        match &self.standing {
            Standing::Ended { failure } => Err(self.ended_within(failure.clone())),
            Standing::RollbackOnly if self.is_test() => Err(TransactionError::NestedFailureInTest),
            _ => Ok(()),
        }
    }

    /// Whether a statement has ended the transaction, and its owner has not left it yet.
    pub(super) fn has_ended(&self) -> bool {
        matches!(self.standing, Standing::Ended { .. })
    }

    /// The error of a statement that was just observed, with what it did to the transaction.
    pub(super) fn with_end(&self, error: Error) -> Error {
        match &self.standing {
            Standing::Ended {
                failure: failure @ Some(_),
            } => self.ended_within(failure.clone()).into(),
            _ => error,
        }
    }

    fn ended_within(&self, failure: Option<Box<DatabaseError>>) -> TransactionError {
        TransactionError::EndedWithin {
            failure,
            is_test: self.is_test(),
        }
    }

    /// How a transaction begins; one with options of its own does not join.
    pub(super) fn begin(&mut self, session: SessionStatus, joins: bool) -> QueryResult<Step> {
        let outer = self.depth()?;
        self.admit()?;
        if outer.is_some() {
            return if joins {
                Ok(Step::Nothing)
            } else {
                Err(Error::AlreadyInTransaction)
            };
        }
        match session {
            SessionStatus::Idle => Ok(Step::Send),
            SessionStatus::Lost => {
                self.set_broken();
                Err(Error::BrokenTransactionManager)
            }
            // Opened by hand: a second BEGIN would only warn, and our COMMIT would commit what is not ours.
            _ => Err(Error::AlreadyInTransaction),
        }
    }

    pub(super) fn begun(&mut self) -> QueryResult<()> {
        self.change_depth(TransactionDepthChange::IncreaseDepth)
    }

    /// How the innermost transaction is rolled back.
    pub(super) fn roll_back(&mut self) -> QueryResult<Step> {
        let depth = self.open_depth()?;
        if let Standing::Ended { failure } = &self.standing {
            let error = self.ended_within(failure.clone());
            return match self.abandon(depth, error) {
                Err(_) => Err(Error::BrokenTransactionManager),
                step => step,
            };
        }
        if depth.get() == 1 {
            return Ok(Step::Send);
        }
        self.standing = Standing::RollbackOnly;
        self.change_depth(TransactionDepthChange::DecreaseDepth)?;
        Ok(Step::Nothing)
    }

    /// How the innermost transaction is committed.
    pub(super) fn commit(&mut self, session: SessionStatus) -> QueryResult<Step> {
        let depth = self.open_depth()?;
        if let Standing::Ended { failure } = &self.standing {
            let error = self.ended_within(failure.clone());
            return self.abandon(depth, error);
        }
        if depth.get() > 1 {
            self.change_depth(TransactionDepthChange::DecreaseDepth)?;
            return Ok(Step::Nothing);
        }
        Ok(match (&self.standing, session) {
            (Standing::RollbackOnly, _) => Step::RollBack(TransactionError::NestedFailure),
            // The server would quietly answer COMMIT with ROLLBACK.
            (_, SessionStatus::InError) => Step::RollBack(TransactionError::FailedStatement),
            _ => Step::Send,
        })
    }

    /// Leaves one level of a transaction that a statement has ended.
    fn abandon(&mut self, depth: NonZeroU32, error: TransactionError) -> QueryResult<Step> {
        if depth.get() > 1 {
            self.change_depth(TransactionDepthChange::DecreaseDepth)?;
            return Err(error.into());
        }
        Ok(Step::Leave(error))
    }

    /// `COMMIT` or `ROLLBACK` is about to be sent.
    pub(super) fn ending(&mut self) {
        self.standing = Standing::Ending { rolled_back: false };
    }

    /// Whether `COMMIT` or `ROLLBACK` is being sent.
    pub(super) fn is_ending(&self) -> bool {
        matches!(self.standing, Standing::Ending { .. })
    }

    /// Whether the end was answered with `ROLLBACK`.
    pub(super) fn is_rolled_back(&self) -> bool {
        self.standing == Standing::Ending { rolled_back: true }
    }

    /// No transaction is open any more.
    pub(super) fn end(&mut self) {
        *self = Self::default();
    }

    pub(super) fn set_broken(&mut self) {
        self.status.set_in_error();
    }

    /// Updates the state after a statement or a batch that left the session in `session`; `failure`
    /// is its error.
    pub(super) fn observe(
        &mut self,
        session: SessionStatus,
        commands: Commands,
        failure: Option<&Error>,
    ) {
        if session == SessionStatus::Lost {
            return self.set_broken();
        }
        let is_open = matches!(self.depth(), Ok(Some(_)));
        match &mut self.standing {
            Standing::Ending { rolled_back } => *rolled_back |= commands.rolled_back,
            Standing::Ended { .. } => {}
            // COMMIT or ROLLBACK by hand, or a statement that commits; another BEGIN may have followed in the same
            // batch.
            Standing::Sound | Standing::RollbackOnly
                if is_open && (session == SessionStatus::Idle || commands.ended) =>
            {
                let failure = failure.and_then(|error| DatabaseError::of(error));
                self.standing = Standing::Ended {
                    failure: failure.map(Box::new),
                };
            }
            Standing::Sound | Standing::RollbackOnly => {}
        }
        match session {
            SessionStatus::Idle if !is_open => self.end(),
            SessionStatus::InError => self
                .status
                .set_requires_rollback_maybe_up_to_top_level(true),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
