//! Parameters that need more than `$1`: `JSON_PARSE($1)` for a `SUPER`, `FROM_HEX($1)` for a
//! `VARBYTE`.
//!
//! Diesel's query builder is not told the type of a parameter when it writes one, so that the text
//! is completed here, once the binds are known.

use super::RedshiftBindCollector;
use crate::sql::lexer::{OpenCall, Token, tokens};
use crate::types::oid;

/// The SQL to send for a query and its binds. `sql` is what Diesel wrote.
///
/// A parameter that already stands in the function, as in `sql_query("… JSON_PARSE($1) …")`, is
/// left alone.
pub(crate) fn typed(sql: String, binds: &RedshiftBindCollector) -> String {
    let mut forms = binds.iter().map(|(type_oid, _)| oid::parameter(type_oid));
    if forms.all(|form| form.is_none()) {
        return sql;
    }
    let forms: Vec<_> = binds
        .iter()
        .map(|(type_oid, _)| oid::parameter(type_oid))
        .collect();
    let mut typed = String::with_capacity(sql.len() + 16 * forms.len());
    let mut call = OpenCall::default();
    for (token, text) in tokens(&sql) {
        let form = match token {
            Token::Parameter { number } => number.checked_sub(1).and_then(|at| forms.get(at)),
            _ => None,
        };
        match form.and_then(Option::as_ref) {
            Some(form) if !call.is_of(form.before) => {
                typed.push_str(form.before);
                typed.push_str(text);
                typed.push_str(form.after);
            }
            _ => typed.push_str(text),
        }
        call.pass(token, text);
    }
    typed
}

#[cfg(test)]
mod tests {
    use diesel::query_builder::QueryFragment;
    use diesel::sql_types::{Binary, Integer, Nullable};

    use super::*;
    use crate::sql_types::{Geometry, IntervalDayToSecond};
    use crate::{Redshift, data_types::DayToSecond, data_types::Ewkb};

    fn sent(query: &dyn QueryFragment<Redshift>) -> (String, Vec<u32>) {
        let mut builder = crate::backend::RedshiftQueryBuilder::new();
        query.to_sql(&mut builder, &Redshift).expect("builds");
        let mut binds = RedshiftBindCollector::new();
        query
            .collect_binds(&mut binds, &mut (), &Redshift)
            .expect("binds");
        let sql = diesel::query_builder::QueryBuilder::finish(builder);
        (typed(sql, &binds), binds.parameter_types())
    }

    #[test]
    fn each_type_has_its_form() {
        let query = diesel::sql_query("SELECT $1, $2, $3, $4, '$2', from_hex( /* a */ $2), $12")
            .bind::<Integer, _>(1)
            .bind::<Binary, _>(vec![1_u8])
            .bind::<IntervalDayToSecond, _>(DayToSecond { micros: 1 })
            .bind::<Nullable<Geometry>, _>(None::<Ewkb>);
        let (sql, types) = sent(&query);
        assert_eq!(
            sql,
            "SELECT $1, FROM_HEX($2), $3::interval day to second, ST_GeomFromEWKB($4), '$2', from_hex( /* a */ $2), $12"
        );
        assert_eq!(types, [23, 1043, 0, 1043]);
    }

    #[test]
    fn other_queries_are_left_alone() {
        let query = diesel::sql_query("SELECT $1").bind::<Integer, _>(1);
        assert_eq!(sent(&query), ("SELECT $1".to_owned(), vec![23]));
    }

    #[cfg(feature = "serde_json")]
    #[test]
    fn json_is_parsed_in_rows_of_an_insert() {
        use diesel::prelude::*;
        use serde_json::{Value, json};

        use crate::data_types::Json;
        use crate::sql_types::Super;

        diesel::table! {
            use diesel::sql_types::*;
            use crate::sql_types::Super;

            events (id) {
                id -> Integer,
                payload -> Nullable<Super>,
                more -> Super,
            }
        }

        let rows = vec![
            (
                events::id.eq(1),
                events::payload.eq(Some(json!({"a": "it's"}))),
                events::more.eq(Json(json!([]))),
            ),
            (
                events::id.eq(2),
                events::payload.eq(None::<Value>),
                events::more.eq(Json(json!(null))),
            ),
        ];
        let insert = diesel::insert_into(events::table).values(&rows);
        let (sql, types) = sent(&insert);
        assert_eq!(
            sql,
            r#"INSERT INTO "events" ("id", "payload", "more") VALUES ($1, JSON_PARSE($2), JSON_PARSE($3)), ($4, JSON_PARSE($5), JSON_PARSE($6))"#
        );
        assert_eq!(types, [23, 1043, 1043, 23, 1043, 1043]);
        let update = diesel::update(events::table).set(events::payload.eq(Some(Json([1]))));
        assert_eq!(
            sent(&update).0,
            r#"UPDATE "events" SET "payload" = JSON_PARSE($1)"#
        );
        assert_eq!(
            super::super::inline::inline(&update).expect("inlines"),
            r#"UPDATE "events" SET "payload" = JSON_PARSE('[1]')"#
        );
        let by_hand = diesel::sql_query("SELECT JSON_PARSE($1)").bind::<Super, _>(json!(1));
        assert_eq!(sent(&by_hand).0, "SELECT JSON_PARSE($1)");
        assert_eq!(
            super::super::inline::inline(&by_hand).expect("inlines"),
            "SELECT JSON_PARSE('1')"
        );
        let others =
            diesel::sql_query("SELECT MY_JSON_PARSE($1), my.JSON_PARSE($1), json_parse ($1)")
                .bind::<Super, _>(json!(1));
        assert_eq!(
            sent(&others).0,
            "SELECT MY_JSON_PARSE(JSON_PARSE($1)), my.JSON_PARSE(JSON_PARSE($1)), json_parse ($1)"
        );
        assert_eq!(
            super::super::inline::inline(&others).expect("inlines"),
            "SELECT MY_JSON_PARSE(JSON_PARSE('1')), my.JSON_PARSE(JSON_PARSE('1')), json_parse ('1')"
        );
    }
}
