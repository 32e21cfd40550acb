//! Requests to one of Amazon's services: signed, sent and retried.

use std::fmt;
use std::time::Duration;

use reqsign_aws_v4::{Credential, RequestSigner};
use reqsign_core::hash::hex_sha256;
use reqsign_core::{Context, SignRequest};
use ureq::Body;
use ureq::http::header::{HeaderName, HeaderValue};
use ureq::http::{self, Method, Response};

use super::backoff::Backoff;
use super::credentials::Credentials;
use super::http::{Http, TimeLimits, is_lost, read_small};
use super::surroundings::complete;
use super::xml::Element;

/// The rest of a longer refusal adds nothing.
const LONGEST_REFUSAL: u64 = 64 * 1024;

/// From this many bytes on, the service is asked first whether it accepts them: a refusal that
/// arrives while they are sent would look like a lost connection.
const WORTH_ASKING: usize = 1024 * 1024;

/// One service in one region, by the name that its signatures use: `s3`, `redshift`,
/// `redshift-serverless`.
pub(crate) struct Client {
    credentials: Credentials,
    signer: RequestSigner,
    http: Http,
    attempts: u32,
}

/// A request that may be sent several times.
#[derive(Debug, Clone)]
pub(crate) struct Request<'a> {
    pub(crate) method: Method,
    /// Encoded.
    pub(crate) url: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: &'a [u8],
}

/// Why a request has no useful answer.
#[derive(Debug)]
pub(crate) enum RequestError {
    /// There are no credentials to sign it with.
    Credentials(String),
    /// It cannot be sent as it is.
    Invalid(String),
    /// The service was out of reach, or broke off, at every attempt.
    Unreachable { said: String, attempts: u32 },
    /// The service refused it.
    Refused(Refusal),
}

/// An answer other than success.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    /// Such as `NoSuchKey`; empty if the answer is not the service's.
    pub(crate) code: String,
    pub(crate) message: String,
    /// The bucket's region, if the service reports it.
    pub(crate) region: Option<String>,
    pub(crate) attempts: u32,
}

impl Client {
    pub(crate) fn new(
        service: &str,
        region: &str,
        credentials: Credentials,
        limits: TimeLimits,
        attempts: u32,
    ) -> Self {
        Self {
            credentials,
            signer: RequestSigner::new(service, region),
            http: Http::new(limits),
            attempts,
        }
    }

    /// How often a request is sent before it fails.
    pub(crate) fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Sends a request until it succeeds: lost connections and answers of 5xx and 429 are retried,
    /// and expired credentials are fetched again once.
    pub(crate) fn send(&self, request: &Request<'_>) -> Result<Response<Body>, RequestError> {
        let mut backoff = Backoff::new(self.attempts);
        // The hash of 64 MB is worth keeping.
        let hash = hex_sha256(request.body);
        let mut is_renewed = false;
        loop {
            let credential = self.credentials.get().map_err(RequestError::Credentials)?;
            let mut head = self.sign(request, &hash, &credential)?;
            if request.body.len() >= WORTH_ASKING {
                // After signing, since a proxy may remove it.
                let ask = HeaderValue::from_static("100-continue");
                head.headers.insert(http::header::EXPECT, ask);
            }
            let error = match self.http.send(head, request.body) {
                Ok(response) if response.status().is_success() => return Ok(response),
                Ok(mut response) => {
                    let refusal = Refusal::read(&mut response);
                    if refusal.is_expired() && !is_renewed && self.credentials.forget(&credential) {
                        is_renewed = true;
                        continue;
                    }
                    if !refusal.is_passing() {
                        return Err(RequestError::Refused(Refusal {
                            attempts: backoff.made() + 1,
                            ..refusal
                        }));
                    }
                    RequestError::Refused(refusal)
                }
                Err(error) if is_lost(&error) => RequestError::Unreachable {
                    said: said(&error),
                    attempts: 0,
                },
                Err(error) => return Err(RequestError::Invalid(error.to_string())),
            };
            match backoff.next() {
                Some(wait) => std::thread::sleep(wait),
                None => return Err(error.after(backoff.made())),
            }
        }
    }

    /// The head of a request, with a signature over its headers, its address and its body.
    fn sign(
        &self,
        request: &Request<'_>,
        hash: &str,
        credential: &Credential,
    ) -> Result<http::request::Parts, RequestError> {
        let invalid = |error: &dyn fmt::Display| RequestError::Invalid(error.to_string());
        let (mut head, ()) = http::Request::builder()
            .method(request.method.clone())
            .uri(request.url.as_str())
            .body(())
            .map_err(|error| invalid(&error))?
            .into_parts();
        let hash = [("x-amz-content-sha256", hash)];
        let given = request
            .headers
            .iter()
            .map(|(name, value)| (*name, &**value));
        for (name, value) in given.chain(hash) {
            let value = HeaderValue::from_str(value).map_err(|error| invalid(&error))?;
            head.headers.insert(HeaderName::from_static(name), value);
        }
        // Signing needs no I/O.
        let nowhere = Context::new();
        let signing = self
            .signer
            .sign_request(&nowhere, &mut head, Some(credential), None);
        complete(signing).map_err(|error| RequestError::Credentials(error.to_string()))?;
        Ok(head)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("signer", &self.signer)
            .field("credentials", &self.credentials)
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}

impl RequestError {
    fn after(self, made: u32) -> Self {
        match self {
            Self::Unreachable { said, .. } => Self::Unreachable {
                said,
                attempts: made,
            },
            Self::Refused(refusal) => Self::Refused(Refusal {
                attempts: made,
                ..refusal
            }),
            other => other,
        }
    }
}

/// How a lost connection is described to users.
fn said(error: &ureq::Error) -> String {
    match error {
        ureq::Error::HostNotFound => "the host's name is not known".to_owned(),
        ureq::Error::Timeout(_) => format!("nothing came in time ({error})"),
        error => format!("the connection failed ({error})"),
    }
}

impl Refusal {
    fn read(response: &mut Response<Body>) -> Self {
        let header = |name: &str| {
            let value = response.headers().get(name)?;
            Some(value.to_str().ok()?.to_owned())
        };
        let region = header("x-amz-bucket-region");
        let status = response.status().as_u16();
        // An answer that breaks off still has its status.
        let body = read_small(response, LONGEST_REFUSAL).unwrap_or_default();
        #[cfg(feature = "iam")]
        if let Some(refusal) = Self::of_json(status, &body) {
            return refusal;
        }
        let root = std::str::from_utf8(&body).ok().and_then(Element::parse);
        // Most services put the error into a response.
        let error = root
            .as_ref()
            .map(|root| root.child("Error").unwrap_or(root));
        let text = |name: &str| {
            let text = error.and_then(|error| error.text_of(name));
            text.unwrap_or_default().to_owned()
        };
        Self {
            status,
            code: text("Code"),
            message: text("Message"),
            region: region.or_else(|| Some(text("Region")).filter(|region| !region.is_empty())),
            attempts: 1,
        }
    }

    /// The error of a JSON service.
    #[cfg(feature = "iam")]
    fn of_json(status: u16, body: &[u8]) -> Option<Self> {
        let root: serde_json::Value = serde_json::from_slice(body).ok()?;
        let text = |names: [&str; 2]| {
            let found = names.iter().find_map(|name| root.get(name)?.as_str());
            found.unwrap_or_default().to_owned()
        };
        // The code may follow the name of a package.
        let code = text(["__type", "code"]);
        Some(Self {
            status,
            code: code.rsplit('#').next().unwrap_or_default().to_owned(),
            message: text(["message", "Message"]),
            region: None,
            attempts: 1,
        })
    }

    /// Whether the same request may succeed a little later.
    fn is_passing(&self) -> bool {
        matches!(self.status, 429 | 500 | 502 | 503 | 504)
            || matches!(
                self.code.as_str(),
                "RequestTimeout"
                    | "RequestTimeoutException"
                    | "RequestLimitExceeded"
                    | "RequestThrottled"
                    | "RequestThrottledException"
                    | "ThrottledException"
                    | "SlowDown"
                    | "Throttling"
                    | "ThrottlingException"
                    | "TooManyRequestsException"
            )
    }

    fn is_expired(&self) -> bool {
        matches!(
            self.code.as_str(),
            "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" | "InvalidToken"
        )
    }
}

/// The default time limits of an S3 client.
pub(crate) const USUAL_LIMITS: TimeLimits = TimeLimits {
    connect: Duration::from_secs(5),
    answer: Duration::from_secs(60),
    idle: Duration::from_secs(30),
    whole: None,
};

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;
    use std::path::PathBuf;
    use std::sync::mpsc::{Receiver, channel};

    use reqsign_core::StaticEnv;

    use super::super::AccessKey;
    use super::super::credentials::Identity;
    use super::*;

    const EXPIRED: &str = "HTTP/1.1 400 X\r\ncontent-length: 49\r\nconnection: close\r\n\r\n\
                           <Error><Code>ExpiredToken</Code></Error>         ";
    const DONE: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";

    /// A server that gives the answers in their order, and the heads that it has seen.
    fn server(answers: &'static [&'static str]) -> (String, Receiver<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        let (seen, heads) = channel();
        std::thread::spawn(move || {
            for answer in answers {
                let (stream, _) = listener.accept().expect("a connection");
                let mut reader = BufReader::new(&stream);
                let mut head = String::new();
                while !head.ends_with("\r\n\r\n") {
                    if reader.read_line(&mut head).expect("a head") == 0 {
                        break;
                    }
                }
                let _ = seen.send(head);
                let _ = (&stream).write_all(answer.as_bytes());
            }
        });
        (url, heads)
    }

    fn client(service: &str, identity: Identity, home: Option<PathBuf>) -> Client {
        let environment = StaticEnv {
            home_dir: home,
            envs: [("AWS_EC2_METADATA_DISABLED".to_owned(), "true".to_owned())].into(),
        };
        let credentials = Credentials::new(identity, "eu-west-1", environment);
        Client::new(service, "eu-west-1", credentials, USUAL_LIMITS, 2)
    }

    fn request(url: &str) -> Request<'static> {
        Request {
            method: Method::GET,
            url: url.to_owned(),
            headers: Vec::new(),
            body: &[],
        }
    }

    fn key() -> Identity {
        Identity::Key(AccessKey::new("AKIAIOSFODNN7EXAMPLE", "TheSecret").expect("a key"))
    }

    #[test]
    fn expired_credentials_are_fetched_anew_once() {
        let home = std::env::temp_dir().join(format!("aws-client-{}", std::process::id()));
        std::fs::create_dir_all(home.join(".aws")).expect("a folder");
        // Another key each time.
        let count = home.join("count").to_string_lossy().into_owned();
        let json = r#"{\"Version\": 1, \"AccessKeyId\": \"KEY$(wc -c < FILE | tr -d ' ')\", \"SecretAccessKey\": \"s\"}"#;
        let process = format!(
            "printf x >> {count}; echo \"{}\"",
            json.replace("FILE", &count)
        );
        std::fs::write(
            home.join(".aws/config"),
            format!("[default]\ncredential_process = {process}\n"),
        )
        .expect("a file");
        let (url, heads) = server(&[EXPIRED, DONE, EXPIRED, EXPIRED]);
        let client = client("s3", Identity::Surroundings, Some(home.clone()));
        client.send(&request(&url)).expect("renewed");
        let told = client.send(&request(&url)).expect_err("expired twice");
        assert!(
            matches!(&told, RequestError::Refused(refusal) if refusal.code == "ExpiredToken"),
            "{told:?}"
        );
        let keys: Vec<_> = heads
            .iter()
            .map(|head| {
                let (_, rest) = head.split_once("Credential=").expect("signed");
                rest.split('/').next().unwrap_or_default().to_owned()
            })
            .collect();
        assert_eq!(keys, ["KEY1", "KEY2", "KEY2", "KEY3"]);
        let _ = std::fs::remove_dir_all(home);
    }

    #[test]
    fn a_given_key_that_has_expired_is_told_at_once() {
        let (url, heads) = server(&[EXPIRED]);
        let told = client("s3", key(), None).send(&request(&url));
        assert!(matches!(told, Err(RequestError::Refused(_))), "{told:?}");
        assert_eq!(heads.iter().count(), 1);
    }

    #[test]
    fn any_service_and_any_request_is_signed() {
        let (url, heads) = server(&[DONE]);
        let client = client("redshift", key(), None);
        let request = Request {
            method: Method::POST,
            url,
            headers: vec![(
                "content-type",
                "application/x-www-form-urlencoded".to_owned(),
            )],
            body: b"Action=GetClusterCredentials&Version=2012-12-01",
        };
        let mut answer = client.send(&request).expect("done");
        assert_eq!(read_small(&mut answer, 10).expect("a body"), b"ok");
        let head = heads.recv().expect("a head");
        assert!(head.starts_with("POST / HTTP/1.1\r\n"), "{head}");
        for part in [
            "Credential=AKIAIOSFODNN7EXAMPLE/",
            "/eu-west-1/redshift/aws4_request, ",
            "SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date, ",
        ] {
            assert!(head.contains(part), "{part} in {head}");
        }
        assert!(!head.contains("UNSIGNED-PAYLOAD"));
        assert!(!format!("{client:?}").contains("TheSecret"));
    }

    #[test]
    fn what_cannot_be_sent_is_not() {
        let client = client("s3", key(), None);
        for url in ["", "/path", "http://", "http://host/a b"] {
            let told = client.send(&request(url));
            assert!(
                matches!(
                    told,
                    Err(RequestError::Invalid(_) | RequestError::Credentials(_))
                ),
                "{url:?}: {told:?}"
            );
        }
        let mut broken = request("http://127.0.0.1:9/");
        broken.headers.push(("range", "a\nb".to_owned()));
        let told = client.send(&broken);
        assert!(matches!(told, Err(RequestError::Invalid(_))), "{told:?}");
    }
}
