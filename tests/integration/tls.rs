//! TLS, as libpq checks it for `RedshiftConnection`.

use std::env;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::{ConnectionError, DatabaseErrorKind, Error};
use diesel_redshift::RedshiftConnection;
use diesel_redshift_tests::{World, sandbox};
use redshift_sandbox::Tls;

/// The URL of the world's database at another port of the sandbox.
fn at(port: u16, world: &World) -> String {
    let url = world.tls_url();
    let (login, rest) = url.split_once('@').unwrap();
    let (_, path) = rest.split_once('/').unwrap();
    format!("{login}@localhost:{port}/{path}")
}

fn refused(url: &str) -> String {
    match RedshiftConnection::establish(url) {
        Err(ConnectionError::BadConnection(message)) => message,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("connected: {url}"),
    }
}

fn answers(url: &str) -> bool {
    let mut conn = RedshiftConnection::establish(url).unwrap();
    diesel::select(diesel::dsl::sql::<diesel::sql_types::Integer>("42"))
        .get_result::<i32>(&mut conn)
        .unwrap()
        == 42
}

#[test]
fn a_good_certificate_is_taken() {
    let world = World::new();
    let url = world.tls_url();
    assert!(url.contains("sslmode=verify-full"), "{url}");
    assert!(answers(&url));
    assert!(answers(&url.replace("@localhost:", "@127.0.0.1:")));
    assert!(answers(&url.replace("verify-full", "require")));
}

/// Passes connections on to the sandbox, and keeps the first eight bytes of each.
fn listening_line(world: &World) -> (u16, Arc<Mutex<Vec<[u8; 8]>>>) {
    let server = world.tls_url();
    let (_, address) = server.split_once('@').unwrap();
    let server = address.split_once('/').unwrap().0.to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let seen_here = Arc::clone(&seen);
    thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            let mut server = TcpStream::connect(&server).unwrap();
            let mut first = [0; 8];
            client.read_exact(&mut first).unwrap();
            seen_here.lock().unwrap().push(first);
            server.write_all(&first).unwrap();
            let mut back = (server.try_clone().unwrap(), client.try_clone().unwrap());
            thread::spawn(move || {
                let _ = io::copy(&mut client, &mut server);
                let _ = server.shutdown(Shutdown::Both);
            });
            thread::spawn(move || {
                let _ = io::copy(&mut back.0, &mut back.1);
                let _ = back.1.shutdown(Shutdown::Both);
            });
        }
    });
    (port, seen)
}

/// What cancels a session's statements is a secret as well.
#[test]
fn a_request_to_cancel_is_sent_over_tls() {
    let world = World::new();
    let (port, seen) = listening_line(&world);
    let mut conn = RedshiftConnection::establish(&at(port, &world)).unwrap();
    let handle = conn.cancel_handle().unwrap();
    for _ in 0..2 {
        let handle = handle.clone();
        let canceller = thread::spawn(move || {
            thread::sleep(Duration::from_millis(300));
            handle.cancel_within(Duration::from_secs(10)).unwrap();
        });
        let error = conn.batch_execute("SELECT pg_sleep(30)").unwrap_err();
        canceller.join().unwrap();
        assert!(error.to_string().contains("cancel"), "{error}");
    }
    conn.batch_execute("SELECT 1").unwrap();
    let ssl_request = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];
    assert_eq!(*seen.lock().unwrap(), [ssl_request; 3]);
}

#[test]
fn a_certificate_of_another_host_is_refused() {
    let world = World::new();
    let url = at(sandbox().listen(Tls::OtherHost).unwrap(), &world);
    let message = refused(&url);
    assert!(
        message.contains("redshift.example.com") && message.contains("does not match"),
        "{message}"
    );
    // Which host it is does not matter to verify-ca.
    assert!(answers(&url.replace("verify-full", "verify-ca")));
}

#[test]
fn an_expired_certificate_is_refused() {
    let world = World::new();
    let url = at(sandbox().listen(Tls::Expired).unwrap(), &world);
    let message = refused(&url);
    assert!(message.contains("expired"), "{message}");
}

#[test]
fn a_certificate_of_another_authority_is_refused() {
    let world = World::new();
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other.pem");
    std::fs::write(&other, OTHER_AUTHORITY).unwrap();
    let url = world.tls_url();
    let (url, _) = url.split_once("&sslrootcert=").unwrap();
    let message = refused(&format!("{url}&sslrootcert={}", other.display()));
    assert!(message.contains("certificate verify failed"), "{message}");
    let message = refused(&format!("{url}&sslrootcert=/nowhere/ca.pem"));
    assert!(message.contains("/nowhere/ca.pem"), "{message}");
}

/// What `verified_tls()` says of a server, in a process whose trusted authorities are those of the file.
fn verified_by(authorities: &Path, url: &str) -> String {
    let (url, _) = url.split_once('?').unwrap();
    let child = Command::new(env::current_exe().unwrap())
        .args([
            "tls::verified_as_told",
            "--exact",
            "--ignored",
            "--nocapture",
        ])
        .env("SSL_CERT_FILE", authorities)
        .env("VERIFIED_TLS_URL", url)
        .output()
        .unwrap();
    String::from_utf8(child.stdout).unwrap()
}

#[test]
#[ignore = "run by the test after it, in a process of its own"]
fn verified_as_told() {
    let Ok(url) = env::var("VERIFIED_TLS_URL") else {
        return;
    };
    let conn = RedshiftConnection::builder().url(url).verified_tls();
    match conn.establish() {
        Ok(_) => println!("connected"),
        Err(error) => println!("refused: {error}"),
    }
}

#[test]
fn verified_tls_takes_the_authorities_that_the_machine_trusts() {
    let world = World::new();
    let authority = sandbox().ca_certificate();
    let said = verified_by(authority, &world.tls_url());
    assert!(said.contains("connected"), "{said}");
    let other_host = at(sandbox().listen(Tls::OtherHost).unwrap(), &world);
    let said = verified_by(authority, &other_host);
    assert!(
        said.contains("refused") && said.contains("does not match"),
        "{said}"
    );
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other.pem");
    std::fs::write(&other, OTHER_AUTHORITY).unwrap();
    let said = verified_by(&other, &world.tls_url());
    assert!(said.contains("certificate verify failed"), "{said}");
}

#[test]
fn a_server_without_tls_is_refused_where_it_is_wanted() {
    let world = World::new();
    let url = at(sandbox().listen(Tls::Refused).unwrap(), &world);
    let message = refused(&url);
    assert!(message.contains("does not support SSL"), "{message}");
    assert!(answers(&url.replace("verify-full", "disable")));
}

#[test]
fn a_server_that_requires_tls_refuses_a_connection_without() {
    let world = World::new();
    let url = at(sandbox().listen(Tls::Required).unwrap(), &world);
    assert!(answers(&url));
    let message = refused(&url.replace("verify-full", "disable"));
    assert!(message.contains("SSL off"), "{message}");
}

#[test]
fn a_statement_is_cancelled_over_tls() {
    let world = World::new();
    let mut conn = RedshiftConnection::establish(&world.tls_url()).unwrap();
    let handle = conn.cancel_handle().unwrap();
    let canceller = thread::spawn(move || {
        thread::sleep(Duration::from_millis(200));
        handle.cancel().unwrap();
    });
    let start = Instant::now();
    let error = diesel::sql_query("SELECT pg_sleep(20)")
        .execute(&mut conn)
        .unwrap_err();
    canceller.join().unwrap();
    assert!(start.elapsed() < Duration::from_secs(10));
    let Error::DatabaseError(DatabaseErrorKind::Unknown, told) = error else {
        panic!("{error:?}");
    };
    assert!(told.message().contains("cancelled"), "{}", told.message());
}

/// A result that takes many TLS records, and a statement that does.
#[test]
fn large_things_pass() {
    let world = World::new();
    let mut conn = RedshiftConnection::establish(&world.tls_url()).unwrap();
    let text: String = "0123456789abcdef".repeat(250_000);
    let back: String = diesel::select(diesel::dsl::sql::<diesel::sql_types::Text>(&format!(
        "'{text}'"
    )))
    .get_result(&mut conn)
    .unwrap();
    assert_eq!(back, text);
}

/// Made once with openssl; nothing is signed with it.
const OTHER_AUTHORITY: &str = "\
-----BEGIN CERTIFICATE-----
MIIBkDCCATWgAwIBAgIUKFNY5oWUQ6Ut0Mwmdo1uNJ63ixYwCgYIKoZIzj0EAwIw
HDEaMBgGA1UEAwwRYW5vdGhlciBhdXRob3JpdHkwIBcNMjYxMTIyMTI0NTMzWhgP
MjEyNjEwMjkxMjQ1MzNaMBwxGjAYBgNVBAMMEWFub3RoZXIgYXV0aG9yaXR5MFkw
EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEHrj/SAU3hNLTpvXU26oxmPFnAi0slHqX
ooITGdW81eOg2QrdjTSPd5sVmM6FF4q/fqhm3AFPCxypnMdaHTLKraNTMFEwHQYD
VR0OBBYEFJ/wx9tgau9dgI/iTOlsY7awWenTMB8GA1UdIwQYMBaAFJ/wx9tgau9d
gI/iTOlsY7awWenTMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSQAwRgIh
AKUz0pWa07fW8ERnesvKZS6kTd0SwiyXgRJuRoaxuUI7AiEApmD6knbBczUi5jNv
7xD/uTw2fZKnWwL1gjpfUOpiqsc=
-----END CERTIFICATE-----
";
