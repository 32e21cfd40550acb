//! JSON documents as rows.

mod path;

use std::borrow::Cow;
use std::fmt;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::column::{Column, Type};
use super::fault::Fault;
use super::format::Shredding;
use super::record::Fields;
use crate::protocol::{SqlError, SqlResult};
use crate::s3::S3;
use path::Path;

/// Finds the values of the columns in a document.
pub(super) struct Shredder {
    rule: Rule,
    /// For every column, whether it takes JSON as it is.
    supers: Vec<bool>,
    invalid: Option<u8>,
}

enum Rule {
    Names { names: Vec<String>, any_case: bool },
    Whole,
    Paths(Vec<Path>),
}

impl Shredder {
    /// `invalid` is what ACCEPTINVCHARS puts for a byte that is no UTF-8.
    pub(super) fn new(
        shredding: &Shredding,
        columns: &[Column],
        invalid: Option<u8>,
        store: &S3<'_>,
        query: i32,
    ) -> SqlResult<Self> {
        let names = |any_case: bool| Rule::Names {
            names: columns
                .iter()
                .map(|column| {
                    if any_case {
                        column.name.to_lowercase()
                    } else {
                        column.name.clone()
                    }
                })
                .collect(),
            any_case,
        };
        let rule = match shredding {
            Shredding::Auto => names(false),
            Shredding::AutoIgnoreCase => names(true),
            Shredding::NoShred => match columns {
                [column] if column.kind == Type::Super => Rule::Whole,
                _ => {
                    return Err(SqlError::unsupported(
                        "JSON 'noshred' needs a target of exactly one SUPER column",
                    ));
                }
            },
            Shredding::Paths(uri) => match path::load(store, uri, query)? {
                None => names(false),
                Some(paths) if paths.len() == columns.len() => Rule::Paths(paths),
                Some(paths) => {
                    let text = format!(
                        "Number of jsonpaths and the number of columns should match. JSONPath size: {}, Number of \
                         columns in table or column list: {}",
                        paths.len(),
                        columns.len()
                    );
                    return Err(SqlError::internal(&text).boxed(8001, &text, uri, query));
                }
            },
        };
        Ok(Self {
            rule,
            supers: columns
                .iter()
                .map(|column| column.kind == Type::Super)
                .collect(),
            invalid,
        })
    }

    /// Puts the value of every column into `fields`. A fault comes with its column if it has one.
    pub(super) fn shred(
        &self,
        document: &[u8],
        fields: &mut Fields,
        replaced: &mut u64,
    ) -> Result<(), (Fault, Option<usize>)> {
        let whole = |fault| (fault, None);
        let text = match std::str::from_utf8(document) {
            Ok(text) => Cow::Borrowed(text),
            Err(error) => {
                let Some(invalid) = self.invalid else {
                    return Err(whole(Fault::invalid_text(document, error.valid_up_to())));
                };
                *replaced += 1;
                Cow::Owned(readable(document, invalid))
            }
        };
        let value: &RawValue =
            serde_json::from_str(&text).map_err(|_| whole(Fault::invalid_json()))?;
        match &self.rule {
            Rule::Whole => self.push(0, Some(value), fields).map_err(whole)?,
            Rule::Paths(paths) => {
                for (at, path) in paths.iter().enumerate() {
                    let found = path.find(value).map_err(|fault| (fault, Some(at)))?;
                    self.push(at, found, fields)
                        .map_err(|fault| (fault, Some(at)))?;
                }
            }
            Rule::Names { names, any_case } => {
                if !text.starts_with('{') {
                    return Err(whole(Fault::not_an_object()));
                }
                let mut found = vec![None; names.len()];
                members(value, |key, value| {
                    let at = if *any_case {
                        let key = key.to_lowercase();
                        names.iter().position(|name| *name == key)
                    } else {
                        names.iter().position(|name| name == key)
                    };
                    if let Some(at) = at {
                        found[at] = Some(value);
                    }
                })
                .map_err(|_| whole(Fault::invalid_json()))?;
                for (at, value) in found.into_iter().enumerate() {
                    self.push(at, value, fields)
                        .map_err(|fault| (fault, Some(at)))?;
                }
            }
        }
        Ok(())
    }

    fn push(&self, at: usize, value: Option<&RawValue>, fields: &mut Fields) -> Result<(), Fault> {
        match value.map(RawValue::get) {
            None => fields.push_value(None),
            // A SUPER has a null of its own.
            Some("null") if !self.supers[at] => fields.push_value(None),
            Some(text) if text.starts_with('"') && !self.supers[at] => {
                let text: Cow<'_, str> =
                    serde_json::from_str(text).map_err(|_| Fault::invalid_json())?;
                // A zero byte ends the text.
                let text = match text.split_once('\0') {
                    Some(("", rest)) if !rest.is_empty() => return Err(Fault::stray_zero()),
                    Some((text, _)) => text,
                    None => &text,
                };
                fields.push_value(Some(text.as_bytes()));
            }
            Some(text) => fields.push_value(Some(text.as_bytes())),
        }
        Ok(())
    }
}

/// Every byte that is no UTF-8 becomes `invalid`.
fn readable(bytes: &[u8], invalid: u8) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::from(invalid)));
    }
    text
}

/// Gives the members of an object, in their order.
fn members<'a>(
    object: &'a RawValue,
    each: impl FnMut(&str, &'a RawValue),
) -> serde_json::Result<()> {
    struct Members<F>(F);

    impl<'de, F: FnMut(&str, &'de RawValue)> Visitor<'de> for Members<F> {
        type Value = ();

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("an object")
        }

        fn visit_map<M: MapAccess<'de>>(mut self, mut map: M) -> Result<(), M::Error> {
            while let Some(key) = map.next_key::<Cow<'de, str>>()? {
                let value = map.next_value()?;
                (self.0)(&key, value);
            }
            Ok(())
        }
    }

    let mut reader = serde_json::Deserializer::from_str(object.get());
    serde::Deserializer::deserialize_map(&mut reader, Members(each))
}

/// The length of what is one JSON string, and nothing of anything else.
pub(super) fn string_length(text: &[u8]) -> usize {
    match serde_json::from_slice::<Cow<'_, str>>(text) {
        Ok(string) if text.starts_with(b"\"") => string.len(),
        _ => 0,
    }
}

/// Whether the text is one JSON value that a SUPER can hold.
pub(super) fn is_valid(text: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(text).is_ok() && has_only_values(text)
}

/// Whether all strings of well-formed JSON are text, which half a character and a zero byte are not, and all its numbers
/// are finite.
fn has_only_values(json: &[u8]) -> bool {
    let (mut at, mut in_string) = (0, false);
    while let Some(byte) = json.get(at) {
        match byte {
            b'"' => in_string = !in_string,
            b'\\' if json.get(at + 1) == Some(&b'u') => match escaped_length(&json[at..]) {
                Some(length) => {
                    at += length;
                    continue;
                }
                None => return false,
            },
            b'\\' => at += 1,
            b'-' | b'0'..=b'9' if !in_string => {
                let is_part = |byte: &&u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
                let length = json[at..].iter().take_while(is_part).count();
                let number = std::str::from_utf8(&json[at..at + length]).unwrap_or_default();
                if !number.parse::<f64>().is_ok_and(f64::is_finite) {
                    return false;
                }
                at += length;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    true
}

/// The length of an escape by number, or of two that make one character.
fn escaped_length(escape: &[u8]) -> Option<usize> {
    const LENGTH: usize = 6;
    let unit = |escape: &[u8]| {
        let digits = escape
            .get(2..LENGTH)
            .filter(|_| escape.starts_with(b"\\u"))?;
        u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    match unit(escape)? {
        0 => None,
        first @ 0xd800..0xe000 => {
            let pair = [first, unit(&escape[LENGTH..])?];
            char::decode_utf16(pair).next()?.ok()?;
            Some(2 * LENGTH)
        }
        _ => Some(LENGTH),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_super_holds() {
        for text in [
            r#"{"a": [1, -1.5e300, "1e999", true, null], "\\u0000": "\ud83d\ude00\u00e9\n"}"#,
            r#""\\""#,
            "123456789012345678901234567890",
            "1e-400",
        ] {
            assert!(is_valid(text.as_bytes()), "{text}");
        }
        for text in [
            "",
            "x",
            "1 2",
            r#""\u0000""#,
            r#"{"a\u0000": 1}"#,
            r#""\ud83d""#,
            r#""\ud83dx""#,
            r#""\ud83d\u0041""#,
            r#""\ude00""#,
            "1e400",
            "[-1e400]",
        ] {
            assert!(!is_valid(text.as_bytes()), "{text}");
        }
    }
}
