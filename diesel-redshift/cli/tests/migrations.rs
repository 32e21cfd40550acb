//! `migration run`, `revert`, `redo`, `list`, `pending`, `generate`.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use std::thread;

use crate::project::{Project, Ran, names};

const USERS: &str = "CREATE TABLE users (id BIGINT NOT NULL PRIMARY KEY, name VARCHAR(20))";

fn project() -> Project {
    let project = Project::new();
    project
        .migration("2026-01-01-000000_create_users", USERS, "DROP TABLE users")
        .migration(
            "2026-01-02-000000_add_users",
            "INSERT INTO users VALUES (1, ${name})",
            "DELETE FROM users",
        )
        .write("diesel.toml", "[print_schema]\nfile = \"src/schema.rs\"\n");
    project
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

fn count(project: &Project, table: &str) -> i64 {
    diesel::sql_query(format!("SELECT count(*) AS count FROM {table}"))
        .get_result::<Count>(&mut project.connect())
        .unwrap()
        .count
}

#[test]
fn migrations_run_and_revert_and_the_schema_follows() {
    let project = project();
    assert_eq!(project.run(&["migration", "pending"]).succeeded(), "true\n");
    let list =
        "Migrations:\n  [ ] 2026-01-01-000000_create_users\n  [ ] 2026-01-02-000000_add_users\n";
    assert_eq!(project.run(&["migration", "list"]).succeeded(), list);
    let set = "--set=name=O'Brien";
    assert_eq!(
        project.run(&["migration", "run", set]).succeeded(),
        "Running migration 2026-01-01-000000_create_users\nRunning migration 2026-01-02-000000_add_users\n"
    );
    assert_eq!(count(&project, "users WHERE name = 'O''Brien'"), 1);
    assert!(
        project
            .read("src/schema.rs")
            .contains("users (id) {\n        id -> Int8,")
    );
    assert_eq!(
        project.run(&["migration", "list"]).succeeded(),
        list.replace("[ ]", "[X]")
    );
    assert_eq!(
        project.run(&["migration", "list", "--json"]).succeeded(),
        "[{\"applied\":true,\"name\":\"2026-01-01-000000_create_users\",\"version\":\"20260101000000\"},\
         {\"applied\":true,\"name\":\"2026-01-02-000000_add_users\",\"version\":\"20260102000000\"}]\n"
    );
    assert_eq!(
        project.run(&["migration", "redo", set]).succeeded(),
        "Rolling back migration 2026-01-02-000000_add_users\nRunning migration 2026-01-02-000000_add_users\n"
    );
    assert_eq!(
        project
            .run(&["migration", "revert", "-n", "5", set])
            .succeeded(),
        "Rolling back migration 2026-01-02-000000_add_users\nRolling back migration 2026-01-01-000000_create_users\n"
    );
    assert_eq!(
        project.read("src/schema.rs"),
        "// @generated automatically by Diesel CLI.\n"
    );
    assert_eq!(project.run(&["migration", "pending"]).succeeded(), "true\n");
}

#[test]
fn values_come_from_the_arguments_a_file_and_the_environment() {
    let project = project();
    let told = project.run(&["migration", "run"]).failed(1);
    assert_eq!(
        told,
        "error: the migration 2026-01-02-000000_add_users has the placeholder ${name}, and no value is set for it: give --set \
         name=…, --values-file or set the environment variable of that name\n"
    );
    project.write("values", "name=file\nother=1\n");
    let run = |arguments: &[&str]| {
        let mut command = project.command(arguments);
        Ran::of(&command.env("name", "environment").output().unwrap()).succeeded()
    };
    run(&["migration", "run"]);
    assert_eq!(count(&project, "users WHERE name = 'environment'"), 1);
    run(&["migration", "redo", "--values-file", "values"]);
    assert_eq!(count(&project, "users WHERE name = 'file'"), 1);
    run(&[
        "migration",
        "redo",
        "--values-file",
        "values",
        "--set",
        "name=set",
    ]);
    assert_eq!(count(&project, "users WHERE name = 'set'"), 1);
    // A value is what stands there.
    project.write("values", "# none\n\nname=\"two\" #words= $HOME\n");
    run(&["migration", "redo", "--values-file", "values"]);
    assert_eq!(
        count(&project, "users WHERE name = '\"two\" #words= $HOME'"),
        1
    );
    project.write("values", "name=hush hush\n!!\n");
    let told = project
        .run(&["migration", "redo", "--values-file", "values"])
        .failed(1);
    assert_eq!(told, "error: values, line 2: expected NAME=VALUE\n");
    let told = project
        .run(&["migration", "run", "--set", "hush"])
        .failed(2);
    assert_eq!(told, "error: --set is written NAME=VALUE\n");
}

#[test]
fn a_migration_that_fails_in_the_middle_is_told_and_leaves_what_ran_before() {
    let project = Project::new();
    project
        .migration("1_one", USERS, "DROP TABLE users")
        .migration(
            "2_two",
            "CREATE TABLE more (id INT); INSERT INTO nothing VALUES (1)",
            "",
        )
        .migration("3_three", "CREATE TABLE third (id INT)", "DROP TABLE third");
    let told = project.run(&["migration", "run"]).failed(1);
    assert!(
        told.contains("the migration 2_two failed: relation \"nothing\" does not exist"),
        "{told}"
    );
    assert_eq!(
        project.run(&["migration", "list"]).succeeded(),
        "Migrations:\n  [X] 1_one\n  [ ] 2_two\n  [ ] 3_three\n"
    );
    let more = diesel::sql_query("SELECT * FROM more").execute(&mut project.connect());
    assert!(more.is_err());
}

#[test]
fn two_runs_at_once_run_each_migration_once() {
    let project = Project::new();
    project.migration("1_one", USERS, "").migration(
        "2_two",
        "INSERT INTO users VALUES (1, 'a')",
        "",
    );
    thread::scope(|scope| {
        let runs: Vec<_> = (0..3)
            .map(|_| scope.spawn(|| project.run(&["migration", "run"])))
            .collect();
        for run in runs {
            run.join().unwrap().succeeded();
        }
    });
    assert_eq!(count(&project, "users"), 1);
}

#[test]
fn migrations_outside_of_transactions_are_redone_too() {
    let project = Project::new();
    project
        .migration("1_one", USERS, "DROP TABLE users")
        .migration("2_two", "VACUUM users", "VACUUM users")
        .write(
            "migrations/2_two/metadata.toml",
            "run_in_transaction = false\n",
        );
    project.run(&["migration", "run"]).succeeded();
    assert_eq!(
        project
            .run(&["migration", "redo", "--all"])
            .succeeded()
            .lines()
            .count(),
        4
    );
}

#[test]
fn a_migration_is_generated() {
    let project = Project::new();
    let told = project
        .run(&["migration", "generate", "create_users"])
        .failed(1);
    assert!(told.contains("there is no folder `migrations`"), "{told}");
    project.write("migrations/.keep", "");
    let said = project
        .run(&["migration", "generate", "create_users", "--version", "7"])
        .succeeded();
    assert_eq!(
        said,
        "Creating migrations/7_create_users/up.sql\nCreating migrations/7_create_users/down.sql\n"
    );
    assert_eq!(
        project.read("migrations/7_create_users/up.sql"),
        "-- Your SQL goes here\n"
    );
    let told = project
        .run(&["migration", "generate", "again", "--version", "7"])
        .failed(1);
    assert!(told.contains("there is a migration of version 7"), "{told}");
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                project
                    .run(&["migration", "generate", "-u", "more"])
                    .succeeded()
            });
        }
    });
    let names = names(&project.path("migrations"));
    let generated: Vec<_> = names
        .iter()
        .filter(|name| name.ends_with("_more"))
        .collect();
    assert_eq!(generated.len(), 4, "{names:?}");
    assert!(
        !project
            .path(&format!("migrations/{}/down.sql", generated[0]))
            .exists()
    );
    let told = project.run(&["migration", "generate", "../x"]).failed(2);
    assert!(told.contains("invalid name of a migration"), "{told}");
}

#[test]
fn a_folder_without_up_sql_is_named() {
    let project = project();
    project.write("migrations/9_wrong/down.sql", "");
    let told = project.run(&["migration", "run"]).failed(1);
    assert!(
        told.ends_with("migrations/9_wrong is no migration: it has no up.sql\n"),
        "{told}"
    );
}

#[test]
fn no_rights_are_told() {
    let project = project();
    let name = format!("nobody_{}", project.database);
    project
        .connect()
        .batch_execute(&format!(
            "CREATE USER {name} PASSWORD 'Nobody1234'; REVOKE CREATE ON SCHEMA public FROM PUBLIC"
        ))
        .unwrap();
    let url = project
        .url
        .replace("awsuser:Sandbox1", &format!("{name}:Nobody1234"));
    let ran = project.run(&["migration", "run", "--set=name=x", "--database-url", &url]);
    let told = ran.failed(1);
    assert!(
        told.contains("permission denied for schema public"),
        "{told}"
    );
    assert!(!told.contains("Nobody1234"), "{told}");
}

#[test]
fn what_a_schema_has_and_the_database_has_not_is_generated() {
    let project = Project::new();
    project
        .connect()
        .batch_execute(
            "CREATE TABLE users (id BIGINT NOT NULL PRIMARY KEY, name VARCHAR(20), former INT, age INT) SORTKEY (age); \
             CREATE TABLE gone (id INT NOT NULL PRIMARY KEY, note VARCHAR(9) DEFAULT 'x')",
        )
        .unwrap();
    project
        .write("migrations/.keep", "")
        .write("diesel.toml", "[print_schema]\nfile = \"schema.rs\"\n");
    project.write(
        "schema.rs",
        "diesel::table! { users (id) { id -> Int8, #[max_length = 40] name -> Nullable<Varchar>, born -> Nullable<Date>, \
         must -> Bool } }\n\
         diesel::table! { orders (id) { id -> Int8, user_id -> Int8, #[sql_name = \"the total\"] total -> Nullable<Numeric> } }\n\
         diesel::joinable!(orders -> users (user_id));\n",
    );
    let ran = project.run(&[
        "migration",
        "generate",
        "next",
        "--version",
        "5",
        "--diff-schema",
    ]);
    assert_eq!(ran.stderr.lines().count(), 2, "{ran:?}");
    ran.succeeded();
    assert_eq!(
        project.read("migrations/5_next/up.sql"),
        "-- Your SQL goes here\n\
         -- Not possible in place, so the table has to be made anew: \"users\": \"must\" BOOLEAN NOT NULL can be added in place only \
         with a DEFAULT: ALTER TABLE \"users\" ADD COLUMN \"must\" BOOLEAN NOT NULL DEFAULT …;\n\
         -- Not possible in place, so the table has to be made anew: \"users\": \"age\" is a distribution or sort key, which cannot \
         be dropped\n\
         ALTER TABLE \"users\" ADD COLUMN \"born\" DATE;\nALTER TABLE \"users\" DROP COLUMN \"former\";\n\
         CREATE TABLE \"orders\" (\n    \"id\" BIGINT NOT NULL,\n    \"user_id\" BIGINT NOT NULL,\n    \
         \"the total\" DECIMAL(18, 2) /* schema.rs tells no precision */,\n    PRIMARY KEY (\"id\")\n);\n\
         ALTER TABLE \"orders\" ADD FOREIGN KEY (\"user_id\") REFERENCES \"users\" (\"id\");\nDROP TABLE \"gone\";\n"
    );
    assert_eq!(
        project.read("migrations/5-1_next_outside_transaction/up.sql"),
        "-- Your SQL goes here\nALTER TABLE \"users\" ALTER COLUMN \"name\" TYPE VARCHAR(40);\n"
    );
    let before = project.run(&["print-schema"]).succeeded();
    project
        .run(&["migration", "run", "--no-schema"])
        .succeeded();
    let after = project.run(&["print-schema"]).succeeded();
    assert!(
        after.contains("#[max_length = 40]\n        name") && after.contains("orders (id)"),
        "{after}"
    );
    assert!(
        after.contains("diesel::joinable!(orders -> users (user_id));"),
        "{after}"
    );
    project.run(&["migration", "revert", "--all"]).succeeded();
    // A column that comes back is the last one.
    let sorted = |text: &str| {
        let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(
        sorted(&project.run(&["print-schema"]).succeeded()),
        sorted(&before)
    );
    // With the tables left out that differ, nothing does.
    let said = [
        "migration",
        "generate",
        "none",
        "--version",
        "9",
        "--diff-schema",
        "^nothing$",
        "-o",
    ];
    project.run(&said).succeeded();
    assert_eq!(
        project.read("migrations/9_none/up.sql"),
        "-- Your SQL goes here\n"
    );
    project.write("schema.rs", "table! { a (id) {");
    let told = project
        .run(&["migration", "generate", "broken", "--diff-schema"])
        .failed(1);
    assert!(told.contains("schema.rs: a macro does not end"), "{told}");
}
