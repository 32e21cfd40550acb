use diesel::prelude::*;
use diesel_redshift::store::FolderStore;
use diesel_redshift::upsert::upsert;
use diesel_redshift::RedshiftConnection;

diesel::table! {
    users (id) {
        id -> BigInt,
        name -> Nullable<Text>,
    }
}

#[derive(Insertable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
struct User {
    id: i64,
    name: Option<String>,
}

/// `None` is DEFAULT here.
#[derive(Insertable)]
#[diesel(table_name = users)]
struct Sparse {
    id: i64,
    name: Option<String>,
}

struct Plain;

fn load(conn: &mut RedshiftConnection, store: FolderStore) {
    // Without a role or keys.
    let users = [User { id: 1, name: None }];
    let by_id = upsert(&users).into(users::table).key((users::id,));
    let _ = by_id.update_all().through(&store, "s3://bucket/loads/").execute(conn);
    // Values that may be DEFAULT.
    let sparse = [Sparse { id: 1, name: None }];
    let by_id = upsert(&sparse).into(users::table).key((users::id,));
    let _ = by_id.update_all().through(&store, "s3://bucket/loads/");
    // No rows of the table.
    let _ = upsert(&[Plain]).into(users::table).key((users::id,)).update_all().execute(conn);
}

fn main() {}
