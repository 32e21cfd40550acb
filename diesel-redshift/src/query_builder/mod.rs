//! How a Diesel query becomes SQL text: placeholders and binds for the wire, literals where the
//! server takes no parameters.

mod bind_collector;
mod columns;
mod combination;
pub(crate) mod inline;
mod lag_default;
mod limit_offset;
pub(crate) mod parameters;
mod refused;
mod select_statement;
mod statement_size;
mod window_frames;

use diesel::query_builder::QueryBuilder;
use diesel::result::{Error, QueryResult};

pub(crate) use self::bind_collector::InlineText;
pub use self::bind_collector::{BindValue, RedshiftBindCollector};
pub use self::columns::{ColumnOf, ColumnsOf};
pub(crate) use self::lag_default::refuse_default;
pub use self::refused::{
    Distinct, NoOnConflict, NoReturning, OnConflict, Returned, RowCondition, Selected, WithoutLock,
};
pub(crate) use self::select_statement::with_qualify;
pub use self::select_statement::{NoModifier, QualifyClause, SelectWithQualify};
pub(crate) use self::statement_size::StatementSize;

use crate::backend::Redshift;
use crate::sql::literal;

/// Builds the SQL text of a query for Redshift.
///
/// Identifiers are always quoted; binds are numbered `$1`, `$2`, …. An aggregate over an ordered
/// window without a frame gets the frame `ROWS UNBOUNDED PRECEDING`, see [`Redshift`].
#[derive(Debug, Default)]
pub struct RedshiftQueryBuilder {
    sql: String,
    binds: u32,
    has_window: bool,
}

impl RedshiftQueryBuilder {
    /// A builder that holds no text yet.
    pub fn new() -> Self {
        Self::default()
    }
}

impl QueryBuilder<Redshift> for RedshiftQueryBuilder {
    fn push_sql(&mut self, sql: &str) {
        // This is `diesel::dsl::now`. CURRENT_TIMESTAMP runs on the leader node only and fails with user tables; SYSDATE is the
        // same moment, the start of the transaction, in the type that Diesel gives to `now`.
        let sql = if sql == "CURRENT_TIMESTAMP" {
            "SYSDATE"
        } else {
            sql
        };
        // This is how Diesel begins the window of a function.
        self.has_window |= sql == " OVER (";
        if self.sql.capacity() == 0 {
            self.sql.reserve(256);
        }
        self.sql.push_str(sql);
    }

    fn push_identifier(&mut self, identifier: &str) -> QueryResult<()> {
        literal::push_identifier(&mut self.sql, identifier).map_err(Error::from)
    }

    fn push_bind_param(&mut self) {
        self.push_bind_param_value_only();
        self.sql.push('$');
        self.sql.push_str(itoa::Buffer::new().format(self.binds));
    }

    fn push_bind_param_value_only(&mut self) {
        self.binds += 1;
    }

    fn finish(self) -> String {
        if self.has_window {
            window_frames::with_frames(self.sql)
        } else {
            self.sql
        }
    }
}
