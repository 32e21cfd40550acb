//! The JSONPaths file, which says which value of a document goes to which column.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use super::push_json_string;
use crate::error::InvalidValue;

const OPTION: &str = "JSONPaths";
const ALLOWED: &str = "paths such as `$.user.names[0]`, `$['user']['names'][0]` and `$`";

/// The path of a value in a JSON or Avro document.
///
/// It starts with `$`, the document; `.name` and `['name']` go to a member, `[0]` to an element,
/// counted from 0. There are no wildcards and filters, and Redshift knows no quote in a name.
///
/// ```
/// use diesel_redshift::copy::JsonPath;
///
/// const NAME: JsonPath = JsonPath::from_static("$.user.names[0]");
/// assert_eq!(NAME.to_string(), "$['user']['names'][0]");
/// assert!("$.*".parse::<JsonPath>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct JsonPath(Cow<'static, str>);

impl JsonPath {
    /// Reads a path.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] unless it is one.
    pub fn parse(path: &str) -> Result<Self, InvalidValue> {
        if is_path(path) {
            Ok(Self(Cow::Owned(path.to_owned())))
        } else {
            Err(InvalidValue::new(OPTION, format!("{path:?}"), ALLOWED))
        }
    }

    /// Takes a path that stands in the program, also in a constant.
    ///
    /// # Panics
    ///
    /// When it is no path as [`JsonPath::parse`] takes it; a constant then does not compile.
    pub const fn from_static(path: &'static str) -> Self {
        if is_path(path) {
            Self(Cow::Borrowed(path))
        } else {
            panic!("a JSON path is such as `$.user.names[0]`, `$['user']['names'][0]` and `$`")
        }
    }

    /// The member `name` of the document.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] when the name is empty or holds a quote.
    pub fn member(name: &str) -> Result<Self, InvalidValue> {
        Self::parse(&format!("$['{name}']"))
    }
}

/// Splits the first step off the part of a path behind `$`: the step's name or index, and the rest.
const fn step(path: &[u8]) -> Option<(&[u8], &[u8])> {
    let (end, start): (&[u8], &[u8]) = match path {
        [b'.', rest @ ..] => (b"", rest),
        [b'[', b'\'', rest @ ..] => (b"']", rest),
        [b'[', rest @ ..] => (b"]", rest),
        _ => return None,
    };
    let is_index = end.len() == 1;
    let mut rest = start;
    while let [byte, tail @ ..] = rest {
        let ends = match end {
            [] => matches!(byte, b'.' | b'['),
            [b']'] => *byte == b']',
            _ => *byte == b'\'',
        };
        if ends {
            break;
        }
        let allowed = match end {
            [] => !matches!(byte, b'\'' | b'"' | b']' | b'*' | b'?' | b'@' | b'('),
            [b']'] => byte.is_ascii_digit(),
            _ => true,
        };
        if !allowed {
            return None;
        }
        rest = tail;
    }
    let (name, rest) = start.split_at(start.len() - rest.len());
    if name.is_empty() {
        return None;
    }
    match (end.len(), rest) {
        (0, _) => Some((name, rest)),
        (1, [b']', rest @ ..]) if is_index => Some((name, rest)),
        (2, [b'\'', b']', rest @ ..]) => Some((name, rest)),
        _ => None,
    }
}

const fn is_path(path: &str) -> bool {
    let [b'$', rest @ ..] = path.as_bytes() else {
        return false;
    };
    let mut rest = rest;
    while !rest.is_empty() {
        match step(rest) {
            Some((_, tail)) => rest = tail,
            None => return false,
        }
    }
    true
}

impl FromStr for JsonPath {
    type Err = InvalidValue;

    fn from_str(path: &str) -> Result<Self, InvalidValue> {
        Self::parse(path)
    }
}

crate::sql::from_text!(JsonPath);

/// In brackets throughout: a JSONPaths file cannot mix them with dots.
impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("$")?;
        let mut rest = &self.0.as_bytes()[1..];
        while let Some((name, tail)) = step(rest) {
            let is_index = rest.starts_with(b"[") && !rest.starts_with(b"['");
            let name = String::from_utf8_lossy(name);
            if is_index {
                write!(f, "[{name}]")?;
            } else {
                write!(f, "['{name}']")?;
            }
            rest = tail;
        }
        Ok(())
    }
}

/// A JSONPaths file: a path for each column of a COPY, in their order.
///
/// Write [`to_json`](JsonPaths::to_json) to S3, not under the prefix of the data, and load with
/// [`Json::paths`](crate::copy::Json::paths) or [`Avro::paths`](crate::copy::Avro::paths).
/// [`RedshiftCopy::json_paths`](crate::copy::RedshiftCopy::json_paths) makes it from a struct.
///
/// ```
/// use diesel_redshift::copy::{JsonPath, JsonPaths};
///
/// let paths = JsonPaths::new([JsonPath::member("id")?, JsonPath::parse("$.user.name")?]);
/// assert_eq!(paths.to_json(), r#"{"jsonpaths":["$['id']","$['user']['name']"]}"#);
/// # Ok::<(), diesel_redshift::error::InvalidValue>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonPaths(Vec<JsonPath>);

impl JsonPaths {
    /// A file with these paths.
    pub fn new(paths: impl IntoIterator<Item = JsonPath>) -> Self {
        Self(paths.into_iter().collect())
    }

    /// The paths.
    pub fn paths(&self) -> &[JsonPath] {
        &self.0
    }

    /// The file as COPY reads it, in JSON.
    pub fn to_json(&self) -> String {
        let mut json = String::from("{\"jsonpaths\":[");
        for (at, path) in self.0.iter().enumerate() {
            if at > 0 {
                json.push(',');
            }
            push_json_string(&mut json, &path.to_string());
        }
        json.push_str("]}");
        json
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn both_notations_are_read_and_one_is_written() {
        for (path, written) in [
            ("$", "$"),
            ("$.id", "$['id']"),
            ("$['id']", "$['id']"),
            ("$.a.b[0][12].c", "$['a']['b'][0][12]['c']"),
            ("$['a b'].c", "$['a b']['c']"),
            ("$['a.b[c]']", "$['a.b[c]']"),
            ("$[0]", "$[0]"),
            ("$.naïve", "$['naïve']"),
        ] {
            assert_eq!(JsonPath::parse(path).expect(path).to_string(), written);
        }
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for path in [
            "",
            "id",
            ".id",
            "$id",
            "$.",
            "$..id",
            "$.*",
            "$[*]",
            "$[-1]",
            "$[]",
            "$['']",
            "$['a",
            "$['a'",
            "$['a]",
            "$[0",
            "$.a]",
            "$.it's",
            "$['it's']",
            "$[?(@.a)]",
            "$.a\"b",
            "$ ",
        ] {
            assert!(JsonPath::parse(path).is_err(), "{path:?}");
        }
        assert!(JsonPath::member("it's").is_err());
    }

    proptest! {
        #[test]
        fn any_member_but_a_quoted_one_has_a_path(name in "[^']+") {
            let path = JsonPath::member(&name).expect("a path");
            prop_assert_eq!(path.to_string(), format!("$['{name}']"));
        }

        #[test]
        fn any_text_is_a_path_or_an_error(text in any::<String>()) {
            if let Ok(path) = JsonPath::parse(&text) {
                prop_assert_eq!(JsonPath::parse(&path.to_string()).expect("a path").to_string(), path.to_string());
            }
        }
    }
}
