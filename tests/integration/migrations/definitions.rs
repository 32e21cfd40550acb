//! Migrations in Rust that define tables: in a transaction, and what refuses one.

use diesel_redshift::ddl::{
    Distributed, ExternalFormat, Grantee, TablePrivilege, Zstd, alter_table, comment_on_table,
    create_external_schema, create_external_table, create_materialized_view, create_schema,
    create_table, create_view, drop_external_table, drop_materialized_view, drop_schema,
    drop_table, drop_view, grant, on_table,
};
use diesel_redshift::merge::merge_into;
use diesel_redshift::upsert::upsert;

use super::*;

diesel::table! {
    shop.items (id) {
        id -> BigInt,
        name -> Text,
    }
}

diesel::table! {
    shop.arrivals (id) {
        id -> BigInt,
        name -> Text,
    }
}

diesel::table! {
    shop.named (id) {
        id -> BigInt,
        name -> Text,
    }
}

diesel::table! {
    shop.kept (id) {
        id -> BigInt,
        name -> Text,
    }
}

diesel::table! {
    lake.events (id) {
        id -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(items, arrivals);

fn define(conn: &mut RedshiftConnection) -> diesel::migration::Result<()> {
    create_schema("shop").execute(conn)?;
    create_table(items::table)
        .column(items::name, |name| name.varchar(5).encode(Zstd))
        .dist_key(items::id)
        .execute(conn)?;
    create_table(arrivals::table)
        .column(arrivals::name, |name| name.varchar(5))
        .execute(conn)?;
    create_view(named::table, items::table.filter(items::name.ne(""))).execute(conn)?;
    comment_on_table(items::table, Some("It's what there is")).execute(conn)?;
    grant(
        on_table(items::table, &[TablePrivilege::Select]),
        Grantee::Public,
    )
    .execute(conn)?;
    upsert(&[(arrivals::id.eq(1), arrivals::name.eq("one"))])
        .into(arrivals::table)
        .key((arrivals::id,))
        .update_all()
        .execute(conn)?;
    merge_into(items::table)
        .using(arrivals::table)
        .on((items::id, arrivals::id))
        .when_matched()
        .delete()
        .when_not_matched()
        .insert(items::id, arrivals::id)
        .insert(items::name, arrivals::name)
        .execute(conn)?;
    create_materialized_view(kept::table, items::table).execute(conn)?;
    Ok(())
}

fn undefine(conn: &mut RedshiftConnection) -> diesel::migration::Result<()> {
    drop_materialized_view(kept::table).execute(conn)?;
    drop_view(named::table).execute(conn)?;
    drop_table(arrivals::table).execute(conn)?;
    drop_schema("shop").cascade().execute(conn)?;
    Ok(())
}

fn widen(conn: &mut RedshiftConnection) -> diesel::migration::Result<()> {
    alter_table(arrivals::table)
        .widen(arrivals::name, 50)
        .execute(conn)?;
    Ok(())
}

fn versions(world: &World) -> Vec<String> {
    let versions = world.connect().applied_migrations().unwrap();
    versions.iter().map(ToString::to_string).collect()
}

#[test]
fn definitions_run_in_a_transaction_or_outside_of_one() {
    let world = World::new();
    let mut conn = world.connect();
    let folder = S3Uri::parse(&world.uri("events/")).unwrap();
    let migrations = move || {
        let folder = folder.clone();
        RedshiftMigrations::new()
            .seed("1_define", define, undefine)
            .seed_without_transaction("2_widen", widen, |_| Ok(()))
            .seed_without_transaction(
                "3_lake",
                move |conn| {
                    create_external_schema("lake")
                        .from_data_catalog("events", IamRole::Default)
                        .execute(conn)?;
                    create_external_table(events::table, ExternalFormat::Csv, folder.clone())
                        .execute(conn)?;
                    Ok(())
                },
                |conn| {
                    drop_external_table(events::table).execute(conn)?;
                    drop_schema("lake").execute(conn)?;
                    Ok(())
                },
            )
    };
    conn.run_pending_migrations(migrations()).unwrap();
    let found: Vec<(i64, String)> = kept::table.load(&mut conn).unwrap();
    assert_eq!(found, [(1, "one".to_owned())]);
    diesel::insert_into(arrivals::table)
        .values((arrivals::id.eq(2), arrivals::name.eq("x".repeat(50))))
        .execute(&mut conn)
        .unwrap();
    events::table.load::<(i64,)>(&mut conn).unwrap();
    assert_eq!(versions(&world), ["3", "2", "1"]);
    // Each runs once, also under the lock.
    let ran = conn
        .lock_migrations(|conn| Ok(conn.run_pending_migrations(migrations())?.len()))
        .unwrap();
    assert_eq!(ran, 0);
    conn.revert_all_migrations(migrations()).unwrap();
    assert!(versions(&world).is_empty());
    kept::table.load::<(i64, String)>(&mut conn).unwrap_err();
}

/// The error tells where it belongs, and nothing of the migration stays.
#[test]
fn what_refuses_a_transaction_is_told_where_to_be() {
    let world = World::new();
    let mut conn = world.connect();
    let migrations = RedshiftMigrations::new().seed(
        "1_define",
        |conn| {
            define(conn)?;
            widen(conn)
        },
        |_| Ok(()),
    );
    let error = conn.run_pending_migrations(migrations).unwrap_err();
    let shown = error.to_string();
    assert!(shown.contains("`seed_without_transaction`"), "{shown}");
    assert!(versions(&world).is_empty());
    items::table.load::<(i64, String)>(&mut conn).unwrap_err();
}
