//! The compression of a file.

use std::io::{self, BufWriter, Write};

use bzip2::write::BzEncoder;
use flate2::write::GzEncoder;

use crate::copy::Compression;
use crate::store::Unfinished;

/// What is on disk of a file.
pub(super) struct Counted {
    object: BufWriter<Unfinished>,
    bytes: u64,
}

impl Counted {
    pub(super) fn new(object: Unfinished) -> Self {
        Self {
            object: BufWriter::with_capacity(64 * 1024, object),
            bytes: 0,
        }
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(super) fn finish(self) -> io::Result<Unfinished> {
        self.object
            .into_inner()
            .map_err(io::IntoInnerError::into_error)
    }
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.object.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.object.flush()
    }
}

pub(super) enum Packer {
    Plain(Counted),
    Gzip(GzEncoder<Counted>),
    Bzip2(BzEncoder<Counted>),
    Zstd(zstd::Encoder<'static, Counted>),
}

impl Packer {
    pub(super) fn new(out: Counted, compression: Option<Compression>) -> io::Result<Self> {
        Ok(match compression {
            None => Self::Plain(out),
            Some(Compression::Gzip) => {
                Self::Gzip(GzEncoder::new(out, flate2::Compression::default()))
            }
            Some(Compression::Bzip2) => {
                Self::Bzip2(BzEncoder::new(out, bzip2::Compression::default()))
            }
            Some(Compression::Zstd) => Self::Zstd(zstd::Encoder::new(out, 0)?),
        })
    }

    pub(super) fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(out) => out.write_all(bytes),
            Self::Gzip(out) => out.write_all(bytes),
            Self::Bzip2(out) => out.write_all(bytes),
            Self::Zstd(out) => out.write_all(bytes),
        }
    }

    pub(super) fn out(&self) -> &Counted {
        match self {
            Self::Plain(out) => out,
            Self::Gzip(out) => out.get_ref(),
            Self::Bzip2(out) => out.get_ref(),
            Self::Zstd(out) => out.get_ref(),
        }
    }

    pub(super) fn finish(self) -> io::Result<Counted> {
        match self {
            Self::Plain(out) => Ok(out),
            Self::Gzip(out) => out.finish(),
            Self::Bzip2(out) => out.finish(),
            Self::Zstd(out) => out.finish(),
        }
    }
}
