//! Types as casts name them.

use super::Rewriter;
use crate::protocol::{SqlError, SqlResult};
use crate::sql::column_type::MAX;
use crate::sql::lexer::Kind;

impl Rewriter<'_> {
    /// `CAST ( value AS type )`
    pub(super) fn cast(&self, out: &mut String, at: usize) -> SqlResult<Option<usize>> {
        let tree = self.tree;
        let close = tree.close(at + 1);
        let Some(word) = tree.find(at + 2..close, |at| tree.is(at, "as")) else {
            return Ok(None);
        };
        self.token(out, at);
        self.token(out, at + 1);
        self.emit(out, at + 2..word)?;
        self.token(out, word);
        let end = self.value_type(out, word + 1)?;
        self.emit(out, end..close + 1)?;
        Ok(Some(close + 1))
    }

    /// Writes the type that a value is cast to; returns where its name ends, or its length where it has one.
    pub(super) fn value_type(&self, out: &mut String, mut at: usize) -> SqlResult<usize> {
        let tree = self.tree;
        if tree.is_kind(at + 1, Kind::Dot) && tree.name(at + 2).is_some() {
            let schema = tree.name(at).unwrap_or_default();
            if schema != "pg_catalog" {
                let name = tree.text(at + 2);
                let message = format!("type \"{schema}.{name}\" does not exist");
                return Err(SqlError::new("42704", message));
            }
            self.token(out, at);
            self.token(out, at + 1);
            at += 2;
        }
        // The leader node's text has no length.
        let has_length = !self.names.has_system_table();
        let known = match &*tree.text(at).to_ascii_lowercase() {
            "datetime" => Some(("timestamp", 1)),
            "intervaly2m" => Some(("interval year to month", 1)),
            "intervald2s" => Some(("interval day to second", 1)),
            // A column of TEXT has 256 bytes; a value is not cut.
            "text" if has_length => {
                self.blanks_before(out, at);
                out.push_str("varchar");
                return Ok(at + 1);
            }
            "varchar" | "nvarchar" => Some(("varchar", 1)),
            "character" | "char" | "nchar" if tree.is(at + 1, "varying") => Some(("varchar", 2)),
            "varbyte" | "varbinary" => Some(("varbyte", 1)),
            "binary" if tree.is(at + 1, "varying") => Some(("varbyte", 2)),
            _ => None,
        };
        let Some((name, words)) = known else {
            self.plain(out, at);
            return Ok(self.length(out, at + 1));
        };
        self.blanks_before(out, at);
        out.push_str(name);
        at += words;
        // PostgreSQL's stand-in for VARBYTE has no length.
        let is_length = tree.is_kind(at, Kind::Open)
            && (tree.is_kind(at + 1, Kind::Number) || tree.is(at + 1, "max"))
            && tree.is_kind(at + 2, Kind::Close);
        if name == "varbyte" && is_length {
            return Ok(at + 3);
        }
        if name == "varchar" && has_length && !tree.is_kind(at, Kind::Open) {
            out.push_str("(256)");
        }
        Ok(self.length(out, at))
    }

    /// `(MAX)`
    fn length(&self, out: &mut String, mut at: usize) -> usize {
        let tree = self.tree;
        while tree.is(at, "varying") {
            self.token(out, at);
            at += 1;
        }
        if tree.is_kind(at, Kind::Open)
            && tree.is(at + 1, "max")
            && tree.is_kind(at + 2, Kind::Close)
        {
            out.push_str(&format!("({MAX})"));
            return at + 3;
        }
        at
    }
}
