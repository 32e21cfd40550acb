//! S3 as one statement or one request sees it: the object store, with what its role or key may do, and with the failures
//! that were asked for.

mod http;
mod permissions;

use std::fs::File;

pub(crate) use http::{Etags, serve};
use permissions::Action;
pub use permissions::{AccessKey, Permissions};
pub(crate) use permissions::{Identities, Identity, KEY_ID, REGION, SECRET_KEY};

use crate::Error;
use crate::protocol::SqlError;
use crate::session::Shared;
use crate::store::{Location, ObjectWriter};

/// Who a COPY or an UNLOAD is, and where it looks for the bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Access {
    pub(crate) identity: Identity,
    pub(crate) region: Option<String>,
}

/// The object store behind the doors that S3 has.
#[derive(Clone)]
pub(crate) struct S3<'a> {
    shared: &'a Shared,
    permissions: Permissions,
    /// Where a statement looks for buckets; a request is at the right place always.
    region: Option<String>,
    /// The session whose statement it is, by its key.
    session: Option<Box<[u8]>>,
}

impl<'a> S3<'a> {
    /// For statements that touch no object.
    pub(crate) fn closed(shared: &'a Shared) -> Self {
        Self {
            shared,
            permissions: Permissions::new(),
            region: None,
            session: None,
        }
    }

    pub(crate) fn open(shared: &'a Shared, access: &Access, session: &[u8]) -> Result<Self, Error> {
        let permissions = shared.identities().permissions_of(&access.identity)?;
        let region = access.region.as_deref().unwrap_or(REGION);
        Ok(Self {
            shared,
            permissions,
            region: Some(region.to_owned()),
            session: Some(session.into()),
        })
    }

    /// For a request that a key has signed.
    fn signed(shared: &'a Shared, permissions: Permissions) -> Self {
        Self {
            shared,
            permissions,
            region: None,
            session: None,
        }
    }

    /// Whether the statement is to end.
    pub(crate) fn is_cancelled(&self) -> bool {
        let session = self.session.as_deref();
        session.is_some_and(|key| self.shared.cancels.asked(key))
    }

    fn slow_down(&self, uri: &str, bytes: u64) {
        self.shared
            .faults
            .slow_down(uri, bytes, || self.is_cancelled());
    }

    fn check(&self, action: Action, uri: &str) -> Result<(), Error> {
        if let Some(error) = self.shared.faults.s3(uri) {
            return Err(error);
        }
        self.permissions.allow(action, uri)?;
        if let Some(region) = &self.region
            && let Ok(location) = Location::parse(uri)
            && self.shared.identities().region_of(&location.bucket) != region
        {
            return Err(Error::s3(
                301,
                "PermanentRedirect",
                "The bucket you are attempting to access must be addressed using the specified endpoint. Please send \
                 all future requests to this endpoint.",
            ));
        }
        Ok(())
    }

    fn allows(&self, action: Action, uri: &str) -> bool {
        self.permissions.allow(action, uri).is_ok()
    }

    pub(crate) fn list(&self, prefix: &str) -> Result<Vec<String>, Error> {
        self.check(Action::List, prefix)?;
        self.shared.store.list(prefix)
    }

    pub(crate) fn read(&self, uri: &str) -> Result<File, Error> {
        self.check(Action::Read, uri)?;
        let file = self.shared.store.read(uri)?;
        let bytes = file.metadata().map_or(0, |metadata| metadata.len());
        self.slow_down(uri, bytes);
        Ok(file)
    }

    pub(crate) fn get(&self, uri: &str) -> Result<Vec<u8>, Error> {
        self.check(Action::Read, uri)?;
        let bytes = self.shared.store.get(uri)?;
        self.slow_down(uri, bytes.len() as u64);
        Ok(bytes)
    }

    /// How many bytes an object has.
    pub(crate) fn length(&self, uri: &str) -> Result<u64, Error> {
        self.check(Action::Read, uri)?;
        self.listed_length(uri)
    }

    /// The same as a list tells it, for which nobody needs to be allowed to read.
    pub(crate) fn listed_length(&self, uri: &str) -> Result<u64, Error> {
        let file = self.shared.store.read(uri)?;
        let metadata = file.metadata().map_err(Error::io("cannot read", uri))?;
        Ok(metadata.len())
    }

    pub(crate) fn create(&self, uri: &str) -> Result<ObjectWriter, Error> {
        self.check(Action::Write, uri)?;
        self.shared.store.create(uri)
    }

    pub(crate) fn finish(&self, object: ObjectWriter) -> Result<(), Error> {
        let uri = object.location().uri();
        self.slow_down(&uri, object.len());
        self.shared.store.finish(object)
    }

    pub(crate) fn delete(&self, uri: &str) -> Result<(), Error> {
        self.check(Action::Write, uri)?;
        self.shared.store.delete(uri)
    }
}

/// What a client is told of S3's refusal.
pub(crate) fn refusal(error: &Error, uri: &str, query: i32) -> SqlError {
    let text = error.to_string();
    let refused = SqlError::internal(&text);
    match error {
        Error::S3 { .. } | Error::Role { .. } => {
            refused.boxed(8001, &text, &format!("S3 key being read : {uri}"), query)
        }
        _ => refused,
    }
}
