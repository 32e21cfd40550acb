//! Servers that die, fall silent, or say half of what they were to say.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::r2d2::R2D2Connection;
use diesel::result::{DatabaseErrorKind, Error};
use diesel_redshift::{RedshiftConnection, connection::RowByRowLoadingMode};
use diesel_redshift_tests::World;

const PASS: u8 = 0;
const SILENT: u8 = 1;
const CUT: u8 = 2;

/// A line between client and server that can be disturbed.
struct Line {
    port: u16,
    state: Arc<AtomicU8>,
    /// Bytes from the server that are still let through before the line is disturbed.
    left: Arc<AtomicUsize>,
}

impl Line {
    fn to(world: &World) -> Self {
        let address = world.url().split_once('@').unwrap().1;
        let server = address.split_once('/').unwrap().0.to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(AtomicU8::new(PASS));
        let left = Arc::new(AtomicUsize::new(usize::MAX));
        let (line_state, line_left) = (Arc::clone(&state), Arc::clone(&left));
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(&server) else {
                    return;
                };
                let pump = |mut from: TcpStream, mut to: TcpStream, counted: bool| {
                    let (state, left) = (Arc::clone(&line_state), Arc::clone(&line_left));
                    std::thread::spawn(move || {
                        let mut buffer = [0; 1024];
                        while let Ok(read @ 1..) = from.read(&mut buffer) {
                            let mut pass = read;
                            if counted && state.load(Ordering::Relaxed) != PASS {
                                pass = read.min(left.load(Ordering::Relaxed));
                                left.fetch_sub(pass, Ordering::Relaxed);
                            }
                            if to.write_all(&buffer[..pass]).is_err() {
                                break;
                            }
                            if pass < read {
                                match state.load(Ordering::Relaxed) {
                                    SILENT => std::thread::sleep(Duration::from_secs(3600)),
                                    _ => break,
                                }
                            }
                        }
                        let _ = to.shutdown(Shutdown::Both);
                        let _ = from.shutdown(Shutdown::Both);
                    });
                };
                pump(
                    client.try_clone().unwrap(),
                    server.try_clone().unwrap(),
                    false,
                );
                pump(server, client, true);
            }
        });
        Self { port, state, left }
    }

    fn url(&self, world: &World) -> String {
        let (user, rest) = world.url().split_once('@').unwrap();
        let path = rest.split_once('/').unwrap().1;
        format!("{user}@127.0.0.1:{}/{path}", self.port)
    }

    fn disturb(&self, state: u8, after_bytes: usize) {
        self.left.store(after_bytes, Ordering::Relaxed);
        self.state.store(state, Ordering::Relaxed);
    }
}

fn is_closed(error: &Error) -> bool {
    matches!(
        error,
        Error::DatabaseError(DatabaseErrorKind::ClosedConnection, _)
    )
}

const MANY: &str = "SELECT n::integer AS n FROM many";

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = diesel::sql_types::Integer)]
    #[allow(dead_code)]
    n: i32,
}

fn world() -> World {
    let world = World::new();
    world
        .connect()
        .batch_execute(
            "CREATE TABLE many (n INTEGER);
             INSERT INTO many SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4;
             INSERT INTO many SELECT a.n FROM many a, many b, many c, many d, many e",
        )
        .unwrap();
    world
}

/// Runs a statement on a line that is disturbed after so many bytes, at several places of the answer.
fn disturbed(state: u8, run: impl Fn(&mut RedshiftConnection) -> QueryResult<usize>) {
    let world = world();
    for after_bytes in [0, 1, 7, 40, 3000] {
        let line = Line::to(&world);
        let mut conn = RedshiftConnection::establish(&line.url(&world)).unwrap();
        conn.set_response_timeout(Some(Duration::from_millis(300)))
            .unwrap();
        line.disturb(state, after_bytes);
        let start = Instant::now();
        let error = run(&mut conn).unwrap_err();
        assert!(
            start.elapsed() < Duration::from_secs(5),
            "{:?}",
            start.elapsed()
        );
        assert!(is_closed(&error), "after {after_bytes} bytes: {error:?}");
        assert!(conn.is_broken());
        assert!(conn.ping().is_err());
    }
}

#[test]
fn silence_and_a_cut_line_in_a_query() {
    for state in [SILENT, CUT] {
        disturbed(state, |conn| {
            diesel::sql_query(MANY)
                .load::<Row>(conn)
                .map(|rows| rows.len())
        });
    }
}

#[test]
fn silence_and_a_cut_line_row_by_row() {
    for state in [SILENT, CUT] {
        disturbed(state, |conn| {
            let rows = diesel::sql_query(MANY).load_iter::<Row, RowByRowLoadingMode>(conn)?;
            rows.collect::<QueryResult<Vec<_>>>().map(|rows| rows.len())
        });
    }
}

#[test]
fn silence_and_a_cut_line_in_a_transaction() {
    for state in [SILENT, CUT] {
        let world = world();
        let line = Line::to(&world);
        let mut conn = RedshiftConnection::establish(&line.url(&world)).unwrap();
        conn.set_response_timeout(Some(Duration::from_millis(300)))
            .unwrap();
        let error = conn
            .transaction(|conn| {
                conn.batch_execute("DELETE FROM many")?;
                line.disturb(state, 0);
                conn.batch_execute("DELETE FROM many")
            })
            .unwrap_err();
        assert!(is_closed(&error), "{error:?}");
        assert!(conn.is_broken());
        drop(conn);
        let rows = diesel::sql_query("SELECT count(*)::integer AS n FROM many")
            .get_result::<Row>(&mut world.connect())
            .unwrap();
        assert!(rows.n > 1000);
    }
}

#[test]
fn silence_at_connect_ends_with_the_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let url = format!("postgresql://ada@127.0.0.1:{port}/dev?connect_timeout=2");
    let start = Instant::now();
    let Err(error) = RedshiftConnection::establish(&url) else {
        panic!("connected");
    };
    assert!(
        start.elapsed() < Duration::from_secs(8),
        "{:?}",
        start.elapsed()
    );
    assert!(error.to_string().contains("timeout"), "{error}");
}

#[test]
fn a_server_that_hangs_up_at_connect_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let _ = (&client).write_all(b"R\0\0");
        }
    });
    let url = format!("postgresql://ada@127.0.0.1:{port}/dev?sslmode=disable");
    assert!(RedshiftConnection::establish(&url).is_err());
}

#[test]
fn a_timely_answer_is_no_silence() {
    let world = world();
    let mut conn = world.connect();
    conn.set_response_timeout(Some(Duration::from_secs(5)))
        .unwrap();
    let rows = diesel::sql_query(MANY).load::<Row>(&mut conn).unwrap();
    assert_eq!(rows.len(), 1028);
    assert!(conn.set_response_timeout(Some(Duration::ZERO)).is_err());
}
