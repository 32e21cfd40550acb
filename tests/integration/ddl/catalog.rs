//! What the catalogs tell afterwards, as the reflection reads it.

use diesel_redshift::ddl::*;
use diesel_redshift::reflection::{Distribution, Filter, Relation, RelationKind, Schema, SortKey};

use super::*;

diesel::table! {
    use diesel::sql_types::*;
    use diesel_redshift::sql_types::*;

    wide (id) {
        id -> Integer,
        small -> SmallInt,
        price -> Nullable<Numeric>,
        ratio -> Nullable<Double>,
        real -> Float,
        #[max_length = 300]
        name -> Text,
        code -> Nullable<Text>,
        bytes -> Binary,
        key -> Uuid,
        day -> Date,
        time -> Time,
        timetz -> Nullable<Timetz>,
        instant -> Timestamptz,
        body -> Nullable<Super>,
    }
}

diesel::table! {
    archive.late (name) {
        name -> Text,
        paid -> Bool,
    }
}

diesel::table! {
    archive.sold (name) {
        name -> Text,
        paid -> Bool,
    }
}

fn relation(conn: &mut RedshiftConnection, name: &str) -> Relation {
    let schema = Schema::load(conn, &Filter::default()).unwrap();
    let current = schema.current_schema.clone();
    schema.relation(&current, name).unwrap().clone()
}

#[test]
fn all_types_and_both_identities() {
    let world = World::new();
    let mut conn = world.connect();
    let create = |by_default: bool| {
        create_table(wide::table)
            .column(wide::id, move |id| {
                if by_default {
                    id.identity_by_default(-5, -1)
                } else {
                    id.identity(100, 7)
                }
            })
            .column(wide::small, |small| small.default(-3_i16).encode(Mostly8))
            .column(wide::price, |price| price.decimal(38, 37).encode(Zstd))
            .column(wide::ratio, |ratio| ratio.default(1.5).encode(ByteDict))
            .column(wide::name, |name| {
                name.varchar_of_max_length().default("it's \\")
            })
            .column(wide::code, |code| code.char(4_096).default(None::<&str>))
            .column(wide::bytes, |bytes| bytes.varbyte(1_024_000))
            .column(wide::day, |day| {
                day.default(chrono::NaiveDate::from_ymd_opt(2026, 1, 31).unwrap())
            })
            .unique((wide::name, wide::day))
            .interleaved_sort_key((wide::name, wide::small))
            .no_backup()
            .dist_even()
    };
    for (by_default, seed, step) in [(true, -5, -1), (false, 100, 7)] {
        create(by_default).execute(&mut conn).unwrap();
        let made = relation(&mut conn, "wide");
        let columns: Vec<_> = made
            .columns
            .iter()
            .map(|column| {
                format!(
                    "{} {}{} {}",
                    column.name,
                    column.data_type,
                    if column.is_nullable { " null" } else { "" },
                    column.default.as_deref().unwrap_or("-")
                )
            })
            .collect();
        assert_eq!(
            columns[1..],
            [
                "small SMALLINT ('-3'::integer)::smallint",
                "price DECIMAL(38, 37) null -",
                "ratio DOUBLE PRECISION null '1.5'::double precision",
                "real REAL -",
                "name VARCHAR(300) 'it''s \\\\'::character varying",
                "code CHAR(4096) null NULL::bpchar",
                "bytes VARBYTE -",
                "key VARCHAR(36) -",
                "day DATE '2026-01-31'::date",
                "time TIME -",
                "timetz TIMETZ null -",
                "instant TIMESTAMPTZ -",
                "body SUPER null -",
            ]
        );
        let identity = made.columns[0].identity.as_ref().unwrap();
        assert_eq!(
            (identity.seed, identity.step, identity.is_by_default),
            (seed, step, by_default)
        );
        assert_eq!(made.distribution, Some(Distribution::Even));
        let key = SortKey::Interleaved(vec!["name".to_owned(), "small".to_owned()]);
        assert_eq!(made.sort_key, Some(key));
        assert_eq!(made.unique_keys[0].columns, ["name", "day"]);
        assert_eq!(made.columns[1].encoding.as_deref(), Some("mostly8"));
        drop_table(wide::table).execute(&mut conn).unwrap();
    }
}

#[test]
fn keys_that_nothing_enforces() {
    let world = World::new();
    let mut conn = world.connect();
    create_sales().execute(&mut conn).unwrap();
    let create = create_table(stage::table)
        .column(stage::name, |name| name.varchar(9))
        .column(stage::code, |code| code.char(1))
        .column(stage::amount, |amount| amount.decimal(9, 2))
        .primary_key((stage::id, stage::at))
        .unique((stage::name,))
        .foreign_key((stage::id,), sales::table, (sales::id,))
        .dist_all()
        .sort_auto();
    create.execute(&mut conn).unwrap();
    let made = relation(&mut conn, "stage");
    assert_eq!(made.primary_key.unwrap().columns, ["id", "at"]);
    assert_eq!(made.unique_keys[0].columns, ["name"]);
    assert_eq!(made.foreign_keys[0].foreign_table, "sales");
    assert_eq!(made.foreign_keys[0].foreign_columns, ["id"]);
    assert_eq!(made.distribution, Some(Distribution::All));
    assert_eq!(made.sort_key, None);
    // Twice the same row, of no sale.
    let row = (
        stage::id.eq(1),
        stage::name.eq("x"),
        stage::amount.eq(bigdecimal::BigDecimal::from(1)),
        stage::at.eq(chrono::NaiveDateTime::default()),
        stage::paid.eq(true),
    );
    for _ in 0..2 {
        diesel::insert_into(stage::table)
            .values(row.clone())
            .execute(&mut conn)
            .unwrap();
    }
}

/// It hides a table of the same name, in this session alone, and so do those of a query and of another table.
#[test]
fn temporary_tables_are_the_sessions_own() {
    let world = World::new();
    let mut conn = world.connect();
    let mut other = world.connect();
    create_sales().execute(&mut conn).unwrap();
    conn.batch_execute("INSERT INTO sales (name, amount) VALUES ('x', 2)")
        .unwrap();
    let count = |conn: &mut RedshiftConnection| {
        stage::table
            .count()
            .get_result::<i64>(conn)
            .map_err(|error| error.to_string())
    };
    let none = Err("relation \"stage\" does not exist".to_owned());
    create_table(stage::table)
        .column(stage::name, |name| name.varchar(9))
        .column(stage::code, |code| code.char(1))
        .column(stage::amount, |amount| amount.decimal(9, 2))
        .temporary()
        .execute(&mut conn)
        .unwrap();
    assert_eq!((count(&mut conn), count(&mut other)), (Ok(0), none.clone()));
    drop_table(stage::table).execute(&mut conn).unwrap();
    create_table_as(stage::table, sales::table)
        .temporary()
        .dist_key(stage::id)
        .sort_key((stage::at,))
        .execute(&mut conn)
        .unwrap();
    assert_eq!((count(&mut conn), count(&mut other)), (Ok(1), none.clone()));
    drop_table(stage::table).execute(&mut conn).unwrap();
    let like = create_table_like(stage::table, sales::table).temporary();
    for (like, default) in [
        (like.clone(), None),
        (like.including_defaults(), Some("no")),
    ] {
        like.execute(&mut conn).unwrap();
        assert_eq!((count(&mut conn), count(&mut other)), (Ok(0), none.clone()));
        conn.batch_execute(
            "INSERT INTO stage (id, name, amount, at, paid) VALUES (1, 'x', 1, '2026-01-01', TRUE)",
        )
        .unwrap();
        let code: Option<String> = stage::table.select(stage::code).first(&mut conn).unwrap();
        assert_eq!(code.as_deref().map(str::trim), default);
        drop_table(stage::table).execute(&mut conn).unwrap();
    }
}

#[test]
fn every_other_change_of_a_table() {
    let world = World::new();
    let mut conn = world.connect();
    create_sales().execute(&mut conn).unwrap();
    create_view(
        totals::table,
        sales::table.select((sales::name, sales::paid)),
    )
    .execute(&mut conn)
    .unwrap();
    let alter = || alter_table(sales::table);
    alter()
        .add_unique((sales::name, sales::at))
        .execute(&mut conn)
        .unwrap();
    alter()
        .add_foreign_key((sales::id,), sales::table, (sales::id,))
        .execute(&mut conn)
        .unwrap();
    let made = relation(&mut conn, "sales");
    assert_eq!(made.unique_keys[0].columns, ["name", "at"]);
    assert_eq!(made.foreign_keys[0].columns, ["id"]);
    for (change, distribution) in [
        (alter().dist_even(), Distribution::Even),
        (alter().dist_all(), Distribution::All),
        (alter().dist_key(sales::at), Distribution::Key),
        (alter().dist_auto(), Distribution::Auto),
    ] {
        change.execute(&mut conn).unwrap();
        let made = relation(&mut conn, "sales");
        assert_eq!(made.distribution, Some(distribution));
        assert_eq!(
            made.columns[4].is_distribution_key,
            distribution == Distribution::Key
        );
    }
    alter().sort_key((sales::name,)).execute(&mut conn).unwrap();
    let key = SortKey::Compound(vec!["name".to_owned()]);
    assert_eq!(relation(&mut conn, "sales").sort_key, Some(key));
    alter().sort_none().execute(&mut conn).unwrap();
    assert_eq!(relation(&mut conn, "sales").sort_key, None);
    alter().sort_auto().execute(&mut conn).unwrap();
    alter().encode_auto().execute(&mut conn).unwrap();

    let error = alter().drop_column("paid").execute(&mut conn).unwrap_err();
    assert!(error.to_string().contains("depend"), "{error}");
    alter()
        .drop_column_cascade("paid")
        .execute(&mut conn)
        .unwrap();
    assert!(columns(&mut conn, "odd \"totals\"").is_empty());

    let owner = format!("owner of {}", world.database());
    create_user(&owner)
        .password_disable()
        .execute(&mut conn)
        .unwrap();
    alter().owner_to(&owner).execute(&mut conn).unwrap();
    let found = value(
        &mut conn,
        "SELECT tableowner::varchar AS value FROM pg_tables WHERE tablename = 'sales'",
    );
    assert_eq!(found, Some(owner.clone()));
    drop_table(sales::table)
        .cascade()
        .execute(&mut conn)
        .unwrap();

    let create = || create_schema("archive").authorization(&owner);
    let error = create()
        .quota_megabytes(500)
        .execute(&mut conn)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "CREATE SCHEMA with QUOTA is not supported by the sandbox yet"
    );
    create().execute(&mut conn).unwrap();
    let found = value(
        &mut conn,
        "SELECT pg_get_userbyid(nspowner)::varchar AS value FROM pg_namespace WHERE nspname = 'archive'",
    );
    assert_eq!(found, Some(owner.clone()));
    create_schema("archive")
        .if_not_exists()
        .execute(&mut conn)
        .unwrap();
    drop_schema("archive").execute(&mut conn).unwrap();
    drop_schema("archive")
        .if_exists()
        .execute(&mut conn)
        .unwrap();
    drop_user(&owner).execute(&mut conn).unwrap();
}

/// A late-binding view outlives its tables, and its tables have their schemas.
#[test]
fn late_binding_views() {
    let world = World::new();
    let mut conn = world.connect();
    create_schema("archive").execute(&mut conn).unwrap();
    let error = create_view(late::table, totals::table)
        .late_binding()
        .execute(&mut conn)
        .unwrap_err();
    assert!(matches!(error, Error::Invalid(_)), "{error:?}");
    let create = || create_table(sold::table).column(sold::name, |name| name.varchar(9));
    create().execute(&mut conn).unwrap();
    let view =
        || create_view(late::table, sold::table.filter(sold::name.ne("it's"))).late_binding();
    view().execute(&mut conn).unwrap();
    view().or_replace().execute(&mut conn).unwrap();
    let schema = Schema::load(&mut conn, &Filter::schemas(["archive"])).unwrap();
    assert_eq!(
        schema.relation("archive", "late").unwrap().kind,
        RelationKind::LateBindingView
    );
    drop_table(sold::table).execute(&mut conn).unwrap();
    late::table.load::<(String, bool)>(&mut conn).unwrap_err();
    create().execute(&mut conn).unwrap();
    diesel::insert_into(sold::table)
        .values((sold::name.eq("x"), sold::paid.eq(true)))
        .execute(&mut conn)
        .unwrap();
    let found: Vec<(String, bool)> = late::table.load(&mut conn).unwrap();
    assert_eq!(found, [("x".to_owned(), true)]);
    drop_view(late::table).execute(&mut conn).unwrap();
    drop_view(late::table)
        .if_exists()
        .execute(&mut conn)
        .unwrap();
}

#[test]
fn materialized_views_have_keys_and_what_the_sandbox_lacks_is_told() {
    let world = World::new();
    let mut conn = world.connect();
    create_sales().execute(&mut conn).unwrap();
    let query = || sales::table.select((sales::name, sales::paid));
    let create = || create_materialized_view(totals::table, query());
    create().auto_refresh().execute(&mut conn).unwrap();
    drop_materialized_view(totals::table)
        .execute(&mut conn)
        .unwrap();
    create()
        .dist_all()
        .sort_key((totals::paid, totals::name))
        .no_backup()
        .execute(&mut conn)
        .unwrap();
    assert_eq!(
        relation(&mut conn, "odd \"totals\"").kind,
        RelationKind::MaterializedView
    );
    let keys = "SELECT reldiststyle::varchar || ' ' || LISTAGG(attsortkeyord::varchar, ' ') WITHIN GROUP (ORDER BY attnum) AS value \
        FROM pg_class c JOIN pg_attribute ON attrelid = c.oid AND attnum > 0 WHERE relname LIKE 'odd%' GROUP BY reldiststyle";
    assert_eq!(value(&mut conn, keys).as_deref(), Some("8 2 1"));
    let error = refresh_materialized_view(totals::table)
        .cascade()
        .execute(&mut conn)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "REFRESH with CASCADE is not supported by the sandbox yet"
    );
    drop_table(sales::table).execute(&mut conn).unwrap_err();
    drop_materialized_view(totals::table)
        .if_exists()
        .cascade()
        .execute(&mut conn)
        .unwrap();
}
