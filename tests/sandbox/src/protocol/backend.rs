//! The messages that a server sends.

/// Writes one message: its type, its length, and what `contents` writes.
pub(crate) fn message(out: &mut Vec<u8>, tag: u8, contents: impl FnOnce(&mut Vec<u8>)) {
    out.push(tag);
    let length_at = out.len();
    out.extend_from_slice(&[0; 4]);
    contents(out);
    let length = u32::try_from(out.len() - length_at).unwrap_or(u32::MAX);
    out[length_at..length_at + 4].copy_from_slice(&length.to_be_bytes());
}

fn text(out: &mut Vec<u8>, text: &str) {
    // A zero byte would end the text early and shift everything after it.
    out.extend(text.bytes().filter(|byte| *byte != 0));
    out.push(0);
}

/// ErrorResponse (`E`) or NoticeResponse (`N`); empty fields are left out.
pub(crate) fn fields(out: &mut Vec<u8>, tag: u8, fields: &[(u8, &str)]) {
    message(out, tag, |out| {
        for (kind, value) in fields {
            if !value.is_empty() {
                out.push(*kind);
                text(out, value);
            }
        }
        out.push(0);
    });
}

pub(crate) fn notice(out: &mut Vec<u8>, severity: &str, code: &str, message: &str) {
    fields(
        out,
        b'N',
        &[
            (b'S', severity),
            (b'V', severity),
            (b'C', code),
            (b'M', message),
        ],
    );
}

pub(crate) fn authentication_ok(out: &mut Vec<u8>) {
    message(out, b'R', |out| out.extend_from_slice(&0_i32.to_be_bytes()));
}

pub(crate) fn authentication_md5(out: &mut Vec<u8>, salt: [u8; 4]) {
    message(out, b'R', |out| {
        out.extend_from_slice(&5_i32.to_be_bytes());
        out.extend_from_slice(&salt);
    });
}

pub(crate) fn parameter_status(out: &mut Vec<u8>, name: &str, value: &str) {
    message(out, b'S', |out| {
        text(out, name);
        text(out, value);
    });
}

pub(crate) fn backend_key_data(out: &mut Vec<u8>, key: &[u8]) {
    message(out, b'K', |out| out.extend_from_slice(key));
}

pub(crate) fn ready_for_query(out: &mut Vec<u8>, status: u8) {
    message(out, b'Z', |out| out.push(status));
}

pub(crate) fn command_complete(out: &mut Vec<u8>, tag: &str) {
    message(out, b'C', |out| text(out, tag));
}

pub(crate) fn parse_complete(out: &mut Vec<u8>) {
    message(out, b'1', |_| {});
}

pub(crate) fn bind_complete(out: &mut Vec<u8>) {
    message(out, b'2', |_| {});
}

pub(crate) fn close_complete(out: &mut Vec<u8>) {
    message(out, b'3', |_| {});
}

pub(crate) fn no_data(out: &mut Vec<u8>) {
    message(out, b'n', |_| {});
}

/// ParameterDescription of a statement without parameters.
pub(crate) fn no_parameters(out: &mut Vec<u8>) {
    message(out, b't', |out| out.extend_from_slice(&0_i16.to_be_bytes()));
}
