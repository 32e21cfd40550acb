//! The Redshift services on the same port: temporary credentials of the database, and where it is.

use std::io::Read;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::digest::sha256;
use super::request::{Request, decode};
use super::response::Response;
use super::signature::Signature;
use super::{date, permissions, xml};
use crate::Error;
use crate::log_ins::LogIn;
use crate::s3::REGION;
use crate::session::Shared;

/// The one cluster, and the one workgroup.
const NAME: &str = "sandbox";
const ACCOUNT: &str = "012345678901";
/// The identity of every key.
const IDENTITY: &str = "sandbox";
const LONGEST: u64 = 64 * 1024;
const TARGET: &str = "RedshiftServerless.";

/// A refusal, in the words of either service.
struct Refusal {
    status: u16,
    code: &'static str,
    message: String,
}

fn refuse(status: u16, code: &'static str, message: impl Into<String>) -> Refusal {
    Refusal {
        status,
        code,
        message: message.into(),
    }
}

/// Whether a request is one for these services.
pub(super) fn is_meant(request: &Request) -> bool {
    let kind = request.header("content-type").unwrap_or_default();
    request.method == "POST"
        && request.path == "/"
        && request.query.is_empty()
        && (kind.starts_with("application/x-www-form-urlencoded")
            || kind.starts_with("application/x-amz-json"))
}

pub(super) fn answer(request: &Request, body: &mut dyn Read, shared: &Shared) -> Response {
    let target = request.header("x-amz-target").map(str::to_owned);
    let call = Call::read(request, body);
    let answered = call.and_then(|(call, signature)| call.answer(request, &signature, shared));
    match (answered, target) {
        (Ok(response), _) => response,
        (Err(refusal), Some(_)) => {
            let code = match refusal.code {
                "InvalidClientTokenId" => "UnrecognizedClientException",
                "SignatureDoesNotMatch" => "InvalidSignatureException",
                "AccessDenied" => "AccessDeniedException",
                "Throttling" => "ThrottlingException",
                "ExpiredToken" => "ExpiredTokenException",
                code => code,
            };
            let said = json!({"__type": code, "message": refusal.message});
            Response::text(
                refusal.status.min(400),
                "application/x-amz-json-1.1",
                said.to_string(),
            )
        }
        (Err(refusal), None) => {
            let said = format!(
                "<ErrorResponse xmlns=\"http://redshift.amazonaws.com/doc/2012-12-01/\"><Error><Type>Sender</Type>\
                 {}{}</Error><RequestId>00000000-0000-0000-0000-000000000000</RequestId></ErrorResponse>",
                xml::element("Code", refusal.code),
                xml::element("Message", &refusal.message)
            );
            Response::text(refusal.status, "text/xml", said)
        }
    }
}

/// A call with its parameters by the names of the query protocol.
struct Call {
    action: String,
    parameters: Vec<(String, String)>,
    serverless: bool,
}

impl Call {
    fn read(request: &Request, body: &mut dyn Read) -> Result<(Self, Signature), Refusal> {
        let mut bytes = Vec::new();
        let read = body.take(LONGEST + 1).read_to_end(&mut bytes);
        if read.is_err() || bytes.len() as u64 > LONGEST {
            return Err(refuse(400, "MalformedInput", "The request is too long."));
        }
        let target = request.header("x-amz-target");
        let service = if target.is_some() {
            "redshift-serverless"
        } else {
            "redshift"
        };
        let signature = Signature::for_service(request, service).map_err(of_signature)?;
        let digest = sha256(&bytes);
        let signature = signature.with_body(digest.clone());
        if signature.payload(request).map_err(of_signature)? != digest {
            return Err(wrong_signature());
        }
        let malformed = || refuse(400, "MalformedInput", "The request cannot be read.");
        let text = String::from_utf8(bytes).map_err(|_| malformed())?;
        let call = match target {
            Some(target) => Self::of_json(target, &text),
            None => Self::of_form(&text),
        };
        Ok((call.ok_or_else(malformed)?, signature))
    }

    fn of_form(text: &str) -> Option<Self> {
        let mut parameters = Vec::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=')?;
            let value = decode(&value.replace('+', "%20")).ok()?;
            parameters.push((decode(name).ok()?, value));
        }
        let at = parameters.iter().position(|(name, _)| name == "Action")?;
        let (_, action) = parameters.swap_remove(at);
        let at = parameters.iter().position(|(name, _)| name == "Version")?;
        let (_, version) = parameters.swap_remove(at);
        (version == "2012-12-01").then_some(Self {
            action,
            parameters,
            serverless: false,
        })
    }

    fn of_json(target: &str, text: &str) -> Option<Self> {
        let Value::Object(object) = serde_json::from_str(text).ok()? else {
            return None;
        };
        let parameters = object.into_iter().map(|(name, value)| match value {
            Value::String(text) => Some((name, text)),
            Value::Number(number) => Some((name, number.to_string())),
            _ => None,
        });
        Some(Self {
            action: target.strip_prefix(TARGET)?.to_owned(),
            parameters: parameters.collect::<Option<_>>()?,
            serverless: true,
        })
    }

    fn get(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(found, _)| found == name)?;
        Some(&found.1)
    }

    /// Refuses what is not looked at.
    fn only(&self, known: &[&str]) -> Result<(), Refusal> {
        match self
            .parameters
            .iter()
            .find(|(name, _)| !known.contains(&&**name))
        {
            Some((name, _)) => Err(refuse(
                400,
                "NotImplemented",
                format!(
                    "The sandbox does not imitate the parameter {name} of {}.",
                    self.action
                ),
            )),
            None => Ok(()),
        }
    }

    fn answer(
        &self,
        request: &Request,
        signature: &Signature,
        shared: &Shared,
    ) -> Result<Response, Refusal> {
        self.permit(request, signature, shared)?;
        if shared.log_ins.is_throttled() {
            return Err(refuse(400, "Throttling", "Rate exceeded"));
        }
        match (self.serverless, &*self.action) {
            (false, "GetClusterCredentials") => self.chosen(signature, shared),
            (false, "GetClusterCredentialsWithIAM") => self.mapped(signature, shared),
            (true, "GetCredentials") => self.mapped(signature, shared),
            (false, "DescribeClusters") => {
                self.only(&["ClusterIdentifier"])?;
                self.is_here(signature)?;
                let endpoint = format!(
                    "<Clusters><Cluster>{}<Endpoint>{}{}</Endpoint></Cluster></Clusters>",
                    xml::element("ClusterIdentifier", NAME),
                    xml::element("Address", "127.0.0.1"),
                    xml::element("Port", &port(shared))
                );
                Ok(self.xml(&endpoint))
            }
            (true, "GetWorkgroup") => {
                self.only(&["workgroupName"])?;
                self.is_here(signature)?;
                let port: u16 = port(shared).parse().unwrap_or(0);
                let endpoint = json!({"address": "127.0.0.1", "port": port});
                let workgroup = json!({"workgroup": {"workgroupName": NAME, "status": "AVAILABLE", "endpoint": endpoint}});
                Ok(Response::text(
                    200,
                    "application/x-amz-json-1.1",
                    workgroup.to_string(),
                ))
            }
            (_, action) => Err(refuse(
                400,
                "InvalidAction",
                format!("The sandbox does not imitate the action {action}."),
            )),
        }
    }

    /// Checks who asks, and whether the key may.
    fn permit(
        &self,
        request: &Request,
        signature: &Signature,
        shared: &Shared,
    ) -> Result<(), Refusal> {
        signature
            .check_time(SystemTime::now())
            .map_err(of_signature)?;
        let identities = shared.identities();
        let (key, granted) = identities.key(&signature.key_id).map_err(of_signature)?;
        signature
            .verify(request, &key.secret)
            .map_err(of_signature)?;
        permissions::check_token(&key, signature.token.as_deref()).map_err(of_signature)?;
        let service = if self.serverless {
            "redshift-serverless"
        } else {
            "redshift"
        };
        let mut actions = vec![format!("{service}:{}", self.action)];
        if self.get("AutoCreate") == Some("true") {
            actions.push("redshift:CreateClusterUser".to_owned());
        }
        match actions
            .into_iter()
            .find(|action| !granted.has_action(action))
        {
            Some(action) => Err(refuse(
                403,
                "AccessDenied",
                format!(
                    "User: arn:aws:iam::{ACCOUNT}:user/{IDENTITY} is not authorized to perform: {action} because no \
                     identity-based policy allows the {action} action"
                ),
            )),
            None => Ok(()),
        }
    }

    /// Whether the cluster or the workgroup is the one of the region.
    fn is_here(&self, signature: &Signature) -> Result<(), Refusal> {
        let name = if self.serverless {
            "workgroupName"
        } else {
            "ClusterIdentifier"
        };
        let name = self.get(name).unwrap_or_default();
        if signature.region == REGION && name == NAME {
            return Ok(());
        }
        Err(if self.serverless {
            refuse(
                400,
                "ResourceNotFoundException",
                format!("Workgroup {name} could not be found."),
            )
        } else {
            refuse(404, "ClusterNotFound", format!("Cluster {name} not found."))
        })
    }

    fn duration(&self) -> Result<Duration, Refusal> {
        let name = if self.serverless {
            "durationSeconds"
        } else {
            "DurationSeconds"
        };
        let seconds = self.get(name).map_or(Ok(900), str::parse);
        match seconds {
            Ok(seconds @ 900..=3600) => Ok(Duration::from_secs(seconds)),
            _ if self.serverless => Err(refuse(
                400,
                "ValidationException",
                "Duration must be between 900 and 3600 seconds.",
            )),
            _ => Err(refuse(
                400,
                "InvalidParameterValue",
                "Duration must be between 900 and 3600 seconds.",
            )),
        }
    }

    fn chosen(&self, signature: &Signature, shared: &Shared) -> Result<Response, Refusal> {
        self.only(&[
            "ClusterIdentifier",
            "DbName",
            "DbUser",
            "AutoCreate",
            "DurationSeconds",
        ])?;
        self.is_here(signature)?;
        let user = self.get("DbUser").unwrap_or_default();
        let is_user = (1..=64).contains(&user.len())
            && user.starts_with(|first: char| first.is_ascii_alphabetic())
            && user
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_+.@-".contains(&byte));
        if !is_user {
            return Err(refuse(
                400,
                "InvalidParameterValue",
                "The DbUser is not valid.",
            ));
        }
        let creates = self.get("AutoCreate") == Some("true");
        let name = format!("{}:{user}", if creates { "IAMA" } else { "IAM" });
        self.give(&name, user, creates, shared)
    }

    fn mapped(&self, signature: &Signature, shared: &Shared) -> Result<Response, Refusal> {
        self.only(&[
            "ClusterIdentifier",
            "DbName",
            "DurationSeconds",
            "workgroupName",
            "dbName",
            "durationSeconds",
        ])?;
        self.is_here(signature)?;
        let name = format!("IAM:{IDENTITY}");
        self.give(&name, &name, true, shared)
    }

    fn give(
        &self,
        name: &str,
        user: &str,
        creates: bool,
        shared: &Shared,
    ) -> Result<Response, Refusal> {
        let duration = self.duration()?;
        let database = self.get(if self.serverless { "dbName" } else { "DbName" });
        let given = shared.log_ins.give(name, |password| LogIn {
            password,
            expires: SystemTime::now() + duration,
            user: user.to_owned(),
            creates,
            database: database.map(str::to_owned),
        });
        let given = given.ok_or_else(|| refuse(500, "InternalFailure", "There is no chance."))?;
        if self.serverless {
            let since = given.expires.duration_since(SystemTime::UNIX_EPOCH);
            let expiration = since.unwrap_or_default().as_secs_f64();
            let credentials = json!({
                "dbUser": name, "dbPassword": given.password, "expiration": expiration, "nextRefreshTime": expiration,
            });
            return Ok(Response::text(
                200,
                "application/x-amz-json-1.1",
                credentials.to_string(),
            ));
        }
        Ok(self.xml(&format!(
            "{}{}{}",
            xml::element("DbUser", name),
            xml::element("DbPassword", &given.password),
            xml::element("Expiration", &date::iso(given.expires))
        )))
    }

    fn xml(&self, result: &str) -> Response {
        let action = &self.action;
        Response::text(
            200,
            "text/xml",
            format!(
                "<{action}Response xmlns=\"http://redshift.amazonaws.com/doc/2012-12-01/\"><{action}Result>{result}\
                 </{action}Result><ResponseMetadata><RequestId>00000000-0000-0000-0000-000000000000</RequestId>\
                 </ResponseMetadata></{action}Response>"
            ),
        )
    }
}

fn port(shared: &Shared) -> String {
    let address = shared.log_ins.address.get();
    address.map_or_else(String::new, |address| address.port().to_string())
}

fn wrong_signature() -> Refusal {
    refuse(
        403,
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and \
         signing method. Consult the service documentation for details.",
    )
}

/// What S3 says of a signature, in these services' words.
fn of_signature(error: Error) -> Refusal {
    let Error::S3 {
        status,
        code,
        message,
    } = error
    else {
        return refuse(
            403,
            "MissingAuthenticationToken",
            "Missing Authentication Token",
        );
    };
    match code {
        "InvalidAccessKeyId" => refuse(
            403,
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        ),
        "RequestTimeTooSkewed" => refuse(
            403,
            "SignatureDoesNotMatch",
            "Signature expired: the time of the request is more than 15 min from now.",
        ),
        "SignatureDoesNotMatch" => wrong_signature(),
        code => refuse(status, code, message),
    }
}
