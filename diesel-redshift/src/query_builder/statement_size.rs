//! How many rows an `INSERT` takes.

use diesel::query_builder::{QueryBuilder, QueryFragment};
use diesel::result::QueryResult;

use super::{RedshiftBindCollector, RedshiftQueryBuilder};
use crate::backend::Redshift;

/// The most parameters that Redshift takes in a statement.
const MAX_BINDS: usize = 32_767;

/// The most bytes of a statement are 16 MB, with its text; this is what its rows may have of them,
/// texts and values.
const MAX_BYTES: usize = 12_000_000;

/// The most rows of a statement: the text of one with more grows beyond what its values tell.
const MAX_ROWS: usize = 10_000;

/// What the rows of one `INSERT` take of the 16 MB and the parameters that a statement can have.
#[derive(Debug, Default)]
pub(crate) struct StatementSize {
    rows: usize,
    binds: usize,
    bytes: usize,
    row: RedshiftBindCollector,
}

impl StatementSize {
    /// Adds a row, and tells whether it has to start a statement of its own, for lack of room in
    /// the one before it.
    ///
    /// A single row is never too large here: the server says what it is.
    pub(crate) fn is_full_before(
        &mut self,
        row: &impl QueryFragment<Redshift>,
    ) -> QueryResult<bool> {
        self.row.clear();
        row.collect_binds(&mut self.row, &mut (), &Redshift)?;
        // A value that is DEFAULT has no bind, and many of them are a long text.
        let mut text = RedshiftQueryBuilder::new();
        row.to_sql(&mut text, &Redshift)?;
        let binds = self.row.len();
        // The numbers of parameters have up to four digits more than in a row alone.
        let bytes = text.finish().len() + 4 * binds + self.row.size();
        let is_full = self.rows > 0
            && (self.rows == MAX_ROWS
                || self.binds + binds > MAX_BINDS
                || self.bytes + bytes > MAX_BYTES);
        if is_full {
            (self.rows, self.binds, self.bytes) = (0, 0, 0);
        }
        self.rows += 1;
        self.binds += binds;
        self.bytes += bytes;
        Ok(is_full)
    }
}

#[cfg(test)]
mod tests {
    use diesel::sql_types::Text;

    use super::*;

    fn sizes(rows: usize, values: usize, bytes: usize) -> Vec<usize> {
        let mut size = StatementSize::default();
        let text = "x".repeat(bytes);
        let mut sizes = vec![0];
        for _ in 0..rows {
            let mut row = diesel::sql_query("").into_boxed::<Redshift>();
            for _ in 0..values {
                row = row.bind::<Text, _>(text.as_str());
            }
            if size.is_full_before(&row).expect("collects") {
                sizes.push(0);
            }
            *sizes.last_mut().expect("one") += 1;
        }
        sizes
    }

    #[test]
    fn rows_parameters_and_bytes_are_limits() {
        assert_eq!(sizes(20_001, 1, 1), [10_000, 10_000, 1]);
        assert_eq!(sizes(700, 100, 1), [327, 327, 46]);
        assert_eq!(sizes(5, 1, 6_000_000 - 5), [2, 2, 1]);
        assert_eq!(sizes(2, 1, 13_000_000), [1, 1]);

        // A row without any value.
        let mut size = StatementSize::default();
        let row = diesel::sql_query("DEFAULT, ".repeat(1_000));
        let rows = (0..9_999).take_while(|_| !size.is_full_before(&row).expect("collects"));
        assert_eq!(rows.count(), 12_000_000 / 9_000);
    }
}
