//! Options that this library does not know, passed through as SQL.

use super::lexer::{Token, tokens};
use super::statement_text::StatementText;
use crate::error::InvalidValue;

const OPTION: &str = "unchecked_option";

/// Words that are arguments or belong to many options.
const ARGUMENTS: [&str; 11] = [
    "AS", "ON", "OFF", "TRUE", "FALSE", "AUTO", "DEFAULT", "PRESET", "MB", "GB", "NULL",
];

/// What would put a secret into the text that is shown.
const AUTHORIZATION: [&str; 7] = [
    "IAM_ROLE",
    "CREDENTIALS",
    "ACCESS_KEY_ID",
    "SECRET_ACCESS_KEY",
    "SESSION_TOKEN",
    "TOKEN",
    "MASTER_SYMMETRIC_KEY",
];

/// What names a secret wherever it stands, within a literal too.
const KEYS: [&str; 3] = ["AWS_IAM_ROLE", "ACCESS_KEY", "SYMMETRIC_KEY"];

#[derive(Debug, Clone, Default)]
pub(crate) struct Unchecked(Vec<String>);

impl Unchecked {
    pub(crate) fn add(&mut self, sql: String) {
        self.0.push(sql);
    }

    /// Writes the options at the end of a statement, unless one repeats an option of the statement.
    pub(crate) fn push(&self, text: &mut StatementText) -> Result<(), InvalidValue> {
        for sql in &self.0 {
            let keywords = keywords(sql)?;
            let repeated = keywords
                .iter()
                .find(|word| tokens(text.as_str()).any(|(token, text)| is(token, text, word)));
            if let Some(word) = repeated {
                return Err(InvalidValue::new(
                    OPTION,
                    format!("`{sql}`"),
                    format!("options that the statement does not have: {word} is set already"),
                ));
            }
            text.push(" ");
            text.push(sql.trim());
        }
        Ok(())
    }
}

fn is(token: Token, text: &str, word: &str) -> bool {
    token == Token::Word && text.eq_ignore_ascii_case(word)
}

/// The keywords of `sql` that can name an option, unless `sql` would be more than options.
fn keywords(sql: &str) -> Result<Vec<&str>, InvalidValue> {
    // The text could hold a secret, so it is not repeated.
    let upper = sql.to_ascii_uppercase();
    let is_authorization = |word: &&str| tokens(&upper).any(|(token, text)| is(token, text, word));
    if KEYS.iter().any(|key| upper.contains(key)) || AUTHORIZATION.iter().any(is_authorization) {
        return Err(InvalidValue::hidden(
            OPTION,
            "other options; `.iam_role(…)`, `.access_key(…)` and `.credentials(…)` keep secrets out of logs",
        ));
    }
    let refuse = |allowed: &'static str| InvalidValue::new(OPTION, format!("`{sql}`"), allowed);
    let mut found = Vec::new();
    let mut depth = 0_u32;
    for (token, text) in tokens(sql) {
        match token {
            Token::Word => {
                if !ARGUMENTS.iter().any(|word| text.eq_ignore_ascii_case(word)) {
                    found.push(text);
                }
            }
            Token::String if !closes(text, '\'') => return Err(refuse("closed literals")),
            Token::QuotedIdentifier if !closes(text, '"') => {
                return Err(refuse("closed identifiers"));
            }
            Token::String | Token::QuotedIdentifier | Token::Number | Token::Space => {}
            Token::Symbol if text == "(" => depth += 1,
            Token::Symbol if text == ")" && depth > 0 => depth -= 1,
            Token::Symbol if matches!(text, ")" | ";" | "\0") => {
                return Err(refuse("options only: no `;`, no NUL, no unmatched `)`"));
            }
            Token::Symbol => {}
            Token::Comment | Token::Parameter { .. } | Token::DollarQuoted | Token::Bits => {
                return Err(refuse("options only: no comments and no parameters"));
            }
        }
    }
    if depth > 0 || found.is_empty() {
        return Err(refuse(
            "an option by its SQL name, with its parentheses closed",
        ));
    }
    if sql.contains('\0') {
        return Err(refuse("options without NUL characters"));
    }
    Ok(found)
}

fn closes(literal: &str, quote: char) -> bool {
    // The token reaches to the end of the text when nothing closes it: another quote then makes it longer or
    // closes it, and so the last character alone does not tell.
    let longer = format!("{literal} ");
    tokens(&longer)
        .next()
        .is_some_and(|(_, text)| text == literal)
        && literal.ends_with(quote)
}

#[cfg(test)]
mod tests {
    use super::super::statement_text::Secrets;
    use super::*;

    fn with(sql: &str) -> Result<String, InvalidValue> {
        let mut text = StatementText::new(Secrets::Hidden);
        text.push("COPY t FROM 's3://b/NEWOPTION' FORMAT AS CSV MAXERROR 5");
        let mut unchecked = Unchecked::default();
        unchecked.add(sql.to_owned());
        unchecked.push(&mut text)?;
        Ok(text.finish())
    }

    #[test]
    fn unknown_options_pass() {
        for sql in [
            "NEWOPTION",
            "NEWOPTION AS 'it''s \\' -- ;'",
            "NEWOPTION ( \"a\", b ) OFF",
            " NEWOPTION 5 ",
        ] {
            assert!(with(sql).expect(sql).ends_with(sql.trim()));
        }
    }

    #[test]
    fn what_is_set_already_or_no_option_is_refused() {
        for sql in [
            "MAXERROR 10",
            "maxerror as 10",
            "NEWOPTION maxerror 3",
            "format csv",
            "NEWOPTION; DROP TABLE users",
            "NEWOPTION -- ",
            "NEWOPTION /* */",
            "NEWOPTION 'open",
            "NEWOPTION 'open\\'",
            "NEWOPTION 'open''",
            "NEWOPTION \"open",
            "NEWOPTION )",
            "NEWOPTION (",
            "NEWOPTION $1",
            "NEWOPTION $$ $$",
            "NEWOPTION '\0'",
            "NEWOPTION \0",
            "",
            "   ",
            "IAM_ROLE default",
        ] {
            assert!(with(sql).is_err(), "{sql:?}");
        }
        let error = with("secret_access_key 'hush'").expect_err("a secret");
        assert!(!error.to_string().contains("hush"), "{error}");
        assert!(!format!("{error:?}").contains("hush"), "{error:?}");
    }
}
