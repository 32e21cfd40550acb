//! Parse, Bind, Describe, Execute, Close, Sync and Flush.

use std::rc::Rc;

use super::client::violation;
use super::description::Description;
use super::expected::Expected;
use super::formats::Formats;
use super::intervals;
use super::simple_query::second_cursor;
use super::{Portal, Session, Text};
use crate::engine::Failure;
use crate::protocol::{Head, Reader, SqlResult, backend, frontend};
use crate::sql::{self, Statement, refuse};

/// So much is sent at once before the answers are read: neither side may wait for the other.
const LARGEST_BATCH: usize = 32 * 1024;
const LONGEST_BATCH: usize = 64;

impl Session<'_> {
    pub(super) fn extended(&mut self, head: Head, body: &[u8]) -> Result<(), Failure> {
        if head.tag == b'S' {
            self.sync()?;
            (self.locked, self.begins) = (None, false);
            self.portals.clear();
            self.portal_texts.clear();
            return Ok(());
        }
        if self.skipping {
            return Ok(());
        }
        if !self.pipeline.open {
            self.note_statement_timeout()?;
            self.settle()?;
            self.pipeline.open = true;
        }
        if head.tag == b'H'
            || self.to_engine.len() > LARGEST_BATCH
            || self.expected.len() > LONGEST_BATCH
        {
            self.flush_engine()?;
            if head.tag == b'H' || self.skipping {
                return Ok(());
            }
        }
        let result = match head.tag {
            b'P' => self.parse(body),
            b'B' => self.bind(head, body),
            b'D' => self.describe(head, body),
            b'E' => self.execute(head, body),
            _ => self.close(head, body),
        };
        match result {
            Err(Failure::Refused(error)) => {
                self.flush_engine()?;
                if !self.skipping {
                    self.refuse(&error)?;
                    self.skipping = true;
                }
                Ok(())
            }
            result => result,
        }
    }

    /// Makes PostgreSQL answer what it was sent so far.
    pub(super) fn flush_engine(&mut self) -> Result<(), Failure> {
        if !self.to_engine.is_empty() {
            frontend::flush(&mut self.to_engine);
        }
        self.finish_expected()?;
        Ok(())
    }

    fn forward(&mut self, head: Head, body: &[u8], expected: Expected) {
        backend::message(&mut self.to_engine, head.tag, |out| {
            out.extend_from_slice(body)
        });
        self.expected.push_back(expected);
    }

    fn own(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let mut messages = Vec::new();
        write(&mut messages);
        self.expected.push_back(Expected::Own(messages));
    }

    fn parse(&mut self, body: &[u8]) -> Result<(), Failure> {
        let mut reader = Reader(body);
        let name = reader.text().map_err(violation)?;
        let text = reader.text().map_err(violation)?;
        let types = parameter_types(&mut reader).map_err(violation)??;
        self.log_statement(text);
        let mut statement = sql::analyze_one(text, &types)?;
        if let Some((_, read)) = &statement {
            let names = self.inlined(text, read, true)?;
            if !names.is_empty() {
                statement = sql::inlining(&names, || sql::analyze_one(text, &types))?;
            }
        }
        let own = self.prepared.remove(name).is_some();
        let statement = match statement {
            Some((kind, statement)) => {
                let text = Text::new(text, kind, Some(&statement));
                self.texts.insert(name.to_owned(), text);
                Some(statement)
            }
            None => {
                self.texts.remove(name);
                None
            }
        };
        self.changed.remove(name);
        self.begins |= matches!(statement, Some(Statement::Begin(_)));
        if let Some(statement) = &statement
            && let Some(table) = self.table_changed_by(statement)
        {
            if !self.lock_in_pipeline(&table)? {
                return Ok(());
            }
            self.changed.insert(name.to_owned(), table);
            if let Statement::Prepare { .. } = statement {
                self.note_prepared(statement);
            }
        }
        match statement {
            Some(statement) if !statement.is_plain() => {
                if !name.is_empty() && own {
                    return Err(crate::protocol::SqlError::new(
                        "42P05",
                        format!("prepared statement \"{name}\" already exists"),
                    )
                    .into());
                }
                self.prepared.insert(name.to_owned(), Rc::new(statement));
                self.own(backend::parse_complete);
            }
            statement => {
                let text = statement.as_ref().map_or("", Statement::plain_text);
                let types = self.parameter_types(&types);
                frontend::parse(&mut self.to_engine, name, text, &types);
                self.expected.push_back(Expected::Parse);
                if let Some(text) = self.texts.get(name)
                    && intervals::can_be_in(text.verb())
                {
                    frontend::describe_statement(&mut self.to_engine, name);
                    let text = Rc::clone(text);
                    self.expected
                        .push_back(Expected::Description(text, Description::default()));
                }
            }
        }
        Ok(())
    }

    fn bind(&mut self, head: Head, body: &[u8]) -> Result<(), Failure> {
        let mut reader = Reader(body);
        let portal = reader.text().map_err(violation)?;
        let statement = reader.text().map_err(violation)?;
        let (formats, count) = Formats::read(&mut reader).map_err(violation)?;
        if usize::from(count) > refuse::MOST_PARAMETERS {
            return Err(refuse::no_such_parameter(usize::from(count)).into());
        }
        self.portals.remove(portal);
        match self.texts.get(statement) {
            Some(text) => {
                let text = Rc::clone(text);
                let bound = Portal {
                    text,
                    has_run: false,
                    formats: formats.results(),
                };
                self.portal_texts.insert(portal.to_owned(), bound);
            }
            None => {
                self.portal_texts.remove(portal);
            }
        }
        match self.prepared.get(statement) {
            Some(statement) => {
                if count != 0 {
                    return Err(crate::protocol::SqlError::syntax("$1").into());
                }
                let statement = Rc::clone(statement);
                self.portals.insert(portal.to_owned(), statement);
                self.own(backend::bind_complete);
            }
            None => {
                let verb = self.texts.get(statement).map_or("", |text| text.verb());
                self.begins |= verb.eq_ignore_ascii_case("begin");
                if verb.eq_ignore_ascii_case("declare") {
                    self.flush_engine()?;
                    if self.cursor_open && !self.skipping {
                        return Err(second_cursor().into());
                    }
                }
                if let Some(table) = self.changed.get(statement).cloned()
                    && !self.lock_in_pipeline(&table)?
                {
                    return Ok(());
                }
                self.check_formats(statement, &formats)?;
                if !self.skipping {
                    self.forward(head, body, Expected::Bind);
                }
            }
        }
        Ok(())
    }

    fn describe(&mut self, head: Head, body: &[u8]) -> Result<(), Failure> {
        let mut reader = Reader(body);
        let is_statement = reader.byte().map_err(violation)? == b'S';
        let name = reader.text().map_err(violation)?;
        let known = if is_statement {
            &self.prepared
        } else {
            &self.portals
        };
        if known.contains_key(name) {
            self.own(|out| {
                if is_statement {
                    backend::no_parameters(out);
                }
                backend::no_data(out);
            });
        } else {
            self.forward(head, body, Expected::Describe);
        }
        Ok(())
    }

    fn execute(&mut self, head: Head, body: &[u8]) -> Result<(), Failure> {
        let portal = Reader(body).text().map_err(violation)?;
        let statement = self.portals.get(portal).cloned();
        let bound = self.portal_texts.get_mut(portal);
        let (text, has_run) = match bound {
            Some(bound) => (
                Some(Rc::clone(&bound.text)),
                std::mem::replace(&mut bound.has_run, true),
            ),
            None => (None, true),
        };
        let asks = text
            .as_ref()
            .is_some_and(|text| self.asks_for_history(text));
        let has_external = self.has_external();
        if statement.is_some() || asks || self.shared.faults.armed() || has_external {
            self.flush_engine()?;
            if self.skipping {
                return self.client.flush();
            }
        }
        self.record(text.clone().filter(|_| !has_run));
        let commits = self.engine.status == b'I' || self.pipeline.begun;
        if let Some(text) = &text
            && self.inject(text.verb(), statement.as_deref(), commits)?
        {
            self.skipping = true;
            return self.client.flush();
        }
        let statement = match (statement, &text) {
            (Some(statement), _) => {
                self.external(&statement, true)?;
                Some(statement)
            }
            (None, Some(text)) if has_external => self.external_text(text.sql())?.map(Rc::new),
            (None, _) => None,
        };
        let Some(statement) = statement else {
            if let Some(text) = &text {
                self.send_history_in_pipeline(text)?;
                if self.skipping {
                    return self.client.flush();
                }
            }
            if let Some(bound) = self.portal_texts.get(portal)
                && bound
                    .text
                    .description
                    .get()
                    .is_none_or(|described| !described.intervals.is_empty())
            {
                let (text, formats) = (Rc::clone(&bound.text), Rc::clone(&bound.formats));
                self.expected.push_back(Expected::Rows(text, formats));
            }
            // Redshift does not stop in the unnamed portal, however few rows are asked for.
            let body = if portal.is_empty() { &[0; 5] } else { body };
            self.forward(head, body, Expected::Execute);
            self.pipeline.executed = true;
            return Ok(());
        };
        self.join_pipeline(&statement)?;
        let failed = match &text {
            Some(text) => self.send_history(text)?,
            None => false,
        };
        self.skipping = failed || self.run_local(&statement)?;
        self.client.flush()
    }

    fn close(&mut self, head: Head, body: &[u8]) -> Result<(), Failure> {
        let mut reader = Reader(body);
        let is_statement = reader.byte().map_err(violation)? == b'S';
        let name = reader.text().map_err(violation)?;
        let known = if is_statement {
            &mut self.prepared
        } else {
            &mut self.portals
        };
        let own = known.remove(name).is_some();
        if is_statement {
            self.texts.remove(name);
            self.changed.remove(name);
        } else {
            self.portal_texts.remove(name);
        }
        if own {
            self.own(backend::close_complete);
        } else {
            self.forward(head, body, Expected::Close);
        }
        Ok(())
    }
}

fn parameter_types(reader: &mut Reader<'_>) -> std::io::Result<SqlResult<Vec<u32>>> {
    let count = usize::from(reader.i16()? as u16);
    if count > refuse::MOST_PARAMETERS {
        return Ok(Err(refuse::no_such_parameter(count)));
    }
    (0..count)
        .map(|_| Ok(reader.i32()? as u32))
        .collect::<std::io::Result<_>>()
        .map(Ok)
}
