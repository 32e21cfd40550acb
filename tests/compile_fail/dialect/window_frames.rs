use diesel::prelude::*;
use diesel_redshift::RedshiftConnection;

diesel::table! {
    users (id) {
        id -> Integer,
        name -> Text,
        seen -> Nullable<Timestamp>,
    }
}

use diesel::dsl::{count, frame};

fn groups(conn: &mut RedshiftConnection) {
    users::table
        .select(
            count(users::id)
                .window_order(users::id)
                .frame_by(frame::Groups.frame_start_with(frame::UnboundedPreceding)),
        )
        .load::<i64>(conn)
        .unwrap();
}

fn exclude(conn: &mut RedshiftConnection) {
    users::table
        .select(count(users::id).window_order(users::id).frame_by(
            frame::Rows.frame_start_with_exclusion(frame::UnboundedPreceding, frame::ExcludeTies),
        ))
        .load::<i64>(conn)
        .unwrap();
}

fn main() {}
