//! A server that says nothing, not even to a request to cancel.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::result::{DatabaseErrorKind, Error};
use diesel_async::pooled_connection::PoolableConnection;
use diesel_async::{AsyncConnection, SimpleAsyncConnection};
use diesel_redshift::AsyncRedshiftConnection;

use crate::on_one_thread;

/// Answers so many statements as it would BEGIN, and then nothing; a request to cancel is not answered either.
fn silent_after(answers: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || serve(stream, answers));
        }
    });
    format!("postgresql://ada@127.0.0.1:{port}/dev?sslmode=disable")
}

fn serve(mut stream: TcpStream, answers: usize) -> std::io::Result<()> {
    let mut length = [0; 4];
    let mut body = |stream: &mut TcpStream| {
        stream.read_exact(&mut length)?;
        let mut body = vec![0; u32::from_be_bytes(length) as usize - 4];
        stream.read_exact(&mut body)?;
        std::io::Result::Ok(body)
    };
    let silence = || thread::sleep(Duration::from_secs(30));
    if body(&mut stream)?.starts_with(&80_877_102_u32.to_be_bytes()) {
        silence();
        return Ok(());
    }
    stream.write_all(b"R\0\0\0\x08\0\0\0\0K\0\0\0\x0c\0\0\0\x01\0\0\0\x02Z\0\0\0\x05I")?;
    for _ in 0..answers {
        stream.read_exact(&mut [0])?;
        body(&mut stream)?;
        stream.write_all(b"C\0\0\0\x0aBEGIN\0Z\0\0\0\x05T")?;
    }
    silence();
    Ok(())
}

async fn connect(answers: usize) -> AsyncRedshiftConnection {
    AsyncRedshiftConnection::establish(&silent_after(answers))
        .await
        .unwrap()
}

const PATIENCE: Duration = Duration::from_millis(400);

#[test]
fn it_is_given_up_after_the_cancel_timeout() {
    on_one_thread(async {
        let mut conn = connect(0).await;
        conn.set_cancel_timeout(PATIENCE).unwrap();
        let start = Instant::now();
        let statement = conn.batch_execute("SELECT 1");
        tokio::time::timeout(Duration::from_millis(100), statement)
            .await
            .unwrap_err();
        assert!(
            start.elapsed() < Duration::from_millis(350),
            "{:?}",
            start.elapsed()
        );
        let error = conn.batch_execute("SELECT 2").await.unwrap_err();
        let elapsed = start.elapsed();
        assert!(
            matches!(
                error,
                Error::DatabaseError(DatabaseErrorKind::ClosedConnection, _)
            ),
            "{error:?}"
        );
        assert!((PATIENCE..PATIENCE * 8).contains(&elapsed), "{elapsed:?}");
        assert!(conn.is_broken());
    });
}

#[test]
fn a_transaction_on_it_is_given_up_too() {
    on_one_thread(async {
        for at_rollback in [false, true] {
            let mut conn = connect(1).await;
            conn.set_cancel_timeout(PATIENCE).unwrap();
            let start = Instant::now();
            let transaction = conn.transaction::<(), Error, _>(async |conn| {
                if !at_rollback {
                    conn.batch_execute("SELECT 1").await?;
                }
                std::future::pending().await
            });
            tokio::time::timeout(Duration::from_millis(100), transaction)
                .await
                .unwrap_err();
            conn.batch_execute("SELECT 2").await.unwrap_err();
            let elapsed = start.elapsed();
            assert!(
                (PATIENCE..PATIENCE * 8).contains(&elapsed),
                "{at_rollback}: {elapsed:?}"
            );
            assert!(conn.is_broken());
        }
    });
}

#[test]
fn dropping_the_connection_waits_for_nothing() {
    on_one_thread(async {
        let mut conn = connect(0).await;
        let statement = conn.run(|conn| conn.batch_execute("SELECT 1"));
        tokio::time::timeout(Duration::from_millis(50), statement)
            .await
            .unwrap_err();
        let start = Instant::now();
        drop(conn);
        assert!(
            start.elapsed() < Duration::from_millis(100),
            "{:?}",
            start.elapsed()
        );
    });
}
