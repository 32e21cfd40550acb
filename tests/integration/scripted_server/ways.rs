//! Every way of executing tells the same truth about each statement that it sends.

use std::error::Error as StdError;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::Error as DieselError;
use diesel_migrations::{FileBasedMigrations, MigrationHarness};
use diesel_redshift::copy::Csv;
use diesel_redshift::error::{DatabaseError, Retryable, TransactionError};
use diesel_redshift::migration::MigrationFailed;
use diesel_redshift::store::FolderStore;
use diesel_redshift::upsert::{upsert, upsert_from};
use diesel_redshift::{
    Error, IamRole, RedshiftConnection, RedshiftMigrations, S3Uri, copy, ddl, maintenance,
    merge::merge_into, stage::insert_rows, unload,
};

use super::answering::{ABORTED, AnsweringServer, FULL, Fault, Sent};

diesel::table! {
    users (id) {
        id -> BigInt,
        name -> Text,
    }
}

diesel::table! {
    arrivals (id) {
        id -> BigInt,
        name -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(users, arrivals);

#[derive(Insertable, Clone, Debug)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
struct User {
    id: i64,
    name: &'static str,
}

const ADA: User = User { id: 1, name: "Ada" };

type Boxed = Box<dyn StdError + Send + Sync>;

struct Way {
    name: &'static str,
    run: fn(&mut RedshiftConnection) -> Result<(), Boxed>,
    /// Whether it runs within a transaction as well.
    joins: bool,
}

macro_rules! ways {
    ($($name:literal, $joins:literal, |$conn:ident| $run:expr;)*) => {
        vec![$(Way {
            name: $name,
            run: |$conn| {
                $run?;
                Ok(())
            },
            joins: $joins,
        }),*]
    };
}

macro_rules! copied {
    () => {
        copy(users::table)
            .from(S3Uri::from_static("s3://bucket/users.csv"))
            .iam_role(IamRole::Default)
            .format(Csv::new())
    };
}

fn ways() -> Vec<Way> {
    ways! {
        "batch_execute", true, |conn| conn.batch_execute("DELETE FROM users");
        "update", true, |conn| diesel::update(users::table).set(users::name.eq("Ada")).execute(conn);
        "delete", true, |conn| diesel::delete(users::table).execute(conn);
        "get_result", true, |conn| users::table.count().get_result::<i64>(conn);
        "transaction", true, |conn| conn.transaction(|conn| diesel::delete(users::table).execute(conn));
        "COPY", true, |conn| copied!().execute(conn);
        "a watched COPY", true, |conn| copied!()
            .watch(Duration::from_secs(60), |_| ControlFlow::Continue(()))
            .execute(conn);
        "COPY of rows", true, |conn| copied_rows(conn);
        "UNLOAD", true, |conn| unload(users::table)
            .to(S3Uri::from_static("s3://bucket/out/"))
            .iam_role(IamRole::Default)
            .format(unload::Csv::new())
            .execute(conn);
        "VACUUM", false, |conn| maintenance::vacuum(users::table).execute(conn);
        "VACUUM of all", false, |conn| maintenance::vacuum_database().execute(conn);
        "ANALYZE", true, |conn| maintenance::analyze(users::table).execute(conn);
        "TRUNCATE", false, |conn| maintenance::truncate(users::table).execute(conn);
        "LOCK", true, |conn| conn.transaction(|conn| maintenance::lock(users::table).execute(conn));
        "APPEND", false, |conn| maintenance::append(users::table, arrivals::table).execute(conn);
        "MERGE", true, |conn| merge_into(users::table)
            .using(arrivals::table)
            .on((users::id, arrivals::id))
            .when_matched()
            .set(users::name, arrivals::name)
            .when_not_matched()
            .insert(users::id, arrivals::id)
            .insert(users::name, arrivals::name)
            .execute(conn);
        "DROP TABLE", true, |conn| ddl::drop_table(users::table).execute(conn);
        "CREATE SCHEMA", true, |conn| ddl::create_schema("sales").execute(conn);
        "CREATE USER", true, |conn| ddl::create_user("ada").password("Corr3ct-horse").execute(conn);
        "upsert", true, |conn| upsert(&[ADA]).into(users::table).key((users::id,)).update_all().execute(conn);
        "upsert, latest", true, |conn| upsert(&[ADA])
            .into(users::table)
            .key((users::id,))
            .update_all()
            .latest_by(users::name)
            .lock()
            .execute(conn);
        "upsert, kept", true, |conn| upsert(&[ADA]).into(users::table).key((users::id,)).keep_existing().execute(conn);
        "upsert, replaced", true, |conn| upsert(&[ADA]).into(users::table).key((users::id,)).replace().execute(conn);
        "upsert of a query", true, |conn| upsert_from(arrivals::table, (users::id, users::name))
            .into(users::table)
            .key((users::id,))
            .update_all()
            .execute(conn);
        "insert_rows", true, |conn| insert_rows(users::table, &vec![ADA; 20_000], conn);
        "migrations", false, |conn| migrate(conn);
        "migrations, locked", false, |conn| conn.lock_migrations(migrate);
        "statement_timeout", true, |conn| conn.set_statement_timeout(Some(Duration::from_secs(1)));
        "query_group", true, |conn| conn.set_query_group("nightly");
    }
}

fn copied_rows(conn: &mut RedshiftConnection) -> Result<(), Error> {
    let folder = tempfile::tempdir().unwrap();
    copy(users::table)
        .from_insertable(&[ADA])
        .through(
            &FolderStore::new(folder.path()),
            S3Uri::from_static("s3://bucket/stage/"),
        )
        .iam_role(IamRole::Default)
        .execute(conn)
        .map(drop)
}

/// In a transaction, outside of one, and in Rust.
fn migrate(conn: &mut RedshiftConnection) -> Result<(), Boxed> {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, sql: &str, in_transaction: bool| {
        let at: &Path = &folder.path().join(name);
        std::fs::create_dir(at).unwrap();
        std::fs::write(at.join("up.sql"), sql).unwrap();
        std::fs::write(at.join("down.sql"), "SELECT 1").unwrap();
        let metadata = format!("run_in_transaction = {in_transaction}");
        std::fs::write(at.join("metadata.toml"), metadata).unwrap();
    };
    write("2026-01-01-000001_a", "DELETE FROM users", true);
    write("2026-01-01-000002_b", "VACUUM users", false);
    let migrations = RedshiftMigrations::new()
        .sql(FileBasedMigrations::from_path(folder.path())?)
        .seed(
            "2026-01-01-000003_c",
            |conn| Ok(copied!().execute(conn).map(drop)?),
            |_| Ok(()),
        );
    conn.run_pending_migrations(migrations)?;
    Ok(())
}

/// What is looked for in an error, through all that is behind it.
fn unknown_of(error: &(dyn StdError + 'static)) -> Option<&'static str> {
    const FOUND: Option<&str> = Some("OutcomeUnknown");
    let is_unknown =
        |error: &TransactionError| matches!(error, TransactionError::OutcomeUnknown(_));
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(failed) = error.downcast_ref::<MigrationFailed>() {
            return unknown_of(failed.error());
        }
        match error.downcast_ref::<Error>() {
            Some(Error::Transaction(error)) if is_unknown(error) => return FOUND,
            Some(Error::Database(error)) => return unknown_of(error),
            _ => {}
        }
        match error.downcast_ref::<DieselError>() {
            Some(DieselError::DatabaseError(_, error))
                if error.message().contains("may or may not be committed") =>
            {
                return FOUND;
            }
            Some(DieselError::QueryBuilderError(error)) => return unknown_of(&**error),
            _ => {}
        }
        if error
            .downcast_ref::<TransactionError>()
            .is_some_and(is_unknown)
        {
            return FOUND;
        }
        next = error.source();
    }
    None
}

/// Whether the server may have done for good what it was sent, by what Redshift documents of each statement.
fn may_be_done(sent: &Sent) -> bool {
    let first = sent.sql.split([' ', ';']).next().unwrap();
    if sent.status == b'T' {
        return matches!(first, "COMMIT" | "TRUNCATE");
    }
    sent.status == b'I' && !matches!(first, "SELECT" | "SET" | "BEGIN" | "ROLLBACK")
}

/// What is asked beside the work, which is done all the same: how far a load is, and the end of a session that only locks.
fn is_beside(sent: &Sent) -> bool {
    sent.session > 0
        && (sent.sql == "ROLLBACK"
            || sent.sql.contains("stv_load_state")
            || sent.sql.contains("sys_load_history"))
}

/// What a way sends to a server that does everything.
fn statements(way: &Way) -> Vec<Sent> {
    let server = AnsweringServer::start(None);
    if let Err(error) = (way.run)(&mut server.connect()) {
        panic!("{}: {error}\n{:#?}", way.name, server.sent());
    }
    let sent = server.sent();
    assert!(!sent.is_empty(), "{}", way.name);
    sent
}

#[test]
fn an_error_after_the_tag_of_any_statement_is_the_error() {
    for way in ways() {
        for (at, sent) in statements(&way).iter().enumerate() {
            for fault in Fault::LATE {
                let place = format!("{}, {fault:?}, {sent:?}", way.name);
                let server = AnsweringServer::start(Some((at, fault)));
                let mut conn = server.connect();
                let outcome = (way.run)(&mut conn);
                if is_beside(sent) {
                    continue;
                }
                let error = outcome.expect_err(&place);
                let text = error.to_string();
                // The session of the lock is asked whether it is still there: any other answer is that it is not.
                let asks_for_lock = sent.session > 0 && sent.sql == "SELECT 1";
                let told = if asks_for_lock {
                    "the session that holds the migrations' lock has ended"
                } else {
                    FULL
                };
                assert!(
                    text.contains(told) && !text.contains(ABORTED),
                    "{place}: {text}"
                );
                assert_eq!(unknown_of(&*error), None, "{place}: {text}");
                assert!(!error.is_retryable(), "{place}: {text}");
                if sent.session == 0 {
                    let last = conn.last_error().unwrap();
                    assert_eq!(last.sqlstate(), Some("53100"), "{place}");
                }
                conn.batch_execute("SELECT 1").expect(&place);
                let last = server.sent().pop().unwrap();
                assert_eq!((&*last.sql, last.status), ("SELECT 1", b'I'), "{place}");
            }
        }
    }
}

#[test]
fn a_connection_lost_at_any_statement_is_an_error_that_tells_whether_it_may_be_done() {
    for way in ways() {
        for (at, sent) in statements(&way).iter().enumerate() {
            for fault in Fault::LOST {
                let place = format!("{}, {fault:?}, {sent:?}", way.name);
                let server = AnsweringServer::start(Some((at, fault)));
                let mut conn = server.connect();
                let outcome = (way.run)(&mut conn);
                if is_beside(sent) {
                    continue;
                }
                let error = outcome.expect_err(&place);
                let is_unknown = unknown_of(&*error).is_some();
                assert_eq!(is_unknown, may_be_done(sent), "{place}: {error}");
                assert!(!error.is_retryable(), "{place}: {error}");
                let again = server.sent().iter().filter(|it| it.sql == sent.sql).count();
                let first = statements(&way)
                    .iter()
                    .filter(|it| it.sql == sent.sql)
                    .count();
                assert!(again <= first, "{place}: sent again");
                if sent.session == 0 {
                    let last = conn.last_error().expect(&place);
                    assert_eq!(last.sqlstate(), None, "{place}");
                    if let Some(told) = DatabaseError::of(&*error) {
                        assert_eq!(told.message(), last.message(), "{place}");
                    }
                    conn.batch_execute("SELECT 1").expect_err(&place);
                }
            }
        }
    }
}

#[test]
fn transactions_are_tried_again_unless_they_may_be_done() {
    for way in ways().into_iter().filter(|way| way.joins) {
        let run = |server: &AnsweringServer| {
            let outcome = server.connect().retry_serializable(3, way.run);
            let begun = server.sent().into_iter().filter(|it| it.sql == "BEGIN");
            (outcome, begun.count())
        };
        let server = AnsweringServer::start(None);
        let (outcome, _) = run(&server);
        outcome.expect(way.name);
        for (at, sent) in server.sent().iter().enumerate() {
            if is_beside(sent) {
                continue;
            }
            let place = format!("{}, {sent:?}", way.name);
            let (outcome, begun) = run(&AnsweringServer::start(Some((at, Fault::LateViolation))));
            assert!(outcome.is_ok(), "{place}: {outcome:?}");
            assert_eq!(begun, 2, "{place}");
            for fault in Fault::LOST {
                let (outcome, begun) = run(&AnsweringServer::start(Some((at, fault))));
                let error = outcome.expect_err(&place);
                assert_eq!(
                    unknown_of(&*error).is_some(),
                    may_be_done(sent),
                    "{place}: {error}"
                );
                assert_eq!(begun, 1, "{place}");
            }
        }
    }
}
