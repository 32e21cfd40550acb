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
    /// S3 refuses a request.
    #[error(
        "S3ServiceException:{message},Status {status},Error {code},Rid 0000000000000000,CanRetry 1"
    )]
    S3 {
        /// The status of S3's answer.
        status: u16,
        /// S3's name for the error.
        code: &'static str,
        /// S3's message.
        message: String,
    },
    /// The cluster may not assume a role.
    #[error("User {user} is not authorized to assume IAM Role {role}")]
    Role {
        /// Who wants to assume it.
        user: String,
        /// The role.
        role: String,
    },
    /// A failure was asked for in words that are none of the known.
    #[error("`{text}` is no failure that the sandbox knows; it knows: {known}")]
    Fault {
        /// The words.
        text: String,
        /// What can be asked for.
        known: String,
    },
    /// A folder that keeps a sandbox's data was made by another one.
    #[error("{} was made with {found}; this sandbox needs {required}: take another folder", path.display())]
    DataFolder {
        /// The folder.
        path: PathBuf,
        /// What it was made with.
        found: String,
        /// What it should have been made with.
        required: String,
    },
    /// No certificate could be made for TLS.
    #[error("no certificate could be made: {0}")]
    Certificate(String),
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
    pub(crate) fn s3(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self::S3 {
            status,
            code,
            message: message.into(),
        }
    }

    pub(crate) fn access_denied() -> Self {
        Self::s3(403, "AccessDenied", "Access Denied")
    }

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
