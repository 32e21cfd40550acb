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
