//! All files of an unload. Partitions can be many, so few files are open at a time, and what waits for the others is
//! limited.

use std::collections::{BTreeMap, VecDeque};

use super::file::{self, File, Written, write_error};
use super::format::Format;
use super::layout::Layout;
use super::line;
use super::options::Options;
use super::row::Row;
use super::run::store_error;
use super::statement::Statement;
use crate::engine::Failure;
use crate::session::Session;

/// A small cluster has two.
const SLICES: u32 = 2;

/// So many files take lines as they come.
const MOST_AWAKE: usize = 16;

/// So many bytes of lines wait for one of the others, and for all of them.
const MOST_WAITING: u64 = 64 * 1024;
const MOST_WAITING_IN_ALL: u64 = 16 * 1024 * 1024;

/// The slice that writes, and the folder if there are partitions.
type Place = (u32, Option<String>);

pub(super) struct Files<'a> {
    statement: &'a Statement,
    options: &'a Options,
    layout: &'a Layout,
    header: Vec<u8>,
    slices: u32,
    /// The file that is being written at each place, and how many have been begun there.
    open: BTreeMap<Place, (Option<File>, u32)>,
    /// Where files are awake, the one first that woke first.
    awake: VecDeque<Place>,
    written: Vec<Written>,
    /// What waits in memory, in all files.
    waiting: u64,
    /// A row as it stands in a file of lines.
    line: Vec<u8>,
}

impl<'a> Files<'a> {
    pub(super) fn new(statement: &'a Statement, layout: &'a Layout) -> Self {
        let options = &statement.options;
        let mut header = Vec::new();
        if options.header {
            line::write_header(
                layout.written().map(|column| column.name.as_str()),
                options,
                &mut header,
            );
        }
        Self {
            statement,
            options,
            layout,
            header,
            slices: if options.parallel { SLICES } else { 1 },
            open: BTreeMap::new(),
            awake: VecDeque::new(),
            written: Vec::new(),
            waiting: 0,
            line: Vec::new(),
        }
    }

    /// How many files there are so far.
    pub(super) fn count(&self) -> usize {
        self.written.len() + self.open.len()
    }

    /// With rows for one slice, text has a file of each; JSON, Parquet and partitions only where there are rows.
    fn begin_all(&mut self, session: &Session<'_>) -> Result<(), Failure> {
        let has_empty = !matches!(self.options.format, Format::Json | Format::Parquet);
        if !self.layout.is_partitioned() && has_empty {
            for slice in 0..self.slices {
                self.begin(session, &(slice, None))?;
            }
        }
        Ok(())
    }

    fn begin(&mut self, session: &Session<'_>, place: &Place) -> Result<(), Failure> {
        let (slice, folder) = place;
        let (file, parts) = self.open.entry(place.clone()).or_default();
        let uri = file::name(
            &self.statement.destination,
            folder.as_deref().unwrap_or_default(),
            self.options,
            *slice,
            *parts,
        );
        let object = session.s3.create(&uri).map_err(store_error)?;
        let mut new =
            File::new(object, uri, *slice, self.options, self.layout).map_err(write_error)?;
        if !self.header.is_empty() {
            new.push_line(&self.header).map_err(write_error)?;
        }
        *parts += 1;
        self.waiting += new.waiting();
        if let Some(full) = file.replace(new) {
            self.waiting -= full.waiting();
            self.awake.retain(|awake| awake != place);
            self.written.push(full.finish().map_err(write_error)?);
        }
        Ok(())
    }

    /// Writes a row; they go to the slices in turn.
    pub(super) fn write(
        &mut self,
        session: &Session<'_>,
        number: u64,
        row: &Row,
    ) -> Result<(), Failure> {
        if number == 0 {
            self.begin_all(session)?;
        }
        let slice = u32::try_from(number % u64::from(self.slices)).unwrap_or_default();
        let place = (slice, self.layout.folder(row));
        let is_parquet = self.options.format == Format::Parquet;
        self.line.clear();
        if !is_parquet {
            line::write_row(row, self.layout, self.options, &mut self.line)?;
        }
        let length = if is_parquet {
            row.length()
        } else {
            self.line.len()
        } as u64;
        let open = self.open.get(&place).and_then(|(file, _)| file.as_ref());
        let has_room = open.is_some_and(|file| {
            file.bytes() + length <= self.options.max_file_size || file.bytes() == 0
        });
        if !has_room {
            self.begin(session, &place)?;
        }
        let Some((Some(file), _)) = self.open.get_mut(&place) else {
            return Ok(());
        };
        let before = file.waiting();
        if is_parquet {
            file.push_row(row, self.layout, self.options)?;
        } else {
            file.push_line(&self.line).map_err(write_error)?;
        }
        let after = file.waiting();
        self.waiting = self.waiting - before + after;
        let is_due = !is_parquet
            && !file.is_awake()
            && (after >= MOST_WAITING || self.awake.len() < MOST_AWAKE);
        if is_due {
            self.wake(place)?;
        } else if self.waiting > self.most_waiting() {
            self.relieve()?;
        }
        Ok(())
    }

    /// Many partitions together may not take more memory than none.
    fn most_waiting(&self) -> u64 {
        match self.options.format {
            Format::Parquet => u64::from(self.slices) * self.options.row_group_size,
            _ => MOST_WAITING_IN_ALL,
        }
    }

    /// Writes what waits for a file, which stays awake in place of another one.
    fn wake(&mut self, place: Place) -> Result<(), Failure> {
        if self.awake.len() >= MOST_AWAKE
            && let Some(longest) = self.awake.pop_front()
            && let Some((slot, _)) = self.open.get_mut(&longest)
            && let Some(file) = slot.take()
        {
            *slot = Some(file.rest().map_err(write_error)?);
        }
        if let Some((slot, _)) = self.open.get_mut(&place)
            && let Some(file) = slot.take()
        {
            self.waiting -= file.waiting();
            *slot = Some(file.wake().map_err(write_error)?);
            self.awake.push_back(place);
        }
        Ok(())
    }

    /// Writes what waits for the file that the most waits for.
    fn relieve(&mut self) -> Result<(), Failure> {
        let waiting = |slot: &Option<File>| slot.as_ref().map_or(0, File::waiting);
        let largest = self
            .open
            .iter_mut()
            .max_by_key(|(_, (slot, _))| waiting(slot));
        let Some((place, (Some(file), _))) = largest else {
            return Ok(());
        };
        if self.options.format == Format::Parquet {
            self.waiting -= file.waiting();
            return file.end_group().map_err(write_error);
        }
        let place = place.clone();
        self.wake(place)
    }

    pub(super) fn finish(mut self) -> Result<Vec<Written>, Failure> {
        for (file, _) in self.open.into_values() {
            if let Some(file) = file {
                self.written.push(file.finish().map_err(write_error)?);
            }
        }
        self.written.sort_by(|one, other| one.uri.cmp(&other.uri));
        Ok(self.written)
    }
}
