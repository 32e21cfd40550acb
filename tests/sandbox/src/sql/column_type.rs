//! The types of columns.

use super::cursor::Cursor;
use super::lexer::Kind;
use crate::protocol::{SqlError, SqlResult};

/// Types that PostgreSQL has and Redshift has not.
pub(super) const UNSUPPORTED: [&str; 31] = [
    "bytea",
    "uuid",
    "json",
    "jsonb",
    "money",
    "inet",
    "cidr",
    "macaddr",
    "macaddr8",
    "varbit",
    "xml",
    "serial",
    "bigserial",
    "smallserial",
    "point",
    "line",
    "lseg",
    "box",
    "path",
    "polygon",
    "circle",
    "tsvector",
    "tsquery",
    "hstore",
    "int4range",
    "int8range",
    "numrange",
    "tsrange",
    "tstzrange",
    "daterange",
    "citext",
];

/// Types besides that only a column cannot have.
const UNSUPPORTED_OF_COLUMNS: [&str; 13] = [
    "bit",
    "serial2",
    "serial4",
    "serial8",
    "interval",
    "name",
    "oid",
    "regclass",
    "regtype",
    "refcursor",
    "abstime",
    "reltime",
    "enum",
];

/// Reads a column's type and returns PostgreSQL's equal, except that VARBYTE keeps its length.
pub(super) fn column_type(cursor: &mut Cursor<'_>, table: &str, column: &str) -> SqlResult<String> {
    if cursor.text().eq_ignore_ascii_case("\"char\"") {
        return Err(unsupported(table, column, "\"char\""));
    }
    let name = type_name(cursor)?;
    let arguments = arguments(cursor)?;
    if cursor.is_kind(Kind::OpenBracket) || cursor.is("array") {
        return Err(unsupported(table, column, &format!("{name}[]")));
    }
    let plain = |spelled: &str| {
        if arguments.is_empty() {
            Ok(spelled.to_owned())
        } else {
            Err(SqlError::syntax("("))
        }
    };
    match &*name {
        "smallint" | "int2" => plain("smallint"),
        "integer" | "int" | "int4" => plain("integer"),
        "bigint" | "int8" => plain("bigint"),
        "real" | "float4" => plain("real"),
        "double precision" | "float8" => plain("double precision"),
        "float" => match arguments[..] {
            [] | [25..=53] => Ok("double precision".to_owned()),
            [1..=24] => Ok("real".to_owned()),
            _ => Err(SqlError::new(
                "22023",
                "precision for FLOAT must be between 1 and 53",
            )),
        },
        "boolean" | "bool" => plain("boolean"),
        "date" => plain("date"),
        "time" | "time without time zone" => plain("time"),
        "timetz" | "time with time zone" => plain("timetz"),
        "timestamp" | "timestamp without time zone" | "datetime" => plain("timestamp"),
        "timestamptz" | "timestamp with time zone" => plain("timestamptz"),
        "numeric" | "decimal" | "dec" => numeric(&arguments),
        "char" | "character" | "nchar" => character("char", &arguments, 1, 4096),
        "bpchar" => Ok("char(256)".to_owned()),
        "varchar" | "character varying" | "char varying" | "nvarchar" | "nchar varying" => {
            character("varchar", &arguments, 256, MAX)
        }
        "text" => Ok("varchar(256)".to_owned()),
        name @ ("super" | "geometry" | "geography" | "hllsketch") => plain(name),
        "intervaly2m" => plain("interval year to month"),
        "intervald2s" => plain("interval day to second"),
        "varbyte" | "varbinary" => character("varbyte", &arguments, 64_000, 1_024_000),
        name if name.starts_with("interval ") => match arguments[..] {
            [precision @ 0..=6] if name.ends_with("second") => Ok(format!("{name}({precision})")),
            [precision] if name.ends_with("second") => Err(SqlError::new(
                "22023",
                format!("INTERVAL({precision}) precision must be between 0 and 6"),
            )),
            _ => plain(name),
        },
        name if UNSUPPORTED.contains(&name) || UNSUPPORTED_OF_COLUMNS.contains(&name) => {
            Err(unsupported(table, column, name))
        }
        name => Err(SqlError::new(
            "42704",
            format!("type \"{name}\" does not exist"),
        )),
    }
}

/// What `VARCHAR(MAX)` means.
pub(super) const MAX: i64 = 65_535;

fn unsupported(table: &str, column: &str, name: &str) -> SqlError {
    let name = match name {
        "serial" | "serial4" => "integer with sequence",
        name => name,
    };
    SqlError::unsupported(format!(
        "Column \"{table}.{column}\" has unsupported type \"{name}\"."
    ))
}

fn type_name(cursor: &mut Cursor<'_>) -> SqlResult<String> {
    let mut name = cursor.word()?;
    if cursor.accept_kind(Kind::Dot) {
        name = cursor.word()?;
    }
    let followers: &[&[&str]] = match &*name {
        "double" => &[&["precision"]],
        "character" | "char" | "nchar" | "binary" | "bit" => &[&["varying"]],
        "time" | "timestamp" => &[&["with", "time", "zone"], &["without", "time", "zone"]],
        "interval" => &[
            &["year", "to", "month"],
            &["day", "to", "hour"],
            &["day", "to", "minute"],
            &["day", "to", "second"],
            &["hour", "to", "minute"],
            &["hour", "to", "second"],
            &["minute", "to", "second"],
            &["year"],
            &["month"],
            &["day"],
            &["hour"],
            &["minute"],
            &["second"],
        ],
        _ => &[],
    };
    if let Some(words) = followers.iter().find(|words| cursor.accept_all(words)) {
        name.push(' ');
        name.push_str(&words.join(" "));
    }
    if name == "binary varying" {
        name = "varbyte".to_owned();
    }
    Ok(name)
}

pub(super) fn arguments(cursor: &mut Cursor<'_>) -> SqlResult<Vec<i64>> {
    let mut arguments = Vec::new();
    if cursor.accept_kind(Kind::Open) {
        loop {
            arguments.push(if cursor.accept("max") {
                MAX
            } else {
                cursor.integer()?
            });
            if !cursor.accept_kind(Kind::Comma) {
                break;
            }
        }
        cursor.expect_kind(Kind::Close)?;
    }
    Ok(arguments)
}

pub(super) fn numeric(arguments: &[i64]) -> SqlResult<String> {
    let (precision, scale) = match *arguments {
        [] => (18, 0),
        [precision] => (precision, 0),
        [precision, scale] => (precision, scale),
        _ => return Err(SqlError::new("22023", "invalid NUMERIC type modifier")),
    };
    if !(1..=38).contains(&precision) {
        return Err(SqlError::new(
            "22023",
            format!("NUMERIC precision {precision} must be between 1 and 38"),
        ));
    }
    if !(0..=precision.min(37)).contains(&scale) {
        let most = if precision > 37 {
            "37".to_owned()
        } else {
            format!("precision {precision}")
        };
        let message = format!("NUMERIC scale {scale} must be between 0 and {most}");
        return Err(SqlError::new("22023", message));
    }
    Ok(format!("numeric({precision},{scale})"))
}

fn character(name: &str, arguments: &[i64], default: i64, longest: i64) -> SqlResult<String> {
    let length = match *arguments {
        [] => default,
        [length] => length,
        _ => return Err(SqlError::syntax(",")),
    };
    if length < 1 {
        return Err(SqlError::new(
            "22023",
            format!("length for type {name} must be at least 1"),
        ));
    }
    if length > longest {
        return Err(SqlError::new(
            "22023",
            format!("length for type {name} cannot exceed {longest}"),
        ));
    }
    Ok(format!("{name}({length})"))
}
