//! The Query message.

use std::rc::Rc;

use super::client::violation;
use super::expected::Expected;
use super::{Session, Text};
use crate::engine::Failure;
use crate::protocol::{Reader, SqlError, backend, frontend};
use crate::sql::{BEGIN, Part, Statement};

impl Session<'_> {
    pub(super) fn simple_query(&mut self, body: &[u8]) -> Result<(), Failure> {
        self.finish_expected()?;
        self.skipping = false;
        self.locked = None;
        self.settle()?;
        let text = Reader(body).text().map_err(violation)?;
        self.log_statement(text);
        match self.analyze(text)? {
            Err(error) => {
                self.refuse(&error)?;
                self.ready()
            }
            Ok(parts) => {
                let texts: Vec<_> = parts
                    .iter()
                    .map(|part| {
                        let statement = part.statement.as_ref().ok();
                        Text::new(&text[part.place.clone()], part.kind, statement)
                    })
                    .collect();
                match self.plain_text(&parts).filter(|_| {
                    !self.shared.faults.armed()
                        && !self.depends_on_order(&texts)
                        && !self.has_external()
                }) {
                    Some(sql) => {
                        for part in &parts {
                            if let Ok(statement) = &part.statement {
                                self.note_prepared(statement);
                            }
                        }
                        self.whole(&sql, texts)
                    }
                    None => self.script(&parts, &texts),
                }
            }
        }
    }

    /// The text for PostgreSQL, if nothing in it needs the sandbox. Several statements outside of a transaction need a
    /// transaction, and a change within one locks its table first.
    fn plain_text(&self, parts: &[Part]) -> Option<String> {
        let begins = parts
            .first()
            .is_some_and(|part| matches!(part.statement, Ok(Statement::Begin(_))));
        let in_block = begins || self.engine.status != b'I';
        if !in_block && parts.len() > 1 {
            return None;
        }
        let mut text = String::new();
        for part in parts {
            let statement = part.statement.as_ref().ok()?;
            let locks = in_block && self.table_changed_by(statement).is_some();
            if locks || !statement.is_plain() || statement.declares() {
                return None;
            }
            if !text.is_empty() {
                text.push(';');
            }
            text.push_str(statement.plain_text());
        }
        Some(text)
    }

    /// Gives PostgreSQL all statements at once.
    fn whole(&mut self, sql: &str, texts: Vec<Rc<Text>>) -> Result<(), Failure> {
        let only = match &texts[..] {
            [text] => Some(Rc::clone(text)),
            _ => None,
        };
        for text in texts {
            self.record(Some(text));
        }
        match only {
            Some(text) if self.send_history(&text)? => self.ready(),
            _ => self.pass_query(sql, Expected::Query).map(|_| ()),
        }
    }

    /// Gives a query to PostgreSQL and its answer to the client; returns whether it failed.
    fn pass_query(&mut self, text: &str, expected: Expected) -> Result<bool, Failure> {
        frontend::query(&mut self.to_engine, text);
        self.expected.push_back(expected);
        self.finish_expected()
    }

    /// Runs statements one by one, in one transaction as PostgreSQL would: it begins before the first, and what BEGIN and
    /// COMMIT among them do to it is done.
    fn script(&mut self, parts: &[Part], texts: &[Rc<Text>]) -> Result<(), Failure> {
        let several = parts.len() > 1;
        let mut implicit = false;
        for (at, (part, text)) in parts.iter().zip(texts).enumerate() {
            let statement = &part.statement;
            let needs_one = implicit || several && at + 1 < parts.len();
            if needs_one
                && self.engine.status == b'I'
                && !matches!(statement, Ok(Statement::Begin(_) | Statement::Alone { .. }))
            {
                self.engine.run(BEGIN)?;
                implicit = true;
            }
            self.refresh_label()?;
            self.record(Some(Rc::clone(text)));
            let failed = match statement {
                Ok(statement) => {
                    let commits = at + 1 == parts.len() && (implicit || self.engine.status == b'I');
                    self.send_history(text)?
                        || self.inject(statement.verb(), Some(statement), commits)?
                        || {
                            implicit |= self.begin_to_fail()?;
                            self.script_statement(statement, &mut implicit, several)?
                        }
                }
                Err(error) => {
                    self.refuse(error)?;
                    true
                }
            };
            if failed {
                if implicit {
                    self.engine.run("ROLLBACK")?;
                }
                return self.ready();
            }
        }
        if self.fails_at_end() {
            self.end_badly()?;
            self.engine.run("ROLLBACK")?;
            return self.ready();
        }
        if implicit && self.engine.status != b'I' {
            self.engine.run("COMMIT")?;
        }
        self.end_badly()?;
        self.ready()
    }

    fn script_statement(
        &mut self,
        statement: &Statement,
        implicit: &mut bool,
        several: bool,
    ) -> Result<bool, Failure> {
        if statement.declares() && self.cursor_open {
            self.refuse(&second_cursor())?;
            return Ok(true);
        }
        let dropped = match self.external(statement, false) {
            Ok(dropped) => dropped,
            Err(Failure::Refused(error)) => {
                self.refuse(&error)?;
                return Ok(true);
            }
            Err(failure) => return Err(failure),
        };
        match dropped.as_ref().unwrap_or(statement) {
            Statement::Begin(_) if *implicit => {
                // The transaction that is open becomes the client's own.
                *implicit = false;
                backend::command_complete(&mut self.client.out, "BEGIN");
                self.record_success("BEGIN");
                Ok(false)
            }
            Statement::Alone { what, .. } if several => {
                self.refuse(&not_in_block(what))?;
                Ok(true)
            }
            statement if statement.is_plain() => {
                if let Some(table) = self.table_changed_by(statement)
                    && !self.lock(&table)?
                {
                    return Ok(true);
                }
                self.note_prepared(statement);
                self.pass_query(statement.plain_text(), Expected::Part)
            }
            statement => self.run_local(statement),
        }
    }

    /// Runs a statement that the sandbox handles itself; returns whether it failed.
    pub(super) fn run_local(&mut self, statement: &Statement) -> Result<bool, Failure> {
        match self.local(statement) {
            Ok(()) => {
                self.cut_at_end()?;
                self.record_success("");
                Ok(false)
            }
            Err(Failure::Refused(error)) => {
                self.refuse(&error)?;
                Ok(true)
            }
            Err(Failure::Server(message)) => {
                self.fail(message);
                Ok(true)
            }
            Err(failure) => Err(failure),
        }
    }

    /// Sends an error of the sandbox's own, and lets the transaction fail that is open.
    pub(super) fn refuse(&mut self, error: &SqlError) -> Result<(), Failure> {
        self.record_failure(error.code, &error.message);
        self.abort_pipeline()?;
        error.write(&mut self.client.out, "ERROR");
        Ok(())
    }

    pub(super) fn ready(&mut self) -> Result<(), Failure> {
        self.ending = None;
        backend::ready_for_query(&mut self.client.out, self.engine.status);
        self.client.flush()
    }
}

pub(super) fn not_in_block(what: &str) -> SqlError {
    SqlError::new(
        "25001",
        format!("{what} cannot run inside a transaction block"),
    )
}

pub(super) fn second_cursor() -> SqlError {
    SqlError::unsupported("Only one cursor can be open in a session at a time")
}
