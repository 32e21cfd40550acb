//! What the statements COPY and UNLOAD share.

mod fixed_width;
mod json;
mod text;
mod unchecked;

use crate::error::OptionError;

pub(crate) use self::fixed_width::Widths;
pub(crate) use self::json::push_json_string;
pub(crate) use self::text::{Secrets, StatementText};
pub(crate) use self::unchecked::Unchecked;

/// A character that separates or quotes fields: ASCII, and nothing that ends a record.
pub(crate) fn separator(option: &'static str, character: char) -> Result<u8, OptionError> {
    match u8::try_from(character) {
        Ok(byte) if byte.is_ascii() && !matches!(byte, 0 | b'\n' | b'\r') => Ok(byte),
        _ => Err(OptionError::new(
            option,
            format!("{character:?}"),
            "one ASCII character other than NUL and line breaks",
        )),
    }
}
