//! Buckets over HTTP, and lists of what is in them.

use crate::s3_client::S3;
use crate::{place, sandbox};

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
fn the_first_version_of_lists_goes_on_by_markers() {
    let place = place();
    let s3 = S3::of(sandbox());
    for key in ["a/1", "a/2", "b c", "d/1", "e"] {
        place.put(key, key);
    }
    let list = |query: &str| {
        let answer = s3.call("GET", &format!("/{}?{query}", place.name), &[], b"");
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer
    };
    let texts = |text: &str, name: &str| {
        let (start, end) = (format!("<{name}>"), format!("</{name}>"));
        let parts = text.split(&start).skip(1);
        parts
            .map(|part| part.split(&end).next().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    let all = s3.call("GET", &format!("/{}", place.name), &[], b"");
    assert_eq!(texts(&all.text(), "Key"), ["a/1", "a/2", "b c", "d/1", "e"]);
    assert_eq!(texts(&all.text(), "Size"), ["3", "3", "3", "3", "1"]);
    assert_eq!(all.element("IsTruncated").as_deref(), Some("false"));
    assert_eq!(all.element("Marker").as_deref(), Some(""));
    assert!(all.text().contains("<Owner><ID>sandbox</ID></Owner>"));
    assert!(!all.text().contains("KeyCount"));

    // Without a delimiter a client goes on behind the last key.
    let page = list("marker=a%2F2&max-keys=2");
    assert_eq!(texts(&page.text(), "Key"), ["b c", "d/1"]);
    assert_eq!(page.element("IsTruncated").as_deref(), Some("true"));
    assert_eq!(page.element("NextMarker"), None);
    let page = list("delimiter=%2F&encoding-type=url&max-keys=2");
    assert_eq!(texts(&page.text(), "Key"), ["b%20c"]);
    assert_eq!(
        texts(&page.text(), "CommonPrefixes"),
        ["<Prefix>a/</Prefix>"]
    );
    assert_eq!(page.element("NextMarker").as_deref(), Some("b%20c"));
    let page = list("delimiter=%2F&marker=b%20c");
    assert_eq!(texts(&page.text(), "Key"), ["e"]);
    assert_eq!(
        texts(&page.text(), "CommonPrefixes"),
        ["<Prefix>d/</Prefix>"]
    );
    let page = list("marker=a%2F1&prefix=a%2F");
    assert_eq!(texts(&page.text(), "Key"), ["a/2"]);
    let wrong = s3.call("GET", &format!("/{}?max-keys=many", place.name), &[], b"");
    assert_eq!(wrong.element("Code").as_deref(), Some("InvalidArgument"));
}
