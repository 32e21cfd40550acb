//! The OIDs of Redshift's types, which are constants of the service, and how a value of each stands
//! in SQL.

pub(crate) const BOOLEAN: u32 = 16;
pub(crate) const NAME: u32 = 19;
pub(crate) const BIGINT: u32 = 20;
pub(crate) const SMALLINT: u32 = 21;
pub(crate) const INTEGER: u32 = 23;
pub(crate) const TEXT: u32 = 25;
pub(crate) const REAL: u32 = 700;
pub(crate) const DOUBLE_PRECISION: u32 = 701;
pub(crate) const CHAR: u32 = 1042;
pub(crate) const VARCHAR: u32 = 1043;
pub(crate) const DATE: u32 = 1082;
pub(crate) const TIME: u32 = 1083;
pub(crate) const TIMESTAMP: u32 = 1114;
pub(crate) const TIMESTAMPTZ: u32 = 1184;
pub(crate) const INTERVAL: u32 = 1186;
pub(crate) const INTERVAL_YEAR_TO_MONTH: u32 = 1188;
pub(crate) const INTERVAL_DAY_TO_SECOND: u32 = 1190;
pub(crate) const TIMETZ: u32 = 1266;
pub(crate) const DECIMAL: u32 = 1700;
pub(crate) const HLLSKETCH: u32 = 2935;
pub(crate) const GEOMETRY: u32 = 3000;
pub(crate) const GEOGRAPHY: u32 = 3001;
pub(crate) const SUPER: u32 = 4000;
pub(crate) const VARBYTE: u32 = 6551;

/// Lets the server take a parameter's type from where it stands.
const UNSPECIFIED: u32 = 0;

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
        TIMETZ => "timetz",
        TIMESTAMP => "timestamp",
        TIMESTAMPTZ => "timestamptz",
        INTERVAL => "interval",
        INTERVAL_YEAR_TO_MONTH => "interval year to month",
        INTERVAL_DAY_TO_SECOND => "interval day to second",
        // Without precision a cast to DECIMAL is one to DECIMAL(18,0).
        DECIMAL => "decimal(38,18)",
        HLLSKETCH => "hllsketch",
        GEOMETRY => "geometry",
        GEOGRAPHY => "geography",
        SUPER => "super",
        VARBYTE => "varbyte",
        _ => return None,
    })
}

/// What stands before and after the literal of a value of this type, where quotes and a cast do not
/// do.
pub(crate) fn literal(oid: u32) -> Option<(&'static str, &'static str)> {
    Some(match oid {
        INTERVAL => ("INTERVAL ", ""),
        INTERVAL_YEAR_TO_MONTH => ("INTERVAL ", " YEAR TO MONTH"),
        INTERVAL_DAY_TO_SECOND => ("INTERVAL ", " DAY TO SECOND"),
        _ => return constructor(oid).map(|function| (function, ")")),
    })
}

/// The function that makes a value of the type from text, with its opening parenthesis.
fn constructor(oid: u32) -> Option<&'static str> {
    Some(match oid {
        GEOMETRY => "ST_GeomFromEWKB(",
        GEOGRAPHY => "ST_GeogFromWKB(",
        SUPER => "JSON_PARSE(",
        VARBYTE => "FROM_HEX(",
        _ => return None,
    })
}

/// How a parameter of a type is written and declared, where `$1` alone would be wrong or might be.
pub(crate) struct Parameter {
    /// The type to declare to the server.
    pub(crate) oid: u32,
    pub(crate) before: &'static str,
    pub(crate) after: &'static str,
}

/// The form of a parameter, if it is not just `$1` of the type itself.
///
/// Text assigned to `SUPER` becomes a JSON string, whatever it holds: only `JSON_PARSE` reads it.
/// Hex digits for a `VARBYTE` are read as such by its input function but as characters by a cast;
/// `FROM_HEX` of a `VARCHAR` knows one reading. The same goes for the constructors of shapes.
/// Intervals and sketches have an input function that a cast of an untyped parameter reaches.
pub(crate) fn parameter(oid: u32) -> Option<Parameter> {
    if let Some(function) = constructor(oid) {
        return Some(Parameter {
            oid: VARCHAR,
            before: function,
            after: ")",
        });
    }
    let cast = match oid {
        INTERVAL => "::interval",
        INTERVAL_YEAR_TO_MONTH => "::interval year to month",
        INTERVAL_DAY_TO_SECOND => "::interval day to second",
        HLLSKETCH => "::hllsketch",
        _ => return None,
    };
    Some(Parameter {
        oid: UNSPECIFIED,
        before: "",
        after: cast,
    })
}
