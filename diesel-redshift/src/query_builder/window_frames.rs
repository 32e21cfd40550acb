//! The frame that Redshift asks for where SQL has a default.

use crate::sql::lexer::{Token, tokens};

/// Window functions that look at the rows of a frame.
const FRAMED: [&str; 15] = [
    "avg",
    "count",
    "first_value",
    "last_value",
    "max",
    "min",
    "nth_value",
    "stddev",
    "stddev_pop",
    "stddev_samp",
    "sum",
    "var_pop",
    "var_samp",
    "variance",
    "every",
];

const FRAME: &str = " ROWS UNBOUNDED PRECEDING";

/// A parenthesis that is open.
#[derive(Default)]
struct Open<'a> {
    /// The word before it.
    name: Option<&'a str>,
    /// It is that of `OVER`, for a function with a frame.
    is_framed: bool,
    has_order: bool,
    has_frame: bool,
}

/// `sql` with a frame in each window that has to have one: `ROWS UNBOUNDED PRECEDING`, up to the
/// row itself.
pub(super) fn with_frames(sql: String) -> String {
    let mut places = Vec::new();
    let mut open: Vec<Open<'_>> = Vec::new();
    let mut closed: Option<&str> = None;
    let mut word: Option<&str> = None;
    let mut at = 0;
    for (token, text) in tokens(&sql) {
        match (token, text) {
            (Token::Space | Token::Comment, _) => {}
            (Token::Symbol, "(") => {
                let function = word
                    .filter(|word| word.eq_ignore_ascii_case("over"))
                    .and(closed);
                open.push(Open {
                    name: word.take(),
                    is_framed: function.is_some_and(is_framed),
                    ..Open::default()
                });
                closed = None;
            }
            (Token::Symbol, ")") => {
                let window = open.pop().unwrap_or_default();
                if window.is_framed && window.has_order && !window.has_frame {
                    places.push(at);
                }
                closed = window.name;
                word = None;
            }
            (Token::Word, text) => {
                if let Some(window) = open.last_mut() {
                    window.has_order |= text.eq_ignore_ascii_case("order");
                    window.has_frame |= text.eq_ignore_ascii_case("rows");
                }
                if !text.eq_ignore_ascii_case("over") {
                    closed = None;
                }
                word = Some(text);
            }
            _ => {
                closed = None;
                word = None;
            }
        }
        at += text.len();
    }
    if places.is_empty() {
        return sql;
    }
    let mut framed = String::with_capacity(sql.len() + places.len() * FRAME.len());
    let mut from = 0;
    for place in places {
        framed.push_str(&sql[from..place]);
        framed.push_str(FRAME);
        from = place;
    }
    framed.push_str(&sql[from..]);
    framed
}

fn is_framed(function: &str) -> bool {
    FRAMED
        .iter()
        .any(|framed| framed.eq_ignore_ascii_case(function))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_that_need_a_frame_get_one() {
        for (sql, expected) in [
            (
                "sum(a) OVER (PARTITION BY b ORDER BY f(c, ')'))",
                "sum(a) OVER (PARTITION BY b ORDER BY f(c, ')') ROWS UNBOUNDED PRECEDING)",
            ),
            (
                "SELECT MAX((a) + $1) OVER ( ORDER BY b), count(*) OVER (ORDER BY \"rows\")",
                "SELECT MAX((a) + $1) OVER ( ORDER BY b ROWS UNBOUNDED PRECEDING), count(*) OVER (ORDER BY \"rows\" ROWS UNBOUNDED PRECEDING)",
            ),
        ] {
            assert_eq!(with_frames(sql.to_owned()), expected);
        }
    }

    #[test]
    fn others_are_left_alone() {
        for sql in [
            "sum(a) OVER (PARTITION BY b)",
            "sum(a) OVER (PARTITION BY (SELECT b FROM c ORDER BY d))",
            "sum(a) OVER (ORDER BY b ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)",
            "rank() OVER (ORDER BY sum(a))",
            "lag(a) OVER (ORDER BY b)",
            "'sum(a) OVER (ORDER BY b)'",
            "listagg(a) WITHIN GROUP (ORDER BY b) OVER (PARTITION BY c)",
            "sum(a) x (ORDER BY b)",
            "over (ORDER BY b)",
            ") over (order by",
        ] {
            assert_eq!(with_frames(sql.to_owned()), sql);
        }
    }
}
