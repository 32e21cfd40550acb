//! Rows as lines of a file.

use super::options::Options;

/// Turns one row of PostgreSQL's COPY text format into a line of the file.
pub(super) fn write_row(row: &[u8], options: &Options, scratch: &mut Vec<u8>, out: &mut Vec<u8>) {
    let row = row.strip_suffix(b"\n").unwrap_or(row);
    // A tab inside a value is written with a backslash, so these are between values.
    for (at, field) in row.split(|byte| *byte == b'\t').enumerate() {
        if at > 0 {
            out.push(options.delimiter);
        }
        if field == b"\\N" {
            out.extend_from_slice(&options.null);
        } else if memchr::memchr(b'\\', field).is_none() {
            write_value(field, options, out);
        } else {
            scratch.clear();
            unescape(field, scratch);
            write_value(scratch, options, out);
        }
    }
    out.push(b'\n');
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
    if options.csv {
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

/// Undoes what PostgreSQL's COPY TO does to a value.
fn unescape(field: &[u8], out: &mut Vec<u8>) {
    let mut bytes = field.iter();
    while let Some(byte) = bytes.next() {
        if *byte != b'\\' {
            out.push(*byte);
            continue;
        }
        out.push(match bytes.next() {
            Some(b'b') => 0x08,
            Some(b'f') => 0x0c,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'v') => 0x0b,
            Some(other) => *other,
            None => b'\\',
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::Cursor;
    use crate::sql::lexer::tokens;

    fn line(row: &str, sql: &str) -> String {
        let sql = format!("{sql} iam_role default");
        let tokens = tokens(&sql).expect("tokens");
        let options =
            super::super::options::parse(&mut Cursor::new(&sql, &tokens)).expect("options");
        let mut out = Vec::new();
        write_row(row.as_bytes(), &options, &mut Vec::new(), &mut out);
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
    }
}
