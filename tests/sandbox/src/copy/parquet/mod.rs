//! Parquet files.

mod file_type;
mod nested;
mod value;

use std::fs::File;
use std::io;
use std::sync::Arc;

use ::parquet::basic::{Compression, Type as Physical};
use ::parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use ::parquet::data_type::DataType;
use ::parquet::errors::ParquetError;
use ::parquet::file::reader::{FileReader, SerializedFileReader};
use ::parquet::schema::types::{SchemaDescriptor, Type as Node};

use super::column::{Column, Type};
use super::record::Fields;
pub(crate) use file_type::decimal_bytes;
use file_type::{FileType, file_type, fits};
use nested::Nested;
use value::Shape;

/// So many rows are read of every column at a time.
const BATCH: usize = 256;

/// Why a file cannot be loaded at all.
pub(super) enum Refusal {
    /// As Redshift tells it.
    Schema(String),
    /// The same, of values in another number of bytes.
    TypeLength(String),
    /// What the sandbox does not imitate.
    NotImitated(String),
    Broken(String),
}

impl From<ParquetError> for Refusal {
    fn from(error: ParquetError) -> Self {
        Self::Broken(error.to_string())
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Self::Broken(error.to_string())
    }
}

/// Where the values of a column come from.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// The column of this number among those that are not nested.
    Flat(usize),
    /// The one among those that are.
    Nested(usize),
    /// The file has none.
    Absent,
}

/// A column that is not nested.
struct Flat {
    /// Its number among all leaves of the schema.
    leaf: usize,
    file_type: FileType,
    shape: Shape,
}

/// What the statement asks for.
#[derive(Clone, Copy)]
pub(super) struct ExpectedColumns<'a> {
    pub(super) columns: &'a [Column],
    /// Whether names say which column is which, not places; what the file lacks is NULL.
    pub(super) by_name: bool,
    /// Whether they were listed.
    pub(super) listed: bool,
    pub(super) fill_record: bool,
    pub(super) serialize_to_json: bool,
}

/// Gives the rows of one file.
pub(super) struct Reader {
    file: SerializedFileReader<File>,
    places: Vec<Place>,
    flat: Vec<Flat>,
    nested: Option<Nested>,
    group: usize,
    readers: Vec<ColumnReader>,
    /// Rows of the row group that have not been read.
    left: usize,
    /// The rows that were read: for every column its values.
    flat_values: Vec<Vec<Option<Vec<u8>>>>,
    nested_values: Vec<Vec<Option<Vec<u8>>>>,
    at: usize,
    length: usize,
}

impl Reader {
    /// Checks the file's columns against those of the table.
    pub(super) fn open(
        file: File,
        uri: &str,
        expected: ExpectedColumns<'_>,
    ) -> Result<Self, Refusal> {
        let again = file.try_clone()?;
        let file = SerializedFileReader::new(file)?;
        check_codecs(&file)?;
        let schema = file.metadata().file_metadata().schema_descr_ptr();
        let roots = schema.root_schema().get_fields();
        let pairs = expected.pairs(roots)?;
        let (mut places, mut flat, mut nested) = (Vec::new(), Vec::new(), Vec::new());
        for (at, column) in pairs {
            let Some(at) = at else {
                places.push(Place::Absent);
                continue;
            };
            let root = &roots[at];
            let leaves = (0..schema.num_columns())
                .filter(|leaf| schema.get_column_root_idx(*leaf) == at)
                .collect::<Vec<_>>();
            match leaves[..] {
                [leaf] if is_flat(&schema, leaf) => {
                    places.push(Place::Flat(flat.len()));
                    flat.push(Flat {
                        leaf,
                        file_type: expected.file_type(&schema, leaf, column, uri)?,
                        shape: shape(column),
                    });
                }
                _ => {
                    expected.check_nested(root, column, uri)?;
                    if !leaves
                        .iter()
                        .all(|leaf| nested::is_readable(&schema.column(*leaf)))
                    {
                        return Err(Refusal::NotImitated(format!(
                            "COPY of the nested Parquet column '{}' with times in nanoseconds or INT96",
                            root.name()
                        )));
                    }
                    places.push(Place::Nested(nested.len()));
                    nested.push(root.clone());
                }
            }
        }
        let nested_values = vec![Vec::new(); nested.len()];
        let nested = match nested.is_empty() {
            true => None,
            false => Some(Nested::new(again, schema.root_schema().name(), nested)?),
        };
        Ok(Self {
            flat_values: vec![Vec::new(); flat.len()],
            nested_values,
            file,
            places,
            flat,
            nested,
            group: 0,
            readers: Vec::new(),
            left: 0,
            at: 0,
            length: 0,
        })
    }

    /// How many rows the file has.
    pub(super) fn rows(&self) -> u64 {
        u64::try_from(self.file.metadata().file_metadata().num_rows()).unwrap_or(0)
    }

    /// Puts the next row into `fields`; false at the end.
    pub(super) fn next(&mut self, fields: &mut Fields) -> Result<bool, Refusal> {
        while self.at == self.length {
            if !self.fill()? {
                return Ok(false);
            }
        }
        fields.clear();
        for place in &self.places {
            let values = match place {
                Place::Flat(at) => self.flat_values.get(*at),
                Place::Nested(at) => self.nested_values.get(*at),
                Place::Absent => None,
            };
            let value = values.and_then(|values| values.get(self.at));
            fields.push_value(value.and_then(Option::as_deref));
        }
        self.at += 1;
        Ok(true)
    }

    fn fill(&mut self) -> Result<bool, Refusal> {
        (self.at, self.length) = (0, self.left.min(BATCH));
        if self.length == 0 {
            return self.next_group();
        }
        self.left -= self.length;
        for ((reader, column), values) in self
            .readers
            .iter_mut()
            .zip(&self.flat)
            .zip(&mut self.flat_values)
        {
            values.clear();
            read(reader, column, self.length, values)?;
            if values.len() != self.length {
                return Err(Refusal::Broken("its columns differ in length".to_owned()));
            }
        }
        if let Some(nested) = &mut self.nested {
            self.nested_values.iter_mut().for_each(Vec::clear);
            for _ in 0..self.length {
                for (values, value) in self.nested_values.iter_mut().zip(nested.next()?) {
                    values.push(value);
                }
            }
        }
        Ok(true)
    }

    fn next_group(&mut self) -> Result<bool, Refusal> {
        if self.group == self.file.num_row_groups() {
            return Ok(false);
        }
        let group = self.file.get_row_group(self.group)?;
        self.group += 1;
        self.left = usize::try_from(group.metadata().num_rows())
            .map_err(|_| Refusal::Broken("a row group has a negative length".to_owned()))?;
        self.readers = self
            .flat
            .iter()
            .map(|column| group.get_column_reader(column.leaf))
            .collect::<Result<_, _>>()?;
        Ok(true)
    }
}

impl<'a> ExpectedColumns<'a> {
    /// Each column with the place in the file where its values are.
    fn pairs(&self, roots: &[Arc<Node>]) -> Result<Vec<(Option<usize>, &'a Column)>, Refusal> {
        if self.by_name {
            let place = |column: &Column| {
                let mut names = roots.iter().map(|root| root.name());
                names.position(|name| column.name.eq_ignore_ascii_case(name))
            };
            let columns = self.columns.iter();
            return Ok(columns.map(|column| (place(column), column)).collect());
        }
        self.check_count(roots.len())?;
        Ok((0..roots.len()).map(Some).zip(self.columns).collect())
    }

    fn check_count(&self, found: usize) -> Result<(), Refusal> {
        let columns = self.columns.len();
        if found == columns || found < columns && self.fill_record {
            return Ok(());
        }
        Err(Refusal::Schema(if self.listed {
            "Unmatched number of columns between the column list and the file".to_owned()
        } else {
            format!(
                "Unmatched number of columns between table and file. Table columns: {columns}, Data columns: {found}"
            )
        }))
    }

    fn file_type(
        &self,
        schema: &SchemaDescriptor,
        leaf: usize,
        column: &Column,
        uri: &str,
    ) -> Result<FileType, Refusal> {
        let found = schema.column(leaf);
        let file_type = file_type(&found).ok_or_else(|| {
            Refusal::NotImitated(format!(
                "COPY of the Parquet column '{}' of this type",
                found.name()
            ))
        })?;
        if let Type::Numeric { precision, .. } = column.kind
            && found.physical_type() == Physical::FIXED_LEN_BYTE_ARRAY
            && usize::try_from(found.type_length()) != Ok(decimal_bytes(precision))
        {
            return Err(Refusal::TypeLength(format!(
                "File '{uri}' column '{}' has an invalid type length. Expecting: {} len in file: {}",
                found.name(),
                decimal_bytes(precision),
                found.type_length()
            )));
        }
        if fits(file_type, &column.kind) {
            return Ok(file_type);
        }
        let optional = if found.max_def_level() > 0 {
            "optional"
        } else {
            "required"
        };
        Err(incompatible(
            column,
            uri,
            &format!(
                "{optional} {} {}",
                found.physical_type().to_string().to_lowercase(),
                found.name()
            ),
        ))
    }

    fn check_nested(&self, found: &Node, column: &Column, uri: &str) -> Result<(), Refusal> {
        if column.kind == Type::Super && self.serialize_to_json {
            return Ok(());
        }
        Err(incompatible(
            column,
            uri,
            &format!("optional group {}", found.name()),
        ))
    }
}

fn incompatible(column: &Column, uri: &str, found: &str) -> Refusal {
    Refusal::Schema(format!(
        "File '{uri}' has an incompatible Parquet schema for column '{}'. Column type: {}, Parquet schema:\n{found}",
        column.name,
        column.type_name.to_uppercase()
    ))
}

fn is_flat(schema: &SchemaDescriptor, leaf: usize) -> bool {
    let leaf = schema.column(leaf);
    leaf.max_rep_level() == 0 && leaf.path().parts().len() == 1
}

fn shape(column: &Column) -> Shape {
    match column.kind {
        Type::Super => Shape::Json,
        Type::Varbyte(_) => Shape::Hex,
        _ => Shape::Plain,
    }
}

fn check_codecs(file: &SerializedFileReader<File>) -> Result<(), Refusal> {
    let mut chunks = file
        .metadata()
        .row_groups()
        .iter()
        .flat_map(|group| group.columns());
    let other = chunks.find(|chunk| {
        !matches!(
            chunk.compression(),
            Compression::UNCOMPRESSED
                | Compression::SNAPPY
                | Compression::GZIP(_)
                | Compression::ZSTD(_)
        )
    });
    match other {
        Some(chunk) => Err(Refusal::NotImitated(format!(
            "COPY of a Parquet file with the codec {}",
            chunk.compression()
        ))),
        None => Ok(()),
    }
}

fn read(
    reader: &mut ColumnReader,
    column: &Flat,
    rows: usize,
    out: &mut Vec<Option<Vec<u8>>>,
) -> Result<(), Refusal> {
    let Flat {
        file_type, shape, ..
    } = *column;
    match reader {
        ColumnReader::BoolColumnReader(reader) => {
            values(reader, rows, out, |value| Some(value::boolean(*value)))
        }
        ColumnReader::Int32ColumnReader(reader) => values(reader, rows, out, |value| {
            value::whole(i64::from(*value), file_type)
        }),
        ColumnReader::Int64ColumnReader(reader) => {
            values(reader, rows, out, |value| value::whole(*value, file_type))
        }
        ColumnReader::Int96ColumnReader(reader) => values(reader, rows, out, value::julian),
        ColumnReader::FloatColumnReader(reader) => values(reader, rows, out, |value| {
            value::float(f64::from(*value), value.to_string(), shape)
        }),
        ColumnReader::DoubleColumnReader(reader) => values(reader, rows, out, |value| {
            value::float(*value, value.to_string(), shape)
        }),
        ColumnReader::ByteArrayColumnReader(reader) => values(reader, rows, out, |value| {
            value::bytes(value.data(), file_type, shape)
        }),
        ColumnReader::FixedLenByteArrayColumnReader(reader) => values(reader, rows, out, |value| {
            value::bytes(value.data(), file_type, shape)
        }),
    }
}

/// Reads so many rows; `show` gives a value's text, or none if Redshift has no such value.
fn values<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    rows: usize,
    out: &mut Vec<Option<Vec<u8>>>,
    show: impl Fn(&T::T) -> Option<Vec<u8>>,
) -> Result<(), Refusal> {
    let (mut levels, mut found) = (Vec::new(), Vec::new());
    while out.len() < rows {
        levels.clear();
        found.clear();
        let missing = rows - out.len();
        let (records, count, _) =
            reader.read_records(missing, Some(&mut levels), None, &mut found)?;
        if records == 0 {
            return Ok(());
        }
        let mut found = found.iter();
        for at in 0..records {
            // A required column has no levels.
            if count < records && levels.get(at) == Some(&0) {
                out.push(None);
                continue;
            }
            let value = found.next().and_then(&show);
            out.push(Some(value.ok_or_else(|| {
                Refusal::Broken("a value is out of range, or no UTF-8".to_owned())
            })?));
        }
    }
    Ok(())
}
