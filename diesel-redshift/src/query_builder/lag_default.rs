//! The default of `lag` and `lead`, which Redshift does not have.
//!
//! Diesel's functions cannot be named with all their parameters, so that no type refuses them.

use diesel::result::{Error, QueryResult};

use crate::sql::lexer::{Token, tokens};

#[derive(Debug, thiserror::Error)]
#[error(
    "`{function}` of Redshift takes no default: write `nvl(…)` of `diesel_redshift::dsl` around the window function without one"
)]
struct NoDefault {
    function: String,
}

/// A parenthesis that is open.
#[derive(Default)]
struct Open<'a> {
    /// The word before it.
    name: Option<&'a str>,
    commas: usize,
}

/// Refuses a query whose `lag` or `lead` has a third argument.
pub(crate) fn refuse_default(sql: &str) -> QueryResult<()> {
    if !sql.contains(" OVER (") || !["lag(", "lead("].iter().any(|call| sql.contains(call)) {
        return Ok(());
    }
    let mut open: Vec<Open<'_>> = Vec::new();
    let mut word: Option<&str> = None;
    // A call that has just closed, with a third argument.
    let mut closed: Option<&str> = None;
    for (token, text) in tokens(sql) {
        match (token, text) {
            (Token::Space | Token::Comment, _) => continue,
            (Token::Symbol, "(") => open.push(Open {
                name: word,
                commas: 0,
            }),
            (Token::Symbol, ")") => {
                let call = open.pop().unwrap_or_default();
                closed = call.name.filter(|name| {
                    call.commas == 2 && ["lag", "lead"].contains(&name.to_lowercase().as_str())
                });
                word = None;
                continue;
            }
            (Token::Symbol, ",") => {
                if let Some(call) = open.last_mut() {
                    call.commas += 1;
                }
            }
            (Token::Word, over) if over.eq_ignore_ascii_case("over") => {
                if let Some(function) = closed {
                    let function = function.to_lowercase();
                    return Err(Error::QueryBuilderError(Box::new(NoDefault { function })));
                }
            }
            _ => {}
        }
        word = (token == Token::Word).then_some(text);
        closed = None;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_third_argument_is_refused() {
        for sql in [
            "SELECT lag(a, 1, 0) OVER (ORDER BY b)",
            "SELECT 1, lead(f(a, b), $1, $2) OVER ( PARTITION BY c ORDER BY b)",
        ] {
            let error = refuse_default(sql).expect_err(sql).to_string();
            assert!(error.contains("takes no default"), "{error}");
        }
    }

    #[test]
    fn others_pass() {
        for sql in [
            "SELECT lag(a, 1) OVER (ORDER BY b)",
            "SELECT nvl(lag(f(a, b, c), 1) OVER (ORDER BY b), 0, 0)",
            "SELECT 'lag(a, 1, 0) OVER (' FROM lag(a, b, c)",
            "SELECT my_lag(a, 1, 0) OVER (ORDER BY b)",
            "SELECT lag(a, 1, 0) + sum(a) OVER (PARTITION BY b)",
            "SELECT lag(a, 1, 0)",
        ] {
            assert!(refuse_default(sql).is_ok(), "{sql}");
        }
    }
}
