//! The OIDs of Redshift's types; they are constants of the service.

pub(crate) const BOOLEAN: u32 = 16;
pub(crate) const BIGINT: u32 = 20;
pub(crate) const SMALLINT: u32 = 21;
pub(crate) const INTEGER: u32 = 23;
pub(crate) const TEXT: u32 = 25;
pub(crate) const REAL: u32 = 700;
pub(crate) const DOUBLE_PRECISION: u32 = 701;
pub(crate) const VARCHAR: u32 = 1043;
pub(crate) const DATE: u32 = 1082;
pub(crate) const TIME: u32 = 1083;
pub(crate) const TIMESTAMP: u32 = 1114;
pub(crate) const TIMESTAMPTZ: u32 = 1184;
pub(crate) const DECIMAL: u32 = 1700;
pub(crate) const VARBYTE: u32 = 6551;

/// The type's name in a cast.
pub(crate) fn name(oid: u32) -> Option<&'static str> {
    Some(match oid {
        BOOLEAN => "boolean",
        BIGINT => "bigint",
        SMALLINT => "smallint",
        INTEGER => "integer",
        TEXT | VARCHAR => "varchar",
        REAL => "real",
        DOUBLE_PRECISION => "double precision",
        DATE => "date",
        TIME => "time",
        TIMESTAMP => "timestamp",
        TIMESTAMPTZ => "timestamptz",
        // Without precision a cast to DECIMAL is one to DECIMAL(18,0).
        DECIMAL => "decimal(38,18)",
        VARBYTE => "varbyte",
        _ => return None,
    })
}
