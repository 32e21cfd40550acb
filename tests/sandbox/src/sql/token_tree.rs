//! Which tokens of a statement belong together.

use std::ops::Range;

use super::lexer::{Kind, Token};
use super::quoting::{fold_attribute, fold_quoted};
use crate::protocol::{SqlError, SqlResult};

/// Deeper than this PostgreSQL would hardly go either, and what walks over parentheses recurs.
const DEEPEST: usize = 400;

/// The tokens of a statement and their parentheses.
pub(super) struct TokenTree<'a> {
    pub(super) sql: &'a str,
    pub(super) tokens: &'a [Token],
    /// For an opening parenthesis or bracket, where it closes.
    closes: Vec<usize>,
}

impl<'a> TokenTree<'a> {
    pub(super) fn new(sql: &'a str, tokens: &'a [Token]) -> SqlResult<Self> {
        let mut closes = vec![0; tokens.len()];
        let mut open = Vec::new();
        for (at, token) in tokens.iter().enumerate() {
            match token.kind {
                Kind::Open | Kind::OpenBracket => {
                    open.push(at);
                    if open.len() > DEEPEST {
                        return Err(SqlError::new("54001", "stack depth limit exceeded"));
                    }
                }
                Kind::Close | Kind::CloseBracket => {
                    let opener = open.pop().filter(|opener| {
                        (tokens[*opener].kind == Kind::Open) == (token.kind == Kind::Close)
                    });
                    let Some(opener) = opener else {
                        return Err(SqlError::syntax(token.text(sql)));
                    };
                    closes[opener] = at;
                }
                _ => {}
            }
        }
        if open.is_empty() {
            Ok(Self {
                sql,
                tokens,
                closes,
            })
        } else {
            Err(SqlError::syntax(""))
        }
    }

    pub(super) fn len(&self) -> usize {
        self.tokens.len()
    }

    pub(super) fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.get(at).map(|token| token.kind)
    }

    pub(super) fn is_kind(&self, at: usize, kind: Kind) -> bool {
        self.kind(at) == Some(kind)
    }

    /// Whether the token is this keyword, written in lower case here.
    pub(super) fn is(&self, at: usize, keyword: &str) -> bool {
        self.tokens
            .get(at)
            .is_some_and(|token| token.is(self.sql, keyword))
    }

    pub(super) fn is_any(&self, at: usize, keywords: &[&str]) -> bool {
        self.is_kind(at, Kind::Word) && keywords.iter().any(|keyword| self.is(at, keyword))
    }

    /// Whether these keywords stand here one after another.
    pub(super) fn are(&self, at: usize, keywords: &[&str]) -> bool {
        keywords
            .iter()
            .enumerate()
            .all(|(ahead, keyword)| self.is(at + ahead, keyword))
    }

    pub(super) fn text(&self, at: usize) -> &'a str {
        self.tokens.get(at).map_or("", |token| token.text(self.sql))
    }

    /// Whether a keyword before this token makes another thing of it.
    pub(super) fn follows(&self, at: usize, keywords: &[&str]) -> bool {
        at > 0 && self.is_any(at - 1, keywords)
    }

    pub(super) fn follows_kind(&self, at: usize, kind: Kind) -> bool {
        at > 0 && self.is_kind(at - 1, kind)
    }

    /// Where the parenthesis or bracket that opens here closes.
    pub(super) fn close(&self, at: usize) -> usize {
        self.closes.get(at).copied().unwrap_or(0)
    }

    /// The next token of the same depth.
    pub(super) fn next(&self, at: usize) -> usize {
        match self.kind(at) {
            Some(Kind::Open | Kind::OpenBracket) => self.close(at) + 1,
            _ => at + 1,
        }
    }

    /// The first token of the range, not within parentheses of its own, for which this is true.
    pub(super) fn find(
        &self,
        range: Range<usize>,
        mut is_it: impl FnMut(usize) -> bool,
    ) -> Option<usize> {
        let mut at = range.start;
        while at < range.end {
            if is_it(at) {
                return Some(at);
            }
            at = self.next(at);
        }
        None
    }

    /// The parts of a list.
    pub(super) fn split(&self, range: Range<usize>) -> Vec<Range<usize>> {
        let mut parts = Vec::new();
        let mut start = range.start;
        while let Some(comma) = self.find(start..range.end, |at| self.is_kind(at, Kind::Comma)) {
            parts.push(start..comma);
            start = comma + 1;
        }
        parts.push(start..range.end);
        parts
    }

    /// The parts of a name with dots that begins here, and where it ends.
    pub(super) fn dotted(&self, start: usize) -> (Vec<String>, usize) {
        let mut parts: Vec<_> = self.name(start).into_iter().collect();
        let mut end = start + parts.len();
        while self.is_kind(end, Kind::Dot) && !parts.is_empty() {
            let Some(part) = self.name(end + 1) else {
                break;
            };
            parts.push(part);
            end += 2;
        }
        (parts, end)
    }

    /// The same for the name of an attribute in a SUPER.
    pub(super) fn attribute(&self, at: usize) -> Option<String> {
        let text = self.text(at);
        match self.kind(at)? {
            Kind::Quoted => Some(fold_attribute(
                text[1..text.len() - 1].replace("\"\"", "\""),
            )),
            _ => self.name(at),
        }
    }

    /// The name that a token stands for, as Redshift folds it.
    pub(super) fn name(&self, at: usize) -> Option<String> {
        let text = self.text(at);
        match self.kind(at)? {
            Kind::Word | Kind::Temporary => Some(text.to_ascii_lowercase()),
            Kind::Quoted => Some(fold_quoted(text[1..text.len() - 1].replace("\"\"", "\""))),
            _ => None,
        }
    }
}
