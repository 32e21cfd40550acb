//! Properties over the real protocol.

use std::cell::RefCell;
use std::fmt::Debug;

use diesel_redshift::RedshiftConnection;
use proptest::prelude::*;
use proptest::test_runner::{TestCaseResult, TestRunner};

/// Checks so many cases, one after the other on the one connection.
pub(crate) fn holds_for_any<T: Debug>(
    cases: u32,
    conn: &mut RedshiftConnection,
    values: impl Strategy<Value = T>,
    check: impl Fn(&mut RedshiftConnection, T) -> TestCaseResult,
) {
    let conn = RefCell::new(conn);
    TestRunner::new(ProptestConfig {
        cases,
        // A runner that is made by hand knows no source file to keep them by.
        failure_persistence: None,
        ..ProptestConfig::default()
    })
    .run(&values, |value| check(&mut conn.borrow_mut(), value))
    .unwrap();
}
