//! What S3 and the cluster refuse, as kinds of `StorageError`.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_redshift::copy::Csv;
use diesel_redshift::{
    Error, IamRole, RedshiftConnection, S3Uri, aws::AccessKey, aws::Region, copy,
    error::StorageErrorKind, unload,
};
use diesel_redshift_tests::{World, sandbox};
use redshift_sandbox::{Permissions, Sandbox};

diesel::table! {
    counters (n) {
        n -> Integer,
    }
}

fn kind(result: Result<impl std::fmt::Debug, Error>) -> StorageErrorKind {
    match result {
        Err(Error::Storage(error)) => error.kind(),
        other => panic!("{other:?}"),
    }
}

fn prepare(conn: &mut RedshiftConnection) {
    conn.batch_execute("CREATE TABLE counters (n INTEGER)")
        .unwrap();
}

#[test]
fn each_refusal_of_s3_has_its_kind() {
    let world = World::new();
    let mut conn = world.connect();
    prepare(&mut conn);
    world.put("rows.csv", "1\n");
    let statement = || {
        copy(counters::table)
            .from(S3Uri::parse(&world.uri("rows.csv")).unwrap())
            .iam_role(IamRole::Default)
            .format(Csv::new())
    };
    for (status, expected) in [
        (403, StorageErrorKind::AccessDenied),
        (404, StorageErrorKind::NotFound),
        (503, StorageErrorKind::Unavailable),
    ] {
        let fault = format!("s3 {status} {}", world.uri("rows"));
        sandbox().fail_next(world.database(), &fault).unwrap();
        assert_eq!(kind(statement().execute(&mut conn)), expected);
    }
    sandbox().set_region(world.bucket(), "eu-west-1");
    assert_eq!(
        kind(statement().execute(&mut conn)),
        StorageErrorKind::WrongRegion
    );
    let region = Region::parse("eu-west-1").unwrap();
    statement().region(region).execute(&mut conn).unwrap();
}

#[test]
fn roles_and_keys_may_do_only_what_they_may() {
    const LOADER: &str = "arn:aws:iam::012345678901:role/Loader";
    let sandbox = Sandbox::start().unwrap();
    sandbox.add_role(LOADER, Permissions::new().read("s3://bucket/in/"));
    sandbox.add_key(
        redshift_sandbox::AccessKey::new("AKIAIOSFODNN7EXAMPLE", "secret"),
        Permissions::new().read("s3://bucket/in/"),
    );
    sandbox.store().put("s3://bucket/in/rows", "1\n").unwrap();
    let mut conn = RedshiftConnection::establish(&sandbox.url()).unwrap();
    prepare(&mut conn);
    let from = || copy(counters::table).from(S3Uri::parse("s3://bucket/in/").unwrap());
    let role = |arn: &str| arn.parse::<IamRole>().unwrap();
    let key = |id: &str, secret: &str| AccessKey::new(id, secret).unwrap();

    let loaded = from().iam_role(role(LOADER)).format(Csv::new());
    assert_eq!(loaded.execute(&mut conn).unwrap().rows, 1);
    let other = "arn:aws:iam::012345678901:role/Other";
    let refused = from().iam_role(role(other)).format(Csv::new());
    assert_eq!(
        kind(refused.execute(&mut conn)),
        StorageErrorKind::RoleRefused
    );
    let outside = copy(counters::table)
        .from(S3Uri::parse("s3://bucket/out/").unwrap())
        .iam_role(role(LOADER))
        .format(Csv::new());
    assert_eq!(
        kind(outside.execute(&mut conn)),
        StorageErrorKind::AccessDenied
    );
    let written = unload(counters::table)
        .to(S3Uri::parse("s3://bucket/in/new").unwrap())
        .iam_role(role(LOADER));
    assert_eq!(
        kind(written.execute(&mut conn)),
        StorageErrorKind::AccessDenied
    );
    from()
        .access_key(key("AKIAIOSFODNN7EXAMPLE", "secret"))
        .format(Csv::new())
        .execute(&mut conn)
        .unwrap();
    for wrong in [
        key("AKIAIOSFODNN7EXAMPLE", "wrong"),
        key("AKIAIOSFODNN7UNKNOWN", "secret"),
    ] {
        let refused = from().access_key(wrong).format(Csv::new());
        assert_eq!(
            kind(refused.execute(&mut conn)),
            StorageErrorKind::KeyRefused
        );
    }
}
