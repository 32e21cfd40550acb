//! Where the records of a file end, so that a large file can be uploaded as several objects.

/// How records are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Records {
    /// A record a line.
    Lines,
    /// CSV: a quoted field may hold line ends.
    Csv(u8),
    /// JSON objects, which may be of several lines.
    Json,
}

/// Follows a file from its beginning.
#[derive(Debug)]
pub(crate) struct Scanner {
    records: Records,
    is_quoted: bool,
    is_escaped: bool,
    depth: u32,
}

impl Scanner {
    pub(crate) fn new(records: Records) -> Self {
        Self {
            records,
            is_quoted: false,
            is_escaped: false,
            depth: 0,
        }
    }

    /// Takes the next byte, and tells whether a record ends with it.
    fn ends(&mut self, byte: u8) -> bool {
        match self.records {
            Records::Lines => byte == b'\n',
            Records::Csv(quote) => {
                // A doubled quote closes and opens.
                self.is_quoted ^= byte == quote;
                byte == b'\n' && !self.is_quoted
            }
            Records::Json => {
                if self.is_quoted {
                    match byte {
                        _ if self.is_escaped => self.is_escaped = false,
                        b'\\' => self.is_escaped = true,
                        b'"' => self.is_quoted = false,
                        _ => {}
                    }
                    return false;
                }
                match byte {
                    b'"' => self.is_quoted = true,
                    b'{' | b'[' => self.depth += 1,
                    b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                    _ => {}
                }
                byte == b'\n' && self.depth == 0
            }
        }
    }

    /// Takes the next bytes, and gives the place behind the last record that ends in them.
    pub(crate) fn last_end(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut last = None;
        for (at, byte) in bytes.iter().enumerate() {
            if self.ends(*byte) {
                last = Some(at + 1);
            }
        }
        last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_end_where_a_line_ends_outside_of_quotes_and_brackets() {
        for (records, text, end) in [
            (Records::Lines, "a\nb\nc", Some(4)),
            (Records::Lines, "abc", None),
            (Records::Csv(b'"'), "a,\"b\nc\"\n\"d\n", Some(8)),
            (Records::Csv(b'"'), "a,\"b\"\"\n\"\n\"\n", Some(9)),
            (Records::Json, "{\"a\": \"}\\\"\n\"}\n{\n", Some(14)),
            (Records::Json, "[\n1]\n", Some(5)),
        ] {
            assert_eq!(
                Scanner::new(records).last_end(text.as_bytes()),
                end,
                "{text}"
            );
        }
        // What was taken before counts.
        let mut scanner = Scanner::new(Records::Csv(b'"'));
        assert_eq!(scanner.last_end(b"\"a"), None);
        assert_eq!(scanner.last_end(b"\n\"\n"), Some(3));
    }
}
