//! The rows of an UNLOAD, while they are downloaded and decoded.

use std::any::Any;
use std::collections::VecDeque;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::vec;

use super::folder::Folder;
use super::progress::{Callback, Phase, Progress};
use super::read::{Build, Reader};
use crate::error::{Error, StageError};
use crate::files::{FileColumn, NullMarker, UnloadedFile};

/// How many batches wait to be taken.
const WAITING: usize = 2;

/// What a decoding thread sends.
enum Message<U> {
    /// Rows, and how many bytes their texts have.
    Rows(Vec<U>, u64),
    Error(Error),
    Panic(Box<dyn Any + Send>),
}

/// The files that are not being read yet, in order, and where their rows go.
type Queue<U> = Arc<Mutex<VecDeque<(UnloadedFile, SyncSender<Message<U>>)>>>;

/// The rows of an UNLOAD, in the order in which they are decoded, or in that of the query if it is
/// [`ordered`](super::UnloadThrough::ordered); see
/// [`UnloadThrough::load_iter`](super::UnloadThrough::load_iter).
///
/// An error is the last item. When the iterator ends or is dropped, the download ends and the files
/// are deleted.
pub struct UnloadedRows<U> {
    batch: vec::IntoIter<U>,
    /// Where the rows come from: in order, one for each file; otherwise one for all.
    sources: VecDeque<Receiver<Message<U>>>,
    threads: Vec<JoinHandle<()>>,
    stop: Arc<AtomicBool>,
    folder: Folder,
    progress: Callback,
    expected: u64,
    read: u64,
    bytes: u64,
    warnings: Vec<Error>,
    is_done: bool,
}

impl<U> fmt::Debug for UnloadedRows<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnloadedRows")
            .field("folder", self.folder.location())
            .field("rows", &self.expected)
            .finish_non_exhaustive()
    }
}

impl<U> UnloadedRows<U> {
    pub(super) fn none(folder: Folder) -> Self {
        Self {
            batch: Vec::new().into_iter(),
            sources: VecDeque::new(),
            threads: Vec::new(),
            stop: Arc::default(),
            folder,
            progress: Callback::default(),
            expected: 0,
            read: 0,
            bytes: 0,
            warnings: Vec::new(),
            is_done: false,
        }
    }

    /// How many rows the UNLOAD wrote.
    pub fn rows(&self) -> u64 {
        self.expected
    }

    /// Ends the download and deletes the files now, and returns the errors of those that could not
    /// be deleted.
    pub fn clean_up(mut self) -> Vec<Error> {
        self.end_threads();
        let mut warnings = std::mem::take(&mut self.warnings);
        warnings.extend(self.folder.clean_up());
        warnings
    }

    /// The errors of files that could not be deleted, once the last row has been taken.
    pub fn warnings(&self) -> &[Error] {
        &self.warnings
    }

    fn end_threads(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // A thread that waits for its batch to be taken notices that nobody is there.
        self.sources.clear();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

impl<U: Send + 'static> UnloadedRows<U> {
    #[allow(
        clippy::too_many_arguments,
        reason = "one caller, which has just found them all"
    )]
    pub(super) fn start(
        folder: Folder,
        files: Vec<UnloadedFile>,
        columns: Vec<FileColumn>,
        marker: NullMarker,
        expected: u64,
        threads: Option<usize>,
        is_ordered: bool,
        progress: Callback,
        build: Build<U>,
    ) -> Self {
        let processors = || thread::available_parallelism().map_or(1, |count| count.get().min(8));
        let threads = threads.unwrap_or_else(processors).min(files.len());
        let reader = Arc::new(Reader {
            store: Arc::clone(folder.store()),
            columns,
            marker,
            build,
        });
        let mut rows = Self::none(folder);
        rows.progress = progress;
        rows.expected = expected;
        let mut queue = VecDeque::new();
        if is_ordered {
            for file in files {
                let (send, receive) = sync_channel(WAITING);
                queue.push_back((file, send));
                rows.sources.push_back(receive);
            }
        } else {
            // With one source, no thread waits until those before it have finished their files.
            let (send, receive) = sync_channel(WAITING);
            queue.extend(files.into_iter().map(|file| (file, send.clone())));
            rows.sources.push_back(receive);
        }
        let queue: Queue<U> = Arc::new(Mutex::new(queue));
        for _ in 0..threads {
            let (reader, queue, stop) = (
                Arc::clone(&reader),
                Arc::clone(&queue),
                Arc::clone(&rows.stop),
            );
            rows.threads
                .push(thread::spawn(move || read_files(&reader, &queue, &stop)));
        }
        rows
    }

    /// All rows.
    pub(super) fn into_vec(mut self) -> Result<Vec<U>, Error> {
        let capacity = usize::try_from(self.expected).unwrap_or_default();
        // As many as were counted, but never more memory than the rows that have arrived need.
        let mut all = Vec::with_capacity(capacity.min(1 << 20));
        while let Some(batch) = self.next_batch()? {
            all.extend(batch);
        }
        Ok(all)
    }

    /// The next rows; `None` after the last, if their number is right.
    fn next_batch(&mut self) -> Result<Option<Vec<U>>, Error> {
        loop {
            if self.is_done {
                return Ok(None);
            }
            let Some(source) = self.sources.front() else {
                self.is_done = true;
                if self.read != self.expected {
                    return Err(StageError::ReadOtherwise {
                        file: self.folder.location().to_string(),
                        found: self.read,
                        expected: self.expected,
                    }
                    .into());
                }
                self.folder.succeed();
                self.end_threads();
                self.warnings = self.folder.clean_up();
                return Ok(None);
            };
            let failure = match source.recv() {
                Ok(Message::Rows(batch, bytes)) => {
                    self.read += batch.len() as u64;
                    self.bytes += bytes;
                    let progress = Progress {
                        phase: Phase::Download,
                        rows: self.read,
                        bytes: self.bytes,
                        uploaded_bytes: 0,
                    };
                    match self.progress.call(&progress) {
                        Ok(()) => return Ok(Some(batch)),
                        Err(error) => error,
                    }
                }
                Ok(Message::Error(error)) => error,
                Ok(Message::Panic(panic)) => {
                    self.is_done = true;
                    self.end_threads();
                    resume_unwind(panic)
                }
                // It is read to its end.
                Err(_) => {
                    self.sources.pop_front();
                    continue;
                }
            };
            self.is_done = true;
            self.end_threads();
            return Err(failure);
        }
    }
}

impl<U: Send + 'static> Iterator for UnloadedRows<U> {
    type Item = Result<U, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(row) = self.batch.next() {
                return Some(Ok(row));
            }
            match self.next_batch() {
                Ok(Some(batch)) => self.batch = batch.into_iter(),
                Ok(None) => return None,
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

impl<U> Drop for UnloadedRows<U> {
    fn drop(&mut self) {
        self.end_threads();
    }
}

/// Reads one file after the other until there are no more.
fn read_files<U>(reader: &Reader<U>, queue: &Queue<U>, stop: &AtomicBool) {
    loop {
        let next = queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_front();
        let Some((file, send)) = next else { return };
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            reader.read(&file, |batch, bytes| {
                send.send(Message::Rows(batch, bytes)).is_ok()
            })
        }));
        let failure = match outcome {
            Ok(Ok(())) => continue,
            Ok(Err(error)) => Message::Error(error),
            Err(panic) => Message::Panic(panic),
        };
        let _ = send.send(failure);
    }
}
