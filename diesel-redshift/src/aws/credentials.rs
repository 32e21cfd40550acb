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

/// Who signs.
#[derive(Debug, Clone)]
pub(crate) enum Identity {
    /// The key that the application gives.
    Key(AccessKey),
    /// The profile of that name.
    Profile(String),
    /// Whoever the environment, the default profile or the machine is.
    Surroundings,
}

/// The time that metadata of a machine have: where there are none, nobody answers.
const METADATA: TimeLimits = TimeLimits {
    connect: Duration::from_secs(1),
    answer: Duration::from_secs(1),
    idle: Duration::from_secs(1),
};

/// The time that a container's agent has, which is there when the environment names it.
const AGENT: TimeLimits = TimeLimits {
    connect: Duration::from_secs(2),
    answer: Duration::from_secs(5),
    idle: Duration::from_secs(5),
};

/// The time that single sign-on and the security token service have.
const SERVICE: TimeLimits = TimeLimits {
    connect: Duration::from_secs(5),
    answer: Duration::from_secs(20),
    idle: Duration::from_secs(20),
};

/// Kept credentials are good for so long at least, else a request may find them expired.
const MARGIN: Duration = Duration::from_secs(20);

/// Gives credentials: fetched when needed, cached until shortly before they expire, by one thread for all.
pub(crate) struct Credentials {
    identity: Identity,
    region: String,
    environment: Arc<dyn Env>,
    /// By the proxy, if there is one.
    service: Context,
    /// The machine's own network, as is what follows.
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

    /// Credentials that are good for now.
    ///
    /// # Errors
    ///
    /// The text says of each source what it lacks.
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

    /// Forgets credentials that the service says have expired; false if no others can be had.
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

    /// Asks each source in the order of Amazon's own tools. One that is set up and fails ends the search: the next
    /// would be somebody else.
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
        // As it stands: the provider's own reader would take its backslashes for escapes.
        if let Some(command) = profile.get("credential_process") {
            process = process.with_command(command);
        }
        // A session's token is kept under the session's name where others are under their address.
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

/// Asking one source after the other.
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
            Ok(Some(_)) => Err(format!("{name}: it gave credentials that have expired")),
            Ok(None) => {
                self.without.push(name);
                Ok(())
            }
            // Most machines are not Amazon's: nobody answers.
            Err(error) if name == "instance" && error.is_retryable() => {
                self.without.push(name);
                Ok(())
            }
            Err(error) => Err(format!("{name}: {}", with_cause(&error))),
        }
    }
}

/// The error and the one below it, which often is the one that says something.
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
mod tests {
    use std::collections::HashMap;
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;
    use std::path::PathBuf;
    use std::time::Instant;

    use reqsign_core::StaticEnv;

    use super::*;

    /// A folder of configuration, the variables that point to it, and what a server answers by the path.
    struct World {
        folder: PathBuf,
        variables: HashMap<String, String>,
        url: String,
    }

    impl World {
        fn new(name: &str, answers: &'static [(&'static str, &'static str)]) -> Self {
            let folder = std::env::temp_dir().join(format!("aws-{name}-{}", std::process::id()));
            let _ = std::fs::remove_dir_all(&folder);
            std::fs::create_dir_all(folder.join(".aws/sso/cache")).expect("a folder");
            let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
            let url = format!("http://{}", listener.local_addr().expect("an address"));
            std::thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    let mut reader = BufReader::new(&stream);
                    let mut head = String::new();
                    while !head.ends_with("\r\n\r\n")
                        && reader.read_line(&mut head).is_ok_and(|read| read > 0)
                    {
                    }
                    let body = answers.iter().find(|(start, _)| head.starts_with(start));
                    let answer = match body {
                        Some((_, body)) => {
                            format!(
                                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                                body.len()
                            )
                        }
                        None => "HTTP/1.1 404 X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                            .to_owned(),
                    };
                    let _ = (&stream).write_all(answer.as_bytes());
                }
            });
            let world = Self {
                folder,
                variables: HashMap::new(),
                url,
            };
            world.set("AWS_EC2_METADATA_DISABLED", "true")
        }

        fn set(mut self, name: &str, value: impl Into<String>) -> Self {
            self.variables.insert(name.to_owned(), value.into());
            self
        }

        fn file(self, name: &str, text: &str) -> Self {
            std::fs::write(self.folder.join(name), text).expect("a file");
            self
        }

        fn credentials(&self, identity: Identity) -> Credentials {
            let environment = StaticEnv {
                home_dir: Some(self.folder.clone()),
                envs: self.variables.clone(),
            };
            Credentials::new(identity, "eu-west-1", environment)
        }

        fn get(&self) -> Result<Credential, String> {
            self.credentials(Identity::Surroundings).get()
        }

        fn id(&self) -> String {
            self.get().expect("credentials").access_key_id
        }
    }

    impl Drop for World {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }

    #[test]
    fn the_environment_comes_first_then_the_profile() {
        let world = World::new("profile", &[])
            .file(
                ".aws/credentials",
                "[default]\naws_access_key_id = DEFAULT\naws_secret_access_key = s\n\
                 [load]\naws_access_key_id = LOAD\naws_secret_access_key = s\n",
            )
            .file(
                ".aws/config",
                "[profile conf]\naws_access_key_id = CONF\naws_secret_access_key = s\n",
            );
        assert_eq!(world.id(), "DEFAULT");
        let named = |name: &str| world.credentials(Identity::Profile(name.to_owned())).get();
        assert_eq!(named("conf").expect("found").access_key_id, "CONF");
        assert_eq!(
            named("none").expect_err("not there"),
            "no credentials of the profile \"none\" in: profile, SSO, credential_process"
        );
        let world = world.set("AWS_PROFILE", "load");
        assert_eq!(world.id(), "LOAD");
        let world = world
            .set("AWS_ACCESS_KEY_ID", "ENV")
            .set("AWS_SECRET_ACCESS_KEY", "s")
            .set("AWS_SESSION_TOKEN", "t");
        let found = world.get().expect("found");
        assert_eq!(
            (found.access_key_id.as_str(), found.session_token.as_deref()),
            ("ENV", Some("t"))
        );
        // A profile that the application names is nobody else.
        let named = world
            .credentials(Identity::Profile("load".to_owned()))
            .get();
        assert_eq!(named.expect("found").access_key_id, "LOAD");
    }

    #[test]
    fn nobody_is_told_by_every_source() {
        let world = World::new("nobody", &[]);
        assert_eq!(
            world.get().expect_err("nobody"),
            "no credentials in: environment, profile, SSO, web identity, credential_process, container, instance"
        );
        let world = world.file(
            ".aws/config",
            "[default]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = y\n",
        );
        let told = world.get().expect_err("a role");
        assert!(told.contains("use credential_process"), "{told}");
    }

    const ROLE: &str = r#"{"roleCredentials": {"accessKeyId": "SSO", "secretAccessKey": "s", "sessionToken": "t", "expiration": 4102444800000}}"#;
    const TOKEN: &str = r#"{"accessToken": "bearer", "expiresAt": "2099-01-01T00:00:00Z"}"#;

    #[test]
    fn single_sign_on_is_found_by_its_session_and_by_its_address() {
        let world = World::new(
            "sso",
            &[("GET /portal?role_name=Load&account_id=012345678901 ", ROLE)],
        );
        let url = format!("{}/portal", world.url);
        let world = world.set("AWS_SSO_ENDPOINT", url);
        let account = "sso_account_id = 012345678901\nsso_role_name = Load\n";
        let world = world.file(
            ".aws/config",
            &format!("[default]\n{account}sso_session = corp\n[sso-session corp]\nsso_region = us-east-1\nsso_start_url = https://x\n"),
        );
        let told = world.get().expect_err("nobody is logged in");
        assert!(
            told.starts_with("SSO: ") && told.contains("aws sso login"),
            "{told}"
        );
        let by_session = sha1_name("corp");
        let world = world.file(&format!(".aws/sso/cache/{by_session}.json"), TOKEN);
        assert_eq!(world.id(), "SSO");

        let world = world.file(
            ".aws/config",
            &format!("[default]\n{account}sso_region = us-east-1\nsso_start_url = https://x\n"),
        );
        assert!(world.get().is_err());
        let by_address = sha1_name("https://x");
        let world = world.file(&format!(".aws/sso/cache/{by_address}.json"), TOKEN);
        assert_eq!(world.id(), "SSO");
    }

    fn sha1_name(text: &str) -> String {
        reqsign_core::hash::hex_sha1(text.as_bytes())
    }

    const STS: &str = "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>\
        <AccessKeyId>WEB</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
        <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult>\
        </AssumeRoleWithWebIdentityResponse>";

    #[test]
    fn a_web_identity_assumes_its_role() {
        let world = World::new("web", &[("POST / ", STS)]).file("token", "a-very-secret-token");
        let (url, token) = (world.url.clone(), world.folder.join("token"));
        let world = world
            .set("AWS_ROLE_ARN", "arn:aws:iam::012345678901:role/x")
            .set("AWS_WEB_IDENTITY_TOKEN_FILE", token.to_string_lossy())
            .set("AWS_ENDPOINT_URL_STS", url);
        assert_eq!(world.id(), "WEB");
        let refusing = World::new("web-refusing", &[]);
        let world = world.set("AWS_ENDPOINT_URL_STS", refusing.url.clone());
        let told = world.get().expect_err("404");
        assert!(
            told.starts_with("web identity: ") && !told.contains("a-very-secret"),
            "{told}"
        );
        let world = world.set("AWS_WEB_IDENTITY_TOKEN_FILE", "/no/such/file");
        let told = world.get().expect_err("no token");
        assert!(told.contains("/no/such/file"), "{told}");
    }

    #[test]
    fn a_process_gives_credentials_or_is_told() {
        let json = r#"{"Version": 1, "AccessKeyId": "PROCESS", "SecretAccessKey": "s", "Expiration": "2099-01-01T00:00:00Z"}"#;
        let world = World::new("process", &[]).file("a file.json", json);
        let path = world
            .folder
            .join("a file.json")
            .to_string_lossy()
            .into_owned();
        let world = world.file(
            ".aws/config",
            &format!("[default]\ncredential_process = cat \"{path}\"\n"),
        );
        assert_eq!(world.id(), "PROCESS");
        let world = world.file(".aws/config", "[default]\ncredential_process = exit 4\n");
        let told = world.get().expect_err("it failed");
        assert!(
            told.starts_with("credential_process: ") && told.contains('4'),
            "{told}"
        );
        let world = world.file(".aws/config", "[default]\ncredential_process = echo no\n");
        assert!(world.get().is_err());
    }

    const MACHINE: &str = r#"{"Code": "Success", "Message": "", "AccessKeyId": "MACHINE", "SecretAccessKey": "s", "Token": "t", "Expiration": "2099-01-01T00:00:00Z"}"#;

    #[test]
    fn a_container_and_an_instance_are_asked() {
        let world = World::new("container", &[("GET /task ", MACHINE)]);
        let url = world.url.clone();
        assert_eq!(
            world
                .set("AWS_CONTAINER_CREDENTIALS_FULL_URI", format!("{url}/task"))
                .id(),
            "MACHINE"
        );

        let world = World::new(
            "instance",
            &[
                ("PUT /latest/api/token ", "imds-token"),
                ("GET /latest/meta-data/iam/security-credentials/ ", "role"),
                (
                    "GET /latest/meta-data/iam/security-credentials/role ",
                    MACHINE,
                ),
            ],
        );
        let url = world.url.clone();
        let world = world
            .set("AWS_EC2_METADATA_DISABLED", "false")
            .set("AWS_EC2_METADATA_SERVICE_ENDPOINT", url);
        assert_eq!(world.id(), "MACHINE");
    }

    #[test]
    fn metadata_that_hang_are_waited_for_a_second() {
        let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", silent.local_addr().expect("an address"));
        let world = World::new("silent", &[])
            .set("AWS_EC2_METADATA_DISABLED", "false")
            .set("AWS_EC2_METADATA_SERVICE_ENDPOINT", url);
        let begun = Instant::now();
        let told = world.get().expect_err("nobody answers");
        assert!(told.ends_with("instance"), "{told}");
        let waited = begun.elapsed();
        assert!(
            waited >= Duration::from_millis(900) && waited < Duration::from_secs(3),
            "{waited:?}"
        );
    }

    #[test]
    fn what_is_kept_is_renewed_in_time() {
        let json = |expiration: Timestamp, id: &str| {
            format!(
                r#"{{"Version": 1, "AccessKeyId": "{id}", "SecretAccessKey": "s", "Expiration": "{expiration}"}}"#
            )
        };
        let from_now = |seconds| Timestamp::now() + Duration::from_secs(seconds);
        let world = World::new("renewed", &[]);
        let path = world.folder.join("out").to_string_lossy().into_owned();
        let world = world
            .file(
                ".aws/config",
                &format!("[default]\ncredential_process = cat {path}\n"),
            )
            .file("out", &json(from_now(3600), "FIRST"));
        let credentials = world.credentials(Identity::Surroundings);
        let first = credentials.get().expect("found");
        let world = world.file("out", &json(from_now(60), "SECOND"));
        assert_eq!(credentials.get().expect("cached").access_key_id, "FIRST");
        // The service says that it has expired.
        assert!(credentials.forget(&first));
        assert_eq!(credentials.get().expect("anew").access_key_id, "SECOND");
        // Another thread that still had the first does not take the second away.
        assert!(credentials.forget(&first));
        // A minute is too little to be cached, and enough to be used where nothing else is to be had.
        let world = world.file("out", &json(from_now(3600), "THIRD"));
        assert_eq!(credentials.get().expect("anew").access_key_id, "THIRD");
        let third = credentials.get().expect("cached");
        credentials.forget(&third);
        let world = world.file("out", &json(from_now(60), "FOURTH"));
        assert_eq!(credentials.get().expect("anew").access_key_id, "FOURTH");
        let world = world.file("out", "no");
        assert_eq!(
            credentials.get().expect("still good").access_key_id,
            "FOURTH"
        );
        let expired = Timestamp::now() - Duration::from_secs(60);
        world.file("out", &json(expired, "FIFTH"));
        let fresh = World::new("expired", &[]);
        let told = fresh
            .file(
                ".aws/config",
                &format!(
                    "[default]\ncredential_process = echo '{}'\n",
                    json(expired, "FIFTH")
                ),
            )
            .get();
        assert!(told.expect_err("expired").contains("have expired"));
    }

    #[test]
    fn no_secret_shows() {
        let key = AccessKey::new("AKIAIOSFODNN7EXAMPLE", "TheSecret").expect("a key");
        let world = World::new("secret", &[]);
        let credentials = world.credentials(Identity::Key(key));
        let found = credentials.get().expect("given");
        assert!(!credentials.forget(&found));
        let shown = format!("{credentials:?} {found:?}");
        assert!(
            shown.contains("AKIAIOSFODNN7EXAMPLE") && !shown.contains("TheSecret"),
            "{shown}"
        );
    }
}
