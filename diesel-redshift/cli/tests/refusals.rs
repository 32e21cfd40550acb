//! What is wrong with a project, its files or the arguments, told so that one can mend it.

use std::fs;
use std::os::unix::ffi::OsStrExt;

use crate::project::{Project, Ran, left_in_s3, staging, warehouse};

#[test]
fn a_configuration_for_postgresql_is_taken_with_warnings() {
    let project = warehouse();
    project.write("migrations/.keep", "").write(
        "diesel.toml",
        "[print_schema]\nfile = \"src/schema.rs\"\nimport_types = [\"diesel::sql_types::*\", \"crate::sql::*\"]\n\
         custom_type_derives = [\"diesel::query_builder::QueryId\", \"Clone\"]\ngenerate_missing_sql_type_definitions = false\n\
         except_custom_type_definitions = [\"^x\"]\npg_domains_as_custom_types = [\"x\"]\ncustom_enum_derives = [\"Clone\"]\n\
         sqlite_integer_primary_key_is_bigint = true\n[migrations_directory]\ndir = \"migrations\"\n",
    );
    let ran = project.run(&["migration", "run"]);
    assert_eq!(ran.stderr.lines().count(), 6, "{ran:?}");
    ran.succeeded();
    let schema = project.read("src/schema.rs");
    assert!(schema.contains("use crate::sql::*;"), "{schema}");
}

#[test]
fn paths_are_those_of_the_configuration_and_folders_those_above() {
    let project = warehouse();
    project
        .write(
            "diesel.toml",
            "[print_schema]\nfile = \"src/schema.rs\"\n[migrations_directory]\ndir = \"db\"\n",
        )
        .write("db/1_one/up.sql", "CREATE TABLE one (id INT)")
        .write("deep/er/.keep", "");
    let mut command = project.command(&["migration", "run"]);
    let ran = Ran::of(
        &command
            .current_dir(project.path("deep/er"))
            .output()
            .unwrap(),
    );
    assert_eq!(ran.succeeded(), "Running migration 1_one\n");
    assert!(project.read("src/schema.rs").contains("one (id)"));
    // What is named has to be there.
    let told = project
        .run(&["migration", "run", "--config-file", "none.toml"])
        .failed(1);
    assert!(told.contains("none.toml: No such file"), "{told}");
    let told = project
        .run(&["migration", "run", "--migration-dir", "none"])
        .failed(1);
    assert!(told.contains("none does not exist"), "{told}");
}

#[test]
fn an_environment_that_cannot_be_read_is_told_and_help_is_had_all_the_same() {
    let project = Project::new();
    project.write(
        ".env",
        "DATABASE_URL=postgres://ada:Hush1234@h/x and more\n",
    );
    let told = project.run(&["migration", "list"]).failed(1);
    assert!(told.contains(".env could not be read: a line"), "{told}");
    assert!(!told.contains("Hush"), "{told}");
    project.run(&["--help"]).succeeded();
    fs::remove_file(project.path(".env")).unwrap();
    let mut command = project.command(&["query", "SELECT 1"]);
    command.env("DATABASE_URL", std::ffi::OsStr::from_bytes(b"\xffHush"));
    let told = Ran::of(&command.output().unwrap()).failed(1);
    assert_eq!(told, "error: DATABASE_URL is no UTF-8\n");
}

#[test]
fn a_url_in_the_wrong_place_or_of_another_database_is_not_repeated() {
    let project = Project::new();
    project.write("migrations/.keep", "");
    let url = "postgres://ada:Hush1234@h/x";
    for (arguments, code, told) in [
        (
            &["migration", "run", url][..],
            2,
            "unexpected argument 'postgres://…@h/x' found",
        ),
        (
            &["migration", "run", "--databse-url", url],
            2,
            "a similar argument exists: '--database-url'",
        ),
        (
            &["query", "--format", url],
            2,
            "[possible values: table, csv, json]",
        ),
        (
            &[
                "migration",
                "run",
                "--database-url",
                "mysql://ada:Hush1234@h/x",
            ],
            3,
            "expected a URI (postgresql://user:password@host",
        ),
        (
            &["query", "SELECT 1", "--database-url", "Hush1234"],
            3,
            "expected a URI",
        ),
    ] {
        let said = project.run(arguments).failed(code);
        assert!(said.contains(told), "{arguments:?}: {said}");
        assert!(!said.contains("Hush"), "{arguments:?}: {said}");
    }
}

#[test]
fn values_that_cannot_be_are_wrong_arguments() {
    let project = warehouse();
    project
        .write("users.csv", "1,Ada\n")
        .write("migrations/.keep", "");
    let through = staging(&project);
    for (arguments, told) in [
        (
            &["copy", "users.csv", "users", "--region", "Mars"][..],
            "REGION",
        ),
        (&["copy", "s3://B", "users", "--format", "csv"], "s3://B"),
        (
            &["copy", "users.csv", "users", "--through", "bucket"],
            "s3://",
        ),
        (
            &["copy", "users.csv", "users", "--delimiter", "ab"],
            "too many characters",
        ),
        (
            &["copy", "users.csv", "users", "--format", "xml"],
            "possible values: csv,",
        ),
        (
            &["copy", "users.csv", "users", "--largest-object", "0"],
            "1..=",
        ),
        (
            &["copy", "users.csv", "users", "--ignore-header", "x"],
            "invalid digit",
        ),
        (&["copy", "users.csv"], "<TABLE>"),
        (&["unload", "out.csv"], "--query <SQL>"),
        (
            &["unload", "out.csv", "-t", "a", "-q", "b"],
            "cannot be used with",
        ),
        (
            &["unload", "out.json", "-t", "users", "--header"],
            "--header cannot be given",
        ),
        (&["unload", "out.csv", "-t", ""], "expected 1 to 127 bytes"),
        (&["unload", "out.csv", "-q", ""], "expected a SELECT"),
        (&["errors", "x"], "invalid digit"),
        (&["completions", "tcsh"], "possible values: bash,"),
        (
            &["print-schema", "--column-sorting", "x"],
            "ordinal_position, name",
        ),
        (
            &["print-schema", "--with-docs-config", "x"],
            "only-database-comments",
        ),
        (&["print-schema", "--primary-key", "users"], "TABLE=COLUMN"),
        (
            &["print-schema", "-o", "-e", "users"],
            "cannot be used with",
        ),
        (&["migration", "revert", "-n", "x"], "invalid digit"),
        (
            &["migration", "revert", "-n", "1", "-a"],
            "cannot be used with",
        ),
        (
            &["migration", "generate", "x", "--format", "rust"],
            "possible values: sql",
        ),
        (
            &["migration", "generate", "x", "--version", "../1"],
            "invalid version of a migration",
        ),
        (
            &["migration", "generate", "x", "--version", ""],
            "invalid version of a migration",
        ),
        (
            &["migration", "generate", "a\nb"],
            "invalid name of a migration",
        ),
        (&["migration", "generate", "x", "users"], "--diff-schema"),
        (
            &["query", "SELECT 1", "--cluster", "Ab c"],
            "ClusterIdentifier",
        ),
        (
            &[
                "query",
                "SELECT 1",
                "--cluster",
                "a",
                "--cluster-region",
                "x",
            ],
            "REGION",
        ),
        (
            &["query", "SELECT 1", "--json", "--format", "csv"],
            "cannot be used with",
        ),
    ] {
        let mut command = project.command(arguments);
        let ran = Ran::of(&command.env("REDSHIFT_STAGING", &through).output().unwrap());
        let said = ran.failed(2);
        assert!(said.contains(told), "{arguments:?}: {said}");
    }
    // Repeated, as scripts of diesel_cli may have it.
    project
        .run(&[
            "print-schema",
            "-o",
            "users",
            "-o",
            "--import-types",
            "a::*",
            "b::*",
        ])
        .succeeded();
}

#[test]
fn migrations_that_are_no_text_are_named() {
    let project = Project::new();
    project.migration("1_one", "SELECT 1", "");
    fs::write(project.path("migrations/1_one/up.sql"), b"SELECT '\xff'").unwrap();
    let told = project.run(&["migration", "run"]).failed(1);
    assert!(told.contains("1_one") && told.contains("UTF-8"), "{told}");
    let told = project.run(&["check", "--migrations-only"]).failed(1);
    assert!(
        told.contains("1_one/up.sql") && told.contains("UTF-8"),
        "{told}"
    );
    project.migration("1_one", "", "");
    let told = project.run(&["migration", "run"]).failed(1);
    assert!(told.contains("1_one") && told.contains("empty"), "{told}");
    // The same version, as Diesel reads it, is found before there are two.
    let version = ["--version", "2026-01-31"];
    let generate = |name| project.run(&[&["migration", "generate", name], &version[..]].concat());
    generate("a").succeeded();
    assert!(
        generate("b")
            .failed(1)
            .contains("there is a migration of version")
    );
    let told = project
        .run(&["migration", "generate", "c", "--version", "20260131"])
        .failed(1);
    assert!(told.contains("there is a migration of version"), "{told}");
}

#[test]
fn external_tables_are_printed_and_unloaded_and_not_loaded() {
    let project = warehouse();
    let bucket = staging(&project).replace("/staging", "");
    for sql in [
        "CREATE EXTERNAL SCHEMA lake FROM DATA CATALOG DATABASE 'events' \
         IAM_ROLE 'arn:aws:iam::123456789012:role/Spectrum' CREATE EXTERNAL DATABASE IF NOT EXISTS",
        &format!(
            "CREATE EXTERNAL TABLE lake.events (id BIGINT, name VARCHAR(100)) ROW FORMAT DELIMITED FIELDS TERMINATED BY '|' \
             STORED AS TEXTFILE LOCATION '{bucket}/events/'"
        ),
        "CREATE VIEW names AS SELECT name FROM users",
    ] {
        project.run(&["query", sql]).succeeded();
    }
    crate::project::sandbox()
        .store()
        .put(&format!("{bucket}/events/a"), "1|Ada\n")
        .unwrap();
    let printed = project.run(&["print-schema", "-s", "lake"]).succeeded();
    assert!(
        printed.contains("// The external table has no primary key")
            && printed.contains("lake.events (id) {"),
        "{printed}"
    );
    let through = staging(&project);
    project
        .run(&[
            "unload",
            "events.csv",
            "-t",
            "lake.events",
            "--through",
            &through,
        ])
        .succeeded();
    assert_eq!(project.read("events.csv"), "1,Ada\n");
    for (table, told) in [
        (
            "lake.events",
            "nothing can be loaded into lake.events, which is an external table",
        ),
        ("names", "nothing can be loaded into names, which is a view"),
    ] {
        let said = project
            .run(&["copy", "events.csv", table, "--through", &through])
            .failed(1);
        assert!(said.contains(told), "{said}");
    }
    assert_eq!(left_in_s3(&project), [""; 0]);
    project.write("migrations/.keep", "").write(
        "schema.rs",
        "diesel::table! { lake.other (id) { id -> Int8 } }",
    );
    let generate = [
        "migration",
        "generate",
        "x",
        "--version",
        "1",
        "--diff-schema=schema.rs",
        "-o",
        "other",
        "events",
    ];
    project.write("diesel.toml", "[print_schema]\nschema = \"lake\"\n");
    project.run(&generate).succeeded();
    let up = project.read("migrations/1_x/up.sql");
    assert!(
        up.contains("write CREATE EXTERNAL TABLE") && !up.contains("\nCREATE TABLE"),
        "{up}"
    );
}
