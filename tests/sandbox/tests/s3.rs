//! S3 over HTTP, with requests as clients send them.

use std::io::{BufReader, Write};
use std::net::TcpStream;

use redshift_sandbox::{AccessKey, Permissions, Sandbox};

use crate::s3_client::{Answer, S3, hex, mac, read, sha256};
use crate::{place, sandbox};

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
    // As pyarrow asks.
    let version = [("x-amz-api-version", "2006-03-01")];
    let head = s3.call("HEAD", &format!("/{bucket}/in/a%20b.csv"), &version, b"");
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
        ("GET", format!("/{}?versions=", place.name), &[]),
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
