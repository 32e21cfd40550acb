//! Deleting objects, a thousand per request.

use std::collections::BTreeMap;

use reqsign_core::hash::{base64_encode, hex_sha256};
use ureq::http::Method;

use super::{S3Store, answer};
use crate::aws::S3Uri;
use crate::aws::client::{Request, RequestError};
use crate::aws::http::read_small;
use crate::aws::xml::{Element, escape};
use crate::error::{StoreError, StoreErrorKind};
use crate::store::{Failures, check_object};

const MOST: usize = 1000;

/// The answer lists only the keys that failed.
const LONGEST_ANSWER: u64 = 4 * 1024 * 1024;

pub(super) fn all(store: &S3Store, locations: &[S3Uri]) -> Result<(), StoreError> {
    let mut buckets: BTreeMap<&str, Vec<&S3Uri>> = BTreeMap::new();
    let mut alone = Vec::new();
    for location in locations {
        if location.key().chars().all(can_be_in_xml) && !location.key().is_empty() {
            buckets.entry(location.bucket()).or_default().push(location);
        } else {
            alone.push(location.clone());
        }
    }
    let mut failures = Failures::default();
    for objects in buckets.values() {
        for objects in objects.chunks(MOST) {
            match objects {
                [object] => alone.push((*object).clone()),
                objects => match several(store, objects, &mut failures) {
                    Ok(again) => alone.extend(again),
                    Err(error) => failures.add(error),
                },
            }
        }
    }
    failures.of_each(&alone, |location| one(store, location));
    failures.result()
}

fn one(store: &S3Store, location: &S3Uri) -> Result<(), StoreError> {
    check_object(location)?;
    let request = store.request(Method::DELETE, location, &[]);
    match store.client.send(&request) {
        Ok(_) => Ok(()),
        // Some stand-ins say so; S3 itself does not.
        Err(RequestError::Refused(refusal)) if refusal.code == "NoSuchKey" => Ok(()),
        Err(error) => Err(answer::refused(location, store.address.region(), error)),
    }
}

/// Deletes objects of one bucket, and returns those that must be tried individually.
fn several(
    store: &S3Store,
    objects: &[&S3Uri],
    failures: &mut Failures,
) -> Result<Vec<S3Uri>, StoreError> {
    let all = || objects.iter().map(|object| (*object).clone()).collect();
    let Some(first) = objects.first() else {
        return Ok(Vec::new());
    };
    let mut body = String::from(
        "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet>",
    );
    for object in objects {
        let key = escape(object.key());
        body.push_str(&format!("<Object><Key>{key}</Key></Object>"));
    }
    body.push_str("</Delete>");
    let request = Request {
        method: Method::POST,
        url: format!("{}?delete=", store.address.of(first.bucket(), "")),
        headers: vec![
            ("content-type", "application/xml".to_owned()),
            ("x-amz-checksum-sha256", base64_sha256(body.as_bytes())),
            ("x-amz-sdk-checksum-algorithm", "SHA256".to_owned()),
        ],
        body: body.as_bytes(),
    };
    let mut response = match store.client.send(&request) {
        Ok(response) => response,
        // A stand-in that only deletes one by one.
        Err(RequestError::Refused(refusal))
            if matches!(refusal.status, 405 | 501)
                || matches!(refusal.code.as_str(), "MalformedXML" | "NotImplemented") =>
        {
            return Ok(all());
        }
        Err(error) => {
            let error = answer::refused(first, store.address.region(), error);
            return Err(error.and_others(objects.len() - 1));
        }
    };
    let answer = read_small(&mut response, LONGEST_ANSWER).ok();
    let answer = answer.and_then(|answer| String::from_utf8(answer).ok());
    let Some(root) = answer
        .as_deref()
        .and_then(Element::parse)
        .filter(|root| root.name() == "DeleteResult")
    else {
        // It is unknown which of them are deleted.
        return Ok(all());
    };
    let mut again = Vec::new();
    for failed in root.children_named("Error") {
        let text = |name| failed.text_of(name).unwrap_or_default();
        let key = text("Key");
        let Some(object) = objects.iter().find(|object| object.key() == key) else {
            return Ok(all());
        };
        let error = answer::refused_object(object, text("Code"), text("Message"));
        if error.kind() == StoreErrorKind::Unavailable {
            again.push((*object).clone());
        } else {
            failures.add(error);
        }
    }
    Ok(again)
}

/// XML 1.0 has no control characters, and reads a carriage return as a line feed.
fn can_be_in_xml(character: char) -> bool {
    !character.is_control() && !matches!(character, '\u{fffe}' | '\u{ffff}')
}

fn base64_sha256(bytes: &[u8]) -> String {
    let digits = hex_sha256(bytes);
    let digest: Vec<u8> = (0..digits.len())
        .step_by(2)
        .filter_map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok())
        .collect();
    base64_encode(&digest)
}
