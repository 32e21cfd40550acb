//! Progress callbacks that stop or panic, in each phase and while the server works.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_redshift::stage::{Phase, Progress};
use diesel_redshift::{Error, RedshiftConnection, copy, error::StageError, unload};
use diesel_redshift_tests::{World, sandbox};

use super::{assert_clean, folder, role, store};

diesel::table! {
    users (id) {
        id -> BigInt,
        name -> Text,
    }
}

#[derive(Debug, Clone, PartialEq, Insertable, Queryable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
struct User {
    id: i64,
    name: String,
}

const ROWS: i64 = 40_000;

fn users() -> impl Iterator<Item = User> {
    (0..ROWS).map(|id| User {
        id,
        name: format!("user {id}"),
    })
}

/// What a callback does at its n-th call within a phase.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Does {
    Stop,
    Panic,
}

fn at(
    phase: Phase,
    call: u32,
    does: Does,
) -> impl FnMut(&Progress) -> ControlFlow<()> + Send + 'static {
    let mut calls = 0;
    move |progress| {
        calls += u32::from(progress.phase == phase);
        match does {
            _ if calls < call => ControlFlow::Continue(()),
            Does::Stop => ControlFlow::Break(()),
            Does::Panic => panic!("the callback panics"),
        }
    }
}

/// It has ended as the callback wanted.
#[track_caller]
fn ended<T: std::fmt::Debug>(does: Does, run: impl FnOnce() -> Result<T, Error>) {
    match (does, catch_unwind(AssertUnwindSafe(run))) {
        (Does::Stop, Ok(Err(Error::Stage(error)))) => {
            assert!(matches!(*error, StageError::Stopped), "{error:?}");
        }
        (Does::Panic, Err(panic)) => {
            assert_eq!(panic.downcast_ref(), Some(&"the callback panics"));
        }
        (_, other) => panic!("{does:?}: {other:?}"),
    }
}

fn count(conn: &mut RedshiftConnection) -> i64 {
    users::table.count().get_result(conn).unwrap()
}

#[test]
fn stopping_and_panicking_in_any_phase_undo_everything() {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute("CREATE TABLE users (id BIGINT NOT NULL, name VARCHAR(20))")
        .unwrap();
    let load = || {
        copy(users::table)
            .from_insertable(users())
            .through(&store(), folder(&world))
            .iam_role(role())
    };
    let unload = || {
        unload(users::table)
            .through(&store(), folder(&world))
            .iam_role(role())
    };
    let is_slow = |is_slow: bool| {
        let fault = match is_slow {
            true => format!("slow s3 1500 ms {}", world.uri("staged/")),
            false => "none".to_owned(),
        };
        sandbox().fail_next(world.database(), &fault).unwrap();
    };
    load().execute(&mut conn).unwrap();
    for does in [Does::Stop, Does::Panic] {
        // The second call of a phase of the server comes while it works.
        for (phase, call) in [
            (Phase::Upload, 1),
            (Phase::Upload, 2),
            (Phase::Copy, 1),
            (Phase::Copy, 2),
        ] {
            is_slow(phase == Phase::Copy && call == 2);
            let load = load().replace().on_progress(at(phase, call, does));
            ended(does, || load.execute(&mut conn));
            is_slow(false);
            assert_eq!(count(&mut conn), ROWS, "{does:?} {phase:?} {call}");
            assert_clean(&world);
        }
        for (phase, call) in [
            (Phase::Unload, 1),
            (Phase::Unload, 2),
            (Phase::Download, 1),
            (Phase::Download, 2),
        ] {
            is_slow(phase == Phase::Unload && call == 2);
            let unload = unload().on_progress(at(phase, call, does));
            ended(does, || unload.load::<User>(&mut conn));
            is_slow(false);
            assert_eq!(count(&mut conn), ROWS, "{does:?} {phase:?} {call}");
            assert_clean(&world);
        }
    }
    // A part of a load of many processes is deleted as well.
    let plan = diesel_redshift::stage::LoadPlan::new(folder(&world)).unwrap();
    for does in [Does::Stop, Does::Panic] {
        let part = copy(users::table)
            .from_insertable(users())
            .through(&store(), plan.folder().unwrap())
            .on_progress(at(Phase::Upload, 2, does));
        ended(does, || part.upload_part(&plan));
        assert_clean(&world);
    }
}

/// Within a transaction of the caller's, all of it is undone, and it is the caller who ends it.
#[test]
fn a_load_that_is_stopped_in_a_transaction_aborts_it() {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute(
        "CREATE TABLE users (id BIGINT NOT NULL, name VARCHAR(20)); INSERT INTO users VALUES (-1, 'old')",
    )
    .unwrap();
    let slow = format!("slow s3 1500 ms {}", world.uri("staged/"));
    sandbox().fail_next(world.database(), &slow).unwrap();
    let stopped: Result<(), Error> = conn.transaction(|conn| {
        diesel::insert_into(users::table)
            .values((users::id.eq(-2), users::name.eq("new")))
            .execute(conn)?;
        copy(users::table)
            .from_insertable(users())
            .through(&store(), folder(&world))
            .iam_role(role())
            .replace()
            .on_progress(at(Phase::Copy, 2, Does::Stop))
            .execute(conn)?;
        Ok(())
    });
    sandbox().fail_next(world.database(), "none").unwrap();
    ended(Does::Stop, || stopped);
    let ids: Vec<i64> = users::table.select(users::id).load(&mut conn).unwrap();
    assert_eq!(ids, [-1]);
    assert_clean(&world);
}

#[test]
fn replaced_in_a_transaction_that_is_given_up_the_old_rows_stay() {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute(
        "CREATE TABLE users (id BIGINT NOT NULL, name VARCHAR(20)); INSERT INTO users VALUES (-1, 'old')",
    )
    .unwrap();
    let given_up: Result<(), Error> = conn.transaction(|conn| {
        let outcome = copy(users::table)
            .from_insertable(users())
            .through(&store(), folder(&world))
            .iam_role(role())
            .replace()
            .execute(conn)?;
        assert_eq!((outcome.rows, count(conn)), (ROWS as u64, ROWS));
        Err(diesel::result::Error::RollbackTransaction.into())
    });
    given_up.unwrap_err();
    let ids: Vec<i64> = users::table.select(users::id).load(&mut conn).unwrap();
    assert_eq!(ids, [-1]);
    assert_clean(&world);
}
