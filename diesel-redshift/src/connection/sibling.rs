//! Another session of the same user on the same server.

use diesel::result::ConnectionResult;

use super::RedshiftConnection;
use super::builder::Accepted;
use super::conninfo::Conninfo;

impl RedshiftConnection {
    /// Another session with the same parameters, to query what this one cannot query now.
    pub(crate) fn sibling(&self) -> ConnectionResult<Self> {
        let sibling = self.connect_sibling()?;
        // It may have to wait, for a lock for example.
        #[cfg(feature = "async")]
        if let (Some(waiting), Ok(handle)) = (&self.waiting, sibling.cancel_handle()) {
            waiting.keep(handle);
        }
        Ok(sibling)
    }

    fn connect_sibling(&self) -> ConnectionResult<Self> {
        // The server is one that was accepted.
        let accepted = Accepted::PostgresqlToo;
        // The password that this session has begun with may have expired.
        #[cfg(feature = "iam")]
        if let Some(credentials) = &self.credentials {
            return credentials.log_in(accepted, || Ok(Conninfo::of(&self.raw)));
        }
        Self::connect(Conninfo::of(&self.raw), accepted)
    }
}
