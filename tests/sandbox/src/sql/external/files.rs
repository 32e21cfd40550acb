//! How the files of an external table are written.

use crate::protocol::{SqlError, SqlResult};
use crate::sql::quote_literal;

/// How the files of a table are written, as far as the statement says.
#[derive(Default)]
pub(super) struct Files {
    pub(super) serde: Option<String>,
    pub(super) properties: Vec<(String, String)>,
    pub(super) stored_as: String,
    pub(super) delimiter: Option<String>,
    pub(super) table_properties: Vec<(String, String)>,
}

impl Files {
    fn property(&self, name: &str) -> Option<&str> {
        let mut all = self.properties.iter().chain(&self.table_properties);
        let found = all.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| &**value)
    }

    /// The options by which COPY reads the files; none for what it cannot read.
    pub(super) fn reader(&self) -> SqlResult<Option<String>> {
        const TAKEN: [&str; 10] = [
            "skip.header.line.count",
            "serialization.null.format",
            "serialization.format",
            "field.delim",
            "separatorchar",
            "quotechar",
            "numrows",
            "compression_type",
            "ignore.malformed.json",
            "external",
        ];
        let mut all = self.properties.iter().chain(&self.table_properties);
        if let Some((other, _)) =
            all.find(|(name, _)| !TAKEN.contains(&&*name.to_ascii_lowercase()))
        {
            return Err(SqlError::not_imitated(&format!(
                "The property '{other}' of an external table"
            )));
        }
        let mut options = match (&*self.stored_as, self.serde.as_deref()) {
            ("parquet", None) => return Ok(Some("PARQUET".to_owned())),
            ("textfile", Some(serde)) if serde.ends_with(".JsonSerDe") => {
                "JSON 'auto ignorecase'".to_owned()
            }
            ("textfile", Some(serde)) if serde.ends_with(".OpenCSVSerde") => format!(
                "CSV QUOTE {} DELIMITER {}",
                quote_literal(self.property("quoteChar").unwrap_or("\"")),
                quote_literal(self.property("separatorChar").unwrap_or(","))
            ),
            ("textfile", serde)
                if serde.is_none_or(|serde| serde.ends_with(".LazySimpleSerDe")) =>
            {
                let delimiter = self.delimiter.as_deref();
                let delimiter = delimiter.or_else(|| self.property("field.delim"));
                let delimiter = delimiter.or_else(|| self.property("serialization.format"));
                let null = self.property("serialization.null.format").unwrap_or("\\N");
                format!(
                    "DELIMITER {} NULL AS {}",
                    quote_literal(delimiter.unwrap_or("\u{1}")),
                    quote_literal(null)
                )
            }
            _ => return Ok(None),
        };
        if let Some(lines) = self.property("skip.header.line.count") {
            let lines: u32 = lines.parse().map_err(|_| {
                SqlError::unsupported("The property 'skip.header.line.count' is no number")
            })?;
            options.push_str(&format!(" IGNOREHEADER {lines}"));
        }
        Ok(Some(options))
    }

    /// The classes by which the data catalog knows the format.
    pub(super) fn classes(&self) -> (String, String, String) {
        const HIVE: &str = "org.apache.hadoop.hive";
        let (input, output, serde) = match &*self.stored_as {
            "parquet" => (
                "ql.io.parquet.MapredParquetInputFormat",
                "ql.io.parquet.MapredParquetOutputFormat",
                "ql.io.parquet.serde.ParquetHiveSerDe",
            ),
            "orc" => (
                "ql.io.orc.OrcInputFormat",
                "ql.io.orc.OrcOutputFormat",
                "ql.io.orc.OrcSerde",
            ),
            "avro" => (
                "ql.io.avro.AvroContainerInputFormat",
                "ql.io.avro.AvroContainerOutputFormat",
                "serde2.avro.AvroSerDe",
            ),
            "rcfile" => (
                "ql.io.RCFileInputFormat",
                "ql.io.RCFileOutputFormat",
                "serde2.columnar.ColumnarSerDe",
            ),
            _ => (
                "",
                "ql.io.HiveIgnoreKeyTextOutputFormat",
                "serde2.lazy.LazySimpleSerDe",
            ),
        };
        let input = match input {
            "" if self.stored_as == "sequencefile" => {
                "org.apache.hadoop.mapred.SequenceFileInputFormat".to_owned()
            }
            "" => "org.apache.hadoop.mapred.TextInputFormat".to_owned(),
            input => format!("{HIVE}.{input}"),
        };
        let given = self.serde.clone();
        let serde = given.unwrap_or_else(|| format!("{HIVE}.{serde}"));
        (input, format!("{HIVE}.{output}"), serde)
    }
}
