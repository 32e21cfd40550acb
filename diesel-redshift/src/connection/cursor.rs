//! Rows as they are read: while the server still sends, so that both work at once.

use std::ffi::c_int;
use std::rc::Rc;

use diesel::connection::{Connection, InstrumentationEvent};
use diesel::result::{Error, QueryResult};

use super::RedshiftConnection;
use super::result::RedshiftResult;
use super::row::RedshiftRow;
use super::statement::AnyQuery;

/// The rows of a query, in the order in which they arrive.
///
/// Dropping it early reads what is left and throws it away, since a cancel may arrive late and hit the next
/// statement.
pub struct RedshiftCursor<'conn, 'query> {
    conn: &'conn mut RedshiftConnection,
    query: Box<dyn AnyQuery + 'query>,
    rows: Rc<RedshiftResult>,
    next: c_int,
    finished: bool,
}

impl<'conn, 'query> RedshiftCursor<'conn, 'query> {
    pub(super) fn new(
        conn: &'conn mut RedshiftConnection,
        query: Box<dyn AnyQuery + 'query>,
        first: RedshiftResult,
    ) -> Self {
        Self {
            conn,
            query,
            rows: Rc::new(first),
            next: 0,
            finished: false,
        }
    }

    /// Fetches more rows; false at the end.
    fn fetch(&mut self) -> QueryResult<bool> {
        // The result that ends the rows has none.
        let at_end = self.rows.row_count() == 0;
        let Some(raw) = (!at_end).then(|| self.conn.raw.next_result()).flatten() else {
            return Ok(false);
        };
        let rows = RedshiftResult::new(raw, &self.conn.raw)?;
        // Unless a row was kept, its place is taken: row by row that saves an allocation each.
        match Rc::get_mut(&mut self.rows) {
            Some(place) => *place = rows,
            None => self.rows = Rc::new(rows),
        }
        self.next = 0;
        Ok(self.rows.row_count() > 0)
    }

    fn finish(&mut self, error: Option<&Error>) {
        if self.finished {
            return;
        }
        self.finished = true;
        self.conn.raw.drain();
        self.conn.observe();
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
        if self.next >= self.rows.row_count() {
            if self.finished {
                return None;
            }
            match self.fetch() {
                Ok(true) => {}
                Ok(false) => {
                    self.finish(None);
                    return None;
                }
                Err(error) => {
                    self.finish(Some(&error));
                    return Some(Err(error));
                }
            }
        }
        let row = RedshiftRow::new(Rc::clone(&self.rows), self.next);
        self.next += 1;
        Some(Ok(row))
    }
}

impl Drop for RedshiftCursor<'_, '_> {
    fn drop(&mut self) {
        self.finish(None);
    }
}
