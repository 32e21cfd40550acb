//! Rows that a task reads while the connection's thread fetches the next ones.

use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::thread;

use diesel::result::QueryResult;
use futures_core::Stream;

use super::operation::Operation;
use super::thread::{Parts, SessionThread, WhenDropped, thread_ended};
use crate::connection::{AsyncRedshiftRow, QueryApart, RedshiftConnection, RedshiftResult};

/// How many parts are read before other tasks have their turn: a reader that is always behind would
/// block its worker.
const PARTS_IN_A_TURN: u32 = 32;

type Part = QueryResult<RedshiftResult>;

/// Fetches a result part by part into a bounded buffer; what is left at the end is the last part.
fn fetch(
    conn: &mut RedshiftConnection,
    query: Box<QueryApart>,
    operation: &Operation<thread::Result<Part>>,
) -> Option<Part> {
    let (mut rows, mut rest) = match conn.load_apart(query) {
        Ok(loaded) => loaded,
        Err(error) => return Some(Err(error)),
    };
    loop {
        if rest.is_ended() {
            return Some(Ok(rows));
        }
        let size = rows.memory_size();
        if !operation.push(Ok(Ok(rows)), size) {
            return None;
        }
        rest.resume_panic();
        rows = match rest.fetch() {
            Ok(Some(rows)) => rows,
            Ok(None) => return None,
            Err(error) => return Some(Err(error)),
        };
    }
}

/// The future of a query's rows; it is ready when the first ones arrive.
pub struct LoadFuture<'conn>(QueryResult<Option<RowStream<'conn>>>);

impl LoadFuture<'_> {
    pub(super) fn new(session: &SessionThread, query: QueryResult<QueryApart>) -> Self {
        Self(query.map(Box::new).map(|query| {
            let parts = session.parts(WhenDropped::Cancel, move |conn, operation| {
                fetch(conn, query, operation)
            });
            Some(RowStream {
                parts,
                rows: None,
                next: 0,
                turn: 0,
                conn: PhantomData,
            })
        }))
    }
}

impl<'conn> Future for LoadFuture<'conn> {
    type Output = QueryResult<RowStream<'conn>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Ok(Some(stream)) = &mut self.0 else {
            let outcome = std::mem::replace(&mut self.0, Ok(None));
            return Poll::Ready(outcome.and_then(|stream| stream.ok_or_else(thread_ended)));
        };
        if let Err(error) = ready!(stream.poll_part(context)) {
            return Poll::Ready(Err(error));
        }
        let outcome = std::mem::replace(&mut self.0, Ok(None));
        Poll::Ready(outcome.and_then(|stream| stream.ok_or_else(thread_ended)))
    }
}

/// The rows of a query, in the order in which they arrive. At most half a mebibyte of them is
/// buffered, besides those being read.
///
/// Dropping it before its end cancels the query on the server; the connection's next statement
/// waits until that is done.
pub struct RowStream<'conn> {
    parts: Parts<Part>,
    rows: Option<Arc<RedshiftResult>>,
    next: i32,
    turn: u32,
    conn: PhantomData<&'conn mut ()>,
}

impl RowStream<'_> {
    /// Waits for more rows, and returns whether there are any.
    fn poll_part(&mut self, context: &mut Context<'_>) -> Poll<QueryResult<bool>> {
        let part = ready!(self.parts.poll_next(context));
        self.next = 0;
        self.rows = None;
        Poll::Ready(match part {
            Some(Ok(rows)) => {
                self.rows = Some(Arc::new(rows));
                Ok(true)
            }
            Some(Err(error)) => Err(error),
            None => Ok(false),
        })
    }
}

impl Stream for RowStream<'_> {
    type Item = QueryResult<AsyncRedshiftRow>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<QueryResult<AsyncRedshiftRow>>> {
        loop {
            if let Some(rows) = &self.rows
                && self.next < rows.row_count()
            {
                let row = AsyncRedshiftRow::new(Arc::clone(rows), self.next);
                self.next += 1;
                return Poll::Ready(Some(Ok(row)));
            }
            self.turn += 1;
            if self.turn >= PARTS_IN_A_TURN {
                self.turn = 0;
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            match ready!(self.poll_part(context)) {
                Ok(true) => {}
                Ok(false) => return Poll::Ready(None),
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
        }
    }
}

crate::sql::debug_name! { LoadFuture<'conn> RowStream<'conn> }
