//! What is there already, where nothing may be changed, and what a type or the sandbox cannot have.

use diesel_redshift::ddl::*;

use super::*;

/// Each statement, by a name that tells them apart.
fn statements() -> Vec<(
    &'static str,
    fn(&mut RedshiftConnection) -> Result<(), Error>,
)> {
    vec![
        ("CREATE TABLE", |conn| create_sales().execute(conn)),
        ("CREATE TABLE", |conn| {
            create_table_like(stage::table, sales::table).execute(conn)
        }),
        ("CREATE TABLE AS", |conn| {
            create_table_as(stage::table, sales::table).execute(conn)
        }),
        ("CREATE TABLE AS", |conn| {
            create_table_as(stage::table, sales::table)
                .temporary()
                .execute(conn)
        }),
        ("DROP TABLE", |conn| drop_table(sales::table).execute(conn)),
        ("ALTER TABLE", |conn| {
            alter_table(sales::table).rename_to("sold").execute(conn)
        }),
        ("ALTER TABLE", |conn| {
            alter_table(sales::table).dist_all().execute(conn)
        }),
        ("ALTER TABLE", |conn| {
            alter_table(sales::table)
                .add_unique((sales::id,))
                .execute(conn)
        }),
        ("CREATE VIEW", |conn| {
            create_view(stage::table, sales::table).execute(conn)
        }),
        ("DROP VIEW", |conn| drop_view(totals::table).execute(conn)),
        ("CREATE MATERIALIZED VIEW", |conn| {
            create_materialized_view(stage::table, sales::table).execute(conn)
        }),
        ("CREATE SCHEMA", |conn| {
            create_schema("archive").execute(conn)
        }),
        ("DROP SCHEMA", |conn| drop_schema("old").execute(conn)),
        ("COMMENT", |conn| {
            comment_on_table(sales::table, Some("x")).execute(conn)
        }),
        ("GRANT", |conn| {
            let select = on_table(sales::table, &[TablePrivilege::Select]);
            grant(select, Grantee::Public).execute(conn)
        }),
        ("REVOKE", |conn| {
            let select = on_table(sales::table, &[TablePrivilege::Select]);
            revoke(select, Grantee::Public).execute(conn)
        }),
        ("CREATE USER", |conn| {
            create_user("nobody").password_disable().execute(conn)
        }),
        ("CREATE ROLE", |conn| create_role("nobody").execute(conn)),
        ("CREATE GROUP", |conn| create_group("nobody").execute(conn)),
    ]
}

#[test]
fn a_read_only_transaction_takes_no_definition() {
    let world = World::new();
    let mut conn = world.connect();
    create_sales().execute(&mut conn).unwrap();
    conn.batch_execute(
        "CREATE SCHEMA old; CREATE VIEW \"Odd \"\"totals\"\"\" AS SELECT name, paid FROM sales",
    )
    .unwrap();
    let before = columns(&mut conn, "sales");
    for (name, run) in statements() {
        let error = conn.build_transaction().read_only().run(run).unwrap_err();
        let shown = error.to_string();
        assert!(
            shown.starts_with("cannot execute ") && shown.ends_with(" in a read-only transaction"),
            "{name}: {shown}"
        );
    }
    assert_eq!(columns(&mut conn, "sales"), before);
    assert!(columns(&mut conn, "stage").is_empty());
}

#[test]
fn a_transaction_that_has_failed_takes_no_definition() {
    let world = World::new();
    let mut conn = world.connect();
    create_sales().execute(&mut conn).unwrap();
    for (name, run) in statements() {
        let outcome = conn.transaction(|conn| {
            diesel::sql_query("SELECT 1 / 0").execute(conn).unwrap_err();
            run(conn)
        });
        let error = outcome.unwrap_err().to_string();
        assert!(
            error.starts_with("current transaction is aborted"),
            "{name}: {error}"
        );
    }
}

#[test]
fn what_is_there_already_is_told() {
    let world = World::new();
    let mut conn = world.connect();
    let own = |what: &str| format!("{what} of {}", world.database());
    create_sales().execute(&mut conn).unwrap();
    create_schema("archive").execute(&mut conn).unwrap();
    create_role(&own("role")).execute(&mut conn).unwrap();
    create_group(&own("group")).execute(&mut conn).unwrap();
    create_view(
        totals::table,
        sales::table.select((sales::name, sales::paid)),
    )
    .execute(&mut conn)
    .unwrap();
    let mut told = Vec::new();
    let mut note = |outcome: Result<(), Error>| {
        let error = outcome.unwrap_err().to_string();
        told.push(error.replace(&format!(" of {}", world.database()), ""));
    };
    note(create_sales().execute(&mut conn));
    note(
        create_table_as(
            totals::table,
            sales::table.select((sales::name, sales::paid)),
        )
        .execute(&mut conn),
    );
    note(create_view(sales::table, sales::table).execute(&mut conn));
    note(
        create_view(
            totals::table,
            sales::table.select((sales::name, sales::paid)),
        )
        .execute(&mut conn),
    );
    note(create_schema("archive").execute(&mut conn));
    note(create_role(&own("role")).execute(&mut conn));
    note(create_group(&own("group")).execute(&mut conn));
    note(drop_table(totals::table).execute(&mut conn));
    note(drop_view(sales::table).if_exists().execute(&mut conn));
    note(drop_table(stage::table).execute(&mut conn));
    note(
        alter_table(sales::table)
            .add_column(sales::paid, |paid| paid.default(true))
            .execute(&mut conn),
    );
    note(
        alter_table(sales::table)
            .add_column(sales::paid, |paid| paid)
            .execute(&mut conn),
    );
    note(
        alter_table(sales::table)
            .drop_column("at")
            .execute(&mut conn),
    );
    note(
        alter_table(sales::table)
            .drop_column("id")
            .execute(&mut conn),
    );
    note(
        alter_table(sales::table)
            .drop_column("none")
            .execute(&mut conn),
    );
    note(
        alter_table(sales::table)
            .drop_constraint("none")
            .execute(&mut conn),
    );
    note(
        alter_table(sales::table)
            .widen(sales::code, 80)
            .execute(&mut conn),
    );
    note(
        alter_table(sales::table)
            .owner_to("nobody at all")
            .execute(&mut conn),
    );
    assert_eq!(
        told,
        [
            "relation \"sales\" already exists",
            "relation \"odd \"totals\"\" already exists",
            "relation \"sales\" already exists",
            "relation \"odd \"totals\"\" already exists",
            "schema \"archive\" already exists",
            "role \"role\" already exists",
            "group \"group\" already exists",
            "\"odd \"totals\"\" is not a table",
            "\"sales\" is not a view",
            "table \"stage\" does not exist",
            "column \"paid\" of relation \"sales\" already exists",
            "ALTER TABLE ADD COLUMN defined as NOT NULL must have a non-null default expression",
            "cannot drop sortkey column \"at\"",
            "cannot drop distkey column \"id\"",
            "column \"none\" of relation \"sales\" does not exist",
            "constraint \"none\" does not exist",
            "cannot alter the type of column \"code\": only VARCHAR columns can be altered",
            "user \"nobody at all\" does not exist",
        ]
    );
    drop_role(&own("role")).execute(&mut conn).unwrap();
    drop_group(&own("group")).execute(&mut conn).unwrap();
}

/// Before anything is sent.
#[test]
fn a_key_has_each_column_once() {
    let world = World::new();
    let mut conn = world.connect();
    let alter = || alter_table(sales::table);
    for outcome in [
        create_sales()
            .sort_key((sales::id, sales::at, sales::id))
            .execute(&mut conn),
        create_sales()
            .unique((sales::id, sales::id))
            .execute(&mut conn),
        alter().sort_key((sales::id, sales::id)).execute(&mut conn),
        alter()
            .add_primary_key((sales::id, sales::id))
            .execute(&mut conn),
    ] {
        assert_eq!(
            outcome.unwrap_err().to_string(),
            "invalid columns: \"id\" twice; expected each column once"
        );
    }
}

/// The sandbox compares as CASE_SENSITIVE does; the other is refused by name.
#[test]
fn collations() {
    let world = World::new();
    let mut conn = world.connect();
    let create = |case_sensitive: bool| {
        create_sales().column(sales::name, move |name| {
            let name = name.varchar(40);
            if case_sensitive {
                name.case_sensitive()
            } else {
                name.case_insensitive()
            }
        })
    };
    const NOT_IMITATED: &str = "COLLATE CASE_INSENSITIVE is not supported by the sandbox yet";
    let error = create(false).execute(&mut conn).unwrap_err();
    assert_eq!(error.to_string(), NOT_IMITATED);
    create(true).execute(&mut conn).unwrap();
    conn.batch_execute("INSERT INTO sales (name, amount) VALUES ('A', 1), ('a', 1)")
        .unwrap();
    let found: i64 = sales::table
        .filter(sales::name.eq("a"))
        .count()
        .get_result(&mut conn)
        .unwrap();
    assert_eq!(found, 1);
    alter_table(sales::table)
        .drop_column("code")
        .execute(&mut conn)
        .unwrap();
    let error = alter_table(sales::table)
        .add_column(sales::code, |code| code.char(2).case_insensitive())
        .execute(&mut conn)
        .unwrap_err();
    assert_eq!(error.to_string(), NOT_IMITATED);
    alter_table(sales::table)
        .add_column(sales::code, |code| code.char(2).case_sensitive())
        .execute(&mut conn)
        .unwrap();
}
