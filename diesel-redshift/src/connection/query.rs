//! How statements are sent: by either protocol, reported to the instrumentation, up to their first
//! result.

use std::ffi::{CStr, CString};
use std::sync::Arc;

use diesel::connection::{DebugQuery, InstrumentationEvent};
use diesel::result::{Error, QueryResult};

use super::RedshiftConnection;
use super::batch::may_commit;
use super::binary::DeclaredColumn;
use super::error::unable_to_send;
use super::raw::{ResultStatus, SessionStatus};
use super::result::RedshiftResult;
use super::statement::{AnyQuery, Statement, makes_plans_stale};
use super::transaction_state::Commands;
use crate::Redshift;
use crate::error::{DatabaseError, InvalidValue, TransactionError};
use crate::query_builder::RedshiftBindCollector;

/// The most parameters that Redshift accepts in a statement.
const MAX_BINDS: usize = 32_767;

const NO_ANSWER: &str = "the server was ready for the next statement without an answer to this one";

impl RedshiftConnection {
    pub(super) fn simple_query(&mut self, sql: &str, shown: &dyn DebugQuery) -> QueryResult<()> {
        self.admit()?;
        self.sent_in = None;
        self.instrumentation
            .on_connection_event(InstrumentationEvent::start_query(shown));
        let mut commands = Commands::default();
        let result = self
            .send_simple(sql, &mut commands)
            .map_err(|error| self.outcome_of(error, || Some(sql.to_owned())));
        self.observe(commands, result.as_ref().err());
        let result = result.map_err(|error| self.transaction.state.with_end(error));
        self.instrumentation
            .on_connection_event(InstrumentationEvent::finish_query(
                shown,
                result.as_ref().err(),
            ));
        self.raw.resume_panic();
        result
    }

    fn send_simple(&mut self, sql: &str, commands: &mut Commands) -> QueryResult<()> {
        let text = CString::new(sql)?;
        // BEGIN passes through here: a session that only works in transactions is idle at no other time.
        self.deallocate_forgotten();
        self.note_sending();
        self.raw
            .send_simple(&text)
            .map_err(|message| unable_to_send(message, &self.raw))?;
        let mut results = 0;
        let mut stale = false;
        let outcome = self.read_rest(|result| {
            results += 1;
            commands.note(result.command_tag());
            stale |= makes_plans_stale(result.command_tag(), text.to_str().ok());
        });
        if stale {
            self.statements.clear();
        }
        match outcome {
            Ok(()) if results == 0 => Err(unable_to_send(NO_ANSWER.to_owned(), &self.raw)),
            outcome => outcome,
        }
    }

    /// Reads up to ReadyForQuery. The first error among the results is the error: a statement
    /// outside a transaction commits after its CommandComplete, and that may fail as well.
    pub(super) fn read_rest(&self, mut each: impl FnMut(&RedshiftResult)) -> QueryResult<()> {
        let mut outcome = Ok(());
        while let Some(raw) = self.raw.next_result() {
            match RedshiftResult::new(raw, &self.raw) {
                Ok(result) => each(&result),
                Err(error) => outcome = outcome.and(Err(error)),
            }
        }
        if outcome.is_ok() && self.raw.is_lost() {
            return Err(unable_to_send(self.raw.error_message(), &self.raw));
        }
        outcome
    }

    /// Notes that a statement is about to be sent, if there is a server to run it.
    fn note_sending(&mut self) {
        let status = self.raw.session_status();
        let is_there = status != SessionStatus::Lost && !self.raw.is_hung_up();
        self.sent_in = is_there.then_some(status);
    }

    /// The error of a statement. The outcome is unknown if the connection was lost before the
    /// server reported it: what the statement did, or the transaction that it commits, may be
    /// committed. `None` is a text that is unknown as well.
    fn outcome_of(&mut self, error: Error, sql: impl FnOnce() -> Option<String>) -> Error {
        let Some(sent_in) = self.sent_in.take() else {
            return error;
        };
        if !self.raw.is_lost() || self.raw.is_failure_reported() {
            return error;
        }
        if sql().is_some_and(|sql| !may_commit(&sql, sent_in)) {
            return error;
        }
        let cause = DatabaseError::of(&error)
            .unwrap_or_else(|| DatabaseError::of_message(error.to_string()));
        TransactionError::OutcomeUnknown(Box::new(cause)).into()
    }

    pub(super) fn outcome_of_query(&mut self, error: Error, query: &dyn AnyQuery) -> Error {
        self.outcome_of(error, || query.construct_sql(&Redshift).ok())
    }

    /// Refuses what must not run any more: a transaction that was left by a panic can be neither
    /// committed nor continued, and one that has ended takes no further statement.
    fn admit(&self) -> QueryResult<()> {
        if self.panicked {
            return Err(Error::BrokenTransactionManager);
        }
        if !self.transaction.state.is_ending() {
            self.refuse_if_unwanted()?;
        }
        Ok(self.transaction.state.admit()?)
    }

    /// Refuses a statement if the task that it is for has gone away.
    pub(super) fn refuse_if_unwanted(&self) -> QueryResult<()> {
        #[cfg(feature = "async")]
        if self
            .waiting
            .as_ref()
            .is_some_and(|waiting| !(waiting.is_wanted)())
        {
            return Err(DatabaseError::unwanted().into());
        }
        Ok(())
    }

    /// Follows what a statement did to the session, and with it to the transaction.
    pub(super) fn observe(&mut self, commands: Commands, failure: Option<&Error>) {
        let session = self.raw.session_status();
        self.transaction.state.observe(session, commands, failure);
        self.end_record();
    }

    /// Sends a query and waits for its first result, which may be binary if the columns that the
    /// query declares allow that.
    ///
    /// The instrumentation can print queries: one that cannot be written as SQL is an error before
    /// the instrumentation sees it.
    pub(super) fn run(
        &mut self,
        query: &dyn AnyQuery,
        rows_at_a_time: Option<i32>,
        declared: Option<&[DeclaredColumn]>,
    ) -> QueryResult<RedshiftResult> {
        self.admit()?;
        let binds = query.binds()?;
        if binds.len() > MAX_BINDS {
            // The kind of error that `PgConnection` has for it.
            return Err(Error::SerializationError(Box::new(InvalidValue::new(
                "statement",
                format!("one that binds {} values", binds.len()),
                format!("at most {MAX_BINDS}: insert fewer rows at a time, or load them with COPY"),
            ))));
        }
        self.deallocate_forgotten();
        let statement = self.statements.statement(query, &binds)?;
        let instrumentation = &mut self.instrumentation;
        query.show(&mut |query| {
            instrumentation.on_connection_event(InstrumentationEvent::start_query(query));
        });
        self.sent_in = None;
        let mut result = self.send_anew_if_stale(query, &binds, statement, |conn, statement| {
            conn.send_query(statement, &binds, rows_at_a_time, declared)
        });
        if rows_at_a_time.is_none() {
            result = result.and_then(|first| self.read_rest(|_| ()).map(|()| first));
        }
        let result = result.map_err(|error| self.outcome_of_query(error, query));
        let panics = self.raw.has_panic();
        if panics {
            // Its rows will not be read.
            self.raw.drain();
        }
        self.observe(Commands::default(), result.as_ref().err());
        let result = result.map_err(|error| self.transaction.state.with_end(error));
        if panics || result.is_err() {
            self.finish(query, result.as_ref().err());
        }
        self.raw.resume_panic();
        result
    }

    /// Sends a query, and again with a new plan if the old one was refused: another session has
    /// changed or replaced what the query reads.
    fn send_anew_if_stale(
        &mut self,
        query: &dyn AnyQuery,
        binds: &RedshiftBindCollector,
        statement: Statement,
        send: impl Fn(&mut Self, Statement) -> QueryResult<RedshiftResult>,
    ) -> QueryResult<RedshiftResult> {
        let Statement::Prepared(prepared) = &statement else {
            return send(self, statement);
        };
        let prepared = Arc::clone(prepared);
        let outside_transactions = self.raw.session_status() == SessionStatus::Idle;
        let result = send(self, statement);
        let Err(Error::DatabaseError(_, error)) = &result else {
            return result;
        };
        let reported = self.raw.last_error();
        let reported = reported.filter(|it| it.message() == error.message());
        let Some(stale) = reported.and_then(|error| Stale::of(&error)) else {
            return result;
        };
        self.statements.forget(&prepared, stale == Stale::Changed);
        // Within a transaction, the error has ended it: all of it has to be run again.
        if !outside_transactions || self.raw.session_status() != SessionStatus::Idle {
            return result;
        }
        let statement = self.statements.statement(query, binds)?;
        self.sent_in = None;
        send(self, statement)
    }

    pub(super) fn finish(&mut self, query: &dyn AnyQuery, error: Option<&Error>) {
        let instrumentation = &mut self.instrumentation;
        query.show(&mut |query| {
            instrumentation.on_connection_event(InstrumentationEvent::finish_query(query, error));
        });
    }

    fn send_query(
        &mut self,
        statement: Statement,
        binds: &RedshiftBindCollector,
        rows_at_a_time: Option<i32>,
        declared: Option<&[DeclaredColumn]>,
    ) -> QueryResult<RedshiftResult> {
        let values = binds.terminated();
        let prepared = match statement {
            Statement::Prepared(prepared) => Ok(prepared),
            Statement::ToPrepare { key, prepared, sql } => {
                self.instrumentation
                    .on_connection_event(InstrumentationEvent::cache_query(&sql));
                self.prepare(&prepared.name, &sql, binds)?;
                Ok(self.statements.keep(key, prepared))
            }
            Statement::Unnamed(sql) => Err(sql),
        };
        let mut text = None;
        let sent = match prepared {
            Ok(prepared) => {
                let format = self.result_format(&prepared, declared)?;
                self.note_sending();
                self.raw.send_prepared(&prepared.name, values, format)
            }
            Err(sql) => {
                let oids = binds.parameter_types();
                let sql = text.insert(CString::new(sql)?);
                self.note_sending();
                self.raw.send(sql, &oids, values)
            }
        };
        sent.map_err(|message| unable_to_send(message, &self.raw))?;
        if let Some(rows) = rows_at_a_time {
            self.raw
                .set_rows_at_a_time(rows)
                .map_err(|message| unable_to_send(message, &self.raw))?;
        }
        let result = self.first_result()?;
        let text = text.as_deref().and_then(|text| text.to_str().ok());
        if makes_plans_stale(result.command_tag(), text) {
            self.statements.clear();
        }
        Ok(result)
    }

    fn first_result(&self) -> QueryResult<RedshiftResult> {
        let Some(raw) = self.raw.next_result() else {
            let message = if self.raw.is_lost() {
                self.raw.error_message()
            } else {
                NO_ANSWER.to_owned()
            };
            return Err(unable_to_send(message, &self.raw));
        };
        let result = RedshiftResult::new(raw, &self.raw);
        if result.is_err() {
            self.raw.drain();
        }
        result
    }

    fn whole_result(&self) -> QueryResult<RedshiftResult> {
        let result = self.first_result()?;
        self.read_rest(|_| ())?;
        Ok(result)
    }

    fn prepare(
        &mut self,
        name: &CStr,
        sql: &str,
        binds: &RedshiftBindCollector,
    ) -> QueryResult<()> {
        let oids = binds.parameter_types();
        let sent = self.raw.send_prepare(name, &CString::new(sql)?, &oids);
        self.only_result(sent).map(|_| ())
    }

    /// The one result of what was sent.
    pub(super) fn only_result(&self, sent: Result<(), String>) -> QueryResult<RedshiftResult> {
        sent.map_err(|message| unable_to_send(message, &self.raw))?;
        self.whole_result()
    }

    /// Deallocates evicted statements, all in one message, and only outside a transaction: a name
    /// that the server has dropped itself, as it may with ROLLBACK, is then an error without
    /// consequence.
    fn deallocate_forgotten(&mut self) {
        if self.raw.session_status() != SessionStatus::Idle {
            return;
        }
        let evicted = self.statements.take_evicted();
        let mut left: Vec<_> = evicted
            .iter()
            .filter_map(|statement| statement.name.to_str().ok())
            .collect();
        while !left.is_empty() {
            let Ok(sql) = CString::new(format!("DEALLOCATE {}", left.join("; DEALLOCATE "))) else {
                return;
            };
            if self.raw.send_simple(&sql).is_err() {
                return;
            }
            let mut done = 0;
            let mut stopped = false;
            // An error here does not belong to the next statement.
            while let Some(result) = self.raw.next_result() {
                match result.status() {
                    ResultStatus::Error => stopped = true,
                    _ if stopped => {}
                    _ => done += 1,
                }
            }
            if !stopped || self.raw.is_lost() {
                return;
            }
            // The server stops at a name it does not know.
            left.drain(..left.len().min(done + 1));
        }
    }
}

/// Why the plan of a prepared statement cannot be used any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stale {
    /// What it reads was changed or replaced.
    Changed,
    /// The server does not know the statement.
    Unknown,
}

impl Stale {
    fn of(error: &DatabaseError) -> Option<Self> {
        let message = error.message();
        match error.sqlstate()? {
            "26000" => Some(Self::Unknown),
            "0A000" if message.contains("cached plan must not change result type") => {
                Some(Self::Changed)
            }
            "XX000" if message.contains("could not open relation with OID") => Some(Self::Changed),
            _ => None,
        }
    }
}
