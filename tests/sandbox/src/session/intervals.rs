//! Intervals in rows: Redshift keeps one number, of months or of microseconds, and shows that.

use std::rc::Rc;

use super::Session;
use super::types::INTERVAL;
use crate::copy::IntervalFields;
use crate::engine::Failure;
use crate::protocol::{Head, Reader, backend};

/// Where a result has intervals with fields, and which fields.
pub(super) type Columns = Rc<[(usize, IntervalFields)]>;

/// The intervals of the result whose rows arrive.
#[derive(Debug)]
pub(super) struct Intervals {
    columns: Columns,
    formats: Rc<[i16]>,
}

impl Intervals {
    /// None if there are none, so that rows can be passed on as they are.
    pub(super) fn new(columns: &Columns, formats: &Rc<[i16]>) -> Option<Self> {
        (!columns.is_empty()).then(|| Self {
            columns: Rc::clone(columns),
            formats: Rc::clone(formats),
        })
    }

    /// Writes a row.
    fn row(&self, out: &mut Vec<u8>, body: &[u8]) -> std::io::Result<()> {
        let mut reader = Reader(body);
        let count = reader.i16()?;
        out.extend_from_slice(&count.to_be_bytes());
        let mut columns = self.columns.iter().peekable();
        for at in 0..usize::try_from(count).unwrap_or(0) {
            let length = reader.i32()?;
            let interval = columns.next_if(|(column, _)| *column == at);
            let Ok(size) = usize::try_from(length) else {
                out.extend_from_slice(&length.to_be_bytes());
                continue;
            };
            let value = reader.bytes(size)?;
            let shown = interval.and_then(|(_, fields)| {
                if super::formats::is_binary(&self.formats, at) {
                    fields.binary_of_engine(value)
                } else {
                    fields.of_engine(value).map(String::into_bytes)
                }
            });
            let value = shown.as_deref().unwrap_or(value);
            let length = i32::try_from(value.len()).unwrap_or(i32::MAX);
            out.extend_from_slice(&length.to_be_bytes());
            out.extend_from_slice(value);
        }
        Ok(())
    }
}

/// The intervals among columns, of which the numbers and modifiers of their types are given.
pub(super) fn columns(types: &[(u32, i32)]) -> Columns {
    let fields = |(at, (oid, modifier)): (usize, &(u32, i32))| {
        let fields = IntervalFields::of_modifier(i64::from(*modifier));
        Some((at, fields.filter(|_| *oid == INTERVAL)?))
    };
    types.iter().enumerate().filter_map(fields).collect()
}

/// Whether a statement that begins so can have such rows.
pub(super) fn can_be_in(verb: &str) -> bool {
    ["select", "with", "fetch", "execute"]
        .iter()
        .any(|known| verb.eq_ignore_ascii_case(known))
}

impl Session<'_> {
    /// Passes on a row.
    pub(super) fn row(&mut self, head: Head) -> Result<(), Failure> {
        match &self.intervals {
            None => {
                let whole = &self.engine.inbox.pending()[..head.total];
                self.client.pass(whole)?;
            }
            Some(intervals) => {
                let body = self.engine.inbox.body(head);
                let mut row = Ok(());
                let mut message = Vec::with_capacity(head.total);
                backend::message(&mut message, b'D', |out| row = intervals.row(out, body));
                row?;
                self.client.pass(&message)?;
            }
        }
        self.engine.inbox.consume(head.total);
        Ok(())
    }
}
