//! How far a load or an unload is.

use std::ops::ControlFlow;

use crate::error::{Error, StageError};

/// How far a load or an unload of rows is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// What is being done.
    pub phase: Phase,
    /// How many rows have been encoded or decoded so far.
    pub rows: u64,
    /// How many bytes of CSV these are; 0 where that is not known.
    pub bytes: u64,
    /// How many compressed bytes have been uploaded so far; 0 for an unload.
    pub uploaded_bytes: u64,
}

/// What is being done with rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// They are encoded, compressed and uploaded.
    Upload,
    /// The server loads them.
    Copy,
    /// The server writes them.
    Unload,
    /// They are downloaded and decoded.
    Download,
}

type Function = dyn FnMut(&Progress) -> ControlFlow<()> + Send;

/// Whom to tell.
#[derive(Default)]
pub(super) struct Callback(Option<Box<Function>>);

impl Callback {
    pub(super) fn new(function: impl FnMut(&Progress) -> ControlFlow<()> + Send + 'static) -> Self {
        Self(Some(Box::new(function)))
    }

    pub(super) fn call(&mut self, progress: &Progress) -> Result<(), Error> {
        match &mut self.0 {
            Some(function) => match function(progress) {
                ControlFlow::Continue(()) => Ok(()),
                ControlFlow::Break(()) => Err(StageError::Stopped.into()),
            },
            None => Ok(()),
        }
    }
}
