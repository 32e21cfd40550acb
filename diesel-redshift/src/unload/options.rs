//! The options of UNLOAD that concern the statement, not the format of its files.

use std::borrow::Cow;

use diesel::Column;

use super::format::{FormatKind, FormatRules};
use crate::aws::{
    AccessKey, Authorization, AuthorizationKind, BoxedAuthorization, IamRole, Region,
};
use crate::error::{Error, InvalidValue};
use crate::sql::{StatementText, Unchecked};

/// The size of a file: `MAXFILESIZE 100 MB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileSize {
    megabytes: u32,
}

impl FileSize {
    /// A size in MB; UNLOAD accepts 5 to 6200.
    pub const fn megabytes(megabytes: u32) -> Self {
        Self { megabytes }
    }

    fn push(self, text: &mut StatementText) -> Result<(), InvalidValue> {
        if !(5..=6200).contains(&self.megabytes) {
            return Err(InvalidValue::new(
                "MAXFILESIZE",
                format!("{} MB", self.megabytes),
                "5 to 6200 MB",
            ));
        }
        text.push(" MAXFILESIZE ");
        text.push(itoa::Buffer::new().format(self.megabytes));
        text.push(" MB");
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    Gzip,
    Bzip2,
    Zstd,
}

impl Compression {
    fn keyword(self) -> &'static str {
        match self {
            Self::Gzip => "GZIP",
            Self::Bzip2 => "BZIP2",
            Self::Zstd => "ZSTD",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manifest {
    Plain,
    Verbose,
}

/// What happens to objects that already exist under the destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Existing {
    AllowOverwrite,
    CleanPath,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Encryption {
    Auto,
    KmsKey(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Partitions {
    pub(super) columns: Vec<Cow<'static, str>>,
    /// Whether a query with known columns must select these.
    pub(super) are_diesel_columns: bool,
    pub(super) include: bool,
}

/// The options of an UNLOAD.
#[derive(Debug, Clone, Default)]
pub(crate) struct UnloadOptions {
    pub(super) partitions: Option<Partitions>,
    pub(super) manifest: Option<Manifest>,
    pub(super) region: Option<Region>,
    pub(super) header: bool,
    pub(super) compression: Option<Compression>,
    pub(super) extension: Option<String>,
    pub(super) encryption: Option<Encryption>,
    pub(super) existing: Option<Existing>,
    pub(super) parallel: Option<bool>,
    pub(super) max_file_size: Option<FileSize>,
    pub(super) unchecked: Unchecked,
}

impl UnloadOptions {
    /// Refuses what the authorization and the format do not allow, if the compiler could not: they
    /// were chosen later, or at run time.
    pub(super) fn check(
        &self,
        format: &FormatRules,
        authorization: &dyn Authorization,
    ) -> Result<(), InvalidValue> {
        let refuse = |option: &'static str, allowed: &'static str| {
            Err(InvalidValue::new(
                option,
                format!("with {}", format.name),
                allowed,
            ))
        };
        if self.header && !format.is(FormatKind::HeaderFormat) {
            return refuse("HEADER", "delimited text or CSV");
        }
        if let Some(compression) = self.compression
            && !format.is(FormatKind::CompressedFormat)
        {
            return refuse(
                compression.keyword(),
                "a format other than PARQUET, which compresses itself",
            );
        }
        if matches!(self.encryption, Some(Encryption::KmsKey(_)))
            && authorization.kind() == AuthorizationKind::Credentials
        {
            return Err(InvalidValue::new(
                "KMS_KEY_ID",
                "with CREDENTIALS",
                "IAM_ROLE, or ACCESS_KEY_ID and SECRET_ACCESS_KEY",
            ));
        }
        Ok(())
    }

    /// Writes what follows the authorization.
    pub(super) fn push_encryption(&self, text: &mut StatementText) -> Result<(), InvalidValue> {
        match &self.encryption {
            None => {}
            Some(Encryption::Auto) => text.push(" ENCRYPTED AUTO"),
            Some(Encryption::KmsKey(id)) => {
                let is_id = (1..=2048).contains(&id.len())
                    && id
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || b"-_:/".contains(&byte));
                if !is_id {
                    return Err(InvalidValue::new(
                        "KMS_KEY_ID",
                        format!("{id:?}"),
                        "the id of a key: letters, digits and `-_:/`",
                    ));
                }
                text.push(" KMS_KEY_ID ");
                text.literal("KMS_KEY_ID", id)?;
                text.push(" ENCRYPTED");
            }
        }
        Ok(())
    }

    /// Writes what precedes the options of the format.
    pub(super) fn push_layout(&self, text: &mut StatementText) -> Result<(), InvalidValue> {
        if let Some(partitions) = &self.partitions {
            if partitions.columns.is_empty() {
                return Err(InvalidValue::new(
                    "PARTITION BY",
                    "no columns",
                    "one column or more",
                ));
            }
            for (at, column) in partitions.columns.iter().enumerate() {
                // Redshift reads names in lower case.
                let twice = |other: &Cow<'_, str>| other.to_lowercase() == column.to_lowercase();
                if partitions.columns[..at].iter().any(twice) {
                    return Err(InvalidValue::new(
                        "PARTITION BY",
                        format!("a list with {column:?} twice"),
                        "each column once",
                    ));
                }
                text.push(if at == 0 { " PARTITION BY (" } else { ", " });
                text.identifier(column)
                    .map_err(|error| error.of_text("PARTITION BY", column))?;
            }
            text.push(")");
            text.flag("INCLUDE", partitions.include);
        }
        text.flag("MANIFEST", self.manifest.is_some());
        text.flag("VERBOSE", self.manifest == Some(Manifest::Verbose));
        if let Some(region) = &self.region {
            text.push(" REGION ");
            text.literal("REGION", region.as_str())?;
        }
        text.flag("HEADER", self.header);
        Ok(())
    }

    /// Writes the rest.
    pub(super) fn push(&self, text: &mut StatementText) -> Result<(), Error> {
        if let Some(compression) = self.compression {
            text.push(" ");
            text.push(compression.keyword());
        }
        if let Some(extension) = &self.extension {
            if extension.is_empty() {
                return Err(InvalidValue::new("EXTENSION", "''", "one character or more").into());
            }
            text.push(" EXTENSION ");
            text.literal("EXTENSION", extension)?;
        }
        match self.existing {
            None => {}
            Some(Existing::AllowOverwrite) => text.push(" ALLOWOVERWRITE"),
            Some(Existing::CleanPath) => text.push(" CLEANPATH"),
        }
        if let Some(parallel) = self.parallel {
            text.push(if parallel {
                " PARALLEL ON"
            } else {
                " PARALLEL OFF"
            });
        }
        if let Some(size) = self.max_file_size {
            size.push(text)?;
        }
        Ok(self.unchecked.push(text)?)
    }
}

/// Columns by which UNLOAD divides its files: a tuple of Diesel columns, or their names.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not name columns to partition by",
    note = "PARTITION BY takes a tuple of up to 8 columns, `(orders::year, orders::month)`, or an array of names; one column is written `(orders::year,)`",
    note = "the types SMALLINT, INTEGER, BIGINT, DECIMAL, REAL, BOOLEAN, CHAR, VARCHAR, DATE and TIMESTAMP are allowed"
)]
pub trait PartitionColumns {
    crate::seal::sealed!(required);
    /// Their names.
    #[doc(hidden)]
    fn names(self) -> Vec<Cow<'static, str>>;

    /// Whether they are columns that the query must select.
    #[doc(hidden)]
    const ARE_DIESEL_COLUMNS: bool;
}

impl<const N: usize> PartitionColumns for [&'static str; N] {
    crate::seal::sealed!();
    const ARE_DIESEL_COLUMNS: bool = false;

    fn names(self) -> Vec<Cow<'static, str>> {
        self.map(Cow::Borrowed).to_vec()
    }
}

impl PartitionColumns for Vec<String> {
    crate::seal::sealed!();
    const ARE_DIESEL_COLUMNS: bool = false;

    fn names(self) -> Vec<Cow<'static, str>> {
        self.into_iter().map(Cow::Owned).collect()
    }
}

/// A SQL type by which UNLOAD can partition.
#[diagnostic::on_unimplemented(
    message = "UNLOAD cannot partition by a column of type `{Self}`",
    note = "it takes SMALLINT, INTEGER, BIGINT, DECIMAL, REAL, BOOLEAN, CHAR, VARCHAR, DATE and TIMESTAMP"
)]
pub trait PartitionType {
    crate::seal::sealed!(required);
}

macro_rules! partition_types {
    ($($sql_type:ident)*) => {$(
        impl PartitionType for diesel::sql_types::$sql_type { crate::seal::sealed!(); }
    )*};
}

partition_types! { SmallInt Integer BigInt Numeric Float Bool Text Date Timestamp }

impl<T> PartitionType for diesel::sql_types::Nullable<T>
where
    T: PartitionType + diesel::sql_types::SqlType,
{
    crate::seal::sealed!();
}

macro_rules! partition_columns {
    ([$($seen:ident)*] $next:ident $($rest:ident)*) => {
        impl<$($seen,)* $next> PartitionColumns for ($($seen,)* $next,)
        where
            $($seen: Column, $seen::SqlType: PartitionType,)*
            $next: Column,
            $next::SqlType: PartitionType,
        { crate::seal::sealed!();
            const ARE_DIESEL_COLUMNS: bool = true;

            fn names(self) -> Vec<Cow<'static, str>> {
                vec![$($seen::NAME.into(),)* $next::NAME.into()]
            }
        }
        partition_columns!([$($seen)* $next] $($rest)*);
    };
    ([$($seen:ident)*]) => {};
}

partition_columns! { [] C1 C2 C3 C4 C5 C6 C7 C8 }

/// An authorization that allows naming a KMS key: all but the credentials string.
#[diagnostic::on_unimplemented(
    message = "KMS_KEY_ID is not allowed with the authorization `{Self}`",
    note = "call `.iam_role(…)` or `.access_key(…)` before `.kms_key_id(…)`"
)]
pub trait AllowsKmsKey: Authorization {
    crate::seal::sealed!(required);
}

impl AllowsKmsKey for IamRole {
    crate::seal::sealed!();
}
impl AllowsKmsKey for AccessKey {
    crate::seal::sealed!();
}
impl AllowsKmsKey for BoxedAuthorization {
    crate::seal::sealed!();
}
