//! The messages that a client sends, for the sandbox's own talks with PostgreSQL.

use super::backend::message;

pub(crate) const PROTOCOL_3: i32 = 196_608;
pub(crate) const SSL_REQUEST: i32 = 80_877_103;
pub(crate) const GSS_REQUEST: i32 = 80_877_104;
pub(crate) const CANCEL_REQUEST: i32 = 80_877_102;

pub(crate) fn startup<'a>(parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<u8> {
    let mut out = vec![0; 4];
    out.extend_from_slice(&PROTOCOL_3.to_be_bytes());
    for (name, value) in parameters {
        for text in [name, value] {
            out.extend_from_slice(text.as_bytes());
            out.push(0);
        }
    }
    out.push(0);
    let length = u32::try_from(out.len()).unwrap_or(u32::MAX);
    out[..4].copy_from_slice(&length.to_be_bytes());
    out
}

pub(crate) fn query(out: &mut Vec<u8>, sql: &str) {
    message(out, b'Q', |out| {
        out.extend_from_slice(sql.as_bytes());
        out.push(0);
    });
}

/// Parse: a statement's name, its text, and the types of its parameters as they were on the wire.
pub(crate) fn parse(out: &mut Vec<u8>, name: &str, sql: &str, types: &[u8]) {
    message(out, b'P', |out| {
        out.extend_from_slice(name.as_bytes());
        out.push(0);
        out.extend_from_slice(sql.as_bytes());
        out.push(0);
        out.extend_from_slice(types);
    });
}

pub(crate) fn describe_statement(out: &mut Vec<u8>, name: &str) {
    message(out, b'D', |out| {
        out.push(b'S');
        out.extend_from_slice(name.as_bytes());
        out.push(0);
    });
}

/// Bind without parameters, Execute, and Close of the portal, which has the statement's name.
pub(crate) fn run_statement(out: &mut Vec<u8>, name: &str) {
    let text = |out: &mut Vec<u8>| {
        out.extend_from_slice(name.as_bytes());
        out.push(0);
    };
    message(out, b'B', |out| {
        text(out);
        text(out);
        out.extend_from_slice(&[0; 6]);
    });
    message(out, b'E', |out| {
        text(out);
        out.extend_from_slice(&0_i32.to_be_bytes());
    });
    message(out, b'C', |out| {
        out.push(b'P');
        text(out);
    });
}

pub(crate) fn close_statement(out: &mut Vec<u8>, name: &str) {
    message(out, b'C', |out| {
        out.push(b'S');
        out.extend_from_slice(name.as_bytes());
        out.push(0);
    });
}

pub(crate) fn sync(out: &mut Vec<u8>) {
    message(out, b'S', |_| {});
}

pub(crate) fn flush(out: &mut Vec<u8>) {
    message(out, b'H', |_| {});
}

pub(crate) fn copy_done(out: &mut Vec<u8>) {
    message(out, b'c', |_| {});
}

pub(crate) fn copy_fail(out: &mut Vec<u8>, reason: &str) {
    message(out, b'f', |out| {
        out.extend_from_slice(reason.as_bytes());
        out.push(0);
    });
}

pub(crate) fn terminate(out: &mut Vec<u8>) {
    message(out, b'X', |_| {});
}
