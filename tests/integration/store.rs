//! The application's stores against the sandbox: what one writes, COPY loads and the other reads.

use std::io::Read;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_redshift::copy::Csv;
use diesel_redshift::store::{FolderStore, S3Store, Store, StoreError, StoreErrorKind};
use diesel_redshift::{IamRole, S3Uri, aws::AccessKey, aws::Region, copy, unload};
use diesel_redshift_tests::{World, sandbox};
use redshift_sandbox::{Permissions, Sandbox};

diesel::table! {
    counters (n) {
        n -> Integer,
    }
}

fn at(uri: &str) -> S3Uri {
    S3Uri::parse(uri).unwrap()
}

fn folder() -> FolderStore {
    FolderStore::new(sandbox().store().path())
}

/// A store of the sandbox's own key.
fn s3_of(sandbox: &Sandbox) -> S3Store {
    let (id, secret) = sandbox.s3_key();
    with_key(sandbox, AccessKey::new(id, secret).unwrap())
}

fn with_key(sandbox: &Sandbox, key: AccessKey) -> S3Store {
    S3Store::builder()
        .endpoint(sandbox.s3_endpoint())
        .region(Region::parse("us-east-1").unwrap())
        .access_key(key)
        .attempts(3)
        .build()
        .unwrap()
}

fn read(store: &dyn Store, location: &S3Uri) -> Result<Vec<u8>, StoreError> {
    let mut body = Vec::new();
    store
        .get(location)?
        .read_to_end(&mut body)
        .map_err(|error| StoreError::reading(location, error))?;
    Ok(body)
}

/// A bucket that exists, since S3 makes none by itself.
fn world() -> World {
    let world = World::new();
    world.put("exists", "");
    world
}

#[test]
fn both_stores_hold_the_same_objects() {
    let world = world();
    let (s3, folder) = (s3_of(sandbox()), folder());
    let stores: [&dyn Store; 2] = [&s3, &folder];
    let keys = [
        "p/a b",
        "p/a+b",
        "p/50%25",
        "p//twice",
        "p/./dot",
        "p/täglich/😀.csv",
        "p/it's \\ \"q\" & <x>",
        "p/line\nbreak\r",
        "p/?x=1&y#z;*()",
        "p/~!$,:@=",
    ];
    for (writer, reader) in [(0, 1), (1, 0)] {
        for key in keys {
            let location = at(&world.uri(key));
            stores[writer].put(&location, key.as_bytes()).unwrap();
            for store in stores {
                assert_eq!(read(store, &location).unwrap(), key.as_bytes(), "{key:?}");
            }
        }
        let mut expected: Vec<_> = keys.map(|key| at(&world.uri(key))).into();
        expected.sort_unstable();
        let mut listed = stores[reader].list(&at(&world.uri("p/"))).unwrap();
        listed.sort_unstable();
        assert_eq!(listed, expected);
        stores[reader].delete(&expected).unwrap();
        stores[reader].delete(&expected).unwrap();
        assert_eq!(stores[writer].list(&at(&world.uri("p/"))).unwrap(), []);
        for store in stores {
            let gone = read(store, &expected[0]).unwrap_err();
            assert_eq!(gone.kind(), StoreErrorKind::NotFound);
        }
    }
}

#[test]
fn bodies_of_every_size_come_back() {
    let world = world();
    let s3 = s3_of(sandbox());
    for size in [0, 1, 70_000, 1024 * 1024, 5_000_000] {
        let body: Vec<u8> = (0..size).map(|at: usize| (at * 31 % 251) as u8).collect();
        let location = at(&world.uri("body"));
        s3.put(&location, &body).unwrap();
        assert_eq!(read(&s3, &location).unwrap(), body);
    }
    let large = vec![0; diesel_redshift::store::LARGEST_BODY + 1];
    let refused = s3.put(&at(&world.uri("large")), &large).unwrap_err();
    assert_eq!(refused.kind(), StoreErrorKind::Refused);
}

#[test]
fn more_objects_than_a_page_are_listed_and_deleted() {
    let world = world();
    let s3 = s3_of(sandbox());
    let locations: Vec<_> = (0..2300)
        .map(|number| at(&world.uri(&format!("many/{number:05}"))))
        .collect();
    for location in &locations {
        folder().put(location, b"").unwrap();
    }
    assert_eq!(s3.list(&at(&world.uri("many/"))).unwrap(), locations);
    s3.delete(&locations).unwrap();
    assert_eq!(s3.list(&at(&world.uri("many/"))).unwrap(), []);
    assert_eq!(world.list(""), ["exists"]);
}

#[test]
fn copy_loads_what_a_store_put_and_a_store_reads_what_unload_wrote() {
    let world = world();
    let mut conn = world.connect();
    conn.batch_execute("CREATE TABLE counters (n INTEGER)")
        .unwrap();
    let s3 = s3_of(sandbox());
    let stores: [&dyn Store; 2] = [&s3, &folder()];
    for (number, store) in stores.into_iter().enumerate() {
        let rows = at(&world.uri(&format!("in/{number} of+2.csv")));
        store.put(&rows, b"1\n2\n").unwrap();
        let loaded = copy(counters::table)
            .from(rows)
            .iam_role(IamRole::Default)
            .format(Csv::new())
            .execute(&mut conn)
            .unwrap();
        assert_eq!(loaded.rows, 2);
    }
    unload(counters::table.order(counters::n))
        .to(at(&world.uri("out/part")))
        .iam_role(IamRole::Default)
        .execute(&mut conn)
        .unwrap();
    for store in stores {
        let mut rows = Vec::new();
        for file in store.list(&at(&world.uri("out/"))).unwrap() {
            rows.extend(read(store, &file).unwrap());
        }
        rows.retain(u8::is_ascii_digit);
        rows.sort_unstable();
        assert_eq!(rows, b"1122");
    }
}

#[test]
fn a_busy_store_is_tried_again_and_others_have_their_kind() {
    let world = world();
    let s3 = s3_of(sandbox());
    let location = at(&world.uri("k"));
    let fail = |status: u16, times: usize| {
        for _ in 0..times {
            let fault = format!("s3 {status} {}", world.uri("k"));
            sandbox().fail_next(world.database(), &fault).unwrap();
        }
    };
    fail(503, 2);
    s3.put(&location, b"x").unwrap();
    fail(500, 2);
    assert_eq!(read(&s3, &location).unwrap(), b"x");
    fail(503, 3);
    let busy = s3.put(&location, b"x").unwrap_err();
    assert_eq!(busy.kind(), StoreErrorKind::Unavailable);
    assert!(busy.to_string().contains("(tried 3 times)"), "{busy}");
    fail(403, 1);
    let denied = s3.put(&location, b"x").unwrap_err();
    assert_eq!(denied.kind(), StoreErrorKind::AccessDenied, "{denied}");

    let nowhere = at("s3://no-such-bucket/k");
    for error in [
        s3.put(&nowhere, b"x").unwrap_err(),
        read(&s3, &nowhere).unwrap_err(),
        s3.list(&nowhere).unwrap_err(),
    ] {
        assert_eq!(error.kind(), StoreErrorKind::NotFound, "{error}");
        assert!(error.to_string().contains("NoSuchBucket"), "{error}");
    }
    sandbox().set_region(world.bucket(), "eu-west-1");
    let elsewhere = s3.put(&location, b"x").unwrap_err();
    assert_eq!(elsewhere.kind(), StoreErrorKind::WrongRegion);
}

#[test]
fn keys_may_do_only_what_they_may() {
    const ID: &str = "AKIAIOSFODNN7EXAMPLE";
    let sandbox = Sandbox::start().unwrap();
    for uri in ["s3://bucket/in/k", "s3://bucket/out/k"] {
        sandbox.store().put(uri, "x").unwrap();
    }
    sandbox.add_key(
        redshift_sandbox::AccessKey::new(ID, "Secret0Key"),
        Permissions::new().read("s3://bucket/in/"),
    );
    let s3 = with_key(&sandbox, AccessKey::new(ID, "Secret0Key").unwrap());
    assert_eq!(read(&s3, &at("s3://bucket/in/k")).unwrap(), b"x");
    for error in [
        s3.put(&at("s3://bucket/in/k"), b"x").unwrap_err(),
        read(&s3, &at("s3://bucket/out/k")).unwrap_err(),
        s3.list(&at("s3://bucket/out/")).unwrap_err(),
        s3.delete(&[at("s3://bucket/in/k")]).unwrap_err(),
    ] {
        assert_eq!(error.kind(), StoreErrorKind::AccessDenied, "{error}");
    }
    let several = [
        at("s3://bucket/in/k"),
        at("s3://bucket/in/l"),
        at("s3://bucket/in/m"),
    ];
    let error = s3.delete(&several).unwrap_err();
    assert_eq!(
        (error.kind(), error.others()),
        (StoreErrorKind::AccessDenied, 2)
    );
    assert_eq!(read(&s3, &at("s3://bucket/in/k")).unwrap(), b"x");

    for (id, secret) in [(ID, "Wrong0Secret"), ("AKIAIOSFODNN7UNKNOWN", "Secret0Key")] {
        let s3 = with_key(&sandbox, AccessKey::new(id, secret).unwrap());
        let error = s3.list(&at("s3://bucket/in/")).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Credentials, "{error}");
        let shown = format!("{error} {error:?} {s3:?}");
        assert!(
            !shown.contains("0Secret") && !shown.contains("Secret0"),
            "{shown}"
        );
    }
}
