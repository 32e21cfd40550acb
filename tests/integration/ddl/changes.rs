//! Tables that are altered, views, comments and privileges.

use diesel_redshift::ddl::{
    create_group, create_role, create_user, drop_group, drop_role, drop_user, grant_role,
};

use super::*;

#[test]
fn tables_are_altered() {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute(
        "CREATE TABLE sales (id BIGINT NOT NULL, label VARCHAR(40) NOT NULL, surplus INTEGER, amount DECIMAL(12, 2) NOT NULL,
         at TIMESTAMP NOT NULL, paid BOOLEAN NOT NULL)",
    )
    .unwrap();
    let alter = || alter_table(sales::table);
    alter()
        .add_column(sales::code, |code| code.char(2).encode(Zstd))
        .execute(&mut conn)
        .unwrap();
    alter()
        .rename_column("label", sales::name)
        .execute(&mut conn)
        .unwrap();
    alter().drop_column("surplus").execute(&mut conn).unwrap();
    alter().widen(sales::name, 80).execute(&mut conn).unwrap();
    alter()
        .encode(sales::name, Zstd)
        .encode(sales::amount, Az64)
        .execute(&mut conn)
        .unwrap();
    alter().dist_key(sales::id).execute(&mut conn).unwrap();
    alter()
        .sort_key((sales::at, sales::id))
        .execute(&mut conn)
        .unwrap();
    alter()
        .add_primary_key((sales::id,))
        .execute(&mut conn)
        .unwrap();
    alter()
        .drop_constraint("sales_pkey")
        .execute(&mut conn)
        .unwrap();
    let mut found = columns(&mut conn, "sales");
    found.sort();
    for expected in [
        "amount numeric(12,2) az64 not null",
        "code character(2) zstd",
        "id bigint",
        "name character varying(80) zstd not null",
    ] {
        assert!(
            found.iter().any(|column| column.starts_with(expected)),
            "{expected}: {found:?}"
        );
    }
    assert!(
        found
            .iter()
            .any(|column| column.starts_with("id ") && column.contains("distkey sort 2")),
        "{found:?}"
    );
    alter().rename_to("sold").execute(&mut conn).unwrap();
    assert!(columns(&mut conn, "sales").is_empty());
    assert_eq!(columns(&mut conn, "sold").len(), 6);
}

#[test]
fn documentation_becomes_comments() {
    let world = World::new();
    let mut conn = world.connect();
    Sale::create_table().execute(&mut conn).unwrap();
    for comment in Sale::comments() {
        comment.execute(&mut conn).unwrap();
    }
    let of_table = "SELECT OBJ_DESCRIPTION('sales'::regclass) AS value";
    assert_eq!(
        value(&mut conn, of_table).as_deref(),
        Some("What was sold,\nand to whom it's not told")
    );
    let of_column = "SELECT COL_DESCRIPTION('sales'::regclass, 6) AS value";
    assert_eq!(
        value(&mut conn, of_column).as_deref(),
        Some("Whether it's paid")
    );
    comment_on_column(sales::table, sales::paid, None)
        .execute(&mut conn)
        .unwrap();
    assert_eq!(value(&mut conn, of_column), None);
}

#[test]
fn views_are_read_by_a_table_of_their_own() {
    let world = World::new();
    let mut conn = world.connect();
    create_sales().execute(&mut conn).unwrap();
    conn.batch_execute("INSERT INTO sales (name, amount) VALUES ('O''Brien', 1), ('x', 2)")
        .unwrap();
    let query = || {
        sales::table
            .filter(sales::name.eq("O'Brien"))
            .select((sales::name, sales::paid))
    };
    create_view(totals::table, query())
        .execute(&mut conn)
        .unwrap();
    create_view(totals::table, query())
        .or_replace()
        .execute(&mut conn)
        .unwrap();
    let found: Vec<(String, bool)> = totals::table.load(&mut conn).unwrap();
    assert_eq!(found, [("O'Brien".to_owned(), false)]);
    // The view depends on the table.
    drop_table(sales::table).execute(&mut conn).unwrap_err();
    drop_view(totals::table).execute(&mut conn).unwrap();

    create_materialized_view(totals::table, query())
        .dist_key(totals::name)
        .execute(&mut conn)
        .unwrap();
    conn.batch_execute("INSERT INTO sales (name, amount) VALUES ('O''Brien', 1)")
        .unwrap();
    assert_eq!(
        totals::table.count().get_result::<i64>(&mut conn).unwrap(),
        1
    );
    for told in [
        "Materialized view odd \"totals\" was incrementally updated successfully.",
        "Materialized view odd \"totals\" is already up to date.",
    ] {
        let notices = refresh_materialized_view(totals::table)
            .execute(&mut conn)
            .unwrap();
        let notices: Vec<_> = notices.iter().map(|notice| notice.message()).collect();
        assert_eq!(notices, [told]);
    }
    assert_eq!(
        totals::table.count().get_result::<i64>(&mut conn).unwrap(),
        2
    );
    drop_materialized_view(totals::table)
        .execute(&mut conn)
        .unwrap();
}

#[test]
fn privileges_are_granted_and_revoked() {
    let world = World::new();
    let mut conn = world.connect();
    create_sales().execute(&mut conn).unwrap();
    create_schema("archive")
        .if_not_exists()
        .execute(&mut conn)
        .unwrap();
    let select = || on_table(sales::table, &[TablePrivilege::Select]);
    for statement in [
        grant(select(), Grantee::Public),
        grant(
            on_columns(sales::table, (sales::id,), &[TablePrivilege::Update]),
            Grantee::Public,
        ),
        grant(
            on_schema("archive", &[SchemaPrivilege::Usage]),
            Grantee::Public,
        ),
    ] {
        statement.execute(&mut conn).unwrap();
    }
    let acl = "SELECT ARRAY_TO_STRING(relacl, ' ') AS value FROM pg_class WHERE relname = 'sales'";
    assert!(value(&mut conn, acl).unwrap_or_default().contains("=r/"));
    revoke(select(), Grantee::Public)
        .execute(&mut conn)
        .unwrap();
    assert!(!value(&mut conn, acl).unwrap_or_default().contains(" =r/"));
    drop_schema("archive").cascade().execute(&mut conn).unwrap();
}

/// What is granted may be done, by users, groups and roles, until it is revoked.
#[test]
fn privileges_hold_until_they_are_revoked() {
    let world = World::new();
    let mut conn = world.connect();
    let name = |what: &str| format!("{what} of {}", world.database());
    let (user, group, role) = (name("user"), name("group"), name("role"));
    create_sales().execute(&mut conn).unwrap();
    create_group(&group).execute(&mut conn).unwrap();
    create_role(&role).execute(&mut conn).unwrap();
    create_user(&user)
        .password_disable()
        .in_group(&group)
        .execute(&mut conn)
        .unwrap();
    grant_role(&role, Grantee::User(user.clone()))
        .execute(&mut conn)
        .unwrap();
    let mut session = world.connect();
    session
        .batch_execute(&format!("SET SESSION AUTHORIZATION \"{user}\""))
        .unwrap();
    let reads = |session: &mut RedshiftConnection| {
        sales::table
            .select(sales::name)
            .load::<String>(session)
            .is_ok()
    };
    let sets_paid = |session: &mut RedshiftConnection| {
        diesel::update(sales::table)
            .set(sales::paid.eq(true))
            .execute(session)
            .is_ok()
    };
    assert!(!reads(&mut session));
    for grantee in [
        Grantee::User(user.clone()),
        Grantee::Group(group.clone()),
        Grantee::Role(role.clone()),
        Grantee::Public,
    ] {
        let all = || {
            on_table(
                sales::table,
                &[TablePrivilege::Select, TablePrivilege::Update],
            )
        };
        grant(all(), grantee.clone()).execute(&mut conn).unwrap();
        assert!(
            reads(&mut session) && sets_paid(&mut session),
            "{grantee:?}"
        );
        revoke(all(), grantee.clone()).execute(&mut conn).unwrap();
        assert!(
            !reads(&mut session) && !sets_paid(&mut session),
            "{grantee:?}"
        );

        let columns = || {
            on_columns(
                sales::table,
                (sales::paid,),
                &[TablePrivilege::Select, TablePrivilege::Update],
            )
        };
        grant(columns(), grantee.clone())
            .execute(&mut conn)
            .unwrap();
        assert!(
            !reads(&mut session) && sets_paid(&mut session),
            "{grantee:?}"
        );
        revoke(columns(), grantee.clone())
            .execute(&mut conn)
            .unwrap();
        assert!(!sets_paid(&mut session), "{grantee:?}");
    }
    for privilege in [TablePrivilege::Alter, TablePrivilege::Drop] {
        let error = grant(on_table(sales::table, &[privilege]), Grantee::Public)
            .execute(&mut conn)
            .unwrap_err();
        assert!(error.to_string().starts_with("GRANT of "), "{error}");
    }
    drop_user(&user).execute(&mut conn).unwrap();
    drop_group(&group).execute(&mut conn).unwrap();
    drop_role(&role).execute(&mut conn).unwrap();
}
