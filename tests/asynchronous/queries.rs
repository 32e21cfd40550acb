//! Queries and inserts, errors, settings, notices.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use diesel::connection::InstrumentationEvent;
use diesel::prelude::*;
use diesel::result::Error;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};
use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection};
use diesel_redshift::{AsyncRedshiftConnection, connection::DatabaseCredentials};

use crate::{add, connect, ids, on_one_thread, runtimes, users, world};

#[derive(Debug, PartialEq, Queryable, Selectable, Insertable)]
struct User {
    id: i64,
    name: String,
}

#[derive(Debug, PartialEq, QueryableByName)]
struct Numbered {
    #[diesel(sql_type = Integer)]
    n: i32,
    #[diesel(sql_type = Nullable<Text>)]
    note: Option<String>,
}

fn user(id: i64) -> User {
    User {
        id,
        name: format!("user {id}"),
    }
}

#[test]
fn queries_run_on_every_runtime() {
    for runtime in runtimes() {
        let world = world();
        let test = async move {
            let mut conn = connect(&world).await;
            let many: Vec<_> = (1..=100).map(user).collect();
            let inserted = diesel::insert_into(users::table).values(&many);
            assert_eq!(inserted.execute(&mut conn).await, Ok(100));
            let all = users::table.select(User::as_select()).order(users::id);
            assert_eq!(all.load(&mut conn).await, Ok(many));
            for id in [1, 70] {
                let one = users::table.find(id).first::<User>(&mut conn).await;
                assert_eq!(one, Ok(user(id)));
            }
            let none = users::table.find(101).first::<User>(&mut conn).await;
            assert_eq!(none.optional(), Ok(None));
            let named = users::table
                .filter(users::name.eq_any(["user 3", "user 5"]))
                .limit(1)
                .offset(1)
                .order(users::id)
                .select(users::id)
                .get_result(&mut conn);
            assert_eq!(named.await, Ok(5_i64));
            let updated = diesel::update(users::table.filter(users::id.le(10)))
                .set(users::name.eq("renamed"))
                .execute(&mut conn);
            assert_eq!(updated.await, Ok(10));
            let by_name: Vec<Numbered> = diesel::sql_query("SELECT $1 + 1 AS n, NULL AS note")
                .bind::<Integer, _>(41)
                .load(&mut conn)
                .await
                .unwrap();
            assert_eq!(by_name, [Numbered { n: 42, note: None }]);
        };
        // On the runtime's own threads: the futures can move.
        runtime.block_on(runtime.spawn(test)).unwrap();
    }
}

#[test]
fn any_executor_runs_it() {
    let world = world();
    // No runtime at all: the thread that waits is parked.
    let ids = block_on(async {
        let mut conn = connect(&world).await;
        add(&mut conn, 1).await?;
        ids(&mut conn).await
    });
    assert_eq!(ids, Ok(vec![1]));
}

fn block_on<F: Future>(future: F) -> F::Output {
    use std::task::{Context, Poll, Wake, Waker};
    struct Unpark(std::thread::Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = std::pin::pin!(future);
    loop {
        if let Poll::Ready(outcome) = future.as_mut().poll(&mut context) {
            return outcome;
        }
        std::thread::park();
    }
}

#[test]
fn errors_are_those_of_the_server() {
    let world = world();
    on_one_thread(async {
        let mut conn = connect(&world).await;
        let error = conn.batch_execute("SELECT nothing").await.unwrap_err();
        assert!(error.to_string().contains("nothing"), "{error}");
        let told = conn.last_error().await.unwrap().unwrap();
        assert_eq!(told.sqlstate(), Some("42703"));
        // An error that comes after rows.
        let late = diesel::dsl::sql::<Integer>(
            "SELECT (100 / (500 - n))::integer FROM (SELECT row_number() OVER () AS n FROM \
             (SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5) a, \
             (SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5) b, \
             (SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5) c, \
             (SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5) d) t",
        );
        let error = late.load::<i32>(&mut conn).await.unwrap_err();
        assert!(error.to_string().contains("zero"), "{error}");
        let huge = diesel::dsl::sql::<BigInt>("SELECT 5000000000").load::<i64>(&mut conn);
        assert_eq!(huge.await, Ok(vec![5_000_000_000]));
        let refused =
            AsyncRedshiftConnection::establish("postgresql://nobody@127.0.0.1:1/dev").await;
        assert!(refused.is_err());
        let unclear = AsyncRedshiftConnection::establish("postgresql://a:b/c@d@host/dev").await;
        assert!(unclear.is_err());
        let wrong = DatabaseCredentials::new("awsuser", "wr0ng");
        let (_, address) = world.url().split_once('@').unwrap();
        let url = format!("postgresql://{address}");
        let error = AsyncRedshiftConnection::establish_with(&url, &wrong)
            .await
            .unwrap_err();
        assert!(!error.to_string().contains("wr0ng"), "{error}");
        add(&mut conn, 1).await.unwrap();
        assert!(!format!("{conn:?}").contains("awsuser"));
    });
}

#[test]
fn a_panic_goes_on_in_the_task_that_waits() {
    let world = world();
    on_one_thread(async {
        let mut conn = connect(&world).await;
        let run = conn.run::<(), Error, _>(|_| panic!("of the work"));
        let panic = futures_util::FutureExt::catch_unwind(std::panic::AssertUnwindSafe(run)).await;
        assert_eq!(panic.unwrap_err().downcast_ref(), Some(&"of the work"));
        add(&mut conn, 1).await.unwrap();
        // In a transaction it leaves a connection that is broken, as it does a synchronous one.
        let run = conn.run(|conn| conn.transaction::<(), Error, _>(|_| panic!("of the work")));
        let panic = futures_util::FutureExt::catch_unwind(std::panic::AssertUnwindSafe(run)).await;
        assert!(panic.is_err());
        assert!(matches!(
            add(&mut conn, 2).await,
            Err(Error::BrokenTransactionManager)
        ));
    });
}

#[test]
fn notices_settings_and_instrumentation_reach_it() {
    let world = world();
    on_one_thread(async {
        let mut conn = connect(&world).await;
        let heard = Arc::new(Mutex::new(Vec::new()));
        let listener = Arc::clone(&heard);
        conn.on_notice(move |notice| listener.lock().unwrap().push(notice.to_string()));
        conn.batch_execute("DROP TABLE IF EXISTS nothing")
            .await
            .unwrap();
        let notices = conn.take_notices().await.unwrap();
        assert_eq!(notices.len(), 1);
        assert_eq!(*heard.lock().unwrap(), [notices[0].to_string()]);
        conn.run(|conn| conn.set_time_zone("Europe/Berlin"))
            .await
            .unwrap();
        conn.run(|conn| conn.set_statement_timeout(Some(Duration::from_millis(100))))
            .await
            .unwrap();
        let error = conn.batch_execute("SELECT pg_sleep(10)").await.unwrap_err();
        assert!(error.to_string().contains("cancel"), "{error}");
        conn.run(|conn| conn.set_statement_timeout(None))
            .await
            .unwrap();

        let told = Arc::new(Mutex::new(Vec::new()));
        let listener = Arc::clone(&told);
        conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { query, .. } = event {
                listener.lock().unwrap().push(query.to_string());
            }
        });
        let query = users::table.filter(users::name.eq("Ada")).select(users::id);
        query.load::<i64>(&mut conn).await.unwrap();
        let expected =
            r#"SELECT "users"."id" FROM "users" WHERE ("users"."name" = $1) -- binds: ["Ada"]"#;
        assert_eq!(*told.lock().unwrap(), [expected]);
        assert!(conn.set_cancel_timeout(Duration::ZERO).is_err());
        conn.set_cancel_timeout(Duration::from_secs(1)).unwrap();
        let pid: i32 = diesel::dsl::sql::<Integer>("SELECT pg_backend_pid()")
            .get_result(&mut conn)
            .await
            .unwrap();
        assert_eq!(pid, conn.backend_pid());
    });
}

#[test]
fn statements_are_prepared_once_and_results_may_be_binary() {
    let world = world();
    on_one_thread(async {
        let mut conn = connect(&world).await;
        let prepared = Arc::new(Mutex::new(0));
        let counter = Arc::clone(&prepared);
        conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if matches!(event, InstrumentationEvent::CacheQuery { .. }) {
                *counter.lock().unwrap() += 1;
            }
        });
        for id in 0..10 {
            add(&mut conn, id).await.unwrap();
            users::table
                .find(id)
                .first::<(i64, String)>(&mut conn)
                .await
                .unwrap();
        }
        assert_eq!(*prepared.lock().unwrap(), 2);
        conn.run(|conn| {
            conn.set_binary_results(true);
            let query = users::table.filter(users::id.lt(2)).order(users::id);
            let rows: Vec<(i64, String)> = diesel::RunQueryDsl::load(query, conn)?;
            assert_eq!(rows[1], (1, "user 1".to_owned()));
            QueryResult::Ok(())
        })
        .await
        .unwrap();
        // Queries of the task itself are read as text.
        assert_eq!(ids(&mut conn).await.unwrap().len(), 10);
    });
}

/// How long the only worker was kept from a task that has something to do every few milliseconds.
#[test]
fn nothing_keeps_the_only_worker() {
    let world = world();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_time()
        .build()
        .unwrap();
    let longest = Arc::new(Mutex::new(Duration::ZERO));
    let told = Arc::clone(&longest);
    let test = async move {
        let beats = tokio::spawn(async move {
            let mut longest = Duration::ZERO;
            let mut last = Instant::now();
            loop {
                tokio::time::sleep(Duration::from_millis(2)).await;
                longest = longest.max(last.elapsed());
                last = Instant::now();
                *told.lock().unwrap() = longest;
            }
        });
        let mut conn = connect(&world).await;
        conn.batch_execute("SELECT pg_sleep(2)").await.unwrap();
        for _ in 0..3 {
            let sleep = conn.batch_execute("SELECT pg_sleep(30)");
            tokio::time::timeout(Duration::from_millis(200), sleep)
                .await
                .unwrap_err();
        }
        let many: Vec<_> = (0..1000).map(user).collect();
        diesel::insert_into(users::table)
            .values(&many)
            .execute(&mut conn)
            .await
            .unwrap();
        let pairs = diesel::dsl::sql::<BigInt>("SELECT a.id FROM users a, users b LIMIT 500000");
        assert_eq!(pairs.load::<i64>(&mut conn).await.unwrap().len(), 500_000);
        beats.abort();
    };
    runtime.block_on(runtime.spawn(test)).unwrap();
    let longest = *longest.lock().unwrap();
    // Other tests run beside; what blocks would take seconds.
    assert!(longest < Duration::from_millis(500), "{longest:?}");
}
