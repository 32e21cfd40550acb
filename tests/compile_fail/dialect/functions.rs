use diesel::prelude::*;

diesel::table! {
    users (id) {
        id -> Integer,
        name -> Text,
        seen -> Nullable<Timestamp>,
    }
}

use diesel_redshift::dsl::{date_trunc, dateadd, ilike, median, nvl, percentile_disc, DatePart};
use diesel_redshift::expression::SuperExpressionMethods;

fn main() {
    // No text.
    let _ = ilike(users::id, 1);
    // No date.
    let _ = dateadd(DatePart::Day, 1, users::name);
    let _ = date_trunc(DatePart::Day, users::id);
    // Nothing between two texts.
    let _ = median(users::name);
    // A window function only.
    let _ = users::table.select(percentile_disc(0.5).within_group(users::id));
    // Never NULL.
    let _ = nvl(users::name, "nobody");
    // No SUPER.
    let _ = users::table.select(users::name.attribute("first"));
}
