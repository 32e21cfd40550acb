//! Rows that are read while the server is still sending, so that both work at once.

use std::ffi::c_int;
use std::rc::Rc;

use diesel::connection::{Connection, InstrumentationEvent};
use diesel::result::{Error, QueryResult};

use super::RedshiftConnection;
use super::result::RedshiftResult;
use super::row::RedshiftRow;
use super::statement::AnyQuery;
use super::transaction_state::Commands;

/// The rows of a query, in the order in which they arrive.
///
/// It reads up to the server's final message (ReadyForQuery), after which a statement outside a
/// transaction is committed: a late error follows the rows. A result that is smaller than what is
/// fetched at a time (31 rows, 15 in
/// [`RowByRowLoadingMode`](crate::connection::RowByRowLoadingMode); none with a libpq older than
/// 17, where rows arrive one by one) is read to that point before its first row is returned, so
/// that [`get_result`](diesel::RunQueryDsl::get_result) sees such an error too.
///
/// Dropping it early reads and discards the rest, since a cancel request may arrive late and hit
/// the next statement.
pub struct RedshiftCursor<'conn, 'query> {
    rest: RestOfResult<'conn, 'query>,
    rows: Rc<RedshiftResult>,
    next: c_int,
}

/// The unread rest of a result, some rows at a time. Dropping it reads and discards that.
pub(crate) struct RestOfResult<'conn, 'query> {
    conn: &'conn mut RedshiftConnection,
    query: Box<dyn AnyQuery + 'query>,
    rows_at_a_time: c_int,
    /// The server's final message has been read.
    ended: bool,
}

impl<'conn, 'query> RestOfResult<'conn, 'query> {
    /// What follows the first rows of a query.
    pub(super) fn after(
        first: &RedshiftResult,
        conn: &'conn mut RedshiftConnection,
        query: Box<dyn AnyQuery + 'query>,
        rows_at_a_time: c_int,
    ) -> QueryResult<Self> {
        let mut rest = Self {
            conn,
            query,
            rows_at_a_time,
            ended: false,
        };
        rest.end_if_last(first)?;
        Ok(rest)
    }

    /// Whether the server's final message has been read.
    #[cfg(feature = "async")]
    pub(crate) fn is_ended(&self) -> bool {
        self.ended
    }

    /// Fetches more rows; `None` at the end.
    pub(crate) fn fetch(&mut self) -> QueryResult<Option<RedshiftResult>> {
        if self.ended {
            return Ok(None);
        }
        let Some(raw) = self.conn.raw.next_result() else {
            self.end()?;
            return Ok(None);
        };
        match RedshiftResult::new(raw, &self.conn.raw) {
            Ok(rows) => {
                if self.conn.raw.has_panic() {
                    self.conn.raw.drain();
                    self.finish(None);
                } else {
                    self.end_if_last(&rows)?;
                }
                Ok(Some(rows))
            }
            Err(error) => {
                self.conn.raw.drain();
                let error = self.conn.outcome_of_query(error, &*self.query);
                self.finish(Some(&error));
                self.conn.raw.resume_panic();
                Err(error)
            }
        }
    }

    /// Resumes the panic of a notice handler; whoever catches it can still read the rows that came
    /// with it.
    pub(crate) fn resume_panic(&self) {
        self.conn.raw.resume_panic();
    }

    /// Fewer rows than fit are the last ones.
    fn end_if_last(&mut self, rows: &RedshiftResult) -> QueryResult<()> {
        if rows.row_count() < self.rows_at_a_time {
            self.end()
        } else {
            Ok(())
        }
    }

    fn end(&mut self) -> QueryResult<()> {
        let outcome = self.conn.read_rest(|_| ());
        let outcome = outcome.map_err(|error| self.conn.outcome_of_query(error, &*self.query));
        self.finish(outcome.as_ref().err());
        self.conn.raw.resume_panic();
        outcome
    }

    fn finish(&mut self, error: Option<&Error>) {
        self.ended = true;
        self.conn.observe(Commands::default(), error);
        let instrumentation = self.conn.instrumentation();
        self.query.show(&mut |query| {
            instrumentation.on_connection_event(InstrumentationEvent::finish_query(query, error));
        });
    }
}

impl Drop for RestOfResult<'_, '_> {
    fn drop(&mut self) {
        if !self.ended {
            self.conn.raw.drain();
            self.finish(None);
            self.conn.raw.resume_panic();
        }
    }
}

impl<'conn, 'query> RedshiftCursor<'conn, 'query> {
    pub(super) fn new(
        conn: &'conn mut RedshiftConnection,
        query: Box<dyn AnyQuery + 'query>,
        first: RedshiftResult,
        rows_at_a_time: c_int,
    ) -> QueryResult<Self> {
        Ok(Self {
            rest: RestOfResult::after(&first, conn, query, rows_at_a_time)?,
            rows: Rc::new(first),
            next: 0,
        })
    }
}

impl Iterator for RedshiftCursor<'_, '_> {
    type Item = QueryResult<RedshiftRow>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        while self.next >= self.rows.row_count() {
            match self.rest.fetch() {
                // Unless the row was kept, its memory is reused: row by row, that saves an allocation each.
                Ok(Some(rows)) => match Rc::get_mut(&mut self.rows) {
                    Some(place) => *place = rows,
                    None => self.rows = Rc::new(rows),
                },
                Ok(None) => return None,
                Err(error) => return Some(Err(error)),
            }
            self.next = 0;
            self.rest.resume_panic();
        }
        let row = RedshiftRow::new(Rc::clone(&self.rows), self.next);
        self.next += 1;
        Some(Ok(row))
    }
}

crate::sql::debug_name! { RedshiftCursor<'conn, 'query> }
