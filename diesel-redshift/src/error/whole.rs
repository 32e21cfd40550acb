//! How this crate's errors are recovered from Diesel's.
//!
//! Diesel keeps database errors as `Box<dyn DatabaseErrorInformation>`, which cannot be downcast.
//! So the error is asked through one of its methods: while this module asks, this crate's errors
//! leave a copy of themselves when
//! [`statement_position`](DatabaseErrorInformation::statement_position) is called, and others leave
//! none.

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

    /// Answers if asked; called by the `statement_position` of each error.
    pub(super) fn answer(whole: impl FnOnce() -> Self) {
        QUESTION.with_borrow_mut(|question| {
            if matches!(question, Question::Asked) {
                *question = Question::Answered(whole());
            }
        });
    }
}
