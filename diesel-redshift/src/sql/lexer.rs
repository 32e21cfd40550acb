//! The tokens of SQL text, as far as it matters to parameters, placeholders and clauses.

use std::iter;

/// What a piece of SQL text is to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token {
    /// `$1`
    Parameter { number: usize },
    /// `'…'`, in which a backslash escapes
    String,
    /// `"…"`
    QuotedIdentifier,
    /// `$$…$$` or `$tag$…$tag$`
    DollarQuoted,
    /// `-- …` to the end of the line, or `/* … */`, which nests
    Comment,
    /// A keyword, a name or a number
    Word,
    /// White space
    Space,
    /// A single character of anything else
    Symbol,
}

/// The tokens of `sql` with their texts, which together are all of it. What opens and does not close reaches to
/// the end.
pub(crate) fn tokens(sql: &str) -> impl Iterator<Item = (Token, &str)> {
    let mut rest = sql;
    iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (token, len) = first(rest);
        let (text, tail) = rest.split_at(len);
        rest = tail;
        Some((token, text))
    })
}

fn first(sql: &str) -> (Token, usize) {
    let bytes = sql.as_bytes();
    let count = |of: fn(u8) -> bool| bytes.iter().take_while(|byte| of(**byte)).count();
    match bytes {
        [b'\'', ..] => (Token::String, quoted(bytes, b'\'', true)),
        [b'"', ..] => (Token::QuotedIdentifier, quoted(bytes, b'"', false)),
        [b'-', b'-', ..] => (
            Token::Comment,
            sql.find('\n').map_or(sql.len(), |end| end + 1),
        ),
        [b'/', b'*', ..] => (Token::Comment, comment(bytes)),
        [b'$', b'0'..=b'9', ..] => {
            let digits = bytes[1..]
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count();
            // A number past all bounds is no parameter that could be bound.
            let number = sql[1..=digits].parse().unwrap_or(usize::MAX);
            (Token::Parameter { number }, digits + 1)
        }
        [b'$', ..] => match dollar_quoted(sql) {
            Some(len) => (Token::DollarQuoted, len),
            None => (Token::Symbol, 1),
        },
        [byte, ..] if is_word(*byte) => (Token::Word, count(is_word)),
        [byte, ..] if byte.is_ascii_whitespace() => {
            (Token::Space, count(|byte| byte.is_ascii_whitespace()))
        }
        _ => (Token::Symbol, 1),
    }
}

/// Letters, digits and the `$` inside a name: `a$1` is a name and no parameter.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

fn quoted(bytes: &[u8], quote: u8, backslash_escapes: bool) -> usize {
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if backslash_escapes => at += 2,
            byte if byte == quote => {
                if bytes.get(at + 1) == Some(&quote) {
                    at += 2;
                } else {
                    return at + 1;
                }
            }
            _ => at += 1,
        }
    }
    bytes.len()
}

fn comment(bytes: &[u8]) -> usize {
    let mut depth = 1;
    let mut at = 2;
    while at < bytes.len() {
        match &bytes[at..] {
            [b'/', b'*', ..] => {
                depth += 1;
                at += 2;
            }
            [b'*', b'/', ..] => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    bytes.len()
}

fn dollar_quoted(sql: &str) -> Option<usize> {
    let tag_len = sql[1..].find('$')? + 2;
    let tag = &sql[..tag_len];
    let is_tag = iter::zip(0.., tag[1..tag_len - 1].chars())
        .all(|(at, c)| c == '_' || c.is_alphabetic() || (at > 0 && c.is_numeric()));
    if !is_tag {
        return None;
    }
    let end = sql[tag_len..].find(tag);
    Some(end.map_or(sql.len(), |end| tag_len + end + tag_len))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_kind() {
        let sql = r#"a$1 $12 'it''s \' $1' "q""$1" -- $1
/* /* */ ; */ $$ ' $$ $t$ $$ $t$;"#;
        let found: Vec<_> = tokens(sql)
            .filter(|(token, _)| *token != Token::Space)
            .collect();
        assert_eq!(
            found,
            [
                (Token::Word, "a$1"),
                (Token::Parameter { number: 12 }, "$12"),
                (Token::String, r"'it''s \' $1'"),
                (Token::QuotedIdentifier, r#""q""$1""#),
                (Token::Comment, "-- $1\n"),
                (Token::Comment, "/* /* */ ; */"),
                (Token::DollarQuoted, "$$ ' $$"),
                (Token::DollarQuoted, "$t$ $$ $t$"),
                (Token::Symbol, ";"),
            ]
        );
    }

    proptest! {
        #[test]
        fn tokens_are_the_whole_text(sql in any::<String>()) {
            let whole: String = tokens(&sql).map(|(_, text)| text).collect();
            prop_assert_eq!(whole, sql);
        }
    }
}
