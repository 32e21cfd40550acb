//! A query as text without parameters, for the statements that take none: `UNLOAD`, `LIMIT`, DDL.

use diesel::query_builder::{AstPass, QueryBuilder, QueryFragment};
use diesel::result::{Error, QueryResult};

use super::{RedshiftBindCollector, RedshiftQueryBuilder, refuse_default};
use crate::backend::Redshift;
use crate::error::InvalidValue;
use crate::sql::lexer::{OpenCall, Token, tokens};
use crate::sql::literal;
use crate::types::oid;

/// Why a query could not be written without parameters.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InlineError {
    #[error("the query names the parameter ${number}, but only {binds} values are bound")]
    Unbound { number: usize, binds: usize },
    #[error("the value bound as ${number} does not occur in the query's text")]
    Unused { number: usize },
    #[error("the value bound as ${number} is not UTF-8 text")]
    NotText { number: usize },
    #[error(transparent)]
    Literal(#[from] InvalidValue),
}

impl From<InlineError> for Error {
    fn from(error: InlineError) -> Self {
        match error {
            InlineError::Literal(error) => error.into(),
            error => Self::QueryBuilderError(Box::new(error)),
        }
    }
}

/// The SQL of `query` with every bind printed as a literal.
pub(crate) fn inline(query: &dyn QueryFragment<Redshift>) -> QueryResult<String> {
    let mut binds = RedshiftBindCollector::new();
    query.collect_binds(&mut binds, &mut (), &Redshift)?;
    inline_binds(query, &binds)
}

/// The same with the binds that were collected of it.
fn inline_binds(
    query: &dyn QueryFragment<Redshift>,
    binds: &RedshiftBindCollector,
) -> QueryResult<String> {
    let mut builder = RedshiftQueryBuilder::new();
    query.to_sql(&mut builder, &Redshift)?;
    let sql = builder.finish();
    refuse_default(&sql)?;
    if binds.is_empty() && !sql.contains('$') {
        return Ok(sql);
    }
    Ok(substitute(&sql, binds)?)
}

/// Whether an expression is a value alone.
pub(crate) fn is_one_bind(value: &dyn QueryFragment<Redshift>) -> bool {
    let mut builder = RedshiftQueryBuilder::new();
    value.to_sql(&mut builder, &Redshift).is_ok() && builder.finish() == "$1"
}

/// Writes a part of a query with every bind printed as a literal.
pub(crate) fn push_inlined<'b>(
    part: &'b dyn QueryFragment<Redshift>,
    out: &mut AstPass<'_, 'b, Redshift>,
) -> QueryResult<()> {
    let mut binds = RedshiftBindCollector::new();
    part.collect_binds(&mut binds, &mut (), &Redshift)?;
    if binds.is_empty() {
        return part.walk_ast(out.reborrow());
    }
    out.push_sql(&inline_binds(part, &binds)?);
    out.push_bind_collector_data(&binds.as_literals())
}

/// `sql` with every parameter in it printed as the literal of its bind.
pub(super) fn substitute(sql: &str, binds: &RedshiftBindCollector) -> Result<String, InlineError> {
    let values: Vec<_> = binds.iter().collect();
    let mut used = vec![false; values.len()];
    let mut inlined = String::with_capacity(sql.len() + 16 * values.len());
    let mut call = OpenCall::default();
    let mut follows_value = false;
    for (token, text) in tokens(sql) {
        if let Token::Parameter { number } = token {
            let index = number.checked_sub(1).filter(|index| *index < values.len());
            let Some(index) = index else {
                return Err(InlineError::Unbound {
                    number,
                    binds: values.len(),
                });
            };
            used[index] = true;
            if inlined.ends_with(joins) {
                inlined.push(' ');
            }
            let (oid, value) = values[index];
            let value = value
                .map(std::str::from_utf8)
                .transpose()
                .map_err(|_| InlineError::NotText { number })?;
            push_typed(&mut inlined, &call, oid, value)?;
            follows_value = true;
        } else {
            if follows_value && text.starts_with(joins) {
                inlined.push(' ');
            }
            follows_value = false;
            inlined.push_str(text);
        }
        call.pass(token, text);
    }
    match used.iter().position(|used| !used) {
        Some(index) => Err(InlineError::Unused { number: index + 1 }),
        None => Ok(inlined),
    }
}

/// Whether a character beside a literal would be read as a part of it: `1$1` is no `12`, and
/// `'a'$1` no `'a''b'`.
fn joins(character: char) -> bool {
    character.is_alphanumeric()
        || matches!(character, '_' | '$' | '.' | '\'' | '"')
        || !character.is_ascii()
}

/// Writes a value so that the server reads back the same value of exactly the bind's type.
///
/// A number alone would be of the narrowest type that it fits: `1` is an `INTEGER` also where a
/// `BIGINT` was bound, `1.5` a `DECIMAL` where a float was, and a date without a type is text.
/// Negative numbers stand in parentheses, since `- -1` must not become the comment `--1`, and since
/// a cast binds stronger than the sign. A string is `VARCHAR` as it is.
fn push_typed(
    sql: &mut String,
    call: &OpenCall<'_>,
    type_oid: u32,
    value: Option<&str>,
) -> Result<(), InvalidValue> {
    let type_name = oid::name(type_oid);
    let Some(value) = value else {
        sql.push_str("NULL");
        push_cast(sql, type_name);
        return Ok(());
    };
    match type_oid {
        oid::SMALLINT | oid::INTEGER | oid::BIGINT | oid::DECIMAL if is_number(value) => {
            push_number(sql, value);
            match type_oid {
                // The digits of the smallest one are a BIGINT before the sign is seen.
                oid::INTEGER if value != "-2147483648" => {}
                oid::DECIMAL => push_decimal_type(sql, value),
                _ => push_cast(sql, type_name),
            }
        }
        oid::BOOLEAN if matches!(value, "t" | "f") => {
            sql.push_str(if value == "t" { "TRUE" } else { "FALSE" });
        }
        oid::VARCHAR | oid::TEXT => literal::push_string(sql, value)?,
        _ => match oid::literal(type_oid) {
            Some((before, _)) if call.is_of(before) => literal::push_string(sql, value)?,
            Some((before, after)) => {
                sql.push_str(before);
                literal::push_string(sql, value)?;
                sql.push_str(after);
            }
            None => {
                literal::push_string(sql, value)?;
                push_cast(sql, type_name);
            }
        },
    }
    Ok(())
}

fn push_number(sql: &mut String, number: &str) {
    if number.starts_with('-') {
        sql.push('(');
        sql.push_str(number);
        sql.push(')');
    } else {
        sql.push_str(number);
    }
}

fn push_cast(sql: &mut String, type_name: Option<&str>) {
    if let Some(name) = type_name {
        sql.push_str("::");
        sql.push_str(name);
    }
}

/// Writes the cast to the `DECIMAL` that has room for just these digits: `5::decimal(1,0)`,
/// `0.05::decimal(2,2)`.
///
/// More than the 38 digits of Redshift's widest are left to the server's error.
fn push_decimal_type(sql: &mut String, number: &str) {
    let digits = number.strip_prefix('-').unwrap_or(number);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let scale = fraction.len();
    let precision = (whole.trim_start_matches('0').len() + scale).max(1);
    if precision <= 38 {
        let mut number = itoa::Buffer::new();
        sql.push_str("::decimal(");
        sql.push_str(number.format(precision));
        sql.push(',');
        sql.push_str(number.format(scale));
        sql.push(')');
    }
}

fn is_number(value: &str) -> bool {
    let digits = value.strip_prefix('-').unwrap_or(value);
    digits
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.')
        && digits.bytes().any(|byte| byte.is_ascii_digit())
        && digits.bytes().filter(|byte| *byte == b'.').count() <= 1
}

#[cfg(test)]
mod tests {
    use diesel::sql_types::{BigInt, Bool, Double, Float, Integer, Nullable, SmallInt, Text};
    use proptest::prelude::*;

    use super::*;

    fn inlined(query: &dyn QueryFragment<Redshift>) -> String {
        inline(query).expect("inlines")
    }

    #[test]
    fn every_type_has_its_literal() {
        let query = diesel::sql_query("$1 $2 $3 $4 $5 $6 $7 $8 $1")
            .bind::<Integer, _>(-1)
            .bind::<BigInt, _>(5_000_000_000_i64)
            .bind::<Text, _>(r"O'B\c")
            .bind::<Double, _>(1.5)
            .bind::<Nullable<Bool>, _>(None::<bool>)
            .bind::<Bool, _>(true)
            .bind::<SmallInt, _>(7)
            .bind::<Float, _>(1.5);
        assert_eq!(
            inlined(&query),
            r"(-1) 5000000000::bigint 'O''B\\c' '1.5'::double precision NULL::boolean TRUE 7::smallint '1.5'::real (-1)"
        );
    }

    #[test]
    fn the_smallest_integers_keep_their_type() {
        let query = diesel::sql_query("$1 $2 $3 $4 $5")
            .bind::<SmallInt, _>(i16::MIN)
            .bind::<Integer, _>(i32::MIN)
            .bind::<BigInt, _>(i64::MIN)
            .bind::<Integer, _>(i32::MAX)
            .bind::<BigInt, _>(i64::MAX);
        assert_eq!(
            inlined(&query),
            "(-32768)::smallint (-2147483648)::integer (-9223372036854775808)::bigint 2147483647 \
             9223372036854775807::bigint"
        );
    }

    #[cfg(feature = "numeric")]
    #[test]
    fn a_decimal_has_the_digits_of_its_value() {
        use bigdecimal::BigDecimal;
        use diesel::sql_types::Numeric;

        for (value, literal) in [
            ("0", "0::decimal(1,0)"),
            ("5", "5::decimal(1,0)"),
            ("0.05", "0.05::decimal(2,2)"),
            ("-12.50", "(-12.50)::decimal(4,2)"),
            (
                "99999999999999999999999999999999999999",
                "99999999999999999999999999999999999999::decimal(38,0)",
            ),
        ] {
            let value: BigDecimal = value.parse().expect(value);
            let query = diesel::sql_query("$1").bind::<Numeric, _>(value);
            assert_eq!(inlined(&query), literal);
        }
    }

    #[test]
    fn parameters_are_found_only_where_the_server_would_see_one() {
        let query = diesel::sql_query(
            r#"$1 '$1' 'it''s \' $1' "$1" "a""$1" -- $1
               /* $1 /* $1 */ $1 */ $$ $1 $$ $t$ $1 $t$ a$1 $1"#,
        )
        .bind::<Integer, _>(7);
        assert_eq!(
            inlined(&query),
            r#"7 '$1' 'it''s \' $1' "$1" "a""$1" -- $1
               /* $1 /* $1 */ $1 */ $$ $1 $$ $t$ $1 $t$ a$1 7"#
        );
    }

    #[test]
    fn a_literal_is_no_part_of_what_stands_beside_it() {
        for (sql, expected) in [
            ("1$1 $1$2 $1a", "1 7 7 'it' 7 a"),
            ("'a'$2 $2'b' \"c\"$2-$1", "'a' 'it' 'it' 'b' \"c\" 'it'-7"),
            ("1.$1.5 $$x$$$1 $1$$y$$ $2", "1. 7 .5 $$x$$ 7 7 $$y$$ 'it'"),
            ("(-$1,$2)||$2-$1", "(-7,'it')||'it'-7"),
        ] {
            let query = diesel::sql_query(sql)
                .bind::<Integer, _>(7)
                .bind::<Text, _>("it");
            assert_eq!(inlined(&query), expected);
        }
    }

    #[test]
    fn binds_and_parameters_must_match() {
        let missing = diesel::sql_query("select $2").bind::<Integer, _>(1);
        let error = inline(&missing).expect_err("unbound");
        assert!(
            error.to_string().contains("only 1 values are bound"),
            "{error}"
        );
        let unused = diesel::sql_query("select 1").bind::<Integer, _>(1);
        let error = inline(&unused).expect_err("unused");
        assert!(error.to_string().contains("does not occur"), "{error}");
    }

    proptest! {
        #[test]
        fn any_text_stays_within_its_literal(text in "[^\0]*", more in "[^\0]*") {
            let query = diesel::sql_query("$1,$2")
                .bind::<Text, _>(text)
                .bind::<Text, _>(more);
            let sql = inlined(&query);
            let tokens: Vec<_> = tokens(&sql).map(|(token, _)| token).collect();
            prop_assert_eq!(tokens, [Token::String, Token::Symbol, Token::String]);
        }
    }
}
