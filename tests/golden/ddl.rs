//! Statements that define tables.

use diesel::prelude::*;
use diesel_redshift::ddl::*;
use diesel_redshift::dsl::sysdate;
use diesel_redshift::{IamRole, S3Uri, aws::Region};

use crate::schema::users;
use crate::statements;

diesel::table! {
    use diesel::sql_types::*;
    use diesel_redshift::sql_types::*;

    everything (id) {
        id -> BigInt,
        number -> Integer,
        small -> SmallInt,
        price -> Nullable<Numeric>,
        yes -> Bool,
        #[max_length = 300]
        name -> Text,
        code -> Nullable<Text>,
        bytes -> Binary,
        key -> Uuid,
        day -> Date,
        time -> Time,
        timetz -> Timetz,
        at -> Timestamp,
        instant -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use diesel_redshift::sql_types::*;

    spans (months) {
        months -> IntervalYearToMonth,
        seconds -> IntervalDayToSecond,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use diesel_redshift::sql_types::*;

    rare (real) {
        real -> Float,
        double -> Nullable<Double>,
        body -> Nullable<Super>,
        shape -> Nullable<Geometry>,
        place -> Nullable<Geography>,
        sketch -> Nullable<HllSketch>,
    }
}

diesel::table! {
    #[sql_name = "Odd \"copy\""]
    warehouse.odd_copy (id) {
        id -> BigInt,
        #[sql_name = "select"]
        name -> Text,
    }
}

diesel::table! {
    lines (order, position) {
        order -> BigInt,
        position -> Integer,
    }
}

#[derive(RedshiftTable)]
#[diesel(table_name = users)]
#[redshift(sort = auto, backup = no)]
#[allow(dead_code)]
struct User {
    #[redshift(identity_by_default(100, 5), dist_key, primary_key)]
    id: i64,
    #[redshift(varchar = 20, encode = text255, default = "'nobody'")]
    name: String,
}

#[derive(RedshiftTable)]
#[diesel(table_name = lines)]
#[allow(dead_code)]
struct Line {
    #[redshift(sort_key = 2, encode = az64)]
    order: i64,
    #[redshift(sort_key = 1, default = 1 + 1)]
    position: i32,
}

diesel::table! {
    lake.events (id) {
        id -> BigInt,
        #[max_length = 100]
        name -> Nullable<Text>,
        price -> Numeric,
        yes -> Bool,
        at -> Timestamp,
        day -> Date,
        region -> Text,
    }
}

diesel::table! {
    lake.spans_of_time (id) {
        id -> BigInt,
        instant -> Timestamptz,
    }
}

diesel::table! {
    wide (a) {
        a -> Text, b -> Text, c -> Text, d -> Text, e -> Text, f -> Text, g -> Text, h -> Text,
        i -> Text, j -> Text, k -> Text, l -> Text, m -> Text, n -> Text, o -> Text, p -> Text,
    }
}

const SECRET: &str = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop";

fn role() -> IamRole {
    "arn:aws:iam::123456789012:role/Spectrum".parse().unwrap()
}

fn files() -> S3Uri {
    S3Uri::parse("s3://bucket/events/").unwrap()
}

fn external(format: ExternalFormat) -> CreateExternalTable<events::table> {
    create_external_table(events::table, format, files())
        .column(events::name, |name| name.varchar_of_max_length())
        .column(events::price, |price| price.decimal(12, 2))
        .column(events::region, |region| region.char(2))
}

/// Fifteen columns of 4,096 bytes, and one of `last`.
fn widest(last: u32) -> CreateTable<wide::table> {
    macro_rules! wide {
        ($($column:ident)*) => {
            create_table(wide::table)$(.column(wide::$column, |column| column.char(4_096)))*
        };
    }
    wide!(a b c d e f g h i j k l m n o).column(wide::p, |column| column.char(last))
}

pub(crate) fn statements() -> crate::Statements {
    let everything = || {
        create_table(everything::table)
            .column(everything::id, |id| id.identity(1, 1).encode(Az64))
            .column(everything::number, |number| {
                number.default(7).encode(Mostly16)
            })
            .column(everything::price, |price| {
                price.decimal(38, 37).encode(Zstd)
            })
            .column(everything::yes, |yes| yes.default(false).encode(RunLength))
            .column(everything::name, |name| {
                name.varchar_of_max_length().encode(Lzo).default("it's \\")
            })
            .column(everything::code, |code| code.char(2).default(None::<&str>))
            .column(everything::bytes, |bytes| bytes.varbyte(1_024_000))
            .column(everything::day, |day| day.encode(Delta32k))
            .column(everything::at, |at| at.default(sysdate()).encode(Delta))
            .column(everything::instant, |instant| instant.encode(Raw))
    };
    let lines = || create_table(lines::table);
    statements! {
        "CREATE TABLE with all types": everything();
        "CREATE TABLE with intervals": create_table(spans::table);
        "CREATE TABLE with rare types": create_table(rare::table).column(rare::real, |real| real.encode(ByteDict)).column(rare::body, |body| body.encode(Zstd));
        "CREATE TABLE with keys": everything().if_not_exists().primary_key((everything::id,)).unique((everything::name, everything::day))
            .foreign_key((everything::id,), users::table, (users::id,)).dist_key(everything::id).sort_key((everything::at, everything::id));
        "CREATE TABLE DISTSTYLE EVEN": lines().dist_even().interleaved_sort_key((lines::order, lines::position)).no_backup();
        "CREATE TABLE DISTSTYLE ALL": lines().dist_all().sort_auto();
        "CREATE TABLE DISTSTYLE AUTO": lines().dist_auto();
        "CREATE TABLE of odd names": create_table(odd_copy::table).column(odd_copy::name, |name| name.varchar(65_535).case_sensitive());
        "CREATE TABLE COLLATE": create_table(users::table).column(users::name, |name| name.varchar(20).case_insensitive());
        "CREATE TEMPORARY TABLE": lines().temporary();
        "CREATE TABLE of a struct": User::create_table();
        "CREATE TABLE of a struct with a sort key": Line::create_table().if_not_exists();
        "CREATE TABLE AS": create_table_as(odd_copy::table, users::table.filter(users::name.eq("O'Brien"))).dist_key(odd_copy::id).sort_key((odd_copy::name,));
        "CREATE TEMPORARY TABLE AS": create_table_as(users::table, odd_copy::table.order(odd_copy::id)).temporary().dist_even();
        "CREATE TABLE LIKE": create_table_like(odd_copy::table, users::table).if_not_exists().including_defaults();
        "CREATE TEMPORARY TABLE LIKE": create_table_like(users::table, odd_copy::table).temporary();
        "DROP TABLE": drop_table(odd_copy::table);
        "DROP TABLE IF EXISTS": drop_table(users::table).if_exists().cascade();
        "ALTER TABLE ADD COLUMN": alter_table(users::table).add_column(users::name, |name| name.varchar(9).default("x").encode(Zstd));
        "ALTER TABLE DROP COLUMN": alter_table(users::table).drop_column("old \"name\"");
        "ALTER TABLE DROP COLUMN CASCADE": alter_table(users::table).drop_column_cascade("name");
        "ALTER TABLE RENAME COLUMN": alter_table(odd_copy::table).rename_column("name", odd_copy::name);
        "ALTER TABLE ALTER COLUMN TYPE": alter_table(users::table).widen(users::name, 300);
        "ALTER TABLE ALTER COLUMN ENCODE": alter_table(users::table).encode(users::name, Zstd).encode(users::id, Az64);
        "ALTER TABLE ALTER ENCODE AUTO": alter_table(users::table).encode_auto();
        "ALTER TABLE ALTER DISTSTYLE": alter_table(users::table).dist_all();
        "ALTER TABLE ALTER DISTSTYLE EVEN": alter_table(users::table).dist_even();
        "ALTER TABLE ALTER DISTSTYLE AUTO": alter_table(users::table).dist_auto();
        "ALTER TABLE ALTER DISTKEY": alter_table(users::table).dist_key(users::id);
        "ALTER TABLE ALTER SORTKEY": alter_table(users::table).sort_key((users::name, users::id));
        "ALTER TABLE ALTER SORTKEY AUTO": alter_table(users::table).sort_auto();
        "ALTER TABLE ALTER SORTKEY NONE": alter_table(users::table).sort_none();
        "ALTER TABLE OWNER TO": alter_table(users::table).owner_to("O'Brien \"x\"");
        "ALTER TABLE RENAME TO": alter_table(users::table).rename_to("people");
        "ALTER TABLE ADD PRIMARY KEY": alter_table(users::table).add_primary_key((users::id,));
        "ALTER TABLE ADD UNIQUE": alter_table(users::table).add_unique((users::id, users::name));
        "ALTER TABLE ADD FOREIGN KEY": alter_table(lines::table).add_foreign_key((lines::order,), users::table, (users::id,));
        "ALTER TABLE DROP CONSTRAINT": alter_table(users::table).drop_constraint("users_pkey");
        "CREATE VIEW": create_view(users::table, odd_copy::table.filter(odd_copy::name.ne("it's")));
        "CREATE OR REPLACE VIEW": create_view(users::table, odd_copy::table).or_replace();
        "CREATE VIEW WITH NO SCHEMA BINDING": create_view(users::table, odd_copy::table.filter(odd_copy::id.gt(7))).late_binding();
        "DROP VIEW": drop_view(users::table).if_exists().cascade();
        "CREATE MATERIALIZED VIEW": create_materialized_view(odd_copy::table, users::table).auto_refresh().dist_key(odd_copy::id).sort_key((odd_copy::name,));
        "CREATE MATERIALIZED VIEW without options": create_materialized_view(odd_copy::table, users::table).no_backup();
        "REFRESH MATERIALIZED VIEW": refresh_materialized_view(odd_copy::table);
        "DROP MATERIALIZED VIEW": drop_materialized_view(odd_copy::table);
        "CREATE SCHEMA": create_schema("sales").if_not_exists().authorization("bob").quota_megabytes(1);
        "CREATE SCHEMA QUOTA UNLIMITED": create_schema("select").quota_unlimited();
        "DROP SCHEMA": drop_schema("sales").if_exists().cascade();
        "COMMENT ON TABLE": comment_on_table(odd_copy::table, Some("it's a \\"));
        "COMMENT ON COLUMN": comment_on_column(odd_copy::table, odd_copy::name, None);
        "COMMENT ON VIEW": comment_on_view(users::table, Some(""));
        "GRANT ON TABLE": grant(on_table(users::table, &[TablePrivilege::Select, TablePrivilege::Delete]), Grantee::User("o'neil".to_owned()));
        "GRANT on columns": grant(on_columns(users::table, (users::id, users::name), &[TablePrivilege::Select, TablePrivilege::Update]), Grantee::Role("reader".to_owned()));
        "GRANT ON SCHEMA": grant(on_schema("sales", &[SchemaPrivilege::Usage, SchemaPrivilege::Create]), Grantee::Group("staff".to_owned()));
        "REVOKE": revoke(on_table(odd_copy::table, &[TablePrivilege::Truncate]), Grantee::Public);
    }
}

/// What is refused before anything is sent.
#[test]
fn refused_definitions() {
    macro_rules! refused {
        ($($statement:expr => $message:literal;)*) => {$(
            let error = $statement.to_sql().expect_err(stringify!($statement));
            assert_eq!(error.to_string(), $message);
        )*};
    }
    let users = || create_table(users::table);
    refused! {
        users() => "invalid type of the column \"name\": TEXT without a length; expected VARCHAR or CHAR with one, since Redshift makes TEXT a VARCHAR(256)";
        users().column(users::name, |name| name.varchar(65_536)) => "invalid VARCHAR of the column \"name\": 65536; expected 1 to 65535 bytes";
        users().column(users::name, |name| name.char(0)) => "invalid CHAR of the column \"name\": 0; expected 1 to 4096 bytes";
        users().column(users::name, |name| name.char(3).encode(Text32k)) => "invalid ENCODE of the column \"name\": text32k; expected for CHAR: raw, bytedict, lzo, runlength, zstd";
        users().column(users::id, |id| id.default(1_i64).identity(1, 1)) => "invalid DEFAULT of the column \"id\": IDENTITY too; expected one of the two";
        create_table(lines::table).column(lines::order, |c| c.identity(1, 1)).column(lines::position, |c| c.identity(1, 1)) => "invalid IDENTITY of the column \"position\": a second one; expected one in a table";
        create_table(everything::table).column(everything::price, |price| price.decimal(5, 6)) => "invalid scale of DECIMAL of the column \"price\": 6; expected 0 to 5 digits";
        create_table(lines::table).primary_key((lines::order,)).primary_key((lines::position,)) => "invalid PRIMARY KEY: a second one; expected one in a table";
        create_table(odd_copy::table).temporary() => "invalid name of a temporary table: \"warehouse\".\"Odd \"\"copy\"\"\"; expected a name without a schema, as no temporary table has one";
        create_view(odd_copy::table, users::table).late_binding() => "invalid table of a late-binding view: \"users\"; expected a table with its schema: `table! { schema.name { … } }`";
        create_schema("s").quota_megabytes(0) => "invalid QUOTA: 0 MB; expected 1 MB or more";
        grant(on_columns(users::table, (users::id,), &[TablePrivilege::Drop]), Grantee::Public) => "invalid privilege on columns: DROP; expected SELECT or UPDATE";
        grant(on_table(users::table, &[]), Grantee::Public) => "invalid privileges: none; expected one or more";
        comment_on_table(users::table, Some("\0")) => "invalid text: not shown, since it may hold a secret; expected no NUL character (0x00), which Redshift cannot hold; there is one at byte 0";
        alter_table(users::table).drop_column("") => "invalid identifier: \"\"; expected 1 to 127 bytes, after which Redshift would cut it silently";
    }
}

#[test]
fn refused_users_and_external_tables() {
    macro_rules! refused {
        ($($statement:expr => $message:literal;)*) => {$(
            let error = $statement.to_sql().expect_err(stringify!($statement)).to_string();
            assert!(error.starts_with($message), "{error}");
        )*};
    }
    let ada = || alter_user("ada");
    let shop = || create_external_schema("shop");
    refused! {
        create_user("ada") => "invalid PASSWORD: none; expected `password`";
        create_user("Public").password_disable() => "invalid name of a user, group or role: \"Public\"; expected a name other than `public`";
        create_user("").password_disable() => "invalid identifier: \"\"; expected 1 to 127 bytes";
        create_user("ada").password_disable().superuser() => "invalid PASSWORD: DISABLE for a superuser";
        ada() => "invalid ALTER USER: nothing to change";
        ada().in_group("staff") => "invalid IN GROUP: of a user that exists";
        ada().valid_until(" ") => "invalid VALID UNTIL: \" \"";
        ada().connection_limit(2_147_483_648) => "invalid CONNECTION LIMIT: 2147483648; expected 0 to 2147483647";
        ada().session_timeout(59) => "invalid SESSION TIMEOUT: 59; expected 60 to 1728000 seconds";
        ada().session_timeout(1_728_001) => "invalid SESSION TIMEOUT: 1728001";
        drop_user("public") => "invalid name of a user, group or role";
        create_role("public") => "invalid name of a user, group or role";
        create_group("") => "invalid identifier";
        alter_group("staff").add_user("a\0") => "invalid identifier";
        grant_role("reader", Grantee::Public) => "invalid who has a role: PUBLIC; expected a user or another role";
        revoke_role("reader", Grantee::Group("staff".to_owned())) => "invalid who has a role: a group";
        grant_role("reader", Grantee::User("public".to_owned())) => "invalid name of a user, group or role";
        grant(on_schema("s", &[SchemaPrivilege::Usage]), Grantee::User("PUBLIC".to_owned())) => "invalid name of a user, group or role";
        shop().from_data_catalog("", role()) => "invalid DATABASE: \"\"; expected a name";
        shop().from_data_catalog("d", role()).port(1) => "invalid PORT: one of DATA CATALOG; expected one of a PostgreSQL or MySQL";
        shop().from_kinesis(role()).create_database() => "invalid CREATE EXTERNAL DATABASE: one of KINESIS";
        shop().from_mysql("d", "h", SECRET, role()).source_schema("s") => "invalid SCHEMA: one of MYSQL";
        shop().from_mysql("d", "h", SECRET, role()).region(Region::parse("eu-west-1").unwrap()) => "invalid REGION: one of MYSQL";
        shop().from_postgres("d", "h", SECRET, role()).port(0) => "invalid PORT: 0; expected 1 to 65535";
        shop().from_postgres("d", "app:hunter2@h", SECRET, role()) => "invalid URI: not shown";
        shop().from_postgres("d", "h", "hunter2", role()) => "invalid SECRET_ARN: not shown";
        create_external_table(lines::table, ExternalFormat::Csv, files()) => "invalid name of an external table: \"lines\"";
        create_external_table(spans_of_time::table, ExternalFormat::Csv, files()) => "invalid type of the column \"instant\": TIMESTAMPTZ";
        external(ExternalFormat::Delimited('\n')) => "invalid FIELDS TERMINATED BY: '\\n'";
        external(ExternalFormat::Delimited('é')) => "invalid FIELDS TERMINATED BY: 'é'";
        external(ExternalFormat::Csv).partitioned_by((events::region, events::day)) => "invalid PARTITIONED BY: region, day; expected the last columns";
        external(ExternalFormat::Csv).partitioned_by((events::id,)) => "invalid PARTITIONED BY: id; expected the last columns";
        external(ExternalFormat::Csv).column(events::yes, |yes| yes.default(true)) => "invalid DEFAULT of the column \"yes\": set";
        add_partition(events::table, files()) => "invalid PARTITION: no value";
        drop_partition(events::table).of(events::id, 1_i64).of(events::id, 2_i64) => "invalid PARTITION: \"id\" twice";
        drop_partition(events::table).of(events::id, events::id + 1_i64) => "invalid value of a partition: ";
        drop_partition(events::table).of(events::yes, true) => "invalid value of a partition: TRUE";
        drop_partition(events::table).of(events::name, None::<&str>) => "invalid value of a partition: NULL";
        widest(4_096) => "invalid row: 65536 bytes in columns of a fixed width; expected 65535 or less";
        widest(70_000) => "invalid CHAR of the column \"p\": 70000; expected 1 to 4096 bytes";
    }
}

#[test]
fn a_password_is_checked_and_not_shown() {
    let digest = "0123456789abcdef".repeat(4);
    let longest = format!("Aa1{}", "x".repeat(61));
    let md5 = format!("md5{}", &digest[..32]);
    let sha256 = format!("sha256|{digest}|salt");
    for password in [
        "Secret1x",
        "Aa1!#$%&|~",
        &longest,
        &md5,
        &sha256,
        "sha256|Secret1x",
    ] {
        let create = create_user("ada").password(password);
        assert_eq!(
            create.to_sql().unwrap(),
            "CREATE USER \"ada\" PASSWORD '***'"
        );
        assert!(!format!("{create:?} {create:#?}").contains(password));
        let sql = format!("CREATE USER \"ada\" PASSWORD '{password}'");
        assert_eq!(create.to_sql_with_secrets().unwrap(), sql);
    }
    let too_long = format!("{longest}x");
    let salt = format!("sha256|{digest}|");
    for password in [
        "",
        "Secre1x",
        &too_long,
        "secret1x",
        "SECRET1X",
        "Secretxx",
        "Secret 1x",
        "Secret1'",
        "Secret1\"",
        "Secret1\\",
        "Secret1/",
        "Secret1@",
        "Secret1é",
        "Secret1\0",
        "md5secret",
        &md5[..34],
        "sha256|secret",
        &salt,
    ] {
        let create = create_user("ada").password(password);
        let error = create.to_sql_with_secrets().unwrap_err();
        assert_eq!(error.to_string(), create.to_sql().unwrap_err().to_string());
        let shown = format!("{error} {error:?} {create:?}");
        assert!(shown.contains("invalid PASSWORD: not shown"), "{shown}");
        assert!(password.is_empty() || !shown.contains(password), "{shown}");
    }
}

#[test]
fn a_primary_key_that_can_be_null_is_refused() {
    let create = create_table(everything::table)
        .column(everything::name, |name| name.varchar_of_max_length())
        .column(everything::code, |code| code.char(2))
        .column(everything::price, |price| price.decimal(5, 2))
        .primary_key((everything::code,));
    assert_eq!(
        create.to_sql().unwrap_err().to_string(),
        "invalid PRIMARY KEY: \"code\", which can be NULL; expected columns that cannot"
    );
}

#[test]
fn a_name_that_redshift_would_cut_is_refused() {
    let name = "n".repeat(128);
    create_schema(&name[1..]).to_sql().unwrap();
    let error = create_schema(&name).to_sql().unwrap_err().to_string();
    assert!(error.contains("expected 1 to 127 bytes"), "{error}");
}

/// A NULL is written without its type, which the column has; what only begins with one is written whole.
#[test]
fn a_default_that_begins_with_null() {
    use diesel::sql_types::{BigInt, Nullable};

    let is_null = None::<i64>.into_sql::<Nullable<BigInt>>().is_null();
    let sql = alter_table(everything::table)
        .add_column(everything::yes, |yes| yes.default(is_null))
        .to_sql()
        .unwrap();
    assert!(sql.contains(" DEFAULT (NULL::bigint IS NULL) "), "{sql}");
}
