//! Files that are named by a manifest, or lie in folders of partitions.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_redshift::copy::{self as load, LoadManifest, ManifestEntry, S3Manifest};
use diesel_redshift::unload::{self as write, UnloadManifest};
use diesel_redshift::{IamRole, copy, unload};

use super::{ALL, LINES, NONE, ROWS, differences, number, t, u, uri, world};

diesel::table! {
    parts (id) {
        id -> Integer,
        year -> Nullable<Integer>,
        day -> Nullable<Date>,
        name -> Nullable<Text>,
    }
}
#[test]
fn a_manifest_of_an_unload_feeds_a_copy() {
    let (world, mut conn) = world(&[ROWS, LINES]);
    let to = uri(&world, "out/x_");
    let statement = unload(t::table)
        .to(to)
        .iam_role(IamRole::Default)
        .format(write::Csv::new().null_as("@NULL@"))
        .header()
        .manifest_verbose()
        .gzip();
    assert_eq!(
        statement.manifest_location().unwrap(),
        uri(&world, "out/x_manifest")
    );
    statement.execute(&mut conn).unwrap();
    let manifest = UnloadManifest::parse(&world.get("out/x_manifest")).unwrap();
    assert_eq!(manifest.files.len(), 2);
    assert_eq!(manifest.record_count, Some(13 + 2));
    assert_eq!(manifest.columns[5].base, "numeric");
    assert_eq!(
        (manifest.columns[5].precision, manifest.columns[5].scale),
        (Some(38), Some(37))
    );
    assert_eq!(manifest.columns[13].max_length, Some(9));

    let mut files = LoadManifest::from(&manifest);
    files.extend([ManifestEntry::new(uri(&world, "not/there")).optional()]);
    world.put("load.manifest", files.to_json());
    let load = || {
        copy(u::table)
            .from(S3Manifest::at(uri(&world, "load.manifest")))
            .iam_role(IamRole::Default)
            .format(
                load::Csv::new()
                    .null_as("@NULL@")
                    .ignore_header(1)
                    .date_format("auto")
                    .time_format("auto"),
            )
            .gzip()
    };
    load().execute(&mut conn).unwrap();
    assert_eq!(differences(&mut conn, ALL), NONE);
    // One that has to be there fails, and nothing is loaded.
    files.extend([uri(&world, "not/there")]);
    world.put("load.manifest", files.to_json());
    load().execute(&mut conn).unwrap_err();
    assert_eq!(number(&mut conn, "SELECT count(*) FROM u"), 13);
}

#[test]
fn partitions_come_back_where_the_files_hold_the_column() {
    let (world, mut conn) = world(&[]);
    conn.batch_execute(
        "CREATE TABLE parts (id INT NOT NULL, year INT, day DATE, name VARCHAR(20)); \
         INSERT INTO parts VALUES (1, 2023, '2023-05-06', 'a/b'), (2, 2024, NULL, 'x y'), (3, NULL, '0044-03-15 BC', '')",
    )
    .unwrap();
    let expected: Vec<(i32, Option<i32>, Option<String>)> = parts::table
        .select((parts::id, parts::year, parts::name))
        .order(parts::id)
        .load(&mut conn)
        .unwrap();
    unload(parts::table)
        .to(uri(&world, "kept"))
        .iam_role(IamRole::Default)
        .format(write::Parquet::new())
        .partition_by_include((parts::year, parts::day))
        .execute(&mut conn)
        .unwrap();
    unload(parts::table)
        .to(uri(&world, "cut"))
        .iam_role(IamRole::Default)
        .format(write::Json::new())
        .partition_by((parts::year,))
        .parallel_off()
        .execute(&mut conn)
        .unwrap();
    assert_eq!(
        world.list("cut"),
        [
            "cut/year=2023/000",
            "cut/year=2024/000",
            "cut/year=__HIVE_DEFAULT_PARTITION__/000"
        ]
    );
    conn.batch_execute("DELETE FROM parts").unwrap();
    copy(parts::table)
        .from(uri(&world, "kept/"))
        .iam_role(IamRole::Default)
        .format(load::Parquet::new())
        .execute(&mut conn)
        .unwrap();
    let mut found: Vec<(i32, Option<i32>, Option<String>)> = parts::table
        .select((parts::id, parts::year, parts::name))
        .order(parts::id)
        .load(&mut conn)
        .unwrap();
    assert_eq!(found, expected);
    assert_eq!(
        number(
            &mut conn,
            "SELECT count(*) FROM parts WHERE day = '0044-03-15 BC'"
        ),
        1
    );
    // What only the folders say is lost.
    conn.batch_execute("DELETE FROM parts").unwrap();
    copy(parts::table)
        .from(uri(&world, "cut/"))
        .iam_role(IamRole::Default)
        .format(load::Json::auto().date_format("auto"))
        .execute(&mut conn)
        .unwrap();
    found = parts::table
        .select((parts::id, parts::year, parts::name))
        .order(parts::id)
        .load(&mut conn)
        .unwrap();
    assert!(found.iter().all(|row| row.1.is_none()));
    assert_eq!(found.len(), 3);
}
