//! The arguments of parameters.

use crate::protocol::{SqlError, SqlResult};
use crate::sql::Cursor;

/// `ON`, `OFF` and their like, or nothing.
pub(super) fn switch(cursor: &mut Cursor<'_>) -> bool {
    ["on", "off", "true", "false"]
        .iter()
        .any(|word| cursor.accept(word))
}

/// One ASCII character; `\t` and octal numbers may also arrive with their backslash.
pub(crate) fn character(cursor: &mut Cursor<'_>, option: &str) -> SqlResult<u8> {
    let (value, _) = cursor.literal()?;
    let byte = match value.as_bytes() {
        [byte] if byte.is_ascii() => Some(*byte),
        b"\\t" => Some(b'\t'),
        [b'\\', digits @ ..] if (1..=3).contains(&digits.len()) => std::str::from_utf8(digits)
            .ok()
            .and_then(|digits| u8::from_str_radix(digits, 8).ok())
            .filter(u8::is_ascii),
        _ => None,
    };
    byte.ok_or_else(|| {
        SqlError::new(
            "22023",
            format!("{option} argument must be a single ASCII character"),
        )
    })
}

/// The string that means NULL. `'\N'` and `'\0'` are documented with one backslash.
pub(crate) fn null_marker(cursor: &mut Cursor<'_>) -> SqlResult<Vec<u8>> {
    let (value, raw) = cursor.literal()?;
    let marker = match raw {
        "\\N" => "\\N",
        "\\0" | "\\000" | "\\\\0" | "\\\\000" => "\0",
        _ => &value,
    };
    if marker.contains('\n') {
        return Err(SqlError::new(
            "22023",
            "NULL argument cannot contain a newline",
        ));
    }
    Ok(marker.as_bytes().to_vec())
}

pub(crate) fn check_region(region: &str) -> SqlResult<()> {
    let valid = !region.is_empty()
        && region
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if valid {
        Ok(())
    } else {
        Err(SqlError::internal(format!(
            "The specified region '{region}' is invalid"
        )))
    }
}

pub(super) fn number(
    cursor: &mut Cursor<'_>,
    option: &str,
    least: i64,
    most: i64,
) -> SqlResult<u64> {
    let value = cursor.integer()?;
    if !(least..=most).contains(&value) {
        let message = format!(
            "{option} argument {value} is out of range: it must be between {least} and {most}"
        );
        return Err(SqlError::new("22023", message));
    }
    Ok(value.unsigned_abs())
}
