//! Walks over the tokens of one statement.

use super::lexer::{Kind, Token, value_of};
use super::names::is_system_table;
use super::quoting::fold_quoted;
use super::reserved::is_reserved;
use crate::protocol::{SqlError, SqlResult};

#[derive(Clone, Copy)]
pub(crate) struct Cursor<'a> {
    pub(crate) sql: &'a str,
    pub(crate) tokens: &'a [Token],
    pub(crate) at: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(sql: &'a str, tokens: &'a [Token]) -> Self {
        Self { sql, tokens, at: 0 }
    }

    pub(crate) fn peek(&self) -> Option<Token> {
        self.tokens.get(self.at).copied()
    }

    pub(crate) fn peek_at(&self, ahead: usize) -> Option<Token> {
        self.tokens.get(self.at + ahead).copied()
    }

    pub(crate) fn text(&self) -> &'a str {
        self.peek().map_or("", |token| token.text(self.sql))
    }

    pub(crate) fn at_end(&self) -> bool {
        self.at >= self.tokens.len()
    }

    pub(crate) fn advance(&mut self) -> Option<Token> {
        let token = self.peek()?;
        self.at += 1;
        Some(token)
    }

    pub(crate) fn is(&self, keyword: &str) -> bool {
        self.is_at(0, keyword)
    }

    pub(crate) fn is_at(&self, ahead: usize, keyword: &str) -> bool {
        self.peek_at(ahead)
            .is_some_and(|token| token.is(self.sql, keyword))
    }

    pub(crate) fn is_kind(&self, kind: Kind) -> bool {
        self.is_kind_at(0, kind)
    }

    pub(crate) fn is_kind_at(&self, ahead: usize, kind: Kind) -> bool {
        self.peek_at(ahead).is_some_and(|token| token.kind == kind)
    }

    /// Takes the keyword if it is next.
    pub(crate) fn accept(&mut self, keyword: &str) -> bool {
        let found = self.is(keyword);
        self.at += usize::from(found);
        found
    }

    /// Takes all of these keywords if they are next, or none.
    pub(crate) fn accept_all(&mut self, keywords: &[&str]) -> bool {
        let found = keywords
            .iter()
            .enumerate()
            .all(|(ahead, keyword)| self.is_at(ahead, keyword));
        self.at += if found { keywords.len() } else { 0 };
        found
    }

    pub(crate) fn accept_kind(&mut self, kind: Kind) -> bool {
        let found = self.is_kind(kind);
        self.at += usize::from(found);
        found
    }

    pub(crate) fn expect(&mut self, keyword: &str) -> SqlResult<()> {
        if self.accept(keyword) {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    pub(crate) fn expect_kind(&mut self, kind: Kind) -> SqlResult<Token> {
        match self.peek() {
            Some(token) if token.kind == kind => {
                self.at += 1;
                Ok(token)
            }
            _ => Err(self.unexpected()),
        }
    }

    pub(crate) fn expect_end(&self) -> SqlResult<()> {
        if self.at_end() {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    /// The error for the token that is next.
    pub(crate) fn unexpected(&self) -> SqlError {
        SqlError::syntax(self.text())
    }

    /// A name, as Redshift folds it: lower case, even in quotes. A reserved word has to be in quotes.
    pub(crate) fn name(&mut self) -> SqlResult<String> {
        if self.is_kind(Kind::Word) && is_reserved(self.text()) {
            return Err(self.unexpected());
        }
        self.word()
    }

    /// A name or a word of the grammar's own.
    pub(crate) fn word(&mut self) -> SqlResult<String> {
        let Some(token) = self.peek() else {
            return Err(self.unexpected());
        };
        let text = token.text(self.sql);
        let name = match token.kind {
            Kind::Word | Kind::Temporary => text.to_ascii_lowercase(),
            Kind::Quoted => fold_quoted(text[1..text.len() - 1].replace("\"\"", "\"")),
            _ => return Err(self.unexpected()),
        };
        self.at += 1;
        Ok(name)
    }

    /// A name with everything before its last dot, to be read by PostgreSQL.
    pub(crate) fn skip_name(&mut self) -> SqlResult<()> {
        self.name()?;
        while self.accept_kind(Kind::Dot) {
            self.name()?;
        }
        Ok(())
    }

    /// `[[database.]schema.]name`
    pub(crate) fn qualified_name(&mut self) -> SqlResult<Name> {
        let mut parts = vec![self.name()?];
        while parts.len() < 3 && self.accept_kind(Kind::Dot) {
            parts.push(self.name()?);
        }
        let name = parts.pop().unwrap_or_default();
        let schema = parts.pop();
        Ok(Name {
            database: parts.pop(),
            schema,
            name,
            is_new: false,
        })
    }

    /// `( name, … )`
    pub(crate) fn names(&mut self) -> SqlResult<Vec<String>> {
        self.expect_kind(Kind::Open)?;
        let mut names = vec![self.name()?];
        while self.accept_kind(Kind::Comma) {
            names.push(self.name()?);
        }
        self.expect_kind(Kind::Close)?;
        Ok(names)
    }

    /// The value of a string literal, and how it was written between its quotes.
    pub(crate) fn literal(&mut self) -> SqlResult<(String, &'a str)> {
        match self.peek() {
            Some(token) if matches!(token.kind, Kind::Text | Kind::Dollar) => {
                self.at += 1;
                let text = token.text(self.sql);
                let raw = text.trim_start_matches(['e', 'E']);
                let raw = raw.get(1..raw.len() - 1).unwrap_or_default();
                Ok((value_of(text)?, raw))
            }
            _ => Err(self.unexpected()),
        }
    }

    /// A whole number, with a sign if need be.
    pub(crate) fn integer(&mut self) -> SqlResult<i64> {
        let negative = self.is_kind(Kind::Operator) && self.text() == "-";
        self.at += usize::from(negative);
        let value: i64 = match self.peek() {
            Some(token) if token.kind == Kind::Number => token
                .text(self.sql)
                .parse()
                .map_err(|_| self.unexpected())?,
            _ => return Err(self.unexpected()),
        };
        self.at += 1;
        Ok(if negative { -value } else { value })
    }

    /// Skips a `( … )` that is next.
    pub(crate) fn skip_parentheses(&mut self) -> SqlResult<()> {
        self.expect_kind(Kind::Open)?;
        let mut depth = 1;
        while depth > 0 {
            match self.advance().map(|token| token.kind) {
                Some(Kind::Open) => depth += 1,
                Some(Kind::Close) => depth -= 1,
                Some(_) => {}
                None => return Err(self.unexpected()),
            }
        }
        Ok(())
    }
}

/// A table's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    /// PostgreSQL takes no other than the session's own.
    pub(crate) database: Option<String>,
    pub(crate) schema: Option<String>,
    pub(crate) name: String,
    /// The statement makes it: no temporary table that hides it is meant.
    pub(crate) is_new: bool,
}

impl Name {
    /// As PostgreSQL reads it.
    pub(crate) fn quoted(&self) -> String {
        let parts = [
            self.database.as_ref(),
            self.schema.as_ref(),
            Some(&self.name),
        ];
        let parts: Vec<_> = parts
            .into_iter()
            .flatten()
            .map(|part| super::quote_identifier(part))
            .collect();
        parts.join(".")
    }

    /// Whether it is one that only the system writes to.
    pub(crate) fn is_system_table(&self) -> bool {
        let parts: Vec<_> = self.schema.iter().chain([&self.name]).cloned().collect();
        is_system_table(&parts)
    }

    /// The name of a table that the statement makes.
    pub(crate) fn made(mut self, temporary: bool) -> Self {
        self.is_new = true;
        if temporary {
            self.schema = Some("pg_temp".to_owned());
        }
        self
    }

    /// An expression for its object id, NULL if there is no such table.
    pub(crate) fn regclass(&self) -> String {
        let name = super::quote_literal(&self.quoted());
        if self.is_new && self.schema.is_none() {
            format!("to_regclass(quote_ident(current_schema()) || '.' || {name})")
        } else {
            format!("to_regclass({name})")
        }
    }
}
