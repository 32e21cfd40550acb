//! The columns of the query that is unloaded.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::parquet::Kind;
use crate::copy::IntervalFields;
use crate::engine::{Connection, Failure, GEOGRAPHY, GEOMETRY, HLLSKETCH, SUPER, Types, VARBYTE};
use crate::protocol::{Reader, ServerMessage, frontend};

pub(super) struct Column {
    pub(super) name: String,
    /// Redshift's number of its type.
    oid: u32,
    modifier: i32,
}

/// What a column's values are in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum JsonKind {
    Boolean,
    Number,
    Json,
    Text,
}

/// Asks PostgreSQL what the query would return.
pub(super) fn columns(
    engine: &mut Connection,
    types: &Types,
    query: &str,
) -> Result<Vec<Column>, Failure> {
    const NAME: &str = "redshift_sandbox_unload";
    let mut out = Vec::new();
    frontend::parse(&mut out, NAME, query, &0_i16.to_be_bytes());
    frontend::describe_statement(&mut out, NAME);
    frontend::close_statement(&mut out, NAME);
    frontend::sync(&mut out);
    engine.send(&out)?;
    let mut columns = Vec::new();
    let mut failure = None;
    loop {
        let head = engine.wait()?;
        let body = engine.inbox.body(head);
        match head.tag {
            b'T' => columns = row_description(body, types)?,
            b'E' => failure = Some(ServerMessage::parse(body)),
            b'Z' => engine.status = body.first().copied().unwrap_or(b'I'),
            _ => {}
        }
        engine.inbox.consume(head.total);
        if head.tag == b'Z' {
            return match failure {
                Some(message) => Err(Failure::Server(message)),
                None => Ok(columns),
            };
        }
    }
}

fn row_description(body: &[u8], types: &Types) -> std::io::Result<Vec<Column>> {
    let columns = Reader(body).columns()?;
    let of_redshift = columns.into_iter().map(|column| Column {
        name: column.name.to_owned(),
        oid: types.redshift(column.oid),
        modifier: column.modifier,
    });
    Ok(of_redshift.collect())
}

/// The query with its instants in UTC, whatever the time zone is that it is handled in. See [`Column::text_of`].
pub(super) fn in_utc<'a>(query: &'a str, columns: &[Column]) -> Cow<'a, str> {
    if !columns.iter().any(Column::is_instant) {
        return Cow::Borrowed(query);
    }
    let name = |at: usize| format!("c{at}");
    let names: Vec<_> = (0..columns.len()).map(name).collect();
    let selected: Vec<_> = columns
        .iter()
        .zip(&names)
        .map(|(column, name)| {
            let zone = if column.is_instant() {
                " AT TIME ZONE 'UTC'"
            } else {
                ""
            };
            format!("{name}{zone}")
        })
        .collect();
    let (selected, names) = (selected.join(", "), names.join(", "));
    Cow::Owned(format!("SELECT {selected} FROM ({query}) AS q({names})"))
}

impl Column {
    #[cfg(test)]
    pub(super) fn text(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            oid: 1043,
            modifier: -1,
        }
    }

    pub(super) fn json_kind(&self) -> JsonKind {
        match self.oid {
            16 => JsonKind::Boolean,
            20 | 21 | 23 | 700 | 701 | 1700 => JsonKind::Number,
            SUPER => JsonKind::Json,
            _ => JsonKind::Text,
        }
    }

    /// Of a type that only text and CSV can hold.
    pub(super) fn is_special(&self) -> bool {
        matches!(self.oid, VARBYTE | GEOMETRY | GEOGRAPHY | HLLSKETCH)
    }

    /// What it is in a Parquet file, if it can be in one.
    pub(super) fn parquet(&self) -> Option<Kind> {
        Some(match self.oid {
            16 => Kind::Boolean,
            20 => Kind::BigInt,
            21 => Kind::SmallInt,
            23 => Kind::Integer,
            700 => Kind::Real,
            701 => Kind::Double,
            1082 => Kind::Date,
            1083 => Kind::Time,
            1114 | 1184 => Kind::Timestamp,
            1700 => {
                let (precision, scale) = self.digits();
                Kind::Decimal { precision, scale }
            }
            SUPER => Kind::Json,
            // Among them the types of literals and of names in the catalog.
            18 | 19 | 25 | 705 | 1042 | 1043 => Kind::Text,
            _ => return None,
        })
    }

    /// The precision and scale of a number; Redshift's widest for one that PostgreSQL does not limit.
    fn digits(&self) -> (usize, usize) {
        match usize::try_from(self.modifier - 4) {
            Ok(modifier) => (modifier >> 16, modifier & 0x7ff),
            Err(_) => (38, 18),
        }
    }

    /// Whether AWS lets UNLOAD be partitioned by it.
    pub(super) fn can_partition(&self) -> bool {
        matches!(
            self.oid,
            16 | 20 | 21 | 23 | 25 | 700 | 1042 | 1043 | 1082 | 1114 | 1700
        )
    }

    /// What stands for NULL: a SUPER has a null of JSON's whatever the option says.
    pub(super) fn null<'a>(&self, option: &'a [u8]) -> &'a [u8] {
        match self.json_kind() {
            JsonKind::Json => b"null",
            _ => option,
        }
    }

    /// What stands for NULL in a field of fixed width: nothing where the marker is too long for a value that is no text.
    pub(super) fn null_within<'a>(&self, option: &'a [u8], width: usize) -> &'a [u8] {
        let null = self.null(option);
        let is_text = matches!(self.parquet(), Some(Kind::Text));
        if null.len() > width && !is_text {
            b""
        } else {
            null
        }
    }

    fn is_instant(&self) -> bool {
        self.oid == 1184
    }

    /// A value as files of text have it. An instant comes without its zone, which is UTC.
    pub(super) fn text_of<'a>(&self, value: &'a [u8]) -> Cow<'a, [u8]> {
        let fields = match self.oid {
            1184 if value.first().is_some_and(u8::is_ascii_digit) => {
                let (value, era) = match value.strip_suffix(b" BC") {
                    Some(value) => (value, &b" BC"[..]),
                    None => (value, &b""[..]),
                };
                return Cow::Owned([value, b"+00", era].concat());
            }
            1186 => IntervalFields::of_modifier(i64::from(self.modifier)),
            _ => return Cow::Borrowed(value),
        };
        match fields.and_then(|fields| fields.of_engine(value)) {
            Some(shown) => Cow::Owned(shown.into_bytes()),
            None => Cow::Borrowed(value),
        }
    }

    /// A value without the blanks that pad a CHAR.
    pub(super) fn shown<'a>(&self, value: &'a [u8]) -> &'a [u8] {
        if self.oid == 1042 {
            value.trim_ascii_end()
        } else {
            value
        }
    }

    /// Redshift's name of its type.
    pub(super) fn base(&self) -> String {
        self.schema()["type"]["base"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// As a verbose manifest writes it.
    pub(super) fn schema(&self) -> Value {
        let length = if self.modifier > 4 {
            self.modifier - 4
        } else {
            65_535
        };
        let kind = match self.oid {
            16 => json!({ "base": "boolean" }),
            20 => json!({ "base": "bigint" }),
            21 => json!({ "base": "smallint" }),
            23 => json!({ "base": "integer" }),
            700 => json!({ "base": "real" }),
            701 => json!({ "base": "double precision" }),
            1042 => json!({ "base": "character", "max_length": length }),
            1082 => json!({ "base": "date" }),
            1083 => json!({ "base": "time without time zone" }),
            1114 => json!({ "base": "timestamp without time zone" }),
            1184 => json!({ "base": "timestamp with time zone" }),
            1186 => json!({ "base": "interval" }),
            1266 => json!({ "base": "time with time zone" }),
            1700 => {
                let (precision, scale) = self.digits();
                json!({ "base": "numeric", "precision": precision, "scale": scale })
            }
            oid @ (SUPER | GEOMETRY | GEOGRAPHY | HLLSKETCH) => json!({ "base": Types::name(oid) }),
            _ => json!({ "base": "character varying", "max_length": length }),
        };
        json!({ "name": self.name, "type": kind })
    }
}
