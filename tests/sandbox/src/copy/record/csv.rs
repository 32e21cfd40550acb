//! CSV.

use super::fields::{Fields, Span};
use super::{Cut, Quoted, broken, without_return};

pub(super) fn csv(bytes: &[u8], last: bool, delimiter: u8, quote: u8, fields: &mut Fields) -> Cut {
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
            is_null: false,
        });
    }
    Quoted::Field { end, lines }
}
