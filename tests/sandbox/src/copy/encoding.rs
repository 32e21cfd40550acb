//! The encodings of files.

use std::io::{self, Read};

use crate::protocol::SqlResult;
use crate::sql::Cursor;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Encoding {
    #[default]
    Utf8,
    /// A mark at the beginning tells the order of the bytes.
    Utf16,
    Utf16Le,
    Utf16Be,
}

impl Encoding {
    pub(super) fn read(cursor: &mut Cursor<'_>) -> SqlResult<Self> {
        let encoding = match &*cursor.text().to_ascii_lowercase() {
            "utf8" => Self::Utf8,
            "utf16" => Self::Utf16,
            "utf16le" => Self::Utf16Le,
            "utf16be" => Self::Utf16Be,
            _ => return Err(cursor.unexpected()),
        };
        cursor.advance();
        Ok(encoding)
    }

    /// The file in UTF-8.
    pub(super) fn decode(self, file: Box<dyn Read>) -> Box<dyn Read> {
        match self {
            Self::Utf8 => file,
            _ => Box::new(Decoder {
                file,
                encoding: self,
                begun: false,
                raw: vec![0; CHUNK],
                rest: 0,
                pending: None,
                text: Vec::new(),
                at: 0,
            }),
        }
    }
}

const CHUNK: usize = 64 * 1024;

/// What stands for half a character: no UTF-8, so that it is refused or replaced like other invalid bytes.
const INVALID: u8 = 0xff;

struct Decoder {
    file: Box<dyn Read>,
    encoding: Encoding,
    /// The mark at the beginning has been looked for.
    begun: bool,
    raw: Vec<u8>,
    /// So many bytes at the front of `raw` are half a unit.
    rest: usize,
    /// The first half of a character.
    pending: Option<u16>,
    text: Vec<u8>,
    at: usize,
}

impl Read for Decoder {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.at == self.text.len() {
            if !self.fill()? {
                return Ok(0);
            }
        }
        let length = out.len().min(self.text.len() - self.at);
        out[..length].copy_from_slice(&self.text[self.at..self.at + length]);
        self.at += length;
        Ok(length)
    }
}

impl Decoder {
    /// Decodes a chunk; false at the end of the file.
    fn fill(&mut self) -> io::Result<bool> {
        self.text.clear();
        self.at = 0;
        let read = self.file.read(&mut self.raw[self.rest..])?;
        let length = self.rest + read;
        if read == 0 {
            let is_cut = self.rest > 0 || self.pending.is_some();
            self.rest = 0;
            self.pending = None;
            self.text.extend(is_cut.then_some(INVALID));
            return Ok(is_cut);
        }
        let mut start = 0;
        if !self.begun && length >= 2 {
            start = self.begin()?;
        }
        let whole = length & !1;
        for at in (start..whole).step_by(2) {
            let unit = [self.raw[at], self.raw[at + 1]];
            self.push(match self.encoding {
                Encoding::Utf16Be => u16::from_be_bytes(unit),
                _ => u16::from_le_bytes(unit),
            });
        }
        self.rest = length - whole;
        if self.rest > 0 {
            self.raw[0] = self.raw[whole];
        }
        Ok(true)
    }

    /// Reads the mark, and says how long it is.
    fn begin(&mut self) -> io::Result<usize> {
        self.begun = true;
        let found = match self.raw[..2] {
            [0xff, 0xfe] => Some(Encoding::Utf16Le),
            [0xfe, 0xff] => Some(Encoding::Utf16Be),
            _ => None,
        };
        match (self.encoding, found) {
            (Encoding::Utf16, Some(found)) => self.encoding = found,
            (Encoding::Utf16, None) => {
                return Err(io::Error::other(
                    "ENCODING UTF16 needs a byte order mark at the beginning of the file",
                ));
            }
            (expected, Some(found)) if expected != found => {
                return Err(io::Error::other(
                    "its byte order mark is not that of the ENCODING argument",
                ));
            }
            _ => {}
        }
        Ok(if found.is_some() { 2 } else { 0 })
    }

    fn push(&mut self, unit: u16) {
        if let Some(first) = self.pending.take() {
            if let Some(Ok(character)) = char::decode_utf16([first, unit]).next()
                && (0xdc00..0xe000).contains(&unit)
            {
                self.write(character);
                return;
            }
            self.text.push(INVALID);
        }
        match char::from_u32(u32::from(unit)) {
            Some(character) => self.write(character),
            None if unit < 0xdc00 => self.pending = Some(unit),
            None => self.text.push(INVALID),
        }
    }

    fn write(&mut self, character: char) {
        let mut bytes = [0; 4];
        self.text
            .extend_from_slice(character.encode_utf8(&mut bytes).as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One byte at a time, so that every place where a character can be cut is met.
    struct Dribble(Vec<u8>);

    impl Read for Dribble {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            if self.0.is_empty() {
                return Ok(0);
            }
            out[0] = self.0.remove(0);
            Ok(1)
        }
    }

    fn decoded(encoding: Encoding, bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        encoding
            .decode(Box::new(Dribble(bytes.to_vec())))
            .read_to_end(&mut text)?;
        Ok(text)
    }

    #[test]
    fn characters() {
        let little: Vec<u8> = "aö😀\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = "aö😀\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
        let marked = |mark: [u8; 2], rest: &[u8]| [&mark, rest].concat();
        for (encoding, bytes) in [
            (Encoding::Utf16Le, little.clone()),
            (Encoding::Utf16Be, big.clone()),
            (Encoding::Utf16Le, marked([0xff, 0xfe], &little)),
            (Encoding::Utf16, marked([0xff, 0xfe], &little)),
            (Encoding::Utf16, marked([0xfe, 0xff], &big)),
        ] {
            let text = decoded(encoding, &bytes).expect("readable");
            assert_eq!(text, "aö😀\n".as_bytes(), "{encoding:?}");
        }
        assert!(decoded(Encoding::Utf16, &little).is_err());
        assert!(decoded(Encoding::Utf16Be, &marked([0xff, 0xfe], &little)).is_err());
    }

    #[test]
    fn halves_are_invalid() {
        let read = |bytes: &[u8]| decoded(Encoding::Utf16Be, bytes).expect("readable");
        assert_eq!(read(&[0xd8, 0x3d, 0, b'a']), b"\xffa");
        assert_eq!(read(&[0xde, 0x00, 0, b'a']), b"\xffa");
        assert_eq!(read(&[0, b'a', 0xd8, 0x3d]), b"a\xff");
        assert_eq!(read(&[0, b'a', 0]), b"a\xff");
        assert_eq!(read(&[]), b"");
    }
}
