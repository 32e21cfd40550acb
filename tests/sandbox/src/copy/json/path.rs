//! JSONPaths files.

use serde_json::Value;
use serde_json::value::RawValue;

use super::members;
use crate::Error;
use crate::copy::fault::Fault;
use crate::protocol::{SqlError, SqlResult};
use crate::s3::{self, S3};

/// Where a column's value is in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path(Vec<Step>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Member(String),
    Element(usize),
}

/// The paths of a file; none if it has no `jsonpaths`, which is no error.
pub(super) fn load(store: &S3<'_>, uri: &str, query: i32) -> SqlResult<Option<Vec<Path>>> {
    let problem = |text: String| SqlError::internal(&text).boxed(8001, &text, uri, query);
    let bytes = store.get(uri).map_err(|error| match error {
        Error::NoSuchObject { .. } => SqlError::internal("No such file or directory").boxed(
            2,
            "The specified key does not exist",
            uri,
            query,
        ),
        error => s3::refusal(&error, uri, query),
    })?;
    let file: Value = serde_json::from_slice(&bytes)
        .map_err(|error| problem(format!("Invalid JSONPath format: {error}")))?;
    let file = file.as_object().ok_or_else(|| {
        problem("Invalid JSONPath format: The file is not one object.".to_owned())
    })?;
    let Some(paths) = file.get("jsonpaths") else {
        return Ok(None);
    };
    let paths = paths.as_array().filter(|paths| !paths.is_empty());
    let paths = paths.ok_or_else(|| {
        problem("Invalid JSONPath format: \"jsonpaths\" is not an array of paths.".to_owned())
    })?;
    let mut styles = [false; 2];
    let mut found = Vec::with_capacity(paths.len());
    for path in paths {
        let (path, style) = path.as_str().and_then(parse).ok_or_else(|| {
            problem(format!(
                "Invalid JSONPath format: {path} is not a valid path."
            ))
        })?;
        if let Some(style) = style {
            styles[style as usize] = true;
        }
        found.push(path);
    }
    if styles == [true, true] {
        return Err(problem(
            "Invalid JSONPath format: Dot notation and bracket notation cannot be mixed."
                .to_owned(),
        ));
    }
    Ok(Some(found))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    Dot,
    Bracket,
}

fn parse(text: &str) -> Option<(Path, Option<Style>)> {
    let mut rest = text.strip_prefix('$')?;
    let mut steps = Vec::new();
    let mut style = None;
    while !rest.is_empty() {
        let (step, new);
        if let Some(after) = rest.strip_prefix('.') {
            let end = after.find(['.', '[']).unwrap_or(after.len());
            let name = &after[..end];
            if name.is_empty() || name.contains(['\'', ']', '*']) {
                return None;
            }
            (step, new, rest) = (
                Step::Member(name.to_owned()),
                Some(Style::Dot),
                &after[end..],
            );
        } else if let Some(after) = rest.strip_prefix("['") {
            let (name, after) = after.split_once("']")?;
            if name.is_empty() {
                return None;
            }
            (step, new, rest) = (Step::Member(name.to_owned()), Some(Style::Bracket), after);
        } else {
            let (index, after) = rest.strip_prefix('[')?.split_once(']')?;
            if !index.bytes().all(|digit| digit.is_ascii_digit()) {
                return None;
            }
            (step, new, rest) = (Step::Element(index.parse().ok()?), None, after);
        }
        if new.is_some() && style.is_some() && new != style {
            return None;
        }
        style = style.or(new);
        steps.push(step);
    }
    Some((Path(steps), style))
}

impl Path {
    /// A member that is not there is null; an element that is not there is a fault.
    pub(super) fn find<'a>(&self, document: &'a RawValue) -> Result<Option<&'a RawValue>, Fault> {
        let mut value = document;
        for step in &self.0 {
            match step {
                Step::Member(name) => {
                    if !value.get().starts_with('{') {
                        return Err(Fault::not_an_object());
                    }
                    let mut found = None;
                    members(value, |key, member| {
                        if key == name {
                            found = Some(member);
                        }
                    })
                    .map_err(|_| Fault::invalid_json())?;
                    match found {
                        Some(found) => value = found,
                        None => return Ok(None),
                    }
                }
                Step::Element(index) => {
                    let elements: Vec<&RawValue> =
                        serde_json::from_str(value.get()).map_err(|_| Fault::not_in_array())?;
                    value = elements.get(*index).ok_or_else(Fault::not_in_array)?;
                }
            }
        }
        Ok(Some(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        for (text, steps) in [
            ("$", vec![]),
            ("$.a", vec![Step::Member("a".to_owned())]),
            (
                "$.a[2].b",
                vec![
                    Step::Member("a".to_owned()),
                    Step::Element(2),
                    Step::Member("b".to_owned()),
                ],
            ),
            (
                "$['a.b']['c'][0]",
                vec![
                    Step::Member("a.b".to_owned()),
                    Step::Member("c".to_owned()),
                    Step::Element(0),
                ],
            ),
        ] {
            assert_eq!(parse(text).expect(text).0, Path(steps), "{text}");
        }
        for text in [
            "", "a", "$a", "$.", "$..a", "$.a.", "$[-1]", "$[*]", "$.*", "$[]", "$['']",
            "$['a'].b", "$.a['b']", "$['a",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn values() {
        let find = |path: &str, document: &str| {
            let document: Box<RawValue> = serde_json::from_str(document).expect("JSON");
            let (path, _) = parse(path).expect("a path");
            path.find(&document)
                .map(|value| value.map(|value| value.get().to_owned()))
        };
        let document = r#"{"a": {"b": [1, {"c": "x"}]}, "n": null}"#;
        assert_eq!(find("$.a.b[1].c", document), Ok(Some("\"x\"".to_owned())));
        assert_eq!(find("$.x.y", document), Ok(None));
        assert_eq!(find("$.n", document), Ok(Some("null".to_owned())));
        assert_eq!(find("$.a.b[2]", document), Err(Fault::not_in_array()));
        assert_eq!(find("$.a[0]", document), Err(Fault::not_in_array()));
        assert_eq!(find("$.a.b.c", document), Err(Fault::not_an_object()));
    }
}
