//! The fields of a record.

use std::ops::Range;

/// The fields of one record; kept from record to record for its memory.
#[derive(Default)]
pub(in crate::copy) struct Fields {
    pub(super) spans: Vec<Span>,
    /// The contents of fields that are not in the file as they mean.
    pub(super) unescaped: Vec<u8>,
}

pub(super) struct Span {
    pub(super) range: Range<usize>,
    pub(super) unescaped: bool,
    /// As it is in the file, where that differs.
    pub(super) raw: Range<usize>,
    /// The file says so itself, as JSON does.
    pub(super) is_null: bool,
}

impl Fields {
    pub(in crate::copy) fn len(&self) -> usize {
        self.spans.len()
    }

    pub(in crate::copy) fn drop_last(&mut self) {
        self.spans.pop();
    }

    pub(in crate::copy) fn value<'a>(&'a self, record: &'a [u8], at: usize) -> &'a [u8] {
        let span = &self.spans[at];
        if span.unescaped {
            &self.unescaped[span.range.clone()]
        } else {
            &record[span.range.clone()]
        }
    }

    pub(in crate::copy) fn raw<'a>(&self, record: &'a [u8], at: usize) -> &'a [u8] {
        &record[self.spans[at].raw.clone()]
    }

    /// Where the field begins in its record.
    pub(in crate::copy) fn position(&self, at: usize) -> usize {
        self.spans[at].raw.start
    }

    /// Where the last field ends.
    pub(super) fn end(&self) -> usize {
        self.spans.last().map_or(0, |span| span.raw.end)
    }

    pub(in crate::copy) fn is_null(&self, at: usize) -> bool {
        self.spans[at].is_null
    }

    /// A value that the file does not hold in this form.
    pub(in crate::copy) fn push_value(&mut self, value: Option<&[u8]>) {
        let start = self.unescaped.len();
        self.unescaped.extend_from_slice(value.unwrap_or_default());
        self.push_unescaped(start, 0..0);
        if let Some(span) = self.spans.last_mut() {
            span.is_null = value.is_none();
        }
    }

    pub(in crate::copy) fn clear(&mut self) {
        self.spans.clear();
        self.unescaped.clear();
    }

    pub(super) fn push(&mut self, range: Range<usize>) {
        self.spans.push(Span {
            raw: range.clone(),
            range,
            unescaped: false,
            is_null: false,
        });
    }

    pub(super) fn push_unescaped(&mut self, start: usize, raw: Range<usize>) {
        self.spans.push(Span {
            range: start..self.unescaped.len(),
            unescaped: true,
            raw,
            is_null: false,
        });
    }
}
