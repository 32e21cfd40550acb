//! `errors`, and the rows that a load rejected.

use clap::Args;
use diesel_redshift::error::RejectedRow;

use crate::arguments::Global;
use crate::database_url::DatabaseUrl;
use crate::failure::Failure;
use crate::output;
use crate::rows::shown;

/// Print the rows that a load rejected: file, line, column, reason
#[derive(Args, Debug)]
pub(crate) struct ErrorsArguments {
    /// The load's query id; without one, the latest load that rejected rows
    query_id: Option<i64>,
    /// Print JSON lines, an object a row
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(global: &Global, arguments: &ErrorsArguments) -> Result<(), Failure> {
    let mut conn = DatabaseUrl::of(global)?.connect()?;
    let rows = conn.load_errors_of(arguments.query_id)?;
    if arguments.json {
        for row in &rows {
            output::line(json(row).to_string())?;
        }
        return Ok(());
    }
    if rows.is_empty() {
        return output::line("No load has rejected rows.");
    }
    output::bytes(table(&rows).as_bytes())
}

pub(crate) fn json(row: &RejectedRow) -> serde_json::Value {
    serde_json::json!({
        "file": row.file,
        "line": row.line,
        "column": row.column,
        "type": row.column_type,
        "length": row.column_length,
        "position": row.position,
        "code": row.code,
        "reason": row.reason,
        "value": row.raw_value(),
    })
}

/// The rows as a table with a head.
pub(crate) fn table(rows: &[RejectedRow]) -> String {
    let head = ["FILE", "LINE", "COLUMN", "REASON", "VALUE"].map(str::to_owned);
    let lines = rows.iter().map(|row| {
        [
            shown(&row.file),
            row.line.to_string(),
            shown(row.column.as_deref().unwrap_or("-")),
            format!("{} ({})", shown(row.reason.trim()), row.code),
            shown(row.raw_value().unwrap_or_default()),
        ]
    });
    let lines: Vec<[String; 5]> = std::iter::once(head).chain(lines).collect();
    let widths: Vec<usize> = (0..5)
        .map(|at| {
            lines
                .iter()
                .map(|line| line[at].chars().count())
                .max()
                .unwrap_or_default()
        })
        .collect();
    let mut out = String::new();
    for line in &lines {
        let cells: Vec<_> = line
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        out.push_str(cells.join("  ").trim_end());
        out.push('\n');
    }
    out
}
