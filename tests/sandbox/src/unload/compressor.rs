//! The compression of a file.

use std::io::{self, Write};

use bzip2::write::BzEncoder;
use flate2::write::GzEncoder;

use crate::parameters::Compression;
use crate::store::ObjectWriter;

/// So much is collected for one call of the system.
const COLLECTED: usize = 64 * 1024;

/// What is on disk of a file, or will be before the file rests.
pub(super) struct CountingWriter {
    object: ObjectWriter,
    collected: Vec<u8>,
    bytes: u64,
}

impl CountingWriter {
    pub(super) fn new(object: ObjectWriter) -> Self {
        Self {
            object,
            collected: Vec::new(),
            bytes: 0,
        }
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Closes the file and gives its memory back, until more is written.
    pub(super) fn rest(&mut self) -> io::Result<()> {
        self.flush()?;
        self.collected = Vec::new();
        self.object.close();
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<ObjectWriter> {
        self.rest()?;
        Ok(self.object)
    }
}

impl Write for CountingWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.collected.len() + bytes.len() > COLLECTED {
            self.flush()?;
        }
        if bytes.len() > COLLECTED {
            self.object.write_all(bytes)?;
        } else {
            self.collected.extend_from_slice(bytes);
        }
        self.bytes += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.object.write_all(&self.collected)?;
        self.collected.clear();
        Ok(())
    }
}

/// A file that is written as it is compressed. One that rests ends what is compressed so far; what follows is compressed
/// anew behind it, which every format takes for one text.
pub(super) enum Compressor {
    Resting(CountingWriter),
    Plain(CountingWriter),
    Gzip(GzEncoder<CountingWriter>),
    Bzip2(BzEncoder<CountingWriter>),
    Zstd(zstd::Encoder<'static, CountingWriter>),
}

impl Compressor {
    pub(super) fn wake(self, compression: Option<Compression>) -> io::Result<Self> {
        let Self::Resting(out) = self else {
            return Ok(self);
        };
        Ok(match compression {
            None => Self::Plain(out),
            Some(Compression::Gzip) => {
                Self::Gzip(GzEncoder::new(out, flate2::Compression::default()))
            }
            Some(Compression::Bzip2) => {
                Self::Bzip2(BzEncoder::new(out, bzip2::Compression::default()))
            }
            // The fastest level: a test reads the file once, from this machine.
            Some(Compression::Zstd) => Self::Zstd(zstd::Encoder::new(out, 1)?),
        })
    }

    pub(super) fn rest(self) -> io::Result<Self> {
        let mut out = self.finish()?;
        out.rest()?;
        Ok(Self::Resting(out))
    }

    pub(super) fn is_awake(&self) -> bool {
        !matches!(self, Self::Resting(_))
    }

    pub(super) fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Resting(_) => Err(io::Error::other("the file rests")),
            Self::Plain(out) => out.write_all(bytes),
            Self::Gzip(out) => out.write_all(bytes),
            Self::Bzip2(out) => out.write_all(bytes),
            Self::Zstd(out) => out.write_all(bytes),
        }
    }

    pub(super) fn out(&self) -> &CountingWriter {
        match self {
            Self::Resting(out) | Self::Plain(out) => out,
            Self::Gzip(out) => out.get_ref(),
            Self::Bzip2(out) => out.get_ref(),
            Self::Zstd(out) => out.get_ref(),
        }
    }

    pub(super) fn finish(self) -> io::Result<CountingWriter> {
        match self {
            Self::Resting(out) | Self::Plain(out) => Ok(out),
            Self::Gzip(out) => out.finish(),
            Self::Bzip2(out) => out.finish(),
            Self::Zstd(out) => out.finish(),
        }
    }
}
