//! From a record to a row.

use super::column::{Column, Target, Type};
use super::fault::Fault;
use super::field;
use super::format::Format;
use super::json::{self, Shredder};
use super::options::Options;
use super::record::{Fields, Record};
use crate::protocol::{SqlError, SqlResult};
use crate::s3::S3;

/// What SERIALIZETOJSON puts into a string of a SUPER at most.
const LONGEST_STRING: usize = 65_535;

/// Makes rows of records, as the columns and the options have it.
pub(super) struct Rows<'a> {
    options: &'a Options,
    pub(super) target: Target,
    /// What makes rows of documents, if the files hold any.
    shredder: Option<Shredder>,
    /// The end of each row: what the files do not fill.
    end: Vec<u8>,
    /// What ACCEPTINVCHARS replaced.
    pub(super) replaced: u64,
}

impl<'a> Rows<'a> {
    pub(super) fn new(
        options: &'a Options,
        target: Target,
        s3: &S3<'_>,
        query: i32,
    ) -> SqlResult<Self> {
        let wants_json = |column: &Column| column.kind == Type::Super;
        if options.format == Format::Parquet
            && !options.serialize_to_json
            && target.columns.iter().any(wants_json)
        {
            return Err(SqlError::internal(
                "SUPER column in COPY query requires SERIALIZETOJSON option",
            ));
        }
        if !matches!(options.format, Format::Text | Format::Csv(_))
            && let Some(column) = target.columns.iter().find(|column| column.is_special())
        {
            return Err(SqlError::not_imitated(&format!(
                "COPY into column \"{}\" of type {} from other files than delimited text and CSV",
                column.name, column.type_name
            )));
        }
        let shredder = match &options.format {
            Format::Json(shredding) => Some(Shredder::new(
                shredding,
                &target.columns,
                options.replacement,
                s3,
                query,
            )?),
            _ => None,
        };
        let mut end = Vec::new();
        for constant in &target.constants {
            end.push(b'\t');
            match &constant.value {
                Some(value) => field::escape(value.as_bytes(), &mut end),
                None => end.extend_from_slice(b"\\N"),
            }
        }
        end.push(b'\n');
        Ok(Self {
            options,
            target,
            shredder,
            end,
            replaced: 0,
        })
    }

    /// Checks a record and writes it as a row; an error comes with its field.
    pub(super) fn write(
        &mut self,
        record: &Record<'_>,
        fields: &mut Fields,
        out: &mut Vec<u8>,
    ) -> Result<(), (Fault, Option<usize>)> {
        let options = self.options;
        if let Some(fault) = &record.fault {
            return Err((fault.clone(), None));
        }
        if matches!(options.format, Format::Csv(_))
            && options.null != b"\0"
            && let Some(zero) = memchr::memchr(0, record.bytes)
        {
            return Err((Fault::missing_newline(record.bytes, zero), None));
        }
        if let Some(shredder) = &self.shredder {
            shredder.shred(record.bytes, fields, &mut self.replaced)?;
        }
        let columns = &self.target.columns;
        let is_columnar = options.format == Format::Parquet;
        let marks_null = self.shredder.is_none() && !is_columnar;
        let padded = matches!(options.format, Format::FixedWidth(_));
        let is_delimited = matches!(options.format, Format::Text | Format::Csv(_));
        if options.format == Format::Text
            && fields.len() == columns.len() + 1
            && fields.raw(record.bytes, fields.len() - 1).is_empty()
        {
            // A delimiter may also end the line.
            fields.drop_last();
        }
        if fields.len() > columns.len() {
            return Err((Fault::extra_columns(), None));
        }
        if fields.len() < columns.len() && !options.fill_record {
            if marks_null && record.bytes.is_empty() {
                return Err((Fault::empty_line(), None));
            }
            return Err((Fault::missing_columns(), Some(fields.len())));
        }
        if self.target.impossible.is_some() {
            return Err((Fault::missing_value(), None));
        }
        for (at, column) in columns.iter().enumerate() {
            if at > 0 {
                out.push(b'\t');
            }
            if marks_null && has_stray_zero(options, fields, record.bytes, at) {
                return Err((Fault::stray_zero(), Some(at)));
            }
            let value = if at < fields.len() {
                let mut value = fields.value(record.bytes, at);
                if padded && !column.is_text() {
                    value = value.trim_ascii();
                }
                let is_null = fields.is_null(at)
                    || marks_null
                        && (value == options.null
                            || padded && value.trim_ascii() == options.null
                            || is_marked(options, fields.raw(record.bytes, at)));
                (!is_null).then_some(value)
            } else {
                // FILLRECORD leaves a VARCHAR of text empty, and all else NULL.
                let is_empty = matches!(column.kind, Type::Varchar(_)) && is_delimited;
                is_empty.then_some(&b""[..])
            };
            let value =
                value.filter(|value| is_columnar || !means_null(options, column.is_text(), value));
            match value {
                Some(value) => {
                    let start = out.len();
                    field::write(&column.kind, value, options, out, &mut self.replaced)
                        .and_then(|()| {
                            let is_super = is_columnar && column.kind == Type::Super;
                            if is_super && json::string_length(value) > LONGEST_STRING {
                                return Err(Fault::long_string(LONGEST_STRING));
                            }
                            Ok(())
                        })
                        .map_err(|fault| match &column.kind {
                            Type::Char(length) | Type::Varchar(length)
                                if is_columnar && value.len() > *length =>
                            {
                                Fault::too_long(&column.name, *length, value.len())
                            }
                            _ => fault,
                        })
                        .map_err(|fault| (fault, Some(at)))?;
                    if column.not_null && &out[start..] == b"\\N" {
                        return Err((Fault::missing_value(), Some(at)));
                    }
                }
                None if column.not_null => return Err((Fault::missing_value(), Some(at))),
                None => out.extend_from_slice(b"\\N"),
            }
        }
        out.extend_from_slice(&self.end);
        Ok(())
    }
}

/// With ESCAPE, the marker `\N` is met before its backslash is taken away.
fn is_marked(options: &Options, raw: &[u8]) -> bool {
    options.escape && raw == options.null
}

/// Where a zero byte alone means NULL, one among other bytes means nothing.
fn has_stray_zero(options: &Options, fields: &Fields, record: &[u8], at: usize) -> bool {
    options.null == b"\0" && at < fields.len() && {
        let value = fields.value(record, at);
        value.len() > 1 && value.contains(&0)
    }
}

/// Empty fields and blanks that mean NULL.
fn means_null(options: &Options, is_text: bool, value: &[u8]) -> bool {
    if is_text {
        return options.empty_as_null && value.is_empty()
            || options.blanks_as_null
                && !value.is_empty()
                && value.iter().all(u8::is_ascii_whitespace);
    }
    value.first().is_none_or(u8::is_ascii_whitespace) && value.iter().all(u8::is_ascii_whitespace)
}
