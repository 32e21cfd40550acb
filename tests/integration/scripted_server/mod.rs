//! A server that says what a test writes, byte by byte: what no real one says on demand.

mod answering;
mod establish;
pub(crate) mod message;
mod outcomes;
mod statements;
mod timeouts;
mod unknown;
mod ways;

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use diesel::Connection;
use diesel_redshift::RedshiftConnection;

use message::{Say, parameter, ready};

/// What the server does when it is asked for the next time.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Sends these messages.
    Say(Say),
    /// Lets time pass.
    Wait(Duration),
    /// Sends these messages again and again.
    Forever(Say),
    /// Ends the connection.
    Close,
}

/// What a client asked for up to Query or Sync.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The types of the messages.
    pub(crate) messages: String,
    /// The text of the Query or Parse.
    pub(crate) sql: String,
}

/// What a server does on its own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answers {
    /// It answers a Parse that comes alone.
    Prepared,
    Nothing,
    /// It reads nothing.
    Deaf,
}

/// A server on the loopback, for one client after the other.
///
/// It answers the start of a session, and mostly a Parse that comes alone. The script's steps are for all else;
/// ParseComplete, BindComplete and NoData are put before what it says where the client has asked for them.
pub(crate) struct ScriptedServer {
    port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl ScriptedServer {
    /// Starts with a list of steps for each statement.
    pub(crate) fn start(script: Vec<Vec<Step>>) -> Self {
        Self::listen(script, Answers::Prepared)
    }

    /// A server whose script has steps for Parse as well.
    fn literal(script: Vec<Vec<Step>>) -> Self {
        Self::listen(script, Answers::Nothing)
    }

    /// A server that reads nothing after the start of a session.
    fn deaf() -> Self {
        Self::listen(Vec::new(), Answers::Deaf)
    }

    fn listen(script: Vec<Vec<Step>>, answers: Answers) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let record = Arc::clone(&asked);
        thread::spawn(move || {
            let mut script = script.into_iter();
            for stream in listener.incoming().flatten() {
                let _ = stream.set_nodelay(true);
                let mut session = Session {
                    stream,
                    status: b'I',
                    asked: Arc::clone(&record),
                };
                // A client that goes away ends its session only.
                let _ = session.greet();
                if answers == Answers::Deaf {
                    thread::sleep(Duration::from_secs(60));
                }
                let _ = session.serve(&mut script, answers);
                let _ = session.stream.shutdown(Shutdown::Both);
            }
        });
        Self { port, asked }
    }

    pub(crate) fn connect(&self) -> RedshiftConnection {
        let url = format!(
            "postgresql://ada@127.0.0.1:{}/dev?sslmode=disable",
            self.port
        );
        RedshiftConnection::establish(&url).expect("connects")
    }

    /// What was asked for up to now.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

struct Session {
    stream: TcpStream,
    /// What the last ReadyForQuery said.
    status: u8,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Session {
    fn greet(&mut self) -> io::Result<()> {
        self.body()?;
        let mut greeting = Say::new(b'R', &0i32.to_be_bytes());
        for (name, value) in [
            ("server_version", "8.0.2"),
            ("client_encoding", "UTF8"),
            ("integer_datetimes", "on"),
        ] {
            greeting = greeting.then(parameter(name, value));
        }
        self.say(&greeting.then(Say::new(b'K', &[0; 8])).then(ready(b'I')))
    }

    fn serve(
        &mut self,
        script: &mut impl Iterator<Item = Vec<Step>>,
        answers: Answers,
    ) -> io::Result<()> {
        loop {
            let asked = self.next()?;
            self.asked.lock().unwrap().push(asked.clone());
            if asked.messages == "PS" && answers == Answers::Prepared {
                self.say(&Say::new(b'1', &[]).then(ready(self.status)))?;
                continue;
            }
            let Some(steps) = script.next() else {
                return Ok(());
            };
            self.play(&asked, &steps)?;
        }
    }

    fn play(&mut self, asked: &Asked, steps: &[Step]) -> io::Result<()> {
        let mut before = Vec::new();
        for (request, answer) in [('P', b'1'), ('B', b'2')] {
            if asked.messages.contains(request) {
                before.extend(Say::new(answer, &[]).0);
            }
        }
        let has_rows =
            matches!(steps.first(), Some(Step::Say(say)) if say.0.first() == Some(&b'T'));
        if asked.messages.contains('D') && !has_rows {
            before.extend(Say::new(b'n', &[]).0);
        }
        self.stream.write_all(&before)?;
        for step in steps {
            match step {
                Step::Say(say) => self.say(say)?,
                Step::Wait(time) => thread::sleep(*time),
                Step::Forever(say) => loop {
                    self.say(say)?;
                },
                Step::Close => return Err(io::ErrorKind::ConnectionAborted.into()),
            }
        }
        Ok(())
    }

    fn say(&mut self, say: &Say) -> io::Result<()> {
        if let [.., b'Z', 0, 0, 0, 5, status] = say.0[..] {
            self.status = status;
        }
        self.stream.write_all(&say.0)
    }

    /// Reads up to Query or Sync.
    fn next(&mut self) -> io::Result<Asked> {
        let mut asked = Asked::default();
        loop {
            let mut kind = [0];
            self.stream.read_exact(&mut kind)?;
            let body = self.body()?;
            asked.messages.push(char::from(kind[0]));
            let text = |from: usize| {
                let text = body[from..].split(|byte| *byte == 0).next();
                String::from_utf8_lossy(text.unwrap_or_default()).into_owned()
            };
            match kind[0] {
                b'P' => {
                    let name = body.iter().position(|byte| *byte == 0).unwrap_or(0);
                    asked.sql = text(name + 1);
                }
                b'Q' => {
                    asked.sql = text(0);
                    return Ok(asked);
                }
                b'S' => return Ok(asked),
                b'X' => return Err(io::ErrorKind::UnexpectedEof.into()),
                _ => {}
            }
        }
    }

    /// What follows a message's type: a length that counts itself, and so many bytes.
    fn body(&mut self) -> io::Result<Vec<u8>> {
        let mut length = [0; 4];
        self.stream.read_exact(&mut length)?;
        let mut body = vec![0; (u32::from_be_bytes(length) as usize).saturating_sub(4)];
        self.stream.read_exact(&mut body)?;
        Ok(body)
    }
}
