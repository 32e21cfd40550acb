//! Types that Redshift numbers differently.

use super::Session;
use crate::copy::IntervalFields;
use crate::engine::Types;
use crate::protocol::Reader;

const TEXT: u32 = 25;
const VARCHAR: u32 = 1043;
pub(super) const INTERVAL: u32 = 1186;
pub(super) const INTERVAL_YEAR_TO_MONTH: u32 = 1188;
pub(super) const INTERVAL_DAY_TO_SECOND: u32 = 1190;

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
        reader.text()?;
        let table = reader.i32()? as u32;
        reader.bytes(2)?;
        let at = start + HEAD + body.len() - reader.0.len();
        let oid = reader.i32()? as u32;
        reader.bytes(2)?;
        let modifier = reader.i32()?;
        reader.bytes(2)?;
        let oid = redshift_oid(oid, table, modifier, types);
        out[at..at + 4].copy_from_slice(&oid.to_be_bytes());
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
}
