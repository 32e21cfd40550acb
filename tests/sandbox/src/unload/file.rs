//! One file of an unload, and how it is named.

use std::io::{self, BufWriter, Write};

use bzip2::write::BzEncoder;
use flate2::write::GzEncoder;

use super::options::Options;
use crate::copy::Compression;
use crate::store::Unfinished;

/// The name of a file: by slice and part, or by number alone.
pub(super) fn name(
    destination: &str,
    folder: &str,
    options: &Options,
    slice: u32,
    part: u32,
) -> String {
    let between = if folder.is_empty() || destination.ends_with('/') {
        ""
    } else {
        "/"
    };
    let destination = format!("{destination}{between}{folder}");
    let suffix = match (&options.extension, options.compression) {
        (Some(extension), _) => format!(".{extension}"),
        (None, Some(Compression::Gzip)) => ".gz".to_owned(),
        (None, Some(Compression::Bzip2)) => ".bz2".to_owned(),
        (None, Some(Compression::Zstd)) => ".zst".to_owned(),
        (None, None) => String::new(),
    };
    if options.parallel {
        format!("{destination}{slice:04}_part_{part:02}{suffix}")
    } else {
        format!("{destination}{part:03}{suffix}")
    }
}

/// A file that was written.
pub(super) struct Written {
    pub(super) uri: String,
    pub(super) slice: u32,
    pub(super) bytes: u64,
    /// Header lines count.
    pub(super) lines: u64,
    pub(super) object: Unfinished,
}

/// A file that is being written.
pub(super) struct File {
    uri: String,
    slice: u32,
    lines: u64,
    packer: Packer,
}

enum Packer {
    Plain(Counted),
    Gzip(GzEncoder<Counted>),
    Bzip2(BzEncoder<Counted>),
    Zstd(zstd::Encoder<'static, Counted>),
}

struct Counted {
    object: BufWriter<Unfinished>,
    bytes: u64,
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

impl File {
    pub(super) fn new(
        object: Unfinished,
        uri: String,
        slice: u32,
        compression: Option<Compression>,
    ) -> io::Result<Self> {
        let counted = Counted {
            object: BufWriter::with_capacity(64 * 1024, object),
            bytes: 0,
        };
        let packer = match compression {
            None => Packer::Plain(counted),
            Some(Compression::Gzip) => {
                Packer::Gzip(GzEncoder::new(counted, flate2::Compression::default()))
            }
            Some(Compression::Bzip2) => {
                Packer::Bzip2(BzEncoder::new(counted, bzip2::Compression::default()))
            }
            Some(Compression::Zstd) => Packer::Zstd(zstd::Encoder::new(counted, 0)?),
        };
        Ok(Self {
            uri,
            slice,
            lines: 0,
            packer,
        })
    }

    pub(super) fn write_line(&mut self, line: &[u8]) -> io::Result<()> {
        self.lines += 1;
        match &mut self.packer {
            Packer::Plain(out) => out.write_all(line),
            Packer::Gzip(out) => out.write_all(line),
            Packer::Bzip2(out) => out.write_all(line),
            Packer::Zstd(out) => out.write_all(line),
        }
    }

    /// How large the file is so far.
    pub(super) fn bytes(&self) -> u64 {
        match &self.packer {
            Packer::Plain(out) => out.bytes,
            Packer::Gzip(out) => out.get_ref().bytes,
            Packer::Bzip2(out) => out.get_ref().bytes,
            Packer::Zstd(out) => out.get_ref().bytes,
        }
    }

    pub(super) fn finish(self) -> io::Result<Written> {
        let counted = match self.packer {
            Packer::Plain(out) => out,
            Packer::Gzip(out) => out.finish()?,
            Packer::Bzip2(out) => out.finish()?,
            Packer::Zstd(out) => out.finish()?,
        };
        let bytes = counted.bytes;
        let object = counted
            .object
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        Ok(Written {
            uri: self.uri,
            slice: self.slice,
            bytes,
            lines: self.lines,
            object,
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::sql::Cursor;
    use crate::sql::lexer::tokens;

    #[test]
    fn names() {
        let name = |sql: &str, slice, part| {
            let sql = format!("{sql} iam_role default");
            let tokens = tokens(&sql).expect("tokens");
            let options =
                super::super::options::parse(&mut Cursor::new(&sql, &tokens)).expect("options");
            super::name("s3://b/venue_", "", &options, slice, part)
        };
        assert_eq!(name("", 0, 0), "s3://b/venue_0000_part_00");
        assert_eq!(name("gzip", 1, 12), "s3://b/venue_0001_part_12.gz");
        assert_eq!(name("zstd parallel off", 0, 1), "s3://b/venue_001.zst");
        assert_eq!(name("parallel off", 0, 0), "s3://b/venue_000");
        assert_eq!(
            name("gzip extension 'txt.gz'", 0, 0),
            "s3://b/venue_0000_part_00.txt.gz"
        );
    }
}
