//! How a command ends that does not do what it was asked for.

use std::error::Error as StdError;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use diesel_redshift::error::InvalidValue;

use crate::{interrupt, output};

/// What is told on standard error, and the exit code.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    code: u8,
}

impl Failure {
    /// The server, a file or S3 refused.
    pub(crate) const GENERAL: u8 = 1;
    /// What was given cannot be meant.
    pub(crate) const WRONG_ARGUMENTS: u8 = 2;
    /// No connection could be made.
    pub(crate) const NO_CONNECTION: u8 = 3;
    /// What was compared differs.
    pub(crate) const DIFFERS: u8 = 4;
    /// Rows were rejected by a load.
    pub(crate) const REJECTED_ROWS: u8 = 5;
    /// Ctrl-C.
    pub(crate) const INTERRUPTED: u8 = 130;

    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self::with_code(Self::GENERAL, message)
    }

    pub(crate) fn with_code(code: u8, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code,
        }
    }

    /// Who read the output has stopped reading, which is no failure.
    pub(crate) fn closed_pipe() -> Self {
        Self::with_code(0, "")
    }

    /// An argument that is none.
    pub(crate) fn of_argument(error: &(dyn StdError + 'static)) -> Self {
        Self {
            code: Self::WRONG_ARGUMENTS,
            ..Self::of(error)
        }
    }

    /// What went wrong with a file.
    pub(crate) fn of_file(path: &Path, error: &io::Error) -> Self {
        Self::new(format!("{}: {error}", path.display()))
    }

    /// An error with its causes, none of which is told twice.
    pub(crate) fn of(error: &(dyn StdError + 'static)) -> Self {
        let mut message = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            let said = error.to_string();
            if !message.contains(said.trim()) {
                message.push_str(": ");
                message.push_str(said.trim());
            }
            cause = error.source();
        }
        Self::new(message)
    }

    /// Whether its text has these words.
    pub(crate) fn says(&self, words: &str) -> bool {
        self.message.contains(words)
    }

    /// The same in words of the command line.
    pub(crate) fn replacing(
        mut self,
        start: &str,
        end: &str,
        words: impl FnOnce(&str) -> String,
    ) -> Self {
        if let Some((before, rest)) = self.message.split_once(start)
            && let Some((within, after)) = rest.split_once(end)
        {
            self.message = format!("{before}{}{after}", words(within));
        }
        self
    }

    pub(crate) fn tell(self) -> ExitCode {
        if interrupt::has_come() {
            output::aside("interrupted");
            return ExitCode::from(Self::INTERRUPTED);
        }
        if !self.message.is_empty() {
            output::aside(format!("error: {}", self.message));
        }
        ExitCode::from(self.code)
    }
}

macro_rules! told {
    ($($error:ty),*) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::of(&error)
            }
        }
    )*};
}

told!(
    diesel::result::Error,
    diesel_redshift::Error,
    diesel_redshift::store::StoreError
);

impl From<InvalidValue> for Failure {
    fn from(error: InvalidValue) -> Self {
        Self::of_argument(&error)
    }
}

impl From<Box<dyn StdError + Send + Sync>> for Failure {
    fn from(error: Box<dyn StdError + Send + Sync>) -> Self {
        Self::of(&*error)
    }
}
