//! `HLLSKETCH`: JSON while the sketch is sparse, Base64 once it is dense.

use std::fmt;

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, IsNull, Output, ToSql};

use crate::sql_types::HllSketch;
use crate::{Redshift, backend::RedshiftValue};

/// A value of `HLLSKETCH` in the text form that Redshift prints and takes: JSON while it is sparse
/// (`{"logm":15,"sparse":{"indices":[4878],"values":[1]}}`), Base64 once it is dense.
///
/// ```
/// use diesel_redshift::data_types::Sketch;
///
/// let sketch = Sketch::new(r#"{"logm":15,"sparse":{"indices":[4878],"values":[1]}}"#);
/// assert!(sketch.as_str().starts_with('{'));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = HllSketch)]
pub struct Sketch(String);

impl Sketch {
    /// A sketch of this text. It is not read: the server refuses what is no sketch.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, owned.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl From<String> for Sketch {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Sketch {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl fmt::Display for Sketch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl ToSql<HllSketch, Redshift> for Sketch {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Redshift>) -> serialize::Result {
        out.set_value(&*self.0);
        Ok(IsNull::No)
    }
}

impl FromSql<HllSketch, Redshift> for Sketch {
    fn from_sql(value: RedshiftValue<'_>) -> deserialize::Result<Self> {
        match value.as_str() {
            Ok(text) if !text.is_empty() => Ok(Self(text.to_owned())),
            _ => Err(value.unreadable("an HLLSKETCH (JSON or Base64)")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::round_trip::{text_of, value_of};
    use super::*;

    #[test]
    fn round_trip() {
        let sketch = Sketch(r#"{"logm":15,"sparse":{"indices":[1],"values":[2]}}"#.to_owned());
        let text = text_of::<HllSketch, _>(&sketch);
        assert_eq!(value_of::<HllSketch, Sketch>(&text).expect("reads"), sketch);
        assert!(value_of::<HllSketch, Sketch>("").is_err());
    }
}
