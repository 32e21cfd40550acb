//! ListObjects and ListObjectsV2.

use std::time::SystemTime;

use super::request::encode;
use super::response::Response;
use super::{Call, date, not_implemented, xml};
use crate::Error;

const MOST_KEYS: usize = 1000;

/// What stands in a page: an object, or all that share a beginning.
#[derive(Debug, PartialEq, Eq)]
enum Entry<'a> {
    Object(&'a str),
    Prefix(&'a str),
}

impl Entry<'_> {
    fn text(&self) -> &str {
        match self {
            Self::Object(text) | Self::Prefix(text) => text,
        }
    }
}

/// All entries that come after `after`: a key, or what keys share that the page before has shown.
fn entries<'a>(keys: &'a [String], prefix: &str, delimiter: &str, after: &str) -> Vec<Entry<'a>> {
    let mut entries: Vec<Entry<'a>> = Vec::new();
    for key in keys {
        let common = key
            .get(prefix.len()..)
            .filter(|_| !delimiter.is_empty())
            .and_then(|rest| rest.find(delimiter))
            .map(|at| &key[..prefix.len() + at + delimiter.len()]);
        let entry = common.map_or(Entry::Object(key), Entry::Prefix);
        let is_new = key.as_str() > after && entry.text() != after;
        if is_new && entries.last() != Some(&entry) {
            entries.push(entry);
        }
    }
    // What shares a beginning stands where that beginning would.
    entries.sort_by(|one, other| one.text().cmp(other.text()));
    entries.dedup();
    entries
}

/// The two forms of the request, which tell in other words from where on and how far a page goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// ListObjects
    One,
    /// ListObjectsV2
    Two,
}

pub(super) fn objects(call: &mut Call<'_, '_>, version: Version) -> Result<Response, Error> {
    let request = call.request;
    let parameter = |name: &str| request.parameter(name).unwrap_or_default();
    if version == Version::Two && parameter("list-type") != "2" {
        return Err(not_implemented(&format!(
            "list-type={}",
            parameter("list-type")
        )));
    }
    let encodes = match parameter("encoding-type") {
        "" => false,
        "url" => true,
        other => return Err(invalid("encoding-type", other)),
    };
    let most = match request.parameter("max-keys") {
        None => MOST_KEYS,
        Some(number) => number
            .parse::<usize>()
            .map_err(|_| invalid("max-keys", number))?
            .min(MOST_KEYS),
    };
    let (prefix, delimiter) = (parameter("prefix"), parameter("delimiter"));
    let after = match (version, request.parameter("continuation-token")) {
        (Version::One, _) => parameter("marker").to_owned(),
        (Version::Two, Some(token)) => {
            untoken(token).ok_or_else(|| invalid("continuation-token", token))?
        }
        (Version::Two, None) => parameter("start-after").to_owned(),
    };
    let root = format!("s3://{}/", request.bucket);
    let keys: Vec<String> = call
        .s3
        .list(&format!("{root}{prefix}"))?
        .iter()
        .filter_map(|uri| uri.strip_prefix(&root))
        .map(str::to_owned)
        .collect();
    let entries = entries(&keys, prefix, delimiter, &after);
    let page = &entries[..most.min(entries.len())];
    let text = |text: &str| {
        if encodes {
            encode(text, false)
        } else {
            text.to_owned()
        }
    };
    let truncated = page.len() < entries.len() && most > 0;
    let last = page.last().filter(|_| truncated).map(Entry::text);
    let mut contents = xml::element("Name", &request.bucket)
        + &xml::element("Prefix", &text(prefix))
        + &xml::element("MaxKeys", &most.to_string())
        + &xml::element("IsTruncated", &truncated.to_string());
    if !delimiter.is_empty() {
        contents.push_str(&xml::element("Delimiter", &text(delimiter)));
    }
    if encodes {
        contents.push_str(&xml::element("EncodingType", "url"));
    }
    match version {
        Version::One => {
            contents.push_str(&xml::element("Marker", &text(&after)));
            // Without a delimiter, the last key of the page is where the next one goes on.
            if let Some(last) = last.filter(|_| !delimiter.is_empty()) {
                contents.push_str(&xml::element("NextMarker", &text(last)));
            }
        }
        Version::Two => {
            contents.push_str(&xml::element("KeyCount", &page.len().to_string()));
            let start = parameter("start-after");
            if !start.is_empty() {
                contents.push_str(&xml::element("StartAfter", &text(start)));
            }
            if let Some(token) = request.parameter("continuation-token") {
                contents.push_str(&xml::element("ContinuationToken", token));
            }
            if let Some(last) = last {
                contents.push_str(&xml::element("NextContinuationToken", &token(last)));
            }
        }
    }
    for entry in page {
        match entry {
            Entry::Prefix(prefix) => contents.push_str(&format!(
                "<CommonPrefixes>{}</CommonPrefixes>",
                xml::element("Prefix", &text(prefix))
            )),
            Entry::Object(key) => {
                let uri = format!("{root}{key}");
                if let Some(described) = describe(call, &uri, &text(key), version)? {
                    contents.push_str(&described);
                }
            }
        }
    }
    Ok(Response::xml("ListBucketResult", &contents))
}

/// An object as a page shows it; none if it has been deleted meanwhile.
fn describe(
    call: &Call<'_, '_>,
    uri: &str,
    key: &str,
    version: Version,
) -> Result<Option<String>, Error> {
    let Ok(mut file) = call.shared.store.read(uri) else {
        return Ok(None);
    };
    let metadata = file.metadata().map_err(Error::io("cannot read", uri))?;
    let modified = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
    let owner = match version {
        Version::One => "<Owner><ID>sandbox</ID></Owner>",
        Version::Two => "",
    };
    Ok(Some(format!(
        "<Contents>{}{}{}{}{owner}<StorageClass>STANDARD</StorageClass></Contents>",
        xml::element("Key", key),
        xml::element("LastModified", &date::iso(modified)),
        xml::element("ETag", &call.shared.etags.of(&mut file)?),
        xml::element("Size", &metadata.len().to_string())
    )))
}

fn invalid(name: &str, value: &str) -> Error {
    Error::s3(400, "InvalidArgument", format!("{name} cannot be {value}"))
}

/// A token is the last key of a page, in a form that nobody takes for one.
fn token(key: &str) -> String {
    super::digest::hex(key.as_bytes())
}

fn untoken(token: &str) -> Option<String> {
    let bytes = token
        .as_bytes()
        .chunks(2)
        .map(|digits| {
            let digits = std::str::from_utf8(digits).ok()?;
            (digits.len() == 2).then(|| u8::from_str_radix(digits, 16).ok())?
        })
        .collect::<Option<Vec<_>>>()?;
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_gathered_under_their_prefixes() {
        let keys: Vec<_> = ["a/1", "a/2", "a", "a!", "b/x/1", "c"]
            .map(str::to_owned)
            .to_vec();
        let texts = |prefix: &str, delimiter: &str, after: &str| {
            let keys: Vec<_> = keys
                .iter()
                .filter(|key| key.starts_with(prefix))
                .cloned()
                .collect();
            let entries = entries(&keys, prefix, delimiter, after);
            entries
                .iter()
                .map(|entry| entry.text().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(texts("", "/", ""), ["a", "a!", "a/", "b/", "c"]);
        assert_eq!(texts("", "/", "a/"), ["b/", "c"]);
        assert_eq!(texts("", "/", "a/1"), ["a/", "b/", "c"]);
        assert_eq!(texts("", "/", "a/2"), ["b/", "c"]);
        assert_eq!(texts("b/", "/", ""), ["b/x/"]);
        assert_eq!(texts("a", "", "a!"), ["a/1", "a/2"]);
        assert_eq!(untoken(&token("ä/b")).as_deref(), Some("ä/b"));
        assert_eq!(untoken("zz"), None);
        assert_eq!(untoken("616"), None);
    }
}
