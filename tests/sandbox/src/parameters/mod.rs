//! What COPY and UNLOAD have in common in their parameters.

mod argument;

use crate::protocol::{SqlError, SqlResult};
use crate::sql::Cursor;
pub(crate) use argument::{character, number, switch, widths};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compression {
    Gzip,
    Bzip2,
    Zstd,
}

impl Compression {
    /// As errors name it.
    pub(crate) fn program(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Bzip2 => "bzip2",
            Self::Zstd => "zstd",
        }
    }
}

/// Parameters as they are written, in any order.
#[derive(Default)]
pub(crate) struct Parameters {
    seen: Vec<String>,
    pub(crate) delimiter: Option<u8>,
    pub(crate) null: Option<Vec<u8>>,
    pub(crate) region: Option<String>,
}

impl Parameters {
    /// Reads the argument of a parameter that both statements have, if it is one.
    pub(crate) fn accept(&mut self, option: &str, cursor: &mut Cursor<'_>) -> SqlResult<bool> {
        match option {
            "delimiter" => {
                cursor.accept("as");
                self.delimiter = Some(character(cursor, "DELIMITER")?);
            }
            "null" => {
                cursor.accept("as");
                self.null = Some(argument::null_marker(cursor)?);
            }
            "region" => {
                cursor.accept("as");
                self.region = Some(argument::region(cursor)?);
            }
            "escape" | "gzip" | "bzip2" | "zstd" => {}
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Each can be there once.
    pub(crate) fn note(&mut self, option: &str) -> SqlResult<()> {
        if self.has(option) {
            return Err(conflicting(&option.to_ascii_uppercase()));
        }
        self.seen.push(option.to_owned());
        Ok(())
    }

    pub(crate) fn has(&self, option: &str) -> bool {
        self.seen.iter().any(|seen| seen == option)
    }

    pub(crate) fn seen(&self) -> impl Iterator<Item = &str> {
        self.seen.iter().map(String::as_str)
    }

    /// Refuses one together with the other.
    pub(crate) fn exclude(&self, one: &str, other: &str) -> SqlResult<()> {
        if self.has(one) && self.has(other) {
            let both = format!("{one}, {other}");
            return Err(conflicting(&both.to_ascii_uppercase()));
        }
        Ok(())
    }

    pub(crate) fn compression(&self) -> SqlResult<Option<Compression>> {
        self.exclude("gzip", "bzip2")?;
        self.exclude("gzip", "zstd")?;
        self.exclude("bzip2", "zstd")?;
        let compressions = [
            ("gzip", Compression::Gzip),
            ("bzip2", Compression::Bzip2),
            ("zstd", Compression::Zstd),
        ];
        let given = compressions
            .into_iter()
            .find(|(option, _)| self.has(option));
        Ok(given.map(|(_, compression)| compression))
    }
}

fn conflicting(options: &str) -> SqlError {
    SqlError::new(
        "42601",
        format!("conflicting or redundant options: {options}"),
    )
}

/// As Redshift refuses an option of another format.
pub(crate) fn not_for(option: &str, format: &str, statement: &str) -> SqlError {
    let option = option.to_ascii_uppercase();
    SqlError::unsupported(format!(
        "{option} argument is not supported for {format} based {statement}"
    ))
}
