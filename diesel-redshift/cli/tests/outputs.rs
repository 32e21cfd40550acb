//! Standard output that nobody reads, and disks that are full.

use crate::project::{Project, Ran, full, names, sandbox, staging, warehouse};

/// Each command that prints, and how it ends when its rows were bad or files differ.
fn printing(through: &str) -> Vec<(Vec<&str>, i32)> {
    vec![
        (
            vec![
                "copy",
                "users.csv",
                "users",
                "--json",
                "--through",
                through,
                "--max-error",
                "1",
            ],
            5,
        ),
        (vec!["copy", "users.csv", "users", "--through", through], 5),
        (vec!["query", "SELECT 1 AS a", "--json"], 0),
        (vec!["query", "SELECT 1 AS a", "--format", "csv"], 0),
        (vec!["query", "SELECT 1 AS a"], 0),
        // Those of the loads above.
        (vec!["errors", "--json"], 0),
        (vec!["errors"], 0),
        (vec!["print-schema"], 0),
        (vec!["print-schema", "--structs", "crate::schema"], 0),
        (vec!["completions", "bash"], 0),
        (vec!["migration", "list"], 0),
        (vec!["migration", "list", "--json"], 0),
        (vec!["migration", "pending"], 0),
        (vec!["migration", "run"], 0),
        (vec!["migration", "redo"], 0),
        (vec!["migration", "revert"], 0),
        (vec!["check", "--json"], 4),
        (vec!["check"], 4),
        (
            vec![
                "unload",
                "out/",
                "-t",
                "users",
                "--through",
                through,
                "--overwrite",
            ],
            0,
        ),
        (
            vec![
                "unload",
                "out.csv",
                "-t",
                "users",
                "--json",
                "--through",
                through,
                "--overwrite",
            ],
            0,
        ),
    ]
}

fn project() -> Project {
    let project = warehouse();
    project
        .write("users.csv", "1,Ada\nx,Bob\n")
        .write("diesel.toml", "[print_schema]\nfile = \"schema.rs\"\n")
        .write("schema.rs", "")
        .migration("1_one", "SELECT 1", "SELECT 1");
    project
}

#[test]
fn a_reader_that_has_gone_changes_no_exit_code() {
    let project = project();
    let through = staging(&project);
    for (arguments, code) in printing(&through) {
        if arguments[0] == "check" {
            project.write("schema.rs", "");
        }
        let ran = project.run_unread(&arguments);
        assert_eq!(ran.code, Some(code), "{arguments:?}: {ran:?}");
        assert!(
            ran.stderr.is_empty() || ran.stderr.starts_with("error: nothing was loaded"),
            "{arguments:?}: {ran:?}"
        );
    }
}

#[test]
fn what_is_only_told_keeps_nothing_from_being_done() {
    let project = Project::new();
    let database = format!("{}_unread", project.database);
    let url = sandbox().url_of(&database);
    let unread = |arguments: &[&str]| {
        let arguments = [arguments, &["--database-url", &url]].concat();
        project.run_unread(&arguments).succeeded()
    };
    unread(&["setup"]);
    assert_eq!(names(&project.path("migrations")), [".keep"]);
    unread(&["migration", "generate", "one", "--version", "1"]);
    assert_eq!(
        names(&project.path("migrations/1_one")),
        ["down.sql", "up.sql"]
    );
    project.migration("1_one", "CREATE TABLE one (id INT)", "DROP TABLE one");
    unread(&["database", "reset"]);
    assert!(project.read("src/schema.rs").contains("one (id)"));
    unread(&["database", "drop"]);
    let said = project.run(&["query", "SELECT 1", "--database-url", &url]);
    assert!(said.failed(3).contains("does not exist"));
}

#[test]
fn a_full_disk_is_told_whatever_is_printed() {
    let project = project();
    let through = staging(&project);
    for (arguments, _) in printing(&through) {
        // They have nothing to print when no migration has run.
        if ["redo", "revert"].contains(arguments.last().unwrap()) {
            project.run(&["migration", "run"]).succeeded();
        }
        if arguments[0] == "check" {
            project.write("schema.rs", "");
        }
        let ran = project.run_full(&arguments);
        let told = "standard output: No space left on device";
        let told = if arguments[0] == "migration" {
            "No space left on device"
        } else {
            told
        };
        assert!(
            ran.code == Some(1) && ran.stderr.contains(told),
            "{arguments:?}: {ran:?}"
        );
        // Nor does it help when nothing can be told at all.
        let mut command = project.command(&arguments);
        let ran = Ran::of(&command.stdout(full()).stderr(full()).output().unwrap());
        assert_eq!(ran.code, Some(1), "{arguments:?}: {ran:?}");
    }
    let mut command = project.command(&["query", "SELECT * FROM nothing"]);
    let ran = Ran::of(&command.stderr(full()).output().unwrap());
    assert_eq!(ran.code, Some(1), "{ran:?}");
}

#[test]
fn files_that_cannot_be_written_are_named_before_anything_is_unloaded() {
    let project = warehouse();
    let through = staging(&project);
    for (destination, told) in [
        ("none/out.csv", "none/out.csv: there is no folder none"),
        ("/dev/null", "/dev/null is no file"),
    ] {
        let arguments = [
            "unload",
            destination,
            "-t",
            "users",
            "--overwrite",
            "--through",
            &through,
        ];
        let said = project.run(&arguments).failed(1);
        assert!(said.contains(told), "{said}");
    }
    std::fs::create_dir(project.path("schema.rs")).unwrap();
    project
        .write("diesel.toml", "[print_schema]\nfile = \"schema.rs\"\n")
        .write("migrations/.keep", "");
    let said = project.run(&["migration", "run"]).failed(1);
    assert!(said.contains("schema.rs: "), "{said}");
    assert_eq!(
        names(&project.path("")),
        ["Cargo.toml", "diesel.toml", "migrations", "schema.rs"]
    );
}

#[cfg(unix)]
#[test]
fn a_schema_file_that_is_a_link_stays_one() {
    let project = warehouse();
    project
        .write("diesel.toml", "[print_schema]\nfile = \"schema.rs\"\n")
        .write("migrations/.keep", "")
        .write("elsewhere/schema.rs", "");
    std::os::unix::fs::symlink("elsewhere/schema.rs", project.path("schema.rs")).unwrap();
    project.run(&["migration", "run"]).succeeded();
    assert!(project.read("elsewhere/schema.rs").contains("users (id)"));
    assert!(project.path("schema.rs").is_symlink());
}
