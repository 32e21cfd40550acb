//! An UNLOAD needs a location and an authorization, and takes the options of its format only.

use diesel::prelude::*;
use diesel_redshift::unload::{Csv, Delimited, FixedWidth, Json, Parquet};
use diesel_redshift::{aws::Credentials, IamRole, S3Uri, unload::UnloadStatement, copy, unload};

diesel::table! {
    users {
        id -> BigInt,
        name -> Text,
        score -> Double,
    }
}

const FILES: S3Uri = S3Uri::from_static("s3://bucket/users_");

type Users = diesel::dsl::Select<users::table, (users::id, users::name)>;

fn users() -> UnloadStatement<Users, S3Uri, IamRole> {
    unload(users::table.select((users::id, users::name)))
        .to(FILES)
        .iam_role(IamRole::Default)
}

fn incomplete() {
    let _ = unload(users::table).iam_role(IamRole::Default).to_sql();
    let _ = unload(users::table).to(FILES).to_sql();
    let _ = unload(users::table).to("s3://bucket/users_");
    let _ = unload(diesel::delete(users::table)).to(FILES).iam_role(IamRole::Default).to_sql();
    let _ = users().format(copy::Csv::new());
}

fn options(credentials: Credentials) {
    let _ = users().format(Parquet::new()).header();
    let _ = users().format(Json::new()).header();
    let _ = users().format(FixedWidth::new([("id", 8), ("name", 9)])).header();
    let _ = users().format(Parquet::new()).gzip();
    let _ = Parquet::new().delimiter(',');
    let _ = Parquet::new().null_as("");
    let _ = Json::new().delimiter(',');
    let _ = Json::new().null_as("");
    let _ = Csv::new().add_quotes();
    let _ = Csv::new().escape();
    let _ = Csv::new().row_group_size(32);
    let _ = FixedWidth::new([("id", 8)]).delimiter(',');
    let _ = FixedWidth::new([("id", 8)]).add_quotes();
    let _ = Delimited::new().row_group_size(32);
    let _ = users().lzop();
    let _ = unload(users::table).kms_key_id("key");
    let _ = unload(users::table).credentials(credentials).kms_key_id("key");
    let _ = users().partition_by(users::id);
    let _ = users().partition_by((users::score,));
}

fn main() {}
