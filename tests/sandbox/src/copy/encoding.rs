//! The encodings of files.

use std::io::{self, Read};

use super::fault::Fault;
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
    Iso88591,
}

impl Encoding {
    pub(super) fn read(cursor: &mut Cursor<'_>) -> SqlResult<Self> {
        let encoding = match &*cursor.text().to_ascii_lowercase() {
            "utf8" => Self::Utf8,
            "utf16" => Self::Utf16,
            "utf16le" => Self::Utf16Le,
            "utf16be" => Self::Utf16Be,
            "iso88591" => Self::Iso88591,
            _ => return Err(cursor.unexpected()),
        };
        cursor.advance();
        Ok(encoding)
    }

    /// The file in UTF-8, unless it turns out to be in another encoding.
    pub(super) fn decode(self, file: Box<dyn Read>) -> io::Result<Result<Box<dyn Read>, Fault>> {
        if self == Self::Utf8 {
            return Ok(Ok(file));
        }
        let mut decoder = Decoder {
            file,
            encoding: self,
            raw: vec![0; CHUNK],
            rest: 0,
            pending: None,
            text: Vec::new(),
            at: 0,
        };
        if self == Self::Iso88591 {
            return Ok(Ok(Box::new(decoder)));
        }
        Ok(match decoder.begin()? {
            Ok(()) => Ok(Box::new(decoder)),
            Err(fault) => Err(fault),
        })
    }
}

const CHUNK: usize = 64 * 1024;

/// What stands for half a character: no UTF-8, so that it is refused or replaced like other invalid bytes.
const INVALID: u8 = 0xff;

struct Decoder {
    file: Box<dyn Read>,
    encoding: Encoding,
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
        if self.encoding == Encoding::Iso88591 {
            for at in 0..length {
                self.write(char::from(self.raw[at]));
            }
            return Ok(read > 0);
        }
        if read == 0 {
            let is_cut = self.rest > 0 || self.pending.is_some();
            self.rest = 0;
            self.pending = None;
            self.text.extend(is_cut.then_some(INVALID));
            return Ok(is_cut);
        }
        let whole = length & !1;
        for at in (0..whole).step_by(2) {
            self.push([self.raw[at], self.raw[at + 1]]);
        }
        self.rest = length - whole;
        if self.rest > 0 {
            self.raw[0] = self.raw[whole];
        }
        Ok(true)
    }

    /// Looks for the mark, which is no part of the text.
    fn begin(&mut self) -> io::Result<Result<(), Fault>> {
        let mut length = 0;
        while length < 2 {
            match self.file.read(&mut self.raw[length..2])? {
                0 => break,
                read => length += read,
            }
        }
        let found = match self.raw[..length] {
            [0xff, 0xfe] => Some(Encoding::Utf16Le),
            [0xfe, 0xff] => Some(Encoding::Utf16Be),
            [] => return Ok(Ok(())),
            _ => None,
        };
        match (self.encoding, found) {
            (Encoding::Utf16, Some(found)) => self.encoding = found,
            (Encoding::Utf16, None) => {
                return Ok(Err(Fault::other_encoding("it has no byte order mark")));
            }
            (expected, Some(found)) if expected != found => {
                return Ok(Err(Fault::other_encoding(
                    "its byte order mark is another one",
                )));
            }
            (_, Some(_)) => {}
            (_, None) if length == 2 => self.push([self.raw[0], self.raw[1]]),
            (_, None) => self.rest = length,
        }
        Ok(Ok(()))
    }

    fn push(&mut self, unit: [u8; 2]) {
        let unit = match self.encoding {
            Encoding::Utf16Be => u16::from_be_bytes(unit),
            _ => u16::from_le_bytes(unit),
        };
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

    fn decoded(encoding: Encoding, bytes: &[u8]) -> Result<Vec<u8>, Fault> {
        let file = Box::new(Dribble(bytes.to_vec()));
        let mut decoder = encoding.decode(file).expect("readable")?;
        let mut text = Vec::new();
        decoder.read_to_end(&mut text).expect("readable");
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
            let text = decoded(encoding, &bytes).expect("in this encoding");
            assert_eq!(text, "aö😀\n".as_bytes(), "{encoding:?}");
        }
        assert_eq!(decoded(Encoding::Iso88591, b"a\xe9\n"), Ok("aé\n".into()));
        let code = |encoding, bytes: &[u8]| decoded(encoding, bytes).map_err(|fault| fault.code);
        assert_eq!(code(Encoding::Utf16, &little), Err(1221));
        assert_eq!(
            code(Encoding::Utf16Be, &marked([0xff, 0xfe], &little)),
            Err(1221)
        );
        assert_eq!(code(Encoding::Utf16, b""), Ok(Vec::new()));
    }

    #[test]
    fn halves_are_invalid() {
        let read = |bytes: &[u8]| decoded(Encoding::Utf16Be, bytes).expect("in this encoding");
        assert_eq!(read(&[0xd8, 0x3d, 0, b'a']), b"\xffa");
        assert_eq!(read(&[0xde, 0x00, 0, b'a']), b"\xffa");
        assert_eq!(read(&[0, b'a', 0xd8, 0x3d]), b"a\xff");
        assert_eq!(read(&[0, b'a', 0]), b"a\xff");
        assert_eq!(read(&[0, b'a']), b"a");
        assert_eq!(read(&[0]), b"\xff");
        assert_eq!(read(&[]), b"");
    }
}
