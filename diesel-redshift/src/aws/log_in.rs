//! Calls of the Redshift services: temporary credentials for the database, and its endpoint.

use reqsign_core::time::Timestamp;
use secrecy::SecretString;
use serde_json::{Value, json};
use ureq::http::Method;

use super::client::{Client, Request, RequestError};
use super::http::read_small;
use super::xml::Element;

/// No answer is this long.
const LONGEST: u64 = 1024 * 1024;

/// Where to log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    Cluster(String),
    /// A provisioned cluster by its own domain name.
    ClusterDomain(String),
    Workgroup(String),
    WorkgroupDomain(String),
}

impl Place {
    pub(crate) fn is_serverless(&self) -> bool {
        matches!(self, Self::Workgroup(_) | Self::WorkgroupDomain(_))
    }

    /// The service's name in its signatures and in its host.
    pub(crate) fn service(&self) -> &'static str {
        if self.is_serverless() {
            "redshift-serverless"
        } else {
            "redshift"
        }
    }

    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Cluster(name)
            | Self::ClusterDomain(name)
            | Self::Workgroup(name)
            | Self::WorkgroupDomain(name) => name,
        }
    }
}

/// A database user chosen by the caller.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ChosenUser {
    pub(crate) name: String,
    pub(crate) auto_create: bool,
    pub(crate) groups: Vec<String>,
}

/// Who logs in where.
#[derive(Debug, Clone)]
pub(crate) struct LogIn {
    pub(crate) place: Place,
    /// `None` is the user that the AWS identity is mapped to.
    pub(crate) user: Option<ChosenUser>,
    pub(crate) database: Option<String>,
    /// In seconds.
    pub(crate) duration: Option<u32>,
}

/// A user and a password that are valid for a while.
#[derive(Debug, Clone)]
pub(crate) struct Temporary {
    pub(crate) user: String,
    pub(crate) password: SecretString,
    pub(crate) expires: Timestamp,
}

/// Why a call returned nothing.
#[derive(Debug)]
pub(crate) enum CallError {
    Request(RequestError),
    /// The answer lacks this.
    Lacks(&'static str),
}

impl From<RequestError> for CallError {
    fn from(error: RequestError) -> Self {
        Self::Request(error)
    }
}

impl LogIn {
    /// The action that returns the credentials.
    pub(crate) fn call(&self) -> &'static str {
        match (&self.place, &self.user) {
            (place, _) if place.is_serverless() => "GetCredentials",
            (_, Some(_)) => "GetClusterCredentials",
            (_, None) => "GetClusterCredentialsWithIAM",
        }
    }

    /// The action that returns the endpoint.
    pub(crate) fn endpoint_call(&self) -> &'static str {
        if self.place.is_serverless() {
            "GetWorkgroup"
        } else {
            "DescribeClusters"
        }
    }

    /// The parameters of the call, in the order of Amazon's reference.
    fn parameters(&self) -> Vec<(String, String)> {
        let mut parameters: Vec<(String, String)> = Vec::new();
        let mut add =
            |name: &str, value: &str| parameters.push((name.to_owned(), value.to_owned()));
        match &self.place {
            Place::Cluster(name) => add("ClusterIdentifier", name),
            Place::ClusterDomain(name) => add("CustomDomainName", name),
            Place::Workgroup(name) => add("workgroupName", name),
            Place::WorkgroupDomain(name) => add("customDomainName", name),
        }
        let serverless = self.place.is_serverless();
        if let Some(database) = &self.database {
            add(if serverless { "dbName" } else { "DbName" }, database);
        }
        if let Some(user) = &self.user {
            add("DbUser", &user.name);
            if user.auto_create {
                add("AutoCreate", "true");
            }
            for (at, group) in user.groups.iter().enumerate() {
                add(&format!("DbGroups.DbGroup.{}", at + 1), group);
            }
        }
        if let Some(seconds) = self.duration {
            let name = if serverless {
                "durationSeconds"
            } else {
                "DurationSeconds"
            };
            add(name, &seconds.to_string());
        }
        parameters
    }

    /// Requests credentials.
    pub(crate) fn credentials(&self, client: &Client, url: &str) -> Result<Temporary, CallError> {
        let answer = self.send(client, url, self.call(), &self.parameters())?;
        let expires = answer.time(if self.place.is_serverless() {
            "expiration"
        } else {
            "Expiration"
        });
        let (user, password) = if self.place.is_serverless() {
            (answer.text(&["dbUser"]), answer.text(&["dbPassword"]))
        } else {
            (answer.text(&["DbUser"]), answer.text(&["DbPassword"]))
        };
        let (user, password) = (
            user.filter(|user| !user.is_empty()),
            password.filter(|password| !password.is_empty()),
        );
        Ok(Temporary {
            user: user.ok_or(CallError::Lacks("the user"))?,
            password: password.ok_or(CallError::Lacks("the password"))?.into(),
            expires: expires.ok_or(CallError::Lacks("when they expire"))?,
        })
    }

    /// Requests the host and the port.
    pub(crate) fn endpoint(&self, client: &Client, url: &str) -> Result<(String, u16), CallError> {
        let (parameter, path): (_, [&[&str]; 2]) = match &self.place {
            // A domain name already is the host.
            Place::ClusterDomain(name) | Place::WorkgroupDomain(name) => {
                return Ok((name.clone(), 5439));
            }
            Place::Cluster(_) => (
                "ClusterIdentifier",
                [
                    &["Clusters", "Cluster", "Endpoint", "Address"],
                    &["Clusters", "Cluster", "Endpoint", "Port"],
                ],
            ),
            Place::Workgroup(_) => (
                "workgroupName",
                [
                    &["workgroup", "endpoint", "address"],
                    &["workgroup", "endpoint", "port"],
                ],
            ),
        };
        let parameters = [(parameter.to_owned(), self.place.name().to_owned())];
        let answer = self.send(client, url, self.endpoint_call(), &parameters)?;
        let host = answer.text(path[0]).filter(|host| !host.is_empty());
        let port = answer.text(path[1]).and_then(|port| port.parse().ok());
        Ok((
            host.ok_or(CallError::Lacks(
                "an endpoint: it may still be being created",
            ))?,
            port.ok_or(CallError::Lacks("a port"))?,
        ))
    }

    fn send(
        &self,
        client: &Client,
        url: &str,
        call: &str,
        parameters: &[(String, String)],
    ) -> Result<Answer, CallError> {
        let (headers, body) = if self.place.is_serverless() {
            let headers = vec![
                ("content-type", "application/x-amz-json-1.1".to_owned()),
                ("x-amz-target", format!("RedshiftServerless.{call}")),
            ];
            (headers, json_body(parameters))
        } else {
            let kind = "application/x-www-form-urlencoded; charset=utf-8";
            (
                vec![("content-type", kind.to_owned())],
                form_body(call, parameters),
            )
        };
        let request = Request {
            method: Method::POST,
            url: url.to_owned(),
            headers,
            body: body.as_bytes(),
        };
        let mut attempts = 0;
        let bytes = loop {
            attempts += 1;
            let mut response = client.send(&request)?;
            match read_small(&mut response, LONGEST) {
                Ok(bytes) => break bytes,
                // One that is slow would be slow again.
                Err(ureq::Error::Io(_)) if attempts < client.attempts() => {}
                Err(error) => {
                    let said = format!("the answer broke off ({error})");
                    return Err(RequestError::Unreachable { said, attempts }.into());
                }
            }
        };
        let answer = if self.place.is_serverless() {
            serde_json::from_slice(&bytes).ok().map(Answer::Json)
        } else {
            let text = std::str::from_utf8(&bytes).ok();
            let root = text.and_then(Element::parse);
            root.map(|root| Answer::Xml(root, format!("{call}Result")))
        };
        answer.ok_or(CallError::Lacks("what was asked for"))
    }
}

/// The body of a JSON 1.1 call. The only number among the values is the duration.
fn json_body(parameters: &[(String, String)]) -> String {
    let object = parameters.iter().map(|(name, value)| {
        let value = match name.as_str() {
            "durationSeconds" => value
                .parse()
                .map_or(json!(value), |seconds: u32| json!(seconds)),
            _ => json!(value),
        };
        (name.clone(), value)
    });
    Value::Object(object.collect()).to_string()
}

/// The body of a call in the query protocol.
fn form_body(call: &str, parameters: &[(String, String)]) -> String {
    let mut body = format!("Action={call}&Version=2012-12-01");
    for (name, value) in parameters {
        body.push_str(&format!("&{name}="));
        for byte in value.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                body.push(char::from(byte));
            } else {
                body.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    body
}

enum Answer {
    Json(Value),
    /// With the element that holds the result.
    Xml(Element, String),
}

impl Answer {
    fn text(&self, path: &[&str]) -> Option<String> {
        match self {
            Self::Json(root) => {
                let found = path.iter().try_fold(root, |at, name| at.get(name))?;
                match found {
                    Value::String(text) => Some(text.clone()),
                    Value::Number(number) => Some(number.to_string()),
                    _ => None,
                }
            }
            Self::Xml(root, result) => {
                let (last, path) = path.split_last()?;
                let start = root.child(result)?;
                let found = path.iter().try_fold(start, |at, name| at.child(name))?;
                found.text_of(last).map(str::to_owned)
            }
        }
    }

    /// A point in time: text of ISO 8601, or seconds since 1970.
    fn time(&self, name: &str) -> Option<Timestamp> {
        let text = self.text(&[name])?;
        match text.parse::<f64>() {
            // Up to the year 9999; the service returns fractions.
            Ok(seconds) if (0.0..253_402_300_800.0).contains(&seconds) => {
                Timestamp::from_second(seconds as i64).ok()
            }
            Ok(_) => None,
            Err(_) => text.parse().ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log_in(place: Place, user: Option<ChosenUser>) -> LogIn {
        LogIn {
            place,
            user,
            database: Some("dev".to_owned()),
            duration: Some(3600),
        }
    }

    #[test]
    fn bodies_are_those_of_amazons_reference() {
        let user = ChosenUser {
            name: "ada+1@example".to_owned(),
            auto_create: true,
            groups: vec!["loaders".to_owned(), "readers".to_owned()],
        };
        let chosen = log_in(Place::Cluster("examplecluster".to_owned()), Some(user));
        assert_eq!(
            form_body(chosen.call(), &chosen.parameters()),
            "Action=GetClusterCredentials&Version=2012-12-01&ClusterIdentifier=examplecluster&DbName=dev\
             &DbUser=ada%2B1%40example&AutoCreate=true&DbGroups.DbGroup.1=loaders&DbGroups.DbGroup.2=readers\
             &DurationSeconds=3600"
        );
        let mapped = log_in(Place::ClusterDomain("dw.example.com".to_owned()), None);
        assert_eq!(
            form_body(mapped.call(), &mapped.parameters()),
            "Action=GetClusterCredentialsWithIAM&Version=2012-12-01&CustomDomainName=dw.example.com&DbName=dev\
             &DurationSeconds=3600"
        );
        let serverless = log_in(Place::Workgroup("wg".to_owned()), None);
        assert_eq!(serverless.call(), "GetCredentials");
        assert_eq!(
            json_body(&serverless.parameters()),
            r#"{"dbName":"dev","durationSeconds":3600,"workgroupName":"wg"}"#
        );
    }

    #[test]
    fn answers_are_read_as_amazon_writes_them() {
        let xml = "<GetClusterCredentialsResponse xmlns=\"http://redshift.amazonaws.com/doc/2012-12-01/\">\
            <GetClusterCredentialsResult><DbUser>IAM:temp_creds_user</DbUser><DbPassword>AMAFUyyuros/QjxPTtgzcsuQ==</DbPassword>\
            <Expiration>2016-12-08T21:18:17.456Z</Expiration></GetClusterCredentialsResult></GetClusterCredentialsResponse>";
        let answer = Answer::Xml(
            Element::parse(xml).expect("well-formed"),
            "GetClusterCredentialsResult".to_owned(),
        );
        assert_eq!(
            answer.text(&["DbUser"]).as_deref(),
            Some("IAM:temp_creds_user")
        );
        let expires = answer.time("Expiration").expect("a time");
        assert_eq!(expires.as_second(), 1_481_231_897);
        let answer = Answer::Json(
            json!({"expiration": 1_481_231_897.456, "workgroup": {"endpoint": {"port": 5439}}}),
        );
        assert_eq!(
            answer.time("expiration").expect("a time").as_second(),
            1_481_231_897
        );
        assert_eq!(
            answer.text(&["workgroup", "endpoint", "port"]).as_deref(),
            Some("5439")
        );
        for wrong in [json!(-1), json!(1e300), json!("soon"), json!(null)] {
            assert_eq!(
                Answer::Json(json!({"expiration": wrong})).time("expiration"),
                None
            );
        }
    }
}
