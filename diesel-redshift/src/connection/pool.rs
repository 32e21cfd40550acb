//! The connections of an r2d2 pool.

use std::fmt;

use diesel::connection::SimpleConnection;
use diesel::r2d2::{Error, ManageConnection, R2D2Connection};
use diesel::result::{ConnectionError, ConnectionResult, QueryResult};

use super::DatabaseCredentials;
use crate::RedshiftConnection;

type Hook = dyn Fn(&str) -> ConnectionResult<RedshiftConnection> + Send + Sync;

/// Manages the connections of an r2d2 pool, and requests credentials just before each connect.
///
/// Temporary IAM credentials last 15 minutes unless asked otherwise; a pool that opens a
/// connection later needs fresh ones.
///
/// ```no_run
/// use diesel::r2d2::Pool;
/// use diesel_redshift::{connection::DatabaseCredentials, RedshiftConnectionManager};
///
/// # fn get_cluster_credentials() -> (String, String) { unimplemented!() }
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let manager = RedshiftConnectionManager::new(
///     "postgresql://my-cluster.example/dev?sslmode=verify-full",
///     || {
///         let (user, password) = get_cluster_credentials();
///         Ok(DatabaseCredentials::new(user, password))
///     },
/// );
/// let pool = Pool::builder().max_size(4).build(manager)?;
/// # Ok(())
/// # }
/// ```
pub struct RedshiftConnectionManager {
    database_url: String,
    establish: Box<Hook>,
}

impl RedshiftConnectionManager {
    /// A manager for this database; `credentials` is called before each connect, on the pool's
    /// threads.
    ///
    /// An error of the hook, preferably a [`ConnectionError::BadConnection`] that says what
    /// went wrong, is the error of the connect.
    pub fn new<F>(database_url: impl Into<String>, credentials: F) -> Self
    where
        F: Fn() -> ConnectionResult<DatabaseCredentials> + Send + Sync + 'static,
    {
        Self {
            database_url: database_url.into(),
            establish: Box::new(move |url: &str| {
                RedshiftConnection::establish_with(url, &credentials()?)
            }),
        }
    }

    /// A manager whose connections are made by a builder, settings and all.
    ///
    /// ```no_run
    /// use diesel::r2d2::Pool;
    /// use diesel_redshift::{RedshiftConnection, RedshiftConnectionManager};
    ///
    /// # fn password() -> String { String::new() }
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let builder = RedshiftConnection::builder()
    ///     .host("my-cluster.example")
    ///     .user("ada")
    ///     .password(password())
    ///     .database("dev")
    ///     .verified_tls()
    ///     .setting("query_group", "nightly");
    /// let pool = Pool::builder().max_size(4).build(RedshiftConnectionManager::of(builder))?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn of(builder: crate::connection::ConnectionBuilder) -> Self {
        Self {
            database_url: String::new(),
            establish: Box::new(move |_: &str| builder.establish()),
        }
    }

    /// A manager whose connections log in with temporary credentials of IAM.
    ///
    /// ```no_run
    /// use diesel::r2d2::Pool;
    /// use diesel_redshift::RedshiftConnectionManager;
    /// use diesel_redshift::connection::IamCredentials;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let iam = IamCredentials::cluster("my-cluster").build()?;
    /// let manager = RedshiftConnectionManager::iam("postgresql:///dev?sslmode=verify-full", iam);
    /// let pool = Pool::builder().max_size(4).build(manager)?;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "iam")]
    pub fn iam(
        database_url: impl Into<String>,
        credentials: crate::connection::IamCredentials,
    ) -> Self {
        Self {
            database_url: database_url.into(),
            establish: Box::new(move |url: &str| credentials.establish(url)),
        }
    }

    fn establish(&self) -> Result<RedshiftConnection, ConnectionError> {
        (self.establish)(&self.database_url)
    }
}

impl fmt::Debug for RedshiftConnectionManager {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RedshiftConnectionManager")
            .finish_non_exhaustive()
    }
}

impl ManageConnection for RedshiftConnectionManager {
    type Connection = RedshiftConnection;
    type Error = Error;

    fn connect(&self) -> Result<RedshiftConnection, Error> {
        self.establish().map_err(Error::ConnectionError)
    }

    fn is_valid(&self, conn: &mut RedshiftConnection) -> Result<(), Error> {
        conn.ping().map_err(Error::QueryError)
    }

    fn has_broken(&self, conn: &mut RedshiftConnection) -> bool {
        std::thread::panicking() || conn.is_broken()
    }
}

impl R2D2Connection for RedshiftConnection {
    fn ping(&mut self) -> QueryResult<()> {
        self.batch_execute("SELECT 1")
    }

    fn is_broken(&mut self) -> bool {
        self.is_unfit_for_a_pool()
    }
}
