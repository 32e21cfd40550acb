//! SQL migrations: their text is taken from the source, filled, and sent by this crate.

use std::any::Any;

use diesel::connection::{BoxableConnection, SimpleConnection};
use diesel::migration::{self, Migration, MigrationMetadata, MigrationName};
use diesel::result::QueryResult;

use super::lock::{self, APPLIED, REVERTED};
use super::placeholder::Values;
use super::seed::redshift;
use crate::Redshift;
use crate::sql::statements;

/// Takes the place of a connection and records the SQL that a migration would run.
#[derive(Default)]
struct Capture(Vec<String>);

impl SimpleConnection for Capture {
    fn batch_execute(&mut self, query: &str) -> QueryResult<()> {
        self.0.push(query.to_owned());
        Ok(())
    }
}

impl BoxableConnection<Redshift> for Capture {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}

/// SQL text as it is sent, and as it is shown.
struct Script {
    filled: String,
    shown: String,
}

fn fill(
    values: &Values,
    name: &dyn MigrationName,
    captured: Capture,
) -> migration::Result<Vec<Script>> {
    let fill = |shown: String| {
        let filled = values.fill(&name.to_string(), &shown)?;
        Ok(Script { filled, shown })
    };
    captured.0.into_iter().map(fill).collect()
}

/// An SQL migration with its placeholders filled.
pub(super) struct SqlMigration {
    inner: Box<dyn Migration<Redshift>>,
    up: Vec<Script>,
    values: Values,
}

impl SqlMigration {
    pub(super) fn new(
        inner: Box<dyn Migration<Redshift>>,
        values: &Values,
    ) -> migration::Result<Self> {
        let mut up = Capture::default();
        inner.run(&mut up)?;
        let up = fill(values, inner.name(), up)?;
        Ok(Self {
            inner,
            up,
            values: values.clone(),
        })
    }

    fn send(
        &self,
        conn: &mut dyn BoxableConnection<Redshift>,
        done: &'static str,
        scripts: &[Script],
    ) -> migration::Result<()> {
        let conn = redshift(conn)?;
        for script in scripts {
            for statement in statements(&script.filled) {
                lock::refuse_all_tables(statement)?;
            }
        }
        lock::step(conn, self, done, |conn| {
            let sent: QueryResult<()> = scripts.iter().try_for_each(|script| {
                if self.inner.metadata().run_in_transaction() {
                    return conn.batch_execute_shown(&script.filled, &script.shown);
                }
                // Several statements in one message are one transaction, in which these must not run.
                std::iter::zip(statements(&script.filled), statements(&script.shown))
                    .try_for_each(|(filled, shown)| conn.batch_execute_shown(filled, shown))
            });
            Ok(sent.map_err(|error| conn.explain_load(error))?)
        })
    }
}

impl Migration<Redshift> for SqlMigration {
    fn run(&self, conn: &mut dyn BoxableConnection<Redshift>) -> migration::Result<()> {
        self.send(conn, APPLIED, &self.up)
    }

    fn revert(&self, conn: &mut dyn BoxableConnection<Redshift>) -> migration::Result<()> {
        // A migration need not be revertible, so this text is requested only now.
        let mut down = Capture::default();
        self.inner.revert(&mut down)?;
        let down = fill(&self.values, self.inner.name(), down)?;
        self.send(conn, REVERTED, &down)
    }

    fn metadata(&self) -> &dyn MigrationMetadata {
        self.inner.metadata()
    }

    fn name(&self) -> &dyn MigrationName {
        self.inner.name()
    }
}
