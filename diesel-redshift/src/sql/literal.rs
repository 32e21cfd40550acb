//! The only place that quotes a string or an identifier.
//!
//! Redshift reads a backslash inside `'…'` as an escape, always: it has no
//! `standard_conforming_strings`. A quote is written twice, and so is a backslash; doubling quotes
//! alone would let `\'` end the literal. The server stores no NUL, so text with one is refused
//! before it is sent.

use crate::error::InvalidValue;

/// What a text with a NUL, which neither the protocol nor Redshift can carry, is refused with. It
/// may be a secret.
pub(crate) fn nul_at(byte: usize) -> InvalidValue {
    InvalidValue::hidden(
        "text",
        format!("no NUL character (0x00), which Redshift cannot hold; there is one at byte {byte}"),
    )
}

fn refuse_nul(text: &str) -> Result<(), InvalidValue> {
    // Plain loops over bytes: these texts are short, and a search has to be set up.
    match text.bytes().position(|byte| byte == 0) {
        Some(at) => Err(nul_at(at)),
        None => Ok(()),
    }
}

/// Writes `text` as a string literal: `O'Brien` becomes `'O''Brien'`, `a\b` becomes `'a\\b'`.
pub(crate) fn push_string(sql: &mut String, text: &str) -> Result<(), InvalidValue> {
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
pub(crate) fn string(text: &str) -> Result<String, InvalidValue> {
    let mut sql = String::new();
    push_string(&mut sql, text)?;
    Ok(sql)
}

/// The characters of the value of a string literal, each with the byte at which the literal spells
/// it.
///
/// `literal` is text that the lexer calls a string; nothing need close it.
pub(crate) fn characters(literal: &str) -> impl Iterator<Item = (usize, char)> {
    let mut rest = literal.char_indices().skip(1).peekable();
    std::iter::from_fn(move || {
        let (at, character) = rest.next()?;
        match character {
            '\'' => rest.next_if(|(_, next)| *next == '\'').map(|_| (at, '\'')),
            '\\' => {
                let (_, escaped) = rest.next()?;
                let mut number = |radix, longest, mut value: u32| {
                    for _ in 0..longest {
                        let digit = rest.next_if(|(_, next)| next.is_digit(radix));
                        let Some((_, digit)) = digit else { break };
                        value = value * radix + digit.to_digit(radix).unwrap_or_default();
                    }
                    char::from((value & 0xff) as u8)
                };
                let character = match escaped {
                    'b' => '\u{8}',
                    'f' => '\u{c}',
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    '0'..='7' => number(8, 2, escaped.to_digit(8).unwrap_or_default()),
                    'x' => match number(16, 2, 0) {
                        '\0' => 'x',
                        character => character,
                    },
                    _ => escaped,
                };
                Some((at, character))
            }
            _ => Some((at, character)),
        }
    })
}

/// Writes one ASCII character as a literal, in the spelling that COPY and UNLOAD document for their
/// options.
///
/// A control character is an escape with a single backslash: `'\t'`, octal `'\001'`, and `'\0'` for
/// NUL. The option reads that spelling itself, so nothing of it is doubled. Other characters are
/// plain literals.
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

fn wrong_length(identifier: &str) -> InvalidValue {
    InvalidValue::new(
        "identifier",
        format!("{identifier:?}"),
        "1 to 127 bytes, after which Redshift would cut it silently",
    )
}

/// Writes `identifier` in double quotes.
pub(crate) fn push_identifier(sql: &mut String, identifier: &str) -> Result<(), InvalidValue> {
    refuse_nul(identifier)?;
    if !(1..=127).contains(&identifier.len()) {
        return Err(wrong_length(identifier));
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
    use proptest::prelude::*;

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
    fn a_literal_is_read_back() {
        for (literal, value) in [
            ("''", ""),
            ("'it''s'", "it's"),
            (r"'\'\\\n\N\101\47\x41\xg'", "'\\\nNA'Axg"),
            ("'open", "open"),
            ("'é🦀'", "é🦀"),
            (r"'open\", "open"),
        ] {
            let read: String = characters(literal)
                .map(|(_, character)| character)
                .collect();
            assert_eq!(read, value, "{literal}");
        }
        let at: Vec<_> = characters(r"'a''\n\101é'").map(|(at, _)| at).collect();
        assert_eq!(at, [1, 2, 4, 6, 10]);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(text in "[^\0]*") {
            let literal = string(&text).expect("no NUL");
            let read: String = characters(&literal).map(|(_, character)| character).collect();
            prop_assert_eq!(read, text);
        }
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
        assert_eq!(string("a\0b"), Err(nul_at(1)));
        assert_eq!(push_identifier(&mut String::new(), "a\0"), Err(nul_at(1)));
    }

    #[test]
    fn identifiers_are_quoted_and_bounded() {
        let mut sql = String::new();
        push_identifier(&mut sql, "we\"ird").expect("allowed");
        assert_eq!(sql, "\"we\"\"ird\"");
        assert_eq!(push_identifier(&mut sql, ""), Err(wrong_length("")));
        assert_eq!(
            push_identifier(&mut sql, &"é".repeat(64)),
            Err(wrong_length(&"é".repeat(64)))
        );
    }
}
