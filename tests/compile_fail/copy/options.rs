//! An option that the format or the source does not know.

use diesel_redshift::copy::{
    Avro, CompUpdate, CopyStatement, Csv, Delimited, DynamoDb, DynamoDbItems, EmrPath, FixedWidth,
    Json, Orc, Parquet, Shapefile, SshManifest,
};
use diesel_redshift::{aws::AccessKey, IamRole, aws::Region, S3Uri, copy};

diesel::table! {
    users {
        id -> BigInt,
        name -> Text,
    }
}

const FILES: S3Uri = S3Uri::from_static("s3://bucket/users/");

fn users() -> CopyStatement<users::table, S3Uri, IamRole> {
    copy(users::table).from(FILES).iam_role(IamRole::Default)
}

fn columnar(region: Region) {
    let _ = users().format(Parquet::new()).max_error(5);
    let _ = users().format(Parquet::new()).ignore_all_errors();
    let _ = users().format(Parquet::new()).no_load();
    let _ = users().format(Parquet::new()).comp_update(CompUpdate::Off);
    let _ = users().format(Parquet::new()).comp_rows(1000);
    let _ = users().format(Orc::new()).region(region);
    let _ = users().format(Orc::new()).gzip();
    let _ = Parquet::new().truncate_columns();
    let _ = Parquet::new().delimiter(',');
    let _ = Orc::new().ignore_header(1);
    let _ = Orc::new().accept_any_date();
}

fn text() {
    let _ = Csv::new().escape();
    let _ = Csv::new().remove_quotes();
    let _ = Csv::new().serialize_to_json();
    let _ = Delimited::new().quote('"');
    let _ = FixedWidth::new([("id", 8)]).delimiter(',');
    let _ = FixedWidth::new([("id", 8)]).escape();
    let _ = FixedWidth::new([("id", 8)]).encoding(diesel_redshift::copy::Encoding::Utf16);
    let _ = Json::auto().delimiter(',');
    let _ = Json::auto().null_as("");
    let _ = Json::auto().fill_record();
    let _ = Json::auto().ignore_blank_lines();
    let _ = Avro::auto().ignore_header(1);
    let _ = Shapefile::new().null_as("");
    let _ = DynamoDbItems::new().accept_inv_chars('?');
    let _ = Csv::new().delimiter("||");
}

fn sources(dynamodb: DynamoDb, emr: EmrPath, ssh: SshManifest, region: Region) {
    let _ = users().from(dynamodb.clone()).format(Csv::new()).to_sql();
    let _ = users().from(dynamodb.clone()).gzip();
    let _ = users().from(dynamodb).manifest();
    let _ = users().from(emr.clone()).format(Parquet::new()).to_sql();
    let _ = users().from(emr.clone()).region(region);
    let _ = users().from(emr).zstd();
    let _ = users().from(ssh.clone()).zstd();
    let _ = users().from(ssh).manifest();
    let _ = users().format(DynamoDbItems::new()).to_sql();
    let _ = users().format(Avro::auto()).gzip();
    let _ = users().format(Shapefile::new()).bzip2();
    let _ = users().manifest().format(Shapefile::new()).to_sql();
}

fn keys(key: AccessKey) {
    let _ = users().access_key(key).format(Parquet::new()).to_sql();
}

fn elsewhere() {
    let _ = users().from(5);
    let _ = users().iam_role(5);
}

fn main() {}
