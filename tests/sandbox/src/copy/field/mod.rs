//! Checks fields against the types of their columns and writes them for PostgreSQL.

mod date_time;
mod number;
mod text;

use super::column::Type;
use super::fault::Fault;
use super::options::Options;

pub(super) use text::escape;

/// Writes a field's value in the text format of PostgreSQL's COPY. `replaced` counts bytes that ACCEPTINVCHARS replaced.
pub(super) fn write(
    column: &Type,
    value: &[u8],
    options: &Options,
    out: &mut Vec<u8>,
    replaced: &mut u64,
) -> Result<(), Fault> {
    match column {
        Type::SmallInt => number::integer(
            value,
            i64::from(i16::MIN),
            i64::from(i16::MAX),
            "Short",
            out,
        ),
        Type::Integer => number::integer(
            value,
            i64::from(i32::MIN),
            i64::from(i32::MAX),
            "Integer",
            out,
        ),
        Type::BigInt => number::integer(value, i64::MIN, i64::MAX, "Long", out),
        Type::Real => number::float(value, true, out),
        Type::Double => number::float(value, false, out),
        Type::Numeric { precision, scale } => {
            number::decimal(value, *precision, *scale, options.round_decimals, out)
        }
        Type::Boolean => number::boolean(value, out),
        Type::Date => date_time::date(value, options, out),
        Type::Timestamp => date_time::timestamp(value, options, false, out),
        Type::TimestampTz => date_time::timestamp(value, options, true, out),
        Type::Time => date_time::time(value, false, out),
        Type::TimeTz => date_time::time(value, true, out),
        Type::Char(length) => text::char(value, *length, options, out),
        Type::Varchar(length) => text::varchar(value, *length, options, out, replaced),
        Type::Interval(fields) => date_time::interval(value, *fields, out),
        Type::Super => text::json(value, out),
        Type::Varbyte(length) => text::hex(value, *length, out),
        Type::Ewkb => text::ewkb(value, out),
        Type::Sketch => text::sketch(value, out),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::Cursor;
    use crate::sql::lexer::tokens;

    fn options(sql: &str) -> Options {
        let sql = format!("{sql} IAM_ROLE default");
        let tokens = tokens(&sql).expect("tokens");
        super::super::options::parse(&mut Cursor::new(&sql, &tokens)).expect("options")
    }

    pub(super) fn written(column: &Type, value: &[u8], sql: &str) -> Result<String, Fault> {
        let mut out = Vec::new();
        write(column, value, &options(sql), &mut out, &mut 0)?;
        Ok(String::from_utf8(out).expect("UTF-8"))
    }

    pub(super) fn code(column: &Type, value: &[u8], sql: &str) -> i32 {
        written(column, value, sql).expect_err("a fault").code
    }
}
