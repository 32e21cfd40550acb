//! The arguments of parameters.

use crate::protocol::{SqlError, SqlResult};
use crate::sql::Cursor;

/// `ON`, `OFF` and their like, or nothing.
pub(crate) fn switch(cursor: &mut Cursor<'_>) -> Option<bool> {
    [
        ("on", true),
        ("true", true),
        ("off", false),
        ("false", false),
    ]
    .into_iter()
    .find(|(word, _)| cursor.accept(word))
    .map(|(_, is_on)| is_on)
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
        if option == "DELIMITER" && value.len() > 1 {
            return SqlError::not_imitated("DELIMITER of several characters");
        }
        SqlError::new(
            "22023",
            format!("{option} argument must be a single ASCII character"),
        )
    })
}

/// The string that means NULL. `'\N'` and `'\0'` are documented with one backslash.
pub(super) fn null_marker(cursor: &mut Cursor<'_>) -> SqlResult<Vec<u8>> {
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

pub(super) fn region(cursor: &mut Cursor<'_>) -> SqlResult<String> {
    let (region, _) = cursor.literal()?;
    let valid = !region.is_empty()
        && region
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if valid {
        Ok(region)
    } else {
        Err(SqlError::internal(format!(
            "The specified region '{region}' is invalid"
        )))
    }
}

pub(crate) fn number(
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

/// `'label:width,…'` of FIXEDWIDTH: the widths with their labels, which mean nothing.
pub(crate) fn widths(cursor: &mut Cursor<'_>) -> SqlResult<Vec<usize>> {
    cursor.accept("as");
    let (specification, _) = cursor.literal()?;
    specification
        .split(',')
        .map(|part| {
            part.split_once(':')
                .filter(|(label, _)| !label.trim().is_empty())
                .and_then(|(_, width)| width.trim().parse().ok())
                .filter(|width| *width > 0)
        })
        .collect::<Option<_>>()
        .ok_or_else(|| {
            SqlError::new(
                "22023",
                format!("FIXEDWIDTH argument '{specification}' is invalid: it is written 'label:width,…'"),
            )
        })
}
