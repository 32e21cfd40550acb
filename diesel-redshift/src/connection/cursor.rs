//! Rows as they are read: while the server still sends, so that both work at once.

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
/// It reads up to the server's last word (ReadyForQuery), after which a statement outside a transaction is committed: an error
/// that comes late follows the rows. A result that is smaller than what is fetched at a time (31 rows, 15 in
/// [`RowByRowLoadingMode`](crate::connection::RowByRowLoadingMode); none with a libpq older than 17, where rows come one by one) is read
/// to that point before its first row is given out, so that [`get_result`](diesel::RunQueryDsl::get_result) sees such an error
/// too.
///
/// Dropping it early reads what is left and throws it away, since a cancel may arrive late and hit the next
/// statement.
pub struct RedshiftCursor<'conn, 'query> {
    conn: &'conn mut RedshiftConnection,
    query: Box<dyn AnyQuery + 'query>,
    rows: Rc<RedshiftResult>,
    next: c_int,
    rows_at_a_time: c_int,
    /// The server has said its last word.
    ended: bool,
}

impl<'conn, 'query> RedshiftCursor<'conn, 'query> {
    pub(super) fn new(
        conn: &'conn mut RedshiftConnection,
        query: Box<dyn AnyQuery + 'query>,
        first: RedshiftResult,
        rows_at_a_time: c_int,
    ) -> QueryResult<Self> {
        let mut cursor = Self {
            conn,
            query,
            rows: Rc::new(first),
            next: 0,
            rows_at_a_time,
            ended: false,
        };
        cursor.end_if_last()?;
        Ok(cursor)
    }

    /// Fetches more rows, none at the end.
    fn fetch(&mut self) -> QueryResult<()> {
        let Some(raw) = self.conn.raw.next_result() else {
            return self.end();
        };
        let rows = match RedshiftResult::new(raw, &self.conn.raw) {
            Ok(rows) => rows,
            Err(error) => {
                self.conn.raw.drain();
                let error = self.conn.outcome_of_query(error, &*self.query);
                self.finish(Some(&error));
                self.conn.raw.resume_panic();
                return Err(error);
            }
        };
        // Unless a row was kept, its place is taken: row by row that saves an allocation each.
        match Rc::get_mut(&mut self.rows) {
            Some(place) => *place = rows,
            None => self.rows = Rc::new(rows),
        }
        self.next = 0;
        if self.conn.raw.has_panic() {
            self.conn.raw.drain();
            self.finish(None);
        } else {
            self.end_if_last()?;
        }
        self.conn.raw.resume_panic();
        Ok(())
    }

    /// Fewer rows than fit are the last ones.
    fn end_if_last(&mut self) -> QueryResult<()> {
        if self.rows.row_count() < self.rows_at_a_time {
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

impl Iterator for RedshiftCursor<'_, '_> {
    type Item = QueryResult<RedshiftRow>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        while self.next >= self.rows.row_count() {
            if self.ended {
                return None;
            }
            if let Err(error) = self.fetch() {
                self.next = self.rows.row_count();
                return Some(Err(error));
            }
        }
        let row = RedshiftRow::new(Rc::clone(&self.rows), self.next);
        self.next += 1;
        Some(Ok(row))
    }
}

impl Drop for RedshiftCursor<'_, '_> {
    fn drop(&mut self) {
        if !self.ended {
            self.conn.raw.drain();
            self.finish(None);
            self.conn.raw.resume_panic();
        }
    }
}

crate::sql::debug_name! { RedshiftCursor<'conn, 'query> }
