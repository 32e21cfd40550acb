//! S3's protocol over HTTP, on the same objects that COPY and UNLOAD see.

mod bucket;
mod date;
mod digest;
mod etag;
mod list;
mod log_in;
mod multipart;
mod object;
mod payload;
mod request;
mod response;
mod signature;
mod xml;

pub(crate) use etag::Etags;

use std::io::{self, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, SystemTime};

use super::{S3, permissions};
use crate::Error;
use crate::session::Shared;
use list::Version;
use request::{Body, Request};
use response::Response;
use signature::{Chain, Signature};

/// A client that says nothing for so long is gone.
const PATIENCE: Duration = Duration::from_secs(60);

/// XML in a request is at most so long.
const LONGEST_XML: u64 = 2 * 1024 * 1024;

/// A request whose signature is right, but whose body is still to come.
struct Call<'a, 'b> {
    shared: &'a Shared,
    s3: S3<'a>,
    request: &'b Request,
    body: &'b mut dyn Read,
    /// What the body has to hash to.
    payload: String,
    chain: Chain,
}

/// Serves one connection until the client closes it.
pub(crate) fn serve(stream: TcpStream, shared: &Shared) {
    let _ = stream.set_nodelay(true);
    let _ = stream.set_read_timeout(Some(PATIENCE));
    let Ok(reading) = stream.try_clone() else {
        return;
    };
    let mut from = BufReader::with_capacity(64 * 1024, reading);
    let mut to = &stream;
    while let Ok(Some(request)) = Request::read(&mut from) {
        match answer(request, &mut from, &mut to, shared) {
            Ok(true) => {}
            _ => {
                drain(&stream, &mut from);
                return;
            }
        }
    }
}

/// Ends a connection that has unread bytes: closing at once would take the answer away from the client.
fn drain(stream: &TcpStream, from: &mut BufReader<TcpStream>) {
    let _ = stream.shutdown(Shutdown::Write);
    let _ = stream.set_read_timeout(Some(Duration::from_secs(2)));
    let _ = io::copy(&mut from.take(64 * 1024 * 1024), &mut io::sink());
}

/// Answers a request; false when the connection cannot be used any more.
fn answer(
    request: Result<Request, Error>,
    from: &mut BufReader<TcpStream>,
    to: &mut impl Write,
    shared: &Shared,
) -> io::Result<bool> {
    let request = match request {
        Ok(request) => request,
        Err(error) => {
            Response::error(&error, "/").write(to, false, true)?;
            return Ok(false);
        }
    };
    let mut body = match Body::of(&request, from) {
        Ok(body) => body,
        Err(error) => {
            Response::error(&error, &request.path).write(to, false, true)?;
            return Ok(false);
        }
    };
    if log_in::is_meant(&request) {
        let response = log_in::answer(&request, &mut body, shared);
        let last = !body.is_read();
        response.write(to, false, last)?;
        return Ok(!last);
    }
    let permitted = permit(&request, shared);
    if permitted.is_ok()
        && request
            .header("expect")
            .is_some_and(|expected| expected.eq_ignore_ascii_case("100-continue"))
    {
        to.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    let response = permitted.and_then(|(s3, payload, chain)| {
        route(&mut Call {
            shared,
            s3,
            request: &request,
            body: &mut body,
            payload,
            chain,
        })
    });
    let last = !body.is_read()
        || request
            .header("connection")
            .is_some_and(|value| value.eq_ignore_ascii_case("close"));
    let response = response.unwrap_or_else(|error| {
        let error = match error {
            Error::NoSuchObject { .. } if !shared.store.has_bucket(&request.bucket) => {
                no_such_bucket()
            }
            error => error,
        };
        Response::error(&error, &request.path)
    });
    response.write(to, request.method == "HEAD", last)?;
    Ok(!last)
}

/// Checks who asks.
fn permit<'a>(request: &Request, shared: &'a Shared) -> Result<(S3<'a>, String, Chain), Error> {
    let signature = Signature::for_service(request, "s3")?;
    signature.check_time(SystemTime::now())?;
    let (key, granted) = shared.identities().key(&signature.key_id)?;
    let chain = signature.verify(request, &key.secret)?;
    permissions::check_token(&key, signature.token.as_deref())?;
    let identities = shared.identities();
    let expected = identities.region_of(&request.bucket);
    // Before a bucket is there, its region is what the client says.
    if signature.region != expected && shared.store.has_bucket(&request.bucket) {
        return Err(Error::s3(
            400,
            "AuthorizationHeaderMalformed",
            format!(
                "The authorization header is malformed; the region '{}' is wrong; expecting '{expected}'",
                signature.region
            ),
        ));
    }
    let payload = signature.payload(request)?.to_owned();
    Ok((S3::signed(shared, granted), payload, chain))
}

fn no_such_bucket() -> Error {
    Error::s3(404, "NoSuchBucket", "The specified bucket does not exist")
}

fn not_implemented(what: &str) -> Error {
    Error::s3(
        501,
        "NotImplemented",
        format!("The sandbox does not imitate {what}."),
    )
}

/// Headers that may come and change nothing, or that are looked at elsewhere.
const KNOWN_HEADERS: [&str; 29] = [
    "x-amz-acl",
    "x-amz-api-version",
    "x-amz-checksum-algorithm",
    "x-amz-checksum-crc32",
    "x-amz-checksum-crc32c",
    "x-amz-checksum-crc64nvme",
    "x-amz-checksum-mode",
    "x-amz-checksum-sha1",
    "x-amz-checksum-sha256",
    "x-amz-checksum-type",
    "x-amz-content-sha256",
    "x-amz-copy-source",
    "x-amz-copy-source-if-match",
    "x-amz-copy-source-if-none-match",
    "x-amz-copy-source-range",
    "x-amz-date",
    "x-amz-decoded-content-length",
    "x-amz-expected-bucket-owner",
    "x-amz-metadata-directive",
    "x-amz-mp-object-size",
    "x-amz-request-payer",
    "x-amz-sdk-checksum-algorithm",
    "x-amz-security-token",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-storage-class",
    "x-amz-te",
    "x-amz-trailer",
    "x-amz-user-agent",
];

const KNOWN_PARAMETERS: [&str; 19] = [
    "X-Amz-Algorithm",
    "X-Amz-Content-Sha256",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-Security-Token",
    "X-Amz-Signature",
    "X-Amz-SignedHeaders",
    "continuation-token",
    "delimiter",
    "encoding-type",
    "fetch-owner",
    "marker",
    "max-keys",
    "prefix",
    "response-content-disposition",
    "response-content-type",
    "start-after",
    "x-id",
];

/// What a request asks for besides its bucket and key.
const KNOWN_RESOURCES: [&str; 6] = [
    "delete",
    "list-type",
    "location",
    "partNumber",
    "uploadId",
    "uploads",
];

fn route(call: &mut Call<'_, '_>) -> Result<Response, Error> {
    let request = call.request;
    if let Some((name, _)) = request
        .headers
        .iter()
        .find(|(name, _)| name.starts_with("x-amz-") && !KNOWN_HEADERS.contains(&&**name))
    {
        return Err(not_implemented(&format!("the header {name}")));
    }
    let mut resources = Vec::new();
    for (name, _) in &request.query {
        if KNOWN_RESOURCES.contains(&&**name) {
            resources.push(name.as_str());
        } else if !KNOWN_PARAMETERS.contains(&&**name) {
            return Err(not_implemented(&format!("the query parameter {name}")));
        }
    }
    resources.sort_unstable();
    let creates_bucket = request.method == "PUT" && request.key.is_empty();
    let names_bucket = !request.bucket.is_empty();
    if names_bucket && !creates_bucket && !call.shared.store.has_bucket(&request.bucket) {
        return Err(no_such_bucket());
    }
    let level = match (request.bucket.is_empty(), request.key.is_empty()) {
        (true, _) => "service",
        (false, true) => "bucket",
        (false, false) => "object",
    };
    match (level, &*request.method, &resources[..]) {
        ("service", "GET", []) => bucket::all(call),
        ("bucket", "PUT", []) => bucket::create(call),
        ("bucket", "HEAD", []) => bucket::head(call),
        ("bucket", "DELETE", []) => bucket::delete(call),
        ("bucket", "GET", ["location"]) => bucket::location(call),
        ("bucket", "GET", []) => list::objects(call, Version::One),
        ("bucket", "GET", ["list-type"]) => list::objects(call, Version::Two),
        ("bucket", "POST", ["delete"]) => object::delete_several(call),
        ("object", "GET" | "HEAD", []) => object::get(call),
        ("object", "PUT", []) if request.header("x-amz-copy-source").is_some() => {
            object::copy(call)
        }
        ("object", "PUT", []) => object::put(call),
        ("object", "DELETE", []) => object::delete(call),
        ("object", "POST", ["uploads"]) => multipart::begin(call),
        ("object", "PUT", ["partNumber", "uploadId"])
            if request.header("x-amz-copy-source").is_some() =>
        {
            multipart::part_copy(call)
        }
        ("object", "PUT", ["partNumber", "uploadId"]) => multipart::part(call),
        ("object", "POST", ["uploadId"]) => multipart::complete(call),
        ("object", "DELETE", ["uploadId"]) => multipart::abort(call),
        (_, method, []) => Err(not_implemented(&format!("{method} of a {level}"))),
        (_, method, resources) => Err(not_implemented(&format!(
            "{method} of a {level} with {}",
            resources.join(" and ")
        ))),
    }
}

impl Call<'_, '_> {
    /// Reads a body of XML.
    fn xml(&mut self) -> Result<xml::Element, Error> {
        let mut bytes = Vec::new();
        self.receive_small(&mut bytes)?;
        std::str::from_utf8(&bytes)
            .ok()
            .and_then(xml::parse)
            .ok_or_else(malformed_xml)
    }

    /// Reads a body that fits into memory.
    fn receive_small(&mut self, into: &mut Vec<u8>) -> Result<(), Error> {
        let length = self.request.header("content-length");
        if length
            .and_then(|length| length.parse::<u64>().ok())
            .is_none_or(|length| length > LONGEST_XML)
        {
            return Err(malformed_xml());
        }
        self.receive(into).map(|_| ())
    }

    fn receive(&mut self, out: &mut dyn Write) -> Result<payload::Received, Error> {
        let chain = std::mem::replace(&mut self.chain, Chain::spent());
        payload::receive(self.request, self.body, &self.payload, chain, out)
    }
}

fn malformed_xml() -> Error {
    Error::s3(
        400,
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published schema",
    )
}
