//! Objects that arrive in parts.

use std::io::{Read, Seek, SeekFrom};
use std::time::SystemTime;

use super::response::Response;
use super::{Call, date, etag, malformed_xml, not_implemented, object, xml};
use crate::Error;
use crate::store::ObjectWriter;

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
    Err(no_such_upload())
}

fn no_such_upload() -> Error {
    Error::s3(
        404,
        "NoSuchUpload",
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or \
         completed.",
    )
}

/// Adds what has arrived to the upload, which may have ended meanwhile.
fn add(
    call: &Call<'_, '_>,
    id: &str,
    number: u32,
    part: ObjectWriter,
    md5: String,
) -> Result<(), Error> {
    if call.shared.uploads.add(id, number, part, md5)? {
        Ok(())
    } else {
        Err(no_such_upload())
    }
}

fn part_number(call: &Call<'_, '_>) -> Result<u32, Error> {
    let number = call.request.parameter("partNumber").unwrap_or_default();
    number
        .parse()
        .ok()
        .filter(|number| (1..=MOST_PARTS).contains(number))
        .ok_or_else(|| {
            Error::s3(
                400,
                "InvalidArgument",
                "Part number must be an integer between 1 and 10000, inclusive",
            )
        })
}

/// UploadPart
pub(super) fn part(call: &mut Call<'_, '_>) -> Result<Response, Error> {
    let id = upload(call)?;
    let number = part_number(call)?;
    let mut part = call.s3.create(&call.request.uri())?;
    let received = call.receive(&mut part)?;
    let etag = format!("\"{}\"", received.md5);
    add(call, id, number, part, received.md5)?;
    Ok(Response::new(200).header("ETag", etag))
}

/// UploadPartCopy
pub(super) fn part_copy(call: &mut Call<'_, '_>) -> Result<Response, Error> {
    let id = upload(call)?;
    let number = part_number(call)?;
    let object::Source { uri, mut file, .. } = object::source(call)?;
    let (start, count) = match call.request.header("x-amz-copy-source-range") {
        None => (0, u64::MAX),
        Some(range) => {
            let length = file.metadata().map_or(0, |metadata| metadata.len());
            copied_range(range, length)?
        }
    };
    let mut part = call.s3.create(&call.request.uri())?;
    let copied = file
        .seek(SeekFrom::Start(start))
        .and_then(|_| etag::copy_hashed(&mut file.take(count), &mut part));
    let md5 = copied
        .map_err(Error::io("cannot copy", &uri))?
        .ok_or_else(|| not_implemented("MD5"))?;
    let answer = xml::element("LastModified", &date::iso(SystemTime::now()))
        + &xml::element("ETag", &format!("\"{md5}\""));
    add(call, id, number, part, md5)?;
    Ok(Response::xml("CopyPartResult", &answer))
}

/// Start and count of the bytes to copy, which have to be there.
fn copied_range(range: &str, length: u64) -> Result<(u64, u64), Error> {
    let invalid = |message: String| Error::s3(400, "InvalidArgument", message);
    let ends = range
        .strip_prefix("bytes=")
        .and_then(|range| range.split_once('-'))
        .and_then(|(from, to)| Some((from.parse::<u64>().ok()?, to.parse::<u64>().ok()?)));
    match ends {
        Some((from, to)) if from <= to && to < length => Ok((from, to - from + 1)),
        Some((from, to)) if from <= to => Err(invalid(format!(
            "Range specified is not valid for source object of size: {length}"
        ))),
        _ => Err(invalid(
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the \
             zero-based offsets of the first and last bytes to copy"
                .to_owned(),
        )),
    }
}

/// CompleteMultipartUpload
pub(super) fn complete(call: &mut Call<'_, '_>) -> Result<Response, Error> {
    let id = upload(call)?;
    let root = call.xml()?;
    let parts = call.shared.uploads.parts(id);
    let mut object = call.s3.create(&call.request.uri())?;
    let mut last: Option<(u32, u64)> = None;
    for requested in root.all("Part") {
        let number = requested
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
        let etag = requested.child("ETag").ok_or_else(malformed_xml)?;
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
