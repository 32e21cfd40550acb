//! Whatever rows go in by COPY come back by UNLOAD.

use bigdecimal::BigDecimal;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_redshift::store::Store;
use diesel_redshift::{
    RedshiftConnection, copy, data_types::DayToSecond, data_types::Ewkb, data_types::Json,
    data_types::Sketch, data_types::TimeTz, data_types::YearToMonth, unload,
};
use diesel_redshift_tests::{World, sandbox};
use proptest::num::{f32, f64};
use proptest::option::of;
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{assert_clean, folder, over_http, role, store};
use crate::any_values::holds_for_any;

diesel::table! {
    use diesel::sql_types::*;
    use diesel_redshift::sql_types::*;

    everything (id) {
        id -> Integer,
        truth -> Nullable<Bool>,
        small -> Nullable<SmallInt>,
        big -> Nullable<BigInt>,
        single -> Nullable<Float>,
        double -> Nullable<Double>,
        exact -> Nullable<Numeric>,
        tiny -> Nullable<Numeric>,
        text -> Nullable<Text>,
        code -> Nullable<Text>,
        token -> Nullable<Uuid>,
        raw -> Nullable<Binary>,
        day -> Nullable<Date>,
        clock -> Nullable<Time>,
        at -> Nullable<Timestamp>,
        instant -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use diesel_redshift::sql_types::*;

    special (id) {
        id -> Integer,
        tea_time -> Nullable<Timetz>,
        warranty -> Nullable<IntervalYearToMonth>,
        shift -> Nullable<IntervalDayToSecond>,
        payload -> Nullable<Super>,
        plane -> Nullable<Geometry>,
        earth -> Nullable<Geography>,
        visitors -> Nullable<HllSketch>,
    }
}

const TABLES: &str = "CREATE TABLE everything (id INTEGER NOT NULL, truth BOOLEAN, small SMALLINT, big BIGINT, single REAL, \
    double DOUBLE PRECISION, exact DECIMAL(38, 0), tiny DECIMAL(38, 37), text VARCHAR(1000), code CHAR(4), token VARCHAR(36), \
    \"raw\" VARBYTE(1000), day DATE, clock TIME, at TIMESTAMP, instant TIMESTAMPTZ); \
    CREATE TABLE special (id INTEGER NOT NULL, tea_time TIMETZ, warranty INTERVAL YEAR TO MONTH, shift INTERVAL DAY TO SECOND, payload SUPER, plane GEOMETRY, earth GEOGRAPHY, \
    visitors HLLSKETCH)";

#[derive(Debug, Clone, Insertable, Queryable)]
#[diesel(table_name = everything, treat_none_as_default_value = false)]
pub(super) struct Everything {
    pub(super) id: i32,
    pub(super) truth: Option<bool>,
    pub(super) small: Option<i16>,
    pub(super) big: Option<i64>,
    pub(super) single: Option<f32>,
    pub(super) double: Option<f64>,
    pub(super) exact: Option<BigDecimal>,
    pub(super) tiny: Option<BigDecimal>,
    pub(super) text: Option<String>,
    pub(super) code: Option<String>,
    pub(super) token: Option<Uuid>,
    pub(super) raw: Option<Vec<u8>>,
    pub(super) day: Option<NaiveDate>,
    pub(super) clock: Option<NaiveTime>,
    pub(super) at: Option<NaiveDateTime>,
    pub(super) instant: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Insertable, Queryable)]
#[diesel(table_name = special, treat_none_as_default_value = false)]
pub(super) struct Special {
    pub(super) id: i32,
    pub(super) tea_time: Option<TimeTz>,
    pub(super) warranty: Option<YearToMonth>,
    pub(super) shift: Option<DayToSecond>,
    pub(super) payload: Option<Json<Value>>,
    pub(super) plane: Option<Ewkb>,
    pub(super) earth: Option<Ewkb>,
    pub(super) visitors: Option<Sketch>,
}

fn awkward() -> impl Strategy<Value = String> {
    prop_oneof![
        "[^\0]{0,60}",
        r#"[\\'"|,\n\r\t $@N0]{0,12}"#,
        Just("\\N".to_owned()),
        Just("null".to_owned()),
        Just(String::new()),
    ]
}

/// From 44 BC to the year 9999, to the microsecond.
fn moment() -> impl Strategy<Value = NaiveDateTime> {
    (-63_500_000_000_i64..=253_402_300_799, 0..1_000_000_u32).prop_map(|(seconds, micros)| {
        DateTime::from_timestamp(seconds, micros * 1000)
            .unwrap()
            .naive_utc()
    })
}

/// A point, in a reference system if one is given; a GEOGRAPHY has one.
fn point(x: i16, y: i16, srid: Option<u32>) -> Ewkb {
    let mut bytes = vec![1];
    bytes.extend(u32::to_le_bytes(if srid.is_some() {
        0x2000_0001
    } else {
        1
    }));
    bytes.extend(srid.into_iter().flat_map(u32::to_le_bytes));
    bytes.extend(f64::from(x).to_le_bytes());
    bytes.extend(f64::from(y).to_le_bytes());
    Ewkb::new(bytes)
}

prop_compose! {
    pub(super) fn any_row()(
        numbers in (of(any::<bool>()), of(any::<i16>()), of(any::<i64>()), of(f32::ANY), of(f64::ANY)),
        decimals in (
            of(-99_999_999_999_999_999_999_999_999_999_999_999_999_i128..=99_999_999_999_999_999_999_999_999_999_999_999_999),
            of(-99_999_999_999_999_999_999_999_999_999_999_999_999_i128..=99_999_999_999_999_999_999_999_999_999_999_999_999),
        ),
        texts in (of(awkward()), of("[a-z]{4}"), of(any::<u128>()), of(prop::collection::vec(any::<u8>(), 1..200))),
        times in (of(moment()), of(moment()), of(moment()), of(moment())),
    ) -> Everything {
        Everything {
            id: 0,
            truth: numbers.0,
            small: numbers.1,
            big: numbers.2,
            single: numbers.3,
            double: numbers.4,
            exact: decimals.0.map(BigDecimal::from),
            tiny: decimals.1.map(|digits| BigDecimal::new(digits.into(), 37)),
            text: texts.0,
            code: texts.1,
            token: texts.2.map(Uuid::from_u128),
            raw: texts.3,
            day: times.0.map(|at| at.date()),
            clock: times.1.map(|at| at.time()),
            at: times.2,
            instant: times.3.map(|at| at.and_utc()),
        }
    }
}

prop_compose! {
    pub(super) fn any_special()(
        // COPY reads no seconds of an offset.
        tea_time in (0..=86_399_999_999_i64, -959..=959_i32),
        intervals in (of(any::<i16>()), of(-1_000_000_000_000_000_000..1_000_000_000_000_000_000_i64)),
        payload in of(("[^\\x00]{0,20}", any::<i64>(), any::<Option<bool>>())),
        shapes in (of((-90..90_i16, -90..90_i16)), of(0..9_u8)),
    ) -> Special {
        Special {
            id: 0,
            tea_time: TimeTz::new(tea_time.0, tea_time.1 * 60),
            warranty: intervals.0.map(|months| YearToMonth { months: months.into() }),
            shift: intervals.1.map(|micros| DayToSecond { micros }),
            payload: payload.map(|(text, number, truth)| Json(json!({"text": text, "n": [number, truth]}))),
            plane: shapes.0.map(|(x, y)| point(x, y, None)),
            earth: shapes.0.map(|(x, y)| point(y, x, Some(4326))),
            visitors: shapes.1.map(|count| {
                Sketch::new(format!("{{\"logm\":15,\"sparse\":{{\"indices\":[{count}],\"values\":[1]}}}}"))
            }),
        }
    }
}

/// Each kind of row into its table, and back both ways.
macro_rules! come_back {
    ($world:expr, $store:expr, $table:ident, $rows:ty, $kept:expr) => {
        |conn: &mut RedshiftConnection, mut rows: Vec<$rows>| {
            for (id, row) in (1..).zip(&mut rows) {
                row.id = id;
            }
            diesel::delete($table::table).execute(conn).unwrap();
            let outcome = copy($table::table)
                .from_insertable(&rows)
                .through($store, folder($world))
                .iam_role(role())
                .execute(conn)
                .unwrap();
            prop_assert_eq!(outcome.rows, rows.len() as u64);
            let query = $table::table.order($table::id);
            let selected: Vec<$rows> = query.load(conn).unwrap();
            let unloaded: Vec<$rows> = unload(query)
                .through($store, folder($world))
                .iam_role(role())
                .ordered()
                .load(conn)
                .unwrap();
            // Printed, since NaN equals nothing.
            let kept: fn($rows) -> $rows = $kept;
            let rows: Vec<_> = rows.into_iter().map(kept).collect();
            for (row, (selected, unloaded)) in rows.iter().zip(selected.iter().zip(&unloaded)) {
                prop_assert_eq!(format!("{row:?}"), format!("{selected:?}"));
                prop_assert_eq!(format!("{row:?}"), format!("{unloaded:?}"));
            }
            prop_assert_eq!((selected.len(), unloaded.len()), (rows.len(), rows.len()));
            Ok(())
        }
    };
}

fn come_back_through(world: &World, store: &(impl Store + Clone + 'static)) {
    let mut conn = world.connect();
    conn.batch_execute(TABLES).unwrap();
    let rows = prop::collection::vec(any_row(), 1..60);
    holds_for_any(
        12,
        &mut conn,
        rows,
        come_back!(world, store, everything, Everything, |row| row),
    );
    let rows = prop::collection::vec(any_special(), 1..60);
    // Redshift keeps TIMETZ in UTC.
    let kept = |row: Special| Special {
        tea_time: row.tea_time.map(TimeTz::to_utc),
        ..row
    };
    holds_for_any(
        12,
        &mut conn,
        rows,
        come_back!(world, store, special, Special, kept),
    );
    assert_clean(world);
}

#[test]
fn rows_of_every_type_come_back_as_they_went() {
    come_back_through(&World::new(), &store());
}

#[test]
fn rows_of_every_type_come_back_over_http() {
    let world = World::new();
    // S3 makes no bucket by itself.
    world.put("exists", "");
    sandbox().store().delete(&world.uri("exists")).unwrap();
    come_back_through(&world, &over_http());
}
