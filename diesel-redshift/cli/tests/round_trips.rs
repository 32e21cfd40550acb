//! `migration generate --diff-schema`: what is printed makes the same database again.

use diesel::connection::SimpleConnection;

use crate::project::Project;

const TABLES: &str = r#"
    CREATE TABLE zoo (id BIGINT NOT NULL PRIMARY KEY, "select" VARCHAR(20));
    CREATE TABLE "a""b" ("type" INT NOT NULL PRIMARY KEY, "fn" VARCHAR(20), "self" SUPER, "größe" REAL, "x y" DATE, "1st" TIMESTAMP,
        "try" TIMESTAMPTZ, "_" INT, zoo_id BIGINT REFERENCES zoo (id));
    CREATE TABLE every (a SMALLINT NOT NULL, b DECIMAL(18, 2) NOT NULL, c CHAR(3), d VARBYTE(100), e TIME, f TIMETZ, g BOOLEAN,
        h DOUBLE PRECISION, i VARCHAR(65535), PRIMARY KEY (a, b));
    CREATE TABLE "日本" ("列" INT);
    CREATE TABLE no_key (a VARCHAR(10), b INT);
    CREATE TABLE itself (id INT NOT NULL PRIMARY KEY, parent INT REFERENCES itself (id));
    CREATE TABLE link (id INT NOT NULL PRIMARY KEY, ab INT REFERENCES "a""b" ("type"))"#;

fn generate(project: &Project, version: &str) -> String {
    let arguments = ["migration", "generate", "x", "--version", version];
    let file = ["--diff-schema=printed.rs"];
    let ran = project.run(&[&arguments[..], &file].concat());
    let aside = ran.stderr.clone();
    ran.succeeded();
    aside
}

fn print(project: &Project) -> String {
    project.run(&["print-schema"]).succeeded()
}

#[test]
fn a_printed_schema_makes_the_same_database() {
    let (first, second) = (Project::new(), Project::new());
    first.connect().batch_execute(TABLES).unwrap();
    let printed = print(&first);
    for project in [&first, &second] {
        project
            .write("migrations/.keep", "")
            .write("printed.rs", &printed);
    }
    assert_eq!(
        generate(&first, "1"),
        "warning: nothing differs, so the migration is empty\n"
    );
    assert_eq!(
        first.read("migrations/1_x/up.sql"),
        "-- Your SQL goes here\n"
    );
    assert_eq!(generate(&second, "1"), "");
    second.run(&["migration", "run"]).succeeded();
    assert_eq!(print(&second), printed);
    // Children go before their parents.
    let up = second.read("migrations/1_x/up.sql");
    let down = second.read("migrations/1_x/down.sql");
    let at = |text: &str, name: &str| text.find(&format!(" TABLE \"{name}\"")).unwrap();
    assert!(at(&up, "zoo") < at(&up, "a\"\"b") && at(&up, "a\"\"b") < at(&up, "link"));
    assert!(at(&down, "link") < at(&down, "a\"\"b") && at(&down, "a\"\"b") < at(&down, "zoo"));
    second.run(&["migration", "revert"]).succeeded();
    assert_eq!(
        print(&second),
        "// @generated automatically by Diesel CLI.\n"
    );
}

#[test]
fn tables_that_are_dropped_come_back_with_their_keys() {
    let project = Project::new();
    project.connect().batch_execute(TABLES).unwrap();
    let printed = print(&project);
    project
        .write("migrations/.keep", "")
        .write("printed.rs", "// @generated automatically by Diesel CLI.\n");
    assert_eq!(generate(&project, "1"), "");
    project.run(&["migration", "run"]).succeeded();
    project.run(&["migration", "revert"]).succeeded();
    assert_eq!(print(&project), printed);
    // That is no schema, and the tables are not to go.
    project.write("printed.rs", "fn main() {}\n");
    let told = project
        .run(&["migration", "generate", "x", "--diff-schema=printed.rs"])
        .failed(1);
    assert!(told.contains("declares no table!"), "{told}");
}
