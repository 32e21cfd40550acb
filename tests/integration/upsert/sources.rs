//! What is brought in: many rows, large ones, queries, and several upserts at once.

use super::*;

#[test]
fn many_rows_travel_in_several_statements() {
    let (_world, mut conn) = world();
    let many: Vec<User> = (1..=20_000).map(|id| user(id, "x", id, None)).collect();
    let outcome = upsert(&many)
        .into(users::table)
        .key((users::id,))
        .update_all()
        .execute(&mut conn)
        .unwrap();
    assert_eq!(counts(outcome), (20_000, 2, 19_998));
    assert_eq!(
        users::table.count().get_result::<i64>(&mut conn).unwrap(),
        20_000
    );
    let none: [User; 0] = [];
    let outcome = upsert(&none)
        .into(users::table)
        .key((users::id,))
        .update_all()
        .execute(&mut conn)
        .unwrap();
    assert_eq!(counts(outcome), (0, 0, 0));
}

#[test]
fn a_query_is_brought_in() {
    let (_world, mut conn) = world();
    conn.batch_execute(
        "CREATE TABLE arrivals (id BIGINT, name VARCHAR(20), hits BIGINT);
         INSERT INTO arrivals VALUES (1, 'ONE', 1), (4, 'four', 4), (5, '', 5)",
    )
    .unwrap();
    let named = arrivals::table.filter(arrivals::name.ne("")).select((
        arrivals::id,
        arrivals::name,
        arrivals::hits,
    ));
    let outcome = upsert_from(named, (users::id, users::name, users::hits))
        .into(users::table)
        .key((users::id,))
        .set(users::hits.eq(incoming(users::hits)))
        .execute(&mut conn)
        .unwrap();
    assert_eq!(counts(outcome), (2, 1, 1));
    assert_eq!(
        rows(&mut conn),
        [
            row(1, "one", 1, Some(5)),
            row(2, "two", 20, None),
            row(4, "four", 4, None)
        ]
    );
}

#[test]
fn upserts_at_the_same_time_are_tried_again() {
    const TIMES: i64 = 4;
    let (world, mut conn) = world();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut conn = world.connect();
                for _ in 0..TIMES {
                    let outcome = conn.retry_serializable(50, |conn| {
                        upsert(&[user(1, "one", 0, None)])
                            .into(users::table)
                            .key((users::id,))
                            .set(users::hits.eq(users::hits + 1))
                            .execute(conn)
                    });
                    assert_eq!(counts(outcome.unwrap()), (1, 1, 0));
                }
            });
        }
    });
    assert_eq!(rows(&mut conn)[0], row(1, "one", 10 + 2 * TIMES, Some(5)));
}

#[test]
fn large_rows_travel_in_several_statements() {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute("CREATE TABLE arrivals (id BIGINT, name VARCHAR(MAX), hits BIGINT)")
        .unwrap();
    let name = "x".repeat(65_000);
    let many: Vec<_> = (0..400)
        .map(|id| {
            (
                arrivals::id.eq(id),
                arrivals::name.eq(name.as_str()),
                arrivals::hits.eq(id),
            )
        })
        .collect();
    let inserts = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&inserts);
    conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event
            && query
                .to_string()
                .starts_with("INSERT INTO \"diesel_redshift_stage\"")
        {
            counted.fetch_add(1, Ordering::Relaxed);
        }
    });
    // 26 MB.
    let outcome = upsert(&many)
        .into(arrivals::table)
        .key((arrivals::id,))
        .update_all()
        .execute(&mut conn)
        .unwrap();
    assert_eq!(counts(outcome), (400, 0, 400));
    assert_eq!(inserts.load(Ordering::Relaxed), 3);
}
