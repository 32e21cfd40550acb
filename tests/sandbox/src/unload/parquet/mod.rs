//! Parquet files, a row group at a time.

mod column;
mod value;

use std::io;
use std::sync::Arc;

use ::parquet::basic::Compression;
use ::parquet::errors::ParquetError;
use ::parquet::file::properties::{WriterProperties, WriterVersion};
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::types::{Type, TypePtr};

use super::compressor::CountingWriter;
use super::layout::Layout;
use super::row::Row;
use crate::protocol::SqlError;
use column::Buffer;
pub(super) use column::Kind;

/// Writes one file, which is closed between its row groups. Its columns are those that the layout writes, and all have a
/// type in Parquet.
pub(super) struct Writer {
    file: SerializedFileWriter<CountingWriter>,
    kinds: Vec<Kind>,
    columns: Vec<Buffer>,
    buffered: u64,
}

impl Writer {
    pub(super) fn new(out: CountingWriter, layout: &Layout) -> io::Result<Self> {
        let kinds: Vec<_> = layout
            .written()
            .filter_map(|column| Some((column.name.as_str(), column.parquet()?)))
            .collect();
        let properties = WriterProperties::builder()
            .set_writer_version(WriterVersion::PARQUET_1_0)
            .set_compression(Compression::SNAPPY)
            .build();
        let schema = schema(&kinds).map_err(unwritable)?;
        let kinds: Vec<_> = kinds.into_iter().map(|(_, kind)| kind).collect();
        Ok(Self {
            file: SerializedFileWriter::new(out, schema, Arc::new(properties))
                .map_err(unwritable)?,
            columns: kinds.iter().copied().map(Buffer::new).collect(),
            kinds,
            buffered: 0,
        })
    }

    pub(super) fn push(&mut self, row: &Row, layout: &Layout) -> Result<(), SqlError> {
        for (buffer, at) in self.columns.iter_mut().zip(&layout.written) {
            let value = row.value(*at);
            let Some(length) = buffer.push(value) else {
                return Err(SqlError::internal(format!(
                    "The value '{}' of column \"{}\" cannot be unloaded in PARQUET format",
                    String::from_utf8_lossy(value.unwrap_or_default()),
                    layout.columns[*at].name
                )));
            };
            self.buffered += length as u64;
        }
        Ok(())
    }

    /// What is waiting in memory.
    pub(super) fn buffered(&self) -> u64 {
        self.buffered
    }

    pub(super) fn out(&self) -> &CountingWriter {
        self.file.inner()
    }

    /// Writes what is waiting as a row group.
    pub(super) fn end_group(&mut self) -> io::Result<()> {
        if self.buffered == 0 {
            return Ok(());
        }
        self.buffered = 0;
        let fresh = self.kinds.iter().copied().map(Buffer::new).collect();
        let columns = std::mem::replace(&mut self.columns, fresh);
        self.write_group(columns).map_err(unwritable)?;
        self.file.flush()?;
        self.file.inner_mut().rest()
    }

    fn write_group(&mut self, columns: Vec<Buffer>) -> Result<(), ParquetError> {
        let mut group = self.file.next_row_group()?;
        for buffer in columns {
            if let Some(mut column) = group.next_column()? {
                buffer.write(&mut column)?;
                column.close()?;
            }
        }
        group.close()?;
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<CountingWriter> {
        self.end_group()?;
        self.file.into_inner().map_err(unwritable)
    }
}

fn schema(columns: &[(&str, Kind)]) -> Result<TypePtr, ParquetError> {
    let fields = columns
        .iter()
        .map(|(name, kind)| kind.field(name).map(Arc::new))
        .collect::<Result<_, _>>()?;
    let root = Type::group_type_builder("schema").with_fields(fields);
    root.build().map(Arc::new)
}

fn unwritable(error: ParquetError) -> io::Error {
    io::Error::other(error)
}
