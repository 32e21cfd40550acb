//! `print-schema`, and the file that is kept up to date.

use std::fs::{self, File};
use std::process::Stdio;

use diesel::connection::SimpleConnection;

use crate::project::Project;

const TABLES: &str = "CREATE SCHEMA sales; \
     CREATE TABLE users (id BIGINT NOT NULL PRIMARY KEY, name VARCHAR(20)); \
     CREATE TABLE posts (b INT, a INT NOT NULL, user_id BIGINT REFERENCES users (id), PRIMARY KEY (a)); \
     CREATE TABLE logs (line VARCHAR(9), level CHAR(1)); \
     CREATE TABLE sales.orders (id INT NOT NULL PRIMARY KEY, document SUPER); \
     CREATE VIEW names AS SELECT name FROM users; \
     COMMENT ON TABLE users IS 'People'";

fn project() -> Project {
    let project = Project::new();
    project.connect().batch_execute(TABLES).unwrap();
    project
}

/// The cases, each with the file of what it prints.
const CASES: [(&str, &[&str]); 10] = [
    ("structs", &["--structs", "crate::schema", "-o", "users"]),
    ("all", &[]),
    ("only", &["-o", "^users$", "^posts$"]),
    ("except", &["logs", "-e"]),
    ("docs", &["--with-docs"]),
    (
        "comments",
        &[
            "--with-docs-config",
            "only-database-comments",
            "-o",
            "users",
        ],
    ),
    (
        "groups",
        &[
            "--allow-tables-to-appear-in-same-query-config",
            "fk_related_tables",
            "--column-sorting",
            "name",
        ],
    ),
    (
        "views",
        &[
            "--include-views",
            "--import-types",
            "diesel::sql_types::*",
            "-e",
            "posts",
        ],
    ),
    ("schema", &["--schema", "sales"]),
    ("keys", &["--primary-key", "logs=level,line", "-o", "logs"]),
];

#[test]
fn each_flag_prints_what_is_expected() {
    let project = project();
    for (name, arguments) in CASES {
        let arguments = [&["print-schema"], arguments].concat();
        let printed = project.run(&arguments).succeeded();
        let path = format!(
            "{}/tests/print_schema/{name}.rs",
            env!("CARGO_MANIFEST_DIR")
        );
        if std::env::var_os("REDSHIFT_WRITE_EXPECTED").is_some() {
            fs::write(&path, &printed).unwrap();
        }
        assert_eq!(
            printed,
            fs::read_to_string(&path).unwrap_or_default(),
            "{name}"
        );
    }
}

#[test]
fn settings_stand_in_diesel_toml() {
    let project = project();
    project.write(
        "diesel.toml",
        "[print_schema]\nfile = \"src/schema.rs\"\nwith_docs = true\nfilter = { only_tables = [\"^users$\"] }\n\
         custom_type_derives = [\"diesel::query_builder::QueryId\"]\n\
         [print_schema.sales]\nfile = \"src/sales.rs\"\nschema = \"sales\"\n",
    );
    let ran = project.run(&["print-schema", "--schema-key", "default"]);
    assert_eq!(
        ran.stderr,
        "warning: custom_type_derives in [print_schema] of diesel.toml means nothing for Redshift\n"
    );
    let printed = ran.succeeded();
    assert!(
        printed.contains("/// People\n    users (id)") && !printed.contains("posts"),
        "{printed}"
    );
    let sales = project
        .run(&["print-schema", "--schema-key", "sales"])
        .succeeded();
    assert!(sales.contains("pub mod sales {"), "{sales}");
    let told = project
        .run(&["print-schema", "--schema-key", "other"])
        .failed(1);
    assert!(
        told.contains("no [print_schema.other]; expected default, sales"),
        "{told}"
    );
    project.write("migrations/.keep", "");
    project.run(&["migration", "run"]).succeeded();
    assert_eq!(project.read("src/sales.rs"), sales);
}

#[test]
fn a_locked_schema_is_compared_and_not_written() {
    let project = project();
    project
        .write("diesel.toml", "[print_schema]\nfile = \"schema.rs\"\n")
        .write("migrations/.keep", "");
    project.run(&["migration", "run"]).succeeded();
    project
        .run(&["migration", "run", "--locked-schema"])
        .succeeded();
    let before = project.read("schema.rs");
    project.migration(
        "1_one",
        "CREATE TABLE more (id INT NOT NULL PRIMARY KEY)",
        "",
    );
    let ran = project.run(&["migration", "run", "--locked-schema"]);
    assert!(ran.stdout.contains("+    more (id) {"), "{ran:?}");
    assert!(
        ran.failed(4)
            .contains("schema.rs is not what the database has")
    );
    assert_eq!(project.read("schema.rs"), before);
}

#[test]
fn a_patch_is_applied() {
    let project = project();
    project.write(
        "schema.patch",
        "--- a\n+++ b\n@@ -3,4 +3,4 @@\n diesel::table! {\n-    users (id) {\n+    users (id, name) {\n         id -> Int8,\n",
    );
    let arguments = [
        "print-schema",
        "-o",
        "users",
        "--patch-file",
        "schema.patch",
    ];
    assert!(
        project
            .run(&arguments)
            .succeeded()
            .contains("users (id, name) {")
    );
    project.write("schema.patch", "@@ -1,1 +1,1 @@\n-nothing\n+like it\n");
    let told = project.run(&arguments).failed(1);
    assert_eq!(
        told,
        "error: schema.patch: hunk 1 of the patch does not match what is printed\n"
    );
}

#[test]
fn what_is_wrong_is_told() {
    let project = project();
    let told = project
        .run(&["print-schema", "--schema", "salez"])
        .failed(1);
    assert!(told.contains("invalid schema: \"salez\""), "{told}");
    let told = project.run(&["print-schema", "-o", "(("]).failed(1);
    assert!(told.contains("regular expression"), "{told}");
    let told = project
        .run(&["print-schema", "--primary-key", "logs=nothing"])
        .failed(1);
    assert!(
        told.contains("\"nothing\", which is no column of it"),
        "{told}"
    );
    let told = project.run(&["print-schema", "users"]).failed(2);
    assert!(
        told.contains("need --only-tables or --except-tables"),
        "{told}"
    );
    project.write("diesel.toml", "[print_schema]\nfiel = \"a\"\n");
    let told = project.run(&["print-schema"]).failed(1);
    assert!(
        told.contains("diesel.toml: [print_schema]: unknown field `fiel`"),
        "{told}"
    );
}

#[test]
fn a_full_disk_is_told_and_a_closed_pipe_is_not() {
    let project = project();
    let full = File::options().write(true).open("/dev/full").unwrap();
    let mut command = project.command(&["print-schema"]);
    let ran = crate::project::Ran::of(&command.stdout(Stdio::from(full)).output().unwrap());
    assert_eq!(
        ran.failed(1),
        "error: standard output: No space left on device (os error 28)\n"
    );
    let mut child = project
        .command(&["print-schema"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let ran = crate::project::Ran::of(&child.wait_with_output().unwrap());
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
}
