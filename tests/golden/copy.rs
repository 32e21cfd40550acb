use diesel_redshift::copy::{
    Avro, CompUpdate, CopySource, CopyStatement, Csv, DefaultFormat, Delimited, DynamoDb,
    DynamoDbItems, EmrPath, Encoding, FixedWidth, IntoCopySource, Json, Orc, Parquet, S3Manifest,
    Shapefile, SshManifest, StatUpdate, TimeFormat,
};
use diesel_redshift::{
    IamRole, S3Uri, aws::AccessKey, aws::Credentials, aws::NoAuthorization, aws::Region,
    aws::RoleArn, aws::RoleChain, copy,
};

use crate::Statements;
use crate::schema::{documents, odd, orders, users};

fn s3(key: &str) -> S3Uri {
    S3Uri::new("bucket", key).unwrap()
}

fn role() -> IamRole {
    RoleArn::from_static("arn:aws:iam::012345678901:role/Loader").into()
}

fn from<S: IntoCopySource<Source = S> + CopySource>(
    source: S,
) -> CopyStatement<users::table, S, IamRole> {
    copy(users::table).from(source).iam_role(role())
}

fn users() -> CopyStatement<users::table, S3Uri, IamRole> {
    from(s3("users/"))
}

fn unauthorized() -> CopyStatement<users::table, S3Uri, NoAuthorization, DefaultFormat> {
    copy(users::table).from(s3("users/"))
}

fn key() -> AccessKey {
    AccessKey::new(
        "AKIAIOSFODNN7EXAMPLE",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    )
    .unwrap()
}

pub(crate) fn statements() -> Statements {
    crate::statements! {
        "the statement of the README":
            copy(users::table)
                .columns((users::id, users::name))
                .from(S3Uri::parse("s3://bucket-name/file-name.csv").unwrap())
                .iam_role("arn:aws:iam::0123456789012:role/MyRedshiftRole")
                .format(Csv::new().ignore_header(1));

        "a table with a schema, and names that have to be quoted":
            copy(odd::table).from(s3("odd/")).iam_role(IamRole::Default);
        "columns in another order":
            users().columns((users::name, users::id));
        "a location with everything that has to be escaped":
            from(s3(r"it's/a\b/$1/$$/--/;/naïve 🦀 key"));

        "IAM_ROLE default": unauthorized().iam_role(IamRole::Default);
        "IAM_ROLE, a chain in another partition":
            unauthorized().iam_role(
                IamRole::chain([
                    RoleArn::from_static("arn:aws-cn:iam::012345678901:role/a,b"),
                    RoleArn::from_static("arn:aws-cn:iam::012345678902:role/path/to/c"),
                ])
                .unwrap(),
            );
        "ACCESS_KEY_ID and SECRET_ACCESS_KEY": unauthorized().access_key(key());
        "SESSION_TOKEN":
            unauthorized().access_key(key().session_token("FwoGZXIvYXdzEXAMPLETOKEN").unwrap());
        "CREDENTIALS with a role":
            unauthorized().credentials(Credentials::role(
                "arn:aws:iam::012345678901:role/Loader".parse::<RoleChain>().unwrap(),
            ));
        "CREDENTIALS with a key":
            unauthorized().credentials(Credentials::access_key(key().session_token("TOKEN").unwrap()));

        "the default format": users();
        "FORMAT AS CSV": users().format(Csv::new());
        "QUOTE": users().format(Csv::new().quote('%'));
        "QUOTE, a single quote": users().format(Csv::new().quote('\''));
        "DELIMITER in CSV": users().format(Csv::new().delimiter(';'));
        "DELIMITER": users().format(Delimited::new().delimiter('|'));
        "DELIMITER, a tab": users().format(Delimited::new().delimiter('\t'));
        "DELIMITER, a control character": users().format(Delimited::new().delimiter('\u{1}'));
        "DELIMITER, a single quote": users().format(Delimited::new().delimiter('\''));
        "DELIMITER, a backslash": users().format(Delimited::new().delimiter('\\'));
        "ESCAPE": users().format(Delimited::new().escape());
        "REMOVEQUOTES": users().format(Delimited::new().remove_quotes());
        "FIXEDWIDTH": users().format(FixedWidth::new([("id", 8), ("name", 25)]));
        "FORMAT AS JSON 'auto'": users().format(Json::auto());
        "FORMAT AS JSON 'auto ignorecase'": users().format(Json::auto_ignore_case());
        "FORMAT AS JSON with a JSONPaths file": users().format(Json::paths(s3("paths.json")));
        "FORMAT AS JSON 'noshred'":
            copy(documents::table).from(s3("documents/")).iam_role(role()).format(Json::no_shred());
        "FORMAT AS AVRO 'auto'": users().format(Avro::auto());
        "FORMAT AS AVRO 'auto ignorecase'": users().format(Avro::auto_ignore_case());
        "FORMAT AS AVRO with a JSONPaths file": users().format(Avro::paths(s3("paths.json")));
        "FORMAT AS PARQUET": users().format(Parquet::new());
        "FORMAT AS PARQUET SERIALIZETOJSON": users().format(Parquet::new().serialize_to_json());
        "FORMAT AS ORC": users().format(Orc::new());
        "FORMAT AS ORC SERIALIZETOJSON": users().format(Orc::new().serialize_to_json());
        "FORMAT AS SHAPEFILE": users().format(Shapefile::new());
        "SIMPLIFY": users().format(Shapefile::new().simplify(0.5));
        "SIMPLIFY AUTO": users().format(Shapefile::new().simplify_auto());
        "SIMPLIFY AUTO with a tolerance": users().format(Shapefile::new().simplify_auto_up_to(0.00001));

        "NULL AS": users().format(Csv::new().null_as("@NULL@"));
        "NULL AS, empty": users().format(Csv::new().null_as(""));
        "NULL AS, a NUL character": users().format(Csv::new().null_as("\0"));
        "NULL AS with a backslash and a quote": users().format(Csv::new().null_as(r"it's\N"));
        "ENCODING AS UTF8": users().format(Csv::new().encoding(Encoding::Utf8));
        "ENCODING AS UTF16": users().format(Csv::new().encoding(Encoding::Utf16));
        "ENCODING AS UTF16LE": users().format(Csv::new().encoding(Encoding::Utf16Le));
        "ENCODING AS UTF16BE": users().format(Csv::new().encoding(Encoding::Utf16Be));
        "IGNOREHEADER": users().format(Csv::new().ignore_header(1));
        "IGNOREBLANKLINES": users().format(Csv::new().ignore_blank_lines());
        "FILLRECORD": users().format(Csv::new().fill_record());
        "ACCEPTANYDATE": users().format(Csv::new().accept_any_date());
        "ACCEPTINVCHARS": users().format(Csv::new().accept_inv_chars('?'));
        "ACCEPTINVCHARS in Parquet": users().format(Parquet::new().accept_inv_chars('^').fill_record());
        "BLANKSASNULL": users().format(Csv::new().blanks_as_null());
        "EMPTYASNULL": users().format(Csv::new().empty_as_null());
        "DATEFORMAT, a pattern": users().format(Csv::new().date_format("MM/DD/YYYY"));
        "DATEFORMAT 'auto'": users().format(Csv::new().date_format("auto"));
        "TIMEFORMAT, a pattern": users().format(Csv::new().time_format("MM.DD.YYYY HH:MI:SS"));
        "TIMEFORMAT 'auto'": users().format(Csv::new().time_format(TimeFormat::Auto));
        "TIMEFORMAT 'epochsecs'": users().format(Csv::new().time_format("epochsecs"));
        "TIMEFORMAT 'epochmillisecs'": users().format(Csv::new().time_format("epochmillisecs"));
        "ROUNDEC": users().format(Csv::new().round_dec());
        "TRIMBLANKS": users().format(Csv::new().trim_blanks());
        "TRUNCATECOLUMNS": users().format(Csv::new().truncate_columns());

        "MANIFEST": from(s3("users.manifest")).format(Csv::new()).manifest();
        "MANIFEST of Parquet files": from(S3Manifest::at(s3("users.manifest"))).format(Parquet::new());
        "DynamoDB": from(DynamoDb::table("Users", 50).unwrap());
        "DynamoDB with conversions":
            from(DynamoDb::table("Users", 200).unwrap())
                .format(DynamoDbItems::new().time_format("epochsecs").truncate_columns())
                .region(Region::parse("eu-central-1").unwrap());
        "EMR": from(EmrPath::parse("emr://j-SAMPLE2B500FC/myoutput/part-*").unwrap()).format(Csv::new());
        "SSH": from(SshManifest::at(s3("hosts.manifest"))).format(Delimited::new().delimiter('|'));

        "REGION": users().region(Region::parse("us-gov-west-1").unwrap());
        "GZIP": users().gzip();
        "BZIP2": users().bzip2();
        "LZOP": users().lzop();
        "ZSTD": users().zstd();
        "EXPLICIT_IDS": users().explicit_ids();
        "MAXERROR": users().max_error(100_000);
        "IGNOREALLERRORS": users().ignore_all_errors();
        "NOLOAD": users().no_load();
        "COMPROWS": users().comp_rows(1000).comp_update(CompUpdate::On);
        "COMPUPDATE PRESET": users().comp_update(CompUpdate::Preset);
        "COMPUPDATE OFF": users().comp_update(CompUpdate::Off);
        "STATUPDATE ON": users().stat_update(StatUpdate::On);
        "STATUPDATE OFF": users().stat_update(StatUpdate::Off);

        "JOB CREATE": users().format(Csv::new()).create_job("load_users".parse().unwrap());
        "JOB CREATE AUTO OFF":
            users().format(Json::auto()).gzip().create_job("load_users".parse().unwrap()).auto_off();

        "the last call counts":
            users()
                .format(Csv::new().ignore_header(1).ignore_header(2))
                .max_error(100_001)
                .max_error(5)
                .gzip()
                .zstd();
        "a staging load":
            copy(orders::table)
                .from(s3("orders/2026.manifest"))
                .iam_role(IamRole::Default)
                .format(
                    Csv::new()
                        .quote('"')
                        .delimiter(',')
                        .null_as("NULL")
                        .encoding(Encoding::Utf8)
                        .ignore_header(1)
                        .ignore_blank_lines()
                        .fill_record()
                        .accept_any_date()
                        .accept_inv_chars('?')
                        .blanks_as_null()
                        .empty_as_null()
                        .date_format("auto")
                        .time_format("auto")
                        .round_dec()
                        .trim_blanks()
                        .truncate_columns(),
                )
                .manifest()
                .region(Region::parse("eu-west-1").unwrap())
                .gzip()
                .max_error(10)
                .comp_update(CompUpdate::Off)
                .stat_update(StatUpdate::Off);
        "what an UNLOAD with ESCAPE and ADDQUOTES wrote":
            from(s3("users/manifest"))
                .format(Delimited::new().escape().remove_quotes().null_as("@NULL@").ignore_header(1))
                .manifest()
                .bzip2();
    }
}

#[test]
fn debug_query_shows_the_same_text_without_secrets() {
    let load = unauthorized().access_key(key());
    let shown = diesel::debug_query::<diesel_redshift::Redshift, _>(&load).to_string();
    assert_eq!(shown, format!("{} -- binds: []", load.to_sql().unwrap()));
    assert!(!shown.contains("wJalr"));
    assert!(!format!("{load:?}").contains("wJalr"));
    let sent = load.to_sql_with_secrets().unwrap();
    assert_eq!(
        sent,
        load.to_sql()
            .unwrap()
            .replace("'***'", "'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'")
    );
}
