//! Objects that arrive in parts.

use super::response::Response;
use super::{Call, malformed_xml, not_implemented, object, xml};
use crate::Error;

const MOST_PARTS: u32 = 10_000;

/// Every part but the last has at least so many bytes.
const SMALLEST_PART: u64 = 5 * 1024 * 1024;

/// CreateMultipartUpload
pub(super) fn begin(call: &mut Call<'_, '_>) -> Result<Response, Error> {
    call.may_write()?;
    let request = call.request;
    // Refuses a key that no file can have.
    drop(call.s3.create(&request.uri())?);
    let id = call
        .shared
        .uploads
        .begin(&call.shared.store, &request.uri())?;
    Ok(Response::xml(
        "InitiateMultipartUploadResult",
        &(xml::element("Bucket", &request.bucket)
            + &xml::element("Key", &request.key)
            + &xml::element("UploadId", &id)),
    ))
}

/// The name of the upload that a request is about.
fn upload<'a>(call: &Call<'_, 'a>) -> Result<&'a str, Error> {
    let request = call.request;
    call.may_write()?;
    let id = request.parameter("uploadId").unwrap_or_default();
    if call.shared.uploads.has(id, &request.uri()) {
        return Ok(id);
    }
    Err(Error::s3(
        404,
        "NoSuchUpload",
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or \
         completed.",
    ))
}

/// UploadPart
pub(super) fn part(call: &mut Call<'_, '_>) -> Result<Response, Error> {
    let id = upload(call)?;
    if call.request.header("x-amz-copy-source").is_some() {
        return Err(not_implemented("UploadPartCopy"));
    }
    let number = call.request.parameter("partNumber").unwrap_or_default();
    let number = number
        .parse()
        .ok()
        .filter(|number| (1..=MOST_PARTS).contains(number))
        .ok_or_else(|| {
            Error::s3(
                400,
                "InvalidArgument",
                "Part number must be an integer between 1 and 10000, inclusive",
            )
        })?;
    let mut part = call.s3.create(&call.request.uri())?;
    let received = call.receive(&mut part)?;
    let etag = format!("\"{}\"", received.md5);
    call.shared.uploads.add(id, number, part, received.md5)?;
    Ok(Response::new(200).header("ETag", etag))
}

/// CompleteMultipartUpload
pub(super) fn complete(call: &mut Call<'_, '_>) -> Result<Response, Error> {
    let id = upload(call)?;
    let root = call.xml()?;
    let parts = call.shared.uploads.parts(id);
    let mut object = call.s3.create(&call.request.uri())?;
    let mut last: Option<(u32, u64)> = None;
    for wanted in root.all("Part") {
        let number = wanted
            .child("PartNumber")
            .and_then(|number| number.parse().ok())
            .ok_or_else(malformed_xml)?;
        if let Some((before, bytes)) = last {
            if before >= number {
                return Err(Error::s3(
                    400,
                    "InvalidPartOrder",
                    "The list of parts was not in ascending order. Parts must be ordered by part number.",
                ));
            }
            if bytes < SMALLEST_PART {
                return Err(Error::s3(
                    400,
                    "EntityTooSmall",
                    "Your proposed upload is smaller than the minimum allowed size",
                ));
            }
        }
        let etag = wanted.child("ETag").ok_or_else(malformed_xml)?;
        let part = parts
            .get(&number)
            .filter(|part| part.md5 == etag.trim_matches('"'))
            .ok_or_else(|| {
                Error::s3(
                    400,
                    "InvalidPart",
                    "One or more of the specified parts could not be found. The part may not have been uploaded, or \
                     the specified entity tag may not match the part's entity tag.",
                )
            })?;
        part.append_to(&mut object)?;
        last = Some((number, part.bytes));
    }
    if root.name != "CompleteMultipartUpload" || last.is_none() {
        return Err(malformed_xml());
    }
    object::finish(call, object)?;
    call.shared.uploads.end(id);
    let request = call.request;
    let etag = call
        .shared
        .etags
        .of(&mut call.shared.store.read(&request.uri())?)?;
    Ok(Response::xml(
        "CompleteMultipartUploadResult",
        &(xml::element("Location", &request.path)
            + &xml::element("Bucket", &request.bucket)
            + &xml::element("Key", &request.key)
            + &xml::element("ETag", &etag)),
    ))
}

/// AbortMultipartUpload
pub(super) fn abort(call: &mut Call<'_, '_>) -> Result<Response, Error> {
    let id = upload(call)?;
    call.shared.uploads.end(id);
    Ok(Response::new(204))
}
