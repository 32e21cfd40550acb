//! Statements that define tables: the catalog afterwards is what was asked for.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Integer, Text};
use diesel_redshift::ddl::{
    Az64, Distributed, RedshiftTable, RunLength, Zstd, alter_table, create_table, create_table_as,
    create_table_like, drop_table,
};
use diesel_redshift::dsl::getdate;
use diesel_redshift::{Error, RedshiftConnection, TransactionError};
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

#[derive(RedshiftTable)]
#[diesel(table_name = sales)]
#[allow(dead_code)]
struct Sale {
    #[redshift(identity(10, 10), encode = az64, dist_key, sort_key = 2, primary_key)]
    id: i64,
    #[redshift(varchar, encode = zstd)]
    name: String,
    #[redshift(char = 2, default = "\"no\"", encode = zstd)]
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
