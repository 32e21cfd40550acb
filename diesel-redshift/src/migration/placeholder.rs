//! `${name}` in a migration's SQL.

use std::collections::HashMap;
use std::env;
use std::ops::Range;

use crate::error::{InvalidValue, MigrationError};
use crate::sql::lexer::{OpenCall, Token, tokens};
use crate::sql::literal;

/// The values of placeholders. They may be secrets and are never shown.
#[derive(Default, Clone)]
pub(super) struct Values {
    set: HashMap<String, String>,
    environment: bool,
}

impl Values {
    pub(super) fn set(&mut self, name: &str, value: String) {
        self.set.insert(name.to_owned(), value);
    }

    pub(super) fn use_environment(&mut self) {
        self.environment = true;
    }

    fn get(&self, name: &str) -> Option<String> {
        let set = self.set.get(name).cloned();
        set.or_else(|| self.environment.then(|| env::var(name).ok()).flatten())
    }

    /// `sql` with every placeholder filled.
    pub(super) fn fill(&self, migration: &str, sql: &str) -> Result<String, MigrationError> {
        let values = Filling {
            values: self,
            migration,
        };
        let mut filled = String::with_capacity(sql.len());
        let mut from = 0;
        for Filled { at, text } in values.of_sql(sql)? {
            filled.push_str(&sql[from..at.start]);
            filled.push_str(&text);
            from = at.end;
        }
        filled.push_str(&sql[from..]);
        Ok(filled)
    }
}

/// A placeholder, and the SQL text that replaces it.
struct Filled {
    at: Range<usize>,
    text: String,
}

/// The value of a literal, which may have several parts, and for each of its bytes the position in
/// the SQL.
#[derive(Default)]
struct LiteralValue {
    text: String,
    spelled_at: Vec<usize>,
    is_query: bool,
}

impl LiteralValue {
    fn add(&mut self, literal: &str, start: usize) {
        for (at, character) in literal::characters(literal) {
            // `\${x}` is not a placeholder, not even in a query; the character that replaces it is punctuation as well.
            let is_escaped =
                matches!(character, '$' | '{' | '}') && literal[at..].starts_with('\\');
            self.text.push(if is_escaped { '\u{1}' } else { character });
            self.spelled_at.resize(self.text.len(), start + at);
        }
    }

    /// The position in the SQL of a placeholder in the value.
    fn spelled(&self, at: &Range<usize>) -> Range<usize> {
        self.spelled_at[at.start]..self.spelled_at[at.end - 1] + 1
    }
}

struct Filling<'a> {
    values: &'a Values,
    migration: &'a str,
}

impl Filling<'_> {
    fn of_sql(&self, sql: &str) -> Result<Vec<Filled>, MigrationError> {
        let mut filled = Vec::new();
        let mut call = OpenCall::default();
        let mut outside = 0..0;
        let mut literal: Option<LiteralValue> = None;
        let mut at = 0;
        for (token, text) in tokens(sql) {
            let end = at + text.len();
            // A placeholder outside of literals is several tokens: `$`, `{`, a word, `}`.
            if matches!(token, Token::Symbol | Token::Word | Token::Number) {
                outside.end = end;
            } else {
                self.outside(sql, outside, &mut filled)?;
                outside = end..end;
            }
            match token {
                // Literals separated only by white space are one.
                Token::String => literal
                    .get_or_insert_with(|| LiteralValue {
                        is_query: call.is_of("UNLOAD("),
                        ..LiteralValue::default()
                    })
                    .add(text, at),
                Token::Space | Token::Comment => {}
                _ => self.within(literal.take(), &mut filled)?,
            }
            if token == Token::DollarQuoted && call.is_of("UNLOAD(") {
                self.within_dollars(text, at, &mut filled)?;
            }
            call.pass(token, text);
            at = end;
        }
        self.within(literal, &mut filled)?;
        self.outside(sql, outside, &mut filled)?;
        Ok(filled)
    }

    fn outside(
        &self,
        sql: &str,
        part: Range<usize>,
        filled: &mut Vec<Filled>,
    ) -> Result<(), MigrationError> {
        for (at, name) in placeholders(&sql[part.clone()]) {
            filled.push(Filled {
                at: part.start + at.start..part.start + at.end,
                text: self.literal(name, &self.value(name)?)?,
            });
        }
        Ok(())
    }

    fn within(
        &self,
        literal: Option<LiteralValue>,
        filled: &mut Vec<Filled>,
    ) -> Result<(), MigrationError> {
        let Some(literal) = literal.filter(|literal| literal.text.contains("${")) else {
            return Ok(());
        };
        let inner = if literal.is_query {
            self.of_sql(&literal.text)?
        } else {
            placeholders(&literal.text)
                .map(|(at, name)| {
                    let text = self.value(name)?;
                    if text.contains(['\'', '\\']) && is_quoted(&literal.text, at.start) {
                        return Err(MigrationError::NestedValue {
                            migration: self.migration.to_owned(),
                            name: name.to_owned(),
                        });
                    }
                    Ok(Filled { at, text })
                })
                .collect::<Result<_, _>>()?
        };
        for Filled { at, text } in inner {
            let name = &literal.text[at.start + 2..at.end - 1];
            let escaped = self.literal(name, &text)?;
            filled.push(Filled {
                at: literal.spelled(&at),
                text: escaped[1..escaped.len() - 1].to_owned(),
            });
        }
        Ok(())
    }

    /// Fills the query of an `UNLOAD ($$…$$)`, in which nothing is escaped: a value must not close
    /// it.
    fn within_dollars(
        &self,
        text: &str,
        at: usize,
        filled: &mut Vec<Filled>,
    ) -> Result<(), MigrationError> {
        let Some(tag_len) = text[1..].find('$').map(|end| end + 2) else {
            return Ok(());
        };
        let Some(query) = text
            .get(tag_len..text.len().saturating_sub(tag_len))
            .filter(|_| text.ends_with(&text[..tag_len]))
        else {
            return Ok(());
        };
        let tag = &text[..tag_len];
        let mut whole = String::new();
        let mut from = 0;
        let mut inner = self.of_sql(query)?.into_iter().peekable();
        while let Some(Filled { at: place, text }) = inner.next() {
            whole.push_str(&query[from..place.start]);
            whole.push_str(&text);
            from = place.end;
            let next = inner.peek().map_or(query.len(), |next| next.at.start);
            let until_next = format!("{whole}{}{tag}", &query[from..next]);
            // Up to there, so that the placeholder at fault is named.
            if until_next.find(tag) != Some(until_next.len() - tag_len) {
                return Err(MigrationError::UnquotableValue {
                    migration: self.migration.to_owned(),
                    name: query[place.start + 2..place.end - 1].to_owned(),
                    source: InvalidValue::hidden(
                        "value",
                        format!("one without `{tag}`, which ends the query that it stands in"),
                    ),
                });
            }
            filled.push(Filled {
                at: at + tag_len + place.start..at + tag_len + place.end,
                text,
            });
        }
        Ok(())
    }

    fn value(&self, name: &str) -> Result<String, MigrationError> {
        self.values
            .get(name)
            .ok_or_else(|| MigrationError::MissingValue {
                migration: self.migration.to_owned(),
                name: name.to_owned(),
                environment: if self.values.environment {
                    " or set the environment variable of that name"
                } else {
                    ""
                },
            })
    }

    fn literal(&self, name: &str, text: &str) -> Result<String, MigrationError> {
        literal::string(text).map_err(|source| MigrationError::UnquotableValue {
            migration: self.migration.to_owned(),
            name: name.to_owned(),
            source,
        })
    }
}

/// Whether this position in a literal's value is within nested quotes: the value may be SQL itself,
/// in an unknown dialect.
fn is_quoted(value: &str, place: usize) -> bool {
    let mut at = 0;
    for (token, text) in tokens(value) {
        if at + text.len() > place {
            // An unclosed one is an apostrophe.
            return token == Token::String && text.len() > 1 && text.ends_with('\'');
        }
        at += text.len();
    }
    false
}

/// The position and the name of each `${name}`.
fn placeholders(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        while let Some(found) = text[from..].find("${") {
            let start = from + found;
            let body = &text[start + 2..];
            let len = body
                .bytes()
                .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
                .count();
            let (name, after) = body.split_at(len);
            let is_name = name
                .bytes()
                .next()
                .is_some_and(|first| !first.is_ascii_digit());
            from = start + 2;
            if is_name && after.starts_with('}') {
                from += len + 1;
                return Some((start..from, name));
            }
        }
        None
    })
}

#[cfg(test)]
mod tests;
