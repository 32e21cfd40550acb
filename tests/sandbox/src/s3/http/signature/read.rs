//! Where a request has its signature: in the Authorization header, or in the query of a presigned URL.

use super::{ALGORITHM, Signature, denied, malformed};
use crate::Error;
use crate::s3::http::not_implemented;
use crate::s3::http::request::Request;

const LONGEST_PRESIGNED: u64 = 7 * 24 * 3600;

impl Signature {
    pub(in crate::s3::http) fn of(request: &Request) -> Result<Self, Error> {
        if let Some(header) = request.header("authorization") {
            return Self::of_header(request, header);
        }
        if request.parameter("X-Amz-Signature").is_some() {
            return Self::of_query(request);
        }
        if request.parameter("AWSAccessKeyId").is_some() {
            return Err(not_implemented(
                "signatures of version 2: ask for version 4 (boto3: signature_version=\"s3v4\")",
            ));
        }
        // Nothing here is public.
        Err(Error::access_denied())
    }

    /// A request's signature for one service.
    pub(in crate::s3::http) fn for_service(
        request: &Request,
        service: &str,
    ) -> Result<Self, Error> {
        let signature = Self::of(request)?;
        if signature.service == service {
            return Ok(signature);
        }
        Err(malformed(format!(
            "The authorization header is malformed; incorrect service \"{}\". This endpoint belongs to \"{service}\".",
            signature.service
        )))
    }

    fn of_header(request: &Request, header: &str) -> Result<Self, Error> {
        let rest = header.strip_prefix(ALGORITHM).ok_or_else(|| {
            Error::s3(
                400,
                "InvalidRequest",
                "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
            )
        })?;
        let field = |name: &str| {
            rest.split(',')
                .filter_map(|part| part.trim().split_once('='))
                .find(|(found, _)| *found == name)
                .map(|(_, value)| value)
                .ok_or_else(|| {
                    malformed(format!(
                        "The authorization header is malformed; {name} is missing."
                    ))
                })
        };
        let date = request.header("x-amz-date").ok_or_else(|| {
            denied("AWS authentication requires a valid Date or x-amz-date header")
        })?;
        Self::build(
            field("Credential")?,
            date,
            field("SignedHeaders")?,
            field("Signature")?,
            request.header("x-amz-security-token"),
            None,
        )
    }

    fn of_query(request: &Request) -> Result<Self, Error> {
        let field = |name: &str| {
            request.parameter(name).ok_or_else(|| {
                Error::s3(
                    400,
                    "AuthorizationQueryParametersError",
                    format!("Query-string authentication version 4 requires the parameter {name}."),
                )
            })
        };
        if field("X-Amz-Algorithm")? != ALGORITHM {
            return Err(Error::s3(
                400,
                "AuthorizationQueryParametersError",
                "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"",
            ));
        }
        let expires = field("X-Amz-Expires")?;
        let expires = expires
            .parse()
            .ok()
            .filter(|seconds| (1..=LONGEST_PRESIGNED).contains(seconds))
            .ok_or_else(|| {
                Error::s3(
                    400,
                    "AuthorizationQueryParametersError",
                    "X-Amz-Expires must be between 1 and 604800 seconds",
                )
            })?;
        Self::build(
            field("X-Amz-Credential")?,
            field("X-Amz-Date")?,
            field("X-Amz-SignedHeaders")?,
            field("X-Amz-Signature")?,
            request.parameter("X-Amz-Security-Token"),
            Some(expires),
        )
    }

    fn build(
        credential: &str,
        date: &str,
        signed_headers: &str,
        signature: &str,
        token: Option<&str>,
        expires: Option<u64>,
    ) -> Result<Self, Error> {
        let invalid = || {
            malformed(
                "The authorization header is malformed; the Credential is mal-formed; expecting \
                 \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".",
            )
        };
        let (key_id, scope) = credential.split_once('/').ok_or_else(invalid)?;
        let [day, region, service, "aws4_request"] = scope.split('/').collect::<Vec<_>>()[..]
        else {
            return Err(invalid());
        };
        if date.get(..8) != Some(day) {
            return Err(malformed(
                "The authorization header is malformed; Invalid credential date. Date is not the same as X-Amz-Date.",
            ));
        }
        Ok(Self {
            key_id: key_id.to_owned(),
            token: token.map(str::to_owned),
            region: region.to_owned(),
            service: service.to_owned(),
            date: date.to_owned(),
            scope: scope.to_owned(),
            signed_headers: signed_headers.split(';').map(str::to_owned).collect(),
            signature: signature.to_owned(),
            expires,
            body: None,
        })
    }
}
