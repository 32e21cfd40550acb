//! The columns that a load fills.

use super::format::Format;
use super::interval::Fields;
use super::options::Options;
use crate::engine::{Connection, Failure};
use crate::protocol::{SqlError, SqlResult};
use crate::sql::Name;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    SmallInt,
    Integer,
    BigInt,
    Real,
    Double,
    Numeric {
        precision: usize,
        scale: usize,
    },
    Boolean,
    Date,
    Timestamp,
    TimestampTz,
    Time,
    TimeTz,
    Char(usize),
    Varchar(usize),
    Super,
    /// So many bytes, two hex digits each.
    Varbyte(usize),
    /// EWKB in hex digits, for GEOMETRY and GEOGRAPHY.
    Ewkb,
    Sketch,
    Interval(Fields),
}

#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Type,
    pub(super) not_null: bool,
    /// What `stl_load_errors` calls its type and length.
    pub(super) type_name: String,
    pub(super) length: String,
    identity: Identity,
    /// The expression of its default.
    default: Option<String>,
}

/// A column that the files do not fill, and what all of its rows have.
#[derive(Debug)]
pub(super) struct Constant {
    pub(super) name: String,
    pub(super) value: Option<String>,
}

impl Constant {
    pub(super) fn new((name, value): (String, String)) -> Self {
        let value = Some(value);
        Self { name, value }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Identity {
    None,
    Always,
    ByDefault,
}

impl Column {
    pub(super) fn is_text(&self) -> bool {
        matches!(self.kind, Type::Char(_) | Type::Varchar(_))
    }

    /// Whether only delimited text and CSV can fill it.
    pub(super) fn is_special(&self) -> bool {
        matches!(self.kind, Type::Ewkb | Type::Sketch)
    }
}

/// A table to load into.
pub(super) struct Target {
    pub(super) oid: i64,
    /// In the order of the file's fields.
    pub(super) columns: Vec<Column>,
    /// A column that is not filled, has no default and cannot be null, if there is one.
    pub(super) impossible: Option<Column>,
    /// Defaults that have a value for each load, not for each row.
    pub(super) constants: Vec<Constant>,
}

impl Target {
    /// Refuses what cannot be loaded in this form into columns of such types.
    pub(super) fn check(&self, options: &Options) -> SqlResult<()> {
        let given = if matches!(options.format, Format::FixedWidth(_)) {
            "FIXEDWIDTH"
        } else if options.remove_quotes {
            "REMOVEQUOTES"
        } else {
            return Ok(());
        };
        let mut columns = self.columns.iter();
        match columns.find(|column| matches!(column.kind, Type::Varbyte(_))) {
            Some(column) => Err(SqlError::unsupported(format!(
                "{given} argument is not supported for column \"{}\" of type VARBYTE",
                column.name
            ))),
            None => Ok(()),
        }
    }
}

pub(crate) fn nonexistent(table: &Name) -> SqlError {
    SqlError::internal(format!("Cannot COPY into nonexistent table {}", table.name))
}

/// Asks PostgreSQL for the table, in the client's own session: it may be a temporary one, or not committed yet.
pub(super) fn target(
    engine: &mut Connection,
    table: &Name,
    list: Option<&[String]>,
    explicit_ids: bool,
) -> Result<Target, Failure> {
    let sql = format!(
        "SELECT c.oid::bigint, c.relkind, a.attname, a.atttypid::bigint, a.atttypmod, a.attnotnull, a.attidentity, \
         pg_get_expr(d.adbin, d.adrelid), t.typname, (SELECT substring(pg_engine.pg_get_constraintdef(k.oid) from '<= ([0-9]+)') \
         FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.conkey = ARRAY[a.attnum] LIMIT 1) \
         FROM pg_class c \
         LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
         LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum \
         LEFT JOIN pg_type t ON t.oid = a.atttypid WHERE c.oid = {} ORDER BY a.attnum",
        table.regclass()
    );
    let rows = engine.run(&sql)?.rows;
    let text =
        |row: &[Option<String>], at: usize| row.get(at).cloned().flatten().unwrap_or_default();
    let Some(first) = rows.first() else {
        return Err(nonexistent(table).into());
    };
    if text(first, 1) != "r" {
        return Err(SqlError::new(
            "42809",
            format!("cannot copy to \"{}\": it is not a table", table.name),
        )
        .into());
    }
    let oid = text(first, 0).parse().unwrap_or(0);
    let mut all = Vec::with_capacity(rows.len());
    for row in rows.iter().filter(|row| !text(row, 2).is_empty()) {
        let number = |at: usize| text(row, at).parse::<i64>().unwrap_or(-1);
        let (kind, length) =
            kind(&text(row, 8), number(3), number(4), number(9)).ok_or_else(|| {
                SqlError::not_imitated(&format!("COPY into a column of type {}", text(row, 8)))
            })?;
        all.push(Column {
            name: text(row, 2),
            kind,
            not_null: text(row, 5) == "t",
            type_name: text(row, 8).replace("bpchar", "char"),
            length,
            identity: match &*text(row, 6) {
                "a" => Identity::Always,
                "d" => Identity::ByDefault,
                _ => Identity::None,
            },
            default: row.get(7).cloned().flatten(),
        });
    }
    let columns = choose(&all, table, list, explicit_ids)?;
    let impossible = all
        .iter()
        .find(|column| {
            column.not_null
                && column.default.is_none()
                && column.identity == Identity::None
                && !columns.iter().any(|chosen| chosen.name == column.name)
        })
        .cloned();
    let constants = constants(engine, &all, &columns)?;
    Ok(Target {
        oid,
        columns,
        impossible,
        constants,
    })
}

/// Evaluates the defaults of the columns that are not filled, where PostgreSQL would do so for every row.
fn constants(
    engine: &mut Connection,
    all: &[Column],
    filled: &[Column],
) -> Result<Vec<Constant>, Failure> {
    let mut names = Vec::new();
    let mut expressions = Vec::new();
    for column in all {
        let is_filled = filled.iter().any(|filled| filled.name == column.name);
        // The others have no function that answers differently each time.
        let may_differ = !matches!(
            column.kind,
            Type::Super | Type::Varbyte(_) | Type::Ewkb | Type::Sketch | Type::Interval(_)
        );
        if let Some(default) = &column.default
            && !is_filled
            && may_differ
            && default.contains('(')
        {
            names.push(column.name.clone());
            expressions.push(format!("({default})::text"));
        }
    }
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let answer = engine.run(&format!("SELECT {}", expressions.join(", ")))?;
    let values = answer.rows.into_iter().flatten();
    Ok(names
        .into_iter()
        .zip(values)
        .map(|(name, value)| Constant { name, value })
        .collect())
}

fn choose(
    all: &[Column],
    table: &Name,
    list: Option<&[String]>,
    explicit_ids: bool,
) -> SqlResult<Vec<Column>> {
    let Some(list) = list else {
        return Ok(all
            .iter()
            .filter(|column| explicit_ids || column.identity == Identity::None)
            .cloned()
            .collect());
    };
    let mut chosen = Vec::with_capacity(list.len());
    for name in list {
        let column = all
            .iter()
            .find(|column| column.name == *name)
            .ok_or_else(|| {
                SqlError::new(
                    "42703",
                    format!(
                        "column \"{name}\" of relation \"{}\" does not exist",
                        table.name
                    ),
                )
            })?;
        if column.identity == Identity::Always && !explicit_ids {
            return Err(SqlError::new(
                "0A000",
                format!("cannot set an identity column to a value: \"{name}\""),
            )
            .hint("Add EXPLICIT_IDS to load its values from the files."));
        }
        chosen.push(column.clone());
    }
    let omitted = all
        .iter()
        .find(|column| column.identity == Identity::Always && !list.contains(&column.name));
    if let Some(column) = omitted
        && explicit_ids
    {
        return Err(SqlError::new(
            "0A000",
            format!(
                "EXPLICIT_IDS needs the identity column \"{}\" in the column list",
                column.name
            ),
        ));
    }
    Ok(chosen)
}

/// From the type's name and number, its modifier, and the limit of a check.
fn kind(name: &str, oid: i64, modifier: i64, bytes: i64) -> Option<(Type, String)> {
    let length = usize::try_from(modifier - 4).unwrap_or(65_535);
    let plain = |kind| Some((kind, "0".to_owned()));
    match name {
        "super" => return plain(Type::Super),
        "geometry" | "geography" => return plain(Type::Ewkb),
        "hllsketch" => return plain(Type::Sketch),
        "varbyte" => {
            let length = usize::try_from(bytes).unwrap_or(1_024_000);
            return Some((Type::Varbyte(length), length.to_string()));
        }
        _ => {}
    }
    match oid {
        21 => plain(Type::SmallInt),
        23 => plain(Type::Integer),
        20 => plain(Type::BigInt),
        700 => plain(Type::Real),
        701 => plain(Type::Double),
        16 => plain(Type::Boolean),
        1082 => plain(Type::Date),
        1114 => plain(Type::Timestamp),
        1184 => plain(Type::TimestampTz),
        1083 => plain(Type::Time),
        1186 => plain(Type::Interval(Fields::of_modifier(modifier)?)),
        1266 => plain(Type::TimeTz),
        1700 => {
            let modifier = usize::try_from(modifier - 4).unwrap_or((38 << 16) | 18);
            let (precision, scale) = (modifier >> 16, modifier & 0x7ff);
            Some((
                Type::Numeric { precision, scale },
                format!("{precision}, {scale}"),
            ))
        }
        1042 => Some((Type::Char(length), length.to_string())),
        1043 | 25 => Some((Type::Varchar(length), length.to_string())),
        _ => None,
    }
}
