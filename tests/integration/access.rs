//! Users, roles and groups: the catalogs hold what was asked for, and who may log in does.

use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_redshift::RedshiftConnection;
use diesel_redshift::ddl::*;
use diesel_redshift_tests::World;

diesel::table! {
    ledger (id) {
        id -> BigInt,
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    value: String,
}

fn values(conn: &mut RedshiftConnection, sql: &str) -> Vec<String> {
    let rows: Vec<Row> = diesel::sql_query(sql).load(conn).unwrap();
    rows.into_iter().map(|row| row.value).collect()
}

/// Users and roles are the cluster's, so each test has names of its own.
fn name(world: &World, what: &str) -> String {
    format!("{what} \"of\" {}", world.database())
}

fn log_in(world: &World, user: &str, password: &str) -> ConnectionResult<RedshiftConnection> {
    let (_, place) = world.url().rsplit_once('@').unwrap();
    let (address, database) = place.split_once('/').unwrap();
    let (host, port) = address.rsplit_once(':').unwrap();
    let (database, _) = database.split_once('?').unwrap_or((database, ""));
    RedshiftConnection::establish(&format!(
        "host={host} port={port} dbname={database} sslmode=disable user='{user}' password='{password}'",
    ))
}

#[test]
fn a_user_has_what_was_asked_for_and_logs_in() {
    let world = World::new();
    let mut conn = world.connect();
    let (ada, staff) = (name(&world, "ada"), name(&world, "staff"));
    create_group(&staff).execute(&mut conn).unwrap();
    create_user(&ada)
        .password("Secret1x")
        .create_db()
        .syslog_access(SyslogAccess::Unrestricted)
        .in_group(&staff)
        .connection_limit(3)
        .execute(&mut conn)
        .unwrap();
    let found = format!(
        "SELECT usecreatedb::varchar || ' ' || usesuper::varchar AS value FROM pg_user WHERE usename = '{ada}'"
    );
    assert_eq!(values(&mut conn, &found), ["true false"]);
    let members = format!(
        "SELECT u.usename::varchar AS value FROM pg_user u, pg_group g \
         WHERE g.groname = '{staff}' AND u.usesysid = ANY (g.grolist)"
    );
    assert_eq!(values(&mut conn, &members), [ada.as_str()]);

    log_in(&world, &ada, "Secret1x").unwrap();
    let Err(error) = log_in(&world, &ada, "Secret1y") else {
        panic!("a wrong password was let in");
    };
    assert!(!error.to_string().contains("Secret1y"), "{error}");

    alter_user(&ada)
        .password("Another2y")
        .no_create_db()
        .valid_until("infinity")
        .connection_unlimited()
        .execute(&mut conn)
        .unwrap();
    assert_eq!(values(&mut conn, &found), ["false false"]);
    assert!(log_in(&world, &ada, "Secret1x").is_err());
    log_in(&world, &ada, "Another2y").unwrap();

    alter_group(&staff)
        .drop_user(&ada)
        .execute(&mut conn)
        .unwrap();
    assert!(values(&mut conn, &members).is_empty());
    drop_group(&staff).execute(&mut conn).unwrap();
    let countess = name(&world, "countess");
    rename_user(&ada, &countess).execute(&mut conn).unwrap();
    assert!(values(&mut conn, &found).is_empty());
    drop_user(&countess).execute(&mut conn).unwrap();
    drop_user(&countess).if_exists().execute(&mut conn).unwrap();
    assert!(drop_user(&countess).execute(&mut conn).is_err());
}

#[test]
fn a_role_gives_its_privileges_to_who_has_it() {
    let world = World::new();
    let mut conn = world.connect();
    let (bob, readers, staff) = (
        name(&world, "bob"),
        name(&world, "readers"),
        name(&world, "staff"),
    );
    create_table(ledger::table).execute(&mut conn).unwrap();
    create_user(&bob)
        .password("Secret1x")
        .execute(&mut conn)
        .unwrap();
    for role in [&readers, &staff] {
        create_role(role).execute(&mut conn).unwrap();
    }
    grant(
        on_table(ledger::table, &[TablePrivilege::Select]),
        Grantee::Role(readers.clone()),
    )
    .execute(&mut conn)
    .unwrap();

    let count = |conn: &mut RedshiftConnection| ledger::table.count().get_result::<i64>(conn);
    let mut session = log_in(&world, &bob, "Secret1x").unwrap();
    assert!(count(&mut session).is_err());
    // Through another role that he has.
    grant_role(&readers, Grantee::Role(staff.clone()))
        .execute(&mut conn)
        .unwrap();
    grant_role_with_admin_option(&staff, Grantee::User(bob.clone()))
        .execute(&mut conn)
        .unwrap();
    assert_eq!(count(&mut session), Ok(0));
    // Who has the ADMIN OPTION grants the role to others, as long as he has it.
    let eve = name(&world, "eve");
    create_user(&eve)
        .password_disable()
        .execute(&mut conn)
        .unwrap();
    let to_eve = grant_role(&staff, Grantee::User(eve.clone()));
    to_eve.execute(&mut session).unwrap();
    revoke_role(&staff, Grantee::User(eve.clone()))
        .execute(&mut conn)
        .unwrap();
    revoke_admin_option(&staff, Grantee::User(bob.clone()))
        .execute(&mut conn)
        .unwrap();
    assert!(to_eve.execute(&mut session).is_err());
    assert_eq!(count(&mut session), Ok(0));
    drop_user(&eve).execute(&mut conn).unwrap();

    revoke_role(&staff, Grantee::User(bob.clone()))
        .execute(&mut conn)
        .unwrap();
    assert!(count(&mut session).is_err());
    drop(session);

    // One that still has a privilege stays, whoever has it or not.
    assert!(drop_role_force(&readers).execute(&mut conn).is_err());
    revoke(
        on_table(ledger::table, &[TablePrivilege::Select]),
        Grantee::Role(readers.clone()),
    )
    .execute(&mut conn)
    .unwrap();
    let renamed = name(&world, "renamed");
    rename_role(&staff, &renamed).execute(&mut conn).unwrap();
    drop_role_force(&readers).execute(&mut conn).unwrap();
    drop_role(&renamed).execute(&mut conn).unwrap();
    drop_user(&bob).execute(&mut conn).unwrap();
}

#[test]
fn definitions_of_users_join_a_transaction() {
    let world = World::new();
    let mut conn = world.connect();
    let eve = name(&world, "eve");
    let outcome = conn.transaction(|conn| {
        create_user(&eve).password("Secret1x").execute(conn)?;
        Err::<(), _>(diesel_redshift::Error::from(
            diesel::result::Error::RollbackTransaction,
        ))
    });
    assert!(outcome.is_err());
    assert!(log_in(&world, &eve, "Secret1x").is_err());
}
