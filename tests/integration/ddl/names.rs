//! Names and texts with every character that means something to somebody.

use diesel_redshift::ddl::*;

use super::*;

/// Reserved words, what ends a quote, what begins a comment, a parameter or a dollar quote.
const NAMES: [&str; 14] = [
    "select",
    "user",
    "we\"ird",
    "\"",
    "it's",
    "back\\slash\\",
    "\\\"",
    "$$x$$ $1",
    "a;b--c/*d*/",
    "new\nline\ttab",
    " spaces ",
    "a.b",
    "übergröße 🦀",
    "n23456789012345678901234567890123456789012345678901234567890123",
];

diesel::table! {
    #[sql_name = "T\"'\\\n$$ $1;--"]
    nasty (id) {
        #[sql_name = "i\"'\\\n$$ $1;--"]
        id -> BigInt,
        #[sql_name = "table"]
        name -> Text,
    }
}

diesel::table! {
    #[sql_name = "C\"'\\\n$$ $1;--"]
    copied (id) {
        #[sql_name = "\\"]
        id -> BigInt,
        #[sql_name = "''"]
        name -> Text,
    }
}

/// Redshift folds quoted names too.
fn folded(name: &str) -> String {
    name.to_ascii_lowercase()
}

fn names(conn: &mut RedshiftConnection, sql: &str) -> Vec<String> {
    diesel::dsl::sql::<Text>(sql).load(conn).unwrap()
}

#[test]
fn schemas_roles_groups_and_users_have_any_name() {
    let world = World::new();
    let mut conn = world.connect();
    for (at, name) in NAMES.into_iter().enumerate() {
        create_schema(name).execute(&mut conn).unwrap();
        let schemas = names(
            &mut conn,
            "SELECT nspname::varchar FROM pg_namespace ORDER BY oid DESC LIMIT 1",
        );
        assert_eq!(schemas, [folded(name)]);

        // Roles, groups and users are the cluster's, and of one space of names here.
        let of_test = |kind: &str| {
            let mut own = format!("{kind}{at}{}{name}", world.database());
            own.truncate(own.floor_char_boundary(63));
            own
        };
        let (role, group, user) = (of_test("r"), of_test("g"), of_test("u"));
        create_role(&role).execute(&mut conn).unwrap();
        create_group(&group).execute(&mut conn).unwrap();
        create_user(&user)
            .password("Secret1x")
            .in_group(&group)
            .execute(&mut conn)
            .unwrap();
        grant_role(&role, Grantee::User(user.clone()))
            .execute(&mut conn)
            .unwrap();
        for grantee in [
            Grantee::User(user.clone()),
            Grantee::Group(group.clone()),
            Grantee::Role(role.clone()),
        ] {
            grant(
                on_schema(name, &[SchemaPrivilege::Usage, SchemaPrivilege::Create]),
                grantee.clone(),
            )
            .execute(&mut conn)
            .unwrap();
            revoke(
                on_schema(name, &[SchemaPrivilege::Usage, SchemaPrivilege::Create]),
                grantee,
            )
            .execute(&mut conn)
            .unwrap();
        }
        let members = names(
            &mut conn,
            "SELECT usename::varchar FROM pg_user ORDER BY usesysid DESC LIMIT 1",
        );
        assert_eq!(members, [folded(&user)]);
        alter_user(&user)
            .connection_limit(1)
            .execute(&mut conn)
            .unwrap();
        alter_group(&group)
            .drop_user(&user)
            .execute(&mut conn)
            .unwrap();
        revoke_role(&role, Grantee::User(user.clone()))
            .execute(&mut conn)
            .unwrap();
        drop_user(&user).execute(&mut conn).unwrap();
        drop_group(&group).execute(&mut conn).unwrap();
        drop_role(&role).execute(&mut conn).unwrap();
        drop_schema(name).execute(&mut conn).unwrap();
    }
}

#[test]
fn tables_columns_and_views_have_any_name() {
    let world = World::new();
    let mut conn = world.connect();
    create_table(nasty::table)
        .column(nasty::name, |name| {
            name.varchar(20).default("it's \\ $$").encode(Zstd)
        })
        .primary_key((nasty::id,))
        .dist_key(nasty::id)
        .sort_key((nasty::name, nasty::id))
        .execute(&mut conn)
        .unwrap();
    diesel::insert_into(nasty::table)
        .values(nasty::id.eq(1))
        .execute(&mut conn)
        .unwrap();
    let read = |conn: &mut RedshiftConnection| nasty::table.load::<(i64, String)>(conn).unwrap();
    assert_eq!(read(&mut conn), [(1, "it's \\ $$".to_owned())]);
    assert_eq!(
        columns(&mut conn, "t\"'\\\n$$ $1;--"),
        [
            "i\"'\\\n$$ $1;-- bigint none distkey sort 2 not null",
            "table character varying(20) none sort 1 not null",
        ]
        .map(|column| column.replace("none sort 1", "zstd sort 1"))
    );

    create_table_as(copied::table, nasty::table)
        .sort_key((copied::id,))
        .execute(&mut conn)
        .unwrap();
    let copies: Vec<(i64, String)> = copied::table.load(&mut conn).unwrap();
    assert_eq!(copies, read(&mut conn));
    drop_table(copied::table).execute(&mut conn).unwrap();
    create_table_like(copied::table, nasty::table)
        .including_defaults()
        .execute(&mut conn)
        .unwrap();
    drop_table(copied::table).execute(&mut conn).unwrap();
    create_view(copied::table, nasty::table.filter(nasty::name.ne("\\'$1")))
        .execute(&mut conn)
        .unwrap();
    comment_on_view(copied::table, Some("it's"))
        .execute(&mut conn)
        .unwrap();
    let seen: Vec<(i64, String)> = copied::table.load(&mut conn).unwrap();
    assert_eq!(seen, read(&mut conn));
    drop_view(copied::table).execute(&mut conn).unwrap();
    create_materialized_view(copied::table, nasty::table)
        .dist_key(copied::id)
        .execute(&mut conn)
        .unwrap();
    refresh_materialized_view(copied::table)
        .execute(&mut conn)
        .unwrap();
    drop_materialized_view(copied::table)
        .execute(&mut conn)
        .unwrap();

    for name in NAMES {
        alter_table(nasty::table)
            .rename_to(name)
            .execute(&mut conn)
            .unwrap();
        assert_eq!(columns(&mut conn, &folded(name)).len(), 2, "{name}");
        conn.batch_execute(&format!(
            "ALTER TABLE \"{}\" RENAME TO \"t\"\"'\\\n$$ $1;--\"",
            name.replace('"', "\"\"")
        ))
        .unwrap();
    }
    // Columns that no `table!` has.
    for name in NAMES {
        let quoted = format!("\"{}\"", name.replace('"', "\"\""));
        conn.batch_execute(&format!(
            "ALTER TABLE \"t\"\"'\\\n$$ $1;--\" RENAME COLUMN \"table\" TO {quoted}"
        ))
        .unwrap();
        alter_table(nasty::table)
            .rename_column(name, nasty::name)
            .execute(&mut conn)
            .unwrap();
        conn.batch_execute(&format!(
            "ALTER TABLE \"t\"\"'\\\n$$ $1;--\" ADD COLUMN {quoted} INTEGER"
        ))
        .unwrap();
        alter_table(nasty::table)
            .drop_column(name)
            .execute(&mut conn)
            .unwrap();
    }
    drop_table(nasty::table).execute(&mut conn).unwrap();
}

#[test]
fn comments_come_back_as_they_were() {
    let world = World::new();
    let mut conn = world.connect();
    create_sales().execute(&mut conn).unwrap();
    let long = "x'\\".repeat(3_000);
    for text in NAMES.into_iter().chain(["", long.as_str()]) {
        comment_on_table(sales::table, Some(text))
            .execute(&mut conn)
            .unwrap();
        comment_on_column(sales::table, sales::paid, Some(text))
            .execute(&mut conn)
            .unwrap();
        for sql in [
            "SELECT OBJ_DESCRIPTION('sales'::regclass) AS value",
            "SELECT COL_DESCRIPTION('sales'::regclass, 6) AS value",
        ] {
            // PostgreSQL has none where it is empty.
            let expected = Some(text).filter(|text| !text.is_empty());
            assert_eq!(value(&mut conn, sql).as_deref(), expected, "{text}");
        }
    }
}

/// What Redshift would cut or cannot hold is refused before anything is sent; what only the sandbox lacks is told by name.
#[test]
fn names_that_are_too_long_or_have_a_nul_are_told() {
    let world = World::new();
    let mut conn = world.connect();
    let longest = "n".repeat(127);
    let quoted = format!("\"{longest}\"");
    for sql in [
        create_schema(&longest).to_sql(),
        create_role(&longest).to_sql(),
        create_group(&longest).to_sql(),
        create_user(&longest).password_disable().to_sql(),
        alter_table(sales::table).rename_to(&longest).to_sql(),
        grant(
            on_schema("s", &[SchemaPrivilege::Usage]),
            Grantee::User(longest.clone()),
        )
        .to_sql(),
    ] {
        let sql = sql.unwrap();
        assert!(sql.contains(&quoted), "{sql}");
    }
    let error = create_schema(&longest).execute(&mut conn).unwrap_err();
    assert!(
        error.to_string().contains("A name of more than 63 bytes"),
        "{error}"
    );

    let too_long = "n".repeat(128);
    let events = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = std::sync::Arc::clone(&events);
    conn.set_instrumentation(move |_: diesel::connection::InstrumentationEvent<'_>| {
        counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    });
    for (name, expected) in [
        (too_long.as_str(), "1 to 127 bytes"),
        ("", "1 to 127 bytes"),
        ("a\0b", "no NUL"),
    ] {
        let user = || Grantee::User(name.to_owned());
        for outcome in [
            create_schema(name).execute(&mut conn),
            create_schema("s").authorization(name).execute(&mut conn),
            drop_schema(name).execute(&mut conn),
            create_role(name).execute(&mut conn),
            rename_role("r", name).execute(&mut conn),
            role_owner_to("r", name).execute(&mut conn),
            drop_role_force(name).execute(&mut conn),
            grant_role("r", user()).execute(&mut conn),
            grant_role(name, Grantee::Role("r".to_owned())).execute(&mut conn),
            revoke_admin_option(name, Grantee::Role("r".to_owned())).execute(&mut conn),
            create_group(name).execute(&mut conn),
            alter_group("g").add_user(name).execute(&mut conn),
            alter_group("g").rename_to(name).execute(&mut conn),
            create_user(name).password("Secret1x").execute(&mut conn),
            create_user("u")
                .password("Secret1x")
                .in_group(name)
                .execute(&mut conn),
            rename_user("u", name).execute(&mut conn),
            drop_user(name).if_exists().execute(&mut conn),
            grant(on_schema(name, &[SchemaPrivilege::Usage]), Grantee::Public).execute(&mut conn),
            revoke(on_table(sales::table, &[TablePrivilege::Select]), user()).execute(&mut conn),
            alter_table(sales::table)
                .drop_column(name)
                .execute(&mut conn),
            alter_table(sales::table)
                .drop_column_cascade(name)
                .execute(&mut conn),
            alter_table(sales::table)
                .rename_column(name, sales::name)
                .execute(&mut conn),
            alter_table(sales::table).rename_to(name).execute(&mut conn),
            alter_table(sales::table).owner_to(name).execute(&mut conn),
            alter_table(sales::table)
                .drop_constraint(name)
                .execute(&mut conn),
        ] {
            let error = outcome.unwrap_err();
            assert!(matches!(error, Error::Invalid(_)), "{error:?}");
            let shown = error.to_string();
            assert!(shown.contains(expected), "{name:?}: {shown}");
            assert!(!shown.contains("Secret1x"), "{shown}");
        }
    }
    for outcome in [
        comment_on_table(sales::table, Some("a\0")).execute(&mut conn),
        comment_on_column(sales::table, sales::paid, Some("\0")).execute(&mut conn),
        create_user("u")
            .password("Secret1x")
            .valid_until("\0")
            .execute(&mut conn),
    ] {
        let error = outcome.unwrap_err().to_string();
        assert!(error.contains("no NUL"), "{error}");
    }
    assert_eq!(events.load(std::sync::atomic::Ordering::Relaxed), 0);
}

/// An error of the server's, with the statement in it, shows no password.
#[test]
fn a_password_is_in_no_error_of_the_servers() {
    let world = World::new();
    let mut conn = world.connect();
    let name = format!("eve of {}", world.database());
    let seen = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let events = std::sync::Arc::clone(&seen);
    conn.set_instrumentation(move |event: diesel::connection::InstrumentationEvent<'_>| {
        events.lock().unwrap().push_str(&format!("{event:?}"));
    });
    let create = create_user(&name).password("hUnTeR2mArK");
    create.execute(&mut conn).unwrap();
    let error = create.execute(&mut conn).unwrap_err();
    assert!(error.to_string().contains("already exists"), "{error}");
    let in_failed = conn.transaction(|conn| -> Result<(), Error> {
        diesel::sql_query("SELECT 1 / 0").execute(conn).unwrap_err();
        alter_user(&name).password("hUnTeR2mArK").execute(conn)
    });
    let in_read_only = conn
        .build_transaction()
        .read_only()
        .run(|conn| alter_user(&name).password("hUnTeR2mArK").execute(conn));
    let shown = format!(
        "{error} {error:?} {in_failed:?} {in_read_only:?} {create:?} {}",
        seen.lock().unwrap()
    );
    assert!(shown.contains("PASSWORD '***'"));
    assert!(!shown.contains("hUnTeR2mArK"), "{shown}");
    drop_user(&name).execute(&mut conn).unwrap();
}
