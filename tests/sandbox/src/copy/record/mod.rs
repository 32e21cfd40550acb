//! Cuts a file into records and fields.

mod csv;
mod fields;
mod fixed;
mod json;
mod text;

use std::io::{self, Read};

use super::fault::Fault;
use super::format::Format;
use super::options::Options;
pub(super) use fields::Fields;

/// AWS's limit on one row of input.
const LONGEST_RECORD: usize = 4 * 1024 * 1024;

/// Of a line end, the most bytes.
const LINE_END: usize = 2;

const CHUNK: usize = 256 * 1024;

/// Reads the records of one file.
pub(super) struct Records<R> {
    source: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    at_end: bool,
    /// The number of the line that the next record starts on.
    line: u64,
    /// Where the next record starts in the file.
    offset: u64,
}

/// A record that was found, with its fields in a [`Fields`].
pub(super) struct Record<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) line: u64,
    pub(super) offset: u64,
    /// Set if it could not be cut into fields.
    pub(super) fault: Option<Fault>,
}

/// What a look at the buffer gave.
enum Cut {
    /// A record of so many bytes without its line end, and so many with it; so many line ends are inside.
    Record {
        length: usize,
        consumed: usize,
        lines: u64,
        fault: Option<Fault>,
    },
    /// Its end has not been read yet.
    Incomplete,
}

/// What a look for a field in quotation marks gave.
enum Quoted {
    /// Up to the delimiter or the line end that follows it.
    Field {
        end: usize,
        lines: u64,
    },
    Incomplete,
    Broken,
}

impl<R: Read> Records<R> {
    pub(super) fn new(source: R) -> Self {
        Self {
            source,
            buffer: vec![0; CHUNK],
            start: 0,
            end: 0,
            at_end: false,
            line: 1,
            offset: 0,
        }
    }

    /// How much has been read.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Passes over lines, as IGNOREHEADER does.
    pub(super) fn skip_lines(&mut self, count: u64) -> io::Result<()> {
        for _ in 0..count {
            loop {
                if let Some(length) = memchr::memchr(b'\n', &self.buffer[self.start..self.end]) {
                    self.consume(length + 1, 1);
                    break;
                }
                self.consume(self.end - self.start, 0);
                if !self.fill()? {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    pub(super) fn next(
        &mut self,
        options: &Options,
        fields: &mut Fields,
    ) -> io::Result<Option<Record<'_>>> {
        loop {
            if matches!(options.format, Format::Json(_)) {
                self.skip_blanks();
            }
            let pending = &self.buffer[self.start..self.end];
            if pending.is_empty() && self.at_end {
                return Ok(None);
            }
            fields.clear();
            let cut = match &options.format {
                Format::Csv(quote) => {
                    csv::csv(pending, self.at_end, options.delimiter, *quote, fields)
                }
                Format::Text => text::text(pending, self.at_end, options, fields),
                Format::FixedWidth(widths) => fixed::fixed(pending, self.at_end, widths, fields),
                // Parquet has its own reader.
                Format::Json(_) | Format::Parquet => json::document(pending, self.at_end),
            };
            let line_ends = u64::from(!matches!(options.format, Format::Json(_)));
            match cut {
                Cut::Record {
                    length,
                    consumed,
                    lines,
                    fault,
                } => {
                    if length > LONGEST_RECORD {
                        return Err(self.too_long());
                    }
                    let (start, line, offset) = (self.start, self.line, self.offset);
                    self.start += consumed;
                    self.line += lines + line_ends;
                    self.offset += consumed as u64;
                    let bytes = &self.buffer[start..start + length];
                    return Ok(Some(Record {
                        bytes,
                        line,
                        offset,
                        fault,
                    }));
                }
                // Its line end may be what is missing.
                Cut::Incomplete if pending.len() > LONGEST_RECORD + LINE_END => {
                    return Err(self.too_long());
                }
                Cut::Incomplete => {
                    self.fill()?;
                }
            }
        }
    }

    fn too_long(&self) -> io::Error {
        let message = format!(
            "the row that begins in line {} is longer than 4 MB",
            self.line
        );
        io::Error::new(io::ErrorKind::FileTooLarge, message)
    }

    fn skip_blanks(&mut self) {
        let pending = &self.buffer[self.start..self.end];
        let blanks = pending
            .iter()
            .take_while(|byte| json::is_blank(**byte))
            .count();
        let lines = memchr::memchr_iter(b'\n', &pending[..blanks]).count();
        self.consume(blanks, lines as u64);
    }

    fn consume(&mut self, length: usize, lines: u64) {
        self.start += length;
        self.offset += length as u64;
        self.line += lines;
    }

    /// Reads more; false at the end of the file.
    fn fill(&mut self) -> io::Result<bool> {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.end == self.buffer.len() {
            let longer = self.buffer.len() * 2;
            self.buffer.resize(longer, 0);
        }
        loop {
            match self.source.read(&mut self.buffer[self.end..]) {
                Ok(0) => {
                    self.at_end = true;
                    return Ok(false);
                }
                Ok(read) => {
                    self.end += read;
                    return Ok(true);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// The end of a line: without the carriage return that may stand before the line feed.
fn without_return(bytes: &[u8], start: usize, end: usize) -> usize {
    if end > start && bytes[end - 1] == b'\r' {
        end - 1
    } else {
        end
    }
}

/// A record that cannot be cut: up to the next line end, where reading goes on.
fn broken(bytes: &[u8], from: usize, last: bool, reason: &'static str) -> Cut {
    let fault = Some(Fault::new(1214, reason));
    match memchr::memchr(b'\n', &bytes[from..]) {
        Some(length) => {
            let end = from + length;
            Cut::Record {
                length: without_return(bytes, 0, end),
                consumed: end + 1,
                lines: 0,
                fault,
            }
        }
        None if last => Cut::Record {
            length: bytes.len(),
            consumed: bytes.len(),
            lines: 0,
            fault,
        },
        None => Cut::Incomplete,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::Cursor;
    use crate::sql::lexer::tokens;

    /// One byte at a time, so that every place where a record can be cut is met.
    struct Dribble<'a>(&'a [u8]);

    impl Read for Dribble<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let Some((first, rest)) = self.0.split_first() else {
                return Ok(0);
            };
            out[0] = *first;
            self.0 = rest;
            Ok(1)
        }
    }

    fn read(file: &str, options: &str) -> Vec<Vec<String>> {
        let sql = format!("{options} IAM_ROLE default");
        let tokens = tokens(&sql).expect("tokens");
        let options =
            super::super::options::parse(&mut Cursor::new(&sql, &tokens)).expect("options");
        let whole = collect(file.as_bytes(), &options);
        let dribbled = collect(Dribble(file.as_bytes()), &options);
        assert_eq!(whole, dribbled);
        whole
    }

    fn collect(source: impl Read, options: &Options) -> Vec<Vec<String>> {
        let mut records = Records::new(source);
        records.skip_lines(options.ignore_header).expect("readable");
        let mut fields = Fields::default();
        let mut found = Vec::new();
        while let Some(record) = records.next(options, &mut fields).expect("readable") {
            let bytes = record.bytes;
            let mut texts: Vec<_> = (0..fields.len())
                .map(|at| String::from_utf8_lossy(fields.value(bytes, at)).into_owned())
                .collect();
            if let Some(fault) = record.fault {
                texts = vec![format!("!{} line {}", fault.code, record.line)];
            }
            found.push(texts);
        }
        found
    }

    #[test]
    fn csv_fields() {
        assert_eq!(read("a,b\n1,\n", "csv"), [["a", "b"], ["1", ""]]);
        assert_eq!(
            read("a,\"b\"\"c\"\r\n \"x,y\" ,\"l1\nl2\"", "csv"),
            [["a", "b\"c"], ["x,y", "l1\nl2"]]
        );
        assert_eq!(
            read("h\nx;%y;z%\n", "csv quote '%' delimiter ';' ignoreheader 1"),
            [["x", "y;z"]]
        );
        assert_eq!(read("", "csv"), Vec::<Vec<String>>::new());
        assert_eq!(read("a", "csv ignoreheader 3"), Vec::<Vec<String>>::new());
        assert_eq!(read("\n\n", "csv"), [[""], [""]]);
    }

    #[test]
    fn a_broken_row_does_not_spoil_the_next() {
        assert_eq!(
            read("a\"b,c\n\"x\"y\nd\n", "csv"),
            [["!1214 line 1"], ["!1214 line 2"], ["d"]]
        );
        assert_eq!(
            read("1\n\"open\n2\n", "csv"),
            [["1"], ["!1214 line 2"], ["2"]]
        );
    }

    #[test]
    fn delimited_fields() {
        assert_eq!(
            read("a|b\\|c\r\nd|\n", ""),
            [vec!["a", "b\\", "c"], vec!["d", ""]]
        );
        assert_eq!(
            read("a|b\\|c\\\\\nl1\\\nl2|\\N\n", "escape"),
            [["a", "b|c\\"], ["l1\nl2", "N"]]
        );
        assert_eq!(
            read("'a|b'|\"c\"|d\"\n\"open|x\n", "removequotes"),
            [vec!["a|b", "c", "d\""], vec!["!1214 line 2"]]
        );
        assert_eq!(
            read("\"a\"\r\n'b\r'\r\n\"c\"\r", "removequotes"),
            [["a"], ["b\r"], ["c"]]
        );
        assert_eq!(
            read("\"a\\\"|\\\nb\"|c\n", "removequotes escape"),
            [["a\"|\nb", "c"]]
        );
    }

    /// Files of characters that mean something, in all orders that chance makes of them.
    #[test]
    fn records_do_not_depend_on_how_they_arrive() {
        const CHARACTERS: [&str; 10] = ["a", "|", ",", "\"", "'", "\\", "\n", "\r", "\0", " "];
        let mut chance = 1_u32;
        for options in [
            "",
            "escape",
            "removequotes",
            "escape removequotes",
            "escape removequotes null '\\0'",
            "csv",
            "csv delimiter '|' quote as 'a'",
            "fixedwidth 'a:2,b:1'",
        ] {
            for length in 0..600 {
                let file: String = (0..length % 12)
                    .map(|_| {
                        chance ^= chance << 13;
                        chance ^= chance >> 17;
                        chance ^= chance << 5;
                        CHARACTERS[chance as usize % CHARACTERS.len()]
                    })
                    .collect();
                read(&file, options);
            }
        }
    }

    #[test]
    fn a_zero_byte_ends_an_escaped_record() {
        assert_eq!(
            read("a|b\0c|d\\\ne\nf\\\0g\n\0h\ni\r\0", "escape"),
            [vec!["a", "b"], vec!["f\\"], vec![""], vec!["i\r"]]
        );
        assert_eq!(
            read("'a\0b'|c\n'd'\0'e'\n", "escape removequotes"),
            [["!1214 line 1"], ["d"]]
        );
        assert_eq!(read("a\0b\n\0\n", ""), [["a\0b"], ["\0"]]);
        assert_eq!(read("a\0b\n\0\n", "escape null '\\0'"), [["a\0b"], ["\0"]]);
        assert_eq!(
            read("a\0'b\0'\n", "escape removequotes delimiter '\\000'"),
            [["a", "b\0"]]
        );
    }
}
