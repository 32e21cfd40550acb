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
    /// libpq's URLs begin with `postgresql://` for both, so the settings say which one is meant. `AnyConnection::establish` would
    /// take the first that connects.
    ///
    /// # Errors
    ///
    /// When the URL is not understood, or the server refuses.
    pub fn open(url: &str) -> ConnectionResult<Self> {
        match url.strip_prefix("redshift://") {
            Some(rest) => {
                RedshiftConnection::establish(&format!("postgresql://{rest}")).map(Self::Redshift)
            }
            None => PgConnection::establish(url).map(Self::Postgresql),
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
