//! The contents of an upload, checked while they are written.

use std::io::{BufRead, BufReader, Read, Write};

use super::digest::{Checksum, base64, hex};
use super::request::{Request, bad, cut_off, line};
use super::signature::Chain;
use crate::Error;

const STREAMING: &str = "STREAMING-";

/// How a body is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Coding {
    signed: bool,
    trailer: bool,
}

/// What is known of the contents when they are in.
pub(super) struct Received {
    pub(super) md5: String,
    /// The checksum that came with them, to be sent back.
    pub(super) checksum: Option<(String, String)>,
}

struct Checked<'a> {
    out: &'a mut dyn Write,
    md5: Checksum,
    sha256: Checksum,
    /// The name of the checksum's header, and the checksum itself.
    checksum: Option<(String, Checksum)>,
    bytes: u64,
}

impl Checked<'_> {
    fn copy(&mut self, from: &mut dyn Read, mut also: Option<&mut Checksum>) -> Result<(), Error> {
        let mut buffer = [0; 16 * 1024];
        loop {
            let read = from.read(&mut buffer).map_err(|_| cut_off())?;
            if read == 0 {
                return Ok(());
            }
            let bytes = &buffer[..read];
            self.md5.update(bytes);
            self.sha256.update(bytes);
            if let Some((_, checksum)) = &mut self.checksum {
                checksum.update(bytes);
            }
            if let Some(also) = &mut also {
                also.update(bytes);
            }
            self.bytes += read as u64;
            self.out
                .write_all(bytes)
                .map_err(Error::io("cannot write", "an object"))?;
        }
    }
}

fn new(name: &str) -> Result<Checksum, Error> {
    Checksum::named(name).ok_or_else(|| {
        Error::s3(
            501,
            "NotImplemented",
            format!("The sandbox does not know the checksum {name}."),
        )
    })
}

fn bad_digest(name: &str) -> Error {
    Error::s3(
        400,
        "BadDigest",
        format!("The {name} you specified did not match what we received."),
    )
}

/// Writes the contents of a request to `out`. What was written is worth nothing if this fails.
pub(super) fn receive(
    request: &Request,
    body: &mut dyn Read,
    payload: &str,
    mut chain: Chain,
    out: &mut dyn Write,
) -> Result<Received, Error> {
    let coding = match payload.strip_prefix(STREAMING) {
        None => None,
        Some("AWS4-HMAC-SHA256-PAYLOAD") => Some((true, false)),
        Some("AWS4-HMAC-SHA256-PAYLOAD-TRAILER") => Some((true, true)),
        Some("UNSIGNED-PAYLOAD-TRAILER") => Some((false, true)),
        Some(_) => {
            return Err(Error::s3(
                501,
                "NotImplemented",
                format!("The sandbox does not know bodies of the form {payload}."),
            ));
        }
    };
    let coding = coding.map(|(signed, trailer)| Coding { signed, trailer });
    let announced = request
        .header("x-amz-trailer")
        .filter(|_| coding.is_some_and(|coding| coding.trailer));
    let in_header = request
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .find(|name| name.starts_with("x-amz-checksum-") && !is_setting(name));
    let name = in_header.or(announced);
    let checksum = name
        .map(|name| {
            let short = name.strip_prefix("x-amz-checksum-").unwrap_or(name);
            Ok::<_, Error>((name.to_owned(), new(short)?))
        })
        .transpose()?;
    let mut checked = Checked {
        out,
        md5: new("md5")?,
        sha256: new("sha256")?,
        checksum,
        bytes: 0,
    };
    let mut trailers = Vec::new();
    match coding {
        None => checked.copy(body, None)?,
        Some(coding) => {
            trailers = chunks(request, body, coding, &mut chain, &mut checked)?;
        }
    }
    let Checked {
        md5,
        sha256,
        checksum,
        ..
    } = checked;
    let md5 = md5.finish();
    if coding.is_none() && payload != "UNSIGNED-PAYLOAD" && hex(&sha256.finish()) != payload {
        return Err(Error::s3(
            400,
            "XAmzContentSHA256Mismatch",
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
        ));
    }
    if request
        .header("content-md5")
        .is_some_and(|expected| expected != base64(&md5))
    {
        return Err(bad_digest("Content-MD5"));
    }
    let checksum = match checksum {
        None => None,
        Some((name, checksum)) => {
            let found = base64(&checksum.finish());
            let expected = request.header(&name).or_else(|| {
                let mut trailers = trailers.iter();
                let trailer = trailers.find(|(trailer, _)| *trailer == name);
                trailer.map(|(_, value)| value.as_str())
            });
            if expected != Some(found.as_str()) {
                return Err(bad_digest(&name));
            }
            Some((name, found))
        }
    };
    Ok(Received {
        md5: hex(&md5),
        checksum,
    })
}

/// Headers of that prefix that hold no checksum.
pub(super) fn is_setting(name: &str) -> bool {
    matches!(
        name,
        "x-amz-checksum-algorithm" | "x-amz-checksum-type" | "x-amz-checksum-mode"
    )
}

/// Chunks that may be signed each, and the headers that follow them.
fn chunks(
    request: &Request,
    body: &mut dyn Read,
    coding: Coding,
    chain: &mut Chain,
    checked: &mut Checked<'_>,
) -> Result<Vec<(String, String)>, Error> {
    let mut from = BufReader::new(body);
    loop {
        let head = line(&mut from).map_err(|_| cut_off())?;
        let (size, extension) = head.split_once(';').unwrap_or((&head, ""));
        let size = u64::from_str_radix(size.trim(), 16)
            .map_err(|_| bad("A chunk of the body has no valid size."))?;
        let mut hash = new("sha256")?;
        let before = checked.bytes;
        checked.copy(&mut (&mut from).take(size), Some(&mut hash))?;
        if checked.bytes - before != size {
            return Err(cut_off());
        }
        if coding.signed {
            let signature = extension
                .strip_prefix("chunk-signature=")
                .ok_or_else(|| bad("A chunk of the body is not signed."))?;
            chain.chunk(&hex(&hash.finish()), signature)?;
        }
        if size == 0 {
            break;
        }
        if !line(&mut from).map_err(|_| cut_off())?.is_empty() {
            return Err(bad("A chunk of the body is longer than it says."));
        }
    }
    let trailers = read_trailers(&mut from, coding, chain)?;
    let expected = request.header("x-amz-decoded-content-length");
    match expected.map(str::parse::<u64>) {
        Some(Ok(length)) if length == checked.bytes => Ok(trailers),
        Some(Ok(_)) => Err(cut_off()),
        _ => Err(Error::s3(
            411,
            "MissingContentLength",
            "You must provide the x-amz-decoded-content-length HTTP header.",
        )),
    }
}

fn read_trailers(
    from: &mut impl BufRead,
    coding: Coding,
    chain: &Chain,
) -> Result<Vec<(String, String)>, Error> {
    let mut trailers: Vec<(String, String)> = Vec::new();
    let mut signature = None;
    loop {
        let line = line(from).map_err(|_| cut_off())?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line
            .split_once(':')
            .filter(|_| coding.trailer && trailers.len() < 16)
            .ok_or_else(|| bad("What follows the body is no valid header."))?;
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim().to_owned());
        if name == "x-amz-trailer-signature" {
            signature = Some(value);
        } else {
            trailers.push((name, value));
        }
    }
    if coding.signed && coding.trailer {
        let headers: String = trailers
            .iter()
            .map(|(name, value)| format!("{name}:{value}\n"))
            .collect();
        let signature =
            signature.ok_or_else(|| bad("The headers after the body are not signed."))?;
        chain.trailer(&headers, &signature)?;
    }
    Ok(trailers)
}
