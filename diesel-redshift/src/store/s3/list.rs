//! The objects below a prefix, page by page.

use ureq::http::{Method, Response};

use super::address::{decode, encode};
use super::{S3Store, answer};
use crate::aws::S3Uri;
use crate::aws::client::Request;
use crate::aws::http::read_small;
use crate::aws::xml::Element;
use crate::error::StoreError;

/// A thousand keys of 1024 bytes, each byte encoded as three, and the markup around them.
const LONGEST_PAGE: u64 = 8 * 1024 * 1024;

pub(super) fn all(store: &S3Store, prefix: &S3Uri) -> Result<Vec<S3Uri>, StoreError> {
    let mut found = Vec::new();
    let mut token: Option<String> = None;
    loop {
        let page = page(store, prefix, token.as_deref())?;
        found.extend(page.objects);
        match page.next {
            None => return Ok(found),
            next => token = next,
        }
    }
}

struct Page {
    objects: Vec<S3Uri>,
    next: Option<String>,
}

fn page(store: &S3Store, prefix: &S3Uri, token: Option<&str>) -> Result<Page, StoreError> {
    // The names in order, as in the signature. Keys are encoded, since XML cannot represent them all.
    let mut query = String::new();
    if let Some(token) = token {
        query.push_str(&format!("continuation-token={}&", encode(token, false)));
    }
    query.push_str("encoding-type=url&list-type=2&prefix=");
    query.push_str(&encode(prefix.key(), false));
    let request = Request {
        method: Method::GET,
        url: format!("{}?{query}", store.address.of(prefix.bucket(), "")),
        headers: Vec::new(),
        body: &[],
    };
    let mut response = store
        .client
        .send(&request)
        .map_err(|error| answer::refused(prefix, store.address.region(), error))?;
    let body = match read_small(&mut response, LONGEST_PAGE) {
        Ok(body) => body,
        Err(error) => {
            return Err(answer::not_understood(
                prefix,
                &response,
                &format!("broke off: {error}"),
            ));
        }
    };
    let malformed = |what: &str| answer::not_understood(prefix, &response, what);
    let text = std::str::from_utf8(&body).map_err(|_| malformed("is not UTF-8"))?;
    let root = Element::parse(text)
        .filter(|root| root.name() == "ListBucketResult")
        .ok_or_else(|| malformed("is not a ListBucketResult in XML"))?;
    let is_encoded = root.text_of("EncodingType") == Some("url");
    let mut objects = Vec::new();
    for object in root.children_named("Contents") {
        let key = object.text_of("Key").unwrap_or_default();
        let key = if is_encoded {
            decode(key).ok_or_else(|| malformed("has a key that is not encoded"))?
        } else {
            key.to_owned()
        };
        if key.is_empty() || !key.starts_with(prefix.key()) {
            return Err(malformed("has a key that was not asked for"));
        }
        let location = S3Uri::new(prefix.bucket(), &key);
        objects.push(location.map_err(|error| malformed(&error.to_string()))?);
    }
    let next = next_page(&root, token, &response, prefix)?;
    Ok(Page { objects, next })
}

/// The token of the next page, if there is one; a repeated token would never end.
fn next_page<T>(
    root: &Element,
    token: Option<&str>,
    response: &Response<T>,
    prefix: &S3Uri,
) -> Result<Option<String>, StoreError> {
    let malformed = |what| Err(answer::not_understood(prefix, response, what));
    match (
        root.text_of("IsTruncated"),
        root.text_of("NextContinuationToken"),
    ) {
        (Some("false"), _) => Ok(None),
        (Some("true"), Some(next)) if !next.is_empty() && Some(next) != token => {
            Ok(Some(next.to_owned()))
        }
        (Some("true"), _) => malformed("has no token for its next page"),
        _ => malformed("does not say whether it is the last page"),
    }
}
