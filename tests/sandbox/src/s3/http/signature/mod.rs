//! AWS's signature, version 4.

mod chain;
mod read;

use std::time::{Duration, SystemTime};

use ring::hmac;

use super::date;
use super::digest::{hex, sha256};
use super::request::{Request, decode, encode};
use crate::Error;
pub(super) use chain::Chain;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// How far the clocks may be apart.
const SKEW: Duration = Duration::from_secs(15 * 60);

/// What a request says about its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Signature {
    pub(super) key_id: String,
    pub(super) token: Option<String>,
    pub(super) region: String,
    service: String,
    /// `20130524T000000Z`
    date: String,
    /// `20130524/us-east-1/s3/aws4_request`
    scope: String,
    signed_headers: Vec<String>,
    signature: String,
    /// How long a presigned URL is good, in seconds.
    expires: Option<u64>,
    /// The hash of the body, for services that want no header with it.
    body: Option<String>,
}

fn malformed(message: impl Into<String>) -> Error {
    Error::s3(400, "AuthorizationHeaderMalformed", message)
}

fn denied(message: &str) -> Error {
    Error::s3(403, "AccessDenied", message)
}

impl Signature {
    /// Whether the request came in time.
    pub(super) fn check_time(&self, now: SystemTime) -> Result<(), Error> {
        let date = date::parse_basic(&self.date).ok_or_else(|| {
            denied("AWS authentication requires a valid Date or x-amz-date header")
        })?;
        let too_skewed = || {
            Error::s3(
                403,
                "RequestTimeTooSkewed",
                "The difference between the request time and the current time is too large.",
            )
        };
        if date.duration_since(now).is_ok_and(|ahead| ahead > SKEW) {
            return Err(too_skewed());
        }
        let age = now.duration_since(date).unwrap_or_default();
        match self.expires {
            Some(expires) if age > Duration::from_secs(expires) => {
                Err(denied("Request has expired"))
            }
            None if age > SKEW => Err(too_skewed()),
            _ => Ok(()),
        }
    }

    /// What the body has to hash to, or how it is signed instead.
    pub(super) fn payload<'a>(&'a self, request: &'a Request) -> Result<&'a str, Error> {
        match (request.header("x-amz-content-sha256"), self.body.as_deref()) {
            (Some(payload), _) | (None, Some(payload)) => Ok(payload),
            _ if self.expires.is_some() => Ok("UNSIGNED-PAYLOAD"),
            _ => Err(Error::s3(
                400,
                "InvalidRequest",
                "Missing required header for this request: x-amz-content-sha256",
            )),
        }
    }

    /// The body is known whole, and hashes to this: only S3 asks for a header that says so.
    pub(super) fn with_body(mut self, digest: String) -> Self {
        self.body = Some(digest);
        self
    }

    /// Whether whoever signed has the secret key.
    pub(super) fn verify(&self, request: &Request, secret: &str) -> Result<Chain, Error> {
        let is_signed = |name: &str| self.signed_headers.iter().any(|signed| signed == name);
        if !is_signed("host") {
            return Err(malformed(
                "The authorization header is malformed; the host is not signed.",
            ));
        }
        if request
            .headers
            .iter()
            .any(|(name, _)| name.starts_with("x-amz-") && !is_signed(name))
        {
            return Err(denied(
                "There were headers present in the request which were not signed",
            ));
        }
        let canonical = self.canonical(request)?;
        let text = format!(
            "{ALGORITHM}\n{}\n{}\n{}",
            self.date,
            self.scope,
            sha256(canonical.as_bytes())
        );
        let mut key = format!("AWS4{secret}").into_bytes();
        for part in self.scope.split('/') {
            let previous = hmac::Key::new(hmac::HMAC_SHA256, &key);
            key = hmac::sign(&previous, part.as_bytes()).as_ref().to_vec();
        }
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
        check(&key, &text, &self.signature)?;
        Ok(Chain {
            key,
            date: self.date.clone(),
            scope: self.scope.clone(),
            previous: self.signature.clone(),
        })
    }

    fn canonical(&self, request: &Request) -> Result<String, Error> {
        let mut query: Vec<_> = request
            .query
            .iter()
            .filter(|(name, _)| name != "X-Amz-Signature")
            .map(|(name, value)| format!("{}={}", encode(name, true), encode(value, true)))
            .collect();
        query.sort_unstable();
        let mut headers = String::new();
        for signed in &self.signed_headers {
            let values: Vec<_> = request
                .headers
                .iter()
                .filter(|(name, _)| name == signed)
                .map(|(_, value)| value.split_ascii_whitespace().collect::<Vec<_>>().join(" "))
                .collect();
            headers.push_str(&format!("{signed}:{}\n", values.join(",")));
        }
        Ok(format!(
            "{}\n{}\n{}\n{headers}\n{}\n{}",
            request.method,
            encode(&decode(&request.path)?, false),
            query.join("&"),
            self.signed_headers.join(";"),
            self.payload(request)?
        ))
    }
}

fn check(key: &hmac::Key, text: &str, signature: &str) -> Result<(), Error> {
    let expected = hex(hmac::sign(key, text.as_bytes()).as_ref());
    if expected == signature {
        Ok(())
    } else {
        Err(crate::s3::permissions::wrong_signature())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // The examples of AWS's "Signature Calculations for the Authorization Header", with their key and their results.
    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn request(line: &str, headers: &[(&str, &str)], signature: &str) -> Request {
        let mut head = format!("{line} HTTP/1.1\r\nHost: examplebucket.s3.amazonaws.com\r\n");
        let mut signed = vec!["host".to_owned()];
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
            signed.push(name.to_ascii_lowercase());
        }
        signed.sort();
        head.push_str(&format!(
            "Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,\
             SignedHeaders={},Signature={signature}\r\n\r\n",
            signed.join(";")
        ));
        Request::parse(head.as_bytes()).expect("a request")
    }

    fn verify(request: &Request, secret: &str) -> Result<Chain, Error> {
        Signature::of(request)?.verify(request, secret)
    }

    const DATE: (&str, &str) = ("x-amz-date", "20130524T000000Z");

    #[test]
    fn the_published_examples_verify() {
        let empty = ("x-amz-content-sha256", EMPTY);
        for request in [
            request(
                "GET /test.txt",
                &[("Range", "bytes=0-9"), empty, DATE],
                "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
            ),
            request(
                "PUT /test%24file.text",
                &[
                    ("Date", "Fri, 24 May 2013 00:00:00 GMT"),
                    DATE,
                    ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
                    (
                        "x-amz-content-sha256",
                        "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
                    ),
                ],
                "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
            ),
            request(
                "GET /?lifecycle",
                &[DATE, empty],
                "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
            ),
            request(
                "GET /?max-keys=2&prefix=J",
                &[DATE, empty],
                "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
            ),
        ] {
            assert!(verify(&request, SECRET).is_ok(), "{request:?}");
            assert!(verify(&request, "another").is_err());
            let mut changed = request.clone();
            changed.path.push('x');
            assert!(verify(&changed, SECRET).is_err());
        }
    }

    #[test]
    fn the_published_presigned_url_verifies() {
        let head = "GET /test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524\
             %2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=\
             host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404 HTTP/1.1\r\n\
             Host: examplebucket.s3.amazonaws.com\r\n\r\n";
        let request = Request::parse(head.as_bytes()).expect("a request");
        let signature = Signature::of(&request).expect("a signature");
        assert!(signature.verify(&request, SECRET).is_ok());
        let at = |seconds: u64| {
            let start = date::parse_basic(DATE.1).expect("a time");
            signature.check_time(start + Duration::from_secs(seconds))
        };
        assert!(at(86_400).is_ok());
        assert!(at(86_401).is_err());
    }

    #[test]
    fn the_published_chunks_verify() {
        let request = request(
            "PUT /examplebucket/chunkObject.txt",
            &[
                ("content-encoding", "aws-chunked"),
                ("content-length", "66824"),
                ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
                DATE,
                ("x-amz-decoded-content-length", "66560"),
                ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
            ],
            "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
        );
        let mut request = request;
        request.headers[0].1 = "s3.amazonaws.com".to_owned();
        let mut chain = verify(&request, SECRET).expect("the seed");
        for (length, signature) in [
            (
                65_536,
                "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
            ),
            (
                1024,
                "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
            ),
            (
                0,
                "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
            ),
        ] {
            let hash = sha256(&vec![b'a'; length]);
            assert!(chain.chunk(&hash, signature).is_ok(), "{length}");
        }
        assert!(chain.chunk(&sha256(b""), EMPTY).is_err());
    }

    /// `post-x-www-form-urlencoded` of AWS's test suite for version 4 of signatures.
    #[test]
    fn a_service_that_is_not_s3_hashes_the_body_itself() {
        let request = Request::parse(
            b"POST / HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nHost: example.amazonaws.com\r\n\
              X-Amz-Date: 20150830T123600Z\r\nAuthorization: AWS4-HMAC-SHA256 \
              Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
              SignedHeaders=content-type;host;x-amz-date, \
              Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a\r\n\r\n",
        )
        .expect("a request");
        let signature = Signature::for_service(&request, "service").expect("a signature");
        let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
        assert!(signature.verify(&request, secret).is_err());
        let of = |body: &[u8]| signature.clone().with_body(sha256(body));
        assert!(of(b"Param1=value1").verify(&request, secret).is_ok());
        assert!(of(b"Param1=value2").verify(&request, secret).is_err());
    }

    #[test]
    fn what_is_not_signed_is_refused() {
        let mut unsigned = request(
            "GET /test.txt",
            &[
                ("Range", "bytes=0-9"),
                ("x-amz-content-sha256", EMPTY),
                DATE,
            ],
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        );
        unsigned
            .headers
            .push(("x-amz-acl".to_owned(), "private".to_owned()));
        let error = verify(&unsigned, SECRET).err().expect("refused");
        assert!(error.to_string().contains("not signed"), "{error}");
        let public = Request::parse(b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n").expect("a request");
        assert!(Signature::of(&public).is_err());
        for header in [
            "Basic abc",
            "AWS4-HMAC-SHA256",
            "AWS4-HMAC-SHA256 Credential=a/20130524/us-east-1/s3/aws4_request, SignedHeaders=host",
            "AWS4-HMAC-SHA256 Credential=a/20130524/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=x",
            "AWS4-HMAC-SHA256 Credential=a/20130525/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=x",
            "AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host, Signature=x",
        ] {
            let mut request = unsigned.clone();
            request.headers.retain(|(name, _)| name != "authorization");
            request
                .headers
                .push(("authorization".to_owned(), header.to_owned()));
            assert!(Signature::for_service(&request, "s3").is_err(), "{header}");
        }
    }
}
