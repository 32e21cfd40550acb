//! A value as the server sent it.

use std::str::Utf8Error;

/// One field of a result row in Redshift's text format.
///
/// Every result is requested as text: the binary forms of `NUMERIC`, `DATE`, `TIME` and `SUPER` are not
/// PostgreSQL's, and Amazon's own libpq client asks for text as well.
#[derive(Debug, Clone, Copy)]
pub struct RedshiftValue<'a> {
    bytes: &'a [u8],
}

impl<'a> RedshiftValue<'a> {
    /// Wraps the text form of a value, as it stands in a result or in a file that `UNLOAD` wrote.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
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
}
