use diesel::prelude::*;
use diesel_redshift::ddl::*;
use diesel_redshift::upsert::upsert;

diesel::table! {
    use diesel::sql_types::*;
    use diesel_redshift::sql_types::*;

    users (id) {
        id -> BigInt,
        name -> Nullable<Text>,
        score -> Double,
        body -> Super,
    }
}

diesel::table! {
    other (id) {
        id -> BigInt,
        name -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;

    vague (id) {
        id -> BigInt,
        span -> Interval,
    }
}

#[derive(Insertable)]
#[diesel(table_name = users)]
struct User {
    id: i64,
}

#[derive(RedshiftTable)]
#[diesel(table_name = other)]
struct Other {
    #[redshift(sort_key = 1)]
    id: i64,
    #[redshift(sort_key = 1)]
    name: String,
}

#[derive(RedshiftTable)]
#[diesel(table_name = other)]
struct Misspelt {
    #[redshift(encode = gzip)]
    id: i64,
    name: String,
}

fn main() {
    let create = || create_table(users::table);
    // What the type cannot have.
    create().column(users::name, |name| name.encode(Az64));
    create().column(users::id, |id| id.varchar(10));
    create().column(users::name, |name| name.identity(1, 1));
    create().column(users::id, |id| id.default("text"));
    create().column(users::id, |id| id.default(users::id));
    // Keys that the type cannot be, or of another table.
    create().dist_key(users::body);
    create().sort_key((users::body,));
    create().dist_key(other::id);
    // AUTO of a materialized view.
    create_materialized_view(other::table, other::table).dist_auto();
    create_materialized_view(other::table, other::table).sort_auto();
    // A type that no table has.
    create_table(vague::table);
    // A query of other columns.
    create_table_as(users::table, other::table);
    create_view(other::table, users::table);
    // No IDENTITY is added.
    alter_table(users::table).add_column(users::id, |id| id.identity(1, 1));
    // A key that can be NULL, or is of another table.
    upsert(&[User { id: 1 }]).into(users::table).key((users::name,));
    upsert(&[User { id: 1 }]).into(users::table).key((other::id,));
    // Nothing is said of rows that are there.
    upsert(&[User { id: 1 }]).into(users::table).key((users::id,)).execute();
}
