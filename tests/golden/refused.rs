//! Values that Redshift would not take are errors before anything is sent.

use diesel::prelude::*;
use diesel::query_builder::AsQuery;
use diesel::sql_types::Text;
use diesel_redshift::copy::{
    Avro, CopyStatement, Csv, Delimited, DynamoDb, EmrPath, FixedWidth, Json, Orc, Parquet,
    Shapefile, SshManifest, copy_into,
};
use diesel_redshift::unload::{self as to, FileSize};
use diesel_redshift::{
    Error, IamRole, Redshift, S3Uri, aws::AccessKey, aws::Credentials, copy, unload,
    unload::UnloadStatement,
};

use crate::schema::{orders, users};

const FILES: S3Uri = S3Uri::from_static("s3://bucket/users/");
const BUCKET: S3Uri = S3Uri::from_static("s3://bucket");

fn load() -> CopyStatement<users::table, S3Uri, IamRole> {
    copy(users::table).from(FILES).iam_role(IamRole::Default)
}

fn key() -> Credentials {
    Credentials::access_key(AccessKey::new("AKIAIOSFODNN7EXAMPLE", "secret").expect("a key"))
}

fn save() -> UnloadStatement<<users::table as AsQuery>::Query, S3Uri, IamRole> {
    unload(users::table).to(FILES).iam_role(IamRole::Default)
}

macro_rules! refused {
    ($($statement:expr => $message:literal;)*) => {$(
        let error = $statement.to_sql().expect_err(stringify!($statement));
        assert!(matches!(error, Error::Invalid(_)), "{error:?}");
        assert_eq!(error.to_string(), $message);
    )*};
}

#[test]
fn in_the_columns_of_a_table_known_at_run_time() {
    let load = |columns: &[&'static str]| {
        copy_into(users::table, columns.iter().copied())
            .from(FILES)
            .iam_role(IamRole::Default)
    };
    refused! {
        load(&[]) => "invalid column list: no column; expected one column or more";
        load(&["id", "id"]) => r#"invalid column list: one with "id" twice; expected each column once"#;
    }
}

#[test]
fn in_copy() {
    const CHARACTER: &str = "expected one ASCII character other than NUL and line breaks";
    for character in ['é', '\0', '\n', '\r', '🦀'] {
        for (option, error) in [
            (
                "DELIMITER",
                load().format(Csv::new().delimiter(character)).to_sql(),
            ),
            (
                "DELIMITER",
                load()
                    .format(Delimited::new().delimiter(character))
                    .to_sql(),
            ),
            ("QUOTE", load().format(Csv::new().quote(character)).to_sql()),
        ] {
            assert_eq!(
                error.expect_err(option).to_string(),
                format!("invalid {option}: {character:?}; {CHARACTER}")
            );
        }
    }
    refused! {
        load().format(Csv::new().quote(',')) =>
            "invalid QUOTE: ','; expected another character than the delimiter";
        load().format(Csv::new().delimiter(';').quote(';')) =>
            "invalid QUOTE: ';'; expected another character than the delimiter";
        load().format(Csv::new().delimiter('"')) =>
            r#"invalid DELIMITER: '"'; expected another character than the quote"#;
        load().format(Delimited::new().escape().delimiter('\\')) =>
            r"invalid DELIMITER: '\\'; expected another character than the one of ESCAPE";
        load().format(Csv::new().null_as("a\nb")) =>
            r#"invalid NULL AS: "a\nb"; expected text without line breaks, which would end the record"#;
        load().format(Csv::new().null_as("a\0")) =>
            r#"invalid NULL AS: "a\0"; expected no NUL character (0x00), which Redshift cannot hold; there is one at byte 1"#;
        load().format(Csv::new().ignore_header(2_147_483_648)) =>
            "invalid IGNOREHEADER: 2147483648; expected 0 to 2147483647 lines";
        load().format(Csv::new().accept_inv_chars('é')) =>
            "invalid ACCEPTINVCHARS: 'é'; expected one ASCII character other than NUL";
        load().format(Csv::new().accept_inv_chars('\0')) =>
            r"invalid ACCEPTINVCHARS: '\0'; expected one ASCII character other than NUL";
        load().format(Csv::new().date_format("AUTO")) =>
            r#"invalid DATEFORMAT: "AUTO"; expected the word 'auto' in lower case, or a pattern"#;
        load().format(Csv::new().date_format("")) =>
            r#"invalid DATEFORMAT: ""; expected a pattern of YYYY, MM, MON, DD, HH24, MI, SS and separators, without a time zone (TZ, OF)"#;
        load().format(Csv::new().time_format("EpochSecs")) =>
            r#"invalid TIMEFORMAT: "EpochSecs"; expected the words 'auto', 'epochsecs' and 'epochmillisecs' in lower case, or a pattern"#;
        load().format(Csv::new().time_format("YYYY-MM-DD HH:MI:SSOF")) =>
            r#"invalid TIMEFORMAT: "YYYY-MM-DD HH:MI:SSOF"; expected a pattern of YYYY, MM, MON, DD, HH24, MI, SS and separators, without a time zone (TZ, OF)"#;
        load().format(FixedWidth::new([("id", 8)])) =>
            "invalid FIXEDWIDTH: 1 widths; expected one for each of the 2 columns";
        load().format(FixedWidth::new([("id", 8), ("name", 0)])) =>
            "invalid FIXEDWIDTH: name:0; expected widths of 1 to 2147483647 characters";
        load().format(FixedWidth::new([("id", 8), ("a:b", 1)])) =>
            r#"invalid FIXEDWIDTH: "a:b"; expected labels that are not empty and have no `:`, `,` and `'`"#;
        load().format(FixedWidth::new([("id", 8), ("it's", 1)])) =>
            r#"invalid FIXEDWIDTH: "it's"; expected labels that are not empty and have no `:`, `,` and `'`"#;
        load().manifest() =>
            r#"invalid MANIFEST: "s3://bucket/users/"; expected the whole location of one object, such as `s3://bucket/folder/file`"#;
        load().from(SshManifest::at(BUCKET)) =>
            r#"invalid SSH: "s3://bucket"; expected the whole location of one object, such as `s3://bucket/folder/file`"#;
        load().format(Json::paths(FILES)) =>
            r#"invalid JSON: "s3://bucket/users/"; expected the whole location of one object, such as `s3://bucket/folder/file`"#;
        load().format(Avro::paths(BUCKET)) =>
            r#"invalid AVRO: "s3://bucket"; expected the whole location of one object, such as `s3://bucket/folder/file`"#;
        load().format(Parquet::new()).credentials(key()) =>
            "invalid FORMAT AS PARQUET: read with an access key in CREDENTIALS; expected an IAM role, by `.iam_role(…)` or `Credentials::role(…)`";
        load().format(Orc::new()).credentials(key()) =>
            "invalid FORMAT AS ORC: read with an access key in CREDENTIALS; expected an IAM role, by `.iam_role(…)` or `Credentials::role(…)`";
        load().format(Json::no_shred()) =>
            "invalid JSON 'noshred': loaded into 2 columns; expected a single SUPER column";
        load().format(Shapefile::new().simplify(-1.0)) =>
            "invalid SIMPLIFY: -1; expected a tolerance of 0 or more";
        load().format(Shapefile::new().simplify_auto_up_to(f64::NAN)) =>
            "invalid SIMPLIFY: NaN; expected a tolerance of 0 or more";
        load().max_error(100_001) =>
            "invalid MAXERROR: 100001; expected 0 to 100000";
        load().max_error(5).ignore_all_errors() =>
            "invalid MAXERROR: combined with IGNOREALLERRORS; expected only one of the two";
        load().comp_rows(999) =>
            "invalid COMPROWS: 999; expected 1000 to 2147483647 rows";
        load().comp_rows(2_147_483_648) =>
            "invalid COMPROWS: 2147483648; expected 1000 to 2147483647 rows";
        load().columns((users::id, users::id)) =>
            r#"invalid column list: one with "id" twice; expected each column once"#;
        load().from(DynamoDb::table("Users", 0).unwrap()) =>
            "invalid READRATIO: 0; expected 1 to 200, in percent";
        load().from(DynamoDb::table("Users", 201).unwrap()) =>
            "invalid READRATIO: 201; expected 1 to 200, in percent";
        load().max_error(1).unchecked_option("maxerror 2") =>
            "invalid unchecked_option: `maxerror 2`; expected options that the statement does not have: maxerror is set already";
    }
    for good in ["MM/DD/YYYY", "YYYY-MM-DDTHH:MI:SS", "MON DD, YYYY", "auto"] {
        load()
            .format(Csv::new().time_format(good).date_format(good))
            .to_sql()
            .expect(good);
    }
    for (uri, reason) in [
        ("s3://bucket/x", "does not start with `emr://`"),
        ("emr://j-1", "has no path"),
        ("emr://j-1/", "has no path"),
        ("emr:///path", "a cluster's id"),
        ("emr://j 1/path", "a cluster's id"),
        ("emr://j-1/pa\0th", "NUL"),
    ] {
        let error = EmrPath::parse(uri).expect_err(uri).to_string();
        assert!(error.contains(reason), "{uri:?}: {error}");
    }
    for table in ["", "ab", "with space", "with/slash", "with'quote", "é"] {
        assert!(DynamoDb::table(table, 5).is_err(), "{table:?}");
    }
}

#[test]
fn in_unload() {
    const ALIAS: S3Uri = S3Uri::from_static("s3://point-metadata-s3alias/users/");
    refused! {
        save().to(ALIAS) =>
            r#"invalid TO: "s3://point-metadata-s3alias/users/"; expected a bucket by its own name, not the alias of an access point"#;
        save().to(BUCKET).clean_path() =>
            r#"invalid TO: "s3://bucket"; expected a prefix within the bucket, such as `s3://bucket/prefix_`"#;
        save().format(to::Csv::new().delimiter('é')) =>
            "invalid DELIMITER: 'é'; expected one ASCII character other than NUL and line breaks";
        save().format(to::Csv::new().delimiter('"')) =>
            r#"invalid DELIMITER: '"'; expected another character than the quote"#;
        save().format(to::Delimited::new().add_quotes().delimiter('"')) =>
            r#"invalid DELIMITER: '"'; expected another character than the quote"#;
        save().format(to::Delimited::new().escape().delimiter('\\')) =>
            r"invalid DELIMITER: '\\'; expected another character than the one of ESCAPE";
        save().format(to::Csv::new().null_as("\n")) =>
            r#"invalid NULL AS: "\n"; expected text without line breaks, which would end the record"#;
        save().format(to::FixedWidth::new([("id", 8)])) =>
            "invalid FIXEDWIDTH: 1 widths; expected one for each of the 2 columns";
        save().format(to::Parquet::new().row_group_size(31)) =>
            "invalid ROWGROUPSIZE: 31; expected 32 to 128 MB";
        save().format(to::Parquet::new().row_group_size(129)) =>
            "invalid ROWGROUPSIZE: 129; expected 32 to 128 MB";
        save().max_file_size(FileSize::megabytes(4)) =>
            "invalid MAXFILESIZE: 4 MB; expected 5 to 6200 MB";
        save().max_file_size(FileSize::megabytes(6201)) =>
            "invalid MAXFILESIZE: 6201 MB; expected 5 to 6200 MB";
        save().extension("") =>
            "invalid EXTENSION: ''; expected one character or more";
        save().kms_key_id("it's") =>
            r#"invalid KMS_KEY_ID: "it's"; expected the id of a key: letters, digits and `-_:/`"#;
        save().kms_key_id("") =>
            r#"invalid KMS_KEY_ID: ""; expected the id of a key: letters, digits and `-_:/`"#;
        save().partition_by((orders::country,)) =>
            r#"invalid PARTITION BY: "country"; expected columns that the query selects"#;
        save().partition_by((users::id, users::name)) =>
            "invalid PARTITION BY: all columns of the query; expected fewer, so that some are left for the files; or use `partition_by_include`";
        save().partition_by([]) =>
            "invalid PARTITION BY: no columns; expected one column or more";
        save().partition_by_include(Vec::<String>::new()) =>
            "invalid PARTITION BY: no columns; expected one column or more";
        save().partition_by_include(["id", "ID"]) =>
            r#"invalid PARTITION BY: a list with "ID" twice; expected each column once"#;
        save().format(to::FixedWidth::new([("id", 8), ("name", 9)])).partition_by((users::name,)) =>
            "invalid FIXEDWIDTH: 2 widths; expected one for each of the 1 columns";
        unload(users::table.inner_join(orders::table).select((users::id, orders::id)))
            .to(FILES).iam_role(IamRole::Default).format(to::Json::new()) =>
            r#"invalid FORMAT AS JSON: a query with two columns "id"; expected a query whose columns have different names, which become its keys"#;
        unload(diesel::sql_query("SELECT 1; DROP TABLE users")).to(FILES).iam_role(IamRole::Default) =>
            "invalid UNLOAD query: several statements; expected a single SELECT";
        unload(diesel::sql_query(" ; ")).to(FILES).iam_role(IamRole::Default) =>
            "invalid UNLOAD query: empty; expected a SELECT";
        save().gzip().unchecked_option("GZIP") =>
            "invalid unchecked_option: `GZIP`; expected options that the statement does not have: GZIP is set already";
    }
    for partitioned in [
        save()
            .format(to::FixedWidth::new([("id", 8)]))
            .partition_by((users::name,)),
        save()
            .format(to::FixedWidth::new([("id", 8), ("name", 9)]))
            .partition_by_include((users::name,)),
    ] {
        partitioned
            .to_sql()
            .expect("a width for each column of the files");
    }
    let blob = || {
        unload(users::table.select((
            users::id,
            diesel::dsl::sql::<diesel::sql_types::Binary>("secret"),
        )))
        .to(FILES)
        .iam_role(IamRole::Default)
    };
    blob().format(to::Csv::new()).to_sql().unwrap();
    refused! {
        blob().format(to::Parquet::new()) =>
            "invalid FORMAT AS PARQUET: a query with a column of type VARBYTE; expected queries without GEOMETRY, GEOGRAPHY, HLLSKETCH and VARBYTE, which go to delimited text and CSV only";
        blob().format(to::Json::new()) =>
            "invalid FORMAT AS JSON: a query with a column of type VARBYTE; expected queries without GEOMETRY, GEOGRAPHY, HLLSKETCH and VARBYTE, which go to delimited text and CSV only";
        blob().format(to::FixedWidth::new([("a", 1), ("b", 2)])) =>
            "invalid FIXEDWIDTH: a query with a column of type VARBYTE; expected queries without GEOMETRY, GEOGRAPHY, HLLSKETCH and VARBYTE, which go to delimited text and CSV only";
    }
    let nul = save().filter(users::name.eq("a\0b")).to_sql();
    assert!(
        nul.as_ref()
            .is_err_and(|error| error.to_string().contains("NUL")),
        "{nul:?}"
    );
    let unbound = unload(diesel::sql_query("SELECT $2").bind::<Text, _>("one"))
        .to(FILES)
        .iam_role(IamRole::Default)
        .to_sql();
    assert!(unbound.is_err(), "{unbound:?}");
}

#[test]
fn everywhere_a_statement_is_printed() {
    let bad = load().max_error(100_001);
    let mut builder = diesel_redshift::backend::RedshiftQueryBuilder::new();
    let error =
        diesel::query_builder::QueryFragment::<Redshift>::to_sql(&bad, &mut builder, &Redshift)
            .expect_err("refused");
    let diesel::result::Error::QueryBuilderError(source) = &error else {
        panic!("{error:?}");
    };
    assert_eq!(
        source.to_string(),
        "invalid MAXERROR: 100001; expected 0 to 100000"
    );
    assert!(matches!(Error::from(error), Error::Invalid(_)));
}

/// What the compiler refuses in the usual order is an error when the order or the run decides.
#[test]
fn in_statements_that_are_put_together_at_run_time() {
    let ssh = || SshManifest::at(FILES);
    let dynamodb = || DynamoDb::table("Items", 50).expect("a table");
    let emr = || EmrPath::parse("emr://j-1/path").expect("a path");
    refused! {
        load().max_error(5).format(Parquet::new()) =>
            "invalid MAXERROR: with FORMAT AS PARQUET from S3Uri; expected a format that is read row by row: all but PARQUET and ORC";
        load().boxed().format(Orc::new()).no_load() =>
            "invalid NOLOAD: with FORMAT AS ORC from S3Uri; expected a format that is read row by row: all but PARQUET and ORC";
        load().gzip().format(Avro::auto()) =>
            "invalid GZIP: with FORMAT AS AVRO from S3Uri; expected delimited text, CSV, FIXEDWIDTH or JSON; a SHAPEFILE by GZIP only";
        load().boxed().format(Shapefile::new()).bzip2() =>
            "invalid BZIP2: with FORMAT AS SHAPEFILE from S3Uri; expected delimited text, CSV, FIXEDWIDTH or JSON; a SHAPEFILE by GZIP only";
        load().zstd().from(ssh()) =>
            "invalid ZSTD: with the default format from SshManifest; expected files, for ZSTD in S3";
        load().gzip().from(dynamodb()) =>
            "invalid GZIP: with the default format from DynamoDb; expected files, for ZSTD in S3";
        load().region(diesel_redshift::aws::Region::parse("eu-west-1").expect("a region")).from(emr()) =>
            "invalid REGION: with the default format from EmrPath; expected a source other than EMR";
        load().boxed().from(dynamodb()).format(Csv::new()) =>
            "invalid FORMAT AS CSV: read from DynamoDb; expected S3Uri, S3Manifest, SshManifest, EmrPath";
        load().boxed().from(ssh()).format(Parquet::new()) =>
            "invalid FORMAT AS PARQUET: read from SshManifest; expected S3Uri, S3Manifest";
        load().boxed().credentials(key()).format(Parquet::new()) =>
            "invalid FORMAT AS PARQUET: read with an access key in CREDENTIALS; expected an IAM role, by `.iam_role(…)` or `Credentials::role(…)`";
        save().header().format(to::Parquet::new()) =>
            "invalid HEADER: with FORMAT AS PARQUET; expected delimited text or CSV";
        save().boxed().format(to::Parquet::new()).zstd() =>
            "invalid ZSTD: with FORMAT AS PARQUET; expected a format other than PARQUET, which compresses itself";
        save().kms_key_id("key").credentials(key()) =>
            "invalid KMS_KEY_ID: with CREDENTIALS; expected IAM_ROLE, or ACCESS_KEY_ID and SECRET_ACCESS_KEY";
        load().from("bucket/users/") =>
            "invalid S3 location: not shown, since it may hold a secret; expected `s3://bucket/key`, but it does not start with `s3://`";
        save().to(String::from("s3:///users/")) =>
            "invalid S3 location: not shown, since it may hold a secret; expected `s3://bucket/key`, but it names no bucket";
    };
    for role in ["", "hunter2", "arn:aws:iam::1:user/x"] {
        let error = load().iam_role(role).to_sql().expect_err(role);
        assert!(matches!(error, Error::Invalid(_)), "{error:?}");
        let error = save().iam_role(role).to_sql().expect_err(role);
        assert!(role.is_empty() || !error.to_string().contains("hunter2"));
    }
}

#[test]
fn a_boxed_statement_prints_what_it_was_before() {
    let load = load().format(Csv::new().ignore_header(1)).gzip();
    assert_eq!(
        load.clone().boxed().to_sql().unwrap(),
        load.to_sql().unwrap()
    );
    let save = save().format(to::Csv::new()).header();
    assert_eq!(
        save.clone().boxed().to_sql().unwrap(),
        save.to_sql().unwrap()
    );
}
