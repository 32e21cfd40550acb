//! The library's lexer sees the tokens that the server sees.

use std::cell::Cell;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::Error;
use diesel::sql_types::{Integer, Text};
use diesel_redshift_tests::World;
use proptest::prelude::*;

use crate::any_values::holds_for_any;

// The library keeps it to itself.
#[allow(dead_code)]
#[path = "../../diesel-redshift/src/sql/lexer.rs"]
mod library;

use self::library::{Token, tokens};

/// What the server says of a text that is no statement.
enum Complaint {
    /// A token begins here that the grammar does not take, or that does not close.
    At { token: usize, closes: bool },
    /// All of it was read.
    End,
    /// Something else.
    Other,
}

fn complaint(sql: &str, message: &str) -> Complaint {
    if message.ends_with("at end of input") {
        return Complaint::End;
    }
    let Some((what, near)) = message.split_once(" at or near \"") else {
        return Complaint::Other;
    };
    let near = near.strip_suffix('"').unwrap_or(near);
    // The text tells the place only where it stands once.
    let places = |place: &usize| sql.as_bytes()[*place..].starts_with(near.as_bytes());
    let mut places = (0..sql.len()).filter(places);
    match (places.next(), places.next()) {
        (Some(token), None) => Complaint::At {
            token,
            closes: !what.starts_with("unterminated"),
        },
        _ => Complaint::Other,
    }
}

/// Text in which everything that opens, closes, escapes and ends has a chance to meet.
fn awkward() -> impl Strategy<Value = String> {
    const PARTS: [&str; 32] = [
        "'", "'", "''", "'a'", "\\", "\"", "\"b\"", "$$", "$$", "$a$", "$é$", "$→$", "$1$", "$",
        "--", "\r", "\n", "/*", "*/", "1", "2.5", ".5", "1e", "B'", "x'1f'", "E'", "N'", " ", ",",
        "||", "c", "\u{a0}",
    ];
    prop::collection::vec(prop::sample::select(&PARTS[..]), 0..12).prop_map(|parts| {
        let middle = parts.concat();
        format!("SELECT 'begin',{middle} final_word +")
    })
}

#[test]
fn tokens_begin_and_end_where_the_server_sees_them() {
    let mut conn = World::new().connect();
    let (placed, ended, unclosed) = (Cell::new(0), Cell::new(0), Cell::new(0));
    holds_for_any(3000, &mut conn, awkward(), |conn, sql| {
        let message = match conn.batch_execute(&sql) {
            Err(Error::DatabaseError(_, information)) => information.message().to_owned(),
            Err(error) => panic!("{error}"),
            // A comment took the end away.
            Ok(()) => "at end of input".to_owned(),
        };
        let mut at = 0;
        let places: Vec<_> = tokens(&sql)
            .map(|(token, text)| {
                let place = (token, at, at + text.len());
                at += text.len();
                place
            })
            .collect();
        match complaint(&sql, &message) {
            Complaint::At {
                token,
                closes: true,
            } => {
                placed.set(placed.get() + 1);
                prop_assert!(
                    places
                        .iter()
                        .any(|(kind, start, _)| *start == token && *kind != Token::Comment),
                    "{sql:?}: {message}: {places:?}"
                );
            }
            Complaint::At {
                token,
                closes: false,
            } => {
                unclosed.set(unclosed.get() + 1);
                // To the server the `E` of `E'…'` is part of the literal.
                let token = token + usize::from(sql[token..].starts_with(['E', 'e']));
                prop_assert!(
                    places
                        .iter()
                        .any(|(_, start, end)| *start == token && *end == sql.len()),
                    "{sql:?}: {message}: {places:?}"
                );
            }
            Complaint::End => {
                ended.set(ended.get() + 1);
                let last = places.last().map(|(token, ..)| *token);
                prop_assert!(
                    matches!(last, Some(Token::Symbol | Token::Comment)),
                    "{sql:?}: {message}: {places:?}"
                );
            }
            Complaint::Other => {}
        }
        Ok(())
    });
    println!(
        "{} placed, {} ended, {} unclosed",
        placed.get(),
        ended.get(),
        unclosed.get()
    );
    for seen in [placed, ended, unclosed] {
        assert!(seen.get() > 30, "the server told too little");
    }
}

#[derive(QueryableByName)]
struct Value {
    #[diesel(sql_type = Integer)]
    value: i32,
}

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    word: String,
}

#[test]
fn a_parameter_behind_a_carriage_return_is_one() {
    let mut conn = World::new().connect();
    let query = diesel::sql_query("SELECT 1 -- note\r + $1 AS value").bind::<Integer, _>(41);
    assert_eq!(query.get_result::<Value>(&mut conn).unwrap().value, 42);
    let query = "SELECT $→$it's $1$→$ || $1 AS word";
    let query = diesel::sql_query(query).bind::<Text, _>("!");
    assert_eq!(
        query.get_result::<Word>(&mut conn).unwrap().word,
        "it's $1!"
    );
}
