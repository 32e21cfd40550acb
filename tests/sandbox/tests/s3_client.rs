//! A client of S3 that signs its requests, and shows what is on the wire.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use redshift_sandbox::Sandbox;
use ring::{digest, hmac};

use crate::sandbox;

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

pub(crate) fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
}

/// The moment as PostgreSQL tells it, which leaves the calendar to somebody else.
fn now() -> String {
    let mut client = crate::client::Client::connect(&sandbox().url()).expect("a connection");
    client.value(r#"SELECT to_char(current_timestamp, 'YYYYMMDD"T"HH24MISS"Z"')"#)
}

pub(crate) struct S3 {
    pub(crate) endpoint: String,
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) region: String,
    pub(crate) date: String,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// The text of the first element of that name.
    pub(crate) fn element(&self, name: &str) -> Option<String> {
        let text = self.text();
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        let (inner, _) = rest.split_once(&format!("</{name}>"))?;
        Some(inner.to_owned())
    }
}

impl S3 {
    pub(crate) fn of(sandbox: &Sandbox) -> Self {
        let (id, secret) = sandbox.s3_key();
        Self {
            endpoint: sandbox.s3_endpoint().replace("http://", ""),
            id: id.to_owned(),
            secret: secret.to_owned(),
            region: "us-east-1".to_owned(),
            date: now(),
        }
    }

    pub(crate) fn scope(&self) -> String {
        format!("{}/{}/s3/aws4_request", &self.date[..8], self.region)
    }

    pub(crate) fn key(&self) -> Vec<u8> {
        let start = format!("AWS4{}", self.secret).into_bytes();
        self.scope()
            .split('/')
            .fold(start, |key, part| mac(&key, part))
    }

    /// A head with its signature. `target` is encoded, with the parameters of its query in order.
    pub(crate) fn head(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        payload: &str,
    ) -> (String, String) {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut all = vec![
            ("host", self.endpoint.as_str()),
            ("x-amz-content-sha256", payload),
            ("x-amz-date", &self.date),
        ];
        all.extend(headers.iter().copied());
        all.sort_unstable();
        let names: Vec<_> = all.iter().map(|(name, _)| *name).collect();
        let names = names.join(";");
        let lines: String = all
            .iter()
            .map(|(name, value)| format!("{name}:{value}\n"))
            .collect();
        let canonical = format!("{method}\n{path}\n{query}\n{lines}\n{names}\n{payload}");
        let text = format!(
            "AWS4-HMAC-SHA256\n{}\n{}\n{}",
            self.date,
            self.scope(),
            sha256(canonical.as_bytes())
        );
        let signature = hex(&mac(&self.key(), &text));
        let head = format!(
            "{method} {target} HTTP/1.1\r\n{}authorization: AWS4-HMAC-SHA256 Credential={}/{}, SignedHeaders={names}, \
             Signature={signature}\r\n",
            lines.replace('\n', "\r\n"),
            self.id,
            self.scope()
        );
        (head, signature)
    }

    pub(crate) fn call(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let (head, _) = self.head(method, target, headers, &sha256(body));
        self.exchange(
            &format!("{head}content-length: {}\r\n\r\n", body.len()),
            body,
        )
    }

    pub(crate) fn exchange(&self, head: &str, body: &[u8]) -> Answer {
        let mut socket = TcpStream::connect(&self.endpoint).expect("a socket");
        socket
            .set_read_timeout(Some(Duration::from_secs(20)))
            .expect("a timeout");
        socket.write_all(head.as_bytes()).expect("sent");
        // The server may have answered without reading all of it.
        let _ = socket.write_all(body);
        let mut from = BufReader::new(socket);
        read(&mut from, head.starts_with("HEAD"))
    }
}

pub(crate) fn read(from: &mut BufReader<TcpStream>, is_head: bool) -> Answer {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(from.read_line(&mut head).expect("a line"), 0, "{head}");
    }
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    let mut answer = Answer {
        status: status.expect("a status"),
        head,
        body: Vec::new(),
    };
    let length = answer
        .header("content-length")
        .map_or(0, |length| length.parse::<usize>().expect("a length"));
    if !is_head {
        answer.body = vec![0; length];
        from.read_exact(&mut answer.body).expect("a body");
    }
    answer
}
