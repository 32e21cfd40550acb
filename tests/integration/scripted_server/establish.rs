//! Faults before the session stands: no log-in hangs, shows a password, or is taken for one that went well.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::result::ConnectionError;
use diesel_redshift::RedshiftConnection;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::message::{Say, error, parameter, ready};

/// What comes after the bytes that the server says.
#[derive(Clone, Copy, Debug)]
enum Then {
    Close,
    /// Nothing for a long time.
    Silence,
    /// One byte more every now and then.
    Trickle,
}

/// Talks to one client as told, and returns the port to find it at.
fn server(said: Vec<u8>, then: Then, last: Vec<u8>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let Ok((mut stream, _)) = listener.accept() else {
            return;
        };
        let _ = stream.set_nodelay(true);
        let _ = talk(&mut stream, &said, then, &last);
        let _ = stream.shutdown(Shutdown::Both);
    });
    port
}

fn talk(stream: &mut TcpStream, said: &[u8], then: Then, last: &[u8]) -> std::io::Result<()> {
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let mut startup = vec![0; (u32::from_be_bytes(length) as usize).saturating_sub(4)];
    stream.read_exact(&mut startup)?;
    stream.write_all(said)?;
    match then {
        Then::Close => {}
        Then::Silence => thread::sleep(Duration::from_secs(60)),
        Then::Trickle => {
            for byte in last.iter().cycle().take(600) {
                stream.write_all(&[*byte])?;
                thread::sleep(Duration::from_millis(100));
            }
        }
    }
    // Those who still write learn that the line is closed, not that it was reset.
    stream.shutdown(Shutdown::Write)?;
    let mut rest = Vec::new();
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    stream.read_to_end(&mut rest)?;
    Ok(())
}

const PASSWORD: &str = "s3cr3t-of-ada";

/// Logs in, within the time and without showing the password.
#[track_caller]
fn log_in(port: u16, name: &str) -> Result<RedshiftConnection, String> {
    let url = format!(
        "postgresql://ada:{PASSWORD}@127.0.0.1:{port}/dev?sslmode=disable&connect_timeout=2"
    );
    let start = Instant::now();
    let outcome = RedshiftConnection::establish(&url);
    let elapsed = start.elapsed();
    assert!(elapsed < Duration::from_secs(6), "{name}: {elapsed:?}");
    outcome.map_err(|error| {
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains(PASSWORD), "{name}: {shown}");
        let ConnectionError::BadConnection(message) = error else {
            panic!("{name}: {shown}");
        };
        assert!(!message.trim().is_empty(), "{name}");
        message
    })
}

fn refused(port: u16, name: &str) -> String {
    match log_in(port, name) {
        Err(message) => message,
        Ok(_) => panic!("{name}: a session"),
    }
}

fn asks_password() -> Say {
    Say::new(b'R', &3i32.to_be_bytes())
}

fn welcome() -> Say {
    Say::new(b'R', &0i32.to_be_bytes())
        .then(parameter("server_version", "8.0.2"))
        .then(parameter("client_encoding", "UTF8"))
        .then(Say::new(b'K', &[0, 0, 0, 7, 0, 0, 0, 9]))
        .then(ready(b'I'))
}

fn whole() -> Vec<u8> {
    asks_password().then(welcome()).0
}

#[test]
fn a_line_that_is_cut_at_any_byte_is_an_error() {
    let whole = whole();
    for len in 0..whole.len() {
        let port = server(whole[..len].to_vec(), Then::Close, Vec::new());
        let message = refused(port, &format!("{len} bytes"));
        assert!(
            message.contains("closed the connection"),
            "{len}: {message}"
        );
    }
    let port = server(whole, Then::Close, Vec::new());
    let mut conn = log_in(port, "whole").unwrap();
    assert_eq!(conn.backend_pid(), 7);
    diesel::sql_query("SELECT 1")
        .execute(&mut conn)
        .unwrap_err();
}

#[test]
fn silence_ends_with_the_timeout_wherever_it_begins() {
    let whole = whole();
    thread::scope(|scope| {
        for len in (0..whole.len()).step_by(6) {
            let said = whole[..len].to_vec();
            scope.spawn(move || {
                let message = refused(server(said, Then::Silence, Vec::new()), "silence");
                assert!(message.contains("timeout expired"), "{len}: {message}");
            });
        }
    });
}

#[test]
fn a_server_that_says_little_is_not_waited_for() {
    thread::scope(|scope| {
        for (name, said) in [
            ("parameters", parameter("application_name", "x")),
            (
                "a long one",
                parameter("application_name", &"x".repeat(1000)),
            ),
            ("zeroes", Say(vec![0])),
        ] {
            let before = welcome().0[..9].to_vec();
            scope.spawn(move || refused(server(before, Then::Trickle, said.0), name));
        }
    });
}

#[test]
fn an_error_at_any_stage_is_the_servers_own() {
    let stages = [
        Say(Vec::new()),
        asks_password(),
        asks_password().then(Say(welcome().0[..9].to_vec())),
        Say(welcome().0[..welcome().0.len() - 6].to_vec()),
    ];
    thread::scope(|scope| {
        for (stage, before) in stages.into_iter().enumerate() {
            for (sqlstate, text) in [
                ("28000", "password authentication failed for user \"ada\""),
                ("3D000", "database \"dev\" does not exist"),
                ("53300", "connection limit exceeded"),
                ("22023", "invalid value for parameter \"datestyle\""),
                ("57P03", "the cluster is restarting"),
            ] {
                for then in [Then::Close, Then::Silence] {
                    let said = before.clone().then(error("FATAL", sqlstate, text)).0;
                    scope.spawn(move || {
                        let name = format!("{stage}, {text}, {then:?}");
                        let message = refused(server(said, then, Vec::new()), &name);
                        assert!(message.contains(text), "{name}: {message}");
                    });
                }
            }
        }
    });
    // As before version 3 of the protocol, by which a server says that it has no memory or no process left.
    let old = b"Esorry, too many clients already\n\0".to_vec();
    let message = refused(server(old, Then::Close, Vec::new()), "old");
    assert!(message.contains("too many clients"), "{message}");
}

#[test]
fn what_is_no_server_of_a_database_is_an_error() {
    for garbage in [
        &b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"[..],
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"\x15\x03\x01\x00\x02\x02\x46",
        b"R\x7f\xff\xff\xff",
        b"R\0\0\0\0",
        b"R\0\0\0\x08\0\0\0\x63",
        b"R\0\0\0\x08\0\0\0\x0a",
        b"R\0\0\0\x0c\0\0\0\x05abcd",
        b"E\0\0\0\x04",
        b"E\xff\xff\xff\xff",
        b"v\0\0\0\x0c\0\0\0\0\0\0\0\0",
        b"N\0\0\0\x05\0",
        b"\0\0\0\0\0\0\0\0",
    ] {
        let name = String::from_utf8_lossy(garbage);
        refused(server(garbage.to_vec(), Then::Close, Vec::new()), &name);
        let mut late = welcome().0[..9].to_vec();
        late.extend(garbage);
        refused(server(late, Then::Close, Vec::new()), &name);
    }
}

#[test]
fn garbage_of_any_kind_is_an_error() {
    let piece = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..40),
        (
            prop::sample::select(&b"RSKZENTDCv"[..]),
            prop::collection::vec(any::<u8>(), 0..12)
        )
            .prop_map(|(kind, body)| Say::new(kind, &body).0),
        Just(asks_password().0),
        Just(parameter("server_version", "8.0.2").0),
    ];
    TestRunner::new(ProptestConfig {
        cases: 300,
        failure_persistence: None,
        ..ProptestConfig::default()
    })
    .run(&prop::collection::vec(piece, 0..6), |pieces| {
        // A session stands if that is what it happens to say.
        let _ = log_in(server(pieces.concat(), Then::Close, Vec::new()), "garbage");
        Ok(())
    })
    .unwrap();
}
