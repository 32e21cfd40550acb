use std::fmt;

use diesel::result::{DatabaseErrorInformation, Error as DieselError};

use super::DatabaseError;
use super::whole::Whole;

/// S3 refused a COPY or UNLOAD, or lacks what it needs.
#[derive(Debug, Clone)]
pub struct StorageError {
    kind: StorageErrorKind,
    text: String,
    server: DatabaseError,
}

/// What went wrong with S3 or the authorization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StorageErrorKind {
    /// The role or the key is not allowed to do what the statement needs.
    AccessDenied,
    /// The cluster is not allowed to assume the role.
    RoleRefused,
    /// The key or the token is unknown, wrong or expired.
    KeyRefused,
    /// The bucket is in another region.
    WrongRegion,
    /// There is no such bucket, object or prefix.
    NotFound,
    /// UNLOAD would write where objects already exist.
    NotEmpty,
    /// S3 is too busy or failing at the moment; nothing was loaded, and a retry may succeed.
    Unavailable,
}

impl StorageErrorKind {
    /// The kind of a server error, if it concerns S3.
    pub(super) fn of(server: &DatabaseError) -> Option<Self> {
        Self::read(&format!(
            "{}\n{}",
            server.message(),
            server.detail().unwrap_or_default()
        ))
    }

    /// Reads the server's message and detail.
    fn read(said: &str) -> Option<Self> {
        let says = |parts: &[&str]| parts.iter().any(|part| said.contains(part));
        if says(&["unload destination on S3 is not empty"]) {
            Some(Self::NotEmpty)
        } else if says(&["not authorized to assume IAM Role", "is not attached to"]) {
            Some(Self::RoleRefused)
        } else if says(&[
            "must be addressed using the specified endpoint",
            "PermanentRedirect",
            "AuthorizationHeaderMalformed",
        ]) {
            Some(Self::WrongRegion)
        } else if says(&[
            "InvalidAccessKeyId",
            "does not exist in our records",
            "SignatureDoesNotMatch",
            "signature we calculated does not match",
            "ExpiredToken",
            "InvalidToken",
            "Invalid credentials",
        ]) {
            Some(Self::KeyRefused)
        } else if says(&["AccessDenied", "Access Denied"]) {
            Some(Self::AccessDenied)
        } else if says(&[
            "The specified S3 prefix",
            "Spectrum Scan Error: File not found",
            "The specified key does not exist",
            "The specified bucket does not exist",
            "NoSuchBucket",
            "NoSuchKey",
        ]) {
            Some(Self::NotFound)
        } else if says(&["SlowDown", "ServiceUnavailable", "Error InternalError"]) {
            Some(Self::Unavailable)
        } else {
            None
        }
    }

    /// What to check.
    fn advice(self) -> &'static str {
        match self {
            Self::AccessDenied => {
                "check that the role or key may list the bucket and read its objects (UNLOAD: write them), and use \
                 the KMS key if they are encrypted"
            }
            Self::RoleRefused => {
                "check that the role is attached to the cluster, that each role of a chain trusts the one before, and \
                 that the database user may assume it (GRANT ASSUMEROLE)"
            }
            Self::KeyRefused => {
                "check the key's id, its secret, and whether its session token has expired"
            }
            Self::WrongRegion => {
                "name the bucket's region with `.region(…)`; COPY of Parquet and ORC needs the cluster's own"
            }
            Self::NotFound => "check the bucket and the key; both are case-sensitive",
            Self::Unavailable => "try again a little later",
            Self::NotEmpty => {
                "choose another prefix, or call `.allow_overwrite()`, or `.clean_path()`, which deletes what is there"
            }
        }
    }
}

impl StorageError {
    /// Takes a server error that concerns S3, of a statement that names `location` if that is
    /// known; returns any other unchanged.
    pub(crate) fn read(location: Option<&str>, error: DieselError) -> Result<Self, DieselError> {
        let DieselError::DatabaseError(database_kind, information) = error else {
            return Err(error);
        };
        let server = DatabaseError::of_information(&*information);
        let Some(kind) = StorageErrorKind::of(&server) else {
            return Err(DieselError::DatabaseError(database_kind, information));
        };
        Ok(Self {
            kind,
            text: match (location, server.message().trim(), kind.advice()) {
                (Some(location), said, advice) => format!("{location}: {said}; {advice}"),
                (None, said, advice) => format!("{said}; {advice}"),
            },
            server,
        })
    }

    /// The kind of failure.
    pub fn kind(&self) -> StorageErrorKind {
        self.kind
    }

    /// What the server said.
    pub fn server_error(&self) -> &DatabaseError {
        &self.server
    }

    /// The SQLSTATE of what the server said, five characters.
    pub fn sqlstate(&self) -> Option<&str> {
        self.server.sqlstate()
    }
}

impl fmt::Display for StorageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for StorageError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.server)
    }
}

impl DatabaseErrorInformation for StorageError {
    fn message(&self) -> &str {
        &self.text
    }

    fn details(&self) -> Option<&str> {
        self.server.detail()
    }

    fn hint(&self) -> Option<&str> {
        Some(self.kind.advice())
    }

    fn table_name(&self) -> Option<&str> {
        self.server.table.as_deref()
    }

    fn column_name(&self) -> Option<&str> {
        self.server.column.as_deref()
    }

    fn constraint_name(&self) -> Option<&str> {
        self.server.constraint.as_deref()
    }

    fn statement_position(&self) -> Option<i32> {
        Whole::answer(|| Whole::Storage(Box::new(self.clone())));
        self.server.position
    }
}

#[cfg(test)]
mod tests {
    use diesel::result::DatabaseErrorKind;

    use super::*;

    #[test]
    fn the_servers_texts_have_their_kinds() {
        use StorageErrorKind::*;
        for (said, kind) in [
            (
                "S3ServiceException:Access Denied,Status 403,Error AccessDenied,Rid 1",
                Some(AccessDenied),
            ),
            (
                "S3ServiceException:The AWS Access Key Id you provided does not exist in our records.",
                Some(KeyRefused),
            ),
            (
                "S3ServiceException:The request signature we calculated does not match the signature you provided.",
                Some(KeyRefused),
            ),
            (
                "S3ServiceException:The bucket you are attempting to access must be addressed using the specified endpoint.",
                Some(WrongRegion),
            ),
            (
                "User arn:aws:redshift:x is not authorized to assume IAM Role arn:aws:iam::x",
                Some(RoleRefused),
            ),
            ("The specified S3 prefix 'x' does not exist", Some(NotFound)),
            ("Spectrum Scan Error: File not found", Some(NotFound)),
            (
                "Spectrum Scan Error. Unmatched number of columns between the column list and the file",
                None,
            ),
            (
                "Specified unload destination on S3 is not empty. Consider using a different bucket",
                Some(NotEmpty),
            ),
            (
                "S3ServiceException:Please reduce your request rate.,Status 503,Error SlowDown,Rid 1",
                Some(Unavailable),
            ),
            (
                "Load into table 't' failed.  Check 'stl_load_errors' system table for details.",
                None,
            ),
            ("Cannot COPY into nonexistent table t", None),
        ] {
            assert_eq!(StorageErrorKind::read(said), kind, "{said}");
        }
        let error = DieselError::DatabaseError(
            DatabaseErrorKind::Unknown,
            Box::new("The specified S3 prefix 'x' does not exist".to_owned()),
        );
        let error = StorageError::read(Some("s3://bucket/x"), error).expect("concerns S3");
        assert_eq!(
            error.to_string(),
            "s3://bucket/x: The specified S3 prefix 'x' does not exist; check the bucket and the key; both are \
             case-sensitive"
        );
    }
}
