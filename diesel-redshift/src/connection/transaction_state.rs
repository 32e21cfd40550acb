//! Where a transaction stands, without sending anything.

use std::num::NonZeroU32;

use diesel::connection::{
    InTransactionStatus, TransactionDepthChange, TransactionManagerStatus,
    ValidTransactionManagerStatus,
};
use diesel::result::{Error, QueryResult};

use super::raw::SessionStatus;
use crate::error::{DatabaseError, TransactionError};

/// What speaks for or against the commit of the transaction; how deep it is nested is Diesel's to know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum Standing {
    /// Nothing forbids a commit, or no transaction is open.
    #[default]
    Sound,
    /// A nested transaction failed: its work cannot be undone alone.
    RollbackOnly,
    /// `COMMIT` or `ROLLBACK` is being sent from here.
    Ending { rolled_back: bool },
    /// A statement ended the transaction, and those who opened it do not know yet.
    Ended { failure: Option<Box<DatabaseError>> },
}

/// Where a transaction stands.
#[derive(Debug, Default)]
pub(super) struct TransactionState {
    pub(super) status: TransactionManagerStatus,
    standing: Standing,
}

/// What to do at an edge of a transaction.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing is sent: a nested transaction begins or ends.
    Nothing,
    /// `BEGIN`, `COMMIT` or `ROLLBACK`, as was asked for.
    Send,
    /// `ROLLBACK` although a commit was asked for, and this error.
    RollBack(TransactionError),
    /// It has ended already: what may have been begun since is rolled back, and this error.
    Leave(TransactionError),
}

/// What the commands of a batch did to the transaction that it was sent in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Commands {
    ended: bool,
    rolled_back: bool,
}

impl Commands {
    /// Takes the tag of a command that has run.
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

    /// Refuses a statement that would run outside of the transaction that it is meant for, or within one that production would
    /// have rolled back.
    pub(super) fn admit(&self) -> Result<(), TransactionError> {
        match &self.standing {
            Standing::Ended { failure } => Err(self.ended_within(failure.clone())),
            Standing::RollbackOnly if self.is_test() => Err(TransactionError::NestedFailureInTest),
            _ => Ok(()),
        }
    }

    /// Whether a statement has ended the transaction, and those who opened it have not left it yet.
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

    /// What a transaction begins with; one with options of its own does not join.
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
            // COMMIT would be answered with a quiet ROLLBACK.
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

    /// Whether what was sent at the end was answered with `ROLLBACK`.
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

    /// Follows what a statement or a batch did to the session, which is in `session` now; `failure` is its error.
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
            // COMMIT or ROLLBACK by hand, or a statement that commits; another BEGIN may have followed in the same batch.
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
mod tests {
    use super::*;

    const NONE: Commands = Commands {
        ended: false,
        rolled_back: false,
    };

    /// A transaction of so many levels.
    fn open(depth: u32) -> TransactionState {
        let mut state = TransactionState::default();
        assert_eq!(state.begin(SessionStatus::Idle, true), Ok(Step::Send));
        state.begun().expect("valid");
        for _ in 1..depth {
            assert_eq!(
                state.begin(SessionStatus::InTransaction, true),
                Ok(Step::Nothing)
            );
            state.begun().expect("valid");
        }
        state
    }

    fn test_transaction(depth: u32) -> TransactionState {
        let mut state = open(1);
        state.status.set_test_transaction_flag();
        for _ in 1..depth {
            state.begun().expect("valid");
        }
        state
    }

    fn depth(state: &TransactionState) -> Option<u32> {
        state.depth().expect("valid").map(NonZeroU32::get)
    }

    fn commands(tags: &[&str]) -> Commands {
        let mut commands = Commands::default();
        tags.iter().for_each(|tag| commands.note(tag));
        commands
    }

    fn ended(is_test: bool) -> TransactionError {
        TransactionError::EndedWithin {
            failure: None,
            is_test,
        }
    }

    fn refusal(step: QueryResult<Step>) -> crate::Error {
        step.expect_err("an error").into()
    }

    #[test]
    fn one_begins_where_none_is_open() {
        use SessionStatus::{Idle, InError, InTransaction, Lost};
        let mut state = TransactionState::default();
        assert_eq!(state.begin(Idle, false), Ok(Step::Send));
        assert_eq!(depth(&state), None, "not before it is sent");
        for by_hand in [InTransaction, InError] {
            assert_eq!(state.begin(by_hand, true), Err(Error::AlreadyInTransaction));
        }
        assert!(matches!(
            state.begin(Lost, true),
            Err(Error::BrokenTransactionManager)
        ));
        assert!(matches!(
            state.begin(Idle, true),
            Err(Error::BrokenTransactionManager)
        ));
        assert_eq!(
            open(1).begin(InTransaction, false),
            Err(Error::AlreadyInTransaction)
        );
        let nothing = &mut TransactionState::default();
        assert!(matches!(nothing.roll_back(), Err(Error::NotInTransaction)));
        assert!(matches!(nothing.commit(Idle), Err(Error::NotInTransaction)));
    }

    #[test]
    fn nested_ones_join() {
        let mut state = open(3);
        assert_eq!(
            state.commit(SessionStatus::InTransaction),
            Ok(Step::Nothing)
        );
        assert_eq!(
            state.commit(SessionStatus::InTransaction),
            Ok(Step::Nothing)
        );
        assert_eq!(state.commit(SessionStatus::InTransaction), Ok(Step::Send));
        assert_eq!(depth(&state), Some(1), "until the server has answered");
        state.ending();
        state.observe(SessionStatus::Idle, commands(&["COMMIT"]), None);
        assert!(!state.is_rolled_back());
        state.end();
        assert_eq!(depth(&state), None);
    }

    #[test]
    fn what_cannot_be_committed_is_rolled_back() {
        let mut state = open(2);
        assert_eq!(state.roll_back(), Ok(Step::Nothing));
        assert_eq!(state.admit(), Ok(()), "it may still be read from");
        assert_eq!(
            state.commit(SessionStatus::InTransaction),
            Ok(Step::RollBack(TransactionError::NestedFailure))
        );
        assert_eq!(state.roll_back(), Ok(Step::Send));

        let mut state = open(1);
        state.observe(SessionStatus::InError, NONE, None);
        assert_eq!(
            state.commit(SessionStatus::InError),
            Ok(Step::RollBack(TransactionError::FailedStatement))
        );
    }

    #[test]
    fn a_commit_that_is_answered_with_rollback_is_noticed() {
        let mut state = open(1);
        assert_eq!(state.commit(SessionStatus::InTransaction), Ok(Step::Send));
        state.ending();
        assert_eq!(state.admit(), Ok(()));
        state.observe(SessionStatus::Idle, commands(&["ROLLBACK"]), None);
        assert!(state.is_rolled_back());
    }

    #[test]
    fn nothing_runs_after_the_end() {
        for (session, tags) in [
            (SessionStatus::Idle, &["COMMIT"][..]),
            (SessionStatus::Idle, &[]),
            (SessionStatus::InTransaction, &["COMMIT", "BEGIN"]),
            (SessionStatus::InTransaction, &["ROLLBACK", "BEGIN"]),
            (SessionStatus::InTransaction, &["TRUNCATE TABLE", "BEGIN"]),
            (SessionStatus::InError, &["COMMIT", "BEGIN"]),
        ] {
            let mut state = open(2);
            state.observe(session, commands(tags), None);
            assert_eq!(state.admit(), Err(ended(false)), "{tags:?}");
            assert!(matches!(
                refusal(state.begin(session, true)),
                crate::Error::Transaction(TransactionError::EndedWithin { .. })
            ));
            assert!(matches!(
                refusal(state.commit(session)),
                crate::Error::Transaction(TransactionError::EndedWithin { .. })
            ));
            assert_eq!(state.admit(), Err(ended(false)), "in the outer one, too");
            assert_eq!(state.roll_back(), Ok(Step::Leave(ended(false))));
            assert_eq!(state.commit(session), Ok(Step::Leave(ended(false))));
            state.end();
            assert_eq!(state.admit(), Ok(()));
        }
        let mut state = open(1);
        state.observe(
            SessionStatus::InTransaction,
            commands(&["INSERT 0 1", "SELECT 1"]),
            None,
        );
        assert_eq!(state.admit(), Ok(()));
    }

    #[test]
    fn a_failure_in_the_batch_that_ended_it_is_kept() {
        let mut state = open(1);
        let failure = DatabaseError::of_message("division by zero");
        state.observe(
            SessionStatus::Idle,
            commands(&["COMMIT"]),
            Some(&failure.clone().into()),
        );
        assert_eq!(
            state.roll_back(),
            Ok(Step::Leave(TransactionError::EndedWithin {
                failure: Some(Box::new(failure)),
                is_test: false,
            }))
        );
    }

    #[test]
    fn a_test_transaction_refuses_what_production_would_not_do() {
        let mut state = test_transaction(2);
        assert_eq!(state.roll_back(), Ok(Step::Nothing));
        assert_eq!(state.admit(), Err(TransactionError::NestedFailureInTest));
        assert!(matches!(
            refusal(state.begin(SessionStatus::InTransaction, true)),
            crate::Error::Transaction(TransactionError::NestedFailureInTest)
        ));
        assert_eq!(state.roll_back(), Ok(Step::Send));
        state.ending();
        assert_eq!(state.admit(), Ok(()), "ROLLBACK itself");

        let mut state = test_transaction(2);
        assert_eq!(
            state.commit(SessionStatus::InTransaction),
            Ok(Step::Nothing)
        );
        assert_eq!(state.admit(), Ok(()));

        let mut state = test_transaction(1);
        state.observe(SessionStatus::Idle, commands(&["TRUNCATE TABLE"]), None);
        assert_eq!(state.admit(), Err(ended(true)));
    }

    #[test]
    fn a_lost_connection_breaks_it() {
        for mut state in [TransactionState::default(), open(1), open(2)] {
            state.observe(SessionStatus::Lost, NONE, None);
            assert!(matches!(
                state.depth(),
                Err(Error::BrokenTransactionManager)
            ));
            assert!(state.roll_back().is_err());
            assert!(state.commit(SessionStatus::Lost).is_err());
        }
    }
}
