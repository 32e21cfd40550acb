//! A client of the PostgreSQL protocol that shows what really is on the wire.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use md5::{Digest, Md5};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) severity: String,
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) detail: String,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Reply {
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Vec<Option<String>>>,
    pub(crate) tag: String,
}

pub(crate) struct Client {
    stream: TcpStream,
    pub(crate) parameters: HashMap<String, String>,
    pub(crate) notices: Vec<Failure>,
    pub(crate) status: char,
    pub(crate) key: Vec<u8>,
}

pub(crate) struct Target {
    pub(crate) address: String,
    pub(crate) user: String,
    pub(crate) password: String,
    pub(crate) database: String,
}

impl Target {
    pub(crate) fn parse(url: &str) -> Self {
        let rest = url.strip_prefix("postgresql://").expect("a URL");
        let (login, rest) = rest.split_once('@').expect("a login");
        let (user, password) = login.split_once(':').expect("a password");
        let (address, rest) = rest.split_once('/').expect("a database");
        let (database, _) = rest.split_once('?').expect("options");
        Self {
            address: address.to_owned(),
            user: user.to_owned(),
            password: password.to_owned(),
            database: database.to_owned(),
        }
    }
}

pub(crate) fn message(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    out.extend_from_slice(&(body.len() as u32 + 4).to_be_bytes());
    out.extend_from_slice(body);
    out
}

/// Texts that end with a zero byte each.
pub(crate) fn texts(texts: &[&str]) -> Vec<u8> {
    texts
        .iter()
        .flat_map(|text| text.bytes().chain([0]))
        .collect()
}

fn hex(parts: [&[u8]; 2]) -> String {
    let mut digest = Md5::new();
    parts.iter().for_each(|part| digest.update(part));
    digest
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

impl Client {
    pub(crate) fn connect(url: &str) -> Result<Self, Failure> {
        Self::connect_with(&Target::parse(url), &[("client_encoding", "UTF8")])
    }

    pub(crate) fn connect_with(
        target: &Target,
        parameters: &[(&str, &str)],
    ) -> Result<Self, Failure> {
        let mut stream = TcpStream::connect(&target.address).expect("a socket");
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .expect("a timeout");
        let mut body = 196_608_u32.to_be_bytes().to_vec();
        body.extend(texts(&["user", &target.user, "database", &target.database]));
        parameters
            .iter()
            .for_each(|(name, value)| body.extend(texts(&[name, value])));
        body.push(0);
        stream.write_all(&message(0, &body)[1..]).expect("startup");
        let mut client = Self {
            stream,
            parameters: HashMap::new(),
            notices: Vec::new(),
            status: '?',
            key: Vec::new(),
        };
        loop {
            let (tag, body) = client.receive().expect("the server closed the connection");
            match tag {
                b'R' if body[..4] == [0, 0, 0, 5] => {
                    let inner = hex([target.password.as_bytes(), target.user.as_bytes()]);
                    let answer = format!("md5{}", hex([inner.as_bytes(), &body[4..8]]));
                    client.send(&message(b'p', &texts(&[&answer])));
                }
                b'K' => client.key = body,
                b'E' => return Err(failure(&body)),
                b'Z' => return Ok(client),
                _ => {}
            }
        }
    }

    /// Allows the next answers to take as long as they do.
    pub(crate) fn wait_long(&mut self) {
        self.stream.set_read_timeout(None).expect("a timeout");
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).expect("a connection");
    }

    /// The next message; none if the connection is closed.
    pub(crate) fn receive(&mut self) -> Option<(u8, Vec<u8>)> {
        let mut head = [0; 5];
        match self.stream.read_exact(&mut head) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                panic!("no answer in 30 seconds")
            }
            Err(_) => return None,
        }
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize - 4;
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).expect("a whole message");
        match head[0] {
            b'S' => {
                let text = String::from_utf8_lossy(&body).into_owned();
                let mut parts = text.split('\0');
                let name = parts.next().unwrap_or_default().to_owned();
                self.parameters
                    .insert(name, parts.next().unwrap_or_default().to_owned());
            }
            b'N' => self.notices.push(failure(&body)),
            b'Z' => self.status = char::from(body[0]),
            _ => {}
        }
        Some((head[0], body))
    }

    /// Everything up to ReadyForQuery: the types of the messages, and what they say.
    pub(crate) fn answer(&mut self) -> (String, Vec<Reply>, Option<Failure>) {
        let mut tags = String::new();
        let mut replies = Vec::new();
        let mut reply = Reply::default();
        let mut error = None;
        loop {
            let Some((tag, body)) = self.receive() else {
                return (tags, replies, error);
            };
            if tag != b'S' && tag != b'N' {
                tags.push(char::from(tag));
            }
            match tag {
                b'T' => reply.columns = columns(&body),
                b'D' => reply.rows.push(row(&body)),
                b'C' => {
                    reply.tag = String::from_utf8_lossy(&body[..body.len() - 1]).into_owned();
                    replies.push(std::mem::take(&mut reply));
                }
                b'E' => error = Some(failure(&body)),
                b'Z' => return (tags, replies, error),
                _ => {}
            }
        }
    }

    pub(crate) fn try_query(&mut self, sql: &str) -> Result<Vec<Reply>, Failure> {
        self.notices.clear();
        self.send(&message(b'Q', &texts(&[sql])));
        let (_, replies, error) = self.answer();
        error.map_or(Ok(replies), Err)
    }

    pub(crate) fn query(&mut self, sql: &str) -> Vec<Reply> {
        self.try_query(sql)
            .unwrap_or_else(|error| panic!("{sql}: {error:?}"))
    }

    /// The error that a query has to end with.
    pub(crate) fn error(&mut self, sql: &str) -> Failure {
        match self.try_query(sql) {
            Ok(_) => panic!("no error: {sql}"),
            Err(error) => error,
        }
    }

    /// The rows of one query, with NULL as `~`.
    pub(crate) fn rows(&mut self, sql: &str) -> Vec<Vec<String>> {
        let reply = self.query(sql).pop().expect("a reply");
        let text = |value: Option<String>| value.unwrap_or_else(|| "~".to_owned());
        reply
            .rows
            .into_iter()
            .map(|row| row.into_iter().map(text).collect())
            .collect()
    }

    /// The names of a query's columns.
    pub(crate) fn names(&mut self, sql: &str) -> Vec<String> {
        self.query(sql).pop().expect("a reply").columns
    }

    pub(crate) fn value(&mut self, sql: &str) -> String {
        self.rows(sql)
            .pop()
            .and_then(|mut row| row.pop())
            .expect("a value")
    }

    /// Parse, Bind, Describe, Execute and Sync in one go.
    pub(crate) fn extended(
        &mut self,
        sql: &str,
        parameters: &[(u32, Option<&str>)],
    ) -> (String, Vec<Reply>, Option<Failure>) {
        self.notices.clear();
        let mut out = message(
            b'P',
            &parse_body(
                "",
                sql,
                &parameters.iter().map(|(oid, _)| *oid).collect::<Vec<_>>(),
            ),
        );
        out.extend(message(
            b'B',
            &bind_body(
                "",
                "",
                &parameters
                    .iter()
                    .map(|(_, value)| *value)
                    .collect::<Vec<_>>(),
            ),
        ));
        out.extend(message(b'D', b"P\0"));
        out.extend(message(b'E', b"\0\0\0\0\0"));
        out.extend(message(b'S', b""));
        self.send(&out);
        self.answer()
    }

    pub(crate) fn infos(&self) -> Vec<&str> {
        self.notices
            .iter()
            .filter(|notice| notice.severity == "INFO")
            .map(|notice| notice.message.as_str())
            .collect()
    }
}

pub(crate) fn parse_body(name: &str, sql: &str, types: &[u32]) -> Vec<u8> {
    let mut body = texts(&[name, sql]);
    body.extend_from_slice(&(types.len() as u16).to_be_bytes());
    types
        .iter()
        .for_each(|oid| body.extend_from_slice(&oid.to_be_bytes()));
    body
}

pub(crate) fn bind_body(portal: &str, statement: &str, values: &[Option<&str>]) -> Vec<u8> {
    let mut body = texts(&[portal, statement]);
    body.extend_from_slice(&0_u16.to_be_bytes());
    body.extend_from_slice(&(values.len() as u16).to_be_bytes());
    for value in values {
        match value {
            Some(value) => {
                body.extend_from_slice(&(value.len() as u32).to_be_bytes());
                body.extend_from_slice(value.as_bytes());
            }
            None => body.extend_from_slice(&(-1_i32).to_be_bytes()),
        }
    }
    body.extend_from_slice(&0_u16.to_be_bytes());
    body
}

fn failure(body: &[u8]) -> Failure {
    let mut failure = Failure::default();
    for field in body
        .split(|byte| *byte == 0)
        .filter(|field| !field.is_empty())
    {
        let text = String::from_utf8_lossy(&field[1..]).into_owned();
        match field[0] {
            b'S' => failure.severity = text,
            b'C' => failure.code = text,
            b'M' => failure.message = text,
            b'D' => failure.detail = text,
            _ => {}
        }
    }
    failure
}

fn columns(body: &[u8]) -> Vec<String> {
    let count = u16::from_be_bytes([body[0], body[1]]);
    let mut rest = &body[2..];
    (0..count)
        .map(|_| {
            let end = rest.iter().position(|byte| *byte == 0).expect("a name");
            let name = String::from_utf8_lossy(&rest[..end]).into_owned();
            rest = &rest[end + 19..];
            name
        })
        .collect()
}

fn row(body: &[u8]) -> Vec<Option<String>> {
    let count = u16::from_be_bytes([body[0], body[1]]);
    let mut rest = &body[2..];
    (0..count)
        .map(|_| {
            let length = i32::from_be_bytes([rest[0], rest[1], rest[2], rest[3]]);
            rest = &rest[4..];
            let length = usize::try_from(length).ok()?;
            let (value, after) = rest.split_at(length);
            rest = after;
            Some(String::from_utf8_lossy(value).into_owned())
        })
        .collect()
}
