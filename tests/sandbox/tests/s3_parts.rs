//! Objects that arrive over HTTP in parts.

use md5::{Digest, Md5};

use crate::s3_client::{S3, hex};
use crate::{place, sandbox};

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
fn parts_may_be_copies() {
    let place = place();
    let s3 = S3::of(sandbox());
    let large = "1".repeat(5 * 1024 * 1024) + "and more";
    place.put("from/a b", &large);
    let path = format!("/{}/large", place.name);
    let begun = s3.call("POST", &format!("{path}?uploads="), &[], b"");
    let id = begun.element("UploadId").expect("an upload");
    let source = format!("/{}/from/a%20b", place.name);
    let copy = |number: u32, range: Option<&str>, source: &str| {
        let mut headers = vec![("x-amz-copy-source", source)];
        headers.extend(range.map(|range| ("x-amz-copy-source-range", range)));
        let target = format!("{path}?partNumber={number}&uploadId={id}");
        s3.call("PUT", &target, &headers, b"")
    };
    let one = copy(1, Some("bytes=0-5242879"), &source);
    assert_eq!(one.status, 200, "{}", one.text());
    assert!(
        one.element("LastModified")
            .is_some_and(|moment| moment.ends_with('Z'))
    );
    let two = copy(2, Some("bytes=5242884-5242887"), &source[1..]);
    let three = copy(3, None, &source);
    let etag = |answer: &crate::s3_client::Answer| answer.element("ETag").expect("an ETag");
    assert_eq!(etag(&two), "&quot;addec426932e71323700afa1911f8f1c&quot;");
    for (range, code) in [
        ("bytes=0-5242888", "InvalidArgument"),
        ("bytes=5-4", "InvalidArgument"),
        ("bytes=5-", "InvalidArgument"),
        ("1-2", "InvalidArgument"),
    ] {
        let refused = copy(4, Some(range), &source);
        assert_eq!(
            (refused.status, refused.element("Code").as_deref()),
            (400, Some(code)),
            "{range}"
        );
    }
    let missing = copy(4, None, &format!("{}/nothing", place.name));
    assert_eq!(missing.element("Code").as_deref(), Some("NoSuchKey"));
    let etag_of = sandbox().store().get(&place.uri("from/a b")).expect("get");
    let etag_of = format!("\"{}\"", hex(&Md5::digest(&etag_of)));
    for (header, value, status) in [
        ("x-amz-copy-source-if-match", &*etag_of, 200),
        ("x-amz-copy-source-if-match", "\"other\"", 412),
        ("x-amz-copy-source-if-none-match", &etag_of, 412),
        ("x-amz-copy-source-if-modified-since", "x", 501),
    ] {
        let headers = [("x-amz-copy-source", &*source), (header, value)];
        let part = format!("{path}?partNumber=5&uploadId={id}");
        for target in [&*part, &format!("/{}/whole", place.name)] {
            let answer = s3.call("PUT", target, &headers, b"");
            assert_eq!(answer.status, status, "{header} {value}: {}", answer.text());
        }
    }
    let versioned = copy(4, None, &format!("{source}?versionId=1"));
    assert_eq!(versioned.status, 501);
    let parts: String = [(1, &one), (2, &two), (3, &three)]
        .map(|(number, answer)| {
            format!(
                "<Part><PartNumber>{number}</PartNumber><ETag>{}</ETag></Part>",
                etag(answer)
            )
        })
        .concat();
    // The second part is too small to stand before another.
    let body = format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>");
    let complete = |body: &str| {
        s3.call(
            "POST",
            &format!("{path}?uploadId={id}"),
            &[],
            body.as_bytes(),
        )
    };
    assert_eq!(
        complete(&body).element("Code").as_deref(),
        Some("EntityTooSmall")
    );
    let parts: String = [(1, &one), (3, &three)]
        .map(|(number, answer)| {
            format!(
                "<Part><PartNumber>{number}</PartNumber><ETag>{}</ETag></Part>",
                etag(answer)
            )
        })
        .concat();
    let completed = complete(&format!(
        "<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>"
    ));
    assert_eq!(completed.status, 200, "{}", completed.text());
    assert_eq!(place.get("large"), "1".repeat(5 * 1024 * 1024) + &large);
}
