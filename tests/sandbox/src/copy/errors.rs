//! Rows that could not be loaded, as the system tables show them.

use super::column::Column;
use super::fault::Fault;
use super::record::{Fields, Record};
use crate::sql::quote_literal;

/// AWS's limits on what is kept of a row and of a field.
const LONGEST_TEXT: usize = 1024;

pub(super) struct BadRow {
    file: String,
    line: u64,
    offset: u64,
    column: Option<(String, String, String)>,
    position: usize,
    raw_line: String,
    raw_field: String,
    fault: Fault,
}

impl BadRow {
    pub(super) fn new(
        file: &str,
        record: &Record<'_>,
        fields: &Fields,
        fault: Fault,
        at: Option<(usize, &Column)>,
    ) -> Self {
        let text = |bytes: &[u8]| {
            String::from_utf8_lossy(&bytes[..bytes.len().min(LONGEST_TEXT)]).replace('\0', "")
        };
        let field = at.map(|(at, _)| at).filter(|at| *at < fields.len());
        Self {
            file: file.to_owned(),
            line: record.line,
            offset: record.offset,
            column: at.map(|(_, column)| {
                (
                    column.name.clone(),
                    column.type_name.clone(),
                    column.length.clone(),
                )
            }),
            position: field.map_or(0, |at| fields.position(at)),
            raw_line: text(record.bytes),
            raw_field: field.map_or(String::new(), |at| text(fields.value(record.bytes, at))),
            fault,
        }
    }

    pub(super) fn describe(&self) -> String {
        let column = self.column.as_ref().map_or("-", |(name, ..)| name);
        format!(
            "File {}, line {}, column {column}: {} (code {})",
            self.file, self.line, self.fault.reason, self.fault.code
        )
    }

    pub(super) fn values(&self, head: &str) -> String {
        let (name, kind, length) = match &self.column {
            Some((name, kind, length)) => (name.as_str(), kind.as_str(), length.as_str()),
            None => ("", "", ""),
        };
        format!(
            "({head}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {})",
            cut(&self.file, 256),
            self.line,
            cut(name, 127),
            cut(kind, 10),
            cut(length, 10),
            self.position,
            cut(&self.raw_line, LONGEST_TEXT),
            cut(&self.raw_field, LONGEST_TEXT),
            self.fault.code,
            cut(&self.fault.reason, 100),
            self.offset
        )
    }
}

pub(super) fn cut(text: &str, length: usize) -> String {
    quote_literal(&text.chars().take(length).collect::<String>())
}
