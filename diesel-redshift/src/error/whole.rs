//! How an error comes out of Diesel's whole again.
//!
//! Diesel keeps the errors of a database as `Box<dyn DatabaseErrorInformation>`, which nobody can downcast. So the error
//! is asked through a method that it has: while this module asks, the errors of this crate leave a copy of themselves when
//! [`statement_position`](DatabaseErrorInformation::statement_position) is called, and those of others leave none.

use std::cell::RefCell;

use diesel::result::DatabaseErrorInformation;

use super::{DatabaseError, LoadError, StorageError, TransactionError};

/// An error of this crate within Diesel's.
#[derive(Debug, Clone)]
pub(crate) enum Whole {
    Database(Box<DatabaseError>),
    Load(Box<LoadError>),
    Storage(Box<StorageError>),
    Transaction(TransactionError),
}

enum Question {
    NotAsked,
    Asked,
    Answered(Whole),
}

thread_local! {
    static QUESTION: RefCell<Question> = const { RefCell::new(Question::NotAsked) };
}

impl Whole {
    /// The error behind the trait object, if it is one of this crate.
    pub(crate) fn of(error: &(dyn DatabaseErrorInformation + Send + Sync)) -> Option<Self> {
        QUESTION.set(Question::Asked);
        let _ = error.statement_position();
        match QUESTION.replace(Question::NotAsked) {
            Question::Answered(whole) => Some(whole),
            _ => None,
        }
    }

    /// Answers if somebody asks; for the `statement_position` of each error.
    pub(super) fn answer(whole: impl FnOnce() -> Self) {
        QUESTION.with_borrow_mut(|question| {
            if matches!(question, Question::Asked) {
                *question = Question::Answered(whole());
            }
        });
    }
}
