//! Requests against the service, whose cluster is the sandbox.
#![allow(clippy::unwrap_used, missing_docs)]

use std::io::{BufRead, BufReader, Read};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel_redshift::RedshiftConnection;
use redshift_sandbox::Sandbox;
use serde_json::{Value, json};
use tokio::sync::oneshot;
use web::{Settings, serve};

static SANDBOX: LazyLock<Sandbox> = LazyLock::new(|| Sandbox::start().unwrap());

/// A service with a database and a bucket of its own.
struct World {
    database: String,
    url: String,
    bucket: String,
    address: String,
    stop: Option<oneshot::Sender<()>>,
    served: Option<JoinHandle<()>>,
}

/// A row of the one column that the tests ask for.
#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    word: String,
}

impl World {
    fn new(connections: u32) -> Self {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let database = format!("web_{number}");
        let url = SANDBOX.create_database(&database).unwrap();
        let mut conn = RedshiftConnection::establish(&url).unwrap();
        conn.batch_execute(
            "CREATE TABLE users (id BIGINT NOT NULL, name VARCHAR(100) NOT NULL, city VARCHAR(100) NOT NULL);
             INSERT INTO users VALUES (1, 'Ada', 'Oslo'), (2, 'Eve', 'Rome'), (3, 'Kim', 'Oslo')",
        )
        .unwrap();
        let settings = Settings {
            database_url: url.clone(),
            role: "arn:aws:iam::012345678901:role/Loader".to_owned(),
            connections,
            wait: Duration::from_secs(2),
            limit: Duration::from_secs(20),
            look_every: Duration::from_millis(100),
        };
        let (stop, stopped) = oneshot::channel();
        let (listening, address) = std::sync::mpsc::channel();
        let served = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
                listening.send(listener.local_addr().unwrap()).unwrap();
                let stop = async {
                    let _ = stopped.await;
                };
                serve(listener, settings, stop).await.unwrap();
            });
        });
        Self {
            address: format!("http://{}", address.recv().unwrap()),
            bucket: format!("web-{number}"),
            database,
            url,
            stop: Some(stop),
            served: Some(served),
        }
    }

    fn get(&self, path: &str) -> (u16, String) {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .build()
            .new_agent();
        let mut response = agent.get(format!("{}{path}", self.address)).call().unwrap();
        let text = response.body_mut().read_to_string().unwrap();
        (response.status().as_u16(), text)
    }

    /// Files of three users each.
    fn arrive(&self, files: u32) {
        for file in 0..files {
            let rows: String = (0..3)
                .map(|row| format!("{},Joe,Bern\n", 100 + file * 3 + row))
                .collect();
            self.put(&format!("users/{file:03}.csv"), &rows);
        }
    }

    fn put(&self, key: &str, rows: &str) {
        let at = format!("s3://{}/{key}", self.bucket);
        SANDBOX
            .store()
            .put(&at, format!("id,name,city\n{rows}"))
            .unwrap();
    }

    /// Each file takes so long.
    fn slow(&self, millis: u32) {
        let fault = format!("slow s3 {millis} ms s3://{}/users/", self.bucket);
        SANDBOX.fail_next(&self.database, &fault).unwrap();
    }

    fn load(&self) -> Events {
        let uri = format!("{}/loads?from=s3://{}/users/", self.address, self.bucket);
        let response = ureq::post(uri).send_empty().unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Events(BufReader::new(Box::new(response.into_body().into_reader())))
    }

    fn number(&self, sql: &str) -> i64 {
        let mut conn = RedshiftConnection::establish(&self.url).unwrap();
        diesel::sql_query(sql)
            .get_result::<Number>(&mut conn)
            .unwrap()
            .n
    }

    /// How the database's load has ended.
    fn load_ends(&self) -> String {
        let mut conn = RedshiftConnection::establish(&self.url).unwrap();
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let sql = "SELECT status::varchar AS word FROM sys_load_history";
            let found = diesel::sql_query(sql).load::<Word>(&mut conn).unwrap();
            match found.first().map(|row| row.word.trim()) {
                Some("running") | None => {}
                Some(ended) => return ended.to_owned(),
            }
            assert!(Instant::now() < deadline, "it does not end");
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn stop(&mut self) {
        let _ = self.stop.take().map(|stop| stop.send(()));
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop();
        if let Some(Err(panic)) = self.served.take().map(JoinHandle::join)
            && !thread::panicking()
        {
            std::panic::resume_unwind(panic);
        }
    }
}

/// The events of a load.
struct Events(BufReader<Box<dyn Read>>);

impl Iterator for Events {
    type Item = (String, Value);

    fn next(&mut self) -> Option<(String, Value)> {
        let mut name = None;
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            if let Some(given) = line.strip_prefix("event: ") {
                name = Some(given.trim().to_owned());
            } else if let Some(data) = line.strip_prefix("data: ") {
                return Some((
                    name.unwrap_or_default(),
                    serde_json::from_str(data).unwrap(),
                ));
            }
        }
    }
}

#[test]
fn users_are_found() {
    let world = World::new(2);
    let (status, text) = world.get("/users?city=Oslo");
    let found: Value = serde_json::from_str(&text).unwrap();
    let oslo =
        json!([{"id": 1, "name": "Ada", "city": "Oslo"}, {"id": 3, "name": "Kim", "city": "Oslo"}]);
    assert_eq!((status, found), (200, oslo));
    assert_eq!(
        world.get("/users/2"),
        (200, r#"{"id":2,"name":"Eve","city":"Rome"}"#.to_owned())
    );
    assert_eq!(world.get("/users/9").0, 404);
    assert_eq!(world.get("/users/x").0, 400);
}

#[test]
fn a_load_tells_its_progress_and_its_end() {
    let world = World::new(2);
    world.arrive(6);
    world.slow(200);
    let events: Vec<_> = world.load().collect();
    let (last, progress) = events.split_last().unwrap();
    assert_eq!(last, &("loaded".to_owned(), json!({"rows": 18})));
    assert!(!progress.is_empty());
    assert!(
        progress.iter().all(|(name, _)| name == "progress"),
        "{events:?}"
    );
    let rows: Vec<_> = progress
        .iter()
        .map(|(_, data)| data["rows"].as_u64().unwrap())
        .collect();
    assert!(rows.is_sorted() && rows.last() <= Some(&18), "{rows:?}");
    assert_eq!(world.number("SELECT count(*) AS n FROM users"), 21);
}

#[test]
fn bad_rows_are_told() {
    let world = World::new(2);
    world.put("users/1.csv", "7,Ann,Bern\neight,Bob,Bern\n");
    let (name, data) = world.load().last().unwrap();
    assert_eq!(name, "rejected");
    assert!(
        data["rows"][0]
            .as_str()
            .unwrap()
            .contains("line 3, column id"),
        "{data}"
    );
    let (name, data) = {
        let world = World::new(2);
        world.load().last().unwrap()
    };
    assert_eq!(name, "failed", "{data}");
    assert!(
        data["why"].as_str().unwrap().contains("does not exist"),
        "{data}"
    );
}

#[test]
fn a_client_that_leaves_takes_its_load_with_it() {
    let world = World::new(1);
    world.arrive(20);
    world.slow(200);
    let mut events = world.load();
    assert_eq!(events.next().unwrap().0, "progress");
    drop(events);
    assert_eq!(world.load_ends(), "aborted");
    assert_eq!(world.number("SELECT count(*) AS n FROM users"), 3);
    // The pool's one connection is whole.
    assert_eq!(world.get("/users/2").0, 200);
}

#[test]
fn a_busy_pool_is_told() {
    let world = World::new(1);
    world.arrive(20);
    world.slow(250);
    let mut events = world.load();
    assert_eq!(events.next().unwrap().0, "progress");
    assert_eq!(world.get("/users/2").0, 503);
    assert_eq!(events.last().unwrap().0, "loaded");
    assert_eq!(world.get("/users/2").0, 200);
}

#[test]
fn the_service_ends_gracefully() {
    let mut world = World::new(2);
    world.arrive(20);
    world.slow(200);
    let mut events = world.load();
    assert_eq!(events.next().unwrap().0, "progress");
    let begin = Instant::now();
    world.stop();
    let (name, _) = events.last().unwrap();
    assert_eq!(name, "stopped");
    world.served.take().unwrap().join().unwrap();
    assert!(
        begin.elapsed() < Duration::from_secs(5),
        "{:?}",
        begin.elapsed()
    );
    assert_eq!(world.load_ends(), "aborted");
    assert_eq!(world.number("SELECT count(*) AS n FROM users"), 3);
}

#[test]
fn many_requests_at_once_are_all_answered() {
    let world = World::new(4);
    thread::scope(|scope| {
        let asking: Vec<_> = (0..200)
            .map(|number| {
                let world = &world;
                scope.spawn(move || world.get(&format!("/users/{}", number % 4)).0)
            })
            .collect();
        for (number, answer) in asking.into_iter().enumerate() {
            let expected = if number % 4 == 0 { 404 } else { 200 };
            assert_eq!(answer.join().unwrap(), expected, "request {number}");
        }
    });
}

#[test]
fn what_cannot_be_is_the_clients_fault() {
    let world = World::new(1);
    let post = |path: &str, body: &str| {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .build()
            .new_agent();
        let response = agent
            .post(format!("{}{path}", world.address))
            .content_type("application/json")
            .send(body)
            .unwrap();
        response.status().as_u16()
    };
    for path in [
        "/loads",
        "/loads?from=",
        "/loads?from=https://bucket/users/",
        "/loads?from=s3://",
        "/loads?from=s3://bucket/a%00b",
        "/loads?from=%ff",
    ] {
        assert_eq!(post(path, "{\"from\": "), 400, "{path}");
    }
    assert_eq!(world.get("/users").0, 400);
    assert_eq!(world.get("/users/99999999999999999999").0, 400);
    assert_eq!(world.get("/loads?from=s3://bucket/").0, 405);
    assert_eq!(post("/users", "{"), 405);
    assert_eq!(world.get("/users/2").0, 200);
}

#[test]
fn clients_that_leave_at_any_time_keep_no_connection() {
    let world = World::new(1);
    world.arrive(20);
    world.slow(100);
    for pause in [0, 1, 20, 150, 400] {
        let events = world.load();
        thread::sleep(Duration::from_millis(pause));
        drop(events);
        // The one connection is free again, and whole.
        assert_eq!(world.get("/users/2").0, 200, "after {pause} ms");
    }
    assert_eq!(world.number("SELECT count(*) AS n FROM users"), 3);
}
