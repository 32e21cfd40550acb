//! The only place that quotes a string or an identifier.
//!
//! Redshift reads a backslash inside `'…'` as an escape, always: it has no `standard_conforming_strings`. A
//! quote is written twice, and so is a backslash; doubling quotes alone would let `\'` end the literal. The
//! server stores no NUL, so text with one is refused before it is sent.

/// Why a text cannot become part of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LiteralError {
    /// The text holds a NUL character, which neither the protocol nor Redshift can carry.
    #[error("the text has a NUL character (byte 0x00) at byte {at}; Redshift text cannot hold one")]
    Nul {
        /// The position of the NUL, counted in bytes from 0.
        at: usize,
    },
    /// An identifier is empty.
    #[error("an identifier is empty; it needs 1 to 127 bytes")]
    EmptyIdentifier,
    /// An identifier is longer than Redshift keeps.
    #[error(
        "an identifier has {bytes} bytes; Redshift would cut it silently after 127, so at most 127 are allowed"
    )]
    LongIdentifier {
        /// Its length in bytes.
        bytes: usize,
    },
}

fn refuse_nul(text: &str) -> Result<(), LiteralError> {
    // Plain loops over bytes: these texts are short, and a search has to be set up.
    match text.bytes().position(|byte| byte == 0) {
        Some(at) => Err(LiteralError::Nul { at }),
        None => Ok(()),
    }
}

/// Writes `text` as a string literal: `O'Brien` becomes `'O''Brien'`, `a\b` becomes `'a\\b'`.
pub(crate) fn push_string(sql: &mut String, text: &str) -> Result<(), LiteralError> {
    refuse_nul(text)?;
    sql.reserve(text.len() + 2);
    sql.push('\'');
    for character in text.chars() {
        if matches!(character, '\'' | '\\') {
            sql.push(character);
        }
        sql.push(character);
    }
    sql.push('\'');
    Ok(())
}

/// `text` as a string literal of its own.
pub(crate) fn string(text: &str) -> Result<String, LiteralError> {
    let mut sql = String::new();
    push_string(&mut sql, text)?;
    Ok(sql)
}

/// Writes one ASCII character as a literal, in the spelling that COPY and UNLOAD document for their options.
///
/// A control character is an escape with a single backslash: `'\t'`, octal `'\001'`, and `'\0'` for NUL. The
/// option reads that spelling itself, so nothing of it is doubled. Other characters are plain literals.
pub(crate) fn push_character(sql: &mut String, character: u8) {
    sql.push('\'');
    match character {
        0 => sql.push_str("\\0"),
        b'\t' => sql.push_str("\\t"),
        b'\'' | b'\\' => sql.extend([char::from(character); 2]),
        b' '..=b'~' => sql.push(char::from(character)),
        _ => {
            sql.push('\\');
            sql.extend([6, 3, 0].map(|shift| char::from(b'0' + ((character >> shift) & 7))));
        }
    }
    sql.push('\'');
}

/// Writes `identifier` in double quotes.
pub(crate) fn push_identifier(sql: &mut String, identifier: &str) -> Result<(), LiteralError> {
    refuse_nul(identifier)?;
    match identifier.len() {
        0 => return Err(LiteralError::EmptyIdentifier),
        1..=127 => {}
        bytes => return Err(LiteralError::LongIdentifier { bytes }),
    }
    sql.push('"');
    if identifier.bytes().any(|byte| byte == b'"') {
        sql.push_str(&identifier.replace('"', "\"\""));
    } else {
        sql.push_str(identifier);
    }
    sql.push('"');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_backslashes_are_doubled() {
        for (text, literal) in [
            ("", "''"),
            ("plain", "'plain'"),
            ("O'Brien", "'O''Brien'"),
            (r"a\b", r"'a\\b'"),
            (r"\'", r"'\\'''"),
            ("$1 $$ -- /* ;", "'$1 $$ -- /* ;'"),
            ("naïve 🦀\n", "'naïve 🦀\n'"),
        ] {
            assert_eq!(string(text).as_deref(), Ok(literal));
        }
    }

    #[test]
    fn a_nested_literal_is_escaped_once_per_level() {
        let inner = format!("select {}", string(r"O'B\c").expect("no NUL"));
        assert_eq!(string(&inner).as_deref(), Ok(r"'select ''O''''B\\\\c'''"));
    }

    #[test]
    fn single_characters_have_the_documented_spelling() {
        for (character, literal) in [
            (b'|', "'|'"),
            (b' ', "' '"),
            (b'\'', "''''"),
            (b'\\', r"'\\'"),
            (b'\t', r"'\t'"),
            (0, r"'\0'"),
            (1, r"'\001'"),
            (b'\n', r"'\012'"),
            (0x7f, r"'\177'"),
        ] {
            let mut sql = String::new();
            push_character(&mut sql, character);
            assert_eq!(sql, literal);
        }
    }

    #[test]
    fn nul_is_refused() {
        assert_eq!(string("a\0b"), Err(LiteralError::Nul { at: 1 }));
        assert_eq!(
            push_identifier(&mut String::new(), "a\0"),
            Err(LiteralError::Nul { at: 1 })
        );
    }

    #[test]
    fn identifiers_are_quoted_and_bounded() {
        let mut sql = String::new();
        push_identifier(&mut sql, "we\"ird").expect("allowed");
        assert_eq!(sql, "\"we\"\"ird\"");
        assert_eq!(
            push_identifier(&mut sql, ""),
            Err(LiteralError::EmptyIdentifier)
        );
        assert_eq!(
            push_identifier(&mut sql, &"é".repeat(64)),
            Err(LiteralError::LongIdentifier { bytes: 128 })
        );
    }
}
