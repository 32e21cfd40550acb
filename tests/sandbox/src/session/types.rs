//! Types that Redshift numbers differently.

use super::Session;
use crate::copy::IntervalFields;
use crate::engine::{SUPER, Types};
use crate::protocol::Reader;

const NAME: u32 = 19;
const TEXT: u32 = 25;
const VARCHAR: u32 = 1043;
pub(super) const INTERVAL: u32 = 1186;
pub(super) const INTERVAL_YEAR_TO_MONTH: u32 = 1188;
pub(super) const INTERVAL_DAY_TO_SECOND: u32 = 1190;

/// The modifier of SUPER.
const LARGEST_SUPER: i32 = 16_384_000;

/// Below this number are PostgreSQL's own tables.
const FIRST_TABLE: u32 = 16384;

/// Redshift's number of a type; `table` is the one that the column is of, if it is of one. Only in PostgreSQL's catalogs
/// there is text without a length.
pub(super) fn redshift_oid(oid: u32, table: u32, modifier: i32, types: &Types) -> u32 {
    match oid {
        TEXT if !(1..FIRST_TABLE).contains(&table) => VARCHAR,
        INTERVAL => match IntervalFields::of_modifier(modifier.into()) {
            Some(IntervalFields::YearToMonth) => INTERVAL_YEAR_TO_MONTH,
            Some(IntervalFields::DayToSecond) => INTERVAL_DAY_TO_SECOND,
            None => INTERVAL,
        },
        oid => types.redshift(oid),
    }
}

/// PostgreSQL's number of a parameter's type.
fn engine_oid(oid: u32, types: &Types) -> u32 {
    match oid {
        INTERVAL_YEAR_TO_MONTH | INTERVAL_DAY_TO_SECOND => INTERVAL,
        oid => types.engine(oid),
    }
}

/// Writes a RowDescription with Redshift's numbers.
pub(super) fn row_description(
    out: &mut Vec<u8>,
    whole: &[u8],
    types: &Types,
) -> std::io::Result<()> {
    const HEAD: usize = 5;
    let start = out.len();
    out.extend_from_slice(whole);
    let body = &whole[HEAD..];
    let mut reader = Reader(body);
    for _ in 0..reader.i16()? {
        let column = reader.column()?;
        let modifier = column.modifier;
        // The type's number, length and modifier are the last but the format.
        let at = start + HEAD + body.len() - reader.0.len() - 12;
        let oid = redshift_oid(column.oid, column.table, modifier, types);
        out[at..at + 4].copy_from_slice(&oid.to_be_bytes());
        let (length, modifier) = match oid {
            NAME => (Some(128_i16), modifier),
            INTERVAL_YEAR_TO_MONTH => (Some(4), modifier),
            INTERVAL_DAY_TO_SECOND => (Some(8), modifier),
            SUPER if modifier < 0 => (None, LARGEST_SUPER),
            _ => continue,
        };
        if let Some(length) = length {
            out[at + 4..at + 6].copy_from_slice(&length.to_be_bytes());
        }
        out[at + 6..at + 10].copy_from_slice(&modifier.to_be_bytes());
    }
    Ok(())
}

/// Writes a ParameterDescription with Redshift's numbers.
pub(super) fn parameter_description(out: &mut Vec<u8>, whole: &[u8], types: &Types) {
    const HEAD: usize = 7;
    out.extend_from_slice(&whole[..HEAD.min(whole.len())]);
    for oid in whole.get(HEAD..).unwrap_or_default().chunks_exact(4) {
        let oid = u32::from_be_bytes([oid[0], oid[1], oid[2], oid[3]]);
        out.extend_from_slice(&redshift_oid(oid, 0, -1, types).to_be_bytes());
    }
}

impl Session<'_> {
    /// The end of a Parse message: how many types, and PostgreSQL's numbers of them.
    pub(super) fn parameter_types(&self, oids: &[u32]) -> Vec<u8> {
        let types = self.shared.engine.types();
        let mut bytes = (oids.len() as u16).to_be_bytes().to_vec();
        for oid in oids {
            bytes.extend_from_slice(&engine_oid(*oid, types).to_be_bytes());
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MONTHS: i32 = 1 << 1 | 1 << 2;
    const FINER: i32 = 1 << 3 | 1 << 10 | 1 << 11 | 1 << 12;
    const ALL_FIELDS: i32 = 0x7fff;

    #[test]
    fn intervals_are_told_apart_by_their_fields() {
        let modifier = |fields: i32| fields << 16 | 0xffff;
        let types = Types::default();
        let oid = |modifier: i32| redshift_oid(INTERVAL, 0, modifier, &types);
        assert_eq!(oid(-1), INTERVAL);
        assert_eq!(oid(modifier(MONTHS)), INTERVAL_YEAR_TO_MONTH);
        assert_eq!(oid(modifier(1 << 2)), INTERVAL_YEAR_TO_MONTH);
        assert_eq!(oid(modifier(FINER)), INTERVAL_DAY_TO_SECOND);
        assert_eq!(oid(modifier(1 << 10)), INTERVAL_DAY_TO_SECOND);
        assert_eq!(oid(modifier(ALL_FIELDS)), INTERVAL);
    }

    #[test]
    fn text_is_varchar_but_in_catalogs() {
        let types = Types::default();
        assert_eq!(redshift_oid(TEXT, 0, -1, &types), VARCHAR);
        assert_eq!(redshift_oid(TEXT, 20_000, -1, &types), VARCHAR);
        assert_eq!(redshift_oid(TEXT, 1255, -1, &types), TEXT);
    }

    #[test]
    fn sizes_are_redshifts() {
        let column = |oid: u32, length: i16, modifier: i32| {
            let mut body = b"\0\x01x\0\0\0\0\0\0\0".to_vec();
            body.extend_from_slice(&oid.to_be_bytes());
            body.extend_from_slice(&length.to_be_bytes());
            body.extend_from_slice(&modifier.to_be_bytes());
            body.extend_from_slice(&[0, 0]);
            let whole = [b"T\0\0\0\0".as_slice(), &body].concat();
            let mut out = Vec::new();
            row_description(&mut out, &whole, &Types::default()).expect("a description");
            assert_eq!(out.len(), whole.len());
            let sizes = out[whole.len() - 8..whole.len() - 2].to_vec();
            (
                i16::from_be_bytes([sizes[0], sizes[1]]),
                i32::from_be_bytes([sizes[2], sizes[3], sizes[4], sizes[5]]),
            )
        };
        assert_eq!(column(NAME, 64, -1), (128, -1));
        assert_eq!(column(23, 4, -1), (4, -1));
        assert_eq!(column(SUPER, -1, -1), (-1, 16_384_000));
        let months = MONTHS << 16 | 0xffff;
        assert_eq!(column(INTERVAL, 16, months), (4, months));
    }
}
