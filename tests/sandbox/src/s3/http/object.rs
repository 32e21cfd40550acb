//! Objects.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::time::SystemTime;

use super::request::decode;
use super::response::Response;
use super::{Call, date, malformed_xml, not_implemented, xml};
use crate::Error;
use crate::s3::permissions::Action;
use crate::store::ObjectWriter;

/// Objects of DeleteObjects at most.
const MOST_DELETED: usize = 1000;

/// GetObject and HeadObject
pub(super) fn get(call: &mut Call<'_, '_>) -> Result<Response, Error> {
    let request = call.request;
    let mut file = call.s3.read(&request.uri())?;
    let metadata = file
        .metadata()
        .map_err(Error::io("cannot read", request.uri()))?;
    let (length, modified) = (
        metadata.len(),
        metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH),
    );
    let etag = call.shared.etags.of(&mut file)?;
    let given = |header: &str| request.header(header).map(|list| is_among(list, &etag));
    if given("if-match") == Some(false) {
        return Err(precondition());
    }
    if given("if-none-match") == Some(true) {
        return Ok(Response::new(304).header("ETag", etag));
    }
    for name in ["if-modified-since", "if-unmodified-since"] {
        if request.header(name).is_some() {
            return Err(not_implemented(&format!("the header {name}")));
        }
    }
    let range = match request.header("range") {
        None => None,
        Some(range) => parse_range(range, length).map_err(|()| {
            Error::s3(
                416,
                "InvalidRange",
                "The requested range is not satisfiable",
            )
        })?,
    };
    let (status, start, count) = match range {
        Some((start, count)) => (206, start, count),
        None => (200, 0, length),
    };
    file.seek(SeekFrom::Start(start))
        .map_err(Error::io("cannot read", request.uri()))?;
    let content_type = request
        .parameter("response-content-type")
        .unwrap_or("binary/octet-stream");
    let mut response = Response::new(status)
        .header("ETag", etag)
        .header("Last-Modified", date::http(modified))
        .header("Accept-Ranges", "bytes")
        .header("Content-Type", content_type)
        .file(file, count);
    if let Some(disposition) = request.parameter("response-content-disposition") {
        response = response.header("Content-Disposition", disposition);
    }
    if status == 206 {
        response = response.header(
            "Content-Range",
            format!("bytes {start}-{}/{length}", start + count - 1),
        );
    }
    Ok(response)
}

/// Whether a condition names this version of an object.
fn is_among(etags: &str, etag: &str) -> bool {
    let mut etags = etags.split(',').map(|one| one.trim().trim_matches('"'));
    etags.any(|one| one == "*" || one == etag.trim_matches('"'))
}

/// Start and count of a range; none if it is of a form that is to be passed over.
fn parse_range(range: &str, length: u64) -> Result<Option<(u64, u64)>, ()> {
    let Some((from, to)) = range
        .strip_prefix("bytes=")
        .and_then(|range| range.split_once('-'))
    else {
        return Ok(None);
    };
    let (start, end) = match (from.parse::<u64>(), to.parse::<u64>()) {
        (Ok(from), Ok(to)) if from <= to => (from, to.min(length.saturating_sub(1))),
        (Ok(from), Err(_)) if to.is_empty() => (from, length.saturating_sub(1)),
        (Err(_), Ok(last)) if from.is_empty() && last > 0 => {
            (length.saturating_sub(last), length.saturating_sub(1))
        }
        (Err(_), Ok(_)) if from.is_empty() => return Err(()),
        _ => return Ok(None),
    };
    if start >= length {
        return Err(());
    }
    Ok(Some((start, end - start + 1)))
}

fn precondition() -> Error {
    Error::s3(
        412,
        "PreconditionFailed",
        "At least one of the pre-conditions you specified did not hold",
    )
}

/// Whether the object may be written, as far as the request makes it depend on what is there.
fn check_condition(call: &Call<'_, '_>) -> Result<(), Error> {
    let request = call.request;
    match request.header("if-none-match") {
        None => {}
        Some("*") if call.shared.store.read(&request.uri()).is_ok() => {
            return Err(precondition());
        }
        Some("*") => {}
        Some(_) => return Err(not_implemented("If-None-Match with an ETag in an upload")),
    }
    if request.header("if-match").is_some() {
        return Err(not_implemented("If-Match in an upload"));
    }
    Ok(())
}

/// Makes an object visible; the condition is looked at once more, now that its contents are in.
pub(super) fn finish(call: &Call<'_, '_>, object: ObjectWriter) -> Result<(), Error> {
    check_condition(call)?;
    call.s3.finish(object)
}

/// PutObject
pub(super) fn put(call: &mut Call<'_, '_>) -> Result<Response, Error> {
    check_condition(call)?;
    let mut object = call.s3.create(&call.request.uri())?;
    let received = call.receive(&mut object)?;
    finish(call, object)?;
    let mut response = Response::new(200).header("ETag", format!("\"{}\"", received.md5));
    for name in [
        "x-amz-checksum-crc32",
        "x-amz-checksum-crc32c",
        "x-amz-checksum-crc64nvme",
        "x-amz-checksum-sha1",
        "x-amz-checksum-sha256",
    ] {
        if let Some((_, value)) = received
            .checksum
            .as_ref()
            .filter(|(found, _)| found == name)
        {
            response = response.header(name, value);
        }
    }
    Ok(response)
}

/// The object that is to be copied.
pub(super) struct Source {
    pub(super) uri: String,
    pub(super) file: File,
    pub(super) etag: String,
}

pub(super) fn source(call: &Call<'_, '_>) -> Result<Source, Error> {
    let request = call.request;
    let source = request.header("x-amz-copy-source").unwrap_or_default();
    if let Some((_, version)) = source.split_once("?versionId=") {
        return Err(not_implemented(&format!("versions of objects ({version})")));
    }
    let uri = format!("s3://{}", decode(source)?.trim_start_matches('/'));
    let mut file = call.s3.read(&uri)?;
    let etag = call.shared.etags.of(&mut file)?;
    let given = |header: &str| request.header(header).map(|list| is_among(list, &etag));
    if given("x-amz-copy-source-if-match") == Some(false)
        || given("x-amz-copy-source-if-none-match") == Some(true)
    {
        return Err(precondition());
    }
    Ok(Source { uri, file, etag })
}

/// CopyObject
pub(super) fn copy(call: &mut Call<'_, '_>) -> Result<Response, Error> {
    check_condition(call)?;
    let Source {
        uri,
        mut file,
        etag,
    } = source(call)?;
    let mut object = call.s3.create(&call.request.uri())?;
    io::copy(&mut file, &mut object).map_err(Error::io("cannot copy", &uri))?;
    object.flush().map_err(Error::io("cannot copy", &uri))?;
    finish(call, object)?;
    Ok(Response::xml(
        "CopyObjectResult",
        &(xml::element("LastModified", &date::iso(SystemTime::now()))
            + &xml::element("ETag", &etag)),
    ))
}

/// DeleteObject
pub(super) fn delete(call: &mut Call<'_, '_>) -> Result<Response, Error> {
    call.s3.delete(&call.request.uri())?;
    Ok(Response::new(204))
}

/// DeleteObjects
pub(super) fn delete_several(call: &mut Call<'_, '_>) -> Result<Response, Error> {
    let root = call.xml()?;
    let objects: Vec<_> = root.all("Object").collect();
    if root.name != "Delete" || objects.is_empty() || objects.len() > MOST_DELETED {
        return Err(malformed_xml());
    }
    let quiet = root.child("Quiet") == Some("true");
    let mut contents = String::new();
    for object in objects {
        // Blanks at the ends belong to a key.
        let key = object.children.iter().find(|child| child.name == "Key");
        let key = &*key.ok_or_else(malformed_xml)?.text;
        if object.child("VersionId").is_some() {
            return Err(not_implemented("versions of objects"));
        }
        let uri = format!("s3://{}/{key}", call.request.bucket);
        match call.s3.delete(&uri) {
            Ok(()) if quiet => {}
            Ok(()) => {
                contents.push_str(&format!("<Deleted>{}</Deleted>", xml::element("Key", key)))
            }
            Err(error) => {
                let (code, message) = match error {
                    Error::S3 { code, message, .. } => (code, message),
                    other => ("InternalError", other.to_string()),
                };
                contents.push_str(&format!(
                    "<Error>{}{}{}</Error>",
                    xml::element("Key", key),
                    xml::element("Code", code),
                    xml::element("Message", &message)
                ));
            }
        }
    }
    Ok(Response::xml("DeleteResult", &contents))
}

impl Call<'_, '_> {
    /// The right to write the object, for requests that come before its contents.
    pub(super) fn may_write(&self) -> Result<(), Error> {
        self.s3.check(Action::Write, &self.request.uri())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        for (range, expected) in [
            ("bytes=0-9", Ok(Some((0, 10)))),
            ("bytes=5-", Ok(Some((5, 15)))),
            ("bytes=-5", Ok(Some((15, 5)))),
            ("bytes=-50", Ok(Some((0, 20)))),
            ("bytes=10-99", Ok(Some((10, 10)))),
            ("bytes=19-19", Ok(Some((19, 1)))),
            ("bytes=20-", Err(())),
            ("bytes=-0", Err(())),
            ("bytes=9-5", Ok(None)),
            ("bytes=0-1,3-4", Ok(None)),
            ("lines=1-2", Ok(None)),
        ] {
            assert_eq!(parse_range(range, 20), expected, "{range}");
        }
        assert_eq!(parse_range("bytes=0-", 0), Err(()));
    }
}
