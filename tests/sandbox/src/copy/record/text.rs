//! Delimited text, with ESCAPE and REMOVEQUOTES.

use super::fields::{Fields, Span};
use super::{Cut, Quoted, broken, without_return};
use crate::copy::options::Options;

pub(super) fn text(bytes: &[u8], last: bool, options: &Options, fields: &mut Fields) -> Cut {
    let delimiter = options.delimiter;
    let zero_ends = options.escape && delimiter != 0 && options.null != b"\0";
    let ends = |byte| byte == delimiter || byte == b'\n' || byte == 0 && zero_ends;
    let mut at = 0;
    let mut lines = 0;
    loop {
        let end = if options.remove_quotes && matches!(bytes.get(at), Some(b'"' | b'\'')) {
            match enclosed(bytes, at, last, options, zero_ends, fields) {
                Quoted::Field { end, lines: inside } => {
                    lines += inside;
                    end
                }
                Quoted::Incomplete => return Cut::Incomplete,
                Quoted::Broken => return broken(bytes, at, last, "Delimiter not found"),
            }
        } else if options.escape {
            match escaped(bytes, at, last, fields, ends) {
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
            Some(0) if zero_ends => return cut_short(bytes, end, last, lines),
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

/// A record that a zero byte ends: what follows in its line is lost.
fn cut_short(bytes: &[u8], end: usize, last: bool, lines: u64) -> Cut {
    let mut at = end;
    while bytes.get(at).is_some_and(|byte| *byte != b'\n') {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    if at >= bytes.len() && !last {
        return Cut::Incomplete;
    }
    let at = at.min(bytes.len());
    let lost = memchr::memchr_iter(b'\n', &bytes[end..at]).count() as u64;
    Cut::Record {
        length: end,
        consumed: bytes.len().min(at + 1),
        lines: lines + lost,
        fault: None,
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
                // Where it ends a record, nothing keeps it from doing so.
                Some(0) if ends(0) => {}
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
    zero_ends: bool,
    fields: &mut Fields,
) -> Quoted {
    let mark = bytes[open];
    let closes = |at: usize| {
        bytes[at] == mark
            && match bytes.get(at + 1) {
                Some(b'\r') => bytes.get(at + 2).map_or(last, |byte| *byte == b'\n'),
                Some(0) if zero_ends => true,
                Some(byte) => *byte == options.delimiter || *byte == b'\n',
                None => last,
            }
    };
    let unescaped_start = fields.unescaped.len();
    let (mut at, mut copied, mut any, mut lines) = (open + 1, open + 1, false, 0);
    while at < bytes.len() {
        let next = bytes.get(at + 1);
        let is_kept = next.is_some_and(|next| *next != 0 || !zero_ends);
        if options.escape && bytes[at] == b'\\' && is_kept {
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
        } else if bytes[at] == b'\n' || bytes[at] == 0 && zero_ends {
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
