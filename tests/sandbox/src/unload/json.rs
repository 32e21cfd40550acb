//! Rows as JSON objects.

use super::layout::Layout;
use super::result::JsonKind;
use super::row::Row;

pub(super) fn write_object(row: &Row, layout: &Layout, out: &mut Vec<u8>) {
    out.push(b'{');
    for (place, at) in layout.written.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        let column = &layout.columns[*at];
        write_text(column.name.as_bytes(), out);
        out.push(b':');
        let Some(value) = layout.text(row, *at) else {
            out.extend_from_slice(b"null");
            continue;
        };
        let value = &*value;
        match column.json_kind() {
            JsonKind::Boolean if value == b"t" => out.extend_from_slice(b"true"),
            JsonKind::Boolean => out.extend_from_slice(b"false"),
            // JSON has no number for NaN and Infinity.
            JsonKind::Number if value.iter().any(u8::is_ascii_uppercase) => write_text(value, out),
            JsonKind::Number | JsonKind::Json => out.extend_from_slice(value),
            JsonKind::Text => write_text(value, out),
        }
    }
    out.push(b'}');
}

fn write_text(text: &[u8], out: &mut Vec<u8>) {
    let text = serde_json::Value::from(String::from_utf8_lossy(text)).to_string();
    out.extend_from_slice(text.as_bytes());
}
