use super::*;
use crate::aws::AccessKey;

#[test]
fn credentials_are_renewed_before_they_expire() {
    let now = Timestamp::now();
    for (good_for, cached_for) in [(900, 750), (3600, 3180), (60, 0), (0, 0)] {
        let from = renewed_from(now, now + Duration::from_secs(good_for));
        assert_eq!(from.as_second() - now.as_second(), cached_for, "{good_for}");
    }
    let expired = renewed_from(now, now - Duration::from_secs(60));
    assert!(expired <= Timestamp::now());
}

fn iam() -> IamCredentials {
    let key = AccessKey::new(
        "AKIAIOSFODNN7EXAMPLE",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    );
    let iam = IamCredentials::cluster("c").endpoint("http://127.0.0.1:1");
    let iam = iam.access_key(key.expect("well-formed")).attempts(1);
    iam.build().expect("good")
}

#[test]
fn a_refused_signature_tells_no_token() {
    let message = "The request signature we calculated does not match the signature you provided.\n\nThe Canonical String for \
        this request should have been\n'POST\n/\n\nhost:h\nx-amz-security-token:FwoGZXIvYXdz'";
    let refusal = Refusal {
        status: 403,
        code: "SignatureDoesNotMatch".to_owned(),
        message: message.to_owned(),
        ..Refusal::default()
    };
    let said = iam().refused("GetClusterCredentials", &refusal);
    assert_eq!(said.kind(), IamErrorKind::Credentials);
    assert!(
        !format!("{said:?} {said}").contains("FwoGZXIvYXdz"),
        "{said}"
    );
}

#[test]
fn credentials_that_are_good_outlive_a_service_that_is_not_there() {
    let iam = iam();
    let keep = |good_for: u64| {
        let now = Timestamp::now();
        iam.cache().cached = Some(Cached {
            temporary: Temporary {
                user: "IAM:ada".to_owned(),
                password: "hunter2".to_owned().into(),
                expires: now + Duration::from_secs(good_for),
            },
            renewed_from: now,
            received: Instant::now(),
        });
    };
    keep(60);
    assert_eq!(iam.get().expect("still good").user(), "IAM:ada");
    assert!(iam.cache().failed.is_some());
    keep(10);
    let error = iam.get().expect_err("not good for long enough");
    assert_eq!(error.kind(), IamErrorKind::Unavailable);
    // Whoever waited meanwhile is told the same.
    let later = Instant::now() + Duration::from_secs(60);
    let told = IamError::new(IamErrorKind::NotFound, "Call", "said", "");
    iam.cache().failed = Some((later, told.clone()));
    assert_eq!(iam.get().expect_err("shared"), told);
}
