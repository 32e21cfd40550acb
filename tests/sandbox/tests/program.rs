//! The program `redshift-sandbox`.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use crate::client::Client;
use crate::running::Running;

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_redshift-sandbox"))
}

#[test]
fn help_tells_every_option_and_wrong_ones_end_with_2() {
    let help = program().arg("--help").output().expect("the program");
    assert_eq!(help.status.code(), Some(0));
    let text = String::from_utf8(help.stdout).expect("UTF-8");
    for option in [
        "--port",
        "--s3-port",
        "--store",
        "--data",
        "--user",
        "--password",
        "--role",
        "--key",
        "--read",
        "--write",
        "--region",
        "--tls",
        "--log",
        "--version",
    ] {
        assert!(text.contains(option), "{option}");
    }
    let wrong = program().arg("--stroe").output().expect("the program");
    assert_eq!(wrong.status.code(), Some(2));
    let told = String::from_utf8_lossy(&wrong.stderr);
    assert!(told.contains("unknown argument `--stroe`"), "{told}");
    assert!(wrong.stdout.is_empty());

    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port();
    let refused = program()
        .args(["--port", &port.to_string()])
        .output()
        .expect("the program");
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("cannot listen on"));
}

#[test]
fn it_says_where_it_is_logs_and_stops() {
    let store = tempfile::tempdir().expect("a folder");
    let child = program()
        .args(["--user", "me", "--password", "Hidden1", "--log", "--store"])
        .arg(store.path())
        .args(["--role", "default", "--read", "s3://bucket/in/"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program");
    let mut child = Running(child);
    let mut output = BufReader::new(child.stdout.take().expect("its output"));
    let mut lines = Vec::new();
    while lines
        .last()
        .is_none_or(|line| line != "Press Ctrl-C to stop.\n")
    {
        let mut line = String::new();
        assert_ne!(output.read_line(&mut line).expect("a line"), 0, "{lines:?}");
        lines.push(line);
    }
    let text = lines.concat();
    let url = lines[0].trim();
    assert!(
        url.starts_with("postgresql://me:Hidden1@127.0.0.1:"),
        "{url}"
    );
    for name in [
        "DATABASE_URL",
        "DATABASE_TLS_URL",
        "AWS_ENDPOINT_URL_S3",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
    ] {
        assert!(text.contains(&format!("export {name}='")), "{text}");
    }
    let mut client = Client::connect(url).expect("a connection");
    client.query("CREATE TABLE t (a int)");
    std::fs::create_dir_all(store.path().join("bucket/in")).expect("a bucket");
    std::fs::write(store.path().join("bucket/in/a"), "1\n").expect("a file");
    client.query("COPY t FROM 's3://bucket/in/' IAM_ROLE default CSV");
    let secret = "COPY t FROM 's3://bucket/in/' ACCESS_KEY_ID 'AKID' SECRET_ACCESS_KEY 'hush' CSV";
    assert!(client.error(secret).message.contains("InvalidAccessKeyId"));
    client.extended("SELECT 'prepared'", &[]);
    drop(client);
    let stopped = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .expect("kill");
    assert!(stopped.success());
    assert_eq!(child.wait().expect("ended").code(), Some(0));
    let mut log = String::new();
    let errors = child.stderr.take().expect("its errors");
    BufReader::new(errors)
        .read_to_string(&mut log)
        .expect("a log");
    for part in [
        "me@dev: CREATE TABLE t",
        "SELECT 'prepared'",
        "SECRET_ACCESS_KEY '***'",
    ] {
        assert!(log.contains(part), "{log}");
    }
    assert!(!log.contains("hush"), "{log}");
}
