use diesel::dsl::{Select, count_star, sum};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel_redshift::unload::{Csv, Delimited, FileSize, FixedWidth, Json, Parquet};
use diesel_redshift::{
    IamRole, Redshift, S3Uri, aws::AccessKey, aws::Region, aws::RoleArn, unload,
    unload::UnloadStatement,
};

use crate::Statements;
use crate::schema::{orders, users};

type Users = Select<users::table, (users::id, users::name)>;

fn s3() -> S3Uri {
    S3Uri::from_static("s3://bucket/users_")
}

fn role() -> IamRole {
    RoleArn::from_static("arn:aws:iam::012345678901:role/Loader").into()
}

fn users() -> UnloadStatement<Users, S3Uri, IamRole> {
    unload(users::table.select((users::id, users::name)))
        .to(s3())
        .iam_role(role())
}

macro_rules! of {
    ($query:expr) => {
        unload($query).to(s3()).iam_role(role())
    };
}

pub(crate) fn statements() -> Statements {
    crate::statements! {
        "a whole table": of!(users::table);
        "a filter with a quote and a backslash":
            of!(users::table.filter(users::name.eq(r"O'Brien\")));
        "a filter with everything that could end a literal":
            of!(users::table.filter(users::name.eq(r#"'; DROP TABLE users; -- $1 $$ /* \' '' "naïve 🦀""#)));
        "filters on the statement":
            users().filter(users::id.gt(100)).or_filter(users::name.like("a%")).order(users::id.desc());
        "eq_any": of!(users::table.filter(users::id.eq_any([1, 2, 3])));
        "a join and an aggregate":
            of!(users::table
                .inner_join(orders::table)
                .group_by(users::name)
                .select((users::name, count_star(), sum(orders::amount)))
                .filter(orders::country.ne("DE")));
        "a union":
            of!(users::table
                .select(users::id)
                .union_all(orders::table.select(orders::user_id)));
        "a boxed query":
            of!(users::table.filter(users::id.lt(5)).into_boxed::<Redshift>());
        "a LIMIT of the outermost SELECT": of!(users::table.order(users::id).limit(10).offset(20));
        "a LIMIT in a subquery":
            of!(users::table.filter(
                users::id.eq_any(orders::table.select(orders::user_id).limit(10)),
            ));
        "sql_query with binds":
            of!(diesel::sql_query("SELECT id, name FROM users WHERE name = $1 AND id > $2 LIMIT 5; -- five")
                .bind::<Text, _>(r"it's \ five")
                .bind::<BigInt, _>(-1));
        "a common table expression":
            of!(diesel::sql_query("WITH late AS (SELECT id FROM orders LIMIT 3) SELECT id FROM late"));

        "the default format": users();
        "FORMAT AS CSV": users().format(Csv::new());
        "DELIMITER in CSV": users().format(Csv::new().delimiter(';'));
        "NULL AS in CSV": users().format(Csv::new().null_as(r"\N"));
        "DELIMITER": users().format(Delimited::new().delimiter('|'));
        "DELIMITER, a tab": users().format(Delimited::new().delimiter('\t'));
        "ADDQUOTES": users().format(Delimited::new().add_quotes());
        "ESCAPE": users().format(Delimited::new().escape());
        "NULL AS": users().format(Delimited::new().null_as("it's null"));
        "FIXEDWIDTH": users().format(FixedWidth::new([("id", 8), ("name", 25)]).null_as("-"));
        "FORMAT AS JSON": users().format(Json::new());
        "FORMAT AS PARQUET": users().format(Parquet::new());
        "ROWGROUPSIZE": users().format(Parquet::new().row_group_size(128));

        "HEADER": users().header();
        "PARTITION BY":
            of!(orders::table)
                .format(Parquet::new())
                .partition_by((orders::country, orders::ordered_on));
        "PARTITION BY INCLUDE": users().partition_by_include((users::id, users::name));
        "PARTITION BY names":
            of!(diesel::sql_query("SELECT year, month, amount FROM sales")).partition_by(["year", "month"]);
        "MANIFEST": users().manifest();
        "MANIFEST VERBOSE": users().manifest_verbose();
        "REGION": users().region(Region::parse("eu-central-1").unwrap());
        "GZIP": users().gzip();
        "BZIP2": users().bzip2();
        "ZSTD": users().zstd();
        "EXTENSION": users().extension(".csv.gz");
        "ENCRYPTED AUTO": users().encrypted_auto();
        "KMS_KEY_ID": users().kms_key_id("1234abcd-12ab-34cd-56ef-1234567890ab");
        "ALLOWOVERWRITE": users().allow_overwrite();
        "CLEANPATH": users().clean_path();
        "PARALLEL ON": users().parallel_on();
        "PARALLEL OFF": users().parallel_off();
        "the least MAXFILESIZE": users().max_file_size(FileSize::megabytes(5));
        "the largest MAXFILESIZE": users().max_file_size(FileSize::megabytes(6200));

        "ACCESS_KEY_ID and SECRET_ACCESS_KEY":
            unload(users::table).to(s3()).access_key(
                AccessKey::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY").unwrap(),
            );
        "the last call counts":
            users().clean_path().allow_overwrite().gzip().zstd().parallel_on().parallel_off();
        "a nightly export":
            of!(orders::table.filter(orders::country.eq("DE")))
                .format(Csv::new().delimiter(';').null_as("NULL"))
                .partition_by((orders::ordered_on,))
                .manifest_verbose()
                .region(Region::parse("eu-central-1").unwrap())
                .header()
                .gzip()
                .kms_key_id("1234abcd-12ab-34cd-56ef-1234567890ab")
                .clean_path()
                .parallel_on()
                .max_file_size(FileSize::megabytes(100));
    }
}

#[test]
fn debug_query_shows_the_same_text() {
    let save = users().filter(users::name.eq("O'Brien"));
    let shown = diesel::debug_query::<Redshift, _>(&save).to_string();
    assert_eq!(shown, format!("{} -- binds: []", save.to_sql().unwrap()));
}
