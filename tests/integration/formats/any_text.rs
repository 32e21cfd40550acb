//! Properties: whatever text, number or `NULL` a row has, each format brings it back.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_redshift::{
    IamRole, RedshiftConnection, S3Uri, copy, copy as load, unload, unload as write,
};
use diesel_redshift_tests::World;
use proptest::prelude::*;

use super::{next, uri};
use crate::any_values::holds_for_any;

diesel::table! {
    anything (id) {
        id -> Integer,
        v -> Nullable<Text>,
        l -> Nullable<BigInt>,
        f -> Nullable<Double>,
    }
}

#[derive(Debug, Clone, PartialEq, Insertable, Queryable)]
#[diesel(table_name = anything)]
struct Anything {
    id: i32,
    v: Option<String>,
    l: Option<i64>,
    f: Option<f64>,
}

fn rows(text: impl Strategy<Value = String>) -> impl Strategy<Value = Vec<Anything>> {
    let float =
        proptest::num::f64::NORMAL | proptest::num::f64::ZERO | proptest::num::f64::SUBNORMAL;
    let row = (
        proptest::option::of(text),
        proptest::option::of(any::<i64>()),
        proptest::option::of(float),
    );
    proptest::collection::vec(row, 1..30).prop_map(|rows| {
        (1..)
            .zip(rows)
            .map(|(id, (v, l, f))| Anything { id, v, l, f })
            .collect()
    })
}

/// Text with what formats stumble over in it.
fn awkward() -> impl Strategy<Value = String> {
    prop_oneof![
        "[^\0]{0,30}",
        r#"[\\'"|,\n\r\t $@N0]{0,12}"#,
        Just("\\N".to_owned()),
        Just(String::new()),
    ]
}

/// Runs a format both ways with any rows.
fn property(
    text: impl Strategy<Value = String>,
    there_and_back: impl Fn(&mut RedshiftConnection, S3Uri),
) {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute(
        "CREATE TABLE anything (id INT NOT NULL, v VARCHAR(65535), l BIGINT, f DOUBLE PRECISION)",
    )
    .unwrap();
    holds_for_any(10, &mut conn, rows(text), |conn, expected| {
        conn.batch_execute("DELETE FROM anything").unwrap();
        diesel::insert_into(anything::table)
            .values(&expected)
            .execute(conn)
            .unwrap();
        there_and_back(conn, uri(&world, &format!("{}/", next())));
        let found: Vec<Anything> = anything::table.order(anything::id).load(conn).unwrap();
        prop_assert_eq!(found, expected);
        Ok(())
    });
}

/// A property of a format: how it is written, and how it is read.
macro_rules! property {
    ($name:ident, $text:expr, unload $($written:ident($($value:expr),*)).+, copy $($read:ident($($given:expr),*)).+) => {
        #[test]
        fn $name() {
            property($text, |conn, files| {
                unload(anything::table)
                    .to(files.clone())
                    .iam_role(IamRole::Default)
                    $(.$written($($value),*))+
                    .execute(conn)
                    .unwrap();
                conn.batch_execute("DELETE FROM anything").unwrap();
                copy(anything::table)
                    .from(files)
                    .iam_role(IamRole::Default)
                    $(.$read($($given),*))+
                    .execute(conn)
                    .unwrap();
            });
        }
    };
}

property!(any_text_in_csv, awkward(),
    unload format(write::Csv::new().null_as("\u{1}NULL")).gzip(),
    copy format(load::Csv::new().null_as("\u{1}NULL")).gzip());
property!(any_text_escaped, awkward(),
    unload format(write::Delimited::new().escape().null_as("@NULL@")),
    copy format(load::Delimited::new().escape().null_as("@NULL@")));
property!(any_text_escaped_in_quotes, awkward(),
    unload format(write::Delimited::new().escape().add_quotes().null_as("@NULL@")).zstd(),
    copy format(load::Delimited::new().escape().remove_quotes().null_as("@NULL@")).zstd());
property!(any_text_in_json, awkward(),
    unload format(write::Json::new()).bzip2(),
    copy format(load::Json::auto()).bzip2());
property!(any_text_in_parquet, awkward(),
    unload format(write::Parquet::new()),
    copy format(load::Parquet::new()));
// A value ends before the blanks that fill its field, and a line before the next.
property!(any_text_in_fixed_widths, "([^\0\n\r]{0,29}[^\0\\s])?",
    unload format(write::FixedWidth::new(WIDTHS).null_as("<null>")),
    copy format(load::FixedWidth::new(WIDTHS).null_as("<null>").trim_blanks()));

const WIDTHS: [(&str, u32); 4] = [("id", 10), ("v", 40), ("l", 20), ("f", 30)];
