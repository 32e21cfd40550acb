//! Each error becomes Diesel's and comes back.

use std::error::Error as StdError;
use std::time::Duration;

use super::*;

fn database_error(sqlstate: &str, message: &str) -> DatabaseError {
    DatabaseError {
        sqlstate: Some(sqlstate.to_owned()),
        message: message.to_owned(),
        detail: Some("what the engine says".to_owned()),
        context: Some("a function".to_owned()),
        ..DatabaseError::default()
    }
}

fn load_error() -> LoadError {
    let failed = database_error(
        "XX000",
        "Load into table 'users' failed.  Check 'stl_load_errors' system table for details.",
    );
    let mut load = LoadError::read(None, failed.into()).expect("a failed load");
    load.set_rows(
        7,
        vec![RejectedRow {
            file: "s3://bucket/users.csv".to_owned(),
            line: 3,
            column: Some("id".to_owned()),
            column_type: Some("int8".to_owned()),
            column_length: None,
            position: 0,
            code: 1207,
            reason: "Invalid digit".to_owned(),
            raw_value: Some("x".to_owned()),
            raw_line: Some("x,y".to_owned()),
        }],
    );
    load
}

fn storage_error(message: &str) -> StorageError {
    StorageError::read(
        Some("s3://bucket/"),
        database_error("XX000", message).into(),
    )
    .expect("S3's")
}

fn all() -> Vec<Error> {
    let lost = database_error("08006", "the connection is gone");
    vec![
        Error::Invalid(InvalidValue::new("MAXERROR", "100001", "0 to 100000")),
        Error::Invalid(InvalidValue::hidden("IAM_ROLE", "an ARN")),
        Error::Load(Box::new(load_error())),
        Error::Storage(Box::new(storage_error("Error SlowDown"))),
        Error::Storage(Box::new(storage_error("Access Denied"))),
        Error::Store(StoreError::new(
            StoreErrorKind::Unavailable,
            "s3://bucket/key",
            "503",
        )),
        Error::Migration(MigrationError::Meanwhile {
            migration: "2026_seed".to_owned(),
            done: "applied",
        }),
        Error::Transaction(TransactionError::NestedFailure),
        Error::Transaction(TransactionError::FailedStatement),
        Error::Transaction(TransactionError::RolledBack),
        Error::Transaction(TransactionError::NestedFailureInTest),
        Error::Transaction(TransactionError::EndedWithin {
            failure: None,
            is_test: true,
        }),
        Error::Transaction(TransactionError::EndedWithin {
            failure: Some(Box::new(database_error("22012", "division by zero"))),
            is_test: false,
        }),
        Error::Transaction(TransactionError::InTransaction {
            statement: "VACUUM",
            reason: "cannot run inside one",
        }),
        Error::Transaction(TransactionError::OutcomeUnknown(Box::new(lost.clone()))),
        database_error("57014", "Query (7) cancelled on user's request").into(),
        DatabaseError::response_timeout(Duration::from_secs(1)).into(),
        database_error("XX000", "1023").into(),
        lost.into(),
        Error::Database(DieselError::NotFound),
        Error::Database(DieselError::DatabaseError(
            DatabaseErrorKind::SerializationFailure,
            Box::new("another backend's".to_owned()),
        )),
        Error::Database(DieselError::QueryBuilderError("a query".into())),
        Error::Database(DieselError::SerializationError("a value".into())),
        Error::Database(DieselError::DeserializationError("a column".into())),
        Error::Database(DieselError::RollbackTransaction),
        Error::Database(DieselError::AlreadyInTransaction),
    ]
}

#[test]
fn each_comes_back_from_diesels_error() {
    for (error, same) in all().into_iter().zip(all()) {
        let diesel = DieselError::from(error);
        assert_eq!(diesel.to_string(), same.to_string());
        assert_eq!(diesel.is_retryable(), same.is_retryable(), "{same:?}");
        assert_eq!(DatabaseError::of(&diesel), DatabaseError::of(&same));
        let back = Error::from(diesel);
        assert_eq!(format!("{back:?}"), format!("{same:?}"));
        assert_eq!(back.sqlstate(), same.sqlstate());
        let boxed: Box<dyn StdError + Send + Sync> = Box::new(back);
        assert_eq!(boxed.is_retryable(), same.is_retryable(), "{same:?}");
        assert_eq!(DatabaseError::of(&*boxed), DatabaseError::of(&same));
    }
}

#[test]
fn rows_and_raw_texts_survive() {
    let Error::Load(load) = Error::from(DieselError::from(Error::Load(Box::new(load_error()))))
    else {
        panic!("another kind");
    };
    assert_eq!(load.rows(), load_error().rows());
    assert_eq!(load.rows()[0].raw_line(), Some("x,y"));
    assert_eq!(load.query_id(), Some(7));
}

#[test]
fn the_source_is_the_servers_error() {
    for error in [
        Error::Load(Box::new(load_error())),
        Error::Storage(Box::new(storage_error("Access Denied"))),
    ] {
        let source = error.source().expect("a source");
        let source = source
            .downcast_ref::<DatabaseError>()
            .expect("the server's");
        assert_eq!(source.context(), Some("a function"));
        assert_eq!(error.sqlstate().as_deref(), Some("XX000"));
    }
}

#[test]
fn a_broken_file_is_an_error_of_the_load() {
    for (message, detail, text) in [
        (
            "Spectrum Scan Error",
            "error:  Spectrum Scan Error\n  code:      15001\n  context:   File 's3://b/users.parquet' is not Parquet\n",
            "Spectrum Scan Error: File 's3://b/users.parquet' is not Parquet",
        ),
        (
            "failed to inflate with lzop: unexpected end of file.",
            "error:  failed to inflate with lzop: unexpected end of file.\n  code:      9001\n  context:   S3 key being read : s3://b/users.lzo\n",
            "failed to inflate with lzop: unexpected end of file: S3 key being read : s3://b/users.lzo",
        ),
    ] {
        let mut error = database_error("XX000", message);
        error.detail = Some(detail.to_owned());
        let load = LoadError::read(None, error.into()).expect("the data's");
        assert_eq!(load.to_string(), text);
    }
    let missing = database_error("XX000", "Spectrum Scan Error: File not found");
    assert!(LoadError::read(None, missing.into()).is_err(), "S3's");
}

#[test]
fn an_error_of_another_backend_is_not_taken_for_ours() {
    let mine = DieselError::from(Error::Load(Box::new(load_error())));
    drop(mine);
    let other = DieselError::DatabaseError(DatabaseErrorKind::Unknown, Box::new("x".to_owned()));
    assert_eq!(DatabaseError::of(&other), None);
    assert!(matches!(Error::from(other), Error::Database(_)));
}
