//! S3 over HTTP, with requests as clients send them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use redshift_sandbox::{AccessKey, Permissions, Sandbox};
use ring::{digest, hmac};

use crate::{place, sandbox};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn sha256(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
}

/// The moment as PostgreSQL tells it, which leaves the calendar to somebody else.
fn now() -> String {
    let mut client = crate::client::Client::connect(&sandbox().url()).expect("a connection");
    client.value(r#"SELECT to_char(current_timestamp, 'YYYYMMDD"T"HH24MISS"Z"')"#)
}

struct S3 {
    endpoint: String,
    id: String,
    secret: String,
    region: String,
    date: String,
}

#[derive(Debug)]
struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// The text of the first element of that name.
    fn element(&self, name: &str) -> Option<String> {
        let text = self.text();
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        let (inner, _) = rest.split_once(&format!("</{name}>"))?;
        Some(inner.to_owned())
    }
}

impl S3 {
    fn of(sandbox: &Sandbox) -> Self {
        let (id, secret) = sandbox.s3_key();
        Self {
            endpoint: sandbox.s3_endpoint().replace("http://", ""),
            id: id.to_owned(),
            secret: secret.to_owned(),
            region: "us-east-1".to_owned(),
            date: now(),
        }
    }

    fn scope(&self) -> String {
        format!("{}/{}/s3/aws4_request", &self.date[..8], self.region)
    }

    fn key(&self) -> Vec<u8> {
        let start = format!("AWS4{}", self.secret).into_bytes();
        self.scope()
            .split('/')
            .fold(start, |key, part| mac(&key, part))
    }

    /// A head with its signature. `target` is encoded, with the parameters of its query in order.
    fn head(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        payload: &str,
    ) -> (String, String) {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut all = vec![
            ("host", self.endpoint.as_str()),
            ("x-amz-content-sha256", payload),
            ("x-amz-date", &self.date),
        ];
        all.extend(headers.iter().copied());
        all.sort_unstable();
        let names: Vec<_> = all.iter().map(|(name, _)| *name).collect();
        let names = names.join(";");
        let lines: String = all
            .iter()
            .map(|(name, value)| format!("{name}:{value}\n"))
            .collect();
        let canonical = format!("{method}\n{path}\n{query}\n{lines}\n{names}\n{payload}");
        let text = format!(
            "AWS4-HMAC-SHA256\n{}\n{}\n{}",
            self.date,
            self.scope(),
            sha256(canonical.as_bytes())
        );
        let signature = hex(&mac(&self.key(), &text));
        let head = format!(
            "{method} {target} HTTP/1.1\r\n{}authorization: AWS4-HMAC-SHA256 Credential={}/{}, SignedHeaders={names}, \
             Signature={signature}\r\n",
            lines.replace('\n', "\r\n"),
            self.id,
            self.scope()
        );
        (head, signature)
    }

    fn call(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let (head, _) = self.head(method, target, headers, &sha256(body));
        self.exchange(
            &format!("{head}content-length: {}\r\n\r\n", body.len()),
            body,
        )
    }

    fn exchange(&self, head: &str, body: &[u8]) -> Answer {
        let mut socket = TcpStream::connect(&self.endpoint).expect("a socket");
        socket
            .set_read_timeout(Some(Duration::from_secs(20)))
            .expect("a timeout");
        socket.write_all(head.as_bytes()).expect("sent");
        // The server may have answered without reading all of it.
        let _ = socket.write_all(body);
        let mut from = BufReader::new(socket);
        read(&mut from, head.starts_with("HEAD"))
    }
}

fn read(from: &mut BufReader<TcpStream>, is_head: bool) -> Answer {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(from.read_line(&mut head).expect("a line"), 0, "{head}");
    }
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    let mut answer = Answer {
        status: status.expect("a status"),
        head,
        body: Vec::new(),
    };
    let length = answer
        .header("content-length")
        .map_or(0, |length| length.parse::<usize>().expect("a length"));
    if !is_head {
        answer.body = vec![0; length];
        from.read_exact(&mut answer.body).expect("a body");
    }
    answer
}

#[test]
fn objects_are_the_same_as_those_of_copy_and_unload() {
    let place = place();
    let s3 = S3::of(sandbox());
    let bucket = &place.name;
    sandbox().store().put(&place.uri("first"), "").expect("put");
    let put = s3.call("PUT", &format!("/{bucket}/in/a%20b.csv"), &[], b"1\n2\n");
    assert_eq!(put.status, 200, "{}", put.text());
    let etag = put.header("etag").expect("an ETag").to_owned();
    let mut client = place.connect();
    client.query("CREATE TABLE t (a int)");
    client.query(&format!(
        "COPY t FROM '{}' IAM_ROLE default CSV",
        place.uri("in/")
    ));
    assert_eq!(client.value("SELECT sum(a) FROM t"), "3");
    client.query(&format!(
        "UNLOAD ('SELECT * FROM t') TO '{}' IAM_ROLE default PARALLEL OFF",
        place.uri("out/")
    ));
    let got = s3.call("GET", &format!("/{bucket}/out/000"), &[], b"");
    assert_eq!((got.status, &*got.text()), (200, "1\n2\n"));
    assert_eq!(got.header("etag"), Some(&*etag));
    let head = s3.call("HEAD", &format!("/{bucket}/in/a%20b.csv"), &[], b"");
    assert_eq!(
        (head.status, head.header("content-length")),
        (200, Some("4"))
    );
    assert!(
        head.header("last-modified")
            .is_some_and(|date| date.ends_with(" GMT"))
    );
    let part = s3.call(
        "GET",
        &format!("/{bucket}/in/a%20b.csv"),
        &[("range", "bytes=2-")],
        b"",
    );
    assert_eq!((part.status, &*part.text()), (206, "2\n"));
    assert_eq!(part.header("content-range"), Some("bytes 2-3/4"));
    let beyond = s3.call(
        "GET",
        &format!("/{bucket}/in/a%20b.csv"),
        &[("range", "bytes=4-")],
        b"",
    );
    assert_eq!(beyond.status, 416);
    let copied = s3.call(
        "PUT",
        &format!("/{bucket}/copy"),
        &[("x-amz-copy-source", &format!("{bucket}/in/a%20b.csv"))],
        b"",
    );
    assert_eq!(copied.status, 200, "{}", copied.text());
    assert_eq!(place.get("copy"), "1\n2\n");
    assert_eq!(
        s3.call("DELETE", &format!("/{bucket}/copy"), &[], b"")
            .status,
        204
    );
    assert_eq!(
        s3.call("DELETE", &format!("/{bucket}/copy"), &[], b"")
            .status,
        204
    );
    let gone = s3.call("GET", &format!("/{bucket}/copy"), &[], b"");
    assert_eq!(
        (gone.status, gone.element("Code").as_deref()),
        (404, Some("NoSuchKey"))
    );
    let nowhere = s3.call("GET", "/nobucket/copy", &[], b"");
    assert_eq!(nowhere.element("Code").as_deref(), Some("NoSuchBucket"));
    let exists = s3.call(
        "PUT",
        &format!("/{bucket}/first"),
        &[("if-none-match", "*")],
        b"x",
    );
    assert_eq!(exists.status, 412);
    assert_eq!(place.get("first"), "");
}

#[test]
fn buckets_are_made_and_listed() {
    let s3 = S3::of(sandbox());
    let name = format!("bucket-{}", std::process::id());
    let path = format!("/{name}");
    assert_eq!(s3.call("HEAD", &path, &[], b"").status, 404);
    let constraint = b"<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>";
    assert_eq!(s3.call("PUT", &path, &[], constraint).status, 200);
    let elsewhere = s3.call("HEAD", &path, &[], b"");
    assert_eq!(elsewhere.status, 400);
    let wrong = s3.call("GET", &format!("{path}?location="), &[], b"");
    assert_eq!(
        wrong.element("Code").as_deref(),
        Some("AuthorizationHeaderMalformed")
    );
    let there = S3 {
        region: "eu-west-1".to_owned(),
        ..S3::of(sandbox())
    };
    let head = there.call("HEAD", &path, &[], b"");
    assert_eq!(head.header("x-amz-bucket-region"), Some("eu-west-1"));
    assert_eq!(there.call("PUT", &path, &[], b"").status, 409);
    for key in ["a/1", "a/2", "a%26b", "b/1", "c"] {
        assert_eq!(
            there
                .call("PUT", &format!("{path}/{key}"), &[], b"x")
                .status,
            200
        );
    }
    let list = there.call(
        "GET",
        &format!("{path}?delimiter=%2F&list-type=2&max-keys=2"),
        &[],
        b"",
    );
    assert_eq!(list.status, 200, "{}", list.text());
    let text = list.text();
    assert!(
        text.contains("<Key>a&amp;b</Key>") && text.contains("<CommonPrefixes><Prefix>a/</Prefix>"),
        "{text}"
    );
    assert_eq!(list.element("KeyCount").as_deref(), Some("2"));
    let token = list.element("NextContinuationToken").expect("a token");
    let rest = there.call(
        "GET",
        &format!("{path}?continuation-token={token}&delimiter=%2F&list-type=2"),
        &[],
        b"",
    );
    let text = rest.text();
    assert!(
        text.contains("<Prefix>b/</Prefix>")
            && text.contains("<Key>c</Key>")
            && !text.contains("<Prefix>a/"),
        "{text}"
    );
    assert_eq!(rest.element("IsTruncated").as_deref(), Some("false"));
    assert_eq!(there.call("DELETE", &path, &[], b"").status, 409);
    let keys: String = ["a/1", "a/2", "a&amp;b", "b/1", "c", "never"]
        .map(|key| format!("<Object><Key>{key}</Key></Object>"))
        .concat();
    let deleted = there.call(
        "POST",
        &format!("{path}?delete="),
        &[],
        format!("<Delete>{keys}</Delete>").as_bytes(),
    );
    assert_eq!(
        deleted.text().matches("<Deleted>").count(),
        6,
        "{}",
        deleted.text()
    );
    assert_eq!(there.call("DELETE", &path, &[], b"").status, 204);
    for name in ["/ab", "/Upper", "/-x-", "/a..b", "/under_score"] {
        let refused = s3.call("PUT", name, &[], b"");
        assert_eq!(refused.status, 400, "{name}");
    }
}

#[test]
fn parts_become_an_object() {
    let place = place();
    let s3 = S3::of(sandbox());
    place.put("first", "");
    let path = format!("/{}/large", place.name);
    let begun = s3.call("POST", &format!("{path}?uploads="), &[], b"");
    let id = begun.element("UploadId").expect("an upload");
    let large = vec![b'1'; 5 * 1024 * 1024];
    let part = |number: u32, body: &[u8]| {
        let answer = s3.call(
            "PUT",
            &format!("{path}?partNumber={number}&uploadId={id}"),
            &[],
            body,
        );
        answer.header("etag").expect("an ETag").to_owned()
    };
    let (two, one, three) = (part(2, b"2\n"), part(1, &large), part(3, b"3\n"));
    let complete = |parts: &[(u32, &str)]| {
        let parts: String = parts
            .iter()
            .map(|(number, etag)| {
                format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>")
            })
            .collect();
        let body = format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>");
        s3.call(
            "POST",
            &format!("{path}?uploadId={id}"),
            &[],
            body.as_bytes(),
        )
    };
    let code = |parts: &[(u32, &str)]| complete(parts).element("Code");
    assert_eq!(
        code(&[(2, &two), (3, &three)]).as_deref(),
        Some("EntityTooSmall")
    );
    assert_eq!(
        code(&[(1, &one), (1, &one)]).as_deref(),
        Some("InvalidPartOrder")
    );
    assert_eq!(code(&[(1, &two)]).as_deref(), Some("InvalidPart"));
    assert_eq!(code(&[(4, &two)]).as_deref(), Some("InvalidPart"));
    assert_eq!(code(&[]).as_deref(), Some("MalformedXML"));
    assert_eq!(place.keys(), ["first"]);
    assert_eq!(complete(&[(1, &one), (2, &two)]).status, 200);
    let text = place.get("large");
    assert_eq!(text.len(), large.len() + 2);
    assert!(text.ends_with("12\n"));
    assert_eq!(code(&[(1, &one)]).as_deref(), Some("NoSuchUpload"));

    let begun = s3.call("POST", &format!("{path}?uploads="), &[], b"");
    let id = begun.element("UploadId").expect("an upload");
    assert_eq!(
        s3.call("DELETE", &format!("{path}?uploadId={id}"), &[], b"")
            .status,
        204
    );
    assert_eq!(
        s3.call("DELETE", &format!("{path}?uploadId={id}"), &[], b"")
            .status,
        404
    );
}

#[test]
fn a_body_has_to_be_what_was_signed() {
    let place = place();
    let s3 = S3::of(sandbox());
    place.put("first", "");
    let path = format!("/{}/object", place.name);
    let length = |head: &str, body: &[u8]| format!("{head}content-length: {}\r\n\r\n", body.len());
    let (head, _) = s3.head("PUT", &path, &[], &sha256(b"true"));
    let answer = s3.exchange(&length(&head, b"false"), b"false");
    assert_eq!(
        answer.element("Code").as_deref(),
        Some("XAmzContentSHA256Mismatch")
    );
    let (head, _) = s3.head("PUT", &path, &[], "UNSIGNED-PAYLOAD");
    assert_eq!(s3.exchange(&length(&head, b"any"), b"any").status, 200);
    for (header, right, wrong) in [
        (
            "content-md5",
            "CY9rzUYh03PK3k6DJie09g==",
            "CY9rzUYh03PK3k6DJie09A==",
        ),
        ("x-amz-checksum-crc32", "2H9+DA==", "2H9+AA=="),
        (
            "x-amz-checksum-sha256",
            "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=",
            "x",
        ),
    ] {
        let answer = s3.call("PUT", &path, &[(header, right)], b"test");
        assert_eq!(answer.status, 200, "{header}: {}", answer.text());
        let answer = s3.call("PUT", &path, &[(header, wrong)], b"testx");
        assert_eq!(
            answer.element("Code").as_deref(),
            Some("BadDigest"),
            "{header}"
        );
    }
    assert_eq!(place.get("object"), "test");

    // Chunks of which each is signed, and a checksum behind them.
    let streaming = |payload: &str, tamper: bool| {
        let trailer = payload.ends_with("TRAILER");
        let mut headers = vec![
            ("content-encoding", "aws-chunked"),
            ("x-amz-decoded-content-length", "4"),
        ];
        if trailer {
            headers.push(("x-amz-trailer", "x-amz-checksum-crc32"));
        }
        let (head, mut previous) = s3.head("PUT", &path, &headers, payload);
        let mut sign = |kind: &str, middle: &str, bytes: &[u8]| {
            let text = format!(
                "{kind}\n{}\n{}\n{previous}\n{middle}{}",
                s3.date,
                s3.scope(),
                sha256(bytes)
            );
            previous = hex(&mac(&s3.key(), &text));
            previous.clone()
        };
        let empty = format!("{}\n", sha256(b""));
        let mut body = String::new();
        for chunk in ["tes", "t", ""] {
            body.push_str(&format!("{:x}", chunk.len()));
            if !payload.contains("UNSIGNED") {
                let signature = sign("AWS4-HMAC-SHA256-PAYLOAD", &empty, chunk.as_bytes());
                body.push_str(&format!(";chunk-signature={signature}"));
            }
            body.push_str(&format!("\r\n{chunk}"));
            if !chunk.is_empty() {
                body.push_str("\r\n");
            }
        }
        if trailer {
            body.push_str("x-amz-checksum-crc32:2H9+DA==\r\n");
            if !payload.contains("UNSIGNED") {
                let signature = sign(
                    "AWS4-HMAC-SHA256-TRAILER",
                    "",
                    b"x-amz-checksum-crc32:2H9+DA==\n",
                );
                body.push_str(&format!("x-amz-trailer-signature:{signature}\r\n"));
            }
        }
        body.push_str("\r\n");
        if tamper {
            body = body.replace("\r\nt\r\n", "\r\nT\r\n");
        }
        s3.exchange(&length(&head, body.as_bytes()), body.as_bytes())
    };
    for (payload, wrong) in [
        (
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
            "SignatureDoesNotMatch",
        ),
        (
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
            "SignatureDoesNotMatch",
        ),
        ("STREAMING-UNSIGNED-PAYLOAD-TRAILER", "BadDigest"),
    ] {
        sandbox()
            .store()
            .put(&place.uri("object"), "before")
            .expect("put");
        let answer = streaming(payload, true);
        assert_eq!(answer.element("Code").as_deref(), Some(wrong), "{payload}");
        assert_eq!(place.get("object"), "before");
        let answer = streaming(payload, false);
        assert_eq!(answer.status, 200, "{payload}: {}", answer.text());
        assert_eq!(place.get("object"), "test");
    }
}

#[test]
fn who_may_not_gets_nothing() {
    let place = place();
    let right = S3::of(sandbox());
    place.put("object", "x");
    let path = format!("/{}/object", place.name);
    let with = |change: fn(&mut S3)| {
        let mut s3 = S3::of(sandbox());
        change(&mut s3);
        s3.call("GET", &path, &[], b"")
            .element("Code")
            .unwrap_or_default()
    };
    assert_eq!(with(|s3| s3.secret.push('x')), "SignatureDoesNotMatch");
    assert_eq!(with(|s3| s3.id.push('x')), "InvalidAccessKeyId");
    assert_eq!(
        with(|s3| s3.region = "us-west-2".to_owned()),
        "AuthorizationHeaderMalformed"
    );
    assert_eq!(
        with(|s3| s3.date = "20130524T000000Z".to_owned()),
        "RequestTimeTooSkewed"
    );
    let plain = format!("GET {path} HTTP/1.1\r\nhost: {}\r\n\r\n", right.endpoint);
    assert_eq!(right.exchange(&plain, b"").status, 403);
    let fault = format!("s3 503 {}", place.uri("object"));
    sandbox().fail_next(&place.name, &fault).expect("a fault");
    assert_eq!(right.call("GET", &path, &[], b"").status, 503);
    assert_eq!(right.call("GET", &path, &[], b"").status, 200);
    for (method, target, headers) in [
        ("GET", format!("{path}?acl="), &[][..]),
        ("GET", format!("/{}", place.name), &[]),
        ("PUT", path.clone(), &[("x-amz-meta-owner", "me")]),
        ("GET", path.clone(), &[("if-modified-since", "x")]),
    ] {
        let answer = right.call(method, &target, headers, b"");
        assert_eq!(answer.status, 501, "{method} {target}: {}", answer.text());
    }
    let outside = right.call(
        "GET",
        &format!("/{}/../../etc/passwd", place.name),
        &[],
        b"",
    );
    assert_eq!(outside.status, 400);
    for request in [
        "GARBAGE\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: x\r\ncontent-length: many\r\n\r\n",
    ] {
        assert_eq!(right.exchange(request, b"").status, 400);
    }
}

#[test]
fn a_presigned_url_and_a_connection_that_is_kept() {
    let place = place();
    let s3 = S3::of(sandbox());
    place.put("object", "x");
    let scope = s3.scope().replace('/', "%2F");
    let presigned = |expires: u32| {
        let path = format!("/{}/object", place.name);
        let query = format!(
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={}%2F{scope}&X-Amz-Date={}&X-Amz-Expires={expires}&\
             X-Amz-SignedHeaders=host&response-content-type=text%2Fplain",
            s3.id, s3.date
        );
        let canonical = format!(
            "GET\n{path}\n{query}\nhost:{}\n\nhost\nUNSIGNED-PAYLOAD",
            s3.endpoint
        );
        let text = format!(
            "AWS4-HMAC-SHA256\n{}\n{}\n{}",
            s3.date,
            s3.scope(),
            sha256(canonical.as_bytes())
        );
        let signature = hex(&mac(&s3.key(), &text));
        format!(
            "GET {path}?{query}&X-Amz-Signature={signature} HTTP/1.1\r\nHost: {}\r\n\r\n",
            s3.endpoint
        )
    };
    let socket = TcpStream::connect(&s3.endpoint).expect("a socket");
    let mut from = BufReader::new(socket.try_clone().expect("a socket"));
    for _ in 0..3 {
        (&socket).write_all(presigned(60).as_bytes()).expect("sent");
        let answer = read(&mut from, false);
        assert_eq!((answer.status, &*answer.text()), (200, "x"));
        assert_eq!(answer.header("content-type"), Some("text/plain"));
    }
    assert_eq!(s3.exchange(&presigned(604_801), b"").status, 400);
    let changed = presigned(60).replace("object?", "objects?");
    assert_eq!(
        s3.exchange(&changed, b"").element("Code").as_deref(),
        Some("SignatureDoesNotMatch")
    );

    // Who waits for leave to send gets it, and a body may come in chunks.
    let (head, _) = s3.head(
        "PUT",
        &format!("/{}/chunked", place.name),
        &[],
        &sha256(b"hello"),
    );
    (&socket)
        .write_all(
            format!("{head}expect: 100-continue\r\ntransfer-encoding: chunked\r\n\r\n").as_bytes(),
        )
        .expect("sent");
    assert_eq!(read(&mut from, true).status, 100);
    (&socket)
        .write_all(b"3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n")
        .expect("sent");
    assert_eq!(read(&mut from, false).status, 200);
    assert_eq!(place.get("chunked"), "hello");
}

#[test]
fn keys_that_were_told_may_do_what_was_told() {
    let sandbox = Sandbox::start().expect("a sandbox");
    sandbox.store().put("s3://data/in/a", "1").expect("put");
    sandbox.add_key(
        AccessKey::new("AKIDREADER", "secret"),
        Permissions::new().read("s3://data/in/"),
    );
    sandbox.add_key(
        AccessKey::new("ASIASHORT", "secret").token("t"),
        Permissions::all(),
    );
    let own = S3::of(&sandbox);
    let code = |answer: Answer| answer.element("Code").unwrap_or_default();
    assert_eq!(
        code(own.call("GET", "/data/in/a", &[], b"")),
        "InvalidAccessKeyId"
    );
    let with = |id: &str| S3 {
        id: id.to_owned(),
        secret: "secret".to_owned(),
        ..S3::of(&sandbox)
    };
    let reader = with("AKIDREADER");
    assert_eq!(reader.call("GET", "/data/in/a", &[], b"").text(), "1");
    assert_eq!(
        code(reader.call("PUT", "/data/in/a", &[], b"2")),
        "AccessDenied"
    );
    assert_eq!(
        code(reader.call("GET", "/data/out/a", &[], b"")),
        "AccessDenied"
    );
    assert_eq!(
        code(reader.call("GET", "/data?list-type=2", &[], b"")),
        "AccessDenied"
    );
    let deleted = reader.call(
        "POST",
        "/data?delete=",
        &[],
        b"<Delete><Object><Key>in/a</Key></Object></Delete>",
    );
    assert_eq!(code(deleted), "AccessDenied");
    let short = with("ASIASHORT");
    assert_eq!(
        code(short.call("GET", "/data/in/a", &[], b"")),
        "InvalidToken"
    );
    let token = [("x-amz-security-token", "t")];
    assert_eq!(short.call("GET", "/data/in/a", &token, b"").text(), "1");
}
