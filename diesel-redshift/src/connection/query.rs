//! Statements on their way: sent by either protocol, told to the instrumentation, their first result waited for.

use std::ffi::{CStr, CString};

use diesel::connection::{DebugQuery, InstrumentationEvent};
use diesel::result::{Error, QueryResult};

use super::RedshiftConnection;
use super::binary::DeclaredColumn;
use super::error::unable_to_send;
use super::raw::SessionStatus;
use super::result::RedshiftResult;
use super::statement::{AnyQuery, Statement, makes_plans_stale};
use crate::query_builder::RedshiftBindCollector;

/// The most parameters that Redshift takes in a statement.
const MAX_BINDS: usize = 32_767;

const NO_ANSWER: &str = "the server was ready for the next statement without an answer to this one";

#[derive(Debug, thiserror::Error)]
#[error(
    "the statement binds {binds} values, and Redshift takes at most {MAX_BINDS}: insert fewer rows at a time, or \
     load them with COPY"
)]
struct TooManyBinds {
    binds: usize,
}

impl RedshiftConnection {
    pub(super) fn simple_query(&mut self, sql: &str, shown: &dyn DebugQuery) -> QueryResult<()> {
        self.instrumentation
            .on_connection_event(InstrumentationEvent::start_query(shown));
        let result = self.send_simple(sql);
        self.observe();
        self.instrumentation
            .on_connection_event(InstrumentationEvent::finish_query(
                shown,
                result.as_ref().err(),
            ));
        result
    }

    fn send_simple(&mut self, sql: &str) -> QueryResult<()> {
        let sql = CString::new(sql)?;
        // BEGIN comes this way: a session that works in transactions only is idle at no other time.
        self.deallocate_forgotten();
        self.raw
            .send_simple(&sql)
            .map_err(|message| unable_to_send(message, &self.raw))?;
        let mut results = 0;
        let mut stale = false;
        let outcome = self.read_rest(|result| {
            results += 1;
            stale |= makes_plans_stale(result.command_tag());
        });
        if stale {
            self.statements.clear();
        }
        match outcome {
            Ok(()) if results == 0 => Err(unable_to_send(NO_ANSWER.to_owned(), &self.raw)),
            outcome => outcome,
        }
    }

    /// Reads up to ReadyForQuery. The first error among the results is the error: a statement outside a transaction commits
    /// after its CommandComplete, and that may fail as well.
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

    pub(super) fn observe(&mut self) {
        self.transaction.observe(self.raw.session_status());
    }

    /// Sends a query and waits for its first result, which may be binary if that agrees with the columns that the query declares.
    ///
    /// Who is told of queries can print them: one that cannot be written as SQL is an error before anybody is told of it.
    pub(super) fn run(
        &mut self,
        query: &dyn AnyQuery,
        rows_at_a_time: Option<i32>,
        declared: Option<&[DeclaredColumn]>,
    ) -> QueryResult<RedshiftResult> {
        let binds = query.binds()?;
        if binds.len() > MAX_BINDS {
            return Err(Error::QueryBuilderError(Box::new(TooManyBinds {
                binds: binds.len(),
            })));
        }
        self.deallocate_forgotten();
        let statement = self.statements.statement(query, &binds)?;
        let instrumentation = &mut self.instrumentation;
        query.show(&mut |query| {
            instrumentation.on_connection_event(InstrumentationEvent::start_query(query));
        });
        let result = self.send_query(statement, &binds, rows_at_a_time, declared);
        self.observe();
        if let Err(error) = &result {
            self.finish(query, Some(error));
        }
        result
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
        let sent = match prepared {
            Ok(prepared) => {
                let format = self.result_format(&prepared, declared)?;
                self.raw.send_prepared(&prepared.name, values, format)
            }
            Err(sql) => {
                let oids = binds.parameter_types();
                self.raw.send(&CString::new(sql)?, &oids, values)
            }
        };
        sent.map_err(|message| unable_to_send(message, &self.raw))?;
        if let Some(rows) = rows_at_a_time {
            self.raw
                .set_rows_at_a_time(rows)
                .map_err(|message| unable_to_send(message, &self.raw))?;
        }
        let result = match rows_at_a_time {
            Some(_) => self.first_result()?,
            None => self.whole_result()?,
        };
        if makes_plans_stale(result.command_tag()) {
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

    /// Deallocates evicted statements. Outside a transaction only: a name that the server has forgotten itself,
    /// as it may with ROLLBACK, is then an error without consequence.
    fn deallocate_forgotten(&mut self) {
        if self.raw.session_status() != SessionStatus::Idle {
            return;
        }
        for statement in self.statements.take_forgotten() {
            let Ok(name) = statement.name.to_str() else {
                continue;
            };
            let Ok(sql) = CString::new(format!("DEALLOCATE {name}")) else {
                continue;
            };
            if self.raw.send_simple(&sql).is_ok() {
                self.raw.drain();
            }
        }
    }
}
