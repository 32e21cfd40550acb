//! Building and printing a COPY with 20 options, and an UNLOAD of a four-table join with ten binds.
//!
//! `tests/benches/statements.py` compiles the same statements with sqlalchemy-redshift; `tests/benches/statements.sh`
//! runs both and tells the ratios.
#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;
use std::time::Instant;

use diesel::prelude::*;
use diesel_redshift::copy::{CompUpdate, Csv, Encoding, StatUpdate};
use diesel_redshift::unload::FileSize;
use diesel_redshift::{S3Uri, aws::Region, copy, unload};

diesel::table! { users { id -> BigInt, name -> Text, country -> Text, joined -> BigInt, } }
diesel::table! { orders { id -> BigInt, user_id -> BigInt, product_id -> BigInt, amount -> BigInt, state -> Text, } }
diesel::table! { products { id -> BigInt, title -> Text, maker_id -> BigInt, price -> BigInt, } }
diesel::table! { makers { id -> BigInt, title -> Text, country -> Text, } }
diesel::joinable!(orders -> users (user_id));
diesel::joinable!(orders -> products (product_id));
diesel::joinable!(products -> makers (maker_id));
diesel::allow_tables_to_appear_in_same_query!(users, orders, products, makers);

const ROLE: &str = "arn:aws:iam::012345678901:role/Loader";

fn copy_statement() -> String {
    copy(users::table)
        .from(S3Uri::parse("s3://bucket/prefix/users").unwrap())
        .iam_role(ROLE)
        .format(
            Csv::new()
                .quote('"')
                .delimiter(',')
                .null_as("@NULL@")
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
        .gzip()
        .max_error(10)
        .comp_update(CompUpdate::Off)
        .stat_update(StatUpdate::Off)
        .region(Region::parse("eu-central-1").unwrap())
        .to_sql()
        .unwrap()
}

fn unload_statement() -> String {
    let query = orders::table
        .inner_join(users::table)
        .inner_join(products::table.inner_join(makers::table))
        .filter(users::country.eq("Côte d'Ivoire"))
        .filter(users::joined.gt(20_200_101_i64))
        .filter(users::name.ne(r"back\slash"))
        .filter(orders::amount.between(1_i64, 1_000_i64))
        .filter(orders::state.eq_any(["paid", "sent"]))
        .filter(products::price.lt(500_i64))
        .filter(makers::country.eq("France"))
        .filter(makers::title.like("%&Co"))
        .select((orders::id, users::name, products::title, makers::title));
    unload(query)
        .to(S3Uri::parse("s3://bucket/prefix/orders_").unwrap())
        .iam_role(ROLE)
        .format(unload::Csv::new())
        .header()
        .gzip()
        .parallel_off()
        .max_file_size(FileSize::megabytes(100))
        .to_sql()
        .unwrap()
}

/// Microseconds for one call, the best of several rounds.
fn best(build: fn() -> String) -> f64 {
    const CALLS: u32 = 20_000;
    (0..7)
        .map(|_| {
            let start = Instant::now();
            for _ in 0..CALLS {
                black_box(build());
            }
            start.elapsed().as_secs_f64() * 1e6 / f64::from(CALLS)
        })
        .fold(f64::INFINITY, f64::min)
}

fn main() {
    eprintln!("{}\n{}", copy_statement(), unload_statement());
    println!("copy {:.3}", best(copy_statement));
    println!("unload {:.3}", best(unload_statement));
}
