use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqsign_core::Env;

use super::S3Store;
use super::address::Address;
use crate::aws::client::{Client, USUAL_LIMITS};
use crate::aws::credentials::{Credentials, Identity};
use crate::aws::http::{self, TimeLimits};
use crate::aws::profile::Profile;
use crate::aws::surroundings::ProcessEnvironment;
use crate::aws::{AccessKey, Region};
use crate::error::InvalidValue;

/// Builds an [`S3Store`].
#[derive(Clone)]
pub struct S3StoreBuilder {
    identity: Identity,
    region: Option<Region>,
    endpoint: Option<String>,
    path_style: Option<bool>,
    limits: TimeLimits,
    attempts: u32,
}

impl fmt::Debug for S3StoreBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // One that has not been parsed yet may contain a password.
        let endpoint = self
            .endpoint
            .as_deref()
            .map(|endpoint| match parts(endpoint) {
                Ok(_) => endpoint,
                Err(_) => "…",
            });
        f.debug_struct("S3StoreBuilder")
            .field("identity", &self.identity)
            .field("region", &self.region)
            .field("endpoint", &endpoint)
            .field("path_style", &self.path_style)
            .field("limits", &self.limits)
            .field("attempts", &self.attempts)
            .finish()
    }
}

impl Default for S3StoreBuilder {
    fn default() -> Self {
        Self {
            identity: Identity::Surroundings,
            region: None,
            endpoint: None,
            path_style: None,
            limits: USUAL_LIMITS,
            attempts: 5,
        }
    }
}

impl S3StoreBuilder {
    /// The region of the buckets.
    pub fn region(mut self, region: Region) -> Self {
        self.region = Some(region);
        self
    }

    /// Signs with this key, and searches for no other credentials.
    pub fn access_key(mut self, key: AccessKey) -> Self {
        self.identity = Identity::Key(key);
        self
    }

    /// Uses the credentials of this profile (its keys, SSO or `credential_process`), and no others;
    /// also its region, unless another is named.
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.identity = Identity::Profile(name.into());
        self
    }

    /// Sends requests to `http://host:port` or `https://host` instead of Amazon's endpoint of the
    /// region.
    ///
    /// Buckets are then named in the path unless
    /// [`virtual_hosted_style`](Self::virtual_hosted_style) says otherwise, and the region is
    /// `us-east-1` unless another is named.
    pub fn endpoint(mut self, url: impl Into<String>) -> Self {
        self.endpoint = Some(url.into());
        self
    }

    /// Names the bucket in the path: `host/bucket/key`. The default with an
    /// [`endpoint`](Self::endpoint).
    pub fn path_style(mut self) -> Self {
        self.path_style = Some(true);
        self
    }

    /// Names the bucket in the host: `bucket.host/key`. The default without an
    /// [`endpoint`](Self::endpoint).
    pub fn virtual_hosted_style(mut self) -> Self {
        self.path_style = Some(false);
        self
    }

    /// How long to wait for a connection, including TLS: 5 seconds by default.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.limits.connect = timeout;
        self
    }

    /// How long to wait for an answer once the request is sent: 60 seconds by default.
    pub fn response_timeout(mut self, timeout: Duration) -> Self {
        self.limits.answer = timeout;
        self
    }

    /// How long to wait while no byte moves, in either direction: 30 seconds by default.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.limits.idle = timeout;
        self
    }

    /// How often a request is sent before it fails, 1 to 20: 5 by default, which takes up to 1.5
    /// seconds besides the requests themselves; 10 take up to half a minute.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// Builds the store. Nothing is sent, and no credentials are searched for yet.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] if there is no region, or a value is out of range.
    pub fn build(self) -> Result<S3Store, InvalidValue> {
        self.build_in(ProcessEnvironment)
    }

    fn build_in(self, environment: impl Env + Clone) -> Result<S3Store, InvalidValue> {
        if !(1..=20).contains(&self.attempts) {
            return Err(InvalidValue::new(
                "number of attempts",
                self.attempts.to_string(),
                "1 to 20",
            ));
        }
        for (name, limit) in [
            ("connect_timeout", self.limits.connect),
            ("response_timeout", self.limits.answer),
            ("idle_timeout", self.limits.idle),
        ] {
            if limit.is_zero() {
                return Err(InvalidValue::new(name, "0 s", "more"));
            }
        }
        let endpoint = self
            .endpoint
            .clone()
            .or_else(|| environment.var("AWS_ENDPOINT_URL_S3"))
            .or_else(|| environment.var("AWS_ENDPOINT_URL"))
            .filter(|endpoint| !endpoint.is_empty());
        let region = match (self.region_of(&environment)?, &endpoint) {
            (Some(region), _) => region,
            (None, Some(_)) => "us-east-1".to_owned(),
            (None, None) => {
                return Err(InvalidValue::new(
                    "region",
                    "none",
                    "one in the builder, AWS_REGION or the profile",
                ));
            }
        };
        let mut address = Address::of_region(&region);
        if let Some(endpoint) = endpoint {
            (address.scheme, address.host) = parts(&endpoint)?;
            address.path_style = true;
        }
        if let Some(path_style) = self.path_style {
            address.path_style = path_style;
        }
        let credentials = Credentials::new(self.identity, &region, environment);
        Ok(S3Store {
            client: Arc::new(Client::new(
                "s3",
                &region,
                credentials,
                self.limits,
                self.attempts,
            )),
            address,
        })
    }

    fn region_of(&self, environment: &dyn Env) -> Result<Option<String>, InvalidValue> {
        if let Some(region) = &self.region {
            return Ok(Some(region.as_str().to_owned()));
        }
        let set = |name| environment.var(name).filter(|value| !value.is_empty());
        let name = match &self.identity {
            Identity::Profile(name) => Some(name.as_str()),
            _ => None,
        };
        let of_profile = || {
            let profile = Profile::read(environment, name);
            profile.get("region").map(str::to_owned)
        };
        let found = match name {
            Some(_) => of_profile(),
            None => None,
        };
        let Some(code) = found
            .or_else(|| set("AWS_REGION"))
            .or_else(|| set("AWS_DEFAULT_REGION"))
            .or_else(of_profile)
        else {
            return Ok(None);
        };
        match Region::parse(&code) {
            Ok(region) => Ok(Some(region.as_str().to_owned())),
            Err(error) => Err(error),
        }
    }
}

fn parts(endpoint: &str) -> Result<(String, String), InvalidValue> {
    http::endpoint(endpoint)
        .ok_or_else(|| InvalidValue::hidden("endpoint", "`https://host` or `http://host:port`"))
}

#[cfg(test)]
mod tests {
    use reqsign_core::StaticEnv;

    use super::*;

    fn environment(variables: &[(&str, &str)]) -> StaticEnv {
        let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        StaticEnv {
            home_dir: None,
            envs: variables.iter().map(pair).collect(),
        }
    }

    #[test]
    fn region_and_endpoint_come_from_the_builder_or_the_environment() {
        let url = |builder: S3StoreBuilder, variables: &[(&str, &str)]| {
            let store = builder.build_in(environment(variables)).expect("a store");
            store.address.of("bucket", "key")
        };
        let region = |code| Region::parse(code).expect("a region");
        assert_eq!(
            url(S3Store::builder(), &[("AWS_REGION", "eu-west-1")]),
            "https://bucket.s3.eu-west-1.amazonaws.com/key"
        );
        assert_eq!(
            url(
                S3Store::builder().region(region("us-west-2")).path_style(),
                &[("AWS_REGION", "eu-west-1")]
            ),
            "https://s3.us-west-2.amazonaws.com/bucket/key"
        );
        assert_eq!(
            url(
                S3Store::builder(),
                &[("AWS_ENDPOINT_URL_S3", "http://localhost:9000/")]
            ),
            "http://localhost:9000/bucket/key"
        );
        assert_eq!(
            url(
                S3Store::builder()
                    .endpoint("https://objects.example")
                    .virtual_hosted_style(),
                &[]
            ),
            "https://bucket.objects.example/key"
        );
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let region = || S3Store::builder().region(Region::parse("us-east-1").expect("a region"));
        for (builder, variables, said) in [
            (S3Store::builder(), &[][..], "invalid region: none"),
            (
                S3Store::builder(),
                &[("AWS_REGION", "Frankfurt")],
                "invalid REGION: not shown",
            ),
            (region().attempts(0), &[], "attempts: 0; expected 1 to 20"),
            (region().attempts(21), &[], "attempts: 21; expected 1 to 20"),
            (
                region().idle_timeout(Duration::ZERO),
                &[],
                "invalid idle_timeout: 0 s",
            ),
            (region().endpoint("localhost:9000"), &[], "invalid endpoint"),
            (region().endpoint("ftp://host"), &[], "invalid endpoint"),
            (
                region().endpoint("http://host/path"),
                &[],
                "invalid endpoint",
            ),
            (
                region().endpoint("http://me:hunter2@host"),
                &[],
                "invalid endpoint",
            ),
        ] {
            let error = builder.build_in(environment(variables)).expect_err(said);
            let text = error.to_string();
            assert!(text.contains(said) && !text.contains("hunter2"), "{text}");
        }
    }
}
