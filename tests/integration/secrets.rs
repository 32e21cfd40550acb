//! A secret in any place of anything that is parsed or constructed shows in no error, Debug, event, notice or panic.

use std::error::Error;
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, OnceLock};

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use diesel::prelude::*;
use diesel_redshift::copy::{DynamoDb, EmrPath};
use diesel_redshift::{
    IamRole, RedshiftConnection, S3Uri, aws::AccessKey, aws::Credentials, aws::Region,
    aws::RoleArn, aws::RoleChain, connection::DatabaseCredentials, copy, ddl,
};
use diesel_redshift_tests::World;

use crate::scripted_server::{ScriptedServer, Step, message};

/// What is looked for.
const MARK: &str = "hUnTeR2mArK";

diesel::table! {
    users (id) {
        id -> BigInt,
    }
}

fn assert_hidden(place: &str, shown: &str) {
    assert!(!shown.contains(MARK), "{place}: {shown}");
    let bytes = format!("{:?}", MARK.as_bytes());
    let bytes = bytes.trim_matches(['[', ']']);
    assert!(!shown.contains(bytes), "{place}: {shown}");
}

/// An error in every form, with all that is behind it.
fn assert_error_hides(place: &str, error: &(dyn Error + 'static)) {
    let mut next = Some(error);
    while let Some(error) = next {
        assert_hidden(place, &format!("{error} {error:#} {error:?} {error:#?}"));
        next = error.source();
    }
}

/// Secrets with each character that means something to somebody.
fn secrets() -> Vec<String> {
    let mut secrets = vec![MARK.to_owned()];
    for character in "/@#?%:[],&=;'\"\\ \n\0"
        .chars()
        .map(String::from)
        .chain(["%00".to_owned(), "%zz".to_owned()])
    {
        secrets.extend([
            format!("{character}{MARK}"),
            format!("{MARK}{character}"),
            format!("x{character}{MARK}"),
            format!("{MARK}{character}{MARK}"),
            format!("1{character}{MARK}"),
        ]);
    }
    secrets
}

fn events() -> &'static Mutex<String> {
    static EVENTS: OnceLock<Mutex<String>> = OnceLock::new();
    EVENTS.get_or_init(Mutex::default)
}

fn record() -> Option<Box<dyn Instrumentation>> {
    Some(Box::new(|event: InstrumentationEvent<'_>| {
        events().lock().unwrap().push_str(&format!("{event:?}\n"));
    }))
}

/// Where a password can stand, or be put by mistake. Nothing listens on port 1.
const CONNECTION_STRINGS: [&str; 28] = [
    "postgresql://app:{}@127.0.0.1:1/dev",
    "postgres://app:{}@127.0.0.1:1/dev?sslmode=disable",
    "postgresql://127.0.0.1:1/dev?user=app&password={}",
    "postgresql://127.0.0.1:1/dev?user=app&pasword={}",
    "postgresql://127.0.0.1:1/dev?{}",
    "redshift://app:{}@127.0.0.1:1/dev",
    "POSTGRESQL://app:{}@127.0.0.1:1/dev",
    "jdbc:redshift://127.0.0.1:1/dev?user=app&password={}",
    "host=127.0.0.1 port=1 user=app password={}",
    "host=127.0.0.1 port=1 user=app password='{}'",
    "host=127.0.0.1 port=1 user=app passwd={}",
    "host=127.0.0.1 port=1 {}",
    "password={} port=1 host=127.0.0.1",
    "host=127.0.0.1 port=1 dbname=postgresql://app:{}@127.0.0.1:1/dev",
    "host=127.0.0.1 port=1 dbname='postgresql://app:{}@127.0.0.1:1/dev'",
    "host=127.0.0.1 port=1 dbname='app:{}@127.0.0.1:1/dev'",
    "host=postgresql://app:{}@127.0.0.1:1/dev port=1",
    "host='app:{}@127.0.0.1' port=1",
    "hostaddr='app:{}@127.0.0.1' port=1",
    "host=127.0.0.1 port='1:{}'",
    "host=127.0.0.1 port=1 user='postgresql://app:{}@127.0.0.1:1/dev'",
    "postgresql://127.0.0.1?password={}@x",
    "postgresql://127.0.0.1:1?user=app&password={}@x",
    "postgresql://127.0.0.1:1/dev?user=app&password={}@x",
    "postgresql://app@127.0.0.1:1/dev?password={}@x",
    "postgresql://127.0.0.1:1/dev?dbname=postgresql://app:{}@127.0.0.1/dev",
    "postgresql://127.0.0.1:1/dev?host=app:{}@127.0.0.1",
    "{}",
];

/// The host was forgotten, so that the password stands where a port does.
const WITHOUT_HOST: [&str; 2] = ["postgresql://app:{}/dev", "postgresql://app:{}"];

#[test]
fn connection_strings() {
    set_default_instrumentation(record).unwrap();
    let check = |template: &str, secret: &str| {
        let url = template.replace("{}", secret);
        let error = RedshiftConnection::establish(&url).unwrap_err();
        assert_error_hides(&url, &error);
        let credentials = DatabaseCredentials::new("app", secret);
        let error =
            RedshiftConnection::establish_with("postgresql://127.0.0.1:1/dev", &credentials)
                .unwrap_err();
        assert_error_hides(&url, &error);
        assert_hidden(&url, &format!("{credentials:?} {credentials:#?}"));
    };
    for secret in secrets() {
        for template in CONNECTION_STRINGS {
            check(template, &secret);
        }
        // With an `@` a host follows it, and a number is a port, with another host or a database behind it.
        let is_host = secret.contains('@') || secret.starts_with("1,") || secret.starts_with("1/");
        for template in WITHOUT_HOST.iter().filter(|_| !is_host) {
            check(template, &secret);
        }
    }
    // Other tests of the process connect too, and are heard as well.
    let events = events().lock().unwrap();
    assert!(events.contains("127.0.0.1:1/dev"), "{events}");
    assert_hidden("an event", &events);
}

#[test]
fn the_named_urls_say_what_to_encode() {
    for (url, character) in [
        ("postgresql://app:hunter/2@host", "%2F"),
        ("postgresql://app:p@ss@host", "%40"),
        ("postgresql://app:se#kret/x@host", "%2F"),
        ("postgresql://app:100%@host", "%25"),
        ("postgresql://app:secret/dev", "`@host`"),
    ] {
        let error = RedshiftConnection::establish(url).unwrap_err().to_string();
        assert!(error.contains(character), "{url}: {error}");
        assert!(error.contains("establish_with"), "{url}: {error}");
        for piece in ["hunter", "2@", "ss@", "kret", "100", "secret/", "app"] {
            assert!(!error.contains(piece), "{url}: {error}");
        }
    }
}

/// What people paste where a role, a key or a location is wanted.
const TEXTS: [&str; 18] = [
    "{}",
    "aws_access_key_id=AKIAIOSFODNN7EXAMPLE;aws_secret_access_key={}",
    "aws_access_key_id=AKIAIOSFODNN7EXAMPLE;aws_secret_access_key=x;token={}",
    "aws_access_key_id={};aws_secret_access_key=x",
    "aws_secret_access_key={}",
    "aws_iam_role={}",
    "aws_iam_role=arn:aws:iam::012345678901:role/x;token={}",
    "IAM_ROLE '{}'",
    "arn:{}",
    "arn:aws:iam::012345678901:role/x;aws_secret_access_key={}",
    "arn:aws:iam::012345678901:role/x;{}",
    "s3://AKIAIOSFODNN7EXAMPLE:{}@bucket/key",
    "s3://{}@bucket/key",
    "s3n://AKIAIOSFODNN7EXAMPLE:{}@bucket/key",
    "https://bucket.s3.amazonaws.com/key?X-Amz-Signature={}",
    "emr://x:{}@cluster/path",
    "dynamodb://{}",
    "us-east-1;{}",
];

#[test]
fn roles_keys_and_locations() {
    fn check<T: Debug>(text: &str, parsed: Result<T, impl Error + 'static>) {
        match parsed {
            Ok(value) => assert_hidden(text, &format!("{value:?}")),
            Err(error) => assert_error_hides(text, &error),
        }
    }
    for secret in secrets() {
        for template in TEXTS {
            let text = &template.replace("{}", &secret);
            check(text, text.parse::<IamRole>());
            check(text, text.parse::<RoleArn>());
            check(text, text.parse::<RoleChain>());
            check(text, text.parse::<Credentials>());
            check(text, text.parse::<EmrPath>());
            // What could be the name of a bucket is one.
            for location in [text.parse::<S3Uri>(), S3Uri::new(text, "key")] {
                if let Err(error) = location {
                    assert_error_hides(text, &error);
                }
            }
            // What could be the name of a table is one.
            if !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                check(text, DynamoDb::table(text.as_str(), 50));
            }
            if !template.starts_with("us-") {
                check(text, text.parse::<Region>());
            }
            check(text, AccessKey::new(text.as_str(), "x"));
            check(text, AccessKey::new("AKIAIOSFODNN7EXAMPLE", text.as_str()));
            check(
                text,
                AccessKey::new("AKIAIOSFODNN7EXAMPLE", "x")
                    .and_then(|key| key.session_token(text.as_str())),
            );
        }
    }
    let swapped = AccessKey::new(format!("{MARK}{MARK}"), "AKIAIOSFODNN7EXAMPLE").unwrap();
    assert_hidden("a secret as an id", &format!("{swapped:?}"));
    let statement = copy(users::table)
        .from(S3Uri::from_static("s3://bucket/key"))
        .access_key(swapped.clone());
    assert_hidden(
        "a secret as an id",
        &format!("{statement:?} {}", statement.to_sql().unwrap()),
    );
    let statement = copy(users::table)
        .from(S3Uri::from_static("s3://bucket/key"))
        .credentials(Credentials::access_key(swapped));
    assert_hidden(
        "a secret as an id",
        &format!("{statement:?} {}", statement.to_sql().unwrap()),
    );
    assert!(statement.to_sql_with_secrets().unwrap().contains(MARK));
}

#[test]
fn stores() {
    use diesel_redshift::store::S3Store;

    let key = || AccessKey::new("AKIAIOSFODNN7EXAMPLE", MARK).unwrap();
    let session = key().session_token(format!("{MARK}2")).unwrap();
    for endpoint in [
        "https://app:{}@objects.example",
        "https://{}@objects.example",
        "https://objects.example/?X-Amz-Signature={}",
        "app:{}@objects.example",
        "{}://objects.example",
        "https://objects.example",
    ] {
        for secret in secrets() {
            let endpoint = endpoint.replace("{}", &secret);
            let builder = S3Store::builder()
                .region(Region::parse("us-east-1").unwrap())
                .endpoint(endpoint.as_str())
                .access_key(session.clone());
            assert_hidden(&endpoint, &format!("{builder:?} {builder:#?}"));
            match builder.build() {
                Ok(store) => assert_hidden(&endpoint, &format!("{store:?} {store:#?}")),
                Err(error) => assert_error_hides(&endpoint, &error),
            }
        }
    }
}

#[test]
fn options_that_are_passed_through() {
    for template in [
        "SECRET_ACCESS_KEY '{}'",
        "NEWOPTION ; secret_access_key '{}'",
        "NEWOPTION 'open secret_access_key {}",
        "CREDENTIALS AS 'aws_access_key_id=a;aws_secret_access_key={}'",
        "NEWOPTION 'aws_secret_access_key={}'",
        "NEWOPTION 'master_symmetric_key={}",
        "SESSION_TOKEN '{}' MAXERROR 5",
    ] {
        let statement = copy(users::table)
            .from(S3Uri::from_static("s3://bucket/key"))
            .iam_role(IamRole::Default)
            .unchecked_option(template.replace("{}", MARK));
        let error = statement.to_sql().unwrap_err();
        assert_error_hides(template, &error);
    }
}

#[test]
fn panics() {
    let hook = |text: &'static str, run: fn(&'static str)| {
        let panic = catch_unwind(AssertUnwindSafe(|| run(text))).expect_err(text);
        let message = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or_default();
        assert!(!message.is_empty());
        assert_hidden(text, message);
    };
    for template in TEXTS {
        let text: &'static str = template.replace("{}", MARK).leak();
        hook(text, |text| drop(IamRole::from_static(text)));
        hook(text, |text| drop(RoleArn::from_static(text)));
        hook(text, |text| drop(S3Uri::from_static(text)));
    }
}

#[test]
fn a_key_that_the_server_refuses() {
    let world = World::new();
    let mut conn = world.connect();
    diesel::sql_query("CREATE TABLE users (id BIGINT)")
        .execute(&mut conn)
        .unwrap();
    world.put("a.csv", "x\n");
    let key = AccessKey::new("AKIAIOSFODNN7EXAMPLE", MARK)
        .and_then(|key| key.session_token(format!("{MARK}2")))
        .unwrap();
    let error = copy(users::table)
        .from(S3Uri::parse(&world.uri("a.csv")).unwrap())
        .access_key(key)
        .execute(&mut conn)
        .unwrap_err();
    assert_error_hides("COPY", &error);
    for notice in conn.take_notices() {
        assert_hidden("a notice", &format!("{notice} {notice:?}"));
    }
    assert_hidden("last_error", &format!("{:?}", conn.last_error()));
}

/// Runs a statement on a server that refuses it, and looks at what is told of it.
fn assert_run_hides<E: Error + 'static>(
    place: &str,
    run: impl FnOnce(&mut RedshiftConnection) -> Result<(), E>,
) {
    let refused = message::error("ERROR", "42501", "permission denied");
    let server = ScriptedServer::start(vec![vec![Step::Say(refused.then(message::ready(b'I')))]]);
    let mut conn = server.connect();
    let events = Arc::new(Mutex::new(String::new()));
    let into = Arc::clone(&events);
    conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        into.lock().unwrap().push_str(&format!("{event:?}\n"));
    });
    assert_error_hides(place, &run(&mut conn).unwrap_err());
    assert_hidden(place, &events.lock().unwrap());
    assert_hidden(place, &format!("{:?}", conn.last_error()));
}

#[test]
fn passwords_of_users() {
    let mut sent = 0;
    let digests = ["md5", "sha256|"].map(|digest| format!("{digest}{MARK}"));
    for secret in secrets().into_iter().chain(digests) {
        for verb in [ddl::create_user, ddl::alter_user] {
            let statement = verb("ada".to_owned()).password(secret.as_str()).superuser();
            assert_hidden(&secret, &format!("{statement:?} {statement:#?}"));
            match statement.to_sql() {
                Ok(sql) => assert_hidden(&secret, &sql),
                Err(error) => assert_error_hides(&secret, &error),
            }
            match statement.to_sql_with_secrets() {
                Ok(sql) => assert!(sql.contains(MARK)),
                Err(error) => assert_error_hides(&secret, &error),
            }
            sent += usize::from(statement.to_sql_with_secrets().is_ok());
            assert_run_hides(&secret, |conn| statement.execute(conn));
            let wrong = statement.session_timeout(1);
            assert_hidden(&secret, &format!("{wrong:?}"));
            assert_error_hides(&secret, &wrong.to_sql_with_secrets().unwrap_err());
        }
    }
    assert!(sent > 20, "{sent}");
}

/// The name of a secret is none, but the secret itself may be given for it, or stand in a URL for a host.
#[test]
fn secrets_of_external_schemas() {
    const ARN: &str = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop";
    let start = || ddl::create_external_schema("shop");
    for secret in secrets() {
        for (host, arn) in [
            ("db.example", secret.clone()),
            ("db.example", format!("secret:{secret}")),
            ("db.example", format!("arn:aws:secretsmanager:{secret}")),
            ("db.example", format!("{ARN}:{secret}")),
            ("db.example", format!("{ARN};{secret}")),
            ("postgresql://ada:{}@db.example", ARN.to_owned()),
            ("ada:{}@db.example", ARN.to_owned()),
        ] {
            let host = host.replace("{}", &secret);
            for statement in [
                start().from_postgres("shop", host.as_str(), arn.as_str(), IamRole::Default),
                start().from_mysql("shop", host.as_str(), arn.as_str(), IamRole::Default),
            ] {
                assert_hidden(&arn, &format!("{statement:?} {statement:#?}"));
                assert_error_hides(&arn, &statement.to_sql().unwrap_err());
                assert_run_hides(&arn, |conn| statement.execute(conn));
                assert_error_hides(&arn, &statement.clone().port(1).to_sql().unwrap_err());
            }
        }
    }
    let named = start().from_postgres("shop", "db.example", ARN, IamRole::Default);
    assert!(named.to_sql().unwrap().contains(ARN));
}
