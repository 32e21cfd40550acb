//! A value as the server sent it.

use std::fmt;
use std::str::Utf8Error;

/// One field of a result row, in Redshift's text format.
///
/// Results are requested as text: the binary forms of `NUMERIC`, `DATE`, `TIME` and `SUPER` are not
/// PostgreSQL's, and Amazon's own libpq client asks for text as well. Only
/// [`set_binary_results`](crate::RedshiftConnection::set_binary_results) requests binary results,
/// which [`is_binary`](Self::is_binary) reports.
#[derive(Clone, Copy)]
pub struct RedshiftValue<'a> {
    bytes: &'a [u8],
    origin: Origin<'a>,
}

/// The field of a result that a value was read from.
pub(crate) trait ResultField: Send + Sync {
    /// The name of its column.
    fn column_name(&self) -> Option<&str>;

    /// The number of its column's type in `pg_type`.
    fn type_oid(&self) -> u32;
}

/// Where a value comes from, and so its form.
#[derive(Clone, Copy)]
enum Origin<'a> {
    Unknown,
    #[cfg(test)]
    UnknownBinary,
    Text(&'a dyn ResultField),
    Binary(&'a dyn ResultField),
    /// The name of the file's column.
    #[cfg(feature = "stage")]
    File(&'a &'a str),
}

impl fmt::Debug for RedshiftValue<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut tuple = formatter.debug_tuple("RedshiftValue");
        if self.is_binary() {
            tuple.field(&self.bytes);
        } else {
            tuple.field(&String::from_utf8_lossy(self.bytes));
        }
        tuple.finish()
    }
}

impl<'a> RedshiftValue<'a> {
    /// Wraps the text form of a value, as it stands in a result or in a file that `UNLOAD` wrote.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            origin: Origin::Unknown,
        }
    }

    #[inline]
    pub(crate) fn of_field(bytes: &'a [u8], field: &'a dyn ResultField, binary: bool) -> Self {
        Self {
            bytes,
            origin: if binary {
                Origin::Binary(field)
            } else {
                Origin::Text(field)
            },
        }
    }

    /// A value of a file, with the name of its column.
    #[cfg(feature = "stage")]
    #[inline]
    pub(crate) fn of_file(bytes: &'a [u8], column: &'a &'a str) -> Self {
        Self {
            bytes,
            origin: Origin::File(column),
        }
    }

    /// A value in the binary form.
    #[cfg(test)]
    pub(crate) fn of_binary(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            origin: Origin::UnknownBinary,
        }
    }

    /// Whether the bytes are the binary form: big-endian integers and floats, microseconds since
    /// 2000-01-01 of a timestamp, a byte of a `BOOLEAN`. That of text is the same as its text form.
    ///
    /// Never, unless the connection is told
    /// [`set_binary_results`](crate::RedshiftConnection::set_binary_results).
    #[inline]
    pub fn is_binary(&self) -> bool {
        match self.origin {
            Origin::Binary(_) => true,
            #[cfg(test)]
            Origin::UnknownBinary => true,
            _ => false,
        }
    }

    /// The OID of the column's type, as the server told it; `None` where there was no server, as
    /// for a value of a file.
    pub fn type_oid(&self) -> Option<u32> {
        match self.origin {
            Origin::Text(field) | Origin::Binary(field) => Some(field.type_oid()),
            _ => None,
        }
    }

    /// The bytes of the text form, or of the binary form if the value
    /// [`is_binary`](Self::is_binary).
    #[inline]
    pub fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The value in the binary form, which has as many bytes as its type; `None` when it has not.
    #[inline]
    pub(crate) fn fixed<const N: usize>(&self) -> Option<[u8; N]> {
        self.bytes.try_into().ok()
    }

    /// The text form; [`as_bytes`](Self::as_bytes) tells what it is of binary values.
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
        Box::new(Unreadable {
            column: match self.origin {
                Origin::Text(field) | Origin::Binary(field) => {
                    field.column_name().map(str::to_owned)
                }
                #[cfg(feature = "stage")]
                Origin::File(column) => Some((*column).to_owned()),
                _ => None,
            },
            expected,
            bytes: self.bytes.len(),
            format: if self.is_binary() { "binary" } else { "text" },
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
    format: &'static str,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(column) = &self.column {
            write!(formatter, "column \"{column}\": ")?;
        }
        write!(
            formatter,
            "{} bytes of {} are not {}",
            self.bytes, self.format, self.expected
        )
    }
}

impl std::error::Error for Unreadable {}
