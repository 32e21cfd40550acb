//! Delimited text, with ESCAPE and REMOVEQUOTES.

use super::fields::{Fields, Span};
use super::{Cut, Quoted, broken, without_return};
use crate::copy::options::Options;

pub(super) fn text(bytes: &[u8], last: bool, options: &Options, fields: &mut Fields) -> Cut {
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
                Some(b'\r') => bytes.get(at + 2).map_or(last, |byte| *byte == b'\n'),
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
                    is_null: false,
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
