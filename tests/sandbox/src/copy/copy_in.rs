//! Rows on their way into PostgreSQL.

use super::column::{Column, Target, Type};
use crate::engine::Failure;
use crate::protocol::{ServerMessage, frontend};
use crate::session::Session;
use crate::sql::{Name, quote_identifier};

/// So much goes into one message; the other process reads it while the next is being filled.
const MESSAGE: usize = 64 * 1024;

/// How many messages pass between two looks at whether the client is still there.
const LOOK_AFTER: u32 = 16;

pub(super) struct CopyIn {
    /// A CopyData message: its head, and rows.
    buffer: Vec<u8>,
    messages: u32,
}

const HEAD: usize = 5;

/// The setting by which a SUPER takes JSON and a VARBYTE hex digits, both in place of a plain text.
const COPIES: &str = "SET LOCAL redshift_sandbox.copies";

impl CopyIn {
    /// Begins PostgreSQL's own COPY in the client's session. Frozen rows are seen by transactions that began before; the table
    /// has to be made in the same one.
    pub(super) fn begin(
        session: &mut Session<'_>,
        table: &Name,
        target: &Target,
        frozen: bool,
    ) -> Result<Self, Failure> {
        let columns = &target.columns;
        let filled = columns.iter().map(|column| &column.name);
        let constant = target.constants.iter().map(|constant| &constant.name);
        let names: Vec<_> = filled
            .chain(constant)
            .map(|name| quote_identifier(name))
            .collect();
        // Whatever the client's encoding is.
        let mut sql = format!(
            "COPY {} ({}) FROM STDIN (ENCODING 'UTF8', FREEZE {frozen})",
            table.quoted(),
            names.join(", ")
        );
        let is_read = |column: &Column| matches!(column.kind, Type::Super | Type::Varbyte(_));
        if columns.iter().any(is_read) {
            // One message is one transaction, unless the client has one open: there it has to be taken back.
            sql = format!("{COPIES} TO on; {sql}; {COPIES} TO ''");
        }
        let mut out = Vec::new();
        frontend::query(&mut out, &sql);
        session.engine.send(&out)?;
        loop {
            let head = session.engine.wait()?;
            match head.tag {
                b'G' => {
                    session.engine.inbox.consume(head.total);
                    return Ok(Self {
                        buffer: vec![0; HEAD],
                        messages: 0,
                    });
                }
                b'E' => {
                    return Err(match session.engine.answer() {
                        Err(failure) => failure,
                        Ok(_) => Failure::Server(ServerMessage::default()),
                    });
                }
                _ => session.engine.inbox.consume(head.total),
            }
        }
    }

    /// Where rows are written, in the text format of COPY.
    pub(super) fn rows(&mut self) -> &mut Vec<u8> {
        &mut self.buffer
    }

    /// Sends what was written if it is enough.
    pub(super) fn row_done(&mut self, session: &mut Session<'_>) -> Result<(), Failure> {
        if let Err(cut) = session.count_row() {
            self.abandon(session)?;
            return Err(cut);
        }
        if self.buffer.len() >= MESSAGE {
            self.send(session)
        } else {
            Ok(())
        }
    }

    fn send(&mut self, session: &mut Session<'_>) -> Result<(), Failure> {
        if self.buffer.len() > HEAD {
            let length = u32::try_from(self.buffer.len() - 1).unwrap_or(u32::MAX);
            self.buffer[0] = b'd';
            self.buffer[1..HEAD].copy_from_slice(&length.to_be_bytes());
            session.engine.send(&self.buffer)?;
            self.buffer.truncate(HEAD);
        }
        while session.engine.has_news() {
            let head = session.engine.wait()?;
            if head.tag == b'E' {
                // PostgreSQL does not wait for the rest.
                session.engine.answer()?;
                break;
            }
            session.engine.inbox.consume(head.total);
        }
        self.messages += 1;
        if self.messages.is_multiple_of(LOOK_AFTER) && session.client.has_left() {
            self.abandon(session)?;
            return Err(Failure::ClientGone);
        }
        Ok(())
    }

    /// Ends the load; the rows are in.
    pub(super) fn finish(mut self, session: &mut Session<'_>) -> Result<(), Failure> {
        self.send(session)?;
        if let Err(cut) = session.cut_at_end() {
            self.abandon(session)?;
            return Err(cut);
        }
        if session.client.has_left() {
            self.abandon(session)?;
            return Err(Failure::ClientGone);
        }
        let mut out = Vec::new();
        frontend::copy_done(&mut out);
        session.engine.send(&out)?;
        session.engine.answer()?;
        Ok(())
    }

    /// Ends the load with an error; no row is in.
    pub(super) fn abandon(&mut self, session: &mut Session<'_>) -> Result<(), Failure> {
        let mut out = Vec::new();
        frontend::copy_fail(&mut out, "the load failed");
        session.engine.send(&out)?;
        match session.engine.answer() {
            Err(Failure::Server(_)) | Ok(_) => Ok(()),
            Err(failure) => Err(failure),
        }
    }
}
