//! External schemas, tables and partitions.

use diesel_redshift::ddl::*;
use diesel_redshift::{IamRole, S3Uri, aws::Region};

use crate::statements;

const SECRET: &str = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop";

diesel::table! {
    use diesel::sql_types::*;

    lake.events (id) {
        id -> BigInt,
        name -> Nullable<Text>,
        price -> Nullable<Numeric>,
        at -> Nullable<Timestamp>,
        yes -> Nullable<Bool>,
        ratio -> Nullable<Double>,
        day -> Date,
        region -> Text,
    }
}

fn role() -> IamRole {
    "arn:aws:iam::123456789012:role/Spectrum".parse().unwrap()
}

fn files() -> S3Uri {
    S3Uri::parse("s3://bucket/events/").unwrap()
}

fn table(format: ExternalFormat) -> CreateExternalTable<events::table> {
    create_external_table(events::table, format, files())
        .column(events::name, |name| name.varchar(100))
        .column(events::price, |price| price.decimal(12, 2))
        .column(events::region, |region| region.char(2))
}

pub(crate) fn statements() -> crate::Statements {
    let schema = || create_external_schema("lake");
    let day = chrono::NaiveDate::from_ymd_opt(2026, 1, 31).unwrap();
    let part = S3Uri::parse("s3://bucket/events/day=2026-01-31/region=DE/").unwrap();
    statements! {
        "CREATE EXTERNAL SCHEMA of the data catalog": schema().from_data_catalog("events", role());
        "CREATE EXTERNAL SCHEMA of the data catalog with all options": schema().from_data_catalog("events", role())
            .if_not_exists().region(Region::parse("eu-west-1").unwrap()).create_database();
        "CREATE EXTERNAL SCHEMA of Kinesis": schema().from_kinesis(IamRole::Default);
        "CREATE EXTERNAL SCHEMA of PostgreSQL": schema().from_postgres("shop", "db.example.com", SECRET, role());
        "CREATE EXTERNAL SCHEMA of PostgreSQL with all options": schema().from_postgres("shop", "db.example.com", SECRET, role())
            .if_not_exists().source_schema("sales").port(5433);
        "CREATE EXTERNAL SCHEMA of MySQL": schema().from_mysql("shop", "db.example.com", SECRET, role()).port(3307);
        "CREATE EXTERNAL TABLE of Parquet": table(ExternalFormat::Parquet);
        "CREATE EXTERNAL TABLE of ORC": table(ExternalFormat::Orc);
        "CREATE EXTERNAL TABLE of Avro": table(ExternalFormat::Avro);
        "CREATE EXTERNAL TABLE of text": table(ExternalFormat::Delimited('|')).property("skip.header.line.count", "1");
        "CREATE EXTERNAL TABLE of tabs": table(ExternalFormat::Delimited('\t'));
        "CREATE EXTERNAL TABLE of CSV": table(ExternalFormat::Csv).property("it's", "\\");
        "CREATE EXTERNAL TABLE of JSON": table(ExternalFormat::Json);
        "CREATE EXTERNAL TABLE PARTITIONED BY": table(ExternalFormat::Parquet).partitioned_by((events::day, events::region));
        "ADD PARTITION": add_partition(events::table, part).of(events::day, day).of(events::region, "D'");
        "DROP PARTITION": drop_partition(events::table).of(events::day, day).of(events::region, "DE");
        "DROP TABLE of an external one": drop_external_table(events::table);
        "DROP TABLE IF EXISTS of an external one": drop_external_table(events::table).if_exists();
    }
}
