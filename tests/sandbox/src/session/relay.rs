//! From PostgreSQL to the client.

use std::io::Write;
use std::rc::Rc;

use super::description::Description;
use super::expected::Expected;
use super::intervals::Intervals;
use super::pipeline::note_tag;
use super::{Session, types};
use crate::engine::Failure;
use crate::protocol::{Head, Reader, ServerMessage, backend};

/// Row counts stay on the server: libpq and others see a bare word.
const BARE_TAGS: [&str; 2] = ["SELECT", "COPY"];

/// What the next bytes from PostgreSQL are.
enum Next {
    /// Rows that can be passed on as they are, and how much of the last one is still to come.
    Rows {
        arrived: usize,
        missing: usize,
    },
    /// A whole message to look at.
    Message(Head),
    More,
}

impl Session<'_> {
    /// Sends what PostgreSQL is to be sent, and passes on its answers until nothing is due any more. Returns whether an
    /// error was among them.
    pub(super) fn finish_expected(&mut self) -> Result<bool, Failure> {
        if !self.to_engine.is_empty() {
            self.engine.send(&self.to_engine)?;
            self.to_engine.clear();
        }
        let mut failed = false;
        self.emit_own()?;
        while !self.expected.is_empty() {
            if self.cut.is_some() {
                self.relay_until_cut()?;
                continue;
            }
            match self.next()? {
                Next::Rows { arrived, missing } => {
                    self.recorder.rows_passed(arrived + missing);
                    self.client.pass(&self.engine.inbox.pending()[..arrived])?;
                    self.engine.inbox.consume(arrived);
                    self.pass_rest(missing)?;
                }
                Next::Message(head) => {
                    failed |= head.tag == b'E';
                    self.message(head)?;
                    self.emit_own()?;
                }
                Next::More => {
                    // A large result is sent on in large parts: each one wakes the client.
                    if self.client.out.is_empty() || !self.engine.has_more_soon() {
                        self.client.flush()?;
                    }
                    if self.engine.inbox.fill(&mut self.engine.stream)? == 0 {
                        return Err(Failure::Lost(std::io::ErrorKind::UnexpectedEof.into()));
                    }
                }
            }
        }
        Ok(failed)
    }

    fn next(&self) -> Result<Next, Failure> {
        let pending = self.engine.inbox.pending();
        let mut arrived = 0;
        loop {
            let Some(head) = crate::protocol::head_of(&pending[arrived..])? else {
                return Ok(if arrived > 0 {
                    Next::Rows {
                        arrived,
                        missing: 0,
                    }
                } else {
                    Next::More
                });
            };
            let left = pending.len() - arrived;
            if head.tag != b'D' || self.intervals.is_some() {
                if arrived > 0 {
                    return Ok(Next::Rows {
                        arrived,
                        missing: 0,
                    });
                }
                return Ok(if left >= head.total {
                    Next::Message(head)
                } else {
                    Next::More
                });
            }
            if left < head.total {
                return Ok(Next::Rows {
                    arrived: pending.len(),
                    missing: head.total - left,
                });
            }
            arrived += head.total;
        }
    }

    /// Passes on the rest of a row that did not fit.
    fn pass_rest(&mut self, mut missing: usize) -> Result<(), Failure> {
        while missing > 0 {
            if self.engine.inbox.pending().is_empty() {
                self.client.flush()?;
                if self.engine.inbox.fill(&mut self.engine.stream)? == 0 {
                    return Err(Failure::Lost(std::io::ErrorKind::UnexpectedEof.into()));
                }
            }
            let part = missing.min(self.engine.inbox.pending().len());
            self.client.pass(&self.engine.inbox.pending()[..part])?;
            self.engine.inbox.consume(part);
            missing -= part;
        }
        Ok(())
    }

    pub(super) fn message(&mut self, head: Head) -> Result<(), Failure> {
        if head.tag == b'D' {
            self.recorder.rows_passed(head.total);
            return self.row(head);
        }
        let front = self.expected.front();
        let body = self.engine.inbox.body(head);
        let whole = &self.engine.inbox.pending()[..head.total];
        let mut done = false;
        // The tag of a statement that has ended.
        let mut ended = None;
        match head.tag {
            b'C' => {
                let tag = Reader(body).text()?;
                self.settings_changed |= matches!(tag, "SET" | "RESET" | "ROLLBACK" | "COMMIT");
                let bare = tag.split_once(' ').filter(|(verb, count)| {
                    BARE_TAGS.contains(verb) && count.bytes().all(|byte| byte.is_ascii_digit())
                });
                backend::command_complete(&mut self.client.out, bare.map_or(tag, |(verb, _)| verb));
                done = matches!(front, Some(Expected::Execute));
                self.intervals = None;
                match tag {
                    "DECLARE CURSOR" => self.cursor_open = true,
                    "CLOSE CURSOR" | "CLOSE CURSOR ALL" | "COMMIT" | "ROLLBACK" => {
                        (self.cursor_open, self.locked) = (false, None);
                    }
                    _ => {}
                }
                note_tag(tag, &mut self.engine.status, &mut self.pipeline);
                ended = Some(tag.to_owned());
            }
            b'I' | b's' => {
                self.client.out.extend_from_slice(whole);
                done = matches!(front, Some(Expected::Execute));
                self.intervals = None;
                ended = done.then(String::new);
            }
            b'Z' => {
                self.engine.status = body.first().copied().unwrap_or(b'I');
                done = true;
                self.cursor_open &= self.engine.status != b'I';
                if !matches!(front, Some(Expected::Part)) {
                    self.client.out.extend_from_slice(whole);
                }
            }
            b'E' => {
                let mut message = ServerMessage::parse(body);
                self.restore_deadlock(&mut message);
                self.engine.inbox.consume(head.total);
                self.intervals = None;
                self.fail(message);
                self.skip_failed();
                return Ok(());
            }
            b'S' => {
                let mut reader = Reader(body);
                let (name, value) = (reader.text()?, reader.text()?);
                let mut known = self.engine.parameters.iter_mut();
                if let Some((_, known)) = known.find(|(known, _)| known == name) {
                    value.clone_into(known);
                }
                if let Some(name) = super::startup::reported_name(name) {
                    backend::parameter_status(&mut self.client.out, name, value);
                }
            }
            b'G' => {
                // No statement that gets here can load from the client.
                let mut out = Vec::new();
                crate::protocol::frontend::copy_fail(&mut out, "COPY FROM STDIN is not supported");
                self.engine.stream.write_all(&out)?;
            }
            b't' | b'T' | b'n' if matches!(front, Some(Expected::Description(..))) => {
                if let Some(Expected::Description(text, described)) = self.expected.front_mut() {
                    match head.tag {
                        b't' => described.read_parameters(body)?,
                        b'T' => described.read_columns(body)?,
                        _ => {}
                    }
                    done = head.tag != b't';
                    if done {
                        let _ = text.description.set(Rc::new(std::mem::take(described)));
                    }
                }
            }
            b'1' | b'2' | b'3' | b'n' => {
                self.client.out.extend_from_slice(whole);
                done = true;
            }
            b't' => {
                let types = self.shared.engine.types();
                types::parameter_description(&mut self.client.out, whole, types);
            }
            b'T' => {
                let types = self.shared.engine.types();
                types::row_description(&mut self.client.out, whole, types)?;
                done = matches!(front, Some(Expected::Describe));
                if !done {
                    let mut described = Description::default();
                    described.read_columns(body)?;
                    let text = Rc::from([]);
                    self.intervals = Intervals::new(&described.intervals, &text);
                }
            }
            _ => self.client.out.extend_from_slice(whole),
        }
        if done {
            self.expected.pop_front();
        }
        self.engine.inbox.consume(head.total);
        if let Some(tag) = ended {
            self.record_success(&tag);
        }
        Ok(())
    }

    /// Where PostgreSQL has no timers, those who stand in for them cancel what waits in a circle.
    pub(super) fn restore_deadlock(&self, message: &mut ServerMessage) {
        let timers = self.shared.engine.timers();
        if message.code() == "57014"
            && timers.is_some_and(|timers| timers.take_deadlocked(self.engine.pid()))
        {
            message.set(b'C', "40P01");
            message.set(b'M', "deadlock detected");
        }
    }

    /// After an error, PostgreSQL passes over everything up to the next Sync.
    fn skip_failed(&mut self) {
        while self
            .expected
            .front()
            .is_some_and(|expected| !expected.ends_with_ready())
        {
            self.expected.pop_front();
        }
        self.skipping = self.expected.is_empty();
    }

    /// Sends ready-made answers whose turn it is.
    fn emit_own(&mut self) -> Result<(), Failure> {
        loop {
            match self.expected.front() {
                Some(Expected::Own(messages)) => self.client.pass(messages)?,
                Some(Expected::Rows(text, formats)) => {
                    let described = text.description.get();
                    self.intervals =
                        described.and_then(|it| Intervals::new(&it.intervals, formats));
                }
                _ => break,
            }
            self.expected.pop_front();
        }
        if self.expected.is_empty() {
            self.client.flush()
        } else {
            Ok(())
        }
    }
}
