//! Statements that define tables: the catalog afterwards is what was asked for.

mod catalog;
mod changes;
mod names;
mod refused;

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

#[derive(QueryableByName)]
struct One {
    #[diesel(sql_type = diesel::sql_types::Nullable<Text>)]
    value: Option<String>,
}

fn value(conn: &mut RedshiftConnection, sql: &str) -> Option<String> {
    let one: One = diesel::sql_query(sql).get_result(conn).unwrap();
    one.value
}
