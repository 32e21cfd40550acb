//! Buckets.

use std::time::SystemTime;

use super::response::Response;
use super::{Call, date, malformed_xml, no_such_bucket, xml};
use crate::Error;
use crate::s3::REGION;
use crate::s3::permissions::Action;

/// ListBuckets
pub(super) fn all(call: &mut Call<'_, '_>) -> Result<Response, Error> {
    let mut buckets = String::new();
    for name in call.shared.store.buckets()? {
        if call.s3.allows(Action::List, &format!("s3://{name}/")) {
            let created = std::fs::metadata(call.shared.store.path().join(&name))
                .and_then(|metadata| metadata.modified())
                .unwrap_or(SystemTime::UNIX_EPOCH);
            buckets.push_str(&format!(
                "<Bucket>{}{}</Bucket>",
                xml::element("Name", &name),
                xml::element("CreationDate", &date::iso(created))
            ));
        }
    }
    Ok(Response::xml(
        "ListAllMyBucketsResult",
        &format!("<Owner><ID>sandbox</ID></Owner><Buckets>{buckets}</Buckets>"),
    ))
}

/// CreateBucket
pub(super) fn create(call: &mut Call<'_, '_>) -> Result<Response, Error> {
    let bucket = &*call.request.bucket;
    call.s3.check(Action::Write, &format!("s3://{bucket}/"))?;
    if !is_bucket(bucket) {
        return Err(Error::s3(
            400,
            "InvalidBucketName",
            "The specified bucket is not valid.",
        ));
    }
    let mut body = Vec::new();
    call.receive_small(&mut body).or_else(|error| {
        // Most clients send nothing at all.
        if call.request.header("content-length").is_none() {
            Ok(())
        } else {
            Err(error)
        }
    })?;
    let region = if body.is_empty() {
        None
    } else {
        let root = std::str::from_utf8(&body)
            .ok()
            .and_then(xml::parse)
            .ok_or_else(malformed_xml)?;
        root.child("LocationConstraint").map(str::to_owned)
    };
    if call.shared.store.has_bucket(bucket) {
        return Err(Error::s3(
            409,
            "BucketAlreadyOwnedByYou",
            "Your previous request to create the named bucket succeeded and you already own it.",
        ));
    }
    call.shared.store.create_bucket(bucket)?;
    if let Some(region) = region.filter(|region| !region.is_empty()) {
        call.shared
            .update_identities(|identities| identities.put_bucket(bucket, &region));
    }
    Ok(Response::new(200).header("Location", format!("/{bucket}")))
}

/// As S3's rules for names have it.
fn is_bucket(name: &str) -> bool {
    let edge = |byte: Option<u8>| {
        byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    (3..=63).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte))
        && edge(name.bytes().next())
        && edge(name.bytes().next_back())
        && !name.contains("..")
}

/// HeadBucket
pub(super) fn head(call: &mut Call<'_, '_>) -> Result<Response, Error> {
    let bucket = &*call.request.bucket;
    call.s3.check(Action::List, &format!("s3://{bucket}/"))?;
    let region = call.shared.identities().region_of(bucket).to_owned();
    Ok(Response::new(200).header("x-amz-bucket-region", region))
}

/// GetBucketLocation
pub(super) fn location(call: &mut Call<'_, '_>) -> Result<Response, Error> {
    let bucket = &*call.request.bucket;
    call.s3.check(Action::List, &format!("s3://{bucket}/"))?;
    let identities = call.shared.identities();
    let region = identities.region_of(bucket);
    // The oldest region has no name here.
    let region = if region == REGION { "" } else { region };
    Ok(Response::xml("LocationConstraint", &xml::escape(region)))
}

/// DeleteBucket
pub(super) fn delete(call: &mut Call<'_, '_>) -> Result<Response, Error> {
    let bucket = &*call.request.bucket;
    call.s3.check(Action::Write, &format!("s3://{bucket}/"))?;
    if !call.shared.store.has_bucket(bucket) {
        return Err(no_such_bucket());
    }
    if !call.shared.store.delete_bucket(bucket)? {
        return Err(Error::s3(
            409,
            "BucketNotEmpty",
            "The bucket you tried to delete is not empty",
        ));
    }
    Ok(Response::new(204))
}
