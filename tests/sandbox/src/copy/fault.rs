//! What is wrong with a row.

use std::borrow::Cow;

/// One of Redshift's load error codes, and the reason in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) code: i32,
    pub(super) reason: Cow<'static, str>,
}

impl Fault {
    pub(super) fn new(code: i32, reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            reason: reason.into(),
        }
    }

    pub(super) fn invalid_json() -> Self {
        Self::new(1216, "Invalid JSON: the document is not well-formed")
    }

    pub(super) fn not_an_object() -> Self {
        Self::new(1216, "Invalid JSONPath format: Member is not an object.")
    }

    pub(super) fn not_in_array() -> Self {
        Self::new(
            1216,
            "Invalid JSONPath format: Not an array or index out of range.",
        )
    }

    /// What a text of a Parquet file is told that its column cannot hold.
    pub(super) fn too_long(column: &str, defined: usize, found: usize) -> Self {
        Self::new(
            15007,
            format!(
                "The length of the data column {column} is longer than the length defined in the table. Table: \
                 {defined}, Data: {found}"
            ),
        )
    }

    pub(super) fn long_string(longest: usize) -> Self {
        Self::new(
            1224,
            format!("String value exceeds the max size of {longest} bytes"),
        )
    }

    /// Text that is no UTF-8 from `at` on.
    pub(super) fn invalid_text(value: &[u8], at: usize) -> Self {
        let (length, error) = utf8_error(&value[at..]);
        let bytes: Vec<_> = value[at..]
            .iter()
            .take(length)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Self::new(
            1220,
            format!(
                "String contains invalid or unsupported UTF8 codepoints. Bad UTF8 hex sequence: {} (error {error})",
                bytes.join(" ")
            ),
        )
    }

    pub(super) fn other_encoding(why: &str) -> Self {
        Self::new(
            1221,
            format!("The file is not in the encoding that the ENCODING argument says: {why}"),
        )
    }

    pub(super) fn stray_zero() -> Self {
        Self::new(1218, "Invalid null byte - field longer than 1 byte")
    }

    /// A zero byte ends a record of CSV, and then a line end has to follow.
    pub(super) fn missing_newline(record: &[u8], zero: usize) -> Self {
        let found = record.get(zero + 1).copied().unwrap_or_default();
        Self::new(
            1216,
            format!(
                "Missing newline: Unexpected character 0x{found:02x} found at location {}",
                zero + 1
            ),
        )
    }

    pub(super) fn extra_columns() -> Self {
        Self::new(1202, "Extra column(s) found")
    }

    pub(super) fn empty_line() -> Self {
        Self::new(1211, "Input line is empty")
    }

    pub(super) fn missing_columns() -> Self {
        Self::new(1214, "Delimiter not found")
    }

    pub(super) fn missing_value() -> Self {
        Self::new(1213, "Missing data for not-null field")
    }

    pub(super) fn invalid_digit(value: &[u8], at: usize, type_name: &str) -> Self {
        let found = String::from_utf8_lossy(&value[at..])
            .chars()
            .next()
            .map(String::from)
            .unwrap_or_default();
        Self::new(
            1207,
            format!("Invalid digit, Value '{found}', Pos {at}, Type: {type_name}"),
        )
    }

    pub(super) fn overflow(value: &[u8], type_name: &str) -> Self {
        Self::new(
            1222,
            format!(
                "Overflow, Value '{}', Type: {type_name}",
                String::from_utf8_lossy(value)
            ),
        )
    }
}

/// How long the sequence would be that these bytes begin, and AWS's number of what is wrong with it.
fn utf8_error(bytes: &[u8]) -> (usize, u8) {
    let first = bytes.first().copied().unwrap_or_default();
    let length = match first {
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf7 => 4,
        0xf8..=0xfb => return (5, 1),
        0xfc..=0xfd => return (6, 1),
        0x80.. => return (1, 3),
        // A zero byte.
        _ => return (1, 9),
    };
    let rest = &bytes[1..bytes.len().min(length)];
    let is_next = |byte: &u8| (0x80..0xc0).contains(byte);
    let error = if !rest.iter().all(is_next) {
        4
    } else if rest.len() < length - 1 {
        2
    } else {
        match (first, rest[0]) {
            (0xed, _) => 5,
            (0xf4.., _) => 8,
            // More bytes than the code point needs.
            _ => 9,
        }
    };
    (length, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text() {
        for (bytes, shown) in [
            (&b"\xf8\x88\x80\x80\x80"[..], "f8 88 80 80 80 (error 1)"),
            (b"\xe2\x82", "e2 82 (error 2)"),
            (b"\xa4x", "a4 (error 3)"),
            (b"\xff", "ff (error 3)"),
            (b"\xe9re", "e9 72 65 (error 4)"),
            (b"\xed\xa0\x80", "ed a0 80 (error 5)"),
            (b"\xf4\x90\x80\x80", "f4 90 80 80 (error 8)"),
            (b"\xc0\x80", "c0 80 (error 9)"),
        ] {
            let fault = Fault::invalid_text(bytes, 0);
            assert!(fault.reason.ends_with(shown), "{}", fault.reason);
        }
    }
}
