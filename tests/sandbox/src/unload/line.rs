//! Rows as lines of a file.

use super::format::Format;
use super::json;
use super::layout::Layout;
use super::options::Options;
use super::row::Row;
use crate::protocol::SqlError;
use crate::protocol::SqlResult;

/// Writes what the files hold of a row as a line.
pub(super) fn write_row(
    row: &Row,
    layout: &Layout,
    options: &Options,
    out: &mut Vec<u8>,
) -> SqlResult<()> {
    match &options.format {
        Format::Text | Format::Csv => {
            for (place, at) in layout.written.iter().enumerate() {
                if place > 0 {
                    out.push(options.delimiter);
                }
                match layout.text(row, *at) {
                    Some(value) => write_value(&value, options, out),
                    None => out.extend_from_slice(layout.columns[*at].null(&options.null)),
                }
            }
        }
        Format::FixedWidth(widths) => {
            for (at, width) in layout.written.iter().zip(widths) {
                let value = layout.text(row, *at);
                let null = || layout.columns[*at].null_within(&options.null, *width);
                let value = value.as_deref().unwrap_or_else(null);
                let length = String::from_utf8_lossy(value).chars().count();
                if length > *width {
                    return Err(SqlError::internal(format!(
                        "FIXEDWIDTH column \"{}\" of width {width} is too narrow for a value of {length} characters",
                        layout.columns[*at].name
                    )));
                }
                out.extend_from_slice(value);
                out.resize(out.len() + width - length, b' ');
            }
        }
        Format::Json => json::write_object(row, layout, out),
        // Has no lines.
        Format::Parquet => return Ok(()),
    }
    out.push(b'\n');
    Ok(())
}

pub(super) fn write_header<'a>(
    names: impl Iterator<Item = &'a str>,
    options: &Options,
    out: &mut Vec<u8>,
) {
    for (at, name) in names.enumerate() {
        if at > 0 {
            out.push(options.delimiter);
        }
        write_value(name.as_bytes(), options, out);
    }
    out.push(b'\n');
}

fn write_value(value: &[u8], options: &Options, out: &mut Vec<u8>) {
    if options.format == Format::Csv {
        return write_csv(value, options.delimiter, out);
    }
    if options.add_quotes {
        out.push(b'"');
    }
    if options.escape {
        for byte in value {
            let special = matches!(byte, b'\\' | b'\n' | b'\r')
                || *byte == options.delimiter
                || options.add_quotes && matches!(byte, b'"' | b'\'');
            if special {
                out.push(b'\\');
            }
            out.push(*byte);
        }
    } else {
        out.extend_from_slice(value);
    }
    if options.add_quotes {
        out.push(b'"');
    }
}

/// Quoted only where that is needed; an empty string is told from NULL by its quotation marks.
fn write_csv(value: &[u8], delimiter: u8, out: &mut Vec<u8>) {
    let special = |byte: &u8| *byte == delimiter || matches!(byte, b'"' | b'\n' | b'\r');
    if !value.is_empty() && !value.iter().any(special) {
        out.extend_from_slice(value);
        return;
    }
    out.push(b'"');
    for byte in value {
        if *byte == b'"' {
            out.push(b'"');
        }
        out.push(*byte);
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::Cursor;
    use crate::sql::lexer::tokens;
    use crate::unload::result::Column;

    fn line(line: &str, sql: &str) -> String {
        let sql = format!("{sql} iam_role default");
        let tokens = tokens(&sql).expect("tokens");
        let options =
            super::super::options::parse(&mut Cursor::new(&sql, &tokens)).expect("options");
        let columns = line
            .split('\t')
            .enumerate()
            .map(|(at, _)| Column::text(&format!("c{at}")))
            .collect();
        let layout = Layout::new(columns, &options).expect("possible");
        let mut row = Row::default();
        row.read(line.as_bytes());
        let mut out = Vec::new();
        write_row(&row, &layout, &options, &mut out).expect("a line");
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn every_form() {
        let row = "1\ta|b\\\\c\\nd\"e'\t\\N\t\n";
        assert_eq!(line(row, ""), "1|a|b\\c\nd\"e'||\n");
        assert_eq!(
            line(row, "escape null as 'x'"),
            "1|a\\|b\\\\c\\\nd\"e'|x|\n"
        );
        assert_eq!(
            line(row, "escape addquotes delimiter ','"),
            "\"1\",\"a|b\\\\c\\\nd\\\"e\\'\",,\"\"\n"
        );
        assert_eq!(line(row, "csv null 'N'"), "1,\"a|b\\c\nd\"\"e'\",N,\"\"\n");
        assert_eq!(
            line("1\tä\t\\N\t", "fixedwidth 'a:2,b:3,c:2,d:1' null '@'"),
            "1 ä  @  \n"
        );
        assert_eq!(
            line("a\\\\\"\\n\t\\N", "json"),
            "{\"c0\":\"a\\\\\\\"\\n\",\"c1\":null}\n"
        );
    }
}
