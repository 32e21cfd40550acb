//! Texts, and what is written as one: JSON and bytes.

use crate::copy::fault::Fault;
use crate::copy::json as documents;
use crate::copy::options::Options;

pub(super) fn char(
    value: &[u8],
    length: usize,
    options: &Options,
    out: &mut Vec<u8>,
) -> Result<(), Fault> {
    if let Some(bad) = value.iter().position(|byte| !byte.is_ascii() || *byte == 0) {
        let bytes: Vec<_> = value[bad..]
            .iter()
            .take(4)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        return Err(Fault::new(
            1220,
            format!(
                "Multibyte character not supported for CHAR (Hint: try using VARCHAR). Invalid char: {}",
                bytes.join(" ")
            ),
        ));
    }
    let value = match value.get(..length) {
        Some(cut) if value.len() > length => {
            if !options.truncate_columns {
                return Err(Fault::new(1204, "Char length exceeds DDL length"));
            }
            cut
        }
        _ => value,
    };
    escape(value, out);
    Ok(())
}

pub(super) fn varchar(
    value: &[u8],
    length: usize,
    options: &Options,
    out: &mut Vec<u8>,
    replaced: &mut u64,
) -> Result<(), Fault> {
    let mut value = if options.trim_blanks {
        value.trim_ascii_end()
    } else {
        value
    };
    let repaired;
    if let Some(zero) = memchr::memchr(0, value) {
        // It is UTF-8, which ACCEPTINVCHARS does not replace.
        return Err(Fault::invalid_text(value, zero));
    }
    match options.replacement {
        // A zero byte is UTF-8, which ACCEPTINVCHARS does not replace.
        None => valid_text(value).map_err(|bad| Fault::invalid_text(value, bad))?,
        Some(replacement) if !value.is_ascii() => {
            repaired = repair(value, replacement);
            *replaced += u64::from(repaired != value);
            value = &repaired;
        }
        Some(_) => {}
    }
    if value.len() > length {
        if !options.truncate_columns {
            return Err(Fault::new(1204, "String length exceeds DDL length"));
        }
        let text = std::str::from_utf8(value).unwrap_or_default();
        let cut = (0..=length)
            .rev()
            .find(|at| text.is_char_boundary(*at))
            .unwrap_or(0);
        value = &value[..cut];
    }
    escape(value, out);
    Ok(())
}

pub(super) fn json(value: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
    if !documents::is_valid(value) {
        return Err(Fault::new(
            1224,
            "The value is not well-formed JSON for a SUPER column",
        ));
    }
    escape(value, out);
    Ok(())
}

/// TRUNCATECOLUMNS is for CHAR and VARCHAR only.
pub(super) fn hex(value: &[u8], length: usize, out: &mut Vec<u8>) -> Result<(), Fault> {
    if let Some(bad) = value.iter().position(|digit| !digit.is_ascii_hexdigit()) {
        return Err(Fault::invalid_digit(value, bad, "Varbyte"));
    }
    if !value.len().is_multiple_of(2) {
        return Err(Fault::invalid_digit(value, value.len(), "Varbyte"));
    }
    if value.len() > 2 * length {
        return Err(Fault::new(1204, "Varbyte length exceeds DDL length"));
    }
    out.extend(value.iter().map(u8::to_ascii_lowercase));
    Ok(())
}

/// GEOMETRY and GEOGRAPHY, of which PostgreSQL's side reads all but the digits, and refuses text that begins with a word.
pub(super) fn ewkb(value: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
    let is_word = value.first().is_some_and(|byte| byte.is_ascii_alphabetic());
    let bad = value.iter().position(|digit| !digit.is_ascii_hexdigit());
    match bad {
        Some(bad) if !is_word => return Err(Fault::invalid_digit(value, bad, "Geometry")),
        None if !value.len().is_multiple_of(2) => {
            return Err(Fault::invalid_digit(value, value.len(), "Geometry"));
        }
        _ => {}
    }
    escape(value, out);
    Ok(())
}

/// HLLSKETCH: JSON, or Base64.
pub(super) fn sketch(value: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
    if value.starts_with(b"{") && !documents::is_valid(value) {
        return Err(Fault::new(
            1224,
            "The value is not well-formed JSON for an HLLSKETCH column",
        ));
    }
    escape(value, out);
    Ok(())
}

/// Or where it is no UTF-8.
fn valid_text(value: &[u8]) -> Result<(), usize> {
    match std::str::from_utf8(value) {
        Err(error) if !value.is_ascii() => Err(error.valid_up_to()),
        _ => Ok(()),
    }
}

/// Every byte of what is invalid becomes the replacement; the length stays. Code points that are no characters load as
/// they are, but for ACCEPTINVCHARS they are invalid.
fn repair(value: &[u8], replacement: u8) -> Vec<u8> {
    let mut repaired = Vec::with_capacity(value.len());
    for chunk in value.utf8_chunks() {
        for (at, character) in chunk.valid().char_indices() {
            let length = character.len_utf8();
            if is_no_character(character) {
                repaired.resize(repaired.len() + length, replacement);
            } else {
                repaired.extend_from_slice(&chunk.valid().as_bytes()[at..at + length]);
            }
        }
        repaired.resize(repaired.len() + chunk.invalid().len(), replacement);
    }
    repaired
}

fn is_no_character(character: char) -> bool {
    let code = u32::from(character);
    (0xfdd0..=0xfdef).contains(&code) || code & 0xfffe == 0xfffe
}

/// Writes text as PostgreSQL's COPY reads it.
pub(in crate::copy) fn escape(value: &[u8], out: &mut Vec<u8>) {
    let special = value.iter().fold(false, |special, byte| {
        special | (*byte == b'\\') | (*byte < b' ')
    });
    if !special {
        out.extend_from_slice(value);
        return;
    }
    for byte in value {
        match byte {
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            _ => out.push(*byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{code, written};
    use crate::copy::column::Type;

    #[test]
    fn text_is_measured_in_bytes() {
        assert_eq!(
            written(&Type::Varchar(4), "äö".as_bytes(), "").expect("valid"),
            "äö"
        );
        assert_eq!(code(&Type::Varchar(3), "äö".as_bytes(), ""), 1204);
        assert_eq!(
            written(&Type::Varchar(3), "äö".as_bytes(), "truncatecolumns").expect("valid"),
            "ä"
        );
        assert_eq!(
            written(&Type::Varchar(9), b"a\\b\tc\nd", "").expect("valid"),
            "a\\\\b\\tc\\nd"
        );
        assert_eq!(
            written(&Type::Varchar(9), b"a  ", "trimblanks").expect("valid"),
            "a"
        );
        assert_eq!(code(&Type::Varchar(9), b"a\xffb", ""), 1220);
        assert_eq!(
            written(&Type::Varchar(9), b"a\xff\xfeb", "acceptinvchars").expect("valid"),
            "a??b"
        );
        assert_eq!(
            written(&Type::Varchar(9), b"a\xffb", "acceptinvchars '^'").expect("valid"),
            "a^b"
        );
        assert_eq!(
            written(&Type::Varchar(9), "a\u{fdd0}\u{fffe}".as_bytes(), "").expect("valid"),
            "a\u{fdd0}\u{fffe}"
        );
        assert_eq!(
            written(
                &Type::Varchar(99),
                "a\u{fdcf}\u{fdd0}\u{fdef}\u{fdf0}\u{fffd}\u{1ffff}b".as_bytes(),
                "acceptinvchars"
            )
            .expect("valid"),
            "a\u{fdcf}??????\u{fdf0}\u{fffd}????b"
        );
        assert_eq!(code(&Type::Varchar(9), b"a\0b", ""), 1220);
        assert_eq!(code(&Type::Varchar(9), b"a\0b", "acceptinvchars"), 1220);
        assert_eq!(code(&Type::Char(9), "ä".as_bytes(), ""), 1220);
        assert_eq!(code(&Type::Char(1), b"ab", ""), 1204);
        assert_eq!(code(&Type::Varbyte(1), b"6162", "truncatecolumns"), 1204);
    }
}
