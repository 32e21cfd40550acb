//! The head of a request, and its body as it comes.

use std::io::{self, BufRead, BufReader, Read};
use std::net::TcpStream;

use crate::Error;

const LONGEST_HEAD: u64 = 64 * 1024;
const MOST_HEADERS: usize = 100;

#[derive(Clone, Debug, Default)]
pub(super) struct Request {
    pub(super) method: String,
    /// As it was sent, encoded.
    pub(super) path: String,
    /// Decoded.
    pub(super) query: Vec<(String, String)>,
    /// Names in lower case.
    pub(super) headers: Vec<(String, String)>,
    pub(super) bucket: String,
    pub(super) key: String,
}

impl Request {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(found, _)| found == name);
        found.next().map(|(_, value)| value.as_str())
    }

    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let mut found = self.query.iter().filter(|(found, _)| found == name);
        found.next().map(|(_, value)| value.as_str())
    }

    pub(super) fn uri(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.key)
    }

    /// Reads the next head; none when the client is done.
    pub(super) fn read(from: &mut BufReader<TcpStream>) -> io::Result<Option<Result<Self, Error>>> {
        let mut head = Vec::new();
        let mut limited = from.take(LONGEST_HEAD);
        loop {
            let start = head.len();
            if limited.read_until(b'\n', &mut head)? == 0 {
                return if head.is_empty() {
                    Ok(None)
                } else {
                    Ok(Some(Err(bad(
                        "The head of the request is cut off or too long.",
                    ))))
                };
            }
            match &head[start..] {
                // An empty line before the request is left over from the one before.
                b"\r\n" | b"\n" if start == 0 => head.clear(),
                b"\r\n" | b"\n" => return Ok(Some(Self::parse(&head))),
                _ => {}
            }
        }
    }

    pub(super) fn parse(head: &[u8]) -> Result<Self, Error> {
        let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut parsed = httparse::Request::new(&mut headers);
        match parsed.parse(head) {
            Ok(status) if status.is_complete() => {}
            _ => return Err(bad("The request is not valid HTTP.")),
        }
        let target = parsed.path.unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let headers = parsed
            .headers
            .iter()
            .map(|header| {
                let value = std::str::from_utf8(header.value)
                    .map_err(|_| bad("A header of the request is not UTF-8."))?;
                Ok((header.name.to_ascii_lowercase(), value.trim().to_owned()))
            })
            .collect::<Result<_, Error>>()?;
        let query = query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                let decode = |text: &str| decode(&text.replace('+', "%20"));
                Ok((decode(name)?, decode(value)?))
            })
            .collect::<Result<_, Error>>()?;
        let place = path
            .strip_prefix('/')
            .ok_or_else(|| bad("The request is for no path."))?;
        let (bucket, key) = place.split_once('/').unwrap_or((place, ""));
        Ok(Self {
            method: parsed.method.unwrap_or_default().to_owned(),
            path: path.to_owned(),
            query,
            headers,
            bucket: decode(bucket)?,
            key: decode(key)?,
        })
    }
}

pub(super) fn bad(message: &str) -> Error {
    Error::s3(400, "InvalidRequest", message)
}

/// Undoes the encoding with `%`.
pub(super) fn decode(text: &str) -> Result<String, Error> {
    let invalid = || Error::s3(400, "InvalidURI", "Couldn't parse the specified URI.");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (digits, after) = rest.split_at_checked(2).ok_or_else(invalid)?;
        let digits = std::str::from_utf8(digits)
            .ok()
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.ok_or_else(invalid)?);
        rest = after;
    }
    String::from_utf8(bytes).map_err(|_| invalid())
}

/// Encodes as signatures want it: all but letters, digits and `-._~`, and slashes only if asked.
pub(super) fn encode(text: &str, slashes: bool) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || byte == b'/' && !slashes {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// What follows the head.
pub(super) enum Body<'a> {
    Length(io::Take<&'a mut BufReader<TcpStream>>),
    Chunked {
        from: &'a mut BufReader<TcpStream>,
        left: u64,
        state: ChunkState,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChunkState {
    First,
    Inside,
    Done,
}

impl<'a> Body<'a> {
    pub(super) fn of(request: &Request, from: &'a mut BufReader<TcpStream>) -> Result<Self, Error> {
        if let Some(coding) = request.header("transfer-encoding") {
            if !coding.eq_ignore_ascii_case("chunked") {
                return Err(Error::s3(
                    501,
                    "NotImplemented",
                    format!("The sandbox does not know the transfer coding {coding}."),
                ));
            }
            return Ok(Self::Chunked {
                from,
                left: 0,
                state: ChunkState::First,
            });
        }
        let length = match request.header("content-length") {
            None => 0,
            Some(length) => length
                .parse()
                .map_err(|_| bad("The Content-Length of the request is no number."))?,
        };
        Ok(Self::Length(from.take(length)))
    }

    /// Whether nothing of it is left, so that the next request can be read.
    pub(super) fn is_read(&self) -> bool {
        match self {
            Self::Length(body) => body.limit() == 0,
            Self::Chunked { state, .. } => *state == ChunkState::Done,
        }
    }
}

pub(super) fn cut_off() -> Error {
    Error::s3(
        400,
        "IncompleteBody",
        "You did not provide the number of bytes specified by the Content-Length HTTP header.",
    )
}

pub(super) fn line(from: &mut impl BufRead) -> io::Result<String> {
    let mut line = Vec::new();
    from.take(8192).read_until(b'\n', &mut line)?;
    let text = line
        .strip_suffix(b"\r\n")
        .ok_or(io::ErrorKind::InvalidData)?;
    String::from_utf8(text.to_vec()).map_err(|_| io::ErrorKind::InvalidData.into())
}

impl Read for Body<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (from, left, state) = match self {
            Self::Length(body) => {
                let read = body.read(buffer)?;
                if read == 0 && body.limit() > 0 && !buffer.is_empty() {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                return Ok(read);
            }
            Self::Chunked { from, left, state } => (from, left, state),
        };
        if *state == ChunkState::Done || buffer.is_empty() {
            return Ok(0);
        }
        if *left == 0 {
            if *state == ChunkState::Inside && !line(from)?.is_empty() {
                return Err(io::ErrorKind::InvalidData.into());
            }
            let head = line(from)?;
            let size = head.split(';').next().unwrap_or_default().trim();
            *left = u64::from_str_radix(size, 16).map_err(|_| io::ErrorKind::InvalidData)?;
            *state = ChunkState::Inside;
            if *left == 0 {
                while !line(from)?.is_empty() {}
                *state = ChunkState::Done;
                return Ok(0);
            }
        }
        let most = usize::try_from(*left)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        let read = from.read(&mut buffer[..most])?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        *left -= read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_taken_apart() {
        let request = Request::parse(
            b"GET /bucket/a%20b/%C3%A4?list-type=2&prefix=x%2Fy&acl HTTP/1.1\r\nHost: h\r\nX-Amz-Date:  d \r\n\r\n",
        )
        .expect("valid");
        assert_eq!((&*request.bucket, &*request.key), ("bucket", "a b/ä"));
        assert_eq!(request.parameter("prefix"), Some("x/y"));
        assert_eq!(request.parameter("acl"), Some(""));
        assert_eq!(request.header("x-amz-date"), Some("d"));
        for head in [
            &b"GET bucket HTTP/1.1\r\n\r\n"[..],
            b"GET /%zz HTTP/1.1\r\n\r\n",
            b"GET /%ff HTTP/1.1\r\n\r\n",
            b"GET /%4 HTTP/1.1\r\n\r\n",
            b"\x16\x03\x01\r\n\r\n",
        ] {
            assert!(Request::parse(head).is_err());
        }
    }

    #[test]
    fn what_is_encoded_is_decoded() {
        let text = "a b/ä%+&=~";
        assert_eq!(encode(text, true), "a%20b%2F%C3%A4%25%2B%26%3D~");
        assert_eq!(decode(&encode(text, true)).expect("valid"), text);
    }
}
