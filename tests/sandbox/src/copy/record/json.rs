//! Documents, one after the other.

use super::Cut;
use crate::copy::fault::Fault;

/// What separates documents.
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// Finds the end of the document, or of the garbage, that `bytes` begin with. They do not begin with a blank.
pub(super) fn document(bytes: &[u8], last: bool) -> Cut {
    let Some(b'{' | b'[') = bytes.first() else {
        return garbage(bytes, last);
    };
    let (mut depth, mut in_text, mut at) = (0_usize, false, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if in_text => at += 1,
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => depth += 1,
            b'}' | b']' if !in_text => {
                depth -= 1;
                if depth == 0 {
                    return cut(bytes, at + 1, None);
                }
            }
            _ => {}
        }
        at += 1;
    }
    if last {
        cut(bytes, bytes.len(), Some(Fault::invalid_json()))
    } else {
        Cut::Incomplete
    }
}

/// Reading goes on at the next line, or at the next document if that comes first.
fn garbage(bytes: &[u8], last: bool) -> Cut {
    match memchr::memchr3(b'\n', b'{', b'[', bytes) {
        Some(end) => cut(bytes, end, Some(Fault::invalid_json())),
        None if last => cut(bytes, bytes.len(), Some(Fault::invalid_json())),
        None => Cut::Incomplete,
    }
}

fn cut(bytes: &[u8], length: usize, fault: Option<Fault>) -> Cut {
    Cut::Record {
        length,
        consumed: length,
        lines: memchr::memchr_iter(b'\n', &bytes[..length]).count() as u64,
        fault,
    }
}
