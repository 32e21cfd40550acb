//! One file of an unload, and how it is named.

use std::io;

use super::compressor::{Compressor, CountingWriter};
use super::format::Format;
use super::layout::Layout;
use super::options::Options;
use super::parquet;
use super::row::Row;
use crate::engine::Failure;
use crate::parameters::Compression;
use crate::protocol::SqlError;
use crate::store::ObjectWriter;

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
        (None, None) if options.format == Format::Parquet => ".parquet".to_owned(),
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
    pub(super) object: ObjectWriter,
}

/// A file that is being written. It is open only as long as that is needed, or while it is awake.
pub(super) struct File {
    uri: String,
    slice: u32,
    lines: u64,
    content: Content,
}

enum Content {
    Lines {
        compressor: Compressor,
        compression: Option<Compression>,
        /// Lines that wait for the file to wake.
        waiting: Vec<u8>,
    },
    Parquet(parquet::Writer),
}

impl File {
    pub(super) fn new(
        mut object: ObjectWriter,
        uri: String,
        slice: u32,
        options: &Options,
        layout: &Layout,
    ) -> io::Result<Self> {
        object.close();
        let counted = CountingWriter::new(object);
        let content = if options.format == Format::Parquet {
            Content::Parquet(parquet::Writer::new(counted, layout)?)
        } else {
            Content::Lines {
                compressor: Compressor::Resting(counted),
                compression: options.compression,
                waiting: Vec::new(),
            }
        };
        Ok(Self {
            uri,
            slice,
            lines: 0,
            content,
        })
    }

    /// Whether lines are written as they come.
    pub(super) fn is_awake(&self) -> bool {
        match &self.content {
            Content::Lines { compressor, .. } => compressor.is_awake(),
            Content::Parquet(_) => false,
        }
    }

    /// Opens the file and writes the lines that wait.
    pub(super) fn wake(self) -> io::Result<Self> {
        let Content::Lines {
            compressor,
            compression,
            waiting,
        } = self.content
        else {
            return Ok(self);
        };
        let mut compressor = compressor.wake(compression)?;
        compressor.write_all(&waiting)?;
        let content = Content::Lines {
            compressor,
            compression,
            waiting: Vec::new(),
        };
        Ok(Self { content, ..self })
    }

    /// Closes the file until it is woken.
    pub(super) fn rest(self) -> io::Result<Self> {
        let Content::Lines {
            compressor,
            compression,
            waiting,
        } = self.content
        else {
            return Ok(self);
        };
        let content = Content::Lines {
            compressor: compressor.rest()?,
            compression,
            waiting,
        };
        Ok(Self { content, ..self })
    }

    /// Takes a line, which waits if the file rests.
    pub(super) fn push_line(&mut self, line: &[u8]) -> io::Result<()> {
        self.lines += 1;
        match &mut self.content {
            Content::Lines {
                compressor,
                waiting,
                ..
            } => {
                if compressor.is_awake() {
                    return compressor.write_all(line);
                }
                waiting.extend_from_slice(line);
                Ok(())
            }
            // Has no lines of text.
            Content::Parquet(_) => Ok(()),
        }
    }

    /// Takes a row into the row group that is being collected.
    pub(super) fn push_row(
        &mut self,
        row: &Row,
        layout: &Layout,
        options: &Options,
    ) -> Result<(), Failure> {
        let Content::Parquet(writer) = &mut self.content else {
            return Ok(());
        };
        self.lines += 1;
        writer.push(row, layout)?;
        if writer.buffered() >= options.row_group_size {
            self.end_group().map_err(write_error)?;
        }
        Ok(())
    }

    /// Writes the row group that is being collected, however small it is.
    pub(super) fn end_group(&mut self) -> io::Result<()> {
        match &mut self.content {
            Content::Lines { .. } => Ok(()),
            Content::Parquet(writer) => writer.end_group(),
        }
    }

    /// What waits in memory.
    pub(super) fn waiting(&self) -> u64 {
        match &self.content {
            Content::Lines { waiting, .. } => waiting.len() as u64,
            Content::Parquet(writer) => writer.buffered(),
        }
    }

    /// How large the file is so far.
    pub(super) fn bytes(&self) -> u64 {
        let written = match &self.content {
            Content::Lines { compressor, .. } => compressor.out().bytes(),
            Content::Parquet(writer) => writer.out().bytes(),
        };
        written + self.waiting()
    }

    pub(super) fn finish(self) -> io::Result<Written> {
        // A compressed file has a beginning and an end also if it holds nothing.
        let file = if self.waiting() > 0 || self.bytes() == 0 {
            self.wake()?
        } else {
            self
        };
        let counted = match file.content {
            Content::Lines { compressor, .. } => compressor.finish()?,
            Content::Parquet(writer) => writer.finish()?,
        };
        let bytes = counted.bytes();
        let object = counted.finish()?;
        Ok(Written {
            uri: file.uri,
            slice: file.slice,
            bytes,
            lines: file.lines,
            object,
        })
    }
}

pub(super) fn write_error(error: io::Error) -> Failure {
    Failure::Refused(SqlError::internal(format!(
        "The unloaded data could not be written: {error}"
    )))
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
        assert_eq!(name("parquet", 0, 0), "s3://b/venue_0000_part_00.parquet");
        assert_eq!(
            name("parquet parallel off extension 'p'", 0, 0),
            "s3://b/venue_000.p"
        );
        assert_eq!(
            name("gzip extension 'txt.gz'", 0, 0),
            "s3://b/venue_0000_part_00.txt.gz"
        );
    }
}
