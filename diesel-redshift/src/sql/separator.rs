//! Characters that separate or quote fields.

use crate::error::InvalidValue;

/// A character that separates or quotes fields: ASCII, and nothing that ends a record.
pub(crate) fn separator(option: &'static str, character: char) -> Result<u8, InvalidValue> {
    match u8::try_from(character) {
        Ok(byte) if byte.is_ascii() && !matches!(byte, 0 | b'\n' | b'\r') => Ok(byte),
        _ => Err(InvalidValue::new(
            option,
            format!("{character:?}"),
            "one ASCII character other than NUL and line breaks",
        )),
    }
}
