//! Values on the wire.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Double, Nullable, Numeric, Text};
use diesel_redshift_tests::measures::{BINARY_COLUMNS, BinaryRow, CREATE, measures};

use crate::check;

const ROWS: &str = "INSERT INTO measures VALUES \
         (1, -32768, -2147483648, 1.5, 0.1, true, 'ab', 'it''s 🦀', '2024-02-29 23:59:59.999999', \
             '2024-01-02 03:04:05+05:30', 1.25, NULL), \
         (-9223372036854775808, 32767, 2147483647, -0.25, 1e300, false, '', '', '1999-12-31 23:59:59.999999', \
             '1969-12-31 23:59:59+00', -1, NULL), \
         (9223372036854775807, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)";

/// The binary format is asked for only where it is documented as PostgreSQL's.
#[test]
fn binary_results_are_those_of_text() {
    check(|_, conn| {
        conn.batch_execute(CREATE)?;
        conn.batch_execute(ROWS)?;
        let query = measures::table.select(BINARY_COLUMNS).order(measures::id);
        let text: Vec<BinaryRow> = query.load(conn)?;
        conn.set_binary_results(true);
        let binary: Vec<BinaryRow> = query.load(conn)?;
        conn.set_binary_results(false);
        let differing = text
            .iter()
            .zip(&binary)
            .filter(|(text, binary)| text != binary);
        Ok(differing
            .map(|(text, binary)| format!("{text:?} in binary is {binary:?}"))
            .collect())
    });
}

#[test]
fn what_is_bound_is_what_is_stored() {
    check(|_, conn| {
        conn.batch_execute(CREATE)?;
        conn.batch_execute(ROWS)?;
        let mut deviations = Vec::new();
        for double in [0.1, 1.0 / 3.0, f64::MAX, f64::MIN_POSITIVE, -1e-10] {
            diesel::update(measures::table.filter(measures::id.eq(1)))
                .set(measures::double.eq(double))
                .execute(conn)?;
            let found: Vec<Option<f64>> = measures::table
                .filter(measures::id.eq(1))
                .select(measures::double)
                .load(conn)?;
            if found != [Some(double)] {
                deviations.push(format!("{double:e} is read as {found:?}"));
            }
            let sql = diesel::dsl::sql::<Double>("double * 1");
            let computed: Vec<f64> = measures::table
                .filter(measures::id.eq(1))
                .select(sql)
                .load(conn)?;
            if computed != [double] {
                deviations.push(format!("{double:e} times 1 is read as {computed:?}"));
            }
        }
        for exact in ["10.1", "-1234567890123456789012345678.0123456789"] {
            let exact: bigdecimal::BigDecimal = exact.parse()?;
            diesel::update(
                measures::table
                    .filter(measures::exact.eq("1.25".parse::<bigdecimal::BigDecimal>()?)),
            )
            .set(measures::exact.eq(&exact))
            .execute(conn)?;
            let same = measures::table.filter(measures::exact.eq(&exact)).count();
            if same.get_result::<i64>(conn)? != 1 {
                deviations.push(format!("{exact} is not found again"));
            }
            diesel::update(measures::table.filter(measures::exact.eq(&exact)))
                .set(measures::exact.eq(diesel::dsl::sql::<Nullable<Numeric>>("1.25")))
                .execute(conn)?;
        }
        for text in ["it's", "back\\slash \\' \\n", "🦀", " padded "] {
            let bound = diesel::select(text.into_sql::<Text>()).get_result::<String>(conn)?;
            if bound != text {
                deviations.push(format!("{text:?} is read as {bound:?}"));
            }
        }
        Ok(deviations)
    });
}

#[test]
fn statements_go_on_working_after_rollback_and_ddl() {
    check(|_, conn| {
        conn.batch_execute(CREATE)?;
        conn.batch_execute(ROWS)?;
        let count = |conn: &mut _| {
            measures::table
                .filter(measures::id.ne(0))
                .count()
                .get_result::<i64>(conn)
        };
        let mut deviations = Vec::new();
        for sql in [
            "BEGIN; ROLLBACK",
            "ALTER TABLE measures ADD COLUMN more INTEGER",
            "TRUNCATE measures",
        ] {
            count(conn)?;
            conn.batch_execute(sql)?;
            if let Err(error) = count(conn) {
                deviations.push(format!("after {sql}: {error}"));
            }
        }
        Ok(deviations)
    });
}
