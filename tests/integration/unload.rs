//! UNLOAD: what it writes, and that COPY reads it back.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_redshift::expression::AliasExpressionMethods;
use diesel_redshift::unload::{Csv, Delimited, Json, Parquet};
use diesel_redshift::{
    Error, IamRole, RedshiftConnection, RedshiftUnload, S3Uri, copy, error::StorageErrorKind,
    unload,
};
use diesel_redshift_tests::{ROLE, World};
use proptest::prelude::*;

use crate::any_values::holds_for_any;

diesel::table! {
    notes (id) {
        id -> BigInt,
        note -> Nullable<Text>,
    }
}

#[derive(Debug, Clone, PartialEq, Insertable, Queryable, Selectable, RedshiftUnload)]
#[diesel(table_name = notes)]
struct Note {
    id: i64,
    note: Option<String>,
}

fn world() -> (World, RedshiftConnection) {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute("CREATE TABLE notes (id BIGINT NOT NULL, note VARCHAR(65535))")
        .unwrap();
    (world, conn)
}

fn insert(conn: &mut RedshiftConnection, notes: &[Option<&str>]) {
    let rows: Vec<_> = (1..)
        .zip(notes)
        .map(|(id, note)| Note {
            id,
            note: note.map(str::to_owned),
        })
        .collect();
    diesel::insert_into(notes::table)
        .values(rows)
        .execute(conn)
        .unwrap();
}

fn to(world: &World, key: &str) -> S3Uri {
    S3Uri::parse(&world.uri(key)).unwrap()
}

fn text(world: &World, key: &str) -> String {
    String::from_utf8(world.get(key)).unwrap()
}

#[test]
fn a_filter_value_is_quoted_twice() {
    let (world, mut conn) = world();
    insert(&mut conn, &[Some(r"it's \ $1"), Some("other")]);
    let statement = Note::unload()
        .filter(notes::note.eq(r"it's \ $1"))
        .to(to(&world, "out_"))
        .iam_role(ROLE)
        .format(Csv::new())
        .header()
        .parallel_off();
    assert_eq!(
        statement.to_sql().unwrap(),
        format!(
            r#"UNLOAD ('SELECT "notes"."id", "notes"."note" FROM "notes" WHERE ("notes"."note" = ''it''''s \\\\ $1'')') TO '{}' IAM_ROLE '{ROLE}' FORMAT AS CSV HEADER PARALLEL OFF"#,
            world.uri("out_")
        )
    );
    let outcome = statement.execute(&mut conn).unwrap();
    assert_eq!(outcome.rows, 1);
    assert_eq!(
        outcome.notices[0].message(),
        "UNLOAD completed, 1 record(s) unloaded successfully."
    );
    assert_eq!(world.list(""), ["out_000"]);
    assert_eq!(text(&world, "out_000"), "id,note\n1,it's \\ $1\n");
}

#[test]
fn columns_of_a_join_have_the_names_they_are_given() {
    let (world, mut conn) = world();
    insert(&mut conn, &[Some("first"), Some("second")]);
    let other = diesel::alias!(notes as other);
    let next = || {
        notes::table
            .inner_join(other.on(other.field(notes::id).eq(notes::id + 1)))
            .select((
                notes::note.alias("this"),
                other.field(notes::note).alias("that \"one\""),
            ))
    };
    unload(next())
        .to(to(&world, "csv_"))
        .iam_role(ROLE)
        .format(Csv::new())
        .header()
        .parallel_off()
        .execute(&mut conn)
        .unwrap();
    assert_eq!(
        text(&world, "csv_000"),
        "this,\"that \"\"one\"\"\"\nfirst,second\n"
    );
    unload(next())
        .to(to(&world, "json_"))
        .iam_role(ROLE)
        .format(Json::new())
        .parallel_off()
        .execute(&mut conn)
        .unwrap();
    assert_eq!(
        text(&world, "json_000"),
        "{\"this\":\"first\",\"that \\\"one\\\"\":\"second\"}\n"
    );
    unload(next())
        .to(to(&world, "parquet_"))
        .iam_role(ROLE)
        .format(Parquet::new())
        .parallel_off()
        .execute(&mut conn)
        .unwrap();
    assert!(world.get("parquet_000.parquet").starts_with(b"PAR1"));
    // Without names the two columns have one.
    let error = unload(
        notes::table
            .inner_join(other.on(other.field(notes::id).eq(notes::id + 1)))
            .select((notes::note, other.field(notes::note))),
    )
    .to(to(&world, "refused_"))
    .iam_role(ROLE)
    .format(Parquet::new())
    .execute(&mut conn)
    .unwrap_err();
    assert!(error.to_string().contains("note"), "{error}");
}

#[test]
fn files_are_named_as_redshift_names_them() {
    let (world, mut conn) = world();
    insert(&mut conn, &[Some("a"); 10]);
    unload(notes::table)
        .to(to(&world, "parallel/"))
        .iam_role(IamRole::Default)
        .format(Delimited::new())
        .gzip()
        .manifest()
        .execute(&mut conn)
        .unwrap();
    let names = world.list("parallel/");
    assert!(names.contains(&"parallel/manifest".to_owned()), "{names:?}");
    assert!(
        names.contains(&"parallel/0000_part_00.gz".to_owned()),
        "{names:?}"
    );
    let manifest = text(&world, "parallel/manifest");
    assert!(
        manifest.contains(&world.uri("parallel/0000_part_00.gz")),
        "{manifest}"
    );
}

#[test]
fn a_destination_that_is_not_empty_is_refused() {
    let (world, mut conn) = world();
    insert(&mut conn, &[Some("a")]);
    world.put("out_old", "old");
    let statement = || {
        unload(notes::table)
            .to(to(&world, "out_"))
            .iam_role(IamRole::Default)
            .format(Csv::new())
            .parallel_off()
    };
    let error = statement().execute(&mut conn).unwrap_err();
    assert!(
        matches!(&error, Error::Storage(storage) if storage.kind() == StorageErrorKind::NotEmpty),
        "{error:?}"
    );
    assert!(error.to_string().contains(&world.uri("out_")), "{error}");
    assert_eq!(world.list(""), ["out_old"]);
    statement().allow_overwrite().execute(&mut conn).unwrap();
    assert_eq!(world.list(""), ["out_000", "out_old"]);
    statement().clean_path().execute(&mut conn).unwrap();
    assert_eq!(world.list(""), ["out_000"]);
}

#[test]
fn a_limit_is_wrapped() {
    let (world, mut conn) = world();
    insert(&mut conn, &[Some("a"), Some("b"), Some("c")]);
    let outcome = unload(notes::table.order(notes::id).limit(2))
        .to(to(&world, "out_"))
        .iam_role(IamRole::Default)
        .format(Csv::new())
        .parallel_off()
        .execute(&mut conn)
        .unwrap();
    assert_eq!(outcome.rows, 2);
    assert_eq!(text(&world, "out_000"), "1,a\n2,b\n");
}

#[test]
fn a_query_that_fails_leaves_no_files() {
    let (world, mut conn) = world();
    insert(&mut conn, &[Some("a")]);
    let error = unload(diesel::sql_query("SELECT 1 / (id - 1) FROM notes"))
        .to(to(&world, "out_"))
        .iam_role(IamRole::Default)
        .format(Csv::new())
        .execute(&mut conn)
        .unwrap_err();
    assert!(error.to_string().contains("division by zero"), "{error}");
    assert!(world.list("").is_empty());
    conn.batch_execute("SELECT 1").unwrap();
}

#[test]
fn what_is_unloaded_in_a_transaction_sees_it() {
    let (world, mut conn) = world();
    conn.transaction(|conn| {
        insert(conn, &[Some("a")]);
        let outcome = unload(notes::table)
            .to(to(&world, "out_"))
            .iam_role(IamRole::Default)
            .format(Csv::new())
            .execute(conn)?;
        assert_eq!(outcome.rows, 1);
        Ok::<_, Error>(())
    })
    .unwrap();
}

/// Unloads the notes, empties the table, loads them again, and compares.
fn there_and_back(world: &World, conn: &mut RedshiftConnection, notes: &[Note], key: &str) {
    conn.batch_execute("DELETE FROM notes").unwrap();
    diesel::insert_into(notes::table)
        .values(notes)
        .execute(conn)
        .unwrap();
    let csv = to(world, &format!("{key}/csv/"));
    let delimited = to(world, &format!("{key}/text/"));
    unload(notes::table)
        .to(csv.clone())
        .iam_role(IamRole::Default)
        .format(Csv::new().null_as("\u{1}NULL"))
        .zstd()
        .execute(conn)
        .unwrap();
    unload(notes::table)
        .to(delimited.clone())
        .iam_role(IamRole::Default)
        .format(Delimited::new().escape().null_as("@NULL@"))
        .execute(conn)
        .unwrap();
    conn.batch_execute("DELETE FROM notes").unwrap();
    copy(notes::table)
        .from(csv)
        .iam_role(IamRole::Default)
        .format(copy::Csv::new().null_as("\u{1}NULL"))
        .zstd()
        .execute(conn)
        .unwrap();
    let mut found: Vec<Note> = notes::table.order(notes::id).load(conn).unwrap();
    assert_eq!(found, notes);
    conn.batch_execute("DELETE FROM notes").unwrap();
    copy(notes::table)
        .from(delimited)
        .iam_role(IamRole::Default)
        .format(copy::Delimited::new().escape().null_as("@NULL@"))
        .execute(conn)
        .unwrap();
    found = notes::table.order(notes::id).load(conn).unwrap();
    assert_eq!(found, notes);
}

#[test]
fn any_text_comes_back() {
    let (world, mut conn) = world();
    let cases = std::cell::Cell::new(0);
    let text = prop_oneof![
        "[^\0]{0,40}",
        r#"[\\'"|,\n\r\t $@N]{0,12}"#,
        Just("\\N".to_owned()),
        Just(String::new()),
    ];
    let notes = proptest::collection::vec(proptest::option::of(text), 1..60);
    holds_for_any(12, &mut conn, notes, |conn, notes| {
        let notes: Vec<_> = (1..)
            .zip(notes)
            .map(|(id, note)| Note { id, note })
            .collect();
        cases.set(cases.get() + 1);
        there_and_back(&world, conn, &notes, &cases.get().to_string());
        Ok(())
    });
}
