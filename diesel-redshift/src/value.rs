//! A value as the server sent it.

use std::fmt;
use std::str::Utf8Error;

use crate::connection::RedshiftField;

/// One field of a result row in Redshift's text format.
///
/// Every result is requested as text: the binary forms of `NUMERIC`, `DATE`, `TIME` and `SUPER` are not
/// PostgreSQL's, and Amazon's own libpq client asks for text as well.
#[derive(Clone, Copy)]
pub struct RedshiftValue<'a> {
    bytes: &'a [u8],
    field: Option<&'a RedshiftField<'a>>,
}

impl fmt::Debug for RedshiftValue<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("RedshiftValue")
            .field(&String::from_utf8_lossy(self.bytes))
            .finish()
    }
}

impl<'a> RedshiftValue<'a> {
    /// Wraps the text form of a value, as it stands in a result or in a file that `UNLOAD` wrote.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, field: None }
    }

    #[inline]
    pub(crate) fn of_field(bytes: &'a [u8], field: &'a RedshiftField<'a>) -> Self {
        Self {
            bytes,
            field: Some(field),
        }
    }

    /// The bytes of the text form.
    pub fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The text form.
    ///
    /// # Errors
    ///
    /// When the bytes are not UTF-8; the connection asks the server for `client_encoding=UTF8`.
    pub fn as_str(&self) -> Result<&'a str, Utf8Error> {
        std::str::from_utf8(self.bytes)
    }

    /// The error for a value that is not what its type says.
    #[cold]
    pub(crate) fn unreadable(
        &self,
        expected: &'static str,
    ) -> Box<dyn std::error::Error + Send + Sync> {
        use diesel::row::Field;

        Box::new(Unreadable {
            column: self
                .field
                .and_then(|field| field.field_name())
                .map(str::to_owned),
            expected,
            bytes: self.bytes.len(),
        })
    }
}

/// A value was not what its type says.
///
/// The value itself is left out: it may be personal data.
#[derive(Debug, PartialEq, Eq)]
struct Unreadable {
    column: Option<String>,
    expected: &'static str,
    bytes: usize,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(column) = &self.column {
            write!(formatter, "column \"{column}\": ")?;
        }
        write!(
            formatter,
            "{} bytes of text are not {}",
            self.bytes, self.expected
        )
    }
}

impl std::error::Error for Unreadable {}
