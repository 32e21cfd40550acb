//! The tokens of SQL text, as far as it matters to parameters, placeholders and clauses.
//!
//! A text that ends here where it does not end for the server is a hole, so this follows the rules
//! of PostgreSQL 8's `scan.l`, on which Redshift's lexer is built, with
//! `standard_conforming_strings` off.

use std::iter;

/// What a piece of SQL text is to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token {
    /// `$1`
    Parameter { number: usize },
    /// `'…'`, in which a backslash escapes
    String,
    /// `B'…'` or `X'…'`, in which nothing escapes
    Bits,
    /// `"…"`
    QuotedIdentifier,
    /// `$$…$$` or `$tag$…$tag$`
    DollarQuoted,
    /// `-- …` to the end of the line, or `/* … */`, which nests
    Comment,
    /// A keyword or a name
    Word,
    /// `12`, `1.5e-3`; whatever follows it is a token of its own
    Number,
    /// White space
    Space,
    /// A single character of anything else
    Symbol,
}

/// The tokens of `sql` with their texts, which together are all of it. What opens and does not
/// close reaches to the end.
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
        [b'b' | b'B' | b'x' | b'X', b'\'', ..] => (Token::Bits, bits(sql)),
        [b'-', b'-', ..] => (
            Token::Comment,
            sql.find(['\n', '\r']).map_or(sql.len(), |end| end + 1),
        ),
        [b'/', b'*', ..] => (Token::Comment, comment(bytes)),
        [b'$', b'0'..=b'9', ..] => {
            let digits = digits(&bytes[1..]);
            // A number past all bounds is no parameter that could be bound.
            let number = sql[1..=digits].parse().unwrap_or(usize::MAX);
            (Token::Parameter { number }, digits + 1)
        }
        [b'$', ..] => match dollar_quoted(sql) {
            Some(len) => (Token::DollarQuoted, len),
            None => (Token::Symbol, 1),
        },
        [b'0'..=b'9', ..] | [b'.', b'0'..=b'9', ..] => (Token::Number, number(bytes)),
        [byte, ..] if starts_word(*byte) => (Token::Word, count(continues_word)),
        [byte, ..] if byte.is_ascii_whitespace() => {
            (Token::Space, count(|byte| byte.is_ascii_whitespace()))
        }
        _ => (Token::Symbol, 1),
    }
}

fn starts_word(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

/// Digits and `$` stand within a name: `a$1` is a name and no parameter.
fn continues_word(byte: u8) -> bool {
    starts_word(byte) || byte.is_ascii_digit() || byte == b'$'
}

fn digits(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count()
}

/// Not a byte more than belongs to the number: `1$$` opens a text, `1e` is followed by a name.
fn number(bytes: &[u8]) -> usize {
    let mut len = digits(bytes);
    if bytes.get(len) == Some(&b'.') && bytes.get(len + 1) != Some(&b'.') {
        len += 1;
        len += digits(&bytes[len..]);
    }
    if let [b'e' | b'E', exponent @ ..] = &bytes[len..] {
        let sign = usize::from(matches!(exponent, [b'+' | b'-', ..]));
        match digits(&exponent[sign..]) {
            0 => {}
            digits => len += 1 + sign + digits,
        }
    }
    len
}

fn bits(sql: &str) -> usize {
    sql[2..].find('\'').map_or(sql.len(), |end| end + 3)
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
    // Like a name but without `$`: every character beyond ASCII is a letter.
    let is_tag = match tag.as_bytes()[1..tag_len - 1] {
        [] => true,
        [first, ref rest @ ..] => {
            starts_word(first) && rest.iter().all(|byte| continues_word(*byte))
        }
    };
    if !is_tag {
        return None;
    }
    let end = sql[tag_len..].find(tag);
    Some(end.map_or(sql.len(), |end| tag_len + end + tag_len))
}

/// Whether the next token is the first argument of a function, and of which.
#[derive(Default)]
pub(crate) struct OpenCall<'a> {
    /// The last three tokens but spaces and comments, the latest first.
    last: [&'a str; 3],
}

impl<'a> OpenCall<'a> {
    pub(crate) fn pass(&mut self, token: Token, text: &'a str) {
        if !matches!(token, Token::Space | Token::Comment) {
            let [first, second, _] = self.last;
            self.last = [text, first, second];
        }
    }

    /// Whether the call is of this function, given with its opening parenthesis. One of the same
    /// name in a schema is another.
    pub(crate) fn is_of(&self, function: &str) -> bool {
        let [parenthesis, name, before] = self.last;
        parenthesis == "("
            && before != "."
            && function
                .strip_suffix('(')
                .is_some_and(|function| function.eq_ignore_ascii_case(name))
    }
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

    #[test]
    fn a_comment_ends_where_the_line_does() {
        for end in ["\n", "\r", "\r\n"] {
            let sql = format!("-- note{end}WHERE");
            let last = tokens(&sql).last();
            assert_eq!(last, Some((Token::Word, "WHERE")), "{sql:?}");
        }
        assert_eq!(tokens("-- note\u{b}WHERE").count(), 1);
    }

    #[test]
    fn numbers_end_before_what_is_no_number() {
        for (sql, first, second) in [
            ("1$$'$1$$", "1", (Token::DollarQuoted, "$$'$1$$")),
            ("1$1", "1", (Token::Parameter { number: 1 }, "$1")),
            ("$1$$'$$", "$1", (Token::DollarQuoted, "$$'$$")),
            ("1.5e-3a$1", "1.5e-3", (Token::Word, "a$1")),
            (".5$1", ".5", (Token::Parameter { number: 1 }, "$1")),
            ("1e$1", "1", (Token::Word, "e$1")),
            ("1..2", "1", (Token::Symbol, ".")),
            ("1.$1", "1.", (Token::Parameter { number: 1 }, "$1")),
        ] {
            let found: Vec<_> = tokens(sql).take(2).collect();
            assert_eq!((found[0].1, found[1]), (first, second), "{sql}");
        }
    }

    #[test]
    fn tags_are_names_by_their_bytes() {
        for quoted in [
            "$é$ $1 $é$",
            "$→$ ' $→$",
            "$\u{a0}2$ $$ $\u{a0}2$",
            "$a$ $b$a$",
        ] {
            let found: Vec<_> = tokens(quoted).collect();
            assert_eq!(found, [(Token::DollarQuoted, quoted)]);
        }
        for other in ["$1$", "$a b$", "$'$", "$a-$"] {
            let (token, _) = tokens(other).next().expect("a token");
            assert_ne!(token, Token::DollarQuoted, "{other}");
        }
    }

    #[test]
    fn a_backslash_in_bits_is_none_that_escapes() {
        let found: Vec<_> = tokens(r"B'\'$1 x'1f' bx'\'$1'").collect();
        assert_eq!(
            found,
            [
                (Token::Bits, r"B'\'"),
                (Token::Parameter { number: 1 }, "$1"),
                (Token::Space, " "),
                (Token::Bits, "x'1f'"),
                (Token::Space, " "),
                (Token::Word, "bx"),
                (Token::String, r"'\'$1'"),
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
