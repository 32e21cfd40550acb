//! The Query message.

use super::Session;
use super::client::violation;
use super::expected::Expected;
use crate::engine::Failure;
use crate::protocol::{Reader, SqlError, SqlResult, backend, frontend};
use crate::sql::{self, Statement};

impl Session<'_> {
    pub(super) fn simple_query(&mut self, body: &[u8]) -> Result<(), Failure> {
        self.finish_expected()?;
        self.skipping = false;
        self.settle()?;
        let text = Reader(body).text().map_err(violation)?;
        self.query = self.shared.next_query();
        self.log_statement(text);
        match sql::analyze(text) {
            Err(error) => {
                self.refuse(&error)?;
                self.ready()
            }
            Ok(statements) => {
                self.forget_deallocated(&statements);
                match plain_text(&statements).filter(|_| !self.shared.faults.armed()) {
                    Some(text) => self.pass_query(&text, Expected::Query).map(|_| ()),
                    None => self.script(&statements),
                }
            }
        }
    }

    fn forget_deallocated(&mut self, statements: &[SqlResult<Statement>]) {
        for statement in statements {
            if let Ok(Statement::Deallocate { name, .. }) = statement {
                self.verbs.remove(name);
            }
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
    fn script(&mut self, statements: &[SqlResult<Statement>]) -> Result<(), Failure> {
        let several = statements.len() > 1;
        let mut implicit = false;
        for (at, statement) in statements.iter().enumerate() {
            let needs_one = implicit || several && at + 1 < statements.len();
            if needs_one
                && self.engine.status == b'I'
                && !matches!(statement, Ok(Statement::Begin(_) | Statement::Alone { .. }))
            {
                self.engine.run("BEGIN")?;
                implicit = true;
            }
            let failed = match statement {
                Ok(statement) => self.script_statement(statement, &mut implicit, several)?,
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
        if implicit && self.engine.status != b'I' {
            self.engine.run("COMMIT")?;
        }
        self.ready()
    }

    fn script_statement(
        &mut self,
        statement: &Statement,
        implicit: &mut bool,
        several: bool,
    ) -> Result<bool, Failure> {
        if self.strike_statement(statement)? {
            return Ok(true);
        }
        match statement {
            Statement::Begin(_) if *implicit => {
                // The transaction that is open becomes the client's own.
                *implicit = false;
                backend::command_complete(&mut self.client.out, "BEGIN");
                Ok(false)
            }
            Statement::Alone { what, .. } if several => {
                self.refuse(&not_in_block(what))?;
                Ok(true)
            }
            statement if statement.is_plain() => {
                self.pass_query(statement.plain_text(), Expected::Part)
            }
            statement => self.run_local(statement),
        }
    }

    /// Runs a statement that the sandbox works off itself; returns whether it failed.
    pub(super) fn run_local(&mut self, statement: &Statement) -> Result<bool, Failure> {
        match self.local(statement) {
            Ok(()) => {
                self.cut_at_end()?;
                Ok(false)
            }
            Err(Failure::Refused(error)) => {
                self.refuse(&error)?;
                Ok(true)
            }
            Err(Failure::Server(mut message)) => {
                super::relay::redshift_error(&mut message, self.query);
                message.write(&mut self.client.out, b'E');
                Ok(true)
            }
            Err(failure) => Err(failure),
        }
    }

    /// Sends an error of the sandbox's own, and lets the transaction fail that is open.
    pub(super) fn refuse(&mut self, error: &SqlError) -> Result<(), Failure> {
        self.abort_pipeline()?;
        error.write(&mut self.client.out, "ERROR");
        Ok(())
    }

    pub(super) fn ready(&mut self) -> Result<(), Failure> {
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

/// The whole text for PostgreSQL, if nothing in it needs the sandbox.
fn plain_text(statements: &[SqlResult<Statement>]) -> Option<String> {
    let mut text = String::new();
    for statement in statements {
        let statement = statement
            .as_ref()
            .ok()
            .filter(|statement| statement.is_plain())?;
        if !text.is_empty() {
            text.push(';');
        }
        text.push_str(statement.plain_text());
    }
    Some(text)
}
