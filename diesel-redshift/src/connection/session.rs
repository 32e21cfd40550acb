//! Typed settings of a session.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::result::QueryResult;

use super::RedshiftConnection;
use crate::error::InvalidValue;
use crate::sql::literal;

fn quoted(text: &str, setting: &'static str) -> QueryResult<String> {
    Ok(literal::string(text).map_err(|error| error.of_text(setting, text))?)
}

/// Settings last until the session ends; with a pool, set them in r2d2's `CustomizeConnection`.
impl RedshiftConnection {
    /// `SET statement_timeout TO <milliseconds>`: a statement that runs longer is cancelled. `None`
    /// removes the session's limit (not that of the workload management).
    ///
    /// # Errors
    ///
    /// If it is shorter than a millisecond or longer than 2,147,483,647 of them, or any server
    /// error.
    pub fn set_statement_timeout(&mut self, timeout: Option<Duration>) -> QueryResult<()> {
        let millis = match timeout {
            None => 0,
            Some(timeout) => i32::try_from(timeout.as_millis())
                .ok()
                .filter(|millis| *millis > 0)
                .ok_or_else(|| {
                    InvalidValue::new(
                        "statement_timeout",
                        format!("{timeout:?}"),
                        "1 to 2147483647 milliseconds, or None",
                    )
                })?,
        };
        self.batch_execute(&format!("SET statement_timeout TO {millis}"))
    }

    /// How long the server may be silent while an answer is awaited, or accept nothing of a
    /// statement that is being sent, 1 ms or longer; `None`, the default, waits for as long as the
    /// network reports that it is there.
    ///
    /// It is enforced by the client, for a server or a firewall that neither answers nor closes the
    /// connection. When it passes, the connection is lost, and the statement's error names the
    /// limit and has the kind
    /// [`ClosedConnection`](diesel::result::DatabaseErrorKind::ClosedConnection). A query may well
    /// compute for hours in silence: [`set_statement_timeout`](Self::set_statement_timeout) limits
    /// that, and keeps the connection.
    ///
    /// # Errors
    ///
    /// If it is shorter than a millisecond.
    pub fn set_response_timeout(&mut self, timeout: Option<Duration>) -> QueryResult<()> {
        if timeout.is_some_and(|timeout| timeout < Duration::from_millis(1)) {
            return Err(InvalidValue::new(
                "response timeout",
                format!("{timeout:?}"),
                "1 millisecond or longer, or None",
            )
            .into());
        }
        self.raw.set_response_timeout(timeout);
        Ok(())
    }

    /// `SET query_group TO '<label>'`: labels the statements for workload management and in
    /// `stl_query`.
    ///
    /// # Errors
    ///
    /// If the label is empty, contains a NUL or has more than 30 characters, which Redshift would
    /// truncate; or any server error.
    pub fn set_query_group(&mut self, label: &str) -> QueryResult<()> {
        if label.is_empty() || label.chars().count() > 30 {
            return Err(InvalidValue::new(
                "query_group",
                format!("a label of {} characters", label.chars().count()),
                "1 to 30 characters",
            )
            .into());
        }
        self.batch_execute(&format!(
            "SET query_group TO {}",
            quoted(label, "query_group")?
        ))
    }

    /// `RESET query_group`.
    ///
    /// # Errors
    ///
    /// Any server error.
    pub fn reset_query_group(&mut self) -> QueryResult<()> {
        self.batch_execute("RESET query_group")
    }

    /// `SET application_name TO '<name>'`: the session's name in `stl_connection_log`.
    ///
    /// # Errors
    ///
    /// If the name contains a NUL, or any server error.
    pub fn set_application_name(&mut self, name: &str) -> QueryResult<()> {
        self.batch_execute(&format!(
            "SET application_name TO {}",
            quoted(name, "application_name")?
        ))
    }

    /// `SET timezone TO '<zone>'`: the zone in which `TIMESTAMPTZ` is written and `GETDATE()`
    /// answers. The codec reads any; the default is UTC.
    ///
    /// # Errors
    ///
    /// If the name contains a NUL, or any server error, such as that of an unknown zone.
    pub fn set_time_zone(&mut self, zone: &str) -> QueryResult<()> {
        self.batch_execute(&format!("SET timezone TO {}", quoted(zone, "timezone")?))
    }

    /// `SET enable_case_sensitive_identifier TO true` or `false`, the default: whether quoted
    /// names, as Diesel writes all of them, keep their capitals. Otherwise Redshift folds them to
    /// lower case. The same goes for the attributes of a `SUPER`.
    ///
    /// Prepared statements are dropped, since their names may now mean others.
    ///
    /// # Errors
    ///
    /// Any server error.
    pub fn set_case_sensitive_identifiers(&mut self, keep: bool) -> QueryResult<()> {
        self.batch_execute(&format!("SET enable_case_sensitive_identifier TO {keep}"))
    }

    /// `SET enable_case_sensitive_super_attribute TO true` or `false`, the default: whether
    /// [`attribute`](crate::expression::SuperExpressionMethods::attribute) finds names with
    /// capitals. Otherwise Redshift looks the name up in lower case, and returns `NULL`.
    ///
    /// # Errors
    ///
    /// Any server error.
    pub fn set_case_sensitive_super_attributes(&mut self, keep: bool) -> QueryResult<()> {
        self.batch_execute(&format!(
            "SET enable_case_sensitive_super_attribute TO {keep}"
        ))
    }

    /// `SET search_path TO "<schema>", …`: where tables that are named without a schema are looked
    /// up.
    ///
    /// Prepared statements are dropped, since their tables may now be others.
    ///
    /// # Errors
    ///
    /// If there is no schema, or a name is not an identifier; or any server error.
    pub fn set_search_path<'a>(
        &mut self,
        schemas: impl IntoIterator<Item = &'a str>,
    ) -> QueryResult<()> {
        let mut sql = "SET search_path TO ".to_owned();
        let start = sql.len();
        for schema in schemas {
            if sql.len() > start {
                sql.push_str(", ");
            }
            literal::push_identifier(&mut sql, schema)?;
        }
        if sql.len() == start {
            return Err(InvalidValue::new(
                "search_path",
                "empty".to_owned(),
                "at least one schema",
            )
            .into());
        }
        self.batch_execute(&sql)
    }
}
