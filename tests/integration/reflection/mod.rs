//! What a database holds, read from its catalogs and printed.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use diesel::connection::{Instrumentation, InstrumentationEvent, SimpleConnection};
use diesel::prelude::*;
use diesel_redshift::RedshiftConnection;
use diesel_redshift::reflection::{
    ColumnSorting, CreateTableOptions, Distribution, Docs, Filter, RelationKind, RustOptions,
    SameQuery, Schema, SortKey,
};
use diesel_redshift_tests::World;

/// What is printed of `awkward.sql`; that it compiles is seen here.
mod awkward;
/// The structs of the same tables.
#[allow(dead_code, unreachable_pub)]
mod structs;

const AWKWARD: &str = include_str!("awkward.sql");

fn printed(conn: &mut RedshiftConnection, filter: &Filter, options: &RustOptions) -> String {
    Schema::load(conn, filter).unwrap().to_rust(options)
}

/// Compares with a file beside this one; `REDSHIFT_WRITE_EXPECTED` writes it.
fn assert_is_file(printed: &str, name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("integration/reflection")
        .join(name);
    if std::env::var_os("REDSHIFT_WRITE_EXPECTED").is_some() {
        fs::write(&path, printed).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(printed, expected, "{}", path.display());
}

#[test]
fn the_sample_schema_is_printed_as_it_stands_in_the_repository() {
    let world = World::new();
    let conn = &mut world.connect();
    conn.batch_execute(include_str!(
        "../../../migrations/2026-01-01-000000_create_users/up.sql"
    ))
    .unwrap();
    conn.batch_execute(include_str!(
        "../../../migrations/2026-01-01-000100_create_orders/up.sql"
    ))
    .unwrap();
    assert_eq!(
        printed(conn, &Filter::current_schema(), &RustOptions::new()),
        include_str!("../../../migrations/schema.rs")
    );
    let schema = Schema::load(conn, &Filter::current_schema()).unwrap();
    let users = schema.relation("public", "users").unwrap();
    assert_eq!(users.distribution, Some(Distribution::Key));
    assert_eq!(
        users.sort_key,
        Some(SortKey::Compound(vec!["joined_on".into(), "id".into()]))
    );
    assert!(users.column("id").unwrap().is_distribution_key);
    assert_eq!(
        users.column("note").unwrap().encoding.as_deref(),
        Some("zstd")
    );
    let orders = schema.relation("public", "orders").unwrap();
    assert_eq!(orders.foreign_keys[0].foreign_table, "users");
    assert_eq!(orders.foreign_keys[0].foreign_columns, ["id"]);
    let identity = orders.column("id").unwrap().identity.unwrap();
    assert_eq!(
        (identity.seed, identity.step, identity.is_by_default),
        (1, 1, false)
    );
    assert_eq!(
        orders.column("ordered_at").unwrap().default.as_deref(),
        Some("getdate()")
    );
}

#[test]
fn awkward_tables_are_printed_as_rust_that_compiles() {
    let world = World::new();
    let conn = &mut world.connect();
    conn.batch_execute(AWKWARD).unwrap();
    let options = RustOptions::new()
        .include_views()
        .docs(Docs::OnlyDatabaseComments)
        .same_query(SameQuery::ForeignKeyRelatedTables)
        .primary_key("public.pair", ["b_id", "a_id"]);
    assert_is_file(
        &printed(conn, &Filter::current_schema(), &options),
        "awkward.rs",
    );
    let schema = Schema::load(conn, &Filter::current_schema()).unwrap();
    assert_is_file(&schema.to_structs(&options, "super::awkward"), "structs.rs");
    // The names in it are those of the database.
    let rows =
        awkward::_2nd::table.load::<(Option<i32>, Option<f32>, Option<f32>, Option<i32>)>(conn);
    assert_eq!(rows.unwrap(), []);
    let lines = awkward::order_lines::table.inner_join(
        awkward::composite::table
            .on(awkward::composite::a.eq(awkward::order_lines::order_id.nullable())),
    );
    assert_eq!(
        lines
            .select(awkward::order_lines::price_in_)
            .load::<Option<bigdecimal::BigDecimal>>(conn)
            .unwrap(),
        []
    );
    assert_eq!(awkward::late::table.count().get_result(conn), Ok(0_i64));
}

#[test]
fn kinds_of_relations_are_told_apart() {
    let world = World::new();
    let conn = &mut world.connect();
    conn.batch_execute(AWKWARD).unwrap();
    let schema = Schema::load(conn, &Filter::current_schema()).unwrap();
    let kind = |name| schema.relation("public", name).unwrap().kind;
    assert_eq!(kind("every_type"), RelationKind::Table);
    assert_eq!(kind("bound"), RelationKind::View);
    assert_eq!(kind("late"), RelationKind::LateBindingView);
    assert_eq!(kind("kept"), RelationKind::MaterializedView);
    let late = schema.relation("public", "late").unwrap();
    assert_eq!(late.columns.len(), 2);
    assert!(late.columns[0].is_nullable && late.distribution.is_none());
    let tables = Schema::load(conn, &Filter::current_schema().without_views()).unwrap();
    assert!(
        tables
            .relations
            .iter()
            .all(|table| table.kind == RelationKind::Table)
    );
}

#[test]
fn a_table_that_is_printed_as_create_table_comes_back_equal() {
    let world = World::new();
    let conn = &mut world.connect();
    conn.batch_execute(AWKWARD).unwrap();
    conn.batch_execute("CREATE TABLE sorted (a INTEGER ENCODE zstd, b VARCHAR(7) NOT NULL) DISTSTYLE ALL INTERLEAVED SORTKEY (b, a)").unwrap();
    let before = Schema::load(conn, &Filter::current_schema().without_views()).unwrap();
    let without_keys = CreateTableOptions::new()
        .without_schema()
        .without_foreign_keys();
    let mut sql = String::from("CREATE SCHEMA again; SET search_path TO again;");
    for table in &before.relations {
        sql.push_str(&table.create_table(&without_keys).unwrap());
    }
    for table in &before.relations {
        sql.push_str(&table.add_foreign_keys(&without_keys).unwrap());
    }
    conn.batch_execute(&sql).unwrap();
    let mut after = Schema::load(conn, &Filter::current_schema()).unwrap();
    assert_eq!(after.relations.len(), before.relations.len());
    for (after, before) in after.relations.iter_mut().zip(&before.relations) {
        after.schema.clone_from(&before.schema);
        for key in &mut after.foreign_keys {
            assert_eq!(key.foreign_schema, "again");
            key.foreign_schema.clone_from(&before.schema);
        }
        assert_eq!(&*after, before);
    }
}

#[test]
fn schemas_and_tables_are_chosen_by_filters() {
    let world = World::new();
    let conn = &mut world.connect();
    conn.batch_execute(
        "CREATE SCHEMA sales; CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY); \
         CREATE TABLE sales.orders (id INTEGER NOT NULL PRIMARY KEY, user_id INTEGER REFERENCES public.users (id)); \
         CREATE TABLE sales.orders_backup (id INTEGER); \
         CREATE SCHEMA \"type\"; CREATE TABLE \"type\".t (id INTEGER)",
    )
    .unwrap();
    let names = |conn: &mut _, filter: Filter| -> Vec<String> {
        let schema = Schema::load(conn, &filter).unwrap();
        schema
            .relations
            .into_iter()
            .map(|relation| format!("{}.{}", relation.schema, relation.name))
            .collect()
    };
    assert_eq!(names(conn, Filter::current_schema()), ["public.users"]);
    assert_eq!(
        names(conn, Filter::all_schemas()),
        [
            "public.users",
            "sales.orders",
            "sales.orders_backup",
            "type.t"
        ]
    );
    let sales = || Filter::schemas(["sales"]);
    assert_eq!(
        names(conn, sales().except_tables(["_backup$"])),
        ["sales.orders"]
    );
    assert_eq!(
        names(conn, sales().only_tables(["backup", "^x"])),
        ["sales.orders_backup"]
    );
    assert_is_file(
        &printed(
            conn,
            &sales(),
            &RustOptions::new()
                .docs(Docs::DatabaseCommentsOrGenerated)
                .column_sorting(ColumnSorting::Name),
        ),
        "schema.txt",
    );
    assert_is_file(
        &printed(conn, &Filter::all_schemas(), &RustOptions::new()),
        "schemas.txt",
    );
    let error = Schema::load(conn, &Filter::schemas(["sales", "salez"])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "invalid schema: \"salez\"; expected the name of one that exists and that the user may see; without quotes it is in lower case"
    );
}

#[test]
fn a_user_without_rights_reads_the_catalogs() {
    let world = World::new();
    let conn = &mut world.connect();
    conn.batch_execute(AWKWARD).unwrap();
    let name = format!("reader_{}", world.database());
    conn.batch_execute(&format!("CREATE USER {name} PASSWORD 'Reader1234'"))
        .unwrap();
    let url = world
        .url()
        .replace("awsuser:Sandbox1", &format!("{name}:Reader1234"));
    let reader = &mut RedshiftConnection::establish(&url).unwrap();
    assert!(
        diesel::sql_query("SELECT count(*) FROM no_key")
            .execute(reader)
            .is_err()
    );
    let seen = Schema::load(reader, &Filter::schemas(["public"])).unwrap();
    assert_eq!(
        seen.relations,
        Schema::load(conn, &Filter::schemas(["public"]))
            .unwrap()
            .relations
    );
}

struct Count(Arc<AtomicUsize>);

impl Instrumentation for Count {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if matches!(event, InstrumentationEvent::StartQuery { .. }) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[test]
fn the_number_of_queries_is_not_that_of_the_tables() {
    let world = World::new();
    let conn = &mut world.connect();
    let sql: String = (0..60)
        .map(|n| format!("CREATE TABLE t{n} (id INTEGER NOT NULL PRIMARY KEY, other INTEGER REFERENCES t{} (id));", n.max(1) - 1))
        .collect();
    conn.batch_execute(&sql.replacen(" REFERENCES t0 (id)", "", 1))
        .unwrap();
    let queries = Arc::new(AtomicUsize::new(0));
    conn.set_instrumentation(Count(Arc::clone(&queries)));
    let schema = Schema::load(conn, &Filter::current_schema()).unwrap();
    assert_eq!(schema.relations.len(), 60);
    assert_eq!(queries.load(Ordering::Relaxed), 4);
}
