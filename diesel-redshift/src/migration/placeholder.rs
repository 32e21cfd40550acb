//! `${name}` in a migration's SQL.

use std::collections::HashMap;
use std::env;

use crate::error::InvalidValue;
use crate::sql::lexer::{Token, tokens};
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
        let mut filled = String::with_capacity(sql.len());
        let mut outside = String::new();
        for (token, text) in tokens(sql) {
            // A placeholder outside of literals is several tokens: `$`, `{`, a word, `}`.
            if matches!(token, Token::Symbol | Token::Word) {
                outside.push_str(text);
                continue;
            }
            self.replace(migration, &outside, &mut filled, false)?;
            outside.clear();
            match token {
                Token::String => self.replace(migration, text, &mut filled, true)?,
                _ => filled.push_str(text),
            }
        }
        self.replace(migration, &outside, &mut filled, false)?;
        Ok(filled)
    }

    fn replace(
        &self,
        migration: &str,
        text: &str,
        filled: &mut String,
        in_literal: bool,
    ) -> Result<(), PlaceholderError> {
        let mut rest = text;
        while let Some((before, name, after)) = next_placeholder(rest, in_literal) {
            filled.push_str(before);
            let value = self.get(name).ok_or_else(|| PlaceholderError::Missing {
                migration: migration.to_owned(),
                name: name.to_owned(),
                environment: if self.environment {
                    " or set the environment variable of that name"
                } else {
                    ""
                },
            })?;
            let literal =
                literal::string(&value).map_err(|source| PlaceholderError::Unquotable {
                    migration: migration.to_owned(),
                    name: name.to_owned(),
                    source,
                })?;
            filled.push_str(if in_literal {
                &literal[1..literal.len() - 1]
            } else {
                &literal
            });
            rest = after;
        }
        filled.push_str(rest);
        Ok(())
    }
}

/// What stands before the first `${name}`, the name, and what stands after it.
///
/// In a literal, `\${name}` is text: the backslash would else escape the value's first character, be it the backslash or
/// quote that guards the next.
fn next_placeholder(text: &str, in_literal: bool) -> Option<(&str, &str, &str)> {
    let mut from = 0;
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
        let backslashes = text[..start]
            .bytes()
            .rev()
            .take_while(|byte| *byte == b'\\');
        let is_escaped = in_literal && backslashes.count() % 2 == 1;
        if is_name
            && !is_escaped
            && let Some(after) = after.strip_prefix('}')
        {
            return Some((&text[..start], name, after));
        }
        from = start + 2;
    }
    None
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
    }
}
