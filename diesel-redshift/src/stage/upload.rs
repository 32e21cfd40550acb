//! Writing rows to files: encoded by the thread that has them, compressed and uploaded by others.

use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::folder::Folder;
use super::parts::{Part, Parts, Run};
use crate::error::{Error, StageError};
use crate::files::{Compression, Compressor, FileValues, RowWriter};

/// How much CSV goes to a compressing thread at a time.
const BLOCK: usize = 256 * 1024;

/// How much CSV is needed for each further file: some 1 MB once it is compressed.
const BLOCKS_A_FILE: usize = 16;

/// How the files are made.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) compression: Compression,
    /// How many files are written at the same time.
    pub(super) files: usize,
    /// How many compressed bytes end a file.
    pub(super) file_size: usize,
    /// The prefix of the files' names.
    pub(super) name: String,
}

/// The progress of an upload.
#[derive(Debug, Clone, Copy)]
pub(super) struct Progressed {
    pub(super) rows: u64,
    pub(super) bytes: u64,
    pub(super) uploaded: u64,
}

/// A piece of a file.
struct Block {
    csv: Vec<u8>,
    run: Run,
}

/// What the threads share.
struct Shared<'a> {
    folder: &'a Folder,
    plan: &'a Plan,
    blocks: Mutex<Receiver<Block>>,
    /// Empty buffers on their way back.
    used: SyncSender<Vec<u8>>,
    stop: AtomicBool,
    failure: Mutex<Option<Failure>>,
    parts: Mutex<Vec<Part>>,
    number: AtomicUsize,
    uploaded: AtomicU64,
}

enum Failure {
    Error(Error),
    Panic(Box<dyn Any + Send>),
}

/// Sets `stop` unless the rows were read to the end: after an error or a panic of theirs, no
/// further file is worth uploading.
struct StopOnDrop<'a>(&'a AtomicBool);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Writes the rows to files in the folder, and returns how long taking and encoding the rows took.
///
/// # Errors
///
/// The first that occurs; files that were written remain owned by the folder.
pub(super) fn upload<V: FileValues>(
    rows: impl Iterator<Item = V>,
    writer: &mut RowWriter,
    folder: &Folder,
    plan: &Plan,
    mut progress: impl FnMut(Progressed) -> Result<(), Error>,
) -> Result<(Parts, Duration), Error> {
    let files = plan.files.max(1);
    let (send, receive) = sync_channel::<Block>(2);
    let (used, empty) = sync_channel(files + 3);
    let shared = Shared {
        folder,
        plan,
        blocks: Mutex::new(receive),
        used,
        stop: AtomicBool::new(false),
        failure: Mutex::new(None),
        parts: Mutex::new(Vec::new()),
        number: AtomicUsize::new(0),
        uploaded: AtomicU64::new(0),
    };
    let mut encoded = Parts::default();
    let mut waiting = Duration::ZERO;
    let start = Instant::now();
    let outcome = thread::scope(|scope| {
        // Dropped however this closure is left, which ends the threads.
        let send = send;
        let stop = StopOnDrop(&shared.stop);
        let shared = &shared;
        let mut sent = 0_usize;
        let mut threads = 0;
        let mut submit = |block: Block, waiting: &mut Duration| {
            if sent >= threads * BLOCKS_A_FILE && threads < files {
                threads += 1;
                scope.spawn(move || shared.work());
            }
            sent += 1;
            let before = Instant::now();
            // The receiver lives as long as `shared`.
            let _ = send.send(block);
            *waiting += before.elapsed();
        };
        let mut csv = Vec::with_capacity(BLOCK + BLOCK / 8);
        let mut first = 0;
        let mut row = 0;
        let mut has_line_breaks = false;
        for values in rows {
            has_line_breaks |= writer.write(row, &values, &mut csv)?;
            row += 1;
            if csv.len() < BLOCK {
                continue;
            }
            encoded.bytes += csv.len() as u64;
            let run = Run {
                first,
                rows: row - first,
                has_line_breaks,
            };
            submit(Block { csv, run }, &mut waiting);
            first = row;
            has_line_breaks = false;
            csv = empty
                .try_recv()
                .unwrap_or_else(|_| Vec::with_capacity(BLOCK + BLOCK / 8));
            if stop.0.load(Ordering::Relaxed) {
                return Ok(());
            }
            let before = Instant::now();
            progress(Progressed {
                rows: row,
                bytes: encoded.bytes,
                uploaded: shared.uploaded.load(Ordering::Relaxed),
            })?;
            waiting += before.elapsed();
        }
        if !csv.is_empty() {
            encoded.bytes += csv.len() as u64;
            let run = Run {
                first,
                rows: row - first,
                has_line_breaks,
            };
            submit(Block { csv, run }, &mut waiting);
        }
        encoded.rows = row;
        std::mem::forget(stop);
        Ok::<_, Error>(())
    });
    let encoding = start.elapsed().saturating_sub(waiting);
    outcome?;
    let failure = shared
        .failure
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    match failure {
        Some(Failure::Panic(panic)) => resume_unwind(panic),
        Some(Failure::Error(error)) => return Err(error),
        None => {}
    }
    encoded.parts = shared
        .parts
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    encoded.parts.sort_by(|a, b| a.url.cmp(&b.url));
    Ok((encoded, encoding))
}

/// A file that is being written.
struct OpenPart {
    compressor: Compressor,
    runs: Vec<Run>,
}

impl Shared<'_> {
    /// Compresses and uploads blocks until there are no more.
    fn work(&self) {
        let outcome = catch_unwind(AssertUnwindSafe(|| self.write_parts()));
        let failure = match outcome {
            Ok(Ok(())) => return,
            Ok(Err(error)) => Failure::Error(error),
            Err(panic) => Failure::Panic(panic),
        };
        self.stop.store(true, Ordering::Relaxed);
        let mut first = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert(failure);
        drop(first);
        // The sender must not wait forever.
        while self.next_block().is_some() {}
    }

    fn next_block(&self) -> Option<Block> {
        let blocks = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        blocks.recv().ok()
    }

    fn write_parts(&self) -> Result<(), Error> {
        let mut open: Option<OpenPart> = None;
        while let Some(Block { mut csv, run }) = self.next_block() {
            if self.stop.load(Ordering::Relaxed) {
                return Ok(());
            }
            let mut part = match open.take() {
                Some(part) => part,
                None => OpenPart {
                    compressor: Compressor::new(self.plan.compression).map_err(compressing)?,
                    runs: Vec::new(),
                },
            };
            part.compressor.write(&csv).map_err(compressing)?;
            part.runs.push(run);
            csv.clear();
            let _ = self.used.try_send(csv);
            if part.compressor.len() >= self.plan.file_size {
                self.finish(part)?;
            } else {
                open = Some(part);
            }
        }
        match open {
            Some(part) if !self.stop.load(Ordering::Relaxed) => self.finish(part),
            _ => Ok(()),
        }
    }

    fn finish(&self, part: OpenPart) -> Result<(), Error> {
        let body = part.compressor.finish().map_err(compressing)?;
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let name = format!(
            "{}{number:06}.csv{}",
            self.plan.name,
            self.plan.compression.extension()
        );
        let url = self.folder.put(&name, &body)?;
        let compressed_bytes = body.len() as u64;
        self.uploaded.fetch_add(compressed_bytes, Ordering::Relaxed);
        let mut parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        parts.push(Part {
            url,
            compressed_bytes,
            runs: part.runs,
        });
        Ok(())
    }
}

fn compressing(error: io::Error) -> Error {
    StageError::Unreadable {
        file: "a file while it was compressed".to_owned(),
        row: None,
        column: None,
        source: error.into(),
    }
    .into()
}
