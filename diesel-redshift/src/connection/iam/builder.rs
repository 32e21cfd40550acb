use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqsign_core::Env;

use super::{IamCredentials, Source, checks};
use crate::aws::client::{Client, USUAL_LIMITS};
use crate::aws::credentials::{Credentials, Identity};
use crate::aws::http::TimeLimits;
use crate::aws::log_in::{ChosenUser, LogIn, Place};
use crate::aws::profile::Profile;
use crate::aws::surroundings::ProcessEnvironment;
use crate::aws::{AccessKey, Region};
use crate::error::InvalidValue;

/// The service answers within a second; there is no point in waiting minutes to log in.
const LIMITS: TimeLimits = TimeLimits {
    answer: Duration::from_secs(20),
    whole: Some(Duration::from_secs(30)),
    ..USUAL_LIMITS
};

/// Builds [`IamCredentials`]. Nothing is sent before they are needed.
#[derive(Clone)]
#[must_use = "credentials are made with .build()"]
pub struct IamCredentialsBuilder {
    log_in: LogIn,
    duration: Option<Duration>,
    user: ChosenUser,
    chooses_user: bool,
    identity: Identity,
    region: Option<Region>,
    endpoint: Option<String>,
    attempts: u32,
}

impl IamCredentialsBuilder {
    fn new(place: Place) -> Self {
        Self {
            log_in: LogIn {
                place,
                user: None,
                database: None,
                duration: None,
            },
            duration: None,
            user: ChosenUser::default(),
            chooses_user: false,
            identity: Identity::Surroundings,
            region: None,
            endpoint: None,
            attempts: 5,
        }
    }

    pub(super) fn cluster(identifier: String) -> Self {
        Self::new(Place::Cluster(identifier))
    }

    pub(super) fn cluster_domain(name: String) -> Self {
        Self::new(Place::ClusterDomain(name))
    }

    pub(super) fn workgroup(name: String) -> Self {
        Self::new(Place::Workgroup(name))
    }

    pub(super) fn workgroup_domain(name: String) -> Self {
        Self::new(Place::WorkgroupDomain(name))
    }

    /// `DbUser`: logs in as this user, by `GetClusterCredentials`. Clusters only.
    pub fn db_user(mut self, name: impl Into<String>) -> Self {
        self.user.name = name.into();
        self.chooses_user = true;
        self
    }

    /// `AutoCreate`: the user is created at log-in if it does not exist, with the rights of
    /// `PUBLIC`.
    pub fn auto_create(mut self) -> Self {
        self.user.auto_create = true;
        self
    }

    /// `DbGroups`: the database groups that the user joins for the session, in lower case.
    pub fn groups<G: Into<String>>(mut self, groups: impl IntoIterator<Item = G>) -> Self {
        self.user.groups = groups.into_iter().map(Into::into).collect();
        self
    }

    /// `DbName`: the credentials are valid for this database only. It is also the default of a
    /// connection string that names no database.
    pub fn database(mut self, name: impl Into<String>) -> Self {
        self.log_in.database = Some(name.into());
        self
    }

    /// `DurationSeconds`: how long the credentials can be used to log in, 15 to 60 minutes; 15 by
    /// default. Sessions continue after that.
    pub fn duration(mut self, duration: Duration) -> Self {
        self.duration = Some(duration);
        self
    }

    /// The region of the cluster or the workgroup.
    pub fn region(mut self, region: Region) -> Self {
        self.region = Some(region);
        self
    }

    /// Signs with this key, and searches for no other credentials.
    pub fn access_key(mut self, key: AccessKey) -> Self {
        self.identity = Identity::Key(key);
        self
    }

    /// Uses the credentials of this profile, and its region unless another is named.
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.identity = Identity::Profile(name.into());
        self
    }

    /// Sends requests to `http://host:port` or `https://host` instead of the service.
    pub fn endpoint(mut self, url: impl Into<String>) -> Self {
        self.endpoint = Some(url.into());
        self
    }

    /// How often a request is sent before it fails, 1 to 20; 5 by default.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// Builds the credentials; nothing is sent yet.
    ///
    /// # Errors
    ///
    /// If there is no region, or a value is out of range.
    pub fn build(self) -> Result<IamCredentials, InvalidValue> {
        self.build_in(ProcessEnvironment)
    }

    fn build_in(mut self, environment: impl Env + Clone) -> Result<IamCredentials, InvalidValue> {
        checks::place(&self.log_in.place)?;
        checks::attempts(self.attempts)?;
        if let Some(database) = &self.log_in.database {
            checks::database(database)?;
        }
        checks::user(&self.log_in.place, &self.user, self.chooses_user)?;
        self.log_in.duration = self.duration.map(checks::seconds).transpose()?;
        if self.chooses_user {
            self.log_in.user = Some(self.user);
        }
        let set = |name: &str| environment.var(name).filter(|value| !value.is_empty());
        let place = &self.log_in.place;
        let own = if place.is_serverless() {
            "AWS_ENDPOINT_URL_REDSHIFT_SERVERLESS"
        } else {
            "AWS_ENDPOINT_URL_REDSHIFT"
        };
        let endpoint = self.endpoint.or_else(|| set(own));
        let endpoint = endpoint.or_else(|| set("AWS_ENDPOINT_URL"));
        let name = match &self.identity {
            Identity::Profile(name) => Some(name.as_str()),
            _ => None,
        };
        let profile = Profile::read(&environment, name);
        let of_profile = || profile.get("region").map(str::to_owned);
        let code = match (&self.region, name) {
            (Some(region), _) => Some(region.as_str().to_owned()),
            (None, Some(_)) => of_profile().or_else(|| set("AWS_REGION")),
            (None, None) => set("AWS_REGION"),
        };
        let code = code
            .or_else(|| set("AWS_DEFAULT_REGION"))
            .or_else(of_profile);
        let code = code.or_else(|| endpoint.is_some().then(|| "us-east-1".to_owned()));
        let code = code.ok_or_else(|| {
            InvalidValue::new(
                "REGION",
                "none".to_owned(),
                "one in the builder, AWS_REGION or the profile",
            )
        })?;
        let region = Region::parse(&code)?;
        let service = place.service();
        let url = match endpoint {
            Some(endpoint) => checks::endpoint(&endpoint)?,
            None if region.as_str().starts_with("cn-") => {
                format!("https://{service}.{region}.amazonaws.com.cn/")
            }
            None => format!("https://{service}.{region}.amazonaws.com/"),
        };
        let credentials = Credentials::new(self.identity, region.as_str(), environment);
        Ok(IamCredentials(Arc::new(Source {
            client: Client::new(service, region.as_str(), credentials, LIMITS, self.attempts),
            log_in: self.log_in,
            url,
            region: region.as_str().to_owned(),
            cache: Mutex::default(),
            endpoint: Mutex::default(),
        })))
    }
}

impl fmt::Debug for IamCredentialsBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // One that has not been parsed yet may contain a password.
        let endpoint = self
            .endpoint
            .as_deref()
            .map(|url| match checks::endpoint(url) {
                Ok(_) => url,
                Err(_) => "…",
            });
        formatter
            .debug_struct("IamCredentialsBuilder")
            .field("place", &self.log_in.place)
            .field("user", &self.user)
            .field("database", &self.log_in.database)
            .field("duration", &self.duration)
            .field("identity", &self.identity)
            .field("region", &self.region)
            .field("endpoint", &endpoint)
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use reqsign_core::StaticEnv;

    use super::*;

    fn build(
        builder: IamCredentialsBuilder,
        variables: &[(&str, &str)],
    ) -> Result<IamCredentials, InvalidValue> {
        let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        builder.build_in(StaticEnv {
            home_dir: None,
            envs: variables.iter().map(pair).collect(),
        })
    }

    #[test]
    fn the_service_lies_in_the_region() {
        let url = |builder, variables: &[(&str, &str)]| {
            build(builder, variables).expect("good").0.url.clone()
        };
        assert_eq!(
            url(IamCredentials::cluster("c"), &[("AWS_REGION", "eu-west-1")]),
            "https://redshift.eu-west-1.amazonaws.com/"
        );
        assert_eq!(
            url(
                IamCredentials::workgroup("w"),
                &[("AWS_DEFAULT_REGION", "cn-north-1")]
            ),
            "https://redshift-serverless.cn-north-1.amazonaws.com.cn/"
        );
        assert_eq!(
            url(
                IamCredentials::workgroup("w"),
                &[("AWS_ENDPOINT_URL_REDSHIFT_SERVERLESS", "http://localhost:1")]
            ),
            "http://localhost:1/"
        );
    }

    #[test]
    fn what_the_service_would_refuse_is_not_sent() {
        let region = &[("AWS_REGION", "eu-west-1")][..];
        let cluster = || IamCredentials::cluster("c");
        for (builder, variables, said) in [
            (
                cluster(),
                &[][..],
                "invalid REGION: none; expected one in the builder, AWS_REGION or the profile",
            ),
            (
                IamCredentials::cluster("My Cluster"),
                region,
                "invalid ClusterIdentifier: My Cluster; expected 1 to 64",
            ),
            (
                IamCredentials::workgroup("My"),
                region,
                "invalid workgroupName: My; expected 1 to 64",
            ),
            (
                IamCredentials::cluster_domain("dw"),
                region,
                "invalid CustomDomainName: dw; expected a domain",
            ),
            (
                cluster().duration(Duration::from_secs(60)),
                region,
                "invalid DurationSeconds: 60; expected 900 to 3600",
            ),
            (
                cluster().db_user("IAM:ada"),
                region,
                "invalid DbUser: IAM:ada; expected 1 to 64 letters",
            ),
            (
                cluster().auto_create(),
                region,
                "invalid AutoCreate: without DbUser; expected a user",
            ),
            (
                cluster().groups(["g"]),
                region,
                "invalid DbGroups: without DbUser; expected a user",
            ),
            (
                cluster().db_user("ada").groups(["Loaders"]),
                region,
                "invalid DbGroups: Loaders; expected names",
            ),
            (
                IamCredentials::workgroup("w").db_user("ada"),
                region,
                "invalid DbUser: ada; expected none",
            ),
            (
                cluster().attempts(0),
                region,
                "invalid number of attempts: 0; expected 1 to 20",
            ),
        ] {
            let error = build(builder, variables).expect_err(said).to_string();
            assert!(error.starts_with(said), "{error}");
        }
        for endpoint in [
            "http://a:hunter2@h",
            "http://h/#hunter2",
            "http://h/?hunter2",
        ] {
            let builder = cluster().endpoint(endpoint);
            assert!(!format!("{builder:?}").contains("hunter2"), "{builder:?}");
            let refused = build(builder, region).expect_err("a password");
            assert!(!refused.to_string().contains("hunter2"), "{refused}");
        }
    }
}
