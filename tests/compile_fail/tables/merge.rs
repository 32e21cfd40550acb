use diesel::prelude::*;
use diesel_redshift::merge::merge_into;
use diesel_redshift::RedshiftConnection;

diesel::table! {
    users (id) {
        id -> BigInt,
        name -> Nullable<Text>,
        score -> Double,
    }
}

diesel::table! {
    stage (id) {
        id -> BigInt,
        name -> Nullable<Text>,
        score -> Double,
        small -> Integer,
    }
}

diesel::table! {
    other (id) {
        id -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(users, stage, other);
diesel::alias!(users as more_users: MoreUsers);

fn main() {
    let conn: &mut RedshiftConnection = todo!();
    // One branch.
    merge_into(users::table)
        .using(stage::table)
        .on((users::id, stage::id))
        .when_matched()
        .delete()
        .execute(conn);
    // The target has no alias.
    merge_into(more_users);
    // The same table twice.
    merge_into(users::table).using(users::table);
    // A query as the source.
    merge_into(users::table).using(stage::table.filter(stage::id.gt(1)));
    // Keys that can be NULL, are inexact, of different types, of another table.
    let merge = || merge_into(users::table).using(stage::table);
    merge().on((users::name, stage::name));
    merge().on((users::score, stage::score));
    merge().on((users::id, stage::small));
    merge().on((users::id, other::id));
    // A new row has no target yet.
    merge()
        .on((users::id, stage::id))
        .when_matched()
        .delete()
        .when_not_matched()
        .insert(users::id, users::id);
    // Different columns.
    merge().on((users::id, stage::id)).remove_duplicates();
}
