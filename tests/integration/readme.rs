//! The README's first example runs as it stands.

use std::error::Error;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_redshift::{RedshiftConnection, RedshiftCopy, RedshiftUnload, copy, unload};
use diesel_redshift_tests::{World, sandbox};

diesel::table! {
    users (id) {
        id -> BigInt,
        name -> Text,
    }
}

// What stands between the marks is the README's, character by character.
#[allow(dead_code)]
#[rustfmt::skip]
fn example(mut conn: RedshiftConnection) -> Result<(), Box<dyn Error>> {
    // begin
    #[derive(Queryable, Selectable, RedshiftCopy, RedshiftUnload)]
    #[diesel(table_name = users)]
    struct User {
        id: i64,
        name: String,
    }

    let role = "arn:aws:iam::012345678901:role/MyRedshiftRole";

    // COPY "users" ("id", "name") FROM 's3://bucket-name/file-name.csv'
    // IAM_ROLE 'arn:aws:iam::012345678901:role/MyRedshiftRole' FORMAT AS CSV IGNOREHEADER 1
    let loaded = User::copy()
        .from("s3://bucket-name/file-name.csv")
        .iam_role(role)
        .format(copy::Csv::new().ignore_header(1))
        .execute(&mut conn)?;
    println!("{} rows", loaded.rows);

    // UNLOAD ('SELECT … WHERE ("users"."name" = ''O''''Brien'')') TO 's3://bucket-name/brien_' …
    User::unload()
        .filter(users::name.eq("O'Brien"))
        .to("s3://bucket-name/brien_")
        .iam_role(role)
        .format(unload::Parquet::new())
        .execute(&mut conn)?;
    // end
    Ok(())
}

fn first_example(readme: &str) -> &str {
    let (_, rest) = readme.split_once("```rust\n").unwrap();
    rest.split_once("```").unwrap().0
}

#[test]
fn the_example_above_is_the_one_of_the_readme() {
    let this = include_str!("readme.rs");
    let (_, rest) = this.split_once("    // begin\n").unwrap();
    let (here, _) = rest.split_once("    // end\n").unwrap();
    let here: String = here
        .lines()
        .map(|line| format!("{}\n", line.strip_prefix("    ").unwrap_or(line)))
        .collect();
    assert_eq!(here, first_example(include_str!("../../README.md")));
}

#[test]
fn it_loads_and_unloads() {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute("CREATE TABLE users (id BIGINT NOT NULL, name VARCHAR(100) NOT NULL)")
        .unwrap();
    let store = sandbox().store();
    store
        .put(
            "s3://bucket-name/file-name.csv",
            "id,name\n1,O'Brien\n2,Ada\n",
        )
        .unwrap();
    example(world.connect()).unwrap();
    let count = users::table.count().get_result::<i64>(&mut conn);
    assert_eq!(count, Ok(2));
    let files = store.list("s3://bucket-name/brien_").unwrap();
    assert!(!files.is_empty());
}

#[test]
fn the_index_leads_to_every_page() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let readme = include_str!("../../README.md");
    let guide = std::fs::read_to_string(root.join("diesel-redshift/src/guide.rs")).unwrap();
    for entry in std::fs::read_dir(root.join("diesel-redshift/doc")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let (page, is_page) = (format!("doc/{name}"), name.ends_with(".md"));
        // The command has a README of its own; the store's page is its module's.
        if is_page && name != "command-line.md" {
            assert!(
                readme.contains(&format!("(diesel-redshift/{page})")),
                "{page}"
            );
        }
        if is_page && name != "store.md" {
            assert!(guide.contains(&page), "{page}");
        }
    }
    let links = readme.split("](").skip(1);
    for target in links.map(|link| link.split(')').next().unwrap()) {
        let is_elsewhere = target.starts_with("http") || target.starts_with('#');
        assert!(is_elsewhere || root.join(target).exists(), "{target}");
    }
}
