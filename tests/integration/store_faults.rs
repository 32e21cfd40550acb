//! `S3Store` against a server whose every byte stands here: storms, cuts, redirects, answers that make no sense.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use diesel_redshift::store::{S3Store, S3StoreBuilder, Store, StoreError, StoreErrorKind};
use diesel_redshift::{S3Uri, aws::AccessKey, aws::Region};

const OBJECT: S3Uri = S3Uri::from_static("s3://bucket/key");

/// What the server does with a request; then it closes the connection.
#[derive(Clone)]
struct Answer {
    wait: Duration,
    bytes: Vec<u8>,
}

fn answer(bytes: impl Into<Vec<u8>>) -> Answer {
    Answer {
        wait: Duration::ZERO,
        bytes: bytes.into(),
    }
}

fn status(status: &str, headers: &str, body: &str) -> Answer {
    answer(format!(
        "HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n{body}",
        body.len()
    ))
}

fn error(code: u16, name: &str) -> Answer {
    let body = format!(
        "<?xml version=\"1.0\"?><Error><Code>{name}</Code><Message>Said.</Message></Error>"
    );
    status(&format!("{code} X"), "", &body)
}

/// An object of which only the beginning comes.
fn object(status: &str, headers: &str, told: usize, body: &str) -> Answer {
    answer(format!(
        "HTTP/1.1 {status}\r\netag: \"v1\"\r\n{headers}content-length: {told}\r\n\r\n{body}"
    ))
}

struct Server {
    url: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Gives the answers in their order, one a connection, and the last one again and again.
    fn with(answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let heads = Arc::new(Mutex::new(Vec::new()));
        let seen = heads.clone();
        std::thread::spawn(move || {
            for number in 0.. {
                let Ok((stream, _)) = listener.accept() else {
                    return;
                };
                let answer = answers[number.min(answers.len() - 1)].clone();
                let seen = seen.clone();
                std::thread::spawn(move || serve(stream, &answer, &seen));
            }
        });
        Self { url, heads }
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    fn builder(&self) -> S3StoreBuilder {
        S3Store::builder()
            .endpoint(&self.url)
            .region(Region::parse("us-east-1").unwrap())
            .access_key(AccessKey::new("AKIAIOSFODNN7EXAMPLE", "TheSecret").unwrap())
            .attempts(3)
    }

    fn store(&self) -> S3Store {
        self.builder().build().unwrap()
    }
}

fn serve(stream: TcpStream, answer: &Answer, seen: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        match reader.read_line(&mut head) {
            Ok(1..) => {}
            _ => return,
        }
    }
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    if reader.read_exact(&mut body).is_err() {
        return;
    }
    seen.lock().unwrap().push(head);
    std::thread::sleep(answer.wait);
    let _ = (&stream).write_all(&answer.bytes);
}

fn read(store: &S3Store) -> Result<String, StoreError> {
    let mut body = String::new();
    store
        .get(&OBJECT)?
        .read_to_string(&mut body)
        .map_err(|error| StoreError::reading(&OBJECT, error))?;
    Ok(body)
}

#[test]
fn a_storm_is_weathered_or_told() {
    for passing in [
        error(503, "SlowDown"),
        error(500, "InternalError"),
        error(400, "RequestTimeout"),
        status("429 Too Many Requests", "", ""),
        status(
            "502 Bad Gateway",
            "",
            "<html><body>Bad<br>gateway</body></html>",
        ),
        answer(""),
        answer("HTTP/1.1 200 OK\r\ncontent-le"),
        answer("SMTP is not spoken here\r\n\r\n"),
    ] {
        let server = Server::with(vec![
            passing.clone(),
            passing.clone(),
            status("200 OK", "", ""),
        ]);
        server.store().put(&OBJECT, b"x").unwrap();
        assert_eq!(server.heads().len(), 3);

        let server = Server::with(vec![passing]);
        let begun = Instant::now();
        let told = server.store().put(&OBJECT, b"x").unwrap_err();
        assert_eq!(told.kind(), StoreErrorKind::Unavailable, "{told}");
        assert!(told.to_string().contains("(tried 3 times)"), "{told}");
        assert_eq!(server.heads().len(), 3);
        // 50 ms and 100 ms at least.
        assert!(begun.elapsed() >= Duration::from_millis(150));
    }
}

#[test]
fn what_does_not_pass_is_asked_once() {
    for (refusal, kind) in [
        (error(403, "AccessDenied"), StoreErrorKind::AccessDenied),
        (
            error(403, "SignatureDoesNotMatch"),
            StoreErrorKind::Credentials,
        ),
        (error(400, "ExpiredToken"), StoreErrorKind::Credentials),
        (error(404, "NoSuchBucket"), StoreErrorKind::NotFound),
        (error(507, "XMinioStorageFull"), StoreErrorKind::Full),
        (error(400, "InvalidStorageClass"), StoreErrorKind::Refused),
        (
            status("400 Bad Request", "", "no"),
            StoreErrorKind::Unexpected,
        ),
    ] {
        let server = Server::with(vec![refusal]);
        let told = server.store().put(&OBJECT, b"x").unwrap_err();
        assert_eq!(told.kind(), kind, "{told}");
        assert_eq!(server.heads().len(), 1);
        assert!(!format!("{told} {told:?}").contains("TheSecret"));
    }
}

#[test]
fn another_region_is_told_and_not_followed() {
    let elsewhere = Server::with(vec![status("200 OK", "", "")]);
    let headers = format!(
        "location: {}/bucket/key\r\nx-amz-bucket-region: eu-west-1\r\n",
        elsewhere.url
    );
    for redirect in ["301 Moved Permanently", "307 Temporary Redirect"] {
        let server = Server::with(vec![status(redirect, &headers, "")]);
        let told = server.store().put(&OBJECT, b"x").unwrap_err();
        assert_eq!(told.kind(), StoreErrorKind::WrongRegion);
        assert!(
            told.to_string()
                .contains("the bucket lies in eu-west-1, not in us-east-1"),
            "{told}"
        );
    }
    assert!(elsewhere.heads().is_empty());
}

#[test]
fn nothing_waits_for_ever() {
    let mut slow = status("200 OK", "", "");
    slow.wait = Duration::from_secs(5);
    let server = Server::with(vec![slow]);
    let begun = Instant::now();
    let store = server
        .builder()
        .response_timeout(Duration::from_millis(100))
        .attempts(2)
        .build()
        .unwrap();
    let told = store.put(&OBJECT, b"x").unwrap_err();
    assert_eq!(told.kind(), StoreErrorKind::Unavailable, "{told}");
    assert!(told.to_string().contains("in time"), "{told}");
    assert!(begun.elapsed() < Duration::from_secs(3));

    // A listener that nobody serves: connections are made, and nothing more.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let store = server
        .builder()
        .endpoint(format!("http://{}", silent.local_addr().unwrap()))
        .idle_timeout(Duration::from_millis(100))
        .attempts(1)
        .build()
        .unwrap();
    let begun = Instant::now();
    let told = store.list(&OBJECT).unwrap_err();
    assert_eq!(told.kind(), StoreErrorKind::Unavailable, "{told}");
    assert!(begun.elapsed() < Duration::from_secs(3));
    drop(silent);
    let told = store.list(&OBJECT).unwrap_err();
    assert_eq!(told.kind(), StoreErrorKind::Unavailable, "{told}");
}

#[test]
fn a_broken_get_goes_on_where_it_broke() {
    let server = Server::with(vec![
        object("200 OK", "", 10, "01234"),
        object("206 X", "content-range: bytes 5-9/10\r\n", 5, "56"),
        error(503, "SlowDown"),
        object("206 X", "content-range: bytes 7-9/10\r\n", 3, "789"),
    ]);
    assert_eq!(read(&server.store()).unwrap(), "0123456789");
    let heads = server.heads();
    assert!(!heads[0].contains("range:"));
    assert!(heads[1].contains("range: bytes=5-9\r\n"), "{}", heads[1]);
    assert!(heads[3].contains("range: bytes=7-9\r\n"));
    assert!(heads[3].contains("if-match: \"v1\"\r\n"));
    // Both are signed.
    assert!(heads[3].contains("if-match;range;") || heads[3].contains("if-match;host;range;"));
}

#[test]
fn short_data_is_never_taken_for_whole() {
    let cut = |answers: Vec<Answer>| {
        let server = Server::with(answers);
        let told = read(&server.store()).unwrap_err();
        (told.kind(), told.to_string())
    };
    let begun = object("200 OK", "", 10, "01234");
    let (kind, told) = cut(vec![
        begun.clone(),
        object("206 X", "content-range: bytes 5-9/10\r\n", 5, ""),
    ]);
    assert_eq!(kind, StoreErrorKind::Incomplete);
    assert!(told.contains("5 of 10 bytes came"), "{told}");
    for (rest, expected) in [
        (error(412, "PreconditionFailed"), StoreErrorKind::Incomplete),
        (error(404, "NoSuchKey"), StoreErrorKind::NotFound),
        // Another version, the whole again, another part, a longer one.
        (
            answer(
                "HTTP/1.1 206 X\r\netag: \"v2\"\r\ncontent-range: bytes 5-9/10\r\ncontent-length: 5\r\n\r\n56789",
            ),
            StoreErrorKind::Incomplete,
        ),
        (
            object("200 OK", "", 10, "0123456789"),
            StoreErrorKind::Unexpected,
        ),
        (
            object("206 X", "content-range: bytes 4-9/10\r\n", 6, "456789"),
            StoreErrorKind::Unexpected,
        ),
        (
            object("206 X", "content-range: bytes 5-9/11\r\n", 5, "56789"),
            StoreErrorKind::Unexpected,
        ),
    ] {
        let (kind, told) = cut(vec![begun.clone(), rest]);
        assert_eq!(kind, expected, "{told}");
    }
    for unmeasured in [
        answer("HTTP/1.1 200 OK\r\n\r\n01234"),
        answer("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n01234\r\n0\r\n\r\n"),
        answer("HTTP/1.1 204 No Content\r\n\r\n"),
    ] {
        let (kind, told) = cut(vec![unmeasured]);
        assert_eq!(kind, StoreErrorKind::Unexpected, "{told}");
    }
}

#[test]
fn a_body_that_stalls_is_asked_for_again() {
    let begun = object("200 OK", "", 10, "01234");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let heads = Mutex::new(Vec::new());
        let (stalling, _) = listener.accept().unwrap();
        serve(stalling.try_clone().unwrap(), &begun, &heads);
        let (stream, _) = listener.accept().unwrap();
        let rest = object("206 X", "content-range: bytes 5-9/10\r\n", 5, "56789");
        serve(stream, &rest, &heads);
        drop(stalling);
    });
    let server = Server::with(vec![answer("")]);
    let store = server
        .builder()
        .endpoint(url)
        .idle_timeout(Duration::from_millis(100))
        .build()
        .unwrap();
    assert_eq!(read(&store).unwrap(), "0123456789");
}

#[test]
fn a_list_that_makes_no_sense_is_no_list() {
    let page = |inner: &str| {
        status(
            "200 OK",
            "",
            &format!(
                "<ListBucketResult><EncodingType>url</EncodingType>{inner}</ListBucketResult>"
            ),
        )
    };
    let last = "<IsTruncated>false</IsTruncated>";
    let contents = |key: &str| format!("<Contents><Key>{key}</Key></Contents>");
    let more = |token: &str| {
        format!(
            "<IsTruncated>true</IsTruncated><NextContinuationToken>{token}</NextContinuationToken>"
        )
    };
    for wrong in [
        status("200 OK", "", ""),
        status("200 OK", "", "<ListBucketResult>"),
        status("200 OK", "", "<html></html>"),
        status("200 OK", "", "{}"),
        page(""),
        page("<IsTruncated>maybe</IsTruncated>"),
        page("<IsTruncated>true</IsTruncated>"),
        page(&more("")),
        // For ever the same page.
        page(&more("again")),
        page(&(contents("other") + last)),
        page(&(contents("key%zz") + last)),
        page(&(contents("key%00") + last)),
        answer("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n<ListBucketResult>"),
    ] {
        let server = Server::with(vec![wrong]);
        let told = server.store().list(&OBJECT).unwrap_err();
        assert_eq!(told.kind(), StoreErrorKind::Unexpected, "{told}");
        assert!(server.heads().len() <= 2);
    }
    let server = Server::with(vec![
        page(&(contents("key/1") + &more("a+b/="))),
        page(&(contents("key/2%26+3") + last)),
    ]);
    let listed = server.store().list(&OBJECT).unwrap();
    let keys: Vec<_> = listed.iter().map(S3Uri::key).collect();
    assert_eq!(keys, ["key/1", "key/2& 3"]);
    assert!(server.heads()[1].contains("?continuation-token=a%2Bb%2F%3D&encoding-type=url&"));
}

#[test]
fn objects_that_are_not_deleted_are_told() {
    let several: Vec<_> = ["a", "b", "c"]
        .map(|key| S3Uri::new("bucket", key).unwrap())
        .into();
    let failed = "<DeleteResult><Error><Key>b</Key><Code>AccessDenied</Code><Message>No</Message></Error>\
                  <Error><Key>c</Key><Code>InternalError</Code></Error></DeleteResult>";
    let server = Server::with(vec![
        status("200 OK", "", failed),
        status("204 No Content", "", ""),
    ]);
    let told = server.store().delete(&several).unwrap_err();
    assert_eq!(
        told.to_string().split(';').next(),
        Some("s3://bucket/b: AccessDenied: No")
    );
    assert_eq!(told.others(), 0);
    let heads = server.heads();
    assert!(heads[0].starts_with("POST /bucket/?delete= "));
    assert!(heads[1].starts_with("DELETE /bucket/c "));
    assert_eq!(heads.len(), 2);

    // What a stand-in cannot do at once, or an answer that says nothing, is done one by one.
    for nothing in [error(501, "NotImplemented"), status("200 OK", "", "<Delet")] {
        let server = Server::with(vec![nothing, status("204 No Content", "", "")]);
        server.store().delete(&several).unwrap();
        assert_eq!(server.heads().len(), 4);
    }
}

#[test]
fn the_bodys_hash_is_signed() {
    let server = Server::with(vec![status("200 OK", "", "")]);
    server.store().put(&OBJECT, b"abc").unwrap();
    let head = &server.heads()[0];
    let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert!(
        head.contains(&format!("x-amz-content-sha256: {hash}\r\n")),
        "{head}"
    );
    assert!(
        head.contains("SignedHeaders=host;x-amz-content-sha256;x-amz-date,"),
        "{head}"
    );
    assert!(head.contains("content-length: 3\r\n"));
}

#[test]
fn plain_text_is_no_tls() {
    let server = Server::with(vec![answer("HTTP/1.1 200 OK\r\n\r\n")]);
    let store = server
        .builder()
        .endpoint(server.url.replace("http:", "https:"))
        .attempts(1)
        .build()
        .unwrap();
    let told = store.put(&OBJECT, b"x").unwrap_err();
    assert!(
        matches!(
            told.kind(),
            StoreErrorKind::Unexpected | StoreErrorKind::Unavailable
        ),
        "{told}"
    );
}
