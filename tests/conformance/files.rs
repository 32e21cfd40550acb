//! COPY and UNLOAD.

use std::error::Error;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_redshift::copy::{self as load, CopyOutcome};
use diesel_redshift::{
    Error as StatementError, RedshiftConnection, S3Uri, copy, unload, unload as write,
};

use crate::{Storage, check};

macro_rules! values {
    ($table:ident) => {
        diesel::table! {
            $table (id) {
                id -> Integer,
                number -> Nullable<Numeric>,
                double -> Nullable<Double>,
                day -> Nullable<Date>,
                at -> Nullable<Timestamp>,
                text -> Nullable<Text>,
            }
        }
    };
}
values!(written);
values!(found);

const TABLES: &str = r#"CREATE TABLE written (id INTEGER NOT NULL, number DECIMAL(20, 5), double DOUBLE PRECISION, day DATE, at TIMESTAMP,
     text VARCHAR(200));
     CREATE TABLE found (LIKE written);
     INSERT INTO written VALUES (1, 1.5, 0.1, '2024-02-29', '2024-02-29 23:59:59.999999', 'it''s | "quoted", \\back'),
         (2, -99999.99999, -1e100, '1969-12-31', '1969-12-31 00:00:00', ' blanks '), (3, NULL, NULL, NULL, NULL, NULL),
         (4, 0, 0, '9999-12-31', '0001-01-01', 'line\nfeed\ttab 🦀')"#;

fn differences(conn: &mut RedshiftConnection) -> QueryResult<Vec<i32>> {
    let one = "SELECT id, number, double, day, at, text FROM written";
    let other = "SELECT id, number, double, day, at, text FROM found";
    #[derive(QueryableByName)]
    struct Id {
        #[diesel(sql_type = diesel::sql_types::Integer)]
        id: i32,
    }
    let sql = format!(
        "SELECT id FROM (({one} EXCEPT {other}) UNION ALL ({other} EXCEPT {one})) AS d ORDER BY id"
    );
    let ids: Vec<Id> = diesel::sql_query(sql).load(conn)?;
    Ok(ids.into_iter().map(|row| row.id).collect())
}

/// One format: how it is written and read.
macro_rules! there_and_back {
    ($conn:expr, $storage:expr, $name:literal, $write:expr, $read:expr) => {{
        let files = S3Uri::parse(&format!("{}conformance/{}/x_", $storage.prefix, $name))?;
        $conn.batch_execute("DELETE FROM found")?;
        let wrote = unload(written::table)
            .to(files.clone())
            .iam_role($storage.role.clone())
            .format($write)
            .allow_overwrite()
            .execute($conn)?;
        let read: CopyOutcome = copy(found::table)
            .from(files)
            .iam_role($storage.role.clone())
            .format($read)
            .execute($conn)?;
        let differing = differences($conn)?;
        let counts = (wrote.rows, read.rows);
        (counts != (4, 4) || !differing.is_empty()).then(|| {
            format!(
                "{}: (written, read) {counts:?}, rows that differ: {differing:?}",
                $name
            )
        })
    }};
}

fn formats(
    conn: &mut RedshiftConnection,
    storage: &Storage,
) -> Result<Vec<String>, Box<dyn Error>> {
    conn.batch_execute(TABLES)?;
    let deviations = [
        there_and_back!(
            conn,
            storage,
            "csv",
            write::Csv::new().null_as("@NULL@"),
            load::Csv::new()
                .null_as("@NULL@")
                .date_format("auto")
                .time_format("auto")
        ),
        there_and_back!(
            conn,
            storage,
            "delimited",
            write::Delimited::new().escape().null_as("@NULL@"),
            load::Delimited::new().escape().null_as("@NULL@")
        ),
        there_and_back!(
            conn,
            storage,
            "json",
            write::Json::new(),
            load::Json::auto()
        ),
        there_and_back!(
            conn,
            storage,
            "parquet",
            write::Parquet::new(),
            load::Parquet::new()
        ),
    ];
    Ok(deviations.into_iter().flatten().collect())
}

#[test]
fn every_format_there_and_back() {
    check(|server, conn| match &server.storage {
        Some(storage) => formats(conn, storage),
        None => Ok(Vec::new()),
    });
}

/// What a load that fails tells, and that it leaves nothing.
fn failing(
    conn: &mut RedshiftConnection,
    storage: &Storage,
) -> Result<Vec<String>, Box<dyn Error>> {
    diesel::table! {
        numbers (n) {
            n -> Integer,
        }
    }
    let files = S3Uri::parse(&format!("{}conformance/failing/x_", storage.prefix))?;
    conn.batch_execute("CREATE TABLE numbers (n INTEGER)")?;
    unload(diesel::sql_query(
        "SELECT '1' AS n UNION ALL SELECT 'seven'",
    ))
    .to(files.clone())
    .iam_role(storage.role.clone())
    .format(write::Csv::new())
    .allow_overwrite()
    .execute(conn)?;
    let result = copy(numbers::table)
        .from(files)
        .iam_role(storage.role.clone())
        .format(load::Csv::new())
        .execute(conn);
    let mut deviations = match result {
        Err(StatementError::Load(error)) => match error.rows() {
            [row] if row.code == 1207 && row.column.as_deref() == Some("n") => Vec::new(),
            rows => vec![format!("the rows at fault are {rows:?}")],
        },
        other => vec![format!("a load of a word into an INTEGER is {other:?}")],
    };
    let left: i64 = numbers::table.count().get_result(conn)?;
    if left != 0 {
        deviations.push(format!("a failed load left {left} rows"));
    }
    Ok(deviations)
}

#[test]
fn a_failed_load_tells_its_rows_and_leaves_none() {
    check(|server, conn| match &server.storage {
        Some(storage) => failing(conn, storage),
        None => Ok(Vec::new()),
    });
}
