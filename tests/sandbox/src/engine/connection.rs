//! A session with the PostgreSQL behind the proxy.

use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use super::os;
use crate::protocol::{Head, Inbox, Reader, ServerMessage, SqlError, frontend};

/// Why something did not work out over a [`Connection`].
#[derive(Debug)]
pub(crate) enum Failure {
    /// PostgreSQL refused it; a transaction that was open is aborted now.
    Server(ServerMessage),
    /// The sandbox refused it; PostgreSQL does not know.
    Refused(SqlError),
    /// PostgreSQL is gone.
    Lost(io::Error),
    /// The client is gone.
    ClientGone,
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Lost(error)
    }
}

impl From<SqlError> for Failure {
    fn from(error: SqlError) -> Self {
        Self::Refused(error)
    }
}

impl Failure {
    pub(crate) fn message(&self) -> String {
        match self {
            Self::Server(message) => message.message().to_owned(),
            Self::Refused(error) => error.message.clone(),
            Self::Lost(error) => error.to_string(),
            Self::ClientGone => "the client is gone".to_owned(),
        }
    }
}

/// What a statement of the sandbox's own answered.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) rows: Vec<Vec<Option<String>>>,
    pub(crate) notices: Vec<ServerMessage>,
    /// The last statement's tag.
    pub(crate) tag: String,
}

impl Answer {
    /// What a query for one value returned, unless that is NULL.
    pub(crate) fn value(self) -> Option<String> {
        self.rows.into_iter().next()?.into_iter().next()?
    }
}

pub(crate) struct Connection {
    pub(crate) stream: os::Stream,
    pub(crate) inbox: Inbox,
    /// `I`dle, in a `T`ransaction, or in a failed one (`E`).
    pub(crate) status: u8,
    pub(crate) parameters: Vec<(String, String)>,
    /// What a CancelRequest has to quote.
    pub(crate) key: Vec<u8>,
}

impl Connection {
    pub(crate) fn connect<'a>(
        socket: &Path,
        parameters: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, Failure> {
        let mut stream = os::connect(socket)?;
        stream.write_all(&frontend::startup(parameters))?;
        let mut connection = Self {
            stream,
            inbox: Inbox::new(),
            status: b'I',
            parameters: Vec::new(),
            key: Vec::new(),
        };
        loop {
            let head = connection.wait()?;
            let body = connection.inbox.body(head);
            match head.tag {
                b'E' => return Err(Failure::Server(ServerMessage::parse(body))),
                b'K' => connection.key = body.to_vec(),
                b'S' => {
                    let mut reader = Reader(body);
                    let (name, value) = (reader.text()?.to_owned(), reader.text()?.to_owned());
                    connection.set_parameter(&name, &value);
                }
                b'Z' => connection.status = body.first().copied().unwrap_or(b'I'),
                b'R' if body != [0; 4] => {
                    return Err(io::Error::other(
                        "PostgreSQL asks for a password on its private socket",
                    )
                    .into());
                }
                _ => {}
            }
            connection.inbox.consume(head.total);
            if head.tag == b'Z' {
                return Ok(connection);
            }
        }
    }

    /// Keeps the latest value that PostgreSQL reported: the bundled one reports some twice at the start.
    pub(crate) fn set_parameter(&mut self, name: &str, value: &str) {
        match self.parameters.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => value.clone_into(known),
            None => self.parameters.push((name.to_owned(), value.to_owned())),
        }
    }

    /// The number of the process that serves it.
    pub(crate) fn pid(&self) -> i32 {
        let number = self.key.first_chunk::<4>();
        number.map_or(0, |number| i32::from_be_bytes(*number))
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// Waits for a whole message; its body stays in the inbox until it is consumed.
    pub(crate) fn wait(&mut self) -> io::Result<Head> {
        self.inbox.wait(&mut self.stream)
    }

    /// Whether something has arrived that was not asked for, such as an error in the middle of a load.
    pub(crate) fn has_news(&self) -> bool {
        !self.inbox.pending().is_empty() || os::readable(&self.stream, Duration::ZERO)
    }

    /// Whether more arrives within a time that nobody notices.
    pub(crate) fn has_more_soon(&self) -> bool {
        os::readable(&self.stream, Duration::from_millis(1))
    }

    /// Runs statements of the sandbox's own and keeps their rows.
    pub(crate) fn run(&mut self, sql: &str) -> Result<Answer, Failure> {
        let mut out = Vec::with_capacity(sql.len() + 8);
        frontend::query(&mut out, sql);
        self.send(&out)?;
        self.answer()
    }

    /// The same by the extended protocol and under a name, which leaves alone what the client has that is unnamed. Without
    /// a Sync it is a part of the client's pipeline.
    pub(crate) fn run_named(&mut self, sql: &str, syncs: bool) -> Result<Answer, Failure> {
        const NAME: &str = "redshift_sandbox";
        let mut out = Vec::with_capacity(sql.len() + 128);
        // One that failed has left its statement there.
        frontend::close_statement(&mut out, NAME);
        frontend::parse(&mut out, NAME, sql, &0_i16.to_be_bytes());
        frontend::run_statement(&mut out, NAME);
        frontend::close_statement(&mut out, NAME);
        if syncs {
            frontend::sync(&mut out);
            self.send(&out)?;
            return self.answer();
        }
        frontend::flush(&mut out);
        self.send(&out)?;
        let mut answer = Answer::default();
        let mut closed = 0;
        // The statement before is closed, the portal, and the statement.
        while closed < 3 {
            let head = self.wait()?;
            let body = self.inbox.body(head);
            match head.tag {
                b'D' => answer.rows.push(row(body)?),
                b'3' => closed += 1,
                b'E' => {
                    let message = ServerMessage::parse(body);
                    self.inbox.consume(head.total);
                    return Err(Failure::Server(message));
                }
                _ => {}
            }
            self.inbox.consume(head.total);
        }
        Ok(answer)
    }

    /// Reads to the end of a query's answer.
    pub(crate) fn answer(&mut self) -> Result<Answer, Failure> {
        let mut answer = Answer::default();
        let mut failure = None;
        loop {
            let head = self.wait()?;
            let body = self.inbox.body(head);
            match head.tag {
                b'D' => answer.rows.push(row(body)?),
                b'C' => answer.tag = Reader(body).text()?.to_owned(),
                b'N' => answer.notices.push(ServerMessage::parse(body)),
                b'E' => failure = Some(ServerMessage::parse(body)),
                b'Z' => self.status = body.first().copied().unwrap_or(b'I'),
                _ => {}
            }
            self.inbox.consume(head.total);
            if head.tag == b'Z' {
                return match failure {
                    Some(message) => Err(Failure::Server(message)),
                    None => Ok(answer),
                };
            }
        }
    }

    /// Makes a transaction that is open fail, as an error of PostgreSQL's own would.
    pub(crate) fn abort_transaction(&mut self) -> Result<(), Failure> {
        if self.status != b'T' {
            return Ok(());
        }
        match self.run("redshift_sandbox_refused_a_statement") {
            Err(Failure::Lost(error)) => Err(Failure::Lost(error)),
            _ => Ok(()),
        }
    }

    /// Ends the session and waits until the server has let go of the database.
    pub(crate) fn close(mut self) {
        let mut out = Vec::new();
        frontend::terminate(&mut out);
        if self.send(&out).is_ok() {
            while self.inbox.fill(&mut self.stream).is_ok_and(|read| read > 0) {
                self.inbox.consume(self.inbox.pending().len());
            }
        }
    }
}

fn row(body: &[u8]) -> io::Result<Vec<Option<String>>> {
    let mut reader = Reader(body);
    let columns = reader.i16()?;
    (0..columns)
        .map(|_| {
            let Ok(length) = usize::try_from(reader.i32()?) else {
                return Ok(None);
            };
            Ok(Some(
                String::from_utf8_lossy(reader.bytes(length)?).into_owned(),
            ))
        })
        .collect()
}
