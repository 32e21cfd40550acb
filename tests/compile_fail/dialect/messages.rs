//! What is written as for another database, or without what Redshift needs of it.

use diesel::dsl::{count, count_star};
use diesel::prelude::*;
use diesel_redshift::dsl::{date_trunc, datediff, DatePart};
use diesel_redshift::prelude::*;

diesel::table! {
    use diesel::sql_types::*;
    use diesel_redshift::sql_types::*;

    users (id) {
        id -> Integer,
        name -> Text,
        seen -> Timestamp,
        body -> Super,
    }
}

fn main() {
    let conn: &mut RedshiftConnection = todo!();
    // With GROUP BY it has to be boxed first.
    let _ = users::table
        .group_by(users::name)
        .select(users::name)
        .qualify(count_star().over().gt(1));
    // An expression as a key.
    let _ = users::table
        .group_by(date_trunc(DatePart::Month, users::seen))
        .select((date_trunc(DatePart::Month, users::seen), count(users::id)));
    // PostgreSQL's.
    users::table
        .order(users::name.desc().nulls_last())
        .select(users::id)
        .load::<i32>(conn);
    // A value whose SQL type is not said.
    let _ = users::table.select(datediff(DatePart::Day, users::seen, std::time::SystemTime::now()));
    // A SUPER is no text.
    let _ = users::table.filter(users::body.attribute("city").eq("Oslo"));
    // PostgreSQL's too.
    users::table
        .select(users::seen.at_time_zone("Europe/Oslo"))
        .load::<std::time::SystemTime>(conn);
    // Another than its types.
    let _ = users::table.select(users::seen.cast_to::<diesel::sql_types::Integer>());
}
