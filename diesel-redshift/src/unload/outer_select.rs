//! What UNLOAD has to know of the query that it runs: whether its outermost SELECT is limited, and the names of
//! its columns.

use crate::error::OptionError;
use crate::query_builder::lexer::{Token, tokens};

const OPTION: &str = "the query of an UNLOAD";

/// A query as UNLOAD takes it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct OuterSelect {
    pub(super) sql: String,
    /// The names of its columns as far as the text tells: `None` where a column has no name of its own. The
    /// whole is `None` when the text does not tell even their number, as with `SELECT *`.
    pub(super) columns: Option<Vec<Option<String>>>,
}

impl OuterSelect {
    /// Reads `sql`, without what follows its end, and wraps a limited query: UNLOAD refuses `LIMIT`, `OFFSET`
    /// and `TOP` in the outermost SELECT, but takes it one level deeper.
    pub(super) fn read(sql: &str) -> Result<Self, OptionError> {
        let sql = without_end(sql)?;
        if sql.is_empty() {
            return Err(OptionError::new(OPTION, "empty", "a SELECT"));
        }
        let words = words(sql);
        let columns = columns(sql, &words);
        let sql = if is_limited(&words) {
            format!("SELECT * FROM ({sql}) AS \"unload\"")
        } else {
            sql.to_owned()
        };
        Ok(Self { sql, columns })
    }
}

/// A token that is no space and no comment, where it starts, and how many parentheses enclose it.
#[derive(Debug, Clone, Copy)]
struct Piece<'a> {
    token: Token,
    text: &'a str,
    at: usize,
    depth: usize,
}

impl Piece<'_> {
    fn is(&self, word: &str) -> bool {
        self.token == Token::Word && self.text.eq_ignore_ascii_case(word)
    }

    fn is_symbol(&self, symbol: &str) -> bool {
        self.token == Token::Symbol && self.text == symbol
    }
}

fn words(sql: &str) -> Vec<Piece<'_>> {
    let mut depth = 0_usize;
    let mut at = 0;
    let mut pieces = Vec::new();
    for (token, text) in tokens(sql) {
        if token == Token::Symbol && text == ")" {
            depth = depth.saturating_sub(1);
        }
        if !matches!(token, Token::Space | Token::Comment) {
            pieces.push(Piece {
                token,
                text,
                at,
                depth,
            });
        }
        if token == Token::Symbol && text == "(" {
            depth += 1;
        }
        at += text.len();
    }
    pieces
}

/// `sql` up to the end of its statement, without a semicolon and comments behind it.
fn without_end(sql: &str) -> Result<&str, OptionError> {
    let mut pieces = words(sql);
    while pieces.last().is_some_and(|last| last.is_symbol(";")) {
        pieces.pop();
    }
    if pieces.iter().any(|piece| piece.is_symbol(";")) {
        return Err(OptionError::new(
            OPTION,
            "several statements",
            "a single SELECT",
        ));
    }
    let start = pieces.first().map_or(0, |first| first.at);
    let end = pieces.last().map_or(0, |last| last.at + last.text.len());
    Ok(&sql[start..end])
}

fn is_limited(pieces: &[Piece<'_>]) -> bool {
    let mut before: Option<&Piece<'_>> = None;
    for piece in pieces.iter().filter(|piece| piece.depth == 0) {
        if ["LIMIT", "OFFSET", "FETCH"]
            .iter()
            .any(|word| piece.is(word))
        {
            return true;
        }
        if piece.is("TOP")
            && before.is_some_and(|before| {
                ["SELECT", "DISTINCT", "ALL"]
                    .iter()
                    .any(|word| before.is(word))
            })
        {
            return true;
        }
        before = Some(piece);
    }
    false
}

/// The columns of the first SELECT, which give a union its names.
fn columns(sql: &str, pieces: &[Piece<'_>]) -> Option<Vec<Option<String>>> {
    let opening = pieces.iter().take_while(|piece| piece.is_symbol("(")).count();
    let mut pieces = &pieces[opening..];
    if !pieces.first()?.is("SELECT") {
        return None;
    }
    pieces = &pieces[1..];
    if let Some(first) = pieces.first()
        && (first.is("DISTINCT") || first.is("ALL"))
    {
        pieces = &pieces[1..];
    }
    if pieces.first().is_some_and(|first| first.is("TOP")) {
        pieces = pieces.get(2..)?;
    }
    let end = pieces
        .iter()
        .position(|piece| {
            piece.depth < opening
                || piece.depth == opening
                    && ENDS_OF_LIST.iter().any(|word| piece.is(word))
        })
        .unwrap_or(pieces.len());
    let _ = sql;
    pieces[..end]
        .split(|piece| piece.depth == opening && piece.is_symbol(","))
        .map(|item| match item {
            [.., star] if star.is_symbol("*") => None,
            [.., name] => Some(column_name(name)),
            [] => Some(None),
        })
        .collect()
}

const ENDS_OF_LIST: [&str; 12] = [
    "FROM", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "UNION", "INTERSECT", "EXCEPT",
    "MINUS", "QUALIFY",
];

fn column_name(last: &Piece<'_>) -> Option<String> {
    match last.token {
        // Redshift folds names to lower case, quoted or not.
        Token::QuotedIdentifier => Some(
            last.text[1..last.text.len().max(2) - 1]
                .replace("\"\"", "\"")
                .to_lowercase(),
        ),
        Token::Word if !last.text.starts_with(|c: char| c.is_ascii_digit()) => {
            Some(last.text.to_lowercase())
        }
        _ => None,
    }
}
