//! Defaults that are no locations and no roles.

use diesel_redshift::{RedshiftCopy, RedshiftUnload};

diesel::table! {
    users {
        id -> BigInt,
        name -> Text,
    }
}

#[derive(RedshiftCopy)]
#[diesel(table_name = users)]
#[redshift(location = "s3:///users/")]
struct NoBucket {
    id: i64,
}

#[derive(RedshiftUnload)]
#[diesel(table_name = users)]
#[redshift(location = "https://bucket/users/")]
struct NoS3 {
    id: i64,
}

#[derive(RedshiftCopy)]
#[diesel(table_name = users)]
#[redshift(iam_role = "arn:aws:iam::123:role/Loader")]
struct ShortAccount {
    id: i64,
}

#[derive(RedshiftUnload)]
#[diesel(table_name = users)]
#[redshift(iam_role = "arn:aws:iam::012345678901:role/My Role")]
struct Space {
    id: i64,
}

#[derive(RedshiftCopy)]
#[diesel(table_name = users)]
struct Wildcard {
    #[redshift(json_path = "$.names[*]")]
    id: i64,
}

fn main() {}
