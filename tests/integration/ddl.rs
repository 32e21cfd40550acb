//! Statements that define tables: the catalog afterwards is what was asked for.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Integer, Text};
use diesel_redshift::ddl::{
    Az64, Distributed, Grantee, RedshiftTable, RunLength, SchemaPrivilege, TablePrivilege, Zstd,
    alter_table, comment_on_column, create_materialized_view, create_schema, create_table,
    create_table_as, create_table_like, create_view, drop_materialized_view, drop_schema,
    drop_table, drop_view, grant, on_columns, on_schema, on_table, refresh_materialized_view,
    revoke,
};
use diesel_redshift::dsl::getdate;
use diesel_redshift::{Error, RedshiftConnection, error::TransactionError};
use diesel_redshift_tests::World;

diesel::table! {
    sales (id) {
        id -> BigInt,
        #[max_length = 40]
        name -> Text,
        code -> Nullable<Text>,
        amount -> Numeric,
        at -> Timestamp,
        paid -> Bool,
    }
}

diesel::table! {
    stage (id) {
        id -> BigInt,
        name -> Text,
        code -> Nullable<Text>,
        amount -> Numeric,
        at -> Timestamp,
        paid -> Bool,
    }
}

diesel::table! {
    #[sql_name = "Odd \"totals\""]
    totals (name) {
        #[sql_name = "select"]
        name -> Text,
        paid -> Bool,
    }
}

#[derive(QueryableByName, Debug, PartialEq)]
struct Column {
    #[diesel(sql_type = Text)]
    column: String,
    #[diesel(sql_type = Text, column_name = "type")]
    kind: String,
    #[diesel(sql_type = Text)]
    encoding: String,
    #[diesel(sql_type = Bool)]
    distkey: bool,
    #[diesel(sql_type = Integer)]
    sortkey: i32,
    #[diesel(sql_type = Bool)]
    notnull: bool,
}

fn columns(conn: &mut RedshiftConnection, table: &str) -> Vec<String> {
    let columns: Vec<Column> = diesel::sql_query(
        "SELECT \"column\", type, TRIM(encoding) AS encoding, distkey, sortkey, \"notnull\" \
         FROM pg_table_def WHERE tablename = $1",
    )
    .bind::<Text, _>(table)
    .load(conn)
    .unwrap();
    columns
        .iter()
        .map(|column| {
            format!(
                "{} {} {}{}{}{}",
                column.column,
                column.kind,
                column.encoding,
                if column.distkey { " distkey" } else { "" },
                match column.sortkey {
                    0 => String::new(),
                    at => format!(" sort {at}"),
                },
                if column.notnull { " not null" } else { "" },
            )
        })
        .collect()
}

fn create_sales() -> diesel_redshift::ddl::CreateTable<sales::table> {
    create_table(sales::table)
        .column(sales::id, |id| id.identity(10, 10).encode(Az64))
        .column(sales::name, |name| {
            name.varchar_of_max_length().encode(Zstd)
        })
        .column(sales::code, |code| code.char(2).default("no").encode(Zstd))
        .column(sales::amount, |amount| amount.decimal(12, 2).encode(Az64))
        .column(sales::at, |at| at.default(getdate()).encode(Az64))
        .column(sales::paid, |paid| paid.default(false).encode(RunLength))
        .primary_key((sales::id,))
        .dist_key(sales::id)
        .sort_key((sales::at, sales::id))
}

const SALES: [&str; 6] = [
    "id bigint az64 distkey sort 2 not null",
    "name character varying(40) zstd not null",
    "code character(2) zstd",
    "amount numeric(12,2) az64 not null",
    "at timestamp without time zone az64 sort 1 not null",
    "paid boolean runlength not null",
];

#[test]
fn a_table_is_what_was_asked_for() {
    let world = World::new();
    let mut conn = world.connect();
    create_sales().execute(&mut conn).unwrap();
    assert_eq!(columns(&mut conn, "sales"), SALES);

    diesel::insert_into(sales::table)
        .values((
            sales::name.eq("a"),
            sales::amount.eq(bigdecimal::BigDecimal::from(1)),
        ))
        .execute(&mut conn)
        .unwrap();
    let row: (i64, Option<String>, bool) = sales::table
        .select((sales::id, sales::code, sales::paid))
        .first(&mut conn)
        .unwrap();
    assert_eq!(row.1.as_deref(), Some("no"));
    assert!(!row.2);

    let error = create_sales().execute(&mut conn).unwrap_err();
    assert_eq!(error.to_string(), "relation \"sales\" already exists");
    create_sales().if_not_exists().execute(&mut conn).unwrap();
    drop_table(sales::table).execute(&mut conn).unwrap();
    drop_table(sales::table)
        .if_exists()
        .execute(&mut conn)
        .unwrap();
    assert!(columns(&mut conn, "sales").is_empty());
}

/// What was sold,
/// and to whom it's not told
#[derive(RedshiftTable)]
#[diesel(table_name = sales)]
#[allow(dead_code)]
struct Sale {
    #[redshift(identity(10, 10), encode = az64, dist_key, sort_key = 2, primary_key)]
    id: i64,
    #[redshift(varchar, encode = zstd)]
    name: String,
    #[redshift(char = 2, default = "'no'", encode = zstd)]
    code: Option<String>,
    #[redshift(decimal(12, 2), encode = az64)]
    amount: bigdecimal::BigDecimal,
    #[redshift(default = getdate(), encode = az64, sort_key = 1)]
    #[diesel(column_name = at)]
    sold_at: chrono::NaiveDateTime,
    #[diesel(embed)]
    payment: Payment,
}

#[derive(RedshiftTable)]
#[diesel(table_name = sales)]
#[allow(dead_code)]
struct Payment {
    /// Whether it's paid
    #[redshift(default = false, encode = runlength)]
    paid: bool,
}

#[test]
fn a_struct_defines_the_same_table() {
    let world = World::new();
    let mut conn = world.connect();
    assert_eq!(
        Sale::create_table().to_sql().unwrap(),
        create_sales().to_sql().unwrap()
    );
    Sale::create_table().execute(&mut conn).unwrap();
    assert_eq!(columns(&mut conn, "sales"), SALES);
}

mod renamed {
    pub(super) use diesel_redshift::*;
}

/// The fields and the expressions come from elsewhere than the struct.
macro_rules! defined_elsewhere {
    ($name:ident { $($field:ident: $default:expr),* }) => {
        #[derive(RedshiftTable)]
        #[diesel(table_name = sales)]
        #[redshift(crate = renamed)]
        #[allow(dead_code)]
        struct $name {
            $(
                /// From elsewhere
                #[redshift(encode = raw, default = $default)]
                $field: bool,
            )*
            #[redshift(varchar, default = "'x'::varchar(40)", case_sensitive)]
            name: String,
            #[redshift(default = "(getdate())")]
            at: chrono::NaiveDateTime,
        }
    };
}

defined_elsewhere!(Elsewhere { paid: true });

#[test]
fn a_struct_of_a_macro_knows_the_crate_by_its_name() {
    let sql = Elsewhere::create_table()
        .column(sales::amount, |amount| amount.decimal(5, 2))
        .column(sales::code, |code| code.char(1))
        .to_sql()
        .unwrap();
    for part in [
        "\"paid\" BOOLEAN DEFAULT TRUE ENCODE raw NOT NULL",
        "\"name\" VARCHAR(40) DEFAULT 'x'::varchar(40) COLLATE CASE_SENSITIVE NOT NULL",
        "\"at\" TIMESTAMP DEFAULT (getdate()) NOT NULL",
    ] {
        assert!(sql.contains(part), "{sql}");
    }
    assert_eq!(
        Elsewhere::comments()[0].to_sql().unwrap(),
        "COMMENT ON COLUMN \"sales\".\"paid\" IS 'From elsewhere'"
    );
    let error = create_table(sales::table)
        .column(sales::name, |name| name.varchar(1))
        .column(sales::code, |code| code.char(1))
        .column(sales::amount, |amount| amount.decimal(5, 2))
        .column(sales::paid, |paid| paid.default_sql("TRUE, x INTEGER"))
        .to_sql()
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "invalid DEFAULT of the column \"paid\": \"TRUE, x INTEGER\"; \
         expected one SQL expression, such as `getdate()` or `'text'`"
    );
}

#[test]
fn tables_are_made_of_tables_and_queries() {
    let world = World::new();
    let mut conn = world.connect();
    create_sales().execute(&mut conn).unwrap();
    create_table_like(stage::table, sales::table)
        .temporary()
        .execute(&mut conn)
        .unwrap();
    let like = columns(&mut conn, "stage");
    assert_eq!(like.len(), 6);
    assert!(
        like[1].starts_with("name character varying(40)"),
        "{like:?}"
    );

    conn.batch_execute("INSERT INTO sales (name, amount) VALUES ('O''Brien', 1), ('x', 2)")
        .unwrap();
    let query = sales::table
        .filter(sales::name.eq("O'Brien"))
        .select((sales::name, sales::paid));
    create_table_as(totals::table, query)
        .dist_key(totals::name)
        .sort_key((totals::paid,))
        .execute(&mut conn)
        .unwrap();
    let found: Vec<(String, bool)> = totals::table.load(&mut conn).unwrap();
    assert_eq!(found, [("O'Brien".to_owned(), false)]);
    let made = columns(&mut conn, "odd \"totals\"");
    assert!(
        made[0].starts_with("select character varying(40)"),
        "{made:?}"
    );
    assert!(made[0].contains("distkey"), "{made:?}");
}

#[test]
fn definitions_join_a_transaction_or_refuse_it() {
    let world = World::new();
    let mut conn = world.connect();
    let outcome = conn.transaction(|conn| -> Result<(), Error> {
        create_sales().execute(conn)?;
        alter_table(sales::table).dist_all().execute(conn)?;
        alter_table(sales::table)
            .widen(sales::name, 80)
            .execute(conn)
    });
    let Err(Error::Transaction(TransactionError::InTransaction { statement, .. })) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(statement, "ALTER TABLE ALTER COLUMN TYPE");
    assert!(columns(&mut conn, "sales").is_empty());

    let outcome = conn
        .build_transaction()
        .read_only()
        .run(|conn| create_sales().execute(conn));
    assert_eq!(
        outcome.unwrap_err().to_string(),
        "cannot execute CREATE TABLE in a read-only transaction"
    );
}

#[test]
fn tables_are_altered() {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute(
        "CREATE TABLE sales (id BIGINT NOT NULL, label VARCHAR(40) NOT NULL, surplus INTEGER, amount DECIMAL(12, 2) NOT NULL,
         at TIMESTAMP NOT NULL, paid BOOLEAN NOT NULL)",
    )
    .unwrap();
    let alter = || alter_table(sales::table);
    alter()
        .add_column(sales::code, |code| code.char(2).encode(Zstd))
        .execute(&mut conn)
        .unwrap();
    alter()
        .rename_column("label", sales::name)
        .execute(&mut conn)
        .unwrap();
    alter().drop_column("surplus").execute(&mut conn).unwrap();
    alter().widen(sales::name, 80).execute(&mut conn).unwrap();
    alter()
        .encode(sales::name, Zstd)
        .encode(sales::amount, Az64)
        .execute(&mut conn)
        .unwrap();
    alter().dist_key(sales::id).execute(&mut conn).unwrap();
    alter()
        .sort_key((sales::at, sales::id))
        .execute(&mut conn)
        .unwrap();
    alter()
        .add_primary_key((sales::id,))
        .execute(&mut conn)
        .unwrap();
    alter()
        .drop_constraint("sales_pkey")
        .execute(&mut conn)
        .unwrap();
    let mut found = columns(&mut conn, "sales");
    found.sort();
    for expected in [
        "amount numeric(12,2) az64 not null",
        "code character(2) zstd",
        "id bigint",
        "name character varying(80) zstd not null",
    ] {
        assert!(
            found.iter().any(|column| column.starts_with(expected)),
            "{expected}: {found:?}"
        );
    }
    assert!(
        found
            .iter()
            .any(|column| column.starts_with("id ") && column.contains("distkey sort 2")),
        "{found:?}"
    );
    alter().rename_to("sold").execute(&mut conn).unwrap();
    assert!(columns(&mut conn, "sales").is_empty());
    assert_eq!(columns(&mut conn, "sold").len(), 6);
}

#[derive(QueryableByName)]
struct One {
    #[diesel(sql_type = diesel::sql_types::Nullable<Text>)]
    value: Option<String>,
}

fn value(conn: &mut RedshiftConnection, sql: &str) -> Option<String> {
    let one: One = diesel::sql_query(sql).get_result(conn).unwrap();
    one.value
}

#[test]
fn documentation_becomes_comments() {
    let world = World::new();
    let mut conn = world.connect();
    Sale::create_table().execute(&mut conn).unwrap();
    for comment in Sale::comments() {
        comment.execute(&mut conn).unwrap();
    }
    let of_table = "SELECT OBJ_DESCRIPTION('sales'::regclass) AS value";
    assert_eq!(
        value(&mut conn, of_table).as_deref(),
        Some("What was sold,\nand to whom it's not told")
    );
    let of_column = "SELECT COL_DESCRIPTION('sales'::regclass, 6) AS value";
    assert_eq!(
        value(&mut conn, of_column).as_deref(),
        Some("Whether it's paid")
    );
    comment_on_column(sales::table, sales::paid, None)
        .execute(&mut conn)
        .unwrap();
    assert_eq!(value(&mut conn, of_column), None);
}

#[test]
fn views_are_read_by_a_table_of_their_own() {
    let world = World::new();
    let mut conn = world.connect();
    create_sales().execute(&mut conn).unwrap();
    conn.batch_execute("INSERT INTO sales (name, amount) VALUES ('O''Brien', 1), ('x', 2)")
        .unwrap();
    let query = || {
        sales::table
            .filter(sales::name.eq("O'Brien"))
            .select((sales::name, sales::paid))
    };
    create_view(totals::table, query())
        .execute(&mut conn)
        .unwrap();
    create_view(totals::table, query())
        .or_replace()
        .execute(&mut conn)
        .unwrap();
    let found: Vec<(String, bool)> = totals::table.load(&mut conn).unwrap();
    assert_eq!(found, [("O'Brien".to_owned(), false)]);
    // The view depends on the table.
    drop_table(sales::table).execute(&mut conn).unwrap_err();
    drop_view(totals::table).execute(&mut conn).unwrap();

    create_materialized_view(totals::table, query())
        .dist_key(totals::name)
        .execute(&mut conn)
        .unwrap();
    conn.batch_execute("INSERT INTO sales (name, amount) VALUES ('O''Brien', 1)")
        .unwrap();
    assert_eq!(
        totals::table.count().get_result::<i64>(&mut conn).unwrap(),
        1
    );
    refresh_materialized_view(totals::table)
        .execute(&mut conn)
        .unwrap();
    assert_eq!(
        totals::table.count().get_result::<i64>(&mut conn).unwrap(),
        2
    );
    drop_materialized_view(totals::table)
        .execute(&mut conn)
        .unwrap();
}

#[test]
fn privileges_are_granted_and_revoked() {
    let world = World::new();
    let mut conn = world.connect();
    create_sales().execute(&mut conn).unwrap();
    create_schema("archive")
        .if_not_exists()
        .execute(&mut conn)
        .unwrap();
    let select = || on_table(sales::table, &[TablePrivilege::Select]);
    for statement in [
        grant(select(), Grantee::Public),
        grant(
            on_columns(sales::table, (sales::id,), &[TablePrivilege::Update]),
            Grantee::Public,
        ),
        grant(
            on_schema("archive", &[SchemaPrivilege::Usage]),
            Grantee::Public,
        ),
    ] {
        statement.execute(&mut conn).unwrap();
    }
    let acl = "SELECT ARRAY_TO_STRING(relacl, ' ') AS value FROM pg_class WHERE relname = 'sales'";
    assert!(value(&mut conn, acl).unwrap_or_default().contains("=r/"));
    revoke(select(), Grantee::Public)
        .execute(&mut conn)
        .unwrap();
    assert!(!value(&mut conn, acl).unwrap_or_default().contains(" =r/"));
    drop_schema("archive").cascade().execute(&mut conn).unwrap();
}
