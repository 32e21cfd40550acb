//! External schemas, tables and partitions: what the builders make is read, and told of by the catalog and by the reflection.

use chrono::NaiveDate;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_redshift::ddl::{
    ExternalFormat, add_partition, create_external_schema, create_external_table,
    drop_external_table, drop_partition, drop_schema,
};
use diesel_redshift::error::TransactionError;
use diesel_redshift::reflection::{Filter, RelationKind, Schema};
use diesel_redshift::{Error, IamRole, RedshiftConnection, S3Uri};
use diesel_redshift_tests::World;

diesel::table! {
    lake.events (id) {
        id -> BigInt,
        name -> Nullable<Text>,
        day -> Date,
    }
}

diesel::table! {
    lake.plain (id) {
        id -> BigInt,
        name -> Nullable<Text>,
    }
}

fn lake(conn: &mut RedshiftConnection) {
    let role: IamRole = "arn:aws:iam::123456789012:role/Spectrum"
        .parse()
        .expect("a role");
    create_external_schema("lake")
        .from_data_catalog("events", role)
        .create_database()
        .if_not_exists()
        .execute(conn)
        .expect("an external schema");
}

fn location(world: &World, key: &str) -> S3Uri {
    S3Uri::parse(&world.uri(key)).expect("a location")
}

#[test]
fn partitions_are_read_once_they_are_known() {
    let world = World::new();
    let mut conn = world.connect();
    lake(&mut conn);
    lake(&mut conn);
    let day = NaiveDate::from_ymd_opt(2026, 1, 31).expect("a day");
    create_external_table(
        events::table,
        ExternalFormat::Delimited('|'),
        location(&world, "events/"),
    )
    .column(events::name, |name| name.varchar(100))
    .partitioned_by((events::day,))
    .property("skip.header.line.count", "1")
    .execute(&mut conn)
    .expect("an external table");
    world.put("events/day=2026-01-31/a.txt", "id|name\n1|Ada\n2|\\N\n");
    let add = || {
        add_partition(events::table, location(&world, "events/day=2026-01-31/"))
            .of(events::day, day)
    };
    add().execute(&mut conn).expect("a partition");
    // IF NOT EXISTS
    add().execute(&mut conn).expect("the same");
    let load = |conn: &mut RedshiftConnection| {
        events::table
            .order(events::id)
            .load::<(i64, Option<String>, NaiveDate)>(conn)
            .expect("rows")
    };
    assert_eq!(
        load(&mut conn),
        [(1, Some("Ada".to_owned()), day), (2, None, day)]
    );

    let schema = Schema::load(&mut conn, &Filter::schemas(["lake"])).expect("a schema");
    let relation = schema.relation("lake", "events").expect("the table");
    assert_eq!(relation.kind, RelationKind::ExternalTable);
    let external = relation.external.as_ref().expect("where it lies");
    assert_eq!(external.location, world.uri("events/"));
    let columns: Vec<_> = relation
        .columns
        .iter()
        .map(|column| {
            let name = column.name.as_str();
            (name, column.data_type.to_string(), column.is_partition_key)
        })
        .collect();
    assert_eq!(
        columns,
        [
            ("id", "BIGINT".to_owned(), false),
            ("name", "VARCHAR(100)".to_owned(), false),
            ("day", "DATE".to_owned(), true),
        ]
    );

    drop_partition(events::table)
        .of(events::day, day)
        .execute(&mut conn)
        .expect("dropped");
    assert_eq!(load(&mut conn), []);
    drop_external_table(events::table)
        .execute(&mut conn)
        .expect("dropped");
    drop_external_table(events::table)
        .if_exists()
        .execute(&mut conn)
        .expect("nothing to drop");
    drop_schema("lake").execute(&mut conn).expect("dropped");
    let gone = Schema::load(&mut conn, &Filter::schemas(["lake"]));
    assert!(matches!(gone, Err(Error::Invalid(_))), "{gone:?}");
}

#[test]
fn each_format_is_read() {
    let world = World::new();
    let mut conn = world.connect();
    lake(&mut conn);
    world.put("csv/a.csv", "1,\"a, b\"\n");
    world.put("json/a.json", "{\"id\": 1, \"name\": \"a, b\"}\n");
    world.put("text/a.txt", "1\ta, b\n");
    conn.batch_execute(&format!(
        "UNLOAD ('SELECT 1::bigint AS id, ''a, b''::varchar(10) AS name') TO '{}' IAM_ROLE default PARQUET",
        world.uri("parquet/")
    ))
    .expect("an UNLOAD");
    for (folder, format) in [
        ("csv/", ExternalFormat::Csv),
        ("json/", ExternalFormat::Json),
        ("text/", ExternalFormat::Delimited('\t')),
        ("parquet/", ExternalFormat::Parquet),
    ] {
        create_external_table(plain::table, format, location(&world, folder))
            .column(plain::name, |name| name.varchar(10))
            .execute(&mut conn)
            .expect(folder);
        let rows: Vec<(i64, Option<String>)> = plain::table.load(&mut conn).expect(folder);
        assert_eq!(rows, [(1, Some("a, b".to_owned()))], "{folder}");
        drop_external_table(plain::table)
            .execute(&mut conn)
            .expect("dropped");
    }
}

#[test]
fn no_transaction_takes_them() {
    let world = World::new();
    let mut conn = world.connect();
    lake(&mut conn);
    let outcome = conn.transaction(|conn| -> Result<(), Error> {
        create_external_table(
            plain::table,
            ExternalFormat::Parquet,
            location(&world, "plain/"),
        )
        .column(plain::name, |name| name.varchar(10))
        .execute(conn)
    });
    let Err(Error::Transaction(TransactionError::InTransaction { statement, .. })) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(statement, "CREATE EXTERNAL TABLE");
}

diesel::table! {
    #[sql_name = "Od\"d $1 '\\"]
    lake.odd (id) {
        #[sql_name = "sel\"ect"]
        id -> BigInt,
        #[sql_name = "region's"]
        region -> Text,
        level -> Integer,
        at -> Timestamp,
    }
}

/// Names, places and values with quotes and backslashes.
#[test]
fn odd_names_and_values() {
    let world = World::new();
    let mut conn = world.connect();
    lake(&mut conn);
    create_external_table(
        odd::table,
        ExternalFormat::Csv,
        location(&world, "it's \\ odd/"),
    )
    .column(odd::region, |region| region.varchar(20))
    .partitioned_by((odd::region, odd::level, odd::at))
    .execute(&mut conn)
    .expect("an external table");
    world.put("it's \\ odd/x'/a.csv", "7\n");
    let at = NaiveDate::from_ymd_opt(2026, 1, 31)
        .expect("a day")
        .and_hms_opt(12, 30, 0)
        .expect("a time");
    let region = "D'E\\ $$ $1";
    add_partition(odd::table, location(&world, "it's \\ odd/x'/"))
        .of(odd::region, region)
        .of(odd::level, -5)
        .of(odd::at, at)
        .execute(&mut conn)
        .expect("a partition");
    let rows: Vec<(i64, String, i32, chrono::NaiveDateTime)> =
        odd::table.load(&mut conn).expect("rows");
    assert_eq!(rows, [(7, region.to_owned(), -5, at)]);
    drop_partition(odd::table)
        .of(odd::region, region)
        .of(odd::level, -5)
        .of(odd::at, at)
        .execute(&mut conn)
        .expect("dropped");
    assert_eq!(
        odd::table
            .count()
            .get_result::<i64>(&mut conn)
            .expect("none"),
        0
    );
}

/// What the sandbox cannot read is refused by name, and what is wrong in a file is an error.
#[test]
fn what_cannot_be_read_is_told() {
    let world = World::new();
    let mut conn = world.connect();
    lake(&mut conn);
    world.put("plain/a.csv", "x,y\n");
    let mut told = Vec::new();
    for format in [
        ExternalFormat::Orc,
        ExternalFormat::Avro,
        ExternalFormat::Csv,
    ] {
        create_external_table(plain::table, format, location(&world, "plain/"))
            .column(plain::name, |name| name.varchar(10))
            .execute(&mut conn)
            .expect("an external table");
        let error = plain::table
            .load::<(i64, Option<String>)>(&mut conn)
            .expect_err("cannot be read");
        told.push(error.to_string());
        drop_external_table(plain::table)
            .execute(&mut conn)
            .expect("dropped");
    }
    drop_schema("lake").execute(&mut conn).expect("dropped");
    let role: IamRole = "arn:aws:iam::123456789012:role/Spectrum"
        .parse()
        .expect("a role");
    let secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop";
    for schema in [
        create_external_schema("lake").from_kinesis(role.clone()),
        create_external_schema("lake").from_postgres(
            "shop",
            "db.example.com",
            secret,
            role.clone(),
        ),
        create_external_schema("lake").from_mysql("shop", "db.example.com", secret, role),
    ] {
        schema.execute(&mut conn).expect("an external schema");
        let error = conn
            .batch_execute("SELECT * FROM lake.plain")
            .expect_err("cannot be read");
        told.push(error.to_string());
        drop_schema("lake").execute(&mut conn).expect("dropped");
    }
    let (wrong_file, lacking): (Vec<_>, Vec<_>) =
        told.iter().enumerate().partition(|(at, _)| *at == 2);
    for (_, told) in lacking {
        assert!(
            told.ends_with("is not supported by the sandbox yet"),
            "{told}"
        );
    }
    assert!(!wrong_file[0].1.contains("sandbox"), "{wrong_file:?}");
}
