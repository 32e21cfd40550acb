//! Which of the two it is.
#![allow(missing_docs, reason = "what the derive makes has none")]

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_redshift::RedshiftConnection;

/// A connection to either.
// The derive's own matches decide the shape of the enum.
#[allow(clippy::large_enum_variant)]
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    Redshift(RedshiftConnection),
    Postgresql(PgConnection),
}

impl AnyConnection {
    /// `redshift://…` or `postgresql://…`.
    ///
    /// The scheme says which one is meant. `AnyConnection::establish` takes `postgresql://` for both: it tries Redshift, which refuses a
    /// server that is PostgreSQL, and then the other.
    ///
    /// # Errors
    ///
    /// When the URL is not understood, or the server refuses.
    pub fn open(url: &str) -> ConnectionResult<Self> {
        if url.starts_with("redshift://") {
            RedshiftConnection::establish(url).map(Self::Redshift)
        } else {
            PgConnection::establish(url).map(Self::Postgresql)
        }
    }

    /// Makes the table, if it is not there: lengths and precisions are written out, so that it is the same in both.
    ///
    /// # Errors
    ///
    /// Those of the server.
    pub fn create_tables(&mut self) -> QueryResult<()> {
        let attributes = match self {
            Self::Redshift(_) => "DISTKEY (id) SORTKEY (ordered_on)",
            Self::Postgresql(_) => "",
        };
        self.batch_execute(&format!(
            "CREATE TABLE IF NOT EXISTS orders (
                 id BIGINT NOT NULL PRIMARY KEY,
                 city VARCHAR(100) NOT NULL,
                 amount DECIMAL(12, 2) NOT NULL,
                 ordered_on DATE NOT NULL
             ) {attributes}"
        ))
    }
}
