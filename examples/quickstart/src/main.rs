//! The main job of diesel-redshift, on a local Redshift: migrate, load files from S3 with COPY in a transaction
//! that commits, query with Diesel, write results back to S3 with UNLOAD, send structs to a table and fetch them by files.
//!
//! `cargo run -p quickstart` tells what it does as it goes, checks it, and fails when a check does.

mod check;
mod seeds;

#[path = "../../../migrations/schema.rs"]
mod schema;

use std::error::Error;

use bigdecimal::BigDecimal;
use chrono::NaiveDate;
use diesel::connection::SimpleConnection;
use diesel::dsl::{count_star, sum};
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use diesel_redshift::copy::Delimited;
use diesel_redshift::store::FolderStore;
use diesel_redshift::unload::Csv;
use diesel_redshift::{
    IamRole, RedshiftConnection, RedshiftCopy, RedshiftMigrations, RedshiftUnload, S3Uri, copy,
    unload,
};
use redshift_sandbox::Sandbox;

use self::check::check;
use self::schema::{orders, users};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations");
const ROLE: &str = "arn:aws:iam::012345678901:role/Loader";

#[derive(Debug, PartialEq, Queryable, Selectable, Insertable, RedshiftCopy, RedshiftUnload)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
struct User {
    id: i64,
    name: String,
    note: Option<String>,
    joined_on: Option<NaiveDate>,
}

/// What a seed file of orders holds; the table numbers the rows itself.
#[derive(RedshiftCopy)]
#[diesel(table_name = orders)]
#[allow(dead_code)]
struct NewOrder {
    user_id: i64,
    item: String,
    amount: BigDecimal,
    ordered_at: chrono::NaiveDateTime,
}

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> Outcome {
    println!("1. A local Redshift");
    let sandbox = Sandbox::start()?;
    println!("   {}", sandbox.engine());
    seeds::put(sandbox.store())?;
    for uri in sandbox.store().list("s3://acme-seeds/")? {
        println!("   {uri}");
    }

    println!("2. Migrations create the tables and seed them from S3");
    let mut conn = RedshiftConnection::establish(&sandbox.url())?;
    let mut other = RedshiftConnection::establish(&sandbox.url())?;
    migrate(&mut conn)?;

    println!("3. A COPY that nobody commits is lost");
    copy_without_commit(&sandbox.url())?;
    check("a second connection sees none of it", count(&mut other)?, 5)?;

    println!("4. Run by this crate, COPY commits");
    copy_with_commit(&mut conn)?;
    check("a second connection sees it", count(&mut other)?, 6)?;

    println!("5. Queries are Diesel's");
    query(&mut conn)?;

    println!("6. UNLOAD writes a query's result to S3");
    unload_to_files(&mut conn, &sandbox)?;

    println!("7. 100,000 structs go to a table by COPY and come back by UNLOAD");
    rows_in_and_out(&mut conn, &sandbox)?;

    println!("Done: every check held.");
    Ok(())
}

fn migrate(conn: &mut RedshiftConnection) -> Outcome {
    let migrations = RedshiftMigrations::new()
        .sql(MIGRATIONS)
        .value("seed_bucket", "acme-seeds")
        .value("seed_prefix", "2026/")
        .value("seed_role", ROLE)
        .seed(
            "2026-01-03-000000_seed_orders",
            |conn| {
                let outcome = NewOrder::copy()
                    .from(S3Uri::parse("s3://acme-seeds/2026/orders")?)
                    .iam_role(ROLE)
                    .format(Delimited::new().delimiter('\t').escape())
                    .gzip()
                    .execute(conn)?;
                println!("   orders: {} rows", outcome.rows);
                Ok(())
            },
            |conn| {
                diesel::delete(orders::table).execute(conn)?;
                Ok(())
            },
        );
    conn.lock_migrations(|conn| {
        for version in conn.run_pending_migrations(migrations)? {
            println!("   ran {version}");
        }
        Ok(())
    })?;
    for notice in conn.take_notices() {
        println!("   {notice}");
    }
    check("users are seeded", count(conn)?, 5)?;
    let awkward: Vec<Option<String>> = users::table
        .select(users::note)
        .order(users::id)
        .load(conn)?;
    check("awkward text arrived whole", awkward, seeds::notes())
}

fn count(conn: &mut RedshiftConnection) -> QueryResult<i64> {
    users::table.count().get_result(conn)
}

fn late_user() -> Outcome<impl diesel::query_builder::QueryFragment<diesel_redshift::Redshift>> {
    Ok(User::copy()
        .from(S3Uri::parse("s3://acme-seeds/late/user.csv")?)
        .iam_role(ROLE)
        .format(copy::Csv::new().empty_as_null()))
}

fn copy_without_commit(url: &str) -> Outcome {
    let mut conn = RedshiftConnection::establish(url)?;
    let sql = diesel::debug_query::<diesel_redshift::Redshift, _>(&late_user()?).to_string();
    let sql = sql.split(" -- binds").next().unwrap_or_default();
    println!("   {sql}");
    conn.batch_execute("BEGIN")?;
    conn.batch_execute(sql)?;
    check(
        "within its transaction the row is there",
        count(&mut conn)?,
        6,
    )
}

fn copy_with_commit(conn: &mut RedshiftConnection) -> Outcome {
    let rows = conn.transaction(|conn| {
        let outcome = User::copy()
            .from(S3Uri::parse("s3://acme-seeds/late/user.csv")?)
            .iam_role(ROLE)
            .format(copy::Csv::new().empty_as_null())
            .execute(conn)?;
        for notice in &outcome.notices {
            println!("   {notice}");
        }
        Outcome::Ok(outcome.rows)
    })?;
    check("the outcome counts the rows", rows, 1)
}

fn query(conn: &mut RedshiftConnection) -> Outcome {
    let totals: Vec<(String, i64, Option<BigDecimal>)> = users::table
        .inner_join(orders::table)
        .group_by(users::name)
        .select((users::name, count_star(), sum(orders::amount)))
        .order(users::name)
        .load(conn)?;
    for (name, orders, total) in &totals {
        println!(
            "   {name}: {orders} orders, {}",
            total.clone().unwrap_or_default()
        );
    }
    check("the totals add up", totals, seeds::totals())
}

fn unload_to_files(conn: &mut RedshiftConnection, sandbox: &Sandbox) -> Outcome {
    // The filter's value ends up in a literal within a literal.
    let name = r"O'Brien \ Sons";
    let outcome = User::unload()
        .filter(users::name.eq(name))
        .to(S3Uri::parse("s3://acme-results/2026/users_")?)
        .iam_role(IamRole::Default)
        .format(Csv::new())
        .header()
        .parallel_off()
        .execute(conn)?;
    for notice in &outcome.notices {
        println!("   {notice}");
    }
    check("the outcome counts the rows", outcome.rows, 1)?;
    let files = sandbox.store().list("s3://acme-results/")?;
    check(
        "one file, named as Redshift names it",
        &files[..],
        &["s3://acme-results/2026/users_000".to_owned()][..],
    )?;
    let text = String::from_utf8(sandbox.store().get("s3://acme-results/2026/users_000")?)?;
    print!(
        "{}",
        text.lines()
            .map(|line| format!("   | {line}\n"))
            .collect::<String>()
    );
    check(
        "it holds the row",
        text.as_str(),
        "id,name,note,joined_on\n2,O'Brien \\ Sons,\"says \"\"hi\"\", twice\",2024-02-29\n",
    )
}

fn rows_in_and_out(conn: &mut RedshiftConnection, sandbox: &Sandbox) -> Outcome {
    let store = FolderStore::new(sandbox.store().path());
    let folder = S3Uri::parse("s3://acme-staging/users/")?;
    let members: Vec<User> = (1000..101_000)
        .map(|id| User {
            id,
            name: format!("member {id}"),
            note: (id % 3 > 0).then(|| "a note, \"quoted\"".repeat(id as usize % 3)),
            joined_on: NaiveDate::from_num_days_from_ce_opt(730_000 + id as i32 % 9000),
        })
        .collect();
    let loaded = copy(users::table)
        .from_insertable(&members)
        .through(&store, folder.clone())
        .iam_role(ROLE)
        .execute(conn)?;
    println!(
        "   {} rows, {} files, {} bytes of CSV in {} of Zstandard",
        loaded.rows, loaded.files, loaded.bytes, loaded.compressed_bytes
    );
    check("COPY counts every row", loaded.rows, 100_000)?;
    let query = users::table
        .filter(users::id.ge(1000))
        .select(User::as_select())
        .order(users::id);
    let back: Vec<User> = unload(query)
        .through(&store, folder)
        .iam_role(ROLE)
        .ordered()
        .load(conn)?;
    check("they come back as they went", back == members, true)?;
    let left = sandbox.store().list("s3://acme-staging/")?;
    check("and leave no file behind", left.len(), 0)
}
