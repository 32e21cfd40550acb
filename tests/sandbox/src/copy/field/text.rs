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
    if let Err(bad) = valid_text(value) {
        let Some(replacement) = options.replacement else {
            return Err(Fault::invalid_text(value, bad));
        };
        repaired = repair(value, replacement);
        *replaced += 1;
        value = &repaired;
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

pub(super) fn hex(
    value: &[u8],
    length: usize,
    options: &Options,
    out: &mut Vec<u8>,
) -> Result<(), Fault> {
    if let Some(bad) = value.iter().position(|digit| !digit.is_ascii_hexdigit()) {
        return Err(Fault::invalid_digit(value, bad, "Varbyte"));
    }
    if !value.len().is_multiple_of(2) {
        return Err(Fault::invalid_digit(value, value.len(), "Varbyte"));
    }
    let value = match value.get(..2 * length) {
        Some(cut) if value.len() > 2 * length => {
            if !options.truncate_columns {
                return Err(Fault::new(1204, "Varbyte length exceeds DDL length"));
            }
            cut
        }
        _ => value,
    };
    out.extend(value.iter().map(u8::to_ascii_lowercase));
    Ok(())
}

/// Or where it is no UTF-8, or holds a zero byte.
fn valid_text(value: &[u8]) -> Result<(), usize> {
    if !value.is_ascii()
        && let Err(error) = std::str::from_utf8(value)
    {
        return Err(error.valid_up_to());
    }
    memchr::memchr(0, value).map_or(Ok(()), Err)
}

/// Every invalid byte becomes the replacement; the length stays.
fn repair(value: &[u8], replacement: u8) -> Vec<u8> {
    let mut repaired = Vec::with_capacity(value.len());
    for chunk in value.utf8_chunks() {
        repaired.extend(
            chunk
                .valid()
                .bytes()
                .map(|byte| if byte == 0 { replacement } else { byte }),
        );
        repaired.resize(repaired.len() + chunk.invalid().len(), replacement);
    }
    repaired
}

/// Writes text as PostgreSQL's COPY reads it.
fn escape(value: &[u8], out: &mut Vec<u8>) {
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
        assert_eq!(code(&Type::Char(9), "ä".as_bytes(), ""), 1220);
        assert_eq!(code(&Type::Char(1), b"ab", ""), 1204);
    }
}
