//! The source of an upsert: rows of the application, or those of a query.

use std::marker::PhantomData;

use diesel::connection::Connection;
use diesel::query_builder::{AstPass, Query, QueryBuilder, QueryFragment, QueryId};
use diesel::query_source::QuerySource;
use diesel::result::QueryResult;
use diesel::{Insertable, RunQueryDsl, Table};

use super::STAGE;
use crate::error::Error;
use crate::query_builder::inline::inline;
use crate::query_builder::{ColumnsOf, RedshiftQueryBuilder, StatementSize};
use crate::sql::lexer::{Token, tokens};
use crate::sql::literal;
use crate::{Redshift, RedshiftConnection};

/// Rows for the table `T`.
#[diagnostic::on_unimplemented(
    message = "these are no rows for an upsert into `{T}`",
    note = "a row derives `Insertable` for that table"
)]
pub trait UpsertSource<T> {
    crate::seal::sealed!(required);
    /// Their columns, quoted. `None` if there are no rows.
    #[doc(hidden)]
    fn columns(&self) -> Result<Option<Vec<String>>, Error>;

    /// Does once what takes long and needs no connection.
    #[doc(hidden)]
    fn prepare(&self) -> Result<(), Error> {
        Ok(())
    }

    /// Creates the temporary table with the rows in it, and returns how many there are. `create` is
    /// its `CREATE TABLE` without the query; `empty` is a query with its columns but no rows.
    #[doc(hidden)]
    fn stage(
        &self,
        conn: &mut RedshiftConnection,
        create: &str,
        empty: &str,
    ) -> Result<usize, Error>;
}

/// Rows of the application.
#[derive(Debug)]
pub struct Rows<'r, R>(pub(super) &'r [R]);

impl<R> Clone for Rows<'_, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Rows<'_, R> {}

/// The rows of a query.
#[derive(Debug, Clone, Copy)]
pub struct OfQuery<Q, C> {
    pub(super) query: Q,
    pub(super) columns: PhantomData<C>,
}

/// `INSERT INTO "stage" (…) VALUES (…), (…)`
struct Inserted<V>(V);

impl<V: QueryFragment<Redshift>> QueryFragment<Redshift> for Inserted<V> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        out.push_sql("INSERT INTO ");
        out.push_sql(STAGE);
        out.push_sql(" ");
        self.0.walk_ast(out)
    }
}

impl<V> QueryId for Inserted<V> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<'r, R, T> UpsertSource<T> for Rows<'r, R>
where
    T: Table,
    &'r [R]: Insertable<T>,
    <&'r [R] as Insertable<T>>::Values: QueryFragment<Redshift>,
{
    crate::seal::sealed!();
    fn columns(&self) -> Result<Option<Vec<String>>, Error> {
        let Some(first) = self.0.get(..1) else {
            return Ok(None);
        };
        let mut builder = RedshiftQueryBuilder::new();
        first.values().to_sql(&mut builder, &Redshift)?;
        let sql = builder.finish();
        // The contents of the first brackets: `("id", "name") VALUES (…)`.
        let columns = tokens(&sql)
            .take_while(|(_, text)| *text != ")")
            .filter(|(token, _)| *token == Token::QuotedIdentifier)
            .map(|(_, text)| text.to_owned())
            .collect();
        Ok(Some(columns))
    }

    fn stage(
        &self,
        conn: &mut RedshiftConnection,
        create: &str,
        empty: &str,
    ) -> Result<usize, Error> {
        run(conn, &format!("{create} AS {empty}"))?;
        let mut size = StatementSize::default();
        let mut from = 0;
        for (at, row) in self.0.iter().enumerate() {
            if size.is_full_before(&std::slice::from_ref(row).values())? {
                conn.execute_returning_count(&Inserted(self.0[from..at].values()))?;
                from = at;
            }
        }
        conn.execute_returning_count(&Inserted(self.0[from..].values()))?;
        Ok(self.0.len())
    }
}

impl<Q, C, T> UpsertSource<T> for OfQuery<Q, C>
where
    T: QuerySource,
    Q: Query + QueryFragment<Redshift>,
    C: ColumnsOf<T>,
{
    crate::seal::sealed!();
    fn columns(&self) -> Result<Option<Vec<String>>, Error> {
        let mut columns = Vec::new();
        for name in C::NAMES {
            columns.push(quoted(name)?);
        }
        Ok(Some(columns))
    }

    fn stage(&self, conn: &mut RedshiftConnection, create: &str, _: &str) -> Result<usize, Error> {
        run(conn, &format!("{create} AS {}", inline(&self.query)?))?;
        let count =
            diesel::dsl::sql::<diesel::sql_types::BigInt>(&format!("SELECT COUNT(*) FROM {STAGE}"))
                .get_result::<i64>(conn)?;
        Ok(usize::try_from(count).unwrap_or_default())
    }
}

pub(super) fn quoted(name: &str) -> Result<String, Error> {
    let mut sql = String::new();
    literal::push_identifier(&mut sql, name)?;
    Ok(sql)
}

/// Sends a statement that takes no parameters.
pub(super) fn run(conn: &mut RedshiftConnection, sql: &str) -> QueryResult<()> {
    let query = diesel::sql_query(sql);
    conn.execute_utility(sql, &diesel::debug_query::<Redshift, _>(&query))
        .map(|_| ())
}
