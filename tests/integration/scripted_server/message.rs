//! The server's messages.

use super::Step;

/// Messages in a row.
#[derive(Clone, Debug)]
pub(crate) struct Say(pub(crate) Vec<u8>);

impl Say {
    pub(crate) fn new(kind: u8, body: &[u8]) -> Self {
        let mut bytes = vec![kind];
        bytes.extend(u32::try_from(body.len() + 4).unwrap().to_be_bytes());
        bytes.extend(body);
        Self(bytes)
    }

    pub(crate) fn then(mut self, next: Self) -> Self {
        self.0.extend(next.0);
        self
    }
}

impl From<Say> for Step {
    fn from(say: Say) -> Self {
        Self::Say(say)
    }
}

fn terminated(texts: &[&str]) -> Vec<u8> {
    texts
        .iter()
        .flat_map(|text| text.bytes().chain([0]))
        .collect()
}

/// ParameterStatus
pub(crate) fn parameter(name: &str, value: &str) -> Say {
    Say::new(b'S', &terminated(&[name, value]))
}

/// ReadyForQuery
pub(crate) fn ready(status: u8) -> Say {
    Say::new(b'Z', &[status])
}

/// CommandComplete
pub(crate) fn complete(tag: &str) -> Say {
    Say::new(b'C', &terminated(&[tag]))
}

/// The fields of an error or a notice.
fn fields(severity: &str, sqlstate: &str, message: &str) -> Vec<u8> {
    let fields = [
        format!("S{severity}"),
        format!("C{sqlstate}"),
        format!("M{message}"),
        String::new(),
    ];
    terminated(&fields.each_ref().map(String::as_str))
}

/// ErrorResponse
pub(crate) fn error(severity: &str, sqlstate: &str, message: &str) -> Say {
    Say::new(b'E', &fields(severity, sqlstate, message))
}

/// NoticeResponse
pub(crate) fn notice(message: &str) -> Say {
    Say::new(b'N', &fields("INFO", "00000", message))
}

/// RowDescription of columns of a type that has so many bytes, or -1
fn described(names: &[&str], oid: u32, size: i16) -> Say {
    let mut body = u16::try_from(names.len()).unwrap().to_be_bytes().to_vec();
    for name in names {
        body.extend(terminated(&[name]));
        body.extend(0u32.to_be_bytes());
        body.extend(0u16.to_be_bytes());
        body.extend(oid.to_be_bytes());
        body.extend(size.to_be_bytes());
        body.extend((-1i32).to_be_bytes());
        body.extend(0u16.to_be_bytes());
    }
    Say::new(b'T', &body)
}

/// RowDescription of one column `n` of INTEGER
pub(crate) fn column() -> Say {
    described(&["n"], 23, 4)
}

/// RowDescription of columns of VARCHAR
pub(crate) fn columns(names: &[&str]) -> Say {
    described(names, 1043, -1)
}

/// DataRow
pub(crate) fn values(texts: &[&str]) -> Say {
    let mut body = u16::try_from(texts.len()).unwrap().to_be_bytes().to_vec();
    for text in texts {
        body.extend(u32::try_from(text.len()).unwrap().to_be_bytes());
        body.extend(text.bytes());
    }
    Say::new(b'D', &body)
}

/// DataRow with a number
pub(crate) fn row(n: i32) -> Say {
    values(&[&n.to_string()])
}

/// RowDescription and so many rows
pub(crate) fn rows(count: i32) -> Say {
    (0..count).map(row).fold(column(), Say::then)
}
