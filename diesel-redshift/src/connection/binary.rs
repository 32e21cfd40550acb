//! Results in the binary format, where it is the same as PostgreSQL's.

use diesel::expression::QueryMetadata;
use diesel::result::QueryResult;

use super::RedshiftConnection;
use super::raw::Format;
use super::statement::Prepared;
use crate::Redshift;
use crate::backend::RedshiftTypeMetadata;
use crate::types::oid;

/// What a query declares about a column; `None` if only the column's name tells its type.
pub(super) type DeclaredColumn = Option<RedshiftTypeMetadata>;

/// The columns of a query's SQL type.
pub(super) fn declared_columns<ST>() -> Vec<DeclaredColumn>
where
    Redshift: QueryMetadata<ST>,
{
    let mut columns = Vec::new();
    <Redshift as QueryMetadata<ST>>::row_metadata(&mut (), &mut columns);
    columns
}

/// The server types whose binary form is read as this declared type; none if it is only read as
/// text.
///
/// Amazon's own Python driver reads these in binary, from a session like libpq's. It reads `DATE`,
/// `TIME`, `NUMERIC` and Redshift's own types as text.
fn binary_types(declared: u32) -> &'static [u32] {
    match declared {
        oid::BOOLEAN => &[oid::BOOLEAN],
        oid::SMALLINT => &[oid::SMALLINT],
        oid::INTEGER => &[oid::INTEGER],
        oid::BIGINT => &[oid::BIGINT],
        oid::REAL => &[oid::REAL],
        oid::DOUBLE_PRECISION => &[oid::DOUBLE_PRECISION],
        oid::VARCHAR => &[oid::VARCHAR, oid::CHAR, oid::TEXT, oid::NAME],
        oid::TIMESTAMP => &[oid::TIMESTAMP],
        oid::TIMESTAMPTZ => &[oid::TIMESTAMPTZ],
        _ => &[],
    }
}

fn types_of(declared: DeclaredColumn) -> &'static [u32] {
    declared.map_or(&[], |column| binary_types(column.oid()))
}

/// Whether every column can be binary: they all share one format.
fn agree(declared: &[DeclaredColumn], columns: &[u32]) -> bool {
    declared.len() == columns.len()
        && declared
            .iter()
            .zip(columns)
            .all(|(declared, oid)| types_of(*declared).contains(oid))
}

impl RedshiftConnection {
    /// Requests results in the binary format where that is safe, which makes loading numbers and
    /// timestamps faster. Off by default.
    ///
    /// A result is binary if Diesel knows the types of the query (it is not a
    /// [`sql_query`](diesel::sql_query)), the statement is prepared, and every column has the same
    /// type on the server as declared, one of `SMALLINT`, `INTEGER`, `BIGINT`, `REAL`, `DOUBLE
    /// PRECISION`, `BOOLEAN`, `VARCHAR`, `CHAR`, `TIMESTAMP` and `TIMESTAMPTZ`. If there is any
    /// other column, such as a `DATE` or a `NUMERIC`, whose binary form is not PostgreSQL's, the
    /// whole result arrives as text. To learn the columns, the server is asked once for each
    /// prepared statement, which costs a round trip.
    ///
    /// The values are the same, with two differences: floats are exact whatever
    /// `extra_float_digits` is, and `DateTime<FixedOffset>` (or `OffsetDateTime`) is in UTC instead
    /// of in the session's time zone. A [`FromSql`](diesel::deserialize::FromSql) of your own that
    /// reads the bytes itself has to check [`is_binary`](crate::backend::RedshiftValue::is_binary).
    ///
    /// Amazon's ODBC driver, which is built on libpq, reads text only; its Python driver reads
    /// these types in binary.
    ///
    /// ```no_run
    /// # fn run(conn: &mut diesel_redshift::RedshiftConnection) {
    /// conn.set_binary_results(true);
    /// # }
    /// ```
    pub fn set_binary_results(&mut self, binary: bool) {
        self.binary_results = binary;
    }

    /// The format in which to request the result of a statement.
    pub(super) fn result_format(
        &self,
        statement: &Prepared,
        declared: Option<&[DeclaredColumn]>,
    ) -> QueryResult<Format> {
        let Some(declared) = declared else {
            return Ok(Format::Text);
        };
        if declared.iter().any(|column| types_of(*column).is_empty()) {
            return Ok(Format::Text);
        }
        let columns = match statement.columns.get() {
            Some(columns) => columns,
            None => {
                let described = self.only_result(self.raw.send_describe(&statement.name))?;
                statement
                    .columns
                    .get_or_init(|| described.column_types().collect())
            }
        };
        Ok(if agree(declared, columns) {
            Format::Binary
        } else {
            Format::Text
        })
    }
}

#[cfg(test)]
mod tests {
    use diesel::sql_types::{
        BigInt, Date, Double, Integer, Nullable, Numeric, Text, Timestamptz, Untyped,
    };

    use super::*;

    #[test]
    fn every_column_has_to_be_what_it_is_declared() {
        let declared = declared_columns::<(BigInt, Nullable<Text>, (Double, Timestamptz))>();
        let columns = [
            oid::BIGINT,
            oid::CHAR,
            oid::DOUBLE_PRECISION,
            oid::TIMESTAMPTZ,
        ];
        assert!(agree(&declared, &columns));
        for at in 0..columns.len() {
            let mut other = columns;
            other[at] = oid::INTEGER;
            assert!(!agree(&declared, &other), "column {at}");
        }
        assert!(!agree(&declared, &columns[..3]));
    }

    #[test]
    fn what_differs_from_postgresql_is_text() {
        assert!(!agree(&declared_columns::<Date>(), &[oid::DATE]));
        assert!(!agree(&declared_columns::<Numeric>(), &[oid::DECIMAL]));
        assert!(!agree(&declared_columns::<Untyped>(), &[oid::BIGINT]));
        assert!(!agree(&declared_columns::<Integer>(), &[oid::BIGINT]));
    }
}
