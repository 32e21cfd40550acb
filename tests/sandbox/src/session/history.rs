//! What this session tells of its statements, and where it needs to know what all sessions told.

use std::cell::OnceCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

use super::Session;
use super::description::Description;
use crate::engine::Failure;
use crate::history::{Outcome, Query, References, now, text_of};
use crate::protocol::ServerMessage;
use crate::sql::{self, QueryType, Statement, quote_literal, settings};

/// The label of queries that were given none.
const NO_LABEL: &str = "default";

/// A statement that can be run, as far as others are to know it.
#[derive(Debug)]
pub(super) struct Text {
    sql: Arc<str>,
    kind: QueryType,
    references: References,
    /// Its first word in PostgreSQL's words, for failures that were asked for.
    verb: Box<str>,
    /// What PostgreSQL tells of it, once it has been asked.
    pub(super) description: OnceCell<Rc<Description>>,
}

impl Text {
    pub(super) fn new(sql: &str, kind: QueryType, statement: Option<&Statement>) -> Rc<Self> {
        Rc::new(Self {
            sql: text_of(sql, kind),
            kind,
            references: References::of(sql),
            verb: statement.map_or("", Statement::verb).into(),
            description: OnceCell::new(),
        })
    }

    pub(super) fn verb(&self) -> &str {
        &self.verb
    }

    pub(super) fn sql(&self) -> &str {
        &self.sql
    }
}

/// A portal, and whether it has been executed: a query that is fetched in several goes is one.
#[derive(Debug)]
pub(super) struct Portal {
    pub(super) text: Rc<Text>,
    pub(super) has_run: bool,
    /// Of its results.
    pub(super) formats: Rc<[i16]>,
}

/// How the session's own part of the history stands.
pub(super) struct Recorder {
    user: Arc<str>,
    database: Arc<str>,
    /// The statements whose ends are due, in their order; none for what is not recorded.
    due: VecDeque<Option<Rc<Text>>>,
    /// The first of them.
    running: Option<Arc<Query>>,
    /// Bytes of rows that have passed since it began.
    returned: u64,
    label: Arc<str>,
    /// Whether PostgreSQL knows better what the label is.
    label_is_stale: bool,
    /// A rollback would change the label.
    label_may_return: bool,
    transaction: Option<i64>,
    /// What `pg_last_query_id()` answers.
    last: i32,
}

impl Recorder {
    pub(super) fn new(user: &str, database: &str, settings: &[(String, String)]) -> Self {
        let label = settings
            .iter()
            .find(|(name, _)| name == "redshift.query_group");
        Self {
            user: user.into(),
            database: database.into(),
            due: VecDeque::new(),
            running: None,
            returned: 0,
            label: label.map_or(NO_LABEL, |(_, label)| label).into(),
            label_is_stale: false,
            label_may_return: false,
            transaction: None,
            last: -1,
        }
    }

    /// Counts rows that go to the client.
    pub(super) fn rows_passed(&mut self, bytes: usize) {
        self.returned += bytes as u64;
    }
}

impl Session<'_> {
    /// Notes a statement that has been sent off or is about to be handled, after those that are still due.
    pub(super) fn record(&mut self, text: Option<Rc<Text>>) {
        self.recorder.due.push_back(text);
        if self.recorder.due.len() == 1 {
            self.begin_recorded();
        }
    }

    fn begin_recorded(&mut self) {
        let Some(Some(text)) = self.recorder.due.front() else {
            return;
        };
        let text = Rc::clone(text);
        self.query = self.shared.next_query();
        self.recorder.returned = 0;
        let query = Arc::new(Query {
            query: self.query,
            usename: Arc::clone(&self.recorder.user),
            database: Arc::clone(&self.recorder.database),
            label: Arc::clone(&self.recorder.label),
            transaction: self.transaction(),
            pid: self.engine.pid(),
            kind: text.kind,
            text: Arc::clone(&text.sql),
            started: now(),
        });
        self.shared.history.begin(&query);
        self.recorder.running = Some(query);
    }

    fn end_recorded(&mut self, outcome: Outcome) -> Option<Rc<Text>> {
        let text = self.recorder.due.pop_front();
        if let Some(query) = self.recorder.running.take() {
            if query.kind.is_query && !outcome.is_refused() {
                self.recorder.last = query.query;
            }
            self.shared.history.end(query, outcome);
        }
        self.begin_recorded();
        text.flatten()
    }

    /// The statement that runs has done what it should; `tag` is PostgreSQL's word for that.
    pub(super) fn record_success(&mut self, tag: &str) {
        let rows = tag
            .strip_prefix("SELECT ")
            .or_else(|| tag.strip_prefix("FETCH "));
        let rows = rows.and_then(|rows| rows.parse().ok()).unwrap_or(0);
        let returned = self.recorder.returned;
        let text = self.end_recorded(if returned == 0 {
            // The rows of CREATE TABLE AS stay here.
            Outcome::success(0, 0)
        } else {
            Outcome::success(rows, returned)
        });
        let recorder = &mut self.recorder;
        match tag {
            "COMMIT" | "ROLLBACK" => {
                recorder.transaction = None;
                recorder.label_is_stale |= recorder.label_may_return;
                recorder.label_may_return = false;
            }
            "RESET" if &*recorder.label != NO_LABEL => {
                recorder.label_is_stale = true;
                recorder.label_may_return = true;
            }
            _ => {}
        }
        let Some(text) = text else { return };
        if text.references.label {
            recorder.label_is_stale = true;
            recorder.label_may_return = true;
        }
        let is_defined = text.kind.name == "DDL" || matches!(tag, "PREPARE" | "DECLARE CURSOR");
        if is_defined && (text.references.history || text.references.last_query) {
            self.shared.history.hide(&self.recorder.database);
        }
    }

    /// The statement that runs has failed, and those that wait for it are passed over.
    pub(super) fn record_failure(&mut self, code: &str, message: &str) {
        self.recorder.due.truncate(1);
        if code == "42601"
            && let Some(query) = self.recorder.running.take()
        {
            // What cannot be read is no statement.
            self.shared.history.forget(&query);
        }
        self.end_recorded(Outcome::failure(code, message));
    }

    /// The session ends, whatever it was doing.
    pub(super) fn record_end(&mut self) {
        self.recorder.due.truncate(1);
        self.end_recorded(Outcome::abandoned());
    }

    /// A number for the transaction that is open or that the next statement begins.
    pub(crate) fn transaction(&mut self) -> i64 {
        *self
            .recorder
            .transaction
            .get_or_insert_with(|| self.shared.next_transaction())
    }

    /// Comes before a message or a pipeline: a transaction that was open is over, and PostgreSQL can be asked what the
    /// label is.
    pub(super) fn settle(&mut self) -> Result<(), Failure> {
        if self.engine.status == b'I' {
            self.recorder.transaction = None;
            self.cursor_open = false;
        }
        self.refresh_case()?;
        self.refresh_label()
    }

    /// Once a statement has named them, the settings by which names in quotes keep their case are asked for each time: SET
    /// LOCAL and a rollback change them too.
    fn refresh_case(&mut self) -> Result<(), Failure> {
        if !self.watches_case || self.engine.status == b'E' {
            return Ok(());
        }
        let mut is_on = |name: &str| {
            // A query would take the transaction's snapshot.
            let answer = self.engine.run_named(&format!("SHOW {name}"), true)?;
            let value = answer.value().unwrap_or_default();
            Ok::<_, Failure>(matches!(&*value, "on" | "true" | "t" | "1"))
        };
        let [names, attributes] = settings::CASE;
        let (names, attributes) = (is_on(names)?, is_on(attributes)?);
        self.watches_case = names || attributes || self.engine.status != b'I';
        sql::keep_case(names, attributes);
        Ok(())
    }

    pub(super) fn refresh_label(&mut self) -> Result<(), Failure> {
        if !self.recorder.label_is_stale || self.engine.status == b'E' {
            return Ok(());
        }
        // A query would take the transaction's snapshot.
        let sql = "SHOW redshift.query_group";
        let answer = self.engine.run_named(sql, true)?;
        let label = answer.value();
        self.recorder.label = match label.as_deref() {
            None | Some("" | "unset") => NO_LABEL,
            Some(label) => label,
        }
        .into();
        self.recorder.label_is_stale = false;
        Ok(())
    }

    /// Whether statements of one message have to be run one by one, because a later one asks for what an earlier one
    /// leaves here.
    pub(super) fn depends_on_order(&self, texts: &[Rc<Text>]) -> bool {
        let asks = |text: &Rc<Text>| text.references.label || self.asks_for_history(text);
        texts.len() > 1 && texts.iter().any(asks)
    }

    fn is_history_hidden(&self) -> bool {
        self.shared.history.is_hidden(&self.recorder.database)
    }

    pub(super) fn asks_for_history(&self, text: &Text) -> bool {
        text.references.history || text.references.last_query || self.is_history_hidden()
    }

    /// What tells PostgreSQL all that the statement may ask for.
    fn history_statements(&self, text: &Text) -> String {
        let last = self.recorder.last;
        let mut sql =
            format!("SELECT pg_catalog.set_config('redshift_sandbox.query_id', '{last}', false)");
        if text.references.history || self.is_history_hidden() {
            let rows = quote_literal(&self.shared.history.json());
            sql.push_str(&format!(
                ", pg_catalog.set_config('redshift_sandbox.history', {rows}, false)"
            ));
        }
        sql
    }

    /// Tells PostgreSQL what the statement that comes next asks for; true if that failed as the statement would have.
    pub(super) fn send_history(&mut self, text: &Text) -> Result<bool, Failure> {
        if self.engine.status == b'E' || !self.asks_for_history(text) {
            return Ok(false);
        }
        let sql = self.history_statements(text);
        match self.engine.run(&sql) {
            Ok(_) => Ok(false),
            Err(Failure::Server(message)) => {
                self.fail(message);
                Ok(true)
            }
            Err(failure) => Err(failure),
        }
    }

    /// The same within a pipeline.
    pub(super) fn send_history_in_pipeline(&mut self, text: &Text) -> Result<(), Failure> {
        if !self.asks_for_history(text) {
            return Ok(());
        }
        self.flush_engine()?;
        if self.skipping {
            return Ok(());
        }
        let sql = self.history_statements(text);
        match self.engine.run_named(&sql, false) {
            Ok(_) => Ok(()),
            Err(Failure::Server(message)) => {
                self.fail(message);
                self.skipping = true;
                Ok(())
            }
            Err(failure) => Err(failure),
        }
    }

    /// Sends an error of PostgreSQL's to the client.
    pub(super) fn fail(&mut self, mut message: ServerMessage) {
        let running = self.recorder.running.as_ref();
        let statement = running.map_or("", |query| &query.text);
        super::wording::redshift_error(&mut message, self.query, &self.database, statement);
        message.write(&mut self.client.out, b'E');
        self.record_failure(message.code(), message.message());
    }
}
