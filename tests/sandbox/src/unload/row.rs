//! One row of the query.

use std::ops::Range;

/// The values of a row, unescaped; kept from row to row for its memory.
#[derive(Default)]
pub(super) struct Row {
    bytes: Vec<u8>,
    fields: Vec<Option<Range<usize>>>,
}

impl Row {
    /// Reads a row in PostgreSQL's COPY text format.
    pub(super) fn read(&mut self, row: &[u8]) {
        self.bytes.clear();
        self.fields.clear();
        let row = row.strip_suffix(b"\n").unwrap_or(row);
        // A tab inside a value is written with a backslash, so these are between values.
        for field in row.split(|byte| *byte == b'\t') {
            if field == b"\\N" {
                self.fields.push(None);
                continue;
            }
            let start = self.bytes.len();
            if memchr::memchr(b'\\', field).is_none() {
                self.bytes.extend_from_slice(field);
            } else {
                unescape(field, &mut self.bytes);
            }
            self.fields.push(Some(start..self.bytes.len()));
        }
    }

    pub(super) fn length(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn value(&self, at: usize) -> Option<&[u8]> {
        let range = self.fields.get(at)?.clone()?;
        Some(&self.bytes[range])
    }
}

/// Undoes what PostgreSQL's COPY TO does to a value.
fn unescape(field: &[u8], out: &mut Vec<u8>) {
    let mut bytes = field.iter();
    while let Some(byte) = bytes.next() {
        if *byte != b'\\' {
            out.push(*byte);
            continue;
        }
        out.push(match bytes.next() {
            Some(b'b') => 0x08,
            Some(b'f') => 0x0c,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'v') => 0x0b,
            Some(other) => *other,
            None => b'\\',
        });
    }
}
