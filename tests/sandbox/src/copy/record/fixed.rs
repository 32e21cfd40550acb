//! Fields of fixed widths.

use super::{Cut, Fields, without_return};

/// A line's characters belong to the fields by their number; what is left over makes one field more.
pub(super) fn fixed(bytes: &[u8], last: bool, widths: &[usize], fields: &mut Fields) -> Cut {
    let (end, consumed) = match memchr::memchr(b'\n', bytes) {
        Some(end) => (without_return(bytes, 0, end), end + 1),
        None if last => (without_return(bytes, 0, bytes.len()), bytes.len()),
        None => return Cut::Incomplete,
    };
    let line = &bytes[..end];
    let mut at = 0;
    for width in widths {
        if at >= end {
            break;
        }
        let stop = after(line, at, *width);
        fields.push(at..stop);
        at = stop;
    }
    if at < end {
        fields.push(at..end);
    }
    Cut::Record {
        length: end,
        consumed,
        lines: 0,
        fault: None,
    }
}

/// Where the so-many-th character from `at` ends. Bytes that are no UTF-8 count as a character each.
fn after(line: &[u8], mut at: usize, width: usize) -> usize {
    for _ in 0..width {
        if at >= line.len() {
            break;
        }
        let length = match line[at] {
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            _ => 1,
        };
        let whole = line
            .get(at..at + length)
            .is_some_and(|character| std::str::from_utf8(character).is_ok());
        at += if whole { length } else { 1 };
    }
    at
}
