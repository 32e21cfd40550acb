//! Names in a select list that stand for values before them: where there is a column of that name, it is the column.

use super::Session;
use crate::engine::Failure;
use crate::protocol::SqlResult;
use crate::sql::{self, Part, Statement, quote_literal};

impl Session<'_> {
    /// The statements of a text. PostgreSQL says which names are no columns.
    pub(super) fn analyze(&mut self, text: &str) -> Result<SqlResult<Vec<Part>>, Failure> {
        let parts = sql::analyze(text);
        if let Ok(
            [
                Part {
                    statement: Ok(statement),
                    ..
                },
            ],
        ) = parts.as_deref()
        {
            let names = self.inlined(text, statement, false)?;
            if !names.is_empty() {
                return Ok(sql::inlining(&names, || sql::analyze(text)));
            }
        }
        Ok(parts)
    }

    /// The names in a statement that stand for values of its select lists.
    pub(super) fn inlined(
        &mut self,
        text: &str,
        statement: &Statement,
        in_pipeline: bool,
    ) -> Result<Vec<String>, Failure> {
        let mut names = Vec::new();
        let again = sql::named_again(text);
        if again.is_empty() || self.engine.status == b'E' {
            return Ok(names);
        }
        let mut query = statement.query().map(str::to_owned);
        while let Some(asked) = &query {
            let sql = format!(
                "SELECT pg_sandbox.undefined_column({})",
                quote_literal(asked)
            );
            let answer = if in_pipeline {
                self.flush_engine()?;
                if self.skipping {
                    break;
                }
                self.engine.run_named(&sql, false)
            } else {
                self.engine.run(&sql)
            };
            let answer = match answer {
                Ok(answer) => answer,
                Err(Failure::Server(message)) if in_pipeline => {
                    self.fail(message);
                    self.skipping = true;
                    break;
                }
                // The statement will fail as this did.
                Err(Failure::Server(_)) => break,
                Err(failure) => return Err(failure),
            };
            let message = answer.value().unwrap_or_default();
            let name = message
                .strip_prefix("column \"")
                .and_then(|rest| rest.strip_suffix("\" does not exist"));
            match name {
                Some(name)
                    if again.iter().any(|known| known == name)
                        && !names.iter().any(|known| known == name) =>
                {
                    names.push(name.to_owned());
                }
                _ => break,
            }
            let read = sql::inlining(&names, || sql::analyze_one(text, &[]));
            query = match read {
                Ok(Some((_, statement))) => statement.query().map(str::to_owned),
                _ => None,
            };
        }
        Ok(names)
    }
}
