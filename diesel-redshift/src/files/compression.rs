//! The compression of files.

use std::io::{self, Read, Write};

use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;

/// How staged files are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compression {
    Zstd,
    Gzip,
    None,
}

impl Compression {
    /// The compression of files whose names end so.
    pub(crate) fn of_extension(extension: &str) -> Option<Self> {
        [Self::Zstd, Self::Gzip, Self::None]
            .into_iter()
            .find(|compression| compression.extension() == extension)
    }

    /// The end of the files' names.
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Zstd => ".zst",
            Self::Gzip => ".gz",
            Self::None => "",
        }
    }
}

/// A file while it is compressed in memory.
pub(crate) enum Compressor {
    Zstd(zstd::stream::write::Encoder<'static, Vec<u8>>),
    Gzip(GzEncoder<Vec<u8>>),
    None(Vec<u8>),
}

impl Compressor {
    pub(crate) fn new(compression: Compression) -> io::Result<Self> {
        Ok(match compression {
            // Levels above 1 cost more time than the smaller files save.
            Compression::Zstd => Self::Zstd(zstd::stream::write::Encoder::new(Vec::new(), 1)?),
            Compression::Gzip => {
                Self::Gzip(GzEncoder::new(Vec::new(), flate2::Compression::fast()))
            }
            Compression::None => Self::None(Vec::new()),
        })
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Zstd(encoder) => encoder.write_all(bytes),
            Self::Gzip(encoder) => encoder.write_all(bytes),
            Self::None(file) => file.write_all(bytes),
        }
    }

    /// How many bytes the file has so far.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Zstd(encoder) => encoder.get_ref().len(),
            Self::Gzip(encoder) => encoder.get_ref().len(),
            Self::None(file) => file.len(),
        }
    }

    pub(crate) fn finish(self) -> io::Result<Vec<u8>> {
        match self {
            Self::Zstd(encoder) => encoder.finish(),
            Self::Gzip(encoder) => encoder.finish(),
            Self::None(file) => Ok(file),
        }
    }
}

/// Reads a compressed file; that it is cut off is an error.
pub(crate) fn decompress<'a>(
    compression: Compression,
    file: impl Read + Send + 'a,
) -> io::Result<Box<dyn Read + Send + 'a>> {
    Ok(match compression {
        Compression::Zstd => Box::new(zstd::stream::read::Decoder::new(file)?),
        Compression::Gzip => Box::new(MultiGzDecoder::new(file)),
        Compression::None => Box::new(file),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back_and_a_cut_file_is_an_error() {
        let text: Vec<u8> = (0..100_000)
            .flat_map(|n: u32| n.to_string().into_bytes())
            .collect();
        for compression in [Compression::Zstd, Compression::Gzip, Compression::None] {
            let mut compressor = Compressor::new(compression).expect("starts");
            for part in text.chunks(10_000) {
                compressor.write(part).expect("writes");
            }
            let file = compressor.finish().expect("finishes");
            let read = |file: &[u8]| {
                let mut read = Vec::new();
                decompress(compression, file)?.read_to_end(&mut read)?;
                io::Result::Ok(read)
            };
            assert_eq!(read(&file).expect("reads"), text, "{compression:?}");
            if compression != Compression::None {
                assert!(file.len() < text.len());
                assert!(read(&file[..file.len() - 1]).is_err(), "{compression:?}");
                assert!(read(&file[..file.len() / 2]).is_err(), "{compression:?}");
            }
        }
    }
}
