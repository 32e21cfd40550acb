//! `setup`, `database …`, and connections that cannot be made.

use crate::project::{Project, names, sandbox};

#[test]
fn setup_makes_what_a_project_needs() {
    let project = Project::new();
    let database = format!("{}_new", project.database);
    let url = sandbox().url_of(&database);
    let said = project.run(&["setup", "--database-url", &url]).succeeded();
    assert!(
        said.ends_with(&format!("Creating database: {database}\n")),
        "{said}"
    );
    assert_eq!(
        names(&project.path("")),
        ["Cargo.toml", "diesel.toml", "migrations"]
    );
    assert_eq!(names(&project.path("migrations")), [".keep"]);
    assert!(project.read("diesel.toml").ends_with(
        "[print_schema]\nfile = \"src/schema.rs\"\n\n[migrations_directory]\ndir = \"migrations\"\n"
    ));
    // Once more there is nothing to do.
    assert_eq!(
        project.run(&["setup", "--database-url", &url]).succeeded(),
        ""
    );
}

#[test]
fn a_database_is_set_up_reset_and_dropped() {
    let project = Project::new();
    let database = format!("{}_new", project.database);
    project
        .migration(
            "1_one",
            "CREATE TABLE users (id INT NOT NULL PRIMARY KEY)",
            "DROP TABLE users",
        )
        .write("diesel.toml", "[print_schema]\nfile = \"schema.rs\"\n")
        .write(
            ".env",
            &format!("DATABASE_URL={}\n", sandbox().url_of(&database)),
        );
    let run = |arguments: &[&str]| {
        let mut command = project.command(arguments);
        crate::project::Ran::of(&command.env_remove("DATABASE_URL").output().unwrap())
    };
    assert_eq!(
        run(&["database", "setup"]).succeeded(),
        format!("Creating database: {database}\nRunning migration 1_one\n")
    );
    assert!(project.read("schema.rs").contains("users (id)"));
    assert_eq!(
        run(&["db", "reset"]).succeeded(),
        format!(
            "Dropping database: {database}\nCreating database: {database}\nRunning migration 1_one\n"
        )
    );
    assert_eq!(
        run(&["db", "drop"]).succeeded(),
        format!("Dropping database: {database}\n")
    );
    assert_eq!(run(&["db", "drop"]).succeeded(), "");
    let told = run(&["db", "drop", "--maintenance-database", &database]).failed(1);
    assert!(
        told.contains("cannot be dropped from within itself"),
        "{told}"
    );
}

#[test]
fn a_connection_that_cannot_be_made_is_told_without_secrets() {
    let project = Project::new();
    project.write("migrations/.keep", "");
    for (url, told) in [
        (
            project.url.replace("Sandbox1", "Hush1234"),
            "password authentication failed",
        ),
        (
            "postgresql://u:Hush1234@127.0.0.1:1/dev".to_owned(),
            "onnection refused",
        ),
        (
            "postgresql://u:Hush@1234@h/dev".to_owned(),
            "write it as %40",
        ),
        (
            "jdbc:redshift://u:Hush1234@h/dev".to_owned(),
            "another driver",
        ),
    ] {
        let said = project
            .run(&["migration", "list", "--database-url", &url])
            .failed(3);
        assert!(said.contains(told), "{said}");
        assert!(!said.contains("Hush") && !said.contains("1234"), "{said}");
    }
    let mut command = project.command(&["migration", "list"]);
    let ran = crate::project::Ran::of(&command.env_remove("DATABASE_URL").output().unwrap());
    assert!(ran.failed(1).contains("set DATABASE_URL"));
}

#[test]
fn every_command_has_help() {
    let project = Project::new();
    for arguments in [
        &["--help"][..],
        &["migration", "run", "--help"],
        &["migration", "generate", "--help"],
        &["database", "reset", "--help"],
        &["print-schema", "--help"],
    ] {
        let help = project.run(arguments).succeeded();
        assert!(help.contains("Usage: diesel-redshift"), "{help}");
        assert!(!help.contains("Sandbox1"), "{help}");
    }
    for shell in ["bash", "zsh", "fish"] {
        let script = project.run(&["completions", shell]).succeeded();
        assert!(script.contains("print-schema"), "{script}");
    }
    project.run(&["migration", "fly"]).failed(2);
}
