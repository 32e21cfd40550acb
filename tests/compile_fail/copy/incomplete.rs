//! A COPY needs a table's own columns, a source and an authorization.

use diesel_redshift::copy::{Csv, EmrPath, S3Manifest};
use diesel_redshift::{IamRole, RedshiftConnection, S3Uri, copy, unload};

diesel::table! {
    users {
        id -> BigInt,
        name -> Text,
    }
}

diesel::table! {
    orders {
        id -> BigInt,
    }
}

const FILES: S3Uri = S3Uri::from_static("s3://bucket/users/");

fn main() {
    // No source.
    let _ = copy(users::table).iam_role(IamRole::Default).to_sql();

    // No authorization.
    let _ = copy(users::table).from(FILES).format(Csv::new()).to_sql();

    // Neither, when it is executed.
    fn execute(conn: &mut RedshiftConnection) {
        let _ = copy(users::table).execute(conn);
    }

    // Neither, when it is shown.
    println!("{}", diesel::debug_query::<diesel_redshift::Redshift, _>(&copy(users::table)));

    // A column of another table.
    let _ = copy(users::table).columns((users::id, orders::id));

    // A column that is no tuple.
    let _ = copy(users::table).columns(users::id);

    // No source at all.
    let _ = copy(users::table).from("s3://bucket/users/");

    // A format of UNLOAD.
    let _ = copy(users::table).format(unload::Csv::new());

    // A query in place of a table.
    let _ = copy(diesel::sql_query("SELECT 1"));

    // A location that the compiler reads.
    const NO_BUCKET: S3Uri = S3Uri::from_static("s3:///users/");

    let _ = (NO_BUCKET, S3Manifest::at(FILES), EmrPath::parse("emr://j-1/x"));
}
