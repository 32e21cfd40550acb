//! Rows of any query, printed.

use std::fmt::Write as _;
use std::io::{self, Write};

use clap::ValueEnum;
use diesel::connection::LoadConnection;
use diesel::row::{Field, Row};
use diesel_redshift::{
    RedshiftConnection, connection::RedshiftRow, connection::RowByRowLoadingMode,
};

use crate::failure::Failure;
use crate::{interrupt, output};

/// How rows are printed.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowFormat {
    /// A table for people; NULL is empty
    Table,
    /// CSV with a header; NULL is empty and an empty text is ""
    Csv,
    /// JSON lines: an object a row
    Json,
}

/// How many rows a table takes its widths from.
const MEASURED: usize = 1_000;

/// The widest column of a table, in characters.
const WIDEST: usize = 60;

type Cells = Vec<Option<String>>;

/// Sends the query and prints its rows as they come; gives their number.
pub(crate) fn print(
    conn: &mut RedshiftConnection,
    sql: &str,
    format: RowFormat,
) -> Result<u64, Failure> {
    let rows = LoadConnection::<RowByRowLoadingMode>::load(conn, diesel::sql_query(sql))?;
    let mut printer = Printer {
        format,
        out: io::BufWriter::new(io::stdout().lock()),
        names: Vec::new(),
        widths: Vec::new(),
        measured: Vec::new(),
        has_begun: false,
    };
    let mut number = 0;
    for row in rows {
        interrupt::check()?;
        printer.add(&row?).map_err(|error| output::failed(&error))?;
        number += 1;
    }
    printer.end().map_err(|error| output::failed(&error))?;
    Ok(number)
}

struct Printer<W: Write> {
    format: RowFormat,
    out: W,
    names: Vec<String>,
    widths: Vec<usize>,
    measured: Vec<Cells>,
    has_begun: bool,
}

impl<W: Write> Printer<W> {
    fn add(&mut self, row: &RedshiftRow) -> io::Result<()> {
        let fields = || (0..row.field_count()).filter_map(|at| Row::get(row, at));
        if self.names.is_empty() {
            self.names = fields()
                .map(|field| field.field_name().unwrap_or_default().to_owned())
                .collect();
        }
        if self.format == RowFormat::Json {
            let mut line = String::from("{");
            for (field, name) in fields().zip(&self.names) {
                if line.len() > 1 {
                    line.push(',');
                }
                push_json_text(&mut line, name);
                line.push(':');
                let text = field.value().map(|value| text(value.as_bytes()));
                push_json(&mut line, text.as_deref(), field.type_oid());
            }
            line.push_str("}\n");
            return self.out.write_all(line.as_bytes());
        }
        let cells: Cells = fields()
            .map(|field| field.value().map(|value| text(value.as_bytes())))
            .collect();
        match self.format {
            RowFormat::Csv => {
                if !self.has_begun {
                    self.has_begun = true;
                    let names: Cells = self.names.iter().cloned().map(Some).collect();
                    self.out.write_all(csv(&names).as_bytes())?;
                }
                self.out.write_all(csv(&cells).as_bytes())
            }
            _ if self.has_begun => self.line(&cells),
            _ => {
                self.measured.push(cells);
                if self.measured.len() < MEASURED {
                    return Ok(());
                }
                self.begin()
            }
        }
    }

    /// Prints a table's head and the rows that its widths were taken from.
    fn begin(&mut self) -> io::Result<()> {
        self.has_begun = true;
        let width = |at: usize| {
            let cells = self
                .measured
                .iter()
                .filter_map(|cells| cells[at].as_deref());
            let names = self.names.get(at).map(String::as_str);
            let widest = cells
                .chain(names)
                .map(|text| shown(text).chars().count())
                .max();
            widest.unwrap_or_default().min(WIDEST)
        };
        self.widths = (0..self.names.len()).map(width).collect();
        let names: Cells = self.names.iter().cloned().map(Some).collect();
        self.line(&names)?;
        let rule: Vec<_> = self.widths.iter().map(|width| "-".repeat(*width)).collect();
        writeln!(self.out, "{}", rule.join("  "))?;
        for cells in std::mem::take(&mut self.measured) {
            self.line(&cells)?;
        }
        Ok(())
    }

    fn line(&mut self, cells: &[Option<String>]) -> io::Result<()> {
        let mut line = String::new();
        for (cell, width) in cells.iter().zip(&self.widths) {
            let text = shown(cell.as_deref().unwrap_or_default());
            let _ = write!(line, "{text:<width$}  ");
        }
        writeln!(self.out, "{}", line.trim_end())
    }

    fn end(&mut self) -> io::Result<()> {
        if self.format == RowFormat::Table && !self.has_begun && !self.names.is_empty() {
            self.begin()?;
        }
        self.out.flush()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A text as it stands in a table: on one line, without what would move the cursor.
pub(crate) fn shown(text: &str) -> String {
    text.chars()
        .flat_map(|character| {
            let is_plain = !character.is_control();
            let plain = is_plain.then_some(character);
            let escaped = (!is_plain).then(|| character.escape_default());
            plain.into_iter().chain(escaped.into_iter().flatten())
        })
        .collect()
}

fn csv(cells: &[Option<String>]) -> String {
    let fields: Vec<_> = cells
        .iter()
        .map(|cell| match cell {
            None => String::new(),
            Some(text) if text.is_empty() || text.contains(['"', ',', '\n', '\r']) => {
                format!("\"{}\"", text.replace('"', "\"\""))
            }
            Some(text) => text.clone(),
        })
        .collect();
    fields.join(",") + "\n"
}

fn push_json_text(line: &mut String, text: &str) {
    line.push_str(&serde_json::Value::from(text).to_string());
}

/// A value by the number of its type: numbers, truth values and SUPER as they are, all else a text.
fn push_json(line: &mut String, text: Option<&str>, type_oid: u32) {
    const BOOLEAN: u32 = 16;
    const NUMBERS: [u32; 7] = [20, 21, 23, 26, 700, 701, 1700];
    const SUPER: u32 = 4000;
    let Some(text) = text else {
        line.push_str("null");
        return;
    };
    let is_number = text.starts_with(|c: char| c.is_ascii_digit() || c == '-')
        && !text.ends_with(|c: char| c.is_alphabetic());
    match type_oid {
        BOOLEAN => line.push_str(if text == "t" || text == "true" {
            "true"
        } else {
            "false"
        }),
        oid if NUMBERS.contains(&oid) && is_number => line.push_str(text),
        SUPER if serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() => {
            line.push_str(&text.replace(['\n', '\r'], " "));
        }
        _ => push_json_text(line, text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_json_by_their_types() {
        for (text, oid, json) in [
            (None, 23, "null"),
            (Some("t"), 16, "true"),
            (Some("-1.50"), 1700, "-1.50"),
            (Some("NaN"), 701, "\"NaN\""),
            (Some("-Infinity"), 701, "\"-Infinity\""),
            (Some("{\"a\":[1]}"), 4000, "{\"a\":[1]}"),
            (Some("12"), 1043, "\"12\""),
            (Some("a\"b\n"), 1043, "\"a\\\"b\\n\""),
        ] {
            let mut line = String::new();
            push_json(&mut line, text, oid);
            assert_eq!(line, json);
        }
    }

    #[test]
    fn null_and_an_empty_text_differ_in_csv() {
        let cells = [
            None,
            Some(String::new()),
            Some("a\"b".to_owned()),
            Some("c".to_owned()),
        ];
        assert_eq!(csv(&cells), ",\"\",\"a\"\"b\",c\n");
    }

    #[test]
    fn a_table_shows_no_control_characters() {
        assert_eq!(shown("a\u{1b}[1m\n"), "a\\u{1b}[1m\\n");
    }
}
