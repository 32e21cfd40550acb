//! Redshift's tokens, split exactly where PostgreSQL with `standard_conforming_strings = off` splits them.
//!
//! A proxy that sees a string end where the server does not is a hole, so this follows PostgreSQL's `scan.l`.

use crate::protocol::{SqlError, SqlResult};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Word,
    /// `"name"`
    Quoted,
    /// `#name`, a temporary table
    Temporary,
    /// `'text'` or `E'text'`, with backslash escapes
    Text,
    /// `B'01'` or `X'1f'`, without escapes
    Bits,
    /// `$$text$$` or `$tag$text$tag$`
    Dollar,
    /// `$1`
    Parameter,
    Number,
    Operator,
    Open,
    Close,
    OpenBracket,
    CloseBracket,
    Comma,
    Semicolon,
    Dot,
    /// `::`
    Cast,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Token {
    pub(crate) fn text<'a>(&self, sql: &'a str) -> &'a str {
        &sql[self.start..self.end]
    }

    /// Whether it is this keyword, written in lower case here.
    pub(crate) fn is(&self, sql: &str, keyword: &str) -> bool {
        self.kind == Kind::Word && self.text(sql).eq_ignore_ascii_case(keyword)
    }
}

/// All tokens of a text; comments and white space are left out.
pub(crate) fn tokens(sql: &str) -> SqlResult<Vec<Token>> {
    let mut lexer = Lexer {
        sql,
        bytes: sql.as_bytes(),
        at: 0,
    };
    let mut tokens = Vec::with_capacity(sql.len() / 5);
    while let Some(token) = lexer.next()? {
        tokens.push(token);
    }
    Ok(tokens)
}

struct Lexer<'a> {
    sql: &'a str,
    bytes: &'a [u8],
    at: usize,
}

fn starts_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

fn continues_name(byte: u8) -> bool {
    starts_name(byte) || byte.is_ascii_digit() || byte == b'$'
}

fn is_operator(byte: u8) -> bool {
    b"+-*/<>=~!@#%^&|`?:".contains(&byte)
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn next(&mut self) -> SqlResult<Option<Token>> {
        self.skip_blanks()?;
        let start = self.at;
        let Some(&byte) = self.bytes.get(start) else {
            return Ok(None);
        };
        let kind = match byte {
            b'\'' => self.text(start)?,
            b'"' => self.quoted()?,
            b'e' | b'E' if self.peek(1) == b'\'' => {
                self.at += 1;
                self.text(start)?
            }
            b'b' | b'B' | b'x' | b'X' if self.peek(1) == b'\'' => {
                self.at += 1;
                self.bits(start)?
            }
            // PostgreSQL's literals and names with code points, which Redshift's grammar lacks.
            b'u' | b'U' if self.peek(1) == b'&' && matches!(self.peek(2), b'\'' | b'"') => {
                return Err(SqlError::syntax(&self.sql[start..start + 3]));
            }
            b'#' if starts_name(self.peek(1)) && self.begins_operand(start) => {
                self.at += 1;
                self.name();
                Kind::Temporary
            }
            b'$' if self.peek(1).is_ascii_digit() => {
                self.at += 1;
                self.skip_while(|byte| byte.is_ascii_digit());
                Kind::Parameter
            }
            b'$' => self.dollar(start)?,
            b'.' if self.peek(1).is_ascii_digit() => self.number(),
            b'(' | b')' | b'[' | b']' | b',' | b';' | b'.' => {
                self.at += 1;
                match byte {
                    b'(' => Kind::Open,
                    b')' => Kind::Close,
                    b'[' => Kind::OpenBracket,
                    b']' => Kind::CloseBracket,
                    b',' => Kind::Comma,
                    b';' => Kind::Semicolon,
                    _ => Kind::Dot,
                }
            }
            _ if byte.is_ascii_digit() => self.number(),
            _ if starts_name(byte) => {
                self.name();
                Kind::Word
            }
            b':' if self.peek(1) == b':' => {
                self.at += 2;
                Kind::Cast
            }
            _ if is_operator(byte) => self.operator(),
            _ => {
                let character = self.sql[start..].chars().next().unwrap_or('\0');
                return Err(SqlError::syntax(&character.to_string()));
            }
        };
        Ok(Some(Token {
            kind,
            start,
            end: self.at,
        }))
    }

    fn skip_while(&mut self, is_part: impl Fn(u8) -> bool) {
        while self.at < self.bytes.len() && is_part(self.bytes[self.at]) {
            self.at += 1;
        }
    }

    fn skip_blanks(&mut self) -> SqlResult<()> {
        loop {
            self.skip_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0c));
            match (self.peek(0), self.peek(1)) {
                (b'-', b'-') => self.skip_while(|byte| !matches!(byte, b'\n' | b'\r')),
                (b'/', b'*') => self.skip_comment()?,
                _ => return Ok(()),
            }
        }
    }

    fn skip_comment(&mut self) -> SqlResult<()> {
        let mut depth = 0;
        while self.at < self.bytes.len() {
            match (self.peek(0), self.peek(1)) {
                (b'/', b'*') => {
                    depth += 1;
                    self.at += 2;
                }
                (b'*', b'/') => {
                    depth -= 1;
                    self.at += 2;
                    if depth == 0 {
                        return Ok(());
                    }
                }
                _ => self.at += 1,
            }
        }
        Err(SqlError::new("42601", "unterminated /* comment"))
    }

    fn text(&mut self, start: usize) -> SqlResult<Kind> {
        self.at += 1;
        while let Some(found) = memchr::memchr2(b'\'', b'\\', &self.bytes[self.at..]) {
            self.at += found;
            match (self.peek(0), self.peek(1)) {
                (b'\\', _) if self.at + 1 < self.bytes.len() => self.at += 2,
                (b'\'', b'\'') => self.at += 2,
                (b'\'', _) => {
                    self.at += 1;
                    return Ok(Kind::Text);
                }
                _ => break,
            }
        }
        Err(self.unterminated("quoted string", start))
    }

    fn bits(&mut self, start: usize) -> SqlResult<Kind> {
        match memchr::memchr(b'\'', &self.bytes[self.at + 1..]) {
            Some(length) => {
                self.at += length + 2;
                Ok(Kind::Bits)
            }
            None => Err(self.unterminated("bit string literal", start)),
        }
    }

    fn quoted(&mut self) -> SqlResult<Kind> {
        let start = self.at;
        self.at += 1;
        while let Some(found) = memchr::memchr(b'"', &self.bytes[self.at..]) {
            self.at += found + 1;
            if self.peek(0) != b'"' {
                return if self.at - start == 2 {
                    Err(SqlError::new(
                        "42601",
                        "zero-length delimited identifier at or near \"\"\"\"",
                    ))
                } else {
                    Ok(Kind::Quoted)
                };
            }
            self.at += 1;
        }
        Err(self.unterminated("quoted identifier", start))
    }

    fn dollar(&mut self, start: usize) -> SqlResult<Kind> {
        let mut end = start + 1;
        while end < self.bytes.len() && self.bytes[end] != b'$' && continues_name(self.bytes[end]) {
            end += 1;
        }
        let is_tag = self.bytes.get(end) == Some(&b'$')
            && (end == start + 1 || starts_name(self.bytes[start + 1]));
        if !is_tag {
            return Err(SqlError::syntax("$"));
        }
        let tag = &self.bytes[start..=end];
        match memchr::memmem::find(&self.bytes[end + 1..], tag) {
            Some(length) => {
                self.at = end + 1 + length + tag.len();
                Ok(Kind::Dollar)
            }
            None => Err(self.unterminated("dollar-quoted string", start)),
        }
    }

    fn number(&mut self) -> Kind {
        self.skip_while(|byte| byte.is_ascii_digit());
        if self.peek(0) == b'.' && self.peek(1) != b'.' {
            self.at += 1;
            self.skip_while(|byte| byte.is_ascii_digit());
        }
        if matches!(self.peek(0), b'e' | b'E') {
            let sign = usize::from(matches!(self.peek(1), b'+' | b'-'));
            if self.peek(1 + sign).is_ascii_digit() {
                self.at += 1 + sign;
                self.skip_while(|byte| byte.is_ascii_digit());
            }
        }
        Kind::Number
    }

    fn name(&mut self) {
        self.skip_while(continues_name);
    }

    fn operator(&mut self) -> Kind {
        self.at += 1;
        while is_operator(self.peek(0)) {
            let comment = matches!((self.peek(0), self.peek(1)), (b'-', b'-') | (b'/', b'*'));
            if comment || (self.peek(0), self.peek(1)) == (b':', b':') {
                break;
            }
            self.at += 1;
        }
        Kind::Operator
    }

    /// `#` is also an operator; before a temporary table's name stands no operand without a gap.
    fn begins_operand(&self, start: usize) -> bool {
        start == 0
            || matches!(
                self.bytes[start - 1],
                b' ' | b'\t' | b'\n' | b'\r' | b',' | b'(' | b'.' | b'/' | b';'
            )
    }

    fn unterminated(&self, what: &str, start: usize) -> SqlError {
        let near: String = self.sql[start..].chars().take(40).collect();
        SqlError::new(
            "42601",
            format!("unterminated {what} at or near \"{near}\""),
        )
    }
}

/// The value of a literal of kind [`Kind::Text`] or [`Kind::Dollar`].
pub(crate) fn value_of(literal: &str) -> SqlResult<String> {
    if let Some(rest) = literal.strip_prefix('$') {
        let tag = rest.find('$').map_or(0, |end| end + 2);
        return Ok(literal
            .get(tag..literal.len() - tag)
            .unwrap_or_default()
            .to_owned());
    }
    let open = literal.find('\'').map_or(0, |quote| quote + 1);
    let bytes = literal
        .get(open..literal.len() - 1)
        .unwrap_or_default()
        .as_bytes();
    let mut value = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\'' => {
                value.push(b'\'');
                at += 2;
            }
            b'\\' => {
                let (byte, length) = escape(&bytes[at + 1..]);
                value.push(byte);
                at += 1 + length;
            }
            byte => {
                value.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(value)
        .map_err(|_| SqlError::new("22021", "invalid byte sequence for encoding \"UTF8\""))
}

/// The byte that stands behind a backslash, and how many bytes it was written with.
fn escape(bytes: &[u8]) -> (u8, usize) {
    let radix = |digits: &[u8], radix, longest: usize| {
        let length = digits
            .iter()
            .take(longest)
            .take_while(|digit| char::from(**digit).is_digit(radix))
            .count();
        let value = digits[..length].iter().fold(0, |value, digit| {
            value * radix + char::from(*digit).to_digit(radix).unwrap_or(0)
        });
        ((value & 0xff) as u8, length)
    };
    match bytes.first() {
        Some(b'b') => (0x08, 1),
        Some(b'f') => (0x0c, 1),
        Some(b'n') => (b'\n', 1),
        Some(b'r') => (b'\r', 1),
        Some(b't') => (b'\t', 1),
        Some(b'0'..=b'7') => radix(bytes, 8, 3),
        Some(b'x') if bytes.get(1).is_some_and(u8::is_ascii_hexdigit) => {
            let (value, length) = radix(&bytes[1..], 16, 2);
            (value, length + 1)
        }
        Some(byte) => (*byte, 1),
        None => (b'\\', 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(sql: &str) -> Vec<&str> {
        tokens(sql)
            .expect("tokens")
            .iter()
            .map(|token| token.text(sql))
            .collect()
    }

    #[test]
    fn strings_end_where_the_server_ends_them() {
        assert_eq!(texts(r"'it\'s' x"), [r"'it\'s'", "x"]);
        assert_eq!(texts(r"'it''s' x"), ["'it''s'", "x"]);
        assert_eq!(texts(r"'a\\' x"), [r"'a\\'", "x"]);
        assert_eq!(texts(r"E'\'' x"), [r"E'\''", "x"]);
        assert_eq!(texts(r"B'01\' x"), [r"B'01\'", "x"]);
        assert_eq!(
            texts("$$a'b$$ $t$a$$b$t$ $1"),
            ["$$a'b$$", "$t$a$$b$t$", "$1"]
        );
        assert_eq!(texts("\"a\"\"b\" x"), ["\"a\"\"b\"", "x"]);
        assert!(tokens(r"'a\'").is_err());
        assert!(tokens("\"\"").is_err());
        assert!(tokens("$$a").is_err());
    }

    #[test]
    fn comments_nest() {
        assert_eq!(texts("a /* ; /* ; */ ' */ b -- ; '\n c"), ["a", "b", "c"]);
        assert_eq!(texts("a --x"), ["a"]);
        assert_eq!(texts("1--2"), ["1"]);
        assert_eq!(texts("1*/**/2"), ["1", "*", "2"]);
        assert!(tokens("/* /* */").is_err());
    }

    #[test]
    fn numbers_names_and_operators() {
        assert_eq!(
            texts("1.5e-3::numeric(3,2)"),
            ["1.5e-3", "::", "numeric", "(", "3", ",", "2", ")"]
        );
        assert_eq!(texts("a$1,é_2.b"), ["a$1", ",", "é_2", ".", "b"]);
        assert_eq!(texts("a<>-1"), ["a", "<>-", "1"]);
        assert_eq!(
            texts("from #t, #u where a#b"),
            ["from", "#t", ",", "#u", "where", "a", "#", "b"]
        );
    }

    #[test]
    fn values_of_literals() {
        let cases = [
            (r"'it\'s'", "it's"),
            (r"'it''s'", "it's"),
            (r"'a\\b'", r"a\b"),
            (r"'\t\001\N'", "\t\u{1}N"),
            (r"e'\x41'", "A"),
            ("$$a'b\\$$", "a'b\\"),
            ("$q$a$q$", "a"),
            ("''", ""),
        ];
        for (literal, value) in cases {
            assert_eq!(value_of(literal).expect("valid"), value, "{literal}");
        }
        assert!(value_of(r"'\377'").is_err());
    }
}
