//! Takes the contents of a message apart.

use std::io;

/// Numbers and texts in the order in which a message holds them.
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

/// A column, as a RowDescription tells of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ColumnDescription<'a> {
    pub(crate) name: &'a str,
    /// The table that it is of, if it is of one.
    pub(crate) table: u32,
    pub(crate) oid: u32,
    pub(crate) modifier: i32,
}

impl<'a> Reader<'a> {
    /// The columns of a RowDescription, from its beginning.
    pub(crate) fn columns(&mut self) -> io::Result<Vec<ColumnDescription<'a>>> {
        let count = self.i16()?;
        (0..count).map(|_| self.column()).collect()
    }

    pub(crate) fn column(&mut self) -> io::Result<ColumnDescription<'a>> {
        let name = self.text()?;
        let table = self.i32()? as u32;
        let _number = self.i16()?;
        let oid = self.i32()? as u32;
        let _length = self.i16()?;
        let modifier = self.i32()?;
        let _format = self.i16()?;
        Ok(ColumnDescription {
            name,
            table,
            oid,
            modifier,
        })
    }

    pub(crate) fn byte(&mut self) -> io::Result<u8> {
        Ok(self.bytes(1)?[0])
    }

    pub(crate) fn i16(&mut self) -> io::Result<i16> {
        let bytes = self.bytes(2)?;
        Ok(i16::from_be_bytes([bytes[0], bytes[1]]))
    }

    pub(crate) fn i32(&mut self) -> io::Result<i32> {
        let bytes = self.bytes(4)?;
        Ok(i32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    pub(crate) fn bytes(&mut self, length: usize) -> io::Result<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(length).ok_or_else(truncated)?;
        self.0 = rest;
        Ok(bytes)
    }

    /// A text that ends with a zero byte.
    pub(crate) fn text(&mut self) -> io::Result<&'a str> {
        let end = memchr::memchr(0, self.0).ok_or_else(truncated)?;
        let text = std::str::from_utf8(&self.0[..end])
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "a text is not UTF-8"))?;
        self.0 = &self.0[end + 1..];
        Ok(text)
    }
}

fn truncated() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a message ends too early")
}
