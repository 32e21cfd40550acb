use std::io;
use std::path::PathBuf;

/// What can go wrong while a sandbox starts, or in its object store.
///
/// What a client does wrong is told to the client over the wire instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The location is not of the form `s3://bucket/key`, or could not be kept in a folder.
    #[error("`{uri}` is no location that the object store can hold: {reason}")]
    Location {
        /// The location as given.
        uri: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// There is no such object in the store.
    #[error("there is no object `{uri}` in the store")]
    NoSuchObject {
        /// The location that was asked for.
        uri: String,
    },
    /// No PostgreSQL was found to stand behind the sandbox.
    #[error("{0}")]
    NoEngine(String),
    /// PostgreSQL was found but did not start.
    #[error("{step} failed: {output}")]
    Start {
        /// What was being done.
        step: &'static str,
        /// The last lines of what the program said.
        output: String,
    },
    /// PostgreSQL refused a statement of the sandbox's own.
    #[error("PostgreSQL refused `{statement}`: {message}")]
    Statement {
        /// The statement, shortened.
        statement: String,
        /// The server's message.
        message: String,
    },
    /// A file or a socket could not be used.
    #[error("{action} {}: {source}", path.display())]
    Io {
        /// What was being done.
        action: &'static str,
        /// The file, folder or socket.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
}

impl Error {
    /// A program failed; the end of what it said tells why.
    pub(crate) fn start(step: &'static str, said: &str) -> Self {
        let lines: Vec<_> = said.lines().collect();
        let output = lines[lines.len().saturating_sub(10)..].join("\n");
        Self::Start { step, output }
    }

    pub(crate) fn io(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }
}
