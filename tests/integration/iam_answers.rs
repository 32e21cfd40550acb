//! What a Redshift service, a proxy in its stead, or nobody at all may answer to a request for credentials.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use diesel::Connection;
use diesel::connection::SimpleConnection;
use diesel_redshift::RedshiftConnection;
use diesel_redshift::aws::{AccessKey, Region};
use diesel_redshift::connection::{IamCredentials, IamCredentialsBuilder};
use diesel_redshift::error::{IamError, IamErrorKind};
use redshift_sandbox::Sandbox;

const SECRET: &str = "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY";

/// A service that answers every request alike.
struct Service {
    url: String,
    asked: Arc<AtomicU32>,
}

impl Service {
    fn new(answer: impl Fn(&mut TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicU32::new(0));
        let (count, answer) = (Arc::clone(&asked), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (count, answer) = (Arc::clone(&count), Arc::clone(&answer));
                thread::spawn(move || serve(stream, &count, &*answer));
            }
        });
        Self { url, asked }
    }

    fn saying(status: &str, body: impl Into<String>) -> Self {
        let (status, body) = (status.to_owned(), body.into());
        Self::new(move |stream| say(stream, &status, "", &body))
    }

    fn asked(&self) -> u32 {
        self.asked.load(Ordering::Relaxed)
    }

    fn log_in(&self, builder: IamCredentialsBuilder) -> IamCredentials {
        let key = AccessKey::new("AKIAIOSFODNN7EXAMPLE", SECRET).unwrap();
        builder
            .access_key(key)
            .region(Region::parse("us-east-1").unwrap())
            .endpoint(&self.url)
            .attempts(2)
            .build()
            .unwrap()
    }

    fn cluster(&self) -> IamCredentials {
        self.log_in(IamCredentials::cluster("c"))
    }

    fn workgroup(&self) -> IamCredentials {
        self.log_in(IamCredentials::workgroup("w"))
    }
}

fn serve(mut stream: TcpStream, count: &AtomicU32, answer: &dyn Fn(&mut TcpStream)) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let line = line.trim().to_ascii_lowercase();
        if let Some(given) = line.strip_prefix("content-length:") {
            length = given.trim().parse().unwrap();
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    if reader.read_exact(&mut body).is_ok() {
        count.fetch_add(1, Ordering::Relaxed);
        answer(&mut stream);
    }
}

fn say(stream: &mut TcpStream, status: &str, headers: &str, body: &str) {
    let _ = stream.write_all(
        format!(
            "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n{body}",
            body.len()
        )
        .as_bytes(),
    );
}

fn refused(iam: &IamCredentials) -> IamError {
    let error = iam.get().unwrap_err();
    let shown = format!("{error} {error:?} {iam:?}");
    for secret in [SECRET, "hunter2", "FwoGZXIvYXdz"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert!(shown.len() < 4000, "{} bytes", shown.len());
    error
}

fn given(user: &str, password: &str, expires: &str) -> String {
    format!(
        "<R><GetClusterCredentialsWithIAMResult><DbUser>{user}</DbUser><DbPassword>{password}</DbPassword>\
         <Expiration>{expires}</Expiration></GetClusterCredentialsWithIAMResult></R>"
    )
}

const LATER: &str = "2099-01-01T00:00:00Z";

#[test]
fn an_answer_that_is_none_is_told_as_such() {
    let whole = given("IAM:ada", "hunter2", LATER);
    let json = r#"{"dbUser": "IAM:ada", "dbPassword": "hunter2", "expiration": 4070908800.5}"#;
    for (body, is_cluster) in [
        ("", true),
        ("<html><body>Please log in: hunter2</body></html>", true),
        (&whole[..whole.len() - 30], true),
        (&*given("", "hunter2", LATER), true),
        (&*given("IAM:ada", "", LATER), true),
        (&*given("IAM:ada", "hunter2", "soon"), true),
        (json, true),
        ("", false),
        ("null", false),
        ("[]", false),
        ("<html>hunter2</html>", false),
        (&json[..json.len() - 20], false),
        (
            r#"{"dbUser": "", "dbPassword": "hunter2", "expiration": 4070908800}"#,
            false,
        ),
        (
            r#"{"dbUser": "IAM:ada", "dbPassword": null, "expiration": 4070908800}"#,
            false,
        ),
        (
            r#"{"dbUser": ["hunter2"], "dbPassword": "hunter2", "expiration": 4070908800}"#,
            false,
        ),
        (
            r#"{"dbUser": "IAM:ada", "dbPassword": "hunter2", "expiration": -1}"#,
            false,
        ),
    ] {
        let service = Service::saying("200 OK", body);
        let iam = if is_cluster {
            service.cluster()
        } else {
            service.workgroup()
        };
        let error = refused(&iam);
        assert_eq!(error.kind(), IamErrorKind::Unexpected, "{body:?}: {error}");
        assert!(error.to_string().contains("the answer lacks"), "{error}");
        assert_eq!(service.asked(), 1);
    }
    let service = Service::saying("200 OK", given("IAM:ada", "hunter2", LATER));
    assert_eq!(service.cluster().get().unwrap().user(), "IAM:ada");
}

#[test]
fn an_answer_that_is_too_long_or_breaks_off_is_given_up() {
    let service = Service::saying("200 OK", "x".repeat(3 << 20));
    let error = refused(&service.cluster());
    assert!(error.to_string().contains("broke off"), "{error}");
    assert_eq!(service.asked(), 1);
    // A lost connection is worth another attempt.
    let service = Service::new(|stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n<R>hunter2");
    });
    let error = refused(&service.cluster());
    assert_eq!(error.kind(), IamErrorKind::Unavailable, "{error}");
    assert_eq!(service.asked(), 2);
    let page = format!(
        "<E><Error><Code>No</Code><Message>{}</Message></Error></E>",
        "y".repeat(60_000)
    );
    let error = refused(&Service::saying("400 Bad Request", page).cluster());
    assert_eq!(error.kind(), IamErrorKind::Refused);
    let error = refused(&Service::saying("502 Bad Gateway", "<html>hunter2</html>").workgroup());
    assert_eq!(error.kind(), IamErrorKind::Unavailable, "{error}");
}

#[test]
fn a_redirect_is_not_followed() {
    let other = Service::saying("200 OK", given("IAM:eve", "hunter2", LATER));
    let location = format!("location: {}/\r\n", other.url);
    for status in [
        "301 Moved",
        "302 Found",
        "307 Temporary Redirect",
        "308 Permanent Redirect",
    ] {
        let location = location.clone();
        let service = Service::new(move |stream| say(stream, status, &location, ""));
        let error = refused(&service.cluster());
        assert_eq!(error.kind(), IamErrorKind::Refused, "{error}");
        assert!(error.to_string().contains(&status[..3]), "{error}");
    }
    assert_eq!(other.asked(), 0);
}

#[test]
fn a_clock_that_is_off_is_told_from_a_wrong_secret() {
    let token = "The request signature we calculated does not match the signature you provided.\n\nThe Canonical String for \
                 this request should have been\nx-amz-security-token:FwoGZXIvYXdz";
    for (code, message, kind) in [
        (
            "SignatureDoesNotMatch",
            "Signature expired: 20261128T120000Z is now earlier than 20261128T124500Z (20261128T130000Z - 15 min.)",
            IamErrorKind::Clock,
        ),
        (
            "InvalidSignatureException",
            "Signature not yet current: 20261128T140000Z is still later than 20261128T131500Z (20261128T130000Z + 15 min.)",
            IamErrorKind::Clock,
        ),
        (
            "RequestExpired",
            "Request has expired.",
            IamErrorKind::Clock,
        ),
        (
            "RequestTimeTooSkewed",
            "The difference between the request time and the current time is too large.",
            IamErrorKind::Clock,
        ),
        ("SignatureDoesNotMatch", token, IamErrorKind::Credentials),
        (
            "InvalidSignatureException",
            token,
            IamErrorKind::Credentials,
        ),
    ] {
        let xml = format!(
            "<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
        );
        let error = refused(&Service::saying("403 Forbidden", xml).cluster());
        assert_eq!(error.kind(), kind, "{error}");
        let json = serde_json::json!({"__type": code, "message": message}).to_string();
        let error = refused(&Service::saying("400 Bad Request", json).workgroup());
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(
            error.to_string().contains("clock"),
            kind == IamErrorKind::Clock,
            "{error}"
        );
    }
}

#[test]
fn throttling_is_retried_as_often_as_said() {
    for code in [
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottledException",
        "RequestLimitExceeded",
        "TooManyRequestsException",
    ] {
        let json = format!(r#"{{"__type": "com.amazonaws#{code}", "message": "Rate exceeded"}}"#);
        let service = Service::saying("400 Bad Request", json);
        let start = Instant::now();
        let error = refused(&service.workgroup());
        assert_eq!(
            (error.kind(), service.asked()),
            (IamErrorKind::Unavailable, 2),
            "{code}"
        );
        assert!(start.elapsed() < Duration::from_secs(2));
    }
}

#[test]
fn fifty_that_wait_ask_once_whatever_the_answer() {
    let slow = |status: &'static str, body: String| {
        Service::new(move |stream| {
            thread::sleep(Duration::from_millis(1000));
            say(stream, status, "", &body);
        })
    };
    let denied = "<E><Error><Code>AccessDenied</Code><Message>no</Message></Error></E>";
    let soon = given("IAM:ada", "hunter2", LATER);
    let passed = given("IAM:ada", "hunter2", "2020-01-01T00:00:00Z");
    for (service, succeeds) in [
        (slow("200 OK", soon), true),
        // Not worth keeping, and yet the same for all who wait.
        (slow("200 OK", passed), true),
        (slow("403 Forbidden", denied.to_owned()), false),
    ] {
        let iam = service.cluster();
        at_once(50, || assert_eq!(iam.get().is_ok(), succeeds));
        assert_eq!(service.asked(), 1);
        // The endpoint, too.
        let iam = service.cluster();
        at_once(50, || assert!(iam.endpoint().is_err()));
        assert_eq!(service.asked(), 2);
    }
}

fn at_once(threads: usize, work: impl Fn() + Sync) {
    let barrier = Barrier::new(threads);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                barrier.wait();
                work();
            });
        }
    });
}

#[test]
fn an_answer_that_trickles_in_is_given_up() {
    let service = Service::new(|stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n");
        while stream.write_all(b" ").is_ok() {
            thread::sleep(Duration::from_millis(200));
        }
    });
    let start = Instant::now();
    let error = refused(&service.cluster());
    assert_eq!(error.kind(), IamErrorKind::Unavailable, "{error}");
    assert!(
        start.elapsed() < Duration::from_secs(40),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(service.asked(), 1);
}

#[test]
fn a_session_outlives_its_password_with_all_that_it_opens() {
    let sandbox = Sandbox::start().unwrap();
    let (id, secret) = sandbox.s3_key();
    let iam = IamCredentials::cluster("sandbox")
        .db_user("awsuser")
        .access_key(AccessKey::new(id, secret).unwrap())
        .region(Region::parse("us-east-1").unwrap())
        .endpoint(sandbox.s3_endpoint())
        .build()
        .unwrap();
    let mut conn = iam.establish("postgresql:///dev?sslmode=disable").unwrap();
    sandbox.expire_log_ins();
    // The lock is on a session of its own.
    let ran = conn.lock_migrations(|conn| {
        conn.batch_execute("CREATE TABLE made (id BIGINT)")?;
        Ok(7)
    });
    assert_eq!(ran.unwrap(), 7);
    assert_eq!(sandbox.log_ins_given(), 2);
}

#[test]
fn a_url_says_what_its_login_lacks() {
    let sandbox = Sandbox::start().unwrap();
    let endpoint = sandbox.s3_endpoint();
    let endpoint = endpoint.replace(':', "%3A").replace('/', "%2F");
    for (rest, said) in [
        (
            "profile=nobody-has-this",
            "no credentials of the profile \"nobody-has-this\"",
        ),
        ("password=hunter2", "none: IAM gives it"),
    ] {
        let url = format!("redshift+iam://sandbox/dev?region=us-east-1&endpoint={endpoint}&{rest}");
        let error = RedshiftConnection::establish(&url)
            .err()
            .unwrap()
            .to_string();
        assert!(
            error.contains(said) && !error.contains("hunter2"),
            "{error}"
        );
    }
    // A builder takes the parts of a connection string, and nothing that is asked for.
    let error = RedshiftConnection::builder()
        .url("redshift+iam://sandbox/dev")
        .establish()
        .err();
    let error = error.unwrap().to_string();
    assert!(error.contains("IamCredentials"), "{error}");
}
