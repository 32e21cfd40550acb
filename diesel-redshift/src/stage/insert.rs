//! `INSERT` of more rows than fit in one statement.

use diesel::query_builder::{InsertStatement, QueryFragment, QueryId, ValuesClause};
use diesel::result::QueryResult;
use diesel::{Connection, Insertable, RunQueryDsl, Table};

use crate::Redshift;
use crate::connection::RedshiftConnection;
use crate::query_builder::StatementSize;

/// Inserts any number of rows with `INSERT … VALUES`, in as many statements as needed, within one
/// transaction.
///
/// A statement takes at most 32,767 values and 16 MB; each gets as many rows as fit. It needs no
/// store and no role, and `None` may mean DEFAULT. Use it for up to some thousand rows; beyond
/// that, use COPY with [`from_insertable`](crate::copy::CopyStatement::from_insertable), as AWS
/// advises, since an `INSERT` writes blocks of every column for its few rows.
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
/// As `execute` of the single statements; nothing is inserted then. A single row that exceeds the
/// limits is sent as it is.
pub fn insert_rows<T, R, V, W>(
    table: T,
    rows: R,
    conn: &mut RedshiftConnection,
) -> QueryResult<usize>
where
    T: Table + Copy,
    R: IntoIterator,
    R::Item: Insertable<T, Values = ValuesClause<V, T>> + Clone,
    V: QueryFragment<Redshift>,
    Vec<R::Item>: Insertable<T, Values = W>,
    InsertStatement<T, W>: QueryFragment<Redshift> + QueryId,
{
    conn.transaction(|conn| {
        let mut inserted = 0;
        let mut batch = Vec::new();
        let mut size = StatementSize::default();
        for row in rows {
            if size.is_full_before(&row.clone().values().values)? {
                let full = std::mem::take(&mut batch);
                inserted += diesel::insert_into(table).values(full).execute(conn)?;
            }
            batch.push(row);
        }
        if !batch.is_empty() {
            inserted += diesel::insert_into(table).values(batch).execute(conn)?;
        }
        Ok(inserted)
    })
}
