//! Logging in with IAM, on the sandbox's Redshift service.

use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::r2d2::Pool;
use diesel::sql_types::Text;
use diesel_redshift::aws::{AccessKey, Region};
use diesel_redshift::connection::{IamCredentials, IamCredentialsBuilder};
use diesel_redshift::error::{IamErrorKind, Retryable};
use diesel_redshift::{RedshiftConnection, RedshiftConnectionManager};
use redshift_sandbox::{AccessKey as SandboxKey, Permissions, Sandbox};

const URL: &str = "postgresql:///dev?sslmode=disable";

/// A sandbox of its own: who may log in is known to all of it.
fn sandbox() -> Sandbox {
    Sandbox::start().unwrap()
}

fn with_key(sandbox: &Sandbox, builder: IamCredentialsBuilder) -> IamCredentialsBuilder {
    let (id, secret) = sandbox.s3_key();
    builder
        .access_key(AccessKey::new(id, secret).unwrap())
        .region(Region::parse("us-east-1").unwrap())
        .endpoint(sandbox.s3_endpoint())
}

fn user(conn: &mut RedshiftConnection) -> String {
    diesel::select(diesel::dsl::sql::<Text>("current_user::text"))
        .get_result(conn)
        .unwrap()
}

#[test]
fn a_name_and_a_region_are_all_one_needs() {
    let sandbox = sandbox();
    let mapped = with_key(&sandbox, IamCredentials::cluster("sandbox"))
        .build()
        .unwrap();
    assert_eq!(user(&mut mapped.establish(URL).unwrap()), "IAM:sandbox");
    let serverless = with_key(
        &sandbox,
        IamCredentials::workgroup("sandbox").database("dev"),
    );
    let serverless = serverless.build().unwrap();
    let mut conn = serverless
        .establish("postgresql://?sslmode=disable")
        .unwrap();
    assert_eq!(user(&mut conn), "IAM:sandbox");

    let mut admin = RedshiftConnection::establish(&sandbox.url()).unwrap();
    let chosen = with_key(&sandbox, IamCredentials::cluster("sandbox").db_user("ada"));
    let absent = chosen
        .clone()
        .build()
        .unwrap()
        .establish(URL)
        .err()
        .unwrap();
    assert!(
        absent.to_string().contains("authentication failed"),
        "{absent}"
    );
    admin
        .batch_execute("CREATE USER ada PASSWORD 'Abcdefg1'")
        .unwrap();
    let ada = chosen.build().unwrap();
    assert_eq!(user(&mut ada.establish(URL).unwrap()), "ada");
    assert_eq!(ada.get().unwrap().user(), "IAM:ada");
    let created = with_key(
        &sandbox,
        IamCredentials::cluster("sandbox")
            .db_user("eve")
            .auto_create(),
    );
    let eve = created.build().unwrap();
    assert_eq!(user(&mut eve.establish(URL).unwrap()), "eve");
    assert_eq!(eve.get().unwrap().user(), "IAMA:eve");
    // For one database only.
    let elsewhere = with_key(
        &sandbox,
        IamCredentials::cluster("sandbox").database("other"),
    );
    assert!(elsewhere.build().unwrap().establish(URL).is_err());
}

#[test]
fn many_connections_ask_once_and_again_after_a_refusal() {
    let sandbox = sandbox();
    let iam = with_key(
        &sandbox,
        IamCredentials::cluster("sandbox").duration(Duration::from_secs(3600)),
    );
    let iam = iam.build().unwrap();
    let barrier = Arc::new(Barrier::new(16));
    let waiting: Vec<_> = (0..16)
        .map(|_| {
            let (iam, barrier) = (iam.clone(), Arc::clone(&barrier));
            thread::spawn(move || {
                barrier.wait();
                iam.get().unwrap();
            })
        })
        .collect();
    for thread in waiting {
        thread.join().unwrap();
    }
    assert_eq!(sandbox.log_ins_given(), 1);
    let pool = Pool::builder()
        .max_size(4)
        .build(RedshiftConnectionManager::iam(URL, iam.clone()))
        .unwrap();
    pool.get().unwrap();
    assert_eq!(sandbox.log_ins_given(), 1);
    // The sessions go on, and new ones log in with what is asked for anew.
    sandbox.expire_log_ins();
    let mut open = pool.get().unwrap();
    assert_eq!(user(&mut open), "IAM:sandbox");
    iam.establish(URL).unwrap();
    assert_eq!(sandbox.log_ins_given(), 2);
    sandbox.throttle_log_ins(2);
    let other = with_key(&sandbox, IamCredentials::cluster("sandbox"))
        .build()
        .unwrap();
    other.get().unwrap();
    sandbox.throttle_log_ins(100);
    let other = with_key(&sandbox, IamCredentials::cluster("sandbox").attempts(2))
        .build()
        .unwrap();
    let error = other.get().unwrap_err();
    assert_eq!(error.kind(), IamErrorKind::Unavailable);
    assert!(error.is_retryable());
    assert_eq!(
        error.to_string(),
        "GetClusterCredentialsWithIAM: Rate exceeded (Throttling); asked 2 times; try again a little later"
    );
}

#[test]
fn refusals_say_what_to_look_at() {
    let sandbox = sandbox();
    let (id, secret) = sandbox.s3_key();
    let cluster = || IamCredentials::cluster("sandbox");
    let told = |builder: IamCredentialsBuilder| {
        let error = builder
            .build()
            .unwrap()
            .establish(URL)
            .err()
            .unwrap()
            .to_string();
        assert!(!error.contains(secret), "{error}");
        error
    };
    for (builder, call) in [
        (
            IamCredentials::cluster("other"),
            "GetClusterCredentialsWithIAM",
        ),
        (IamCredentials::workgroup("other"), "GetCredentials"),
    ] {
        let error = told(with_key(&sandbox, builder));
        assert!(error.starts_with(call), "{error}");
        assert!(
            error.contains("check the name (`other`) and the region (us-east-1)"),
            "{error}"
        );
    }
    let region = Region::parse("eu-west-1").unwrap();
    let error = told(with_key(&sandbox, cluster()).region(region));
    assert!(error.contains("the region (eu-west-1)"), "{error}");
    let wrong = AccessKey::new(id, "Wr0ngSecretKeyOfFortyCharactersAndSomeMo").unwrap();
    for place in [cluster(), IamCredentials::workgroup("sandbox")] {
        let error = told(with_key(&sandbox, place).access_key(wrong.clone()));
        assert!(error.contains("does not match the signature"), "{error}");
        assert!(
            error.contains("check AWS_PROFILE") && !error.contains("Wr0ng"),
            "{error}"
        );
    }
    let unreachable = with_key(&sandbox, cluster())
        .endpoint("http://127.0.0.1:1")
        .attempts(2);
    let error = told(unreachable);
    assert!(
        error.contains("in 2 attempts; check the region (us-east-1)"),
        "{error}"
    );

    sandbox.add_key(
        SandboxKey::new(id, secret),
        Permissions::new().action("redshift:GetClusterCredentials"),
    );
    let error = told(with_key(&sandbox, cluster()));
    assert!(
        error.contains("; allow redshift:GetClusterCredentialsWithIAM"),
        "{error}"
    );
    let error = told(with_key(&sandbox, IamCredentials::workgroup("sandbox")));
    assert!(
        error.contains("; allow redshift-serverless:GetCredentials"),
        "{error}"
    );
    let chosen = || with_key(&sandbox, cluster().db_user("ada"));
    let error = told(chosen().auto_create());
    assert!(
        error.contains("; allow redshift:GetClusterCredentials, redshift:CreateClusterUser"),
        "{error}"
    );
    // The credentials may be had, the endpoint not.
    let error = told(chosen());
    assert!(error.starts_with("DescribeClusters: "), "{error}");
    assert!(
        error.contains("; allow redshift:DescribeClusters"),
        "{error}"
    );
    let iam = chosen().build().unwrap();
    let shown = format!("{iam:?} {:?}", iam.get().unwrap());
    assert!(!shown.contains(secret) && shown.contains("***"), "{shown}");
}

#[test]
fn tasks_log_in_as_well() {
    use diesel_redshift::async_connection::AsyncRedshiftConnection;

    let sandbox = sandbox();
    let iam = with_key(&sandbox, IamCredentials::cluster("sandbox"))
        .build()
        .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut conn = AsyncRedshiftConnection::establish_by(move || iam.establish(URL))
            .await
            .unwrap();
        let name = conn.run(|conn| QueryResult::Ok(user(conn))).await.unwrap();
        assert_eq!(name, "IAM:sandbox");
    });
}
