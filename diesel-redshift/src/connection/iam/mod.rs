//! Logging in with IAM: temporary database credentials, requested with AWS credentials.

mod builder;
mod checks;
mod url;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use diesel::result::{ConnectionError, ConnectionResult};
use reqsign_core::time::Timestamp;
use secrecy::ExposeSecret;

pub use self::builder::IamCredentialsBuilder;
pub(super) use self::url::establish_by_url;
use super::conninfo::Conninfo;
use super::{Accepted, DatabaseCredentials, RedshiftConnection};
use crate::aws::client::{Client, Refusal, RequestError};
use crate::aws::log_in::{CallError, LogIn, Temporary};
use crate::error::{IamError, IamErrorKind};

/// Temporary database credentials for the application's AWS identity.
///
/// They are requested when the first connection needs them, cached until shortly before they
/// expire, and requested only once however many connections wait. Clones share them. The identity
/// is found as [`S3Store`](crate::store::S3Store)'s is: in the environment, the profile, SSO, a web
/// identity, a process, the container or the machine.
///
/// ```no_run
/// use diesel_redshift::connection::IamCredentials;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let iam = IamCredentials::cluster("my-cluster").build()?;
/// // Host and port are asked for as well.
/// let conn = iam.establish("postgresql:///dev?sslmode=verify-full&sslrootcert=system")?;
/// # Ok(())
/// # }
/// ```
///
/// # As a URL
///
/// Where a connection string is all there is, such as `DATABASE_URL`, the same is
/// `redshift+iam://my-cluster/dev?region=eu-west-1`, which
/// [`establish`](diesel::Connection::establish) takes, of asynchronous connections and pools too.
/// Parameters are those of the builder (`region`, `db_user`, `auto_create`, `groups`, `duration`,
/// `profile`, `endpoint`), `serverless=true` for a workgroup, and libpq's; `sslmode` is `require`
/// unless said otherwise. A name with a dot is a custom domain name. All connections of the process
/// by one URL share its credentials.
#[derive(Clone)]
pub struct IamCredentials(Arc<Source>);

struct Source {
    log_in: LogIn,
    client: Client,
    url: String,
    region: String,
    cache: Mutex<Cache>,
    endpoint: Mutex<Endpoint>,
}

/// Host and port, or how and when the last call for them failed.
#[derive(Default)]
struct Endpoint {
    found: Option<(String, u16)>,
    failed: Option<(Instant, IamError)>,
}

#[derive(Default)]
struct Cache {
    cached: Option<Cached>,
    /// How and when the last call failed; none after a success.
    failed: Option<(Instant, IamError)>,
}

struct Cached {
    temporary: Temporary,
    received: Instant,
    renewed_from: Timestamp,
}

impl IamCredentials {
    /// The user of a provisioned cluster that the identity is mapped to, from
    /// `GetClusterCredentialsWithIAM`; with [`db_user`](IamCredentialsBuilder::db_user), one of
    /// your choice, from `GetClusterCredentials`.
    pub fn cluster(identifier: impl Into<String>) -> IamCredentialsBuilder {
        IamCredentialsBuilder::cluster(identifier.into())
    }

    /// Like [`cluster`](Self::cluster), but with the cluster's custom domain name, which is also
    /// the host.
    pub fn cluster_domain(name: impl Into<String>) -> IamCredentialsBuilder {
        IamCredentialsBuilder::cluster_domain(name.into())
    }

    /// The user of a serverless workgroup that the identity is mapped to, from `GetCredentials`.
    pub fn workgroup(name: impl Into<String>) -> IamCredentialsBuilder {
        IamCredentialsBuilder::workgroup(name.into())
    }

    /// Like [`workgroup`](Self::workgroup), but with the workgroup's custom domain name, which is
    /// also the host.
    pub fn workgroup_domain(name: impl Into<String>) -> IamCredentialsBuilder {
        IamCredentialsBuilder::workgroup_domain(name.into())
    }

    /// Credentials that are valid now. It may wait for the service: a minute or two at most if it
    /// does not answer, unless [`attempts`](IamCredentialsBuilder::attempts) says otherwise.
    /// Callers that wait for another's call share its failure.
    ///
    /// # Errors
    ///
    /// What AWS reports, with the action that a policy would have to allow.
    pub fn get(&self) -> Result<DatabaseCredentials, IamError> {
        self.fetch().map(|(credentials, _)| credentials)
    }

    /// Also whether they were cached already.
    fn fetch(&self) -> Result<(DatabaseCredentials, bool), IamError> {
        let asked = Instant::now();
        let mut known = self.cache();
        let Cache { cached, failed } = &mut *known;
        // Those that waited for the call share what it returned, however short its life.
        if let Some(cached) = cached.as_ref()
            && (Timestamp::now() < cached.renewed_from || cached.received > asked)
        {
            return Ok((of(&cached.temporary), true));
        }
        let good = |cached: &Option<Cached>| {
            let cached = cached.as_ref()?;
            (Timestamp::now() + MARGIN < cached.temporary.expires).then(|| of(&cached.temporary))
        };
        if let Some((at, error)) = failed.as_ref() {
            // A busy service does not keep out those who can still log in.
            if at.elapsed() < PAUSE
                && let Some(credentials) = good(cached)
            {
                return Ok((credentials, true));
            }
            if *at > asked {
                return Err(error.clone());
            }
        }
        let source = &*self.0;
        let begun = Timestamp::now();
        match source.log_in.credentials(&source.client, &source.url) {
            Ok(temporary) => {
                let fetched = of(&temporary);
                *cached = Some(Cached {
                    renewed_from: renewed_from(begun, temporary.expires),
                    received: Instant::now(),
                    temporary,
                });
                *failed = None;
                Ok((fetched, false))
            }
            Err(error) => {
                let error = self.told(source.log_in.call(), error);
                *failed = Some((Instant::now(), error.clone()));
                good(cached).map_or(Err(error), |credentials| Ok((credentials, true)))
            }
        }
    }

    /// Drops the cached credentials, if they are still these.
    pub fn forget(&self, refused: &DatabaseCredentials) {
        let cached = &mut self.cache().cached;
        let is_same = |cached: &Cached| {
            cached.temporary.user == refused.user()
                && cached.temporary.password.expose_secret() == refused.password()
        };
        if cached.as_ref().is_some_and(is_same) {
            *cached = None;
        }
    }

    /// Host and port, from `DescribeClusters` or `GetWorkgroup`; requested once. Callers that wait
    /// for another's call share its failure.
    ///
    /// # Errors
    ///
    /// What AWS reports.
    pub fn endpoint(&self) -> Result<(String, u16), IamError> {
        let asked = Instant::now();
        let source = &*self.0;
        let mut endpoint = source
            .endpoint
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = &endpoint.found {
            return Ok(found.clone());
        }
        if let Some((_, error)) = endpoint.failed.as_ref().filter(|(at, _)| *at > asked) {
            return Err(error.clone());
        }
        match source.log_in.endpoint(&source.client, &source.url) {
            Ok(found) => Ok(endpoint.found.insert(found).clone()),
            Err(error) => {
                let error = self.told(source.log_in.endpoint_call(), error);
                endpoint.failed = Some((Instant::now(), error.clone()));
                Err(error)
            }
        }
    }

    /// Connects with these credentials. Host and port are requested if the string names no host.
    ///
    /// If the server refuses to log in with cached credentials, they are requested again, once.
    ///
    /// # Errors
    ///
    /// [`ConnectionError::BadConnection`] with what AWS or the server reports.
    pub fn establish(&self, database_url: &str) -> ConnectionResult<RedshiftConnection> {
        self.log_in(Accepted::default(), || Conninfo::parse(database_url))
    }

    /// Connects to what `conninfo` says, as the user of the credentials that are valid now.
    pub(super) fn log_in(
        &self,
        accepted: Accepted,
        conninfo: impl Fn() -> ConnectionResult<Conninfo>,
    ) -> ConnectionResult<RedshiftConnection> {
        let (credentials, were_cached) = self.fetch()?;
        match self.connect(conninfo()?, accepted, &credentials) {
            Err(error) if were_cached && is_refused_log_in(&error) => {
                self.forget(&credentials);
                self.connect(conninfo()?, accepted, &self.get()?)
            }
            outcome => outcome,
        }
    }

    fn connect(
        &self,
        mut conninfo: Conninfo,
        accepted: Accepted,
        credentials: &DatabaseCredentials,
    ) -> ConnectionResult<RedshiftConnection> {
        if !conninfo.names_host() {
            let (host, port) = self.endpoint()?;
            conninfo.set_endpoint(host, port);
        }
        if let Some(database) = &self.0.log_in.database {
            conninfo.set_database_unless_named(database);
        }
        conninfo.set_credentials(credentials);
        let mut conn = RedshiftConnection::connect(conninfo, accepted)?;
        conn.credentials = Some(self.clone());
        Ok(conn)
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.0.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn told(&self, call: &'static str, error: CallError) -> IamError {
        match error {
            CallError::Lacks(what) => IamError::new(
                IamErrorKind::Unexpected,
                call,
                format!("the answer lacks {what}"),
                "check that the endpoint is that of Redshift, without a proxy that answers itself",
            ),
            CallError::Request(RequestError::Credentials(said)) => {
                IamError::new(IamErrorKind::Credentials, call, said, LOG_IN)
            }
            CallError::Request(RequestError::Invalid(said)) => {
                IamError::new(IamErrorKind::Refused, call, said, "nothing was sent")
            }
            CallError::Request(RequestError::Unreachable { said, attempts }) => IamError::new(
                IamErrorKind::Unavailable,
                call,
                format!("{said}, in {attempts} attempts"),
                format!(
                    "check the region ({}) and the way to {}",
                    self.0.region, self.0.url
                ),
            ),
            CallError::Request(RequestError::Refused(refusal)) => self.refused(call, &refusal),
        }
    }

    fn refused(&self, call: &'static str, refusal: &Refusal) -> IamError {
        let log_in = &self.0.log_in;
        let name = log_in.place.name();
        let region = &self.0.region;
        // The message about a wrong signature quotes the canonical request, and in it the session token.
        let message = refusal.message.split("The Canonical String").next();
        let said = match message.unwrap_or_default().trim() {
            "" => format!("{} {}", refusal.status, refusal.code),
            message => format!("{} ({})", message, refusal.code),
        };
        let code = refusal.code.trim_end_matches("Exception");
        let is_skewed = refusal.message.contains("Signature expired")
            || refusal.message.contains("Signature not yet current");
        let (kind, advice) = match code {
            _ if is_skewed => (IamErrorKind::Clock, "set this machine's clock".to_owned()),
            "RequestExpired" | "RequestTimeTooSkewed" => {
                (IamErrorKind::Clock, "set this machine's clock".to_owned())
            }
            "AccessDenied" | "UnauthorizedOperation" | "Unauthorized" => (
                IamErrorKind::AccessDenied,
                format!("allow {}", self.actions(call).join(", ")),
            ),
            "ClusterNotFound" | "ClusterNotFoundFault" | "ResourceNotFound" => (
                IamErrorKind::NotFound,
                format!("check the name (`{name}`) and the region ({region})"),
            ),
            "ExpiredToken"
            | "InvalidClientTokenId"
            | "UnrecognizedClient"
            | "SignatureDoesNotMatch"
            | "InvalidSignature"
            | "IncompleteSignature"
            | "MissingAuthenticationToken"
            | "InvalidToken" => (IamErrorKind::Credentials, LOG_IN.to_owned()),
            "Throttling"
            | "Throttled"
            | "RequestThrottled"
            | "RequestLimitExceeded"
            | "TooManyRequests" => (
                IamErrorKind::Unavailable,
                format!("asked {} times; try again a little later", refusal.attempts),
            ),
            _ if refusal.status >= 500 => (
                IamErrorKind::Unavailable,
                format!("asked {} times; try again a little later", refusal.attempts),
            ),
            _ => (IamErrorKind::Refused, String::new()),
        };
        IamError::new(kind, call, said, advice)
    }

    /// What a policy has to allow.
    fn actions(&self, call: &'static str) -> Vec<String> {
        let log_in = &self.0.log_in;
        let mut actions = vec![format!("{}:{call}", log_in.place.service())];
        if let Some(user) = log_in.user.as_ref().filter(|_| call == log_in.call()) {
            if user.auto_create {
                actions.push("redshift:CreateClusterUser".to_owned());
            }
            if !user.groups.is_empty() {
                actions.push("redshift:JoinGroup".to_owned());
            }
        }
        actions
    }
}

/// For how long valid credentials are returned without a request after a call that failed.
const PAUSE: Duration = Duration::from_secs(10);

/// Credentials that are valid for less than this are not worth a connection.
const MARGIN: Duration = Duration::from_secs(20);

const LOG_IN: &str = "check AWS_PROFILE, AWS_ACCESS_KEY_ID and its secret, log in again (`aws sso login`), or give a key";

/// When credentials are requested again: a minute and a tenth of their lifetime before they expire.
fn renewed_from(begun: Timestamp, expires: Timestamp) -> Timestamp {
    let good_for = u64::try_from(expires.as_second() - begun.as_second()).unwrap_or(0);
    begun + Duration::from_secs(good_for.saturating_sub(60 + good_for / 10))
}

fn of(temporary: &Temporary) -> DatabaseCredentials {
    DatabaseCredentials::new(&*temporary.user, temporary.password.expose_secret())
}

/// Whether the server no longer knows the user or the password. libpq reports no SQLSTATE for it.
fn is_refused_log_in(error: &ConnectionError) -> bool {
    matches!(error, ConnectionError::BadConnection(message) if message.contains("authentication failed"))
}

impl fmt::Debug for IamCredentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("IamCredentials")
            .field("place", &self.0.log_in.place)
            .field("user", &self.0.log_in.user)
            .field("region", &self.0.region)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
