//! `copy` and `errors`.

use std::process::Stdio;

use crate::project::{Ran, left_in_s3, sandbox, staging, warehouse};

#[test]
fn a_file_is_loaded_through_s3_and_nothing_is_left_there() {
    let project = warehouse();
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
    let project = warehouse();
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
    let project = warehouse();
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
    let project = warehouse();
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
    let project = warehouse();
    project
        .write("a.csv", "1\n")
        .write("a.parquet", "")
        .write("empty/.keep", "")
        .write("a.dat", "");
    let through = staging(&project);
    for (arguments, code, told) in [
        (
            &["a.csv", "users", "--max-error", "100001"][..],
            2,
            "invalid MAXERROR: 100001; expected 0 to 100000",
        ),
        (&["a.csv", "users", "--iam-role", "Loader"], 2, "invalid"),
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
fn a_terminal_is_drawn_on() {
    let project = warehouse();
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
fn a_large_file_goes_in_parts_that_end_where_records_do() {
    let project = warehouse();
    let mut text = String::from("id,name\n");
    for id in 0..100_000 {
        text.push_str(&format!("{id},\"a\nb\"\n"));
    }
    project.write("users.csv", &text);
    let through = staging(&project);
    let copy = [
        "copy",
        "users.csv",
        "users",
        "--through",
        &through,
        "--ignore-header",
        "1",
        "--largest-object",
        "1000",
    ];
    assert_eq!(
        project.run(&copy).succeeded(),
        "100000 rows loaded into users.\n"
    );
    let count = "SELECT count(DISTINCT id) AS n, min(length(name)) AS l FROM users";
    assert_eq!(
        project
            .run(&["query", count, "--format", "csv"])
            .succeeded(),
        "n,l\n100000,3\n"
    );
    // A line is that of the file, whichever part it is in.
    project.write("users.csv", &text.replace("\n99999,", "\nx,"));
    let ran = project.run(&copy);
    assert!(
        ran.stdout
            .lines()
            .nth(1)
            .unwrap()
            .starts_with("users.csv  200000 "),
        "{ran:?}"
    );
    ran.failed(5);
    project.write("users.csv.gz", &text);
    let told = project
        .run(&[
            "copy",
            "users.csv.gz",
            "users",
            "--through",
            &through,
            "--largest-object",
            "1000",
        ])
        .failed(1);
    assert!(
        told.contains("that are compressed are uploaded whole"),
        "{told}"
    );
    assert_eq!(left_in_s3(&project), [""; 0]);
}
