//! What the documentation shows is run.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::project::{Project, Ran, left_in_s3, staging};

#[test]
fn the_first_session_of_the_guide_runs_as_it_stands() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../doc/command-line.md");
    let page = fs::read_to_string(page).unwrap();
    let session = page
        .split("```")
        .find(|block| block.starts_with("sh\n") && block.contains("diesel-redshift setup"))
        .unwrap()
        .trim_start_matches("sh\n");
    let project = Project::new();
    let program = Path::new(env!("CARGO_BIN_EXE_diesel-redshift"));
    let mut shell = Command::new("sh");
    let command = project.command(&[]);
    let environment = command
        .get_envs()
        .filter_map(|(name, value)| Some((name, value?)));
    let path = format!(
        "{}:{}",
        program.parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );
    shell
        .args(["-euc", session])
        .current_dir(project.path(""))
        .env_clear()
        .envs(environment)
        .env("PATH", path)
        .env("REDSHIFT_STAGING", staging(&project));
    let said = Ran::of(&shell.output().unwrap()).succeeded();
    for told in [
        "Running migration 1_create_users",
        "Nothing is wrong.",
        "2 rows loaded into users.",
        "2 rows unloaded to out.csv.",
        "No load has rejected rows.",
    ] {
        assert!(said.contains(told), "{said}");
    }
    assert!(project.read("src/schema.rs").contains("users (id)"));
    assert_eq!(project.read("out.csv").lines().next(), Some("id,name"));
    assert_eq!(left_in_s3(&project), [""; 0]);
}
