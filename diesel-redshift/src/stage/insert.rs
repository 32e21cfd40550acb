//! `INSERT` of more rows than one statement takes.

use diesel::query_builder::{InsertStatement, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::{Connection, Insertable, RunQueryDsl, Table};

use crate::Redshift;
use crate::connection::RedshiftConnection;
use crate::query_builder::RedshiftBindCollector;

/// The most parameters that Redshift takes in a statement.
const MAX_BINDS: usize = 32_767;

/// The most bytes of a statement are 16 MB, with its text; this is what its values may have of them.
const MAX_BYTES: usize = 12_000_000;

/// The rows of the first statement.
const FIRST: usize = 1_000;

/// Inserts any number of rows by `INSERT … VALUES`, in as many statements as it takes, within one transaction.
///
/// A statement takes at most 32,767 values and 16 MB; each gets as many rows as fit. It needs no store and no role, and `None` may mean
/// DEFAULT. It is for some thousand rows: from there on COPY of [`from_insertable`](crate::CopyStatement::from_insertable) is faster, on a
/// cluster by orders of magnitude, since every `INSERT` is a commit of its own columns' blocks there.
///
/// ```
/// # use diesel::connection::SimpleConnection;
/// use diesel::prelude::*;
/// use diesel_redshift::RedshiftConnection;
/// use diesel_redshift::stage::insert_rows;
///
/// diesel::table! {
///     users (id) {
///         id -> BigInt,
///         name -> Text,
///     }
/// }
///
/// #[derive(Insertable)]
/// #[diesel(table_name = users)]
/// struct User {
///     id: i64,
///     name: String,
/// }
///
/// # let sandbox = redshift_sandbox::Sandbox::start()?;
/// # let mut conn = RedshiftConnection::establish(&sandbox.url())?;
/// # let conn = &mut conn;
/// # conn.batch_execute("CREATE TABLE users (id BIGINT, name VARCHAR(20))")?;
/// let rows: Vec<User> = (0..20_000).map(|id| User { id, name: format!("user {id}") }).collect();
/// assert_eq!(insert_rows(users::table, &rows, conn)?, 20_000); // 40,000 values
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// As `execute` of the single statements; nothing is inserted then. A single row over the limits is sent as it is.
pub fn insert_rows<'a, T, U>(
    table: T,
    rows: &'a [U],
    conn: &mut RedshiftConnection,
) -> QueryResult<usize>
where
    T: Table + Copy,
    &'a [U]: Insertable<T>,
    InsertStatement<T, <&'a [U] as Insertable<T>>::Values>: QueryFragment<Redshift> + QueryId,
{
    conn.transaction(|conn| {
        let mut rest = rows;
        let mut size = FIRST;
        let mut inserted = 0;
        while !rest.is_empty() {
            let count = size.min(rest.len());
            let statement = diesel::insert_into(table).values(&rest[..count]);
            let mut binds = RedshiftBindCollector::new();
            statement.collect_binds(&mut binds, &mut (), &Redshift)?;
            if count > 1 && (binds.len() > MAX_BINDS || binds.size() > MAX_BYTES) {
                size = count / 2;
                continue;
            }
            inserted += statement.execute(conn)?;
            rest = &rest[count..];
        }
        Ok(inserted)
    })
}
