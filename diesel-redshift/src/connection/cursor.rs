//! Results as they are read: the whole at once, or row by row.

use std::rc::Rc;

use diesel::connection::{Connection, InstrumentationEvent};
use diesel::result::QueryResult;

use super::RedshiftConnection;
use super::result::RedshiftResult;
use super::row::RedshiftRow;
use super::statement::AnyQuery;

/// The rows of a result that has arrived whole.
pub struct RedshiftCursor {
    result: Rc<RedshiftResult>,
    next: usize,
}

impl RedshiftCursor {
    pub(super) fn new(result: RedshiftResult) -> Self {
        Self {
            result: Rc::new(result),
            next: 0,
        }
    }
}

impl Iterator for RedshiftCursor {
    type Item = QueryResult<RedshiftRow>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = self.next;
        if row == self.result.row_count() {
            return None;
        }
        self.next += 1;
        Some(Ok(RedshiftRow::new(Rc::clone(&self.result), row)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.result.row_count() - self.next;
        (left, Some(left))
    }

    fn nth(&mut self, n: usize) -> Option<Self::Item> {
        self.next = self.next.saturating_add(n).min(self.result.row_count());
        self.next()
    }
}

impl ExactSizeIterator for RedshiftCursor {}

/// The rows of a result while they arrive: memory holds one of them.
///
/// Dropping it early reads what is left and throws it away, since a cancel may arrive late and hit the next
/// statement.
pub struct RowByRowCursor<'conn, 'query> {
    conn: &'conn mut RedshiftConnection,
    query: Box<dyn AnyQuery + 'query>,
    first: Option<RedshiftResult>,
    finished: bool,
}

impl<'conn, 'query> RowByRowCursor<'conn, 'query> {
    pub(super) fn new(
        conn: &'conn mut RedshiftConnection,
        query: Box<dyn AnyQuery + 'query>,
        first: RedshiftResult,
    ) -> Self {
        Self {
            conn,
            query,
            first: Some(first),
            finished: false,
        }
    }

    fn finish(&mut self, error: Option<&diesel::result::Error>) {
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

impl Iterator for RowByRowCursor<'_, '_> {
    type Item = QueryResult<RedshiftRow>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.finished {
            return None;
        }
        let result = match self.first.take() {
            Some(first) => Ok(first),
            None => match self.conn.raw.next_result() {
                Some(raw) => RedshiftResult::new(raw, &self.conn.raw),
                None => {
                    self.finish(None);
                    return None;
                }
            },
        };
        match result {
            // The result that ends the rows has none.
            Ok(result) if result.row_count() == 0 => {
                self.finish(None);
                None
            }
            Ok(result) => Some(Ok(RedshiftRow::new(Rc::new(result), 0))),
            Err(error) => {
                self.finish(Some(&error));
                Some(Err(error))
            }
        }
    }
}

impl Drop for RowByRowCursor<'_, '_> {
    fn drop(&mut self) {
        self.finish(None);
    }
}
