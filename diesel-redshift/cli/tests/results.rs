//! `unload`, `query`, `check`.

use std::fs;
use std::process::Stdio;

use diesel::connection::SimpleConnection;

use crate::project::{Ran, left_in_s3, names, staging, warehouse};

#[test]
fn results_are_unloaded_to_s3_a_file_and_a_folder() {
    let project = warehouse();
    project
        .connect()
        .batch_execute("INSERT INTO users VALUES (1, 'Ada'), (2, 'O''Br')")
        .unwrap();
    let through = staging(&project);
    let said = project
        .run(&[
            "unload",
            "out.csv",
            "-q",
            "SELECT id, name FROM users ORDER BY id",
            "--header",
            "--through",
            &through,
        ])
        .succeeded();
    assert_eq!(said, "2 rows unloaded to out.csv.\n");
    assert_eq!(project.read("out.csv"), "id,name\n1,Ada\n2,O'Br\n");
    let told = project
        .run(&["unload", "out.csv", "-t", "users", "--through", &through])
        .failed(1);
    assert!(told.contains("out.csv is there already"), "{told}");
    project
        .run(&[
            "unload",
            "out/",
            "-t",
            "public.users",
            "--format",
            "json",
            "--through",
            &through,
        ])
        .succeeded();
    let files = names(&project.path("out"));
    let text: String = files
        .iter()
        .map(|name| project.read(&format!("out/{name}")))
        .collect();
    assert_eq!(text.lines().count(), 2, "{text}");
    assert_eq!(left_in_s3(&project), [""; 0]);
    let location = format!("{through}/kept_");
    let said = project
        .run(&["unload", &location, "-t", "users", "--json"])
        .succeeded();
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&said).unwrap()["rows"],
        2
    );
    assert!(!left_in_s3(&project).is_empty());
    let told = project.run(&["unload", &location, "-t", "users"]).failed(1);
    assert!(told.contains("not empty"), "{told}");
}

#[test]
fn queries_are_printed() {
    let project = warehouse();
    assert_eq!(
        project
            .run(&[
                "query",
                "SELECT 1 AS a, 'x\ty' AS long_name UNION ALL SELECT 20, NULL ORDER BY 1"
            ])
            .succeeded(),
        "a   long_name\n--  ---------\n1   x\\ty\n20\n"
    );
    project.write("query.sql", "SELECT 1 AS a\n");
    assert_eq!(
        project
            .run(&["query", "-f", "query.sql", "--format", "csv"])
            .succeeded(),
        "a\n1\n"
    );
    let told = project.run(&["query", "SELECT * FROM nothing"]).failed(1);
    assert!(
        told.contains("relation \"nothing\" does not exist"),
        "{told}"
    );
    // Who reads may stop.
    let mut child = project
        .command(&[
            "query",
            "SELECT a.n FROM (SELECT 1 AS n UNION ALL SELECT 2) a",
            "--json",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let ran = Ran::of(&child.wait_with_output().unwrap());
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
}

#[test]
fn a_check_compares_the_schema_and_reads_the_migrations() {
    let project = warehouse();
    project
        .write("diesel.toml", "[print_schema]\nfile = \"schema.rs\"\n")
        .migration(
            "1_one",
            "CREATE TABLE more (id INT); VACUUM more;",
            "ALTER TABLE more\n APPEND FROM users",
        )
        .migration("2_two", "VACUUM users", "")
        .write(
            "migrations/2_two/metadata.toml",
            "run_in_transaction = false",
        );
    let printed = project.run(&["print-schema"]).succeeded();
    fs::write(
        project.path("schema.rs"),
        printed.replace("Nullable<Varchar>", "Varchar"),
    )
    .unwrap();
    let ran = project.run(&["check"]);
    assert_eq!(ran.code, Some(4), "{ran:?}");
    assert!(
        ran.stdout
            .contains("-        name -> Varchar,\n+        name -> Nullable<Varchar>,"),
        "{ran:?}"
    );
    assert!(
        ran.stdout
            .contains("1_one/up.sql: this cannot run in a transaction"),
        "{ran:?}"
    );
    assert!(
        ran.stdout
            .contains("metadata.toml: ALTER TABLE more APPEND FROM users"),
        "{ran:?}"
    );
    assert!(!ran.stdout.contains("2_two"), "{ran:?}");
    let ran = project.run(&["check", "--json"]);
    let said: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(said["refused_in_transactions"].as_array().unwrap().len(), 2);
    fs::write(project.path("schema.rs"), printed).unwrap();
    fs::remove_dir_all(project.path("migrations/1_one")).unwrap();
    assert_eq!(project.run(&["check"]).succeeded(), "Nothing is wrong.\n");
}
