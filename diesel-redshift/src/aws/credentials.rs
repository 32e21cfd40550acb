//! Where the application's own credentials come from, and how long they are cached.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqsign_aws_v4::{
    AssumeRoleWithWebIdentityCredentialProvider, Credential, ECSCredentialProvider,
    EnvCredentialProvider, IMDSv2CredentialProvider, ProcessCredentialProvider,
    ProfileCredentialProvider, SSOCredentialProvider,
};
use reqsign_core::time::Timestamp;
use reqsign_core::{Context, Env, ProvideCredential, SigningCredential};
use secrecy::ExposeSecret;

use super::AccessKey;
use super::http::{Http, TimeLimits};
use super::profile::Profile;
use super::surroundings::{complete, context};

/// Whose credentials sign the requests.
#[derive(Debug, Clone)]
pub(crate) enum Identity {
    /// The key given by the application.
    Key(AccessKey),
    /// The profile of this name.
    Profile(String),
    /// Whatever the environment, the default profile or the machine provides.
    Surroundings,
}

/// The time limits of the instance metadata service: elsewhere, nothing answers.
const METADATA: TimeLimits = TimeLimits {
    connect: Duration::from_secs(1),
    answer: Duration::from_secs(1),
    idle: Duration::from_secs(1),
    whole: Some(Duration::from_secs(2)),
};

/// The time limits of a container's agent, which exists if the environment names it.
const AGENT: TimeLimits = TimeLimits {
    connect: Duration::from_secs(2),
    answer: Duration::from_secs(5),
    idle: Duration::from_secs(5),
    whole: Some(Duration::from_secs(10)),
};

/// The time limits of single sign-on and the security token service.
const SERVICE: TimeLimits = TimeLimits {
    connect: Duration::from_secs(5),
    answer: Duration::from_secs(20),
    idle: Duration::from_secs(20),
    whole: Some(Duration::from_secs(30)),
};

/// Cached credentials must be valid for at least this long, or a request may find them expired.
const MARGIN: Duration = Duration::from_secs(20);

/// Provides credentials: fetched when needed, cached until shortly before they expire, by one
/// thread for all.
pub(crate) struct Credentials {
    identity: Identity,
    region: String,
    environment: Arc<dyn Env>,
    /// Through the proxy, if there is one.
    service: Context,
    /// On the machine's own network, as are the following.
    metadata: Context,
    agent: Context,
    cached: Mutex<Option<Credential>>,
}

impl Credentials {
    pub(crate) fn new(identity: Identity, region: &str, environment: impl Env + Clone) -> Self {
        Self {
            identity,
            region: region.to_owned(),
            service: context(environment.clone(), Http::new(SERVICE)),
            metadata: context(environment.clone(), Http::without_proxy(METADATA)),
            agent: context(environment.clone(), Http::without_proxy(AGENT)),
            environment: Arc::new(environment),
            cached: Mutex::new(None),
        }
    }

    /// Credentials that are valid now.
    ///
    /// # Errors
    ///
    /// The text says what each source lacks.
    pub(crate) fn get(&self) -> Result<Credential, String> {
        if let Identity::Key(key) = &self.identity {
            return Ok(of_key(key));
        }
        let mut cached = self.cached();
        if let Some(credential) = cached.as_ref().filter(|cached| cached.is_valid()) {
            return Ok(credential.clone());
        }
        match self.fetch() {
            Ok(credential) => Ok(cached.insert(credential).clone()),
            Err(said) => match cached.as_ref() {
                Some(old) if old.is_valid_at(Timestamp::now() + MARGIN) => Ok(old.clone()),
                _ => Err(said),
            },
        }
    }

    /// Forgets credentials that the service reports as expired; returns false if no others can be
    /// fetched.
    pub(crate) fn forget(&self, expired: &Credential) -> bool {
        if matches!(self.identity, Identity::Key(_)) {
            return false;
        }
        let mut cached = self.cached();
        let is_same = |cached: &Credential| {
            cached.access_key_id == expired.access_key_id
                && cached.session_token == expired.session_token
        };
        if cached.as_ref().is_some_and(is_same) {
            *cached = None;
        }
        true
    }

    fn cached(&self) -> MutexGuard<'_, Option<Credential>> {
        self.cached.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks each source in the order of Amazon's own tools. One that is configured but fails ends
    /// the search: the next would be a different identity.
    fn fetch(&self) -> Result<Credential, String> {
        let mut search = Search {
            found: None,
            without: Vec::new(),
        };
        let name = match &self.identity {
            Identity::Profile(name) => Some(name.as_str()),
            _ => None,
        };
        let profile = Profile::read(&*self.environment, name);
        if name.is_none() {
            search.ask("environment", EnvCredentialProvider::new(), &self.service)?;
        }
        let (mut keys, mut sso, mut process) = (
            ProfileCredentialProvider::new(),
            SSOCredentialProvider::new(),
            ProcessCredentialProvider::new(),
        );
        if let Some(name) = name {
            keys = keys.with_profile(name);
            sso = sso.with_profile(name);
            process = process.with_profile(name);
        }
        // As written: the provider's own reader would take its backslashes for escapes.
        if let Some(command) = profile.get("credential_process") {
            process = process.with_command(command);
        }
        // The token of a named session is cached under that name, others under their address.
        if let (Some(session), Some(account), Some(region), Some(role)) = (
            profile.get("sso_session"),
            profile.get("sso_account_id"),
            profile.get("sso_region"),
            profile.get("sso_role_name"),
        ) {
            sso = sso
                .with_start_url(session)
                .with_account_id(account)
                .with_region(region)
                .with_role_name(role);
        }
        search.ask("profile", keys, &self.service)?;
        search.ask("SSO", sso, &self.service)?;
        if name.is_none() {
            let web_identity = AssumeRoleWithWebIdentityCredentialProvider::new()
                .with_region(self.region.clone())
                .with_regional_sts_endpoint();
            search.ask("web identity", web_identity, &self.service)?;
        }
        search.ask("credential_process", process, &self.service)?;
        if search.found.is_none() && profile.get("role_arn").is_some() {
            return Err(
                "the profile assumes a role (role_arn), which is not supported here; use credential_process, \
                 such as `aws configure export-credentials --profile NAME`"
                    .to_owned(),
            );
        }
        if name.is_none() {
            search.ask("container", ECSCredentialProvider::new(), &self.agent)?;
            search.ask("instance", IMDSv2CredentialProvider::new(), &self.metadata)?;
        }
        search.found.ok_or_else(|| {
            let of = name.map_or_else(String::new, |name| format!(" of the profile {name:?}"));
            format!("no credentials{of} in: {}", search.without.join(", "))
        })
    }
}

/// Asks one source after the other.
struct Search {
    found: Option<Credential>,
    without: Vec<&'static str>,
}

impl Search {
    fn ask(
        &mut self,
        name: &'static str,
        source: impl ProvideCredential<Credential = Credential>,
        context: &Context,
    ) -> Result<(), String> {
        if self.found.is_some() {
            return Ok(());
        }
        let mut answer = complete(source.provide_credential(context));
        let is_passing = matches!(&answer, Err(error) if error.is_retryable());
        if is_passing && name != "instance" {
            answer = complete(source.provide_credential(context));
        }
        match answer {
            Ok(Some(credential)) if credential.is_valid_at(Timestamp::now()) => {
                self.found = Some(credential);
                Ok(())
            }
            Ok(Some(_)) => Err(format!("{name}: its credentials have expired")),
            Ok(None) => {
                self.without.push(name);
                Ok(())
            }
            // Most machines are not Amazon's: nothing answers.
            Err(error) if name == "instance" && error.is_retryable() => {
                self.without.push(name);
                Ok(())
            }
            Err(error) => Err(format!("{name}: {}", with_cause(&error))),
        }
    }
}

/// The error and its cause, which often says more.
fn with_cause(error: &reqsign_core::Error) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

fn of_key(key: &AccessKey) -> Credential {
    Credential {
        access_key_id: key.id().to_owned(),
        secret_access_key: key.secret().expose_secret().to_owned(),
        session_token: key.token().map(|token| token.expose_secret().to_owned()),
        expires_in: None,
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("identity", &self.identity)
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
