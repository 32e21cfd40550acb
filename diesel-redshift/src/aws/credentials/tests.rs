use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::time::Instant;

use reqsign_core::StaticEnv;

use super::*;

/// A folder of configuration, the variables that point to it, and what a server answers by the
/// path.
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
                {}
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
fn sources_that_trickle_are_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let head = b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n";
                let _ = stream.write_all(head);
                while stream.write_all(b"{").is_ok() {
                    std::thread::sleep(Duration::from_millis(300));
                }
            });
        }
    });
    let world = World::new("trickling", &[])
        .set("AWS_EC2_METADATA_DISABLED", "false")
        .set("AWS_EC2_METADATA_SERVICE_ENDPOINT", url);
    let begun = Instant::now();
    let told = world.get().expect_err("it does not end");
    assert!(told.contains("instance"), "{told}");
    assert!(
        begun.elapsed() < Duration::from_secs(7),
        "{:?}",
        begun.elapsed()
    );
}

#[test]
fn broken_answers_of_a_machine_tell_no_secret() {
    for body in [
        "",
        "<html>TheSecret</html>",
        r#"{"Code": "Success", "AccessKeyId": "A", "SecretAccessKey": "TheSecret"#,
        r#"{"Code": "Success", "AccessKeyId": "A", "SecretAccessKey": {"x": "TheSecret"}, "Token": "t", "Expiration": "2099-01-01T00:00:00Z"}"#,
    ] {
        let body: &'static str = body;
        let answers: &'static [(&str, &str)] = Box::leak(Box::new([("GET /task ", body)]));
        let world = World::new("broken", answers);
        let url = format!("{}/task", world.url);
        let world = world.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", url);
        let told = world.get().expect_err(body);
        assert!(told.starts_with("container: "), "{told}");
        assert!(!told.contains("TheSecret"), "{told}");
    }
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
