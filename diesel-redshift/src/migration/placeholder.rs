//! `${name}` in a migration's SQL.

use std::collections::HashMap;
use std::env;
use std::ops::Range;

use crate::error::InvalidValue;
use crate::sql::lexer::{OpenCall, Token, tokens};
use crate::sql::literal;

/// Why a migration's placeholders could not be filled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlaceholderError {
    /// A placeholder has no value.
    #[error(
        "the migration {migration} has the placeholder ${{{name}}}, and no value is set for it: call \
         .value(\"{name}\", …){environment}"
    )]
    Missing {
        /// The migration's name.
        migration: String,
        /// The placeholder's name.
        name: String,
        /// What the environment could do about it.
        environment: &'static str,
    },
    /// A value cannot stand in a literal.
    #[error("the value of ${{{name}}} in the migration {migration}: {source}")]
    Unquotable {
        /// The migration's name.
        migration: String,
        /// The placeholder's name.
        name: String,
        /// What is wrong with it.
        source: InvalidValue,
    },
    /// A value with a quote or a backslash would stand in quotes within a literal.
    #[error(
        "the value of ${{{name}}} in the migration {migration} has a quote or a backslash, and the placeholder stands in quotes \
         within a literal: how often to escape the value is known only in the query of an UNLOAD; take the placeholder out of \
         the inner quotes, or the quotes and backslashes out of the value"
    )]
    Nested {
        /// The migration's name.
        migration: String,
        /// The placeholder's name.
        name: String,
    },
}

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
    pub(super) fn fill(&self, migration: &str, sql: &str) -> Result<String, PlaceholderError> {
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

/// A placeholder, and the SQL text that takes its place.
struct Filled {
    at: Range<usize>,
    text: String,
}

/// The value of a literal, which may be of several parts, and the byte of the SQL at which each byte of it is spelled.
#[derive(Default)]
struct LiteralValue {
    text: String,
    spelled_at: Vec<usize>,
    is_query: bool,
}

impl LiteralValue {
    fn add(&mut self, literal: &str, start: usize) {
        for (at, character) in literal::characters(literal) {
            // `\${x}` is no placeholder, not even in a query; the character in its place is punctuation as well.
            let is_escaped =
                matches!(character, '$' | '{' | '}') && literal[at..].starts_with('\\');
            self.text.push(if is_escaped { '\u{1}' } else { character });
            self.spelled_at.resize(self.text.len(), start + at);
        }
    }

    /// Where the SQL spells a placeholder of the value.
    fn spelled(&self, at: &Range<usize>) -> Range<usize> {
        self.spelled_at[at.start]..self.spelled_at[at.end - 1] + 1
    }
}

struct Filling<'a> {
    values: &'a Values,
    migration: &'a str,
}

impl Filling<'_> {
    fn of_sql(&self, sql: &str) -> Result<Vec<Filled>, PlaceholderError> {
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
                // Literals with nothing but space between them are one.
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
    ) -> Result<(), PlaceholderError> {
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
    ) -> Result<(), PlaceholderError> {
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
                        return Err(PlaceholderError::Nested {
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

    /// Fills the query of an `UNLOAD ($$…$$)`, in which nothing is escaped: what a value spells must not close it.
    fn within_dollars(
        &self,
        text: &str,
        at: usize,
        filled: &mut Vec<Filled>,
    ) -> Result<(), PlaceholderError> {
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
                return Err(PlaceholderError::Unquotable {
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

    fn value(&self, name: &str) -> Result<String, PlaceholderError> {
        self.values
            .get(name)
            .ok_or_else(|| PlaceholderError::Missing {
                migration: self.migration.to_owned(),
                name: name.to_owned(),
                environment: if self.values.environment {
                    " or set the environment variable of that name"
                } else {
                    ""
                },
            })
    }

    fn literal(&self, name: &str, text: &str) -> Result<String, PlaceholderError> {
        literal::string(text).map_err(|source| PlaceholderError::Unquotable {
            migration: self.migration.to_owned(),
            name: name.to_owned(),
            source,
        })
    }
}

/// Whether quotes of its own enclose this place of a literal's value: it may be SQL itself, of a language that we do not know.
fn is_quoted(value: &str, place: usize) -> bool {
    let mut at = 0;
    for (token, text) in tokens(value) {
        if at + text.len() > place {
            // What does not close is an apostrophe.
            return token == Token::String && text.len() > 1 && text.ends_with('\'');
        }
        at += text.len();
    }
    false
}

/// Where each `${name}` stands, and its name.
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
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn values() -> Values {
        let mut values = Values::default();
        values.set("bucket", "it's-\\".to_owned());
        values.set("n", "1".to_owned());
        values
    }

    #[test]
    fn values_are_quoted_where_they_stand() {
        for (sql, filled) in [
            ("FROM 's3://${bucket}/a'", r"FROM 's3://it''s-\\/a'"),
            ("FROM ${bucket} x", r"FROM 'it''s-\\' x"),
            ("a${n}b${n}", "a'1'b'1'"),
            ("'${n}${n}'", "'11'"),
            (
                "-- ${gone}\n/* ${gone} */ \"${gone}\" $$ ${gone} $$",
                "-- ${gone}\n/* ${gone} */ \"${gone}\" $$ ${gone} $$",
            ),
            (r"'\${bucket}' '\\${n}'", r"'\${bucket}' '\\1'"),
            (r"-\${n}", r"-\'1'"),
            ("'$${ ${ ${1} ${a-b} $1'", "'$${ ${ ${1} ${a-b} $1'"),
        ] {
            assert_eq!(values().fill("m", sql).as_deref(), Ok(filled), "{sql}");
        }
    }

    #[test]
    fn in_the_query_of_an_unload_values_are_escaped_once_per_level() {
        let mut values = values();
        values.set("name", r"O'Brien\".to_owned());
        for (sql, filled) in [
            (
                "UNLOAD ('SELECT a WHERE name = ''${name}''') TO 's3://${bucket}/'",
                r"UNLOAD ('SELECT a WHERE name = ''O''''Brien\\\\''') TO 's3://it''s-\\/'",
            ),
            (
                "unload /* a */ ( 'SELECT ${name}, ${n}' )",
                r"unload /* a */ ( 'SELECT ''O''''Brien\\\\'', ''1''' )",
            ),
            (
                r"UNLOAD ('SELECT \'${name}\'')",
                r"UNLOAD ('SELECT \'O''''Brien\\\\\'')",
            ),
            (
                r"UNLOAD ('SELECT \047${name}\047')",
                r"UNLOAD ('SELECT \047O''''Brien\\\\\047')",
            ),
            (
                "UNLOAD ('SELECT a WHERE name = '''\n -- go on\n '${name}''')",
                "UNLOAD ('SELECT a WHERE name = '''\n -- go on\n 'O''''Brien\\\\\\\\''')",
            ),
            (
                r"UNLOAD ('SELECT \${name} ''\\${name}'' $\{name}')",
                r"UNLOAD ('SELECT \${name} ''\\${name}'' $\{name}')",
            ),
            (
                "UNLOAD ('SELECT \"${name}\" -- ${name}')",
                "UNLOAD ('SELECT \"${name}\" -- ${name}')",
            ),
            (
                "my.unload('SELECT ${name}')",
                r"my.unload('SELECT O''Brien\\')",
            ),
        ] {
            assert_eq!(values.fill("m", sql).as_deref(), Ok(filled), "{sql}");
        }
    }

    #[test]
    fn the_query_of_an_unload_may_stand_in_dollars() {
        let mut values = values();
        values.set("dollars", "a$$b".to_owned());
        values.set("dollar", "a$".to_owned());
        for (sql, filled) in [
            (
                "UNLOAD ($$SELECT a WHERE name = '${bucket}' AND n = ${n}$$) TO 's3://${n}/'",
                r"UNLOAD ($$SELECT a WHERE name = 'it''s-\\' AND n = '1'$$) TO 's3://1/'",
            ),
            (
                "unload($q$SELECT '${dollars}', '${dollar}$$' -- ${n}\n$q$)",
                "unload($q$SELECT 'a$$b', 'a$$$' -- ${n}\n$q$)",
            ),
            (
                "CREATE PROCEDURE p() AS $$ SELECT '${n}' $$ LANGUAGE plpgsql",
                "CREATE PROCEDURE p() AS $$ SELECT '${n}' $$ LANGUAGE plpgsql",
            ),
        ] {
            assert_eq!(values.fill("m", sql).as_deref(), Ok(filled), "{sql}");
        }
        for sql in [
            "UNLOAD ($$SELECT '${dollars}'$$)",
            "UNLOAD ($$SELECT '${dollar}$')$$)",
            "UNLOAD ($$SELECT \"a\" WHERE b = ${dollars}$$)",
        ] {
            let error = values.fill("m", sql).expect_err(sql).to_string();
            assert!(error.contains("the value of ${dollar"), "{error}");
            assert!(!error.contains("a$"), "{error}");
        }
        assert!(matches!(
            values.fill("m", "UNLOAD ($$SELECT '${gone}'$$)"),
            Err(PlaceholderError::Missing { .. })
        ));
    }

    #[test]
    fn in_quotes_within_any_other_literal_only_harmless_values_stand() {
        for sql in [
            "EXECUTE 'SELECT ''${bucket}'''",
            "EXECUTE 'SELECT '''\n'${bucket}'''",
            r"UNLOAD ('SELECT f(''a \\''${bucket}\\'''')')",
        ] {
            let error = values().fill("001_seed", sql).expect_err(sql);
            assert!(matches!(error, PlaceholderError::Nested { .. }), "{error}");
            assert!(!error.to_string().contains("it's"), "{error}");
        }
        for (sql, filled) in [
            ("EXECUTE 'SELECT ''${n}'''", "EXECUTE 'SELECT ''1'''"),
            (
                "COMMENT ON TABLE t IS 'it''s ${bucket}'",
                r"COMMENT ON TABLE t IS 'it''s it''s-\\'",
            ),
            (
                "JSON_PARSE('{\"a\": \"${n}\"}')",
                "JSON_PARSE('{\"a\": \"1\"}')",
            ),
        ] {
            assert_eq!(values().fill("m", sql).as_deref(), Ok(filled), "{sql}");
        }
    }

    #[test]
    fn a_missing_value_names_the_placeholder() {
        let error = values()
            .fill("001_seed", "'${prefix}'")
            .expect_err("missing");
        assert_eq!(
            error.to_string(),
            "the migration 001_seed has the placeholder ${prefix}, and no value is set for it: call \
             .value(\"prefix\", …)"
        );
    }

    #[test]
    fn nul_is_refused() {
        let mut values = Values::default();
        values.set("x", "\0".to_owned());
        assert!(values.fill("m", "'${x}'").is_err());
    }

    proptest! {
        #[test]
        fn no_value_leaves_its_literal(value in "[^\0]*") {
            let mut values = Values::default();
            values.set("x", value);
            for sql in ["'${x}',", "${x},"] {
                let filled = values.fill("m", sql).expect("fills");
                let kinds: Vec<_> = tokens(&filled).map(|(token, _)| token).collect();
                prop_assert_eq!(kinds, [Token::String, Token::Symbol]);
            }
        }

        #[test]
        fn no_value_leaves_its_literal_in_a_query(value in "[^\0]*") {
            let mut values = Values::default();
            values.set("x", value.clone());
            for sql in ["UNLOAD('''${x}'',')", "UNLOAD('${x},')"] {
                let filled = values.fill("m", sql).expect("fills");
                let literal = tokens(&filled).nth(2).expect("the query").1;
                let query: String = literal::characters(literal).map(|(_, character)| character).collect();
                prop_assert_eq!(query, format!("{},", literal::string(&value).expect("no NUL")));
            }
        }
    }
}
