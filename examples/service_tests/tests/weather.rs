//! The data layer on a local Redshift.
//!
//! One sandbox serves all tests of this process, and each has a database and a bucket of its own: they run in parallel and see
//! nothing of each other. No test transaction is needed, so that commits are tested as well.
#![allow(clippy::unwrap_used, missing_docs)]

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use chrono::NaiveDate;
use diesel_redshift::Error;
use diesel_redshift::error::StorageErrorKind;
use redshift_sandbox::{Permissions, Sandbox};
use service_tests::{Settings, Weather, WeatherError};

static SANDBOX: LazyLock<Sandbox> = LazyLock::new(|| Sandbox::start().unwrap());

const ROLE: &str = "arn:aws:iam::012345678901:role/Weather";

/// A database and a bucket that no other test uses.
struct World<'a> {
    sandbox: &'a Sandbox,
    database: String,
    settings: Settings,
}

impl World<'static> {
    fn new() -> Self {
        Self::on(&SANDBOX)
    }
}

impl<'a> World<'a> {
    fn on(sandbox: &'a Sandbox) -> Self {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let database = format!("weather_{number}");
        let world = Self {
            sandbox,
            settings: Settings {
                database_url: sandbox.create_database(&database).unwrap(),
                bucket: format!("weather-{number}"),
                role: ROLE.to_owned(),
                limit: Duration::from_secs(60),
            },
            database,
        };
        world.put("stations.csv", "id,name\n1,Oslo\n2,Rome\n");
        world
    }

    fn put(&self, key: &str, text: &str) {
        let at = format!("s3://{}/{key}", self.settings.bucket);
        self.sandbox.store().put(&at, text).unwrap();
    }

    fn arrives(&self, day: NaiveDate, lines: &str) {
        let text = format!("station_id,taken_at,celsius\n{lines}");
        self.put(&format!("readings/{day}.csv"), &text);
    }

    fn fails_next(&self, fault: &str) {
        self.sandbox.fail_next(&self.database, fault).unwrap();
    }

    fn start(&self) -> Weather {
        Weather::start(self.settings.clone()).unwrap()
    }
}

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, day).unwrap()
}

fn means(weather: &Weather) -> Vec<(String, Option<f64>)> {
    weather.means().unwrap()
}

fn oslo_and_rome(oslo: Option<f64>, rome: Option<f64>) -> [(String, Option<f64>); 2] {
    [("Oslo".to_owned(), oslo), ("Rome".to_owned(), rome)]
}

#[test]
fn the_service_starts_with_its_stations_however_often() {
    let world = World::new();
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| world.start());
        }
    });
    assert_eq!(means(&world.start()), oslo_and_rome(None, None));
}

#[test]
fn a_day_that_is_loaded_again_replaces_itself_alone() {
    let world = World::new();
    let weather = world.start();
    world.arrives(
        day(1),
        "1,2026-01-01 00:00:00,1\n2,2026-01-01 23:59:59,10\n",
    );
    world.arrives(day(2), "1,2026-01-02 00:00:00,3\n");
    assert_eq!(weather.load_day(day(1)).unwrap(), 2);
    assert_eq!(weather.load_day(day(2)).unwrap(), 1);
    assert_eq!(means(&weather), oslo_and_rome(Some(2.0), Some(10.0)));
    world.arrives(day(1), "1,2026-01-01 00:00:00,5\n");
    assert_eq!(weather.load_day(day(1)).unwrap(), 1);
    assert_eq!(means(&weather), oslo_and_rome(Some(4.0), None));
}

#[test]
fn bad_readings_are_told_and_leave_what_was_there() {
    let world = World::new();
    let weather = world.start();
    world.arrives(day(1), "1,2026-01-01 00:00:00,1\n");
    weather.load_day(day(1)).unwrap();
    world.arrives(day(1), "1,2026-01-01 00:00:00,cold\n");
    let error = weather.load_day(day(1)).unwrap_err();
    let WeatherError::BadReadings { rows, .. } = &error else {
        panic!("{error:?}")
    };
    assert!(rows[0].contains("line 2, column celsius"), "{error}");
    assert_eq!(means(&weather), oslo_and_rome(Some(1.0), None));
}

#[test]
fn a_day_without_a_file_is_told() {
    let weather = World::new().start();
    let error = weather.load_day(day(1)).unwrap_err();
    assert!(matches!(error, WeatherError::NoReadings(_)), "{error:?}");
}

#[test]
fn a_conflict_is_tried_again() {
    let world = World::new();
    let weather = world.start();
    world.arrives(day(1), "1,2026-01-01 00:00:00,1\n");
    world.fails_next("serialization failure on delete");
    world.fails_next("serialization failure on commit");
    assert_eq!(weather.load_day(day(1)).unwrap(), 1);
    assert_eq!(means(&weather), oslo_and_rome(Some(1.0), None));
}

#[test]
fn a_lost_answer_leaves_the_day_loaded_once() {
    for fault in ["cut before answer on commit", "cut after 0 rows on copy"] {
        let world = World::new();
        let weather = world.start();
        world.arrives(day(1), "1,2026-01-01 00:00:00,1\n");
        world.fails_next(fault);
        // Cut in the middle of the COPY, nothing was committed: that is an error, and the next call loads.
        let loaded = weather
            .load_day(day(1))
            .or_else(|_| weather.load_day(day(1)));
        assert_eq!(loaded.unwrap(), 1, "{fault}");
        assert_eq!(means(&weather), oslo_and_rome(Some(1.0), None), "{fault}");
    }
}

#[test]
fn what_takes_too_long_is_ended() {
    let mut world = World::new();
    world.settings.limit = Duration::from_secs(3);
    let weather = world.start();
    world.arrives(day(1), "1,2026-01-01 00:00:00,1\n");
    let bucket = &world.settings.bucket;
    world.fails_next(&format!("slow s3 4000 ms s3://{bucket}/readings/"));
    let error = weather.load_day(day(1)).unwrap_err();
    assert!(matches!(error, WeatherError::TooLong), "{error:?}");
    world.fails_next("none");
    assert_eq!(weather.load_day(day(1)).unwrap(), 1);
}

#[test]
fn the_role_needs_the_readings() {
    // Roles are known to a whole sandbox, so this test has one of its own.
    let sandbox = Sandbox::start().unwrap();
    let world = World::on(&sandbox);
    let bucket = &world.settings.bucket;
    let stations = Permissions::new().read(format!("s3://{bucket}/stations.csv"));
    sandbox.add_role(ROLE, stations);
    let weather = world.start();
    world.arrives(day(1), "1,2026-01-01 00:00:00,1\n");
    let error = weather.load_day(day(1)).unwrap_err();
    let WeatherError::Redshift(Error::Storage(denied)) = &error else {
        panic!("{error:?}")
    };
    assert_eq!(denied.kind(), StorageErrorKind::AccessDenied);
}
