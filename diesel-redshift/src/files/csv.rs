//! CSV as UNLOAD writes it, read record by record.

use std::io::{self, Read};
use std::ops::Range;

use super::marker::NullMarker;

/// The most bytes of one record; a file that has none of the ends that are looked for is none of
/// UNLOAD's.
const MAX_RECORD: usize = 256 * 1024 * 1024;

const BLOCK: usize = 256 * 1024;

/// Where a field stands in the buffer; `None` is `NULL`.
pub(super) type Field = Option<Range<usize>>;

/// The records of a file, in one buffer and without an allocation each.
pub(crate) struct Records<R> {
    file: R,
    marker: NullMarker,
    buffer: Vec<u8>,
    /// The bytes that are read and not yet parsed.
    unread: Range<usize>,
    at_end: bool,
    fields: Vec<Field>,
}

/// The fields of one record.
#[derive(Clone, Copy)]
pub(crate) struct Record<'a> {
    pub(super) buffer: &'a [u8],
    pub(super) fields: &'a [Field],
}

impl Record<'_> {
    pub(crate) fn len(&self) -> usize {
        self.fields.len()
    }

    /// How many bytes its texts have, about.
    pub(crate) fn size(&self) -> usize {
        let mut fields = self.fields.iter().flatten();
        let first = fields.next();
        let last = fields.next_back().or(first);
        match (first, last) {
            (Some(first), Some(last)) => last.end - first.start,
            _ => 0,
        }
    }
}

/// What a look at the buffer found.
enum Parsed {
    /// A record that ends before this byte; whether quotes stand within its fields.
    Record { end: usize, has_quotes: bool },
    /// The buffer ends within a record.
    More,
}

impl<R: Read> Records<R> {
    /// Fields that equal the marker, quoted or not, are `NULL`: it is drawn so that no value equals
    /// it.
    pub(crate) fn new(file: R, marker: NullMarker) -> Self {
        Self {
            file,
            marker,
            buffer: Vec::new(),
            unread: 0..0,
            at_end: false,
            fields: Vec::new(),
        }
    }

    /// The next record; `None` at the end of the file.
    ///
    /// # Errors
    ///
    /// Those of the file, and [`InvalidData`](io::ErrorKind::InvalidData) when it is no CSV or ends
    /// within a record.
    pub(crate) fn next(&mut self) -> io::Result<Option<Record<'_>>> {
        loop {
            if self.unread.is_empty() && self.at_end {
                return Ok(None);
            }
            match self.parse()? {
                Parsed::Record { end, has_quotes } => {
                    self.unread.start = end;
                    self.finish_fields(has_quotes);
                    return Ok(Some(Record {
                        buffer: &self.buffer,
                        fields: &self.fields,
                    }));
                }
                Parsed::More if self.at_end && !self.unread.is_empty() => {
                    return Err(invalid("the file ends within a record"));
                }
                Parsed::More => self.read_more()?,
            }
        }
    }

    /// Finds the fields of the record that starts the unread bytes, which it leaves as they are.
    fn parse(&mut self) -> io::Result<Parsed> {
        self.fields.clear();
        let bytes = &self.buffer[..self.unread.end];
        let mut at = self.unread.start;
        let mut has_quotes = false;
        loop {
            let field = match bytes.get(at) {
                None => return Ok(Parsed::More),
                Some(b'"') => {
                    let start = at + 1;
                    let mut end = start;
                    loop {
                        match find(&bytes[end..], [b'"', b'"']) {
                            None => return Ok(Parsed::More),
                            Some(length) => end += length,
                        }
                        match bytes.get(end + 1) {
                            None => return Ok(Parsed::More),
                            Some(b'"') => {
                                has_quotes = true;
                                end += 2;
                            }
                            Some(_) => break,
                        }
                    }
                    at = end + 1;
                    start..end
                }
                Some(_) => {
                    let start = at;
                    match find(&bytes[start..], [b',', b'\n']) {
                        None => return Ok(Parsed::More),
                        Some(length) => at += length,
                    }
                    start..at
                }
            };
            self.fields.push(Some(field));
            match bytes.get(at) {
                Some(b',') => at += 1,
                Some(b'\n') => {
                    return Ok(Parsed::Record {
                        end: at + 1,
                        has_quotes,
                    });
                }
                None => return Ok(Parsed::More),
                Some(_) => return Err(invalid("text follows a quoted field")),
            }
        }
    }

    /// Takes the quotes out of fields that hold some, and finds those that are `NULL`.
    fn finish_fields(&mut self, has_quotes: bool) {
        for field in &mut self.fields {
            let Some(range) = field else { continue };
            // Only a quoted field may hold quotes, and then each of them twice.
            if has_quotes && range.start > 0 && self.buffer[range.start - 1] == b'"' {
                let mut to = range.start;
                let mut from = range.start;
                while from < range.end {
                    let byte = self.buffer[from];
                    self.buffer[to] = byte;
                    to += 1;
                    from += if byte == b'"' { 2 } else { 1 };
                }
                range.end = to;
            }
            if &self.buffer[range.clone()] == self.marker.as_bytes() {
                *field = None;
            }
        }
    }

    fn read_more(&mut self) -> io::Result<()> {
        let unread = self.unread.len();
        if unread > MAX_RECORD {
            return Err(invalid("a record is longer than 256 MB"));
        }
        self.buffer.copy_within(self.unread.clone(), 0);
        self.unread = 0..unread;
        // Twice as much as there is, so that a long record is looked through few times.
        let wanted = unread + unread.max(BLOCK);
        if self.buffer.len() < wanted {
            self.buffer.resize(wanted, 0);
        }
        while self.unread.end < wanted {
            match self.file.read(&mut self.buffer[self.unread.end..wanted]) {
                Ok(0) => {
                    self.at_end = true;
                    break;
                }
                Ok(length) => self.unread.end += length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Where the first of two bytes stands: eight are looked at at a time.
#[inline]
fn find(bytes: &[u8], [one, other]: [u8; 2]) -> Option<usize> {
    const LOW: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    // The lowest high bit that is set is that of the first byte that is zero.
    let zeros = |word: u64| word.wrapping_sub(LOW) & !word & HIGH;
    let (ones, others) = (LOW * u64::from(one), LOW * u64::from(other));
    let mut rest = bytes;
    while let Some((word, tail)) = rest.split_first_chunk() {
        let word = u64::from_le_bytes(*word);
        let found = zeros(word ^ ones) | zeros(word ^ others);
        if found != 0 {
            let at = (found.trailing_zeros() / 8) as usize;
            return Some(bytes.len() - rest.len() + at);
        }
        rest = tail;
    }
    let at = rest
        .iter()
        .position(|byte| *byte == one || *byte == other)?;
    Some(bytes.len() - rest.len() + at)
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(file: &[u8]) -> io::Result<Vec<Vec<Option<String>>>> {
        let mut records = Records::new(file, NullMarker::of("@N@"));
        let mut rows = Vec::new();
        while let Some(record) = records.next()? {
            rows.push(
                record
                    .fields
                    .iter()
                    .map(|field| {
                        let bytes = &record.buffer[field.clone()?];
                        Some(String::from_utf8_lossy(bytes).into_owned())
                    })
                    .collect(),
            );
        }
        Ok(rows)
    }

    #[test]
    fn every_form_of_a_field() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            read(b"1,Ada,\n2,\"\",@N@\n3,\"a \"\"b\"\", c\r\nd\",\"@N@\"\n\"\"\"\",',\"\"\"x\"\"\"\n").expect("reads"),
            [
                [some("1"), some("Ada"), some("")],
                [some("2"), some(""), None],
                [some("3"), some("a \"b\", c\r\nd"), None],
                [some("\""), some("'"), some("\"x\"")],
            ]
        );
        assert!(read(b"").expect("reads").is_empty());
        assert_eq!(read(b"\n").expect("reads"), [[some("")]]);
    }

    #[test]
    fn what_is_no_csv_is_an_error() {
        for file in ["1,2", "1,\"a", "1,\"a\"", "1,\"a\"b\n", "\""] {
            assert!(read(file.as_bytes()).is_err(), "{file:?}");
        }
    }

    #[test]
    fn a_record_longer_than_the_buffer() {
        let long = "x\"".repeat(300_000);
        let file = format!("1,\"{}\"\n2,\"\"\n", long.replace('"', "\"\""));
        let rows = read(file.as_bytes()).expect("reads");
        assert_eq!(rows[0][1].as_deref(), Some(&*long));
        assert_eq!(rows[1][1].as_deref(), Some(""));
    }

    proptest! {
        #[test]
        fn the_first_of_two_bytes(
            bytes in prop::collection::vec(prop_oneof![Just(b','), Just(b'\n'), Just(b'"'), Just(0), any::<u8>()], 0..40),
        ) {
            let slow = bytes.iter().position(|byte| matches!(byte, b',' | b'\n'));
            prop_assert_eq!(find(&bytes, [b',', b'\n']), slow);
            prop_assert_eq!(find(&bytes, [b'"'; 2]), bytes.iter().position(|byte| *byte == b'"'));
        }

        #[test]
        fn any_fields_come_back(
            rows in prop::collection::vec(prop::collection::vec(any::<Option<String>>(), 1..5), 0..20),
            piece in 1_usize..50,
        ) {
            let mut file = String::new();
            for row in &rows {
                let fields: Vec<_> = row.iter().map(|field| match field {
                    None => "@N@".to_owned(),
                    Some(text) => format!("\"{}\"", text.replace('"', "\"\"")),
                }).collect();
                file += &fields.join(",");
                file.push('\n');
            }
            struct Pieces<'a>(&'a [u8], usize);
            impl Read for Pieces<'_> {
                fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
                    let length = self.1.min(self.0.len()).min(to.len());
                    to[..length].copy_from_slice(&self.0[..length]);
                    self.0 = &self.0[length..];
                    Ok(length)
                }
            }
            let mut records = Records::new(Pieces(file.as_bytes(), piece), NullMarker::of("@N@"));
            for row in &rows {
                let record = records.next().expect("reads").expect("a record");
                let read: Vec<_> = record.fields.iter().map(|field| {
                    field.clone().map(|range| String::from_utf8_lossy(&record.buffer[range]).into_owned())
                }).collect();
                prop_assert_eq!(&read, row);
            }
            prop_assert!(records.next().expect("reads").is_none());
        }

        #[test]
        fn any_bytes_are_read_or_refused(file in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&file);
        }
    }
}
