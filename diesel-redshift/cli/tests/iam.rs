//! Logging in with temporary credentials of IAM.

use crate::project::{Project, Ran, sandbox};

/// The program with the sandbox's cluster in place of a user and password.
fn run(project: &Project, url: Option<&str>, arguments: &[&str]) -> Ran {
    let mut command = project.command(arguments);
    command
        .env("AWS_ENDPOINT_URL_REDSHIFT", sandbox().s3_endpoint())
        .env(
            "AWS_ENDPOINT_URL_REDSHIFT_SERVERLESS",
            sandbox().s3_endpoint(),
        );
    match url {
        Some(url) => command.env("DATABASE_URL", url),
        None => command.env_remove("DATABASE_URL"),
    };
    Ran::of(&command.output().unwrap())
}

const WHO: [&str; 3] = ["query", "SELECT current_user::text AS who", "--json"];

#[test]
fn a_cluster_or_a_workgroup_is_all_that_is_named() {
    let project = Project::new();
    let url = format!("postgresql:///{}?sslmode=disable", project.database);
    for place in [["--cluster", "sandbox"], ["--workgroup", "sandbox"]] {
        let ran = run(&project, Some(&url), &[&place[..], &WHO[..]].concat());
        assert!(ran.succeeded().contains("IAM:sandbox"));
    }
    // The database apart from the URL, and a user of one's choice, who is not there.
    let options = "postgresql://?sslmode=disable";
    let named = ["--cluster", "sandbox", "--db-name", &project.database];
    let ran = run(&project, Some(options), &[&named[..], &WHO[..]].concat());
    assert!(ran.succeeded().contains("IAM:sandbox"));
    let other = ["--cluster", "sandbox", "--db-user", "nobody"];
    let said = run(&project, Some(&url), &[&other[..], &WHO[..]].concat()).failed(3);
    assert!(said.contains("authentication failed"), "{said}");
}

#[test]
fn a_url_is_all_that_is_named() {
    let project = Project::new();
    let database = &project.database;
    for url in [
        format!("redshift+iam://sandbox/{database}?sslmode=disable"),
        format!("redshift+iam://sandbox/{database}?serverless=true&sslmode=disable"),
    ] {
        assert!(
            run(&project, Some(&url), &WHO)
                .succeeded()
                .contains("IAM:sandbox")
        );
    }
    let url = "redshift+iam://sandbox?sslmode=disable";
    let named = [&["--db-name", database][..], &WHO].concat();
    assert!(
        run(&project, Some(url), &named)
            .succeeded()
            .contains("IAM:sandbox")
    );
    let said = run(
        &project,
        Some("redshift+iam://ada:hunter2@sandbox/dev"),
        &WHO,
    )
    .failed(3);
    assert!(
        said.contains("without a user") && !said.contains("hunter2"),
        "{said}"
    );
}

#[test]
fn what_is_lacking_is_told() {
    let project = Project::new();
    let no_such = ["--cluster", "elsewhere"];
    let said = run(&project, None, &[&no_such[..], &WHO[..]].concat()).failed(3);
    assert!(said.contains("elsewhere"), "{said}");
    let both = ["--cluster", "a", "--workgroup", "b"];
    run(&project, None, &[&both[..], &WHO[..]].concat()).failed(2);
    let lonely = ["--db-user", "ada"];
    let said = run(&project, None, &[&lonely[..], &WHO[..]].concat()).failed(2);
    assert!(said.contains("--cluster"), "{said}");
    let said = run(&project, None, &WHO).failed(1);
    assert!(said.contains("--workgroup"), "{said}");
}
