//! S3's refusals, as kinds of `StoreError`.

use ureq::http::Response;

use crate::aws::S3Uri;
use crate::aws::client::{Refusal, RequestError};
use crate::error::{StoreError, StoreErrorKind};

/// The error of a request for `location`, sent to `region`.
pub(super) fn refused(location: &S3Uri, region: &str, error: RequestError) -> StoreError {
    let new = |kind, said: String| StoreError::new(kind, location, said);
    match error {
        RequestError::Credentials(said) => new(StoreErrorKind::Credentials, said),
        RequestError::Invalid(said) => new(StoreErrorKind::Unexpected, said),
        RequestError::Unreachable { said, attempts } => {
            new(StoreErrorKind::Unavailable, said + &tries(attempts))
        }
        RequestError::Refused(refusal) => {
            let kind = kind(&refusal);
            new(kind, said(kind, region, &refusal))
        }
    }
}

/// The error of one object in the answer to a request for several.
pub(super) fn refused_object(location: &S3Uri, code: &str, message: &str) -> StoreError {
    let refusal = Refusal {
        status: 200,
        code: code.to_owned(),
        message: message.to_owned(),
        ..Refusal::default()
    };
    let kind = kind(&refusal);
    StoreError::new(kind, location, said(kind, "", &refusal))
}

/// The error of an answer that is not S3's.
pub(super) fn not_understood<T>(
    location: &S3Uri,
    response: &Response<T>,
    what: &str,
) -> StoreError {
    StoreError::new(
        StoreErrorKind::Unexpected,
        location,
        format!("the answer ({}) {what}", response.status().as_u16()),
    )
}

fn kind(refusal: &Refusal) -> StoreErrorKind {
    match refusal.code.as_str() {
        "NoSuchKey" | "NoSuchBucket" => StoreErrorKind::NotFound,
        "AccessDenied" | "AllAccessDisabled" | "AccountProblem" => StoreErrorKind::AccessDenied,
        "InvalidAccessKeyId"
        | "SignatureDoesNotMatch"
        | "ExpiredToken"
        | "InvalidToken"
        | "TokenRefreshRequired"
        | "InvalidSecurity"
        | "NotSignedUp"
        | "RequestTimeTooSkewed" => StoreErrorKind::Credentials,
        "PermanentRedirect"
        | "TemporaryRedirect"
        | "AuthorizationHeaderMalformed"
        | "IllegalLocationConstraintException" => StoreErrorKind::WrongRegion,
        "SlowDown" | "ServiceUnavailable" | "InternalError" | "RequestTimeout" => {
            StoreErrorKind::Unavailable
        }
        "QuotaExceeded" | "XMinioStorageFull" => StoreErrorKind::Full,
        "PreconditionFailed" => StoreErrorKind::Incomplete,
        _ => match refusal.status {
            301 | 302 | 307 | 308 => StoreErrorKind::WrongRegion,
            401 => StoreErrorKind::Credentials,
            403 => StoreErrorKind::AccessDenied,
            404 => StoreErrorKind::NotFound,
            412 => StoreErrorKind::Incomplete,
            429 | 500 | 502 | 503 | 504 => StoreErrorKind::Unavailable,
            507 => StoreErrorKind::Full,
            // A refusal by S3 has a code; one by a proxy has none.
            400..=499 if !refusal.code.is_empty() => StoreErrorKind::Refused,
            _ => StoreErrorKind::Unexpected,
        },
    }
}

fn said(kind: StoreErrorKind, region: &str, refusal: &Refusal) -> String {
    let mut said = match (&*refusal.code, &*refusal.message) {
        ("", "") => format!("the answer was {}", refusal.status),
        (code, message) => format!("{code}: {}", message.trim().trim_end_matches('.')),
    };
    if kind == StoreErrorKind::WrongRegion {
        match &refusal.region {
            Some(right) if right != region => {
                said.push_str(&format!("; the bucket lies in {right}, not in {region}"));
            }
            _ => said.push_str(&format!("; {region} was asked")),
        }
    }
    said + &tries(refusal.attempts)
}

fn tries(attempts: u32) -> String {
    match attempts {
        0 | 1 => String::new(),
        attempts => format!(" (tried {attempts} times)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_has_its_kind_and_else_the_status() {
        use StoreErrorKind::*;
        for (status, code, expected) in [
            (404, "NoSuchKey", NotFound),
            (404, "", NotFound),
            (403, "AccessDenied", AccessDenied),
            (403, "InvalidAccessKeyId", Credentials),
            (400, "ExpiredToken", Credentials),
            (400, "AuthorizationHeaderMalformed", WrongRegion),
            (301, "PermanentRedirect", WrongRegion),
            (503, "SlowDown", Unavailable),
            (502, "", Unavailable),
            (507, "", Full),
            (400, "EntityTooLarge", Refused),
            (400, "", Unexpected),
            (418, "", Unexpected),
        ] {
            let refusal = Refusal {
                status,
                code: code.to_owned(),
                ..Refusal::default()
            };
            assert_eq!(kind(&refusal), expected, "{status} {code}");
        }
    }

    #[test]
    fn the_right_region_is_told() {
        let location = S3Uri::from_static("s3://bucket/key");
        let refusal = Refusal {
            status: 301,
            code: "PermanentRedirect".to_owned(),
            message: "Use another endpoint.".to_owned(),
            region: Some("eu-west-1".to_owned()),
            attempts: 1,
        };
        let error = refused(&location, "us-east-1", RequestError::Refused(refusal));
        assert_eq!(error.kind(), StoreErrorKind::WrongRegion);
        assert_eq!(
            error.to_string(),
            "s3://bucket/key: PermanentRedirect: Use another endpoint; the bucket lies in eu-west-1, not in us-east-1; \
             name the bucket's region"
        );
    }
}
