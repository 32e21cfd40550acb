//! `copy`, `unload`, `query`, `errors`, `check`.

use std::fs;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;

use crate::project::{Project, Ran, names, sandbox};

fn project() -> Project {
    let project = Project::new();
    project
        .connect()
        .batch_execute(
            "CREATE SCHEMA sales; CREATE TABLE users (id BIGINT NOT NULL, name VARCHAR(5), PRIMARY KEY (id)); \
             CREATE TABLE sales.orders (id BIGINT IDENTITY(1, 1), document SUPER, paid BOOLEAN)",
        )
        .unwrap();
    project
}

/// A location of its own in S3.
fn staging(project: &Project) -> String {
    format!("s3://{}/staging", project.database.replace('_', "-"))
}

fn left_in_s3(project: &Project) -> Vec<String> {
    sandbox().store().list(&staging(project)).unwrap()
}

#[test]
fn a_file_is_loaded_through_s3_and_nothing_is_left_there() {
    let project = project();
    project.write("users.csv", "id,name\n1,Ada\n2,\n");
    let said = project
        .run(&[
            "copy",
            "users.csv",
            "users",
            "--ignore-header",
            "1",
            "--through",
            &staging(&project),
        ])
        .succeeded();
    assert_eq!(said, "2 rows loaded into users.\n");
    assert_eq!(left_in_s3(&project), [""; 0]);
    assert_eq!(
        project
            .run(&[
                "query",
                "SELECT * FROM users ORDER BY id",
                "--format",
                "csv"
            ])
            .succeeded(),
        "id,name\n1,Ada\n2,\"\"\n"
    );
    let told = project.run(&["copy", "users.csv", "users"]).failed(2);
    assert!(told.contains("give --through"), "{told}");
    let told = project
        .run(&["copy", "gone.csv", "users", "--through", &staging(&project)])
        .failed(1);
    assert!(told.contains("gone.csv: No such file"), "{told}");
}

#[test]
fn a_folder_and_a_location_in_s3_are_loaded() {
    let project = project();
    project
        .write("in/a.json", "{\"document\": {\"a\": 1}, \"paid\": true}\n")
        .write("in/b.json", "{\"document\": [1, 2], \"paid\": false}\n")
        .write("in/.hidden", "no data");
    let mut command = project.command(&["copy", "in", "sales.orders", "--json"]);
    let ran = Ran::of(
        &command
            .env("REDSHIFT_STAGING", staging(&project))
            .output()
            .unwrap(),
    );
    let said: serde_json::Value = serde_json::from_str(&ran.succeeded()).unwrap();
    assert_eq!(
        (&said["rows"], &said["dry_run"]),
        (&2.into(), &false.into())
    );
    assert_eq!(
        project
            .run(&["query", "SELECT document, paid, 1.50::decimal(5,2) AS n, NULL AS nothing FROM sales.orders ORDER BY paid", "--json"])
            .succeeded(),
        "{\"document\":[1,2],\"paid\":false,\"n\":1.50,\"nothing\":null}\n\
         {\"document\":{\"a\":1},\"paid\":true,\"n\":1.50,\"nothing\":null}\n"
    );
    let location = format!("{}/users", staging(&project));
    sandbox()
        .store()
        .put(&format!("{location}_1.csv"), "Ada;1\n")
        .unwrap();
    let said = project
        .run(&[
            "copy",
            &location,
            "users",
            "--format",
            "csv",
            "--delimiter",
            ";",
            "--columns",
            "name,id",
        ])
        .succeeded();
    assert_eq!(said, "1 row loaded into users.\n");
}

#[test]
fn bad_rows_are_a_table_of_files_here() {
    let project = project();
    project.write("users.csv", "1,Ada\nx,Bob\n2,Charlotte\n");
    let through = staging(&project);
    let ran = project.run(&["copy", "users.csv", "users", "--through", &through]);
    let mut lines = ran.stdout.lines();
    assert_eq!(
        lines.next().unwrap().split_whitespace().collect::<Vec<_>>(),
        ["FILE", "LINE", "COLUMN", "REASON", "VALUE"]
    );
    let row = lines.next().unwrap();
    assert!(
        row.starts_with("users.csv  2     id") && row.ends_with("x"),
        "{row}"
    );
    assert_eq!(
        ran.failed(5),
        "error: nothing was loaded into users: rows are at fault\n"
    );
    assert_eq!(left_in_s3(&project), [""; 0]);
    let ran = project.run(&[
        "copy",
        "users.csv",
        "users",
        "--through",
        &through,
        "--max-error",
        "5",
        "--json",
    ]);
    let said: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(
        (&said["rows"], &said["skipped_rows"]),
        (&1.into(), &2.into())
    );
    assert_eq!(said["rejected"][1]["column"], "name");
    assert_eq!(ran.code, Some(5));
    // Once more, from the system tables.
    let query_id = said["query_id"].to_string();
    let errors = project.run(&["errors", &query_id, "--json"]).succeeded();
    assert_eq!(errors.lines().count(), 2, "{errors}");
    let errors = project.run(&["errors"]).succeeded();
    assert!(
        errors.contains("users.csv") && errors.contains("Charlotte"),
        "{errors}"
    );
}

#[test]
fn a_dry_run_loads_nothing() {
    let project = project();
    project.write("users.csv", "1,Ada\n");
    let said = project
        .run(&[
            "copy",
            "users.csv",
            "users",
            "--through",
            &staging(&project),
            "--dry-run",
        ])
        .succeeded();
    assert_eq!(said, "The data was checked; nothing was loaded.\n");
    assert_eq!(
        project
            .run(&["query", "SELECT count(*) FROM users", "--json"])
            .succeeded(),
        "{\"count\":0}\n"
    );
    project.write("bad.csv", "x,Ada\n");
    project
        .run(&[
            "copy",
            "bad.csv",
            "users",
            "--through",
            &staging(&project),
            "--dry-run",
        ])
        .failed(5);
}

#[test]
fn what_copy_cannot_do_is_told_before_anything_is_sent() {
    let project = project();
    project
        .write("a.csv", "1\n")
        .write("a.parquet", "")
        .write("empty/.keep", "")
        .write("a.dat", "");
    let through = staging(&project);
    for (arguments, code, told) in [
        (
            &["a.csv", "users", "--max-error", "100001"][..],
            1,
            "invalid MAXERROR: 100001; expected 0 to 100000",
        ),
        (&["a.csv", "users", "--iam-role", "Loader"], 1, "invalid"),
        (
            &["a.csv", "users", "--columns", "id,nam"],
            1,
            "users has no column nam; expected some of id, name",
        ),
        (&["a.csv", "uzers"], 1, "there is no table uzers"),
        (
            &["a.parquet", "users", "--delimiter", ";"],
            2,
            "--delimiter cannot be given with --format parquet",
        ),
        (
            &["empty", "users", "--format", "csv"],
            1,
            "empty has no files",
        ),
        (&["a.dat", "users"], 2, "give --format"),
    ] {
        let arguments = [&["copy", "--through", &through], arguments].concat();
        let said = project.run(&arguments).failed(code);
        assert!(said.contains(told), "{said}");
    }
    assert_eq!(left_in_s3(&project), [""; 0]);
}

#[test]
fn results_are_unloaded_to_s3_a_file_and_a_folder() {
    let project = project();
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
    let project = project();
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
fn ctrl_c_cancels_on_the_server() {
    let project = project();
    let child = project
        .command(&["query", "SELECT pg_sleep(60)"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let running = "SELECT count(*) FROM stv_recents WHERE status = 'Running' AND query LIKE '%pg_sleep(60)%' AND query NOT LIKE '%stv_recents%'";
    let count = || {
        project
            .run(&["query", running, "--format", "csv"])
            .succeeded()
    };
    let start = Instant::now();
    while count() != "count\n1\n" {
        assert!(start.elapsed() < Duration::from_secs(30), "it does not run");
        thread::sleep(Duration::from_millis(100));
    }
    std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    let ran = Ran::of(&child.wait_with_output().unwrap());
    assert_eq!(
        (ran.code, ran.stderr.as_str()),
        (Some(130), "interrupted\n")
    );
    assert!(start.elapsed() < Duration::from_secs(40));
    assert_eq!(count(), "count\n0\n");
}

#[test]
fn a_terminal_is_drawn_on() {
    let project = project();
    project.write("users.csv", "1,Ada\n");
    let program = env!("CARGO_BIN_EXE_diesel-redshift");
    let mut command = project.command(&[]);
    let shell = format!(
        "{program} copy users.csv users --through {}",
        staging(&project)
    );
    let mut terminal = std::process::Command::new("script");
    terminal
        .args(["-qec", &shell, "/dev/null"])
        .current_dir(project.path(""))
        .stdin(Stdio::null());
    terminal.env_clear().env("TERM", "xterm");
    for (name, value) in command.envs([("TERM", "xterm")]).get_envs() {
        terminal.env(name, value.unwrap_or_default());
    }
    let ran = Ran::of(&terminal.output().unwrap());
    assert!(ran.stdout.contains("\u{1b}["), "{ran:?}");
    assert!(ran.stdout.contains("1 row loaded into users."), "{ran:?}");
    let plain = project.run(&[
        "copy",
        "users.csv",
        "users",
        "--through",
        &staging(&project),
    ]);
    assert!(!plain.stderr.contains('\u{1b}'), "{plain:?}");
}

#[test]
fn a_check_compares_the_schema_and_reads_the_migrations() {
    let project = project();
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
