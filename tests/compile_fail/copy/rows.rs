//! Values of rows that no file can hold.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_redshift::copy;

diesel::table! {
    users {
        id -> BigInt,
        name -> Nullable<Text>,
    }
}

#[derive(Insertable)]
#[diesel(table_name = users)]
struct DefaultForNone {
    id: i64,
    name: Option<String>,
}

#[derive(Insertable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
struct NullForNone {
    id: i64,
    name: Option<String>,
}

fn none_would_be_default(rows: &[DefaultForNone]) {
    let _ = copy(users::table).from_insertable(rows);
}

fn none_of_a_tuple_would_be_default(name: Option<&str>) {
    let rows = vec![(users::id.eq(1), name.map(|name| users::name.eq(name)))];
    let _ = copy(users::table).from_insertable(rows);
}

fn an_expression() {
    let rows = vec![(users::id.eq(1), users::name.eq(sql::<Text>("getdate()::text").nullable()))];
    let _ = copy(users::table).from_insertable(rows);
}

fn another_column() {
    let _ = copy(users::table).from_insertable(vec![users::id.eq(users::id + 1)]);
}

fn a_query() {
    let name = users::table.select(users::name).single_value();
    let _ = copy(users::table).from_insertable(vec![(users::id.eq(1), users::name.eq(name))]);
}

fn all_of_these_are_values(rows: &[NullForNone], name: Option<&str>) {
    let _ = copy(users::table).from_insertable(rows);
    let _ = copy(users::table).from_insertable(vec![(users::id.eq(1), users::name.eq(name))]);
}

fn main() {}
