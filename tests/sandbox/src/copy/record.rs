//! Cuts a file into records and fields.

use std::io::{self, Read};
use std::ops::Range;

use super::fault::Fault;
use super::options::Options;

/// AWS's limit on one row of input.
const LONGEST_RECORD: usize = 4 * 1024 * 1024;

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

/// The fields of one record; kept from record to record for its memory.
#[derive(Default)]
pub(super) struct Fields {
    spans: Vec<Span>,
    /// The contents of fields that are not in the file as they mean.
    unescaped: Vec<u8>,
}

struct Span {
    range: Range<usize>,
    unescaped: bool,
    /// As it is in the file, where that differs.
    raw: Range<usize>,
}

/// A record that was found, with its fields in a [`Fields`].
pub(super) struct Record<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) line: u64,
    pub(super) offset: u64,
    /// Set if it could not be cut into fields.
    pub(super) fault: Option<Fault>,
}

impl Fields {
    pub(super) fn len(&self) -> usize {
        self.spans.len()
    }

    pub(super) fn drop_last(&mut self) {
        self.spans.pop();
    }

    pub(super) fn value<'a>(&'a self, record: &'a [u8], at: usize) -> &'a [u8] {
        let span = &self.spans[at];
        if span.unescaped {
            &self.unescaped[span.range.clone()]
        } else {
            &record[span.range.clone()]
        }
    }

    pub(super) fn raw<'a>(&self, record: &'a [u8], at: usize) -> &'a [u8] {
        &record[self.spans[at].raw.clone()]
    }

    /// Where the field begins in its record.
    pub(super) fn position(&self, at: usize) -> usize {
        self.spans[at].raw.start
    }

    /// Where the last field ends.
    fn end(&self) -> usize {
        self.spans.last().map_or(0, |span| span.raw.end)
    }

    fn clear(&mut self) {
        self.spans.clear();
        self.unescaped.clear();
    }

    fn push(&mut self, range: Range<usize>) {
        self.spans.push(Span {
            raw: range.clone(),
            range,
            unescaped: false,
        });
    }

    fn push_unescaped(&mut self, start: usize, raw: Range<usize>) {
        self.spans.push(Span {
            range: start..self.unescaped.len(),
            unescaped: true,
            raw,
        });
    }
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
            let pending = &self.buffer[self.start..self.end];
            if pending.is_empty() && self.at_end {
                return Ok(None);
            }
            fields.clear();
            let cut = match options.csv {
                Some(quote) => csv(pending, self.at_end, options.delimiter, quote, fields),
                None => text(pending, self.at_end, options, fields),
            };
            match cut {
                Cut::Record {
                    length,
                    consumed,
                    lines,
                    fault,
                } => {
                    let (start, line, offset) = (self.start, self.line, self.offset);
                    self.start += consumed;
                    self.line += lines + 1;
                    self.offset += consumed as u64;
                    let bytes = &self.buffer[start..start + length];
                    return Ok(Some(Record {
                        bytes,
                        line,
                        offset,
                        fault,
                    }));
                }
                Cut::Incomplete if pending.len() > LONGEST_RECORD => {
                    let message = format!(
                        "the row that begins in line {} is longer than 4 MB",
                        self.line
                    );
                    return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
                }
                Cut::Incomplete => {
                    self.fill()?;
                }
            }
        }
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

fn csv(bytes: &[u8], last: bool, delimiter: u8, quote: u8, fields: &mut Fields) -> Cut {
    let mut at = 0;
    let mut lines = 0;
    loop {
        // White space before an opening quotation mark does not count.
        let mut open = at;
        while open < bytes.len() && matches!(bytes[open], b' ' | b'\t') && bytes[open] != delimiter
        {
            open += 1;
        }
        if open == bytes.len() && !last {
            return Cut::Incomplete;
        }
        let end = if bytes.get(open) == Some(&quote) {
            match quoted(bytes, open, last, delimiter, quote, fields) {
                Quoted::Field { end, lines: inside } => {
                    lines += inside;
                    end
                }
                Quoted::Incomplete => return Cut::Incomplete,
                Quoted::Broken => {
                    return broken(bytes, open, last, "Invalid quote formatting for CSV");
                }
            }
        } else {
            match memchr::memchr3(delimiter, b'\n', quote, &bytes[at..]) {
                Some(length) if bytes[at + length] == quote => {
                    return broken(bytes, at, last, "Invalid quote formatting for CSV");
                }
                Some(length) => {
                    let end = at + length;
                    let contents = if bytes[end] == b'\n' {
                        without_return(bytes, at, end)
                    } else {
                        end
                    };
                    fields.push(at..contents);
                    end
                }
                None if !last => return Cut::Incomplete,
                None => {
                    fields.push(at..without_return(bytes, at, bytes.len()));
                    bytes.len()
                }
            }
        };
        match bytes.get(end) {
            Some(byte) if *byte == delimiter => at = end + 1,
            Some(_) => {
                return Cut::Record {
                    length: without_return(bytes, 0, end),
                    consumed: end + 1,
                    lines,
                    fault: None,
                };
            }
            None => {
                return Cut::Record {
                    length: end,
                    consumed: end,
                    lines,
                    fault: None,
                };
            }
        }
    }
}

enum Quoted {
    /// Up to the delimiter or the line end that follows it.
    Field {
        end: usize,
        lines: u64,
    },
    Incomplete,
    Broken,
}

fn quoted(
    bytes: &[u8],
    open: usize,
    last: bool,
    delimiter: u8,
    quote: u8,
    fields: &mut Fields,
) -> Quoted {
    let contents = open + 1;
    let unescaped_start = fields.unescaped.len();
    let mut copied = contents;
    let mut at = contents;
    let mut doubled = false;
    let close = loop {
        match memchr::memchr(quote, &bytes[at..]) {
            None => {
                return if last {
                    Quoted::Broken
                } else {
                    Quoted::Incomplete
                };
            }
            Some(length) => {
                let found = at + length;
                match bytes.get(found + 1) {
                    Some(next) if *next == quote => {
                        fields.unescaped.extend_from_slice(&bytes[copied..=found]);
                        doubled = true;
                        at = found + 2;
                        copied = at;
                    }
                    None if !last => return Quoted::Incomplete,
                    _ => break found,
                }
            }
        }
    };
    let lines = memchr::memchr_iter(b'\n', &bytes[contents..close]).count() as u64;
    let mut end = close + 1;
    while end < bytes.len() && matches!(bytes[end], b' ' | b'\t' | b'\r') && bytes[end] != delimiter
    {
        end += 1;
    }
    match bytes.get(end) {
        None if !last => return Quoted::Incomplete,
        Some(byte) if *byte != delimiter && *byte != b'\n' => return Quoted::Broken,
        _ => {}
    }
    if doubled {
        fields.unescaped.extend_from_slice(&bytes[copied..close]);
        fields.push_unescaped(unescaped_start, open..close + 1);
    } else {
        fields.spans.push(Span {
            range: contents..close,
            unescaped: false,
            raw: open..close + 1,
        });
    }
    Quoted::Field { end, lines }
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

fn text(bytes: &[u8], last: bool, options: &Options, fields: &mut Fields) -> Cut {
    let delimiter = options.delimiter;
    let mut at = 0;
    let mut lines = 0;
    loop {
        let end = if options.remove_quotes && matches!(bytes.get(at), Some(b'"' | b'\'')) {
            match enclosed(bytes, at, last, options, fields) {
                Quoted::Field { end, lines: inside } => {
                    lines += inside;
                    end
                }
                Quoted::Incomplete => return Cut::Incomplete,
                Quoted::Broken => return broken(bytes, at, last, "Delimiter not found"),
            }
        } else if options.escape {
            match escaped(bytes, at, last, fields, |byte| {
                byte == delimiter || byte == b'\n'
            }) {
                Some((end, inside)) => {
                    lines += inside;
                    end
                }
                None => return Cut::Incomplete,
            }
        } else {
            match memchr::memchr2(delimiter, b'\n', &bytes[at..]) {
                Some(length) => {
                    let end = at + length;
                    let contents = if bytes[end] == b'\n' {
                        without_return(bytes, at, end)
                    } else {
                        end
                    };
                    fields.push(at..contents);
                    end
                }
                None if !last => return Cut::Incomplete,
                None => {
                    fields.push(at..without_return(bytes, at, bytes.len()));
                    bytes.len()
                }
            }
        };
        match bytes.get(end) {
            Some(byte) if *byte == delimiter => at = end + 1,
            // A carriage return that was escaped is the last field's own.
            Some(_) => {
                let length = without_return(bytes, 0, end).max(fields.end());
                return Cut::Record {
                    length,
                    consumed: end + 1,
                    lines,
                    fault: None,
                };
            }
            None => {
                return Cut::Record {
                    length: end,
                    consumed: end,
                    lines,
                    fault: None,
                };
            }
        }
    }
}

/// A field in which a backslash keeps the character after it, up to where `ends` says. Returns its end and how many lines
/// end inside.
fn escaped(
    bytes: &[u8],
    start: usize,
    last: bool,
    fields: &mut Fields,
    ends: impl Fn(u8) -> bool,
) -> Option<(usize, u64)> {
    let unescaped_start = fields.unescaped.len();
    let mut at = start;
    let mut copied = start;
    let mut lines = 0;
    let mut any = false;
    while at < bytes.len() && !ends(bytes[at]) {
        if bytes[at] == b'\\' {
            match bytes.get(at + 1) {
                Some(next) => {
                    fields.unescaped.extend_from_slice(&bytes[copied..at]);
                    fields.unescaped.push(*next);
                    lines += u64::from(*next == b'\n');
                    any = true;
                    at += 2;
                    copied = at;
                    continue;
                }
                None if !last => return None,
                None => {}
            }
        }
        at += 1;
    }
    if at == bytes.len() && !last {
        return None;
    }
    let at_line_end = bytes.get(at).is_none_or(|byte| *byte == b'\n');
    let end = if at_line_end && copied < at {
        without_return(bytes, copied, at)
    } else {
        at
    };
    if any {
        fields.unescaped.extend_from_slice(&bytes[copied..end]);
        fields.push_unescaped(unescaped_start, start..end);
    } else {
        fields.push(start..end);
    }
    Some((at, lines))
}

/// A field in quotation marks that REMOVEQUOTES removes; they have to come in pairs.
fn enclosed(
    bytes: &[u8],
    open: usize,
    last: bool,
    options: &Options,
    fields: &mut Fields,
) -> Quoted {
    let mark = bytes[open];
    let closes = |at: usize| {
        bytes[at] == mark
            && match bytes.get(at + 1) {
                Some(b'\r') => bytes.get(at + 2).is_none_or(|byte| *byte == b'\n'),
                Some(byte) => *byte == options.delimiter || *byte == b'\n',
                None => last,
            }
    };
    let unescaped_start = fields.unescaped.len();
    let (mut at, mut copied, mut any, mut lines) = (open + 1, open + 1, false, 0);
    while at < bytes.len() {
        if options.escape && bytes[at] == b'\\' && at + 1 < bytes.len() {
            fields.unescaped.extend_from_slice(&bytes[copied..at]);
            fields.unescaped.push(bytes[at + 1]);
            lines += u64::from(bytes[at + 1] == b'\n');
            any = true;
            at += 2;
            copied = at;
        } else if closes(at) {
            if any {
                fields.unescaped.extend_from_slice(&bytes[copied..at]);
                fields.push_unescaped(unescaped_start, open..at + 1);
            } else {
                fields.spans.push(Span {
                    range: open + 1..at,
                    unescaped: false,
                    raw: open..at + 1,
                });
            }
            let end = if bytes.get(at + 1) == Some(&b'\r') {
                at + 2
            } else {
                at + 1
            };
            return Quoted::Field { end, lines };
        } else if bytes[at] == b'\n' {
            return Quoted::Broken;
        } else {
            at += 1;
        }
    }
    if last {
        Quoted::Broken
    } else {
        Quoted::Incomplete
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
            read("\"a\\\"|\\\nb\"|c\n", "removequotes escape"),
            [["a\"|\nb", "c"]]
        );
    }
}
