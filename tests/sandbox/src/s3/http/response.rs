//! Answers.

use std::fs::File;
use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use super::{date, xml};
use crate::Error;

pub(super) enum Contents {
    Bytes(Vec<u8>),
    /// A part of a file, from where it stands.
    File(File, u64),
}

pub(super) struct Response {
    status: u16,
    headers: Vec<(&'static str, String)>,
    contents: Contents,
}

impl Response {
    pub(super) fn new(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            contents: Contents::Bytes(Vec::new()),
        }
    }

    pub(super) fn xml(name: &str, contents: &str) -> Self {
        Self {
            status: 200,
            headers: vec![("Content-Type", "application/xml".to_owned())],
            contents: Contents::Bytes(xml::document(name, contents).into_bytes()),
        }
    }

    pub(super) fn text(status: u16, kind: &str, text: String) -> Self {
        Self {
            status,
            headers: vec![("Content-Type", kind.to_owned())],
            contents: Contents::Bytes(text.into_bytes()),
        }
    }

    pub(super) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(super) fn file(mut self, file: File, length: u64) -> Self {
        self.contents = Contents::File(file, length);
        self
    }

    pub(super) fn error(error: &Error, path: &str) -> Self {
        let (status, code, message) = match error {
            Error::S3 {
                status,
                code,
                message,
            } => (*status, *code, message.clone()),
            Error::NoSuchObject { .. } => (
                404,
                "NoSuchKey",
                "The specified key does not exist.".to_owned(),
            ),
            Error::Location { reason, .. } => (400, "InvalidArgument", (*reason).to_owned()),
            other => (500, "InternalError", other.to_string()),
        };
        let contents = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>{}{}{}</Error>",
            xml::element("Code", code),
            xml::element("Message", &message),
            xml::element("Resource", path)
        );
        Self {
            status,
            headers: vec![("Content-Type", "application/xml".to_owned())],
            contents: Contents::Bytes(contents.into_bytes()),
        }
    }

    pub(super) fn write(self, to: &mut impl Write, is_head: bool, last: bool) -> io::Result<()> {
        static REQUESTS: AtomicU64 = AtomicU64::new(0);
        let length = match &self.contents {
            Contents::Bytes(bytes) => bytes.len() as u64,
            Contents::File(_, length) => *length,
        };
        let mut head = format!(
            "HTTP/1.1 {} {}\r\nServer: redshift-sandbox\r\nDate: {}\r\nx-amz-request-id: {:016X}\r\n",
            self.status,
            reason(self.status),
            date::http(SystemTime::now()),
            REQUESTS.fetch_add(1, Ordering::Relaxed)
        );
        for (name, value) in &self.headers {
            // A key or an encoded name may hold anything; a header may not.
            let value = value.replace(|character: char| character.is_control(), " ");
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !matches!(self.status, 204 | 304) {
            head.push_str(&format!("Content-Length: {length}\r\n"));
        }
        if last {
            head.push_str("Connection: close\r\n");
        }
        head.push_str("\r\n");
        to.write_all(head.as_bytes())?;
        if is_head {
            return Ok(());
        }
        match self.contents {
            Contents::Bytes(bytes) => to.write_all(&bytes),
            Contents::File(file, length) => {
                let copied = io::copy(&mut file.take(length), to)?;
                if copied == length {
                    Ok(())
                } else {
                    // The client has been promised more.
                    Err(io::ErrorKind::UnexpectedEof.into())
                }
            }
        }
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        204 => "No Content",
        206 => "Partial Content",
        301 => "Moved Permanently",
        304 => "Not Modified",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        409 => "Conflict",
        411 => "Length Required",
        412 => "Precondition Failed",
        416 => "Requested Range Not Satisfiable",
        501 => "Not Implemented",
        503 => "Slow Down",
        _ => "Internal Server Error",
    }
}
