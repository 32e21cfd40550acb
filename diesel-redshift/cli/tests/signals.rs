//! Ctrl-C and SIGTERM, in the middle of all that takes long.

use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::project::{Project, Ran, left_in_s3, names, sandbox, staging, warehouse};

const SOON: Duration = Duration::from_secs(30);

/// Starts it, and waits until it is where it is to be interrupted.
fn start(command: &mut Command, is_there: impl Fn() -> bool) -> Child {
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let start = Instant::now();
    while !is_there() {
        assert!(start.elapsed() < SOON, "it does not come so far");
        thread::sleep(Duration::from_millis(20));
    }
    child
}

fn send(signal: &str, child: &Child) {
    let mut kill = Command::new("kill");
    kill.args([signal, &child.id().to_string()]);
    assert!(kill.status().unwrap().success());
}

/// Sends the signal; it has to end as one that was interrupted.
fn interrupt(signal: &str, child: Child) {
    let start = Instant::now();
    send(signal, &child);
    let ran = Ran::of(&child.wait_with_output().unwrap());
    assert_eq!(ran.code, Some(130), "{ran:?}");
    assert!(ran.stderr.ends_with("interrupted\n"), "{ran:?}");
    assert!(start.elapsed() < SOON, "{ran:?}");
}

/// Whether a statement with these words runs in the project's database.
fn running(project: &Project, words: &str) -> bool {
    let query = format!(
        "SELECT count(*) AS n FROM stv_recents WHERE status = 'Running' AND query LIKE '%{words}%' \
         AND db_name = current_database() AND pid <> pg_backend_pid()"
    );
    project.run(&["query", &query, "--json"]).succeeded() != "{\"n\":0}\n"
}

fn slow_down(project: &Project, milliseconds: u32) {
    let slow = format!("slow s3 {milliseconds} ms {}", staging(project));
    sandbox().fail_next(&project.database, &slow).unwrap();
}

fn rows(project: &Project) -> String {
    project
        .run(&["query", "SELECT count(*) AS n FROM users", "--json"])
        .succeeded()
}

#[test]
fn a_query_is_interrupted_on_the_server() {
    for signal in ["-INT", "-TERM"] {
        let project = warehouse();
        let child = start(
            &mut project.command(&["query", "SELECT pg_sleep(60)"]),
            || running(&project, "pg_sleep(60)"),
        );
        interrupt(signal, child);
        assert!(!running(&project, "pg_sleep(60)"));
    }
}

#[test]
fn an_upload_is_interrupted_and_nothing_stays_there() {
    for (signal, flag) in [("-INT", "--json"), ("-TERM", "--quiet"), ("-HUP", "--json")] {
        let project = warehouse();
        for file in ["in/1.csv", "in/2.csv"] {
            project.write(file, "1,Ada\n");
        }
        slow_down(&project, 400);
        let through = staging(&project);
        let arguments = ["copy", "in", "users", flag, "--through", &through];
        // The last one has gone, or is on its way: what follows would be the load.
        let child = start(&mut project.command(&arguments), || {
            !left_in_s3(&project).is_empty()
        });
        interrupt(signal, child);
        assert_eq!(left_in_s3(&project), [""; 0]);
        assert_eq!(rows(&project), "{\"n\":0}\n");
    }
}

#[test]
fn a_load_is_interrupted_on_the_server() {
    let project = warehouse();
    for n in 0..20 {
        project.write(&format!("in/{n}.csv"), "1,Ada\n");
    }
    slow_down(&project, 100);
    let through = staging(&project);
    let arguments = ["copy", "in", "users", "--json", "--through", &through];
    let child = start(&mut project.command(&arguments), || {
        running(&project, "COPY ")
    });
    interrupt("-INT", child);
    assert!(!running(&project, "COPY "));
    assert_eq!(left_in_s3(&project), [""; 0]);
    assert_eq!(rows(&project), "{\"n\":0}\n");
}

#[test]
fn an_unload_is_interrupted_on_the_server_and_on_its_way_back() {
    let project = warehouse();
    let through = staging(&project);
    let slow = "SELECT id, pg_sleep(60)::varchar FROM users";
    project
        .run(&["query", "INSERT INTO users VALUES (1, 'Ada'), (2, 'Bob')"])
        .succeeded();
    for destination in ["out.csv", "out/"] {
        let arguments = ["unload", destination, "-q", slow, "--through", &through];
        let child = start(&mut project.command(&arguments), || {
            running(&project, "pg_sleep(60)")
        });
        interrupt("-INT", child);
        assert!(!running(&project, "pg_sleep(60)"));
        assert_eq!(left_in_s3(&project), [""; 0]);
        assert_eq!(names(&project.path("")), ["Cargo.toml"]);
    }
    slow_down(&project, 300);
    let arguments = [
        "unload",
        "new/out/",
        "-t",
        "users",
        "--option",
        "PARTITION BY (id) INCLUDE",
        "--through",
        &through,
    ];
    let child = start(&mut project.command(&arguments), || {
        project.path("new/out/id=1").exists()
    });
    interrupt("-TERM", child);
    assert_eq!(left_in_s3(&project), [""; 0]);
    assert_eq!(names(&project.path("")), ["Cargo.toml"]);
}

#[test]
fn a_migration_is_interrupted_and_those_before_it_stay() {
    let project = Project::new();
    project
        .write("diesel.toml", "[print_schema]\nfile = \"schema.rs\"\n")
        .migration("1_one", "CREATE TABLE one (id INT)", "")
        .migration(
            "2_two",
            "CREATE TABLE two (id INT); SELECT pg_sleep(60)",
            "",
        )
        .migration("3_three", "CREATE TABLE three (id INT)", "");
    let child = start(&mut project.command(&["migration", "run"]), || {
        running(&project, "pg_sleep(60)")
    });
    interrupt("-INT", child);
    assert!(!running(&project, "pg_sleep(60)"));
    assert_eq!(
        project.run(&["migration", "list"]).succeeded(),
        "Migrations:\n  [X] 1_one\n  [ ] 2_two\n  [ ] 3_three\n"
    );
    assert!(!project.path("schema.rs").exists());
    // Nobody holds the lock.
    project
        .migration("2_two", "CREATE TABLE two (id INT)", "")
        .run(&["migration", "run"])
        .succeeded();
}

#[test]
fn a_second_one_ends_at_once() {
    let project = warehouse();
    project.write("in/1.csv", "1,Ada\n");
    slow_down(&project, 20_000);
    let through = staging(&project);
    let start = Instant::now();
    let child = self::start(
        project
            .command(&["copy", "in", "users", "--through", &through])
            .stdin(Stdio::null()),
        || start.elapsed() > Duration::from_secs(1),
    );
    send("-INT", &child);
    thread::sleep(Duration::from_millis(300));
    send("-INT", &child);
    let ran = Ran::of(&child.wait_with_output().unwrap());
    assert_eq!(ran.code, Some(130), "{ran:?}");
    assert!(start.elapsed() < Duration::from_secs(10), "{ran:?}");
}

#[test]
fn a_terminal_that_goes_does_not_end_what_nohup_has_started() {
    let project = warehouse();
    let program = env!("CARGO_BIN_EXE_diesel-redshift");
    let mut nohup = Command::new("nohup");
    nohup.args([program, "query", "SELECT 1 AS a, pg_sleep(2)"]);
    nohup.current_dir(project.path("")).stdin(Stdio::null());
    nohup.env("DATABASE_URL", &project.url);
    let child = start(&mut nohup, || running(&project, "pg_sleep(2)"));
    send("-HUP", &child);
    let ran = Ran::of(&child.wait_with_output().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
}
